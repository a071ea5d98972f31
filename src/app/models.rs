//! `dubline models`.

use super::{lists, models_folder, print, print_json, resolve, tell};
use dubline::cancel::Cancel;
use dubline::cli::ModelsCommand;
use dubline::error::{Error, Kind, Result};
use dubline::model::{Family, Models, PullOptions, Status};
use dubline::progress::Progress;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Serialize)]
struct Row {
    id: String,
    family: Family,
    title: String,
    languages: Vec<String>,
    licence: String,
    /// Bytes of its files.
    size: u64,
    /// `installed`, `missing` or `corrupt`.
    status: &'static str,
    /// Where it came from.
    source: Option<String>,
    note: String,
}

pub(super) async fn run(
    command: ModelsCommand,
    folder: Option<PathBuf>,
    offline: bool,
    progress: &Progress,
    cancel: Cancel,
) -> Result<u8> {
    let mut settings = resolve(None)?.settings;
    settings.models = folder.or(settings.models);
    settings.offline |= offline;
    let models = Models::new(&models_folder(&settings))?;
    match command {
        ModelsCommand::List { json } => list(&models, json, progress),
        ModelsCommand::Pull { ids, force } => {
            let ids = if ids.is_empty() { lists::needed(&settings) } else { ids };
            let mut options = PullOptions::from_environment();
            options.force = force;
            options.offline |= settings.offline;
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            models.pull(&ids, &options, &progress.events(), &cancel).await?;
            tell(progress, &format!("{} in {}\n", ids.join(", "), models.root().display()))
        }
        ModelsCommand::Verify { ids } => verify(&models, &ids, progress),
        ModelsCommand::Path { id: None } => print(progress, &format!("{}\n", models.root().display())),
        ModelsCommand::Path { id: Some(id) } => print(progress, &format!("{}\n", models.path(&id)?.display())),
    }
}

fn list(models: &Models, json: bool, progress: &Progress) -> Result<u8> {
    let row = |(model, status): (&dubline::model::Model, Status)| Row {
        id: model.id.clone(),
        family: model.family,
        title: model.title.clone(),
        languages: model.languages.clone(),
        licence: model.licence.clone(),
        size: model.size(),
        status: match status {
            Status::Installed => "installed",
            Status::Missing => "missing",
            Status::Corrupt(_) => "corrupt",
        },
        source: models.origin(&model.id).ok().map(|sidecar| sidecar.source),
        note: model.note.clone(),
    };
    let rows: Vec<Row> = models.list().into_iter().map(row).collect();
    if json {
        return print_json(progress, &rows);
    }
    let mut text = String::new();
    for row in rows {
        let size = indicatif::HumanBytes(row.size).to_string();
        text.push_str(&format!(
            "{:<28} {:<15} {size:>11}  {:<10} {:<12} {}\n",
            row.id,
            row.family.name(),
            row.status,
            row.licence,
            row.title
        ));
    }
    print(progress, &text)
}

fn verify(models: &Models, ids: &[String], progress: &Progress) -> Result<u8> {
    let known: Vec<String> = match ids {
        [] => models
            .list()
            .into_iter()
            .filter(|(_, s)| !matches!(s, Status::Missing))
            .map(|(m, _)| m.id.clone())
            .collect(),
        ids => ids.to_vec(),
    };
    let mut wrong: Option<Error> = None;
    for id in &known {
        match models.verify(id) {
            Ok(()) => {
                tell(progress, &format!("{id}: as registered\n"))?;
            }
            Err(error) => {
                progress.talk(&format!("{id}: {error}"));
                wrong = wrong.or(Some(error));
            }
        }
    }
    if known.is_empty() {
        return Err(Error::new(Kind::MissingModel, "no model is installed").hint("run: dubline models pull"));
    }
    wrong.map_or(Ok(0), Err)
}
