//! Names by their capitals: runs of capitalised words in sentences.
//!
//! A sentence begins with a capital whatever its first word is ("Find Adrian"), so that a word counts as a name, or as
//! the first of one, only where a capital stands inside a sentence somewhere, or a glossary has it as a name. Does not
//! know which of two spellings is right.

use super::super::words::{Word, bare_words};
use std::collections::BTreeSet;

/// Words before a name that are no part of it.
pub(super) const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "sir",
    "ceo",
    "president",
    "chairman",
    "director",
    "master",
    "young",
    "old",
    "little",
    "brother",
    "sister",
    "uncle",
    "auntie",
    "aunt",
    "grandma",
    "grandpa",
    "sr",
    "sra",
    "srta",
    "señor",
    "señora",
    "señorita",
    "don",
    "doña",
    "senhor",
    "senhora",
    "presidente",
    "diretor",
    "director",
    "pak",
    "bu",
    "tuan",
    "nyonya",
    "nona",
    "kak",
    "bang",
    "the",
    "captain",
    "professor",
    "attorney",
    "secretary",
    "assistant",
    "officer",
    "manager",
    "madam",
    "lady",
    "lord",
    "i",
];

/// Titles that a full stop shortens and ends no sentence after.
const SHORTENED: &[&str] = &["mr", "mrs", "ms", "dr", "sr", "sra", "srta", "prof", "st"];

/// Marks that speech begins behind, where nothing parts them from its first word.
const OPENING: &[char] = &['"', '“', '„', '«', '\'', '‘', '(', '[', '¿', '¡', '♪'];

/// What may be names in each text, by what all of them show of their words; `listed` are names of the glossary.
pub(super) fn names<'a>(
    texts: impl Iterator<Item = &'a str>,
    listed: impl Iterator<Item = &'a str>,
) -> Vec<Vec<String>> {
    let texts: Vec<(&str, Vec<Word>)> = texts.map(|text| (text, bare_words(text))).collect();
    let known = Known::of(&texts, listed);
    texts.iter().map(|(text, words)| of_text(text, words, &known)).collect()
}

/// What is known of words, in lower case, from all texts together.
struct Known<'a> {
    small: BTreeSet<&'a str>,
    /// Capitalised where no sentence begins.
    inside: BTreeSet<&'a str>,
    listed: BTreeSet<String>,
}

impl<'a> Known<'a> {
    fn of<'b>(texts: &'a [(&str, Vec<Word>)], listed: impl Iterator<Item = &'b str>) -> Known<'a> {
        let listed = listed.flat_map(bare_words).map(|word| word.text).collect();
        let mut known = Known { small: BTreeSet::new(), inside: BTreeSet::new(), listed };
        for (text, words) in texts {
            // Where all is in capitals none of them says anything.
            let is_shouted = !text.chars().any(char::is_lowercase);
            for word in words {
                if !word.upper {
                    known.small.insert(&word.text);
                } else if !is_shouted && !begins(text, word) {
                    known.inside.insert(&word.text);
                }
            }
        }
        known
    }

    /// May it be a name, though a sentence begins with it?
    fn is_name(&self, word: &Word) -> bool {
        let word = word.text.as_str();
        self.listed.contains(word) || self.inside.contains(word) && !self.small.contains(word)
    }
}

/// Does a sentence begin with this word?
fn begins(text: &str, word: &Word) -> bool {
    let before = &text[..word.range.start];
    // O'Brien, Jean-Luc.
    if word.joined && !before.ends_with('.') {
        return false;
    }
    if before.ends_with(OPENING) {
        return true;
    }
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || "\"“”'‘’«»()[]¿¡♪-–—".contains(c));
    let Some(rest) = before.strip_suffix('.') else {
        return before.is_empty() || before.ends_with(['!', '?', '…', ':']);
    };
    let last = rest.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    !SHORTENED.contains(&last.to_lowercase().as_str())
}

fn of_text(text: &str, words: &[Word], known: &Known<'_>) -> Vec<String> {
    let goes_on = |a: &Word, b: &Word| {
        let gap = &text[a.range.end..b.range.start];
        a.upper && b.upper && matches!(gap, " " | "-" | "‑" | "·")
    };
    let runs = words.chunk_by(goes_on).filter(|run| run[0].upper);
    let mut names: Vec<String> = runs.flat_map(|run| of_run(run, text, known)).collect();
    names.sort();
    names.dedup();
    names
}

/// What may be the name in a run of capitalised words: the run without titles, and where it begins a sentence the
/// run without that word too, which may be any ("Ask Adrian").
fn of_run(run: &[Word], text: &str, known: &Known<'_>) -> Vec<String> {
    let titles = run.iter().take_while(|word| TITLES.contains(&word.text.as_str())).count();
    let piece = |run: &[Word]| {
        let name = text.get(run.first()?.range.start..run.last()?.range.end)?;
        (name.chars().filter(|c| c.is_alphabetic()).count() >= 2).then(|| name.to_owned())
    };
    let run = &run[titles..];
    let [first, rest @ ..] = run else { return Vec::new() };
    if titles > 0 || !begins(text, first) {
        return piece(run).into_iter().collect();
    }
    let whole = known.is_name(first).then(|| piece(run)).flatten();
    whole.into_iter().chain(piece(rest)).collect()
}
