//! Translation sentence by sentence with small neural models, in process: Firefox's, through fxtranslate.
//!
//! Knows which pairs are installed from the models' ids (`bergamot-<from>-<to>`), and goes by way of
//! English where there is no model for a pair but one for each half. Reads no context; how a glossary's
//! wording is put in is told in `terms`.

mod sentence;
mod terms;
mod worker;

use super::{Batch, Context, Entry, Fingerprint, Load, Translator};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::model::Models;
use crate::settings::{Settings, TermMethod};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use worker::{Files, Worker};

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "nmt",
    about: "small neural models, in process, sentence by sentence",
    models,
    build: |context: &Context| Ok(Arc::new(Nmt::new(context))),
};

/// Raised whenever the same model gives other texts: sentence splitting, the putting in of terms.
const VERSION: u32 = 3;

/// The language that every pair of these models has on one side.
const HUB: &str = "en";

struct Nmt {
    models: Arc<Models>,
    method: TermMethod,
    workers: Mutex<HashMap<String, Arc<Worker>>>,
}

/// The model of a direct pair.
fn model(from: &str, to: &str) -> String {
    format!("bergamot-{from}-{to}")
}

fn installed(models: &Models, id: &str) -> bool {
    models.file(id, "model.bin").is_ok()
}

/// The models that lead from one language to another: one, or two by way of English.
fn path(from: &Lang, to: &Lang, installed: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let direct = model(from.primary(), to.primary());
    if installed(&direct) {
        return Ok(vec![direct]);
    }
    let halves = vec![model(from.primary(), HUB), model(HUB, to.primary())];
    let (by_hub, missing) = match (from.primary(), to.primary()) {
        (HUB, _) | (_, HUB) => (false, vec![direct]),
        _ => (true, halves.iter().filter(|id| !installed(id)).cloned().collect()),
    };
    if by_hub && missing.is_empty() {
        return Ok(halves);
    }
    Err(Error::new(Kind::MissingModel, format!("no installed model translates from {} to {}", from.name(), to.name()))
        .hint(format!("run: dubline models pull {}", missing.join(" "))))
}

/// Can the installed models translate this pair, directly or by way of English?
pub fn is_installed(models: &Models, from: &Lang, to: &Lang) -> bool {
    path(from, to, |id| installed(models, id)).is_ok()
}

/// The models that these settings ask for. Chinese goes through the English script, so that is where it starts.
fn models(settings: &Settings) -> Vec<String> {
    let from = match settings.from.as_ref().map(Lang::primary) {
        None | Some("zh") => HUB,
        Some(from) => from,
    };
    let mut ids = Vec::new();
    for to in settings.to.iter().map(Lang::primary).filter(|to| *to != from) {
        let path =
            if from == HUB || to == HUB { vec![model(from, to)] } else { vec![model(from, HUB), model(HUB, to)] };
        ids.extend(path);
    }
    ids.sort();
    ids.dedup();
    ids
}

impl Nmt {
    fn new(context: &Context) -> Nmt {
        Nmt { models: context.models.clone(), method: context.settings.nmt.terms, workers: Mutex::default() }
    }

    fn path(&self, from: &Lang, to: &Lang) -> Result<Vec<String>> {
        path(from, to, |id| installed(&self.models, id))
    }

    fn worker(&self, id: &str) -> Result<Arc<Worker>> {
        // Held while loading, so that two calls do not load one model twice.
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = workers.get(id) {
            return Ok(worker.clone());
        }
        let file = |name: &str| self.models.file(id, name);
        let (source, target) = match file("vocab.spm") {
            Ok(vocabulary) => (vocabulary.clone(), vocabulary),
            // Pairs with two writings have a vocabulary a side.
            Err(shared) => (file("srcvocab.spm").map_err(|_| shared)?, file("trgvocab.spm")?),
        };
        // Without the shortlist it is slower, not worse.
        let files = Files { model: file("model.bin")?, source, target, shortlist: file("lex.bin").ok() };
        let worker = Arc::new(Worker::start(id, files)?);
        workers.insert(id.to_owned(), worker.clone());
        Ok(worker)
    }
}

impl Translator for Nmt {
    fn fingerprint(&self, from: &Lang, to: &Lang) -> Result<Fingerprint> {
        let path = self.path(from, to)?;
        let digests: Vec<String> = path.iter().map(|id| self.models.fingerprint(id)).collect::<Result<_>>()?;
        let detail = format!("{} fxtranslate 0.5 text {VERSION} terms {:?}", digests.join(" "), self.method);
        Ok(Fingerprint { engine: "nmt".into(), model: path.join(" "), detail })
    }

    fn load(&self) -> Load {
        Load { threads: 1, parallel: 1 }
    }

    fn batch_size(&self) -> usize {
        16
    }

    fn reads_context(&self) -> bool {
        false
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        let mut texts: Vec<String> = batch.lines.iter().map(|request| request.text.clone()).collect();
        let path = self.path(&batch.from, &batch.to)?;
        for (step, id) in path.iter().enumerate() {
            // Between two models the text is in neither language of the glossary.
            let with_terms = step == 0 && path.len() == 1;
            let terms = |line: usize| if with_terms { batch.lines[line].terms.clone() } else { Vec::new() };
            let lines = texts.into_iter().enumerate().map(|(i, text)| (text, terms(i))).collect();
            texts = self.worker(id)?.translate(lines, self.method)?;
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
