use super::*;
use crate::cancel::Cancel;
use crate::event::Events;
use crate::model::Models;
use serde_json::Value;
use std::time::Duration;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

struct Space {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
}

impl Space {
    fn new() -> Space {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = runtime.block_on(MockServer::start());
        Space { runtime, server }
    }

    fn answers(&self, times: u64, template: ResponseTemplate) {
        let mock = Mock::given(method("POST")).and(path("/v1/audio/speech")).respond_with(template);
        self.runtime.block_on(mock.up_to_n_times(times).mount(&self.server));
    }

    fn engine(&self, change: impl FnOnce(&mut Settings)) -> Arc<dyn Synthesizer> {
        let mut settings = Settings::default();
        settings.speech.base_url = format!("{}/v1/", self.server.uri());
        settings.speech.key_env = String::new();
        settings.speech.timeout_seconds = 1;
        settings.speech.retries = 1;
        change(&mut settings);
        let context = Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(settings),
            threads: 1,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: Cancel::new(),
        };
        (SYNTHESIZER.build)(&context).unwrap()
    }

    fn speak(&self) -> Result<Audio> {
        let language = "pt-BR".parse().unwrap();
        self.engine(|_| {}).speak(&Speech { text: "Olá, Sofia.".into(), language, voice: "nova".into(), speed: 1.1 })
    }
}

fn wav(seconds: f64, level: f32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 24_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for i in 0..(seconds * 24_000.0) as usize {
        writer.write_sample(((i as f32 * 0.06).sin() * level * 32767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

#[test]
fn words_go_there_and_sound_comes_back() {
    let space = Space::new();
    space.answers(1, ResponseTemplate::new(500));
    space.answers(1, ResponseTemplate::new(200).set_body_raw(wav(0.5, 0.5), "audio/wav"));
    let audio = space.speak().unwrap();
    assert_eq!((audio.rate, audio.channels), (24_000, 1));
    assert!((audio.duration().seconds() - 0.5).abs() < 0.01);
    let requests = space.runtime.block_on(space.server.received_requests()).unwrap();
    assert_eq!(requests.len(), 2);
    let body: Value = requests[1].body_json().unwrap();
    let wanted =
        json!({"model": "tts-1", "input": "Olá, Sofia.", "voice": "nova", "response_format": "wav", "speed": 1.1});
    assert_eq!(body, wanted);
}

#[test]
fn a_wav_of_unknown_length_is_read_to_its_end() {
    // Servers that stream write lengths of −1, since they do not know them yet.
    let space = Space::new();
    let mut streamed = wav(0.5, 0.5);
    streamed[4..8].fill(0xff);
    streamed[40..44].fill(0xff);
    space.answers(1, ResponseTemplate::new(200).set_body_raw(streamed, "audio/wav"));
    let seconds = space.speak().unwrap().duration().seconds();
    assert!((seconds - 0.5).abs() < 0.01, "{seconds}");
}

#[test]
fn an_answer_without_speech_is_an_error() {
    for (template, what) in [
        (ResponseTemplate::new(200), "without any sound"),
        (ResponseTemplate::new(200).set_body_raw("junk, not sound", "audio/wav"), "cannot be read"),
        (ResponseTemplate::new(200).set_body_raw(wav(0.5, 0.0), "audio/wav"), "only silence"),
        (ResponseTemplate::new(200).set_body_raw(wav(0.01, 0.5), "audio/wav"), "no sound"),
        (ResponseTemplate::new(200).set_body_raw(r#"{"error": "no such voice"}"#, "application/json"), "no such voice"),
        (ResponseTemplate::new(401).set_body_raw(r#"{"error": {"message": "who?"}}"#, "application/json"), "who?"),
        (ResponseTemplate::new(200).set_delay(Duration::from_secs(4)), "did not answer within 1 s"),
    ] {
        let space = Space::new();
        space.answers(9, template);
        let error = space.speak().unwrap_err();
        // Silence is this line's failure; everything else is the server's.
        let kind = if matches!(what, "only silence" | "no sound") { Kind::Answer } else { Kind::Engine };
        assert_eq!(error.kind(), kind, "{what}");
        assert!(error.to_string().contains(what) && error.remedy().is_some(), "{what}: {error}");
    }
}

#[test]
fn voices_are_those_of_the_model_and_of_the_settings() {
    let space = Space::new();
    let names = |change: fn(&mut Settings)| -> Vec<String> {
        space.engine(change).voices().unwrap().into_iter().map(|voice| voice.name).collect()
    };
    assert_eq!(names(|_| {}), OPENAI);
    let other = names(|settings| {
        settings.speech.model = "kokoro".into();
        settings.voice.default.insert("en".into(), "af_sky".into());
    });
    assert_eq!(other, ["af_sky"]);
}
