//! Subtitles: can the file be read, by programs and by people?
//!
//! The limits are those of `subtitle::limits`, each with its source.

use super::{CaptionReport, Check, Remark, Report, Severity, SubtitlesReport};
use crate::error::Result;
use crate::lang::Lang;
use crate::subtitle::limits::{GAP_FRAMES, GENERAL_SOURCE, LONGEST, MOST_LINES, SHORTEST, limits};
use crate::subtitle::{self, Layout};
use crate::time::{Delta, Time};
use std::path::Path;

pub(super) const READABLE: Check =
    Check { name: "subtitles", about: "the subtitle file can be read, and lies within the film", run: readable };
pub(super) const SPEED: Check =
    Check { name: "reading-speed", about: "captions stay long enough to be read", run: speed };
pub(super) const ROWS: Check = Check {
    name: "caption-rows",
    about: "captions have no more rows, and no longer ones, than the picture holds",
    run: rows,
};
pub(super) const LENGTH: Check =
    Check { name: "caption-time", about: "captions are shown neither too shortly nor too long", run: length };
pub(super) const APART: Check =
    Check { name: "caption-gap", about: "captions do not cover each other, and are told apart", run: apart };

/// Times in files are whole milliseconds.
const ROUNDING: Delta = Delta::from_ms(2);

const SHORTER: &str = "shorten the line's wording and run again: only this line is redone";

impl SubtitlesReport {
    /// Measures a subtitle file by what it holds; `bytes` fail where it could not be read from the disk.
    pub fn of(path: &Path, bytes: Result<Vec<u8>>, language: &Lang, layout: &Layout) -> SubtitlesReport {
        let read = bytes.and_then(|bytes| subtitle::read(&bytes));
        let (captions, error) = match read {
            Ok(captions) => (captions, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        let caption = |caption: &subtitle::Caption| CaptionReport {
            span: caption.span,
            characters: caption.text.chars().filter(|c| !c.is_whitespace()).count(),
            rows: caption.text.lines().count(),
            widest: caption.text.lines().map(subtitle::width).max().unwrap_or(0),
        };
        SubtitlesReport {
            path: path.to_owned(),
            error,
            columns: subtitle::columns(language, layout.per_line),
            gap: Delta::from_ticks(layout.frame.ticks() * GAP_FRAMES),
            captions: captions.iter().map(caption).collect(),
        }
    }
}

fn captions(report: &Report) -> impl Iterator<Item = &CaptionReport> {
    report.subtitles.iter().flat_map(|file| &file.captions)
}

fn remark(severity: Severity, at: Time, message: &str, measured: String, limit: String, remedy: &str) -> Remark {
    Remark { severity, line: None, at: Some(at), message: message.into(), measured, limit, remedy: remedy.into() }
}

fn readable(report: &Report) -> Vec<Remark> {
    let Some(file) = &report.subtitles else { return Vec::new() };
    let remedy = "run again: a subtitle file that is not as it was made is written anew";
    let whole = |message: &str, measured: String, limit: &str| Remark {
        severity: Severity::Error,
        line: None,
        at: None,
        message: message.into(),
        measured,
        limit: limit.into(),
        remedy: remedy.into(),
    };
    if let Some(error) = &file.error {
        return vec![whole("the subtitle file cannot be read", error.clone(), "SRT or WebVTT in UTF-8")];
    }
    let written = report.lines.iter().filter(|line| line.text.is_some()).count();
    if file.captions.is_empty() && written > 0 {
        let measured = format!("no caption for {written} lines");
        return vec![whole("the subtitle file is empty", measured, "a caption for every line")];
    }
    let end = Time::ZERO + report.source.duration;
    let late = file.captions.iter().find(|caption| caption.span.end > end + ROUNDING);
    let late = late.map(|caption| {
        let measured = format!("ends at {}", caption.span.end);
        let limit = format!("{end}, the end of the film");
        remark(Severity::Error, caption.span.start, "a caption lies beyond the film", measured, limit, remedy)
    });
    late.into_iter().collect()
}

fn speed(report: &Report) -> Vec<Remark> {
    let limits = limits(&report.language);
    let most = f64::from(limits.per_second.0);
    // A whole character more or less is the rounding of times.
    let fast = captions(report).filter(|caption| caption.speed() > most + 0.5);
    fast.map(|caption| {
        remark(
            Severity::Warning,
            caption.span.start,
            "the caption is gone before it is read",
            format!("{:.1} characters a second", caption.speed()),
            format!("{most:.0} characters a second, {}", limits.source),
            SHORTER,
        )
    })
    .collect()
}

fn rows(report: &Report) -> Vec<Remark> {
    let Some(file) = &report.subtitles else { return Vec::new() };
    let limits = limits(&report.language);
    let per_character = if limits.wide { 2 } else { 1 };
    let allowed = file.columns / per_character;
    let mut remarks = Vec::new();
    for caption in &file.captions {
        let at = caption.span.start;
        if caption.rows > MOST_LINES {
            let (measured, limit) = (format!("{} rows", caption.rows), format!("{MOST_LINES}, {GENERAL_SOURCE}"));
            remarks.push(remark(Severity::Warning, at, "the caption has too many rows", measured, limit, SHORTER));
        }
        if caption.widest > file.columns {
            let full = if allowed < limits.per_line { ", fewer on an upright picture" } else { "" };
            let measured = format!("{} characters", caption.widest.div_ceil(per_character));
            let limit = format!("{allowed} characters a row, {}{full}", limits.source);
            remarks.push(remark(Severity::Warning, at, "a row of the caption is too long", measured, limit, SHORTER));
        }
    }
    remarks
}

fn length(report: &Report) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for caption in captions(report) {
        let (at, shown) = (caption.span.start, caption.span.duration());
        let (message, limit) = if shown + ROUNDING < SHORTEST {
            ("the caption is shown too shortly", SHORTEST)
        } else if shown > LONGEST + ROUNDING {
            ("the caption is shown too long", LONGEST)
        } else {
            continue;
        };
        let limit = format!("{limit}, {GENERAL_SOURCE}");
        remarks.push(remark(Severity::Note, at, message, shown.to_string(), limit, "part or join lines that are near"));
    }
    remarks
}

fn apart(report: &Report) -> Vec<Remark> {
    let Some(file) = &report.subtitles else { return Vec::new() };
    let mut remarks = Vec::new();
    for pair in file.captions.windows(2) {
        let (before, after) = (pair[0].span, pair[1].span);
        let gap = after.start - before.end;
        if gap < -ROUNDING {
            let limit = "one at a time".to_owned();
            let message = "two captions are shown at once and cover each other";
            let remedy = "run again: subtitles are written so that none covers another";
            remarks.push(remark(Severity::Warning, after.start, message, (-gap).to_string(), limit, remedy));
        } else if gap + ROUNDING < file.gap {
            let limit = format!("{}, {GAP_FRAMES} frames, {GENERAL_SOURCE}", file.gap);
            let message = "two captions follow each other without a gap";
            let remedy = "nothing, where the lines follow each other as closely";
            remarks.push(remark(Severity::Note, after.start, message, gap.to_string(), limit, remedy));
        }
    }
    remarks
}
