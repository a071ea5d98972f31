//! The step: describe → key → in the store? say so : run within the thread budget → put → event.
//!
//! Does not know which steps there are; the recipe in `run.rs` does.

use super::pools::{Need, Permit, Pools};
use super::sound::blocking;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::event::{Event, Events, StageTime, Work};
use crate::store::{Bucket, Manifest, Sidecar, Store, Stored};
use serde::Serialize;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Makes results, or only says which would be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make what is missing.
    Make,
    /// Make nothing; record what is missing and why.
    Plan,
}

/// Why the recipe does not go on.
#[derive(Debug)]
pub enum Stop {
    /// While planning: a result is missing, so what follows from it is not known.
    Planned,
    /// An error.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

/// Why a thing is made for the first time.
const NEVER: &str = "it was never made";

/// One result, as a plan sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanItem {
    /// Episode, stage and language.
    #[serde(flatten)]
    pub work: Work,
    /// Which thing it is.
    pub subject: String,
    /// Is it to be made?
    pub to_do: bool,
    /// Inputs that differ from the last time, or that there was none; empty for what is done.
    pub why: Vec<String>,
    /// Was it made before, from something else?
    pub stale: bool,
    /// Characters of the text that it is made from; 0 where it is made from something else.
    pub characters: usize,
}

/// What every step needs. Cheap to clone.
#[derive(Clone)]
pub struct Machine {
    /// Where results lie.
    pub store: Arc<dyn Store>,
    /// Who listens.
    pub events: Events,
    /// The wish to stop.
    pub cancel: Cancel,
    /// How many permits there are in all.
    pub threads: usize,
    /// Make or plan.
    pub mode: Mode,
    pools: Pools,
    plan: Arc<Mutex<Vec<PlanItem>>>,
    /// While planning: the last result for each subject of a bucket.
    latest: Arc<Mutex<HashMap<Bucket, HashMap<String, Sidecar>>>>,
}

/// What a step made.
pub struct Made {
    /// The result.
    pub bytes: Vec<u8>,
    /// The engine that made it.
    pub engine: Option<String>,
}

impl Made {
    /// A result made without an engine.
    pub fn plain(bytes: Vec<u8>) -> Made {
        Made { bytes, engine: None }
    }

    /// A result in JSON.
    ///
    /// # Errors
    /// Fails if `value` has no JSON form.
    pub fn json(value: &impl Serialize) -> Result<Made> {
        let bytes =
            serde_json::to_vec_pretty(value).map_err(|e| Error::internal("a result has no JSON form").because(e))?;
        Ok(Made::plain(bytes))
    }

    /// Names the engine.
    pub fn by(mut self, engine: impl Into<String>) -> Made {
        self.engine = Some(engine.into());
        self
    }
}

/// Follows one stage of one episode and language: counts, time, engines, events.
pub struct Tracker {
    work: Work,
    events: Events,
    begun: Instant,
    total: AtomicU64,
    done: AtomicU64,
    computed: AtomicU64,
    reused: AtomicU64,
    made: Mutex<(f64, Vec<String>)>,
}

impl Tracker {
    /// The piece of work that it follows.
    pub fn work(&self) -> &Work {
        &self.work
    }

    /// `total` units are ahead; 0 where that is not known.
    pub fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.tell();
    }

    /// `done` units in all are behind.
    pub fn reach(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.tell();
    }

    /// One more unit is behind.
    pub fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    /// A result is there.
    pub fn count(&self, sidecar: &Sidecar, reused: bool) {
        if reused { &self.reused } else { &self.computed }.fetch_add(1, Ordering::Relaxed);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.0 += sidecar.seconds;
        if let Some(engine) = &sidecar.engine
            && !made.1.contains(engine)
        {
            made.1.push(engine.clone());
        }
    }

    fn tell(&self) {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        self.events.send(Event::Progress { work: self.work.clone(), done, total });
    }

    fn time(&self) -> StageTime {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        StageTime {
            stage: self.work.stage,
            computed: self.computed.load(Ordering::Relaxed),
            reused: self.reused.load(Ordering::Relaxed),
            seconds: self.begun.elapsed().as_secs_f64(),
            work_seconds: made.0,
            engines: made.1.clone(),
        }
    }
}

impl Machine {
    /// A machine with a budget of `threads` compute threads.
    pub fn new(store: Arc<dyn Store>, events: Events, cancel: Cancel, threads: usize, mode: Mode) -> Machine {
        let threads = threads.max(1);
        Machine {
            store,
            events,
            cancel,
            threads,
            mode,
            pools: Pools::new(threads),
            plan: Arc::default(),
            latest: Arc::default(),
        }
    }

    /// Runs one stage, told to the world as begun and as ended well or badly.
    ///
    /// # Errors
    /// Fails as `stage` does; an error is told with the stage and the language in it.
    pub async fn stage<T, F>(&self, work: Work, stage: impl FnOnce(Arc<Tracker>) -> F) -> Result<(T, StageTime), Stop>
    where
        F: Future<Output = Result<T, Stop>>,
    {
        let tracker = Arc::new(Tracker {
            work: work.clone(),
            events: self.events.clone(),
            begun: Instant::now(),
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
            computed: AtomicU64::new(0),
            reused: AtomicU64::new(0),
            made: Mutex::default(),
        });
        self.events.send(Event::Started { work: work.clone() });
        match stage(Arc::clone(&tracker)).await {
            Ok(value) => {
                let time = tracker.time();
                let (computed, reused, seconds) = (time.computed, time.reused, time.seconds);
                self.events.send(Event::Finished { work, computed, reused, seconds });
                Ok((value, time))
            }
            Err(Stop::Failed(error)) => {
                let error = error.stage(work.stage.name());
                let error = match &work.language {
                    Some(language) => error.language(language),
                    None => error,
                };
                self.events.send(Event::Failed { work, error: error.to_string() });
                Err(Stop::Failed(error))
            }
            Err(Stop::Planned) => Err(Stop::Planned),
        }
    }

    /// One result: found in the store, or made within the thread budget and put there.
    ///
    /// # Errors
    /// Fails if the store cannot be used, a stop was asked for, or `make` fails.
    pub async fn step(
        &self,
        tracker: &Tracker,
        manifest: Manifest,
        need: Need,
        make: impl FnOnce() -> Result<Made> + Send + 'static,
    ) -> Result<Stored, Stop> {
        if let Some(stored) = self.find(tracker, &manifest)? {
            return Ok(stored);
        }
        if self.mode == Mode::Plan {
            return Err(Stop::Planned);
        }
        let stored = self.make(manifest, need, make).await?;
        tracker.count(&stored.sidecar, false);
        Ok(stored)
    }

    /// A result that is nobody's line or take, and so is neither counted nor planned; none while planning, where it is
    /// not there yet.
    ///
    /// # Errors
    /// Fails as [`Machine::step`] does.
    pub async fn aside(
        &self,
        manifest: Manifest,
        need: Need,
        make: impl FnOnce() -> Result<Made> + Send + 'static,
    ) -> Result<Option<Stored>> {
        if let Some(stored) = self.store.get(manifest.bucket(), &manifest.key())? {
            return Ok(Some(stored));
        }
        if self.mode == Mode::Plan {
            return Ok(None);
        }
        self.make(manifest, need, make).await.map(Some)
    }

    /// Makes a result within the thread budget and puts it into the store.
    pub(super) async fn make(
        &self,
        manifest: Manifest,
        need: Need,
        make: impl FnOnce() -> Result<Made> + Send + 'static,
    ) -> Result<Stored> {
        let store = Arc::clone(&self.store);
        let make = move || {
            let begun = Instant::now();
            put(store.as_ref(), &manifest, make()?, begun)
        };
        self.within(need, make).await
    }

    /// Does work that may block within the thread budget.
    pub(super) async fn within<T: Send + 'static>(
        &self,
        need: Need,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.cancel.check()?;
        let permit = self.permit(need).await?;
        self.cancel.check()?;
        let done = blocking(work).await?;
        drop(permit);
        Ok(done)
    }

    /// Waits until work of this kind may begin.
    ///
    /// # Errors
    /// Fails only if the budget was closed, which nothing does.
    pub async fn permit(&self, need: Need) -> Result<Permit> {
        self.pools.permit(need).await
    }

    /// The result, if it lies in the store; counted, or put into the plan.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    pub fn find(&self, tracker: &Tracker, manifest: &Manifest) -> Result<Option<Stored>> {
        let found = self.store.get(manifest.bucket(), &manifest.key())?;
        self.looked_up(tracker, manifest, found.as_ref().map(|stored| &stored.sidecar))?;
        Ok(found)
    }

    /// As [`Machine::find`], but only the description: the result itself is not read.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    pub fn peek(&self, tracker: &Tracker, manifest: &Manifest) -> Result<Option<Sidecar>> {
        let found = self.store.peek(manifest.bucket(), &manifest.key())?;
        self.looked_up(tracker, manifest, found.as_ref())?;
        Ok(found)
    }

    fn looked_up(&self, tracker: &Tracker, manifest: &Manifest, found: Option<&Sidecar>) -> Result<()> {
        if let Some(sidecar) = found {
            tracker.count(sidecar, true);
        }
        if self.mode == Mode::Plan {
            let why = if found.is_some() { Vec::new() } else { self.why(manifest)? };
            let stale = !why.is_empty() && why != [NEVER];
            let characters = manifest.value("text").map_or(0, |text| text.chars().count());
            let (subject, to_do) = (manifest.subject().to_owned(), found.is_none());
            self.add(PlanItem { work: tracker.work().clone(), subject, to_do, why, stale, characters });
        }
        Ok(())
    }

    /// Puts a finished result into the store and counts it.
    ///
    /// # Errors
    /// Fails if the store cannot be written.
    pub fn keep(&self, tracker: &Tracker, manifest: &Manifest, made: Made, begun: Instant) -> Result<Stored> {
        let stored = put(self.store.as_ref(), manifest, made, begun)?;
        tracker.count(&stored.sidecar, false);
        Ok(stored)
    }

    /// Adds a row to the plan.
    pub fn note(&self, work: &Work, subject: &str, to_do: bool, why: Vec<String>) {
        self.add(PlanItem { work: work.clone(), subject: subject.to_owned(), to_do, why, stale: false, characters: 0 });
    }

    fn add(&self, item: PlanItem) {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    /// The plan so far.
    pub fn plan(&self) -> Vec<PlanItem> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What differs from the last result for the same subject.
    fn why(&self, manifest: &Manifest) -> Result<Vec<String>> {
        let bucket = manifest.bucket();
        let mut known = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        // Listed once: a plan makes nothing, and a series asks for thousands of subjects.
        let latest = match known.entry(bucket) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let mut latest: HashMap<String, Sidecar> = HashMap::new();
                for sidecar in self.store.list(bucket)?.into_iter().map(|listed| listed.sidecar) {
                    let last = latest.get(&sidecar.subject);
                    if last.is_none_or(|last| last.created < sidecar.created) {
                        latest.insert(sidecar.subject.clone(), sidecar);
                    }
                }
                entry.insert(latest)
            }
        };
        Ok(match latest.get(manifest.subject()) {
            Some(last) => difference(&last.manifest, manifest.explain()),
            None => vec![NEVER.to_owned()],
        })
    }
}

pub(super) fn put(store: &dyn Store, manifest: &Manifest, made: Made, begun: Instant) -> Result<Stored> {
    let sidecar = Sidecar::describe(manifest, &made.bytes, made.engine, begun.elapsed().as_secs_f64());
    store.put_if_absent(manifest.bucket(), &manifest.key(), &made.bytes, &sidecar)?;
    Ok(Stored { bytes: made.bytes, sidecar })
}

/// Rows of two manifests that differ, as sentences.
fn difference(old: &str, new: &str) -> Vec<String> {
    fn row(line: &str) -> (&str, &str) {
        line.split_once(": ").unwrap_or((line, ""))
    }
    let old: Vec<_> = old.lines().map(row).collect();
    let new: Vec<_> = new.lines().map(row).collect();
    let mut rows = Vec::new();
    for (name, value) in &new {
        match old.iter().find(|(n, _)| n == name) {
            Some((_, before)) if before == value => {}
            Some((_, before)) => rows.push(format!("{name}: {} → {}", short(before), short(value))),
            None => rows.push(format!("{name}: new, {}", short(value))),
        }
    }
    for (name, before) in &old {
        if !new.iter().any(|(n, _)| n == name) {
            rows.push(format!("{name}: gone, was {}", short(before)));
        }
    }
    if rows.is_empty() { vec!["the stored result is damaged".to_owned()] } else { rows }
}

fn short(value: &str) -> String {
    let is_digest = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let limit = if is_digest { 12 } else { 60 };
    if value.chars().count() <= limit { value.to_owned() } else { value.chars().take(limit).chain(['…']).collect() }
}

#[cfg(test)]
mod tests;
