//! What the original tells of each cue: how loud its voice is, and from which side it comes.
//!
//! Measured on the separated voices where there are any. Does not know what is done with it.

use super::{RATE, layout};
use crate::audio::{Audio, to_db};
use crate::error::Result;
use crate::settings::Surround;
use crate::time::Span;
use std::borrow::Cow;

/// Nothing is spoken that softly, in dBFS: not a whisper, but a cue in the wrong place.
const INAUDIBLE_DBFS: f64 = -60.0;
/// Voices are off the middle from this much on, in dB, where they stand alone, and where music may lean itself.
const LEANS_DB: f64 = 1.5;
const LEANS_IN_MIX_DB: f64 = 6.0;
/// And are put so far off it at most: also those who wear one earphone are to hear them.
const MOST_DB: f64 = 9.0;
/// A film that leans by this much for so much of its time has a dead channel, and not a voice on one side.
const LOPSIDED_DB: f64 = 15.0;
const LOPSIDED_SHARE: f64 = 0.9;

/// The original, or its voices, in stereo.
pub(super) struct Original<'a> {
    sound: Cow<'a, Audio>,
    /// There is nothing but voices in it.
    alone: bool,
    lopsided: bool,
}

impl<'a> Original<'a> {
    /// # Errors
    /// Fails where the voices cannot be resampled.
    pub(super) fn new(sound: &'a Audio, voice: Option<&'a Audio>) -> Result<Original<'a>> {
        let heard = layout::shaped(Cow::Borrowed(voice.unwrap_or(sound)), Surround::Downmix)?;
        let lopsided = is_lopsided(&heard.samples);
        Ok(Original { sound: heard, alone: voice.is_some(), lopsided })
    }

    /// Is there nothing but voices in it?
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// The sound of a span, interleaved stereo.
    pub(super) fn piece(&self, span: Span) -> &[f32] {
        let at = |time: crate::time::Time| (time.samples(RATE).max(0) as usize * 2).min(self.sound.samples.len());
        let (start, end) = (at(span.start), at(span.end));
        &self.sound.samples[start..end.max(start)]
    }

    /// Level of the voice in a span, in dBFS RMS of a side; none where nothing can be heard.
    pub(super) fn level(&self, span: Span) -> Option<f64> {
        let level = Active::of(self.piece(span)).level_dbfs();
        (level.is_finite() && level > INAUDIBLE_DBFS).then_some(level)
    }

    /// How much louder the voice of a span is on the left than on the right, in dB; 0 for the middle.
    pub(super) fn lean(&self, span: Span) -> f64 {
        let least = if self.alone { LEANS_DB } else { LEANS_IN_MIX_DB };
        let lean = Active::of(self.piece(span)).left_db();
        if self.lopsided || !(least..).contains(&lean.abs()) { 0.0 } else { lean.clamp(-MOST_DB, MOST_DB) }
    }
}

/// Is one channel dead?
fn is_lopsided(samples: &[f32]) -> bool {
    let (mut audible, mut left, mut right) = (0usize, 0usize, 0usize);
    for window in windows(samples) {
        let lean = window.left_db();
        if window.level_dbfs() > INAUDIBLE_DBFS {
            audible += 1;
            left += usize::from(lean > LOPSIDED_DB);
            right += usize::from(lean < -LOPSIDED_DB);
        }
    }
    audible > 0 && left.max(right) as f64 >= audible as f64 * LOPSIDED_SHARE
}

/// Mean powers of both sides over the 50 ms windows that are within 20 dB of the loudest one, so that pauses do not
/// count.
pub(super) struct Active {
    left: f64,
    right: f64,
}

impl Active {
    /// Of interleaved stereo at the mix's rate.
    pub(super) fn of(samples: &[f32]) -> Active {
        let windows: Vec<Active> = windows(samples).collect();
        let loudest = windows.iter().map(Active::power).fold(0.0, f64::max);
        let (mut sum, mut count) = (Active { left: 0.0, right: 0.0 }, 0usize);
        for window in windows.iter().filter(|window| window.power() >= loudest / 100.0) {
            sum = Active { left: sum.left + window.left, right: sum.right + window.right };
            count += 1;
        }
        let count = count.max(1) as f64;
        Active { left: sum.left / count, right: sum.right / count }
    }

    fn power(&self) -> f64 {
        self.left + self.right
    }

    /// RMS of a side, in dBFS; −∞ for silence.
    pub(super) fn level_dbfs(&self) -> f64 {
        to_db((self.power() / 2.0).sqrt())
    }

    fn left_db(&self) -> f64 {
        // What has no sound leans to no side.
        let floor = 1e-12;
        to_db(((self.left + floor) / (self.right + floor)).sqrt())
    }
}

/// Each 50 ms.
fn windows(samples: &[f32]) -> impl Iterator<Item = Active> {
    samples.chunks(RATE as usize / 20 * 2).map(|window| {
        let count = (window.len() / 2).max(1) as f64;
        let side =
            |side: usize| window.iter().skip(side).step_by(2).map(|s| f64::from(*s).powi(2)).sum::<f64>() / count;
        Active { left: side(0), right: side(1) }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::tone;
    use super::*;

    /// Three seconds: in the middle, softer on the right by so much, in the middle.
    fn leaning(db: f64) -> Audio {
        let mut sound = tone(48_000, 2, 3000, 200.0, 0.3);
        let gain = crate::audio::from_db(-db) as f32;
        sound.samples[96_000..192_000].chunks_exact_mut(2).for_each(|moment| moment[1] *= gain);
        sound
    }

    #[test]
    fn a_voice_on_one_side_is_found_there_within_bounds() {
        let lean = |db: f64, alone: bool| {
            let sound = leaning(db);
            let original = Original::new(&sound, alone.then_some(&sound)).unwrap();
            assert_eq!(original.lean(Span::from_ms(100, 900)), 0.0);
            original.lean(Span::from_ms(1100, 1900))
        };
        assert!((lean(4.0, true) - 4.0).abs() < 0.01 && (lean(-4.0, true) + 4.0).abs() < 0.01);
        assert_eq!((lean(1.0, true), lean(4.0, false)), (0.0, 0.0));
        assert!((lean(7.0, false) - 7.0).abs() < 0.01);
        assert_eq!((lean(30.0, true), lean(-30.0, false)), (9.0, -9.0));
    }

    #[test]
    fn a_dead_channel_and_silence_lean_to_no_side() {
        let mut dead = tone(48_000, 2, 2000, 200.0, 0.3);
        dead.samples.chunks_exact_mut(2).for_each(|moment| moment[1] = 0.0);
        let silent = Audio::silence(48_000, 2, 96_000);
        for sound in [dead, silent, tone(48_000, 1, 2000, 200.0, 0.3)] {
            let original = Original::new(&sound, None).unwrap();
            assert_eq!(original.lean(Span::from_ms(0, 2000)), 0.0);
            assert_eq!(original.lean(Span::from_ms(5000, 6000)), 0.0);
        }
    }

    #[test]
    fn levels_leave_pauses_out_and_silence_has_none() {
        let mut sound = tone(48_000, 2, 2000, 200.0, 0.5);
        sound.samples[96_000..].fill(0.0);
        let original = Original::new(&sound, None).unwrap();
        let level = original.level(Span::from_ms(0, 2000)).unwrap();
        assert!((level - to_db(0.5 / 2f64.sqrt())).abs() < 0.1, "{level}");
        assert_eq!(
            (original.level(Span::from_ms(1100, 1900)), original.level(Span::from_ms(9000, 9900))),
            (None, None)
        );
    }
}
