//! Loudness: measured as EBU R 128 (ITU-R BS.1770-4) does.
//!
//! Hears a sound once, a second at a time. Six channels are front left and right, centre, LFE and the two surrounds, as
//! WAV and FFmpeg order them: the surrounds count for 1.5 dB more, the LFE does not count. Does not know which target a
//! market wants.

use super::blocks::Blocks;
use crate::audio::to_db;
use crate::error::{Error, Result};
use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

/// Peaks below this are told as this, since silence has none.
const FLOOR_DB: f64 = -120.0;

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
pub fn measure<'a>(sound: impl Into<Blocks<'a>>) -> Result<Measured> {
    let sound = sound.into();
    let failed = failed(&sound);
    let meter = fed(&sound, Mode::I | Mode::LRA | Mode::TRUE_PEAK)?;
    let mut peak = 0f64;
    for channel in 0..sound.channels() {
        peak = peak.max(meter.true_peak(channel.into()).map_err(&failed)?);
    }
    let loudness = meter.loudness_global().map_err(&failed)?;
    let range = meter.loudness_range().map_err(&failed)?;
    Ok(Measured {
        integrated_lufs: loudness.is_finite().then_some(loudness),
        true_peak_dbtp: to_db(peak).max(FLOOR_DB),
        range_lu: if range.is_finite() { range } else { 0.0 },
    })
}

/// The gated loudness alone, in LUFS; none for silence and for less than 400 ms.
///
/// # Errors
/// Fails as [`measure`] does.
pub fn integrated<'a>(sound: impl Into<Blocks<'a>>) -> Result<Option<f64>> {
    let sound = sound.into();
    let loudness = fed(&sound, Mode::I)?.loudness_global().map_err(failed(&sound))?;
    Ok(loudness.is_finite().then_some(loudness))
}

/// The loudness range alone, in LU.
///
/// # Errors
/// Fails as [`measure`] does.
pub(super) fn range<'a>(sound: impl Into<Blocks<'a>>) -> Result<f64> {
    let sound = sound.into();
    let range = fed(&sound, Mode::LRA)?.loudness_range().map_err(failed(&sound))?;
    Ok(if range.is_finite() { range } else { 0.0 })
}

/// The loudness of the 3 s before the end of each tenth of a second, in LUFS; −∞ for silence.
///
/// # Errors
/// Fails as [`measure`] does.
pub(super) fn short_term(sound: &Blocks<'_>) -> Result<Vec<f64>> {
    let failed = failed(sound);
    let mut meter = EbuR128::new(sound.channels().into(), sound.rate(), Mode::S).map_err(&failed)?;
    let tenth = (sound.rate() as usize / 10).max(1);
    let mut course = Vec::with_capacity(sound.frames() / tenth);
    sound.each(tenth, |piece| {
        if piece.len() == tenth * usize::from(sound.channels()) {
            meter.add_frames_f32(piece).map_err(&failed)?;
            course.push(meter.loudness_shortterm().map_err(&failed)?);
        }
        Ok::<_, Error>(())
    })?;
    Ok(course)
}

/// A meter that has heard it all, a second at a time.
fn fed(sound: &Blocks<'_>, mode: Mode) -> Result<EbuR128> {
    let failed = failed(sound);
    let mut meter = EbuR128::new(sound.channels().into(), sound.rate(), mode).map_err(&failed)?;
    sound.each(sound.rate() as usize, |piece| meter.add_frames_f32(piece).map_err(&failed))?;
    Ok(meter)
}

fn failed(sound: &Blocks<'_>) -> impl Fn(ebur128::Error) -> Error + use<> {
    let (rate, channels) = (sound.rate(), sound.channels());
    move |error| {
        Error::internal(format!("sound at {rate} Hz with {channels} channels cannot be measured")).because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Audio, from_db};
    use crate::media::testing::{Folder, ebur128, speech};
    use crate::media::wav;

    /// Other things in each channel of 5.1, the surrounds loudest.
    fn surround(seconds: f64) -> Audio {
        let (front, back) = (speech(seconds, 0.2), speech(seconds, 0.4));
        let mut audio = Audio::silence(48_000, 6, front.frames());
        let moments = audio.samples.chunks_exact_mut(6);
        for ((moment, front), back) in moments.zip(front.samples.chunks_exact(2)).zip(back.samples.chunks_exact(2)) {
            moment.copy_from_slice(&[front[0], front[1], front[0] * 0.5, back[0], -back[1], back[1]]);
        }
        audio
    }

    #[test]
    fn the_meter_agrees_with_ffmpegs() {
        let folder = Folder::new();
        let path = folder.path("sound.wav");
        let sounds = [
            (speech(8.0, 0.2), "speech"),
            (speech(8.0, 0.9), "loud speech"),
            (speech(8.0, 0.3).to_mono(), "mono"),
            (surround(8.0), "5.1"),
        ];
        for (audio, what) in sounds {
            std::fs::write(&path, wav::encode(&audio, 24).unwrap()).unwrap();
            let (lufs, peak) = ebur128(&path);
            let measured = measure(&audio).unwrap();
            assert!((measured.integrated_lufs.unwrap() - lufs).abs() < 0.11, "{what}: {measured:?}, ffmpeg {lufs}");
            assert!((measured.true_peak_dbtp - peak).abs() < 0.21, "{what}: {measured:?}, ffmpeg {peak}");
            let (alone, together) = (integrated(&audio).unwrap().unwrap(), measured.integrated_lufs.unwrap());
            assert!((alone - together).abs() < 1e-9, "{what}: {alone} and {together}");
            assert!((range(&audio).unwrap() - measured.range_lu).abs() < 1e-9, "{what}");
        }
    }

    #[test]
    fn a_reference_tone_reads_as_the_standard_says() {
        // EBU Tech 3341, case 1: a stereo sine of 1000 Hz at −23 dBFS reads −23 LUFS.
        let amplitude = from_db(-23.0);
        let samples = (0..20 * 48_000)
            .flat_map(|i| [(f64::from(i) / 48.0 * std::f64::consts::TAU).sin() as f32 * amplitude as f32; 2])
            .collect();
        let audio = Audio { rate: 48_000, channels: 2, samples };
        let measured = measure(&audio).unwrap();
        assert!((measured.integrated_lufs.unwrap() + 23.0).abs() < 0.1, "{measured:?}");
        assert!((measured.true_peak_dbtp + 23.0).abs() < 0.2 && measured.range_lu < 0.1, "{measured:?}");
        let course = short_term(&Blocks::from(&audio)).unwrap();
        assert_eq!(course.len(), 200);
        assert!(course[29..].iter().all(|lufs| (lufs + 23.0).abs() < 0.1), "{course:?}");
    }

    #[test]
    fn silence_has_no_loudness_and_sound_without_channels_cannot_be_measured() {
        let measured = measure(&Audio::silence(48_000, 2, 48_000)).unwrap();
        assert_eq!((measured.integrated_lufs, measured.true_peak_dbtp, measured.range_lu), (None, -120.0, 0.0));
        assert_eq!(measure(&Audio::silence(48_000, 2, 0)).unwrap().integrated_lufs, None);
        assert!(measure(&Audio::default()).is_err());
    }
}
