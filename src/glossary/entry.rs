//! An entry of a glossary: one decision, as its file writes it.
//!
//! Plain data. Does not know where entries apply.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What an entry is about, and so how it is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A person's, a place's or a company's name.
    Name,
    /// A title, a word of kinship, an honorific: a form of address.
    Title,
    /// A word with a fixed translation.
    #[default]
    Term,
    /// A phrase that is not to be taken literally.
    Idiom,
    /// A thing of daily life that the market does not have.
    Culture,
    /// A word for a measure that arithmetic cannot turn into another.
    Unit,
    /// Stays as it is in the source.
    Keep,
    /// The target is a wording that must not appear: at all, or for the source where one is named.
    Ban,
}

impl EntryKind {
    /// Every kind, in the order in which people are told of them.
    pub const ALL: [EntryKind; 8] = {
        use EntryKind::*;
        [Name, Title, Term, Idiom, Culture, Unit, Keep, Ban]
    };

    /// Its name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            EntryKind::Name => "name",
            EntryKind::Title => "title",
            EntryKind::Term => "term",
            EntryKind::Idiom => "idiom",
            EntryKind::Culture => "culture",
            EntryKind::Unit => "unit",
            EntryKind::Keep => "keep",
            EntryKind::Ban => "ban",
        }
    }
}

/// What is done about a thing that the market does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It stays, named as the source names it.
    Keep,
    /// It stays, and the wording says what it is.
    Explain,
    /// Something that the market knows takes its place.
    Replace,
}

impl How {
    /// Its name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            How::Keep => "keep",
            How::Explain => "explain",
            How::Replace => "replace",
        }
    }
}

/// Grammatical gender of a person or thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gender {
    /// Feminine.
    #[serde(rename = "f")]
    Feminine,
    /// Masculine.
    #[serde(rename = "m")]
    Masculine,
}

impl Gender {
    /// Its name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Gender::Feminine => "f",
            Gender::Masculine => "m",
        }
    }
}

/// A wording for certain people: the first case whose people are those of the line wins over the entry's target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Who says it: a character, `f`, `m`, or a role that the series names (`elder`, `superior`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Who is addressed, in the same words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What the target then says.
    pub target: String,
}

/// One decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the source says; `{surname}` stands for any surname of the glossary's table. Empty only for a
    /// [`EntryKind::Ban`] that holds everywhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What the target says; empty only for [`EntryKind::Keep`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// What it is about.
    #[serde(default)]
    pub kind: EntryKind,
    /// Other spellings in the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// Other wordings in the target that are as right (for a ban: as wrong): inflected, shortened, synonymous.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// Longer words of the source in which it means something else: 周总 is no title in 一周总结.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// How the target is spelled for a voice, where that differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spoken: String,
    /// Gender of whom or what the target names, where the target language must agree with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// What is done, for [`EntryKind::Culture`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<How>,
    /// What to say instead, for [`EntryKind::Ban`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instead: String,
    /// Wordings for certain people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Case>,
    /// A word to the translator.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// A line and its rendering, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub example: String,
}

/// Where an entry is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The file.
    pub file: PathBuf,
    /// Its row, from 1.
    pub row: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.row)
    }
}

/// How people speak in a market: one file's word to the translator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Style {
    /// The tone, in a line.
    pub register: String,
    /// `informal` or `formal` between equals.
    pub formality: String,
    /// Forms of address, in a line.
    pub address: String,
    /// Characters that a line may have, whatever its time; 0 is any number.
    pub longest: usize,
    /// How certain people speak to each other; where two rows hold, the later one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Between>,
}

/// How one character speaks to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// Who speaks: a character, `f` or `m`; anyone where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Who is addressed, in the same words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What the addressee is to the speaker: a role that entries' cases name, as `superior`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// `informal` or `formal`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub formality: String,
    /// The form of address: `usted`, `o senhor`, 너.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

impl Between {
    /// As a translator is told of it: `formal, o senhor`; empty where there is nothing to tell.
    pub fn manner(&self) -> String {
        let said = [&self.formality, &self.address];
        said.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }
}

impl Style {
    /// Later files win, field by field; what they say of certain people comes on top.
    pub(super) fn overlay(&mut self, later: Style) {
        for (own, new) in [
            (&mut self.register, later.register),
            (&mut self.formality, later.formality),
            (&mut self.address, later.address),
        ] {
            if !new.is_empty() {
                *own = new;
            }
        }
        if later.longest > 0 {
            self.longest = later.longest;
        }
        self.between.extend(later.between);
    }

    /// Does it say anything?
    pub fn is_empty(&self) -> bool {
        *self == Style::default()
    }
}
