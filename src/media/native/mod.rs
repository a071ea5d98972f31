//! The native layer: owners of FFmpeg's objects with a safe surface.
//!
//! All `unsafe` of the crate lies in this folder; nothing above it sees a pointer.
//! Only calls that FFmpeg 5.1 has and that later versions keep are used, except where
//! a comment says otherwise. Does not know episodes, timelines or deliverables.
#![allow(unsafe_code, reason = "FFmpeg is a C library; each block says why it holds")]

mod decoder;
mod encoder;
mod log;
mod resampler;
mod sink;
mod source;

pub(super) use decoder::{Decoder, Frame};
pub(super) use encoder::AacEncoder;
pub(super) use ffmpeg_next::{Error as NativeError, Packet, Rational};
pub(super) use resampler::{Resampler, SoundFormat};
pub(super) use sink::{Disposition, Sink, TextTrack, takes_codec, version};
pub(super) use source::{Medium, Read, Source, StreamInfo};

use ffmpeg_next::ffi;
use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::Once;

static INIT: Once = Once::new();

/// Prepares FFmpeg once in a process; every way in calls it.
pub(super) fn init() {
    INIT.call_once(|| {
        // Fills the table of error texts; with FFmpeg 5 and later it cannot fail.
        if let Err(error) = ffmpeg_next::init() {
            tracing::warn!(target: "ffmpeg", "cannot initialise: {error}");
        }
        log::route();
    });
}

/// A negative return code as an error.
fn check(code: c_int) -> Result<c_int, NativeError> {
    if code < 0 { Err(NativeError::from(code)) } else { Ok(code) }
}

/// FFmpeg's answer to a failed allocation.
const NO_MEMORY: NativeError = NativeError::Other { errno: libc::ENOMEM };

/// The error says "not now": feed more, or drain first.
fn is_again(error: NativeError) -> bool {
    error == NativeError::Other { errno: libc::EAGAIN }
}

/// A C string; NUL bytes, which no name or tag may hold, are left out.
fn c_string(text: &str) -> CString {
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    CString::new(bytes).unwrap_or_default()
}

/// The text behind a pointer that may be null; what is no UTF-8 is replaced, since
/// tags of untrusted files hold anything.
///
/// # Safety
/// `text` must be null or point to a NUL-terminated string.
unsafe fn text_of(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, and the caller promises a terminated string.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// All entries of a dictionary.
///
/// # Safety
/// `dictionary` must be null or a valid dictionary that nobody writes meanwhile.
unsafe fn entries(dictionary: *const ffi::AVDictionary) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut entry: *const ffi::AVDictionaryEntry = std::ptr::null();
    loop {
        // SAFETY: a null dictionary is allowed; `entry` comes from the same dictionary.
        entry = unsafe { ffi::av_dict_get(dictionary, c"".as_ptr(), entry, ffi::AV_DICT_IGNORE_SUFFIX) };
        if entry.is_null() {
            return entries;
        }
        // SAFETY: keys and values of a dictionary are terminated strings.
        entries.push(unsafe { (text_of((*entry).key), text_of((*entry).value)) });
    }
}

/// A channel layout that frees itself.
struct Layout(ffi::AVChannelLayout);

impl Layout {
    /// The usual layout of that many channels.
    fn default_for(channels: u16) -> Layout {
        let mut layout = Layout::empty();
        // SAFETY: `layout` is a valid, empty layout.
        unsafe { ffi::av_channel_layout_default(&mut layout.0, c_int::from(channels)) };
        layout
    }

    /// A copy; a layout without an order becomes the usual one of that many channels.
    ///
    /// # Safety
    /// `layout` must point to a valid layout.
    unsafe fn of(layout: *const ffi::AVChannelLayout) -> Layout {
        // SAFETY: valid by the caller's promise; `copy` is a valid, empty layout.
        unsafe {
            if (*layout).order == ffi::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC {
                return Layout::default_for(u16::try_from((*layout).nb_channels).unwrap_or(0));
            }
            let mut copy = Layout::empty();
            ffi::av_channel_layout_copy(&mut copy.0, layout);
            copy
        }
    }

    fn empty() -> Layout {
        // SAFETY: the all-zero value is FFmpeg's documented empty layout.
        Layout(unsafe { std::mem::zeroed() })
    }

    fn channels(&self) -> u16 {
        u16::try_from(self.0.nb_channels).unwrap_or(0)
    }

    /// FFmpeg's name: `stereo`, `5.1`.
    fn name(&self) -> String {
        let mut buffer = [0 as c_char; 128];
        // SAFETY: the buffer is as long as said and starts zeroed; the result is terminated.
        unsafe {
            if ffi::av_channel_layout_describe(&self.0, buffer.as_mut_ptr(), buffer.len()) < 0 {
                return format!("{} channels", self.channels());
            }
            text_of(buffer.as_ptr())
        }
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Layout) -> bool {
        // SAFETY: both are valid layouts.
        unsafe { ffi::av_channel_layout_compare(&self.0, &other.0) == 0 }
    }
}

impl Drop for Layout {
    fn drop(&mut self) {
        // SAFETY: a valid layout, not used after this.
        unsafe { ffi::av_channel_layout_uninit(&mut self.0) };
    }
}

// SAFETY: a layout owns its memory, which is tied to no thread.
unsafe impl Send for Layout {}
