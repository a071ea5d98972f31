//! Narrowing of the loudness range: what is soft comes up and what is loud goes down, slowly.
//!
//! A rider's hand, not a compressor: the gain follows the loudness of the three seconds around each moment, and takes
//! as long to move, so that words and hits keep their shape. Does not know why a range is to be narrower.

use super::blocks::Blocks;
use super::loudness;
use crate::audio::from_db;
use crate::error::Result;

/// Most that soft and loud passages are moved by, in dB.
const RAISED_DB: f64 = 6.0;
const LOWERED_DB: f64 = 12.0;

/// What is softer than this below the whole is not speech or music but the noise between, and counts for no range. Of
/// the rest, the range lies between these shares of its time (all by EBU Tech 3342).
const GATE_LU: f64 = 20.0;
const SOFT: f64 = 0.1;
const LOUD: f64 = 0.95;

/// Seconds that short-term loudness looks at (EBU Tech 3341), and between two readings.
const WINDOW: f64 = 3.0;
const STEP: f64 = 0.1;

/// How often the measured range is compared with the wanted one.
const ROUNDS: usize = 4;

/// As near to it as a meter tells.
const CLOSE_LU: f64 = 0.5;

/// The gain of each moment that narrows the range of `sound` to `wanted` LU; none where it is no wider, or too short to
/// have one. The limits of what may be moved come before the wanted range.
///
/// # Errors
/// Fails where the sound cannot be measured.
pub(super) fn narrowing(sound: &Blocks<'_>, wanted: f64) -> Result<Option<Vec<f32>>> {
    let range = loudness::range(sound)?;
    let course = loudness::short_term(sound)?;
    // The first windows reach back before the beginning.
    let course = course.get((WINDOW / STEP) as usize - 1..).unwrap_or_default();
    let Some(middle) = loudness::integrated(sound)?.filter(|_| range > wanted && !course.is_empty()) else {
        return Ok(None);
    };
    let (soft, loud) = ends(course, middle - GATE_LU);
    let middle = (soft + loud) / 2.0;
    let mut share = wanted / range;
    let mut round = 1;
    loop {
        let moves: Vec<f64> = course
            .iter()
            // What is softer than the range comes up no further: it may be noise.
            .map(|lufs| ((share - 1.0) * (lufs.max(soft) - middle)).clamp(-LOWERED_DB, RAISED_DB))
            .collect();
        let curve = drawn(&slowed(&moves), sound);
        let reached = loudness::range(sound.clone().curve(&curve))?;
        if reached <= wanted + CLOSE_LU || round == ROUNDS {
            return Ok(Some(curve));
        }
        share *= wanted / reached;
        round += 1;
    }
}

/// The soft and the loud end of the range.
fn ends(course: &[f64], gate: f64) -> (f64, f64) {
    let mut heard: Vec<f64> = course.iter().copied().filter(|lufs| *lufs >= gate).collect();
    heard.sort_by(f64::total_cmp);
    let at = |share: f64| heard.get((heard.len().saturating_sub(1) as f64 * share).round() as usize).copied();
    (at(SOFT).unwrap_or(gate), at(LOUD).unwrap_or(gate))
}

/// The mean over a window around each reading: loudness in decibels leaps where a loud passage begins, and the hand
/// does not.
fn slowed(moves: &[f64]) -> Vec<f64> {
    let half = (WINDOW / STEP / 2.0) as usize;
    let mean = |at: usize| {
        let around = &moves[at.saturating_sub(half)..(at + half + 1).min(moves.len())];
        around.iter().sum::<f64>() / around.len() as f64
    };
    (0..moves.len()).map(mean).collect()
}

/// A linear gain for each moment, from one in dB for the middle of each window.
fn drawn(moves: &[f64], sound: &Blocks<'_>) -> Vec<f32> {
    let last = moves.len() - 1;
    let gain = |frame: usize| {
        let place = (frame as f64 / f64::from(sound.rate()) - WINDOW / 2.0) / STEP;
        let before = (place.max(0.0) as usize).min(last);
        let part = (place - before as f64).clamp(0.0, 1.0);
        let next = moves[(before + 1).min(last)];
        from_db(moves[before] + (next - moves[before]) * part) as f32
    };
    (0..sound.frames()).map(gain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Audio, to_db};
    use crate::media::testing::speech;

    /// Speech that is soft for 15 s, loud for 15 s, and so on.
    fn uneven(db: f64) -> Audio {
        let mut audio = speech(60.0, 0.3);
        let soft = from_db(-db) as f32;
        for (index, moment) in audio.samples.chunks_exact_mut(2).enumerate() {
            if index / 48_000 / 15 % 2 == 0 {
                moment.iter_mut().for_each(|sample| *sample *= soft);
            }
        }
        audio
    }

    #[test]
    fn a_wide_range_becomes_the_wanted_one_and_a_narrow_one_stays() {
        let wide = uneven(15.0);
        let before = loudness::range(&wide).unwrap();
        assert!(before > 12.0, "{before}");
        let curve = narrowing(&Blocks::from(&wide), 8.0).unwrap().unwrap();
        assert_eq!(curve.len(), wide.frames());
        let mut ridden = wide.clone();
        ridden.apply_curve(&curve);
        let after = loudness::range(&ridden).unwrap();
        assert!((6.5..=8.6).contains(&after), "{before} became {after} LU");
        assert_eq!(narrowing(&Blocks::from(&uneven(3.0)), 8.0).unwrap(), None);
    }

    #[test]
    fn the_hand_is_slow_and_its_reach_bounded() {
        let curve = narrowing(&Blocks::from(&uneven(15.0)), 2.0).unwrap().unwrap();
        let db: Vec<f64> = curve.iter().map(|gain| to_db(f64::from(*gain))).collect();
        assert!(db.iter().all(|db| (-LOWERED_DB - 0.01..=RAISED_DB + 0.01).contains(db)));
        // From one limit to the other takes three seconds.
        let fastest = db.windows(24_000).step_by(4800).map(|w| (w[0] - w[23_999]).abs()).fold(0.0, f64::max);
        assert!((1.0..4.0).contains(&fastest), "{fastest} dB in half a second");
    }

    #[test]
    fn silence_and_short_sounds_are_left_alone() {
        for audio in [Audio::silence(48_000, 2, 480_000), speech(1.0, 0.5), Audio::silence(48_000, 2, 0)] {
            assert_eq!(narrowing(&Blocks::from(&audio), 1.0).unwrap(), None);
        }
    }
}
