//! Where words really lie: a recognizer's word times, corrected by where there is speech.
//!
//! Pure. Does not know what the words say.

use super::text::{ends_clause, ends_sentence};
use crate::script::Word;
use crate::time::{Delta, Span, Time};

/// A part of a word shorter than this beside a pause is an error of alignment.
const CRUMB: Delta = Delta::from_ms(40);
/// A first or last word this close to the edge of its speech begins or ends there.
const SNAP: Delta = Delta::from_ms(350);
/// Silence that parts sentences, and how many words, in how much time, alignment may put on its wrong side.
const PAUSE: Delta = Delta::from_ms(100);
const STRAYS: usize = 2;
const STRAY: Delta = Delta::from_ms(900);

/// How much of `span` is speech.
pub(super) fn voiced(span: Span, speech: &[Span]) -> Delta {
    speech.iter().filter_map(|part| part.overlap(span)).fold(Delta::ZERO, |sum, part| sum + part.duration())
}

/// Cuts the pauses out of words: alignment counts a pause to the word before or after it. A word keeps
/// the larger of its parts; one that lies wholly in a pause stays as it is. Words must be in order,
/// and are in order and apart afterwards.
pub(super) fn settle(words: &mut [Word], speech: &[Span]) {
    let mut floor = Time::ZERO;
    for word in words.iter_mut() {
        let span = Span::new(word.span.start.max(floor), word.span.end.max(floor));
        let parts = speech.iter().filter_map(|part| part.overlap(span));
        let largest = parts.reduce(|best, part| if part.duration() >= best.duration() { part } else { best });
        word.span = match largest {
            Some(part) if part.duration() >= CRUMB || span.duration() < CRUMB => part,
            _ => nearest(span, speech, floor),
        };
        floor = word.span.end;
    }
    for pair in speech.windows(2) {
        honour_mark(words, pair[0], pair[1]);
    }
    snap(words, speech);
}

/// Moves the boundary between the words before and after a pause to a mark beside it: alignment may put
/// the first word of a sentence at the end of the speech before, or the last one behind the pause.
fn honour_mark(words: &mut [Word], before: Span, after: Span) {
    let next = words.partition_point(|word| word.span.start < after.start);
    if after.start - before.end < PAUSE || next == 0 || next >= words.len() || marked(words, next - 1) {
        return;
    }
    for count in 1..=STRAYS {
        // The last words before the pause, which begin a sentence.
        if let Some(first) = next.checked_sub(count).filter(|first| *first > 0) {
            // A sentence of its own before the pause is no stray.
            let same_speech = words[first - 1].span.end > before.start;
            if same_speech && marked(words, first - 1) && before.end - words[first].span.start <= STRAY {
                let until =
                    after.start + (words[next].span.end - after.start).scaled(count as f64 / (count + 1) as f64);
                spread(&mut words[first..next], Span::new(after.start, until));
                words[next].span = Span::new(until, words[next].span.end);
                return;
            }
        }
        // The first words after the pause, which end one.
        let last = next + count - 1;
        let goes_on = words.get(last + 1).is_some_and(|word| word.span.start < after.end);
        if goes_on && marked(words, last) && words[last].span.end - after.start <= STRAY.scaled(0.5) {
            let own = words[next - 1].span;
            let from = own.start + own.duration().scaled(1.0 / (count + 1) as f64);
            words[next - 1].span = Span::new(own.start, from);
            spread(&mut words[next..=last], Span::new(from, before.end.max(from)));
            return;
        }
    }
}

fn marked(words: &[Word], index: usize) -> bool {
    let text = &words[index].text;
    ends_clause(text) || ends_sentence(text, words.get(index + 1).map(|next| next.text.as_str()))
}

/// Gives each word an equal share of `span`.
fn spread(words: &mut [Word], span: Span) {
    let count = words.len().max(1) as f64;
    let at = |index: usize| span.start + span.duration().scaled(index as f64 / count);
    for (index, word) in words.iter_mut().enumerate() {
        word.span = Span::new(at(index), at(index + 1));
    }
}

/// A word in a pause belongs to the speech beside it, where that is near: the next one rather, since
/// alignment runs early after a pause.
fn nearest(span: Span, speech: &[Span], floor: Time) -> Span {
    let onset = speech.iter().map(|part| part.start).find(|start| *start >= span.end && *start - span.end <= SNAP);
    let offset = speech.iter().map(|part| part.end).rfind(|end| *end <= span.start && span.start - *end <= SNAP);
    let edge = onset.or(offset.filter(|offset| *offset >= floor));
    edge.map_or(span, |edge| Span::new(edge, edge))
}

/// The first word in a stretch of speech begins with it, the last one ends with it.
fn snap(words: &mut [Word], speech: &[Span]) {
    for part in speech {
        let inside = |word: &Word| part.start <= word.span.start && word.span.start < part.end;
        let Some(first) = words.iter().position(inside) else { continue };
        let last = words.iter().rposition(inside).unwrap_or(first);
        let before = first.checked_sub(1).map_or(Time::ZERO, |index| words[index].span.end);
        let after = words.get(last + 1).map(|next| next.span.start);
        let span = &mut words[first].span;
        if (span.start - part.start).abs() <= SNAP {
            span.start = part.start.max(before).min(span.end);
        }
        let span = &mut words[last].span;
        if (part.end - span.end).abs() <= SNAP {
            span.end = after.map_or(part.end, |after| part.end.min(after)).max(span.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(spans: &[(i64, i64)]) -> Vec<Word> {
        spans
            .iter()
            .map(|&(start, end)| Word { span: Span::from_ms(start, end), text: "好".into(), probability: 1.0 })
            .collect()
    }

    fn ms(words: &[Word]) -> Vec<(i64, i64)> {
        words.iter().map(|word| (word.span.start.ms(), word.span.end.ms())).collect()
    }

    #[test]
    fn pauses_are_cut_out_of_words() {
        let mut words = words(&[(0, 500), (500, 2300), (2300, 2600)]);
        settle(&mut words, &[Span::from_ms(100, 700), Span::from_ms(1900, 2700)]);
        assert_eq!(ms(&words), [(100, 700), (1900, 2300), (2300, 2700)]);
    }

    fn said(items: &[(&str, i64, i64)]) -> Vec<Word> {
        let word = |&(text, start, end): &(&str, i64, i64)| Word {
            span: Span::from_ms(start, end),
            text: text.to_owned(),
            probability: 1.0,
        };
        items.iter().map(word).collect()
    }

    #[test]
    fn the_first_word_of_a_sentence_comes_after_the_pause() {
        let speech = [Span::from_ms(0, 1000), Span::from_ms(2000, 3000)];
        let mut words =
            said(&[("破产", 0, 600), ("了？", 600, 800), ("顾", 800, 1100), ("总，", 2000, 2400), ("她", 2400, 3000)]);
        settle(&mut words, &speech);
        assert_eq!(ms(&words), [(0, 600), (600, 1000), (2000, 2200), (2200, 2400), (2400, 3000)]);
    }

    #[test]
    fn the_last_word_of_a_sentence_comes_before_the_pause() {
        let speech = [Span::from_ms(0, 1000), Span::from_ms(2000, 3000)];
        let mut words =
            said(&[("快", 0, 500), ("走", 500, 1000), ("吧！", 2000, 2200), ("他", 2200, 2600), ("来了", 2600, 3000)]);
        settle(&mut words, &speech);
        assert_eq!(ms(&words), [(0, 500), (500, 750), (750, 1000), (2000, 2600), (2600, 3000)]);
    }

    #[test]
    fn a_short_sentence_between_two_pauses_stays_there() {
        let speech = [Span::from_ms(0, 1000), Span::from_ms(2000, 2300), Span::from_ms(4000, 5000)];
        let mut words = said(&[("him.", 600, 1000), ("That", 2000, 2100), ("boy", 2100, 2300), ("She", 4000, 5000)]);
        settle(&mut words, &speech);
        assert_eq!(ms(&words)[1..], [(2000, 2100), (2100, 2300), (4000, 5000)]);
    }

    #[test]
    fn words_far_from_the_edge_stay_where_they_are() {
        let mut words = words(&[(1000, 1200)]);
        settle(&mut words, &[Span::from_ms(0, 3000)]);
        assert_eq!(ms(&words), [(1000, 1200)]);
    }

    #[test]
    fn a_word_in_a_pause_stays_and_order_is_kept() {
        let mut words = words(&[(0, 900), (700, 1300), (1250, 1260), (1250, 1900)]);
        settle(&mut words, &[Span::from_ms(0, 600), Span::from_ms(1400, 2000)]);
        let found = ms(&words);
        assert_eq!(found[0], (0, 600));
        assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{found:?}");
    }

    #[test]
    fn voiced_time_is_what_overlaps() {
        let speech = [Span::from_ms(0, 100), Span::from_ms(200, 300)];
        assert_eq!(voiced(Span::from_ms(50, 250), &speech), Delta::from_ms(100));
    }
}
