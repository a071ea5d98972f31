//! The one prompt and the one parser of answers that all language models share.
//!
//! Knows neither how a prompt travels nor which model reads it. An answer is untrusted: what comes out
//! of here is one line of plain text for each line asked for, or an error.

mod answer;
mod example;

use super::llm_protocol::Message;
use super::{Batch, Request, Task, Term};
use crate::error::Result;
use crate::lang::Lang;
use crate::writing::Writing;
use std::fmt::Write;

/// Raised whenever a prompt for the same lines reads differently, or an answer is read differently:
/// it is part of every fingerprint.
pub(super) const VERSION: u32 = 3;

/// The conversation that asks for a batch: what is wanted, one worked example, the lines.
pub(super) fn messages(batch: &Batch) -> Vec<Message> {
    let message = |role: &str, content: String| Message { role: role.into(), content };
    let mut messages = vec![message("system", system(batch))];
    // The example stands first and never changes, so that a model can keep what it has read of it.
    let example = match batch.task {
        Task::Translate => example::turn(&batch.from, &batch.to).map(|(asked, answered)| (asked, answered.to_vec())),
        task => {
            example::draft_turn(&batch.from, &batch.to, task).map(|(asked, answered)| (vec![asked], vec![answered]))
        }
    };
    if let Some((asked, answered)) = example {
        messages.push(message("user", question(batch.task, &batch.to, &asked)));
        messages.push(message("assistant", numbered(answered.iter().copied())));
    }
    messages.push(message("user", question(batch.task, &batch.to, &batch.lines)));
    messages
}

fn system(batch: &Batch) -> String {
    let (from, to) = (batch.from.name(), batch.to.name());
    let mut text = format!(
        "You translate dialogue of short vertical dramas from {from} into {to}, for subtitles and dubbing.\n\
         - Write what a person would really say in {to}: natural, spoken, with the same feeling.\n\
         - Keep it as short as the original, so that it can be said in the same time.\n\
         - Use the glossary's words where one is given. Names stay names.\n\
         - Answer with the numbered lines only, one translation for each, nothing else."
    );
    if !batch.style.trim().is_empty() {
        let _ = write!(text, "\n- {}", one_line(&batch.style));
    }
    if !batch.synopsis.trim().is_empty() {
        let _ = write!(text, "\nThe series: {}", one_line(&batch.synopsis));
    }
    text
}

fn question(task: Task, to: &Lang, lines: &[Request]) -> String {
    let mut text = String::new();
    let asked = |line: &str| lines.iter().any(|request| request.text == line);
    // Lines of the batch are each other's context already.
    let mut context = |title: &str, lines: Option<&Vec<String>>| {
        let lines: Vec<String> =
            lines.into_iter().flatten().filter(|line| !asked(line)).map(|line| one_line(line)).collect();
        if !lines.is_empty() {
            let _ = writeln!(text, "{title}: {}", lines.join(" / "));
        }
    };
    if task == Task::Translate {
        context("Said before (do not translate)", lines.first().map(|request| &request.before));
        context("Said after (do not translate)", lines.last().map(|request| &request.after));
    }
    let who = |(i, request): (usize, &Request)| {
        let (speaker, listener) = (request.speaker.as_deref()?, request.listener.as_deref());
        let to = listener.map(|listener| format!(" to {}", one_line(listener))).unwrap_or_default();
        let manner = match request.manner.as_str() {
            "" => String::new(),
            manner => format!(" ({})", one_line(manner)),
        };
        Some(format!("{}. {}{to}{manner}", i + 1, one_line(speaker)))
    };
    let who: Vec<String> = lines.iter().enumerate().filter_map(who).collect();
    if !who.is_empty() {
        let _ = writeln!(text, "Who speaks: {}", who.join("; "));
    }
    let mut terms = Vec::new();
    for term in lines.iter().flat_map(|request| &request.terms) {
        let decision = decision(term);
        if !terms.contains(&decision) {
            terms.push(decision);
        }
    }
    if !terms.is_empty() {
        let _ = writeln!(text, "Glossary: {}", terms.join("; "));
    }
    let budget = |(i, request): (usize, &Request)| {
        (request.characters > 0).then(|| format!("{}. at most {} characters", i + 1, request.characters))
    };
    let budgets: Vec<String> = lines.iter().enumerate().filter_map(budget).collect();
    if task == Task::Translate && !budgets.is_empty() {
        let _ = writeln!(text, "Length: {}", budgets.join("; "));
    }
    let _ = match task {
        Task::Translate => writeln!(text, "Translate into {}:", to.name()),
        Task::Repair => writeln!(text, "Correct the translation into {}, and change nothing else:", to.name()),
        Task::Shorten => writeln!(text, "Say it shorter in {}, with the same meaning:", to.name()),
    };
    let line = |request: &Request| match &request.draft {
        None => request.text.clone(),
        Some(draft) => {
            let remarks: Vec<String> = draft.remarks.iter().map(|remark| one_line(remark)).collect();
            let limit = match draft.characters {
                0 => String::new(),
                most => format!(" (at most {most} characters)"),
            };
            let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
            format!("{} → {}{remarks}{limit}", request.text, one_line(&draft.text))
        }
    };
    let asked: Vec<String> = lines.iter().map(line).collect();
    text + &numbered(asked.iter().map(String::as_str))
}

/// An entry as a translator is told of it: `顾总 = Mr. Gu (title; his boss)`.
fn decision(term: &Term) -> String {
    let mut decision = match term.target.as_str() {
        "" => one_line(&term.source),
        target => format!("{} = {}", one_line(&term.source), one_line(target)),
    };
    let aside: Vec<String> =
        [&term.kind, &term.note].into_iter().filter(|part| !part.is_empty()).map(|part| one_line(part)).collect();
    if !aside.is_empty() {
        let _ = write!(decision, " ({})", aside.join("; "));
    }
    decision
}

fn numbered<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<String> = lines.enumerate().map(|(i, line)| format!("{}. {}", i + 1, one_line(line))).collect();
    lines.join("\n")
}

/// A text without line breaks or control characters, and without what a chat template may take for its own marks.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").replace("<|", "< |").replace("|>", "| >")
}

/// The text of each line of the batch, as the model answered it: plain, on one line.
///
/// # Errors
/// Fails as `Kind::Answer` if there is not exactly one text a line, or if one is the example's.
pub(super) fn parse(batch: &Batch, answer: &str) -> Result<Vec<String>> {
    let texts = answer::parse(answer, batch.lines.len())?;
    let repeated = |(line, text): &(&Request, &String)| example::is_repeated(&batch.from, &batch.to, &line.text, text);
    match batch.lines.iter().zip(&texts).find(repeated) {
        Some((_, text)) => Err(answer::unusable(format!("the model repeated its example ({text:?})"))),
        None => Ok(texts),
    }
}

/// Tokens that an answer may take: several times what a good one needs.
pub(super) fn max_tokens(batch: &Batch) -> u32 {
    let chars: usize = batch.lines.iter().map(|request| request.text.chars().count()).sum();
    (32 * batch.lines.len() + 4 * chars) as u32
}

/// A grammar (GBNF) that allows exactly the numbered lines, in the writing of the target language:
/// no line too many, no source text, no markup, no stage directions in brackets.
pub(super) fn grammar(batch: &Batch) -> String {
    let count = batch.lines.len();
    let lines: Vec<String> =
        (1..=count).map(|i| format!("\"{}{i}. \" line", if i == 1 { "" } else { "\\n" })).collect();
    let class = characters(batch);
    format!("root ::= {}\nline ::= [{class}] [ {class}]*\n", lines.join(" "))
}

/// The characters of an answer, as the inside of a character class.
fn characters(batch: &Batch) -> String {
    // ASCII without brackets and the marks of Markdown, then punctuation that many languages share.
    let mut class = String::from("!-'+-;=?A-Za-z\\u00A1\\u00B7\\u00BF\\u2013\\u2014\\u2018-\\u201D\\u2026\\u20AC");
    let writings = Writing::of_language(&batch.to);
    if writings.is_empty() {
        // A language whose writing is not known: anything but control characters, brackets and Markdown.
        class.push_str("\\u00A2-\\u2012\\u2027-\\uD7FF\\uF900-\\uFFEF");
    }
    let mut add = |a: char, z: char| {
        let escaped = |c: char| {
            if (c as u32) < 0x10000 { format!("\\u{:04X}", c as u32) } else { format!("\\U{:08X}", c as u32) }
        };
        if a == z {
            class.push_str(&escaped(a));
        } else {
            let _ = write!(class, "{}-{}", escaped(a), escaped(z));
        }
    };
    for writing in writings {
        writing.blocks().iter().for_each(|(a, z)| add(*a, *z));
        match writing {
            Writing::Han | Writing::Kana | Writing::Hangul => {
                add('\u{3000}', '\u{3020}');
                add('\u{FF01}', '\u{FF1F}');
            }
            // Marks that stand in no block of letters: the Indic full stop, zero-width joiners.
            Writing::Devanagari | Writing::Bengali => add('\u{964}', '\u{965}'),
            Writing::Arabic => add('\u{200C}', '\u{200D}'),
            _ => {}
        }
    }
    // What a glossary demands can be written, whatever its writing.
    let demanded = batch.lines.iter().flat_map(|request| &request.terms).flat_map(|term| term.target.chars());
    for char in demanded.filter(|c| !c.is_control() && !c.is_whitespace() && !"<>{}[]|\\^`*".contains(*c)) {
        add(char, char);
    }
    class
}

#[cfg(test)]
mod tests;
