//! Kokoro-82M: a small neural voice, on the processor, through ONNX Runtime.
//!
//! A line becomes words (`kokoro/text.rs`), words become phonemes (`kokoro/phonemes.rs`), phonemes and a
//! voice's style become 24 kHz sound. Knows nothing of cues and of how much time there is: speed is asked for.

mod espeak;
mod phonemes;
mod pinyin;
mod sound;
mod text;
mod tokens;
mod voices;

use super::runtime::{LIBRARY, session};
use super::{Context, Entry, Fingerprint, Load, Speech, Synthesizer, Voice, require_speech};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::settings::Settings;
use espeak::Espeak;
use ort::session::Session;
use ort::value::Tensor;
use phonemes::Phonemizer;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use tokens::{Piece, Vocabulary};

const MODEL: &str = "kokoro-82m-int8";
const VOICES: &str = "kokoro-voices";
/// Hz.
const RATE: u32 = 24_000;
/// A voice's style: one row of 256 numbers for each length of input, 1 to 510 tokens.
const STYLE_ROWS: usize = 510;
const STYLE_WIDTH: usize = 256;
/// Beyond these the model slurs.
const SPEEDS: (f64, f64) = (0.5, 2.0);

pub(super) const SYNTHESIZER: Entry<dyn Synthesizer> = Entry {
    name: "kokoro",
    about: "Kokoro 82M on this machine: English, Spanish, French, Hindi, Italian, Brazilian Portuguese",
    models: |_: &Settings| vec![MODEL.into(), VOICES.into(), LIBRARY.into()],
    build: |context: &Context| Ok(Arc::new(Kokoro::new(context))),
};

struct Kokoro {
    context: Context,
    espeak: Arc<Espeak>,
    phonemizer: Phonemizer,
    vocabulary: OnceLock<Vocabulary>,
    sessions: Sessions,
    styles: Mutex<HashMap<String, Arc<Vec<f32>>>>,
}

impl Kokoro {
    fn new(context: &Context) -> Kokoro {
        let espeak = Arc::new(Espeak::new(context.runtime.clone()));
        Kokoro {
            phonemizer: Phonemizer::new(espeak.clone()),
            espeak,
            vocabulary: OnceLock::new(),
            sessions: Sessions::new(context.threads.max(1)),
            styles: Mutex::default(),
            context: context.clone(),
        }
    }

    fn vocabulary(&self) -> Result<&Vocabulary> {
        if let Some(vocabulary) = self.vocabulary.get() {
            return Ok(vocabulary);
        }
        let vocabulary = Vocabulary::read(&self.context.models.file(MODEL, "vocab.json")?)?;
        Ok(self.vocabulary.get_or_init(|| vocabulary))
    }

    fn style(&self, voice: &str) -> Result<Arc<Vec<f32>>> {
        if let Some(style) = self.styles.lock().unwrap_or_else(PoisonError::into_inner).get(voice) {
            return Ok(style.clone());
        }
        let path = self.context.models.file(VOICES, &format!("{voice}.bin"))?;
        let bytes = std::fs::read(&path)
            .map_err(|error| Error::new(Kind::CorruptModel, "cannot read the voice").file(&path).because(error))?;
        let style: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if style.len() != STYLE_ROWS * STYLE_WIDTH {
            return Err(Error::new(Kind::CorruptModel, format!("the voice holds {} numbers", style.len()))
                .file(&path)
                .hint(format!("run: dubline models pull {VOICES}")));
        }
        let style = Arc::new(style);
        self.styles.lock().unwrap_or_else(PoisonError::into_inner).insert(voice.to_owned(), style.clone());
        Ok(style)
    }

    /// The voice's language, if it can speak the wanted one.
    fn tongue(&self, utterance: &Speech) -> Result<voices::Tongue> {
        let voice = &utterance.voice;
        let tongue = voices::tongue(voice).ok_or_else(|| {
            Error::new(Kind::Usage, format!("kokoro has no voice {voice:?}")).hint("`dubline voices` lists all of them")
        })?;
        let speaks: crate::lang::Lang = tongue.tag().parse()?;
        if !speaks.accepts(&utterance.language) {
            return Err(Error::new(
                Kind::Usage,
                format!("the voice {voice} speaks {speaks}, not {}", utterance.language),
            )
            .hint("`dubline voices` lists the voices of each language"));
        }
        if !tongue.is_spoken() {
            let what = format!("the voice {voice} needs phonemes from outside: nothing here makes them for {speaks}");
            return Err(Error::new(Kind::Usage, what)
                .hint("choose another engine with --synthesizer (`dubline engines` lists them)"));
        }
        Ok(tongue)
    }

    /// The sound of one piece, with the silence that the model puts around it.
    fn run(&self, session: &mut Session, tokens: &[i64], style: &[f32], speed: f64) -> ort::Result<Vec<f32>> {
        // Row n−1 belongs to n tokens; 0 pads both ends.
        let row = tokens.len().clamp(1, STYLE_ROWS) - 1;
        let style = style[row * STYLE_WIDTH..(row + 1) * STYLE_WIDTH].to_vec();
        let padded: Vec<i64> = std::iter::once(0).chain(tokens.iter().copied()).chain([0]).collect();
        let outputs = session.run(ort::inputs![
            "tokens" => Tensor::from_array(([1, padded.len()], padded))?,
            "style" => Tensor::from_array(([1, STYLE_WIDTH], style))?,
            "speed" => Tensor::from_array(([1], vec![speed as f32]))?,
        ])?;
        Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
    }
}

impl Synthesizer for Kokoro {
    fn fingerprint(&self, voice: &str) -> Result<Fingerprint> {
        let english = voices::tongue(voice).is_some_and(|t| matches!(t.tag(), "en-US" | "en-GB"));
        // English needs espeak-ng only for rare words, so that a machine without it still speaks.
        let espeak = match self.espeak.version() {
            Ok(version) => format!("espeak-ng {version}"),
            Err(_) if english => "no espeak-ng".into(),
            Err(error) => return Err(error),
        };
        let detail = format!(
            "{} {} {LIBRARY} {espeak} {} text {} sound {}",
            self.context.models.fingerprint(MODEL)?,
            self.context.models.fingerprint(VOICES)?,
            if english { phonemes::ENGLISH } else { "ipa 1" },
            text::VERSION,
            sound::VERSION,
        );
        Ok(Fingerprint { engine: "kokoro".into(), model: MODEL.into(), detail })
    }

    fn load(&self) -> Load {
        Load { threads: 1, parallel: self.context.threads.max(1) }
    }

    fn voices(&self) -> Result<Vec<Voice>> {
        voices::all()
    }

    fn speeds(&self) -> (f64, f64) {
        SPEEDS
    }

    fn speak(&self, utterance: &Speech) -> Result<Audio> {
        let tongue = self.tongue(utterance)?;
        if !(SPEEDS.0..=SPEEDS.1).contains(&utterance.speed) {
            let what = format!("kokoro cannot speak at speed {}", utterance.speed);
            return Err(Error::new(Kind::Usage, what).hint(format!("choose one from {} to {}", SPEEDS.0, SPEEDS.1)));
        }
        let spoken = text::speakable(&utterance.text, &utterance.language)?;
        let phonemes = self.phonemizer.phonemes(tongue, utterance.language.variant(), &spoken)?;
        let pieces = self.vocabulary()?.pieces(&phonemes);
        if pieces.is_empty() {
            return Err(Error::new(Kind::Engine, format!("there is nothing to speak in {:?}", utterance.text))
                .hint("correct the line"));
        }
        let style = self.style(&utterance.voice)?;
        let mut parts = Vec::with_capacity(pieces.len());
        {
            let mut session = self.sessions.take(&self.context)?;
            for Piece { tokens, pause } in &pieces {
                let raw = self.run(session.get()?, tokens, &style, utterance.speed).map_err(|error| {
                    Error::new(Kind::Engine, format!("kokoro failed on {:?}", utterance.text)).because(error)
                })?;
                parts.push((raw, pause / utterance.speed));
            }
        }
        tracing::debug!(voice = utterance.voice, speed = utterance.speed, %phonemes, "spoke");
        require_speech("kokoro", Audio { rate: RATE, channels: 1, samples: sound::join(parts, RATE) })
    }
}

/// Sessions of the model: ONNX Runtime's Rust binding lets one session do one call at a time, so there
/// are as many as calls have ever been under way at once, up to the thread budget.
struct Sessions {
    most: usize,
    state: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    made: usize,
}

/// A session on loan.
struct Loan<'a> {
    session: Option<Session>,
    home: &'a Sessions,
}

impl Sessions {
    fn new(most: usize) -> Sessions {
        Sessions { most, state: Mutex::default(), returned: Condvar::new() }
    }

    fn take(&self, context: &Context) -> Result<Loan<'_>> {
        let mut pool = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(session) = pool.idle.pop() {
                return Ok(Loan { session: Some(session), home: self });
            }
            if pool.made < self.most {
                break;
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.made += 1;
        drop(pool);
        // The loan gives the place back even where the model cannot be opened.
        let mut loan = Loan { session: None, home: self };
        loan.session = Some(session(context, &context.models.file(MODEL, "model.onnx")?)?);
        Ok(loan)
    }
}

impl Loan<'_> {
    fn get(&mut self) -> Result<&mut Session> {
        self.session.as_mut().ok_or_else(|| Error::internal("a loan without a session"))
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut pool = self.home.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.session.take() {
            Some(session) => pool.idle.push(session),
            None => pool.made -= 1,
        }
        self.home.returned.notify_one();
    }
}

#[cfg(test)]
mod tests;
