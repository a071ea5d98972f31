//! Mastering: the parts of a mix brought to a loudness together, under one gain curve.
//!
//! What is done to the sum is done to each part, and the parts end on the steps of 24-bit samples: they add up to the
//! mix to the last bit, as files too. The sum is worked out in blocks, as often as it is heard, and never held. Does not know
//! what the parts are, nor which target a market wants.

use super::blocks::Blocks;
use super::{limiter, loudness, range};
use crate::audio::{Audio, from_db, to_db};
use crate::error::{Error, Result};
use crate::time::Delta;
use loudness::Measured;

/// Lossy encoders overshoot the peaks that they are given; AAC at 128 kbit/s and more
/// by less than this on limited speech and music.
const ENCODER_MARGIN_DB: f64 = 0.8;

/// No sound is raised by more: what is so soft is noise.
const MOST_GAIN_DB: f64 = 40.0;

/// Attempts at the target; each repeats the limiting from the untouched sound.
const ATTEMPTS: usize = 6;

/// As near to the target as a meter tells.
const CLOSE_LU: f64 = 0.1;

/// The limiter may cost this much of the loudness range, and no more: then the mix is left softer than wanted.
const RANGE_LOST_LU: f64 = 4.0;
const STEP_DOWN_DB: f64 = 1.5;
const STEPS_DOWN: usize = 6;

/// What is shorter has no loudness range that means anything, says EBU R 128.
const HAS_RANGE: Delta = Delta::from_ms(60_000);

/// Nothing real is louder than 60 dB over full scale.
const LOUDEST: f32 = 1000.0;

/// Steps of a 24-bit sample between 0 and full scale: whole steps, and sums of two of them, are exact in floats.
const STEPS: f32 = 8_388_608.0;

/// What a mix is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Integrated loudness in LUFS.
    pub lufs: f64,
    /// Largest true peak in dBTP; a margin for lossy encoding is kept under it.
    pub ceiling_dbtp: f64,
    /// The part whose loudness that is; the sum's where none is named, or where the part is silent.
    pub judged: Option<usize>,
    /// Narrow the loudness range to this, in LU, where it is wider; none keeps it.
    pub range_lu: Option<f64>,
}

/// A finished mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Mastered<const N: usize> {
    /// The parts, on the steps of 24-bit samples. Their sum is the mix.
    pub parts: [Audio; N],
    /// The mix, as a meter reads it.
    pub measured: Measured,
    /// Loudness of the judged part, in LUFS; none where the sum was judged.
    pub judged_lufs: Option<f64>,
    /// Loudness range of the sum as it came, in LU.
    pub source_range_lu: f64,
    /// The limiter's deepest reduction, in dB; 0 where nothing was limited.
    pub limited_db: f64,
}

/// Brings the sum of `parts` to its target, limited so that its true peak stays under the ceiling even after lossy
/// encoding. The ceiling always holds, for the sum and for each part's samples; the target may be missed where a sound is
/// so peaky that only heavier limiting than is bearable would reach it, or so soft that it would have to be raised by more
/// than 40 dB. Silence stays silence. Length and alignment do not change; samples that are not a number become silence.
///
/// # Errors
/// Fails where the parts are not alike in rate, channels and length, or cannot be measured.
pub fn master<const N: usize>(mut parts: [Audio; N], target: &Target) -> Result<Mastered<N>> {
    let form = |part: &Audio| (part.rate, part.channels, part.samples.len());
    if parts.windows(2).any(|two| form(&two[0]) != form(&two[1])) {
        return Err(Error::internal("the parts of a mix differ in rate, channels or length"));
    }
    for sample in parts.iter_mut().flat_map(|part| &mut part.samples) {
        *sample = if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
    }
    let source_range_lu = loudness::range(Blocks::sum(&parts))?;
    let mut range_lu = source_range_lu;
    if let Some(wanted) = target.range_lu
        && let Some(curve) = range::narrowing(&Blocks::sum(&parts), wanted)?
    {
        parts.iter_mut().for_each(|part| part.apply_curve(&curve));
        range_lu = loudness::range(Blocks::sum(&parts))?;
    }
    let (judged, found) = Search { parts: &parts, range_lu, target }.run()?;
    let gain = from_db(found.gain_db) as f32;
    let limited_db = found.curve.iter().flatten().map(|gain| -to_db(f64::from(*gain))).fold(0.0, f64::max);
    for part in &mut parts {
        part.apply_gain(gain);
        if let Some(curve) = &found.curve {
            part.apply_curve(curve);
        }
    }
    let measured = finish(&mut parts, target.ceiling_dbtp - ENCODER_MARGIN_DB)?;
    let judged_lufs = judged.map(|part| loudness::integrated(&parts[part])).transpose()?.flatten();
    Ok(Mastered { parts, measured, judged_lufs, source_range_lu, limited_db })
}

/// Puts all samples on whole steps. What is over the ceiling all the same makes all of it softer, the last resort.
fn finish<const N: usize>(parts: &mut [Audio; N], ceiling_db: f64) -> Result<Measured> {
    let mut round = 0;
    loop {
        for sample in parts.iter_mut().flat_map(|part| &mut part.samples) {
            *sample = (*sample * STEPS).round() / STEPS;
        }
        let measured = loudness::measure(Blocks::sum(&*parts))?;
        let excess = measured.true_peak_dbtp - ceiling_db;
        if excess <= 0.0 || round == ATTEMPTS {
            return Ok(measured);
        }
        parts.iter_mut().for_each(|part| part.apply_gain(from_db(-excess - 0.001) as f32));
        round += 1;
    }
}

/// The search for the gain that, limited, gives the target.
struct Search<'a> {
    parts: &'a [Audio],
    /// Loudness range of their sum, in LU.
    range_lu: f64,
    target: &'a Target,
}

/// A gain, and what comes of it.
struct Attempt {
    gain_db: f64,
    curve: Option<Vec<f32>>,
    measured: Measured,
    /// Loudness of what is judged.
    reached: Option<f64>,
}

impl Search<'_> {
    /// The attempt that is best, and the part that it was judged by; none is the sum.
    fn run(&self) -> Result<(Option<usize>, Attempt)> {
        let whole = Blocks::sum(self.parts);
        let of_part = |part: usize| Ok::<_, Error>(loudness::integrated(&self.parts[part])?.map(|lufs| (part, lufs)));
        let there = |part: &usize| *part < self.parts.len();
        let part = self.target.judged.filter(there).map(of_part).transpose()?.flatten();
        let judged = part.map(|(part, _)| part);
        let ceiling = self.target.ceiling_dbtp - ENCODER_MARGIN_DB;
        let loudness = match part {
            Some((_, lufs)) => lufs,
            None => match loudness::integrated(&whole)? {
                Some(lufs) => lufs,
                // Silence, or a sound too short for a meter: no louder, but never over the ceiling.
                None => return Ok((None, self.attempt(0.0, ceiling, None)?)),
            },
        };
        let wanted_lufs = self.target.lufs;
        let mut limit = ceiling;
        let mut gain = (wanted_lufs - loudness).min(MOST_GAIN_DB);
        // The gain and loudness of the attempt before: a limited sound grows by less than it is raised.
        let mut last = (0.0, loudness);
        let mut count = 1;
        let mut found = loop {
            let attempt = self.attempt(gain, limit, judged)?;
            let reached = attempt.reached.unwrap_or(wanted_lufs);
            let excess = attempt.measured.true_peak_dbtp - ceiling;
            let slope = ((reached - last.1) / (gain - last.0)).clamp(0.2, 1.0);
            let step = (wanted_lufs - reached) / if slope.is_nan() { 1.0 } else { slope };
            let wanted = (gain + step).min(MOST_GAIN_DB);
            let close = (wanted_lufs - reached).abs() <= CLOSE_LU || (wanted - gain).abs() <= CLOSE_LU;
            if (close && excess <= 0.0) || count == ATTEMPTS {
                break attempt;
            }
            last = (gain, reached);
            gain = wanted;
            limit -= excess.max(0.0);
            count += 1;
        };
        let lost = |found: &Attempt| self.range_lu - found.measured.range_lu;
        let mut steps = 0;
        while whole.duration() >= HAS_RANGE
            && found.curve.is_some()
            && lost(&found) > RANGE_LOST_LU
            && steps < STEPS_DOWN
        {
            let softer = found.gain_db - STEP_DOWN_DB;
            // Its curve is half as large as a stereo part.
            drop(found);
            found = self.attempt(softer, limit, judged)?;
            steps += 1;
        }
        Ok((judged, found))
    }

    fn attempt(&self, gain_db: f64, limit_db: f64, judged: Option<usize>) -> Result<Attempt> {
        let gain = from_db(gain_db) as f32;
        let whole = Blocks::sum(self.parts).gain(gain);
        let curve = limiter::gains(&whole, from_db(limit_db) as f32);
        let limits = curve.as_deref().unwrap_or_default();
        let measured = loudness::measure(whole.curve(limits))?;
        let reached = match judged {
            None => measured.integrated_lufs,
            Some(part) => loudness::integrated(Blocks::from(&self.parts[part]).gain(gain).curve(limits))?,
        };
        Ok(Attempt { gain_db, curve, measured, reached })
    }
}

#[cfg(test)]
mod tests;
