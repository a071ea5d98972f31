//! The real models on the generated episodes: what a viewer would hear and read.
//!
//! One run of the main job for each episode, shared by the tests that look at it. Tests say so and skip where the
//! models are not installed; `scripts/setup` installs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that panics has failed, one that skips says so"
)]

#[path = "../common/mod.rs"]
mod common;

use common::{Said, Space, episode, ffprobe, fixtures, loudness, seconds, streams};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

fn installed(ids: &[&str]) -> bool {
    let said = Space::new().run(&["models", "list", "--json"]).code(0);
    let models: Value = serde_json::from_str(&said.out).unwrap();
    let missing: Vec<&&str> = ids
        .iter()
        .filter(|id| !models.as_array().unwrap().iter().any(|m| m["id"] == **id && m["status"] == "installed"))
        .collect();
    if !missing.is_empty() {
        eprintln!("skipped: not installed: {missing:?} (scripts/setup installs them)");
    }
    missing.is_empty()
}

const CORE: &[&str] =
    &["onnxruntime-1.32", "silero-vad-v6", "whisper-base-q8_0", "bergamot-en-pt", "kokoro-82m-int8", "kokoro-voices"];

/// One run at a time: each takes every core, and two at once would take many times as long.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn dub(space: &Space, source: &Path, flags: &[&str]) -> Said {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut arguments = vec!["run", source.to_str().unwrap()];
    arguments.extend(flags);
    space.run(&arguments)
}

/// The English episode in Brazilian Portuguese, dubbed once; none where the models are missing.
fn english() -> Option<&'static Space> {
    static DUBBED: OnceLock<Option<Space>> = OnceLock::new();
    DUBBED
        .get_or_init(|| {
            installed(CORE).then(|| {
                let space = Space::new();
                let glossary = fixtures().join("glossary");
                let flags = ["--from", "en", "--to", "pt-BR", "--glossary", glossary.to_str().unwrap()];
                dub(&space, &fixtures().join("en_drama.mp4"), &flags).code(0);
                space
            })
        })
        .as_ref()
}

/// Letters and digits of a text, in lower case.
fn bare(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn words(text: &str) -> Vec<String> {
    let clean: String = text.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    clean.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Edits that turn one sequence into the other.
fn distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != y);
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}

fn joined(items: &Value, field: &str) -> String {
    items.as_array().unwrap().iter().filter_map(|item| item[field].as_str()).collect::<Vec<_>>().join(" ")
}

/// How far each true cue start is from the nearest heard one, in milliseconds, sorted.
fn start_errors(truth: &Value, heard: &Value) -> Vec<i64> {
    let starts: Vec<i64> = heard["cues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["span"]["start"].as_f64().unwrap() * 1000.0) as i64)
        .collect();
    let nearest = |cue: &Value| {
        let at = cue["start_ms"].as_i64().unwrap();
        starts.iter().map(|s| (s - at).abs()).min().unwrap()
    };
    let mut errors: Vec<i64> = truth["cues"].as_array().unwrap().iter().map(nearest).collect();
    errors.sort_unstable();
    errors
}

#[test]
fn english_speech_is_heard_where_it_is() {
    let Some(space) = english() else { return };
    let facts = episode("en_drama");
    let heard = space.json("en/en_drama.transcript.json");
    let (truth, text) = (words(&joined(&facts["cues"], "text")), words(&joined(&heard["cues"], "text")));
    let error = distance(&truth, &text) as f64 / truth.len() as f64;
    assert!(error < 0.25, "word error rate {error:.2}: {text:?}");
    let errors = start_errors(&facts, &heard);
    assert!(errors[errors.len() / 2] < 300, "half of the cues start within 300 ms: {errors:?}");
}

#[test]
fn mandarin_speech_is_heard_where_it_is_and_the_pause_stays_empty() {
    if !installed(CORE) {
        return;
    }
    let space = Space::new();
    let facts = episode("zh_drama");
    let glossary = fixtures().join("glossary");
    let flags = ["--from", "zh", "--to", "en", "--until", "transcribe", "--glossary", glossary.to_str().unwrap()];
    dub(&space, &fixtures().join("zh_drama.mp4"), &flags).code(0);
    let heard = space.json("zh/zh_drama.transcript.json");
    let (truth, text) = (bare(&joined(&facts["cues"], "text")), bare(&joined(&heard["cues"], "text")));
    let error = distance(&truth, &text) as f64 / truth.len() as f64;
    assert!(error < 0.35, "character error rate {error:.2}: {}", text.iter().collect::<String>());
    let errors = start_errors(&facts, &heard);
    assert!(errors[errors.len() / 2] < 300, "half of the cues start within 300 ms: {errors:?}");
    for pause in facts["pauses"].as_array().unwrap() {
        let (from, to) = (pause["start_ms"].as_f64().unwrap() / 1000.0, pause["end_ms"].as_f64().unwrap() / 1000.0);
        for cue in heard["cues"].as_array().unwrap() {
            let (start, end) = (cue["span"]["start"].as_f64().unwrap(), cue["span"]["end"].as_f64().unwrap());
            assert!(end.min(to) - start.max(from) < 0.6, "text over the pause: {cue}");
        }
    }
    // Nobody sings, and the music goes on through the long pause.
    let passages = heard["passages"].as_array().unwrap();
    assert!(passages.iter().all(|passage| passage["kind"] == "music"), "{passages:?}");
    let is_long = |pause: &&Value| pause["end_ms"].as_i64().unwrap() - pause["start_ms"].as_i64().unwrap() >= 4000;
    for pause in facts["pauses"].as_array().unwrap().iter().filter(is_long) {
        let middle = (pause["start_ms"].as_f64().unwrap() + pause["end_ms"].as_f64().unwrap()) / 2000.0;
        let around = |passage: &Value| {
            let span = &passage["span"];
            span["start"].as_f64().unwrap() < middle && middle < span["end"].as_f64().unwrap()
        };
        assert!(passages.iter().any(around), "{pause}: {passages:?}");
    }
}

#[test]
fn the_portuguese_script_is_a_translation() {
    let Some(space) = english() else { return };
    let script = space.json("pt-BR/en_drama.script.json");
    for line in script["lines"].as_array().unwrap() {
        assert_eq!(line["state"], "written", "{line}");
        let (source, text) = (line["source"].as_str().unwrap(), line["text"].as_str().unwrap());
        assert!(source.split_whitespace().count() < 4 || source != text, "{line}");
    }
    // Small words that Portuguese cannot do without and English does not have.
    let text = words(&joined(&script["lines"], "text"));
    let portuguese = text
        .iter()
        .filter(|w| ["que", "não", "o", "a", "de", "um", "uma", "você", "eu", "meu", "minha"].contains(&w.as_str()));
    assert!(portuguese.count() > text.len() / 10, "{text:?}");
    assert!(
        joined(&script["lines"], "text").to_lowercase().contains("senhorita vale"),
        "the glossary is honoured: {text:?}"
    );
}

#[test]
fn the_deliverable_measures_right() {
    let Some(space) = english() else { return };
    let path = space.out("pt-BR/en_drama.mp4");
    let (probe, source) = (ffprobe(&path), ffprobe(&fixtures().join("en_drama.mp4")));
    assert!((seconds(&probe) - seconds(&source)).abs() <= 0.04);
    assert_eq!(streams(&probe, "audio").len(), 2);
    assert_eq!(streams(&probe, "audio")[0]["tags"]["language"], "por");
    let (lufs, peak) = loudness(&path, 0);
    assert!((lufs + 14.0).abs() <= 1.0, "{lufs} LUFS");
    assert!(peak <= -1.0, "{peak} dBTP");
    let report = space.json("pt-BR/en_drama.report.json");
    assert_eq!(report["complete"], true);
    for line in report["lines"].as_array().unwrap() {
        assert!(line["take"]["stretch"].as_f64().unwrap() <= 1.2, "{line}");
        let offset = line["take"]["span"]["start"].as_f64().unwrap() - line["cue"]["start"].as_f64().unwrap();
        assert!(offset.abs() <= 0.251, "{line}");
    }
}

#[test]
fn the_dub_is_heard_back_as_it_was_written() {
    let Some(space) = english() else { return };
    let sound: PathBuf = space.path("dub.wav");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(space.out("pt-BR/en_drama.mp4"))
        .args(["-map", "0:a:0"])
        .arg(&sound)
        .status()
        .unwrap();
    assert!(made.success());
    hear_back(space, &sound, "pt");
}

/// Hears a dub and compares it with the script that it speaks.
fn hear_back(space: &Space, path: &Path, language: &str) {
    dub(space, path, &["--from", language, "--until", "transcribe", "--out", "back"]).code(0);
    let bytes = std::fs::read(space.path(&format!("back/{language}/dub.transcript.json"))).unwrap();
    let heard: Value = serde_json::from_slice(&bytes).unwrap();
    let report = space.json("pt-BR/en_drama.report.json");
    let (spoken, text) = (bare(&joined(&report["lines"], "text")), bare(&joined(&heard["cues"], "text")));
    let error = distance(&spoken, &text) as f64 / spoken.len() as f64;
    assert!(error < 0.35, "character error rate {error:.2}: {}", text.iter().collect::<String>());
}

#[test]
fn a_real_rerun_computes_nothing() {
    let Some(space) = english() else { return };
    let glossary = fixtures().join("glossary");
    let flags = ["--from", "en", "--to", "pt-BR", "--glossary", glossary.to_str().unwrap()];
    let said = dub(space, &fixtures().join("en_drama.mp4"), &flags).code(0);
    assert!(!said.err.contains(" made in "), "{}", said.err);
}

#[test]
fn mandarin_is_translated_line_for_line_by_the_language_model() {
    let models = ["qwen2.5-coder-0.5b-q4", "onnxruntime-1.32", "silero-vad-v6"];
    if !installed(&models) {
        return;
    }
    // The small model: its English is poor, but the machinery is the same.
    let space = Space::new();
    let transcript = fixtures().join("zh_drama.zh.vtt");
    let flags = [
        "--from",
        "zh",
        "--to",
        "en",
        "--until",
        "translate",
        "--transcript",
        transcript.to_str().unwrap(),
        "--set",
        "llm.model=qwen2.5-coder-0.5b-q4",
    ];
    dub(&space, &fixtures().join("zh_drama.mp4"), &flags).code(0);
    let script = space.json("en/zh_drama.script.json");
    let facts = episode("zh_drama");
    assert_eq!(
        script["lines"].as_array().unwrap().len(),
        facts["cues"].as_array().unwrap().len(),
        "n lines in, n lines out"
    );
    for line in script["lines"].as_array().unwrap() {
        let text = line["text"].as_str().unwrap_or_default();
        assert!(
            line["state"] == "failed"
                || text.is_ascii()
                || !text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{line}"
        );
    }
    let written = script["lines"].as_array().unwrap().iter().filter(|line| line["state"] == "written").count();
    assert!(written >= 15, "{written} lines were written");
    assert!(script["lines"][0]["speaker"].is_string(), "speakers come from the transcript");
}

#[test]
fn recordings_of_people_are_heard() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media");
    if !media.is_dir() {
        eprintln!("skipped: no recordings in {}", media.display());
        return;
    }
    if !installed(CORE) {
        return;
    }
    let space = Space::new();
    let hear = |file: &str, language: &str| {
        let source = media.join(file);
        dub(&space, &source, &["--until", "transcribe", "--from", language]).code(0);
        let stem = file.split('.').next().unwrap();
        bare(&joined(&space.json(&format!("{language}/{stem}.transcript.json"))["cues"], "text"))
    };
    let jfk = bare(
        "And so my fellow Americans ask not what your country can do for you ask what you can do for your country",
    );
    let heard = hear("aud_en_jfk_11s.flac", "en");
    assert!(distance(&jfk, &heard) * 20 < jfk.len(), "{}", heard.iter().collect::<String>());
    let truth = bare("广州市房地产中介协会分析");
    let heard = hear("aud_zh_aishell1_0724_4s.wav", "zh");
    assert!(distance(&truth, &heard) * 4 <= truth.len(), "{}", heard.iter().collect::<String>());
}
