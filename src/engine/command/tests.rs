use super::*;
use crate::cancel::Cancel;
use crate::event::Events;
use crate::model::Models;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder with a sound in it, and a script that answers as each test wants.
struct Space {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Space {
    fn new(script: &str) -> Space {
        let space = Space { runtime: tokio::runtime::Runtime::new().unwrap(), folder: tempfile::tempdir().unwrap() };
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 22_050,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(space.path("sound.wav"), spec).unwrap();
        (0..11_025).for_each(|i| wav.write_sample(((i as f32 * 0.06).sin() * 9000.0) as i16).unwrap());
        wav.finalize().unwrap();
        space.script(script);
        space
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, script: &str) {
        let text = format!("#!/bin/sh\ncd '{}'\n{script}\n", self.folder.path().display());
        fs::write(self.path("say"), text).unwrap();
        fs::set_permissions(self.path("say"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn engine(&self, arguments: &[&str]) -> Result<Command> {
        let mut settings = Settings::default();
        let program = self.path("say").to_str().unwrap().to_owned();
        settings.command.run = std::iter::once(program).chain(arguments.iter().map(|a| (*a).to_owned())).collect();
        settings.command.voices.insert("en".into(), vec!["anna".into(), "bob".into()]);
        settings.command.voices.insert("th".into(), vec!["anna".into()]);
        Command::new(&Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(settings),
            threads: 2,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: Cancel::new(),
        })
    }

    fn speak(&self, arguments: &[&str], text: &str) -> Result<Audio> {
        self.engine(arguments)?.speak(&Speech {
            text: text.into(),
            language: "th".parse().unwrap(),
            voice: "anna".into(),
            speed: 1.25,
        })
    }
}

#[test]
fn text_on_standard_input_sound_on_standard_output() {
    let space = Space::new("cat > heard; cat sound.wav");
    let audio = space.speak(&[], "สวัสดี $HOME").unwrap();
    assert_eq!(audio.rate, 22_050);
    assert!((audio.duration().seconds() - 0.5).abs() < 0.01);
    assert_eq!(fs::read_to_string(space.path("heard")).unwrap(), "สวัสดี $HOME");
}

#[test]
fn placeholders_are_filled_and_no_shell_reads_them() {
    let space = Space::new("printf '%s\\n' \"$@\" > heard; cp sound.wav \"$5\"");
    let arguments = ["--voice={voice}", "{language}", "{\"a\": {speed}}", "{text}", "{output}"];
    space.speak(&arguments, "-rf {voice} $(touch x) `y` \"q\";\n& z\0").unwrap();
    let heard = fs::read_to_string(space.path("heard")).unwrap();
    let lines: Vec<&str> = heard.lines().collect();
    assert_eq!(lines[..4], ["--voice=anna", "th", "{\"a\": 1.25}", "rf {voice} $(touch x) `y` \"q\"; & z"]);
    assert!(!space.path("x").exists());
    assert!(!Path::new(lines[4]).exists(), "the file is gone when it was read");
}

#[test]
fn what_goes_wrong_is_told_with_the_programs_own_words() {
    for (script, arguments, what) in [
        ("echo 'no such speaker' >&2; exit 3", &[][..], "exit status: 3: no such speaker"),
        ("cat > /dev/null", &[], "gave no sound"),
        ("cat > /dev/null; echo hello", &[], "no sound that can be read"),
        ("cat > /dev/null; cat sound.wav", &["{output}"], "wrote no file"),
    ] {
        let error = Space::new(script).speak(arguments, "Hello.").unwrap_err();
        // A program that fails cannot work; one that gives nothing failed this line.
        let kind = if script.contains("exit 3") { Kind::Engine } else { Kind::Answer };
        assert_eq!(error.kind(), kind, "{what}");
        assert!(error.to_string().contains(what) && error.remedy().is_some(), "{what}: {error}");
    }
}

#[test]
fn a_program_that_hangs_is_ended() {
    let space = Space::new("echo $$ > pid; exec sleep 60");
    let mut engine = space.engine(&[]).unwrap();
    engine.timeout = Duration::from_secs(1);
    let ask = Speech { text: "Hi.".into(), language: "en".parse().unwrap(), voice: "bob".into(), speed: 1.0 };
    let error = engine.speak(&ask).unwrap_err();
    assert!(error.to_string().contains("did not finish within 1 s"), "{error}");
    let pid = fs::read_to_string(space.path("pid")).unwrap();
    let process = PathBuf::from(format!("/proc/{}", pid.trim()));
    // The kill is sent at once; the process is gone when the runtime has collected it.
    let gone = || !process.exists() || fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "));
    assert!((0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        gone()
    }));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let space = Space::new("");
    let error = space.engine(&["{txt}"]).err().unwrap();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.to_string().contains("{txt}"), "{error}");
    fs::remove_file(space.path("say")).unwrap();
    assert_eq!(space.speak(&[], "Hi.").unwrap_err().kind(), Kind::MissingTool);
}

#[test]
fn voices_speeds_and_fingerprints_follow_the_settings() {
    let space = Space::new("true");
    let engine = space.engine(&["{speed}"]).unwrap();
    assert_eq!(engine.speeds(), (0.5, 2.0));
    assert_eq!(space.engine(&[]).unwrap().speeds(), (1.0, 1.0));
    let voices = engine.voices().unwrap();
    assert_eq!(
        voices.iter().map(|v| (v.name.as_str(), v.languages.len())).collect::<Vec<_>>(),
        [("anna", 2), ("bob", 1)]
    );
    let before = engine.fingerprint("anna").unwrap();
    assert_eq!(engine.fingerprint("anna").unwrap(), before);
    space.script("false");
    assert_ne!(engine.fingerprint("anna").unwrap(), before, "a changed script speaks differently");
}
