//! Unfinished files: what is being written lies under a name of its own until it is whole. A writer that is killed leaves
//! it; here such leftovers are found and removed, and nobody else's files.
//!
//! A writer holds the system's lock on its file, which ends with the process however that ends, on other machines too.
//! Does not walk: a folder is looked through by whoever works in it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

const PREFIX: &str = ".dubline-";
const SUFFIX: &str = ".part";
/// Characters between the two, all of them letters and digits.
const RANDOM: usize = 6;

/// A younger file may have a writer that is about to lock it.
const SETTLED: Duration = Duration::from_secs(60);
/// Where the file system has no locks, nobody writes for so long without a pause.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Begins a file in `folder`; it gets its name by being persisted, and is gone if it is dropped before.
///
/// # Errors
/// Fails if it cannot be made.
pub fn begin(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
    // Who may read the result is up to the user's umask, as with any other program.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;
    // Without locks its age tells that it is in use.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Is this the name of an unfinished file of dubline's?
pub(super) fn is_one(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    // Those of the store once had no ending.
    let random = random.map(|rest| rest.strip_suffix(SUFFIX).unwrap_or(rest));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Is nobody there any more who would finish it? No, where that cannot be told.
pub(super) fn is_abandoned(path: &Path) -> bool {
    let Ok(metadata) = path.symlink_metadata() else { return false };
    let age = metadata.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let Some(age) = age.filter(|age| metadata.is_file() && *age >= SETTLED) else { return false };
    // To be written, since some network file systems lock nothing else; nothing is written.
    let Ok(file) = File::options().read(true).write(true).open(path) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => age >= ABANDONED,
    }
}

/// Removes what killed writers left in a folder itself. What cannot be looked at or removed stays: it is no reason not
/// to work.
pub fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_one(&entry.file_name())) {
        let path = entry.path();
        if is_abandoned(&path) {
            match std::fs::remove_file(&path) {
                Ok(()) => tracing::info!("removed {}, which a run that was killed left", path.display()),
                Err(error) => tracing::debug!("cannot remove {}: {error}", path.display()),
            }
        }
    }
}

/// Sweeps each folder once, however often it is asked to.
#[derive(Debug, Default)]
pub struct Sweeper {
    swept: Mutex<HashSet<PathBuf>>,
}

impl Sweeper {
    /// Removes what killed writers left in a folder, where that was not done yet.
    pub fn sweep(&self, folder: &Path) {
        let is_new = self.swept.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        if is_new {
            sweep(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: PathBuf, age: Duration) -> (PathBuf, File) {
        let file = File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        (path, file)
    }

    #[test]
    fn only_names_that_are_made_here_are_known() {
        for name in [".dubline-aB3xY9", ".dubline-aB3xY9.part"] {
            assert!(is_one(OsStr::new(name)), "{name}");
        }
        for name in
            [".dubline", ".dubline-", ".dubline-x.json", ".dubline-notes.part", ".dubline-a/B3x9.part", "aB3xY9.part"]
        {
            assert!(!is_one(OsStr::new(name)), "{name}");
        }
        let folder = tempfile::tempdir().unwrap();
        let begun = begin(folder.path()).unwrap();
        assert!(is_one(begun.path().file_name().unwrap()), "{}", begun.path().display());
    }

    #[test]
    fn what_a_living_writer_has_in_hand_stays() {
        let folder = tempfile::tempdir().unwrap();
        let begun = begin(folder.path()).unwrap();
        begun.as_file().set_modified(SystemTime::now() - 2 * ABANDONED).unwrap();
        let young = put(folder.path().join(".dubline-young1.part"), Duration::ZERO).0;
        let (left, file) = put(folder.path().join(".dubline-left01.part"), 2 * SETTLED);
        let foreign = put(folder.path().join("film.mp4.part"), 2 * ABANDONED).0;
        drop(file);
        let sweeper = Sweeper::default();
        sweeper.sweep(folder.path());
        assert!(begun.path().exists() && young.exists() && foreign.exists());
        assert!(!left.exists());
        // Whoever wrote it is gone without a word.
        let (file, path) = begun.keep().unwrap();
        drop(file);
        sweeper.sweep(folder.path());
        assert!(path.exists(), "once is enough");
        sweep(folder.path());
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let (film, file) = put(folder.path().join("film.mp4"), 2 * ABANDONED);
        drop(file);
        let link = folder.path().join(".dubline-link01.part");
        std::os::unix::fs::symlink(&film, &link).unwrap();
        sweep(folder.path());
        assert!(film.exists() && link.is_symlink());
    }
}
