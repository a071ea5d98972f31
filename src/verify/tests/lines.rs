//! Ordinary lines of dramas are no flaws, and bad answers are the flaws that they are: `fixtures/lines`.

use super::lang;
use crate::glossary::Glossary;
use crate::lang::Lang;
use crate::verify::{Flaw, FlawKind, Judged, verify};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The pairs that have a file of good lines.
const PAIRS: [(&str, &str); 8] = [
    ("zh", "en"),
    ("zh", "es"),
    ("zh", "pt-BR"),
    ("zh", "id"),
    ("zh", "th"),
    ("zh", "ar"),
    ("en", "pt-BR"),
    ("en", "es"),
];

fn fixtures(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// The rows of a file with what stands between their bars.
fn rows<const CELLS: usize>(file: &str) -> Vec<[String; CELLS]> {
    let text = std::fs::read_to_string(fixtures("lines").join(file)).unwrap();
    let rows = text.lines().filter(|row| !row.is_empty() && !row.starts_with("# "));
    let cells = |row: &str| row.split(" | ").map(|cell| cell.replace("\\n", "\n")).collect::<Vec<_>>();
    rows.map(|row| cells(row).try_into().unwrap_or_else(|_| panic!("{file}: {row}"))).collect()
}

fn flaws(glossary: &Glossary, source: &str, text: &str) -> Vec<Flaw> {
    let (matches, bans) = (glossary.matches(source), glossary.bans().collect::<Vec<_>>());
    let (from, to) = (glossary.from(), glossary.to());
    verify(&Judged { source, text, from, to, matches: &matches, bans: &bans, room: None }).flaws
}

fn built_in(from: &Lang, to: &Lang, more: &[PathBuf]) -> Glossary {
    Glossary::load(from, to, "", more).unwrap()
}

/// Judges good lines: none may be fatal, and no more than `most` may have another flaw.
#[track_caller]
fn good(glossary: &Glossary, lines: &[(String, String)], most: usize) {
    let mut told = Vec::new();
    for (source, text) in lines {
        for flaw in flaws(glossary, source, text) {
            assert!(!flaw.kind.is_fatal(), "{source} | {text}: {flaw:?}");
            told.push(format!("{source} | {text}: {:?} {}", flaw.kind, flaw.what));
        }
    }
    assert!(told.len() <= most, "{} flaws:\n{}", told.len(), told.join("\n"));
}

#[test]
fn ordinary_lines_of_every_register_are_let_pass() {
    for (from, to) in PAIRS {
        let lines: Vec<(String, String)> =
            rows(&format!("{from}-{to}.txt")).into_iter().map(|[source, text]| (source, text)).collect();
        assert!(lines.len() >= 40, "{from}-{to}");
        good(&built_in(&lang(from), &lang(to), &[]), &lines, 0);
    }
}

#[test]
fn references_and_their_alternates_are_let_pass() {
    for (file, from, to, most) in [("zh-en", "zh", "en", 8), ("en-pt", "en", "pt-BR", 2)] {
        let text = std::fs::read_to_string(fixtures(&format!("dev/{file}.jsonl"))).unwrap();
        let mut lines = Vec::new();
        for row in text.lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            let source = row["source"].as_str().unwrap();
            let alternates = row["alternates"].as_array().unwrap();
            let wordings = std::iter::once(&row["reference"]).chain(alternates);
            lines.extend(wordings.map(|text| (source.to_owned(), text.as_str().unwrap().to_owned())));
        }
        let own = [fixtures("dev/glossary")];
        good(&built_in(&lang(from), &lang(to), &own), &lines, most);
    }
}

#[test]
fn bad_answers_are_the_flaws_that_they_are() {
    let bad = rows::<5>("bad.txt");
    assert!(bad.len() >= 60);
    let mut glossaries = BTreeMap::new();
    let mut missed = Vec::new();
    for [kind, from, to, source, text] in &bad {
        let wanted: FlawKind = serde_json::from_value(serde_json::Value::String(kind.clone())).unwrap();
        let glossary =
            glossaries.entry((from.clone(), to.clone())).or_insert_with(|| built_in(&lang(from), &lang(to), &[]));
        let found = flaws(glossary, source, text);
        if !found.iter().any(|flaw| flaw.kind == wanted) {
            missed.push(format!("{kind}: {source} | {text}: {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
