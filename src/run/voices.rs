//! Steps on takes: synthesize and fit.

use super::pools::Need;
use super::sound::{blocking, parse};
use super::step::{Machine, Made, Mode, Stop, Tracker};
use super::{Job, Runner};
use crate::cast::{self, Candidate, Cast};
use crate::engine::{self, Context, Speech, Synthesizer, require_speech};
use crate::error::{Kind, Result};
use crate::event::{Stage, StageTime};
use crate::lang::Lang;
use crate::media;
use crate::pace::Pace;
use crate::script::{Line, Script};
use crate::settings::FitSettings;
use crate::stage::synthesize::{self, Attempt, Tried};
use crate::store::{Bucket, Manifest};
use crate::time::{Delta, Span, Time};
use crate::timeline::{self, Slot, Timeline};
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

const TAKE: Bucket = Bucket::new("take", 1, "wav");
const TIMELINE: Bucket = Bucket::new("timeline", 1, "json");

/// Synthesizers by name: a language may have its own.
pub(super) struct Synthesizers {
    context: Context,
    built: Mutex<HashMap<String, Arc<dyn Synthesizer>>>,
}

impl Synthesizers {
    /// Builds those that the targets need, so that a name that is none is told before anything is made.
    pub(super) fn new(context: &Context) -> Result<Synthesizers> {
        let synthesizers = Synthesizers { context: context.clone(), built: Mutex::default() };
        let (names, targets) = (&context.settings.engine, &context.settings.to);
        for name in names.synthesize.values() {
            engine::find(engine::SYNTHESIZERS, "synthesizer", name)?;
        }
        engine::find(engine::SYNTHESIZERS, "synthesizer", &names.synthesizer)?;
        for to in targets {
            synthesizers.of(to)?;
        }
        Ok(synthesizers)
    }

    /// The synthesizer that speaks a target language.
    pub(super) fn of(&self, to: &Lang) -> Result<Arc<dyn Synthesizer>> {
        let name = self.context.settings.engine.synthesizer_of(to);
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = built.get(name) {
            return Ok(Arc::clone(engine));
        }
        let engine = (engine::find(engine::SYNTHESIZERS, "synthesizer", name)?.build)(&self.context)?;
        built.insert(name.to_owned(), Arc::clone(&engine));
        Ok(engine)
    }
}

/// Every line's take, or why there is none.
pub(super) struct Takes {
    /// In the cues' order.
    pub(super) spoken: Vec<Take>,
    /// Cue and reason.
    pub(super) failed: Vec<(u32, String)>,
}

impl Takes {
    /// Nothing is spoken: what failed is what could not be written.
    pub(super) fn none(script: &Script) -> Takes {
        let failed = script.failed().map(|(line, why)| (line.cue, why.to_owned())).collect();
        Takes { spoken: Vec::new(), failed }
    }
}

/// A spoken line.
pub(super) struct Take {
    pub(super) cue: u32,
    pub(super) cue_span: Span,
    /// The wording that was spoken.
    pub(super) text: String,
    pub(super) voice: String,
    pub(super) speed: f64,
    pub(super) duration: Delta,
    /// The sound, as the store keeps it.
    pub(super) wav: Arc<[u8]>,
    pub(super) digest: String,
}

/// What speaking one line needs.
#[derive(Clone)]
struct Booth {
    machine: Machine,
    synthesizer: Arc<dyn Synthesizer>,
    language: Lang,
    fit: FitSettings,
    episode: String,
}

impl Runner {
    pub(super) async fn synthesize(&self, job: &Job<'_>, script: &Script) -> Result<(Takes, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Synthesize, Some(job.language)), |tracker| async move {
                let synthesizer = self.synthesizers.of(job.language)?;
                let cast = self.cast(job, job.language).await?;
                let paces = self.paces(job, job.language).await?;
                let end = Time::ZERO + job.episode.duration;
                let spans: Vec<Span> = script.lines.iter().map(|line| line.span).collect();
                let rooms = timeline::rooms(&spans, &job.heard.transcript.songs(), end, &self.settings().fit);
                tracker.expect(script.lines.len() as u64);
                let booth = Booth {
                    machine: self.machine.clone(),
                    synthesizer: Arc::clone(&synthesizer),
                    language: job.language.clone(),
                    fit: self.settings().fit.clone(),
                    episode: job.name.to_owned(),
                };
                let speak = |(line, room): (&Line, Delta)| {
                    let (booth, tracker, line) = (booth.clone(), Arc::clone(&tracker), line.clone());
                    let voice = cast.voice(line.speaker.as_deref()).to_owned();
                    let pace = paces.of(line.speaker.as_deref()).clone();
                    async move {
                        let take = booth.line(&tracker, &line, &voice, room, &pace).await;
                        tracker.advance();
                        (line.cue, take)
                    }
                };
                let parallel = synthesizer.load().parallel.max(1);
                let lines: Vec<_> = script.lines.iter().zip(rooms).map(speak).collect();
                // Unordered: a line that is spoken three times must not hold up those after it.
                let mut made: Vec<(u32, Result<Spoken, Stop>)> =
                    stream::iter(lines).buffer_unordered(parallel).collect().await;
                made.sort_by_key(|(cue, _)| script.lines.iter().position(|line| line.cue == *cue));
                takes(made)
            })
            .await
    }

    /// Does any voice speak `language`? Where the voices cannot be listed, that is told by who casts them.
    pub(super) async fn voiced(&self, language: &Lang) -> bool {
        let Ok(synthesizer) = self.synthesizers.of(language) else { return true };
        let Ok(voices) = blocking(move || synthesizer.voices()).await else { return true };
        let speaks = |voice: &crate::engine::Voice| {
            voice.languages.is_empty() || voice.languages.iter().any(|have| have.accepts(language))
        };
        voices.iter().any(|voice| voice.ready && speaks(voice))
    }

    /// Who speaks for whom in `language`.
    pub(super) async fn cast(&self, job: &Job<'_>, language: &Lang) -> Result<Cast> {
        let synthesizer = self.synthesizers.of(language)?;
        let voices = blocking(move || synthesizer.voices()).await?;
        let candidate = |v: crate::engine::Voice| Candidate { name: v.name, languages: v.languages, gender: v.gender };
        let candidates: Vec<Candidate> = voices.into_iter().filter(|voice| voice.ready).map(candidate).collect();
        cast::assign(&job.heard.transcript.speakers(), &candidates, language, &self.settings().voice)
    }

    pub(super) async fn fit(&self, job: &Job<'_>, takes: &Takes) -> Result<(Timeline, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Fit, Some(job.language)), |tracker| async move {
                let end = Time::ZERO + job.episode.duration;
                let slots: Vec<Slot> = takes
                    .spoken
                    .iter()
                    .map(|take| Slot { cue: take.cue, span: take.cue_span, take: take.duration })
                    .collect();
                let settings = self.settings().fit.clone();
                let mut manifest = Manifest::new(TIMELINE, format!("{} {}", job.name, job.language))
                    .input("settings", serde_json::json!(settings))
                    .input("end", end);
                for slot in &slots {
                    manifest =
                        manifest.input(&format!("line {}", slot.cue), format!("{} take {}", slot.span, slot.take));
                }
                let songs = job.heard.transcript.songs();
                if !songs.is_empty() {
                    manifest = manifest.input("songs", serde_json::json!(songs));
                }
                let make = move || Made::json(&timeline::fit(&slots, &songs, end, &settings));
                let stored = self.machine.step(&tracker, manifest, Need::ONE, make).await?;
                Ok(parse(&stored.bytes)?)
            })
            .await
    }
}

/// A take, or why the line has none.
type Spoken = std::result::Result<Take, String>;

/// One line that failed is a value; an engine that cannot work at all, a full disk or a wish to stop is an error.
fn takes(made: Vec<(u32, Result<Spoken, Stop>)>) -> Result<Takes, Stop> {
    let mut takes = Takes { spoken: Vec::new(), failed: Vec::new() };
    let mut planned = false;
    for (cue, result) in made {
        match result {
            Ok(Ok(take)) => takes.spoken.push(take),
            Ok(Err(why)) => takes.failed.push((cue, why)),
            Err(Stop::Planned) => planned = true,
            Err(Stop::Failed(error)) => return Err(Stop::Failed(error.line(cue))),
        }
    }
    if planned { Err(Stop::Planned) } else { Ok(takes) }
}

impl Booth {
    /// Speaks a line until a take fits or nothing better can be tried.
    async fn line(
        &self,
        tracker: &Tracker,
        line: &Line,
        voice: &str,
        room: Delta,
        pace: &Pace,
    ) -> Result<Spoken, Stop> {
        let variants = line.variants();
        let mut tried: Vec<Tried> = Vec::new();
        let mut spoken: Vec<Take> = Vec::new();
        let speeds = self.synthesizer.speeds();
        if let crate::script::LineState::Failed { why } = &line.state {
            return Ok(Err(why.clone()));
        }
        let estimates: Vec<Delta> = variants.iter().map(|text| pace.estimate(text)).collect();
        while let Some(attempt) = synthesize::next(&tried, &estimates, room, speeds, &self.fit) {
            let Some(text) = variants.get(attempt.variant) else { break };
            let take = match self.take(tracker, line, text, voice, attempt).await {
                Ok(take) => take,
                Err(Stop::Failed(error)) if error.kind() == Kind::Answer => return Ok(Err(error.to_string())),
                Err(stop) => return Err(stop),
            };
            tried.push(Tried { attempt, length: take.duration });
            spoken.push(take);
        }
        match synthesize::best(&tried, room) {
            Some(index) => Ok(Ok(spoken.swap_remove(index))),
            None => Ok(Err("the line has no wording".to_owned())),
        }
    }

    async fn take(
        &self,
        tracker: &Tracker,
        line: &Line,
        text: &str,
        voice: &str,
        attempt: Attempt,
    ) -> Result<Take, Stop> {
        let speech = Speech {
            text: text.to_owned(),
            language: self.language.clone(),
            voice: voice.to_owned(),
            speed: attempt.speed,
        };
        // Engines may wait for a program or a network to tell; that must not hold up the runtime.
        let fingerprint = match tokio::task::block_in_place(|| self.synthesizer.fingerprint(voice)) {
            Ok(fingerprint) => fingerprint,
            // A plan can be made before the models are there; then every take is to do.
            Err(error) if self.machine.mode == Mode::Plan && error.exit_code() == 4 => {
                let subject = format!("{} {} line {}", self.episode, self.language, line.cue);
                self.machine.note(tracker.work(), &subject, true, vec![error.to_string()]);
                return Err(Stop::Planned);
            }
            Err(error) => return Err(error.into()),
        };
        // The subject names the speed, so that the explanation compares like with like.
        let natural = if attempt.speed == 1.0 { String::new() } else { format!(" at {:.2}", attempt.speed) };
        let manifest = Manifest::new(TAKE, format!("{} {} line {}{natural}", self.episode, self.language, line.cue))
            .input("text", &speech.text)
            .input("language", &speech.language)
            .input("voice", &speech.voice)
            .input("speed", format!("{:.2}", speech.speed))
            .input("engine", &fingerprint);
        let synthesizer = Arc::clone(&self.synthesizer);
        let (engine, need) = (fingerprint.engine.clone(), Need::call(&fingerprint, self.synthesizer.load()));
        let make = move || {
            let audio = require_speech(&engine, synthesizer.speak(&speech)?)?;
            Ok(Made::plain(media::wav::encode(&audio.to_mono(), 16)?).by(fingerprint.to_string()))
        };
        let stored = self.machine.step(tracker, manifest, need, make).await?;
        Ok(Take {
            cue: line.cue,
            cue_span: line.span,
            text: text.to_owned(),
            voice: voice.to_owned(),
            speed: attempt.speed,
            duration: media::wav::duration(&stored.bytes)?,
            wav: stored.bytes.into(),
            digest: stored.sidecar.digest,
        })
    }
}
