//! Judging: checks over everything that a run made, their findings, and the report.
//!
//! A new check is one file in this folder and one line in [`CHECKS`]. Checks read; they make nothing.

mod deliverable;
mod edits;
mod loudness;
mod report;
mod script;
mod timing;

pub(crate) use report::peak_memory;
pub use report::{
    Counts, DeliverableReport, LineReport, LoudnessReport, RemovedReport, Report, RunReport, SCHEMA, SourceReport,
    TakeReport, Timing, summary,
};

use serde::{Deserialize, Serialize};

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

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check, as in [`CHECKS`].
    pub check: String,
    /// How bad.
    pub severity: Severity,
    /// The line, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Seconds into the episode, where it is about a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<crate::time::Time>,
    /// One sentence.
    pub message: String,
    /// What was measured, with its unit.
    pub measured: String,
    /// The limit, with its unit and its source.
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
    pub run: fn(&Report) -> Vec<Finding>,
}

/// The table of checks.
pub const CHECKS: &[Check] = &[
    script::FAILED_LINES,
    script::FLAWED_LINES,
    edits::ORPHANED,
    timing::STRETCH,
    timing::OVERLAP,
    timing::LATE,
    timing::RATE,
    loudness::INTEGRATED,
    loudness::TRUE_PEAK,
    deliverable::DURATION,
    deliverable::STREAMS,
];

/// Runs every check over what a report measured; the worst findings come first.
pub fn judge(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| (check.run)(report)).collect();
    // By check within a severity, so that what one remedy mends stands together.
    findings.sort_by(|a, b| (b.severity, &a.check, a.line).cmp(&(a.severity, &b.check, b.line)));
    findings
}
