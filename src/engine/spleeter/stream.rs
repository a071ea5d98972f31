//! Sound of any length through a network that sees a few hundred frames at a time: tiles with a seam between them.
//!
//! A tile's edges know only one side of themselves. So neighbouring tiles share some frames, over which the mask goes
//! from one to the other. The mask lies over mid and side, (left + right) / 2 and (left − right) / 2. Knows how it is
//! used, not who makes it: that is asked for.

use super::transform::{OVERLAP, Transform};
use crate::engine::separator::{Piece, Read, Write};
use crate::error::{Error, Result};
use realfft::num_complex::Complex;

/// Samples of one moment.
const CHANNELS: usize = 2;
/// Samples beyond 60 dB over full scale are taken for this.
const LOUDEST: f32 = 1000.0;
/// Moments that are asked for at once.
const READ: usize = 16_384;

/// The sizes of a network and its transform.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Samples of a frame; frames are a quarter of that apart.
    pub(super) frame: usize,
    /// The lowest lines of the spectrum, which the network sees.
    pub(super) lines: usize,
    /// The uppermost of those, whose mean share the lines above get.
    pub(super) upper: usize,
    /// Frames of a tile.
    pub(super) tile: usize,
    /// Frames that a tile shares with the next, one to half of a tile.
    pub(super) seam: usize,
    /// What magnitudes are multiplied with for the network: 1 for frames as long as those it was trained on.
    pub(super) level: f32,
}

/// The magnitudes of a tile, by channel, frame and line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) left_right: &'a [f32],
    pub(super) mid_side: &'a [f32],
}

/// Fills in the voice's share of mid and side, 0 to 1. It lies as the magnitudes do.
pub(super) type Mask<'a> = &'a mut dyn FnMut(&Seen<'_>, &mut [f32]) -> Result<()>;

/// Parts what `read` gives and hands it to `write` a tile at a time.
///
/// # Errors
/// Fails if `read`, `mask` or `write` does.
pub(super) fn part(shape: Shape, read: Read<'_>, mask: Mask<'_>, write: Write<'_>) -> Result<()> {
    let mut stream = Stream::new(shape);
    let mut tile = 0;
    loop {
        stream.fill(tile, read)?;
        let last = stream.analyse(tile)?;
        stream.ask(tile, mask)?;
        let end = if last { stream.frames() } else { (tile + 1) * shape.advance() };
        stream.synthesise(tile, end)?;
        stream.emit(end, last, write)?;
        if last {
            return Ok(());
        }
        stream.keep_seam();
        tile += 1;
    }
}

impl Shape {
    fn hop(&self) -> usize {
        self.frame / OVERLAP
    }

    /// Frames from the beginning of a tile to that of the next.
    fn advance(&self) -> usize {
        self.tile - self.seam
    }
}

/// Positions are counted in moments from three quarters of a frame before the first one, so that every moment lies
/// in as many frames as any other; frame `k` begins at `k` hops.
struct Stream {
    shape: Shape,
    transform: Transform,
    /// The mix from `origin` on.
    mix: Vec<f32>,
    /// What there is of the voice, in mid and side, from `origin` on.
    voice: Vec<f32>,
    /// Position of the first moment that is held.
    origin: usize,
    /// Position after the last moment that was read.
    read: usize,
    ended: bool,
    /// Mid and side of the tile in hand, by frame, channel and line.
    spectra: Vec<Complex<f32>>,
    left_right: Vec<f32>,
    mid_side: Vec<f32>,
    mask: Vec<f32>,
    /// The mask that the tile before had over the seam, by channel, frame and line.
    seam: Vec<f32>,
    /// The stems of a piece.
    piece: [Vec<f32>; 2],
}

impl Stream {
    fn new(shape: Shape) -> Stream {
        let transform = Transform::new(shape.frame);
        let lead = shape.frame - shape.hop();
        let tile = CHANNELS * shape.tile * shape.lines;
        Stream {
            mix: vec![0.0; lead * CHANNELS],
            voice: Vec::new(),
            origin: 0,
            read: lead,
            ended: false,
            spectra: vec![Complex::default(); CHANNELS * shape.tile * transform.lines()],
            left_right: vec![0.0; tile],
            mid_side: vec![0.0; tile],
            mask: vec![0.0; tile],
            seam: vec![0.0; CHANNELS * shape.seam * shape.lines],
            piece: Default::default(),
            shape,
            transform,
        }
    }

    /// Frames that hold anything of what was read.
    fn frames(&self) -> usize {
        let lead = self.shape.frame - self.shape.hop();
        if self.read == lead { 0 } else { self.read.div_ceil(self.shape.hop()) }
    }

    /// Reads until the tile is full or there is no more, and a frame of silence behind that.
    fn fill(&mut self, tile: usize, read: Read<'_>) -> Result<()> {
        let (shape, start) = (self.shape, tile * self.shape.advance());
        let wanted = (start + shape.tile) * shape.hop() + shape.frame - shape.hop();
        while !self.ended && self.read < wanted {
            let held = self.mix.len();
            self.mix.resize(held + READ.min(wanted - self.read) * CHANNELS, 0.0);
            let count = read(&mut self.mix[held..])?;
            if count % CHANNELS != 0 || held + count > self.mix.len() {
                return Err(Error::internal(format!("a mix was read as {count} samples at once")));
            }
            self.mix.truncate(held + count);
            // One sample that is no number, or none of a sound, would spoil a whole tile.
            for sample in &mut self.mix[held..] {
                *sample = if sample.is_nan() { 0.0 } else { sample.clamp(-LOUDEST, LOUDEST) };
            }
            self.read += count / CHANNELS;
            self.ended = count == 0;
        }
        Ok(())
    }

    /// The spectra of the tile but for its seam with the one before, which are there already. Is it the last tile?
    fn analyse(&mut self, tile: usize) -> Result<bool> {
        let (shape, lines) = (self.shape, self.transform.lines());
        let start = tile * shape.advance();
        let known = if tile == 0 { 0 } else { shape.seam };
        let mut padded = Vec::new();
        for frame in known..shape.tile {
            let from = ((start + frame) * shape.hop()).saturating_sub(self.origin) * CHANNELS;
            let moments = match self.mix.get(from..from + shape.frame * CHANNELS) {
                Some(moments) => moments,
                None => {
                    padded.clear();
                    padded.extend_from_slice(self.mix.get(from..).unwrap_or_default());
                    padded.resize(shape.frame * CHANNELS, 0.0);
                    &padded
                }
            };
            let spectra = &mut self.spectra[frame * CHANNELS * lines..][..CHANNELS * lines];
            let (mid, side) = spectra.split_at_mut(lines);
            self.transform.analyse(moments, 0, mid)?;
            self.transform.analyse(moments, 1, side)?;
            for (mid, side) in mid.iter_mut().zip(side) {
                (*mid, *side) = ((*mid + *side) * 0.5, (*mid - *side) * 0.5);
            }
        }
        Ok(self.ended && start + shape.tile >= self.frames())
    }

    /// The mask of the tile, joined to that of the one before.
    fn ask(&mut self, tile: usize, mask: Mask<'_>) -> Result<()> {
        let (shape, lines) = (self.shape, self.transform.lines());
        let tile_size = shape.tile * shape.lines;
        for frame in 0..shape.tile {
            let (mid, side) = self.spectra[frame * CHANNELS * lines..][..CHANNELS * lines].split_at(lines);
            for (line, (mid, side)) in mid.iter().zip(side).take(shape.lines).enumerate() {
                let (one, other) = (frame * shape.lines + line, tile_size + frame * shape.lines + line);
                (self.mid_side[one], self.mid_side[other]) = (mid.norm() * shape.level, side.norm() * shape.level);
                self.left_right[one] = (mid + side).norm() * shape.level;
                self.left_right[other] = (mid - side).norm() * shape.level;
            }
        }
        // Silence stays silence whatever the mask.
        if self.mid_side.iter().all(|magnitude| *magnitude == 0.0) {
            self.mask.fill(0.0);
        } else {
            mask(&Seen { left_right: &self.left_right, mid_side: &self.mid_side }, &mut self.mask)?;
        }
        if tile > 0 {
            for (channel, before) in self.seam.chunks_exact(shape.seam * shape.lines).enumerate() {
                let now = &mut self.mask[channel * tile_size..];
                for (frame, before) in before.chunks_exact(shape.lines).enumerate() {
                    let share = (frame + 1) as f32 / (shape.seam + 1) as f32;
                    let now = &mut now[frame * shape.lines..][..shape.lines];
                    now.iter_mut().zip(before).for_each(|(now, before)| *now = before + (*now - before) * share);
                }
            }
        }
        let tail = shape.advance() * shape.lines;
        for (channel, to) in self.seam.chunks_exact_mut(shape.seam * shape.lines).enumerate() {
            to.copy_from_slice(&self.mask[channel * tile_size + tail..][..shape.seam * shape.lines]);
        }
        Ok(())
    }

    /// Adds the voice of the tile's frames before frame `end`.
    fn synthesise(&mut self, tile: usize, end: usize) -> Result<()> {
        let (shape, lines) = (self.shape, self.transform.lines());
        let start = tile * shape.advance();
        let room = (end * shape.hop() + shape.frame).saturating_sub(self.origin + shape.hop());
        self.voice.resize(self.voice.len().max(room * CHANNELS), 0.0);
        for frame in 0..end.saturating_sub(start) {
            let to = ((start + frame) * shape.hop() - self.origin) * CHANNELS;
            for channel in 0..CHANNELS {
                let spectrum = &self.spectra[(frame * CHANNELS + channel) * lines..][..lines];
                let mask = &self.mask[(channel * shape.tile + frame) * shape.lines..][..shape.lines];
                let upper = &mask[shape.lines - shape.upper..];
                let above = upper.iter().sum::<f32>() / upper.len().max(1) as f32;
                let gains = mask.iter().copied().chain(std::iter::repeat(above));
                let moments = &mut self.voice[to..to + shape.frame * CHANNELS];
                self.transform.synthesise(spectrum, gains, moments, channel)?;
            }
        }
        Ok(())
    }

    /// Hands out what no later frame adds to, and forgets it.
    fn emit(&mut self, end: usize, last: bool, write: Write<'_>) -> Result<()> {
        let lead = self.shape.frame - self.shape.hop();
        let until = if last { self.read } else { (end * self.shape.hop()).min(self.read) };
        let count = until.saturating_sub(self.origin) * CHANNELS;
        let from = lead.saturating_sub(self.origin) * CHANNELS;
        if from < count {
            let [voice, bed] = &mut self.piece;
            voice.clear();
            voice.extend(self.voice[from..count].chunks_exact(CHANNELS).flat_map(|at| [at[0] + at[1], at[0] - at[1]]));
            bed.clear();
            bed.extend(self.mix[from..count].iter().zip(&*voice).map(|(mix, voice)| mix - voice));
            write(Piece { voice, bed })?;
        }
        self.mix.drain(..count);
        self.voice.drain(..count.min(self.voice.len()));
        self.origin += count / CHANNELS;
        Ok(())
    }

    /// The spectra of the seam become the first of the next tile.
    fn keep_seam(&mut self) {
        let frame = CHANNELS * self.transform.lines();
        self.spectra.copy_within(self.shape.advance() * frame.., 0);
    }
}

#[cfg(test)]
mod tests;
