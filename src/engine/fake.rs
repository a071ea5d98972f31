//! Deterministic engines without models or network: the test double, and `--engine fake`.
//!
//! They know nothing of language: the recognizer hears a numbered sentence wherever there is sound,
//! the translator marks the text with the target language, the voice hums for as long as the text asks.

use super::{
    Batch, Context, Entry, Fingerprint, Heard, Hint, Load, Recognizer, Speech, Synthesizer, Translator, Utterance,
    Voice,
};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::Word;
use crate::settings::Settings;
use crate::time::{Span, Time};
use std::sync::Arc;

fn no_models(_: &Settings) -> Vec<String> {
    Vec::new()
}

pub(super) const RECOGNIZER: Entry<dyn Recognizer> = Entry {
    name: "fake",
    about: "hears a numbered sentence wherever there is sound (for tests)",
    models: no_models,
    build: |_: &Context| Ok(Arc::new(Fake)),
};

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "fake",
    about: "marks the text with the target language (for tests)",
    models: no_models,
    build: |_: &Context| Ok(Arc::new(Fake)),
};

pub(super) const SYNTHESIZER: Entry<dyn Synthesizer> = Entry {
    name: "fake",
    about: "hums for as long as the text asks (for tests)",
    models: no_models,
    build: |_: &Context| Ok(Arc::new(Fake)),
};

struct Fake;

const LOAD: Load = Load { threads: 1, parallel: 16 };

fn fingerprint() -> Fingerprint {
    Fingerprint { engine: "fake".into(), model: "none".into(), detail: "1".into() }
}

impl Recognizer for Fake {
    fn fingerprint(&self) -> Result<Fingerprint> {
        Ok(fingerprint())
    }

    fn load(&self) -> Load {
        LOAD
    }

    fn recognize(&self, speech: &Audio, hint: &Hint) -> Result<Heard> {
        let language = hint.language.clone().map_or_else(|| "en".parse::<Lang>(), Ok)?;
        // The number comes from the sound itself, so that equal pieces are heard alike.
        let number =
            speech.samples.iter().fold(7u32, |n, s| n.wrapping_mul(31).wrapping_add((s * 1000.0) as i32 as u32)) % 1000;
        let text = if language.primary() == "zh" {
            format!("第{number}句话。")
        } else {
            format!("This is line {number}.")
        };
        let span = Span::new(Time::ZERO, Time::ZERO + speech.duration());
        let words = vec![Word { span, text: text.clone(), probability: 1.0 }];
        let utterances = vec![Utterance { span, text, words, no_speech: 0.0, log_probability: 0.0 }];
        Ok(Heard { language, utterances })
    }
}

impl Translator for Fake {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        Ok(fingerprint())
    }

    fn load(&self) -> Load {
        LOAD
    }

    fn batch_size(&self) -> usize {
        16
    }

    fn reads_context(&self) -> bool {
        false
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        let translate = |request: &super::Request| {
            let text =
                request.terms.iter().fold(request.text.clone(), |text, term| text.replace(&term.source, &term.target));
            format!("[{}] {text}", batch.to)
        };
        Ok(batch.lines.iter().map(translate).collect())
    }
}

/// One voice a gender, in any language.
const VOICES: [(&str, char, f64); 4] =
    [("fake_f", 'f', 220.0), ("fake_m", 'm', 110.0), ("fake_f2", 'f', 277.0), ("fake_m2", 'm', 139.0)];

const RATE: u32 = 24_000;

impl Synthesizer for Fake {
    fn fingerprint(&self, _: &str) -> Result<Fingerprint> {
        Ok(fingerprint())
    }

    fn load(&self) -> Load {
        LOAD
    }

    fn voices(&self) -> Result<Vec<Voice>> {
        let voice = |(name, gender, _): (&str, char, f64)| Voice {
            name: name.into(),
            languages: Vec::new(),
            gender: Some(gender),
            about: "hums, in any language".into(),
        };
        Ok(VOICES.map(voice).into())
    }

    fn speeds(&self) -> (f64, f64) {
        (0.5, 2.0)
    }

    fn speak(&self, utterance: &Speech) -> Result<Audio> {
        let (_, _, pitch) = VOICES.into_iter().find(|(name, ..)| *name == utterance.voice).ok_or_else(|| {
            Error::new(Kind::Usage, format!("the fake engine has no voice {:?}", utterance.voice))
                .hint("choose one of: fake_f, fake_m, fake_f2, fake_m2")
        })?;
        // 60 ms a character, 200 ms for one without spaces between its words: roughly as people speak.
        let per_char = if utterance.language.is_spaceless() { 0.2 } else { 0.06 };
        let seconds = (utterance.text.chars().count().max(3) as f64 * per_char) / utterance.speed;
        let frames = (seconds * f64::from(RATE)) as usize;
        let hum = |i: usize| {
            let t = i as f64 / f64::from(RATE);
            let syllable = 0.6 + 0.4 * (t * 4.0 * std::f64::consts::TAU).sin();
            (0.3 * syllable * (t * pitch * std::f64::consts::TAU).sin()) as f32
        };
        Ok(Audio { rate: RATE, channels: 1, samples: (0..frames).map(hum).collect() })
    }
}
