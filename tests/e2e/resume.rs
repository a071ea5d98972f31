//! The store: nothing is made twice, one changed line redoes one line, an interruption loses nothing.

use crate::common::{Said, Space, ffprobe, walk};
use serde_json::Value;
use std::time::{Duration, SystemTime};

const TO: &[&str] = &["--from", "en", "--to", "pt-BR"];

/// What a stage said in the log.
fn stage<'a>(said: &'a Said, stage: &str) -> &'a str {
    let mark = format!(" {stage}: ");
    let found = said.err.lines().find_map(|line| line.split_once(&mark).map(|(_, rest)| rest));
    found.unwrap_or_else(|| panic!("no stage {stage}:\n{}", said.err))
}

#[test]
fn a_rerun_computes_nothing_and_leaves_the_same_bytes() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, TO).code(0);
    let names = ["film.mp4", "film.srt", "film.script.json", "film.report.json"];
    let files = names.map(|name| space.out(&format!("pt-BR/{name}")));
    let look = |path: &std::path::PathBuf| (std::fs::read(path).unwrap(), path.metadata().unwrap().modified().unwrap());
    let before = files.each_ref().map(look);
    let said = space.fake(&film, TO).code(0);
    assert!(!said.err.contains(" made in "), "{}", said.err);
    assert_eq!(stage(&said, "synthesize"), "3 reused");
    assert!(files.each_ref().map(look) == before, "nothing is written that was right");
}

#[test]
fn sound_that_was_damaged_in_the_store_is_made_again_when_it_is_needed() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, TO).code(0);
    let first = std::fs::read(space.out("pt-BR/film.mp4")).unwrap();
    let mut spoilt = 0;
    for bucket in std::fs::read_dir(space.path("store")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = bucket.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("sound-") || name.starts_with("mixdown-") {
            let shards = std::fs::read_dir(bucket).unwrap().map(|entry| entry.unwrap().path());
            for file in shards.flat_map(|shard| std::fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path())) {
                if file.extension().is_some_and(|extension| extension == "wav") {
                    std::fs::write(file, b"RIFF").unwrap();
                    spoilt += 1;
                }
            }
        }
    }
    assert_eq!(spoilt, 2);
    std::fs::remove_file(space.out("pt-BR/film.mp4")).unwrap();
    space.fake(&film, TO).code(0);
    assert!(std::fs::read(space.out("pt-BR/film.mp4")).unwrap() == first, "the same film, byte for byte");
}

#[test]
fn what_a_killed_run_left_is_cleared_away_and_nothing_else() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let plant = |name: &str, age: u64| -> std::fs::File {
        let path = space.write(name, "half");
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        file
    };
    // In the folders of the outputs and of the transcript; without an ending, as older ones are.
    let left = ["out/pt-BR/.dubline-aB3xY9.part", "out/pt-BR/.dubline-q0w1e2", "out/en/.dubline-Zz9900.part"];
    let kept = ["out/pt-BR/.dubline-notes.part", "out/pt-BR/film.mp4.part", "out/es/.dubline-aB3xY9.part"];
    for name in left.iter().chain(&kept) {
        plant(name, 600);
    }
    plant("out/pt-BR/.dubline-young1.part", 0);
    // A process that lives has this one in hand.
    let held = plant("out/pt-BR/.dubline-held01.part", 600);
    held.lock().unwrap();
    let there = |name: &&str| space.path(name).exists();
    space.run(&["plan", film.to_str().unwrap(), "--engine", "fake", "--from", "en", "--to", "pt-BR"]).code(0);
    assert!(left.iter().all(there), "a plan changes nothing");
    space.fake(&film, TO).code(0);
    assert_eq!(left.iter().filter(|name| there(name)).collect::<Vec<_>>(), [&""; 0]);
    for name in kept.iter().chain(&["out/pt-BR/.dubline-young1.part", "out/pt-BR/.dubline-held01.part"]) {
        assert!(there(name), "{name}");
    }
    drop(held);

    let results = || space.run(&["cache", "usage"]).code(0).out;
    let before = results();
    let stored = walk(&space.path("store"));
    let shard = stored[0].strip_prefix(space.path("").to_str().unwrap()).unwrap().rsplit_once('/').unwrap().0;
    let stale = format!("{shard}/.dubline-aB3xY9.part");
    plant(&stale, 600);
    let said = space.run(&["cache", "prune", "--older-than", "1000"]).code(0);
    assert!(said.out.starts_with("4 B freed in"), "{}", said.out);
    assert!(!space.path(&stale).exists());
    assert_eq!(results(), before);
}

#[test]
fn a_deliverable_made_anew_has_the_same_bytes() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, TO).code(0);
    let first = std::fs::read(space.out("pt-BR/film.mp4")).unwrap();
    space.fake(&film, &[TO, &["--no-store", "--out", "again"]].concat());
    space.fake(&film, &[TO, &["--out", "again", "--store", "another store"]].concat()).code(0);
    assert!(std::fs::read(space.path("again/pt-BR/film.mp4")).unwrap() == first, "the same film, byte for byte");
}

#[test]
fn one_changed_line_redoes_one_take() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, TO).code(0);
    let mut script: Value = space.json("pt-BR/film.script.json");
    script["lines"][1]["text"] = "Uma frase bem diferente.".into();
    let edited = space.write("edited.json", &script.to_string());
    let flag = format!("pt-BR={}", edited.display());
    let said = space.fake(&film, &[TO, &["--script", &flag]].concat()).code(0);
    assert!(stage(&said, "synthesize").starts_with("1 made in"), "{}", said.err);
    assert!(stage(&said, "synthesize").ends_with("2 reused"), "{}", said.err);
    assert_eq!(stage(&said, "decode"), "1 reused");
    assert!(stage(&said, "mix").starts_with("1 made"), "{}", said.err);
    let report = space.json("pt-BR/film.report.json");
    assert_eq!(report["lines"][1]["text"], "Uma frase bem diferente.");
    assert!(std::fs::read_to_string(space.out("pt-BR/film.srt")).unwrap().contains("Uma frase bem diferente."));
}

#[test]
fn a_glossary_entry_redoes_the_lines_that_it_touches() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let transcript = space.write(
        "t.srt",
        "1\n00:00:00,300 --> 00:00:01,500\nThe boss is here.\n\n2\n00:00:02,300 --> 00:00:03,500\nRun.\n\n3\n00:00:04,300 --> 00:00:05,500\nThe boss saw us.\n",
    );
    let glossary = |target: &str| {
        space.write("glossary/en-pt.toml", &format!("[[entry]]\nsource = \"boss\"\ntarget = \"{target}\"\n"))
    };
    let flags = [TO, &["--transcript", transcript.to_str().unwrap(), "--glossary", "glossary/en-pt.toml"]].concat();
    glossary("chefe");
    space.fake(&film, &flags).code(0);
    glossary("patrão");
    let said = space.fake(&film, &flags).code(0);
    assert!(stage(&said, "translate").starts_with("2 made"), "{}", said.err);
    assert!(stage(&said, "translate").ends_with("1 reused"), "{}", said.err);
    assert!(stage(&said, "synthesize").starts_with("2 made"), "{}", said.err);
    let report = space.json("pt-BR/film.report.json");
    assert!(report["lines"][2]["text"].as_str().unwrap().contains("patrão"), "{}", report["lines"]);
}

#[test]
fn without_a_store_nothing_is_kept() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let mut command = space.command(&[
        "run",
        film.to_str().unwrap(),
        "--engine",
        "fake",
        "--from",
        "en",
        "--to",
        "pt-BR",
        "--no-store",
    ]);
    command.env_remove("DUBLINE_STORE").env("HOME", space.path("home")).env_remove("XDG_CACHE_HOME");
    let status = command.status().unwrap();
    assert!(status.success());
    assert!(!space.path("home/.cache/dubline/store").exists());
    assert!(space.out("pt-BR/film.mp4").is_file());
}

#[test]
fn a_stage_can_be_the_last() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--until", "transcribe"]).code(0);
    assert!(space.out("en/film.srt").is_file());
    assert!(!space.out("pt-BR").exists());
    space.fake(&film, &[TO, &["--until", "translate"]].concat()).code(0);
    assert!(space.out("pt-BR/film.script.json").is_file());
    assert!(!space.out("pt-BR/film.mp4").exists());
}

#[test]
fn two_runs_on_one_store_do_not_spoil_each_other() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let run = |out: &'static str| {
        space
            .command(&[
                "run",
                film.to_str().unwrap(),
                "--engine",
                "fake",
                "--from",
                "en",
                "--to",
                "pt-BR",
                "--out",
                out,
            ])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut running = [run("a"), run("b"), run("a")];
    let codes: Vec<i32> = running.iter_mut().map(|child| child.wait().unwrap().code().unwrap()).collect();
    // Two of them want to write the same files: the later one says that it is busy, or comes when the first is done.
    assert!(codes[1] == 0 && codes.iter().all(|code| [0, 12].contains(code)), "{codes:?}");
    assert!(codes[0] == 0 || codes[2] == 0, "{codes:?}");
    let (a, b) = (
        std::fs::read(space.path("a/pt-BR/film.mp4")).unwrap(),
        std::fs::read(space.path("b/pt-BR/film.mp4")).unwrap(),
    );
    assert!(a == b, "the same film, byte for byte");
    ffprobe(&space.path("a/pt-BR/film.mp4"));
}

#[cfg(unix)]
#[test]
fn an_interruption_keeps_what_is_finished_and_the_next_run_resumes() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    // A voice that takes its time, so that the interruption falls between takes.
    let slow = space.write("slow.sh", "#!/bin/sh\nsleep 1\nffmpeg -v error -f lavfi -i sine=f=200:d=1 -f wav -\n");
    let program = format!("command.run=[\"sh\", \"{}\"]", slow.display());
    let arguments = [
        "run",
        film.to_str().unwrap(),
        "--engine",
        "fake",
        "--synthesizer",
        "command",
        "--set",
        &program,
        "--from",
        "en",
        "--to",
        "pt-BR",
        "--threads",
        "1",
        "--voice",
        "pt-BR=any",
        "--set",
        "command.voices={ pt-BR = [\"any\"] }",
    ];
    let mut child = space.command(&arguments).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let takes =
        || walk(&space.path("store")).into_iter().filter(|p| p.contains("take-v") && p.ends_with(".wav")).count();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while takes() == 0 && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let id = child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let kept = takes();
    assert!((1..3).contains(&kept), "{kept} takes were kept");
    let said = space.run(&arguments).code(0);
    assert!(stage(&said, "synthesize").ends_with(&format!("{kept} reused")), "{}", said.err);
}
