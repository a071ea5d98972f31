//! One run at a time on an episode: a second process may work on other episodes of the same folder.
//!
//! The lock is the system's, so that it ends with the process however that ends. Does not protect the store, which
//! needs no protection: what two runs put there under one key is the same.

use crate::error::{Error, Kind, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as it lives.
pub(super) struct Lock {
    _file: Option<File>,
}

/// The folder of locks in an output folder.
const FOLDER: &str = ".dubline";

impl Lock {
    /// Takes the lock of the episode `name` in the output folder `out`.
    ///
    /// # Errors
    /// Fails as busy while another run has it, and as output where the folder cannot be written.
    pub(super) fn take(out: &Path, name: &str) -> Result<Lock> {
        let folder = out.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|e| Error::output(&folder, e))?;
        let path = folder.join(format!("{name}.lock"));
        // The file stays: to remove it would let two runs lock two files of one name.
        let file = File::options().create(true).append(true).open(&path).map_err(|e| Error::output(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::new(Kind::Busy, "another run works on this episode")
                .hint("wait until it has ended, or run other episodes of the series meanwhile")),
            // File systems without locks are no reason not to work; files appear by rename there, too.
            Err(TryLockError::Error(_)) => Ok(Lock { _file: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_episode_is_one_runs_and_another_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let first = Lock::take(&out, "ep01").unwrap();
        let error = Lock::take(&out, "ep01").err().unwrap();
        assert_eq!((error.kind(), error.exit_code()), (Kind::Busy, 12));
        assert!(Lock::take(&out, "ep02").is_ok());
        drop(first);
        assert!(Lock::take(&out, "ep01").is_ok());
    }
}
