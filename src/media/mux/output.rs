//! The output file: a temporary name beside the real one until it is complete.
//!
//! Turns what FFmpeg says about writing into this crate's errors. Does not know what is
//! written.

use crate::error::{Error, Result};
use crate::media::boxes;
use crate::media::native::{NativeError, Packet, Rational, Sink};
use crate::settings::Container;
use crate::store;
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file being written. Dropped unfinished, it leaves nothing.
pub(super) struct Output {
    path: PathBuf,
    folder: PathBuf,
    temporary: NamedTempFile,
    sink: Option<Sink>,
    container: Container,
}

/// FFmpeg's name.
pub(super) fn format_name(container: Container) -> &'static str {
    match container {
        Container::Mkv => "matroska",
        Container::Auto | Container::Mp4 => "mp4",
    }
}

impl Output {
    /// Makes the folder and the temporary file.
    ///
    /// # Errors
    /// Fails as output where that cannot be written.
    pub(super) fn create(path: &Path) -> Result<Output> {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let failed = |error| Error::output(path, error);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        if path.is_dir() {
            return Err(failed(std::io::Error::from_raw_os_error(libc::EISDIR)));
        }
        let temporary = store::begin(&folder).map_err(failed)?;
        Ok(Output { path: path.to_owned(), folder, temporary, sink: None, container: Container::Mp4 })
    }

    /// Opens the muxer.
    ///
    /// # Errors
    /// Fails as output where the file cannot be written.
    pub(super) fn open(&mut self, container: Container) -> Result<&mut Sink> {
        self.container = container;
        let sink =
            Sink::create(self.temporary.path(), format_name(container)).map_err(|error| failed(&self.path, error))?;
        Ok(self.sink.insert(sink))
    }

    fn sink(&mut self) -> Result<&mut Sink> {
        self.sink.as_mut().ok_or_else(|| Error::internal("the muxer was not opened"))
    }

    /// Writes the header. `only_priming` says that nothing is to be heard or seen before
    /// zero; otherwise Matroska, which cannot go below it, moves everything.
    ///
    /// # Errors
    /// Fails where a stream does not fit the container, or the file cannot be written.
    pub(super) fn start(&mut self, only_priming: bool) -> Result<()> {
        let options: &[(&str, &str)] = match self.container {
            Container::Mkv if only_priming => &[("avoid_negative_ts", "disabled")],
            Container::Mkv => &[],
            Container::Auto | Container::Mp4 => &[("movflags", "+faststart")],
        };
        let path = self.path.clone();
        self.sink()?.start(options).map_err(|error| failed(&path, error))
    }

    /// Time base of a stream, once started.
    pub(super) fn time_base(&self, stream: usize) -> Rational {
        self.sink.as_ref().map_or(super::TICK, |sink| sink.time_base(stream))
    }

    /// May two packets of a stream have the same decoding time?
    pub(super) fn allows_equal_times(&self) -> bool {
        self.sink.as_ref().is_some_and(Sink::allows_equal_times)
    }

    /// Writes a packet.
    ///
    /// # Errors
    /// Fails where the file cannot be written.
    pub(super) fn write(&mut self, packet: Packet) -> Result<()> {
        let path = self.path.clone();
        self.sink()?.write(packet).map_err(|error| failed(&path, error))
    }

    /// Writes a packet of the source; tells whether it could be written, which one that is
    /// damaged cannot.
    ///
    /// # Errors
    /// Fails where the file cannot be written.
    pub(super) fn write_copied(&mut self, packet: Packet) -> Result<bool> {
        let path = self.path.clone();
        match self.sink()?.write(packet) {
            Ok(()) => Ok(true),
            Err(NativeError::InvalidData | NativeError::PatchWelcome) => Ok(false),
            Err(error) => Err(failed(&path, error)),
        }
    }

    /// Writes the index, takes the mark "enabled" from the tracks in `hidden`, brings all
    /// to the disk and gives the file its name.
    ///
    /// # Errors
    /// Fails where the file cannot be written or renamed.
    pub(super) fn finish(mut self, hidden: &[usize]) -> Result<()> {
        let failed_io = |error: std::io::Error| Error::output(&self.path, error);
        if let Some(sink) = self.sink.take() {
            sink.finish().map_err(|error| failed(&self.path, error))?;
        }
        if self.container != Container::Mkv && !hidden.is_empty() {
            boxes::disable_tracks(self.temporary.as_file_mut(), hidden).map_err(failed_io)?;
        }
        self.temporary.as_file().sync_all().map_err(failed_io)?;
        self.temporary.persist(&self.path).map_err(|error| Error::output(&self.path, error.error))?;
        // The name itself must reach the disk, too; folders on some systems cannot be synced.
        if let Err(error) = File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            tracing::debug!("cannot sync {}: {error}", self.folder.display());
        }
        Ok(())
    }
}

/// An error of writing: the system's reason where there is one.
fn failed(path: &Path, error: NativeError) -> Error {
    match error {
        NativeError::Other { errno } if errno != libc::EINVAL => {
            Error::output(path, std::io::Error::from_raw_os_error(errno))
        }
        error => Error::output(path, std::io::Error::other(error.to_string()))
            .hint("the source has something this container does not take; try --container mkv"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_full_disk_is_told_as_one() {
        let error = failed(Path::new("out/a.mp4"), NativeError::Other { errno: libc::ENOSPC });
        assert_eq!(error.kind(), Kind::Output);
        assert!(error.to_string().contains("No space left"), "{error}");
        assert!(error.remedy().unwrap().contains("free some space"));
    }
}
