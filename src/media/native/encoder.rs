//! FFmpeg's own AAC encoder, reading from sound in memory.
//!
//! Output does not depend on time, machine or thread count of the run: the encoder works
//! on the calling thread and writes no version string. Does not know containers.

use super::{Layout, NO_MEMORY, NativeError, Packet, Rational, check, ffi, is_again};
use crate::audio::Audio;
use ffmpeg_next::packet::Mut;
use std::ffi::c_int;

/// An open encoder.
pub(in crate::media) struct AacEncoder {
    pub(super) context: *mut ffi::AVCodecContext,
    frame: *mut ffi::AVFrame,
    channels: usize,
    /// Moments that were handed over.
    position: usize,
    ended: bool,
}

// SAFETY: the encoder owns both objects, and neither is tied to a thread.
unsafe impl Send for AacEncoder {}

impl AacEncoder {
    /// An encoder for sound of that rate and channel count.
    ///
    /// # Errors
    /// Fails where AAC does not know the rate or the layout.
    pub(in crate::media) fn open(rate: u32, channels: u16, kbps: u32) -> Result<AacEncoder, NativeError> {
        super::init();
        // SAFETY: what is allocated here is owned by `encoder`, whose drop frees it on
        // every path; fields are set before the encoder is opened, as FFmpeg asks.
        unsafe {
            let codec = ffi::avcodec_find_encoder(ffi::AVCodecID::AV_CODEC_ID_AAC);
            if codec.is_null() {
                return Err(NativeError::EncoderNotFound);
            }
            let encoder = AacEncoder {
                context: ffi::avcodec_alloc_context3(codec),
                frame: ffi::av_frame_alloc(),
                channels: usize::from(channels),
                position: 0,
                ended: false,
            };
            if encoder.context.is_null() || encoder.frame.is_null() {
                return Err(NO_MEMORY);
            }
            let context = encoder.context;
            let rate = c_int::try_from(rate).map_err(|_| NativeError::Other { errno: libc::EINVAL })?;
            (*context).sample_rate = rate;
            (*context).sample_fmt = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
            ffi::av_channel_layout_copy(&mut (*context).ch_layout, &Layout::default_for(channels).0);
            (*context).time_base = ffi::AVRational { num: 1, den: rate };
            (*context).bit_rate = i64::from(kbps) * 1000;
            (*context).thread_count = 1;
            // MP4 and Matroska both keep the codec's set-up in their header.
            (*context).flags |= (ffi::AV_CODEC_FLAG_GLOBAL_HEADER | ffi::AV_CODEC_FLAG_BITEXACT) as c_int;
            // The default search of older versions, "twoloop", now and then spoils a frame: peaks
            // 3 dB over those of its input were measured on speech. "fast" follows the input
            // within 0.2 dB, and is what FFmpeg's manual advises at our bit rates.
            check(ffi::av_opt_set((*context).priv_data, c"aac_coder".as_ptr(), c"fast".as_ptr(), 0))?;
            check(ffi::avcodec_open2(context, codec, std::ptr::null_mut()))?;
            Ok(encoder)
        }
    }

    /// One sample.
    pub(in crate::media) fn time_base(&self) -> Rational {
        // SAFETY: the context is open.
        unsafe { (*self.context).time_base }.into()
    }

    /// The next packet of `audio`, which must be the same at each call; none at its end.
    /// The first packet begins before zero by the encoder's priming.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn next(&mut self, audio: &Audio) -> Result<Option<Packet>, NativeError> {
        loop {
            let mut packet = Packet::empty();
            // SAFETY: context and packet are valid.
            match check(unsafe { ffi::avcodec_receive_packet(self.context, packet.as_mut_ptr()) }) {
                Ok(_) => return Ok(Some(packet)),
                Err(NativeError::Eof) => return Ok(None),
                Err(error) if is_again(error) => self.feed(audio)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Hands over the next frame of samples, or the end.
    fn feed(&mut self, audio: &Audio) -> Result<(), NativeError> {
        // SAFETY: the context is open.
        let size = usize::try_from(unsafe { (*self.context).frame_size }).unwrap_or(0).max(1);
        let count = size.min(audio.frames().saturating_sub(self.position));
        if count == 0 {
            if self.ended {
                return Err(NativeError::Bug);
            }
            self.ended = true;
            // SAFETY: a null frame ends the stream.
            return check(unsafe { ffi::avcodec_send_frame(self.context, std::ptr::null()) }).map(drop);
        }
        let samples = &audio.samples[self.position * self.channels..(self.position + count) * self.channels];
        // SAFETY: context and frame are valid; the buffer is allocated for `count` moments
        // on one plane a channel before it is written, and planes do not overlap.
        unsafe {
            let frame = self.frame;
            ffi::av_frame_unref(frame);
            (*frame).nb_samples = count as c_int;
            (*frame).format = (*self.context).sample_fmt as c_int;
            (*frame).sample_rate = (*self.context).sample_rate;
            ffi::av_channel_layout_copy(&mut (*frame).ch_layout, &(*self.context).ch_layout);
            check(ffi::av_frame_get_buffer(frame, 0))?;
            for channel in 0..self.channels {
                let plane = std::slice::from_raw_parts_mut((*(*frame).extended_data.add(channel)).cast::<f32>(), count);
                for (target, moment) in plane.iter_mut().zip(samples.chunks_exact(self.channels)) {
                    // Not-a-number would spoil the encoder's state for good.
                    *target = if moment[channel].is_finite() { moment[channel] } else { 0.0 };
                }
            }
            (*frame).pts = self.position as i64;
            self.position += count;
            check(ffi::avcodec_send_frame(self.context, frame)).map(drop)
        }
    }
}

impl Drop for AacEncoder {
    fn drop(&mut self) {
        // SAFETY: both are owned, and both calls take null.
        unsafe {
            ffi::avcodec_free_context(&mut self.context);
            ffi::av_frame_free(&mut self.frame);
        }
    }
}
