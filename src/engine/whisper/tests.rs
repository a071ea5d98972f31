//! Tests with the real models on the project's own episode; they say so where they are skipped.

use super::*;
use crate::cancel::Cancel;
use crate::event::Events;
use crate::model::Models;
use crate::time::Delta;
use serde_json::Value;
use std::path::PathBuf;

struct Bench {
    context: Context,
    /// The voices of the episode alone, 16 kHz mono.
    sound: Audio,
    /// When each line is spoken, and what, as the episode was made.
    lines: Vec<(Span, String)>,
    _runtime: tokio::runtime::Runtime,
}

/// The episode and the models, or a visible skip.
fn bench() -> Option<Bench> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (Ok(sound), Ok(facts)) =
        (std::fs::read(folder.join("zh_drama.voice.ogg")), std::fs::read(folder.join("facts.json")))
    else {
        println!("SKIPPED: no fixtures (scripts/make-fixtures)");
        return None;
    };
    let models = std::env::var_os("DUBLINE_MODELS").map(PathBuf::from);
    let models = models.unwrap_or_else(|| crate::store::cache_folder().join("models"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = Context {
        models: Arc::new(Models::new(&models).unwrap()),
        settings: Arc::new(Settings::default()),
        threads: 1,
        runtime: runtime.handle().clone(),
        events: Events::silent(),
        cancel: Cancel::new(),
    };
    let needed = [(context.settings.whisper.model.as_str(), "model.bin"), (super::super::silero::MODEL, "model.onnx")];
    for (model, file) in needed {
        if let Err(error) = context.models.file(model, file) {
            println!("SKIPPED: {error}");
            return None;
        }
    }
    let facts: Value = serde_json::from_slice(&facts).unwrap();
    let cues = facts["episodes"][0]["cues"].as_array().unwrap();
    let ms = |cue: &Value, key: &str| cue[key].as_i64().unwrap();
    let line =
        |cue: &Value| (Span::from_ms(ms(cue, "start_ms"), ms(cue, "end_ms")), cue["text"].as_str().unwrap().to_owned());
    let lines = cues.iter().map(line).collect();
    let sound = crate::media::resample(&crate::media::read_sound(&sound).unwrap(), RATE, 1).unwrap();
    Some(Bench { context, sound, lines, _runtime: runtime })
}

#[test]
fn speech_is_found_where_it_is_and_nowhere_else() {
    let Some(bench) = bench() else { return };
    let speech = crate::engine::detector(&bench.context, "whisper").speech(&bench.sound).unwrap();
    let shared = |span: Span, others: &mut dyn Iterator<Item = Span>| {
        others.filter_map(|other| other.overlap(span)).fold(Delta::ZERO, |sum, part| sum + part.duration())
    };
    for (span, text) in &bench.lines {
        let found = shared(*span, &mut speech.iter().copied()).ratio(span.duration());
        assert!(found > 0.5, "{span} {text}: {found}");
    }
    for span in &speech {
        let wide = |line: Span| Span::new(line.start - Delta::from_ms(300), line.end + Delta::from_ms(300));
        let said = shared(*span, &mut bench.lines.iter().map(|(line, _)| wide(*line)));
        assert!(said > Delta::ZERO, "speech at {span}, where nobody speaks");
    }
}

#[test]
fn a_line_is_heard_with_its_words_in_time_and_its_language() {
    let Some(bench) = bench() else { return };
    let (span, text) = bench.lines.iter().find(|(_, text)| text.contains("五十万")).unwrap();
    let at = |time: Time| usize::try_from(time.samples(RATE)).unwrap();
    let margin = Delta::from_ms(200);
    let piece = bench.sound.slice(at(span.start - margin), at(span.end + margin));
    let whisper = Whisper { context: bench.context.clone(), model: Mutex::new(None) };
    let heard = whisper.recognize(&piece, &Hint::default()).unwrap();
    assert_eq!(heard.language.tag(), "zh");
    assert!(heard.language_probability > 0.5);
    let words: Vec<_> = heard.utterances.iter().flat_map(|utterance| &utterance.words).collect();
    let said: String = words.iter().map(|word| word.text.as_str()).collect();
    assert!(said.contains("五十") || said.contains("50"), "{said:?} for {text:?}");
    assert!(words.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
    assert!(words.iter().all(|word| word.span.end <= Time::ZERO + piece.duration() && word.probability <= 1.0));
    // The same piece is heard alike: results are kept by its key.
    assert_eq!(whisper.recognize(&piece, &Hint::default()).unwrap(), heard);
}

#[test]
fn what_cannot_be_heard_is_refused() {
    let Some(bench) = bench() else { return };
    let whisper = Whisper { context: bench.context.clone(), model: Mutex::new(None) };
    let unknown = Hint { language: Some("gn".parse().unwrap()), prompt: String::new() };
    let error = whisper.recognize(&Audio::silence(RATE, 1, 16_000), &unknown).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.remedy().is_some());
    let too_long = Audio::silence(RATE, 1, 31 * RATE as usize);
    assert_eq!(whisper.recognize(&too_long, &Hint::default()).unwrap_err().kind(), Kind::Internal);
    bench.context.cancel.request();
    let error = whisper.recognize(&Audio::silence(RATE, 1, 16_000), &Hint::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted);
}
