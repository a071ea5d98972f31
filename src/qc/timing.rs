//! Timing: is anything too fast, too late, or spoken over something else?

use super::{Check, Remark, Report, Severity};
use crate::time::Delta;

/// Compression above this is heard; the study of human dubs arXiv 2212.12137 bounds it near 1.2.
const STRETCH_LIMIT: f64 = 1.2;
/// A voice hurried more than this in all (its own speed times the stretch) sounds chased.
const RATE_LIMIT: f64 = 1.3;
/// ITU-R BT.1359-1: sound late by more than 125 ms is detectable, by more than 185 ms not acceptable.
const LATE_DETECTABLE: Delta = Delta::from_ms(125);
const LATE_UNACCEPTABLE: Delta = Delta::from_ms(185);
/// Two takes may touch for as long as a breath.
const OVERLAP_NOTICED: Delta = Delta::from_ms(80);
const OVERLAP_HEAVY: Delta = Delta::from_ms(500);

const REMEDY: &str = "shorten this line's translation and run again: only this line is redone";

pub(super) const STRETCH: Check =
    Check { name: "stretch", about: "no take is compressed beyond what viewers accept", run: stretch };
pub(super) const OVERLAP: Check =
    Check { name: "overlap", about: "no take sounds together with the next, unless the source does", run: overlap };
pub(super) const LATE: Check = Check { name: "late", about: "every take starts when its cue does", run: late };
pub(super) const RATE: Check =
    Check { name: "hurried", about: "no voice is hurried by speed and stretch together", run: rate };

fn ms(delta: Delta) -> String {
    format!("{:.0} ms", delta.seconds() * 1000.0)
}

fn stretch(report: &Report) -> Vec<Remark> {
    let too_fast = report.lines.iter().filter_map(|line| Some((line, line.take.as_ref()?)));
    too_fast
        .filter(|(_, take)| take.stretch > STRETCH_LIMIT + 1e-3)
        .map(|(line, take)| Remark {
            severity: Severity::Error,
            line: Some(line.line),
            at: Some(take.span.start),
            message: "the take is compressed more than viewers accept".into(),
            measured: format!("{:.2}×", take.stretch),
            limit: format!("{STRETCH_LIMIT:.2}×, arXiv 2212.12137"),
            remedy: REMEDY.into(),
        })
        .collect()
}

fn overlap(report: &Report) -> Vec<Remark> {
    let takes = report.lines.iter().filter_map(|line| Some((line, line.take.as_ref()?)));
    takes
        .filter(|(_, take)| take.overlap > OVERLAP_NOTICED)
        .map(|(line, take)| Remark {
            severity: if take.overlap > OVERLAP_HEAVY { Severity::Error } else { Severity::Warning },
            line: Some(line.line),
            at: Some(take.span.start),
            message: "the take is too long for its time and sounds together with the next".into(),
            measured: ms(take.overlap),
            limit: format!("{}, a breath", ms(OVERLAP_NOTICED)),
            remedy: REMEDY.into(),
        })
        .collect()
}

fn late(report: &Report) -> Vec<Remark> {
    let late = report.lines.iter().filter(|line| line.offset().abs() > LATE_DETECTABLE);
    late.map(|line| {
        let offset = line.offset();
        let direction = if offset > Delta::ZERO { "after" } else { "before" };
        Remark {
            severity: if offset.abs() > LATE_UNACCEPTABLE { Severity::Warning } else { Severity::Note },
            line: Some(line.line),
            at: Some(line.cue.start),
            message: format!("the take starts {direction} its cue, since its neighbour needed the time"),
            measured: ms(offset),
            limit: format!("{}, ITU-R BT.1359-1 (detectable)", ms(LATE_DETECTABLE)),
            remedy: "shorten the line before it and run again".into(),
        }
    })
    .collect()
}

fn rate(report: &Report) -> Vec<Remark> {
    let takes = report.lines.iter().filter_map(|line| Some((line, line.take.as_ref()?)));
    takes
        .filter(|(_, take)| take.speed * take.stretch > RATE_LIMIT)
        .map(|(line, take)| Remark {
            severity: Severity::Warning,
            line: Some(line.line),
            at: Some(take.span.start),
            message: "the voice is hurried to fit".into(),
            measured: format!(
                "{:.2}× ({:.2}× spoken, {:.2}× stretched)",
                take.speed * take.stretch,
                take.speed,
                take.stretch
            ),
            limit: format!("{RATE_LIMIT:.2}× in all, after arXiv 2212.12137"),
            remedy: REMEDY.into(),
        })
        .collect()
}
