//! The store as a directory: `<root>/<bucket>-v<version>/<k2>/<key>.<ext>` with `<key>.json` beside it.
//!
//! Does not know what lies in it. A result is written to a temporary file in the same folder, synced
//! and renamed; its sidecar goes first, so that a result without a sidecar cannot be seen.

use super::unfinished::{Sweeper, begin, is_abandoned, is_one};
use super::{Bucket, Key, Listed, Sidecar, Store, Stored, digest, digest_of};
use crate::error::{Error, Kind, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

/// A store in a directory. It takes no lock: renames are atomic, and two writers
/// of one key write the same thing.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
    sweeper: Sweeper,
    // Kept so that a temporary store disappears with its user.
    _temporary: Option<tempfile::TempDir>,
}

/// What a store holds, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// Bucket with its version.
    pub bucket: String,
    /// Results.
    pub results: u64,
    /// Bytes of results and sidecars.
    pub bytes: u64,
}

impl FolderStore {
    /// Opens, and makes if need be, the store at `root`.
    ///
    /// # Errors
    /// Fails if the folder cannot be made.
    pub fn open(root: &Path) -> Result<FolderStore> {
        std::fs::create_dir_all(root).map_err(|e| Error::output(root, e))?;
        Ok(FolderStore { root: root.to_owned(), sweeper: Sweeper::default(), _temporary: None })
    }

    /// A store that is gone when it is dropped.
    ///
    /// # Errors
    /// Fails if no temporary folder can be made.
    pub fn temporary() -> Result<FolderStore> {
        let folder = tempfile::Builder::new()
            .prefix("dubline-store-")
            .tempdir()
            .map_err(|e| Error::output(&std::env::temp_dir(), e))?;
        let root = folder.path().to_owned();
        Ok(FolderStore { root, sweeper: Sweeper::default(), _temporary: Some(folder) })
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, bucket: Bucket, key: &Key) -> PathBuf {
        self.root.join(bucket.to_string()).join(&key.as_str()[..2])
    }

    fn content(&self, bucket: Bucket, key: &Key) -> PathBuf {
        self.folder(bucket, key).join(format!("{}.{}", key.as_str(), bucket.extension))
    }

    // `.meta.json` keeps sidecars apart from buckets whose own extension is `json`.
    fn sidecar(&self, bucket: Bucket, key: &Key) -> PathBuf {
        self.folder(bucket, key).join(format!("{}{SIDECAR}", key.as_str()))
    }

    fn describe(&self, bucket: Bucket, key: &Key, sidecar: &Sidecar) -> Result<()> {
        let described =
            serde_json::to_vec_pretty(sidecar).map_err(|e| Error::internal("a sidecar has no JSON form").because(e))?;
        write_atomically(&self.sidecar(bucket, key), &described)
    }

    /// How much lies in each bucket, old versions too.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    pub fn usage(&self) -> Result<Vec<Usage>> {
        let mut usage = std::collections::BTreeMap::<String, Usage>::new();
        for file in self.files()? {
            let entry = usage.entry(file.bucket.clone()).or_default();
            entry.bucket = file.bucket;
            entry.bytes += file.bytes;
            entry.results += u64::from(!is_unfinished(&file.path) && !file.path.to_string_lossy().ends_with(SIDECAR));
        }
        Ok(usage.into_values().collect())
    }

    /// Removes what is older than `age`, everything where `age` is zero, and whatever killed processes left unfinished;
    /// gives the bytes freed. What another process is writing now stays.
    ///
    /// # Errors
    /// Fails if a file cannot be removed.
    pub fn prune(&self, age: Duration) -> Result<u64> {
        let now = SystemTime::now();
        let mut freed = 0;
        for file in self.files()? {
            let is_over = match is_unfinished(&file.path) {
                true => is_abandoned(&file.path),
                false => now.duration_since(file.modified).unwrap_or_default() >= age,
            };
            if !is_over {
                continue;
            }
            match std::fs::remove_file(&file.path) {
                Ok(()) => freed += file.bytes,
                // Another process was faster.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(Error::output(&file.path, e)),
            }
        }
        Ok(freed)
    }

    fn files(&self) -> Result<Vec<File>> {
        let mut files = Vec::new();
        for bucket in entries(&self.root)? {
            for shard in entries(&bucket)? {
                for path in entries(&shard)? {
                    // Another process may have removed it meanwhile.
                    if let Ok(meta) = path.metadata()
                        && meta.is_file()
                    {
                        files.push(File {
                            bucket: bucket.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                            bytes: meta.len(),
                            modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                            path,
                        });
                    }
                }
            }
        }
        Ok(files)
    }
}

const SIDECAR: &str = ".meta.json";

struct File {
    path: PathBuf,
    bucket: String,
    bytes: u64,
    modified: SystemTime,
}

fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(is_one)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(read) => Ok(read.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()),
        // A plain file where a folder is expected is not ours.
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(e) => Err(unreadable(folder, e)),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::new(Kind::Output, "cannot read the store")
        .file(path)
        .because(source)
        .hint("choose another store with --store, or work without one with --no-store")
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(path, e)),
    }
}

/// Writes `bytes` to `path` so that a reader sees all of them or nothing.
///
/// # Errors
/// Fails if the folder cannot be made, or the file written, synced or renamed; a file that was there stays.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = begin(folder)?;
        file.write_all(bytes)?;
        secure(&file)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|e| Error::output(path, e))
}

/// What is left to do with a file before it gets its name.
fn secure(file: &NamedTempFile) -> std::io::Result<()> {
    file.as_file().sync_data()?;
    // Whatever the umask says of new files, a result can be read by whoever may look into its folder.
    set_public(file.as_file())
}

#[cfg(unix)]
fn set_public(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_public(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

impl Store for FolderStore {
    fn get(&self, bucket: Bucket, key: &Key) -> Result<Option<Stored>> {
        let Some(sidecar) = self.peek(bucket, key)? else { return Ok(None) };
        let Some(bytes) = read(&self.content(bucket, key))? else { return Ok(None) };
        // A result that a full disk or a crash damaged is made again, not used.
        Ok((digest(&bytes) == sidecar.digest).then_some(Stored { bytes, sidecar }))
    }

    fn peek(&self, bucket: Bucket, key: &Key) -> Result<Option<Sidecar>> {
        let Some(bytes) = read(&self.sidecar(bucket, key))? else { return Ok(None) };
        if !self.content(bucket, key).exists() {
            return Ok(None);
        }
        Ok(serde_json::from_slice(&bytes).ok())
    }

    fn open(&self, bucket: Bucket, key: &Key) -> Result<Option<std::fs::File>> {
        let Some(sidecar) = self.peek(bucket, key)? else { return Ok(None) };
        let path = self.content(bucket, key);
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(unreadable(&path, e)),
        };
        let (digest, _) = digest_of(&file).map_err(|e| unreadable(&path, e))?;
        Ok((digest == sidecar.digest).then_some(file))
    }

    fn put_if_absent(&self, bucket: Bucket, key: &Key, bytes: &[u8], sidecar: &Sidecar) -> Result<()> {
        if self.get(bucket, key)?.is_some() {
            return Ok(());
        }
        self.sweeper.sweep(&self.folder(bucket, key));
        self.describe(bucket, key, sidecar)?;
        write_atomically(&self.content(bucket, key), bytes)
    }

    fn begin(&self, bucket: Bucket, key: &Key) -> Result<NamedTempFile> {
        let folder = self.folder(bucket, key);
        self.sweeper.sweep(&folder);
        std::fs::create_dir_all(&folder).and_then(|()| begin(&folder)).map_err(|e| Error::output(&folder, e))
    }

    fn finish_if_absent(&self, bucket: Bucket, key: &Key, file: NamedTempFile, sidecar: &Sidecar) -> Result<()> {
        if self.open(bucket, key)?.is_some() {
            return Ok(());
        }
        let path = self.content(bucket, key);
        // What takes long first: whoever puts the same meanwhile finds description and content of one writer.
        secure(&file).map_err(|e| Error::output(&path, e))?;
        self.describe(bucket, key, sidecar)?;
        file.persist(&path).map_err(|e| Error::output(&path, e.error))?;
        Ok(())
    }

    fn list(&self, bucket: Bucket) -> Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for shard in entries(&self.root.join(bucket.to_string()))? {
            for path in entries(&shard)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if let Some(key) = name.strip_suffix(SIDECAR) {
                    let key = Key(key.to_owned());
                    if let Some(sidecar) = self.peek(bucket, &key)? {
                        listed.push(Listed { key, sidecar });
                    }
                }
            }
        }
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;
    use super::*;

    const BUCKET: Bucket = Bucket::new("note", 1, "json");

    fn put(store: &FolderStore, value: &str) -> Key {
        let manifest = Manifest::new(BUCKET, "a note").input("value", value);
        let sidecar = Sidecar::describe(&manifest, value.as_bytes(), Some("fake".into()), 0.5);
        store.put_if_absent(BUCKET, &manifest.key(), value.as_bytes(), &sidecar).unwrap();
        manifest.key()
    }

    #[test]
    fn what_is_put_is_found_with_its_description() {
        let store = FolderStore::temporary().unwrap();
        let key = put(&store, "hello");
        let found = store.get(BUCKET, &key).unwrap().unwrap();
        assert_eq!(found.bytes, b"hello");
        assert_eq!(found.sidecar.manifest, "value: hello\n");
        assert_eq!(store.list(BUCKET).unwrap().len(), 1);
        assert_eq!(store.usage().unwrap()[0].results, 1);
        assert!(store.list(Bucket::new("note", 2, "json")).unwrap().is_empty());
    }

    #[test]
    fn a_damaged_result_is_absent_and_can_be_put_again() {
        let store = FolderStore::temporary().unwrap();
        let key = put(&store, "hello");
        std::fs::write(store.content(BUCKET, &key), b"hel").unwrap();
        assert!(store.get(BUCKET, &key).unwrap().is_none() && store.open(BUCKET, &key).unwrap().is_none());
        put(&store, "hello");
        assert_eq!(store.get(BUCKET, &key).unwrap().unwrap().bytes, b"hello");
    }

    #[test]
    fn what_is_written_to_a_file_is_the_same_result() {
        let store = FolderStore::temporary().unwrap();
        let manifest = Manifest::new(BUCKET, "a note").input("value", "hello");
        let key = manifest.key();
        let write = || {
            let mut file = store.begin(BUCKET, &key).unwrap();
            file.write_all(b"hello").unwrap();
            let sidecar = Sidecar::describe_file(&manifest, &file, None, 0.5).unwrap();
            assert_eq!((sidecar.digest.clone(), sidecar.bytes), (digest(b"hello"), 5));
            store.finish_if_absent(BUCKET, &key, file, &sidecar).unwrap();
        };
        let left = |store: &FolderStore| store.files().unwrap().len();
        let unfinished = store.begin(BUCKET, &key).unwrap();
        assert!(store.open(BUCKET, &key).unwrap().is_none());
        drop(unfinished);
        assert_eq!(left(&store), 0, "what is not finished is gone");
        write();
        write();
        assert_eq!(left(&store), 2, "the result and its description");
        assert_eq!(store.get(BUCKET, &key).unwrap().unwrap().bytes, b"hello");
        let opened = store.open(BUCKET, &key).unwrap().unwrap();
        assert_eq!(std::io::read_to_string(opened).unwrap(), "hello");
        std::fs::write(store.content(BUCKET, &key), b"hel").unwrap();
        write();
        assert!(store.open(BUCKET, &key).unwrap().is_some(), "a damaged one is replaced");
    }

    #[test]
    fn pruning_by_age_keeps_what_is_young() {
        let store = FolderStore::temporary().unwrap();
        let key = put(&store, "hello");
        assert_eq!(store.prune(Duration::from_secs(3600)).unwrap(), 0);
        assert!(store.get(BUCKET, &key).unwrap().is_some());
        assert!(store.prune(Duration::ZERO).unwrap() > 5);
        assert!(store.get(BUCKET, &key).unwrap().is_none());
    }

    #[test]
    fn what_a_killed_process_left_is_no_result_and_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path()).unwrap();
        let key = put(&store, "hello");
        let shard = store.folder(BUCKET, &key);
        let plant = |name: &str| {
            let file = std::fs::File::create(shard.join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(300)).unwrap();
            file
        };
        let (left, held) = (shard.join(".dubline-left01.part"), shard.join(".dubline-held01.part"));
        drop(plant(".dubline-left01.part"));
        let writer = plant(".dubline-held01.part");
        writer.lock().unwrap();
        assert_eq!(store.usage().unwrap()[0].results, 1);
        store.prune(Duration::from_secs(3600)).unwrap();
        assert!(!left.exists() && held.exists() && store.get(BUCKET, &key).unwrap().is_some());
        // Whoever empties the store takes nothing from the hands of a run.
        store.prune(Duration::ZERO).unwrap();
        assert!(held.exists() && store.get(BUCKET, &key).unwrap().is_none());
        // The next one that writes there finds it alone.
        drop(writer);
        put(&FolderStore::open(folder.path()).unwrap(), "hello");
        assert!(!held.exists());
    }

    #[test]
    fn many_writers_of_one_key_leave_one_whole_result() {
        let store = FolderStore::temporary().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| put(&store, "the same"));
            }
        });
        let key = put(&store, "the same");
        assert_eq!(store.get(BUCKET, &key).unwrap().unwrap().bytes, b"the same");
        assert_eq!(store.list(BUCKET).unwrap().len(), 1);
    }

    #[test]
    fn a_store_that_cannot_be_made_says_where() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = FolderStore::open(&file.path().join("store")).unwrap_err();
        assert_eq!(error.kind(), Kind::Output);
        assert!(error.to_string().contains("store"));
    }
}
