//! Deterministic engines without models or network: the test double, and `--engine fake`.
//!
//! They know nothing of language: the recognizer hears a numbered sentence wherever there is sound,
//! the translator marks the text with the target language, the voice hums for as long as the text asks, the
//! separator takes seven eighths of every sound for voice.

use super::separator::{CHANNELS, Piece, Read, Separator, Write};
use super::{
    Batch, Context, Detector, Entry, Fingerprint, Heard, Hint, Load, Recognizer, Speech, Synthesizer, Translator,
    Utterance, Voice,
};
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::Word;
use crate::settings::Settings;
use crate::time::{Delta, Span, Time};
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

pub(super) const SEPARATOR: Entry<dyn Separator> = Entry {
    name: "fake",
    about: "takes seven eighths of every sound for voice (for tests)",
    models: no_models,
    build: |context: &Context| Ok(Arc::new(Most(context.cancel.clone()))),
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
        let mut utterances = Vec::new();
        for span in Level.speech(speech)? {
            // The number comes from the sound and its place, so that equal pieces are heard alike.
            let piece = speech.piece(span);
            let number = piece
                .samples
                .iter()
                .fold(span.start.ms() as u32, |n, s| n.wrapping_mul(31).wrapping_add((s * 1000.0) as i32 as u32));
            let number = number % 1000;
            let text = if language.primary() == "zh" {
                format!("第{number}句话。")
            } else {
                format!("This is line {number}.")
            };
            let words = vec![Word { span, text: text.clone(), probability: 1.0 }];
            utterances.push(Utterance { span, text, words, no_speech: 0.0, log_probability: 0.0 });
        }
        Ok(Heard { language, language_probability: 1.0, utterances })
    }
}

/// Hears speech wherever the sound is louder than −45 dBFS, and is no more than 30 dB under its loudest part.
pub(super) struct Level;

/// Linear levels of −45 dBFS and −30 dB.
const FLOOR: f32 = 0.005_623;
const BELOW_LOUDEST: f32 = 0.031_62;
/// Pauses up to this length are within speech.
const PAUSE: Delta = Delta::from_ms(200);

impl Detector for Level {
    fn fingerprint(&self) -> Result<Fingerprint> {
        Ok(Fingerprint { engine: "level".into(), ..fingerprint() })
    }

    fn speech(&self, sound: &Audio) -> Result<Vec<Span>> {
        let mono = sound.to_mono();
        let window = (mono.rate / 50).max(1) as usize;
        let rms = |w: &[f32]| (w.iter().map(|s| s * s).sum::<f32>() / w.len() as f32).sqrt();
        let levels: Vec<f32> = mono.samples.chunks(window).map(rms).collect();
        let loudest = levels.iter().fold(0.0f32, |a, &b| a.max(b));
        let at = |frame: usize| Time::from_samples(frame.min(mono.frames()) as i64, mono.rate);
        let mut spans: Vec<Span> = Vec::new();
        for (index, &level) in levels.iter().enumerate() {
            if level <= FLOOR.max(loudest * BELOW_LOUDEST) {
                continue;
            }
            let span = Span::new(at(index * window), at((index + 1) * window));
            match spans.last_mut() {
                Some(last) if span.start - last.end <= PAUSE => last.end = span.end,
                _ => spans.push(span),
            }
        }
        Ok(spans)
    }
}

impl Translator for Fake {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        Ok(Fingerprint { detail: "2".into(), ..fingerprint() })
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
            let mut spelled = String::new();
            let mut rest = request.text.as_str();
            while let Some(char) = rest.chars().next() {
                let term = request.terms.iter().find(|t| !t.source.is_empty() && rest.starts_with(&t.source));
                rest = match term {
                    Some(term) => {
                        spelled.push_str(&term.target);
                        &rest[term.source.len()..]
                    }
                    None => {
                        // What is left in the source's writing or words is no translation.
                        spelled.push_str(&spell(char, batch.from.is_spaceless()));
                        &rest[char.len_utf8()..]
                    }
                };
            }
            format!("({}) {}", batch.to, spelled.trim())
        };
        Ok(batch.lines.iter().map(translate).collect())
    }
}

/// A character as the fake translation writes it.
fn spell(c: char, from_spaceless: bool) -> String {
    const SYLLABLES: [&str; 8] = ["ba ", "ko ", "mi ", "ta ", "lu ", "ne ", "so ", "ri "];
    match c {
        '，' | '、' => ", ".into(),
        '。' => ". ".into(),
        '！' => "! ".into(),
        '？' => "? ".into(),
        c if from_spaceless && !c.is_ascii() && c.is_alphanumeric() => SYLLABLES[c as usize % SYLLABLES.len()].into(),
        // No word of any language is left.
        'a' | 'e' | 'i' | 'o' | 'u' => 'y'.into(),
        c => c.into(),
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
            ready: true,
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

/// Leaves an eighth, 18 dB less, for the bed.
struct Most(Cancel);

impl Separator for Most {
    fn fingerprint(&self) -> Result<Fingerprint> {
        Ok(fingerprint())
    }

    fn load(&self) -> Load {
        LOAD
    }

    fn part(&self, read: Read<'_>, write: Write<'_>) -> Result<()> {
        let mut buffer = vec![0.0; 16_384 * usize::from(CHANNELS)];
        let mut bed = Vec::with_capacity(buffer.len());
        loop {
            self.0.check()?;
            let count = read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            bed.clear();
            bed.extend(buffer[..count].iter().map(|sample| sample / 8.0));
            buffer.iter_mut().zip(&bed).for_each(|(sample, bed)| *sample -= bed);
            write(Piece { voice: &buffer[..count], bed: &bed })?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_speech_and_silence_is_none() {
        let hum = |i: usize| 0.3 * (i as f32 * 0.1).sin();
        // 0.5 s of silence, 1 s of sound, 0.1 s of silence, 0.5 s of sound, 1 s of silence.
        let runs = [(false, 8000), (true, 16_000), (false, 1600), (true, 8000), (false, 16_000)];
        let samples = runs.iter().flat_map(|&(on, n)| (0..n).map(move |i| if on { hum(i) } else { 0.0 })).collect();
        let sound = Audio { rate: 16_000, channels: 1, samples };
        assert_eq!(Level.speech(&sound).unwrap(), [Span::from_ms(500, 2100)]);
        assert!(Level.speech(&Audio::silence(16_000, 1, 16_000)).unwrap().is_empty());
        assert!(Level.speech(&Audio::silence(16_000, 1, 0)).unwrap().is_empty());
    }

    #[test]
    fn stems_add_up_to_the_mix() {
        let samples: Vec<f32> = (0..100_002).map(|i| (i as f32 * 0.37).sin()).collect();
        let mix = Audio { rate: 48_000, channels: 2, samples };
        let mut told = Vec::new();
        let mut tell = |at: Time| {
            told.push(at);
            Ok(())
        };
        let stems = Most(Cancel::new()).separate(&mix, &mut tell).unwrap();
        let sums = stems.voice.samples.iter().zip(&stems.bed.samples).map(|(voice, bed)| voice + bed);
        assert!(sums.zip(&mix.samples).all(|(sum, mix)| (sum - mix).abs() < 1e-6));
        assert_eq!(stems.bed.peak(), mix.peak() / 8.0);
        assert_eq!(told.last(), Some(&Time::from_samples(50_001, 48_000)));
        assert!(told.len() > 1, "it tells how far it got");
    }

    #[test]
    fn separation_stops_where_it_is_told_to_and_wants_48_khz_stereo() {
        let cancelled = Cancel::new();
        cancelled.request();
        let mix = Audio::silence(48_000, 2, 10);
        let error = Most(cancelled).separate(&mix, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), Kind::Interrupted);
        let error = Most(Cancel::new()).separate(&mix, &mut |_| Err(Error::new(Kind::Busy, "no"))).unwrap_err();
        assert_eq!(error.kind(), Kind::Busy);
        for (rate, channels) in [(44_100, 2), (48_000, 1)] {
            assert!(Most(Cancel::new()).separate(&Audio::silence(rate, channels, 4), &mut |_| Ok(())).is_err());
        }
    }
}
