//! Bad input: one clear error that names the file and the remedy, a documented code, nothing lost.

use crate::common::{Said, Space};
use std::path::Path;

const TO: &[&str] = &["--from", "en", "--to", "pt-BR"];

fn fails(space: &Space, source: &Path, code: i32) -> Said {
    let said = space.fake(source, TO).code(code);
    let name = source.file_name().unwrap().to_str().unwrap();
    assert!(said.error().contains(name), "the error names the file:\n{}", said.err);
    assert!(!said.hint().is_empty());
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

#[test]
fn no_such_file() {
    let space = Space::new();
    fails(&space, &space.path("nothing.mp4"), 3);
}

#[test]
fn not_media() {
    let space = Space::new();
    fails(&space, &space.write("letter.mp4", "Dear Sir or Madam,\n"), 3);
}

#[test]
fn zero_length() {
    let space = Space::new();
    fails(&space, &space.write("empty.mp4", ""), 3);
}

#[test]
fn a_folder() {
    let space = Space::new();
    std::fs::create_dir(space.path("folder.mp4")).unwrap();
    fails(&space, &space.path("folder.mp4"), 3);
}

#[test]
fn no_audio_track() {
    let space = Space::new();
    let film = space.film("mute.mp4", &["-an"]);
    let said = fails(&space, &film, 3);
    assert!(said.error().contains("audio"), "{}", said.err);
}

#[test]
fn only_silence() {
    let space = Space::new();
    let film = space.film("silent.mp4", &["-af", "volume=0"]);
    let said = fails(&space, &film, 3);
    assert!(said.error().contains("silent"), "{}", said.err);
}

#[test]
fn a_truncated_mp4() {
    let space = Space::new();
    let film = space.film("whole.mp4", &[]);
    let bytes = std::fs::read(film).unwrap();
    let cut = space.path("cut.mp4");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let said = fails(&space, &cut, 3);
    assert!(said.error().contains("truncated") || said.hint().contains("again"), "{}", said.err);
}

#[test]
fn audio_shorter_than_the_picture_is_no_error() {
    let space = Space::new();
    let film = space.film("short sound.mp4", &["-af", "atrim=0:4"]);
    space.fake(&film, TO).code(0);
    let report = space.json("pt-BR/short sound.report.json");
    assert!((report["deliverable"]["duration"].as_f64().unwrap() - 6.0).abs() < 0.041, "{}", report["deliverable"]);
}

#[test]
fn an_unknown_language() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(&film, &["--from", "en", "--to", "klingon"]).code(2);
    assert!(said.error().contains("klingon"), "{}", said.err);
}

#[test]
fn no_language_at_all() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(&film, &["--from", "en"]).code(2);
    assert!(said.hint().contains("--to"), "{}", said.err);
}

#[test]
fn a_missing_model_is_named_with_the_command_that_gets_it() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let models = space.path("no models");
    let said = space
        .run(&["run", film.to_str().unwrap(), "--to", "en", "--from", "zh", "--models", models.to_str().unwrap()])
        .code(4);
    assert!(said.error().contains("not installed"), "{}", said.err);
    assert!(said.hint().contains("dubline models pull"), "{}", said.err);
}

#[test]
fn a_model_file_with_the_wrong_hash() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.write("models/whisper-base-q8_0/model.bin", "not a model");
    space.write("models/silero-vad-v6/model.onnx", "not a model");
    space.write("models/onnxruntime-1.32/libonnxruntime.so", "not a library");
    let models = space.path("models");
    let said = space
        .run(&["run", film.to_str().unwrap(), "--to", "en", "--from", "zh", "--models", models.to_str().unwrap()])
        .code(4);
    assert!(said.hint().contains("dubline models pull"), "{}", said.err);
    assert!(said.hint().contains("--force"), "{}", said.err);
}

#[test]
fn an_output_folder_that_cannot_be_made() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let blocked = space.write("blocked", "a file where a folder should be");
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR", "--out", blocked.to_str().unwrap()]).code(6);
    assert!(said.error().contains("blocked"), "{}", said.err);
    // That is told before any work is done for it.
    assert!(!said.err.contains("decode"), "{}", said.err);
    space.fake(&film, TO).code(0);
}

#[test]
fn a_full_disk_loses_nothing() {
    let full = Path::new("/dev/shm");
    if !full.is_dir() || !nix_root() {
        eprintln!("skipped: a small file system can only be mounted by root");
        return;
    }
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let small = space.path("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&small)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        eprintln!("skipped: no tmpfs can be mounted here");
        return;
    }
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR", "--out", small.to_str().unwrap()]);
    let left: Vec<_> = walk(&small).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mp4")).collect();
    std::process::Command::new("umount").arg(&small).status().unwrap();
    let said = said.code(6);
    assert!(said.error().contains("space"), "{}", said.err);
    assert!(left.is_empty(), "half a deliverable was left: {left:?}");
    let said = space.fake(&film, TO).code(0);
    assert!(said.err.contains("mix: 1 reused"), "{}", said.err);
}

fn nix_root() -> bool {
    std::process::Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn names_of_every_kind() {
    let space = Space::new();
    let film = space.film("plain.mp4", &[]);
    for name in
        ["two  spaces.mp4", "it's \"quoted\".mp4", "第一集 顾总.mp4", "emoji 💔🔥.mp4", "-dash.mp4", "50%: done?.mp4"]
    {
        let path = space.path(name);
        std::fs::copy(&film, &path).unwrap();
        space.fake(&path, TO).code(0);
        let stem = name.trim_end_matches(".mp4");
        assert!(space.out(&format!("pt-BR/{stem}.mp4")).is_file(), "{name}");
    }
}

#[test]
fn a_transcript_that_is_none() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let bad = space.write("bad.srt", "1\n00:00:01,000 --> 00:00:0x,000\nHello.\n");
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR", "--transcript", bad.to_str().unwrap()]).code(8);
    assert!(said.error().contains("bad.srt:2"), "{}", said.err);
}

#[test]
fn the_source_is_never_written() {
    let space = Space::new();
    std::fs::create_dir_all(space.path("pt-BR")).unwrap();
    let film = space.film("pt-BR/film.mp4", &[]);
    let before = std::fs::read(&film).unwrap();
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR", "--out", "."]).code(2);
    assert!(said.error().contains("replace the source"), "{}", said.err);
    assert_eq!(std::fs::read(&film).unwrap(), before);
}

#[test]
fn one_bad_episode_does_not_stop_the_others() {
    let space = Space::new();
    let good = space.film("good.mp4", &[]);
    let bad = space.write("bad.mp4", "no film");
    let arguments =
        ["run", bad.to_str().unwrap(), good.to_str().unwrap(), "--engine", "fake", "--from", "en", "--to", "pt-BR"];
    let said = space.run(&arguments).code(11);
    assert!(said.error().contains("bad.mp4"), "{}", said.err);
    assert!(space.out("pt-BR/good.mp4").is_file());
}
