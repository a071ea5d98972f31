//! Rate, sample format and channel conversion by swresample, to interleaved floats.
//!
//! Output is aligned with input: sample 0 of one is the same moment as sample 0 of the
//! other, whatever the filter's length. Does not know time.
//!
//! Channels are mixed by the coefficients of ITU-R BS.775 as swresample has them,
//! scaled so that no sum of full-scale channels clips; one channel going to several is
//! copied, not attenuated.

use super::{Frame, Layout, NO_MEMORY, NativeError, c_string, check, ffi};
use std::ffi::c_int;

/// How samples lie in a frame.
#[derive(PartialEq)]
pub(in crate::media) struct SoundFormat {
    pub(super) rate: u32,
    pub(super) sample: c_int,
    pub(super) layout: Layout,
}

impl SoundFormat {
    /// Interleaved floats.
    pub(in crate::media) fn float(rate: u32, channels: u16) -> SoundFormat {
        let sample = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLT as c_int;
        SoundFormat { rate, sample, layout: Layout::default_for(channels) }
    }

    /// Hz.
    pub(in crate::media) fn rate(&self) -> u32 {
        self.rate
    }

    /// Channels.
    pub(in crate::media) fn channels(&self) -> u16 {
        self.layout.channels()
    }
}

/// A converter of one input format.
pub(in crate::media) struct Resampler {
    context: *mut ffi::SwrContext,
    input_channels: u16,
    /// Channels that swresample gives.
    mixed: u16,
    /// How often each sample is repeated after it: more than 1 for mono to many.
    copies: u16,
}

// SAFETY: the converter owns its context, which is tied to no thread.
unsafe impl Send for Resampler {}

impl Resampler {
    /// A converter from `input` to interleaved floats.
    ///
    /// # Errors
    /// Fails where the input's format or layout is not one that can be converted.
    pub(in crate::media) fn new(input: &SoundFormat, rate: u32, channels: u16) -> Result<Resampler, NativeError> {
        super::init();
        let invalid = NativeError::Other { errno: libc::EINVAL };
        if input.rate == 0 || rate == 0 || input.channels() == 0 || channels == 0 {
            return Err(invalid);
        }
        let (mixed, copies) = if input.channels() == 1 { (1, channels) } else { (channels, 1) };
        let sample = sample_format(input.sample).ok_or(invalid)?;
        let mut from = Layout::empty();
        let mut to = Layout::default_for(mixed);
        let c_rate = |rate: u32| c_int::try_from(rate).map_err(|_| invalid);
        // SAFETY: the layouts are valid and outlive the call, which copies them; the
        // context is owned by `resampler` at once, whose drop frees it on every path.
        unsafe {
            ffi::av_channel_layout_copy(&mut from.0, &input.layout.0);
            let mut context = std::ptr::null_mut();
            let made = ffi::swr_alloc_set_opts2(
                &mut context,
                &mut to.0,
                ffi::AVSampleFormat::AV_SAMPLE_FMT_FLT,
                c_rate(rate)?,
                &mut from.0,
                sample,
                c_rate(input.rate)?,
                0,
                std::ptr::null_mut(),
            );
            if context.is_null() {
                return Err(NO_MEMORY);
            }
            let resampler = Resampler { context, input_channels: input.channels(), mixed, copies };
            check(made)?;
            // Floats are not normalised unless asked.
            let key = c_string("rematrix_maxval");
            check(ffi::av_opt_set_double(context.cast(), key.as_ptr(), 1.0, 0))?;
            check(ffi::swr_init(context))?;
            Ok(resampler)
        }
    }

    /// Converts a frame of the input format, and appends what is ready to `output`.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn convert(&mut self, frame: &Frame<'_>, output: &mut Vec<f32>) -> Result<(), NativeError> {
        let samples = frame.samples();
        // SAFETY: the frame is valid and holds as many samples on each plane.
        let planes = unsafe { (*frame.raw).extended_data }.cast::<*const u8>();
        self.run(planes, samples, output).map(drop)
    }

    /// Converts interleaved floats, for a resampler made for `SoundFormat::float`.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn convert_floats(&mut self, input: &[f32], output: &mut Vec<f32>) -> Result<(), NativeError> {
        // In pieces, so that a count fits a C int and buffers stay small.
        for piece in input.chunks(usize::from(self.input_channels) * 65_536) {
            let mut plane = piece.as_ptr().cast::<u8>();
            self.run(&mut plane, piece.len() / usize::from(self.input_channels), output)?;
        }
        Ok(())
    }

    /// Appends what is still held back, at the end of the input.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn flush(&mut self, output: &mut Vec<f32>) -> Result<(), NativeError> {
        while self.run(std::ptr::null_mut(), 0, output)? > 0 {}
        Ok(())
    }

    /// Gives how many moments were appended.
    fn run(&mut self, planes: *mut *const u8, count: usize, output: &mut Vec<f32>) -> Result<usize, NativeError> {
        let count = c_int::try_from(count).map_err(|_| NO_MEMORY)?;
        // SAFETY: the context is initialised.
        let room = check(unsafe { ffi::swr_get_out_samples(self.context, count) })?.max(256);
        let start = output.len();
        let mixed = usize::from(self.mixed);
        output.resize(start + room as usize * mixed, 0.0);
        let mut target = output[start..].as_mut_ptr().cast::<u8>();
        // SAFETY: `target` has room for `room` moments of `mixed` floats; `planes` holds
        // `count` moments of the input format, or is null to flush.
        let made = check(unsafe { ffi::swr_convert(self.context, &mut target, room, planes, count) });
        let made = *made.as_ref().unwrap_or(&0) as usize;
        output.truncate(start + made * mixed);
        if self.copies > 1 {
            let copies = usize::from(self.copies);
            output.resize(start + made * copies, 0.0);
            for moment in (0..made).rev() {
                let sample = output[start + moment];
                output[start + moment * copies..start + (moment + 1) * copies].fill(sample);
            }
        }
        Ok(made)
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        // SAFETY: the context is owned.
        unsafe { ffi::swr_free(&mut self.context) };
    }
}

/// A frame's sample format as the enumeration; none for numbers that are no format.
fn sample_format(number: c_int) -> Option<ffi::AVSampleFormat> {
    use ffi::AVSampleFormat::*;
    [
        AV_SAMPLE_FMT_U8,
        AV_SAMPLE_FMT_S16,
        AV_SAMPLE_FMT_S32,
        AV_SAMPLE_FMT_FLT,
        AV_SAMPLE_FMT_DBL,
        AV_SAMPLE_FMT_U8P,
        AV_SAMPLE_FMT_S16P,
        AV_SAMPLE_FMT_S32P,
        AV_SAMPLE_FMT_FLTP,
        AV_SAMPLE_FMT_DBLP,
        AV_SAMPLE_FMT_S64,
        AV_SAMPLE_FMT_S64P,
    ]
    .into_iter()
    .find(|format| *format as c_int == number)
}
