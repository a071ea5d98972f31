//! A look-ahead true-peak limiter.
//!
//! The whole sound is at hand, so looking ahead costs no delay: length and alignment
//! stay. The gain that each moment needs is held over a window and smoothed over the same
//! window, so it is never higher than needed, and changes too slowly to be heard as
//! distortion; it comes back exponentially. One number a moment is all that is held: peaks
//! become gains in their place. Does not know loudness.
//!
//! No library does this: stems add up to their mix only under one gain, so that it is wanted as a curve and not as a
//! limited sound. FFmpeg's `alimiter` hears nothing of what lies between samples, either.
//!
//! Peaks between samples are found by four-fold oversampling, as ITU-R BS.1770-4, Annex 2
//! asks, with a longer filter than the one given there.

use super::blocks::Blocks;
use std::collections::VecDeque;

/// Half of the time in which the gain goes down, in seconds.
const HALF_ATTACK: f64 = 0.002_5;
/// Time constant of the gain's return, in seconds.
const RELEASE: f64 = 0.08;
/// Samples on each side that the interpolation looks at.
const REACH: usize = 12;
/// Points in time between two samples that are looked at.
const BETWEEN: usize = 3;
/// Moments that are worked out at a time.
const BLOCK: usize = 16_384;

/// The gain of each moment that keeps the true peak of `sound`, and each sample of its parts, under `ceiling` (linear);
/// none where nothing passes it.
pub(super) fn gains(sound: &Blocks<'_>, ceiling: f32) -> Option<Vec<f32>> {
    if sound.channels() == 0 || ceiling <= 0.0 {
        return None;
    }
    let mut gains = peaks(sound, ceiling);
    sound.raise_to_parts(&mut gains);
    if gains.iter().all(|peak| *peak <= ceiling) {
        return None;
    }
    gains.iter_mut().for_each(|peak| *peak = (ceiling / *peak).min(1.0));
    let half = ((f64::from(sound.rate()) * HALF_ATTACK) as usize).max(1);
    hold(&mut gains, half);
    release(&mut gains, (-1.0 / (RELEASE * f64::from(sound.rate()))).exp() as f32);
    smooth(&mut gains, half);
    Some(gains)
}

/// The largest absolute value at and around each moment, over all channels. Stretches far
/// below `ceiling` are not interpolated.
fn peaks(sound: &Blocks<'_>, ceiling: f32) -> Vec<f32> {
    let channels = usize::from(sound.channels());
    let frames = sound.frames();
    let taps = taps();
    let mut peaks = vec![0f32; frames];
    let mut block = Vec::new();
    for start in (0..frames).step_by(BLOCK) {
        let end = (start + BLOCK).min(frames);
        sound.block(start..end, REACH, &mut block);
        let largest = |moment: usize| {
            let moment = &block[moment * channels..(moment + 1) * channels];
            moment.iter().fold(0.0f32, |peak, s| peak.max(s.abs()))
        };
        let mut after = largest(REACH);
        for index in start..end {
            let next = (index + 1).min(frames - 1);
            let here = after;
            after = largest(index - start + REACH + 1);
            peaks[index] = peaks[index].max(here);
            // Far from other loud samples nothing between them is twice as loud as they are.
            if here.max(after) <= ceiling * 0.5 {
                continue;
            }
            // The tap REACH − 1 lies on `index`.
            let around = &block[(index - start + 1) * channels..];
            let mut peak = 0.0f32;
            for channel in 0..channels {
                for phase in &taps {
                    let samples = around.chunks_exact(channels).map(|moment| moment[channel]);
                    let sum = phase.iter().zip(samples).fold(0.0, |sum, (weight, sample)| sum + sample * weight);
                    peak = peak.max(sum.abs());
                }
            }
            peaks[index] = peaks[index].max(peak);
            peaks[next] = peaks[next].max(peak);
        }
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

/// Puts the smallest value within `half` on both sides in each place.
fn hold(values: &mut [f32], half: usize) {
    // Places in the window whose values rise, with those values, which may be replaced already; the first is the smallest.
    let mut rising: VecDeque<(usize, f32)> = VecDeque::new();
    for place in 0..values.len() + half {
        if let Some(value) = values.get(place).copied() {
            while rising.back().is_some_and(|(_, last)| *last >= value) {
                rising.pop_back();
            }
            rising.push_back((place, value));
        }
        let Some(centre) = place.checked_sub(half) else { continue };
        while rising.front().is_some_and(|(first, _)| first + half < centre) {
            rising.pop_front();
        }
        values[centre] = rising.front().map_or(1.0, |(_, value)| *value);
    }
}

/// Lets gains rise no faster than the release allows.
fn release(gains: &mut [f32], keep: f32) {
    let mut last = 1.0f32;
    for gain in gains {
        last = gain.min(1.0 - (1.0 - last) * keep);
        *gain = last;
    }
}

/// Puts the mean over `half` on both sides in each place; beyond the ends the end values go on.
fn smooth(values: &mut [f32], half: usize) {
    let Some(last) = values.len().checked_sub(1) else { return };
    // The values that are averaged, as they were.
    let before = (0..half).map(|_| values[0]);
    let mut window: VecDeque<f32> = before.chain((0..=half).map(|place| values[place.min(last)])).collect();
    let mut sum: f64 = window.iter().map(|value| f64::from(*value)).sum();
    for place in 0..=last {
        let next = values[(place + half + 1).min(last)];
        values[place] = (sum / window.len() as f64) as f32;
        window.push_back(next);
        let gone = window.pop_front().unwrap_or_default();
        sum += f64::from(next) - f64::from(gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Audio;
    use crate::media::loudness::measure;
    use crate::media::testing::speech;

    fn tone(hz: f64, phase: f64, amplitude: f32) -> Audio {
        let samples = (0..48_000)
            .map(|i| (f64::from(i) * hz / 48_000.0 * std::f64::consts::TAU + phase).sin() as f32 * amplitude);
        Audio { rate: 48_000, channels: 1, samples: samples.collect() }
    }

    fn limit(audio: &mut Audio, ceiling: f32) {
        if let Some(gains) = gains(&Blocks::from(&*audio), ceiling) {
            audio.apply_curve(&gains);
        }
    }

    #[test]
    fn peaks_between_samples_are_found() {
        // A quarter of the rate, sampled 45 degrees beside its peaks: 3 dB lie between.
        let audio = tone(12_000.0, std::f64::consts::FRAC_PI_4, 1.0);
        assert!((audio.peak() - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-3);
        let found = peaks(&Blocks::from(&audio), 0.5)[100..47_900].iter().fold(0.0f32, |a, b| a.max(*b));
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
    fn parts_that_cancel_each_other_are_kept_under_the_ceiling_too() {
        let mut parts = [tone(440.0, 0.0, 0.3), Audio::silence(48_000, 1, 48_000)];
        assert_eq!(gains(&Blocks::sum(&parts), 0.5), None);
        parts[0].samples[20_000] += 2.0;
        parts[1].samples[20_000] -= 2.0;
        let gains = gains(&Blocks::sum(&parts), 0.5).unwrap();
        assert!(gains[20_000] <= 0.25 && gains[10_000] == 1.0, "{}", gains[20_000]);
    }

    /// The same limiter, each step of it whole in memory and as the words above say it.
    fn plain(parts: &[Audio], gain: f32, ceiling: f32) -> Vec<f32> {
        let gained: Vec<Audio> = parts.iter().map(|part| Blocks::from(part).gain(gain).audio()).collect();
        let whole = Blocks::sum(parts).gain(gain).audio();
        let (channels, frames) = (usize::from(whole.channels), whole.frames());
        let at = |sound: &Audio, place: usize| {
            let moment = &sound.samples[place * channels..(place + 1) * channels];
            moment.iter().fold(0f32, |most, sample| most.max(sample.abs()))
        };
        let samples: Vec<f32> = (0..frames).map(|place| at(&whole, place)).collect();
        let mut peaks = samples.clone();
        for place in 0..frames {
            let next = (place + 1).min(frames - 1);
            if samples[place].max(samples[next]) <= ceiling * 0.5 {
                continue;
            }
            for (phase, channel) in taps().iter().flat_map(|phase| (0..channels).map(move |channel| (phase, channel))) {
                let mut sum = 0f32;
                for (tap, weight) in phase.iter().enumerate() {
                    let there = (place + tap).checked_sub(REACH - 1).filter(|there| *there < frames);
                    sum += there.map_or(0.0, |there| whole.samples[there * channels + channel]) * weight;
                }
                peaks[place] = peaks[place].max(sum.abs());
                peaks[next] = peaks[next].max(sum.abs());
            }
        }
        for part in gained.iter().filter(|_| parts.len() > 1) {
            peaks.iter_mut().enumerate().for_each(|(place, peak)| *peak = peak.max(at(part, place)));
        }
        let needed: Vec<f32> = peaks.iter().map(|peak| (ceiling / peak).min(1.0)).collect();
        let half = (f64::from(whole.rate) * HALF_ATTACK) as usize;
        let smallest = |place: usize| {
            needed[place.saturating_sub(half)..(place + half + 1).min(frames)].iter().copied().fold(f32::MAX, f32::min)
        };
        let mut held: Vec<f32> = (0..frames).map(smallest).collect();
        release(&mut held, (-1.0 / (RELEASE * f64::from(whole.rate))).exp() as f32);
        let (half, value) =
            (half as isize, |place: isize| f64::from(held[place.clamp(0, frames as isize - 1) as usize]));
        let mut sum: f64 = (-half..=half).map(value).sum();
        let mean = |place: isize| {
            let mean = (sum / (2 * half + 1) as f64) as f32;
            sum += value(place + half + 1) - value(place - half);
            mean
        };
        (0..frames as isize).map(mean).collect()
    }

    #[test]
    fn gains_that_are_worked_out_in_place_are_the_plain_ones_to_the_bit() {
        for (seconds, channels, gain) in [(0.9, 2, 2.3), (0.9, 1, 1.7), (0.3, 6, 3.1), (0.001, 2, 9.0)] {
            let mut parts = [speech(seconds, 0.5), speech(seconds, 0.7)];
            let whole = parts[0].samples.len() / usize::from(channels) * usize::from(channels);
            for (skip, part) in parts.iter_mut().enumerate() {
                part.channels = channels;
                part.samples.truncate(whole);
                part.samples.rotate_right(skip * 16);
            }
            for parts in [&parts[..], &parts[..1]] {
                let ceiling = parts[0].peak() * gain * 0.6;
                let found = gains(&Blocks::sum(parts).gain(gain), ceiling).unwrap();
                assert!(found.iter().any(|gain| *gain < 1.0));
                let wanted = plain(parts, gain, ceiling);
                let differ = found.iter().zip(&wanted).position(|(found, wanted)| found.to_bits() != wanted.to_bits());
                assert_eq!((found.len(), differ), (wanted.len(), None), "{channels} channels");
            }
        }
    }

    #[test]
    fn a_held_minimum_and_its_mean_never_pass_the_value() {
        let values: Vec<f32> = (0..1000).map(|i| ((i * 7919 % 1000) as f32 / 1000.0).max(0.1)).collect();
        for half in [1, 7, 120, 2000] {
            let mut gains = values.clone();
            hold(&mut gains, half);
            smooth(&mut gains, half);
            assert!(gains.iter().zip(&values).all(|(gain, value)| *gain <= value + 1e-6));
        }
        hold(&mut [], 3);
        smooth(&mut [], 3);
    }
}
