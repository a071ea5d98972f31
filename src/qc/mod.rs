//! Judging: checks over everything that a run made, their findings, and the report.
//!
//! A new check is one file in this folder and one line in [`CHECKS`]. Checks read; they make nothing. What they read
//! is in the report: [`measure`] puts there what was measured on the finished file.

pub mod annotations;
mod caption;
mod deliverable;
mod edits;
mod escape;
pub mod html;
pub mod junit;
mod loudness;
pub mod measure;
mod measured;
mod names;
mod picture;
mod presence;
mod report;
mod schema;
mod script;
pub mod series;
mod speech;
mod sync;
mod timing;
mod track;

pub use measured::{
    CaptionReport, Found, HeardReport, NameReport, PictureReport, SubtitlesReport, TrackKind, TrackReport,
};
pub(crate) use report::peak_memory;
pub use report::{
    Counts, DeliverableReport, LineReport, LoudnessReport, RemovedReport, Report, RunReport, SourceReport, TakeReport,
    Timing, rows, summary,
};
pub use schema::{JSON_SCHEMA, SCHEMA};

use crate::lang::Lang;
use crate::settings::Gate;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// A viewer may notice.
    Warning,
    /// It should not ship.
    Error,
}

impl Severity {
    /// Its name in reports: `note`, `warning` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// Is it at or above the gate?
    pub fn stops_at(self, gate: Gate) -> bool {
        match gate {
            Gate::Error => self >= Severity::Error,
            Gate::Warning => self >= Severity::Warning,
            Gate::None => false,
        }
    }
}

/// What a check found, so told that it stands by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The same each time that the same thing is found: check, episode, language and line or time, parted by
    /// slashes, as `stretch/ep03/pt-BR/12`.
    pub id: String,
    /// The check, as in [`CHECKS`].
    pub check: String,
    /// How bad.
    pub severity: Severity,
    /// The episode's name.
    pub episode: String,
    /// Target language.
    pub language: Lang,
    /// The line, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Seconds into the episode, where it is about a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// One sentence.
    pub message: String,
    /// What was measured, with its unit.
    pub measured: String,
    /// The limit, with its unit and its source; empty where there is none.
    pub limit: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// What was measured and its limit, in parentheses behind a space; nothing where there is neither.
    fn figures(&self) -> String {
        let limit = if self.limit.is_empty() { String::new() } else { format!("limit {}", self.limit) };
        let figures = [self.measured.clone(), limit].into_iter().filter(|figure| !figure.is_empty());
        let figures: Vec<String> = figures.collect();
        if figures.is_empty() { String::new() } else { format!(" ({})", figures.join("; ")) }
    }
}

/// What a check says; together with whose check and which report it is, a [`Finding`].
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// How bad.
    pub severity: Severity,
    /// The line, where it is about one.
    pub line: Option<u32>,
    /// When in the episode, where it is about a moment.
    pub at: Option<Time>,
    /// One sentence.
    pub message: String,
    /// What was measured, with its unit.
    pub measured: String,
    /// The limit, with its unit and its source; empty where there is none.
    pub limit: String,
    /// What to do about it.
    pub remedy: String,
}

/// A check.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name in findings.
    pub name: &'static str,
    /// What it looks at, in one line.
    pub about: &'static str,
    /// Looks.
    pub run: fn(&Report) -> Vec<Remark>,
}

/// The table of checks.
pub const CHECKS: &[Check] = &[
    script::FAILED_LINES,
    script::FLAWED_LINES,
    names::SPELLING,
    edits::ORPHANED,
    timing::STRETCH,
    timing::OVERLAP,
    timing::LATE,
    timing::RATE,
    loudness::INTEGRATED,
    loudness::TRUE_PEAK,
    presence::DELIVERED,
    deliverable::DURATION,
    deliverable::STREAMS,
    track::ORDER,
    track::LANGUAGE,
    track::DEFAULT,
    picture::WHOLE,
    picture::MOVING,
    sync::START,
    sync::END,
    speech::SILENT,
    speech::HOLE,
    speech::ORIGINAL,
    caption::READABLE,
    caption::SPEED,
    caption::ROWS,
    caption::LENGTH,
    caption::APART,
];

/// Runs every check over what a report measured; the worst findings come first.
pub fn judge(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .flat_map(|check| (check.run)(report).into_iter().map(move |remark| finding(check, report, remark)))
        .collect();
    // By check within a severity, so that what one remedy mends stands together.
    findings.sort_by(|a, b| (b.severity, &a.check, a.line).cmp(&(a.severity, &b.check, b.line)));
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in &mut findings {
        let count = seen.entry(finding.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.id.push_str(&format!("/{count}"));
        }
    }
    findings
}

fn finding(check: &Check, report: &Report, remark: Remark) -> Finding {
    let Remark { severity, line, at, message, measured, limit, remedy } = remark;
    let place = match (line, at) {
        (Some(line), _) => format!("/{line}"),
        (None, Some(at)) => format!("/{at}"),
        (None, None) => String::new(),
    };
    Finding {
        id: format!("{}/{}/{}{place}", check.name, report.episode, report.language),
        check: check.name.into(),
        severity,
        episode: report.episode.clone(),
        language: report.language.clone(),
        line,
        at,
        message,
        measured,
        limit,
        remedy,
    }
}

#[cfg(test)]
mod tests;
