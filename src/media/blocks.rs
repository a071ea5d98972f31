//! Sound that is worked out a block at a time: parts that are added up under a gain and a curve, and heard as if somebody
//! held the sum.
//!
//! An hour of stereo is 1.4 GB, and what measures, limits or writes a mix goes through it from beginning to end. What
//! comes out is, to the bit, what adding the parts, [`Audio::apply_gain`] and [`Audio::apply_curve`] would give, one after
//! the other. Does not know who listens.

use crate::audio::Audio;
use crate::time::Delta;
use std::ops::Range;

/// Parts that are alike, added up under a gain and a curve. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    parts: Vec<&'a Audio>,
    gain: f32,
    curve: &'a [f32],
}

impl<'a> From<&'a Audio> for Blocks<'a> {
    fn from(audio: &'a Audio) -> Blocks<'a> {
        Blocks::sum([audio])
    }
}

impl<'a> From<&Blocks<'a>> for Blocks<'a> {
    fn from(blocks: &Blocks<'a>) -> Blocks<'a> {
        blocks.clone()
    }
}

impl<'a> Blocks<'a> {
    /// The sum of parts that have one rate, one number of channels and one length.
    pub fn sum(parts: impl IntoIterator<Item = &'a Audio>) -> Blocks<'a> {
        Blocks { parts: parts.into_iter().collect(), gain: 1.0, curve: &[] }
    }

    /// With every sample times `gain`.
    pub fn gain(self, gain: f32) -> Blocks<'a> {
        Blocks { gain, ..self }
    }

    /// With the samples of each moment times its gain; moments beyond the curve stay as they are.
    pub fn curve(self, curve: &'a [f32]) -> Blocks<'a> {
        Blocks { curve, ..self }
    }

    /// Hz.
    pub fn rate(&self) -> u32 {
        self.parts.first().map_or(0, |part| part.rate)
    }

    /// Channels.
    pub fn channels(&self) -> u16 {
        self.parts.first().map_or(0, |part| part.channels)
    }

    /// Moments (samples per channel).
    pub fn frames(&self) -> usize {
        self.parts.first().map_or(0, |part| part.frames())
    }

    /// Length.
    pub fn duration(&self) -> Delta {
        Delta::from_samples(self.frames() as i64, self.rate())
    }

    /// Gives all of it to `hear`, so many moments at a time; the last block may be shorter.
    ///
    /// # Errors
    /// Fails as `hear` does.
    pub fn each<E>(&self, moments: usize, mut hear: impl FnMut(&[f32]) -> Result<(), E>) -> Result<(), E> {
        let mut block = Vec::new();
        for start in (0..self.frames()).step_by(moments.max(1)) {
            self.block(start..(start + moments.max(1)).min(self.frames()), 0, &mut block);
            hear(&block)?;
        }
        Ok(())
    }

    /// Puts these moments into `block`, and `reach` more on both sides of them: silence, where there are none.
    pub(super) fn block(&self, moments: Range<usize>, reach: usize, block: &mut Vec<f32>) {
        let channels = usize::from(self.channels());
        let there = moments.start.saturating_sub(reach)..(moments.end + reach).min(self.frames());
        let samples = there.start * channels..there.end * channels;
        block.clear();
        block.resize((there.start + reach - moments.start) * channels, 0.0);
        let silence = block.len();
        let Some((first, rest)) = self.parts.split_first() else { return };
        block.extend_from_slice(&first.samples[samples.clone()]);
        let sums = &mut block[silence..];
        for part in rest {
            sums.iter_mut().zip(&part.samples[samples.clone()]).for_each(|(sum, sample)| *sum += sample);
        }
        sums.iter_mut().for_each(|sum| *sum *= self.gain);
        let gains = self.curve.get(there.start..).unwrap_or_default();
        for (moment, gain) in sums.chunks_exact_mut(channels.max(1)).zip(gains) {
            moment.iter_mut().for_each(|sum| *sum *= gain);
        }
        block.resize((moments.len() + 2 * reach) * channels, 0.0);
    }

    /// Raises each peak to the largest sample that any part has at its moment: parts that cancel each other are louder than
    /// their sum.
    pub(super) fn raise_to_parts(&self, peaks: &mut [f32]) {
        for part in self.parts.iter().filter(|_| self.parts.len() > 1) {
            let moments = part.samples.chunks_exact(usize::from(part.channels.max(1)));
            for (index, (peak, moment)) in peaks.iter_mut().zip(moments).enumerate() {
                let largest = moment.iter().fold(0f32, |largest, sample| largest.max(sample.abs()));
                *peak = peak.max(largest * self.gain * self.curve.get(index).copied().unwrap_or(1.0));
            }
        }
    }

    /// All of it in memory.
    pub fn audio(&self) -> Audio {
        let mut samples = Vec::new();
        self.block(0..self.frames(), 0, &mut samples);
        Audio { rate: self.rate(), channels: self.channels(), samples }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::testing::speech;
    use std::convert::Infallible;

    /// Two sounds of so many channels that differ, and a curve.
    fn parts(channels: u16, frames: usize) -> (Vec<Audio>, Vec<f32>) {
        let samples = speech(2.0, 0.8).samples;
        let part = |skip: usize| {
            let samples = samples[skip..skip + frames * usize::from(channels)].to_vec();
            Audio { rate: 48_000, channels, samples }
        };
        (vec![part(0), part(777), part(1501)], (0..frames).map(|at| 1.0 / (1.0 + at as f32 * 0.37)).collect())
    }

    /// The same with every step in memory.
    fn plain(parts: &[Audio], gain: f32, curve: &[f32]) -> Audio {
        let mut whole = parts[0].clone();
        for part in &parts[1..] {
            whole.samples.iter_mut().zip(&part.samples).for_each(|(sum, sample)| *sum += sample);
        }
        whole.apply_gain(gain);
        whole.apply_curve(curve);
        whole
    }

    #[test]
    fn blocks_are_the_plain_sum_to_the_bit() {
        for (channels, frames, block) in [(2, 10_000, 480), (1, 999, 1000), (6, 5003, 997), (2, 1, 7), (2, 0, 7)] {
            let (parts, curve) = parts(channels, frames);
            for (count, gain, curve) in [(1, 1.0, &[][..]), (2, 0.731, &curve), (3, 3.17, &curve[..frames / 2])] {
                let blocks = Blocks::sum(&parts[..count]).gain(gain).curve(curve);
                let wanted = plain(&parts[..count], gain, curve);
                assert_eq!((blocks.frames(), blocks.duration()), (wanted.frames(), wanted.duration()));
                assert_eq!(blocks.audio(), wanted);
                let mut heard = Vec::new();
                let Ok(()) = blocks.each(block, |piece| {
                    assert!(piece.len() <= block * usize::from(channels));
                    heard.extend_from_slice(piece);
                    Ok::<_, Infallible>(())
                });
                assert_eq!(heard, wanted.samples);
            }
        }
    }

    #[test]
    fn what_lies_around_a_block_comes_with_it_and_beyond_the_ends_is_silence() {
        let (parts, curve) = parts(2, 100);
        let (blocks, wanted) = (Blocks::sum(&parts).gain(0.5).curve(&curve), plain(&parts, 0.5, &curve));
        let mut block = vec![9.0; 5];
        blocks.block(40..50, 7, &mut block);
        assert_eq!(block, wanted.samples[66..114]);
        blocks.block(3..98, 7, &mut block);
        assert_eq!((block.len(), &block[..8], &block[8..208]), (218, &[0.0; 8][..], &wanted.samples[..]));
        assert_eq!(block[208..], [0.0; 10]);
    }

    #[test]
    fn peaks_are_raised_to_the_loudest_part() {
        let part = |samples: &[f32]| Audio { rate: 10, channels: 2, samples: samples.to_vec() };
        let parts = [part(&[0.5, -0.25, 0.1, 0.0]), part(&[-0.5, 0.75, 0.0, -0.2])];
        let mut peaks = [0.0, 0.9];
        Blocks::sum(&parts).gain(2.0).curve(&[0.5]).raise_to_parts(&mut peaks);
        assert_eq!(peaks, [0.75, 0.9]);
        let mut peaks = [0.0, 0.0];
        Blocks::from(&parts[0]).raise_to_parts(&mut peaks);
        assert_eq!(peaks, [0.0, 0.0], "one part is the sum itself");
    }

    #[test]
    fn nothing_is_no_sound() {
        let nothing = Blocks::sum([]);
        assert_eq!((nothing.rate(), nothing.channels(), nothing.frames()), (0, 0, 0));
        assert_eq!(nothing.audio(), Audio::default());
    }
}
