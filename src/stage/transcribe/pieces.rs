//! Cuts sound into the pieces that a recognizer hears one by one.
//!
//! Pure. Does not know the recognizer; only that it hears at most [`LONGEST`] at once, that a word
//! cut in two is heard as neither half, and that a change of language shows at a pause, if anywhere.

use crate::audio::Audio;
use crate::time::{Delta, Span, Time};

/// Longest piece; a recognizer's window is 30 s, and its model stumbles where speech fills it.
pub const LONGEST: Delta = Delta::from_ms(28_000);
/// Pauses that end a piece, by how much it holds already. A piece of a word or two is heard worse, for
/// want of context, so only a long pause parts what is short; a long pause is also where another
/// scene, another speaker and another language begin.
const PAUSES: [(Delta, Delta); 2] =
    [(Delta::from_ms(15_000), Delta::from_ms(250)), (Delta::ZERO, Delta::from_ms(1_000))];
/// Silence kept before and after the speech of a piece, as far as there is any.
const MARGIN: Delta = Delta::from_ms(300);
/// A speech that is too long is cut within this much of its end.
const SEARCH: Delta = Delta::from_ms(8_000);
/// Width of the window whose level is measured there.
const HUSH: Delta = Delta::from_ms(60);

/// Pieces in order, apart from each other, each at most [`LONGEST`], that hold all of `speech`.
///
/// `speech` must be in order and apart; `sound` is what it was found in.
pub fn pieces(sound: &Audio, speech: &[Span]) -> Vec<Span> {
    // Room is left for the margins, so that a piece with them is never too long.
    let limit = LONGEST - MARGIN - MARGIN;
    let mut packed: Vec<Span> = Vec::new();
    for part in speech.iter().flat_map(|&span| cut(sound, span, limit)) {
        match packed.last_mut() {
            Some(last) if fits(*last, part, limit) => last.end = part.end,
            _ => packed.push(part),
        }
    }
    widen(&packed, Time::ZERO + sound.duration())
}

fn fits(piece: Span, next: Span, limit: Delta) -> bool {
    let pause = next.start - piece.end;
    let ended = PAUSES.iter().any(|&(holds, enough)| piece.duration() >= holds && pause >= enough);
    next.end - piece.start <= limit && !ended
}

/// Cuts a span that is too long at its quietest point, and what is left of it again.
fn cut(sound: &Audio, span: Span, limit: Delta) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut rest = span;
    while rest.duration() > limit {
        let at = quietest(sound, Span::new(rest.start + limit - SEARCH, rest.start + limit));
        parts.push(Span::new(rest.start, at));
        rest.start = at;
    }
    parts.push(rest);
    parts
}

/// The middle of the quietest short window within `span`; the last of equals, so that pieces stay long.
fn quietest(sound: &Audio, span: Span) -> Time {
    let channels = usize::from(sound.channels.max(1));
    let frame = |time: Time| usize::try_from(time.samples(sound.rate)).unwrap_or(0).min(sound.frames());
    let width = frame(Time::ZERO + HUSH).max(1);
    let (first, last) = (frame(span.start), frame(span.end));
    let energy = |start: usize| -> f64 {
        let window = &sound.samples[start * channels..(start + width).min(sound.frames()) * channels];
        window.iter().map(|s| f64::from(*s) * f64::from(*s)).sum()
    };
    let best = (first..last.saturating_sub(width)).step_by((width / 4).max(1)).map(|start| (start, energy(start)));
    let best = best.reduce(|best, next| if next.1 <= best.1 { next } else { best });
    match best {
        Some((start, _)) => Time::from_samples((start + width / 2) as i64, sound.rate),
        None => span.end,
    }
}

/// Takes in some of the silence around each piece; neighbours share what is between them.
fn widen(pieces: &[Span], end: Time) -> Vec<Span> {
    let widened = pieces.iter().enumerate().map(|(index, piece)| {
        let before =
            index.checked_sub(1).map_or(piece.start - Time::ZERO, |i| (piece.start - pieces[i].end).scaled(0.5));
        let after = pieces.get(index + 1).map_or(end - piece.end, |next| (next.start - piece.end).scaled(0.5));
        Span::new(piece.start - before.clamp(Delta::ZERO, MARGIN), piece.end + after.clamp(Delta::ZERO, MARGIN))
    });
    widened.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(seconds: usize) -> Audio {
        Audio { rate: 16_000, channels: 1, samples: vec![0.1; seconds * 16_000] }
    }

    fn ms(spans: &[(i64, i64)]) -> Vec<Span> {
        spans.iter().map(|&(a, b)| Span::from_ms(a, b)).collect()
    }

    #[test]
    fn neighbours_are_packed_and_long_pauses_part_them() {
        let speech = ms(&[(1000, 3000), (3500, 5000), (8000, 9000)]);
        assert_eq!(pieces(&sound(10), &speech), ms(&[(700, 5300), (7700, 9300)]));
    }

    #[test]
    fn margins_stop_at_the_edges_and_half_way_to_the_neighbour() {
        let mut speech = vec![Span::from_ms(100, 14_000), Span::from_ms(14_200, 20_000)];
        speech.push(Span::from_ms(20_500, 29_000));
        assert_eq!(pieces(&sound(29), &speech), ms(&[(0, 20_250), (20_250, 29_000)]));
    }

    #[test]
    fn a_long_speech_is_cut_where_it_is_quietest() {
        let mut long = sound(60);
        // A hush of 80 ms at 24.0 s, within the last 8 s of what fits.
        long.samples[24 * 16_000..24 * 16_000 + 1280].fill(0.001);
        let found = pieces(&long, &ms(&[(0, 60_000)]));
        assert!((found[0].end - Time::from_ms(24_040)).abs() <= Delta::from_ms(20), "{found:?}");
        assert!(found.iter().all(|piece| piece.duration() <= LONGEST));
        for pair in found.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
        assert_eq!(found.last().map(|piece| piece.end), Some(Time::from_ms(60_000)));
    }

    #[test]
    fn every_piece_is_short_enough_and_all_speech_is_in_one() {
        let speech: Vec<Span> = (0..200).map(|i| Span::from_ms(i * 1370, i * 1370 + 900 + (i * 37) % 400)).collect();
        let found = pieces(&sound(280), &speech);
        for span in &speech {
            assert!(found.iter().any(|piece| piece.start <= span.start && span.end <= piece.end), "{span}");
        }
        for pair in found.windows(2) {
            assert!(pair[0].end <= pair[1].start);
        }
        assert!(found.iter().all(|piece| piece.duration() <= LONGEST));
    }

    #[test]
    fn no_speech_makes_no_piece() {
        assert!(pieces(&sound(5), &[]).is_empty());
    }
}
