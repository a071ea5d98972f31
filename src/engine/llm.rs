//! The embedded language model as a translator.
//!
//! Knows prompts and answers; the process that holds the model is `child`'s business. A process that
//! dies is one failed batch: the next call starts it again, unless it keeps dying.

mod child;

use super::llm_protocol::{Answer, Ask};
use super::{Batch, Context, Entry, Fingerprint, Load, Translator, prompt};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use child::Child;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "llm",
    about: "a language model in a process of its own (dubline-llm); reads glossary and context",
    models,
    build: |context: &Context| Ok(Arc::new(Llm::new(context))),
};

/// What the program is called.
const PROGRAM: &str = "dubline-llm";

/// Lines that one call translates. One at a time small models translate best, and since the beginning of
/// the prompt stays in the model's memory it costs little.
const BATCH: usize = 1;

/// Processes that may be lost one after the other: a line that kills two is a line that fails, but where a
/// third one dies as well it is not the lines' fault.
const MOST_LOST: u32 = 2;

/// Of a second attempt: enough for another wording, too little for nonsense.
const RETRY_TEMPERATURE: f32 = 0.4;

struct Llm {
    context: Context,
    child: Mutex<Slot>,
    next_id: AtomicU64,
}

#[derive(Default)]
struct Slot {
    child: Option<Child>,
    /// Processes lost one after the other without an answer between.
    lost: u32,
}

/// A model of the registry; a path is the user's own file.
fn models(settings: &Settings) -> Vec<String> {
    match own_file(&settings.llm.model) {
        Some(_) => Vec::new(),
        None => vec![settings.llm.model.clone()],
    }
}

fn own_file(model: &str) -> Option<&Path> {
    let path = Path::new(model);
    (path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gguf")) || path.components().count() > 1).then_some(path)
}

/// The program: as set, beside the running one, or on the path.
fn program(set: Option<&Path>) -> Result<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let missing = |what: String| {
        Error::new(Kind::MissingTool, what)
            .hint("install it beside dubline (cargo build --release builds both), or name it in llm.program")
    };
    if let Some(set) = set {
        return match set.is_file() {
            true => Ok(set.to_owned()),
            false => Err(missing("is not there, but llm.program names it".into()).file(set)),
        };
    }
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(&name)));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .chain(std::env::split_paths(&on_path).map(|folder| folder.join(&name)))
        .find(|path| path.is_file())
        .ok_or_else(|| missing(format!("the program {PROGRAM} is neither beside dubline nor on the path")))
}

impl Llm {
    fn new(context: &Context) -> Llm {
        Llm { context: context.clone(), child: Mutex::default(), next_id: AtomicU64::new(1) }
    }

    fn model(&self) -> Result<PathBuf> {
        let model = &self.context.settings.llm.model;
        match own_file(model) {
            Some(path) if path.is_file() => Ok(path.to_owned()),
            Some(path) => Err(Error::new(Kind::MissingModel, "there is no such model file")
                .file(path)
                .hint("correct llm.model, or choose one of `dubline models list`")),
            None => self.context.models.file(model, "model.gguf"),
        }
    }

    fn start(&self) -> Result<Child> {
        let settings = &self.context.settings.llm;
        let program = program(settings.program.as_deref())?;
        let timeout = Duration::from_secs(settings.timeout_seconds.max(1));
        let arguments = child::Arguments {
            model: self.model()?,
            threads: self.context.threads.max(1),
            context: settings.context_tokens,
        };
        Child::start(&program, &arguments, timeout, &self.context.cancel)
    }

    fn ask(&self, ask: &Ask) -> Result<Answer> {
        let mut slot = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = match slot.child.take() {
            Some(child) => child,
            None => self.start()?,
        };
        let timeout = Duration::from_secs(self.context.settings.llm.timeout_seconds.max(1));
        let answer = child.ask(ask, timeout, &self.context.cancel);
        match &answer {
            Ok(_) => {
                slot.lost = 0;
                slot.child = Some(child);
            }
            Err(lost) if lost.kind() == Kind::Answer => {
                slot.lost += 1;
                if slot.lost > MOST_LOST {
                    return Err(Error::new(Kind::Engine, lost.to_string()).hint(
                        "give it more memory or time (llm.timeout-seconds), or choose a smaller model in llm.model",
                    ));
                }
            }
            Err(_) => {}
        }
        answer
    }
}

impl Translator for Llm {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        let settings = &self.context.settings.llm;
        let model = match own_file(&settings.model) {
            // Reading gigabytes for a digest at every start would be slow; size and time tell files apart.
            Some(path) => {
                let meta = self
                    .model()?
                    .metadata()
                    .map_err(|e| Error::new(Kind::MissingModel, "cannot read the model file").file(path).because(e))?;
                let time = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
                format!("{} bytes, modified {}", meta.len(), time.unwrap_or_default().as_millis())
            }
            None => self.context.models.fingerprint(&settings.model)?,
        };
        let detail = format!("{model} prompt {} batch {BATCH} llama-cpp-2 0.1.160", prompt::VERSION);
        Ok(Fingerprint { engine: "llm".into(), model: settings.model.clone(), detail })
    }

    fn load(&self) -> Load {
        Load { threads: self.context.threads, parallel: 1 }
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn reads_context(&self) -> bool {
        true
    }

    fn edits(&self) -> bool {
        true
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        if batch.lines.is_empty() {
            return Ok(Vec::new());
        }
        let ask = Ask {
            id: self.next_id.fetch_add(1, Ordering::Relaxed),
            messages: prompt::messages(batch),
            grammar: prompt::grammar(batch),
            max_tokens: prompt::max_tokens(batch),
            temperature: if batch.attempt == 0 { 0.0 } else { RETRY_TEMPERATURE },
            seed: batch.attempt,
        };
        let unusable = |what: String| {
            Error::new(Kind::Answer, what)
                .hint("try a better model (`dubline models list`), or correct the line by hand")
        };
        match self.ask(&ask)? {
            Answer::Given(given) => {
                tracing::debug!(
                    prompt = given.prompt_tokens,
                    reused = given.reused_tokens,
                    output = given.output_tokens,
                    seconds = given.seconds,
                    "answered"
                );
                if !given.complete {
                    return Err(unusable(format!("the model did not come to an end within {} tokens", ask.max_tokens)));
                }
                prompt::parse(batch, &given.text)
            }
            Answer::Refused { error, .. } => Err(unusable(format!("the model cannot answer: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests;
