//! Any program as a separator: the mix in one WAV file, its voices in another.
//!
//! What a program gives as voices is taken at its word: the bed is the mix without them. Does not know what the program
//! is; HT-Demucs, MDX or a service behind a script will do.

use super::template::Template;
use crate::audio::Audio;
use crate::engine::program::Program;
use crate::engine::separator::{CHANNELS, Piece, RATE, Read, Separator, Write};
use crate::engine::{Context, Entry, Fingerprint, Load};
use crate::error::{Error, Kind, Result};
use crate::media::{decode_audio, probe, wav};
use crate::settings::Settings;
use crate::time::Delta;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const KEY: &str = "command.separate";
const EXAMPLE: &str = r#"["./voices.sh", "{input}", "{output}"]"#;

/// Raised whenever the same mix and program would give other stems.
const VERSION: u32 = 1;

/// Large models take several times real time on one core, and load for a while; one that takes so long hangs.
const PATIENCE: Duration = Duration::from_secs(600);
const PATIENCE_PER_SECOND: f64 = 20.0;

/// Programs that work in blocks end a block too early or too late; what differs by more is of another sound.
const MOST_AMISS: Delta = Delta::from_ms(250);

/// Moments that are handed on at a time.
const BLOCK: usize = RATE as usize;

/// Moments that a WAV file of 32-bit stereo holds, a little less than what its lengths can tell: 3 h 6 min.
const MOST_MOMENTS: usize = (u32::MAX as usize - 1024) / 8;

/// 24 dB above full scale: what is louder is broken, not sound.
const LOUDEST: f32 = 16.0;

pub(in crate::engine) const SEPARATOR: Entry<dyn Separator> = Entry {
    name: "command",
    about: "any program: a mix in, its voices out (setting: command.separate)",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| Ok(Arc::new(Command::new(context)?)),
};

struct Command {
    context: Context,
    template: Template,
}

impl Command {
    fn new(context: &Context) -> Result<Command> {
        let template = Template::new(KEY, &context.settings.command.separate, &["input", "output"], EXAMPLE)?;
        for name in ["input", "output"] {
            if !template.takes(name) {
                return Err(Error::new(Kind::Usage, format!("{KEY} does not say where {{{name}}} goes")).hint(
                    format!("the program reads the mix from one file and writes the voices to another: {EXAMPLE}"),
                ));
            }
        }
        Ok(Command { context: context.clone(), template })
    }

    /// Has the program part `mix`, which lasts so long; its voices at the rate and of the length of the mix.
    fn voices(&self, mix: &Path, length: Delta) -> Result<Audio> {
        let output = mix.with_file_name("voice.wav");
        let value = |name: &str| if name == "input" { mix.as_os_str() } else { output.as_os_str() }.to_owned();
        let argv = self.template.filled(value);
        let program = Program {
            argv: &argv,
            input: &[],
            timeout: PATIENCE + Duration::from_secs_f64(length.seconds().max(0.0) * PATIENCE_PER_SECOND),
            missing: "install it, or give its whole path in command.separate",
            // It may take an hour.
            cancel: Some(&self.context.cancel),
        };
        let finished = program.run(&self.context.runtime)?;
        let failed = |what| self.failed(what);
        if !finished.status.success() {
            return Err(failed(finished.reason()));
        }
        let said = if finished.stderr.is_empty() { String::new() } else { format!(" ({})", finished.stderr) };
        if !output.is_file() {
            return Err(failed(format!("ended well but wrote no file to {{output}}{said}")));
        }
        let unread = |error: Error| match error.kind() {
            Kind::Interrupted => error,
            _ => failed(format!("ended well but gave no sound that can be read{said}")).because(error),
        };
        let amiss = |duration: Delta| {
            let lengths = format!("{:.2} s of voices for {:.2} s of sound", duration.seconds(), length.seconds());
            failed(format!("gave {lengths}{said}"))
        };
        let source = probe(&output).map_err(unread)?;
        // Before all of it is in memory.
        if source.duration > length + MOST_AMISS {
            return Err(amiss(source.duration));
        }
        let stream = source.audio().next().ok_or_else(|| failed(format!("gave a file without sound{said}")))?.index;
        let cancel = &self.context.cancel;
        let mut voice = decode_audio(&output, stream, RATE, CHANNELS, &mut |_| {}, cancel).map_err(unread)?.audio;
        if voice.duration() > length + MOST_AMISS || voice.duration() + MOST_AMISS < length {
            return Err(amiss(voice.duration()));
        }
        for sample in &mut voice.samples {
            *sample = sane(*sample);
        }
        Ok(voice)
    }
}

impl Command {
    fn failed(&self, what: impl std::fmt::Display) -> Error {
        Error::new(Kind::Engine, format!("{} {what}", self.template.program()))
            .hint("run it by hand: it is to write the voices of {input} to {output}, equally long")
    }
}

impl Separator for Command {
    fn fingerprint(&self) -> Result<Fingerprint> {
        let program = self.template.program();
        if !self.template.is_there() {
            return Err(Error::new(Kind::MissingTool, format!("the program {program} is not installed"))
                .hint("install it, or give its whole path in command.separate"));
        }
        let named = self.template.fingerprint();
        Ok(Fingerprint { detail: format!("{VERSION} {}", named.detail), ..named })
    }

    fn load(&self) -> Load {
        // Nobody knows how many threads it starts, so it has the budget to itself.
        Load { threads: self.context.threads.max(1), parallel: 1 }
    }

    fn part(&self, read: Read<'_>, write: Write<'_>) -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::output(&std::env::temp_dir(), error))?;
        let mix = folder.path().join("mix.wav");
        let frames = written(&mix, read, &self.context)?;
        if frames == 0 {
            return Ok(());
        }
        // Opened before the program may move it away.
        let mut reader = WavReader::open(&mix).map_err(|error| unwritten(&mix, error))?;
        let mut samples = reader.samples::<f32>();
        let mut voice = self.voices(&mix, Delta::from_samples(frames as i64, RATE))?.samples;
        voice.resize(frames * usize::from(CHANNELS), 0.0);
        let mut bed = Vec::with_capacity(BLOCK * usize::from(CHANNELS));
        for voice in voice.chunks(BLOCK * usize::from(CHANNELS)) {
            bed.clear();
            for voice in voice {
                let Some(Ok(mix)) = samples.next() else { return Err(self.failed("changed the mix that it read")) };
                bed.push(mix - voice);
            }
            write(Piece { voice, bed: &bed })?;
        }
        Ok(())
    }
}

/// Writes what `read` gives to a WAV file of 32-bit floats, so that it is still the same when it is read back; gives its
/// length in moments.
fn written(path: &Path, read: Read<'_>, context: &Context) -> Result<usize> {
    let spec =
        WavSpec { channels: CHANNELS, sample_rate: RATE, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let full = |error| unwritten(path, error);
    let mut writer = WavWriter::create(path, spec).map_err(full)?;
    let mut buffer = vec![0.0; BLOCK * usize::from(CHANNELS)];
    let mut frames = 0;
    loop {
        context.cancel.check()?;
        let count = read(&mut buffer)?;
        if frames + count / usize::from(CHANNELS) > MOST_MOMENTS {
            return Err(Error::new(Kind::Output, "more than three hours of sound do not fit a WAV file for a program")
                .hint("cut the episode into parts, or separate it with another engine (engine.separator)"));
        }
        if count == 0 {
            writer.finalize().map_err(full)?;
            return Ok(frames);
        }
        for sample in &buffer[..count] {
            writer.write_sample(sane(*sample)).map_err(full)?;
        }
        frames += count / usize::from(CHANNELS);
    }
}

fn unwritten(path: &Path, error: hound::Error) -> Error {
    Error::output(path, wav::cause(error))
        .hint("make room there, or set TMPDIR to a folder with room: an hour takes about 3 GB")
}

/// What is no number or none of a sound is not handed to anybody.
fn sane(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-LOUDEST, LOUDEST) }
}

#[cfg(test)]
mod tests;
