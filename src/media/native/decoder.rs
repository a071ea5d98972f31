//! An audio decoder: packets in, frames of samples out.
//!
//! Runs on the calling thread alone. Does not place frames in time and does not
//! convert them.

use super::{Layout, NO_MEMORY, NativeError, Packet, Source, check, ffi, is_again};
use ffmpeg_next::packet::Ref;
use std::marker::PhantomData;

/// An open decoder of one stream.
pub(in crate::media) struct Decoder {
    context: *mut ffi::AVCodecContext,
    frame: *mut ffi::AVFrame,
}

// SAFETY: the decoder owns both objects, and neither is tied to a thread.
unsafe impl Send for Decoder {}

/// A decoded frame, valid until the decoder is used again.
pub(in crate::media) struct Frame<'a> {
    pub(super) raw: *const ffi::AVFrame,
    decoder: PhantomData<&'a mut Decoder>,
}

impl Decoder {
    /// A decoder for stream `index` of `source`.
    ///
    /// # Errors
    /// Fails where there is no such stream or no decoder for its codec.
    pub(in crate::media) fn open(source: &Source, index: usize) -> Result<Decoder, NativeError> {
        let stream = source.raw_stream(index)?;
        // SAFETY: `stream` and its parameters are valid while `source` is borrowed; what
        // is allocated here is owned by `decoder`, whose drop frees it on every path.
        unsafe {
            let codec = ffi::avcodec_find_decoder((*(*stream).codecpar).codec_id);
            if codec.is_null() {
                return Err(NativeError::DecoderNotFound);
            }
            let decoder = Decoder { context: ffi::avcodec_alloc_context3(codec), frame: ffi::av_frame_alloc() };
            if decoder.context.is_null() || decoder.frame.is_null() {
                return Err(NO_MEMORY);
            }
            let context = decoder.context;
            check(ffi::avcodec_parameters_to_context(context, (*stream).codecpar))?;
            // Needed for priming samples to be skipped and the time to follow.
            (*context).pkt_timebase = (*stream).time_base;
            (*context).thread_count = 1;
            check(ffi::avcodec_open2(context, codec, std::ptr::null_mut()))?;
            Ok(decoder)
        }
    }

    /// Hands over a packet, or the end of the stream. Every frame must have been
    /// received before.
    ///
    /// # Errors
    /// Fails where the packet is damaged; the next one may be sent all the same.
    pub(in crate::media) fn send(&mut self, packet: Option<&Packet>) -> Result<(), NativeError> {
        let packet = packet.map_or(std::ptr::null(), Ref::as_ptr);
        // SAFETY: the context is open; a null packet means the end.
        check(unsafe { ffi::avcodec_send_packet(self.context, packet) }).map(drop)
    }

    /// The next frame, if one is ready.
    ///
    /// # Errors
    /// Fails where what was sent is damaged.
    pub(in crate::media) fn receive(&mut self) -> Result<Option<Frame<'_>>, NativeError> {
        // SAFETY: context and frame are valid; the frame's old content is released by the call.
        match check(unsafe { ffi::avcodec_receive_frame(self.context, self.frame) }) {
            Ok(_) => Ok(Some(Frame { raw: self.frame, decoder: PhantomData })),
            Err(NativeError::Eof) => Ok(None),
            Err(error) if is_again(error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: both are owned, and both calls take null.
        unsafe {
            ffi::avcodec_free_context(&mut self.context);
            ffi::av_frame_free(&mut self.frame);
        }
    }
}

impl Frame<'_> {
    /// When it begins, in the stream's time base.
    pub(in crate::media) fn pts(&self) -> Option<i64> {
        // SAFETY: the frame is valid while the decoder is borrowed.
        let pts = unsafe { (*self.raw).best_effort_timestamp };
        (pts != ffi::AV_NOPTS_VALUE).then_some(pts)
    }

    /// Samples per channel.
    pub(in crate::media) fn samples(&self) -> usize {
        // SAFETY: as above.
        usize::try_from(unsafe { (*self.raw).nb_samples }).unwrap_or(0)
    }

    /// Rate, sample format and layout.
    pub(in crate::media) fn format(&self) -> super::SoundFormat {
        // SAFETY: as above; a frame's layout is valid.
        unsafe {
            super::SoundFormat {
                rate: u32::try_from((*self.raw).sample_rate).unwrap_or(0),
                sample: (*self.raw).format,
                layout: Layout::of(&(*self.raw).ch_layout),
            }
        }
    }
}
