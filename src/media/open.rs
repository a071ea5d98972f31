//! Opening a source file, and the one clear error for each way in which it cannot be.

use super::boxes;
use super::native::{NativeError, Source};
use crate::error::{Error, Kind, Result};
use std::fs::File;
use std::io::{ErrorKind, Seek};
use std::path::Path;

/// Opens a media file for reading.
///
/// # Errors
/// Fails (as media, naming the file) where there is no such file, it may not be read, is
/// a folder, is empty, is cut short, or is not media.
pub(super) fn open(path: &Path) -> Result<Source> {
    let mut file = readable(path)?;
    let layout = boxes::survey(&mut file).map_err(|error| unreadable(path, error))?;
    if layout.is_mp4 && !layout.has_index {
        return Err(cut_short(path, "its index is missing"));
    }
    if let Some(missing) = layout.missing {
        return Err(cut_short(path, &format!("{} are missing at its end", bytes(missing))));
    }
    file.rewind().map_err(|error| unreadable(path, error))?;
    let source = Source::from_file(file).map_err(|error| refused(path, error))?;
    if source.streams().is_empty() {
        return Err(not_media(path));
    }
    Ok(source)
}

/// A file that exists, is a file, may be read and holds something.
pub(super) fn readable(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
    if metadata.is_dir() {
        return Err(media("is a folder, not a media file", path).hint("name the video file inside it"));
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(media("is empty", path).hint("copy or download it again"));
    }
    Ok(file)
}

/// The error of a source file that the system does not let us read.
pub fn unreadable(path: &Path, error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => media("no such file", path).hint("check the name and the folder"),
        ErrorKind::PermissionDenied => {
            media("may not be read: permission denied", path).hint("change its permissions (chmod +r) or its owner")
        }
        _ => media("cannot be read", path).because(error).hint("check the disk or the network folder that it lies on"),
    }
}

/// The error of FFmpeg refusing a source file, which the system did let us read.
pub(super) fn refused(path: &Path, error: NativeError) -> Error {
    match error {
        // System errors at this point are a demuxer's way to say that it was misled: a
        // playlist, whose entries are not opened, is "out of memory".
        NativeError::InvalidData
        | NativeError::Eof
        | NativeError::DemuxerNotFound
        | NativeError::Other { errno: libc::EINVAL | libc::ENOMEM | libc::ENOENT | libc::EPERM } => not_media(path),
        error => not_media(path).because(error),
    }
}

fn not_media(path: &Path) -> Error {
    media("is not media that FFmpeg can open", path)
        .hint("give a video or audio file such as MP4, MKV, MOV, WebM or WAV; `ffprobe` tells what it is")
}

fn cut_short(path: &Path, why: &str) -> Error {
    media(&format!("is truncated: {why}"), path).hint("copy or download it again")
}

pub(super) fn media(what: &str, path: &Path) -> Error {
    Error::new(Kind::Media, what).file(path)
}

/// A count of bytes for people.
fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}
