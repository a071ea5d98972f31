//! One run at a time on an episode: a second process may work on other episodes of the same folder, and waits only for
//! its turn to tell of all of them.
//!
//! The lock is the system's, so that it ends with the process however that ends. Does not protect the store, which
//! needs no protection: what two runs put there under one key is the same.

use crate::error::{Error, Kind, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

/// The folder of locks in an output folder.
const FOLDER: &str = ".dubline";

/// The lock of what is told of the series; no episode's lock ends like that.
const TURN: &str = "series.turn";

impl Lock {
    /// Takes the lock of the episode `name` in the output folder `out`.
    ///
    /// # Errors
    /// Fails as busy while another run has it, and as output where the folder cannot be written.
    pub(super) fn take(out: &Path, name: &str) -> Result<Lock> {
        let file = open(out, &format!("{name}.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::new(Kind::Busy, "another run works on this episode")
                .hint("wait until it has ended, or run other episodes of the series meanwhile")),
            // File systems without locks are no reason not to work; files appear by rename there, too.
            Err(TryLockError::Error(_)) => Ok(Lock { _file: None }),
        }
    }

    /// Waits for the turn to read and write what is told of the whole series in the output folder `out`: of several
    /// runs on it, the last one then tells what all of them made.
    ///
    /// # Errors
    /// Fails as output where the folder cannot be written.
    pub fn turn(out: &Path) -> Result<Lock> {
        let file = open(out, TURN)?;
        let is_locked = file.lock().is_ok();
        Ok(Lock { _file: is_locked.then_some(file) })
    }
}

fn open(out: &Path, name: &str) -> Result<File> {
    let folder = out.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|e| Error::output(&folder, e))?;
    let path = folder.join(name);
    // The file stays: to remove it would let two runs lock two files of one name.
    File::options().create(true).append(true).open(&path).map_err(|e| Error::output(&path, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

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

    #[test]
    fn one_after_another_tells_of_the_series() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let _episode = Lock::take(&out, "series").unwrap();
        let count = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _turn = Lock::turn(&out).unwrap();
                    assert_eq!(count.fetch_add(1, Ordering::SeqCst), 0, "somebody else has the turn");
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    count.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
    }
}
