//! Steps on words: transcribe and translate.

use super::pools::Need;
use super::reel::Reel;
use super::separate::Voice;
use super::sound::{Sound, blocking, parse};
use super::step::{Machine, Made, Mode, Stop, Tracker};
use super::{Job, Runner, given};
use crate::audio::Audio;
use crate::engine::{self, Context, Detector, Heard, Hint, Recognizer, Translator};
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::glossary::Glossary;
use crate::lang::Lang;
use crate::media;
use crate::script::{Line, LineState, Middle, Script, Transcript};
use crate::series::Source as Asked;
use crate::stage::transcribe::{self, Removed};
use crate::stage::translate::{self, Route, Source};
use crate::store::{Bucket, Manifest, Sidecar, digest};
use crate::time::{Delta, Span, Time};
use crate::timeline;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

const SPEECH: Bucket = Bucket::new("speech", 1, "json");
const HEARD: Bucket = Bucket::new("heard", 1, "json");
const HEARING: Bucket = Bucket::new("hearing", 1, "json");

/// Characters of names and terms that a recognizer is told: Whisper reads at most 224 tokens of prompt.
const PROMPT_CHARACTERS: usize = 120;

/// What was heard in an episode.
pub(super) struct HeardEpisode {
    pub(super) transcript: Transcript,
    pub(super) removed: Vec<Removed>,
    /// Where a detector heard somebody speak; nothing where nobody listened.
    pub(super) speech: Vec<Span>,
}

/// Translators by name, built when a route first names them.
pub(super) struct Translators {
    context: Context,
    built: Mutex<HashMap<String, Arc<dyn Translator>>>,
}

impl Translators {
    pub(super) fn new(context: &Context) -> Translators {
        Translators { context: context.clone(), built: Mutex::default() }
    }

    pub(super) fn get(&self, name: &str) -> Result<Arc<dyn Translator>> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = built.get(name) {
            return Ok(Arc::clone(engine));
        }
        let engine = (engine::find(engine::TRANSLATORS, "translator", name)?.build)(&self.context)?;
        built.insert(name.to_owned(), Arc::clone(&engine));
        Ok(engine)
    }
}

/// What recognising one piece needs.
struct Listener {
    machine: Machine,
    recognizer: Arc<dyn Recognizer>,
    /// 16 kHz mono.
    speech: Audio,
    sound: String,
    episode: String,
}

impl Runner {
    pub(super) async fn transcribe(
        &self,
        asked: &Asked,
        sound: &Sound,
        voice: &Voice,
    ) -> Result<(HeardEpisode, StageTime), Stop> {
        let name = asked.name.as_str();
        self.machine
            .stage(self.work(name, Stage::Transcribe, None), |tracker| async move {
                if let Some(path) = self.given_transcript(asked)? {
                    let from = self.settings().from.as_ref().ok_or_else(|| {
                        Error::new(Kind::Usage, "the language of the transcript is not known")
                            .file(&path)
                            .hint("name it with --from")
                    })?;
                    let transcript = given::transcript(&path, from)?;
                    return Ok(HeardEpisode { transcript, removed: Vec::new(), speech: Vec::new() });
                }
                self.listen(&tracker, name, &sound.reel, voice).await
            })
            .await
    }

    async fn listen(
        &self,
        tracker: &Arc<Tracker>,
        name: &str,
        original: &Reel,
        voice: &Voice,
    ) -> Result<HeardEpisode, Stop> {
        let sound = self.listened(original, voice)?;
        let spans = self.speech(tracker, name, sound).await?;
        if spans.is_empty() {
            return Err(Error::new(Kind::Media, "there is no speech in the sound")
                .hint("choose another audio track with --audio-track, or give a transcript with --transcript")
                .into());
        }
        let from = self.settings().from.clone();
        let prompt = self.prompt(from.as_ref())?;
        let hint = Hint { language: from.clone(), prompt };
        let fingerprint = tokio::task::block_in_place(|| self.recognizer.fingerprint());
        let whole = fingerprint.as_ref().ok().map(|fingerprint| {
            let language = hint.language.as_ref().map_or("detected", Lang::tag);
            Manifest::new(HEARING, name)
                .input("sound", &sound.digest)
                .input("speech", digest(serde_json::json!(spans).to_string().as_bytes()))
                .input("language", language)
                .input("prompt", &hint.prompt)
                .input("rules", transcribe::VERSION)
                .input("engine", fingerprint)
        });
        // All of it at once, where nothing is new: then the sound need not be read to find where it is cut.
        let known = match &whole {
            Some(whole) if self.machine.store.peek(HEARING, &whole.key())?.is_some() => {
                self.machine.find(tracker, whole)?
            }
            _ => None,
        };
        let heard = match known {
            Some(stored) => parse(&stored.bytes)?,
            None => {
                let heard = self.hear(tracker, name, sound, &spans, &hint).await?;
                if let (Some(whole), Mode::Make) = (&whole, self.machine.mode) {
                    let made = Made::json(&heard)?;
                    let sidecar = Sidecar::describe(whole, &made.bytes, None, 0.0);
                    self.machine.store.put_if_absent(HEARING, &whole.key(), &made.bytes, &sidecar)?;
                }
                heard
            }
        };
        let mut hearing = transcribe::assemble(heard, &spans, from.as_ref(), self.settings().engine.songs)?;
        self.part_songs(tracker, name, original, voice, &spans, &mut hearing).await?;
        self.mark_music(name, original, &spans, &mut hearing).await?;
        for warning in &hearing.warnings {
            self.machine.events.warn(Some(tracker.work()), warning);
        }
        Ok(HeardEpisode { transcript: hearing.transcript, removed: hearing.removed, speech: spans })
    }

    /// Has the speech recognised piece by piece, each found in the store or heard now.
    async fn hear(
        &self,
        tracker: &Arc<Tracker>,
        name: &str,
        sound: &Reel,
        spans: &[Span],
        hint: &Hint,
    ) -> Result<Vec<(Span, Heard)>, Stop> {
        let permit = self.machine.permit(Need::ONE).await?;
        let reel = sound.clone();
        let speech = blocking(move || for_speech(&reel)).await?;
        drop(permit);
        let listener = Listener {
            machine: self.machine.clone(),
            recognizer: Arc::clone(&self.recognizer),
            speech,
            sound: sound.digest.clone(),
            episode: name.to_owned(),
        };
        tracker.expect(spans.iter().map(|span| span.duration().seconds()).sum::<f64>().ceil() as u64);
        // A recognizer that is not there is told when it is to hear something.
        let need = match tokio::task::block_in_place(|| self.recognizer.fingerprint()) {
            Ok(fingerprint) => Need::call(&fingerprint, self.recognizer.load()),
            Err(_) => Need::ONE,
        };
        let permit = self.machine.permit(need).await?;
        let shown = Arc::clone(tracker);
        let (found, hint) = (spans.to_vec(), hint.clone());
        let planning = self.machine.mode == Mode::Plan;
        let heard = blocking(move || {
            let mut done = 0.0;
            transcribe::hear(&listener.speech, &found, &hint, &mut |span, hint| {
                let heard = listener.hear(&shown, span, hint)?;
                done += span.duration().seconds();
                shown.reach(done as u64);
                Ok(heard)
            })
        })
        .await;
        drop(permit);
        // While planning, a piece that was never heard stops the hearing: what follows from it is not known.
        match heard {
            Err(_) if planning => Err(Stop::Planned),
            heard => Ok(heard?),
        }
    }

    async fn speech(&self, tracker: &Tracker, name: &str, sound: &Reel) -> Result<Vec<Span>, Stop> {
        let detector: Arc<dyn Detector> = Arc::clone(&self.detector);
        let fingerprint = match tokio::task::block_in_place(|| detector.fingerprint()) {
            Err(error) if self.machine.mode == Mode::Plan && error.exit_code() == 4 => {
                self.machine.note(tracker.work(), name, true, vec![error.to_string()]);
                return Err(Stop::Planned);
            }
            fingerprint => fingerprint?,
        };
        let manifest = Manifest::new(SPEECH, name).input("sound", &sound.digest).input("engine", &fingerprint);
        let reel = sound.clone();
        let make = move || Ok(Made::json(&detector.speech(&for_speech(&reel)?)?)?.by(fingerprint.to_string()));
        let stored = self.machine.step(tracker, manifest, Need::ONE, make).await?;
        Ok(parse(&stored.bytes)?)
    }

    /// Names and terms of the series, from the glossaries of every target.
    fn prompt(&self, from: Option<&Lang>) -> Result<String> {
        let (Some(from), Some(to)) = (from, self.settings().to.first()) else { return Ok(String::new()) };
        Ok(self.glossary(from, to)?.prompt_terms(PROMPT_CHARACTERS))
    }

    /// The decisions for a pair, read once for all episodes.
    pub(super) fn glossary(&self, from: &Lang, to: &Lang) -> Result<Arc<Glossary>> {
        self.glossaries.of(from, to)
    }

    pub(super) async fn translate(&self, job: &Job<'_>) -> Result<(Script, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Translate, Some(job.language)), |tracker| async move {
                let transcript = &job.heard.transcript;
                let paces = self.paces(job, job.language).await?;
                let spans: Vec<Span> = transcript.cues.iter().map(|cue| cue.span).collect();
                let end = Time::ZERO + job.episode.duration;
                let rooms = timeline::rooms(&spans, &transcript.songs(), end, &self.settings().fit);
                let source = |(cue, room): (&crate::script::Cue, Delta)| Source {
                    cue: cue.id,
                    span: cue.span,
                    text: cue.text.clone(),
                    speaker: cue.speaker.clone(),
                    room,
                    pace: paces.of(cue.speaker.as_deref()).clone(),
                    decided: Vec::new(),
                };
                let lines: Vec<Source> = transcript.cues.iter().zip(rooms).map(source).collect();
                if let Some(path) = self.given_script(job.asked, job.language)? {
                    let mut script = given::script(&path, job.language, transcript)?;
                    self.verify_given(job, &lines, &mut script)?;
                    self.edits_win(job, &mut script, &paces)?;
                    return Ok(script);
                }
                let mut states = self.write(&tracker, job, &lines, &transcript.language, job.language).await?;
                let line = |cue: &crate::script::Cue| Line {
                    cue: cue.id,
                    span: cue.span,
                    speaker: cue.speaker.clone(),
                    source: cue.text.clone(),
                    state: states.remove(&cue.id).unwrap_or(LineState::Failed { why: "no engine was asked".into() }),
                };
                let lines = transcript.cues.iter().map(line).collect();
                let mut script = Script { language: job.language.clone(), lines };
                self.edits_win(job, &mut script, &paces)?;
                Ok(script)
            })
            .await
    }

    /// The state of each line, by cue; by way of another language's script where the route says so.
    async fn write(
        &self,
        tracker: &Arc<Tracker>,
        episode: &Job<'_>,
        lines: &[Source],
        from: &Lang,
        to: &Lang,
    ) -> Result<HashMap<u32, LineState>, Stop> {
        match translate::route(from, to, &self.settings().engine)? {
            Route::Engine(engine) => {
                let engine = self.translators.get(&engine)?;
                self.write_directly(tracker, episode, lines, from, to, engine).await
            }
            Route::Via(middle) => {
                // A middle script that a person wrote, or one that another target's run wrote, is found again here.
                // With the pace of that language's voices, as its own dub has it, so that the lines are shared.
                let paces = self.paces(episode, &middle).await?;
                let paced = |line: &Source| Source { pace: paces.of(line.speaker.as_deref()).clone(), ..line.clone() };
                let toward: Vec<Source> = lines.iter().map(paced).collect();
                let first = Box::pin(self.write(tracker, episode, &toward, from, &middle)).await?;
                let direct = self.glossary(from, to)?;
                let mut failed = HashMap::new();
                let mut between = Vec::new();
                for line in lines {
                    match first.get(&line.cue) {
                        Some(LineState::Written { text, terms, .. }) => {
                            let decided = translate::carried(&direct.matches(&line.text), terms, text);
                            between.push(Source { text: text.clone(), decided, ..line.clone() });
                        }
                        Some(LineState::Failed { why }) => {
                            failed.insert(line.cue, LineState::Failed { why: format!("in {}: {why}", middle.name()) });
                        }
                        None => {}
                    }
                }
                let mut states = Box::pin(self.write(tracker, episode, &between, &middle, to)).await?;
                // Whoever judges the lines later must know what they were translated from.
                for (cue, state) in &mut states {
                    if let Some(LineState::Written { text, by_way: before, .. }) = first.get(cue)
                        && let LineState::Written { by_way, .. } = state
                    {
                        let step = Middle { language: middle.clone(), text: text.clone() };
                        by_way.splice(0..0, before.iter().cloned().chain([step]));
                    }
                }
                states.extend(failed);
                Ok(states)
            }
        }
    }
}

/// Sound as detectors and recognizers want it: 16 kHz mono.
pub(super) fn for_speech(reel: &Reel) -> Result<Audio> {
    media::resample(&*reel.audio()?, 16_000, 1)
}

impl Listener {
    /// One piece, found in the store or heard now.
    fn hear(&self, tracker: &Tracker, span: Span, hint: &Hint) -> Result<Heard> {
        let fingerprint = self.recognizer.fingerprint()?;
        let manifest = Manifest::new(HEARD, format!("{} {span}", self.episode))
            .input("sound", &self.sound)
            .input("piece", serde_json::json!(span))
            .input("language", hint.language.as_ref().map_or("detected", Lang::tag))
            .input("prompt", &hint.prompt)
            .input("engine", &fingerprint);
        if let Some(stored) = self.machine.find(tracker, &manifest)? {
            return parse(&stored.bytes);
        }
        if self.machine.mode == Mode::Plan {
            return Err(Error::internal("a plan hears nothing"));
        }
        self.machine.cancel.check()?;
        let begun = Instant::now();
        let heard = self.recognizer.recognize(&self.speech.piece(span), hint)?;
        self.machine.keep(tracker, &manifest, Made::json(&heard)?.by(fingerprint.to_string()), begun)?;
        Ok(heard)
    }
}
