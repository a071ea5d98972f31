//! A glossary's wording in a sentence that a model has translated: where the model's alignment says that
//! the term landed, its words are replaced.
//!
//! Nothing is forced: where the model used the wording already, or where the term's place cannot be told
//! apart from other words, the sentence stays as it is. Whether a term was used shows in the text.

use crate::engine::Term;
use fxtranslate::engine::{Aligned, Token};
use std::ops::Range;

/// A share of a target token's attention that makes it belong to the term.
const MINE: f32 = 0.5;
/// SentencePiece's mark for a space; one UTF-16 unit, as a space is.
const BLOCK: char = '\u{2581}';

/// The translation, with the wording of each term where its place is known.
pub(super) fn apply(aligned: &Aligned, terms: &[&Term]) -> String {
    // The tokenizer writes spaces as blocks; places are counted in what it wrote.
    let source: Vec<u16> = aligned.source_normalized.replace(BLOCK, " ").encode_utf16().collect();
    let target: Vec<u16> = aligned.target_text.encode_utf16().collect();
    let mut places: Vec<(Range<usize>, &str)> = Vec::new();
    for term in terms {
        if term.target.is_empty() || contains_folded(&aligned.target_text, &term.target) {
            continue;
        }
        let wanted: Vec<u16> = term.source.encode_utf16().collect();
        let starts = source.windows(wanted.len().max(1)).enumerate().filter(|(_, window)| *window == wanted);
        for (start, _) in starts {
            let aligned = place(aligned, start..start + wanted.len(), &target);
            if let Some(place) = aligned.or_else(|| copied(&target, &wanted))
                && !places.iter().any(|(known, _)| known.start < place.end && place.start < known.end)
            {
                places.push((place, &term.target));
            }
        }
    }
    places.sort_by_key(|(range, _)| range.start);
    let mut text = String::new();
    let mut at = 0;
    for (range, wording) in places {
        text.push_str(&String::from_utf16_lossy(&target[at..range.start]));
        // At the beginning of a sentence a word has a capital, whatever the glossary writes.
        let mut chars = wording.chars();
        match (range.start, chars.next()) {
            (0, Some(first)) => {
                text.extend(first.to_uppercase());
                text.push_str(chars.as_str());
            }
            _ => text.push_str(wording),
        }
        at = range.end;
    }
    text.push_str(&String::from_utf16_lossy(&target[at..]));
    text
}

/// Where the model copied the term as it was, as it does with names that it does not know.
fn copied(target: &[u16], term: &[u16]) -> Option<Range<usize>> {
    let letter =
        |unit: Option<&u16>| unit.and_then(|unit| char::from_u32(u32::from(*unit))).is_some_and(char::is_alphanumeric);
    let start = target.windows(term.len().max(1)).position(|window| window == term)?;
    let end = start + term.len();
    let whole = (start == 0 || !letter(target.get(start - 1))) && !letter(target.get(end));
    whole.then_some(start..end)
}

fn contains_folded(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

/// The stretch of the target that a stretch of the source became, in UTF-16 units; none where it is not
/// one stretch of whole words that belong to the term alone.
fn place(aligned: &Aligned, source: Range<usize>, target: &[u16]) -> Option<Range<usize>> {
    let overlaps = |token: &Token, range: &Range<usize>| token.begin < range.end && range.start < token.end;
    let mine: Vec<bool> = aligned.source_tokens.iter().map(|token| overlaps(token, &source)).collect();
    let belongs: Vec<bool> = aligned
        .alignments
        .iter()
        .zip(&aligned.target_tokens)
        .map(|(row, token)| {
            let share: f32 = row.iter().zip(&mine).filter(|(_, mine)| **mine).map(|(weight, _)| weight).sum();
            token.begin < token.end && share >= MINE
        })
        .collect();
    let first = belongs.iter().position(|b| *b)?;
    let last = belongs.iter().rposition(|b| *b)?;
    if !belongs[first..=last].iter().all(|b| *b) {
        return None;
    }
    let letter = |unit: Option<&u16>| {
        unit.and_then(|unit| char::from_u32(u32::from(*unit))).is_some_and(|c| c.is_alphanumeric() || c == '-')
    };
    let (mut start, mut end) = (aligned.target_tokens[first].begin, aligned.target_tokens[last].end);
    while start < end && !letter(target.get(start)) {
        start += 1;
    }
    while end > start && !letter(target.get(end - 1)) {
        end -= 1;
    }
    let whole = start < end && !(start > 0 && letter(target.get(start - 1))) && !letter(target.get(end));
    whole.then_some(start..end)
}
