//! From phonemes to the numbers that Kokoro reads, in pieces that it reads well.
//!
//! Does not know languages: punctuation and spaces alone decide where a long text is cut.

use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::path::Path;

/// The model takes 510 tokens, but hurries beyond about 400, as its makers note in `VOICES.md`.
const MOST: usize = 400;

/// The model's alphabet.
pub(super) struct Vocabulary(HashMap<char, i64>);

/// What is spoken in one go.
#[derive(Debug, PartialEq)]
pub(super) struct Piece {
    /// Tokens without padding; at least one, at most `MOST`.
    pub(super) tokens: Vec<i64>,
    /// Silence after it in seconds, where another piece follows.
    pub(super) pause: f64,
}

#[derive(serde::Deserialize)]
struct File {
    vocab: HashMap<char, i64>,
}

impl Vocabulary {
    /// Reads `vocab.json`.
    ///
    /// # Errors
    /// Fails if it is not what it should be.
    pub(super) fn read(path: &Path) -> Result<Vocabulary> {
        let corrupt = || {
            Error::new(Kind::CorruptModel, "cannot read Kokoro's alphabet")
                .file(path)
                .hint("run: dubline models verify")
        };
        let text = std::fs::read_to_string(path).map_err(|error| corrupt().because(error))?;
        let file: File = serde_json::from_str(&text).map_err(|error| corrupt().because(error))?;
        Ok(Vocabulary(file.vocab))
    }

    /// The phonemes in pieces. Symbols that the model does not know are left out, as its makers do.
    pub(super) fn pieces(&self, phonemes: &str) -> Vec<Piece> {
        let known: Vec<char> = phonemes.chars().filter(|c| self.0.contains_key(c)).collect();
        let mut pieces = Vec::new();
        self.split(&known, 0.0, &mut pieces);
        pieces
    }

    /// Symbols of `phonemes` that the model does not know.
    #[cfg(test)]
    pub(super) fn unknown(&self, phonemes: &str) -> String {
        phonemes.chars().filter(|c| !self.0.contains_key(c)).collect()
    }

    /// Halves at the best place near the middle until every piece is short enough.
    fn split(&self, text: &[char], pause: f64, pieces: &mut Vec<Piece>) {
        let start = text.iter().position(|c| *c != ' ').unwrap_or(text.len());
        let end = text.iter().rposition(|c| *c != ' ').map_or(start, |last| last + 1);
        let text = &text[start..end];
        if !text.iter().any(|c| c.is_alphabetic()) {
            return;
        }
        if text.len() <= MOST {
            let tokens = text.iter().filter_map(|c| self.0.get(c).copied()).collect();
            pieces.push(Piece { tokens, pause });
            return;
        }
        let (cut, between) = cut(text);
        self.split(&text[..cut], between, pieces);
        self.split(&text[cut..], pause, pieces);
    }
}

/// Where to cut, and how long the pause there is: at the end of a sentence, of a clause, or of a word.
fn cut(text: &[char]) -> (usize, f64) {
    let middle = text.len() / 2;
    let (first, last) = (text.len() / 5, text.len() * 4 / 5);
    for (marks, pause) in [(".!?…", 0.30), (";:—", 0.20), (",", 0.15), (" ", 0.0)] {
        // A mark ends something only where a space follows: `"No!" she said.` keeps its quotation mark.
        let ends = |at: &usize| marks.contains(text[at - 1]) && (marks == " " || text.get(*at) == Some(&' '));
        if let Some(at) = (first.max(1)..last).filter(ends).min_by_key(|at| at.abs_diff(middle)) {
            return (at, pause);
        }
    }
    (middle, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary("abc .,!?".chars().zip(1..).collect())
    }

    fn text(vocabulary: &Vocabulary, piece: &Piece) -> String {
        let back: HashMap<i64, char> = vocabulary.0.iter().map(|(c, id)| (*id, *c)).collect();
        piece.tokens.iter().map(|id| back[id]).collect()
    }

    #[test]
    fn short_text_stays_whole() {
        let vocabulary = vocabulary();
        let pieces = vocabulary.pieces(" abc, cab! ");
        assert_eq!(pieces.len(), 1);
        assert_eq!(text(&vocabulary, &pieces[0]), "abc, cab!");
        assert!(vocabulary.pieces(" . , ").is_empty());
        assert!(vocabulary.pieces("").is_empty());
    }

    #[test]
    fn long_text_is_cut_at_sentences_then_clauses_then_words() {
        let vocabulary = vocabulary();
        for (unit, pause) in [("abc abc abc. ", 0.30), ("abc abc abc, ", 0.15), ("abc ", 0.0)] {
            let long = unit.repeat(900 / unit.len());
            let pieces = vocabulary.pieces(&long);
            assert!(pieces.len() >= 3);
            for (index, piece) in pieces.iter().enumerate() {
                assert!(!piece.tokens.is_empty() && piece.tokens.len() <= MOST);
                assert_eq!(piece.pause, if index + 1 == pieces.len() { 0.0 } else { pause });
            }
            let joined: Vec<String> = pieces.iter().map(|piece| text(&vocabulary, piece)).collect();
            assert_eq!(joined.join(" "), long.trim());
        }
    }

    #[test]
    fn text_without_any_place_to_cut_is_still_spoken() {
        let vocabulary = vocabulary();
        let pieces = vocabulary.pieces(&"abc".repeat(700));
        assert_eq!(pieces.iter().map(|piece| piece.tokens.len()).sum::<usize>(), 2100);
        assert!(pieces.iter().all(|piece| piece.tokens.len() <= MOST));
    }
}
