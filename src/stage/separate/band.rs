//! The band in which voices lie, out of a sound and in step with it.
//!
//! A second-order Butterworth filter at each edge, run forwards and then backwards: what the first run delays, the
//! second brings back, so that the band can be taken from the sound that it came from. Does not know what for.

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Q_BUTTERWORTH_F64, Type};

/// Edges of the band, in Hz; half of the amplitude is left there.
const LOW: f64 = 150.0;
const HIGH: f64 = 6_000.0;

/// The band of interleaved samples.
pub(super) fn of(samples: &[f32], channels: usize, rate: u32) -> Vec<f32> {
    let mut band = samples.to_vec();
    let frames = samples.len() / channels.max(1);
    for (kind, hz) in [(Type::HighPass, LOW), (Type::LowPass, HIGH)] {
        // No filter can be made of an edge beyond half of the rate, which no rate in use has.
        let Ok(filter) = Coefficients::from_normalized_params(kind, hz / (f64::from(rate) / 2.0), Q_BUTTERWORTH_F64)
        else {
            continue;
        };
        for channel in 0..channels {
            run(filter, (0..frames).map(|frame| frame * channels + channel), &mut band);
            run(filter, (0..frames).rev().map(|frame| frame * channels + channel), &mut band);
        }
    }
    band
}

/// Filters the samples at these places, in this order.
fn run(filter: Coefficients<f64>, places: impl Iterator<Item = usize>, samples: &mut [f32]) {
    let mut filter = DirectForm2Transposed::<f64>::new(filter);
    for place in places {
        samples[place] = filter.run(f64::from(samples[place])) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// The amplitude and the lag, in samples, of a tone's middle within the band.
    fn measured(hz: f64) -> (f64, i64) {
        let tone = |i: i64| (i as f64 / 48_000.0 * hz * TAU).sin();
        let samples: Vec<f32> = (0..48_000).map(|i| tone(i) as f32).collect();
        let band = of(&samples, 1, 48_000);
        let with = |lag: i64| (12_000..36_000).map(|i| f64::from(band[i as usize]) * tone(i - lag)).sum::<f64>();
        let lag = (-20..=20).max_by(|a, b| with(*a).total_cmp(&with(*b))).unwrap();
        (with(lag) / 12_000.0, lag)
    }

    #[test]
    fn voices_go_through_in_step_and_the_rest_does_not() {
        for hz in [400.0, 1000.0, 2500.0] {
            let (amplitude, lag) = measured(hz);
            assert!((0.95..1.01).contains(&amplitude) && lag == 0, "{hz} Hz: {amplitude}, {lag} samples late");
        }
        for hz in [LOW, HIGH] {
            assert!((measured(hz).0 - 0.5).abs() < 0.02, "{hz} Hz: {:?}", measured(hz));
        }
        for hz in [40.0, 18_000.0] {
            assert!(measured(hz).0.abs() < 0.02, "{hz} Hz: {:?}", measured(hz));
        }
    }

    #[test]
    fn channels_are_filtered_apart_and_silence_is_silent() {
        let samples: Vec<f32> = (0..2000).flat_map(|i| [(f64::from(i) * 0.1).sin() as f32, 0.0]).collect();
        let band = of(&samples, 2, 48_000);
        assert!(band.iter().step_by(2).any(|sample| sample.abs() > 0.5));
        assert!(band.iter().skip(1).step_by(2).all(|sample| *sample == 0.0));
        assert!(of(&[], 2, 48_000).is_empty());
    }
}
