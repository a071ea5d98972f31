//! Cues to lines: which engine, what it is asked, and whether its answer is a line.
//!
//! Pure but for [`ask`], which calls the engine it is given. Does not know the store: each line's
//! [`Job`] carries the manifest that the recipe looks it up with.

pub mod mend;
mod route;

pub use route::{EDITOR, Route, route};

use crate::engine::{Batch, Request, Term, Translator};
use crate::error::{Kind, Result};
use crate::glossary::{Between, EntryKind, Glossary, Match, Measure, Style, amounts, measures, overlap, spoken_amount};
use crate::lang::Lang;
use crate::pace::{self, Pace};
use crate::store::{Bucket, Manifest};
use crate::time::{Delta, Span};
use crate::verify::{Applied, Flaw, FlawKind, Judged, Verdict, verify, verify_at};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Translated lines, one by one.
pub const LINE: Bucket = Bucket::new("line", 1, "json");

/// Lines before and after that an engine may read.
const BEFORE: usize = 2;
const AFTER: usize = 1;

/// A line to be translated: a cue, or a line of the script that leads to this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The cue.
    pub cue: u32,
    /// When it is spoken.
    pub span: Span,
    /// What is said.
    pub text: String,
    /// Who says it.
    pub speaker: Option<String>,
    /// Time from its start to where its take must end.
    pub room: Delta,
    /// How fast the voice that will say it speaks.
    pub pace: Pace,
    /// Decisions that an earlier step of the way brought along: what the glossary of the first source and this
    /// target wants for words of this text.
    pub decided: Vec<Match>,
}

/// A line with what its translation depends on.
#[derive(Clone, Debug)]
pub struct Job {
    /// What the engine is asked.
    pub request: Request,
    /// Everything that can change the answer.
    pub manifest: Manifest,
    /// Glossary entries that apply.
    pub matches: Vec<Match>,
    /// How people speak in the market, where the engine is told.
    pub style: String,
    /// Time from the cue's start to where its take must end.
    pub room: Delta,
    /// How fast its voice speaks.
    pub pace: Pace,
    /// Characters that any line may have; 0 is any number.
    pub longest: usize,
}

/// A translated line as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated {
    /// The wording.
    pub text: String,
    /// The engine that wrote it.
    pub engine: String,
}

/// Jobs for all lines. `episode` names them for people; `style` is how people speak in the market, as [`style()`] says it.
///
/// # Errors
/// Fails if the engine cannot be identified (its model is missing).
pub fn jobs(
    episode: &str,
    lines: &[Source],
    glossary: &Glossary,
    engine: &dyn Translator,
    synopsis: &str,
    style: &str,
) -> Result<Vec<Job>> {
    let (from, to) = (glossary.from(), glossary.to());
    let fingerprint = engine.fingerprint(from, to)?;
    let job = |index: usize| {
        let line = &lines[index];
        let texts = |range: &[Source]| range.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        let listener = listener(lines, index);
        let (parties, between) = glossary.parties(line.speaker.as_deref(), listener);
        let matches = decided(glossary.matches_between(&line.text, &parties), &line.decided);
        let mut request = Request {
            cue: line.cue,
            text: line.text.clone(),
            terms: terms(&line.text, &matches, from, to, glossary.market()),
            ..Request::default()
        };
        let mut manifest = Manifest::new(LINE, format!("{episode} {to} line {}", line.cue))
            .input("text", &line.text)
            .input("from", from)
            .input("to", to)
            .input("glossary entries", serde_json::json!(request.terms));
        if engine.reads_context() {
            request.before = texts(&lines[index.saturating_sub(BEFORE)..index]);
            request.after = texts(&lines[index + 1..(index + 1 + AFTER).min(lines.len())]);
            request.characters = most(budget(&line.text, line.room, from, &line.pace), glossary.style().longest);
            request.manner = between.map(Between::manner).unwrap_or_default();
            request.speaker = line.speaker.clone();
            request.listener = listener.map(str::to_owned);
            manifest = manifest
                .input("characters at most", request.characters)
                .input("speaker", line.speaker.as_deref().unwrap_or_default())
                .input("listener", listener.unwrap_or_default())
                .input("manner", &request.manner)
                .input("lines before", serde_json::json!(request.before))
                .input("lines after", serde_json::json!(request.after))
                .input("style", style)
                .input("synopsis", synopsis);
        }
        let manifest = manifest.input("engine", &fingerprint);
        let (room, pace, longest) = (line.room, line.pace.clone(), glossary.style().longest);
        Job { request, manifest, matches, style: style.to_owned(), room, pace, longest }
    };
    Ok((0..lines.len()).map(job).collect())
}

/// The glossary's entries that apply to a line, by whom it is said and to whom; `index` is within `lines`.
pub fn matches(lines: &[Source], index: usize, glossary: &Glossary) -> Vec<Match> {
    let line = &lines[index];
    let (parties, _) = glossary.parties(line.speaker.as_deref(), listener(lines, index));
    decided(glossary.matches_between(&line.text, &parties), &line.decided)
}

/// The characters that a line may have, where its time is short for what it says; 0 where it is not, so that a
/// model is not told what it need not know, and a cue that moves a little keeps its translation.
fn budget(text: &str, room: Delta, from: &Lang, pace: &Pace) -> usize {
    const STEP: usize = 5;
    let natural = pace::estimate(text, from).scaled(SAFE);
    let characters = pace.characters_for(room) / STEP * STEP;
    if room > natural || characters < STEP { 0 } else { characters }
}

/// The smaller of two limits, of which 0 is none.
pub fn most(a: usize, b: usize) -> usize {
    if a == 0 || b == 0 { a.max(b) } else { a.min(b) }
}

/// A cue whose time is this many times what the source takes to say is in no need of a short translation.
const SAFE: f64 = 1.3;

/// Whom a line is said to, as far as the speakers tell: who spoke just before, or else who answers.
fn listener(lines: &[Source], index: usize) -> Option<&str> {
    let speaker = lines[index].speaker.as_deref()?;
    let other = |line: &&Source| line.speaker.as_deref().is_some_and(|other| other != speaker);
    let near = |line: &&Source| (line.span.start - lines[index].span.start).abs() < SCENE;
    let before = lines[..index].iter().rev().take(BEFORE).filter(near).find(other);
    let after = lines[index + 1..].iter().take(BEFORE).filter(near).find(other);
    before.or(after).and_then(|line| line.speaker.as_deref())
}

/// Who spoke longer ago is no longer there.
const SCENE: Delta = Delta::from_ms(15_000);

/// The market's manner of speaking as sentences to a translator.
pub fn style(glossary: &Glossary) -> String {
    let Style { register, formality, address, .. } = glossary.style();
    let parts = [("Tone", register), ("Between equals", formality), ("Forms of address", address)];
    let said = parts.iter().filter(|(_, said)| !said.is_empty());
    said.map(|(what, said)| format!("{what}: {said}.")).collect::<Vec<_>>().join(" ")
}

/// The entries that match, but where an earlier step has decided, its decision.
fn decided(matches: Vec<Match>, earlier: &[Match]) -> Vec<Match> {
    let free = |found: &Match| {
        !earlier.iter().any(|other| other.kind != EntryKind::Ban && overlap(&other.range, &found.range))
    };
    let mut all: Vec<Match> = matches.into_iter().filter(free).chain(earlier.iter().cloned()).collect();
    all.sort_by_key(|found| found.range.start);
    all
}

/// The decisions of a direct pair (source to final target), as decisions about the text of a middle language:
/// what the middle line says for a term is what the final line must say its target for.
pub fn carried(direct: &[Match], applied: &[Applied], middle: &str) -> Vec<Match> {
    let carry = |found: &Match| {
        let said = applied.iter().find(|applied| applied.source == found.source && !applied.found.is_empty())?;
        let start = middle.find(&said.found)?;
        let range = start..start + said.found.len();
        (found.kind != EntryKind::Ban).then(|| Match { range, source: said.found.clone(), ..found.clone() })
    };
    direct.iter().filter_map(carry).collect()
}

/// The judgement of one wording of a line; of its length only where the `room` for it is given, with the pace of the
/// voice that has it.
pub fn judge(
    source: &str,
    text: &str,
    matches: &[Match],
    glossary: &Glossary,
    room: Option<(Delta, &Pace)>,
) -> Verdict {
    let bans: Vec<_> = glossary.bans().collect();
    let (from, to) = (glossary.from(), glossary.to());
    let judged = Judged { source, text, from, to, matches, bans: &bans, room: room.map(|(room, _)| room) };
    match room {
        Some((_, pace)) => verify_at(&judged, pace),
        None => verify(&judged),
    }
}

/// The judgement of a line with all its wordings, the fullest first: whether it fits into `room` (allowed speed-up
/// included) is judged of the tightest, everything else of the one that is shown.
pub fn judge_all(
    source: &str,
    wordings: &[&str],
    matches: &[Match],
    glossary: &Glossary,
    room: (Delta, &Pace),
) -> Verdict {
    let (Some(shown), Some(tightest)) = (wordings.first(), wordings.last()) else { return Verdict::default() };
    let mut verdict = judge(source, shown, matches, glossary, None);
    let timed = judge(source, tightest, matches, glossary, Some(room));
    verdict.flaws.extend(timed.flaws.into_iter().filter(|flaw| flaw.kind == FlawKind::TooLong));
    let (length, longest) = (tightest.chars().count(), glossary.style().longest);
    if longest > 0 && length > longest {
        let what = format!("it has {length} characters, and the style allows {longest}");
        verdict.flaws.push(Flaw::new(FlawKind::TooLong, what));
    }
    verdict
}

/// The judgement of a finished line, `index` within `lines`, with all its wordings, the fullest first: by the entries
/// that apply to it there, and by its time. A take may be `fastest` times as fast as a voice speaks naturally.
pub fn judge_finished(lines: &[Source], index: usize, wordings: &[&str], glossary: &Glossary, fastest: f64) -> Verdict {
    let line = &lines[index];
    let matches = matches(lines, index, glossary);
    judge_all(&line.text, wordings, &matches, glossary, (line.room.scaled(fastest), &line.pace))
}

/// The glossary's decisions for a line, and its large numbers worked out.
fn terms(text: &str, matches: &[Match], from: &Lang, to: &Lang, market: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for found in matches {
        let (target, note) = match found.kind {
            EntryKind::Ban if found.instead.is_empty() => (String::new(), format!("never say {:?}", found.target)),
            EntryKind::Ban => (String::new(), format!("never say {:?}, say {:?}", found.target, found.instead)),
            _ => (found.target.clone(), found.note.clone()),
        };
        // As the line spells it, which may be a variant: engines look for it there.
        let kind = match found.kind {
            EntryKind::Name | EntryKind::Title | EntryKind::Idiom => found.kind.name().to_owned(),
            _ => String::new(),
        };
        let forms = if found.kind == EntryKind::Ban { Vec::new() } else { found.forms.clone() };
        let term = Term { source: text[found.range.clone()].to_owned(), target, forms, kind, note };
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    if from.primary() == "zh" {
        let taken = |range: &Range<usize>| matches.iter().any(|m| overlap(&m.range, range));
        let measured: Vec<_> = measures(text, market).into_iter().filter(|m| !taken(&m.range)).collect();
        for amount in amounts(text) {
            let is_measured = |m: &Measure| overlap(&m.range, &amount.range);
            if measured.iter().any(|m| is_measured(m) && m.wording(to).is_some()) {
                continue;
            }
            let more = if amount.more && to.primary() == "en" { "more than " } else { "" };
            let target = format!("{more}{}", spoken_amount(amount.value, to));
            terms.push(Term {
                source: text[amount.range].to_owned(),
                target,
                note: "the number".into(),
                ..Term::default()
            });
        }
        for measure in measured {
            let Some(target) = measure.wording(to) else { continue };
            let source = text[measure.range.clone()].to_owned();
            terms.push(Term { source, target, note: "the measure".into(), ..Term::default() });
        }
    }
    terms
}

/// Where each line's text goes, or why there is none.
pub type Told<'a> = &'a mut dyn FnMut(&Request, Result<String, String>) -> Result<()>;

/// What is fatally wrong with a wording of a request; none where a viewer may hear it.
pub type Judge<'a> = &'a dyn Fn(&Request, &str) -> Option<String>;

/// Has the engine translate `lines`; each line's text, or why there is none, goes to `told` as soon as it is
/// known. A batch that comes back wrong is split in halves, down to single lines; a line that comes back
/// wrong is asked for once more, differently; then it failed.
///
/// # Errors
/// Fails if the engine cannot work at all (not reached, model missing, interrupted), or `told` does.
pub fn ask(engine: &dyn Translator, batch: Batch, judge: Judge<'_>, told: Told<'_>) -> Result<()> {
    let count = batch.lines.len();
    let texts = match engine.translate(&batch) {
        Ok(texts) if texts.len() == count => texts,
        Ok(texts) => {
            return again(engine, batch, format!("the engine gave {} lines for {count}", texts.len()), judge, told);
        }
        Err(error) if error.kind() == Kind::Answer => return again(engine, batch, error.to_string(), judge, told),
        Err(error) => return Err(error),
    };
    for (request, text) in batch.lines.iter().zip(texts) {
        let text = text.trim().to_owned();
        match judge(request, &text) {
            None => told(request, Ok(text))?,
            Some(why) => again(engine, Batch { lines: vec![request.clone()], ..batch.clone() }, why, judge, told)?,
        }
    }
    Ok(())
}

fn again(engine: &dyn Translator, batch: Batch, why: String, judge: Judge<'_>, told: Told<'_>) -> Result<()> {
    match &batch.lines[..] {
        [] => Ok(()),
        [request] if batch.attempt > 0 => told(request, Err(why)),
        [_] => ask(engine, Batch { attempt: 1, ..batch }, judge, told),
        lines => {
            let (first, second) = lines.split_at(lines.len() / 2);
            for half in [first, second] {
                ask(engine, Batch { lines: half.to_vec(), ..batch.clone() }, judge, told)?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
