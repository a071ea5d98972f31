use super::*;
use crate::cancel::Cancel;
use crate::engine::separator::Stems;
use crate::event::Events;
use crate::model::Models;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A folder with a script that parts as each test wants: `$1` is the mix, `$2` where the voices go.
struct Space {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
    cancel: Cancel,
}

impl Space {
    fn new(script: &str) -> Space {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        fs::write(&path, format!("#!/bin/sh\ncd '{}'\n{script}\n", folder.path().display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        Space { runtime: tokio::runtime::Runtime::new().unwrap(), folder, cancel: Cancel::new() }
    }

    fn named(&self, program: &str, arguments: &[&str]) -> Result<Command> {
        let mut settings = Settings::default();
        settings.command.separate = [&[program], arguments].concat().iter().map(|part| (*part).to_owned()).collect();
        Command::new(&Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(settings),
            threads: 2,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: self.cancel.clone(),
        })
    }

    fn engine(&self) -> Command {
        self.named(self.folder.path().join("part").to_str().unwrap(), &["{input}", "{output}"]).unwrap()
    }

    fn separate(&self, mix: &Audio) -> Result<Stems> {
        self.engine().separate(mix, &mut |_| Ok(()))
    }
}

/// 440 Hz, softer on the right; so long.
fn mix(frames: usize) -> Audio {
    let sample = |i: usize| (i as f32 * std::f32::consts::TAU * 440.0 / RATE as f32).sin();
    let samples = (0..frames).flat_map(|i| [sample(i) * 0.5, sample(i) * 0.25]).collect();
    Audio { rate: RATE, channels: CHANNELS, samples }
}

fn largest(sound: &Audio) -> f32 {
    sound.samples.iter().map(|sample| sample.abs()).fold(0.0, f32::max)
}

#[test]
fn what_the_program_gives_is_voice_and_the_rest_is_bed() {
    let whole = mix(100_001);
    let all = Space::new("cp \"$1\" \"$2\"").separate(&whole).unwrap();
    assert_eq!(all.voice, whole, "floats are handed over as they are");
    assert_eq!(largest(&all.bed), 0.0);

    // At another rate, in another format, half as loud.
    let half =
        Space::new("ffmpeg -v error -i \"$1\" -af volume=0.5 -ar 44100 -f flac \"$2\"").separate(&whole).unwrap();
    let off = |stem: &Audio| {
        let inner = 2_000..2 * 98_000;
        let pairs = stem.samples[inner.clone()].iter().zip(&whole.samples[inner]);
        pairs.map(|(stem, whole)| (stem - whole * 0.5).abs()).fold(0.0, f32::max)
    };
    assert!(off(&half.voice) < 0.002 && off(&half.bed) < 0.002, "{} {}", off(&half.voice), off(&half.bed));
    assert!(
        half.voice
            .samples
            .iter()
            .zip(&half.bed.samples)
            .zip(&whole.samples)
            .all(|((v, b), m)| (v + b - m).abs() < 1e-6)
    );
}

#[test]
fn a_little_too_short_or_long_is_mended_and_more_refused() {
    let whole = mix(96_000);
    for (cut, fits) in [("0.1", false), ("1.7", false), ("1.8", true), ("2.2", true), ("2.3", false)] {
        // `-t` cuts, `apad` makes longer.
        let script = format!("ffmpeg -v error -i \"$1\" -af apad -t {cut} -c:a pcm_f32le \"$2\"");
        match Space::new(&script).separate(&whole) {
            Ok(stems) => assert!(fits && stems.voice.frames() == 96_000, "{cut}"),
            Err(error) => assert!(!fits && error.to_string().contains(&format!("gave {cut}0 s of voices")), "{error}"),
        }
    }
}

#[test]
fn nothing_is_parted_without_the_program_and_no_number_reaches_it() {
    let space = Space::new("touch called; cp \"$1\" \"$2\"");
    assert_eq!(space.separate(&mix(0)).unwrap().voice.frames(), 0);
    assert!(!space.folder.path().join("called").exists());
    let mut broken = mix(5_000);
    (broken.samples[10], broken.samples[11]) = (f32::NAN, f32::INFINITY);
    let stems = space.separate(&broken).unwrap();
    assert_eq!(stems.voice.samples[10..12], [0.0, LOUDEST]);
    assert!(stems.bed.samples.iter().all(|sample| *sample == 0.0));
}

#[test]
fn what_goes_wrong_is_told_with_the_programs_own_words() {
    for (script, what) in [
        ("echo 'no such model' >&2; exit 3", "exit status: 3: no such model"),
        ("echo 'nothing to do' >&2", "wrote no file to {output} (nothing to do)"),
        ("echo hello > \"$2\"", "gave no sound that can be read"),
        ("cp \"$1\" \"$2\"; : > \"$1\"", "changed the mix that it read"),
    ] {
        let error = Space::new(script).separate(&mix(4_800)).unwrap_err();
        assert!(error.kind() == Kind::Engine && error.to_string().contains(what), "{what}: {error}");
        assert!(error.remedy().is_some_and(|remedy| remedy.contains("{output}")));
    }
}

#[test]
fn a_wish_to_stop_ends_the_program() {
    let space = Space::new("cp \"$1\" \"$2\"");
    space.cancel.request();
    assert_eq!(space.separate(&mix(4_800)).unwrap_err().kind(), Kind::Interrupted);

    // A script that has another program do the work.
    let space = Space::new("sleep 600 & echo $! > pid; wait");
    let pid = || fs::read_to_string(space.folder.path().join("pid")).ok().filter(|pid| pid.ends_with('\n'));
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            within_a_minute(|| pid().is_some());
            space.cancel.request();
        });
        space.separate(&mix(4_800)).unwrap_err()
    });
    assert_eq!(error.kind(), Kind::Interrupted);
    let worker = Path::new("/proc").join(pid().unwrap().trim());
    let is_gone =
        || !worker.exists() || fs::read_to_string(worker.join("stat")).is_ok_and(|stat| stat.contains(") Z "));
    assert!(within_a_minute(is_gone), "what the script started runs on");
}

/// Becomes true, sooner or later.
fn within_a_minute(what: impl Fn() -> bool) -> bool {
    (0..3_000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        what()
    })
}

#[test]
fn a_program_is_found_as_the_system_finds_it() {
    let space = Space::new("true");
    let is_there = |program: &str| space.named(program, &["{input}", "{output}"]).unwrap().fingerprint().is_ok();
    let path = space.folder.path().join("part");
    assert!(is_there("sh") && is_there(path.to_str().unwrap()));
    // A file of the working folder is none, by its bare name; one that may not be run is none either.
    assert!(Path::new("Cargo.toml").exists() && !is_there("Cargo.toml") && !is_there("./Cargo.toml"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(!is_there(path.to_str().unwrap()));
}

#[test]
fn settings_that_cannot_work_are_refused_before_any_work() {
    let space = Space::new("true");
    for (arguments, what) in [
        (&["{input}"][..], "{output}"),
        (&["{output}"], "{input}"),
        (&["{input}", "{output}", "{text}"], "{text} means"),
    ] {
        let error = space.named("demucs", arguments).err().unwrap();
        assert!(error.kind() == Kind::Usage && error.to_string().contains(what), "{error}");
    }
    assert!(space.named("", &[]).err().unwrap().remedy().unwrap().contains("command.separate = ["));
    let missing = space.named("no-such-program-anywhere", &["{input}", "{output}"]).unwrap();
    assert_eq!(missing.fingerprint().unwrap_err().kind(), Kind::MissingTool);
}

#[test]
fn another_program_makes_other_stems() {
    let space = Space::new("cp \"$1\" \"$2\"");
    let before = space.engine().fingerprint().unwrap();
    assert_eq!(before, space.engine().fingerprint().unwrap());
    fs::write(space.folder.path().join("part"), "#!/bin/sh\ntrue\n").unwrap();
    assert_ne!(before, space.engine().fingerprint().unwrap());
}
