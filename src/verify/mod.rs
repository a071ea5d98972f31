//! Is a text a translation of its line at all, and does it keep to what was decided?
//!
//! Pure: a line, the decisions that apply to it and a wording go in, flaws and a log of the decisions come
//! out. The same judgement holds for an engine's answer, a person's edit and a finished script. Does not know
//! engines, prompts or what is done about a flaw.

mod inflect;
mod language;
mod leak;
mod length;
mod names;
mod numbers;
mod repeat;
mod terms;
mod text;
mod units;
mod wording;
mod words;

pub use names::{NamedLine, Rendering, TwoNames, names_twice};
pub use repeat::repetition;

use crate::glossary::{EntryKind, Loaded, Match};
use crate::lang::Lang;
use crate::pace::Pace;
use crate::time::Delta;
use serde::{Deserialize, Serialize};

/// A wording with everything that it is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What the cue says.
    pub source: &'a str,
    /// The wording.
    pub text: &'a str,
    /// Source language.
    pub from: &'a Lang,
    /// Target language.
    pub to: &'a Lang,
    /// The glossary's entries that apply to the source.
    pub matches: &'a [Match],
    /// Wordings that must not appear whatever the source says.
    pub bans: &'a [&'a Loaded],
    /// Time that there is for it, allowed speed-up included; none where it is not judged.
    pub room: Option<Delta>,
}

/// What is wrong with a wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlawKind {
    /// Nothing that can be spoken.
    Empty,
    /// A prompt, a chat template or markup.
    Leak,
    /// More than one line.
    SeveralLines,
    /// Writing of the source is left in it.
    Untranslated,
    /// It is the source.
    Echo,
    /// Longer than any translation can be.
    Flood,
    /// Another language than the target's.
    WrongLanguage,
    /// A decision of the glossary was not kept.
    MissedTerm,
    /// A wording that an entry forbids for this source.
    ForbiddenForm,
    /// A wording that the market forbids.
    Banned,
    /// A number is gone or another one.
    Number,
    /// A measure is gone or another one.
    Unit,
    /// It says what the line beside it says.
    Repeated,
    /// Much shorter than what is said: something is missing.
    TooShort,
    /// It cannot be said in its time.
    TooLong,
    /// A quotation mark is left open.
    OpenQuote,
}

impl FlawKind {
    /// May no viewer hear it, whoever wrote it? Such a line fails; any other flaw is repaired or told.
    pub const fn is_fatal(self) -> bool {
        use FlawKind::*;
        matches!(self, Empty | Leak | SeveralLines | Untranslated | Echo | Flood | WrongLanguage)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// What kind of thing.
    pub kind: FlawKind,
    /// In one sentence, without a full stop.
    pub what: String,
    /// The source of the entry that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub entry: String,
    /// Where that entry is written: file and row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
}

/// How a decision of the glossary came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The wording that was wanted, or an accepted form of it.
    Kept,
    /// It is not in the line.
    Missed,
}

/// A decision of the glossary that applied to a line: why the line reads as it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// What the source says.
    pub source: String,
    /// What the entry wants.
    pub target: String,
    /// What the line says for it; empty where it was missed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// What the entry is about.
    pub kind: EntryKind,
    /// How it came out.
    pub outcome: Outcome,
    /// Where the entry is written: file and row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
}

/// A judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong, fatal things first.
    pub flaws: Vec<Flaw>,
    /// The decisions that applied, in the source's order.
    pub applied: Vec<Applied>,
}

impl Verdict {
    /// The first flaw with which no viewer may hear the line.
    pub fn fatal(&self) -> Option<&Flaw> {
        self.flaws.iter().find(|flaw| flaw.kind.is_fatal())
    }
}

/// Judges a wording, its length by how fast its language is usually spoken.
pub fn verify(judged: &Judged<'_>) -> Verdict {
    verify_at(judged, &Pace::new(judged.to))
}

/// As [`verify`], with the pace of the voice that will say it.
pub fn verify_at(judged: &Judged<'_>, pace: &Pace) -> Verdict {
    let mut flaws: Vec<Flaw> = text::amiss(judged).into_iter().collect();
    if !flaws.is_empty() {
        // Whatever else is wrong with what is no translation is of no interest.
        return Verdict { flaws, applied: Vec::new() };
    }
    let text = wording::Text::new(judged.text, judged.to);
    let applied = terms::applied(judged, &text);
    flaws.extend(terms::flaws(judged, &text, &applied));
    flaws.extend(numbers::flaws(judged));
    flaws.extend(units::flaws(judged));
    flaws.extend(length::too_short(judged));
    flaws.extend(length::too_long(judged, pace));
    if leak::open_quote(judged.text, judged.source) {
        flaws.push(Flaw::new(FlawKind::OpenQuote, "a quotation mark is left open"));
    }
    flaws.sort_by_key(|flaw| (!flaw.kind.is_fatal(), flaw.kind));
    Verdict { flaws, applied }
}

/// Does `text` say `wording`, in any form of its words? As a glossary's decision is looked for, and whole words only.
pub fn says(text: &str, wording: &str, language: &Lang) -> bool {
    wording::Text::new(text, language).find(wording, wording::Keeping::Term).is_some()
}

impl Flaw {
    /// A flaw that is about no entry.
    pub fn new(kind: FlawKind, what: impl Into<String>) -> Flaw {
        Flaw { kind, what: what.into(), entry: String::new(), origin: String::new() }
    }
}

#[cfg(test)]
mod tests;
