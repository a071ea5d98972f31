//! The family of separators: what parts the voices from everything else, and what comes of it.
//!
//! Whatever the engine, the two stems add up to the mix. Does not know where there is speech, nor what
//! becomes of the stems.

use super::{Fingerprint, Load};
use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::time::Time;

/// Rate that separators work at, in Hz.
pub const RATE: u32 = 48_000;
/// Channels that they work on.
pub const CHANNELS: u16 = 2;

/// A mix in two.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stems {
    /// Who speaks or sings.
    pub voice: Audio,
    /// Everything else.
    pub bed: Audio,
}

/// The next stretch of both stems; equally long, interleaved like the mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<'a> {
    /// Who speaks or sings.
    pub voice: &'a [f32],
    /// Everything else.
    pub bed: &'a [f32],
}

/// Gives a mix: fills the beginning of a buffer with whole moments and says how many samples that are. Fewer than
/// there is room for do not mean the end, none do.
pub type Read<'a> = &'a mut dyn FnMut(&mut [f32]) -> Result<usize>;

/// Takes the stems as they come, in order.
pub type Write<'a> = &'a mut dyn FnMut(Piece<'_>) -> Result<()>;

/// A mix to stems.
///
/// For implementers: silence gives silence, channels that are the same stay the same, and a mix of any length, nothing
/// and one moment included, gives stems of that length.
pub trait Separator: Send + Sync {
    /// Part of the stems' key.
    fn fingerprint(&self) -> Result<Fingerprint>;
    /// What one call takes.
    fn load(&self) -> Load;
    /// Parts what `read` gives, interleaved 48 kHz stereo, in memory that does not grow with its length but for the voice,
    /// where a program gives it whole. The pieces lie where the mix lies, to the sample; voice and bed add up to the mix within the rounding of a float.
    ///
    /// # Errors
    /// Fails if the model is missing, the engine fails, `read` or `write` does, or a stop was asked for.
    fn part(&self, read: Read<'_>, write: Write<'_>) -> Result<()>;

    /// Parts a whole mix in memory, 48 kHz stereo. `told` hears how far it got, and may stop it.
    ///
    /// # Errors
    /// Fails as [`part`](Separator::part) does, if `told` does, and for any other rate or number of channels.
    fn separate(&self, mix: &Audio, told: &mut dyn FnMut(Time) -> Result<()>) -> Result<Stems> {
        if (mix.rate, mix.channels) != (RATE, CHANNELS) {
            return Err(Error::internal(format!(
                "separation wants {RATE} Hz stereo, not {} Hz with {} channels",
                mix.rate, mix.channels
            )));
        }
        let mut rest = &mix.samples[..];
        let mut read = |buffer: &mut [f32]| {
            let (now, later) = rest.split_at(rest.len().min(buffer.len()));
            buffer[..now.len()].copy_from_slice(now);
            rest = later;
            Ok(now.len())
        };
        let stem = || Audio { samples: Vec::with_capacity(mix.samples.len()), ..*mix };
        let mut stems = Stems { voice: stem(), bed: stem() };
        let mut write = |piece: Piece<'_>| {
            stems.voice.samples.extend_from_slice(piece.voice);
            stems.bed.samples.extend_from_slice(piece.bed);
            told(Time::from_samples(stems.voice.frames() as i64, RATE))
        };
        self.part(&mut read, &mut write)?;
        if stems.voice.samples.len() != mix.samples.len() || stems.bed.samples.len() != mix.samples.len() {
            return Err(Error::internal(format!(
                "a separator made stems of {} and {} samples of a mix of {}",
                stems.voice.samples.len(),
                stems.bed.samples.len(),
                mix.samples.len()
            )));
        }
        Ok(stems)
    }
}
