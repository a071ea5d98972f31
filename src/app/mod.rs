//! Commands: what each subcommand asks of the library, and what it prints.

mod batch;
mod cache;
mod check;
mod doctor;
mod episodes;
mod glossary;
mod init;
mod lists;
mod man;
mod models;
mod plan;
mod script;
mod series;
mod sources;
mod status;
mod watch;

use clap::CommandFactory;
use dubline::cancel::Cancel;
use dubline::cli::{Cli, Command, JobOptions};
use dubline::engine;
use dubline::error::{EXIT_CODES, Error, Result};
use dubline::event::Events;
use dubline::model::Models;
use dubline::progress::Progress;
use dubline::settings::{self, Layer, Resolved, Settings};
use dubline::store;
use std::path::PathBuf;
use std::sync::Arc;

/// Runs one command; gives the exit code of one that ended in its own way.
pub(crate) async fn run(cli: Cli, progress: &Progress, cancel: Cancel) -> Result<u8> {
    match cli.command {
        Command::Run { job } => episodes::run(&job, progress, cancel).await,
        Command::Plan { job, explain, estimate, json } => {
            plan::run(&job, plan::Show { explain, json, estimate }, progress, cancel).await
        }
        Command::Status { job, json } => status::run(&job, json, progress),
        Command::Watch { folder, options, once, retry } => {
            let wish = watch::Wish { folder: &folder, options: &options, once, retry };
            watch::run(wish, progress, cancel).await
        }
        Command::Check { options } => check::run(&options, progress, &cancel),
        Command::Script { command } => script::run(&command, progress),
        Command::Models { command, models, offline } => models::run(command, models, offline, progress, cancel).await,
        Command::Voices { language, engine, json } => lists::voices(language, engine, json, progress, cancel),
        Command::Engines { json } => lists::engines(json, progress),
        Command::Glossary { command } => glossary::run(*command, progress),
        Command::Doctor { json } => doctor::run(json, progress),
        Command::Cache { command, store } => cache::run(&command, store, progress),
        Command::Settings { schema: true, .. } => print(progress, settings::SCHEMA),
        Command::Settings { job, json, .. } => show_settings(&job, json, progress),
        Command::Init { folder, from, to, force, dry_run } => {
            init::run(&folder, init::Asked { from, to, force, dry_run }, progress)
        }
        Command::ExitCodes => {
            let rows = EXIT_CODES.iter().map(|row| format!("{:>4}  {}\n", row.code, row.meaning));
            print(progress, &rows.collect::<String>())
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "dubline", &mut script);
            print(progress, &String::from_utf8_lossy(&script))
        }
        Command::Man { folder } => man::run(folder.as_deref(), progress),
    }
}

/// Prints data; a reader that went away (`| head`) is a good end.
fn print(progress: &Progress, text: &str) -> Result<u8> {
    match progress.data(text) {
        Ok(()) => Ok(0),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(e) => Err(Error::output(&PathBuf::from("standard output"), e)),
    }
}

/// Prints what was done; nothing, where only warnings and errors are told.
fn tell(progress: &Progress, text: &str) -> Result<u8> {
    if progress.is_quiet() { Ok(0) } else { print(progress, text) }
}

fn print_json(progress: &Progress, value: &impl serde::Serialize) -> Result<u8> {
    let text =
        serde_json::to_string_pretty(value).map_err(|e| Error::internal("an answer has no JSON form").because(e))?;
    print(progress, &format!("{text}\n"))
}

/// Settings from every layer; `flags` is the last one.
fn resolve(flags: Option<&JobOptions>) -> Result<Resolved> {
    let layer = flags.map(JobOptions::layer).transpose()?;
    resolve_layers(flags.and_then(|flags| flags.config.clone()), layer)
}

/// The same with this settings file, where one is named, and not the nearest one.
fn resolve_with(flags: Option<&JobOptions>, named: Option<PathBuf>) -> Result<Resolved> {
    resolve_layers(named, flags.map(JobOptions::layer).transpose()?)
}

/// Settings from the file that is `named`, or the nearest one, the environment and `flags`.
fn resolve_layers(named: Option<PathBuf>, flags: Option<Layer>) -> Result<Resolved> {
    let mut layers = Vec::new();
    let here = || std::env::current_dir().ok().and_then(|folder| settings::find_file(&folder));
    if let Some(path) = named.or_else(here) {
        layers.push(settings::file(&path)?);
    }
    layers.push(settings::environment(std::env::vars())?);
    layers.extend(flags);
    settings::resolve(&layers)
}

fn models_folder(settings: &Settings) -> PathBuf {
    settings.models.clone().unwrap_or_else(|| store::cache_folder().join("models"))
}

fn store_folder(settings: &Settings) -> PathBuf {
    settings.store.clone().unwrap_or_else(store::default_folder)
}

/// What engines are built from.
fn context(settings: Settings, events: Events, cancel: Cancel) -> Result<engine::Context> {
    Ok(engine::Context {
        models: Arc::new(Models::new(&models_folder(&settings))?),
        threads: settings.thread_budget(),
        settings: Arc::new(settings),
        runtime: tokio::runtime::Handle::current(),
        events,
        cancel,
    })
}

fn show_settings(flags: &JobOptions, json: bool, progress: &Progress) -> Result<u8> {
    let resolved = resolve(Some(flags))?;
    if json {
        let row = |(key, (value, origin)): (&String, &(String, settings::Origin))| {
            (key.clone(), serde_json::json!({ "value": value, "origin": origin.to_string() }))
        };
        return print_json(progress, &resolved.values.iter().map(row).collect::<serde_json::Map<_, _>>());
    }
    let width = resolved.values.keys().map(String::len).max().unwrap_or(0);
    let row = |(key, (value, origin)): (&String, &(String, settings::Origin))| {
        format!("{key:width$}  {value:24}  {origin}\n")
    };
    print(progress, &resolved.values.iter().map(row).collect::<String>())
}
