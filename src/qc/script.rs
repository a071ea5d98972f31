//! The script: is every cue written?

use super::{Check, Finding, Report, Severity};

pub(super) const FAILED_LINES: Check =
    Check { name: "failed-line", about: "every cue has a line and every line a take", run: failed };

fn failed(report: &Report) -> Vec<Finding> {
    let failed = report.lines.iter().filter_map(|line| Some((line, line.failed.as_ref()?)));
    failed
        .map(|(line, why)| Finding {
            check: FAILED_LINES.name.into(),
            severity: Severity::Error,
            line: Some(line.line),
            at: Some(line.cue.start),
            message: format!("the line failed: {why}"),
            measured: "no line".into(),
            limit: "none may fail".into(),
            remedy: "run again, choose another engine with --translator, or write the line yourself in the table that `dubline script export` gives".into(),
        })
        .collect()
}
