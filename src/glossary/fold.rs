//! Text as it is compared: one case, one width, Simplified writing; with the way back to its bytes.
//!
//! Does not know what is looked for.

use crate::error::{Error, Result};
use crate::lang::Lang;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::ops::Range;

/// How a language's text is folded.
#[derive(Debug)]
pub(super) struct Fold {
    simplify: Option<Simplify>,
}

struct Simplify(OpenCC);

impl std::fmt::Debug for Simplify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simplify")
    }
}

/// A folded text.
pub(super) struct Folded {
    /// Its characters.
    pub(super) chars: Vec<char>,
    /// Where each began in the text, in bytes, and where the text ends.
    offsets: Vec<usize>,
}

impl Fold {
    pub(super) fn new(language: &Lang) -> Result<Fold> {
        let simplify = match language.primary() {
            "zh" => {
                let table = OpenCC::from_config(BuiltinConfig::T2s)
                    .map_err(|e| Error::internal("the table of Traditional characters is damaged").because(e))?;
                Some(Simplify(table))
            }
            _ => None,
        };
        Ok(Fold { simplify })
    }

    pub(super) fn chars(&self, text: &str) -> Vec<char> {
        self.text(text).chars
    }

    pub(super) fn text(&self, text: &str) -> Folded {
        let mut folded = Folded { chars: Vec::with_capacity(text.len()), offsets: Vec::with_capacity(text.len() + 1) };
        let mut bytes = [0; 4];
        for (offset, char) in text.char_indices() {
            let mut push = |char: char| {
                folded.chars.push(char);
                folded.offsets.push(offset);
            };
            match (&self.simplify, narrow(char)) {
                // Character by character: phrases would fold the same word differently in different company.
                (Some(Simplify(table)), char) if is_ideograph(char) => {
                    table.convert(char.encode_utf8(&mut bytes)).chars().for_each(push);
                }
                (_, char) if char.is_whitespace() => push(' '),
                (_, '’') => push('\''),
                (_, char) => char.to_lowercase().for_each(push),
            }
        }
        folded.offsets.push(text.len());
        folded
    }
}

impl Folded {
    /// The bytes of the text that a range of characters came from.
    pub(super) fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        self.offsets[range.start]..self.offsets[range.end]
    }

    /// May a word begin at this character? Not inside a word of writing with spaces.
    pub(super) fn may_begin(&self, at: usize) -> bool {
        at == 0 || !(in_spaced_word(self.chars[at - 1]) && in_spaced_word(self.chars[at]))
    }

    /// Does the range begin and end where words do? Writing without spaces has no such places, so any will do.
    pub(super) fn at_word_bounds(&self, range: &Range<usize>) -> bool {
        let joins = |a: Option<&char>, b: Option<&char>| match (a, b) {
            (Some(a), Some(b)) => in_spaced_word(*a) && in_spaced_word(*b),
            _ => false,
        };
        let before = range.start.checked_sub(1).and_then(|i| self.chars.get(i));
        let (first, last) = (self.chars.get(range.start), self.chars.get(range.end - 1));
        !joins(before, first) && !joins(last, self.chars.get(range.end))
    }
}

/// Full-width forms as the plain ones: Ａ → A, ５ → 5.
fn narrow(char: char) -> char {
    match char {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(char as u32 - 0xFEE0).unwrap_or(char),
        '\u{3000}' => ' ',
        _ => char,
    }
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Is it part of a word in a writing that puts spaces between words?
fn in_spaced_word(char: char) -> bool {
    let spaceless = is_ideograph(char)
        || matches!(char, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}');
    char.is_alphanumeric() && !spaceless
}
