//! Is a text a translation at all? Catches what no viewer may hear: nothing, the source, a prompt, a flood.

use super::words::{Word, bare_words};
use super::{Flaw, FlawKind, Judged, language, leak};
use crate::lang::Lang;
use crate::writing::Writing;
use std::collections::BTreeSet;

/// Characters that a translation may have for each one of the source: Chinese is dense.
const PER_DENSE_CHARACTER: usize = 14;
const PER_CHARACTER: usize = 4;
/// Very short lines may grow more than any factor says.
const SLACK: usize = 30;

/// Why the wording is no translation; none if it may be one.
pub(super) fn amiss(judged: &Judged<'_>) -> Option<Flaw> {
    let Judged { source, text, from, to, .. } = *judged;
    let flaw = |kind: FlawKind, what: String| Some(Flaw::new(kind, what));
    let spoken = text.chars().filter(|c| c.is_alphanumeric()).count();
    // Where nothing is said ("……") nothing need be.
    let said = source.chars().any(char::is_alphanumeric);
    if spoken == 0 && (said || text.trim().is_empty()) {
        return flaw(FlawKind::Empty, "the translation is empty".into());
    }
    if let Some(leak) = leak::leak(judged) {
        return flaw(FlawKind::Leak, format!("the translation holds {leak:?}, which is no speech"));
    }
    if text.contains('\n') {
        return flaw(FlawKind::SeveralLines, "the translation has several lines".into());
    }
    if let Some(left) = source_writing(judged) {
        return flaw(FlawKind::Untranslated, format!("the translation still holds {left:?} of the source"));
    }
    if source.trim() == text.trim() && is_in(from, source) && is_sentence(source, from, to) {
        return flaw(FlawKind::Echo, "the translation is the source".into());
    }
    let limit = limit(source, from, to);
    let length = text.chars().count();
    if length > limit {
        let what = format!("the translation is absurdly long ({length} characters for {limit} at most)");
        return flaw(FlawKind::Flood, what);
    }
    if let Some(foreign) = language::foreign(judged) {
        return flaw(FlawKind::WrongLanguage, format!("the translation is in {foreign}, not in {}", to.name()));
    }
    None
}

/// Characters that a translation may have at most.
fn limit(source: &str, from: &Lang, to: &Lang) -> usize {
    // A Chinese character is a word, and so is a digit where it is written out.
    let is_dense = |language: &Lang| matches!(language.primary(), "zh" | "ja");
    let dense = is_dense(from) && !is_dense(to);
    let most = |c: char| if dense || c.is_ascii_digit() { PER_DENSE_CHARACTER } else { PER_CHARACTER };
    SLACK + source.chars().map(most).sum::<usize>()
}

/// Would a translation differ? A name, an "OK" or "No, no, no, no!" may well stay as it is; a sentence may not: it has
/// words that are small words of its language and not of the other, or long ones that are no names.
fn is_sentence(source: &str, from: &Lang, to: &Lang) -> bool {
    const FEWEST_WORDS: usize = 4;
    const FEWEST_OWN: usize = 3;
    const LONG: usize = 4;
    let words = bare_words(source);
    // Writing without spaces has one word; what is left of it is told by its letters.
    if source.split_whitespace().count() < FEWEST_WORDS {
        return false;
    }
    let has_lower = source.chars().any(char::is_lowercase);
    let is_own = |(at, word): (usize, &Word)| {
        let text = word.text.as_str();
        let name = at > 0 && word.upper && has_lower;
        let small = language::small_words(from).contains(&text);
        let shared = language::small_words(to).contains(&text);
        !shared && (small || !name && text.chars().count() >= LONG)
    };
    let own: BTreeSet<&str> =
        words.iter().enumerate().filter(|word| is_own(*word)).map(|(_, word)| word.text.as_str()).collect();
    own.len() >= FEWEST_OWN
}

/// Is the text in the source language, as far as its letters tell? An English line in a Chinese episode is not.
fn is_in(from: &Lang, text: &str) -> bool {
    let of_source = Writing::of_language(from);
    of_source.is_empty() || text.chars().any(|c| Writing::of(c).is_some_and(|writing| of_source.contains(&writing)))
}

/// Letters in a writing that the source has and the target has not, apart from what the glossary put there.
fn source_writing(judged: &Judged<'_>) -> Option<String> {
    let (of_source, of_target) = (Writing::of_language(judged.from), Writing::of_language(judged.to));
    if of_source.is_empty() || of_target.is_empty() {
        return None;
    }
    let wanted = judged.matches.iter().flat_map(|found| std::iter::once(&found.target).chain(&found.forms));
    let kept = wanted
        .filter(|wording| !wording.is_empty())
        .fold(judged.text.to_owned(), |text, wording| text.replace(wording.as_str(), ""));
    // Latin is a guest in every writing: names, brands, OK.
    let foreign = |c: &char| {
        Writing::of(*c).is_some_and(|w| w != Writing::Latin && of_source.contains(&w) && !of_target.contains(&w))
    };
    let left: String = kept.chars().filter(foreign).take(8).collect();
    (!left.is_empty()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(source: &str, text: &str, from: &str, to: &str) -> Option<FlawKind> {
        let (from, to): (Lang, Lang) = (from.parse().unwrap(), to.parse().unwrap());
        let judged = Judged { source, text, from: &from, to: &to, matches: &[], bans: &[], room: None };
        amiss(&judged).map(|flaw| flaw.kind)
    }

    #[test]
    fn what_no_viewer_may_hear_is_no_translation() {
        use FlawKind::*;
        let of = |text: &str| judged("顾总今天没来，少奶奶又离家出走了", text, "zh", "en");
        assert_eq!(of("Mr. Gu isn't in today."), None);
        for (text, kind) in [
            ("", Empty),
            (" … ", Empty),
            ("Mr. 顾 isn't in.", Untranslated),
            ("<|im_end|>", Leak),
            ("```Mr. Gu```", Leak),
            ("Mr. Gu.\nHe left.", SeveralLines),
            (&"so ".repeat(200), Flood),
            ("Translation: Mr. Gu isn't in.", Leak),
            ("O Sr. Gu não está, e ela saiu de casa.", WrongLanguage),
        ] {
            assert_eq!(of(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn a_line_may_stay_as_it_is_where_it_is_no_sentence_of_the_source_language() {
        assert_eq!(judged("I will never forgive you", "I will never forgive you", "en", "pt"), Some(FlawKind::Echo));
        let guest = "Hello, my name is AutoCut.";
        assert_eq!(judged(guest, guest, "zh", "en"), None, "an English line stays English");
        assert_eq!(judged("Lin Wan!", "Lin Wan!", "en", "pt"), None);
        for same in ["No, no, no, no!", "OK, OK, OK, OK.", "Marcus Reed, Adrian Vale.", "La la la la la."] {
            assert_eq!(judged(same, same, "en", "es"), None, "{same}");
        }
        for same in ["I WILL NEVER FORGIVE YOU", "Good morning, dear sister-in-law.", "You are so cute!"] {
            assert_eq!(judged(same, same, "en", "es"), Some(FlawKind::Echo), "{same}");
        }
    }

    #[test]
    fn what_says_nothing_needs_no_words() {
        assert_eq!(judged("……", "...", "zh", "en"), None);
        assert_eq!(judged("……", " ", "zh", "en"), Some(FlawKind::Empty));
        assert_eq!(judged("嗯……", "...", "zh", "en"), Some(FlawKind::Empty));
    }

    #[test]
    fn numbers_written_out_and_thai_are_no_flood() {
        let million = "Un millón doscientos treinta y cuatro mil quinientos sesenta y siete dólares.";
        assert_eq!(judged("$1,234,567", million, "en", "es"), None);
        let thai = "ใจฉันเต้นตุบ ๆ ไม่เป็นจังหวะเลย รู้ไหมว่าฉันกังวลแค่ไหน";
        assert_eq!(judged("七上八下", thai, "zh", "th"), None);
        assert_eq!(judged("滚", &"ไปให้พ้น ".repeat(12), "zh", "th"), Some(FlawKind::Flood));
    }
}
