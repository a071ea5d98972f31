//! What lies in a model's folder: is it there, is it the registered bytes, where did it come from?
//!
//! A file is hashed once; its size and time stamp are then kept in the sidecar `.source.json`, so that the
//! next look costs no more than asking the file system. The Python fetcher writes the same sidecar. Does not
//! know how models get here.

use super::registry::{File, Model};
use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

const SIDECAR: &str = ".source.json";

/// Where an installed model came from, and what its files were when they were last hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sidecar {
    /// The model.
    pub id: String,
    /// `hub`, `pip` or `npm`.
    pub source: String,
    /// The packages, or the addresses.
    pub packages: Vec<String>,
    /// When, in UTC (RFC 3339).
    pub when: String,
    /// Its licence's SPDX identifier.
    pub licence: String,
    /// Whom to name.
    pub attribution: String,
    /// Its files.
    pub files: BTreeMap<String, Stamp>,
}

/// A file as it was when it was hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub mtime_ns: u64,
}

impl Sidecar {
    /// The one of an installed model; empty where none can be read.
    pub(super) fn read(folder: &Path) -> Sidecar {
        std::fs::read(folder.join(SIDECAR))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(SIDECAR);
        let put = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        put().map_err(|error| Error::output(&path, error))
    }
}

/// The folder of a model, and what the registry says of it.
pub(super) struct Installed<'a> {
    pub(super) model: &'a Model,
    pub(super) folder: PathBuf,
}

impl Installed<'_> {
    /// Checks every file; hashes those that are not known to be unchanged, or all of them.
    ///
    /// # Errors
    /// Fails if a file is missing or is not the registered one.
    pub(super) fn check(&self, rehash: bool) -> Result<()> {
        let mut sidecar = Sidecar::read(&self.folder);
        let mut changed = false;
        for file in &self.model.files {
            changed |= self.check_file(file, &mut sidecar, rehash)?;
        }
        if changed {
            self.remember(&sidecar);
        }
        Ok(())
    }

    /// Checks one file and returns its path.
    ///
    /// # Errors
    /// Fails if the model has no such file, or if it is missing or is not the registered one.
    pub(super) fn file(&self, name: &str) -> Result<PathBuf> {
        let file =
            self.model.files.iter().find(|file| file.name == name).ok_or_else(|| {
                Error::internal(format!("the registry knows no file {name} of model {}", self.model.id))
            })?;
        let mut sidecar = Sidecar::read(&self.folder);
        if self.check_file(file, &mut sidecar, false)? {
            self.remember(&sidecar);
        }
        Ok(self.folder.join(name))
    }

    /// Keeps what was learnt. A folder that cannot be written (models shared by many users) only costs
    /// a hash at each start, which is no reason to fail.
    fn remember(&self, sidecar: &Sidecar) {
        if let Err(error) = (Sidecar { id: self.model.id.clone(), ..sidecar.clone() }).write(&self.folder) {
            tracing::debug!(%error, "the stamp of a verified model could not be kept");
        }
    }

    /// Returns whether the stamp in `sidecar` is new.
    fn check_file(&self, file: &File, sidecar: &mut Sidecar, rehash: bool) -> Result<bool> {
        let path = self.folder.join(&file.name);
        let (size, mtime_ns) = match stat(&path) {
            Ok(stat) => stat,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(self.missing()),
            Err(error) => {
                return Err(Error::new(Kind::MissingModel, "cannot read a model's file")
                    .file(path)
                    .because(error)
                    .hint("check the permissions of the folder of models"));
            }
        };
        if file.size != 0 && size != file.size {
            return Err(self.corrupt(path, format!("{size} bytes"), format!("{} bytes", file.size)));
        }
        let known = sidecar.files.get(&file.name);
        // A file whose hash nobody published is held to the one that was seen when it first came.
        let expected =
            if file.sha256.is_empty() { known.map_or("", |stamp| stamp.sha256.as_str()) } else { &file.sha256 };
        let unchanged = known.is_some_and(|stamp| {
            stamp.size == size && stamp.mtime_ns == mtime_ns && !stamp.sha256.is_empty() && stamp.sha256 == expected
        });
        if unchanged && !rehash {
            return Ok(false);
        }
        let found = sha256(&path)
            .map_err(|error| Error::new(Kind::CorruptModel, "cannot read a model's file").file(&path).because(error))?;
        if !expected.is_empty() && found != expected {
            return Err(self.corrupt(path, format!("SHA-256 {found}"), expected.to_owned()));
        }
        sidecar.files.insert(file.name.clone(), Stamp { sha256: found, size, mtime_ns });
        Ok(!unchanged)
    }

    fn missing(&self) -> Error {
        Error::new(Kind::MissingModel, format!("the model {} is not installed", self.model.id))
            .hint(format!("dubline models pull {}", self.model.id))
    }

    fn corrupt(&self, path: PathBuf, found: String, expected: String) -> Error {
        Error::new(Kind::CorruptModel, format!("not the registered model: found {found}, expected {expected}"))
            .file(path)
            .hint(format!("dubline models pull --force {}", self.model.id))
    }
}

/// Size and time of the last change (nanoseconds since 1970) of a file.
pub(super) fn stat(path: &Path) -> std::io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(path)?;
    let since = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok((metadata.len(), u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)))
}

/// The SHA-256 of a file, in hexadecimal.
pub(super) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&block[..n]),
        }
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
