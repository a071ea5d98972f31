//! People's edits: did each find its line? What is wrong with what a person wrote is told like any line's flaws.

use super::{Check, Remark, Report, Severity};

pub(super) const ORPHANED: Check =
    Check { name: "orphaned-edit", about: "every edit of a person has found its line", run: orphaned };

fn orphaned(report: &Report) -> Vec<Remark> {
    let finding = |orphan: &crate::edits::Orphan| Remark {
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
