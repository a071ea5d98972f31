//! Loudness after EBU R 128, measured and set.

use crate::audio::{Audio, from_db};
use crate::error::{Error, Result};
use ebur128::{EbuR128, Mode};

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Integrated loudness in LUFS; none for silence.
    pub integrated_lufs: Option<f64>,
    /// True peak in dBTP; −∞ for silence.
    pub true_peak_dbtp: f64,
    /// Loudness range in LU.
    pub range_lu: f64,
}

/// Measures.
///
/// # Errors
/// Fails if the sound has an impossible rate or number of channels.
pub fn measure(audio: &Audio) -> Result<Measured> {
    let failed = |e: ebur128::Error| Error::internal("loudness cannot be measured").because(e);
    let mut meter = EbuR128::new(u32::from(audio.channels), audio.rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK).map_err(failed)?;
    meter.add_frames_f32(&audio.samples).map_err(failed)?;
    let lufs = meter.loudness_global().map_err(failed)?;
    let mut peak = 0.0f64;
    for channel in 0..u32::from(audio.channels) {
        peak = peak.max(meter.true_peak(channel).map_err(failed)?);
    }
    Ok(Measured {
        integrated_lufs: lufs.is_finite().then_some(lufs),
        true_peak_dbtp: crate::audio::to_db(peak),
        range_lu: meter.loudness_range().map_err(failed)?,
    })
}

/// Sets the loudness.
///
/// # Errors
/// Fails as [`measure`] does.
pub fn normalize(mut audio: Audio, target_lufs: f64, ceiling_dbtp: f64) -> Result<(Audio, Measured)> {
    let measured = measure(&audio)?;
    let Some(lufs) = measured.integrated_lufs else { return Ok((audio, measured)) };
    let gain = (target_lufs - lufs).min(ceiling_dbtp - 0.5 - measured.true_peak_dbtp);
    audio.apply_gain(from_db(gain) as f32);
    let measured = measure(&audio)?;
    Ok((audio, measured))
}
