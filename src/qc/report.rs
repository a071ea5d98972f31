//! The report: what was made of an episode in one language, in figures, for machines and people.
//!
//! Does not judge; the checks do.

use super::{Finding, Found, HeardReport, NameReport, PictureReport, Severity, SubtitlesReport, TrackReport};
use crate::edits::Orphan;
use crate::event::StageTime;
use crate::lang::Lang;
use crate::settings::{Bed, Judged};
use crate::supply::Supplied;
use crate::time::{Delta, Span, Time};
use crate::verify::{Applied, Flaw};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::PathBuf;

/// An episode in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this format.
    pub schema: u32,
    /// The dubline that made it.
    pub dubline: String,
    /// The episode's name.
    pub episode: String,
    /// Spoken language of the source.
    pub from: Lang,
    /// Target language.
    pub language: Lang,
    /// The source.
    pub source: SourceReport,
    /// Is there a deliverable, with every line that it must have?
    pub complete: bool,
    /// What it was delivered as, and why not with a dub.
    pub supplied: Supplied,
    /// What there is of each thing.
    pub counts: Counts,
    /// Over all lines.
    pub timing: Timing,
    /// Loudness of the finished file; none where none was made.
    pub loudness: Option<LoudnessReport>,
    /// What lies under the dub; none where there is no dub.
    #[serde(default)]
    pub bed: Option<Bed>,
    /// The finished file; none where none was made.
    pub deliverable: Option<DeliverableReport>,
    /// The subtitle file; none where none was made.
    #[serde(default)]
    pub subtitles: Option<SubtitlesReport>,
    /// What the checks found, the worst first.
    pub findings: Vec<Finding>,
    /// Each line.
    pub lines: Vec<LineReport>,
    /// People's edits that found no line.
    #[serde(default)]
    pub orphaned_edits: Vec<Orphan>,
    /// Names that lines write otherwise than the rest of the series; known where episodes are judged together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameReport>,
    /// What recognition heard and then removed, with the reason.
    pub removed: Vec<RemovedReport>,
    /// Each stage, in flow order.
    pub stages: Vec<StageTime>,
    /// The run that wrote this report.
    pub run: RunReport,
}

/// The source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    /// As the user named it.
    pub path: PathBuf,
    /// blake3.
    pub digest: String,
    /// Length.
    pub duration: Delta,
    /// Length of a video frame; none without pictures.
    pub frame: Option<Delta>,
}

/// How many there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Cues heard.
    pub cues: usize,
    /// Lines written.
    pub lines: usize,
    /// Lines that failed.
    pub failed: usize,
    /// Takes in the mix.
    pub takes: usize,
    /// Takes that were compressed in time.
    pub stretched: usize,
    /// Takes that sound together with the next one against the source.
    pub overlapping: usize,
}

/// Timing over all lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Largest stretch; 1 is none.
    pub max_stretch: f64,
    /// Mean stretch.
    pub mean_stretch: f64,
    /// Largest speed asked of a voice; 1 is natural.
    pub max_speed: f64,
    /// Largest distance of a take's start from its cue's start.
    pub max_start_offset: Delta,
    /// The last take's distance from its cue: what a drift would have grown to.
    pub drift_at_end: Delta,
}

/// Loudness of the finished file, measured after encoding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoudnessReport {
    /// Integrated, in LUFS; none for silence.
    pub integrated_lufs: Option<f64>,
    /// True peak in dBTP.
    pub true_peak_dbtp: f64,
    /// Wanted, in LUFS.
    pub target_lufs: f64,
    /// Largest allowed, in dBTP.
    pub ceiling_dbtp: f64,
    /// Whose loudness the target is about.
    #[serde(default)]
    pub judged: Judged,
    /// Gated loudness of the dub by itself, in LUFS, measured on its stem before encoding; none where that was not
    /// measured.
    #[serde(default)]
    pub dialogue_lufs: Option<f64>,
    /// How far the loudness may be from the target, in LU.
    #[serde(default = "one")]
    pub tolerance_lu: f64,
}

impl LoudnessReport {
    /// The loudness that is held against the target, in LUFS; none for silence.
    pub fn judged_lufs(&self) -> Option<f64> {
        match self.judged {
            Judged::Programme => self.integrated_lufs,
            Judged::Dialogue => self.dialogue_lufs,
        }
    }

    /// What that is measured on, for people: nothing for the whole.
    pub fn told_of(&self) -> &'static str {
        match self.judged {
            Judged::Programme => "",
            Judged::Dialogue => " of the dialogue, measured on the dub stem",
        }
    }
}

fn one() -> f64 {
    1.0
}

/// The finished file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliverableReport {
    /// Where.
    pub path: PathBuf,
    /// blake3.
    pub digest: String,
    /// Length.
    pub duration: Delta,
    /// Streams as `video h264`, `audio aac por`.
    pub streams: Vec<String>,
    /// Target languages that it was made for, in order: several in a combined file.
    #[serde(default)]
    pub languages: Vec<Lang>,
    /// Languages of its dubs, which are its first sounds, in order.
    #[serde(default)]
    pub dubs: Vec<Lang>,
    /// What could not be carried over from the source.
    pub warnings: Vec<String>,
    /// In what state it was found when it was measured.
    #[serde(default)]
    pub found: Found,
    /// Each track, in the file's order.
    #[serde(default)]
    pub tracks: Vec<TrackReport>,
    /// Its pictures beside the source's; none without pictures, or where the source was not there.
    #[serde(default)]
    pub picture: Option<PictureReport>,
    /// What is heard of each take.
    #[serde(default)]
    pub heard: Vec<HeardReport>,
}

/// Something that was heard and removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemovedReport {
    /// When.
    pub span: Span,
    /// What.
    pub text: String,
    /// Why.
    pub why: String,
    /// It was sung, and stays in the sound as it is.
    #[serde(default)]
    pub sung: bool,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineReport {
    /// The cue's number.
    pub line: u32,
    /// When the cue is spoken.
    pub cue: Span,
    /// Who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// What the cue says.
    pub source: String,
    /// What the dub says; none for a failed line.
    pub text: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Is it a person's wording?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// The glossary's decisions that applied, and how each came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Applied>,
    /// What is wrong with the wording, and was not mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<Flaw>,
    /// The take; none for a failed line.
    pub take: Option<TakeReport>,
}

/// One take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeReport {
    /// The voice.
    pub voice: String,
    /// Speed asked of the voice.
    pub speed: f64,
    /// Length as spoken.
    pub duration: Delta,
    /// Where it is heard.
    pub span: Span,
    /// How far it was compressed.
    pub stretch: f64,
    /// How far it runs past its cue into silence.
    pub borrowed: Delta,
    /// How long it sounds together with the next take against the source.
    pub overlap: Delta,
}

/// The run that wrote the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// When it ended.
    pub ended: jiff::Timestamp,
    /// Wall-clock seconds of the episode in all languages, so far.
    pub seconds: f64,
    /// Compute threads that it was allowed.
    pub threads: usize,
    /// Largest resident memory of dubline's own process, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

impl DeliverableReport {
    /// Which of its sounds is the dub in `language`, or stands for it, from 0.
    pub fn sound(&self, language: &Lang) -> usize {
        self.dubs.iter().position(|dub| dub == language).unwrap_or_default()
    }

    /// What is left to tell of a file that cannot be measured.
    pub fn lost(self, found: Found) -> DeliverableReport {
        // The length stays: what was made is told; the tracks would be those of another file.
        DeliverableReport { found, tracks: Vec::new(), picture: None, heard: Vec::new(), ..self }
    }
}

impl Report {
    /// The worst thing that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

impl LineReport {
    /// Where the take starts against its cue; zero for a failed line.
    pub fn offset(&self) -> Delta {
        self.take.as_ref().map_or(Delta::ZERO, |take| take.span.start - self.cue.start)
    }
}

impl Counts {
    /// Counts lines.
    pub fn of(lines: &[LineReport]) -> Counts {
        let takes = || lines.iter().filter_map(|line| line.take.as_ref());
        Counts {
            cues: lines.len(),
            lines: lines.iter().filter(|line| line.text.is_some()).count(),
            failed: lines.iter().filter(|line| line.failed.is_some()).count(),
            takes: takes().count(),
            stretched: takes().filter(|take| take.stretch > 1.001).count(),
            overlapping: takes().filter(|take| take.overlap > Delta::ZERO).count(),
        }
    }
}

impl Timing {
    /// Measures lines.
    pub fn of(lines: &[LineReport]) -> Timing {
        let takes: Vec<&TakeReport> = lines.iter().filter_map(|line| line.take.as_ref()).collect();
        let most = |value: fn(&TakeReport) -> f64| takes.iter().map(|take| value(take)).fold(1.0, f64::max);
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        Timing {
            max_stretch: round(most(|take| take.stretch)),
            mean_stretch: round(takes.iter().map(|take| take.stretch).sum::<f64>() / takes.len().max(1) as f64),
            max_speed: round(most(|take| take.speed)),
            max_start_offset: lines.iter().map(|line| line.offset().abs()).max().unwrap_or_default(),
            drift_at_end: lines
                .iter()
                .rev()
                .find(|line| line.take.is_some())
                .map(LineReport::offset)
                .unwrap_or_default(),
        }
    }
}

/// The report as a person reads it.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_summary(&mut text, report);
    text
}

fn write_summary(out: &mut String, report: &Report) -> std::fmt::Result {
    let c = &report.counts;
    let verdict = match (report.complete, report.worst()) {
        (false, _) => "NOT DELIVERED",
        (true, Some(Severity::Error)) => "delivered, should not ship",
        (true, Some(Severity::Warning)) => "delivered, have a look",
        (true, _) => "delivered",
    };
    writeln!(out, "{}  {} → {}  {verdict}", report.episode, report.from.name(), report.language.name())?;
    if let Some(why) = report.supplied.why() {
        writeln!(out, "  supplied  {}: {why}", report.supplied.name())?;
    }
    writeln!(out, "  source    {} ({})", report.source.path.display(), report.source.duration)?;
    if let Some(file) = &report.deliverable {
        writeln!(out, "  file      {} ({})", file.path.display(), file.duration)?;
        writeln!(out, "  streams   {}", file.streams.join(", "))?;
    }
    writeln!(
        out,
        "  lines     {} cues, {} written, {} failed; {} takes, {} stretched, {} overlapping",
        c.cues, c.lines, c.failed, c.takes, c.stretched, c.overlapping
    )?;
    let t = &report.timing;
    writeln!(
        out,
        "  timing    stretch at most {:.2}×, voice at most {:.2}×, starts within {:.0} ms of the cue, drift at the end {:.0} ms",
        t.max_stretch,
        t.max_speed,
        t.max_start_offset.seconds() * 1000.0,
        t.drift_at_end.seconds() * 1000.0
    )?;
    if let Some(l) = &report.loudness {
        let measured = l.judged_lufs().map_or("silence".to_owned(), |lufs| format!("{lufs:.1} LUFS"));
        let (target, of, peak) = (l.target_lufs, l.told_of(), l.true_peak_dbtp);
        writeln!(out, "  loudness  {measured} (target {target:.0}{of}), true peak {peak:.1} dBTP")?;
    }
    writeln!(out, "  stages")?;
    for s in &report.stages {
        // Engine and model; the digests after them are for machines.
        let short = |name: &String| name.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let engines: Vec<String> = s.engines.iter().map(short).collect();
        let engines = if engines.is_empty() { String::new() } else { format!("  {}", engines.join(", ")) };
        let made = match (s.computed, s.reused) {
            (0, 0) => String::new(),
            (computed, 0) => format!("{computed} made"),
            (0, reused) => format!("{reused} reused"),
            (computed, reused) => format!("{computed} made, {reused} reused"),
        };
        writeln!(out, "    {:<11} {:>7.2} s  {made:<22}{engines}", s.stage, s.seconds)?;
    }
    if report.findings.is_empty() {
        writeln!(out, "  findings  none")?;
    } else {
        writeln!(out, "  findings  {}", report.findings.len())?;
        out.push_str(&rows(&report.findings));
    }
    Ok(())
}

/// Of so many findings of one check that are no errors, the rest is counted.
const MOST_ALIKE: usize = 5;

/// Findings as a person reads them, a row each; all errors, and of the rest the first few of each check.
pub fn rows(findings: &[Finding]) -> String {
    let mut out = String::new();
    let alike = |a: &Finding, b: &Finding| a.check == b.check && a.severity == b.severity;
    for group in findings.chunk_by(alike) {
        let is_short = group.len() <= MOST_ALIKE + 1 || group.iter().any(|f| f.severity == Severity::Error);
        let told = if is_short { group } else { &group[..MOST_ALIKE] };
        for (index, finding) in told.iter().enumerate() {
            let line = finding.line.map_or(String::new(), |line| format!(" line {line}"));
            let at = finding.at.map_or(String::new(), |at: Time| format!(" at {at}"));
            let Finding { severity, check, message, remedy, .. } = finding;
            let figures = finding.figures();
            // Writing to a string cannot fail.
            let _ = writeln!(out, "    {:<8}{check}{line}{at}: {message}{figures}", severity.name());
            // Told once for neighbours that share it.
            if told.get(index + 1).is_none_or(|next| next.remedy != *remedy) {
                let _ = writeln!(out, "            {remedy}");
            }
        }
        if told.len() < group.len() {
            let _ = writeln!(out, "            … and {} more of {}", group.len() - told.len(), group[0].check);
        }
    }
    out
}

/// Largest resident memory of this process in bytes, where the system tells (Linux: `VmHWM`).
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let row = status.lines().find_map(|row| row.strip_prefix("VmHWM:"))?;
    row.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}
