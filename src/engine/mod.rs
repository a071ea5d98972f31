//! Engines: whatever hears, translates, speaks or separates, behind one trait a family.
//!
//! A new engine is one file in this folder and one line in its family's table. Engines know neither
//! the store nor the stages; a call blocks its thread, and `run.rs` decides how many run at once.

mod chat;
mod command;
mod deepl;
mod fake;
mod kokoro;
mod libre;
mod llm;
mod llm_protocol;
mod marked;
pub mod nmt;
mod program;
mod prompt;
pub(crate) mod remote;
mod runtime;
pub mod separator;
mod silero;
mod speech;
mod spleeter;
mod spoken;
mod whisper;

use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::lang::Lang;
use crate::model::Models;
use crate::script::Word;
use crate::settings::{Bed, Settings};
use crate::time::{Delta, Span};
use separator::Separator;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Which engine, with which model: part of the key of everything that it makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The engine's name in the table.
    pub engine: String,
    /// The model's id.
    pub model: String,
    /// Everything else that changes what it makes: digests of model files, versions, fixed settings.
    pub detail: String,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.engine, self.model, self.detail)
    }
}

/// How many calls of an engine are useful at once, and what each takes from the thread budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Compute threads that one call keeps busy; 0 for a remote engine.
    pub threads: usize,
    /// Calls that are useful at once.
    pub parallel: usize,
}

/// What engines are built from.
#[derive(Clone, Debug)]
pub struct Context {
    /// The models that are installed.
    pub models: Arc<Models>,
    /// The settings.
    pub settings: Arc<Settings>,
    /// Compute threads for the whole run: an engine never starts more.
    pub threads: usize,
    /// For engines that wait for a network or a child process: they block on this.
    pub runtime: tokio::runtime::Handle,
    /// Where a word to the user goes.
    pub events: Events,
    /// The wish to stop, for engines whose one call is long.
    pub cancel: Cancel,
}

/// One engine of a family.
pub struct Entry<T: ?Sized> {
    /// Name in settings and commands.
    pub name: &'static str,
    /// One line for `dubline engines`.
    pub about: &'static str,
    /// Models that it needs with these settings, by id; for `dubline doctor` and `dubline engines`.
    pub models: fn(&Settings) -> Vec<String>,
    /// Builds it; cheap: models are loaded at the first call.
    pub build: fn(&Context) -> Result<Arc<T>>,
}

/// Finds an engine by name.
///
/// # Errors
/// Fails on an unknown name, listing the known ones.
pub fn find<'a, T: ?Sized>(table: &'a [Entry<T>], family: &str, name: &str) -> Result<&'a Entry<T>> {
    table.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|entry| entry.name).collect();
        Error::new(Kind::Usage, format!("unknown {family} {name:?}"))
            .hint(format!("choose one of: {}", known.join(", ")))
    })
}

/// Speech to text.
pub trait Recognizer: Send + Sync {
    /// Part of every key.
    fn fingerprint(&self) -> Result<Fingerprint>;
    /// What one call takes.
    fn load(&self) -> Load;
    /// Hears one piece of speech: 16 kHz mono, at most 30 s, beginning and ending in silence or at the
    /// edge of the file. Spans in the answer are relative to the piece.
    ///
    /// # Errors
    /// Fails if the model is missing or the engine fails.
    fn recognize(&self, speech: &Audio, hint: &Hint) -> Result<Heard>;
}

/// What helps a recognizer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hint {
    /// The language, where it is known.
    pub language: Option<Lang>,
    /// Names and terms that may occur, as text in the source language; may be empty.
    pub prompt: String,
}

/// What a recognizer heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The language, given or detected.
    pub language: Lang,
    /// Probability of that language, 0 to 1; 1 where it was given.
    pub language_probability: f32,
    /// Utterances in order.
    pub utterances: Vec<Utterance>,
}

/// One stretch of recognised speech.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Utterance {
    /// When, relative to the piece.
    pub span: Span,
    /// What.
    pub text: String,
    /// When each word, relative to the piece; empty where the engine does not tell.
    pub words: Vec<Word>,
    /// Probability that there was no speech at all, 0 to 1.
    pub no_speech: f32,
    /// Mean log probability of its tokens.
    pub log_probability: f32,
}

/// Finds where there is speech.
pub trait Detector: Send + Sync {
    /// Part of the transcript's key.
    fn fingerprint(&self) -> Result<Fingerprint>;
    /// Stretches of speech in 16 kHz mono sound, in order, apart from each other.
    ///
    /// # Errors
    /// Fails if the model is missing or the engine fails.
    fn speech(&self, sound: &Audio) -> Result<Vec<Span>>;
}

/// Text to text.
pub trait Translator: Send + Sync {
    /// Part of every line's key.
    fn fingerprint(&self, from: &Lang, to: &Lang) -> Result<Fingerprint>;
    /// What one call takes.
    fn load(&self) -> Load;
    /// Most lines that one call is good at.
    fn batch_size(&self) -> usize;
    /// Does it read the glossary, the neighbours and the synopsis? Then they are part of the key.
    fn reads_context(&self) -> bool;
    /// Can it change a draft ([`Task::Repair`], [`Task::Shorten`])?
    fn edits(&self) -> bool {
        false
    }
    /// Told before the first batch of an episode: every glossary decision that its lines may need, for engines that
    /// lay them down beforehand. Asks nothing of anyone yet.
    fn prepare(&self, _from: &Lang, _to: &Lang, _terms: &[Term]) {}
    /// Translates every line of the batch: exactly one text for each, in order.
    ///
    /// # Errors
    /// Fails if the model is missing, the endpoint cannot be reached, or the answer is not one text a line.
    fn translate(&self, batch: &Batch) -> Result<Vec<String>>;
}

/// Lines to be translated in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Language of the lines.
    pub from: Lang,
    /// Language wanted.
    pub to: Lang,
    /// What the series is about; may be empty.
    pub synopsis: String,
    /// How people speak in the market: sentences to the translator; may be empty.
    pub style: String,
    /// What is to be done with the lines.
    pub task: Task,
    /// 0 at first; a later attempt at the same line should word it differently, where the engine can.
    pub attempt: u32,
    /// The lines, in order.
    pub lines: Vec<Request>,
}

/// What is to be done with the lines of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Task {
    /// Translate them.
    #[default]
    Translate,
    /// Mend what the draft's remarks say, and nothing else.
    Repair,
    /// Say the draft in at most as many characters.
    Shorten,
}

/// A translation that is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// How it reads.
    pub text: String,
    /// What is wrong with it, each in a sentence.
    pub remarks: Vec<String>,
    /// Most characters that the new wording may have; 0 is any number.
    pub characters: usize,
}

/// One line to be translated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Its cue.
    pub cue: u32,
    /// What is said.
    pub text: String,
    /// Who says it.
    pub speaker: Option<String>,
    /// Whom it is said to, as far as that is known.
    pub listener: Option<String>,
    /// How the speaker speaks to the listener, as `formal, o senhor`; empty where nobody has said so.
    pub manner: String,
    /// Characters of the target that can be said in its time; 0 where that is not known.
    pub characters: usize,
    /// The translation that there is, for tasks that change one.
    pub draft: Option<Draft>,
    /// The lines just before it in the episode, oldest first.
    pub before: Vec<String>,
    /// The lines just after it.
    pub after: Vec<String>,
    /// Glossary entries that match it.
    pub terms: Vec<Term>,
}

/// A glossary entry's decision, as an engine sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// In the source.
    pub source: String,
    /// In the target; empty for a ban.
    pub target: String,
    /// Other wordings that are as right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// What it is about; empty where that is of no use to a translator.
    #[serde(default)]
    pub kind: String,
    /// A word to the translator; may be empty.
    pub note: String,
}

/// Text to speech.
pub trait Synthesizer: Send + Sync {
    /// Part of every take's key, for this voice.
    fn fingerprint(&self, voice: &str) -> Result<Fingerprint>;
    /// What one call takes.
    fn load(&self) -> Load;
    /// Every voice that it has now.
    ///
    /// # Errors
    /// Fails if the voices cannot be listed (a model is missing, an endpoint cannot be reached).
    fn voices(&self) -> Result<Vec<Voice>>;
    /// Speeds that `speak` takes, slowest and fastest; 1 is natural. (1, 1) where speed cannot be set.
    fn speeds(&self) -> (f64, f64);
    /// Speaks.
    ///
    /// # Errors
    /// Fails if the voice is unknown, the model is missing, or what comes back is not sound with speech in it.
    fn speak(&self, utterance: &Speech) -> Result<Audio>;
}

/// What is to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Speech {
    /// The words.
    pub text: String,
    /// Their language.
    pub language: Lang,
    /// The voice's name.
    pub voice: String,
    /// Speed; 1 is natural, 1.2 is a fifth faster.
    pub speed: f64,
}

/// A voice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Its name, as settings name it.
    pub name: String,
    /// Languages that it speaks; none is any.
    pub languages: Vec<Lang>,
    /// `f` or `m`, where it is known.
    pub gender: Option<char>,
    /// A word about it; may be empty.
    pub about: String,
    /// Can it speak here and now? One that lacks something is listed, but never cast.
    pub ready: bool,
}

/// Speech recognizers.
pub const RECOGNIZERS: &[Entry<dyn Recognizer>] = &[whisper::RECOGNIZER, fake::RECOGNIZER];

/// The detector of speech that goes with a recognizer: a model's for real ones, a level for the fake one.
pub fn detector(context: &Context, recognizer: &str) -> Arc<dyn Detector> {
    if recognizer == fake::RECOGNIZER.name { Arc::new(fake::Level) } else { Arc::new(silero::Silero::new(context)) }
}

/// Translators.
pub const TRANSLATORS: &[Entry<dyn Translator>] =
    &[nmt::TRANSLATOR, llm::TRANSLATOR, chat::TRANSLATOR, deepl::TRANSLATOR, libre::TRANSLATOR, fake::TRANSLATOR];

/// Voices.
pub const SYNTHESIZERS: &[Entry<dyn Synthesizer>] =
    &[kokoro::SYNTHESIZER, speech::SYNTHESIZER, command::SYNTHESIZER, fake::SYNTHESIZER];

/// What parts the voices from the rest.
pub const SEPARATORS: &[Entry<dyn Separator>] = &[spleeter::SEPARATOR, command::separator::SEPARATOR, fake::SEPARATOR];

/// Engines that ask a service, which may be paid for by what it is asked.
pub const REMOTE: &[&str] = &["chat", "deepl", "libre", "speech"];

/// Ids of the models that runs with these settings may need; with `auto` translation, those of both embedded translators.
pub fn needed_models(settings: &Settings) -> Vec<String> {
    fn of<T: ?Sized>(table: &[Entry<T>], name: &str, settings: &Settings) -> Vec<String> {
        table.iter().find(|entry| entry.name == name).map_or_else(Vec::new, |entry| (entry.models)(settings))
    }
    let names = &settings.engine;
    let translators = match names.translator.as_str() {
        "auto" => vec!["llm", "nmt"],
        name => vec![name],
    };
    let mut ids = of(RECOGNIZERS, &names.recognizer, settings);
    if matches!(settings.mix.bed, Bed::Auto | Bed::Separate) {
        ids.extend(of(SEPARATORS, &names.separator, settings));
    }
    ids.extend(translators.into_iter().flat_map(|name| of(TRANSLATORS, name, settings)));
    match settings.to.is_empty() {
        true => ids.extend(of(SYNTHESIZERS, &names.synthesizer, settings)),
        false => ids.extend(settings.to.iter().flat_map(|to| of(SYNTHESIZERS, names.synthesizer_of(to), settings))),
    }
    ids
}

/// A sound that an engine spoke must have some length and some level, or it is an error, not a take.
///
/// # Errors
/// Fails if `audio` is shorter than 50 ms or nowhere louder than −60 dBFS.
pub fn require_speech(engine: &str, audio: Audio) -> Result<Audio> {
    let why = if audio.duration() < Delta::from_ms(50) {
        "gave no sound"
    } else if audio.peak() < 0.001 {
        "gave only silence"
    } else if audio.samples.iter().any(|s| !s.is_finite()) {
        "gave samples that are no numbers"
    } else {
        return Ok(audio);
    };
    Err(Error::new(Kind::Answer, format!("{engine} {why}"))
        .hint("try another voice (`dubline voices`) or another engine (`dubline engines`)"))
}
