//! What is said: cues heard in the source, and lines written for a target language.
//!
//! Plain data; knows neither how a cue was heard nor how a line was translated.

use crate::lang::Lang;
use crate::time::{Delta, Span};
use crate::verify::{Applied, Flaw};
use serde::{Deserialize, Serialize};

/// What an episode says, in its own language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Spoken language.
    pub language: Lang,
    /// Cues in order of their start; they may overlap.
    pub cues: Vec<Cue>,
    /// What sounds and is not spoken, in order: nobody translates it, and it is heard as it is in every language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<Passage>,
}

/// A stretch of song or music.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// When it sounds.
    pub span: Span,
    /// What it is.
    pub kind: PassageKind,
    /// The words that are sung, as far as they were understood.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What sounds in a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassageKind {
    /// Somebody sings.
    Song,
    /// Music plays, and nobody sings or speaks.
    Music,
}

/// One spoken unit of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cue {
    /// Number from 1, in order; what people and reports call the line.
    pub id: u32,
    /// When it is spoken.
    pub span: Span,
    /// What is said.
    pub text: String,
    /// Who says it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// When each word is said, where the recognizer tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
    /// Mean probability of its words, 0 to 1, where the recognizer tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}

/// One word, or one character of a language without spaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// When it is said.
    pub span: Span,
    /// With the space before it, as the language writes it.
    pub text: String,
    /// Probability, 0 to 1.
    pub probability: f32,
}

/// What the dub says, in one target language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// Target language.
    pub language: Lang,
    /// One line for each cue, in the cues' order.
    pub lines: Vec<Line>,
}

/// The translation of one cue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The cue that it translates.
    pub cue: u32,
    /// When the cue is spoken.
    pub span: Span,
    /// Who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// What the cue says.
    pub source: String,
    /// The translation, or why there is none.
    #[serde(flatten)]
    pub state: LineState,
}

/// A line is written, or it failed; there is nothing between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LineState {
    /// Translated.
    Written {
        /// The wording to be spoken and shown.
        text: String,
        /// Shorter wordings, from longer to shorter; may be empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tight: Vec<String>,
        /// The glossary's decisions that applied to it, and how each came out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        terms: Vec<Applied>,
        /// What is wrong with it, and was not mended.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        flaws: Vec<Flaw>,
        /// The engine that wrote it.
        engine: String,
        /// A person wrote or approved it: it is never translated anew.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        locked: bool,
        /// The lines in other languages that led to it, in the order of the way; none where it was translated from
        /// what the cue says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by_way: Vec<Middle>,
    },
    /// Not translated; never spoken, never padded.
    Failed {
        /// Why, in one sentence.
        why: String,
    },
}

/// A line in another language, by way of which a line was translated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Middle {
    /// The language.
    pub language: Lang,
    /// The wording.
    pub text: String,
}

impl LineState {
    /// A wording of which nothing else is known yet.
    pub fn written(text: impl Into<String>, engine: impl Into<String>) -> LineState {
        let (tight, terms, flaws, by_way) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        LineState::Written { text: text.into(), tight, terms, flaws, engine: engine.into(), locked: false, by_way }
    }
}

impl Line {
    /// The wording, where there is one.
    pub fn text(&self) -> Option<&str> {
        match &self.state {
            LineState::Written { text, .. } => Some(text),
            LineState::Failed { .. } => None,
        }
    }

    /// All wordings from the fullest to the tightest; empty for a failed line.
    pub fn variants(&self) -> Vec<&str> {
        match &self.state {
            LineState::Written { text, tight, .. } => {
                std::iter::once(text.as_str()).chain(tight.iter().map(String::as_str)).collect()
            }
            LineState::Failed { .. } => Vec::new(),
        }
    }
}

impl Script {
    /// Lines that failed, with the reason.
    pub fn failed(&self) -> impl Iterator<Item = (&Line, &str)> {
        self.lines.iter().filter_map(|line| match &line.state {
            LineState::Failed { why } => Some((line, why.as_str())),
            LineState::Written { .. } => None,
        })
    }
}

impl Transcript {
    /// Time from the start of cue `index` to where the next cue starts, or to `end`:
    /// what a take could use if it borrowed all silence.
    pub fn room(&self, index: usize, end: Delta) -> Delta {
        let Some(cue) = self.cues.get(index) else { return Delta::ZERO };
        let next = self.cues.get(index + 1).map_or(crate::time::Time::ZERO + end, |next| next.span.start);
        (next - cue.span.start).max(cue.span.duration())
    }

    /// When somebody sings.
    pub fn songs(&self) -> Vec<Span> {
        let songs = self.passages.iter().filter(|passage| passage.kind == PassageKind::Song);
        songs.map(|passage| passage.span).collect()
    }

    /// Speaker labels in the order in which they first speak.
    pub fn speakers(&self) -> Vec<&str> {
        let mut seen = Vec::new();
        for speaker in self.cues.iter().filter_map(|cue| cue.speaker.as_deref()) {
            if !seen.contains(&speaker) {
                seen.push(speaker);
            }
        }
        seen
    }
}
