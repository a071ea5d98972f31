//! A glossary's wording in a sentence that a model translates, in two ways.
//!
//! By alignment: where the model's attention says that the term landed, its words are replaced; agreement around
//! it stays as natural as it was. Where the model used the wording already, or where the place cannot be told apart
//! from other words, the sentence stays as it is.
//!
//! By placeholder: the term is hidden behind a name that the model does not know and so copies, and the wording
//! takes that name's place. That finds a place nearly always, but an article may not agree with what it stands
//! before. So the first way comes first, and the second one takes what it missed.

use crate::engine::Term;
use crate::glossary::overlap;
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
        if term.target.is_empty() || is_in(&aligned.target_text, term) {
            continue;
        }
        let wanted: Vec<u16> = term.source.encode_utf16().collect();
        let starts = source.windows(wanted.len().max(1)).enumerate().filter(|(_, window)| *window == wanted);
        for (start, _) in starts {
            let aligned = place(aligned, start..start + wanted.len(), &target);
            if let Some(place) = aligned.or_else(|| copied(&target, &wanted))
                && !places.iter().any(|(known, _)| overlap(known, &place))
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
        text.push_str(&if range.start == 0 { capitalised(wording) } else { wording.to_owned() });
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

/// Does the text hold the term's wording, or one that is as right?
pub(super) fn is_in(text: &str, term: &Term) -> bool {
    let text = text.to_lowercase();
    std::iter::once(&term.target).chain(&term.forms).any(|wording| {
        let wording = wording.to_lowercase();
        text.match_indices(&wording).any(|(at, _)| is_whole(&text, at..at + wording.len()))
    })
}

/// Does the range begin and end where words do?
fn is_whole(text: &str, range: Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !joins(text[..range.start].chars().next_back()) && !joins(text[range.end..].chars().next())
}

/// A name that no language has: two rare letters and a figure come through the vocabulary of every model as they are.
fn placeholder(number: usize) -> String {
    format!("XQ{}", number + 1)
}

/// The sentence with each term behind a placeholder; and the terms that are, in the placeholders' order.
pub(super) fn hide<'a>(sentence: &str, terms: &[&'a Term]) -> (String, Vec<&'a Term>) {
    let mut hidden = sentence.to_owned();
    let mut guarded: Vec<&Term> = Vec::new();
    // The longest first: a term may be part of another.
    let mut by_length = terms.to_vec();
    by_length.sort_by_key(|term| std::cmp::Reverse(term.source.len()));
    for term in by_length {
        let places: Vec<usize> = hidden.match_indices(&term.source).map(|(at, _)| at).collect();
        let whole = |at: &usize| is_whole(&hidden, *at..*at + term.source.len());
        // One place each: a name said twice is translated as one person, and what is missed is told.
        if let Some(at) = places.into_iter().find(whole) {
            hidden.replace_range(at..at + term.source.len(), &placeholder(guarded.len()));
            guarded.push(term);
        }
    }
    (hidden, guarded)
}

/// The translation with each placeholder's wording; none where one did not come back exactly once.
pub(super) fn reveal(translated: &str, guarded: &[&Term]) -> Option<String> {
    let mut text = translated.to_owned();
    for (number, term) in guarded.iter().enumerate().rev() {
        let name = placeholder(number);
        let mut places = text.match_indices(&name).map(|(at, _)| at);
        let (at, None) = (places.next()?, places.next()) else { return None };
        if !is_whole(&text, at..at + name.len()) {
            return None;
        }
        let begins = text[..at].chars().all(|c| !c.is_alphanumeric());
        let wording = if begins { capitalised(&term.target) } else { term.target.clone() };
        text.replace_range(at..at + name.len(), &wording);
    }
    Some(text)
}

/// At the beginning of a sentence a word has a capital, whatever the glossary writes.
fn capitalised(wording: &str) -> String {
    let mut chars = wording.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn term(source: &str, target: &str) -> Term {
        Term { source: source.into(), target: target.into(), ..Term::default() }
    }

    #[test]
    fn a_term_is_hidden_as_a_whole_word_and_the_longest_first() {
        let (boss, big) = (term("boss", "chefe"), term("big boss", "chefão"));
        let (hidden, guarded) = hide("The big boss is no bossy boss.", &[&boss, &big]);
        assert_eq!(hidden, "The XQ1 is no bossy XQ2.");
        assert_eq!(guarded, [&big, &boss]);
        assert_eq!(hide("bossy", &[&boss]), ("bossy".to_owned(), Vec::new()));
    }

    #[test]
    fn what_was_hidden_comes_back_or_nothing_does() {
        let (boss, big) = (term("boss", "chefe"), term("big boss", "chefão"));
        let guarded = [&big, &boss];
        assert_eq!(reveal("XQ1 não é XQ2.", &guarded).as_deref(), Some("Chefão não é chefe."));
        assert_eq!(reveal("O XQ2 e o XQ1.", &guarded).as_deref(), Some("O chefe e o chefão."));
        for lost in ["O XQ1.", "XQ1 XQ2 XQ2", "XQ1, XQ21", "o xq1 e o xq2"] {
            assert_eq!(reveal(lost, &guarded), None, "{lost}");
        }
    }

    #[test]
    fn a_form_that_is_as_right_is_there_already() {
        let wed = Term { forms: vec!["casando".into()], ..term("tying the knot", "casar") };
        assert!(is_in("Vocês estão Casando!", &wed));
        assert!(!is_in("Casanova chegou.", &term("x", "casa")));
    }
}
