//! Is a wording far too short for what is said, or too long for its time?

use super::words::{count, is_spaceless};
use super::{Flaw, FlawKind, Judged};
use crate::pace::Pace;

/// Words of source that one word of a translation can stand for, and what any line may lose: "Get out!" says
/// 你给我滚出去 and more. Twelve words of source against one, eighteen against two.
const WORDS_PER_WORD: f64 = 6.0;
const SLACK: f64 = 6.0;

/// A take may be estimated this much too long: readers differ by a tenth (Pellegrino et al. 2011, standard
/// deviations), and the syllables are estimated too.
const DOUBT: f64 = 1.1;

/// Much shorter than its source?
pub(super) fn too_short(judged: &Judged<'_>) -> Option<Flaw> {
    let source = distinct_words(judged);
    let said = count(judged.text, judged.to);
    (source > SLACK + WORDS_PER_WORD * said.max(0.5)).then(|| {
        let what = format!("{said:.0} words stand for about {source:.0} of the source: something is missing");
        Flaw::new(FlawKind::TooShort, what)
    })
}

/// Words of the source; what is repeated counts once: 啊啊啊啊 is one cry, and a name called five times one call.
fn distinct_words(judged: &Judged<'_>) -> f64 {
    let text = judged.source;
    let mut seen: Vec<&str> = Vec::new();
    let mut characters = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if seen.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            continue;
        }
        seen.push(word);
        let mut of_word: Vec<char> = word.chars().filter(|c| is_spaceless(*c)).collect();
        of_word.dedup();
        characters += of_word.len();
    }
    let all: std::collections::BTreeSet<char> = text.chars().filter(|c| is_spaceless(*c)).collect();
    // Ten Chinese characters are as much as twelve words to a dubber: 1.2 words each, where nothing repeats.
    let dense = characters.min(all.len() * 3 / 2) as f64 * if judged.from.primary() == "th" { 0.3 } else { 1.2 };
    let spaced = seen.iter().filter(|word| !word.chars().any(is_spaceless)).count() as f64;
    dense + spaced
}

/// Too long for its time, as its language is spoken?
pub(super) fn too_long(judged: &Judged<'_>, pace: &Pace) -> Option<Flaw> {
    let room = judged.room?;
    let needed = pace.estimate(judged.text);
    (needed > room.scaled(DOUBT)).then(|| {
        let characters = pace.characters_for(room);
        let what = format!("it takes about {needed} to say, and there is {room}: about {characters} characters fit");
        Flaw::new(FlawKind::TooLong, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::time::Delta;

    fn judged<'a>(source: &'a str, text: &'a str, from: &'a Lang, to: &'a Lang, room: Option<Delta>) -> Judged<'a> {
        Judged { source, text, from, to, matches: &[], bans: &[], room }
    }

    #[test]
    fn one_word_for_a_sentence_is_too_short() {
        let short = |from: &str, to: &str, source: &str, text: &str| {
            let (from, to): (Lang, Lang) = (from.parse().unwrap(), to.parse().unwrap());
            too_short(&judged(source, text, &from, &to, None)).is_some()
        };
        assert!(short("zh", "en", "奶奶的手术费，是我卖了嫁妆凑的，你问过一句吗？", "What?"));
        assert!(short("zh", "th", "奶奶的手术费，是我卖了嫁妆凑的，你问过一句吗？", "อะไร"));
        assert!(short(
            "en",
            "pt",
            "I offered her two million dollars and she set my whole contract on fire.",
            "Ofereci."
        ));
        for (from, to, source, text) in [
            ("zh", "en", "你给我滚出去！", "Out!"),
            ("zh", "en", "够了！你别说了！", "Enough!"),
            ("zh", "en", "啊啊啊啊啊啊啊啊啊啊啊啊！", "Aaah!"),
            ("zh", "en", "知意！知意！知意！知意！知意！", "Zhiyi!"),
            ("zh", "en", "你到底想怎么样啊？", "What do you want?"),
            ("en", "pt", "No, no, no, no, no, no, no, no, no, no, no, no, no, no!", "Não!"),
            ("en", "zh", "I never lie. I just leave out the parts people won't like.", "我从不说谎，只是有些话不说。"),
            ("zh", "th", "你到底想怎么样啊？", "คุณต้องการอะไรกันแน่"),
        ] {
            assert!(!short(from, to, source, text), "{source} | {text}");
        }
    }

    #[test]
    fn what_cannot_be_said_in_its_time_is_too_long() {
        let (from, to): (Lang, Lang) = ("zh".parse().unwrap(), "en".parse().unwrap());
        let pace = Pace::new(&to);
        let text = "You signed the divorce papers three years ago and I never heard from you again.";
        let long = |room: Option<i64>| too_long(&judged("一", text, &from, &to, room.map(Delta::from_ms)), &pace);
        assert!(long(None).is_none() && long(Some(5000)).is_none());
        let flaw = long(Some(2000)).unwrap();
        assert_eq!(flaw.kind, FlawKind::TooLong);
        assert!(flaw.what.contains("2.000 s"), "{}", flaw.what);
    }
}
