//! Sound at another rate or with other channels.
//!
//! Works on sound in memory; `decode` converts what it reads by the same means.

use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::media::native::{Resampler, SoundFormat};

/// `audio` at `rate` Hz with `channels` channels.
///
/// The result is aligned with the input and exactly `round(frames × rate / audio.rate)`
/// moments long. Channels are mixed as the table of ITU-R BS.775 says, scaled so that
/// nothing clips; mono is copied to every channel.
///
/// # Errors
/// Fails where a rate or a channel count is zero or beyond what FFmpeg converts.
pub fn resample(audio: &Audio, rate: u32, channels: u16) -> Result<Audio> {
    if audio.rate == rate && audio.channels == channels {
        return Ok(audio.clone());
    }
    let failed = |error| {
        Error::internal(format!(
            "cannot convert {} Hz with {} channels to {rate} Hz with {channels}",
            audio.rate, audio.channels
        ))
        .because(error)
    };
    let mut resampler =
        Resampler::new(&SoundFormat::float(audio.rate, audio.channels), rate, channels).map_err(failed)?;
    let (from, to) = (u128::from(audio.rate), u128::from(rate));
    let frames = ((audio.frames() as u128 * to * 2 + from) / (from * 2)) as usize;
    let wanted = frames * usize::from(channels);
    let mut samples = Vec::with_capacity(wanted + 4096);
    resampler.convert_floats(&audio.samples, &mut samples).map_err(failed)?;
    resampler.flush(&mut samples).map_err(failed)?;
    samples.resize(wanted, 0.0);
    Ok(Audio { rate, channels, samples })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, channels: u16, frames: usize, hz: f64) -> Audio {
        let mut audio = Audio::silence(rate, channels, frames);
        for (index, moment) in audio.samples.chunks_exact_mut(usize::from(channels)).enumerate() {
            moment.fill((index as f64 / f64::from(rate) * hz * std::f64::consts::TAU).sin() as f32 * 0.5);
        }
        audio
    }

    #[test]
    fn lengths_are_exact() {
        for (from, to) in [(44_100, 48_000), (48_000, 16_000), (24_000, 48_000), (96_000, 44_100), (8_000, 48_000)] {
            for frames in [0usize, 1, 2, 999, 44_100, 100_001] {
                let out = resample(&tone(from, 1, frames, 440.0), to, 2).unwrap();
                let exact = (frames as f64 * f64::from(to) / f64::from(from)).round() as usize;
                assert_eq!(out.frames(), exact, "{frames} moments from {from} to {to}");
            }
        }
    }

    #[test]
    fn a_tone_stays_where_it_was_and_as_loud() {
        // Compared with the tone made at the new rate: alignment and gain in one.
        for (from, to) in [(44_100, 48_000), (48_000, 16_000), (22_050, 48_000), (96_000, 48_000)] {
            let out = resample(&tone(from, 1, from as usize, 440.0), to, 1).unwrap();
            let wanted = tone(to, 1, to as usize, 440.0);
            let edge = to as usize / 50;
            let worst =
                (edge..to as usize - edge).map(|i| (out.samples[i] - wanted.samples[i]).abs()).fold(0.0f32, f32::max);
            assert!(worst < 2e-3, "{from} to {to}: off by {worst}");
        }
    }

    #[test]
    fn mono_is_copied_and_stereo_averaged() {
        let mono = tone(48_000, 1, 4800, 300.0);
        let stereo = resample(&mono, 48_000, 2).unwrap();
        for (m, pair) in mono.samples.iter().zip(stereo.samples.chunks_exact(2)) {
            assert_eq!((*m, *m), (pair[0], pair[1]));
        }
        let back = resample(&stereo, 48_000, 1).unwrap();
        for (m, b) in mono.samples.iter().zip(&back.samples) {
            assert!((m - b).abs() < 1e-6, "{m} became {b}");
        }
    }

    #[test]
    fn full_scale_surround_does_not_clip() {
        let mut surround = Audio::silence(48_000, 6, 4800);
        surround.samples.fill(1.0);
        let stereo = resample(&surround, 48_000, 2).unwrap();
        assert!(stereo.peak() <= 1.0 + 1e-5, "{}", stereo.peak());
        assert!(stereo.peak() > 0.9);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(resample(&tone(48_000, 1, 10, 100.0), 0, 1).is_err());
        assert!(resample(&tone(48_000, 1, 10, 100.0), 48_000, 0).is_err());
    }
}
