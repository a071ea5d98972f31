//! Sound in memory: interleaved 32-bit floats, and pure functions on them.
//!
//! Does not know files, codecs or resampling.

use crate::time::{Delta, Span, Time};

/// Interleaved samples, nominally within −1 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audio {
    /// Hz.
    pub rate: u32,
    /// Channels; samples of one moment lie side by side.
    pub channels: u16,
    /// `frames × channels` samples.
    pub samples: Vec<f32>,
}

impl Audio {
    /// Silence of `frames` moments.
    pub fn silence(rate: u32, channels: u16, frames: usize) -> Audio {
        Audio { rate, channels, samples: vec![0.0; frames * usize::from(channels)] }
    }

    /// Moments (samples per channel).
    pub fn frames(&self) -> usize {
        self.samples.len() / usize::from(self.channels.max(1))
    }

    /// Length.
    pub fn duration(&self) -> Delta {
        Delta::from_samples(self.frames() as i64, self.rate)
    }

    /// All channels averaged into one.
    pub fn to_mono(&self) -> Audio {
        if self.channels <= 1 {
            return self.clone();
        }
        let channels = usize::from(self.channels);
        let samples = self.samples.chunks_exact(channels).map(|f| f.iter().sum::<f32>() / channels as f32).collect();
        Audio { rate: self.rate, channels: 1, samples }
    }

    /// Largest absolute sample.
    pub fn peak(&self) -> f32 {
        self.samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
    }

    /// Root mean square over all channels, linear; 0 for no samples.
    pub fn rms(&self) -> f32 {
        if self.samples.is_empty() {
            return 0.0;
        }
        let sum: f64 = self.samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
        (sum / self.samples.len() as f64).sqrt() as f32
    }

    /// The moments from `start` to `end`, clamped to what there is.
    pub fn slice(&self, start: usize, end: usize) -> Audio {
        let end = end.min(self.frames());
        let start = start.min(end);
        let channels = usize::from(self.channels);
        Audio {
            rate: self.rate,
            channels: self.channels,
            samples: self.samples[start * channels..end * channels].to_vec(),
        }
    }

    /// The moments of a span, clamped to what there is.
    pub fn piece(&self, span: Span) -> Audio {
        let at = |time: Time| time.samples(self.rate).max(0) as usize;
        self.slice(at(span.start), at(span.end))
    }

    /// Every sample times `gain`.
    pub fn apply_gain(&mut self, gain: f32) {
        for sample in &mut self.samples {
            *sample *= gain;
        }
    }

    /// The samples of each moment times its gain; moments beyond the curve stay as they are.
    pub fn apply_curve(&mut self, gains: &[f32]) {
        for (moment, gain) in self.samples.chunks_exact_mut(usize::from(self.channels.max(1))).zip(gains) {
            for sample in moment {
                *sample *= gain;
            }
        }
    }

    /// Linear fades of `frames` moments at both ends, so that a placed take does not click.
    pub fn fade_edges(&mut self, frames: usize) {
        let channels = usize::from(self.channels);
        let total = self.frames();
        let frames = frames.min(total / 2);
        for frame in 0..frames {
            let gain = (frame as f32 + 0.5) / frames as f32;
            for channel in 0..channels {
                self.samples[frame * channels + channel] *= gain;
                self.samples[(total - 1 - frame) * channels + channel] *= gain;
            }
        }
    }
}

/// Decibels to a linear factor.
pub fn from_db(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// A linear factor to decibels; −∞ for zero.
pub fn to_db(linear: f64) -> f64 {
    20.0 * linear.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_is_the_mean_of_the_channels() {
        let stereo = Audio { rate: 48_000, channels: 2, samples: vec![1.0, 0.0, -0.5, 0.5] };
        assert_eq!(stereo.to_mono().samples, [0.5, 0.0]);
    }

    #[test]
    fn fades_touch_only_the_edges() {
        let mut audio = Audio { rate: 10, channels: 1, samples: vec![1.0; 10] };
        audio.fade_edges(2);
        assert_eq!(audio.samples[0], 0.25);
        assert_eq!(audio.samples[1], 0.75);
        assert_eq!(audio.samples[2..8], [1.0; 6]);
        assert_eq!(audio.samples[9], 0.25);
    }

    #[test]
    fn a_curve_holds_for_all_channels_of_a_moment() {
        let mut audio = Audio { rate: 10, channels: 2, samples: vec![1.0; 6] };
        audio.apply_curve(&[0.5, 2.0]);
        assert_eq!(audio.samples, [0.5, 0.5, 2.0, 2.0, 1.0, 1.0]);
    }

    #[test]
    fn slices_are_clamped() {
        let audio = Audio { rate: 10, channels: 2, samples: (0..8).map(|i| i as f32).collect() };
        assert_eq!(audio.slice(1, 2).samples, [2.0, 3.0]);
        assert_eq!(audio.slice(3, 99).samples, [6.0, 7.0]);
        assert!(audio.slice(9, 12).samples.is_empty());
        assert_eq!(audio.piece(Span::from_ms(-100, 200)).samples, [0.0, 1.0, 2.0, 3.0]);
    }
}
