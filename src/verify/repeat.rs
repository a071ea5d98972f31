//! Does a line say what its neighbour says, where the sources differ? Models do that when they translate a line of
//! the context instead of the line.

use super::{Flaw, FlawKind};
use crate::lang::Lang;
use std::collections::BTreeSet;

/// Two lines may well share a word or two ("Yes, sir."); from here on it is no chance.
const WORDS: usize = 3;
/// The same in languages without spaces, in characters.
const CHARACTERS: usize = 6;
/// Sources that share this much of what they say may read the same.
const ALIKE: f64 = 0.5;

/// What is wrong, where `text` repeats the wording of a neighbour whose source says something else.
pub fn repetition(source: &str, text: &str, neighbour: (&str, &str), to: &Lang) -> Option<Flaw> {
    let (other_source, other_text) = neighbour;
    let (words, others) = (words(text, to), words(other_text, to));
    let enough = if to.is_spaceless() { CHARACTERS } else { WORDS };
    if others.len() < enough || likeness(source, other_source) >= ALIKE {
        return None;
    }
    // Whole, or with something of its own before or after it; half of it all at least, or it is a quotation.
    let holds = words.windows(others.len()).any(|piece| piece == others) && words.len() <= 2 * others.len();
    holds.then(|| Flaw::new(FlawKind::Repeated, format!("it says {other_text:?}, which is the line beside it")))
}

/// How much two sources share: pairs of characters, as a share of the shorter one's.
fn likeness(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let plain: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        match plain[..] {
            [one] => [(one, one)].into(),
            _ => plain.windows(2).map(|pair| (pair[0], pair[1])).collect(),
        }
    };
    let (a, b) = (pairs(a), pairs(b));
    let shorter = a.len().min(b.len());
    if shorter == 0 { 1.0 } else { a.intersection(&b).count() as f64 / shorter as f64 }
}

/// Words as they are compared; characters where a language has no spaces.
fn words(text: &str, language: &Lang) -> Vec<String> {
    let lower = text.to_lowercase();
    if language.is_spaceless() {
        return lower.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect();
    }
    lower
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(source: &str, text: &str, neighbour: (&str, &str)) -> bool {
        repetition(source, text, neighbour, &"en".parse().unwrap()).is_some()
    }

    #[test]
    fn the_neighbours_words_for_another_source_are_a_flaw() {
        let before = ("你怎么来了？", "What are you doing here?");
        assert!(repeats("我来拿我的东西。", "What are you doing here?", before));
        assert!(repeats("我来拿我的东西。", "What are you doing here? My things.", before));
        let flaw = repetition("走吧", "What are you doing here?", before, &"en".parse().unwrap()).unwrap();
        assert_eq!(flaw.kind, FlawKind::Repeated);
        assert!(flaw.what.contains("What are you doing here?"));
    }

    #[test]
    fn people_do_say_the_same() {
        let before = ("你怎么来了？", "What are you doing here?");
        assert!(!repeats("你怎么来了？！", "What are you doing here?", before), "the source repeats too");
        assert!(!repeats("你怎么会来的？", "What are you doing here?", ("你怎么会来？", "What are you doing here?")));
        assert!(!repeats("好的。", "Yes, sir.", ("是。", "Yes, sir.")), "too short to tell");
        assert!(!repeats("我来拿东西。", "I came for my things.", before));
        let quoted = "He asked me what are you doing here, and then he turned around and left the house.";
        assert!(!repeats("他问我你怎么来了，然后就走了。", quoted, ("哼，你来啦", "What are you doing here")));
    }

    #[test]
    fn languages_without_spaces_are_compared_by_characters() {
        let zh: Lang = "zh".parse().unwrap();
        assert!(
            repetition("Leave me alone.", "你来这里干什么？", ("Why are you here?", "你来这里干什么？"), &zh).is_some()
        );
        assert!(repetition("Leave me alone.", "别烦我。", ("Why are you here?", "你来这里干什么？"), &zh).is_none());
    }
}
