//! `dubline run` and `dubline plan`.

use super::{context, print, print_json, sources, store_folder};
use dubline::cancel::Cancel;
use dubline::cli::Job;
use dubline::error::{Error, Kind, Result};
use dubline::event::Events;
use dubline::progress::Progress;
use dubline::qc;
use dubline::run::{Mode, Outcome, PlanItem, Runner};
use dubline::series::Source;
use dubline::settings::{Origin, Resolved};
use dubline::store::{FolderStore, Store};
use std::sync::Arc;

/// What `run`, `plan` and `watch` work with.
pub(super) fn runner(resolved: Resolved, mode: Mode, events: Events, cancel: Cancel) -> Result<Runner> {
    edits_are_there(&resolved)?;
    let settings = resolved.settings;
    let store: Arc<dyn Store> = if settings.no_store {
        Arc::new(FolderStore::temporary()?)
    } else {
        Arc::new(FolderStore::open(&store_folder(&settings))?)
    };
    Runner::new(context(settings, events, cancel)?, store, mode)
}

/// The folder of the edits may be missing where nobody has edited anything; one that was named just now may not:
/// a slip in its name would leave people's work out without a word.
fn edits_are_there(resolved: &Resolved) -> Result<()> {
    let folder = &resolved.settings.edits;
    let named =
        resolved.values.get("edits").is_some_and(|(_, origin)| matches!(origin, Origin::Flag | Origin::Environment));
    if named && !folder.is_dir() {
        return Err(Error::new(Kind::Usage, "there is no such folder of edits")
            .file(folder)
            .hint("correct --edits or DUBLINE_EDITS, or make the folder"));
    }
    Ok(())
}

pub(super) async fn run(job: &Job, progress: &Progress, cancel: Cancel) -> Result<u8> {
    let (resolved, sources) = sources::of(job)?;
    let runner = runner(resolved, Mode::Make, progress.events(), cancel)?;
    let mut worst: Option<Error> = None;
    for source in &sources {
        match runner.episode(source).await {
            Ok(outcome) => {
                // Machines read the reports; between their events a summary would be noise.
                if !progress.tells_events() {
                    print(progress, &told(&outcome))?;
                }
                if let Some(incomplete) = outcome.incomplete() {
                    worst = worst.or(Some(incomplete));
                }
            }
            // An episode that fails does not take the others with it, unless a person asked to stop.
            Err(error) if error.kind() == Kind::Interrupted || sources.len() == 1 => return Err(error),
            Err(error) => {
                progress.talk(&format!("error: {error}"));
                if let Some(hint) = error.remedy() {
                    progress.talk(&format!("  hint: {hint}"));
                }
                worst = worst.or(Some(error));
            }
        }
    }
    match worst {
        Some(error) if sources.len() > 1 => Ok(error.exit_code()),
        Some(error) => Err(error),
        None => Ok(0),
    }
}

/// An episode's reports and files, for people.
pub(super) fn told(outcome: &Outcome) -> String {
    let mut text: String = outcome.reports.iter().map(qc::summary).collect();
    for path in &outcome.written {
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    text
}

pub(super) async fn plan(job: &Job, explain: bool, json: bool, progress: &Progress, cancel: Cancel) -> Result<u8> {
    let (resolved, sources) = sources::of(job)?;
    let runner = runner(resolved, Mode::Plan, progress.events(), cancel)?;
    for source in &sources {
        runner.episode(source).await?;
    }
    let plan = runner.plan();
    if json {
        return print_json(progress, &plan);
    }
    print(progress, &table(&plan, explain))
}

/// One row for each stage of each episode and language, in flow order.
fn table(plan: &[PlanItem], explain: bool) -> String {
    let mut text = String::new();
    let mut rest = plan;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|item| item.work == first.work).count();
        let (items, later) = rest.split_at(count);
        rest = later;
        let to_do = items.iter().filter(|item| item.to_do).count();
        let state = match (to_do, count) {
            (0, 1) => "done".to_owned(),
            (0, n) => format!("done ({n})"),
            (1, 1) => "to do".to_owned(),
            (m, n) => format!("{m} of {n} to do"),
        };
        let language = first.work.language.as_ref().map_or("", |language| language.tag());
        text.push_str(&format!("{:<24} {language:<8} {:<11} {state}\n", first.work.episode, first.work.stage));
        if explain {
            for item in items.iter().filter(|item| item.to_do) {
                text.push_str(&format!("    {}: {}\n", item.subject, item.why.join("; ")));
            }
        }
    }
    text
}
