//! Help for tests: media made by the `ffmpeg` program, and looked at with `ffprobe`.

use crate::audio::Audio;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A folder that is removed with everything in it.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Folder {
        Folder(tempfile::Builder::new().prefix("dubline-media-").tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `ffmpeg` with these arguments (split at spaces) before the output's name.
    pub(super) fn make(&self, name: &str, arguments: &str) -> PathBuf {
        let path = self.path(name);
        ffmpeg(arguments, &path);
        path
    }

    /// Files in the folder, by name.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into())
            .collect();
        names.sort();
        names
    }
}

pub(super) fn ffmpeg(arguments: &str, output: &Path) {
    let result = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-threads", "1"])
        .args(arguments.split_whitespace())
        .arg(output)
        .output()
        .expect("the tests need the ffmpeg program");
    assert!(result.status.success(), "ffmpeg {arguments}: {}", String::from_utf8_lossy(&result.stderr));
}

/// What `ffprobe` says about format, streams and chapters.
pub(super) fn ffprobe(path: &Path) -> Value {
    let result = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters"])
        .arg(path)
        .output()
        .expect("the tests need the ffprobe program");
    assert!(result.status.success(), "ffprobe {}: {}", path.display(), String::from_utf8_lossy(&result.stderr));
    serde_json::from_slice(&result.stdout).unwrap()
}

/// Every packet of a stream: pts, dts and size; with a checksum of its bytes where asked.
pub(super) fn packets(path: &Path, stream: &str) -> Vec<Value> {
    let result = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_packets", "-show_data_hash", "md5", "-select_streams", stream])
        .arg(path)
        .output()
        .unwrap();
    assert!(result.status.success());
    serde_json::from_slice::<Value>(&result.stdout).unwrap()["packets"].as_array().unwrap().clone()
}

/// The number behind a JSON string or number.
pub(super) fn number(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok())).unwrap_or(f64::NAN)
}

/// Integrated loudness and true peak of the first audio track by ffmpeg's own meter.
pub(super) fn ebur128(path: &Path) -> (f64, f64) {
    let result = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:a:0", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&result.stderr).into_owned();
    assert!(result.status.success(), "{text}");
    let summary =
        text.rsplit("Summary:").next().filter(|_| text.contains("Summary:")).unwrap_or_else(|| panic!("{text}"));
    let value = |key: &str| -> f64 {
        let rest = summary.split(key).nth(1).unwrap_or_else(|| panic!("{text}"));
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    (value("I:"), value("Peak:"))
}

/// Voice-like: bursts of a few tones with sharp attacks and pauses between.
pub(super) fn speech(seconds: f64, gain: f32) -> Audio {
    let mut audio = Audio::silence(48_000, 2, (seconds * 48_000.0) as usize);
    let mut noise = 1u32;
    for (i, moment) in audio.samples.chunks_exact_mut(2).enumerate() {
        let t = i as f64 / 48_000.0;
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(noise >> 8) / f64::from(1 << 23) - 1.0;
        let syllable = (1.0 - (t * 4.0).fract()).powi(3) * if (t / 2.0).fract() < 0.7 { 1.0 } else { 0.0 };
        let tone: f64 = (1..12).map(|k| (t * 141.0 * f64::from(k) * std::f64::consts::TAU).sin() / f64::from(k)).sum();
        let sample = (syllable * (tone * 0.4 + hiss * 0.1)) as f32 * gain;
        moment.copy_from_slice(&[sample, sample * 0.8]);
    }
    audio
}
