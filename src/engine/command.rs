//! Any program as a voice: text in an argument or on standard input, sound in a file or on standard output.
//!
//! No shell reads anything: the settings give the program and its arguments one by one, and a line of
//! dialogue is only ever a whole argument, part of one, or input. Does not know what the program is.

use super::program::Program;
use super::{Context, Entry, Fingerprint, Load, Speech, Synthesizer, Voice, require_speech, spoken};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A line is seconds long, so a program that takes minutes hangs, or asks someone something.
const TIMEOUT: Duration = Duration::from_secs(300);
/// A file that is larger is a model rather than a program; its length and time stand for it.
const MOST_HASHED: u64 = 16 << 20;
/// What can be put into an argument.
const PLACEHOLDERS: [&str; 5] = ["text", "voice", "language", "speed", "output"];
/// The voice's name where the program has no choice of voices.
const ONLY: &str = "default";

pub(super) const SYNTHESIZER: Entry<dyn Synthesizer> = Entry {
    name: "command",
    about: "any program: text in, sound out (settings: command.run, command.voices)",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| Ok(Arc::new(Command::new(context)?)),
};

struct Command {
    context: Context,
    timeout: Duration,
}

impl Command {
    fn new(context: &Context) -> Result<Command> {
        let run = &context.settings.command.run;
        let example = r#"such as: command.run = ["piper", "--model", "{voice}.onnx", "--output_file", "{output}"]"#;
        if run.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(Error::new(Kind::Usage, "the command engine has no program to run")
                .hint(format!("set command.run, {example}")));
        }
        for argument in run {
            for name in names(argument) {
                if !PLACEHOLDERS.contains(&name) {
                    return Err(Error::new(Kind::Usage, format!("command.run: {{{name}}} means nothing"))
                        .hint(format!("what is replaced: {{{}}}", PLACEHOLDERS.join("}, {"))));
                }
            }
        }
        Ok(Command { context: context.clone(), timeout: TIMEOUT })
    }

    fn run(&self) -> &[String] {
        &self.context.settings.command.run
    }

    fn takes(&self, name: &str) -> bool {
        self.run().iter().any(|argument| names(argument).contains(&name))
    }
}

/// What stands in braces in an argument: `voice` of `--voice={voice}`. Braces around anything but one
/// lower-case word are left alone, since JSON is an argument too.
fn names(argument: &str) -> Vec<&str> {
    argument
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()))
        .collect()
}

/// Replaces in one pass, so that a line that says `{voice}` is not taken for one of ours.
fn fill(argument: &str, value: impl Fn(&str) -> OsString) -> OsString {
    let mut filled = OsString::new();
    let mut rest = argument;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push(before);
        match after.split_once('}') {
            Some((name, after)) if PLACEHOLDERS.contains(&name) => {
                filled.push(value(name));
                rest = after;
            }
            _ => {
                filled.push("{");
                rest = after;
            }
        }
    }
    filled.push(rest);
    filled
}

/// A line of dialogue as data: no control characters, since an argument cannot hold a NUL, and no hyphen
/// at its start, since a program would take the line for an option.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).trim_end().to_owned()
}

impl Synthesizer for Command {
    fn fingerprint(&self, _: &str) -> Result<Fingerprint> {
        let mut hasher = blake3::Hasher::new();
        for argument in self.run() {
            hasher.update(argument.as_bytes()).update(&[0]);
            // A program or a script that was changed may speak differently.
            if let Some(path) = file(argument) {
                digest(&path, &mut hasher);
            }
        }
        let program = Path::new(&self.run()[0]).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let detail = hasher.finalize().to_hex().to_string();
        Ok(Fingerprint { engine: "command".into(), model: program, detail })
    }

    fn load(&self) -> Load {
        // Nobody knows how many threads it starts, so it has the budget to itself.
        Load { threads: self.context.threads.max(1), parallel: 1 }
    }

    fn voices(&self) -> Result<Vec<Voice>> {
        let settings = &self.context.settings;
        let mut voices: Vec<Voice> = Vec::new();
        for (language, names) in &settings.command.voices {
            let language: Lang = language.parse()?;
            for name in names {
                match voices.iter_mut().find(|voice| &voice.name == name) {
                    Some(voice) => voice.languages.push(language.clone()),
                    None => voices.push(Voice {
                        name: name.clone(),
                        languages: vec![language.clone()],
                        gender: None,
                        about: String::new(),
                        ready: true,
                    }),
                }
            }
        }
        // Voices that the settings cast are there because they are asked for.
        let known: BTreeSet<&str> = voices.iter().map(|voice| voice.name.as_str()).collect();
        let cast = settings.voice.default.values().chain(settings.voice.speakers.values());
        let cast: BTreeSet<&str> = cast.map(String::as_str).filter(|name| !known.contains(name)).collect();
        let mut named: Vec<&str> = cast.into_iter().collect();
        if voices.is_empty() && named.is_empty() {
            named.push(ONLY);
        }
        voices.extend(named.into_iter().map(|name| Voice {
            name: name.to_owned(),
            languages: Vec::new(),
            gender: None,
            about: "in any language".into(),
            ready: true,
        }));
        Ok(voices)
    }

    fn speeds(&self) -> (f64, f64) {
        if self.takes("speed") { (0.5, 2.0) } else { (1.0, 1.0) }
    }

    fn speak(&self, utterance: &Speech) -> Result<Audio> {
        let folder = tempfile::tempdir().map_err(|error| Error::output(&std::env::temp_dir(), error))?;
        let output = folder.path().join("take.wav");
        let words = plain(&utterance.text);
        let value = |name: &str| match name {
            "text" => words.clone().into(),
            "voice" => utterance.voice.clone().into(),
            "language" => utterance.language.tag().into(),
            "speed" => format!("{:.2}", utterance.speed).into(),
            _ => output.clone().into_os_string(),
        };
        let argv: Vec<OsString> = self.run().iter().map(|argument| fill(argument, value)).collect();
        let input = if self.takes("text") { "" } else { words.as_str() };
        let program = Program {
            argv: &argv,
            input: input.as_bytes(),
            timeout: self.timeout,
            missing: "install it, or give its whole path in command.run",
        };
        let name = &self.run()[0];
        let finished = program.run(&self.context.runtime)?;
        if !finished.status.success() {
            return Err(Error::new(Kind::Engine, format!("{name} {}", finished.reason()))
                .hint("run it by hand with the same words to see what it wants"));
        }
        let answer = |what: &str| {
            let said = if finished.stderr.is_empty() { String::new() } else { format!(" ({})", finished.stderr) };
            // Another line may well be spoken: this one failed, not the engine.
            Error::new(Kind::Answer, format!("{name} ended well but {what}{said}"))
                .hint("check command.run: sound is read from {output} where it is there, else from standard output")
        };
        let sound = if self.takes("output") {
            std::fs::read(&output).map_err(|error| answer("wrote no file to {output}").because(error))?
        } else {
            finished.stdout
        };
        if sound.is_empty() {
            return Err(answer("gave no sound"));
        }
        let audio = spoken::read(sound).map_err(|error| answer("gave no sound that can be read").because(error))?;
        require_speech(name, audio)
    }
}

/// The file that an argument names: a path, or a program on the search path.
fn file(argument: &str) -> Option<PathBuf> {
    let path = Path::new(argument);
    if path.is_file() {
        return Some(path.to_owned());
    }
    if argument.is_empty() || path.components().count() != 1 {
        return None;
    }
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(argument)).find(|path| path.is_file())
}

fn digest(path: &Path, hasher: &mut blake3::Hasher) {
    let Ok(metadata) = path.metadata() else { return };
    if metadata.len() <= MOST_HASHED
        && let Ok(bytes) = std::fs::read(path)
    {
        hasher.update(&bytes);
        return;
    }
    let time = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    hasher.update(format!("{} {time:?}", metadata.len()).as_bytes());
}

#[cfg(test)]
mod tests;
