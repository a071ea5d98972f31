//! `dubline doctor`: what is installed, what is missing, and the command that mends it.

use super::{lists, models_folder, print, print_json, resolve, store_folder};
use dubline::error::{Kind, Result};
use dubline::model::{Models, Status};
use dubline::progress::Progress;
use dubline::settings::Settings;
use dubline::store::FolderStore;
use serde::Serialize;
use std::process::Command;

#[derive(Serialize)]
struct Row {
    what: String,
    state: State,
    about: String,
    /// The command that mends it; empty for what is well.
    remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Ok,
    /// Something that not every run needs.
    Optional,
    Missing,
}

pub(super) fn run(json: bool, progress: &Progress) -> Result<u8> {
    let settings = resolve(None)?.settings;
    let models = Models::new(&models_folder(&settings))?;
    let mut rows = vec![ffmpeg(), espeak(), language_model(&settings)];
    rows.extend(model_rows(&settings, &models));
    rows.extend(folders(&settings));
    let missing = rows.iter().any(|row| row.state == State::Missing);
    if json {
        print_json(progress, &rows)?;
    } else {
        let mut text = String::new();
        for row in &rows {
            let mark = match row.state {
                State::Ok => "ok      ",
                State::Optional => "optional",
                State::Missing => "MISSING ",
            };
            text.push_str(&format!("{mark}  {:<28} {}\n", row.what, row.about));
            if !row.remedy.is_empty() {
                text.push_str(&format!("          {:<28} → {}\n", "", row.remedy));
            }
        }
        text.push_str(if missing {
            "\nsomething is missing; the commands above mend it\n"
        } else {
            "\neverything that the settings need is here\n"
        });
        print(progress, &text)?;
    }
    Ok(if missing { Kind::MissingModel.exit_code() } else { 0 })
}

fn row(what: &str, state: State, about: impl Into<String>, remedy: impl Into<String>) -> Row {
    Row { what: what.into(), state, about: about.into(), remedy: remedy.into() }
}

fn ffmpeg() -> Row {
    row("FFmpeg libraries", State::Ok, format!("version {}", dubline::media::version()), "")
}

fn espeak() -> Row {
    let said = Command::new("espeak-ng").arg("--version").output();
    match said {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned();
            row("espeak-ng", State::Ok, version, "")
        }
        _ => row("espeak-ng", State::Missing, "pronounces every language but English", "apt-get install espeak-ng"),
    }
}

fn language_model(settings: &Settings) -> Row {
    let found = settings.llm.program.clone().into_iter().chain(beside()).find(|path| path.is_file());
    match found {
        Some(path) => row("dubline-llm", State::Ok, path.display().to_string(), ""),
        None => row("dubline-llm", State::Missing, "holds the embedded language model", "cargo build --release --bins"),
    }
}

fn beside() -> Option<std::path::PathBuf> {
    let name = format!("dubline-llm{}", std::env::consts::EXE_SUFFIX);
    Some(std::env::current_exe().ok()?.parent()?.join(name))
}

fn model_rows(settings: &Settings, models: &Models) -> Vec<Row> {
    let needed = lists::needed(settings);
    let tell = |(model, status): (&dubline::model::Model, Status)| {
        let wanted = needed.contains(&model.id);
        let pull = format!("dubline models pull {}", model.id);
        match status {
            Status::Installed => {
                let from = models.origin(&model.id).map(|sidecar| sidecar.source).unwrap_or_default();
                row(&model.id, State::Ok, format!("{} ({from})", model.title), "")
            }
            Status::Corrupt(error) => row(&model.id, State::Missing, error.to_string(), format!("{pull} --force")),
            Status::Missing if wanted => row(&model.id, State::Missing, model.title.clone(), pull),
            Status::Missing => {
                row(&model.id, State::Optional, format!("{} (not installed, not needed)", model.title), pull)
            }
        }
    };
    models.list().into_iter().map(tell).collect()
}

fn folders(settings: &Settings) -> Vec<Row> {
    let store = store_folder(settings);
    let state = match FolderStore::open(&store) {
        Ok(_) => row("store", State::Ok, store.display().to_string(), ""),
        Err(error) => row("store", State::Missing, error.to_string(), error.remedy().unwrap_or_default()),
    };
    let threads = settings.thread_budget();
    vec![state, row("threads", State::Ok, format!("{threads} compute threads for a run"), "")]
}
