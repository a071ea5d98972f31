//! Whisper, embedded (whisper.cpp through whisper-rs): one piece of speech to timed words.
//!
//! Knows the model's languages, prompt and tokens. Does not know where in the episode a piece lies,
//! nor whether what was heard is plausible; `stage/transcribe` judges that.

mod words;

use super::{Context, Entry, Fingerprint, Heard, Hint, Load, Recognizer, Utterance};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use crate::time::{Span, Time};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters,
    WhisperError, WhisperSegment, WhisperState,
};
use words::{Token, words};

/// Its line in the table.
pub(super) const RECOGNIZER: Entry<dyn Recognizer> = Entry {
    name: "whisper",
    about: "Whisper, embedded; about 100 languages, with the time of each word",
    models: |settings: &Settings| vec![settings.whisper.model.clone()],
    build: |context: &Context| Ok(Arc::new(Whisper { context: context.clone(), model: Mutex::new(None) })),
};

const RATE: u32 = 16_000;
/// Longest piece in seconds: the model's window.
const WINDOW_SECONDS: usize = 30;
/// The encoder's positions: 50 a second, 1500 in all. Positions past the end of the speech cost
/// time and hear nothing; a margin is kept, since the model stumbles where the speech ends with the window.
const POSITIONS_PER_SECOND: usize = 50;
const MARGIN: usize = 64;
const MAX_POSITIONS: usize = 1500;
/// The language shows in the first words; encoding all of a piece twice would double the work.
const DETECTION_SECONDS: usize = 5;
/// Decoded again at 0.4 and 0.8 where the text repeats itself or is improbable: three tries at most.
const TEMPERATURE_STEP: f32 = 0.4;
/// Tokens of names and terms in the prompt; the model looks back at 223 in all.
const PROMPT_TOKENS: usize = 150;
/// Raise with any change of what is made of the model's output.
const REVISION: u32 = 1;

struct Whisper {
    context: Context,
    model: Mutex<Option<Arc<WhisperContext>>>,
}

impl Recognizer for Whisper {
    fn fingerprint(&self) -> Result<Fingerprint> {
        let model = self.context.settings.whisper.model.clone();
        let digest = self.context.models.fingerprint(&model)?;
        let detail = format!(
            "{digest} whisper.cpp {} greedy margin={MARGIN} step={TEMPERATURE_STEP} prompt={PROMPT_TOKENS} r{REVISION}",
            whisper_rs::WHISPER_CPP_VERSION
        );
        Ok(Fingerprint { engine: "whisper".into(), model, detail })
    }

    fn load(&self) -> Load {
        // One call uses all threads: whisper.cpp shares a piece's work out among them.
        Load { threads: self.context.threads.max(1), parallel: 1 }
    }

    fn recognize(&self, speech: &Audio, hint: &Hint) -> Result<Heard> {
        let frames = speech.frames();
        if speech.rate != RATE || speech.channels != 1 || frames > WINDOW_SECONDS * RATE as usize {
            return Err(Error::internal(format!(
                "a piece of {} at {} Hz with {} channels is not 16000 Hz mono of up to 30 s",
                speech.duration(),
                speech.rate,
                speech.channels
            )));
        }
        self.context.cancel.check()?;
        let given = hint.language.as_ref().map(code).transpose()?;
        // The model gives no text for less than 100 ms, and stumbles over less than a second.
        let mut samples = speech.samples.clone();
        samples.resize(frames.max(RATE as usize), 0.0);
        let model = self.model()?;
        let mut state = model.create_state().map_err(|cause| self.failed(cause))?;
        let (code, probability) = match given {
            // Only the newest models tell Cantonese from Mandarin.
            Some("yue") if languages(&model) < 100 => ("zh", 1.0),
            Some(code) => (code, 1.0),
            None => self.detect(&model, &mut state, &samples)?,
        };
        let language = match &hint.language {
            Some(language) => language.clone(),
            None => language(code)?,
        };
        let mut params = self.params(samples.len());
        params.set_language(Some(code));
        let prompt = prompt(&model, &language, &hint.prompt);
        if !prompt.is_empty() {
            params.set_initial_prompt(&prompt);
        }
        params.set_suppress_nst(true);
        params.set_temperature_inc(TEMPERATURE_STEP);
        let cancel = self.context.cancel.clone();
        // The box is needed: whisper-rs hands its callback a pointer to a boxed closure as if to the closure.
        let stop: Box<dyn FnMut() -> bool> = Box::new(move || cancel.requested());
        params.set_abort_callback_safe(stop);
        if let Err(cause) = state.full(params, &samples) {
            self.context.cancel.check()?;
            return Err(self.failed(cause));
        }
        let eot = model.token_eot();
        let end = Time::ZERO + speech.duration();
        let mut utterances = Vec::new();
        for segment in state.as_iter() {
            utterances.extend(utterance(&segment, eot, language.is_spaceless(), end));
        }
        Ok(Heard { language, language_probability: probability, utterances })
    }
}

impl Whisper {
    /// The model, loaded at the first call.
    fn model(&self) -> Result<Arc<WhisperContext>> {
        let mut slot = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = slot.as_ref() {
            return Ok(Arc::clone(model));
        }
        let id = &self.context.settings.whisper.model;
        let path = self.context.models.file(id, "model.bin")?;
        let unfit = |cause: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(Kind::CorruptModel, format!("the Whisper model {id} cannot be loaded"))
                .file(&path)
                .because(cause)
                .hint(format!("run: dubline models verify {id}"))
        };
        // The alignment that gives words their times runs on whisper.cpp's own four threads, whatever the
        // budget: some hundredths of a second a piece, and nothing tells it otherwise.
        whisper_rs::install_logging_hooks();
        let mut parameters = WhisperContextParameters::new();
        let preset = alignment(&path).map_err(|cause| unfit(cause.into()))?;
        parameters
            .use_gpu(false)
            .flash_attn(false)
            .dtw_parameters(DtwParameters { mode: preset, ..Default::default() });
        let model = WhisperContext::new_with_params(&path, parameters).map_err(|cause| unfit(cause.into()))?;
        Ok(Arc::clone(slot.insert(Arc::new(model))))
    }

    fn params(&self, samples: usize) -> FullParams<'static, 'static> {
        let positions = (samples * POSITIONS_PER_SECOND).div_ceil(RATE as usize) + MARGIN;
        let positions = positions.min(MAX_POSITIONS);
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(i32::try_from(self.context.threads.max(1)).unwrap_or(1));
        params.set_audio_ctx(i32::try_from(positions).unwrap_or(0));
        params.set_no_context(true);
        params.set_token_timestamps(true);
        // Improbable text is kept: the stage that judges it says what it removed, and why.
        params.set_no_speech_thold(1.0);
        params.set_print_special(false);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        params
    }

    /// The most probable language that the model knows, by its code, with its probability.
    fn detect(&self, model: &WhisperContext, state: &mut WhisperState, samples: &[f32]) -> Result<(&'static str, f32)> {
        let samples = &samples[..samples.len().min(DETECTION_SECONDS * RATE as usize)];
        // Detection by itself would always encode 30 s. A run over 100 ms ends before the encoder
        // starts, but leaves the number of positions and the spectrogram in the state.
        let mut params = self.params(samples.len());
        params.set_duration_ms(100);
        state.full(params, samples).map_err(|cause| self.failed(cause))?;
        let (_, probabilities) =
            state.lang_detect(0, self.context.threads.max(1)).map_err(|cause| self.failed(cause))?;
        let known = (0i32..).zip(&probabilities).take(languages(model));
        let best = known.max_by(|a, b| a.1.total_cmp(b.1));
        best.and_then(|(id, &probability)| Some((whisper_rs::get_lang_str(id)?, probability)))
            .ok_or_else(|| Error::new(Kind::Engine, "Whisper found no language").hint("say which it is with --from"))
    }

    fn failed(&self, cause: WhisperError) -> Error {
        let id = &self.context.settings.whisper.model;
        Error::new(Kind::Engine, "Whisper failed")
            .because(cause)
            .hint(format!("check the model with: dubline models verify {id}"))
    }
}

/// Whisper's code for a language.
fn code(lang: &Lang) -> Result<&'static str> {
    let primary = match lang.primary() {
        "jv" => "jw",
        "fil" => "tl",
        "nb" => "no",
        other => other,
    };
    whisper_rs::get_lang_id(primary).and_then(whisper_rs::get_lang_str).ok_or_else(|| {
        Error::new(Kind::Usage, format!("Whisper does not know the language {lang}"))
            .hint("choose another with --from, or give a transcript with --transcript")
    })
}

/// The language of one of Whisper's codes.
fn language(code: &str) -> Result<Lang> {
    match code {
        "jw" => "jv".parse(),
        other => other.parse(),
    }
}

/// How many languages the model has tokens for: 99, or 100 from large-v3 on.
fn languages(model: &WhisperContext) -> usize {
    let first = model.token_lang(0);
    usize::try_from(model.token_translate() - first).unwrap_or(0)
}

/// What the decoder is led to believe was said before: plain, punctuated text in the right script,
/// with the names and terms that may occur.
fn prompt(model: &WhisperContext, language: &Lang, terms: &str) -> String {
    let manner = match (language.primary(), language.variant()) {
        ("zh", Some("Hant" | "TW" | "HK")) => "以下是普通話的句子，使用繁體中文和標點符號。",
        ("zh", _) => "以下是普通话的句子，使用简体中文和标点符号。",
        _ => "",
    };
    // A zero byte cannot be handed to the native side.
    let terms = terms.replace('\0', " ");
    // Whole terms only, and no more than fit: what is cut in the middle misleads.
    let separators = ['\n', '、', '，', ',', ';', '；'];
    let mut kept: Vec<&str> = Vec::new();
    let mut room = PROMPT_TOKENS;
    for term in terms.split(separators).map(str::trim).filter(|term| !term.is_empty()) {
        let cost = model.tokenize(term, PROMPT_TOKENS).map_or(usize::MAX, |tokens| tokens.len() + 1);
        if cost > room {
            break;
        }
        room -= cost;
        kept.push(term);
    }
    match (kept.is_empty(), language.is_spaceless()) {
        (true, _) => manner.to_owned(),
        (false, true) => format!("{}。{manner}", kept.join("，")),
        (false, false) => format!("{}. {manner}", kept.join(", ")).trim_end().to_owned(),
    }
}

/// The heads of the model's attention that tell where in the sound a token is, by the sizes in the
/// file's header. A model that is none of the published ones uses all heads of its last layers.
fn alignment(path: &Path) -> std::io::Result<DtwMode<'static>> {
    let mut header = [0u8; 48];
    File::open(path)?.read_exact(&mut header)?;
    let field = |index: usize| {
        let bytes = &header[index * 4..index * 4 + 4];
        i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    };
    // magic, n_vocab, n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer, n_text_ctx,
    // n_text_state, n_text_head, n_text_layer, n_mels, ftype.
    let (vocabulary, encoder, decoder, mels) = (field(1), field(5), field(9), field(10));
    let english = vocabulary < 51_865;
    let model_preset = match (encoder, decoder) {
        (4, 4) if english => DtwModelPreset::TinyEn,
        (4, 4) => DtwModelPreset::Tiny,
        (6, 6) if english => DtwModelPreset::BaseEn,
        (6, 6) => DtwModelPreset::Base,
        (12, 12) if english => DtwModelPreset::SmallEn,
        (12, 12) => DtwModelPreset::Small,
        (24, 24) if english => DtwModelPreset::MediumEn,
        (24, 24) => DtwModelPreset::Medium,
        (32, 32) if mels == 128 => DtwModelPreset::LargeV3,
        (32, 32) => DtwModelPreset::LargeV2,
        (32, 4) => DtwModelPreset::LargeV3Turbo,
        _ => return Ok(DtwMode::TopMost { n_top: (decoder / 2).max(1) }),
    };
    Ok(DtwMode::ModelPreset { model_preset })
}

/// One segment; none where it has no text.
fn utterance(segment: &WhisperSegment<'_>, eot: i32, spaceless: bool, end: Time) -> Option<Utterance> {
    let centiseconds = |t: i64| Time::from_ms(t * 10).min(end).max(Time::ZERO);
    let span = Span::new(centiseconds(segment.start_timestamp()), centiseconds(segment.end_timestamp()));
    let mut tokens = Vec::new();
    let mut log_probability = 0.0;
    for index in 0..segment.n_tokens() {
        let Some(token) = segment.get_token(index) else { continue };
        let data = token.token_data();
        // Only text: what follows the end-of-text token are marks and times.
        if data.id >= eot {
            continue;
        }
        let Ok(bytes) = token.to_bytes() else { continue };
        log_probability += data.plog;
        let aligned = (data.t_dtw >= 0).then(|| centiseconds(data.t_dtw));
        let guessed = centiseconds(data.t1);
        tokens.push(Token { bytes, end: aligned.unwrap_or(guessed), probability: data.p });
    }
    if tokens.is_empty() {
        return None;
    }
    let words = words(&tokens, span, spaceless);
    let text: String = words.iter().map(|word| word.text.as_str()).collect::<String>().trim().to_owned();
    (!text.is_empty()).then(|| Utterance {
        span,
        text,
        words,
        no_speech: segment.no_speech_probability(),
        log_probability: log_probability / tokens.len() as f32,
    })
}

#[cfg(test)]
mod tests;
