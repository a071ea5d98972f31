//! A demuxer: what a file or a byte string holds, and its packets.
//!
//! Bytes come through a Rust reader and every protocol is forbidden, so that no
//! playlist, reference or link inside a file can reach the network or another file.
//! Does not know codecs.

use super::{Layout, NativeError, Packet, Rational, entries, ffi, text_of};
use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, format};
use std::fs::File;
use std::io::Cursor;

/// An open source.
pub(in crate::media) struct Source {
    input: Input,
}

/// What came of reading on.
pub(in crate::media) enum Read {
    /// A packet.
    Packet(Packet),
    /// Something that is no packet; reading on may help.
    Damaged,
    /// Nothing more.
    End,
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) enum Medium {
    Video,
    Audio,
    Subtitle,
    Attachment,
    Data,
}

/// One stream, as the demuxer found it.
#[derive(Clone, Debug)]
pub(in crate::media) struct StreamInfo {
    pub(in crate::media) index: usize,
    pub(in crate::media) medium: Medium,
    pub(in crate::media) codec: String,
    pub(in crate::media) metadata: Vec<(String, String)>,
    pub(in crate::media) disposition: i32,
    /// First presentation time, in units of `time_base`.
    pub(in crate::media) start: Option<i64>,
    /// In units of `time_base`.
    pub(in crate::media) duration: Option<i64>,
    pub(in crate::media) time_base: Rational,
    pub(in crate::media) width: u32,
    pub(in crate::media) height: u32,
    pub(in crate::media) frame_rate: Rational,
    /// Clockwise degrees, 0 to 359.
    pub(in crate::media) rotation: i32,
    pub(in crate::media) attached_picture: bool,
    pub(in crate::media) sample_rate: u32,
    pub(in crate::media) channels: u16,
    pub(in crate::media) layout: String,
    /// Samples that only prime the decoder, where the container tells.
    pub(in crate::media) initial_padding: i32,
}

impl StreamInfo {
    /// A tag of the stream.
    pub(in crate::media) fn tag(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find(|(k, v)| k.eq_ignore_ascii_case(key) && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

impl Source {
    /// Opens a file that is already known to be readable.
    pub(in crate::media) fn from_file(file: File) -> Result<Source, NativeError> {
        super::init();
        Source::open(StreamIo::from_read_seek_with_capacity(file, 256 * 1024)?)
    }

    /// Opens encoded media in memory.
    pub(in crate::media) fn from_bytes(bytes: Vec<u8>) -> Result<Source, NativeError> {
        super::init();
        Source::open(StreamIo::from_read_seek(Cursor::new(bytes))?)
    }

    fn open(io: StreamIo) -> Result<Source, NativeError> {
        let mut options = Dictionary::new();
        // No protocol has this name, so whatever a demuxer wants to open besides is refused.
        options.set("protocol_whitelist", "none");
        // Streams that begin late are found, too; what is read is not read in vain.
        options.set("probesize", "33554432");
        options.set("analyzeduration", "20000000");
        // Some containers give decoding times only.
        options.set("fflags", "+genpts");
        Ok(Source { input: format::input_from_stream(io, None, Some(options))? })
    }

    pub(super) fn raw(&self) -> *const ffi::AVFormatContext {
        // SAFETY: the pointer is used by this folder only, while `self` is borrowed.
        unsafe { self.input.as_ptr() }
    }

    /// # Errors
    /// Fails where there is no such stream.
    pub(super) fn raw_stream(&self, index: usize) -> Result<*const ffi::AVStream, NativeError> {
        // SAFETY: the context is valid, and the index is checked against its count.
        unsafe {
            let context = self.raw();
            if index >= (*context).nb_streams as usize {
                return Err(NativeError::StreamNotFound);
            }
            Ok(*(*context).streams.add(index))
        }
    }

    /// The demuxer's name.
    pub(in crate::media) fn container(&self) -> String {
        // SAFETY: an open input has a format, whose name is a terminated string.
        unsafe { text_of((*(*self.raw()).iformat).name) }
    }

    /// Length in microseconds, where the container tells or it could be worked out
    /// from timestamps; a guess from the bit rate is none.
    pub(in crate::media) fn duration_us(&self) -> Option<i64> {
        // SAFETY: the context is valid.
        let (duration, method) = unsafe { ((*self.raw()).duration, (*self.raw()).duration_estimation_method) };
        let guessed = method == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_BITRATE;
        (duration != ffi::AV_NOPTS_VALUE && duration > 0 && !guessed).then_some(duration)
    }

    /// First presentation time of all streams, in microseconds.
    pub(in crate::media) fn start_us(&self) -> Option<i64> {
        // SAFETY: the context is valid.
        let start = unsafe { (*self.raw()).start_time };
        (start != ffi::AV_NOPTS_VALUE).then_some(start)
    }

    /// Tags of the whole.
    pub(in crate::media) fn metadata(&self) -> Vec<(String, String)> {
        // SAFETY: the context and its dictionary are valid.
        unsafe { entries((*self.raw()).metadata) }
    }

    /// How many chapters there are.
    pub(in crate::media) fn chapters(&self) -> usize {
        // SAFETY: the context is valid.
        unsafe { (*self.raw()).nb_chapters as usize }
    }

    /// Every stream in order.
    pub(in crate::media) fn streams(&self) -> Vec<StreamInfo> {
        (0..self.input.nb_streams() as usize).filter_map(|index| self.stream(index).ok()).collect()
    }

    /// One stream.
    ///
    /// # Errors
    /// Fails where there is no such stream.
    pub(in crate::media) fn stream(&self, index: usize) -> Result<StreamInfo, NativeError> {
        let stream = self.raw_stream(index)?;
        // SAFETY: a stream of an open input and its codec parameters are valid; nobody
        // reads packets while `self` is borrowed.
        unsafe {
            let parameters = (*stream).codecpar;
            let known = |value: i64| (value != ffi::AV_NOPTS_VALUE).then_some(value);
            let layout = Layout::of(&(*parameters).ch_layout);
            Ok(StreamInfo {
                index,
                medium: match (*parameters).codec_type {
                    ffi::AVMediaType::AVMEDIA_TYPE_VIDEO => Medium::Video,
                    ffi::AVMediaType::AVMEDIA_TYPE_AUDIO => Medium::Audio,
                    ffi::AVMediaType::AVMEDIA_TYPE_SUBTITLE => Medium::Subtitle,
                    ffi::AVMediaType::AVMEDIA_TYPE_ATTACHMENT => Medium::Attachment,
                    _ => Medium::Data,
                },
                codec: text_of(ffi::avcodec_get_name((*parameters).codec_id)),
                metadata: entries((*stream).metadata),
                disposition: (*stream).disposition,
                start: known((*stream).start_time),
                duration: known((*stream).duration).filter(|duration| *duration > 0),
                time_base: (*stream).time_base.into(),
                width: u32::try_from((*parameters).width).unwrap_or(0),
                height: u32::try_from((*parameters).height).unwrap_or(0),
                frame_rate: (*stream).avg_frame_rate.into(),
                rotation: self.rotation(index),
                attached_picture: (*stream).disposition & ffi::AV_DISPOSITION_ATTACHED_PIC != 0,
                sample_rate: u32::try_from((*parameters).sample_rate).unwrap_or(0),
                channels: layout.channels(),
                layout: layout.name(),
                initial_padding: (*parameters).initial_padding,
            })
        }
    }

    /// The unit of a stream's times.
    ///
    /// # Errors
    /// Fails where there is no such stream.
    pub(in crate::media) fn time_base(&self, index: usize) -> Result<Rational, NativeError> {
        let stream = self.raw_stream(index)?;
        // SAFETY: a stream of an open input is valid.
        Ok(unsafe { (*stream).time_base }.into())
    }

    /// Clockwise rotation for display, in degrees from 0 to 359.
    fn rotation(&self, index: usize) -> i32 {
        use ffmpeg_next::packet::side_data::Type;
        let Some(stream) = self.input.stream(index) else { return 0 };
        let Some(matrix) = stream.side_data().find(|side| side.kind() == Type::DisplayMatrix) else { return 0 };
        let mut numbers = [0i32; 9];
        for (number, bytes) in numbers.iter_mut().zip(matrix.data().chunks_exact(4)) {
            *number = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        // SAFETY: the function reads nine numbers, and nine are there.
        let counterclockwise = unsafe { ffi::av_display_rotation_get(numbers.as_ptr()) };
        if counterclockwise.is_finite() { (-counterclockwise.round() as i32).rem_euclid(360) } else { 0 }
    }

    /// Copies of a whole stream's side data.
    pub(super) fn side_data(&self, index: usize) -> Vec<(ffi::AVPacketSideDataType, Vec<u8>)> {
        let Some(stream) = self.input.stream(index) else { return Vec::new() };
        stream.side_data().map(|side| (side.kind().into(), side.data().to_vec())).collect()
    }

    /// Lets the demuxer skip every stream that is not wanted.
    pub(in crate::media) fn keep_only(&mut self, wanted: impl Fn(usize) -> bool) {
        for index in 0..self.input.nb_streams() as usize {
            // SAFETY: the index is in range, and the stream belongs to the context that
            // is borrowed mutably.
            unsafe {
                let stream = *(*self.input.as_mut_ptr()).streams.add(index);
                (*stream).discard =
                    if wanted(index) { ffi::AVDiscard::AVDISCARD_DEFAULT } else { ffi::AVDiscard::AVDISCARD_ALL };
            }
        }
    }

    /// The next packet of a stream that is kept.
    ///
    /// # Errors
    /// Fails where the source cannot be read.
    pub(in crate::media) fn read(&mut self) -> Result<Read, NativeError> {
        let mut packet = Packet::empty();
        match packet.read(&mut self.input) {
            Ok(()) => Ok(Read::Packet(packet)),
            Err(NativeError::Eof) => Ok(Read::End),
            Err(NativeError::InvalidData) => Ok(Read::Damaged),
            Err(error) => Err(error),
        }
    }
}
