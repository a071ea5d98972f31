//! Stamps: a file's digest, read anew only where the file may have changed, as version control does it.
//!
//! A rerun of a series would else read every source and every finished file to the end, only to find that nothing has
//! changed. Content is what counts, all the same: a stamp only says whose content it was.

use super::Runner;
use super::sound::{blocking, parse};
use super::step::{Made, Mode};
use crate::error::Result;
use crate::media;
use crate::store::{Bucket, Manifest, Sidecar, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const STAMP: Bucket = Bucket::new("stamp", 1, "json");

/// Bytes up to which reading a file costs no more than looking its stamp up.
const SMALL: u64 = 1 << 20;
/// A file that was written so short a time ago could be written again without its times telling: those of FAT go in
/// steps of two seconds.
const FRESH: Duration = Duration::from_secs(3);

impl Runner {
    /// The digest of a file; none where it cannot be read.
    pub(super) async fn stamped(&self, path: PathBuf) -> Result<Option<String>> {
        let (store, keep) = (Arc::clone(&self.machine.store), self.machine.mode == Mode::Make);
        blocking(move || match digest(store.as_ref(), &path, keep) {
            Ok(digest) => Ok(Some(digest)),
            Err(error) if error.exit_code() == 6 => Err(error),
            Err(_) => Ok(None),
        })
        .await
    }
}

/// blake3 of a file in hex: by its stamp, where that is known.
///
/// # Errors
/// Fails as media where the file cannot be read, and as output where the store cannot be used.
pub(super) fn digest(store: &dyn Store, path: &Path, keep: bool) -> Result<String> {
    let Some(manifest) = stamp(path) else { return Ok(media::digest(path)?.0) };
    if let Some(stored) = store.get(STAMP, &manifest.key())? {
        return parse(&stored.bytes);
    }
    let digest = media::digest(path)?.0;
    // Only where it is the same file before and after it was read.
    if keep && stamp(path).is_some_and(|after| after == manifest) {
        let made = Made::json(&digest)?;
        store.put_if_absent(
            STAMP,
            &manifest.key(),
            &made.bytes,
            &Sidecar::describe(&manifest, &made.bytes, None, 0.0),
        )?;
    }
    Ok(digest)
}

/// Everything that tells whether a file may have changed; none where that cannot be told for certain.
#[cfg(unix)]
fn stamp(path: &Path) -> Option<Manifest> {
    use std::os::unix::fs::MetadataExt;
    let whole = path.canonicalize().ok()?;
    let metadata = whole.metadata().ok().filter(|metadata| metadata.is_file() && metadata.len() > SMALL)?;
    let age = SystemTime::now().duration_since(metadata.modified().ok()?).ok()?;
    // The time of the last change is set by the system alone, whatever `touch` or `cp -p` say of the other one.
    let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(metadata.ctime().try_into().ok()?))?;
    let settled = SystemTime::now().duration_since(changed).ok()?;
    (age > FRESH && settled > FRESH).then(|| {
        Manifest::new(STAMP, whole.display().to_string())
            .input("path", whole.display())
            .input("bytes", metadata.len())
            .input("modified", format!("{}.{:09}", metadata.mtime(), metadata.mtime_nsec()))
            .input("changed", format!("{}.{:09}", metadata.ctime(), metadata.ctime_nsec()))
            .input("inode", format!("{} {}", metadata.dev(), metadata.ino()))
    })
}

/// Without the time of the last change, a file that was replaced by one of the same size and date looks the same.
#[cfg(not(unix))]
fn stamp(_: &Path) -> Option<Manifest> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::FolderStore;

    #[test]
    fn a_file_is_read_again_only_where_it_may_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(&folder.path().join("store")).unwrap();
        let path = folder.path().join("a.mp4");
        let known = || store.list(STAMP).unwrap().len();
        std::fs::write(&path, vec![1; SMALL as usize + 10]).unwrap();
        let first = digest(&store, &path, true).unwrap();
        assert_eq!((first.clone(), known()), (media::digest(&path).unwrap().0, 0), "it is too fresh to be trusted");
        // The time of the last change cannot be set; it has to pass.
        std::thread::sleep(FRESH + Duration::from_millis(1100));
        assert_eq!(digest(&store, &path, false).unwrap(), first);
        assert_eq!(known(), 0, "a plan writes nothing");
        assert_eq!(digest(&store, &path, true).unwrap(), first);
        assert_eq!(known(), 1);
        assert_eq!(digest(&store, &path, true).unwrap(), first);
        // Another content of the same length, with its date set back.
        let before = path.metadata().unwrap().modified().unwrap();
        std::fs::write(&path, vec![2; SMALL as usize + 10]).unwrap();
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(before).unwrap();
        let second = digest(&store, &path, true).unwrap();
        assert_eq!(second, media::digest(&path).unwrap().0);
        assert_ne!(first, second);
        assert!(digest(&store, &folder.path().join("none"), true).is_err());
    }
}
