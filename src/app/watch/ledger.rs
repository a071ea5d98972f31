//! What a watcher remembers on disk: what it began, what is done, what is quarantined. One small file each.
//!
//! Files appear whole, by rename, so that a crash at any moment leaves the last word or the one before it. Does not
//! know how an episode is made.

use dubline::error::{Error, Kind, Result};
use dubline::store::{sweep, write_atomically};
use dubline::watch::{Look, Upload};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

const SCHEMA: u32 = 1;
/// Bytes of an upload's name that go into the name of its record: a file system allows 255 in all.
const NAME: usize = 200;

/// What is known of one content under one set of settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) schema: u32,
    /// The upload's name when it was last seen.
    pub(super) name: String,
    pub(super) look: Look,
    /// blake3 of the content.
    pub(super) digest: String,
    /// blake3 of the settings that matter.
    pub(super) settings: String,
    /// When it was begun for the first time.
    pub(super) begun: Timestamp,
    /// How often it was begun.
    pub(super) tries: u32,
    pub(super) dubline: String,
    #[serde(flatten)]
    pub(super) state: State,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(super) enum State {
    /// Under way, or cut off.
    Begun,
    Done {
        ended: Timestamp,
        /// Every file that it left.
        files: Vec<PathBuf>,
    },
    Failed {
        ended: Timestamp,
        error: String,
        hint: Option<String>,
        exit_code: u8,
        /// What happened, event by event.
        log: PathBuf,
    },
}

impl Record {
    fn key(&self) -> String {
        key(&self.digest, &self.settings)
    }
}

/// The folder of the records, which no other watcher uses meanwhile.
pub(super) struct Ledger {
    folder: PathBuf,
    records: HashMap<String, Record>,
    digests: HashMap<(String, u64, i64), String>,
    // Held, not read: the system gives it back however this process ends.
    _lock: File,
}

impl Ledger {
    /// Opens the records in `folder`; gives with them what cannot be read of them, a sentence each.
    ///
    /// # Errors
    /// Fails if another watcher uses the folder, or it cannot be written.
    pub(super) fn open(folder: &Path) -> Result<(Ledger, Vec<String>)> {
        let path = folder.join("lock");
        let lock = std::fs::create_dir_all(folder)
            .and_then(|()| File::options().create(true).write(true).truncate(false).open(&path))
            .map_err(|e| Error::output(&path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(Kind::Usage, "another watcher works with this state").file(folder).hint(
                    "stop it first, or give this one a state of its own: --set watch.state=DIR (and --out, so that \
                     they do not write the same files)",
                ));
            }
            Err(TryLockError::Error(e)) => return Err(Error::output(&path, e)),
        }
        for below in ["files", "quarantine"] {
            sweep(&folder.join(below));
        }
        let mut ledger =
            Ledger { folder: folder.to_owned(), records: HashMap::new(), digests: HashMap::new(), _lock: lock };
        let mut unreadable = Vec::new();
        // Failures last: a crash between the two writes of one leaves both, and the failure is the later word.
        for path in [folder.join("files"), folder.join("quarantine")].iter().flat_map(|folder| documents(folder)) {
            match std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok()) {
                Some(record) if record.schema == SCHEMA => ledger.remember(record),
                _ => unreadable.push(format!("{}: is no record that can be read; it is left alone", path.display())),
            }
        }
        Ok((ledger, unreadable))
    }

    fn remember(&mut self, record: Record) {
        self.know(&record.name, record.look, &record.digest);
        self.records.insert(record.key(), record);
    }

    /// The content of a file that looked like this, if it was read before.
    pub(super) fn digest(&self, upload: &Upload) -> Option<String> {
        self.digests.get(&(upload.name.clone(), upload.look.size, upload.look.modified)).cloned()
    }

    /// This file has this content.
    pub(super) fn know(&mut self, name: &str, look: Look, digest: &str) {
        self.digests.insert((name.to_owned(), look.size, look.modified), digest.to_owned());
    }

    /// What is known of this content. A failure whose record was deleted is forgotten with it.
    pub(super) fn find(&mut self, digest: &str, settings: &str) -> Option<Record> {
        let record = self.records.get(&key(digest, settings))?.clone();
        if matches!(record.state, State::Failed { .. }) && !self.place(&record).exists() {
            self.records.remove(&record.key());
            return None;
        }
        Some(record)
    }

    /// Notes that work on it begins, before it does.
    pub(super) fn begin(&mut self, upload: &Upload, digest: &str, settings: &str) -> Result<Record> {
        let before = self.find(digest, settings).filter(|record| record.state == State::Begun);
        let record = Record {
            schema: SCHEMA,
            name: upload.name.clone(),
            look: upload.look,
            digest: digest.to_owned(),
            settings: settings.to_owned(),
            begun: before.as_ref().map_or_else(Timestamp::now, |record| record.begun),
            tries: before.map_or(0, |record| record.tries) + 1,
            dubline: env!("CARGO_PKG_VERSION").to_owned(),
            state: State::Begun,
        };
        self.put(record.clone())?;
        Ok(record)
    }

    /// Takes a record back, as that of a beginning that was stopped in good order.
    pub(super) fn withdraw(&mut self, record: &Record) {
        self.records.remove(&record.key());
        // One that cannot be removed is taken at its word by the next start, and no more than that.
        let _ = std::fs::remove_file(self.place(record));
    }

    /// Notes how it ended.
    pub(super) fn end(&mut self, begun: &Record, state: State) -> Result<Record> {
        let record = Record { state, ..begun.clone() };
        self.put(record.clone())?;
        if self.place(&record) != self.place(begun) {
            let path = self.place(begun);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::output(&path, e)),
                _ => {}
            }
        }
        Ok(record)
    }

    /// Forgets what else was done under the name of `record`: its outputs are being replaced, so that content would
    /// have to be done again.
    pub(super) fn supersede(&mut self, record: &Record) {
        let stem = Path::new(&record.name).file_stem();
        let gone = |other: &&Record| {
            let done = matches!(other.state, State::Done { .. });
            done && Path::new(&other.name).file_stem() == stem && other.key() != record.key()
        };
        let gone: Vec<Record> = self.records.values().filter(gone).cloned().collect();
        gone.iter().for_each(|other| self.withdraw(other));
    }

    /// Forgets every failure; gives how many there were.
    pub(super) fn retry(&mut self) -> Result<usize> {
        let failed: Vec<Record> =
            self.records.values().filter(|record| matches!(record.state, State::Failed { .. })).cloned().collect();
        for record in &failed {
            let path = self.place(record);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::output(&path, e)),
                _ => {}
            }
            self.records.remove(&record.key());
        }
        Ok(failed.len())
    }

    fn put(&mut self, record: Record) -> Result<()> {
        let mut bytes =
            serde_json::to_vec_pretty(&record).map_err(|e| Error::internal("a record has no JSON form").because(e))?;
        bytes.push(b'\n');
        write_atomically(&self.place(&record), &bytes)?;
        self.remember(record);
        Ok(())
    }

    /// Where a record lies.
    pub(super) fn place(&self, record: &Record) -> PathBuf {
        match record.state {
            State::Failed { .. } => {
                self.folder.join("quarantine").join(format!("{}.json", label(&record.name, &record.digest)))
            }
            State::Begun | State::Done { .. } => self.folder.join("files").join(format!("{}.json", record.key())),
        }
    }

    /// Where the log of work on a content lies.
    pub(super) fn log(&self, record: &Record) -> PathBuf {
        self.folder.join("logs").join(format!("{}.log", label(&record.name, &record.digest)))
    }
}

fn key(digest: &str, settings: &str) -> String {
    let start = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    format!("{}-{}", start(digest, 32), start(settings, 16))
}

/// `<name>.<first eight digits of the digest>`, for people.
fn label(name: &str, digest: &str) -> String {
    let end = (0..=NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}.{}", &name[..end], digest.chars().take(8).collect::<String>())
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    // What begins with a dot is an unfinished write.
    let whole = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "json")).filter(whole).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: &str) -> Upload {
        Upload { name: name.into(), look: Look { size: 3, modified: 7 } }
    }

    fn failed(ledger: &Ledger, record: &Record) -> State {
        let log = ledger.log(record);
        State::Failed { ended: Timestamp::now(), error: "no sound".into(), hint: None, exit_code: 3, log }
    }

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn open(folder: &Path) -> Ledger {
        let (ledger, unreadable) = Ledger::open(folder).unwrap();
        assert!(unreadable.is_empty(), "{unreadable:?}");
        ledger
    }

    #[test]
    fn everything_is_remembered_by_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        let begun = ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap();
        drop(ledger);
        // Cut off: the second beginning counts, from the same moment.
        let mut ledger = open(folder.path());
        let again = ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap();
        assert_eq!((again.tries, again.begun), (2, begun.begun));
        ledger.end(&again, State::Done { ended: Timestamp::now(), files: vec!["out/en/a.mp4".into()] }).unwrap();
        drop(ledger);
        let mut ledger = open(folder.path());
        assert_eq!(ledger.digest(&upload("a.mp4")).as_deref(), Some(DIGEST));
        assert!(matches!(ledger.find(DIGEST, "s").unwrap().state, State::Done { .. }));
        assert!(ledger.find(DIGEST, "t").is_none() && ledger.digest(&upload("b.mp4")).is_none());
    }

    #[test]
    fn a_failure_holds_until_its_record_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        let begun = ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap();
        let record = ledger.end(&begun, failed(&ledger, &begun)).unwrap();
        assert_eq!(ledger.place(&record), folder.path().join("quarantine/a.mp4.01234567.json"));
        assert!(!ledger.place(&begun).exists());
        drop(ledger);
        let mut ledger = open(folder.path());
        assert!(ledger.find(DIGEST, "s").is_some());
        std::fs::remove_file(ledger.place(&record)).unwrap();
        assert!(ledger.find(DIGEST, "s").is_none());
        let begun = ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap();
        let record = ledger.end(&begun, failed(&ledger, &begun)).unwrap();
        assert_eq!((ledger.retry().unwrap(), ledger.place(&record).exists()), (1, false));
        assert_eq!(ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap().tries, 1);
    }

    #[test]
    fn a_clean_stop_is_no_try() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        let begun = ledger.begin(&upload("a.mp4"), DIGEST, "s").unwrap();
        ledger.withdraw(&begun);
        drop(ledger);
        assert_eq!(open(folder.path()).begin(&upload("a.mp4"), DIGEST, "s").unwrap().tries, 1);
    }

    #[test]
    fn what_was_replaced_is_no_longer_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        let mut done = |name: &str, digest: &str| {
            let begun = ledger.begin(&upload(name), digest, "s").unwrap();
            ledger.supersede(&begun);
            ledger.end(&begun, State::Done { ended: Timestamp::now(), files: vec![] }).unwrap();
        };
        done("a.mp4", "1111");
        done("b.mp4", "2222");
        done("a.mkv", "3333");
        drop(ledger);
        let mut ledger = open(folder.path());
        let known = ["1111", "2222", "3333"].map(|digest| ledger.find(digest, "s").is_some());
        assert_eq!(known, [false, true, true]);
    }

    #[test]
    fn one_watcher_a_folder_and_damaged_records_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(folder.path());
        let error = Ledger::open(folder.path()).err().unwrap();
        assert!(error.to_string().contains("another watcher"), "{error}");
        drop(ledger);
        std::fs::create_dir_all(folder.path().join("files")).unwrap();
        std::fs::write(folder.path().join("files/x.json"), "{").unwrap();
        std::fs::write(folder.path().join("files/.dubline-x.json"), "{").unwrap();
        let (_, unreadable) = Ledger::open(folder.path()).unwrap();
        assert!(unreadable.len() == 1 && unreadable[0].contains("x.json"), "{unreadable:?}");
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        let long = label(&"顾".repeat(90), DIGEST);
        assert!(long.len() < 240 && long.ends_with("顾.01234567"), "{long}");
    }
}
