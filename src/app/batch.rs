//! What is told of several episodes: a row for each language of each, the shares, and a log for each episode.

use dubline::event::{Event, Events};
use dubline::qc::series::{Series, Tally};
use dubline::qc::{Report, Severity};
use dubline::run::Outcome;
use dubline::supply::Supplied;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A row for each language; where it is quiet, for each in which something is wrong.
pub(super) fn rows(outcome: &Outcome, quiet: bool) -> String {
    let is_told = |report: &&Report| !quiet || is_wrong(report);
    outcome.reports.iter().filter(is_told).map(row).collect()
}

fn is_wrong(report: &Report) -> bool {
    matches!(report.supplied, Supplied::Held { .. }) || report.worst() >= Some(Severity::Warning)
}

fn row(report: &Report) -> String {
    let why = report.supplied.why().map(|why| format!(": {why}")).unwrap_or_default();
    let tally = Tally::of(&report.findings);
    let found = [("error", tally.errors), ("warning", tally.warnings), ("note", tally.notes)];
    let found = found.into_iter().filter(|(_, count)| *count > 0);
    let found: Vec<String> =
        found.map(|(what, count)| format!("{count} {what}{}", if count == 1 { "" } else { "s" })).collect();
    let found = if found.is_empty() { String::new() } else { format!("  {}", found.join(", ")) };
    format!("{:<24} {:<8} {}{why}{found}\n", report.episode, report.language.tag(), report.supplied.name())
}

/// How much of each language is dubbed.
pub(super) fn shares(series: &Series) -> String {
    let percent = |share: f64| (share * 100.0).floor();
    let mut text = String::new();
    for row in &series.languages {
        let share = row.share;
        text.push_str(&format!(
            "{:<8} {} dubbed, {} subtitled, {} held: {:.0}% dubbed\n",
            row.language.tag(),
            share.dubbed,
            share.subtitled,
            share.held,
            percent(row.dubbed_share)
        ));
    }
    if series.languages.len() > 1 {
        text.push_str(&format!("{:<8} {:.0}% dubbed\n", "all", percent(series.dubbed_share)));
    }
    text
}

/// A log for each episode: what happened to it, one event a line, as JSON.
pub(super) struct Logs {
    folder: PathBuf,
    open: Arc<Mutex<HashMap<String, Option<File>>>>,
}

impl Logs {
    pub(super) fn new(folder: &Path) -> Logs {
        Logs { folder: folder.to_owned(), open: Arc::default() }
    }

    /// Events that are written here and go on to `shown`. How far a stage has come is not worth a line.
    pub(super) fn tee(&self, shown: Events) -> Events {
        let (folder, open) = (self.folder.clone(), Arc::clone(&self.open));
        Events::new(move |event| {
            if let Some(episode) = episode(&event) {
                let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
                // A log that cannot be written is no reason to stop the work.
                let log = open.entry(episode.to_owned()).or_insert_with(|| {
                    std::fs::create_dir_all(&folder).ok()?;
                    File::options().create(true).append(true).open(folder.join(format!("{episode}.log"))).ok()
                });
                if let Some(log) = log {
                    let mut row = serde_json::json!({ "at": jiff::Timestamp::now(), "what": &event }).to_string();
                    row.push('\n');
                    let _ = log.write_all(row.as_bytes());
                }
            }
            shown.send(event);
        })
    }
}

/// The episode that an event is about, where it is worth a line.
fn episode(event: &Event) -> Option<&str> {
    match event {
        Event::Started { work }
        | Event::Finished { work, .. }
        | Event::Failed { work, .. }
        | Event::Delivered { work, .. } => Some(&work.episode),
        Event::Warning { work: Some(work), .. } => Some(&work.episode),
        _ => None,
    }
}
