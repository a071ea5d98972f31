//! The finished file: is it there, and is it the one that was made?

use super::{Check, Found, Remark, Report, Severity};

pub(super) const DELIVERED: Check =
    Check { name: "deliverable", about: "the finished file is there, readable, and the one that was made", run };

fn run(report: &Report) -> Vec<Remark> {
    let Some(file) = &report.deliverable else { return Vec::new() };
    let (message, measured, limit) = match &file.found {
        Found::AsMade => return Vec::new(),
        Found::Changed { digest } => (
            "the finished file is not the one that was made".to_owned(),
            format!("blake3 {}…", digest.get(..12).unwrap_or(digest)),
            format!("blake3 {}…, as the report says", file.digest.get(..12).unwrap_or(&file.digest)),
        ),
        Found::Missing => {
            ("the finished file is not there".to_owned(), "no file".into(), file.path.display().to_string())
        }
        Found::Unreadable { why } => {
            ("the finished file cannot be read".to_owned(), why.clone(), "media that can be played".into())
        }
    };
    vec![Remark {
        severity: Severity::Error,
        line: None,
        at: None,
        message,
        measured,
        limit,
        remedy: "run again: a file that is not as it was made is made anew".into(),
    }]
}
