//! `dubline watch`: takes each file of a folder once it is complete, and does with it what `run` does.
//!
//! Polls. A wake-up by the system would save nothing, since a file must rest before it is taken, and there is none on
//! most network mounts.

mod hands;
mod ledger;
mod take;
mod told;

use super::{episodes, resolve};
use dubline::cancel::Cancel;
use dubline::cli::JobOptions;
use dubline::error::{Error, Kind, Result};
use dubline::event::Event;
use dubline::progress::Progress;
use dubline::run::{Mode, Runner};
use dubline::settings::{Resolved, Settings};
use dubline::watch::{LOOKS, Look, Watcher, settings_digest};
use dubline::webhook::Webhook;
use ledger::Ledger;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};
use told::Logs;

/// What was asked for.
pub(super) struct Wish<'a> {
    pub(super) folder: &'a Path,
    pub(super) options: &'a JobOptions,
    /// Take what is there, then end.
    pub(super) once: bool,
    /// Try what failed before again.
    pub(super) retry: bool,
}

/// One watcher at work.
struct Shift<'a> {
    wish: Wish<'a>,
    progress: &'a Progress,
    cancel: Cancel,
    state: PathBuf,
    ledger: Ledger,
    watcher: Watcher,
    hook: Option<Webhook>,
    logs: Logs,
    begun: Instant,
    /// The settings that the judgements of this shift rest on.
    settings: String,
    /// Quarantined files of this folder and their records.
    failed: HashMap<String, PathBuf>,
    /// What was said and need not be said again.
    said: HashSet<String>,
    /// The first failure's exit code.
    worst: u8,
}

/// What the files of one turn share.
struct Batch {
    runner: Arc<Runner>,
    settings: Settings,
    digest: String,
    /// How many of them are made at a time.
    open: usize,
}

pub(super) async fn run(wish: Wish<'_>, progress: &Progress, cancel: Cancel) -> Result<u8> {
    let resolved = sensible(wish.options)?;
    let settings = &resolved.settings;
    // What is wrong from the start is told now, not when the first file has arrived.
    list(wish.folder)?;
    let state = settings.watch.state.clone().unwrap_or_else(|| settings.out.join(".dubline"));
    let (ledger, unreadable) = Ledger::open(&state)?;
    let mut shift = Shift {
        hook: Webhook::new(&settings.webhook, settings.offline, &state.join("webhook"))?,
        watcher: Watcher::new(seconds(settings.watch.settle_seconds)),
        wish,
        progress,
        cancel,
        state,
        ledger,
        logs: Logs::default(),
        begun: Instant::now(),
        settings: settings_digest(settings),
        failed: HashMap::new(),
        said: HashSet::new(),
        worst: 0,
    };
    for warning in unreadable {
        progress.events().warn(None, warning);
    }
    if shift.hook.as_ref().is_some_and(Webhook::is_held) {
        progress.events().warn(None, "the run is offline: what is for the webhook waits on disk");
    }
    shift.batch(resolved.clone())?;
    if shift.wish.retry {
        shift.ledger.retry()?;
        if let Some(hook) = &mut shift.hook {
            hook.retry()?;
        }
    }
    if shift.wish.once { shift.once(settings).await } else { shift.on().await }
}

/// The settings, as far as they make sense for more than one episode.
fn sensible(options: &JobOptions) -> Result<Resolved> {
    let resolved = resolve(Some(options))?;
    let settings = &resolved.settings;
    if settings.transcript.is_some() || !settings.scripts.is_empty() {
        return Err(Error::new(Kind::Usage, "a transcript or a script belongs to one episode, not to a folder")
            .hint("leave --transcript and --script out, or use `dubline run` for that episode"));
    }
    for (key, value) in
        [("settle-seconds", settings.watch.settle_seconds), ("poll-seconds", settings.watch.poll_seconds)]
    {
        if !(0.0..=86_400.0).contains(&value) {
            return Err(Error::new(Kind::Usage, format!("watch.{key} = {value} is no time"))
                .hint("give seconds, from 0 to a day"));
        }
    }
    Ok(resolved)
}

impl Shift<'_> {
    /// Until a stop is asked for, which is a good end.
    async fn on(mut self) -> Result<u8> {
        self.tell(".", format!("watching {}; Ctrl-C ends it", self.wish.folder.display()));
        while !self.cancel.requested() {
            let poll = match sensible(self.wish.options) {
                Ok(resolved) => {
                    let poll = seconds(resolved.settings.watch.poll_seconds);
                    self.turn(resolved).await?;
                    poll
                }
                // Somebody is in the middle of editing dubline.toml; nothing is taken until it can be read.
                Err(error) => {
                    self.complain(&error);
                    Duration::from_secs(2)
                }
            };
            self.pause(poll.max(Duration::from_millis(20))).await;
        }
        Ok(0)
    }

    /// What is there and complete, then the end.
    async fn once(mut self, settings: &Settings) -> Result<u8> {
        let settle = seconds(settings.watch.settle_seconds);
        let poll = (settle / LOOKS).clamp(Duration::from_millis(20), Duration::from_secs(2));
        let mut looks = 0;
        loop {
            self.turn(sensible(self.wish.options)?).await?;
            looks += 1;
            // A file that rested from the first look on has been taken by then; one that did not is not complete.
            let over = looks > LOOKS && self.begun.elapsed() > settle + poll;
            if self.cancel.requested() || over || self.watcher.waiting().is_empty() {
                break;
            }
            self.pause(poll).await;
        }
        let waiting: Vec<String> = self.watcher.waiting().into_iter().map(str::to_owned).collect();
        for name in waiting {
            self.tell(&name, "has not rested long enough; it is left for the next time".into());
        }
        while !self.cancel.requested() && self.hook.as_ref().is_some_and(Webhook::is_pressing) {
            self.deliver().await;
            self.pause(Duration::from_millis(50)).await;
        }
        Ok(self.worst)
    }

    /// One look at the folder, and everything that it asks for.
    async fn turn(&mut self, resolved: Resolved) -> Result<()> {
        self.watcher.set_settle(seconds(resolved.settings.watch.settle_seconds));
        self.deliver().await;
        let released: Vec<String> =
            self.failed.iter().filter(|(_, record)| !record.exists()).map(|(name, _)| name.clone()).collect();
        for name in released {
            self.failed.remove(&name);
            self.watcher.forget(&name);
        }
        // A file is known by its content and the settings, after a new start as now.
        let settings = settings_digest(&resolved.settings);
        if self.settings != settings {
            self.watcher.judge_anew();
            self.settings = settings;
        }
        let listing = match list(self.wish.folder) {
            Ok(listing) => listing,
            // A network mount that is away comes back.
            Err(error) if !self.wish.once => {
                self.complain(&error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for name in listing.strange {
            self.say_once(format!("{name}: is passed over, since its name is not valid UTF-8; rename it"));
        }
        let ready = self.watcher.look(self.begun.elapsed(), &listing.files);
        if ready.is_empty() {
            return Ok(());
        }
        let batch = match self.batch(resolved) {
            Ok(batch) => batch,
            Err(error) if !self.wish.once => {
                self.complain(&error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.take(ready, &batch).await
    }

    /// What the files that are ready now are made with. Settings, glossaries and engines are read anew each time: an
    /// edited `dubline.toml` or glossary counts from the next file on, and no model fills the memory while nothing
    /// arrives.
    fn batch(&mut self, resolved: Resolved) -> Result<Batch> {
        let settings = resolved.settings.clone();
        if !self.hook.as_ref().is_some_and(|hook| hook.is_of(&settings.webhook, settings.offline)) {
            self.hook = Webhook::new(&settings.webhook, settings.offline, &self.state.join("webhook"))?;
        }
        let events = self.logs.tee(self.progress.events());
        let runner = Arc::new(episodes::runner(resolved, Mode::Make, events, self.cancel.clone())?);
        Ok(Batch { runner, digest: settings_digest(&settings), open: episodes::open(&settings), settings })
    }

    async fn deliver(&mut self) {
        if let Some(hook) = &mut self.hook {
            for warning in hook.turn().await.warnings {
                self.progress.events().warn(None, warning);
            }
        }
    }

    /// Waits, but not on when a stop is asked for.
    async fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.cancel.requested() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        }
    }

    fn tell(&self, file: &str, message: String) {
        self.progress.events().send(Event::Upload { file: file.to_owned(), message });
    }

    fn error(&self, error: &Error) {
        self.progress.talk(&format!("error: {error}"));
        if let Some(hint) = error.remedy() {
            self.progress.talk(&format!("  hint: {hint}"));
        }
    }

    /// Tells an error that may last for many turns, once.
    fn complain(&mut self, error: &Error) {
        if self.said.insert(error.to_string()) {
            self.error(error);
        }
    }

    fn say_once(&mut self, warning: String) {
        if self.said.insert(warning.clone()) {
            self.progress.events().warn(None, warning);
        }
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[derive(Default)]
struct Listing {
    files: Vec<(String, Look)>,
    strange: Vec<String>,
}

/// The files in the folder itself; what lies in folders below it is not looked at, since outputs are named after
/// files alone.
fn list(folder: &Path) -> Result<Listing> {
    let unreadable = |e: std::io::Error| {
        Error::new(Kind::Media, "cannot look into the watched folder")
            .file(folder)
            .because(e)
            .hint("check that it is a folder, is mounted, and may be read")
    };
    let mut listing = Listing::default();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // What vanished since is no file.
        let Some(look) = look(&entry.path()) else { continue };
        match entry.file_name().into_string() {
            Ok(name) => listing.files.push((name, look)),
            Err(name) => listing.strange.push(name.to_string_lossy().into_owned()),
        }
    }
    Ok(listing)
}

/// How a file looks now; nothing if it is none.
fn look(path: &Path) -> Option<Look> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let modified = metadata.modified().ok()?;
    let nanoseconds = match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanoseconds| -nanoseconds),
    };
    Some(Look { size: metadata.len(), modified: nanoseconds })
}
