//! Speech: is the dub heard under each line, all through it, and is it not the original?

use super::{Check, HeardReport, Remark, Report, Severity};
use crate::settings::Bed;
use crate::time::{Delta, Time};

/// Takes lie near the programme's loudness, −14 to −24 LUFS; what is under this all through is none of them.
pub(super) const FLOOR_DBFS: f64 = -50.0;
/// People pause within a sentence for well under a second.
const PAUSE: Delta = Delta::from_ms(1000);
/// How much of the source's own sound a take may be. Under a dub the original is lowered by ten decibels and more,
/// which makes them alike to less than a half.
const ALIKE: f64 = 0.95;
/// Over a separated bed the music is the original's own, and most of what is heard where a voice whispers under a song;
/// only a track that is the original itself, encoded once more, is more alike than this.
const ALIKE_OVER_BED: f64 = 0.98;

pub(super) const SILENT: Check =
    Check { name: "silent-line", about: "something is heard under every line", run: silent };
pub(super) const HOLE: Check = Check { name: "hole", about: "no take falls silent in its midst", run: hole };
pub(super) const ORIGINAL: Check =
    Check { name: "original-heard", about: "under every line the dub is heard, not the original", run: original };

const REMEDY: &str = "listen to it and run again; if another program has changed the file, change how it is called";

fn heard(report: &Report) -> &[HeardReport] {
    report.deliverable.as_ref().map_or(&[], |file| &file.heard)
}

fn remark(heard: &HeardReport, at: Time, message: &str, measured: String, limit: String) -> Remark {
    Remark {
        severity: Severity::Error,
        line: Some(heard.line),
        at: Some(at),
        message: message.into(),
        measured,
        limit,
        remedy: REMEDY.into(),
    }
}

fn silent(report: &Report) -> Vec<Remark> {
    let silent = heard(report).iter().filter(|heard| heard.level_dbfs < FLOOR_DBFS);
    silent
        .map(|heard| {
            let limit = format!("{FLOOR_DBFS:.0} dBFS, well under speech at any loudness target");
            let measured = format!("{:.0} dBFS", heard.level_dbfs);
            remark(heard, heard.span.start, "nothing is heard where the line should be", measured, limit)
        })
        .collect()
}

fn hole(report: &Report) -> Vec<Remark> {
    let holes = heard(report).iter().filter(|heard| heard.level_dbfs >= FLOOR_DBFS && heard.silence > PAUSE);
    holes
        .map(|heard| Remark {
            severity: Severity::Warning,
            ..remark(
                heard,
                heard.span.start,
                "the take falls silent in its midst",
                format!("{} of silence", heard.silence),
                format!("{PAUSE}, longer than a pause within a sentence"),
            )
        })
        .collect()
}

fn original(report: &Report) -> Vec<Remark> {
    let most = if report.bed == Some(Bed::Separate) { ALIKE_OVER_BED } else { ALIKE };
    let alike = heard(report).iter().filter_map(|heard| Some((heard, heard.original?)));
    alike
        .filter(|(heard, alike)| *alike > most && heard.level_dbfs >= FLOOR_DBFS)
        .map(|(heard, alike)| {
            let limit = format!("{:.0}% alike; a dub over the lowered original is under half", most * 100.0);
            let measured = format!("{:.0}% alike", alike * 100.0);
            remark(heard, heard.span.start, "the original is heard where the dub should be", measured, limit)
        })
        .collect()
}
