//! The recipe: an episode from its source to its deliverables, each step through the store.
//!
//! Reads as a table of contents; the stages know the work, `step.rs` knows the store and the threads.

mod batch;
mod deliver;
mod edits;
mod given;
mod lines;
mod lock;
mod mixdown;
mod outputs;
mod paces;
mod passages;
mod pools;
mod reel;
mod separate;
mod sound;
mod stamp;
mod step;
mod voices;
mod words;

pub use batch::{Batch, batch, free_memory};
pub use lock::Lock;
pub use outputs::Outcome;
pub use pools::{Need, Permit};
pub use step::{Machine, Made, Mode, PlanItem, Stop, Tracker};

use crate::engine::separator::Separator;
use crate::engine::{self, Context, Detector, Recognizer};
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime, Work};
use crate::glossary::Glossaries;
use crate::lang::Lang;
use crate::qc::{Report, Severity};
use crate::script::Script;
use crate::series::{Source, Template};
use crate::settings::{Deliver, Settings};
use crate::store::{Store, Sweeper};
use crate::supply::{self, Standing, Supplied};
use crate::timeline::Timeline;
use separate::Voice;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use voices::Takes;

/// Runs episodes. Engines and models are loaded once and shared by all of them.
pub struct Runner {
    machine: Machine,
    context: Context,
    recognizer: Arc<dyn Recognizer>,
    detector: Arc<dyn Detector>,
    separator: Arc<dyn Separator>,
    /// Was it told that there is none?
    told_of_bed: AtomicBool,
    synthesizers: voices::Synthesizers,
    translators: words::Translators,
    names: Template,
    glossaries: Glossaries,
    /// Of the folders of outputs.
    sweeper: Sweeper,
}

impl Runner {
    /// A runner with the engines that the settings name.
    ///
    /// # Errors
    /// Fails if the settings name an unknown engine, or no target language where one is needed.
    pub fn new(context: Context, store: Arc<dyn Store>, mode: Mode) -> Result<Runner> {
        let settings = &context.settings;
        if settings.to.is_empty() && settings.until > Stage::Transcribe {
            return Err(Error::new(Kind::Usage, "no target language is given").hint("say which ones: --to en,pt-BR"));
        }
        let machine = Machine::new(store, context.events.clone(), context.cancel.clone(), context.threads, mode);
        let names = &settings.engine;
        Ok(Runner {
            machine,
            recognizer: (engine::find(engine::RECOGNIZERS, "recognizer", &names.recognizer)?.build)(&context)?,
            detector: engine::detector(&context, &names.recognizer),
            separator: (engine::find(engine::SEPARATORS, "separator", &names.separator)?.build)(&context)?,
            told_of_bed: AtomicBool::new(false),
            synthesizers: voices::Synthesizers::new(&context)?,
            translators: words::Translators::new(&context),
            names: Template::of_outputs(&settings.deliver.name)?,
            glossaries: Glossaries::new(Arc::clone(&context.settings)),
            sweeper: Sweeper::default(),
            context,
        })
    }

    /// Makes (or, in plan mode, looks up) everything of one episode.
    ///
    /// # Errors
    /// Fails if the source cannot be read or heard, or an output cannot be written. An error in one language is in the
    /// outcome, and failed lines are in the reports: neither stops the rest.
    pub async fn episode(&self, source: &Source) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        match self.recipe(source, &mut outcome).await {
            Ok(()) | Err(Stop::Planned) => Ok(outcome),
            Err(Stop::Failed(error)) => Err(error.file(&source.path)),
        }
    }

    async fn recipe(&self, asked: &Source, outcome: &mut Outcome) -> Result<(), Stop> {
        let begun = Instant::now();
        let (name, source) = (asked.name.as_str(), asked.path.as_path());
        let mut times: Vec<StageTime> = Vec::new();
        let _lock = match self.machine.mode {
            Mode::Make => Some(Lock::take(&self.settings().out, name)?),
            Mode::Plan => None,
        };
        self.tidy(asked, self.settings().to.iter().chain([&Lang::multiple()]));

        let episode = noted(&mut times, self.probe(name, source).await?);
        outcome.duration = Some(episode.duration);
        if self.settings().until < Stage::Decode {
            return Ok(());
        }
        let sound = noted(&mut times, self.decode(name, source, &episode).await?);
        let voice = match self.settings().until >= Stage::Separate {
            true => self.separate(name, &sound, &mut times).await?,
            false => Voice::Unwanted,
        };
        if self.settings().until < Stage::Transcribe {
            return Ok(());
        }
        let heard = noted(&mut times, self.transcribe(asked, &sound, &voice).await?);
        // Nobody hears them before the mix, and what lies between takes longest, and memory of its own.
        sound.reel.rest();
        if let Voice::Known(voice) = &voice {
            voice.rest();
        }
        outcome.from = Some(heard.transcript.language.clone());
        self.tidy(asked, [&heard.transcript.language]);
        outcome.written.extend(self.write_transcript(asked, &heard.transcript)?);
        let edits = |language: &Lang| self.edits(asked, &heard.transcript, language);
        let edits = self.settings().to.iter().map(edits).collect::<Result<Vec<_>>>()?;
        let mut waiting = Vec::new();
        let mut planned = false;
        for (language, edits) in self.settings().to.iter().zip(&edits) {
            let job = Job {
                name,
                source,
                asked,
                episode: &episode,
                sound: &sound,
                voice: &voice,
                heard: &heard,
                language,
                edits,
                times: &times,
                begun,
            };
            let made = match self.language(job, outcome).await {
                Ok(Some(ready)) if self.settings().deliver.combined => {
                    waiting.push(ready);
                    Ok(())
                }
                Ok(Some(ready)) => self.deliver(vec![ready], outcome).await,
                Ok(None) => Ok(()),
                Err(stop) => Err(stop),
            };
            match made {
                Ok(()) => {}
                Err(Stop::Planned) => planned = true,
                Err(Stop::Failed(error)) if matches!(error.kind(), Kind::Interrupted | Kind::Output) => {
                    return Err(Stop::Failed(error));
                }
                // What one language lacks says nothing about the others.
                Err(Stop::Failed(error)) => outcome.broken.push((language.clone(), error.file(source))),
            }
        }
        // What goes into a combined file is not known before all of it is.
        if waiting.is_empty() || planned { Ok(()) } else { self.deliver(waiting, outcome).await }
    }

    /// Everything of one language but the file; none where the run ends before that.
    async fn language<'a>(&self, job: Job<'a>, outcome: &mut Outcome) -> Result<Option<Ready<'a>>, Stop> {
        let until = self.settings().until;
        let mut times = job.times.to_vec();
        if until < Stage::Translate {
            return Ok(None);
        }
        let script = noted(&mut times, self.translate(&job).await?);
        outcome.written.extend(self.write_script(&job, &script)?);
        if until < Stage::Synthesize {
            return Ok(None);
        }
        let wanted = self.settings().deliver_as(job.language);
        let voiced = wanted != Deliver::Subtitle && self.voiced(job.language).await;
        let (mut takes, mut timeline) = (Takes::none(&script), Timeline::default());
        if voiced {
            takes = noted(&mut times, self.synthesize(&job, &script).await?);
            if until < Stage::Fit {
                return Ok(None);
            }
            timeline = noted(&mut times, self.fit(&job, &takes).await?);
        }
        // An episode with failed lines is not delivered as if it were whole; the report says which and why.
        let mut report = self.judged(&job, &script, &takes, &timeline)?;
        report.supplied = supply::decide(&standing(&script, &report), wanted, voiced, &self.settings().supply);
        if voiced && matches!(report.supplied, Supplied::Subtitled { .. }) {
            // Nothing of it is heard: lines are shown while their cues are spoken.
            (takes, timeline) = (Takes::none(&script), Timeline::default());
            report = Report { supplied: report.supplied, ..self.judged(&job, &script, &takes, &timeline)? };
        }
        outcome.written.push(self.write_captions(&job, &script, &takes, &timeline)?);
        if until < Stage::Mix {
            return Ok(None);
        }
        let dub = match report.supplied {
            Supplied::Dubbed => {
                let mixed = noted(&mut times, self.mix(&job, &takes, &timeline).await?);
                outcome.written.extend(self.write_stems(&job, &mixed).await?);
                report.bed = Some(mixed.record.bed);
                Some(mixed)
            }
            Supplied::Subtitled { .. } | Supplied::Held { .. } => None,
        };
        if until < Stage::Mux {
            return Ok(None);
        }
        let part = match report.supplied {
            Supplied::Dubbed | Supplied::Subtitled { .. } => Some(deliver::Part {
                language: job.language,
                dub,
                captions: outputs::captions(&job, &script, &takes, &timeline),
                soft: wanted != Deliver::Dub,
                heard: timeline.placements.iter().map(|placed| (placed.cue, placed.span)).collect(),
            }),
            Supplied::Held { .. } => None,
        };
        Ok(Some(Ready { job, report, part, times }))
    }

    /// One file of what is ready, and the reports that follow from it.
    async fn deliver(&self, ready: Vec<Ready<'_>>, outcome: &mut Outcome) -> Result<(), Stop> {
        let Some(job) = ready.first().map(|ready| ready.job) else { return Ok(()) };
        let (mut parts, mut reports) = (Vec::new(), Vec::new());
        for Ready { job, report, part, times } in ready {
            reports.push((job, report, times, part.is_some()));
            parts.extend(part);
        }
        let (mut delivered, time) = match parts.is_empty() {
            true => (Vec::new(), None),
            false => {
                let (delivered, time) = self.mux(&job, parts).await?;
                (delivered, Some(time))
            }
        };
        if self.settings().until < Stage::Report {
            return Ok(());
        }
        for (job, mut report, mut times, ships) in reports {
            if !ships && self.settings().deliver.combined {
                let language = job.language.name();
                let work = self.work(job.name, Stage::Mux, Some(job.language));
                self.machine
                    .events
                    .warn(Some(&work), format!("{language} is held, and the combined file is without it"));
            }
            let own = ships.then(|| delivered.remove(0));
            times.extend(time.clone().filter(|_| ships));
            self.finish(&mut report, own, times, &job);
            outcome.written.extend(self.write_report(&job, &report)?);
            outcome.reports.push(report);
        }
        Ok(())
    }

    /// The plan, in plan mode.
    pub fn plan(&self) -> Vec<PlanItem> {
        self.machine.plan()
    }

    fn settings(&self) -> &Settings {
        &self.context.settings
    }

    fn work(&self, name: &str, stage: Stage, language: Option<&Lang>) -> Work {
        Work { episode: name.to_owned(), stage, language: language.cloned() }
    }
}

/// One episode in one language: everything that its stages share.
#[derive(Clone, Copy)]
struct Job<'a> {
    name: &'a str,
    source: &'a Path,
    asked: &'a Source,
    episode: &'a crate::episode::Episode,
    sound: &'a sound::Sound,
    voice: &'a Voice,
    heard: &'a words::HeardEpisode,
    language: &'a Lang,
    edits: &'a edits::Edited,
    times: &'a [StageTime],
    begun: Instant,
}

/// One language of an episode, made but for its file.
struct Ready<'a> {
    job: Job<'a>,
    report: Report,
    /// What goes into the file; none where it is held.
    part: Option<deliver::Part<'a>>,
    times: Vec<StageTime>,
}

/// What stands in the way of a dub, by the line.
fn standing(script: &Script, report: &Report) -> Standing {
    let unwritten: Vec<u32> = script.failed().map(|(line, _)| line.cue).collect();
    let failed = report.lines.iter().filter(|line| line.failed.is_some()).map(|line| line.line);
    let unspoken = failed.filter(|line| !unwritten.contains(line)).collect();
    let is_flag = |finding: &&crate::qc::Finding| finding.severity >= Severity::Warning;
    let mut flagged: Vec<u32> = report.findings.iter().filter(is_flag).filter_map(|finding| finding.line).collect();
    flagged.sort_unstable();
    flagged.dedup();
    let is_failed = |line: &u32| report.lines.iter().any(|other| other.line == *line && other.failed.is_some());
    flagged.retain(|line| !is_failed(line));
    Standing { unwritten, unspoken, flagged }
}

fn noted<T>(times: &mut Vec<StageTime>, (value, time): (T, StageTime)) -> T {
    times.push(time);
    value
}
