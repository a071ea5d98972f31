//! What is wrong among entries that are in force together: files of one pair that hold for one market.

use super::{Check, Finding, Flaw, Key, Placed, keys};
use crate::error::Result;
use crate::glossary::fold::{Fold, Folded};
use crate::glossary::{Entry, EntryKind, Glossary, Loaded, SURNAME, Source, file};
use crate::lang::Lang;
use std::collections::HashMap;
use std::path::Path;

/// Findings among `sources`, which lie over each other in the order given.
pub(super) fn findings(from: &Lang, to: &Lang, sources: &[&Source]) -> Result<Vec<Finding>> {
    let fold = Fold::new(from)?;
    let placed: Vec<Placed<'_>> = sources
        .iter()
        .flat_map(|source| source.entries.iter().map(|(row, entry)| Placed { source, row: *row, entry }))
        .collect();
    let mut findings = same_spelling(&fold, &placed);
    let surnames = if from.primary() == "zh" { file::pinyin_surnames(to)? } else { None };
    let layers = surnames.into_iter().chain(sources.iter().map(|source| (*source).clone()));
    let glossary = Glossary::of(from, to, layers.collect())?;
    let at: HashMap<(&Path, usize), Placed<'_>> =
        placed.iter().map(|one| ((one.source.path.as_path(), one.row), *one)).collect();
    let in_force: Vec<(&Loaded, Placed<'_>)> = glossary
        .entries()
        .iter()
        .filter_map(|loaded| Some((loaded, *at.get(&(loaded.origin.file.as_path(), loaded.origin.row))?)))
        .collect();
    for (loaded, one) in &in_force {
        let flaws = redundant(loaded, &at).into_iter().chain(dead(&glossary, one)).chain(idle(&glossary, one));
        findings.extend(flaws.map(|flaw| one.finding(flaw)));
    }
    findings.extend(banned(&Fold::new(to)?, &fold, &in_force));
    Ok(findings)
}

/// Two entries for one spelling: within a file, or in files of which neither is meant to lie over the other.
fn same_spelling(fold: &Fold, placed: &[Placed<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut known: HashMap<(Key, Level<'_>), Placed<'_>> = HashMap::new();
    for one in placed {
        for (number, key) in keys(fold, one.entry).into_iter().enumerate() {
            let spelling = spelling(one.entry, number);
            let Some(earlier) = known.insert((key, level(one.source)), *one) else { continue };
            if std::ptr::eq(earlier.entry, one.entry) {
                let what =
                    format!("{spelling:?} stands twice in it: case, width and Traditional writing do not matter");
                findings.push(one.finding((Check::Redundant, what, "remove one of the two".to_owned())));
                continue;
            }
            findings.push(one.finding(clash(&earlier, one, spelling)));
        }
    }
    findings
}

fn spelling(entry: &Entry, number: usize) -> &str {
    let text = number.checked_sub(1).and_then(|number| entry.variants.get(number)).unwrap_or(&entry.source);
    // A ban that holds everywhere is told apart by what it bans.
    if text.is_empty() { &entry.target } else { text }
}

fn clash(earlier: &Placed<'_>, later: &Placed<'_>, spelling: &str) -> Flaw {
    let place = earlier.place();
    let wants = |entry: &Entry| (entry.target.clone(), entry.kind == EntryKind::Keep, entry.when.clone());
    let (old, new) = (&earlier.entry.target, &later.entry.target);
    if later.entry.kind == EntryKind::Ban {
        let what = format!("{place} has a ban for {spelling:?} already, and of two only the later one holds");
        let remedy = "write one ban, and the other banned wordings as its `forms`".to_owned();
        return (Check::Duplicate, what, remedy);
    }
    if wants(earlier.entry) == wants(later.entry) {
        let what = format!("{place} says the same for {spelling:?}");
        return (Check::Duplicate, what, "remove one of the two".to_owned());
    }
    let what = format!("{spelling:?} is {new:?} here and {old:?} at {place}; which of them wins is left to chance");
    let remedy = if earlier.source.path == later.source.path {
        "keep one; other right wordings are `forms`, wordings for certain people are `when`"
    } else {
        "keep one, or move what shall win into the market's file or into a folder that is named later"
    };
    (Check::Contradiction, what, remedy.to_owned())
}

/// What parts files that are meant to lie over each other: folder, place in it, market and pair.
type Level<'a> = (Option<&'a Path>, u8, Option<&'a str>, &'a Lang, &'a Lang);

fn level(source: &Source) -> Level<'_> {
    (source.path.parent(), source.rank(), source.market.as_deref(), &source.from, &source.to)
}

/// It overrules an entry that says the same.
fn redundant(loaded: &Loaded, at: &HashMap<(&Path, usize), Placed<'_>>) -> Option<Flaw> {
    let last = loaded.overruled.last()?;
    let older = at.get(&(last.file.as_path(), last.row))?;
    // Within a file it is a duplicate, which is told as such.
    let same = *older.entry == loaded.entry && older.source.path != loaded.origin.file;
    same.then(|| {
        let what = format!("{} says the same already", older.place());
        (Check::Redundant, what, "remove it".to_owned())
    })
}

/// A spelling that does not even match itself.
fn dead(glossary: &Glossary, one: &Placed<'_>) -> Vec<Flaw> {
    let entry = one.entry;
    let spellings: Vec<&String> =
        std::iter::once(&entry.source).chain(&entry.variants).filter(|s| !s.is_empty()).collect();
    let lives = |text: &str| {
        let found = glossary.matches(text);
        found.iter().any(|m| {
            m.range == (0..text.len()) && (m.origin.file.as_path(), m.origin.row) == (&one.source.path, one.row)
        })
    };
    let never = |spelling: &&&String| match spelling.contains(SURNAME) {
        true => !glossary.surnames.iter().any(|(surname, _)| lives(&spelling.replace(SURNAME, surname))),
        false => !lives(spelling),
    };
    let hidden = spellings.iter().filter(never).filter_map(|spelling| {
        let (why, remedy) = reason(glossary, entry, spelling, one)?;
        Some((Check::Dead, format!("{spelling:?} can never match: {why}"), remedy))
    });
    hidden.collect()
}

/// Why a spelling never matches; none where another entry took its place on purpose.
fn reason(glossary: &Glossary, entry: &Entry, spelling: &str, one: &Placed<'_>) -> Option<(String, String)> {
    let fold = &glossary.fold;
    let within = |word: &str, text: &[char]| contains(text, &fold.chars(word));
    let bare = fold.chars(&spelling.replace(SURNAME, "\0"));
    if let Some(word) = entry.unless.iter().find(|word| within(word, &bare)) {
        let why = format!("its own exception {word:?} stands within it");
        return Some((why, "make the exception longer than the spelling, or remove it".to_owned()));
    }
    let template = spelling.contains(SURNAME);
    if template && glossary.surnames.is_empty() {
        return Some(("there is no table of surnames".to_owned(), "add [surnames]".to_owned()));
    }
    let texts: Vec<String> = match template {
        true => glossary.surnames.iter().map(|(surname, _)| spelling.replace(SURNAME, surname)).collect(),
        false => vec![spelling.to_owned()],
    };
    let taken = texts.iter().find_map(|text| {
        let found = glossary.matches(text).into_iter().find(|m| m.range == (0..text.len()))?;
        ((found.kind == EntryKind::Ban) == (entry.kind == EntryKind::Ban)).then_some(found.origin)
    });
    match taken {
        // A later file may take a spelling; a later entry of the same level is a clash, which is told as such.
        Some(origin) if origin.file != one.source.path || origin.row != one.row => None,
        _ if template => Some((
            "every surname makes one of the `not-surnames` of it".to_owned(),
            "remove the entry, or the word from `not-surnames`".to_owned(),
        )),
        _ => Some(("no text holds it as a word".to_owned(), "write it as the source text does".to_owned())),
    }
}

/// An exception that shares no character with any spelling never lies over a match.
fn idle(glossary: &Glossary, one: &Placed<'_>) -> Vec<Flaw> {
    let entry = one.entry;
    let fold = &glossary.fold;
    let mut chars: Vec<char> = Vec::new();
    for spelling in std::iter::once(&entry.source).chain(&entry.variants) {
        chars.extend(fold.chars(&spelling.replace(SURNAME, "")));
        if spelling.contains(SURNAME) {
            chars.extend(glossary.surnames.iter().flat_map(|(surname, _)| fold.chars(surname)));
        }
    }
    let idle = entry.unless.iter().filter(|word| !fold.chars(word).iter().any(|c| chars.contains(c)));
    idle.map(|word| {
        let what = format!("the exception {word:?} shares no character with the source, so it never holds");
        (Check::IdleUnless, what, "give a longer word of the source that holds this one, or remove it".to_owned())
    })
    .collect()
}

/// Wordings that a ban forbids: every ban without a source, and those for the entry's own source.
fn banned(target: &Fold, source: &Fold, in_force: &[(&Loaded, Placed<'_>)]) -> Vec<Finding> {
    let bans: Vec<(&Placed<'_>, Vec<Key>)> = in_force
        .iter()
        .filter(|(loaded, _)| loaded.entry.kind == EntryKind::Ban)
        .map(|(_, one)| (one, keys(source, one.entry)))
        .collect();
    let mut findings = Vec::new();
    for (_, one) in in_force {
        let own = keys(source, one.entry);
        for (ban, about) in &bans {
            let everywhere = ban.entry.source.is_empty();
            if !everywhere && !about.iter().any(|key| own.iter().any(|k| k.spelling == key.spelling)) {
                continue;
            }
            let broken = wordings(one.entry).into_iter().find_map(|(key, text)| {
                let folded = target.text(text);
                let forbidden = std::iter::once(&ban.entry.target).chain(&ban.entry.forms);
                Some((key, text, forbidden.into_iter().find(|wording| has(&folded, &target.chars(wording)))?))
            });
            let Some((key, text, wording)) = broken else { continue };
            let instead = match ban.entry.instead.as_str() {
                "" => String::new(),
                instead => format!("; it says to write {instead:?}"),
            };
            findings.push(one.finding((
                Check::Banned,
                format!("{key} {text:?} has {wording:?} in it, which {} bans", ban.place()),
                format!("find another wording, in the market's own file where the ban is one{instead}"),
            )));
        }
    }
    findings
}

/// What an entry would put into a line: nothing that it bans itself.
fn wordings(entry: &Entry) -> Vec<(&'static str, &String)> {
    if entry.kind == EntryKind::Ban {
        return vec![("instead", &entry.instead)];
    }
    let cases = entry.when.iter().map(|case| ("when", &case.target));
    [("target", &entry.target), ("spoken", &entry.spoken)]
        .into_iter()
        .chain(entry.forms.iter().map(|form| ("forms", form)))
        .chain(cases)
        .collect()
}

/// Do these characters stand in the text as whole words?
fn has(text: &Folded, wording: &[char]) -> bool {
    let starts = 0..(text.chars.len() + 1).saturating_sub(wording.len());
    !wording.is_empty()
        && starts.into_iter().any(|start| {
            let range = start..start + wording.len();
            text.chars[range.clone()] == *wording && text.at_word_bounds(&range)
        })
}

fn contains(text: &[char], part: &[char]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
