//! The finished file: is it as long as the source, and does it hold what it should?

use super::{Check, Remark, Report, Severity};
use crate::time::Delta;

pub(super) const DURATION: Check =
    Check { name: "duration", about: "the finished file is as long as the source", run: duration };
pub(super) const STREAMS: Check =
    Check { name: "streams", about: "everything that the source held was carried over", run: streams };

fn duration(report: &Report) -> Vec<Remark> {
    let Some(file) = &report.deliverable else { return Vec::new() };
    // Sound alone has no frames; one AAC frame is the finest that a container can cut.
    let frame = report.source.frame.unwrap_or(Delta::from_ms(22));
    let off = file.duration - report.source.duration;
    // A millisecond more, since containers round durations to their time base.
    if off.abs() <= frame + Delta::from_ms(1) {
        return Vec::new();
    }
    vec![Remark {
        severity: Severity::Error,
        line: None,
        at: None,
        message: "the finished file is not as long as the source".into(),
        measured: format!("{} against {}", file.duration, report.source.duration),
        limit: format!("one frame, {}", frame),
        remedy: "look at the end of the file; the source's container may state a wrong length".into(),
    }]
}

fn streams(report: &Report) -> Vec<Remark> {
    let warnings = report.deliverable.iter().flat_map(|file| &file.warnings);
    warnings
        .map(|warning| Remark {
            severity: Severity::Note,
            line: None,
            at: None,
            message: warning.clone(),
            measured: "left out".into(),
            limit: "what the container can hold".into(),
            remedy: "use --container mkv, which holds nearly everything".into(),
        })
        .collect()
}
