//! The content-keyed store: what was computed once is found again by what it was made from.
//!
//! A [`Manifest`] lists everything that can change a result; the one list gives both the key
//! and the text that explains it, so that the two cannot drift apart. The [`Store`] trait is
//! small (get, put if absent, list; the first two by way of a file, too, for what is large) so that
//! an object store shared by many machines can stand behind it; nothing outside this folder knows
//! that today it is a directory, where a file only has to be given its name.
//!
//! Does not know what the results mean.

mod folder;
mod unfinished;

pub use folder::{FolderStore, Usage, write_atomically};
pub use unfinished::{Sweeper, begin, sweep};

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::Seek;
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// A kind of result. A new version is a new bucket: old results are not misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Name, as in `take`.
    pub name: &'static str,
    /// Raised whenever the meaning or the format of the result changes.
    pub version: u32,
    /// File extension of the result, for people who look.
    pub extension: &'static str,
}

impl Bucket {
    /// A bucket of this name, version and file extension.
    pub const fn new(name: &'static str, version: u32, extension: &'static str) -> Bucket {
        Bucket { name, version, extension }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-v{}", self.name, self.version)
    }
}

/// A key: blake3 of a manifest, in hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(String);

impl Key {
    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything that can change a result, named, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    bucket: Bucket,
    subject: String,
    text: String,
}

impl Manifest {
    /// An empty list for a result in `bucket`. `subject` tells people which thing it is (an episode's
    /// line, say); it is not part of the key, so that equal work is shared between episodes.
    pub fn new(bucket: Bucket, subject: impl Into<String>) -> Manifest {
        Manifest { bucket, subject: subject.into(), text: String::new() }
    }

    /// Adds one input. Names are unique within a manifest and never contain a colon.
    pub fn input(mut self, name: &str, value: impl fmt::Display) -> Manifest {
        // A value's line breaks are escaped, so that no value can pretend to be a further input.
        let value = value.to_string().replace('\\', "\\\\").replace('\n', "\\n");
        self.text.push_str(name);
        self.text.push_str(": ");
        self.text.push_str(&value);
        self.text.push('\n');
        self
    }

    /// The same list for a result of another kind.
    pub fn of(&self, bucket: Bucket) -> Manifest {
        Manifest { bucket, ..self.clone() }
    }

    /// The bucket.
    pub fn bucket(&self) -> Bucket {
        self.bucket
    }

    /// Which thing it is.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The text sink: one `name: value` a line.
    pub fn explain(&self) -> &str {
        &self.text
    }

    /// One input, as it was given but for its line breaks.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.text.lines().find_map(|row| row.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The hash sink.
    pub fn key(&self) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.bucket.to_string().as_bytes());
        hasher.update(b"\n");
        hasher.update(self.text.as_bytes());
        Key(hasher.finalize().to_hex().to_string())
    }
}

/// blake3 of `bytes` in hex: how results name their inputs.
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// blake3 in hex and length of a file, which is read from beginning to end and stands at its beginning then.
fn digest_of(mut file: &File) -> std::io::Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    file.rewind()?;
    hasher.update_reader(file)?;
    file.rewind()?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}

/// What is written beside a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Which thing it is.
    pub subject: String,
    /// The manifest's text.
    pub manifest: String,
    /// The engine that made it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Wall-clock seconds that it took.
    pub seconds: f64,
    /// When it was made.
    pub created: jiff::Timestamp,
    /// Size of the result in bytes.
    pub bytes: u64,
    /// blake3 of the result, in hex.
    pub digest: String,
    /// The dubline that made it.
    pub dubline: String,
}

impl Sidecar {
    /// Describes `bytes`, made just now.
    pub fn describe(manifest: &Manifest, bytes: &[u8], engine: Option<String>, seconds: f64) -> Sidecar {
        Sidecar::new(manifest, (digest(bytes), bytes.len() as u64), engine, seconds)
    }

    /// Describes what is in `file`, made just now and written to it.
    ///
    /// # Errors
    /// Fails where it cannot be read.
    pub fn describe_file(
        manifest: &Manifest,
        file: &NamedTempFile,
        engine: Option<String>,
        seconds: f64,
    ) -> Result<Sidecar> {
        let content = digest_of(file.as_file()).map_err(|error| Error::output(file.path(), error))?;
        Ok(Sidecar::new(manifest, content, engine, seconds))
    }

    fn new(manifest: &Manifest, (digest, bytes): (String, u64), engine: Option<String>, seconds: f64) -> Sidecar {
        Sidecar {
            subject: manifest.subject().to_owned(),
            manifest: manifest.explain().to_owned(),
            engine,
            seconds,
            created: jiff::Timestamp::now(),
            bytes,
            digest,
            dubline: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// A result with its description.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The result.
    pub bytes: Vec<u8>,
    /// Its description.
    pub sidecar: Sidecar,
}

/// One entry of a listing.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its key.
    pub key: Key,
    /// Its description.
    pub sidecar: Sidecar,
}

/// Where results lie. Implementations are used from many threads and by many processes at once.
///
/// # For implementers
/// `put_if_absent` and `finish_if_absent` must be atomic: a reader sees the whole result or none. Two writers of one key
/// write the same thing, so either may win. `get` and `open` must not return bytes that differ from the
/// sidecar's digest; they treat such a result as absent.
pub trait Store: Send + Sync {
    /// The result, if it is there and whole.
    ///
    /// # Errors
    /// Fails if the store cannot be read; an absent or damaged result is `None`.
    fn get(&self, bucket: Bucket, key: &Key) -> Result<Option<Stored>>;

    /// The result as a file that stands at its beginning, if it is there and whole, for which all of it is read once: for
    /// what is too large to be held.
    ///
    /// # Errors
    /// Fails as [`Store::get`] does.
    fn open(&self, bucket: Bucket, key: &Key) -> Result<Option<File>>;

    /// Only the description, without reading the result.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    fn peek(&self, bucket: Bucket, key: &Key) -> Result<Option<Sidecar>>;

    /// Puts a result unless one is there.
    ///
    /// # Errors
    /// Fails if the store cannot be written; nothing that was there is lost.
    fn put_if_absent(&self, bucket: Bucket, key: &Key, bytes: &[u8], sidecar: &Sidecar) -> Result<()>;

    /// An empty file that a result can be written to; it is gone if it is dropped.
    ///
    /// # Errors
    /// Fails if the store cannot be written.
    fn begin(&self, bucket: Bucket, key: &Key) -> Result<NamedTempFile>;

    /// As [`Store::put_if_absent`], with a result that was written to a file of [`Store::begin`].
    ///
    /// # Errors
    /// Fails if the store cannot be written; nothing that was there is lost.
    fn finish_if_absent(&self, bucket: Bucket, key: &Key, file: NamedTempFile, sidecar: &Sidecar) -> Result<()>;

    /// Every entry of a bucket, in no order.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    fn list(&self, bucket: Bucket) -> Result<Vec<Listed>>;
}

/// The folder that holds the store where nothing else is said: `dubline/store` in the user's cache.
pub fn default_folder() -> PathBuf {
    cache_folder().join("store")
}

/// `$XDG_CACHE_HOME/dubline`, or `~/.cache/dubline`; the temporary folder where there is no home.
pub fn cache_folder() -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("dubline")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: Bucket = Bucket::new("take", 1, "wav");

    #[test]
    fn the_explanation_and_the_key_come_from_one_list() {
        let a = Manifest::new(BUCKET, "line 1").input("text", "hello").input("voice", "af_heart");
        let b = Manifest::new(BUCKET, "line 9").input("text", "hello").input("voice", "af_heart");
        assert_eq!(a.key(), b.key(), "the subject is no part of the key");
        assert_eq!(a.explain(), "text: hello\nvoice: af_heart\n");
        assert_eq!((a.value("voice"), a.value("voi")), (Some("af_heart"), None));
        assert_ne!(a.key(), a.clone().input("speed", 1.1).key());
        assert_ne!(a.key(), Manifest::new(Bucket::new("take", 2, "wav"), "").input("text", "hello").key());
    }

    #[test]
    fn a_value_cannot_pretend_to_be_another_input() {
        let honest = Manifest::new(BUCKET, "").input("text", "a").input("voice", "b");
        let sly = Manifest::new(BUCKET, "").input("text", "a\nvoice: b");
        assert_ne!(honest.key(), sly.key());
        let slier = Manifest::new(BUCKET, "").input("text", "a\\nvoice: b");
        assert_ne!(sly.key(), slier.key());
    }
}
