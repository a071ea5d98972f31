//! A muxer: streams and tags in, one file out.
//!
//! Does not choose what goes in, does not shift time, and knows nothing of temporary
//! names: it writes where it is told.

use super::{AacEncoder, NO_MEMORY, NativeError, Packet, Rational, Source, c_string, check, ffi, text_of};
use ffmpeg_next::Dictionary;
use ffmpeg_next::packet::Mut;
use std::ffi::{CString, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

/// What a track is for, as containers tell it.
pub(in crate::media) struct Disposition;

impl Disposition {
    pub(in crate::media) const DEFAULT: i32 = ffi::AV_DISPOSITION_DEFAULT;
    pub(in crate::media) const DUB: i32 = ffi::AV_DISPOSITION_DUB;
    pub(in crate::media) const TIMED_THUMBNAILS: i32 = ffi::AV_DISPOSITION_TIMED_THUMBNAILS;
    pub(in crate::media) const ORIGINAL: i32 = ffi::AV_DISPOSITION_ORIGINAL;
}

/// A subtitle track to be filled with text packets in milliseconds.
pub(in crate::media) struct TextTrack<'a> {
    /// FFmpeg's codec name: `mov_text` or `subrip`.
    pub(in crate::media) codec: &'a str,
    /// The codec's set-up.
    pub(in crate::media) header: &'a [u8],
    /// Pixels that it lies on; zero where there is no picture.
    pub(in crate::media) size: (u32, u32),
}

/// An output file being written.
pub(in crate::media) struct Sink {
    context: *mut ffi::AVFormatContext,
}

// SAFETY: the sink owns its context, which is tied to no thread.
unsafe impl Send for Sink {}

/// Does a container (`mp4`, `matroska`) take a codec, both by FFmpeg's names?
pub(in crate::media) fn takes_codec(container: &str, codec: &str) -> bool {
    super::init();
    // SAFETY: both names are terminated strings; the answers live as long as the program.
    unsafe {
        let format = ffi::av_guess_format(c_string(container).as_ptr(), ptr::null(), ptr::null());
        let descriptor = ffi::avcodec_descriptor_get_by_name(c_string(codec).as_ptr());
        !format.is_null()
            && !descriptor.is_null()
            && ffi::avformat_query_codec(format, (*descriptor).id, ffi::FF_COMPLIANCE_NORMAL) == 1
    }
}

impl Sink {
    /// Opens `path` for writing in a container by FFmpeg's name.
    ///
    /// # Errors
    /// Fails where the file cannot be written.
    pub(in crate::media) fn create(path: &Path, container: &str) -> Result<Sink, NativeError> {
        super::init();
        // With its protocol named, no character in a path can be taken for another one.
        let mut url = b"file:".to_vec();
        url.extend_from_slice(path.as_os_str().as_bytes());
        let url = CString::new(url).map_err(|_| NativeError::Other { errno: libc::EINVAL })?;
        // SAFETY: the strings outlive the calls, which copy them; the context is owned by
        // `sink` at once, whose drop frees it on every path.
        unsafe {
            let mut context = ptr::null_mut();
            let name = c_string(container);
            check(ffi::avformat_alloc_output_context2(&mut context, ptr::null(), name.as_ptr(), url.as_ptr()))?;
            let sink = Sink { context };
            // No version strings, no random identifiers: equal input gives equal bytes.
            (*context).flags |= ffi::AVFMT_FLAG_BITEXACT;
            // Older versions call FLAC in MP4 experimental; it is a standard since 2018.
            (*context).strict_std_compliance = -2;
            check(ffi::avio_open2(
                &mut (*context).pb,
                url.as_ptr(),
                ffi::AVIO_FLAG_WRITE,
                ptr::null(),
                ptr::null_mut(),
            ))?;
            Ok(sink)
        }
    }

    fn new_stream(&mut self) -> Result<*mut ffi::AVStream, NativeError> {
        // SAFETY: the context is valid and no header was written yet.
        let stream = unsafe { ffi::avformat_new_stream(self.context, ptr::null()) };
        if stream.is_null() { Err(NO_MEMORY) } else { Ok(stream) }
    }

    /// Adds a stream whose packets are copied, with all that describes it but its tags.
    /// `tag` is the codec's four-letter name where the usual one will not do.
    ///
    /// # Errors
    /// Fails where there is no such stream.
    pub(in crate::media) fn add_copy(
        &mut self,
        source: &Source,
        index: usize,
        tag: Option<[u8; 4]>,
    ) -> Result<usize, NativeError> {
        let from = source.raw_stream(index)?;
        let to = self.new_stream()?;
        // SAFETY: both streams are valid and belong to different contexts.
        unsafe {
            check(ffi::avcodec_parameters_copy((*to).codecpar, (*from).codecpar))?;
            // The source container's own name for the codec may mean nothing here.
            (*(*to).codecpar).codec_tag = tag.map_or(0, u32::from_le_bytes);
            (*to).time_base = (*from).time_base;
            (*to).avg_frame_rate = (*from).avg_frame_rate;
            (*to).r_frame_rate = (*from).r_frame_rate;
            (*to).sample_aspect_ratio = (*from).sample_aspect_ratio;
            copy_side_data(source, index, to)?;
            Ok((*to).index as usize)
        }
    }

    /// Adds a cover picture as an attachment, the way Matroska keeps one.
    ///
    /// # Errors
    /// Fails where the source has no such picture.
    pub(in crate::media) fn add_cover(&mut self, source: &Source, index: usize) -> Result<usize, NativeError> {
        let from = source.raw_stream(index)?;
        // SAFETY: the stream is valid; a cover's packet holds `size` bytes at `data`.
        let (codec, bytes) = unsafe {
            let picture = &(*from).attached_pic;
            if picture.data.is_null() || picture.size <= 0 {
                return Err(NativeError::StreamNotFound);
            }
            ((*(*from).codecpar).codec_id, std::slice::from_raw_parts(picture.data, picture.size as usize))
        };
        let to = self.new_stream()?;
        // SAFETY: the new stream and its parameters are valid.
        unsafe {
            (*(*to).codecpar).codec_type = ffi::AVMediaType::AVMEDIA_TYPE_ATTACHMENT;
            (*(*to).codecpar).codec_id = codec;
            set_header((*to).codecpar, bytes)?;
            Ok((*to).index as usize)
        }
    }

    /// Adds a stream for what `encoder` makes.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn add_encoded(&mut self, encoder: &AacEncoder) -> Result<usize, NativeError> {
        let stream = self.new_stream()?;
        // SAFETY: the stream and the encoder's context are valid.
        unsafe {
            check(ffi::avcodec_parameters_from_context((*stream).codecpar, encoder.context))?;
            (*stream).time_base = (*encoder.context).time_base;
            Ok((*stream).index as usize)
        }
    }

    /// Adds a subtitle track.
    ///
    /// # Errors
    /// Fails where there is no such codec.
    pub(in crate::media) fn add_text(&mut self, track: &TextTrack<'_>) -> Result<usize, NativeError> {
        let stream = self.new_stream()?;
        // SAFETY: the new stream and its parameters are valid; the name is terminated.
        unsafe {
            let descriptor = ffi::avcodec_descriptor_get_by_name(c_string(track.codec).as_ptr());
            if descriptor.is_null() {
                return Err(NativeError::EncoderNotFound);
            }
            let parameters = (*stream).codecpar;
            (*parameters).codec_type = ffi::AVMediaType::AVMEDIA_TYPE_SUBTITLE;
            (*parameters).codec_id = (*descriptor).id;
            (*parameters).width = c_int::try_from(track.size.0).unwrap_or(0);
            (*parameters).height = c_int::try_from(track.size.1).unwrap_or(0);
            set_header(parameters, track.header)?;
            (*stream).time_base = ffi::AVRational { num: 1, den: 1000 };
            Ok((*stream).index as usize)
        }
    }

    /// Tags and disposition of a stream.
    pub(in crate::media) fn describe(&mut self, stream: usize, tags: &[(String, String)], disposition: i32) {
        // SAFETY: the index came from this sink; the dictionary belongs to the stream.
        unsafe {
            let stream = *(*self.context).streams.add(stream);
            (*stream).disposition = disposition;
            set_entries(&mut (*stream).metadata, tags);
        }
    }

    /// Says that a stream's first samples only prime its decoder.
    pub(in crate::media) fn set_priming(&mut self, stream: usize, samples: i64) {
        // SAFETY: the index came from this sink.
        unsafe {
            let stream = *(*self.context).streams.add(stream);
            (*(*stream).codecpar).initial_padding = c_int::try_from(samples).unwrap_or(0);
        }
    }

    /// Tags of the whole.
    pub(in crate::media) fn set_metadata(&mut self, tags: &[(String, String)]) {
        // SAFETY: the dictionary belongs to the context.
        unsafe { set_entries(&mut (*self.context).metadata, tags) };
    }

    /// Copies the chapters, moved by `shift_us` microseconds; what lies before zero is cut.
    ///
    /// # Errors
    /// Fails where memory is short.
    pub(in crate::media) fn copy_chapters(&mut self, source: &Source, shift_us: i64) -> Result<(), NativeError> {
        let from = source.raw();
        let micro = ffi::AVRational { num: 1, den: ffi::AV_TIME_BASE };
        // SAFETY: chapters of the source are valid; each new one is zeroed memory, handed to
        // the context, which frees the list and its members in `avformat_free_context`.
        unsafe {
            for index in 0..(*from).nb_chapters as usize {
                let old = *(*from).chapters.add(index);
                let shift = ffi::av_rescale_q(shift_us, micro, (*old).time_base);
                let end = (*old).end.saturating_add(shift);
                if end <= 0 {
                    continue;
                }
                let new = ffi::av_mallocz(size_of::<ffi::AVChapter>()).cast::<ffi::AVChapter>();
                if new.is_null() {
                    return Err(NO_MEMORY);
                }
                (*new).id = (*old).id;
                (*new).time_base = (*old).time_base;
                (*new).start = (*old).start.saturating_add(shift).max(0);
                (*new).end = end;
                ffi::av_dict_copy(&mut (*new).metadata, (*old).metadata, 0);
                let mut count = (*self.context).nb_chapters as c_int;
                let list = (&raw mut (*self.context).chapters).cast();
                if let Err(error) = check(ffi::av_dynarray_add_nofree(list, &mut count, new.cast())) {
                    ffi::av_dict_free(&mut (*new).metadata);
                    ffi::av_free(new.cast());
                    return Err(error);
                }
                (*self.context).nb_chapters = count as u32;
            }
        }
        Ok(())
    }

    /// Writes the header; streams are fixed from here on.
    ///
    /// # Errors
    /// Fails where the container does not take a stream, or the file cannot be written.
    pub(in crate::media) fn start(&mut self, options: &[(&str, &str)]) -> Result<(), NativeError> {
        let options: Dictionary<'_> = options.iter().copied().collect();
        // SAFETY: the context is valid; the options are taken out of their owner, replaced by
        // the call with those it did not use, and freed.
        unsafe {
            let mut options = options.disown();
            let result = ffi::avformat_write_header(self.context, &mut options);
            ffi::av_dict_free(&mut options);
            check(result).map(drop)
        }
    }

    /// The time base in which the container keeps a stream, once it was started.
    pub(in crate::media) fn time_base(&self, stream: usize) -> Rational {
        // SAFETY: the index came from this sink.
        unsafe { (**(*self.context).streams.add(stream)).time_base }.into()
    }

    /// May two packets of a stream have the same decoding time?
    pub(in crate::media) fn allows_equal_times(&self) -> bool {
        // SAFETY: an output context has a format.
        unsafe { (*(*self.context).oformat).flags & ffi::AVFMT_TS_NONSTRICT != 0 }
    }

    /// Writes a packet, which carries its stream's index and times in that stream's time
    /// base; packets of several streams are interleaved here.
    ///
    /// # Errors
    /// Fails where the packet does not fit its stream, or the file cannot be written.
    pub(in crate::media) fn write(&mut self, mut packet: Packet) -> Result<(), NativeError> {
        // SAFETY: the context was started; the call takes over the packet's data.
        check(unsafe { ffi::av_interleaved_write_frame(self.context, packet.as_mut_ptr()) })?;
        self.written()
    }

    /// Writes what is left and the index, and closes the file.
    ///
    /// # Errors
    /// Fails where the file cannot be written.
    pub(in crate::media) fn finish(mut self) -> Result<(), NativeError> {
        // SAFETY: the context was started; its file is open and closed once, since closing
        // sets the pointer to null.
        unsafe {
            check(ffi::av_write_trailer(self.context))?;
            ffi::avio_flush((*self.context).pb);
            self.written()?;
            check(ffi::avio_closep(&mut (*self.context).pb)).map(drop)
        }
    }

    /// Muxers let some failed writes pass; the file remembers.
    fn written(&mut self) -> Result<(), NativeError> {
        // SAFETY: the file is open.
        check(unsafe { (*(*self.context).pb).error }).map(drop)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // SAFETY: the context is owned; closing takes a null file, too.
        unsafe {
            ffi::avio_closep(&mut (*self.context).pb);
            ffi::avformat_free_context(self.context);
        }
    }
}

/// # Safety
/// `dictionary` must be valid and belong to what is borrowed mutably.
unsafe fn set_entries(dictionary: *mut *mut ffi::AVDictionary, tags: &[(String, String)]) {
    for (key, value) in tags {
        // SAFETY: both strings are terminated and copied by the call.
        let set = unsafe { ffi::av_dict_set(dictionary, c_string(key).as_ptr(), c_string(value).as_ptr(), 0) };
        if set < 0 {
            tracing::warn!(target: "ffmpeg", "cannot keep the tag {key}");
        }
    }
}

/// # Safety
/// `parameters` must be valid and without extradata.
unsafe fn set_header(parameters: *mut ffi::AVCodecParameters, bytes: &[u8]) -> Result<(), NativeError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let size = c_int::try_from(bytes.len()).map_err(|_| NO_MEMORY)?;
    // SAFETY: the memory is as long as the bytes plus the padding FFmpeg asks for, zeroed,
    // and freed with the parameters.
    unsafe {
        let memory = ffi::av_mallocz(bytes.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize).cast::<u8>();
        if memory.is_null() {
            return Err(NO_MEMORY);
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len());
        (*parameters).extradata = memory;
        (*parameters).extradata_size = size;
    }
    Ok(())
}

/// Display matrix, colour volume and the like.
///
/// Up to FFmpeg 7 they hang on the stream, and `av_stream_add_side_data` puts them there;
/// FFmpeg 8 has no such function, since copying the codec parameters copies them. Looking
/// the symbol up at run time serves both without a build script.
///
/// # Safety
/// `to` must be a valid stream of an output that was not started.
unsafe fn copy_side_data(source: &Source, index: usize, to: *mut ffi::AVStream) -> Result<(), NativeError> {
    type Add = unsafe extern "C" fn(*mut ffi::AVStream, ffi::AVPacketSideDataType, *mut u8, usize) -> c_int;
    // SAFETY: the name is terminated; a symbol that is found has had this signature in
    // every version that has it.
    let add = unsafe {
        let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"av_stream_add_side_data".as_ptr());
        if symbol.is_null() {
            return Ok(());
        }
        std::mem::transmute::<*mut libc::c_void, Add>(symbol)
    };
    for (kind, data) in source.side_data(index) {
        // SAFETY: the copy is made with FFmpeg's allocator, as the call asks, which takes it
        // over only where it succeeds.
        unsafe {
            let copy = ffi::av_memdup(data.as_ptr().cast(), data.len()).cast::<u8>();
            if copy.is_null() {
                return Err(NO_MEMORY);
            }
            if let Err(error) = check(add(to, kind, copy, data.len())) {
                ffi::av_free(copy.cast());
                return Err(error);
            }
        }
    }
    Ok(())
}

/// The version of the FFmpeg that is linked, for reports.
pub(in crate::media) fn version() -> String {
    // SAFETY: the answer is a terminated string that lives as long as the program.
    unsafe { text_of(ffi::av_version_info()) }
}
