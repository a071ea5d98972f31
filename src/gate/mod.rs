//! The gate: judges finished work anew, without making anything.
//!
//! Finds reports, scripts and deliverables, measures what lies beside them, verifies each line against the glossaries
//! now in force, compares names across episodes, and runs the checks. Does not know how a verdict is shown.

mod find;
mod lines;
mod side;
mod sound;
mod way;

pub use find::{Piece, find};
pub use sound::place;

use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use crate::glossary::Glossaries;
use crate::lang::Lang;
use crate::qc::{self, Counts, Report, RunReport, SourceReport, Timing};
use crate::script::{LineState, Script};
use crate::settings::Settings;
use crate::supply::{Reason, Supplied};
use crate::time::{Delta, Time};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Judges finished work anew: a report for each piece, in their order, with what was measured and found now. As many
/// pieces are in hand as there are threads, for each holds its file's sound in memory.
///
/// # Errors
/// Fails as document where a report, script or glossary cannot be read; as usage where the language of a bare script
/// is not known; as interrupted where a stop was asked for. What is wrong with finished work is no error but a finding.
pub fn judge(pieces: &[Piece], settings: &Settings, events: &Events, cancel: &Cancel) -> Result<Vec<Report>> {
    let glossaries = Glossaries::new(Arc::new(settings.clone()));
    let (total, done) = (pieces.len(), Mutex::new(0));
    let tell = |done: usize| {
        if total > 1 {
            events.send(Event::Judged { done, total });
        }
    };
    tell(0);
    let judged = side::by_side(pieces, settings.thread_budget(), |piece| {
        let report = anew(piece, settings, &glossaries, cancel)?;
        // Held while it is told, so that no count is told after a higher one.
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += 1;
        tell(*done);
        Ok(report)
    })?;
    let mut reports: Vec<Report> = judged.into_iter().flatten().collect();
    together(&mut reports);
    Ok(reports)
}

/// One piece by itself; none where nothing is there of it.
fn anew(piece: &Piece, settings: &Settings, glossaries: &Glossaries, cancel: &Cancel) -> Result<Option<Report>> {
    cancel.check()?;
    tracing::info!("judging {}", piece.episode);
    let script = piece.script.as_deref().map(script).transpose()?;
    let mut report = match (&piece.report, &script) {
        (Some(path), _) => {
            let report = Report::parse(&read(path)?).map_err(|error| error.file(path))?;
            sound::measured_anew(report, path, cancel)?
        }
        (None, Some(script)) => bare(piece, script, settings)?,
        (None, None) => return Ok(None),
    };
    if let Some(script) = &script {
        lines::verify_anew(&mut report, script, settings, glossaries)?;
    }
    report.counts = Counts::of(&report.lines);
    Ok(Some(report))
}

/// Judges reports of one series together: what one of them says is compared with what the others say.
pub fn together(reports: &mut [Report]) {
    lines::compare_names(reports);
    for report in reports {
        report.findings = qc::judge(report);
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|e| Error::new(Kind::Document, "cannot be read").file(path).because(e).hint("check the path"))
}

fn script(path: &Path) -> Result<Script> {
    serde_json::from_slice(&read(path)?).map_err(|e| {
        Error::new(Kind::Document, "is no script")
            .file(path)
            .row(e.line().max(1))
            .because(e)
            .hint("give the script.json that `dubline run` wrote, for example out/en/episode.script.json")
    })
}

/// A report of a script that nothing was made of yet: only its lines can be judged.
fn bare(piece: &Piece, script: &Script, settings: &Settings) -> Result<Report> {
    let path = piece.script.clone().unwrap_or_default();
    let from: Lang = settings.from.clone().ok_or_else(|| {
        Error::new(Kind::Usage, "the language that the script is translated from is not known")
            .file(&path)
            .hint("name it with --from, or as `from` in dubline.toml")
    })?;
    let line = |line: &crate::script::Line| qc::LineReport {
        line: line.cue,
        cue: line.span,
        speaker: line.speaker.clone(),
        source: line.source.clone(),
        text: line.text().map(str::to_owned),
        failed: match &line.state {
            LineState::Failed { why } => Some(why.clone()),
            LineState::Written { .. } => None,
        },
        locked: matches!(line.state, LineState::Written { locked: true, .. }),
        terms: Vec::new(),
        flaws: Vec::new(),
        take: None,
    };
    let lines: Vec<qc::LineReport> = script.lines.iter().map(line).collect();
    let end = lines.iter().map(|line| line.cue.end).max().unwrap_or_default();
    Ok(Report {
        schema: qc::SCHEMA,
        dubline: env!("CARGO_PKG_VERSION").to_owned(),
        episode: piece.episode.clone(),
        from,
        language: script.language.clone(),
        source: SourceReport { path, digest: String::new(), duration: end - Time::ZERO, frame: None },
        complete: false,
        supplied: Supplied::Held {
            why: Reason::Broken { error: "only its script is there".into() },
            lines: Vec::new(),
        },
        counts: Counts::default(),
        timing: Timing { max_stretch: 1.0, max_speed: 1.0, ..Timing::default() },
        loudness: None,
        bed: None,
        deliverable: None,
        subtitles: None,
        findings: Vec::new(),
        lines,
        orphaned_edits: Vec::new(),
        names: Vec::new(),
        removed: Vec::new(),
        stages: Vec::new(),
        run: RunReport { ended: jiff::Timestamp::now(), seconds: Delta::ZERO.seconds(), threads: 0, peak_memory: None },
    })
}
