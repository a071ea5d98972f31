//! Every setting, resolved once: flag > environment > `dubline.toml` > default, with its origin.
//!
//! Does not know clap: the command line arrives as one more layer of keys and values.

mod batch;
mod check;
mod deepl;
mod engines;
mod layers;
mod mix;
#[cfg(test)]
mod schema;
mod supply;
mod watch;

pub use batch::{BatchSettings, Price};
pub use deepl::{DeeplSettings, Formality, TermsBy};
pub use engines::{CommandSettings, LlmSettings, RemoteSettings, WhisperSettings};
pub use layers::{Layer, Origin, Resolved, environment, file, find_file, resolve};
pub use mix::{Bed, Goal, Judged, Loudness, MixSettings, Range, Room, Surround, Tone};
pub use supply::{Deliver, Fallback, Gate, SupplySettings, TargetSettings};
pub use watch::{HookEvent, WatchSettings, WebhookSettings};

use crate::episode::TrackChoice;
use crate::event::Stage;
use crate::lang::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The JSON Schema of `dubline.toml`.
pub const SCHEMA: &str = include_str!("../dubline.schema.json");

/// All settings of a run. Keys in `dubline.toml` are the same names in kebab-case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What the series is called, for the names of outputs.
    pub title: String,
    /// Patterns of its episodes, relative to the file that names them: `episodes/*.mp4`; one that begins with `!`
    /// leaves out.
    pub episodes: Vec<String>,
    /// Which of its episodes, by number: `4-70`, `1,3,8-`; empty is all of them.
    pub only: String,
    /// Source language; detected where it is not given.
    pub from: Option<Lang>,
    /// Target languages.
    pub to: Vec<Lang>,
    /// Folder for deliverables.
    pub out: PathBuf,
    /// Folder of the store; the user's cache where it is not given.
    pub store: Option<PathBuf>,
    /// Keep nothing: the store is temporary.
    pub no_store: bool,
    /// Folder of the models; the user's cache where it is not given.
    pub models: Option<PathBuf>,
    /// Use no network at all.
    pub offline: bool,
    /// Compute threads for the whole run; 0 is one for each core.
    pub threads: usize,
    /// The last stage to run.
    pub until: Stage,
    /// Which audio track to dub; the default one where it is not given.
    pub audio_track: Option<TrackChoice>,
    /// An existing transcript (SRT or VTT) instead of recognition.
    pub transcript: Option<PathBuf>,
    /// Existing transcripts of a series, by a template: `subs/{episode}.srt`; an episode without its file is heard.
    pub transcripts: Option<String>,
    /// Existing scripts (JSON or SRT) instead of translation, by target language; with `{episode}` or `{number}` a
    /// template, and an episode without its file is translated.
    pub scripts: BTreeMap<Lang, PathBuf>,
    /// Folders or files of glossaries, earlier ones overruled by later ones.
    pub glossaries: Vec<PathBuf>,
    /// Folder of people's edits.
    pub edits: PathBuf,
    /// Use no glossary at all, not even the built-in ones: for comparing.
    pub no_glossary: bool,
    /// The market of each target language, where it is not the one that the language's region tells.
    pub markets: BTreeMap<Lang, String>,
    /// What the series is about, in a sentence or two, for engines that can use it.
    pub synopsis: String,
    /// Which engine does what.
    pub engine: EngineSettings,
    /// Who speaks with which voice.
    pub voice: VoiceSettings,
    /// How takes are fitted into time.
    pub fit: FitSettings,
    /// How voice and bed are mixed.
    pub mix: MixSettings,
    /// What is delivered.
    pub deliver: DeliverSettings,
    /// What is said of a target language alone.
    pub target: BTreeMap<Lang, TargetSettings>,
    /// How much of a series must be dubbed, and what becomes of the rest.
    pub supply: SupplySettings,
    /// Findings of this severity and above fail the run.
    pub gate: Gate,
    /// How several episodes are run.
    pub batch: BatchSettings,
    /// What engines charge, by name, for estimates.
    pub prices: BTreeMap<String, Price>,
    /// A watched folder.
    pub watch: WatchSettings,
    /// Who is told what became of a watched folder's files.
    pub webhook: WebhookSettings,
    /// The Whisper recognizer.
    pub whisper: WhisperSettings,
    /// The embedded language model.
    pub llm: LlmSettings,
    /// The small neural models.
    pub nmt: NmtSettings,
    /// The remote language model.
    pub chat: RemoteSettings,
    /// DeepL.
    pub deepl: DeeplSettings,
    /// LibreTranslate. What models the server runs cannot be asked: `model` is a name for them, and a new name
    /// has every line translated anew.
    pub libre: RemoteSettings,
    /// The remote voice.
    pub speech: RemoteSettings,
    /// The voice of any program, or its separation.
    pub command: CommandSettings,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            title: String::new(),
            episodes: Vec::new(),
            only: String::new(),
            from: None,
            to: Vec::new(),
            out: PathBuf::from("out"),
            store: None,
            no_store: false,
            models: None,
            offline: false,
            threads: 0,
            until: Stage::Report,
            audio_track: None,
            transcript: None,
            transcripts: None,
            scripts: BTreeMap::new(),
            glossaries: Vec::new(),
            edits: PathBuf::from("edits"),
            no_glossary: false,
            markets: BTreeMap::new(),
            synopsis: String::new(),
            engine: EngineSettings::default(),
            voice: VoiceSettings::default(),
            fit: FitSettings::default(),
            mix: MixSettings::default(),
            deliver: DeliverSettings::default(),
            target: BTreeMap::new(),
            supply: SupplySettings::default(),
            gate: Gate::Error,
            batch: BatchSettings::default(),
            prices: BTreeMap::new(),
            watch: WatchSettings::default(),
            webhook: WebhookSettings::default(),
            whisper: WhisperSettings::default(),
            llm: LlmSettings::default(),
            nmt: NmtSettings::default(),
            chat: RemoteSettings::default(),
            deepl: DeeplSettings::default(),
            libre: RemoteSettings {
                base_url: "http://localhost:5000".into(),
                key_env: "LIBRETRANSLATE_API_KEY".into(),
                ..RemoteSettings::default()
            },
            speech: RemoteSettings { model: "tts-1".into(), ..RemoteSettings::default() },
            command: CommandSettings::default(),
        }
    }
}

impl Settings {
    /// The market that a target language is for.
    pub fn market<'a>(&'a self, to: &'a Lang) -> &'a str {
        let own = self.target.get(to).and_then(|target| target.market.as_ref());
        own.or_else(|| self.markets.get(to)).map_or(to.market(), String::as_str)
    }

    /// What a target language is delivered as.
    pub fn deliver_as(&self, to: &Lang) -> Deliver {
        self.target.get(to).and_then(|target| target.deliver).unwrap_or_default()
    }

    /// The loudness of a target language's files.
    pub fn loudness(&self, to: &Lang) -> Loudness {
        self.target.get(to).and_then(|target| target.loudness).unwrap_or(self.mix.loudness)
    }

    /// The mix of a target language.
    pub fn mix_of(&self, to: &Lang) -> MixSettings {
        MixSettings { loudness: self.loudness(to), ..self.mix.clone() }
    }

    /// Compute threads for the whole run, never 0.
    pub fn thread_budget(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }
}

/// What a recognizer listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listen {
    /// The original. Whisper hears through music: of 20 mixes of five recordings, with music from 12 dB softer to 6 dB
    /// louder than the voice (`scripts/hearing`), it heard 15 worse and 3 better in the voices that Spleeter left of them.
    Mix,
    /// The separated voices.
    Voice,
}

/// What becomes of what is sung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Songs {
    /// It stays as it is, and is marked in the transcript.
    Keep,
    /// It is dubbed like speech.
    Dub,
}

/// Engines by family. The names are those of `dubline engines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EngineSettings {
    /// Speech to text.
    pub recognizer: String,
    /// Text to text: an engine's name, or `auto` for the table of language pairs.
    pub translator: String,
    /// Overrides of the table: `"zh-en" = "chat"`, or `"zh-pt" = "via en"`.
    pub translate: BTreeMap<String, String>,
    /// What mends and shortens translated lines: an engine's name, `none`, or `auto` for the translator itself
    /// where it can, else (where `translator` is `auto` too) the embedded language model, if it is installed.
    pub editor: String,
    /// What parts the voices from music and effects.
    pub separator: String,
    /// What is listened to.
    pub listen: Listen,
    /// What becomes of songs that were heard.
    pub songs: Songs,
    /// Text to speech.
    pub synthesizer: String,
    /// Text to speech of one language, over `synthesizer`: `id = "speech"`; `pt` holds for `pt-BR` too.
    pub synthesize: BTreeMap<Lang, String>,
}

impl EngineSettings {
    /// The synthesizer of a target language.
    pub fn synthesizer_of(&self, to: &Lang) -> &str {
        let wider = || self.synthesize.iter().find(|(key, _)| key.tag() == to.primary()).map(|(_, name)| name);
        self.synthesize.get(to).or_else(wider).unwrap_or(&self.synthesizer)
    }
}

impl Default for EngineSettings {
    fn default() -> EngineSettings {
        EngineSettings {
            recognizer: "whisper".into(),
            translator: "auto".into(),
            translate: BTreeMap::new(),
            editor: "auto".into(),
            separator: "spleeter".into(),
            listen: Listen::Mix,
            songs: Songs::Keep,
            synthesizer: "kokoro".into(),
            synthesize: BTreeMap::new(),
        }
    }
}

/// Voices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct VoiceSettings {
    /// The voice of a speaker: `"顾总" = "am_michael"`; may be narrowed to a language: `"en/顾总"`.
    pub speakers: BTreeMap<String, String>,
    /// The voice of everyone else, by language: `en = "af_heart"`.
    pub default: BTreeMap<String, String>,
    /// Have each voice say three lines once, to know how fast it speaks before lines are written for it.
    pub measure_pace: bool,
}

impl Default for VoiceSettings {
    fn default() -> VoiceSettings {
        VoiceSettings { speakers: BTreeMap::new(), default: BTreeMap::new(), measure_pace: true }
    }
}

/// How a glossary's wording gets into a sentence of an engine that reads no prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermMethod {
    /// By alignment, and by placeholder where that finds no place.
    #[default]
    Both,
    /// In the place where the model's attention says that the term landed.
    Align,
    /// In the place of a made-up name that the model copies.
    Placeholder,
    /// Not at all.
    None,
}

/// The small neural models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NmtSettings {
    /// How a glossary's wording is put in.
    pub terms: TermMethod,
}

/// Limits of fitting a take into its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FitSettings {
    /// How much faster than its natural speed a voice may be asked to speak.
    pub max_speed: f64,
    /// How much a finished take may be compressed in time, pitch kept.
    pub max_stretch: f64,
    /// Silence kept before the next cue, in milliseconds.
    pub gap_ms: i64,
}

impl FitSettings {
    /// How much faster than naturally a line may be heard at most: the voice and the stretch together.
    pub fn fastest(&self) -> f64 {
        self.max_speed * self.max_stretch
    }
}

impl Default for FitSettings {
    fn default() -> FitSettings {
        // 1.2 is where viewers begin to notice, after the isochrony study arXiv 2212.12137;
        // both together stay under 1.4 in the worst case.
        FitSettings { max_speed: 1.2, max_stretch: 1.15, gap_ms: 80 }
    }
}

/// Container of the deliverable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// MP4 for MP4 and MOV sources, Matroska for all others.
    Auto,
    /// MP4 with `faststart` and mov_text subtitles.
    Mp4,
    /// Matroska with SRT subtitles.
    Mkv,
}

/// The deliverable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeliverSettings {
    /// Where an output lies in the output folder, without its extension. Fields: `{title}`, `{episode}`, `{number}`,
    /// `{number:03}`, `{language}`, `{market}`.
    pub name: String,
    /// Container.
    pub container: Container,
    /// One file with every language's sound and subtitles, instead of one for each language; in its name the
    /// language is `mul`.
    pub combined: bool,
    /// Leave the original sound out.
    pub drop_original: bool,
    /// Also write the stems: dub, bed and full mix, as WAV of 48 kHz and 24 bit, equally long.
    pub stems: bool,
    /// Leave soft subtitles out.
    pub no_subtitles: bool,
    /// Bit rate of the dub in kbit/s; 5.1 gets twice as much.
    pub audio_kbps: u32,
}

impl Default for DeliverSettings {
    fn default() -> DeliverSettings {
        DeliverSettings {
            name: "{language}/{episode}".into(),
            container: Container::Auto,
            combined: false,
            drop_original: false,
            stems: false,
            no_subtitles: false,
            audio_kbps: 192,
        }
    }
}
