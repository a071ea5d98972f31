//! Reading what a model answered: numbered lines, or JSON, with or without a code fence around it.
//!
//! Does not judge a translation; it finds exactly one text for each line, or says what is wrong.

use crate::error::{Error, Kind, Result};
use serde_json::Value;

/// The texts of an answer that should hold `count` of them, each on one line, without markup.
///
/// # Errors
/// Fails as [`Kind::Answer`] if there are more or fewer, or if anything else stands between them.
pub(super) fn parse(answer: &str, count: usize) -> Result<Vec<String>> {
    let answer = unfenced(thought_removed(answer).trim()).trim();
    if answer.is_empty() {
        return Err(unusable("the model answered nothing".into()));
    }
    let texts = match json(answer) {
        Some(texts) => texts,
        None => lines(answer, count)?,
    };
    if texts.len() != count {
        return Err(unusable(format!("the model answered {} lines for {count}", texts.len())));
    }
    Ok(texts.iter().map(|text| plain(text)).collect())
}

pub(super) fn unusable(what: String) -> Error {
    Error::new(Kind::Answer, what).hint("try a better model (`dubline models list`), or correct the line by hand")
}

/// Without the thoughts that reasoning models put before their answer.
fn thought_removed(answer: &str) -> &str {
    match answer.trim_start().strip_prefix("<think>") {
        Some(thought) => thought.split_once("</think>").map_or("", |(_, rest)| rest),
        None => answer,
    }
}

/// What is inside a code fence that holds the whole answer.
fn unfenced(answer: &str) -> &str {
    let Some(inner) = answer.strip_prefix("```") else { return answer };
    // The first line is at most the name of a format.
    let inner = inner.split_once('\n').map_or("", |(_, rest)| rest);
    inner.trim_end().strip_suffix("```").unwrap_or(inner)
}

/// The texts of a JSON answer: a list, an object with one list in it, or an object of numbered texts.
fn json(answer: &str) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => {
            ["text", "translation", "target"].iter().find_map(|name| Some(fields.get(*name)?.as_str()?.to_owned()))
        }
        _ => None,
    };
    if !answer.starts_with(['[', '{']) {
        return None;
    }
    match serde_json::from_str(answer).ok()? {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Object(fields) => match fields.iter().collect::<Vec<_>>()[..] {
            [(_, Value::Array(items))] => items.iter().map(text).collect(),
            _ => {
                let in_order = |(i, (number, value)): (usize, (&String, &Value))| {
                    (*number == (i + 1).to_string()).then(|| text(value)).flatten()
                };
                fields.iter().enumerate().map(in_order).collect()
            }
        },
        _ => None,
    }
}

/// The texts of numbered lines. A heading before the first is let pass; anything after it is not.
fn lines(answer: &str, count: usize) -> Result<Vec<String>> {
    let all: Vec<&str> = answer.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = all.iter().position(|line| numbered(line).is_some());
    let Some(first) = first else {
        return match (count, &all[..]) {
            // One line needs no number.
            (1, [line]) => Ok(vec![(*line).to_owned()]),
            _ => Err(unusable(format!("the model answered {} lines without numbers for {count}", all.len()))),
        };
    };
    if first > 1 || (first == 1 && !all[0].ends_with([':', '：'])) {
        return Err(unusable("the model answered more than the lines".into()));
    }
    let mut texts = Vec::new();
    for line in &all[first..] {
        match numbered(line) {
            Some((number, text)) if number == texts.len() + 1 => texts.push(text.to_owned()),
            Some((number, _)) => {
                return Err(unusable(format!(
                    "the model answered line {number} after line {} of {count}",
                    texts.len()
                )));
            }
            None => return Err(unusable("the model answered more than the lines".into())),
        }
    }
    Ok(texts)
}

/// `3. text`, `3) text`, `3: text` or `[3] text`.
fn numbered(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start_matches("**");
    let (bracket, line) = line.strip_prefix('[').map_or((false, line), |rest| (true, rest));
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let rest = if bracket { rest.strip_prefix(']')? } else { rest.strip_prefix(['.', ')', ':', '、'])? };
    // 3.5 is no number of a line.
    (bracket || !rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())?;
    Some((number.parse().ok()?, rest.trim_start_matches("**").trim()))
}

/// One line of plain text: no tags, no Markdown, no control or invisible characters, no quotes around the whole.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        // A tag is short and closes; "<3" and "a < b" are not tags.
        let tag = rest[open + 1..].find('>').filter(|end| {
            *end <= 40
                && rest[open + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '|' | '!'))
        });
        match tag {
            Some(end) => {
                plain.push_str(&rest[..open]);
                rest = &rest[open + 1 + end + 1..];
            }
            None => {
                plain.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    plain.push_str(rest);
    let invisible = |c: char| matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    let plain: String = plain
        .replace("**", "")
        .chars()
        .filter(|c| !invisible(*c) && *c != '`')
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    for (open, close) in [('"', '"'), ('“', '”'), ('「', '」'), ('«', '»')] {
        if let Some(inner) = plain.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
            && !inner.contains([open, close])
        {
            return inner.trim().to_owned();
        }
    }
    plain
}
