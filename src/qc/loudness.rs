//! Loudness of the finished file, as it was measured after encoding.

use super::{Check, Remark, Report, Severity};
use crate::settings::Judged;

pub(super) const INTEGRATED: Check =
    Check { name: "loudness", about: "the finished file has the wanted integrated loudness", run: integrated };
pub(super) const TRUE_PEAK: Check =
    Check { name: "true-peak", about: "the finished file's true peak is under the ceiling", run: true_peak };

fn integrated(report: &Report) -> Vec<Remark> {
    let Some(l) = &report.loudness else { return Vec::new() };
    let measured = match l.judged_lufs() {
        Some(lufs) if (lufs - l.target_lufs).abs() <= l.tolerance_lu => return Vec::new(),
        Some(lufs) => format!("{lufs:.1} LUFS"),
        None => "silence".into(),
    };
    vec![Remark {
        severity: Severity::Warning,
        line: None,
        at: None,
        message: "the finished file misses its loudness".into(),
        measured,
        limit: match l.judged {
            Judged::Programme => format!("{:.0} ±{:.0} LUFS, EBU R 128 s2", l.target_lufs, l.tolerance_lu),
            Judged::Dialogue => format!(
                "{:.0} ±{:.0} LKFS{}, Netflix Sound Mix Specifications",
                l.target_lufs,
                l.tolerance_lu,
                l.told_of()
            ),
        },
        remedy: "listen to it; very sparse or very peaky sound cannot reach every target (--loudness)".into(),
    }]
}

fn true_peak(report: &Report) -> Vec<Remark> {
    let Some(l) = &report.loudness else { return Vec::new() };
    if l.true_peak_dbtp <= l.ceiling_dbtp {
        return Vec::new();
    }
    vec![Remark {
        severity: Severity::Error,
        line: None,
        at: None,
        message: "the finished file's true peak is over the ceiling".into(),
        measured: format!("{:.2} dBTP", l.true_peak_dbtp),
        limit: format!("{:.1} dBTP, the loudness target's own", l.ceiling_dbtp),
        remedy: "choose a higher --audio-kbps or a softer --loudness target".into(),
    }]
}
