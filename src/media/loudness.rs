//! Loudness: measured as EBU R 128 (ITU-R BS.1770-4) does, and brought to a target.
//!
//! Works on sound in memory. Does not know which target a market wants.

use super::limiter;
use crate::audio::{Audio, from_db, to_db};
use crate::error::{Error, Result};
use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

/// Peaks below this are told as this, since silence has none.
const FLOOR_DB: f64 = -120.0;

/// Lossy encoders overshoot the peaks that they are given; AAC at 128 kbit/s and more
/// by less than this on limited speech and music.
const ENCODER_MARGIN_DB: f64 = 0.8;

/// No sound is raised by more: what is so soft is noise.
const MOST_GAIN_DB: f64 = 40.0;

/// Attempts at the target; each repeats the limiting from the untouched sound.
const ATTEMPTS: usize = 6;

/// As near to the target as a meter tells.
const CLOSE_LU: f64 = 0.1;

/// What a meter says of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Gated loudness of the whole, in LUFS; none for silence and for less than 400 ms.
    pub integrated_lufs: Option<f64>,
    /// True peak over all channels, in dBTP; −120 for silence.
    pub true_peak_dbtp: f64,
    /// Loudness range (EBU Tech 3342), in LU.
    pub range_lu: f64,
}

/// Measures integrated loudness, true peak (oversampled) and loudness range.
///
/// # Errors
/// Fails for sound without channels, with more than 64, or with a rate outside 16 Hz to
/// 2.8 MHz.
pub fn measure(audio: &Audio) -> Result<Measured> {
    let failed = |error: ebur128::Error| {
        Error::internal(format!("sound at {} Hz with {} channels cannot be measured", audio.rate, audio.channels))
            .because(error)
    };
    let mut meter =
        EbuR128::new(audio.channels.into(), audio.rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK).map_err(failed)?;
    // In whole moments, a second at a time: the meter's buffers stay small.
    let second = usize::from(audio.channels) * audio.rate as usize;
    for piece in audio.samples.chunks(second) {
        meter.add_frames_f32(piece).map_err(failed)?;
    }
    let mut peak = 0f64;
    for channel in 0..audio.channels {
        peak = peak.max(meter.true_peak(channel.into()).map_err(failed)?);
    }
    let loudness = meter.loudness_global().map_err(failed)?;
    let range = meter.loudness_range().map_err(failed)?;
    Ok(Measured {
        integrated_lufs: loudness.is_finite().then_some(loudness),
        true_peak_dbtp: to_db(peak).max(FLOOR_DB),
        range_lu: if range.is_finite() { range } else { 0.0 },
    })
}

/// Brings sound to `target_lufs`, limited so that its true peak stays under `ceiling_dbtp`
/// even after lossy encoding (half a decibel is left for that). Gives what was reached:
/// the ceiling always holds; the target may be missed where a sound is so peaky that only
/// heavier limiting than is bearable would reach it, or so soft that it would have to be
/// raised by more than 40 dB. Silence stays silence. Length and alignment do not change.
///
/// # Errors
/// Fails where the sound cannot be measured.
pub fn normalize(audio: Audio, target_lufs: f64, ceiling_dbtp: f64) -> Result<(Audio, Measured)> {
    let before = measure(&audio)?;
    let Some(loudness) = before.integrated_lufs else { return Ok((audio, before)) };
    let ceiling = ceiling_dbtp - ENCODER_MARGIN_DB;
    let mut limit = ceiling;
    let mut gain = (target_lufs - loudness).min(MOST_GAIN_DB);
    // The gain and loudness of the attempt before: a limited sound grows by less than it is raised.
    let mut last = (0.0, loudness);
    let mut attempt = 1;
    loop {
        let mut raised = audio.clone();
        raised.apply_gain(from_db(gain) as f32);
        if before.true_peak_dbtp + gain > limit {
            limiter::limit(&mut raised, from_db(limit) as f32);
        }
        let after = measure(&raised)?;
        let reached = after.integrated_lufs.unwrap_or(target_lufs);
        let excess = after.true_peak_dbtp - ceiling;
        let slope = ((reached - last.1) / (gain - last.0)).clamp(0.2, 1.0);
        let step = (target_lufs - reached) / if slope.is_nan() { 1.0 } else { slope };
        let wanted = (gain + step).min(MOST_GAIN_DB);
        let close = (target_lufs - reached).abs() <= CLOSE_LU || (wanted - gain).abs() <= CLOSE_LU;
        if (close && excess <= 0.0) || attempt == ATTEMPTS {
            return if excess > 0.0 { lowered(raised, excess) } else { Ok((raised, after)) };
        }
        last = (gain, reached);
        gain = wanted;
        limit -= excess.max(0.0);
        attempt += 1;
    }
}

/// The last resort: all of it softer by `db`.
fn lowered(mut audio: Audio, db: f64) -> Result<(Audio, Measured)> {
    audio.apply_gain(from_db(-db) as f32);
    let measured = measure(&audio)?;
    Ok((audio, measured))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::testing::{Folder, ebur128, ffmpeg, speech};
    use crate::media::wav;

    fn file(folder: &Folder, audio: &Audio) -> std::path::PathBuf {
        let path = folder.path("sound.wav");
        std::fs::write(&path, wav::encode(audio, 24).unwrap()).unwrap();
        path
    }

    #[test]
    fn the_meter_agrees_with_ffmpegs() {
        let folder = Folder::new();
        for (audio, what) in [(speech(8.0, 0.2), "speech"), (speech(8.0, 0.9), "loud speech")] {
            let (lufs, peak) = ebur128(&file(&folder, &audio));
            let measured = measure(&audio).unwrap();
            assert!((measured.integrated_lufs.unwrap() - lufs).abs() < 0.11, "{what}: {measured:?}, ffmpeg {lufs}");
            assert!((measured.true_peak_dbtp - peak).abs() < 0.21, "{what}: {measured:?}, ffmpeg {peak}");
        }
    }

    #[test]
    fn a_reference_tone_reads_as_the_standard_says() {
        // EBU Tech 3341, case 1: a stereo sine of 1000 Hz at −23 dBFS reads −23 LUFS.
        let amplitude = from_db(-23.0);
        let samples = (0..20 * 48_000)
            .flat_map(|i| [(f64::from(i) / 48.0 * std::f64::consts::TAU).sin() as f32 * amplitude as f32; 2])
            .collect();
        let measured = measure(&Audio { rate: 48_000, channels: 2, samples }).unwrap();
        assert!((measured.integrated_lufs.unwrap() + 23.0).abs() < 0.1, "{measured:?}");
        assert!((measured.true_peak_dbtp + 23.0).abs() < 0.2 && measured.range_lu < 0.1, "{measured:?}");
    }

    #[test]
    fn the_target_is_reached_and_the_ceiling_held_even_when_encoded() {
        let folder = Folder::new();
        for (gain, target, ceiling) in [(0.02, -14.0, -1.0), (0.3, -14.0, -1.0), (0.9, -23.0, -1.0), (0.3, -16.0, -2.0)]
        {
            let audio = speech(10.0, gain);
            let frames = audio.frames();
            let (normal, measured) = normalize(audio, target, ceiling).unwrap();
            assert_eq!(normal.frames(), frames);
            assert_eq!(measured, measure(&normal).unwrap());
            let path = file(&folder, &normal);
            let (lufs, peak) = ebur128(&path);
            assert!((lufs - target).abs() <= 0.3 && peak <= ceiling, "{gain}: {lufs} LUFS, {peak} dBTP");
            let encoded = folder.path("encoded.m4a");
            ffmpeg(&format!("-i {} -c:a aac -b:a 192k", path.display()), &encoded);
            let (lufs, peak) = ebur128(&encoded);
            assert!((lufs - target).abs() <= 0.5 && peak <= ceiling, "{gain}: encoded {lufs} LUFS, {peak} dBTP");
        }
    }

    #[test]
    fn silence_stays_silence_and_a_breath_is_no_reason_to_roar() {
        let silence = Audio::silence(48_000, 2, 48_000);
        let (same, measured) = normalize(silence.clone(), -14.0, -1.0).unwrap();
        assert_eq!((same, measured.integrated_lufs, measured.true_peak_dbtp), (silence, None, -120.0));
        let (soft, measured) = normalize(speech(5.0, 0.003), -14.0, -1.0).unwrap();
        assert!(measured.integrated_lufs.unwrap() < -20.0 && soft.peak() < 0.6, "{measured:?}");
        assert!(measure(&Audio::default()).is_err());
    }

    #[test]
    fn nothing_is_limited_that_need_not_be() {
        let audio = speech(6.0, 0.5);
        let (normal, _) = normalize(audio.clone(), -30.0, -1.0).unwrap();
        let ratio = normal.peak() / audio.peak();
        for (n, a) in normal.samples.iter().zip(&audio.samples) {
            assert!((n - a * ratio).abs() < 1e-6);
        }
    }
}
