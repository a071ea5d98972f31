//! A look-ahead true-peak limiter.
//!
//! The whole sound is at hand, so looking ahead costs no delay: length and alignment
//! stay. The gain that each moment needs is held over a window and smoothed over the same
//! window, so it is never higher than needed, and changes too slowly to be heard as
//! distortion; it comes back exponentially. Does not know loudness.
//!
//! Peaks between samples are found by four-fold oversampling, as ITU-R BS.1770-4, Annex 2
//! asks, with a longer filter than the one given there.

use crate::audio::Audio;
use std::collections::VecDeque;

/// Half of the time in which the gain goes down, in seconds.
const HALF_ATTACK: f64 = 0.002_5;
/// Time constant of the gain's return, in seconds.
const RELEASE: f64 = 0.08;
/// Samples on each side that the interpolation looks at.
const REACH: usize = 12;
/// Points in time between two samples that are looked at.
const BETWEEN: usize = 3;

/// The gain of each moment that keeps the true peak of `audio` under `ceiling` (linear); none where nothing passes it.
///
/// `beside` is the largest sample at each moment of whatever else gets the same gain, and is kept under the ceiling
/// too; it may be empty.
pub(super) fn gains(audio: &Audio, beside: &[f32], ceiling: f32) -> Option<Vec<f32>> {
    if audio.channels == 0 || audio.samples.is_empty() || ceiling <= 0.0 {
        return None;
    }
    let mut peaks = peaks(audio, ceiling);
    for (peak, other) in peaks.iter_mut().zip(beside) {
        *peak = peak.max(*other);
    }
    if peaks.iter().all(|peak| *peak <= ceiling) {
        return None;
    }
    let needed: Vec<f32> = peaks.into_iter().map(|peak| (ceiling / peak).min(1.0)).collect();
    let half = ((f64::from(audio.rate) * HALF_ATTACK) as usize).max(1);
    let mut gains = held(&needed, half);
    release(&mut gains, (-1.0 / (RELEASE * f64::from(audio.rate))).exp() as f32);
    Some(smoothed(&gains, half))
}

/// The largest absolute value at and around each moment, over all channels. Stretches far
/// below `ceiling` are not interpolated.
fn peaks(audio: &Audio, ceiling: f32) -> Vec<f32> {
    let channels = usize::from(audio.channels);
    let frames = audio.frames();
    let taps = taps();
    let moment = |index: usize| &audio.samples[index * channels..(index + 1) * channels];
    let mut peaks: Vec<f32> =
        (0..frames).map(|index| moment(index).iter().fold(0.0f32, |peak, s| peak.max(s.abs()))).collect();
    // Far from other loud samples nothing between them is twice as loud as they are.
    let loud: Vec<bool> = peaks.iter().map(|peak| *peak > ceiling * 0.5).collect();
    for index in 0..frames {
        let next = (index + 1).min(frames - 1);
        if !loud[index] && !loud[next] {
            continue;
        }
        let mut peak = 0.0f32;
        for channel in 0..channels {
            for phase in &taps {
                let mut sum = 0.0;
                for (tap, weight) in phase.iter().enumerate() {
                    // Tap REACH − 1 lies on `index`.
                    let at = (index + tap).checked_sub(REACH - 1).filter(|at| *at < frames);
                    sum += at.map_or(0.0, |at| audio.samples[at * channels + channel]) * weight;
                }
                peak = peak.max(sum.abs());
            }
        }
        peaks[index] = peaks[index].max(peak);
        peaks[next] = peaks[next].max(peak);
    }
    peaks
}

/// Weights of the samples around each point between two of them: a sinc under a Hann window.
fn taps() -> [[f32; 2 * REACH]; BETWEEN] {
    let mut taps = [[0.0; 2 * REACH]; BETWEEN];
    for (number, phase) in taps.iter_mut().enumerate() {
        let point = (number + 1) as f64 / (BETWEEN + 1) as f64;
        for (tap, weight) in phase.iter_mut().enumerate() {
            let distance = (tap as f64 - (REACH - 1) as f64 - point) * std::f64::consts::PI;
            let window = 0.5 + 0.5 * (distance / REACH as f64).cos();
            *weight = (distance.sin() / distance * window) as f32;
        }
    }
    taps
}

/// The smallest value within `half` on both sides of each place.
fn held(values: &[f32], half: usize) -> Vec<f32> {
    let mut smallest = Vec::with_capacity(values.len());
    // Places in the window whose values rise; the first is the smallest.
    let mut rising: VecDeque<usize> = VecDeque::new();
    for place in 0..values.len() + half {
        if let Some(value) = values.get(place) {
            while rising.back().is_some_and(|last| values[*last] >= *value) {
                rising.pop_back();
            }
            rising.push_back(place);
        }
        let Some(centre) = place.checked_sub(half) else { continue };
        while rising.front().is_some_and(|first| first + half < centre) {
            rising.pop_front();
        }
        smallest.push(rising.front().map_or(1.0, |first| values[*first]));
    }
    smallest
}

/// Lets gains rise no faster than the release allows.
fn release(gains: &mut [f32], keep: f32) {
    let mut last = 1.0f32;
    for gain in gains {
        last = gain.min(1.0 - (1.0 - last) * keep);
        *gain = last;
    }
}

/// The mean over `half` on both sides; beyond the ends the end values go on.
fn smoothed(values: &[f32], half: usize) -> Vec<f32> {
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    let at = |place: isize| f64::from(values[place.clamp(0, last as isize) as usize]);
    let half = half as isize;
    let mut sum: f64 = (-half..=half).map(at).sum();
    let width = (2 * half + 1) as f64;
    (0..values.len() as isize)
        .map(|place| {
            let mean = sum / width;
            sum += at(place + half + 1) - at(place - half);
            mean as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::loudness::measure;

    fn tone(hz: f64, phase: f64, amplitude: f32) -> Audio {
        let samples = (0..48_000)
            .map(|i| (f64::from(i) * hz / 48_000.0 * std::f64::consts::TAU + phase).sin() as f32 * amplitude);
        Audio { rate: 48_000, channels: 1, samples: samples.collect() }
    }

    fn limit(audio: &mut Audio, ceiling: f32) {
        if let Some(gains) = gains(audio, &[], ceiling) {
            audio.apply_curve(&gains);
        }
    }

    #[test]
    fn peaks_between_samples_are_found() {
        // A quarter of the rate, sampled 45 degrees beside its peaks: 3 dB lie between.
        let audio = tone(12_000.0, std::f64::consts::FRAC_PI_4, 1.0);
        assert!((audio.peak() - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-3);
        let found = peaks(&audio, 0.5)[100..47_900].iter().fold(0.0f32, |a, b| a.max(*b));
        assert!((found - 1.0).abs() < 0.02, "{found}");
    }

    #[test]
    fn true_peaks_stay_under_the_ceiling() {
        for hz in [100.0, 997.0, 5000.0, 12_000.0, 15_000.0] {
            let mut audio = tone(hz, 0.8, 1.5);
            // A step in the middle, the hardest case.
            audio.samples[..24_000].iter_mut().for_each(|s| *s *= 0.01);
            limit(&mut audio, 0.8);
            let peak = measure(&audio).unwrap().true_peak_dbtp;
            assert!(peak <= crate::audio::to_db(0.8) + 0.1, "{hz} Hz: {peak} dBTP");
            assert!(peak >= crate::audio::to_db(0.8) - 0.5, "{hz} Hz: {peak} dBTP");
        }
    }

    #[test]
    fn what_is_far_from_a_peak_is_left_alone() {
        let mut audio = tone(440.0, 0.0, 0.3);
        audio.samples[24_000] = 2.0;
        let before = audio.clone();
        limit(&mut audio, 0.9);
        assert_eq!(audio.frames(), before.frames());
        assert_eq!(audio.samples[..23_700], before.samples[..23_700]);
        // Half a second is six time constants.
        for (a, b) in audio.samples[47_900..].iter().zip(&before.samples[47_900..]) {
            assert!((a - b).abs() < 0.002, "{a} {b}");
        }
        assert!(audio.samples[24_000] <= 0.9);
    }

    #[test]
    fn what_lies_beside_it_is_kept_under_the_ceiling_too() {
        let audio = tone(440.0, 0.0, 0.3);
        let mut beside = vec![0.0; audio.frames()];
        assert_eq!(gains(&audio, &beside, 0.5), None);
        beside[20_000] = 2.0;
        let gains = gains(&audio, &beside, 0.5).unwrap();
        assert!(gains[20_000] <= 0.25 && gains[10_000] == 1.0, "{}", gains[20_000]);
    }

    #[test]
    fn a_held_minimum_and_its_mean_never_pass_the_value() {
        let values: Vec<f32> = (0..1000).map(|i| ((i * 7919 % 1000) as f32 / 1000.0).max(0.1)).collect();
        for half in [1, 7, 120] {
            let gains = smoothed(&held(&values, half), half);
            assert_eq!(gains.len(), values.len());
            assert!(gains.iter().zip(&values).all(|(gain, value)| *gain <= value + 1e-6));
        }
        assert!(held(&[], 3).is_empty() && smoothed(&[], 3).is_empty());
    }
}
