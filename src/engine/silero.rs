//! Silero's voice activity detector on ONNX Runtime: where there is speech.
//!
//! The model gives one probability for each 32 ms window; the rules that turn those into stretches of
//! speech are those of the reference implementation (`get_speech_timestamps` of the `silero-vad`
//! package). Does not know what is said, nor who says it.

use super::{Context, Detector, Fingerprint, runtime};
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::time::{Delta, Span, Time};
use ort::session::Session;
use ort::value::TensorRef;
use std::sync::{Mutex, PoisonError};

/// The registered model.
pub(super) const MODEL: &str = "silero-vad-v6";

const RATE: u32 = 16_000;
/// Samples of one window, and of the end of the window before, which the model wants in front of it.
const WINDOW: usize = 512;
const CONTEXT: usize = 64;
/// Shape of the recurrent state.
const STATE: [usize; 3] = [2, 1, 128];

/// How probabilities become speech. Times are in windows where the name says so, else as given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Speech begins at this probability…
    pub(super) begin: f32,
    /// … and goes on until it falls below this one.
    pub(super) end: f32,
    /// Anything shorter is a click or a cough.
    pub(super) min_speech: Delta,
    /// A pause shorter than this is within speech.
    pub(super) min_silence: Delta,
    /// Added at the beginning, as far as the neighbour leaves room: the probability rises with the
    /// voice, after the breath and the consonant.
    pub(super) pad: Delta,
}

/// The reference begins at 0.5 and ends at 0.35, and misses whispers, which lie about 0.4. What is missed
/// here is never dubbed, while noise that is taken for speech is still judged by the recognizer. The
/// silence is short enough to part sentences. Nothing is added at the end: the probability
/// falls later than the voice.
pub(super) const RULES: Rules = Rules {
    begin: 0.35,
    end: 0.2,
    min_speech: Delta::from_ms(160),
    min_silence: Delta::from_ms(160),
    pad: Delta::from_ms(20),
};

/// The detector; its model is loaded at the first call.
pub(super) struct Silero {
    context: Context,
    session: Mutex<Option<Session>>,
}

impl Silero {
    pub(super) fn new(context: &Context) -> Silero {
        Silero { context: context.clone(), session: Mutex::new(None) }
    }
}

impl Detector for Silero {
    fn fingerprint(&self) -> Result<Fingerprint> {
        let digest = self.context.models.fingerprint(MODEL)?;
        Ok(Fingerprint { engine: "silero".into(), model: MODEL.into(), detail: format!("{digest} {RULES:?}") })
    }

    fn speech(&self, sound: &Audio) -> Result<Vec<Span>> {
        if sound.rate != RATE || sound.channels != 1 {
            return Err(Error::internal(format!(
                "voice activity wants 16000 Hz mono, not {} Hz with {} channels",
                sound.rate, sound.channels
            )));
        }
        let mut slot = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match slot.as_mut() {
            Some(session) => session,
            None => {
                let path = self.context.models.file(MODEL, "model.onnx")?;
                slot.insert(runtime::session(&self.context, &path)?)
            }
        };
        let probabilities = probabilities(session, sound, &self.context.cancel)?;
        Ok(spans(&probabilities, sound.frames(), &RULES))
    }
}

/// One probability for each window; the last window is filled up with silence.
fn probabilities(session: &mut Session, sound: &Audio, cancel: &Cancel) -> Result<Vec<f32>> {
    let failed = |cause: ort::Error| {
        Error::new(Kind::Engine, "voice activity detection failed")
            .because(cause)
            .hint(format!("check the model with: dubline models verify {MODEL}"))
    };
    // The model is trained on speech at a usual level, and a quiet recording is still speech.
    let peak = sound.peak();
    let gain = if peak > 1e-4 && peak < 0.5 { (0.5 / peak).min(30.0) } else { 1.0 };
    let mut state = vec![0.0f32; STATE.iter().product()];
    let mut input = [0.0f32; CONTEXT + WINDOW];
    let rate = [i64::from(RATE)];
    let mut probabilities = Vec::with_capacity(sound.samples.len() / WINDOW + 1);
    for (index, window) in sound.samples.chunks(WINDOW).enumerate() {
        if index % 1024 == 0 {
            cancel.check()?;
        }
        input.copy_within(WINDOW.., 0);
        input[CONTEXT..].fill(0.0);
        for (to, from) in input[CONTEXT..].iter_mut().zip(window) {
            *to = from * gain;
        }
        let outputs = session
            .run(ort::inputs![
                "input" => TensorRef::from_array_view(([1usize, CONTEXT + WINDOW], &input[..])).map_err(failed)?,
                "state" => TensorRef::from_array_view((STATE, &state[..])).map_err(failed)?,
                "sr" => TensorRef::from_array_view(([1usize], &rate[..])).map_err(failed)?,
            ])
            .map_err(failed)?;
        let (_, probability) = outputs["output"].try_extract_tensor::<f32>().map_err(failed)?;
        probabilities.push(probability.first().copied().unwrap_or(0.0));
        let (_, next) = outputs["stateN"].try_extract_tensor::<f32>().map_err(failed)?;
        state.clear();
        state.extend_from_slice(next);
    }
    Ok(probabilities)
}

/// Stretches of speech from the windows' probabilities, padded, in order and apart.
pub(super) fn spans(probabilities: &[f32], frames: usize, rules: &Rules) -> Vec<Span> {
    let at = |window: usize| Time::from_samples((window * WINDOW).min(frames) as i64, RATE);
    let mut found: Vec<Span> = Vec::new();
    let mut start = None;
    // Where it first fell silent, while it is not yet certain that it stays silent.
    let mut quiet_since = None;
    for (window, &probability) in probabilities.iter().enumerate() {
        if probability >= rules.begin {
            quiet_since = None;
            start.get_or_insert(window);
        } else if let (Some(from), true) = (start, probability < rules.end) {
            let since = *quiet_since.get_or_insert(window);
            if at(window + 1) - at(since) >= rules.min_silence {
                found.push(Span::new(at(from), at(since)));
                start = None;
                quiet_since = None;
            }
        }
    }
    if let Some(from) = start {
        found.push(Span::new(at(from), at(quiet_since.unwrap_or(probabilities.len()))));
    }
    found.retain(|span| span.duration() >= rules.min_speech);
    pad(&mut found, rules.pad);
    found
}

/// Lets each span begin a little earlier, but after the one before it.
fn pad(spans: &mut [Span], pad: Delta) {
    let mut floor = Time::ZERO;
    for span in spans {
        span.start = (span.start - pad).max(floor);
        floor = span.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: Rules = Rules { pad: Delta::ZERO, ..RULES };

    fn windows(runs: &[(f32, usize)]) -> Vec<f32> {
        runs.iter().flat_map(|&(p, n)| std::iter::repeat_n(p, n)).collect()
    }

    fn ms(spans: &[Span]) -> Vec<(i64, i64)> {
        spans.iter().map(|s| (s.start.ms(), s.end.ms())).collect()
    }

    #[test]
    fn speech_goes_on_between_the_two_thresholds() {
        // 0.3 neither begins speech nor ends it.
        let p = windows(&[(0.3, 10), (0.9, 10), (0.3, 20), (0.1, 10)]);
        assert_eq!(ms(&spans(&p, p.len() * WINDOW, &BARE)), [(320, 1280)]);
    }

    #[test]
    fn short_pauses_are_within_speech_and_clicks_are_none() {
        let p = windows(&[(0.9, 10), (0.0, 3), (0.9, 10), (0.0, 10), (0.9, 2), (0.0, 10)]);
        assert_eq!(ms(&spans(&p, p.len() * WINDOW, &BARE)), [(0, 736)]);
    }

    #[test]
    fn speech_up_to_the_end_ends_with_the_sound() {
        let p = windows(&[(0.0, 10), (0.9, 10)]);
        let frames = p.len() * WINDOW - 100;
        let found = spans(&p, frames, &RULES);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].end, Time::from_samples(frames as i64, RATE));
        assert_eq!(found[0].start.ms(), 320 - 20);
    }

    #[test]
    fn padding_never_makes_neighbours_meet() {
        let p = windows(&[(0.9, 20), (0.0, 6), (0.9, 20), (0.0, 1)]);
        let rules = Rules { pad: Delta::from_ms(500), ..RULES };
        assert_eq!(ms(&spans(&p, p.len() * WINDOW, &rules)), [(0, 640), (640, 1472)]);
    }

    #[test]
    fn silence_and_nothing_have_no_speech() {
        assert!(spans(&[], 0, &RULES).is_empty());
        assert!(spans(&windows(&[(0.01, 100)]), 51_200, &RULES).is_empty());
    }
}
