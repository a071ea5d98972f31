//! A take: from the voice's rate and length to the mix's.
//!
//! Does not know other takes.

use super::original::Active;
use super::{Placed, RATE, layout};
use crate::audio::Audio;
use crate::error::Result;
use crate::media;
use crate::time::Delta;
use signalsmith_stretch::Stretch;

/// No take is raised by more, in dB: what is so soft is noise.
const MOST_RAISE_DB: f64 = 30.0;

/// The take in mono at the mix's rate, at the length of its place. As it was spoken it is not needed again, and not kept.
///
/// # Errors
/// Fails where it cannot be resampled.
pub(super) fn fitted(one: &mut Placed) -> Result<Audio> {
    let mut take = std::mem::take(&mut one.take);
    layout::mend(&mut take);
    let mut take = compressed(media::resample(&take, RATE, 1)?, one.placement.span.duration());
    layout::mend(&mut take);
    Ok(take)
}

/// By how much a take is to be raised or lowered, in dB, to have a level in dBFS; 0 for silence.
pub(super) fn raise(take: &Audio, wanted: f64) -> f64 {
    let both: Vec<f32> = take.samples.iter().flat_map(|sample| [*sample; 2]).collect();
    let level = Active::of(&both).level_dbfs();
    if level.is_finite() { (wanted - level).min(MOST_RAISE_DB) } else { 0.0 }
}

/// The take at the length of its place, pitch kept. One that is shorter is followed by silence: takes are not drawn out.
fn compressed(mut take: Audio, length: Delta) -> Audio {
    let frames = length.samples(take.rate).max(1) as usize;
    // A sample or two of rounding are dropped from silence, not stretched.
    if take.frames() <= frames + take.rate as usize / 500 {
        take.samples.resize(frames, 0.0);
        return take;
    }
    let mut output = vec![0.0; frames];
    let mut stretch = Stretch::preset_default(1, take.rate);
    if !stretch.exact(&take.samples, &mut output) {
        // Takes shorter than one analysis block cannot be stretched as a whole; they are streamed with padding.
        output = streamed(&take, frames);
    }
    Audio { samples: output, ..take }
}

fn streamed(take: &Audio, frames: usize) -> Vec<f32> {
    let mut stretch = Stretch::preset_default(1, take.rate);
    let (before, after) = (stretch.input_latency(), stretch.output_latency());
    let rate = take.frames() as f64 / frames as f64;
    let mut input = take.samples.clone();
    let padding = before + (after as f64 * rate).ceil() as usize;
    input.resize(take.frames() + padding, 0.0);
    let mut output = vec![0.0; (input.len() as f64 / rate).round() as usize];
    stretch.process(&input, &mut output);
    let skip = ((before as f64 / rate).round() as usize + after).min(output.len());
    output.drain(..skip);
    output.resize(frames, 0.0);
    output
}

#[cfg(test)]
mod tests {
    use super::super::tests::tone;
    use super::*;

    /// Periods a second, from the rising zero crossings.
    fn pitch(audio: &Audio) -> f64 {
        let middle = audio.slice(audio.frames() / 4, audio.frames() * 3 / 4);
        let rising = middle.samples.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        rising as f64 / middle.duration().seconds()
    }

    #[test]
    fn compression_keeps_the_pitch_and_hits_the_length() {
        for ms in [120, 400, 2000] {
            let take = tone(48_000, 1, ms, 220.0, 0.5);
            let length = Delta::from_ms(ms * 100 / 115);
            let out = compressed(take, length);
            assert_eq!(out.frames() as i64, length.samples(48_000));
            assert!(out.rms() > 0.15, "{ms} ms: {}", out.rms());
            if ms >= 400 {
                assert!((pitch(&out) - 220.0).abs() < 12.0, "{ms} ms: {} Hz", pitch(&out));
            }
        }
    }

    #[test]
    fn a_place_that_is_longer_is_filled_with_silence() {
        let take = tone(48_000, 1, 300, 220.0, 0.5);
        let out = compressed(take.clone(), Delta::from_ms(500));
        assert_eq!((out.frames(), &out.samples[..take.frames()]), (24_000, &take.samples[..]));
        assert_eq!(out.slice(take.frames(), 24_000).peak(), 0.0);
        assert_eq!(compressed(Audio::silence(48_000, 1, 0), Delta::ZERO).samples, [0.0]);
    }

    #[test]
    fn a_level_is_reached_and_noise_is_not_made_a_voice() {
        let raised = |gain: f32| raise(&tone(48_000, 1, 500, 200.0, gain), -20.0);
        assert!((raised(2f32.sqrt() * 0.1)).abs() < 0.05);
        assert!((raised(2f32.sqrt()) + 20.0).abs() < 0.05);
        assert_eq!((raised(1e-5), raised(0.0)), (MOST_RAISE_DB, 0.0));
    }
}
