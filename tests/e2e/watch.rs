//! A watched folder: complete files are taken, once each by content; failures are set aside; no ending loses anything.

use crate::common::{Running, Said, Space, until};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Looks so often that a test need not wait, and settles so slowly that a busy machine does not lie.
const FLAGS: &[&str] = &[
    "--engine",
    "fake",
    "--from",
    "en",
    "--to",
    "pt-BR",
    "--voice",
    "pt-BR=fake_m",
    "--set",
    "watch.settle-seconds=0.6",
    "--set",
    "watch.poll-seconds=0.05",
];

/// A watcher at work.
fn start(space: &Space, flags: &[&str]) -> Running {
    std::fs::create_dir_all(space.path("in")).unwrap();
    let mut command = space.command(&[&["watch", "in"], FLAGS, flags].concat());
    command.env("WEBHOOK_SECRET", SECRET);
    Running::start(command)
}

const SECRET: &str = "hush";

fn once(space: &Space, flags: &[&str]) -> Said {
    std::fs::create_dir_all(space.path("in")).unwrap();
    space.run(&[&["watch", "in", "--once"], FLAGS, flags].concat())
}

fn records(space: &Space, folder: &str) -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(space.out(".dubline").join(folder)).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| (path.clone(), serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()))
        .collect()
}

/// A film with another sound than that of `Space::film`.
fn another(space: &Space, name: &str) -> PathBuf {
    let voice = "aevalsrc=if(lt(mod(t\\,2)\\,1)\\,0.3*sin(2*PI*330*t)\\,0):s=48000:d=4";
    let picture = ["-f", "lavfi", "-i", "testsrc2=s=180x320:r=25:d=4", "-f", "lavfi", "-i", voice];
    space.ffmpeg(&[&picture[..], &["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", name]].concat());
    space.path(name)
}

#[test]
fn a_growing_file_is_taken_once_it_is_complete() {
    let space = Space::new();
    let film = std::fs::read(space.film("film.mp4", &[])).unwrap();
    let mut running = start(&space, &[]);
    running.wait_for("watching in");
    let mut upload = std::fs::File::create(space.path("in/film.mp4")).unwrap();
    for piece in film.chunks(film.len() / 15) {
        upload.write_all(piece).unwrap();
        upload.flush().unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let said = running.wait_for("film.mp4: is done");
    assert!(!said.contains("error:"), "{said}");
    assert_eq!(said.matches("film.mp4: is complete").count(), 1, "{said}");
    assert!(space.out("pt-BR/film.mp4").is_file() && space.json("pt-BR/film.report.json")["complete"] == true);
    assert_eq!(std::fs::read(space.path("in/film.mp4")).unwrap(), film, "the source is as it was");
    assert_eq!(running.end("-TERM"), Some(0));
}

#[test]
fn each_content_is_processed_once_and_a_replaced_file_anew() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    std::fs::create_dir_all(space.path("in")).unwrap();
    std::fs::copy(&film, space.path("in/film.mp4")).unwrap();
    std::fs::write(space.path("in/film.mp4.part"), "half").unwrap();
    std::fs::write(space.path("in/film.srt"), "no film").unwrap();
    assert!(once(&space, &[]).code(0).err.contains("film.mp4: is done"));
    // Another name, a later date.
    std::fs::copy(&film, space.path("in/copy.mp4")).unwrap();
    std::fs::write(space.path("in/film.mp4"), std::fs::read(&film).unwrap()).unwrap();
    let said = once(&space, &[]).code(0);
    assert!(said.err.contains("copy.mp4: is done: it has the same content as film.mp4"), "{}", said.err);
    assert!(said.err.contains("film.mp4: is done: its content is the same"), "{}", said.err);
    assert!(!said.err.contains("probe") && !space.out("pt-BR/copy.mp4").exists(), "{}", said.err);
    std::fs::remove_file(space.path("in/copy.mp4")).unwrap();
    // Replaced, and replaced by the first one again, whose outputs are gone by then.
    for content in [another(&space, "other.mp4"), film] {
        std::fs::copy(&content, space.path("in/film.mp4")).unwrap();
        let said = once(&space, &[]).code(0);
        assert!(said.err.contains("film.mp4: is complete") && said.err.contains("film.mp4: is done"), "{}", said.err);
        let digest = blake3::hash(&std::fs::read(&content).unwrap()).to_hex().to_string();
        assert_eq!(space.json("pt-BR/film.report.json")["source"]["digest"], digest.as_str());
        assert_eq!(records(&space, "files").len(), 1);
    }
    // Settings that change the result make it new; those that do not, do not.
    let said = once(&space, &["--threads", "1"]).code(0);
    assert!(!said.err.contains("is complete"), "{}", said.err);
    let said = once(&space, &["--audio-kbps", "128"]).code(0);
    assert!(said.err.contains("film.mp4: is complete"), "{}", said.err);
}

#[test]
fn a_broken_file_is_quarantined_and_the_next_one_taken() {
    let space = Space::new();
    std::fs::create_dir_all(space.path("in")).unwrap();
    std::fs::write(space.path("in/broken.mp4"), "this is no film").unwrap();
    let mut running = start(&space, &[]);
    running.wait_for("broken.mp4: is quarantined");
    std::fs::copy(space.film("film.mp4", &[]), space.path("in/film.mp4")).unwrap();
    running.wait_for("film.mp4: is done");
    let quarantined = records(&space, "quarantine");
    let [(path, record)] = quarantined.as_slice() else { panic!("{quarantined:?}") };
    assert!(path.file_name().unwrap().to_str().unwrap().starts_with("broken.mp4."), "{path:?}");
    assert_eq!((&record["exit_code"], &record["state"]), (&3.into(), &"failed".into()));
    assert!(record["error"].as_str().unwrap().contains("broken.mp4") && record["hint"].is_string(), "{record}");
    let log = std::fs::read_to_string(space.path("").join(record["log"].as_str().unwrap())).unwrap();
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()) && log.contains("failed"), "{log}");
    assert_eq!(std::fs::read(space.path("in/broken.mp4")).unwrap(), b"this is no film", "it stays where it is");
    assert_eq!(running.end("-TERM"), Some(0));
    // Not again by itself, again when it is asked for, and when it is replaced.
    assert!(!once(&space, &[]).code(0).err.contains("error:"));
    assert!(once(&space, &["--retry"]).code(3).error().contains("broken.mp4"));
    std::fs::copy(another(&space, "other.mp4"), space.path("in/broken.mp4")).unwrap();
    assert!(once(&space, &[]).code(0).err.contains("broken.mp4: is done"));
}

#[test]
fn a_deleted_record_is_a_wish_to_try_again_and_sources_move_where_it_is_set() {
    let space = Space::new();
    std::fs::create_dir_all(space.path("in")).unwrap();
    std::fs::write(space.path("in/broken.mp4"), "this is no film").unwrap();
    let mut running = start(&space, &[]);
    running.wait_for("broken.mp4: is quarantined");
    std::fs::remove_file(&records(&space, "quarantine")[0].0).unwrap();
    let twice = || running.said().lines().filter(|line| line.contains("is quarantined")).count() == 2;
    assert!(until(twice));
    assert_eq!(running.end("-INT"), Some(0));
    std::fs::copy(space.film("film.mp4", &[]), space.path("in/film.mp4")).unwrap();
    once(&space, &["--set", "watch.move-done=done", "--set", "watch.move-failed=failed"]).code(0);
    assert!(space.path("done/film.mp4").is_file() && space.path("failed/broken.mp4").is_file());
    assert_eq!(std::fs::read_dir(space.path("in")).unwrap().count(), 0);
}

#[test]
fn a_second_watcher_and_what_makes_no_sense_are_refused() {
    let space = Space::new();
    let mut running = start(&space, &[]);
    running.wait_for("watching in");
    assert!(once(&space, &[]).code(2).error().contains("another watcher"));
    assert_eq!(running.end("-TERM"), Some(0));
    let said = space.run(&["watch", "nowhere", "--once", "--to", "en", "--engine", "fake"]).code(3);
    assert!(said.error().contains("nowhere"), "{}", said.err);
    assert!(once(&space, &["--transcript", "t.srt"]).code(2).error().contains("one episode"));
    assert!(once(&space, &["--set", "watch.settle-seconds=-1"]).code(2).error().contains("settle-seconds"));
    let url = "webhook.url=http://localhost:9/";
    assert!(once(&space, &["--set", url]).code(2).error().contains("WEBHOOK_SECRET"));
}

/// A voice that takes its time, so that an ending falls between takes.
fn slow(space: &Space) -> Vec<String> {
    let slow = space.write("slow.sh", "#!/bin/sh\nsleep 1\nffmpeg -v error -f lavfi -i sine=f=200:d=1 -f wav -\n");
    let run = format!("command.run=[\"sh\", \"{}\"]", slow.display());
    let flags = ["--synthesizer", "command", "--voice", "pt-BR=any", "--threads", "1"];
    let set = ["--set", &run, "--set", "command.voices={ pt-BR = [\"any\"] }"];
    flags.iter().chain(&set).map(|flag| (*flag).to_owned()).collect()
}

fn takes(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .map(|path| match path.is_dir() {
            true => takes(&path),
            false => {
                usize::from(path.extension().is_some_and(|e| e == "wav") && path.to_string_lossy().contains("take-v"))
            }
        })
        .sum()
}

#[cfg(unix)]
#[test]
fn whatever_ends_it_the_next_start_goes_on_from_there() {
    for (signal, code) in [("-TERM", Some(0)), ("-KILL", None)] {
        let space = Space::new();
        std::fs::create_dir_all(space.path("in")).unwrap();
        std::fs::copy(space.film("film.mp4", &[]), space.path("in/film.mp4")).unwrap();
        let flags = slow(&space);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let mut running = start(&space, &flags);
        assert!(until(|| takes(&space.path("store")) > 0));
        assert_eq!(running.end(signal), code);
        let kept = takes(&space.path("store"));
        assert!(kept < 3 && !space.out("pt-BR/film.mp4").exists(), "{kept} takes");
        let said = once(&space, &flags).code(0);
        assert!(said.err.contains("film.mp4: is done"), "{}", said.err);
        let spoken = said.err.lines().find(|line| line.contains(" synthesize: ")).unwrap();
        assert!(spoken.ends_with(&format!("{kept} reused")), "{spoken}");
        let said = once(&space, &flags).code(0);
        assert!(!said.err.contains("is complete") && !said.err.contains("synthesize"), "{}", said.err);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_brings_it_down_each_time_is_set_aside() {
    let space = Space::new();
    std::fs::create_dir_all(space.path("in")).unwrap();
    std::fs::copy(space.film("film.mp4", &[]), space.path("in/film.mp4")).unwrap();
    let flags = slow(&space);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let mut running = start(&space, &flags);
    assert!(until(|| takes(&space.path("store")) > 0));
    assert_eq!(running.end("-KILL"), None);
    let (path, mut record) = records(&space, "files").remove(0);
    assert_eq!((&record["state"], &record["tries"]), (&"begun".into(), &1.into()));
    record["tries"] = 3.into();
    std::fs::write(path, record.to_string()).unwrap();
    assert!(once(&space, &flags).code(1).error().contains("in the middle of this file"));
    assert_eq!((records(&space, "files").len(), records(&space, "quarantine").len()), (0, 1));
    assert!(once(&space, &[&flags[..], &["--retry"]].concat()).code(0).err.contains("film.mp4: is done"));
}

/// HMAC-SHA256 by RFC 2104's own words, for a key that fits into one block.
fn hmac(key: &[u8], message: &[u8]) -> String {
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|index| key.get(index).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    let outer = Sha256::digest([pad(0x5c), inner.to_vec()].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_told_once_and_signed() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let url = format!("webhook.url={}/hook", server.uri());
    let space = tokio::task::spawn_blocking(move || {
        let space = Space::new();
        std::fs::create_dir_all(space.path("in")).unwrap();
        std::fs::copy(space.film("film.mp4", &[]), space.path("in/film.mp4")).unwrap();
        std::fs::write(space.path("in/broken.mp4"), "this is no film").unwrap();
        let mut running = start(&space, &["--set", &url]);
        running.wait_for("film.mp4: is done");
        let waiting = space.out(".dubline/webhook");
        assert!(until(|| std::fs::read_dir(&waiting).is_ok_and(|mut left| left.next().is_none())));
        assert_eq!(running.end("-TERM"), Some(0));
        space
    });
    let space = space.await.unwrap();
    let mut requests = server.received_requests().await.unwrap();
    // The first try was turned away, and the same delivery came again.
    let turned_away = requests.remove(0);
    assert_eq!(requests.len(), 2);
    let header = |request: &wiremock::Request, name: &str| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header(&turned_away, "x-dubline-delivery"), header(&requests[0], "x-dubline-delivery"));
    let mut bodies = std::collections::BTreeMap::new();
    for request in &requests {
        let signed = [header(request, "x-dubline-timestamp").as_bytes(), b".", &request.body].concat();
        let wanted = format!("sha256={}", hmac(SECRET.as_bytes(), &signed));
        assert_eq!(header(request, "x-dubline-signature"), wanted);
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["id"], header(request, "x-dubline-delivery"));
        bodies.insert(body["episode"].as_str().unwrap().to_owned(), body);
    }
    let (film, broken) = (&bodies["film"], &bodies["broken"]);
    assert_eq!(
        (&film["event"], &film["exit_code"], &film["source"]),
        (&"done".into(), &0.into(), &"in/film.mp4".into())
    );
    let digest = blake3::hash(&std::fs::read(space.path("in/film.mp4")).unwrap()).to_hex().to_string();
    assert_eq!(film["digest"], digest.as_str());
    let language = &film["languages"][0];
    assert_eq!((&language["language"], &language["outcome"]), (&"pt-BR".into(), &"dubbed".into()));
    assert_eq!((&language["deliverable"], &language["findings"]["error"]), (&"out/pt-BR/film.mp4".into(), &0.into()));
    assert_eq!((&broken["event"], &broken["exit_code"]), (&"failed".into(), &3.into()));
    assert!(broken["error"].as_str().unwrap().contains("broken.mp4") && broken["dubline"].is_string());
}

#[test]
fn edits_of_dubline_toml_count_from_the_next_file_on() {
    let space = Space::new();
    space.write("dubline.toml", "[deliver]\nno-subtitles = true\n");
    let mut running = start(&space, &[]);
    running.wait_for("watching in");
    std::fs::copy(space.film("first.mp4", &[]), space.path("in/first.mp4")).unwrap();
    running.wait_for("first.mp4: is done");
    // Half an edit is waited out.
    space.write("dubline.toml", "[deliver\n");
    running.wait_for("error:");
    std::fs::copy(another(&space, "second.mp4"), space.path("in/second.mp4")).unwrap();
    std::fs::remove_file(space.path("in/first.mp4")).unwrap();
    space.write("dubline.toml", "[deliver]\nno-subtitles = false\n");
    running.wait_for("second.mp4: is done");
    assert_eq!(running.end("-TERM"), Some(0));
    let subtitles = |name: &str| crate::common::streams(&crate::common::ffprobe(&space.out(name)), "subtitle").len();
    assert_eq!((subtitles("pt-BR/first.mp4"), subtitles("pt-BR/second.mp4")), (0, 1));
}
