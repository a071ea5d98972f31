//! What is told of an upload that ended: to a webhook, and to its log.

use dubline::error::Error;
use dubline::event::{Event, Events};
use dubline::qc::{Report, Severity};
use dubline::run::Outcome;
use dubline::settings::HookEvent;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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

/// The log of the upload in hand: one event a line.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Option<File>>>);

impl Log {
    /// Events that are written here and go on to `shown`. How far a stage has come is not worth a line.
    pub(super) fn tee(&self, shown: Events) -> Events {
        let log = self.clone();
        Events::new(move |event| {
            if !matches!(event, Event::Progress { .. } | Event::Download { .. }) {
                log.write(&json!({ "at": jiff::Timestamp::now(), "what": &event }));
            }
            shown.send(event);
        })
    }

    /// Begins the log at `path`, after what an earlier try left there.
    pub(super) fn begin(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    /// Ends it, with the error where there is one.
    pub(super) fn end(&self, error: Option<&Error>) {
        if let Some(error) = error {
            self.write(&json!({
                "at": jiff::Timestamp::now(), "error": error.to_string(), "hint": error.remedy(),
                "exit_code": error.exit_code(),
            }));
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn write(&self, line: &Value) {
        if let Some(file) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // A log that cannot be written is no reason to stop the work.
            let _ = writeln!(file, "{line}");
        }
    }
}
