//! What is told of an upload that ended: to a webhook, and to its log.

use dubline::error::Error;
use dubline::event::{Event, Events};
use dubline::qc::{Report, Severity};
use dubline::run::Outcome;
use dubline::settings::HookEvent;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ledger::Record;

/// The body of a delivery.
pub(super) fn body(
    id: &str,
    event: HookEvent,
    source: &Path,
    record: &Record,
    outcome: Option<&Outcome>,
    error: Option<&Error>,
) -> Value {
    let reports = outcome.map_or(&[][..], |outcome| &outcome.reports);
    json!({
        "schema": 1,
        "id": id,
        "event": event.name(),
        "dubline": env!("CARGO_PKG_VERSION"),
        "episode": source.file_stem().unwrap_or_default().to_string_lossy(),
        "source": source,
        "digest": record.digest,
        "begun": record.begun,
        "exit_code": error.map_or(0, Error::exit_code),
        "error": error.map(Error::to_string),
        "hint": error.and_then(Error::remedy),
        "languages": reports.iter().map(language).collect::<Vec<_>>(),
        "files": files(outcome),
    })
}

fn language(report: &Report) -> Value {
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    json!({
        "language": report.language,
        "outcome": report.supplied.name(),
        "why": report.supplied.why().map(ToString::to_string),
        "deliverable": report.deliverable.as_ref().map(|file| &file.path),
        "failed_lines": report.counts.failed,
        "findings": {
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "note": count(Severity::Note),
        },
    })
}

/// Every file that an episode left: deliverables first.
pub(super) fn files(outcome: Option<&Outcome>) -> Vec<PathBuf> {
    let Some(outcome) = outcome else { return Vec::new() };
    let delivered = outcome.reports.iter().filter_map(|report| Some(report.deliverable.as_ref()?.path.clone()));
    delivered.chain(outcome.written.iter().cloned()).collect()
}

/// The log of each upload in hand, by its episode's name: one event a line.
#[derive(Clone, Default)]
pub(super) struct Logs(Arc<Mutex<HashMap<String, File>>>);

impl Logs {
    /// Events that are written here and go on to `shown`: what is about an episode to its log, what is about no
    /// single one to every log. How far a stage has come is not worth a line.
    pub(super) fn tee(&self, shown: Events) -> Events {
        let logs = self.clone();
        Events::new(move |event| {
            {
                let mut open = logs.open();
                let concerned: Vec<&mut File> = match about(&event) {
                    About::Episode(episode) => open.get_mut(episode).into_iter().collect(),
                    About::All => open.values_mut().collect(),
                    About::Nobody => Vec::new(),
                };
                if !concerned.is_empty() {
                    let row = json!({ "at": jiff::Timestamp::now(), "what": &event });
                    concerned.into_iter().for_each(|log| write(log, &row));
                }
            }
            shown.send(event);
        })
    }

    /// Begins the log of an episode at `path`, after what an earlier try left there.
    pub(super) fn begin(&self, episode: &str, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        self.open().insert(episode.to_owned(), file);
        Ok(())
    }

    /// Ends it, with the error where there is one.
    pub(super) fn end(&self, episode: &str, error: Option<&Error>) {
        if let (Some(mut log), Some(error)) = (self.open().remove(episode), error) {
            let row = json!({
                "at": jiff::Timestamp::now(), "error": error.to_string(), "hint": error.remedy(),
                "exit_code": error.exit_code(),
            });
            write(&mut log, &row);
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(log: &mut File, row: &Value) {
    // One write, so that no crash leaves half a line; a log that cannot be written is no reason to stop the work.
    let _ = log.write_all(format!("{row}\n").as_bytes());
}

/// Which upload an event is about.
enum About<'a> {
    Episode(&'a str),
    All,
    Nobody,
}

fn about(event: &Event) -> About<'_> {
    match event {
        Event::Started { work }
        | Event::Finished { work, .. }
        | Event::Failed { work, .. }
        | Event::Delivered { work, .. } => About::Episode(&work.episode),
        Event::Warning { work: Some(work), .. } => About::Episode(&work.episode),
        Event::Warning { work: None, .. } | Event::Model { .. } | Event::Interrupting { .. } => About::All,
        Event::Progress { .. } | Event::Download { .. } => About::Nobody,
        Event::Batch { .. } | Event::Judged { .. } | Event::Upload { .. } => About::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dubline::event::{Stage, Work};

    #[test]
    fn two_uploads_in_hand_have_a_log_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("logs").join(name);
        let logs = Logs::default();
        logs.begin("a", &path("a.log")).unwrap();
        logs.begin("b", &path("b.log")).unwrap();
        let events = logs.tee(Events::silent());
        let work = |episode: &str| Work { episode: episode.into(), stage: Stage::Probe, language: None };
        events.send(Event::Started { work: work("a") });
        events.send(Event::Started { work: work("b") });
        events.send(Event::Progress { work: work("b"), done: 1, total: 2 });
        events.warn(None, "about everything");
        logs.end("a", Some(&Error::new(dubline::error::Kind::Media, "no sound")));
        events.warn(Some(&work("a")), "too late");
        events.send(Event::Delivered { work: work("b"), path: "out/b.mp4".into() });
        events.send(Event::Failed { work: work("b"), error: "no picture".into() });
        logs.end("b", None);
        let rows = |name: &str| -> Vec<Value> {
            let text = std::fs::read_to_string(path(name)).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let (a, b) = (rows("a.log"), rows("b.log"));
        assert_eq!((a.len(), b.len()), (3, 4), "{a:?} {b:?}");
        assert_eq!((&a[0]["what"]["work"]["episode"], &b[0]["what"]["work"]["episode"]), (&json!("a"), &json!("b")));
        assert_eq!((&a[1]["what"], &b[1]["what"]["message"]), (&b[1]["what"], &json!("about everything")));
        assert_eq!((&a[2]["error"], &a[2]["exit_code"]), (&json!("no sound"), &json!(3)));
        assert_eq!((&b[2]["what"]["path"], &b[3]["what"]["error"]), (&json!("out/b.mp4"), &json!("no picture")));
    }
}
