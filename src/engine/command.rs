//! Any program as a voice: text in an argument or on standard input, sound in a file or on standard output.
//!
//! No shell reads anything: the settings give the program and its arguments one by one, and a line of
//! dialogue is only ever a whole argument, part of one, or input. Does not know what the program is.
//! `command/separator.rs` has one part voices from music instead.

pub(super) mod separator;
mod template;

use super::program::Program;
use super::{Context, Entry, Fingerprint, Load, Speech, Synthesizer, Voice, require_speech, spoken};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use template::Template;

/// A line is seconds long, so a program that takes minutes hangs, or asks someone something.
const TIMEOUT: Duration = Duration::from_secs(300);
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
    template: Template,
    timeout: Duration,
}

impl Command {
    fn new(context: &Context) -> Result<Command> {
        let placeholders = &["text", "voice", "language", "speed", "output"];
        let example = r#"["piper", "--model", "{voice}.onnx", "--output_file", "{output}"]"#;
        let template = Template::new("command.run", &context.settings.command.run, placeholders, example)?;
        Ok(Command { context: context.clone(), template, timeout: TIMEOUT })
    }
}

/// A line of dialogue as data: no control characters, since an argument cannot hold a NUL, and no hyphen
/// at its start, since a program would take the line for an option.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).trim_end().to_owned()
}

impl Synthesizer for Command {
    fn fingerprint(&self, _: &str) -> Result<Fingerprint> {
        Ok(self.template.fingerprint())
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
        if self.template.takes("speed") { (0.5, 2.0) } else { (1.0, 1.0) }
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
        let argv = self.template.filled(value);
        let input = if self.template.takes("text") { "" } else { words.as_str() };
        let program = Program {
            argv: &argv,
            input: input.as_bytes(),
            timeout: self.timeout,
            missing: "install it, or give its whole path in command.run",
            cancel: None,
        };
        let name = self.template.program();
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
        let sound = if self.template.takes("output") {
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

#[cfg(test)]
mod tests;
