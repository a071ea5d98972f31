//! Where words really lie: a recognizer's word times, corrected by where there is speech.
//!
//! Pure. Does not know what the words say.

use crate::script::Word;
use crate::time::{Delta, Span, Time};

/// A part of a word shorter than this beside a pause is an error of alignment.
const CRUMB: Delta = Delta::from_ms(40);
/// A first or last word this close to the edge of its speech begins or ends there.
const SNAP: Delta = Delta::from_ms(350);

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
    snap(words, speech);
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
