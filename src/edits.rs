//! People's edits: what a person wrote or approved for a line, kept apart from what machines write.
//!
//! One document for each episode and language, `<episode>.<language>.edits.json`:
//!
//! ```json
//! {
//!   "schema": 1,
//!   "episode": "ep01",
//!   "language": "pt-BR",
//!   "edits": [
//!     {
//!       "line": 12,
//!       "span": { "start": 61.25, "end": 63.1 },
//!       "source": "顾总，您怎么来了？",
//!       "text": "Sr. Gu, o que faz aqui?",
//!       "tight": ["Sr. Gu, o senhor aqui?"],
//!       "status": "approved",
//!       "by": "Ana",
//!       "when": "2026-03-02T09:30:00Z",
//!       "note": "he is surprised, not rude"
//!     }
//!   ]
//! }
//! ```
//!
//! `line`, `span` (in seconds) and `source` say which cue it was written for, as the cue was then; [`follow()`]
//! finds that cue again in a transcript that has changed since. `tight` (shorter wordings, from longer to
//! shorter), `by` and `note` may be left out. `status` is `edited` or `approved`.
//!
//! Pure: knows neither where the documents lie nor how a line is translated.

mod follow;
mod merge;
mod place;
mod rows;
mod table;

pub use follow::{Anchor, Followed, follow};
pub use merge::{How, Tally, merge};
pub use rows::{Format, Mark, Row, Shown, read, show, write};

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Script, Transcript};
use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};

/// Version of the document's format.
pub const SCHEMA: u32 = 1;

/// No episode lasts four weeks; later times are slips, and would not add up.
const LATEST: Time = Time::from_ms(28 * 24 * 3_600_000);

/// What people wrote for one episode in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    /// Version of this format.
    pub schema: u32,
    /// The episode's name.
    pub episode: String,
    /// The language that the lines are in.
    pub language: Lang,
    /// In the order of their cues.
    pub edits: Vec<Edit>,
}

/// One line as a person wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The cue's number at the time; no more than a hint once the transcript has changed.
    pub line: u32,
    /// When the cue was spoken.
    pub span: Span,
    /// What the cue said.
    pub source: String,
    /// The wording.
    pub text: String,
    /// Shorter wordings, from longer to shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tight: Vec<String>,
    /// How far the person went.
    pub status: Status,
    /// Who it was, where that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was written down.
    pub when: jiff::Timestamp,
    /// A word to other people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How far a person went with a line. Both are as binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Rewritten.
    Edited,
    /// Read and found good.
    Approved,
}

/// An edit that found no cue: the transcript has changed too much since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Orphan {
    /// The language of the edit; another one than the dub's where the dub is translated by way of it.
    pub language: Lang,
    /// The edit.
    #[serde(flatten)]
    pub edit: Edit,
}

/// `ep01.pt-BR.edits.json`.
pub fn file_name(episode: &str, language: &Lang) -> String {
    format!("{episode}.{language}.edits.json")
}

impl Edits {
    /// No edits yet.
    pub fn new(episode: impl Into<String>, language: Lang) -> Edits {
        Edits { schema: SCHEMA, episode: episode.into(), language, edits: Vec::new() }
    }

    /// Reads a document that must be for `language`. Texts are trimmed.
    ///
    /// # Errors
    /// Fails if it is no such document, naming the row; or has another format or language.
    pub fn parse(bytes: &[u8], language: &Lang) -> Result<Edits> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<u32>,
        }
        let broken = |e: serde_json::Error| {
            Error::new(Kind::Document, "is no document of edits").row(e.line().max(1)).because(e).hint(
                "mend this row; `dubline script import` writes such documents, and `dubline script export` gives a table to edit instead",
            )
        };
        let head: Head = serde_json::from_slice(bytes).map_err(broken)?;
        if let Some(schema) = head.schema.filter(|schema| *schema != SCHEMA) {
            return Err(Error::new(Kind::Document, format!("the edits have format {schema}"))
                .hint(format!("this dubline reads format {SCHEMA}; use the dubline that wrote them")));
        }
        let mut document: Edits = serde_json::from_slice(bytes).map_err(broken)?;
        if document.language != *language {
            return Err(Error::new(
                Kind::Document,
                format!("the edits are in {}, not in {language}", document.language),
            )
            .hint("give the file the name of its own language, or correct `language` in it"));
        }
        for edit in &mut document.edits {
            let Span { start, end } = edit.span;
            if start < Time::ZERO || end < start || end > LATEST {
                let what = format!("the edit of line {} is at no time ({start}–{end})", edit.line);
                return Err(Error::new(Kind::Document, what)
                    .hint("correct its span: seconds from the episode's start, the end after the start"));
            }
            edit.text = edit.text.trim().to_owned();
            edit.tight.iter_mut().for_each(|tight| *tight = tight.trim().to_owned());
            edit.tight.retain(|tight| !tight.is_empty());
        }
        Ok(document)
    }

    /// Puts the edits into the order of their cues.
    pub fn sort(&mut self) {
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end, edit.line));
    }
}

/// The cues of a transcript, as edits look for them.
pub fn cues(transcript: &Transcript) -> Vec<Anchor<'_>> {
    transcript.cues.iter().map(|cue| Anchor { id: cue.id, span: cue.span, text: &cue.text }).collect()
}

/// The cues that a script was written for.
pub fn cues_of_script(script: &Script) -> Vec<Anchor<'_>> {
    script.lines.iter().map(|line| Anchor { id: line.cue, span: line.span, text: &line.source }).collect()
}

/// Is there anything in it that can be spoken?
pub(crate) fn is_speakable(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Line, LineState};
    use crate::verify::{Flaw, FlawKind};

    fn line(cue: u32, span: (i64, i64), source: &str, state: LineState) -> Line {
        Line { cue, span: Span::from_ms(span.0, span.1), speaker: Some("Gu".into()), source: source.into(), state }
    }

    /// A draft that looks like a formula, a line that was edited, one that failed, and two at the same time.
    pub(super) fn script() -> Script {
        let mut draft = LineState::written("-Vamos, já!", "fake");
        if let LineState::Written { tight, flaws, terms, .. } = &mut draft {
            tight.push("Vamos!".into());
            flaws.push(Flaw::new(FlawKind::MissedTerm, "走 should read \"ir\""));
            terms.push(crate::verify::Applied {
                source: "走".into(),
                target: "ir".into(),
                found: String::new(),
                kind: crate::glossary::EntryKind::Term,
                outcome: crate::verify::Outcome::Missed,
                origin: String::new(),
            });
        }
        let mut edited = LineState::written("Não; nunca.", "a person");
        if let LineState::Written { locked, .. } = &mut edited {
            *locked = true;
        }
        let failed = LineState::Failed { why: "the engine said nothing".into() };
        Script {
            language: "pt-BR".parse().unwrap(),
            lines: vec![
                line(1, (0, 1000), "=走吧！", draft),
                line(2, (2000, 3000), "不，绝不", edited),
                line(3, (4000, 5000), "为什么", failed),
                line(4, (8000, 9000), "八点了", LineState::written("São oito.", "fake")),
                line(5, (8000, 9000), "九点了", LineState::written("São nove.", "fake")),
            ],
        }
    }

    /// The edit of line 2.
    pub(super) fn edits() -> Edits {
        let edit = Edit {
            line: 2,
            span: Span::from_ms(2000, 3000),
            source: "不，绝不".into(),
            text: "Não; nunca.".into(),
            tight: Vec::new(),
            status: Status::Edited,
            by: None,
            when: "2026-03-02T09:30:00Z".parse().unwrap(),
            note: "firm".into(),
        };
        Edits { edits: vec![edit], ..Edits::new("e", "pt-BR".parse().unwrap()) }
    }

    const DOCUMENT: &str = r#"{"schema": 1, "episode": "e", "language": "pt-BR", "edits": [
        {"line": 2, "span": {"start": 1.5, "end": 2.0}, "source": "走吧", "text": " Vamos! ", "tight": ["", "Ei! "],
         "status": "edited", "when": "2026-03-02T09:30:00Z"}]}"#;

    fn parse(text: &str) -> Result<Edits> {
        Edits::parse(text.as_bytes(), &"pt-BR".parse().unwrap())
    }

    #[test]
    fn a_document_is_read_and_written_back() {
        let edits = parse(DOCUMENT).unwrap();
        assert_eq!(edits.edits[0].text, "Vamos!");
        assert_eq!(edits.edits[0].tight, ["Ei!"]);
        let again = serde_json::to_string(&edits).unwrap();
        assert_eq!(parse(&again).unwrap(), edits);
        assert!(!again.contains("\"note\"") && !again.contains("\"by\""), "{again}");
    }

    #[test]
    fn every_mistake_is_told_with_its_remedy() {
        for (from, to, word, row) in [
            ("\"text\": \" Vamos! \"", "\"txet\": \"x\"", "txet", Some(2)),
            ("\"edited\"", "\"finished\"", "finished", Some(3)),
            ("\"schema\": 1", "\"schema\": 2", "format 2", None),
            ("pt-BR", "en", "in en, not in pt-BR", None),
            ("\"end\": 2.0", "\"end\": 1.0", "at no time", None),
            ("\"end\": 2.0", "\"end\": 1e300", "at no time", None),
            ("\"start\": 1.5", "\"start\": -1.5", "at no time", None),
            ("{\"schema\"", "line,text\n{\"schema\"", "no document of edits", Some(1)),
        ] {
            let error = parse(&DOCUMENT.replace(from, to)).unwrap_err();
            assert_eq!(error.kind(), Kind::Document, "{error}");
            assert!(error.to_string().contains(word), "{error}");
            assert_eq!(error.place().row, row, "{error}");
            assert!(error.remedy().is_some(), "{error}");
        }
    }
}
