//! `dubline run`: one episode, or many side by side.

use super::batch::{self, Logs};
use super::sources::{self, Asked};
use super::{check, context, plan, print, series, store_folder, tell};
use dubline::cancel::Cancel;
use dubline::cli::Job;
use dubline::error::{Error, Kind, Result};
use dubline::event::Events;
use dubline::lang::Lang;
use dubline::progress::Progress;
use dubline::qc::series::{Series, sort};
use dubline::qc::{self, Report};
use dubline::run::{self, Batch, Lock, Mode, Outcome, Runner};
use dubline::series::Source;
use dubline::settings::{Origin, Resolved, Settings};
use dubline::store::{FolderStore, Store, sweep};
use dubline::supply::Share;
use std::collections::HashSet;
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

/// How many episodes are open at a time.
pub(super) fn open(settings: &Settings) -> usize {
    match settings.batch.open {
        0 => Batch::open(settings.thread_budget(), run::free_memory()),
        open => open,
    }
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
    let Asked { resolved, sources, series } = sources::of(job)?;
    let settings = resolved.settings.clone();
    if let Some(most) = settings.batch.max_cost {
        plan::is_affordable(job, most, progress, cancel.clone()).await?;
    }
    let several = sources.len() > 1;
    let logs = several.then(|| Logs::new(&settings.out.join("logs")));
    let events = match &logs {
        Some(logs) => logs.tee(progress.events()),
        None => progress.events(),
    };
    let runner = Arc::new(runner(resolved, Mode::Make, events, cancel)?);
    let how = Batch { open: open(&settings), fail_fast: settings.batch.fail_fast };
    let mut ended = Ended::default();
    let told = &mut |source: &Source, outcome: Result<Outcome>| ended.take(source, outcome, several, progress);
    let left = run::batch(&runner, sources, how, told).await;
    // One episode of a series changes what is told of the series.
    if series.len() > 1 && !ended.reports.is_empty() {
        ended.write(&settings, &series, progress)?;
        if several && !progress.tells_events() {
            tell(progress, &batch::shares(&Series::of(&ended.reports)))?;
        }
    }
    ended.verdict(&settings, left?, several, progress)
}

/// What became of the episodes so far.
#[derive(Default)]
struct Ended {
    reports: Vec<Report>,
    /// The first thing that went wrong, and how often something did.
    worst: Option<Error>,
    troubled: usize,
    whole: usize,
    /// Languages of episodes that ended with an error, so that there is no report of them.
    broken: usize,
}

impl Ended {
    /// Takes an outcome, and tells of it.
    fn take(&mut self, source: &Source, outcome: Result<Outcome>, several: bool, progress: &Progress) -> Result<()> {
        let mut errors = Vec::new();
        match outcome {
            Ok(mut outcome) => {
                // Machines read the reports; between their events a summary would be noise.
                if !progress.tells_events() {
                    let quiet = progress.is_quiet();
                    let text = if several { batch::rows(&outcome, quiet) } else { told(&outcome, quiet) };
                    print(progress, &text)?;
                }
                self.broken += outcome.broken.len();
                errors.extend(outcome.incomplete());
                errors.splice(0..0, outcome.broken.drain(..).map(|(_, error)| error));
                self.reports.append(&mut outcome.reports);
            }
            Err(error) => {
                self.broken += 1;
                errors.push(error.file(&source.path));
            }
        }
        self.troubled += usize::from(!errors.is_empty());
        self.whole += usize::from(errors.is_empty());
        for error in errors {
            // Of a single one, who ends the program tells.
            if several {
                progress.talk(&format!("error: {error}"));
                if let Some(hint) = error.remedy() {
                    progress.talk(&format!("  hint: {hint}"));
                }
            }
            self.worst.get_or_insert(error);
        }
        Ok(())
    }

    /// Puts together what all episodes of the series say, also those that other runs made: names that two of them
    /// spell differently are found only now.
    fn write(&mut self, settings: &Settings, series: &[Source], progress: &Progress) -> Result<()> {
        // Whoever writes the files last must have read what all others left.
        let _turn = Lock::turn(&settings.out)?;
        sweep(&settings.out);
        let key = |report: &Report| (report.episode.clone(), report.language.clone());
        let own: HashSet<(String, Lang)> = self.reports.iter().map(key).collect();
        self.reports.extend(series::others(settings, series, &own, &progress.events()));
        sort(&mut self.reports);
        dubline::gate::together(&mut self.reports);
        let series = Series::of(&self.reports);
        let path = |name: &str| Some(settings.out.join(name));
        let files = check::Files {
            junit: path("junit.xml"),
            html: path("report.html"),
            report: path("series.json"),
            sarif: None,
        };
        check::write_files(&files, &self.reports, &series, progress)?;
        // The run itself answers for its own episodes.
        self.reports.retain(|report| own.contains(&key(report)));
        Ok(())
    }

    /// How it ended: what could not be made comes first, then what is dubbed of it, then what the checks found.
    fn verdict(self, settings: &Settings, left: Vec<Source>, several: bool, progress: &Progress) -> Result<u8> {
        if !left.is_empty() {
            progress.talk(&format!("{} episodes were not begun, since one failed", left.len()));
        }
        match self.worst {
            Some(error) if !several => return Err(error),
            Some(_) if self.whole > 0 => {
                let all = self.troubled + self.whole;
                progress.talk(&format!(
                    "{} of {all} episodes are not whole; run again, and what was made is found again",
                    self.troubled
                ));
                return Ok(Kind::Partial.exit_code());
            }
            Some(error) => return Ok(error.exit_code()),
            None => {}
        }
        if self.reports.is_empty() {
            return Ok(0);
        }
        let mut share = Share::of(self.reports.iter().map(|report| &report.supplied));
        share.held += self.broken;
        if let Some(error) = short_of(share, settings) {
            return Err(error);
        }
        let stops = |report: &&Report| report.worst().is_some_and(|worst| worst.stops_at(settings.gate));
        let stopped = self.reports.iter().filter(stops).count();
        if stopped > 0 {
            let of = self.reports.len();
            return Err(Error::new(Kind::Gate, format!("{stopped} of {of} deliverables have findings that stop them"))
                .hint("read them above or in the report; --gate none only tells them"));
        }
        Ok(0)
    }
}

/// An error where less is dubbed than the settings ask for.
fn short_of(share: Share, settings: &Settings) -> Option<Error> {
    let (own, wanted) = (share.dubbed_share(), settings.supply.dubbed_share);
    // A share of nine tenths is reached by nine of ten, whatever floats say of it.
    if own + 1e-9 >= wanted {
        return None;
    }
    let percent = |share: f64| (share * 100.0).floor();
    Some(
        Error::new(
            Kind::Share,
            format!(
                "{} of {} are dubbed ({:.0}%), and {:.0}% must be",
                share.dubbed,
                share.all(),
                percent(own),
                (wanted * 100.0).round()
            ),
        )
        .hint("the reasons are told above; choose another voice engine for a language without voices (engine.synthesize), or lower supply.dubbed-share"),
    )
}

/// What became of an episode, and what was written; where it is quiet, what is wrong with it.
pub(super) fn told(outcome: &Outcome, quiet: bool) -> String {
    if quiet {
        return check::wrong(&outcome.reports);
    }
    let mut text: String = outcome.reports.iter().map(qc::summary).collect();
    for path in &outcome.written {
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    text
}
