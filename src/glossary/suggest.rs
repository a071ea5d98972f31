//! Names and repeated terms of a series that no entry covers yet.
//!
//! Pure: lines and a glossary in, candidates out. `suggest/han.rs` looks at Chinese and Japanese, which write no
//! spaces, `suggest/spaced.rs` at languages that do. Finds what is said again and again; does not know what it
//! means, so that a person chooses and translates.

mod han;
mod spaced;

use super::{EntryKind, Glossary, write};
use crate::error::{Error, Kind, Result};
use serde::Serialize;
use std::fmt::Write;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it stands, for people: `ep01.srt, cue 12`.
    pub place: String,
    /// What is said.
    pub text: String,
}

/// What may deserve an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// As the source says it.
    pub source: String,
    /// What it seems to be: a name or a term.
    pub kind: EntryKind,
    /// How often it is said.
    pub count: usize,
    /// The first line that says it.
    pub example: String,
    /// Where that line stands.
    pub place: String,
}

/// How often something must be said to be found.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A name; one that stands with a title, or is called, is found at once.
    pub names: usize,
    /// Any other word or phrase.
    pub terms: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { names: 2, terms: 3 }
    }
}

/// Candidates in `said`, names first, the most frequent first.
///
/// # Errors
/// Fails for a language that writes no spaces and has no table here: Thai, Lao, Khmer, Burmese.
pub fn suggest(said: &[Said], glossary: &Glossary, limits: Limits) -> Result<Vec<Candidate>> {
    let from = glossary.from();
    let found = match from.primary() {
        "zh" | "ja" => han::find(said, glossary, limits),
        _ if from.is_spaceless() => {
            return Err(Error::new(Kind::Usage, format!("words of {} cannot be told apart here", from.name()))
                .hint("suggestions can be had for Chinese, Japanese and languages that write spaces"));
        }
        _ => spaced::find(said, glossary, limits),
    };
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .map(|Found { source, kind, count, line }| {
            let (example, place) = said.get(line).map_or_else(Default::default, |s| (s.text.clone(), s.place.clone()));
            Candidate { source, kind, count, example, place }
        })
        .collect();
    candidates.sort_by(|a, b| (a.kind, b.count, &a.source).cmp(&(b.kind, a.count, &b.source)));
    Ok(candidates)
}

/// The candidates as entries of a glossary file, with the targets left to be filled in.
pub fn snippet(candidates: &[Candidate], glossary: &Glossary) -> String {
    let about = "Names and terms that no entry covers. Fill in the targets, and remove what needs no entry:\n\
        an entry without a target is refused. Mind the kinds, which are guesses.";
    let mut text = write::header(glossary.from(), glossary.to(), None, about);
    for candidate in candidates {
        // What a transcript says is one line here, whatever it holds.
        let example: String = candidate.example.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let place: String = candidate.place.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let times = if candidate.count == 1 { "once".to_owned() } else { format!("{} times", candidate.count) };
        let _ = write!(
            text,
            "\n# {times}; {place}: {example}\n[[entry]]\nsource = {}\n# target = \"\"\n",
            write::quoted(&candidate.source)
        );
        if candidate.kind != EntryKind::default() {
            let _ = writeln!(text, "kind = \"{}\"", candidate.kind.name());
        }
    }
    text
}

/// The words of a list that is written as a text.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(' ')
}

/// A candidate with the number of its first line.
struct Found {
    source: String,
    kind: EntryKind,
    count: usize,
    line: usize,
}

#[cfg(test)]
mod tests;
