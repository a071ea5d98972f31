//! The picture: is all of the source's there, and does it move where the source's does?
//!
//! By its packets; nothing is decoded, so that a picture that was encoded anew as a still one is not found.

use super::{Check, PictureReport, Remark, Report, Severity};
use crate::time::Delta;

/// Damage at a cut loses a picture or two; more than this share of the source's pictures is a piece of the film.
const LOST: f64 = 0.01;

pub(super) const WHOLE: Check =
    Check { name: "picture", about: "every picture of the source is in the finished file", run: whole };
pub(super) const MOVING: Check =
    Check { name: "standstill", about: "the picture stands still no longer than the source's", run: moving };

const REMEDY: &str = "run again; if it stays, look at the source for damage and copy or download it again";

fn picture(report: &Report) -> Option<&PictureReport> {
    report.deliverable.as_ref()?.picture.as_ref()
}

fn whole(report: &Report) -> Vec<Remark> {
    let Some(PictureReport { packets, source_packets, .. }) = picture(report) else { return Vec::new() };
    let lost = source_packets.saturating_sub(*packets);
    if lost == 0 {
        return Vec::new();
    }
    let share = lost as f64 / *source_packets as f64;
    vec![Remark {
        severity: if share > LOST { Severity::Error } else { Severity::Note },
        line: None,
        at: None,
        message: "pictures of the source are missing".into(),
        measured: format!("{lost} of {source_packets} missing"),
        limit: "none: pictures are copied".into(),
        remedy: REMEDY.into(),
    }]
}

fn moving(report: &Report) -> Vec<Remark> {
    let Some(picture) = picture(report) else { return Vec::new() };
    let frame = report.source.frame.unwrap_or(Delta::from_ms(40));
    if picture.standstill <= picture.source_standstill + frame + frame {
        return Vec::new();
    }
    vec![Remark {
        severity: Severity::Error,
        line: None,
        at: None,
        message: "the picture stands still where the source's moves".into(),
        measured: format!("{}", picture.standstill),
        limit: format!("{}, the longest in the source, and two frames", picture.source_standstill),
        remedy: REMEDY.into(),
    }]
}
