//! Frames of sound to spectra and back: the short-time Fourier transform, and one exact inverse of it.
//!
//! Frames overlap by three quarters under a periodic Hann window at both ends of the way, so that spectra that nobody
//! touched give the sound back within the rounding of a float. Does not know what becomes of the spectra.

use crate::error::{Error, Result};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, FftError, RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Frames that each sample lies in.
pub(super) const OVERLAP: usize = 4;

/// The transform of one length, with its buffers.
pub(super) struct Transform {
    frame: usize,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    back: Arc<dyn ComplexToReal<f32>>,
    time: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Transform {
    /// For frames of `frame` samples, a multiple of [`OVERLAP`].
    pub(super) fn new(frame: usize) -> Transform {
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, back) = (planner.plan_fft_forward(frame), planner.plan_fft_inverse(frame));
        let turn = std::f64::consts::TAU / frame as f64;
        Transform {
            frame,
            window: (0..frame).map(|i| (0.5 - 0.5 * (i as f64 * turn).cos()) as f32).collect(),
            time: vec![0.0; frame],
            spectrum: forward.make_output_vec(),
            scratch: vec![Complex::default(); forward.get_scratch_len().max(back.get_scratch_len())],
            forward,
            back,
        }
    }

    /// Lines of a spectrum.
    pub(super) fn lines(&self) -> usize {
        self.frame / 2 + 1
    }

    /// The spectrum of one channel of interleaved stereo moments, unscaled.
    pub(super) fn analyse(&mut self, moments: &[f32], channel: usize, spectrum: &mut [Complex<f32>]) -> Result<()> {
        for ((to, moment), window) in self.time.iter_mut().zip(moments.chunks_exact(2)).zip(&self.window) {
            *to = moment[channel] * window;
        }
        self.forward.process_with_scratch(&mut self.time, spectrum, &mut self.scratch).map_err(failed)
    }

    /// Adds what `spectrum` times the real `gains`, one a line, sounds like to one channel of interleaved moments.
    pub(super) fn synthesise(
        &mut self,
        spectrum: &[Complex<f32>],
        gains: impl Iterator<Item = f32>,
        moments: &mut [f32],
        channel: usize,
    ) -> Result<()> {
        for ((to, from), gain) in self.spectrum.iter_mut().zip(spectrum).zip(gains) {
            *to = from * gain;
        }
        // What a real sound has none of, and rounding may leave a little of.
        for end in [0, self.frame / 2] {
            self.spectrum[end].im = 0.0;
        }
        self.back.process_with_scratch(&mut self.spectrum, &mut self.time, &mut self.scratch).map_err(failed)?;
        // The inverse multiplies by the length; squared Hann windows a quarter apart add up to 1.5.
        let scale = 1.0 / (self.frame as f32 * 1.5);
        for ((moment, from), window) in moments.chunks_exact_mut(2).zip(&self.time).zip(&self.window) {
            moment[channel] += from * window * scale;
        }
        Ok(())
    }
}

fn failed(error: FftError) -> Error {
    Error::internal("a Fourier transform was given buffers of other lengths").because(error)
}
