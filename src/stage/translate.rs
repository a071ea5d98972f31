//! Translation: which engine a pair of languages takes, what is asked for each line, and what may stand in a script.
//!
//! Knows engines by their trait alone, and neither the store nor the pools: it says what is to be done
//! (`jobs`), does it (`run`), and hands each line back as soon as it is finished. A line that cannot be
//! translated is a value that says why; an engine that cannot work is an error.

mod route;
mod verify;

pub use route::{Route, Step, route, steps};
pub use verify::verify;

use crate::cancel::Cancel;
use crate::engine::{Batch, Fingerprint, Request, Term, Translator};
use crate::error::{Error, Kind, Result};
use crate::glossary::{EntryKind, Glossary, amounts};
use crate::lang::Lang;
use crate::script::{Line, LineState, Script, Transcript};
use crate::store::{Bucket, Manifest};
use crate::time::Span;

/// Where finished lines lie: a [`LineState`] as JSON, one for each line; failed lines are not kept.
pub const BUCKET: Bucket = Bucket::new("line", 1, "json");

/// Raised whenever the same request is treated differently here: verification, retries.
const VERSION: u32 = 1;

/// How many lines before and after a line its translator may see.
const BEFORE: usize = 2;
const AFTER: usize = 1;

/// A line as this stage gets it: a cue, or a line of the script that stands between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The cue.
    pub cue: u32,
    /// When it is spoken.
    pub span: Span,
    /// Who says it.
    pub speaker: Option<String>,
    /// What the cue says, in the episode's language.
    pub said: String,
    /// What is to be translated; or why there is nothing, where the script that stands between failed.
    pub text: Result<String, String>,
}

/// The lines of a transcript.
pub fn from_transcript(transcript: &Transcript) -> Vec<Original> {
    let original = |cue: &crate::script::Cue| Original {
        cue: cue.id,
        span: cue.span,
        speaker: cue.speaker.clone(),
        said: cue.text.clone(),
        text: Ok(cue.text.clone()),
    };
    transcript.cues.iter().map(original).collect()
}

/// The lines of a script, to be translated on.
pub fn from_script(script: &Script) -> Vec<Original> {
    let original = |line: &Line| Original {
        cue: line.cue,
        span: line.span,
        speaker: line.speaker.clone(),
        said: line.source.clone(),
        text: match &line.state {
            LineState::Written { text, .. } => Ok(text.clone()),
            LineState::Failed { why } => Err(format!("{} failed: {why}", script.language.name())),
        },
    };
    script.lines.iter().map(original).collect()
}

/// What is to be done for one line, and everything that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its place among the originals.
    pub index: usize,
    /// What is asked.
    pub request: Request,
    /// What can change the result; its key names the line in [`BUCKET`].
    pub manifest: Manifest,
}

/// From what into what, by whom, and with which knowledge.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Language of the originals.
    pub from: &'a Lang,
    /// Language wanted.
    pub to: &'a Lang,
    /// What the series is about; may be empty.
    pub synopsis: &'a str,
    /// Decisions for this pair.
    pub glossary: &'a Glossary,
    /// Who translates.
    pub engine: &'a dyn Translator,
}

/// The jobs of an episode: one for every original that has a text, in order.
///
/// # Errors
/// Fails if the engine's model is missing.
pub fn jobs(task: &Task<'_>, originals: &[Original]) -> Result<Vec<Job>> {
    let fingerprint = task.engine.fingerprint(task.from, task.to)?;
    let texts: Vec<Option<&str>> = originals.iter().map(|original| original.text.as_deref().ok()).collect();
    let job = |(index, original): (usize, &Original)| {
        let text = original.text.as_ref().ok()?;
        let neighbours = |range: std::ops::Range<usize>| -> Vec<String> {
            texts.get(range).into_iter().flatten().flatten().map(|text| (*text).to_owned()).collect()
        };
        let reads = task.engine.reads_context();
        let request = Request {
            cue: original.cue,
            text: text.clone(),
            speaker: original.speaker.clone(),
            before: if reads { neighbours(index.saturating_sub(BEFORE)..index) } else { Vec::new() },
            after: if reads { neighbours(index + 1..texts.len().min(index + 1 + AFTER)) } else { Vec::new() },
            terms: terms(task.glossary, text),
        };
        let manifest = manifest(task, &request, &fingerprint);
        Some(Job { index, request, manifest })
    };
    Ok(originals.iter().enumerate().filter_map(job).collect())
}

/// Everything that can change the translation of a line.
fn manifest(task: &Task<'_>, request: &Request, fingerprint: &Fingerprint) -> Manifest {
    let subject = format!("line {} in {}", request.cue, task.to.name());
    let mut manifest = Manifest::new(BUCKET, subject)
        .input("engine", fingerprint)
        .input("stage", VERSION)
        .input("from", task.from)
        .input("to", task.to)
        .input("text", &request.text);
    // Where an engine reads no context the lists are empty, and the synopsis is nothing to it.
    for (i, line) in request.before.iter().rev().enumerate() {
        manifest = manifest.input(&format!("before {}", i + 1), line);
    }
    for (i, line) in request.after.iter().enumerate() {
        manifest = manifest.input(&format!("after {}", i + 1), line);
    }
    if task.engine.reads_context() && !task.synopsis.is_empty() {
        manifest = manifest.input("synopsis", task.synopsis);
    }
    for (i, term) in request.terms.iter().enumerate() {
        let decision = format!("{} → {} ({})", term.source, term.target, term.note);
        manifest = manifest.input(&format!("term {}", i + 1), decision);
    }
    manifest
}

/// What the glossary decides about a text, as an engine is told it; amounts in 万 and 亿 are computed.
fn terms(glossary: &Glossary, text: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let matches = glossary.matches(text);
    for found in &matches {
        let source = text[found.range.clone()].to_owned();
        let term = match found.kind {
            EntryKind::Ban => Term { source, target: String::new(), note: format!("never {:?}", found.target) },
            EntryKind::Keep => Term { source, target: found.target.clone(), note: "stays as it is".into() },
            _ => Term { source, target: found.target.clone(), note: found.note.clone() },
        };
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    if glossary.from().primary() == "zh" {
        for amount in amounts(text) {
            // A glossary's own word on it stands.
            let decided = matches.iter().any(|m| m.range.start < amount.range.end && amount.range.start < m.range.end);
            if !decided {
                let target = verify::amount(glossary.to(), amount.value, amount.more);
                terms.push(Term { source: text[amount.range].to_owned(), target, note: String::new() });
            }
        }
    }
    terms
}

/// The script: lines found or translated (`states`, by place), failed where there is neither.
pub fn script(task: &Task<'_>, originals: &[Original], states: &[Option<LineState>]) -> Script {
    let line = |(index, original): (usize, &Original)| Line {
        cue: original.cue,
        span: original.span,
        speaker: original.speaker.clone(),
        source: original.said.clone(),
        state: match (&original.text, states.get(index)) {
            (Err(why), _) => LineState::Failed { why: why.clone() },
            (Ok(_), Some(Some(state))) => state.clone(),
            (Ok(_), _) => LineState::Failed { why: "it was not translated".into() },
        },
    };
    Script { language: task.to.clone(), lines: originals.iter().enumerate().map(line).collect() }
}

/// Splits jobs into batches for single calls: lines that stand beside each other, as many as the engine is good at.
pub fn batches(jobs: &[Job], size: usize) -> impl Iterator<Item = &[Job]> {
    jobs.chunk_by(|a, b| b.index == a.index + 1).flat_map(move |run| run.chunks(size.max(1)))
}

/// Translates `jobs`, batch by batch, and hands each line to `done` as soon as it is finished, so that
/// nothing finished is lost whatever happens next. Calls for several slices of jobs may run at once.
///
/// # Errors
/// Fails if the engine cannot work at all (no model, no connection, stopped), or if `done` fails. A line
/// that cannot be translated is no error: it is handed over as failed.
pub fn run(
    task: &Task<'_>,
    jobs: &[Job],
    cancel: &Cancel,
    done: &mut dyn FnMut(&Job, LineState) -> Result<()>,
) -> Result<()> {
    let name = task.engine.fingerprint(task.from, task.to)?;
    for batch in batches(jobs, task.engine.batch_size()) {
        cancel.check()?;
        let texts = translate(task, batch, cancel)?;
        for (job, text) in batch.iter().zip(texts) {
            done(job, state(&name, &job.request, text))?;
        }
    }
    Ok(())
}

fn state(engine: &Fingerprint, request: &Request, text: Result<String, String>) -> LineState {
    match text {
        Ok(text) => {
            let folded = text.to_lowercase();
            let applied = |term: &&Term| !term.target.is_empty() && folded.contains(&term.target.to_lowercase());
            let terms = request.terms.iter().filter(applied).map(|term| term.source.clone()).collect();
            LineState::Written { text, tight: Vec::new(), terms, engine: format!("{} {}", engine.engine, engine.model) }
        }
        Err(why) => LineState::Failed { why },
    }
}

/// One text or one reason for each job. A batch whose answer cannot be used is asked for in halves, at last
/// line by line; a text that fails verification is asked for once more, alone.
fn translate(task: &Task<'_>, jobs: &[Job], cancel: &Cancel) -> Result<Vec<Result<String, String>>> {
    let answered = match ask(task, jobs, 0) {
        Ok(texts) => texts,
        Err(error) if error.kind() == Kind::Answer => {
            cancel.check()?;
            return match jobs {
                [] => Ok(Vec::new()),
                [job] => Ok(vec![once_more(task, job, &error.to_string())?]),
                _ => {
                    let (first, second) = jobs.split_at(jobs.len() / 2);
                    let mut texts = translate(task, first, cancel)?;
                    texts.extend(translate(task, second, cancel)?);
                    Ok(texts)
                }
            };
        }
        Err(error) => return Err(error),
    };
    let judge = |(job, text): (&Job, String)| match verify(&job.request, task.from, task.to, &text) {
        Ok(()) => Ok(Ok(text)),
        Err(why) => {
            cancel.check()?;
            once_more(task, job, &why)
        }
    };
    jobs.iter().zip(answered).map(judge).collect()
}

/// A line alone, after something was wrong with it.
fn once_more(task: &Task<'_>, job: &Job, wrong: &str) -> Result<Result<String, String>> {
    let text = match ask(task, std::slice::from_ref(job), 1) {
        Ok(mut texts) => texts.pop().unwrap_or_default(),
        Err(error) if error.kind() == Kind::Answer => return Ok(Err(error.to_string())),
        Err(error) => return Err(error),
    };
    Ok(match verify(&job.request, task.from, task.to, &text) {
        Ok(()) => Ok(text),
        Err(again) if again == wrong => Err(format!("{again}, twice")),
        Err(again) => Err(format!("{again}; before that: {wrong}")),
    })
}

/// One call: as many texts as jobs.
fn ask(task: &Task<'_>, jobs: &[Job], attempt: u32) -> Result<Vec<String>> {
    let batch = Batch {
        from: task.from.clone(),
        to: task.to.clone(),
        synopsis: task.synopsis.to_owned(),
        attempt,
        lines: jobs.iter().map(|job| job.request.clone()).collect(),
    };
    let texts = task.engine.translate(&batch)?;
    if texts.len() == jobs.len() {
        return Ok(texts);
    }
    // Every engine checks this itself; a new one may forget.
    Err(Error::new(Kind::Answer, format!("the engine gave {} texts for {} lines", texts.len(), jobs.len())))
}

#[cfg(test)]
mod tests;
