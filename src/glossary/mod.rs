//! The glossary: decisions about names, titles, terms and idioms, and where they apply in a text.
//!
//! Plain data and pure functions, but for [`Glossary::load`], which reads the files. Knows nothing of
//! engines or prompts: it says which entries a line touches, and the line's request and key take those.

mod file;
mod fold;
mod number;

pub use number::{Amount, amounts};

use crate::error::Result;
use crate::lang::Lang;
use fold::{Fold, Folded};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

/// What an entry is about, and so how it is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A person's, a place's or a company's name.
    Name,
    /// A form of address.
    Title,
    /// A word with a fixed translation.
    #[default]
    Term,
    /// A phrase that is not to be taken literally.
    Idiom,
    /// Stays as it is in the source.
    Keep,
    /// The target is a wording that must not be used for the source.
    Ban,
}

/// One decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the source says; `{surname}` stands for any surname of the glossary's table.
    pub source: String,
    /// What the target says; empty only for [`EntryKind::Keep`].
    #[serde(default)]
    pub target: String,
    /// What it is about.
    #[serde(default)]
    pub kind: EntryKind,
    /// Other spellings in the source.
    #[serde(default)]
    pub variants: Vec<String>,
    /// Longer words of the source in which it means something else: 周总 is no title in 一周总结.
    #[serde(default)]
    pub unless: Vec<String>,
    /// How the target is spelled for a voice, where that differs.
    #[serde(default)]
    pub spoken: String,
    /// A word to the translator.
    #[serde(default)]
    pub note: String,
}

/// An entry that applies to a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// As the entry spells the source, surname filled in.
    pub source: String,
    /// As the target says it, surname filled in; the text itself for [`EntryKind::Keep`].
    pub target: String,
    /// How the target is spelled for a voice, where that differs.
    pub spoken: String,
    /// What the entry is about.
    pub kind: EntryKind,
    /// A word to the translator.
    pub note: String,
}

/// All decisions for one pair of languages.
#[derive(Debug)]
pub struct Glossary {
    from: Lang,
    to: Lang,
    fold: Fold,
    entries: Vec<Loaded>,
    patterns: Vec<Pattern>,
    by_first: HashMap<char, Vec<usize>>,
    not_surnames: Vec<Vec<char>>,
}

/// An entry with where it comes from.
#[derive(Debug)]
struct Loaded {
    entry: Entry,
    built_in: bool,
}

/// One spelling to look for.
#[derive(Debug)]
struct Pattern {
    text: Vec<char>,
    entry: usize,
    surname: Option<(String, String)>,
}

impl Glossary {
    /// The built-in glossary of the pair under those of `paths`: files, or folders with `<from>-<to>`
    /// subfolders or with TOML files. What comes later overrules what came before.
    ///
    /// # Errors
    /// Fails if a path is missing or a file is not a glossary, naming file, row and remedy.
    pub fn load(from: &Lang, to: &Lang, paths: &[PathBuf]) -> Result<Glossary> {
        let mut sources = file::built_in(from, to)?;
        for path in paths {
            sources.extend(file::read(path, from, to)?);
        }
        Glossary::of(from, to, sources)
    }

    /// A glossary without entries.
    ///
    /// # Errors
    /// Fails only if the built-in table of characters is damaged.
    pub fn empty(from: &Lang, to: &Lang) -> Result<Glossary> {
        Glossary::of(from, to, Vec::new())
    }

    fn of(from: &Lang, to: &Lang, sources: Vec<file::Source>) -> Result<Glossary> {
        let fold = Fold::new(from)?;
        let mut surnames: Vec<(String, String)> = Vec::new();
        let mut entries: Vec<Loaded> = Vec::new();
        let mut not_surnames = Vec::new();
        for source in sources {
            not_surnames.extend(source.not_surnames.iter().map(|word| fold.chars(word)));
            for (surname, written) in source.surnames {
                surnames.retain(|(known, _)| *known != surname);
                surnames.push((surname, written));
            }
            for entry in source.entries {
                // A ban stands beside the entry that says what to write instead.
                let same = |known: &Loaded| {
                    fold.chars(&known.entry.source) == fold.chars(&entry.source)
                        && (known.entry.kind == EntryKind::Ban) == (entry.kind == EntryKind::Ban)
                };
                entries.retain(|known| !same(known));
                entries.push(Loaded { entry, built_in: source.built_in });
            }
        }
        let mut glossary = Glossary {
            from: from.clone(),
            to: to.clone(),
            fold,
            entries,
            patterns: Vec::new(),
            by_first: HashMap::new(),
            not_surnames,
        };
        glossary.index(&surnames);
        Ok(glossary)
    }

    fn index(&mut self, surnames: &[(String, String)]) {
        let mut patterns = Vec::new();
        for (number, Loaded { entry, .. }) in self.entries.iter().enumerate() {
            for spelling in std::iter::once(&entry.source).chain(&entry.variants) {
                let mut add = |text: &str, surname: Option<(String, String)>| {
                    patterns.push(Pattern { text: self.fold.chars(text), entry: number, surname });
                };
                if spelling.contains(SURNAME) {
                    for (surname, written) in surnames {
                        add(&spelling.replace(SURNAME, surname), Some((surname.clone(), written.clone())));
                    }
                } else {
                    add(spelling, None);
                }
            }
        }
        for (number, pattern) in patterns.iter().enumerate() {
            if let Some(first) = pattern.text.first() {
                self.by_first.entry(*first).or_default().push(number);
            }
        }
        self.patterns = patterns;
    }

    /// Source language.
    pub fn from(&self) -> &Lang {
        &self.from
    }

    /// Target language.
    pub fn to(&self) -> &Lang {
        &self.to
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Has it no entries?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that apply to `text`, in its order, none over another: the longest match wins,
    /// and of two equally long ones the first. Case, width and Traditional or Simplified writing do not matter.
    /// Bans do not take a place of their own; they come after what they qualify.
    pub fn matches(&self, text: &str) -> Vec<Match> {
        let folded = self.fold.text(text);
        let mut found: Vec<(Range<usize>, &Pattern)> = (0..folded.chars.len())
            .flat_map(|start| self.by_first.get(&folded.chars[start]).into_iter().flatten().map(move |p| (start, p)))
            .filter_map(|(start, number)| {
                let pattern = &self.patterns[*number];
                let range = start..start + pattern.text.len();
                self.applies(&folded, &range, pattern).then_some((range, pattern))
            })
            .collect();
        found.sort_by_key(|(range, pattern)| (std::cmp::Reverse(range.len()), range.start, pattern.surname.is_some()));
        let is_ban = |pattern: &Pattern| self.entries[pattern.entry].entry.kind == EntryKind::Ban;
        let mut chosen: Vec<(Range<usize>, &Pattern)> = Vec::new();
        for (range, pattern) in found {
            let overlaps = |(other, known): &(Range<usize>, &Pattern)| {
                other.start < range.end && range.start < other.end && is_ban(known) == is_ban(pattern)
            };
            if !chosen.iter().any(overlaps) {
                chosen.push((range, pattern));
            }
        }
        chosen.sort_by_key(|(range, pattern)| (range.start, is_ban(pattern)));
        chosen.into_iter().map(|(range, pattern)| self.matched(text, folded.bytes(&range), pattern)).collect()
    }

    fn applies(&self, folded: &Folded, range: &Range<usize>, pattern: &Pattern) -> bool {
        if folded.chars.get(range.clone()) != Some(&pattern.text[..]) || !folded.at_word_bounds(range) {
            return false;
        }
        let excepted = |longer: &[char]| {
            let first = (range.start + 1).saturating_sub(longer.len());
            (first..range.end).any(|start| folded.chars[start..].starts_with(longer))
        };
        let unless = &self.entries[pattern.entry].entry.unless;
        let is_word = unless.iter().any(|longer| excepted(&self.fold.chars(longer)));
        let is_no_name = pattern.surname.is_some() && self.not_surnames.iter().any(|word| excepted(word));
        !is_word && !is_no_name
    }

    fn matched(&self, text: &str, range: Range<usize>, pattern: &Pattern) -> Match {
        let entry = &self.entries[pattern.entry].entry;
        let fill = |template: &str, side: fn(&(String, String)) -> &str| match &pattern.surname {
            Some(surname) => template.replace(SURNAME, side(surname)),
            None => template.to_owned(),
        };
        let target = match entry.kind {
            EntryKind::Keep => text[range.clone()].to_owned(),
            _ => fill(&entry.target, |(_, written)| written),
        };
        Match {
            source: fill(&entry.source, |(surname, _)| surname),
            target,
            spoken: fill(&entry.spoken, |(_, written)| written),
            kind: entry.kind,
            note: entry.note.clone(),
            range,
        }
    }

    /// Names and terms of the series as a recognizer may be told them: names first, at most
    /// `max_chars` characters. The built-in entries are left out: a recognizer knows common words.
    pub fn prompt_terms(&self, max_chars: usize) -> String {
        let separator = if self.from.is_spaceless() { "、" } else { ", " };
        let rank = |kind: EntryKind| match kind {
            EntryKind::Name | EntryKind::Keep => Some(0),
            EntryKind::Title => Some(1),
            EntryKind::Term => Some(2),
            EntryKind::Idiom | EntryKind::Ban => None,
        };
        let mut terms: Vec<(u8, &str)> = self
            .entries
            .iter()
            .filter(|loaded| !loaded.built_in && !loaded.entry.source.contains(SURNAME))
            .filter_map(|loaded| Some((rank(loaded.entry.kind)?, loaded.entry.source.as_str())))
            .collect();
        terms.sort_by_key(|(rank, _)| *rank);
        let mut prompt = String::new();
        let mut chars = 0;
        for (_, term) in terms {
            let more = term.chars().count() + if prompt.is_empty() { 0 } else { separator.chars().count() };
            if chars + more > max_chars {
                continue;
            }
            if !prompt.is_empty() {
                prompt.push_str(separator);
            }
            prompt.push_str(term);
            chars += more;
        }
        prompt
    }
}

/// What stands for a surname in an entry.
const SURNAME: &str = "{surname}";

#[cfg(test)]
mod tests;
