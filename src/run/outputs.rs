//! What a run leaves in the output folder: transcripts, scripts, subtitles, deliverables, reports.
//!
//! Files are replaced whole, by rename, and only where their content changed.

use super::deliver::Delivered;
use super::voices::Takes;
use super::{Job, Runner};
use crate::episode::Episode;
use crate::error::{Error, Kind, Result};
use crate::event::StageTime;
use crate::lang::Lang;
use crate::qc::{
    self, Counts, LineReport, RemovedReport, Report, RunReport, SourceReport, SubtitlesReport, TakeReport, Timing,
};
use crate::script::{LineState, Script, Transcript};
use crate::series::Source;
use crate::stage::transcribe::Why;
use crate::store::write_atomically;
use crate::subtitle::{self, Caption, Layout};
use crate::supply::{Reason, Supplied};
use crate::time::{Delta, Time};
use crate::timeline::Timeline;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What became of an episode.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One report a language.
    pub reports: Vec<Report>,
    /// The episode's length, once it is known.
    pub duration: Option<Delta>,
    /// Its spoken language, once it is known.
    pub from: Option<Lang>,
    /// Languages that ended with an error.
    pub broken: Vec<(Lang, Error)>,
    /// Every file that was written or found as it should be, deliverables aside: reports name those.
    pub written: Vec<PathBuf>,
}

impl Outcome {
    /// Was every language delivered, in one way or another?
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && !self.reports.iter().any(|report| matches!(report.supplied, Supplied::Held { .. }))
    }

    /// What went wrong first, if anything did; an error of a language is taken out of the outcome.
    pub fn trouble(&mut self) -> Option<Error> {
        if self.broken.is_empty() { self.incomplete() } else { Some(self.broken.remove(0).1) }
    }

    /// An error, if a language was not delivered since lines failed.
    pub fn incomplete(&self) -> Option<Error> {
        let held = |report: &&Report| matches!(report.supplied, Supplied::Held { .. });
        let report = self.reports.iter().find(held)?;
        let failed = report.counts.failed;
        let first = report.lines.iter().find_map(|line| Some((line.line, line.failed.clone()?)));
        let what = match report.supplied.why() {
            Some(Reason::FlaggedLines { .. }) | None if failed == 0 => {
                let why = report.supplied.why().map(Reason::to_string).unwrap_or_default();
                format!("{why}; it is held until a person has looked at them")
            }
            _ => format!("{failed} of {} lines failed; nothing was delivered", report.lines.len()),
        };
        let mut error = Error::new(Kind::Incomplete, what)
        .file(&report.source.path)
        .language(&report.language)
        .hint(
            "the report names each failed line and why; run again to retry only those, or write them yourself (`dubline script export`)",
        );
        if let Some((line, why)) = first {
            error = error.line(line).because(why);
        }
        Some(error)
    }
}

/// The subtitles of a script: a line is shown, in the wording that is heard, while its take is heard; or while
/// its cue is spoken, where there is no take.
pub(super) fn captions(job: &Job<'_>, script: &Script, takes: &Takes, timeline: &Timeline) -> Vec<Caption> {
    let shown = script.lines.iter().filter_map(|line| {
        let placed = timeline.placements.iter().find(|placement| placement.cue == line.cue);
        let heard = takes.spoken.iter().find(|take| take.cue == line.cue).map(|take| take.text.as_str());
        Some(Caption::new(placed.map_or(line.span, |placement| placement.span), heard.or(line.text())?))
    });
    let mut captions =
        subtitle::captions(&shown.collect::<Vec<_>>(), &script.language, &layout(job.episode, &script.language));
    // A caption that lingers past the last frame would make the film longer.
    let end = Time::ZERO + job.episode.duration;
    captions.retain(|caption| caption.span.start < end);
    // Takes that overlap share the time; two captions at once would cover each other.
    for index in 0..captions.len() {
        let next = captions.get(index + 1).map_or(end, |next| next.span.start);
        let caption = &mut captions[index];
        caption.span.end = caption.span.end.min(end).min(next.max(caption.span.start + Delta::from_ms(1)));
    }
    subtitle::lengthen(&mut captions, layout(job.episode, &script.language).frame);
    captions
}

/// How much text the picture holds.
fn layout(episode: &Episode, language: &Lang) -> Layout {
    // 24 frames a second where there is no picture: the gaps between captions are counted in frames.
    let frame = episode.frame().unwrap_or(Delta::from_ticks(2000));
    Layout::of(language, frame, episode.is_upright())
}

impl Runner {
    /// `<out>/<language>/<name>.<extension>`, or as the template of the settings says.
    pub(super) fn output(&self, source: &Source, language: &Lang, extension: &str) -> Result<PathBuf> {
        let name = self.names.output(&self.fields(source, Some(language)))?;
        Ok(self.settings().out.join(format!("{name}.{extension}")))
    }

    /// Removes what a run that was killed left where the outputs in these languages go.
    pub(super) fn tidy<'a>(&self, source: &Source, languages: impl IntoIterator<Item = &'a Lang>) {
        if self.machine.mode == super::Mode::Plan {
            return;
        }
        // An output that has no name yet has no folder either.
        let outputs = languages.into_iter().filter_map(|language| self.output(source, language, "part").ok());
        outputs.filter_map(|path| Some(path.parent()?.to_owned())).for_each(|folder| self.sweeper.sweep(&folder));
    }

    /// A source is never written, whatever the output folder is called.
    pub(super) fn spare_source(&self, path: &Path, source: &Path) -> Result<()> {
        if matches!((path.canonicalize(), source.canonicalize()), (Ok(a), Ok(b)) if a == b) {
            return Err(Error::new(Kind::Usage, "this output would replace the source")
                .file(path)
                .hint("choose another folder with --out"));
        }
        Ok(())
    }

    pub(super) fn write_transcript(&self, source: &Source, transcript: &Transcript) -> Result<Vec<PathBuf>> {
        let language = &transcript.language;
        let spoken = transcript.cues.iter().map(|cue| Caption::new(cue.span, cue.text.clone()));
        // As subtitles mark what is sung: read back, it is no line.
        let songs = transcript.passages.iter().filter(|passage| !passage.text.is_empty());
        let sung = songs.map(|song| Caption::new(song.span, format!("♪ {} ♪", song.text)));
        let mut captions: Vec<Caption> = spoken.chain(sung).collect();
        captions.sort_by_key(|caption| caption.span);
        Ok(vec![
            self.put(self.output(source, language, "transcript.json")?, &json(transcript)?)?,
            self.put(self.output(source, language, "srt")?, srt(&captions)?.as_bytes())?,
        ])
    }

    pub(super) fn write_script(&self, job: &Job<'_>, script: &Script) -> Result<Vec<PathBuf>> {
        let written = Written { episode: job.name, script };
        Ok(vec![self.put(self.output(job.asked, job.language, "script.json")?, &json(&written)?)?])
    }

    pub(super) fn write_captions(
        &self,
        job: &Job<'_>,
        script: &Script,
        takes: &Takes,
        timeline: &Timeline,
    ) -> Result<PathBuf> {
        let captions = captions(job, script, takes, timeline);
        self.put(self.output(job.asked, job.language, "srt")?, srt(&captions)?.as_bytes())
    }

    pub(super) fn write_report(&self, job: &Job<'_>, report: &Report) -> Result<Vec<PathBuf>> {
        let path = self.output(job.asked, job.language, "report.json")?;
        // A run that made nothing leaves the report of the one that did: how long things took is told there.
        let idle = report.stages.iter().all(|stage| stage.computed == 0);
        let same = |old: Report| Report { stages: report.stages.clone(), run: report.run.clone(), ..old } == *report;
        if idle && std::fs::read(&path).is_ok_and(|old| Report::parse(&old).is_ok_and(same)) {
            return Ok(vec![path]);
        }
        Ok(vec![self.put(path, &json(report)?)?])
    }

    fn put(&self, path: PathBuf, bytes: &[u8]) -> Result<PathBuf> {
        // A plan writes nothing; a file that is right already keeps its date.
        let idle = self.machine.mode == super::Mode::Plan || std::fs::read(&path).is_ok_and(|old| old == bytes);
        if !idle {
            write_atomically(&path, bytes)?;
        }
        Ok(path)
    }

    /// The report of what was written, spoken and fitted, judged; nothing is delivered yet.
    ///
    /// # Errors
    /// Fails only if the subtitles have no text form.
    pub(super) fn judged(&self, job: &Job<'_>, script: &Script, takes: &Takes, timeline: &Timeline) -> Result<Report> {
        let lines: Vec<LineReport> = script
            .lines
            .iter()
            .map(|line| {
                let spoken = takes.spoken.iter().find(|take| take.cue == line.cue);
                let placed = timeline.placements.iter().find(|placement| placement.cue == line.cue);
                let take = spoken.zip(placed).map(|(take, placed)| TakeReport {
                    voice: take.voice.clone(),
                    speed: take.speed,
                    duration: take.duration,
                    span: placed.span,
                    stretch: placed.stretch,
                    borrowed: placed.borrowed,
                    overlap: placed.overlap,
                });
                let failed = takes.failed.iter().find(|(cue, _)| *cue == line.cue).map(|(_, why)| why.clone());
                let (terms, flaws, locked) = match &line.state {
                    LineState::Written { terms, flaws, locked, .. } => (terms.clone(), flaws.clone(), *locked),
                    LineState::Failed { .. } => (Vec::new(), Vec::new(), false),
                };
                // What is heard may be a tighter wording than the script's first one.
                let text = spoken.map(|take| take.text.clone()).or_else(|| line.text().map(str::to_owned));
                LineReport {
                    line: line.cue,
                    cue: line.span,
                    speaker: line.speaker.clone(),
                    source: line.source.clone(),
                    text: text.filter(|_| failed.is_none()),
                    failed,
                    locked,
                    terms,
                    flaws,
                    take,
                }
            })
            .collect();
        // As the file on the disk reads, not as it was meant.
        let shown = srt(&captions(job, script, takes, timeline))?.into_bytes();
        let path = self.output(job.asked, job.language, "srt")?;
        let subtitles = SubtitlesReport::of(&path, Ok(shown), job.language, &layout(job.episode, job.language));
        let mut report = Report {
            schema: qc::SCHEMA,
            dubline: env!("CARGO_PKG_VERSION").to_owned(),
            episode: job.name.to_owned(),
            from: job.heard.transcript.language.clone(),
            language: job.language.clone(),
            source: SourceReport {
                path: job.source.to_owned(),
                digest: job.episode.digest.clone(),
                duration: job.episode.duration,
                frame: job.episode.frame(),
            },
            complete: false,
            supplied: Supplied::Dubbed,
            counts: Counts::of(&lines),
            timing: Timing::of(&lines),
            loudness: None,
            bed: None,
            deliverable: None,
            subtitles: Some(subtitles),
            findings: Vec::new(),
            lines,
            orphaned_edits: job.edits.orphans.clone(),
            names: Vec::new(),
            removed: job
                .heard
                .removed
                .iter()
                .map(|removed| RemovedReport {
                    span: removed.span,
                    text: removed.text.clone(),
                    why: removed.why.to_string(),
                    sung: removed.why == Why::Sung,
                })
                .collect(),
            stages: Vec::new(),
            run: RunReport {
                ended: jiff::Timestamp::now(),
                seconds: job.begun.elapsed().as_secs_f64(),
                threads: self.machine.threads,
                peak_memory: qc::peak_memory(),
            },
        };
        report.findings = qc::judge(&report);
        Ok(report)
    }

    /// Puts what was delivered into the report, and judges it anew.
    pub(super) fn finish(
        &self,
        report: &mut Report,
        delivered: Option<Delivered>,
        stages: Vec<StageTime>,
        job: &Job<'_>,
    ) {
        report.complete = delivered.is_some();
        if let Some(Delivered { file, loudness }) = delivered {
            (report.deliverable, report.loudness) = (Some(file), loudness);
        }
        report.stages = stages;
        report.run.ended = jiff::Timestamp::now();
        report.run.seconds = job.begun.elapsed().as_secs_f64();
        report.run.peak_memory = qc::peak_memory();
        report.findings = qc::judge(report);
    }
}

/// A script with its episode's name, which edits of it go by whatever the file is called.
#[derive(Serialize)]
struct Written<'a> {
    episode: &'a str,
    #[serde(flatten)]
    script: &'a Script,
}

fn srt(captions: &[Caption]) -> Result<String> {
    Ok((subtitle::format("srt")?.write)(captions))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|e| Error::internal("an output has no JSON form").because(e))?;
    bytes.push(b'\n');
    Ok(bytes)
}
