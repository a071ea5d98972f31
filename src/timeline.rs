//! Fitting: where each take begins and how long it may last.
//!
//! Pure: durations in, placements out. Does not know sound, engines or files. Each take is placed
//! against its own cue, so that nothing can drift: a late line never delays the one after the next.

use crate::settings::FitSettings;
use crate::time::{Delta, Span, Time};
use serde::{Deserialize, Serialize};

/// A spoken line, to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// The cue.
    pub cue: u32,
    /// When the cue is spoken in the source.
    pub span: Span,
    /// Length of the take as it was spoken.
    pub take: Delta,
}

/// A take in its place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// The cue.
    pub cue: u32,
    /// When the take is heard.
    pub span: Span,
    /// How much shorter than spoken it is made, pitch kept: 1.1 is a tenth faster; 1 is untouched.
    pub stretch: f64,
    /// How much later than its cue it starts.
    pub delay: Delta,
    /// How far it runs past the end of its cue into silence.
    pub borrowed: Delta,
    /// How long it sounds together with the next take although the cues do not.
    pub overlap: Delta,
}

/// An episode's takes in their places.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// In the cues' order.
    pub placements: Vec<Placement>,
}

/// A take may start this much late when the one before it overruns; a viewer accepts speech up to
/// 185 ms late (ITU-R BT.1359-1, acceptability) on lips, and more where a line merely follows another.
pub const MAX_DELAY: Delta = Delta::from_ms(250);

/// Cues that overlap by at least this much are spoken at once on purpose.
const MEANT_OVERLAP: Delta = Delta::from_ms(150);

/// Room of each cue: from its start to where the next one or one of the `songs` starts, less the gap, or to `end`.
/// Never less than the cue itself, nor beyond `end`. A cue that overlaps the next one on purpose
/// has room to its own end.
pub fn rooms(cues: &[Span], songs: &[Span], end: Time, settings: &FitSettings) -> Vec<Delta> {
    let gap = Delta::from_ms(settings.gap_ms);
    let room = |(index, cue): (usize, &Span)| {
        // The first later cue that does not sound together with this one on purpose.
        let next = cues[index + 1..].iter().find(|next| !meant(*cue, **next)).map_or(end, |next| next.start - gap);
        let song = songs.iter().map(|song| song.start).filter(|start| *start > cue.start).min();
        let limit = next.min(end).min(song.map_or(end, |start| start - gap));
        (limit - cue.start).max(cue.duration().min(end - cue.start)).max(Delta::ZERO)
    };
    cues.iter().enumerate().map(room).collect()
}

fn meant(a: Span, b: Span) -> bool {
    a.overlap(b).is_some_and(|shared| shared.duration() >= MEANT_OVERLAP)
}

/// Places every take: first silence after the cue is borrowed, then the take is compressed up to
/// `max_stretch`, then the next take starts a little late; what still does not fit sounds together
/// with the next take and is told in `overlap`. Nothing is ever cut.
///
/// `slots` are in the order of their start; `end` is the end of the episode. No silence is borrowed where one of the
/// `songs` is.
pub fn fit(slots: &[Slot], songs: &[Span], end: Time, settings: &FitSettings) -> Timeline {
    let spans: Vec<Span> = slots.iter().map(|slot| slot.span).collect();
    let rooms = rooms(&spans, songs, end, settings);
    let gap = Delta::from_ms(settings.gap_ms);
    let mut placements: Vec<Placement> = Vec::with_capacity(slots.len());
    for (index, slot) in slots.iter().enumerate() {
        let mut start = slot.span.start;
        // Only the takes of cues that were apart in the source push each other.
        let busy = placements
            .iter()
            .zip(slots)
            .filter(|(_, before)| !meant(before.span, slot.span))
            .map(|(placed, _)| placed.span.end + Delta::from_ms(settings.gap_ms / 2))
            .max();
        if let Some(busy) = busy
            && busy > start
        {
            start = busy.min(start + MAX_DELAY);
        }
        let delay = start - slot.span.start;
        let room = (rooms[index] - delay).max(Delta::from_ms(1));
        let stretch = slot.take.ratio(room).clamp(1.0, settings.max_stretch.max(1.0));
        let mut length = slot.take.scaled(1.0 / stretch);
        // The last resort at the end of the film: start early rather than be cut off by it.
        if start + length > end {
            let early = (start + length) - end;
            let free = placements.iter().map(|p| p.span.end + gap).max().unwrap_or(Time::ZERO);
            start = (start - early).max(free).min(start).max(Time::ZERO);
            // A take longer than everything that is left gives way, since the film ends there.
            length = length.min((end - start).max(Delta::ZERO));
        }
        let stretch = if length < slot.take { slot.take.ratio(length.max(Delta::from_ticks(1))) } else { 1.0 };
        let span = Span::new(start, start + length);
        placements.push(Placement {
            cue: slot.cue,
            span,
            stretch,
            delay: start - slot.span.start,
            borrowed: (span.end - slot.span.end).max(Delta::ZERO),
            overlap: Delta::ZERO,
        });
    }
    for index in 0..placements.len() {
        let later = (index + 1..placements.len()).filter(|&next| !meant(slots[index].span, slots[next].span));
        let shared = later.filter_map(|next| placements[index].span.overlap(placements[next].span)).map(Span::duration);
        placements[index].overlap = shared.max().unwrap_or(Delta::ZERO);
    }
    Timeline { placements }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(cue: u32, start: i64, end: i64, take: i64) -> Slot {
        Slot { cue, span: Span::from_ms(start, end), take: Delta::from_ms(take) }
    }

    fn fitted(slots: &[Slot], end: i64) -> Vec<Placement> {
        fit(slots, &[], Time::from_ms(end), &FitSettings::default()).placements
    }

    #[test]
    fn a_song_is_no_silence_to_borrow() {
        let slots = [slot(1, 1000, 3000, 4500), slot(2, 9000, 10_000, 900)];
        let placed = |songs: &[Span]| fit(&slots, songs, Time::from_ms(12_000), &FitSettings::default()).placements;
        assert_eq!(placed(&[])[0].borrowed, Delta::from_ms(2500));
        let song = Span::from_ms(5000, 8000);
        let before = placed(&[song]);
        assert!(before[0].span.end <= song.start && before[0].stretch > 1.1, "{before:?}");
        assert_eq!(before[1], placed(&[])[1], "a song that is over takes nothing");
    }

    #[test]
    fn a_take_that_fits_is_left_alone() {
        let placed = fitted(&[slot(1, 1000, 3000, 1500)], 10_000);
        assert_eq!(placed[0].span, Span::from_ms(1000, 2500));
        assert_eq!(placed[0].stretch, 1.0);
        assert_eq!(placed[0].borrowed, Delta::ZERO);
    }

    #[test]
    fn silence_is_borrowed_before_anything_is_stretched() {
        let placed = fitted(&[slot(1, 1000, 2000, 1900), slot(2, 3000, 4000, 500)], 10_000);
        assert_eq!(placed[0].stretch, 1.0);
        assert_eq!(placed[0].borrowed, Delta::from_ms(900));
        assert_eq!(placed[1].span.start, Time::from_ms(3000));
    }

    #[test]
    fn stretch_is_bounded_then_the_next_is_late_then_it_recovers() {
        let placed = fitted(&[slot(1, 0, 1000, 1400), slot(2, 1080, 2000, 900), slot(3, 4000, 5000, 900)], 10_000);
        assert!((placed[0].stretch - 1.15).abs() < 1e-3, "{}", placed[0].stretch);
        assert!(placed[1].delay > Delta::ZERO && placed[1].delay <= MAX_DELAY);
        assert_eq!(placed[2].delay, Delta::ZERO, "lateness does not accumulate");
    }

    #[test]
    fn what_cannot_fit_overlaps_and_says_so_and_is_never_cut() {
        let placed = fitted(&[slot(1, 0, 1000, 4000), slot(2, 1100, 2000, 500), slot(3, 6000, 7000, 500)], 10_000);
        assert_eq!(placed[0].span.duration().ms(), 3478, "bounded stretch, whole length");
        assert!(placed[0].overlap > Delta::from_ms(400));
        assert_eq!(placed[1].delay, MAX_DELAY);
        assert_eq!(placed[2].delay, Delta::ZERO);
    }

    #[test]
    fn speakers_who_overlap_in_the_source_may_overlap_in_the_dub() {
        let placed = fitted(&[slot(1, 0, 2000, 1900), slot(2, 1000, 3000, 1900)], 10_000);
        assert_eq!(placed[1].delay, Delta::ZERO);
        assert_eq!(placed[0].overlap, Delta::ZERO);
    }

    #[test]
    fn the_film_does_not_grow() {
        let placed = fitted(&[slot(1, 9000, 9800, 1500)], 10_000);
        assert_eq!(placed[0].span.end, Time::from_ms(10_000));
        assert!(placed[0].span.duration() >= Delta::from_ms(1304));
    }

    #[test]
    fn placements_keep_their_promises_whatever_comes() {
        // A small linear congruential generator keeps the cases the same on every machine.
        let mut seed = 1u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let mut at = 0i64;
            let mut slots = Vec::new();
            for cue in 1..=(1 + next(20) as u32) {
                at += next(1500) as i64;
                let length = 200 + next(3000) as i64;
                slots.push(slot(cue, at, at + length, 100 + next(5000) as i64));
                at += next(2) as i64 * length;
            }
            let end = at + 8000;
            for (placed, slot) in fitted(&slots, end).iter().zip(&slots) {
                assert!(placed.delay <= MAX_DELAY && placed.delay >= Delta::ZERO, "{placed:?}");
                assert!(placed.stretch >= 1.0 && placed.stretch <= 1.1501, "{placed:?}");
                let length = placed.span.duration().scaled(placed.stretch);
                assert!((length - slot.take).abs() <= Delta::from_ms(1), "nothing is cut: {placed:?} {slot:?}");
            }
        }
    }
}
