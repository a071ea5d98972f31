//! One model on a thread of its own: fxtranslate's engine cannot be handed from thread to thread.
//!
//! Knows neither languages nor how a model is found. The thread ends with its worker.

use super::{sentence, terms};
use crate::engine::Term;
use crate::error::{Error, Kind, Result};
use crate::settings::TermMethod;
use fxtranslate::engine::Engine;
use fxtranslate::shortlist::Shortlist;
use std::path::PathBuf;
use std::sync::mpsc;

/// The files of a model.
pub(super) struct Files {
    pub(super) model: PathBuf,
    pub(super) source: PathBuf,
    pub(super) target: PathBuf,
    pub(super) shortlist: Option<PathBuf>,
}

/// A loaded model.
pub(super) struct Worker {
    id: String,
    work: mpsc::Sender<Work>,
}

struct Work {
    lines: Vec<(String, Vec<Term>)>,
    method: TermMethod,
    done: mpsc::Sender<Vec<String>>,
}

impl Worker {
    /// Loads a model.
    ///
    /// # Errors
    /// Fails if its files are not those of such a model.
    pub(super) fn start(id: &str, files: Files) -> Result<Worker> {
        let broken = |what: &str| {
            Error::new(Kind::CorruptModel, format!("cannot load the model {id}: {what}"))
                .hint(format!("run: dubline models pull {id}"))
        };
        let (work, todo) = mpsc::channel::<Work>();
        let (loaded, is_loaded) = mpsc::channel::<Result<(), String>>();
        let run = move || match load(&files) {
            Ok(engine) => {
                // Nobody waits any more where sending fails: then there is nothing to do.
                let _ = loaded.send(Ok(()));
                for Work { lines, method, done } in todo {
                    let texts = lines.iter().map(|(text, terms)| line(&engine, text, terms, method)).collect();
                    let _ = done.send(texts);
                }
            }
            Err(what) => {
                let _ = loaded.send(Err(what));
            }
        };
        std::thread::Builder::new()
            .name(id.chars().take(15).collect())
            .spawn(run)
            .map_err(|e| Error::new(Kind::Engine, "cannot start a thread for a model").because(e))?;
        match is_loaded.recv() {
            Ok(Ok(())) => Ok(Worker { id: id.to_owned(), work }),
            Ok(Err(what)) => Err(broken(&what)),
            // The library panics on files that are not what it expects.
            Err(_) => Err(broken("it is not such a model")),
        }
    }

    /// The translation of each line, with its terms.
    ///
    /// # Errors
    /// Fails if the model's thread has ended.
    pub(super) fn translate(&self, lines: Vec<(String, Vec<Term>)>, method: TermMethod) -> Result<Vec<String>> {
        let (done, texts) = mpsc::channel();
        let ended = || Error::new(Kind::Engine, format!("the model {} failed while it translated", self.id));
        self.work.send(Work { lines, method, done }).map_err(|_| ended())?;
        texts.recv().map_err(|_| ended())
    }
}

fn load(files: &Files) -> Result<Engine, String> {
    let engine = Engine::load_mmapped(&files.model, &files.source, &files.target)?;
    match &files.shortlist {
        Some(path) => Ok(engine.with_shortlist(Shortlist::load(path).map_err(|e| e.to_string())?)),
        None => Ok(engine),
    }
}

/// One line, sentence by sentence, with the glossary's wording where it can be put.
fn line(engine: &Engine, text: &str, terms: &[Term], method: TermMethod) -> String {
    let mut sentences = Vec::new();
    for sentence in sentence::split(text) {
        let is_here = |term: &&Term| !term.target.is_empty() && sentence.contains(&term.source);
        let here: Vec<&Term> = terms.iter().filter(is_here).collect();
        sentences.push(match method {
            _ if here.is_empty() => engine.translate(&sentence),
            TermMethod::None => engine.translate(&sentence),
            TermMethod::Align => terms::apply(&engine.translate_aligned(&sentence), &here),
            TermMethod::Placeholder => {
                protected(engine, &sentence, &here, &[]).unwrap_or_else(|| engine.translate(&sentence))
            }
            TermMethod::Both => {
                let aligned = terms::apply(&engine.translate_aligned(&sentence), &here);
                let (kept, missed): (Vec<&Term>, Vec<&Term>) =
                    here.iter().partition(|term| terms::is_in(&aligned, term));
                match missed.is_empty() {
                    true => aligned,
                    false => protected(engine, &sentence, &missed, &kept).unwrap_or(aligned),
                }
            }
        });
    }
    sentences.join(" ").trim().to_owned()
}

/// The sentence translated with placeholders for some terms, and the others put in by alignment; none where the
/// model did not bring each placeholder back.
fn protected(engine: &Engine, sentence: &str, guarded: &[&Term], others: &[&Term]) -> Option<String> {
    let (hidden, guarded) = terms::hide(sentence, guarded);
    if guarded.is_empty() {
        return None;
    }
    terms::reveal(&terms::apply(&engine.translate_aligned(&hidden), others), &guarded)
}
