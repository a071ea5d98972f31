//! The script: is every cue written?

use super::{Check, Remark, Report, Severity};
use crate::verify::FlawKind;

pub(super) const FAILED_LINES: Check =
    Check { name: "failed-line", about: "every cue has a line and every line a take", run: failed };

fn failed(report: &Report) -> Vec<Remark> {
    let failed = report.lines.iter().filter_map(|line| Some((line, line.failed.as_ref()?)));
    // What the policy lets a dub carry, or what subtitles say in its place, is no error.
    let severity = if report.complete { Severity::Warning } else { Severity::Error };
    failed
        .map(|(line, why)| Remark {
            severity,
            line: Some(line.line),
            at: Some(line.cue.start),
            message: format!("the line failed: {why}"),
            measured: "no line".into(),
            limit: "none, or as many as supply.failed-lines allows".into(),
            remedy: "run again, choose another engine with --translator, or write the line yourself in the table that `dubline script export` gives".into(),
        })
        .collect()
}

pub(super) const FLAWED_LINES: Check = Check {
    name: "flawed-line",
    about: "lines keep the glossary's decisions, numbers and the market's bans, and can be said in their time",
    run: flawed,
};

fn flawed(report: &Report) -> Vec<Remark> {
    let flaws = report.lines.iter().flat_map(|line| line.flaws.iter().map(move |flaw| (line, flaw)));
    flaws
        .map(|(line, flaw)| Remark {
            severity: severity(flaw.kind),
            line: Some(line.line),
            at: Some(line.cue.start),
            message: flaw.what.clone(),
            measured: line.text.clone().unwrap_or_default(),
            limit: match flaw.origin.as_str() {
                "" => String::new(),
                origin => format!("the glossary's entry {:?} ({origin})", flaw.entry),
            },
            remedy: "write the line yourself, or change the glossary's entry; only what it touches is redone".into(),
        })
        .collect()
}

/// A market's ban is no matter of taste; nor is what no viewer may hear, where a person wrote it all the same.
fn severity(kind: FlawKind) -> Severity {
    match kind {
        FlawKind::Banned => Severity::Error,
        kind if kind.is_fatal() => Severity::Error,
        // The take is measured by a check of its own.
        FlawKind::TooLong => Severity::Note,
        _ => Severity::Warning,
    }
}
