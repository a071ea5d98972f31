//! Measuring a finished file and its subtitles again, where they lie now.

use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::media;
use crate::qc::measure::{Finished, measure};
use crate::qc::{DeliverableReport, Found, Report, SubtitlesReport};
use crate::subtitle::Layout;
use crate::supply::{Reason, Supplied};
use crate::time::{Delta, Span};
use std::path::{Path, PathBuf};

/// The report with what is measured now: a file that is gone, changed or damaged is told in it.
///
/// # Errors
/// Fails as interrupted where a stop was asked for.
pub(super) fn measured_anew(mut report: Report, path: &Path, cancel: &Cancel) -> Result<Report> {
    let source = Some(report.source.path.clone()).filter(|path| path.is_file());
    let mut upright = None;
    if let Some(made) = report.deliverable.take() {
        let there = place(path, &made.path);
        let takes: Vec<(u32, Span)> =
            report.lines.iter().filter_map(|line| Some((line.line, line.take.as_ref()?.span))).collect();
        let target = report.loudness.clone();
        let sound = made.sound(&report.language);
        let finished =
            Finished { path: &there, source: source.as_deref(), sound, takes: &takes, target: target.as_ref() };
        let file = DeliverableReport { path: there.clone(), ..made };
        report.deliverable = Some(match there.is_file().then(|| measure(&finished, cancel)) {
            None => lost(&mut report, file, Found::Missing),
            Some(Err(error)) if error.kind() == Kind::Interrupted => return Err(error),
            Some(Err(error)) => lost(&mut report, file, Found::Unreadable { why: error.to_string() }),
            Some(Ok((now, loudness, probed))) => {
                report.loudness = loudness;
                upright = Some(probed.is_upright());
                let found = match now.digest == file.digest {
                    true => Found::AsMade,
                    false => Found::Changed { digest: now.digest },
                };
                // The digest stays the one that was made; what was left out then is known from then.
                let DeliverableReport { digest, languages, dubs, warnings, .. } = file;
                DeliverableReport { digest, languages, dubs, warnings, found, ..now }
            }
        });
    }
    report.subtitles = match report.subtitles.take() {
        Some(before) => {
            let there = place(path, &before.path);
            let frame = report.source.frame.unwrap_or(Delta::from_ticks(before.gap.ticks() / 2));
            let mut file =
                SubtitlesReport::of(&there, bytes(&there), &report.language, &layout(&report, frame, upright));
            // The picture is the same, also where it could not be looked at now.
            (file.columns, file.gap) = (before.columns, before.gap);
            Some(file)
        }
        None => beside(path, "srt").map(|there| {
            let frame = report.source.frame.unwrap_or(Delta::from_ticks(2000));
            SubtitlesReport::of(&there, bytes(&there), &report.language, &layout(&report, frame, upright))
        }),
    };
    Ok(report)
}

/// A file that cannot be measured has no loudness either, and what is not there is not supplied.
fn lost(report: &mut Report, file: DeliverableReport, found: Found) -> DeliverableReport {
    report.loudness = None;
    let error = match found {
        Found::Missing => "the finished file is not there",
        _ => "the finished file cannot be read",
    };
    report.supplied = Supplied::Held { why: Reason::Broken { error: error.into() }, lines: Vec::new() };
    file.lost(found)
}

fn layout(report: &Report, frame: Delta, upright: Option<bool>) -> Layout {
    let language: &Lang = &report.language;
    let upright = upright.unwrap_or_else(|| media::probe(&report.source.path).is_ok_and(|source| source.is_upright()));
    Layout::of(language, frame, upright)
}

/// Where a file of the run lies now: beside the report, also where the folder was moved; else where it was made, or,
/// for a combined file of a folder that was moved, where it lies from a folder above the report.
pub fn place(report: &Path, made: &Path) -> PathBuf {
    let Some(beside) = made.file_name().map(|name| report.with_file_name(name)) else { return made.to_owned() };
    if beside.is_file() || made.is_file() {
        return if beside.is_file() { beside } else { made.to_owned() };
    }
    let tail = |count: usize| {
        let parts: Vec<_> = made.components().rev().take(count).collect();
        parts.into_iter().rev().collect::<PathBuf>()
    };
    let moved =
        report.ancestors().skip(2).take(4).flat_map(|folder| (2..=4).map(move |count| folder.join(tail(count))));
    moved.into_iter().find(|path| path.is_file()).unwrap_or(beside)
}

/// `ep03.srt` beside `ep03.report.json`, where it is there.
fn beside(report: &Path, extension: &str) -> Option<PathBuf> {
    let name = report.file_name()?.to_string_lossy().into_owned();
    let stem = name.strip_suffix(".report.json")?;
    Some(report.with_file_name(format!("{stem}.{extension}"))).filter(|path| path.is_file())
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| Error::new(Kind::Document, "cannot be read").because(e))
}
