//! The glossary: decisions about names, titles, terms and idioms, and where they apply in a text.
//!
//! Plain data and pure functions, but for [`Glossary::load`], which reads the files. Knows nothing of
//! engines or prompts: it says which entries a line touches, and the line's request and key take those.

mod file;
mod fold;
mod number;

pub use number::{Amount, amounts};

use crate::error::Result;
use crate::lang::Lang;
use fold::{Fold, Folded};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
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
}

impl Style {
    /// Later files win, field by field.
    fn overlay(&mut self, later: Style) {
        for (own, new) in [
            (&mut self.register, later.register),
            (&mut self.formality, later.formality),
            (&mut self.address, later.address),
        ] {
            if !new.is_empty() {
                *own = new;
            }
        }
    }

    /// Does it say anything?
    pub fn is_empty(&self) -> bool {
        *self == Style::default()
    }
}

/// An entry that applies to a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// As the entry spells the source, surname filled in.
    pub source: String,
    /// As the target says it, surname filled in; the text itself for [`EntryKind::Keep`].
    pub target: String,
    /// Other wordings that are as right (for a ban: as wrong), surname filled in.
    pub forms: Vec<String>,
    /// How the target is spelled for a voice, where that differs.
    pub spoken: String,
    /// What the entry is about.
    pub kind: EntryKind,
    /// What is done, for [`EntryKind::Culture`].
    pub how: Option<How>,
    /// What to say instead, for [`EntryKind::Ban`].
    pub instead: String,
    /// A word to the translator.
    pub note: String,
    /// Where the entry is written.
    pub origin: Origin,
}

/// Who speaks a line, and to whom, as far as is known: a character's name and what else may stand in a
/// [`Case`] (`f`, `m`, roles).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// Of the speaker.
    pub speaker: Vec<String>,
    /// Of the addressee.
    pub to: Vec<String>,
}

/// All decisions for one pair of languages.
#[derive(Debug)]
pub struct Glossary {
    from: Lang,
    to: Lang,
    fold: Fold,
    entries: Vec<Loaded>,
    patterns: Vec<Pattern>,
    by_first: HashMap<char, Vec<usize>>,
    not_surnames: Vec<Vec<char>>,
    style: Style,
}

/// An entry with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The decision.
    pub entry: Entry,
    /// Where it is written.
    pub origin: Origin,
    /// Does it come with the program?
    pub built_in: bool,
    /// Where entries are written that it overruled, oldest first.
    pub overruled: Vec<Origin>,
}

/// One spelling to look for.
#[derive(Debug)]
struct Pattern {
    text: Vec<char>,
    entry: usize,
    surname: Option<(String, String)>,
}

impl Glossary {
    /// The built-in glossary of the pair and market under those of `paths`: files, or folders with
    /// `<from>-<to>` subfolders or with TOML files. What comes later overrules what came before; within a
    /// folder `base.toml` comes first, the market's file next, then the others.
    ///
    /// # Errors
    /// Fails if a path is missing or a file is not a glossary, naming file, row and remedy.
    pub fn load(from: &Lang, to: &Lang, market: &str, paths: &[PathBuf]) -> Result<Glossary> {
        let mut sources = file::built_in(from, to, market)?;
        for path in paths {
            sources.extend(file::read(path, from, to, market)?);
        }
        Glossary::of(from, to, sources)
    }

    /// A glossary without entries.
    ///
    /// # Errors
    /// Fails only if the built-in table of characters is damaged.
    pub fn empty(from: &Lang, to: &Lang) -> Result<Glossary> {
        Glossary::of(from, to, Vec::new())
    }

    fn of(from: &Lang, to: &Lang, sources: Vec<file::Source>) -> Result<Glossary> {
        let fold = Fold::new(from)?;
        let mut surnames: Vec<(String, String)> = Vec::new();
        let mut entries: Vec<Option<Loaded>> = Vec::new();
        // A ban stands beside the entry that says what to write instead; one without a source is told
        // apart by what it bans.
        let mut places: HashMap<(Vec<char>, Option<String>), usize> = HashMap::new();
        let mut not_surnames = Vec::new();
        let mut style = Style::default();
        for source in sources {
            style.overlay(source.style);
            not_surnames.extend(source.not_surnames.iter().map(|word| fold.chars(word)));
            for (surname, written) in source.surnames {
                surnames.retain(|(known, _)| *known != surname);
                surnames.push((surname, written));
            }
            for (row, entry) in source.entries {
                let banned = match (entry.kind, entry.source.is_empty()) {
                    (EntryKind::Ban, true) => Some(entry.target.to_lowercase()),
                    (EntryKind::Ban, false) => Some(String::new()),
                    _ => None,
                };
                let key = (fold.chars(&entry.source), banned);
                let origin = Origin { file: source.path.clone(), row };
                let mut loaded = Loaded { entry, origin, built_in: source.built_in, overruled: Vec::new() };
                let place = entries.len();
                if let Some(known) = places.insert(key, place).and_then(|known| entries.get_mut(known)?.take()) {
                    loaded.overruled = known.overruled;
                    loaded.overruled.push(known.origin);
                }
                entries.push(Some(loaded));
            }
        }
        let mut glossary = Glossary {
            from: from.clone(),
            to: to.clone(),
            fold,
            entries: entries.into_iter().flatten().collect(),
            patterns: Vec::new(),
            by_first: HashMap::new(),
            not_surnames,
            style,
        };
        glossary.index(&surnames);
        Ok(glossary)
    }

    fn index(&mut self, surnames: &[(String, String)]) {
        let mut patterns = Vec::new();
        for (number, Loaded { entry, .. }) in self.entries.iter().enumerate() {
            for spelling in std::iter::once(&entry.source).chain(&entry.variants).filter(|s| !s.is_empty()) {
                let mut add = |text: &str, surname: Option<(String, String)>| {
                    patterns.push(Pattern { text: self.fold.chars(text), entry: number, surname });
                };
                if spelling.contains(SURNAME) {
                    for (surname, written) in surnames {
                        add(&spelling.replace(SURNAME, surname), Some((surname.clone(), written.clone())));
                    }
                } else {
                    add(spelling, None);
                }
            }
        }
        for (number, pattern) in patterns.iter().enumerate() {
            if let Some(first) = pattern.text.first() {
                self.by_first.entry(*first).or_default().push(number);
            }
        }
        self.patterns = patterns;
    }

    /// Source language.
    pub fn from(&self) -> &Lang {
        &self.from
    }

    /// Target language.
    pub fn to(&self) -> &Lang {
        &self.to
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Has it no entries?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry, in the order of its files.
    pub fn entries(&self) -> &[Loaded] {
        &self.entries
    }

    /// Wordings that must not appear whatever the source says.
    pub fn bans(&self) -> impl Iterator<Item = &Loaded> {
        self.entries.iter().filter(|loaded| loaded.entry.kind == EntryKind::Ban && loaded.entry.source.is_empty())
    }

    /// What is known of a character, as cases name it: the name as it is written, and in the source, and `f` or `m`.
    pub fn known_of(&self, name: &str) -> Vec<String> {
        let mut known = vec![name.to_owned()];
        let is = |entry: &Entry| {
            entry.kind == EntryKind::Name
                && (entry.source == name || entry.target == name || entry.variants.iter().any(|v| v == name))
        };
        if let Some(Loaded { entry, .. }) = self.entries.iter().find(|loaded| is(&loaded.entry)) {
            known.extend([entry.source.clone(), entry.target.clone()].into_iter().filter(|other| other != name));
            known.extend(entry.gender.map(|gender| if gender == Gender::Feminine { "f" } else { "m" }.to_owned()));
        }
        known
    }

    /// How people speak in the market.
    pub fn style(&self) -> &Style {
        &self.style
    }

    /// The entries that apply to `text`, in its order, none over another: the longest match wins,
    /// and of two equally long ones the first. Case, width and Traditional or Simplified writing do not matter.
    /// Bans do not take a place of their own; they come after what they qualify.
    pub fn matches(&self, text: &str) -> Vec<Match> {
        self.matches_between(text, &Parties::default())
    }

    /// As [`Glossary::matches`], with the wordings that hold for these people.
    pub fn matches_between(&self, text: &str, parties: &Parties) -> Vec<Match> {
        let folded = self.fold.text(text);
        let mut found: Vec<(Range<usize>, &Pattern)> = (0..folded.chars.len())
            .flat_map(|start| self.by_first.get(&folded.chars[start]).into_iter().flatten().map(move |p| (start, p)))
            .filter_map(|(start, number)| {
                let pattern = &self.patterns[*number];
                let range = start..start + pattern.text.len();
                self.applies(&folded, &range, pattern).then_some((range, pattern))
            })
            .collect();
        found.sort_by_key(|(range, pattern)| (std::cmp::Reverse(range.len()), range.start, pattern.surname.is_some()));
        let is_ban = |pattern: &Pattern| self.entries[pattern.entry].entry.kind == EntryKind::Ban;
        let mut chosen: Vec<(Range<usize>, &Pattern)> = Vec::new();
        for (range, pattern) in found {
            let overlaps = |(other, known): &(Range<usize>, &Pattern)| {
                other.start < range.end && range.start < other.end && is_ban(known) == is_ban(pattern)
            };
            if !chosen.iter().any(overlaps) {
                chosen.push((range, pattern));
            }
        }
        chosen.sort_by_key(|(range, pattern)| (range.start, is_ban(pattern)));
        chosen.into_iter().map(|(range, pattern)| self.matched(text, folded.bytes(&range), pattern, parties)).collect()
    }

    fn applies(&self, folded: &Folded, range: &Range<usize>, pattern: &Pattern) -> bool {
        if folded.chars.get(range.clone()) != Some(&pattern.text[..]) || !folded.at_word_bounds(range) {
            return false;
        }
        let excepted = |longer: &[char]| {
            let first = (range.start + 1).saturating_sub(longer.len());
            (first..range.end).any(|start| folded.chars[start..].starts_with(longer))
        };
        let unless = &self.entries[pattern.entry].entry.unless;
        let is_word = unless.iter().any(|longer| excepted(&self.fold.chars(longer)));
        let is_no_name = pattern.surname.is_some() && self.not_surnames.iter().any(|word| excepted(word));
        !is_word && !is_no_name
    }

    fn matched(&self, text: &str, range: Range<usize>, pattern: &Pattern, parties: &Parties) -> Match {
        let Loaded { entry, origin, .. } = &self.entries[pattern.entry];
        let fill = |template: &str, side: fn(&(String, String)) -> &str| match &pattern.surname {
            Some(surname) => template.replace(SURNAME, side(surname)),
            None => template.to_owned(),
        };
        let written = |template: &String| fill(template, |(_, written)| written);
        let fits = |wanted: &Option<String>, known: &[String]| wanted.as_ref().is_none_or(|w| known.contains(w));
        let case = entry.when.iter().find(|case| fits(&case.speaker, &parties.speaker) && fits(&case.to, &parties.to));
        let mut forms: Vec<String> = entry.forms.iter().map(written).collect();
        let target = match (entry.kind, case) {
            (EntryKind::Keep, _) => text[range.clone()].to_owned(),
            (_, Some(case)) => written(&case.target),
            (_, None) => {
                // Nobody knows who speaks to whom: the wording of any case may be right.
                forms.extend(entry.when.iter().map(|case| written(&case.target)));
                written(&entry.target)
            }
        };
        Match {
            source: fill(&entry.source, |(surname, _)| surname),
            target,
            forms,
            spoken: written(&entry.spoken),
            kind: entry.kind,
            how: entry.how,
            instead: written(&entry.instead),
            note: entry.note.clone(),
            origin: origin.clone(),
            range,
        }
    }

    /// Names and terms of the series as a recognizer may be told them: names first, at most
    /// `max_chars` characters. The built-in entries are left out: a recognizer knows common words.
    pub fn prompt_terms(&self, max_chars: usize) -> String {
        let separator = if self.from.is_spaceless() { "、" } else { ", " };
        let rank = |kind: EntryKind| match kind {
            EntryKind::Name | EntryKind::Keep => Some(0),
            EntryKind::Title => Some(1),
            EntryKind::Term | EntryKind::Culture => Some(2),
            EntryKind::Idiom | EntryKind::Unit | EntryKind::Ban => None,
        };
        let mut terms: Vec<(u8, &str)> = self
            .entries
            .iter()
            .filter(|loaded| !loaded.built_in && !loaded.entry.source.contains(SURNAME))
            .filter_map(|loaded| Some((rank(loaded.entry.kind)?, loaded.entry.source.as_str())))
            .collect();
        terms.sort_by_key(|(rank, _)| *rank);
        let mut prompt = String::new();
        let mut chars = 0;
        for (_, term) in terms {
            let more = term.chars().count() + if prompt.is_empty() { 0 } else { separator.chars().count() };
            if chars + more > max_chars {
                continue;
            }
            if !prompt.is_empty() {
                prompt.push_str(separator);
            }
            prompt.push_str(term);
            chars += more;
        }
        prompt
    }
}

/// What stands for a surname in an entry.
const SURNAME: &str = "{surname}";

#[cfg(test)]
mod tests;
