//! Tables: CSV (RFC 4180) and TSV, one entry a row under a row of names.
//!
//! Reads what spreadsheets write: a byte order mark, semicolons or tabs for commas, `sep=;`, quotes, any end of row,
//! columns in any order, missing or unknown ones. Writes UTF-8; CSV with a byte order mark, without which Excel takes
//! Chinese for something else.

use super::{Exported, Imported, MAX_TEXT, Wanted, assemble, beside_entries, cells, flat, no_pair, pair};
use crate::error::{Error, Kind, Result};
use crate::glossary::{Entry, EntryKind, Gender, How, Source};
use crate::lang::Lang;
use std::path::Path;

/// The columns, in the order in which they are written; `when` only where an entry has cases.
const COLUMNS: [&str; 13] = [
    "source", "target", "kind", "variants", "forms", "unless", "spoken", "gender", "how", "instead", "note", "example",
    "when",
];

pub(super) fn read_csv(text: &str, path: &Path, wanted: &Wanted) -> Result<Imported> {
    let (text, skipped) = without_sep(text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    read(text, skipped, delimiter(first), path, wanted)
}

pub(super) fn read_tsv(text: &str, path: &Path, wanted: &Wanted) -> Result<Imported> {
    read(text, 0, '\t', path, wanted)
}

pub(super) fn write_csv(source: &Source) -> Result<Exported> {
    let exported = write(source, ',');
    Ok(Exported { text: format!("\u{feff}{}", exported.text), ..exported })
}

pub(super) fn write_tsv(source: &Source) -> Result<Exported> {
    Ok(write(source, '\t'))
}

/// Without Excel's row that tells the separator, and how many rows that takes away.
fn without_sep(text: &str) -> (&str, usize) {
    match text.split_once('\n') {
        Some((first, rest)) if first.trim_end().to_ascii_lowercase().starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    }
}

/// What parts the names of the columns: the mark that stands most often outside quotes.
fn delimiter(header: &str) -> char {
    let count = |mark: char| {
        let mut quoted = false;
        header
            .chars()
            .filter(|char| {
                quoted ^= *char == '"';
                *char == mark && !quoted
            })
            .count()
    };
    // The last of equals wins, and a comma is what a table without any mark would have.
    ['\t', ';', ','].into_iter().max_by_key(|mark| count(*mark)).unwrap_or(',')
}

fn read(text: &str, skipped: usize, delimiter: char, path: &Path, wanted: &Wanted) -> Result<Imported> {
    let (from, to) = pair(path, wanted).ok_or_else(|| no_pair(path))?;
    let bad = |row: usize, what: String, hint: &str| {
        Error::new(Kind::Document, what).file(path).row(row + skipped).hint(hint)
    };
    let rows = rows(text, delimiter).map_err(|row| {
        bad(row, "a quote is opened and never closed".to_owned(), "close it, or double a quote that is meant")
    })?;
    let mut rows = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let (row, header) = rows.next().unwrap_or((1, Vec::new()));
    let names: Vec<String> = header.iter().map(|name| column(name, &from, &to)).collect();
    if !names.iter().any(|name| name == "source" || name == "target") {
        return Err(bad(row, "the first row does not name the columns".to_owned(), HINT));
    }
    let unknown = names.iter().filter(|name| !name.is_empty() && !COLUMNS.contains(&name.as_str()));
    let left_out = unknown.map(|name| format!("the column {name:?}")).collect();
    if let Some((_, twice)) =
        names.iter().enumerate().find(|(at, name)| !name.is_empty() && names[..*at].contains(name))
    {
        return Err(bad(row, format!("the column {twice:?} stands twice"), "remove one of the two"));
    }
    let mut entries = Vec::new();
    for (row, cells) in rows {
        entries.push((row + skipped, entry(&names, &cells).map_err(|(what, hint)| bad(row, what, &hint))?));
    }
    let market = wanted.market.clone();
    Ok(Imported { source: assemble(entries, path, (from, to), market)?, left_out })
}

/// Rows of cells, each with its number from 1; the row of a quote that is never closed, where there is one.
fn rows(text: &str, delimiter: char) -> Result<Vec<(usize, Vec<String>)>, usize> {
    let mut rows = Vec::new();
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut row, mut first) = (1, 1);
    // The row in which a quote was opened.
    let mut quoted: Option<usize> = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        row += usize::from(char == '\n');
        match (char, quoted) {
            ('"', Some(_)) if chars.peek() == Some(&'"') => cell.extend(chars.next()),
            ('"', Some(_)) => quoted = None,
            (char, Some(_)) => cell.push(char),
            // A quote within a cell is one: 5" is no opening.
            ('"', None) if cell.is_empty() => quoted = Some(row),
            ('\r', None) if chars.peek() == Some(&'\n') => {}
            ('\n' | '\r', None) => {
                cells.push(std::mem::take(&mut cell));
                rows.push((first, std::mem::take(&mut cells)));
                first = row;
            }
            (char, None) if char == delimiter => cells.push(std::mem::take(&mut cell)),
            (char, None) => cell.push(char),
        }
    }
    cells.push(cell);
    rows.push((first, cells));
    quoted.map_or(Ok(rows), Err)
}

const HINT: &str = "the first row reads: source,target,kind,variants,forms,unless,spoken,gender,how,instead,note,example \
    (all but source and target may be left out)";

/// The name of a column as we know it: a language of the pair is its side.
fn column(name: &str, from: &Lang, to: &Lang) -> String {
    let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    match name.parse::<Lang>() {
        Ok(language) if !COLUMNS.contains(&name.as_str()) && from.accepts(&language) => "source".to_owned(),
        Ok(language) if !COLUMNS.contains(&name.as_str()) && to.accepts(&language) => "target".to_owned(),
        _ => name,
    }
}

/// An entry; what is wrong with it as a fragment, and what to do about it.
fn entry(names: &[String], record: &[String]) -> Result<Entry, (String, String)> {
    if let Some(long) = record.iter().find(|cell| cell.chars().count() > MAX_TEXT) {
        let start: String = long.chars().take(20).collect();
        return Err((
            format!("a cell has more than {MAX_TEXT} characters: {start:?}…"),
            "is a quote missing?".to_owned(),
        ));
    }
    if record.iter().skip(names.len()).any(|cell| !cell.trim().is_empty()) {
        let hint = "put a cell that holds the separator between quotes, and double the quotes in it";
        return Err((format!("the row has more than the {} cells of the first", names.len()), hint.to_owned()));
    }
    let cell = |name: &str| {
        let at = names.iter().position(|known| known == name);
        at.and_then(|at| record.get(at)).map(|cell| flat(cell)).unwrap_or_default()
    };
    let list = |name: &str| cells::split(&cell(name));
    let kind = match cell("kind").to_lowercase().as_str() {
        "" => EntryKind::default(),
        kind => EntryKind::ALL.into_iter().find(|known| known.name() == kind).ok_or_else(|| {
            let known: Vec<&str> = EntryKind::ALL.iter().map(|kind| kind.name()).collect();
            (format!("there is no kind {kind:?}"), format!("choose one of: {}", known.join(", ")))
        })?,
    };
    let gender = match cell("gender").to_lowercase().as_str() {
        "" => None,
        "f" | "female" | "feminine" => Some(Gender::Feminine),
        "m" | "male" | "masculine" => Some(Gender::Masculine),
        other => return Err((format!("there is no gender {other:?}"), "write f or m, or nothing".to_owned())),
    };
    let how = match cell("how").to_lowercase().as_str() {
        "" => None,
        "keep" => Some(How::Keep),
        "explain" => Some(How::Explain),
        "replace" => Some(How::Replace),
        other => {
            return Err((
                format!("there is no way {other:?}"),
                "write keep, explain or replace, or nothing".to_owned(),
            ));
        }
    };
    let when = cells::split_cases(&cell("when"))
        .map_err(|what| (what, "part several by |, for example: speaker=f: Honey|to=elder: Sir".to_owned()))?;
    Ok(Entry {
        source: cell("source"),
        target: cell("target"),
        kind,
        variants: list("variants"),
        forms: list("forms"),
        unless: list("unless"),
        spoken: cell("spoken"),
        gender,
        how,
        instead: cell("instead"),
        when,
        note: cell("note"),
        example: cell("example"),
    })
}

fn write(source: &Source, delimiter: char) -> Exported {
    let has_cases = source.entries.iter().any(|(_, entry)| !entry.when.is_empty());
    let columns = &COLUMNS[..COLUMNS.len() - usize::from(!has_cases)];
    let row = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell, delimiter)).collect();
        cells.join(&delimiter.to_string()) + "\r\n"
    };
    let mut text = row(columns.iter().map(|name| (*name).to_owned()).collect());
    for (_, entry) in &source.entries {
        let cell = |name: &&str| match *name {
            "source" => entry.source.clone(),
            "target" => entry.target.clone(),
            "kind" => entry.kind.name().to_owned(),
            "variants" => cells::join(&entry.variants),
            "forms" => cells::join(&entry.forms),
            "unless" => cells::join(&entry.unless),
            "spoken" => entry.spoken.clone(),
            "gender" => entry.gender.map_or("", Gender::name).to_owned(),
            "how" => entry.how.map_or("", How::name).to_owned(),
            "instead" => entry.instead.clone(),
            "note" => entry.note.clone(),
            "example" => entry.example.clone(),
            _ => cells::join_cases(&entry.when),
        };
        text.push_str(&row(columns.iter().map(cell).collect()));
    }
    Exported { text, left_out: beside_entries(source) }
}

fn quoted(cell: &str, delimiter: char) -> String {
    let plain = !cell.contains([delimiter, '"', '\n', '\r']) && cell.trim() == cell;
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
