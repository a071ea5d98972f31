//! People's edits: did each find its line, and is anything wrong with what a person wrote?

use super::{Check, Finding, Report, Severity};

pub(super) const ORPHANED: Check =
    Check { name: "orphaned-edit", about: "every edit of a person has found its line", run: orphaned };
pub(super) const FLAWED: Check =
    Check { name: "flawed-edit", about: "what a person wrote has none of the flaws of a translation", run: flawed };

fn orphaned(report: &Report) -> Vec<Finding> {
    let finding = |orphan: &crate::edits::Orphan| Finding {
        check: ORPHANED.name.into(),
        severity: Severity::Warning,
        // Its number is of a transcript that is no more.
        line: None,
        at: Some(orphan.edit.span.start),
        message: format!(
            "the edit of line {} in {} ({:?}, for {:?}) found no line and is not heard",
            orphan.edit.line, orphan.language, orphan.edit.text, orphan.edit.source
        ),
        measured: "no cue near its time says nearly the same".into(),
        limit: "every edit has a line".into(),
        remedy:
            "edit the line that is there now; then remove the old edit from the document of edits, where it is kept"
                .into(),
    };
    report.orphaned_edits.iter().map(finding).collect()
}

fn flawed(report: &Report) -> Vec<Finding> {
    let locked = report.lines.iter().filter(|line| line.locked);
    locked
        .flat_map(|line| line.flaws.iter().map(move |flaw| (line, flaw)))
        .map(|(line, flaw)| Finding {
            check: FLAWED.name.into(),
            severity: Severity::Warning,
            line: Some(line.line),
            at: Some(line.cue.start),
            message: format!("a person's wording is shipped as it is: {}", flaw.what),
            measured: line.text.clone().unwrap_or_default(),
            limit: match flaw.origin.as_str() {
                "" => "what a translation may be".into(),
                origin => origin.to_owned(),
            },
            remedy: "edit the line again, or leave it: what a person wrote is never changed".into(),
        })
        .collect()
}
