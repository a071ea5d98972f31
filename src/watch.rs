//! A watched folder: which of its files are complete, which are none of ours, and what makes two of them the same.
//!
//! Pure. It is told what a folder held, look after look, and says what is ready. Does not know the disk, the clock on
//! the wall, or what becomes of a file.

use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// Looks that must find a file unchanged before it counts as complete, however long they are apart: a machine that
/// slept between two of them has seen nothing of what the upload did meanwhile.
pub const LOOKS: u32 = 3;

/// What one look at a file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970 by the clock of whoever keeps the file.
    pub modified: i64,
}

/// A file that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name in the folder.
    pub name: String,
    /// How it looked.
    pub look: Look,
}

/// Why a file is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Its name begins with a dot, as rsync's unfinished `.name.XXXXXX` does.
    Hidden,
    /// Its name is that of an unfinished upload or of an editor's copy.
    Temporary,
    /// It is something that lies beside films: subtitles, texts, pictures, checksums.
    Companion,
}

/// What became of a complete file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its outputs are there, under its name.
    Done,
    /// Anything else that is not to be tried again: it failed, or another file has the same content.
    SetAside,
}

/// Endings of unfinished uploads and downloads.
const TEMPORARY: &[&str] = &[
    "part",
    "filepart",
    "partial",
    "tmp",
    "temp",
    "crdownload",
    "download",
    "opdownload",
    "aria2",
    "!ut",
    "!qb",
    "swp",
];

/// Endings of what lies beside films.
const COMPANIONS: &[&str] = &[
    "srt", "vtt", "ass", "ssa", "sub", "txt", "md", "json", "csv", "tsv", "toml", "yaml", "yml", "xml", "nfo", "log",
    "md5", "sha1", "sha256", "sfv", "jpg", "jpeg", "png", "webp", "pdf", "zip",
];

/// Why a file of this name is passed over, if it is.
pub fn passed_over(name: &str) -> Option<Passed> {
    if name.starts_with('.') {
        return Some(Passed::Hidden);
    }
    if name.ends_with('~') || name.starts_with("~$") {
        return Some(Passed::Temporary);
    }
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    if TEMPORARY.contains(&ending.as_str()) {
        return Some(Passed::Temporary);
    }
    COMPANIONS.contains(&ending.as_str()).then_some(Passed::Companion)
}

/// Follows the files of one folder from look to look.
#[derive(Debug)]
pub struct Watcher {
    settle: Duration,
    files: BTreeMap<String, Track>,
}

#[derive(Debug)]
struct Track {
    look: Look,
    since: Duration,
    looks: u32,
    ready: bool,
    verdict: Option<Verdict>,
}

impl Watcher {
    /// A file is complete once it did not change for `settle`.
    pub fn new(settle: Duration) -> Watcher {
        Watcher { settle, files: BTreeMap::new() }
    }

    /// Changes how long a file must rest.
    pub fn set_settle(&mut self, settle: Duration) {
        self.settle = settle;
    }

    /// Takes in what the folder holds at `now`, counted from any fixed moment, and gives what is complete and not
    /// judged, in the order of its arrival.
    pub fn look(&mut self, now: Duration, listing: &[(String, Look)]) -> Vec<Upload> {
        let ours: BTreeMap<&str, Look> = listing
            .iter()
            .filter(|(name, _)| passed_over(name).is_none())
            .map(|(name, look)| (name.as_str(), *look))
            .collect();
        // What vanished and comes back is looked at anew.
        self.files.retain(|name, _| ours.contains_key(name.as_str()));
        for (name, look) in ours {
            let fresh = Track { look, since: now, looks: 1, ready: false, verdict: None };
            match self.files.get_mut(name) {
                Some(track) if track.look == look => {
                    track.looks = track.looks.saturating_add(1);
                    // Where the clock went back, the file rests from there.
                    track.since = track.since.min(now);
                }
                Some(track) => *track = fresh,
                None => {
                    self.files.insert(name.to_owned(), fresh);
                }
            }
        }
        let mut ready = Vec::new();
        for (name, track) in &mut self.files {
            // An empty file is an upload that has only begun.
            let rested = now.saturating_sub(track.since) >= self.settle;
            track.ready = track.look.size > 0 && track.looks >= LOOKS && rested;
            if track.ready && track.verdict.is_none() {
                ready.push(Upload { name: name.clone(), look: track.look });
            }
        }
        ready.sort_by(|a, b| (a.look.modified, &a.name).cmp(&(b.look.modified, &b.name)));
        ready
    }

    /// It is known what became of this file: it is not ready again until it changes.
    pub fn judge(&mut self, upload: &Upload, verdict: Verdict) {
        if let Some(track) = self.files.get_mut(&upload.name)
            && track.look == upload.look
        {
            track.verdict = Some(verdict);
        }
    }

    /// No judgement holds any more; what rested is ready.
    pub fn judge_anew(&mut self) {
        self.files.values_mut().for_each(|track| track.verdict = None);
    }

    /// Nothing is known of this file any more.
    pub fn forget(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// Files that were not complete at the last look.
    pub fn waiting(&self) -> Vec<&str> {
        self.files.iter().filter(|(_, track)| !track.ready).map(|(name, _)| name.as_str()).collect()
    }

    /// Another file in the folder whose outputs are there under the names that this one's would have.
    pub fn namesake(&self, name: &str) -> Option<&str> {
        let done = self.files.iter().filter(|(_, track)| track.verdict == Some(Verdict::Done));
        done.map(|(other, _)| other.as_str()).find(|other| *other != name && stem(other) == stem(name))
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Settings that change how a result comes about, not what it is.
const INDIFFERENT: &[&str] = &["threads", "store", "no-store", "models", "offline", "batch", "watch", "webhook"];
const INDIFFERENT_IN_GROUPS: &[&str] =
    &["timeout-seconds", "retries", "requests-per-minute", "parallel", "key-env", "program"];

/// blake3 in hex of the settings that can change what becomes of a source. Only what differs from the defaults
/// counts, so that a dubline that knows more settings does not do all files again.
pub fn settings_digest(settings: &Settings) -> String {
    let mut said = difference(&json(settings), &json(&Settings::default()));
    said.retain(|key, _| !INDIFFERENT.contains(&key.as_str()));
    for group in said.values_mut().filter_map(Value::as_object_mut) {
        group.retain(|key, _| !INDIFFERENT_IN_GROUPS.contains(&key.as_str()));
    }
    said.retain(|_, value| value.as_object().is_none_or(|group| !group.is_empty()));
    // Sorted, since two files that say the same in another order say the same.
    let sorted: BTreeMap<String, Value> = said.into_iter().collect();
    blake3::hash(serde_json::json!(sorted).to_string().as_bytes()).to_hex().to_string()
}

fn json(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(map)) => map,
        // Settings are a table, always.
        _ => Map::new(),
    }
}

fn difference(said: &Map<String, Value>, defaults: &Map<String, Value>) -> Map<String, Value> {
    let mut rows = Map::new();
    for (key, value) in said {
        match (value, defaults.get(key)) {
            (value, Some(default)) if value == default => {}
            (Value::Object(inner), Some(Value::Object(default))) => {
                rows.insert(key.clone(), Value::Object(difference(inner, default)));
            }
            (value, _) => {
                rows.insert(key.clone(), value.clone());
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests;
