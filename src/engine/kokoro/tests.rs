use super::*;
use crate::cancel::Cancel;
use crate::event::Events;
use crate::model::Models;
use std::path::PathBuf;
use std::time::Instant;

/// The engine with the models that are installed, or a visible skip.
fn with_models(threads: usize, test: impl FnOnce(&Kokoro)) {
    let root = std::env::var_os("DUBLINE_MODELS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        cache
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .map(|c| c.join("dubline/models"))
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = Context {
        models: Arc::new(Models::new(&root.unwrap()).unwrap()),
        settings: Arc::new(Settings::default()),
        threads,
        runtime: runtime.handle().clone(),
        events: Events::silent(),
        cancel: Cancel::new(),
    };
    let kokoro = Kokoro::new(&context);
    for (model, file) in [(MODEL, "model.onnx"), (VOICES, "af_heart.bin")] {
        if let Err(error) = context.models.file(model, file) {
            println!("SKIPPED: {error}");
            return;
        }
    }
    if let Err(error) = kokoro.espeak.version() {
        println!("SKIPPED: {error}");
        return;
    }
    test(&kokoro);
}

fn speech(voice: &str, language: &str, text: &str, speed: f64) -> Speech {
    Speech { text: text.into(), language: language.parse().unwrap(), voice: voice.into(), speed }
}

#[test]
fn it_speaks_in_time_and_faster_when_asked() {
    with_models(1, |kokoro| {
        let line = "I waited for you for three years, and you never came.";
        let natural = kokoro.speak(&speech("af_heart", "en", line, 1.0)).unwrap();
        let fast = kokoro.speak(&speech("af_heart", "en", line, 1.2)).unwrap();
        let seconds = natural.duration().seconds();
        assert!((2.0..5.0).contains(&seconds), "{seconds}");
        let ratio = fast.duration().ratio(natural.duration());
        assert!((0.78..0.92).contains(&ratio), "{ratio}");
        // Sound within 60 ms of both ends.
        let edge = (0.06 * f64::from(RATE)) as usize;
        assert!(natural.slice(0, edge).peak() > 0.003, "late start");
        assert!(natural.slice(natural.frames() - edge, natural.frames()).peak() > 0.0005, "long tail");
    });
}

#[test]
fn the_same_words_give_the_same_sound() {
    with_models(2, |kokoro| {
        let ask = speech("pm_alex", "pt-BR", "Não acredito.", 1.0);
        let takes: Vec<Audio> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| kokoro.speak(&ask).unwrap())).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        assert!(takes.iter().all(|take| take.frames() == takes[0].frames()));
        assert!(kokoro.sessions.state.lock().unwrap().made <= 2);
    });
}

#[test]
fn every_spoken_language_uses_only_symbols_that_the_model_knows() {
    with_models(1, |kokoro| {
        for (voice, language, text) in [
            ("af_heart", "en", "The judge measured the treasure; Vandersloot chuckled, “Oh, Zhang Wei's thing!”"),
            ("bf_emma", "en-GB", "The judge measured the treasure; rather, the boys' own fjord."),
            ("ef_dora", "es", "¿Qué haces aquí? El perro corrió mucho, señor; llueve y hay guerra."),
            ("ff_siwis", "fr", "Un bon vin blanc, l'agneau et l'œuf; huit jours, là-bas."),
            ("hf_alpha", "hi", "तुम यहाँ क्या कर रहे हो? मुझे घर जाने दो, ठीक है।"),
            ("if_sara", "it", "Che cosa hai fatto? Gli gnocchi, lo zio, la pizza e l'acqua."),
            ("pf_dora", "pt-BR", "Não, coração! O filho trabalhou muito; que vergonha, minha irmã."),
        ] {
            let ask = speech(voice, language, text, 1.0);
            let tongue = kokoro.tongue(&ask).unwrap();
            let spoken = text::speakable(text, &ask.language).unwrap();
            let phonemes = kokoro.phonemizer.phonemes(tongue, ask.language.variant(), &spoken).unwrap();
            let unknown = kokoro.vocabulary().unwrap().unknown(&phonemes);
            assert_eq!(unknown, "", "{language}: {phonemes}");
        }
    });
}

#[test]
fn long_text_is_spoken_to_its_end() {
    with_models(1, |kokoro| {
        let sentence = "She said that she would never forgive him for what he had done to her family. ";
        let one = kokoro.speak(&speech("am_michael", "en", sentence, 1.3)).unwrap().duration().seconds();
        let many = kokoro.speak(&speech("am_michael", "en", &sentence.repeat(6), 1.3)).unwrap().duration().seconds();
        assert!((5.3..7.2).contains(&(many / one)), "{many} / {one}");
    });
}

#[test]
fn what_cannot_be_spoken_is_one_clear_error() {
    with_models(1, |kokoro| {
        for (voice, language, text, speed, part) in [
            ("nobody", "en", "Hello.", 1.0, "no voice \"nobody\""),
            ("af_heart", "pt-BR", "Olá.", 1.0, "speaks en-US, not pt-BR"),
            ("zf_xiaoxiao", "zh", "你好。", 1.0, "phonemes from outside"),
            ("af_heart", "en", "…", 1.0, "nothing to speak"),
            ("af_heart", "en", "顾总 left.", 1.0, "顾总"),
            ("af_heart", "en", "Hello.", 9.0, "speed 9"),
        ] {
            let error = kokoro.speak(&speech(voice, language, text, speed)).unwrap_err();
            assert!(error.to_string().contains(part) && error.remedy().is_some(), "{error}");
        }
    });
}

/// Speaks the lines of `$DUBLINE_TEST_SPEAK` (voice, language and text, tab-separated) to WAV files
/// beside it and tells how fast that was: for listening and for transcribing back.
#[test]
fn lines_from_a_file() {
    let Some(path) = std::env::var_os("DUBLINE_TEST_SPEAK").map(PathBuf::from) else { return };
    let threads = std::env::var("DUBLINE_TEST_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    with_models(threads, |kokoro| {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        kokoro.speak(&speech("af_heart", "en", "Warming up.", 1.0)).unwrap();
        let start = Instant::now();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let seconds: f64 = std::thread::scope(|scope| {
            let work = || {
                let mut seconds = 0.0;
                while let Some(line) = lines.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    let take = kokoro.speak(&speech(line[0], line[1], line[2], 1.0)).unwrap();
                    seconds += take.duration().seconds();
                    let number = lines.iter().position(|other| other == line).unwrap();
                    let spec = hound::WavSpec {
                        channels: 1,
                        sample_rate: RATE,
                        bits_per_sample: 16,
                        sample_format: hound::SampleFormat::Int,
                    };
                    let mut wav = hound::WavWriter::create(path.with_extension(format!("{number}.wav")), spec).unwrap();
                    take.samples.iter().for_each(|s| wav.write_sample((s.clamp(-1.0, 1.0) * 32767.0) as i16).unwrap());
                    wav.finalize().unwrap();
                }
                seconds
            };
            let calls: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            calls.into_iter().map(|call| call.join().unwrap()).sum()
        });
        let took = start.elapsed().as_secs_f64();
        println!("{} lines, {seconds:.1} s of speech in {took:.1} s: {:.2} of real time", lines.len(), took / seconds);
    });
}
