//! Sound against picture: do they begin and end together?

use super::{Check, Remark, Report, Severity, TrackKind, TrackReport};
use crate::time::{Delta, Time};

/// ITU-R BT.1359-1: sound is noticed when it is early by more than this, or late by more than the other.
const EARLY: Delta = Delta::from_ms(45);
const LATE: Delta = Delta::from_ms(125);
/// One AAC frame at 48 kHz, and what an encoder puts before the first sample.
const GRAIN: Delta = Delta::from_ms(64);

pub(super) const START: Check = Check { name: "sync", about: "the dub begins with the picture", run: start };
pub(super) const END: Check = Check { name: "sound-end", about: "the dub ends with the picture", run: end };

fn dub(report: &Report) -> Option<&TrackReport> {
    let file = report.deliverable.as_ref()?;
    file.tracks.iter().filter(|track| track.kind == TrackKind::Audio).nth(file.sound(&report.language))
}

fn picture(report: &Report) -> Option<&TrackReport> {
    report.deliverable.as_ref()?.tracks.iter().find(|track| track.kind == TrackKind::Video)
}

fn ms(delta: Delta) -> String {
    format!("{:+.0} ms", delta.seconds() * 1000.0)
}

fn start(report: &Report) -> Vec<Remark> {
    let (Some(_), Some(begin)) = (picture(report), dub(report).and_then(|dub| dub.start)) else { return Vec::new() };
    let offset = begin - Time::ZERO;
    if offset <= LATE && offset >= -EARLY {
        return Vec::new();
    }
    vec![Remark {
        severity: Severity::Error,
        line: None,
        at: Some(Time::ZERO),
        message: "the dub does not begin with the picture".into(),
        measured: ms(offset),
        limit: format!("{} to {}, ITU-R BT.1359-1 (detectable)", ms(-EARLY), ms(LATE)),
        remedy: "run again; if another program has changed the file, change how it is called".into(),
    }]
}

fn end(report: &Report) -> Vec<Remark> {
    let ends = picture(report).and_then(|track| track.end).zip(dub(report).and_then(|track| track.end));
    let Some((picture, sound)) = ends else { return Vec::new() };
    let offset = sound - picture;
    let allowed = report.source.frame.unwrap_or_default() + GRAIN;
    if offset.abs() <= allowed {
        return Vec::new();
    }
    // What is missing may be a line; what is over makes the last picture stand.
    let severity = if offset < Delta::ZERO { Severity::Error } else { Severity::Warning };
    let direction = if offset < Delta::ZERO { "before" } else { "after" };
    vec![Remark {
        severity,
        line: None,
        at: Some(sound.min(picture)),
        message: format!("the dub ends {direction} the picture"),
        measured: ms(offset),
        limit: format!("±{:.0} ms, a frame of each", allowed.seconds() * 1000.0),
        remedy: "run again; look at the end of the source, whose picture and sound may differ in length".into(),
    }]
}
