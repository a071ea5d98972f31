//! FFmpeg's own log, sent to `tracing` under the target `ffmpeg`.
//!
//! A damaged file makes FFmpeg say a lot; what a user must know is said by errors and
//! results of this crate, so nothing here is louder than a warning.

use super::ffi;
use std::ffi::{c_char, c_int, c_void};

#[cfg(target_arch = "x86_64")]
type VaList = *mut ffi::__va_list_tag;
#[cfg(not(target_arch = "x86_64"))]
type VaList = ffi::va_list;

/// Installs the callback; once in a process.
pub(super) fn route() {
    // SAFETY: the callback lives as long as the program and may run on any thread.
    unsafe { ffi::av_log_set_callback(Some(callback)) };
}

unsafe extern "C" fn callback(object: *mut c_void, level: c_int, format: *const c_char, arguments: VaList) {
    // The upper bits of a level carry a colour.
    let level = level & 0xff;
    let (error, warning, info) = (level <= ffi::AV_LOG_ERROR, level <= ffi::AV_LOG_WARNING, level <= ffi::AV_LOG_INFO);
    // A level's name must be a constant for tracing.
    let wanted = match (error, warning, info) {
        (true, ..) => tracing::enabled!(target: "ffmpeg", tracing::Level::WARN),
        (_, true, _) => tracing::enabled!(target: "ffmpeg", tracing::Level::INFO),
        (_, _, true) => tracing::enabled!(target: "ffmpeg", tracing::Level::DEBUG),
        _ => level <= ffi::AV_LOG_VERBOSE && tracing::enabled!(target: "ffmpeg", tracing::Level::TRACE),
    };
    if !wanted {
        return;
    }
    let mut line = [0 as c_char; 1024];
    let mut print_prefix: c_int = 1;
    // SAFETY: FFmpeg hands over a matching format and argument list; the buffer is as
    // long as said, and the line written into it is terminated.
    let text = unsafe {
        ffi::av_log_format_line2(
            object,
            level,
            format,
            arguments,
            line.as_mut_ptr(),
            line.len() as c_int,
            &mut print_prefix,
        );
        super::text_of(line.as_ptr())
    };
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    match (error, warning, info) {
        (true, ..) => tracing::warn!(target: "ffmpeg", "{text}"),
        (_, true, _) => tracing::info!(target: "ffmpeg", "{text}"),
        (_, _, true) => tracing::debug!(target: "ffmpeg", "{text}"),
        _ => tracing::trace!(target: "ffmpeg", "{text}"),
    }
}
