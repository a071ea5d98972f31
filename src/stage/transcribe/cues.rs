//! Words to cues: one sentence, or what is said between two pauses, and never too much at once.
//!
//! Pure. Does not know the sound: words bring their times, corrected before.

use super::text::{ends_clause, ends_sentence};
use crate::lang::Lang;
use crate::script::{Cue, Word};
use crate::time::{Delta, Span, Time};
use std::ops::Range;

/// A pause that ends a cue anywhere, and one that ends it after a comma.
const PAUSE: Delta = Delta::from_ms(500);
const CLAUSE_PAUSE: Delta = Delta::from_ms(350);
/// A cue this short joins its neighbour, if the neighbour is this near: "好。" is no line to be dubbed alone.
const SHORT: Delta = Delta::from_ms(800);
const NEAR: Delta = Delta::from_ms(300);
const HESITATION: Delta = Delta::from_ms(1_200);
/// Longest cue: the longest subtitle of the Netflix Timed Text Style Guide.
const LONGEST: Delta = Delta::from_ms(7_000);
/// Shortest span of a cue, as far as the next one leaves room.
const SHORTEST: Delta = Delta::from_ms(300);

/// Most characters of a cue: two lines of a subtitle, and for scripts whose characters are words or
/// syllables about what is said in the longest cue.
fn most_characters(language: &Lang) -> usize {
    match language.primary() {
        "zh" | "ja" | "ko" | "yue" => 40,
        _ => 84,
    }
}

/// Cues from words in order; ids are counted from `first_id`.
pub(super) fn cues(words: &[Word], language: &Lang, first_id: u32) -> Vec<Cue> {
    let limit = most_characters(language);
    let sentences = join_short(words, sentences(words), limit);
    let ranges = sentences.into_iter().flat_map(|range| split(words, range, limit));
    let mut cues: Vec<Cue> = Vec::new();
    for range in ranges {
        let words = &words[range];
        let text = text(words);
        let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
        if text.is_empty() {
            continue;
        }
        let probability: f32 = words.iter().map(|word| word.probability).sum();
        cues.push(Cue {
            id: first_id + cues.len() as u32,
            span: Span::new(first.span.start, last.span.end),
            text,
            speaker: None,
            words: words.to_vec(),
            confidence: Some(probability / words.len() as f32),
        });
    }
    lengthen(&mut cues);
    cues
}

fn text(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<String>().trim().to_owned()
}

fn length(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.chars().count()).sum()
}

fn span(words: &[Word]) -> Span {
    let start = words.first().map_or(Time::ZERO, |word| word.span.start);
    Span::new(start, words.last().map_or(start, |word| word.span.end))
}

/// Ranges that end with a sentence or a pause.
fn sentences(words: &[Word]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1);
        let pause = next.map(|next| next.span.start - word.span.end);
        let enough = if ends_clause(&word.text) { CLAUSE_PAUSE } else { PAUSE };
        let ends = ends_sentence(&word.text, next.map(|next| next.text.as_str()));
        if ends || pause.is_none_or(|pause| pause >= enough) {
            ranges.push(start..index + 1);
            start = index + 1;
        }
    }
    ranges
}

/// Joins short ranges to what follows, or to what came before, where that is near.
fn join_short(words: &[Word], ranges: Vec<Range<usize>>, limit: usize) -> Vec<Range<usize>> {
    // A word without a mark after it begins what comes next, even where its speaker hesitates.
    let alone = |range: &Range<usize>| {
        range.len() == 1 && !ends_clause(&words[range.start].text) && !ends_sentence(&words[range.start].text, None)
    };
    let joinable = |left: &Range<usize>, right: &Range<usize>| {
        let both = &words[left.start..right.end];
        let gap = words[right.start].span.start - words[left.end - 1].span.end;
        gap < if alone(left) { HESITATION } else { NEAR } && span(both).duration() <= LONGEST && length(both) <= limit
    };
    let short = |range: &Range<usize>| span(&words[range.clone()]).duration() < SHORT;
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if (short(last) || short(&range)) && joinable(last, &range) => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}

/// Splits a range that is too long at its best point, and the parts again.
fn split(words: &[Word], range: Range<usize>, limit: usize) -> Vec<Range<usize>> {
    let whole = &words[range.clone()];
    let time = span(whole);
    if (time.duration() <= LONGEST && length(whole) <= limit) || range.len() < 2 {
        return vec![range];
    }
    let total = length(whole).max(1) as f64;
    // A mark or a pause is worth going off the middle for, but not to the very edge.
    let merit = |at: &usize| {
        let left = length(&words[range.start..*at]) as f64 / total;
        let off_middle = (left - 0.5).abs() * 2.0;
        let pause = (words[*at].span.start - words[*at - 1].span.end).seconds().clamp(0.0, 0.5);
        let mark = if ends_clause(&words[*at - 1].text) { 0.8 } else { 0.0 };
        mark + pause * 1.6 - off_middle
    };
    let best = (range.start + 1..range.end).max_by(|a, b| merit(a).total_cmp(&merit(b)));
    match best {
        Some(at) => [split(words, range.start..at, limit), split(words, at..range.end, limit)].concat(),
        None => vec![range],
    }
}

/// Gives very short cues some of the silence behind them.
fn lengthen(cues: &mut [Cue]) {
    for index in 0..cues.len() {
        let next = cues.get(index + 1).map(|next| next.span.start);
        let span = &mut cues[index].span;
        let wanted = span.end.max(span.start + SHORTEST);
        span.end = next.map_or(wanted, |next| wanted.min(next)).max(span.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    /// Words at their times in milliseconds.
    fn words(items: &[(&str, i64, i64)]) -> Vec<Word> {
        let word = |&(text, start, end): &(&str, i64, i64)| Word {
            span: Span::from_ms(start, end),
            text: text.to_owned(),
            probability: 0.8,
        };
        items.iter().map(word).collect()
    }

    /// Characters of `text`, `step` ms each.
    fn even(text: &str, step: i64) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for c in text.chars() {
            match words.last_mut() {
                Some(last) if !c.is_alphanumeric() => last.text.push(c),
                _ => {
                    let at = words.len() as i64 * step;
                    words.push(Word { span: Span::from_ms(at, at + step), text: c.into(), probability: 0.8 });
                }
            }
        }
        words
    }

    fn texts(cues: &[Cue]) -> Vec<&str> {
        cues.iter().map(|cue| cue.text.as_str()).collect()
    }

    #[test]
    fn sentences_become_cues() {
        let cues = cues(&even("你是谁派来的？我是顾总的人。快走，他们来了！", 250), &lang("zh"), 1);
        assert_eq!(texts(&cues), ["你是谁派来的？", "我是顾总的人。", "快走，他们来了！"]);
        assert_eq!(cues.iter().map(|cue| cue.id).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(cues[1].span, Span::from_ms(1500, 3000));
        assert_eq!(cues[1].confidence, Some(0.8));
    }

    #[test]
    fn pauses_part_what_is_not_punctuated() {
        let w = words(&[("你来", 0, 500), ("了", 500, 900), ("坐", 1500, 2000), ("吧", 2000, 2400)]);
        assert_eq!(texts(&cues(&w, &lang("zh"), 1)), ["你来了", "坐吧"]);
    }

    #[test]
    fn abbreviations_and_numbers_do_not_end_a_cue() {
        let w = words(&[
            (" Mr.", 0, 300),
            (" Gu", 300, 700),
            (" paid", 700, 1100),
            (" 3.", 1100, 1500),
            ("5", 1500, 1700),
            (" million.", 1700, 2300),
        ]);
        assert_eq!(texts(&cues(&w, &lang("en"), 1)), ["Mr. Gu paid 3.5 million."]);
    }

    #[test]
    fn a_word_alone_joins_its_neighbour_unless_it_is_far() {
        let near = words(&[("好。", 0, 300), ("我", 350, 700), ("知道了。", 700, 1500)]);
        assert_eq!(texts(&cues(&near, &lang("zh"), 1)), ["好。我知道了。"]);
        let far = words(&[("好。", 0, 300), ("我", 900, 1300), ("知道了。", 1300, 2000)]);
        assert_eq!(texts(&cues(&far, &lang("zh"), 1)), ["好。", "我知道了。"]);
    }

    #[test]
    fn a_word_before_a_hesitation_is_no_cue() {
        let hesitant = words(&[("故", 0, 350), ("总", 1200, 1500), ("别来无恙。", 1500, 2600)]);
        assert_eq!(texts(&cues(&hesitant, &lang("zh"), 1)), ["故总别来无恙。"]);
    }

    #[test]
    fn long_sentences_are_split_at_a_comma_near_the_middle() {
        let text = "中午阳光明媚照在身上暖洋洋的，仿佛是一场心灵的抚慰让人久久不能忘怀。";
        let cues = cues(&even(text, 280), &lang("zh"), 1);
        assert_eq!(texts(&cues), ["中午阳光明媚照在身上暖洋洋的，", "仿佛是一场心灵的抚慰让人久久不能忘怀。"]);
    }

    #[test]
    fn no_cue_is_longer_than_the_limits() {
        let text = "天".repeat(173);
        for cue in cues(&even(&text, 210), &lang("zh"), 1) {
            assert!(cue.span.duration() <= LONGEST, "{}", cue.span);
            assert!(cue.text.chars().count() <= 40);
        }
    }

    #[test]
    fn cues_never_overlap_and_are_never_too_short_to_see() {
        let w = words(&[("走！", 0, 100), ("快", 700, 720), ("来！", 720, 800), ("啊", 2000, 2010)]);
        let found = cues(&w, &lang("zh"), 1);
        assert_eq!(found[0].span, Span::from_ms(0, 300));
        assert_eq!(found.last().map(|cue| cue.span), Some(Span::from_ms(2000, 2300)));
        for pair in found.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start);
        }
    }
}
