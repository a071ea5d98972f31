//! A folder of its own for each test, the binary, and independent measuring with FFmpeg's programs.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test binary uses its part of this")]

pub mod json_schema;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A temporary folder with a store and an output folder, and the binary to run in it.
pub struct Space {
    folder: tempfile::TempDir,
}

/// What a run of the binary said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Said {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The line that starts with `error:`; there is exactly one.
    #[track_caller]
    pub fn error(&self) -> &str {
        let errors: Vec<&str> = self.err.lines().filter(|line| line.starts_with("error:")).collect();
        assert_eq!(errors.len(), 1, "one clear error, not:\n{}", self.err);
        errors[0]
    }

    /// The line that starts with `error:` and names this file.
    #[track_caller]
    pub fn error_of(&self, file: &str) -> &str {
        let mut errors = self.err.lines().filter(|line| line.starts_with("error:"));
        errors.find(|line| line.contains(file)).unwrap_or_else(|| panic!("no error of {file}:\n{}", self.err))
    }

    /// The hint under the error.
    #[track_caller]
    pub fn hint(&self) -> &str {
        self.err
            .lines()
            .find_map(|line| line.trim().strip_prefix("hint: "))
            .unwrap_or_else(|| panic!("no hint:\n{}", self.err))
    }
}

/// The binary at work, and what it said on stderr so far.
pub struct Running {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    listener: Option<JoinHandle<()>>,
}

impl Running {
    pub fn start(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, heard) = (BufReader::new(child.stderr.take().unwrap()).lines(), Arc::clone(&said));
        let listen = move || lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push(line));
        Running { child, said, listener: Some(std::thread::spawn(listen)) }
    }

    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// Waits until it has said this; gives everything up to then.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        let found = until(|| self.said.lock().unwrap().iter().any(|line| line.contains(text)));
        let said = self.said();
        assert!(found, "no {text:?} in:\n{said}");
        said
    }

    pub fn signal(&self, name: &str) {
        Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
    }

    /// Waits for its end, and for its last words; gives the exit code, where it was not killed.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        let mut status = None;
        let ended = until(|| {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(ended, "it goes on:\n{}", self.said());
        self.listener.take().map(JoinHandle::join).transpose().unwrap();
        status.unwrap().code()
    }

    #[track_caller]
    pub fn end(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.ended()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; one that ended well has nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for something, generously.
pub fn until(mut there: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(90);
    while Instant::now() < deadline {
        if there() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Every file below a folder.
pub fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path.to_string_lossy().into_owned()) }
    }
    found
}

impl Space {
    pub fn new() -> Space {
        Space { folder: tempfile::Builder::new().prefix("dubline test ").tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.path("out").join(name)
    }

    pub fn json(&self, name: &str) -> Value {
        let path = self.out(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_slice(&bytes).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary with this folder as its home, store and current folder; no setting of the machine reaches it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dubline"));
        command.current_dir(self.folder.path()).args(arguments);
        for (name, _) in std::env::vars() {
            if name.starts_with("DUBLINE_") && name != "DUBLINE_MODELS" {
                command.env_remove(name);
            }
        }
        command.env("DUBLINE_STORE", self.path("store"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    /// `dubline run FILE --engine fake …`: deterministic, no models.
    pub fn fake(&self, source: &Path, flags: &[&str]) -> Said {
        let source = source.to_str().unwrap();
        let mut arguments = vec!["run", source, "--engine", "fake", "--voice", "en=fake_f", "--voice", "pt-BR=fake_m"];
        arguments.extend(flags);
        self.run(&arguments)
    }

    /// Makes media with the ffmpeg program.
    pub fn ffmpeg(&self, arguments: &[&str]) {
        let output = Command::new("ffmpeg")
            .current_dir(self.folder.path())
            .args(["-v", "error", "-nostdin", "-y"])
            .args(arguments)
            .output()
            .expect("ffmpeg is installed by scripts/setup");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A short vertical film: moving test pictures, and three bursts of tone as if somebody spoke.
    pub fn film(&self, name: &str, extra: &[&str]) -> PathBuf {
        let voice = "aevalsrc=if(between(mod(t\\,2)\\,0.3\\,1.5)\\,0.3*sin(2*PI*220*t)\\,0):s=48000:d=6,aformat=channel_layouts=stereo";
        let mut arguments = vec![
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=180x320:r=25:d=6",
            "-f",
            "lavfi",
            "-i",
            voice,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ];
        arguments.extend(extra);
        arguments.push(name);
        self.ffmpeg(&arguments);
        self.path(name)
    }
}

/// ffprobe's view of a file.
pub fn ffprobe(path: &Path) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters"])
        .arg(path)
        .output()
        .expect("ffprobe is installed by scripts/setup");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Streams of one kind, in order.
pub fn streams<'a>(probe: &'a Value, kind: &str) -> Vec<&'a Value> {
    probe["streams"].as_array().unwrap().iter().filter(|stream| stream["codec_type"] == kind).collect()
}

/// A file's length in seconds.
pub fn seconds(probe: &Value) -> f64 {
    probe["format"]["duration"].as_str().unwrap().parse().unwrap()
}

/// Integrated loudness in LUFS and true peak in dBTP of the n-th audio track, by FFmpeg's `ebur128` filter.
pub fn loudness(path: &Path, track: usize) -> (f64, f64) {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(path)
        .args(["-map", &format!("0:a:{track}"), "-af", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = text.rsplit("Summary:").next().unwrap();
    let value = |name: &str| -> f64 {
        let row = summary.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("{text}"));
        row.split_whitespace().next().unwrap().parse().unwrap_or(f64::NEG_INFINITY)
    };
    (value("I:"), value("Peak:"))
}

/// RMS level in dB of a stretch of an audio track, by FFmpeg's `astats` filter.
pub fn level(path: &Path, track: usize, from: f64, to: f64) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(path)
        .args(["-map", &format!("0:a:{track}"), "-af"])
        .arg(format!("atrim={from}:{to},astats=measure_perchannel=none"))
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let row = text.lines().find_map(|line| line.split("RMS level dB:").nth(1)).unwrap_or_else(|| panic!("{text}"));
    row.trim().parse().unwrap_or(f64::NEG_INFINITY)
}

/// The generated episodes and what is in them.
pub fn facts() -> Value {
    let path = fixtures().join("facts.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// One episode of the facts.
pub fn episode(id: &str) -> Value {
    let facts = facts();
    let found = facts["episodes"].as_array().unwrap().iter().find(|episode| episode["id"] == id);
    found.unwrap_or_else(|| panic!("no episode {id}")).clone()
}
