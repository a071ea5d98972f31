//! Flags of the commands that work on an episode, and the layer of settings that they make.

use crate::error::{Error, Kind, Result};
use crate::settings::{Layer, Origin};
use clap::Args;
use std::path::PathBuf;
use toml::{Table, Value};

/// An episode and what to make of it.
#[derive(Debug, Args)]
pub struct Job {
    /// Source files (anything that FFmpeg opens) or folders of them; the episodes of dubline.toml where none is given.
    #[arg(value_name = "PATH")]
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

    /// Only these episodes, by number: 4-70, or 1,3,8-.
    #[arg(long, value_name = "RANGES", allow_hyphen_values = true, help_heading = "Source")]
    pub episodes: Option<String>,

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
    /// One file with every language's sound and subtitles, instead of one for each language.
    #[arg(long, help_heading = "Output")]
    pub combined: bool,
    /// Leave the original sound out of the deliverable.
    #[arg(long, help_heading = "Output")]
    pub drop_original: bool,
    /// Also write the stems: dub, bed and full mix, as WAV of 48 kHz and 24 bit.
    #[arg(long, help_heading = "Output")]
    pub stems: bool,
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
    /// Separator of voices from music and effects.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub separator: Option<String>,
    /// Speech synthesizer.
    #[arg(long, value_name = "NAME", help_heading = "Engines")]
    pub synthesizer: Option<String>,
    /// Voice of a speaker, or of everyone in a language: --voice 顾总=am_michael, --voice en=af_heart.
    #[arg(long, value_name = "WHO=VOICE", help_heading = "Engines")]
    pub voice: Vec<String>,

    /// What happens to the original sound: auto, separate, duck or none.
    #[arg(long, value_name = "NAME", help_heading = "Mix")]
    pub bed: Option<String>,
    /// Loudness target: social (−14 LUFS), apple (−16), ebu-r128 (−23), atsc-a85 (−24) or netflix (−27, of the dialogue).
    #[arg(long, value_name = "NAME", help_heading = "Mix")]
    pub loudness: Option<String>,

    /// Begin no other episode once one has failed.
    #[arg(long, help_heading = "Several episodes")]
    pub fail_fast: bool,
    /// Begin nothing if it is estimated to cost more than this, in the currency of `prices`.
    #[arg(long, value_name = "MONEY", help_heading = "Several episodes")]
    pub max_cost: Option<f64>,
    /// Findings that end with code 9: error, warning or none.
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub gate: Option<String>,

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
            for family in ["recognizer", "separator", "translator", "synthesizer"] {
                put(&mut values, &format!("engine.{family}"), engine.clone());
            }
        }
        for (key, value) in [
            ("only", &self.episodes),
            ("from", &self.from),
            ("until", &self.until),
            ("deliver.container", &self.container),
            ("synopsis", &self.synopsis),
            ("engine.recognizer", &self.recognizer),
            ("engine.translator", &self.translator),
            ("engine.separator", &self.separator),
            ("engine.synthesizer", &self.synthesizer),
            ("mix.bed", &self.bed),
            ("mix.loudness", &self.loudness),
            ("gate", &self.gate),
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
            ("deliver.combined", self.combined),
            ("deliver.drop-original", self.drop_original),
            ("deliver.stems", self.stems),
            ("deliver.no-subtitles", self.no_subtitles),
            ("no-store", self.no_store),
            ("offline", self.offline),
            ("batch.fail-fast", self.fail_fast),
        ] {
            if value {
                put(&mut values, key, true);
            }
        }
        if let Some(cost) = self.max_cost {
            put(&mut values, "batch.max-cost", cost);
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
    use crate::cli::{Cli, Command};
    use crate::settings::resolve;
    use clap::Parser;

    fn options(flags: &[&str]) -> JobOptions {
        let arguments = ["dubline", "run", "a b.mp4"].iter().chain(flags);
        match Cli::try_parse_from(arguments).unwrap().command {
            Command::Run { job } => job.options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_flag_reaches_its_setting() {
        let options = options(&[
            "--to",
            "en,pt-BR",
            "--engine",
            "fake",
            "--translator",
            "chat",
            "--threads",
            "1",
            "--audio-track",
            "2",
            "--script",
            "en=e.json",
            "--voice",
            "en=af_heart",
            "--voice",
            "顾总=am_michael",
            "--set",
            "mix.duck-db=12.5",
            "--set",
            "chat.base-url=http://localhost/v1",
            "--drop-original",
            "--until",
            "fit",
            "--loudness",
            "ebu-r128",
        ]);
        let settings = resolve(&[options.layer().unwrap()]).unwrap().settings;
        assert_eq!(settings.to.len(), 2);
        assert_eq!((settings.engine.recognizer.as_str(), settings.engine.translator.as_str()), ("fake", "chat"));
        assert_eq!(settings.threads, 1);
        assert_eq!(settings.audio_track, Some(crate::episode::TrackChoice::Number(2)));
        assert_eq!(settings.voice.default["en"], "af_heart");
        assert_eq!(settings.voice.speakers["顾总"], "am_michael");
        assert_eq!(settings.mix.duck_db, 12.5);
        assert_eq!(settings.chat.base_url, "http://localhost/v1");
        assert!(settings.deliver.drop_original);
    }

    /// A value that is not the default, for each flag.
    fn sample(flag: &str) -> Option<&'static str> {
        Some(match flag {
            "episodes" => "-5",
            "from" => "zh",
            "to" => "en,pt-BR",
            "until" => "fit",
            "container" => "mkv",
            "audio_kbps" => "96",
            "audio_track" => "2",
            "script" => "en=scripts/{episode}.json",
            "voice" => "en=af_heart",
            "bed" => "none",
            "loudness" => "apple",
            "threads" => "3",
            "engine" | "recognizer" | "separator" | "translator" | "synthesizer" => "fake",
            "out" | "transcript" | "glossary" | "edits" | "store" | "models" => "some/path",
            "synopsis" => "A bride.",
            "gate" => "warning",
            "max_cost" => "2.5",
            "fail_fast" | "combined" | "stems" | "drop_original" | "no_subtitles" | "no_store" | "offline" => {
                return None;
            }
            other => panic!("the flag {other} has no sample here: does it stand in dubline.toml?"),
        })
    }

    #[test]
    fn whatever_a_flag_says_can_stand_in_a_file() {
        use clap::CommandFactory;
        let command = Cli::command();
        let run = command.find_subcommand("run").unwrap();
        let mut seen = 0;
        for flag in run.get_arguments() {
            let id = flag.get_id().as_str();
            // Not about a run: where the settings are, any setting at all, and what is told.
            if ["config", "set", "sources", "help", "events", "quiet", "verbose"].contains(&id) {
                continue;
            }
            let long = format!("--{}", flag.get_long().unwrap());
            let given: Vec<&str> = std::iter::once(long.as_str()).chain(sample(id)).collect();
            let layer = options(&given).layer().unwrap();
            let text = toml::to_string(&layer.values).unwrap();
            let file = Layer { origin: Origin::File("dubline.toml".into()), values: text.parse().unwrap() };
            let (by_flag, by_file) = (resolve(&[layer]).unwrap().settings, resolve(&[file]).unwrap().settings);
            assert_eq!(by_flag, by_file, "{long}");
            assert_ne!(by_flag, crate::settings::Settings::default(), "{long} changes nothing");
            seen += 1;
        }
        assert!(seen > 20, "{seen} flags");
    }

    #[test]
    fn a_pair_without_a_value_is_told_with_an_example() {
        let error = options(&["--voice", "en"]).layer().unwrap_err();
        assert!(error.remedy().unwrap().contains("en=af_heart"));
    }
}
