//! The glossary: decisions about names, titles, terms and idioms, and where they apply in a text.
//!
//! Plain data and pure functions, but for [`Glossary::load`] and [`Glossaries`], which read the files. Knows nothing of
//! engines or prompts: it says which entries a line touches, and the line's request and key take those.

mod entry;
pub mod exchange;
mod file;
mod fold;
pub mod lint;
pub(crate) mod number;
mod pairs;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod schema;
pub mod stats;
pub mod suggest;
mod unit;
pub mod write;

pub use entry::{Between, Case, Entry, EntryKind, Gender, How, Origin, Style};
pub use file::{Source, files_at, pair_of_path};
pub use number::{Amount, amounts, spoken_amount};
pub use pairs::Glossaries;
pub use unit::{Dimension, Measure, MeasureKind, Said, Unit, measures};

use crate::error::Result;
use crate::lang::Lang;
use fold::{Fold, Folded};
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

/// An entry that applies to a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// As the entry spells the source, surname filled in.
    pub source: String,
    /// As the target says it, surname filled in; the text itself for [`EntryKind::Keep`].
    pub target: String,
    /// Other wordings that are as right (for a ban: as wrong), surname filled in.
    pub forms: Vec<String>,
    /// How the target is spelled for a voice, where that differs.
    pub spoken: String,
    /// What the entry is about.
    pub kind: EntryKind,
    /// What is done, for [`EntryKind::Culture`].
    pub how: Option<How>,
    /// What to say instead, for [`EntryKind::Ban`].
    pub instead: String,
    /// A word to the translator.
    pub note: String,
    /// Where the entry is written.
    pub origin: Origin,
    /// Does the entry come with the program?
    pub built_in: bool,
}

/// Who speaks a line, and to whom, as far as is known: a character's name and what else may stand in a
/// [`Case`] (`f`, `m`, roles).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// Of the speaker.
    pub speaker: Vec<String>,
    /// Of the addressee.
    pub to: Vec<String>,
}

/// All decisions for one pair of languages.
#[derive(Debug)]
pub struct Glossary {
    from: Lang,
    to: Lang,
    fold: Fold,
    entries: Vec<Loaded>,
    patterns: Vec<Pattern>,
    /// Patterns by their first two characters; of one that has a single one, by it alone.
    by_start: HashMap<(char, Option<char>), Vec<usize>>,
    /// Of each entry the longer words in which it means something else, folded.
    unless: Vec<Vec<Vec<char>>>,
    surnames: Vec<(String, String)>,
    not_surnames: Vec<Vec<char>>,
    style: Style,
    market: String,
}

/// An entry with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The decision.
    pub entry: Entry,
    /// Where it is written.
    pub origin: Origin,
    /// Does it come with the program?
    pub built_in: bool,
    /// Where entries are written that it overruled, oldest first.
    pub overruled: Vec<Origin>,
}

/// One spelling to look for.
#[derive(Debug)]
struct Pattern {
    text: Vec<char>,
    entry: usize,
    surname: Option<(String, String)>,
    /// Where in the text the surname stands.
    surname_at: Range<usize>,
}

impl Glossary {
    /// The built-in glossary of the pair and market under those of `paths`: files, or folders with
    /// `<from>-<to>` subfolders or with TOML files. What comes later overrules what came before; within a
    /// folder `base.toml` comes first, the market's file next, then the others.
    ///
    /// # Errors
    /// Fails if a path is missing or a file is not a glossary, naming file, row and remedy.
    pub fn load(from: &Lang, to: &Lang, market: &str, paths: &[PathBuf]) -> Result<Glossary> {
        let mut sources = file::built_in(from, to, market)?;
        for path in paths {
            sources.extend(file::read(path, from, to, market)?);
        }
        let mut glossary = Glossary::of(from, to, sources)?;
        glossary.market = market.to_owned();
        Ok(glossary)
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
        let mut entries: Vec<Option<Loaded>> = Vec::new();
        // A ban stands beside the entry that says what to write instead; one without a source is told
        // apart by what it bans.
        let mut places: HashMap<(Vec<char>, Option<String>), usize> = HashMap::new();
        let mut not_surnames = Vec::new();
        let mut style = Style::default();
        for source in sources {
            style.overlay(source.style);
            not_surnames.extend(source.not_surnames.iter().map(|word| fold.chars(word)));
            for (surname, written) in source.surnames {
                surnames.retain(|(known, _)| *known != surname);
                surnames.push((surname, written));
            }
            for (row, entry) in source.entries {
                let banned = match (entry.kind, entry.source.is_empty()) {
                    (EntryKind::Ban, true) => Some(entry.target.to_lowercase()),
                    (EntryKind::Ban, false) => Some(String::new()),
                    _ => None,
                };
                let key = (fold.chars(&entry.source), banned);
                let origin = Origin { file: source.path.clone(), row };
                let mut loaded = Loaded { entry, origin, built_in: source.built_in, overruled: Vec::new() };
                let place = entries.len();
                if let Some(known) = places.insert(key, place).and_then(|known| entries.get_mut(known)?.take()) {
                    loaded.overruled = known.overruled;
                    loaded.overruled.push(known.origin);
                }
                entries.push(Some(loaded));
            }
        }
        let mut glossary = Glossary {
            from: from.clone(),
            to: to.clone(),
            fold,
            entries: entries.into_iter().flatten().collect(),
            patterns: Vec::new(),
            by_start: HashMap::new(),
            unless: Vec::new(),
            surnames,
            not_surnames,
            style,
            market: to.market().to_owned(),
        };
        glossary.index();
        Ok(glossary)
    }

    fn index(&mut self) {
        let mut patterns = Vec::new();
        for (number, Loaded { entry, .. }) in self.entries.iter().enumerate() {
            for spelling in std::iter::once(&entry.source).chain(&entry.variants).filter(|s| !s.is_empty()) {
                let mut add = |text: &str, surname: Option<(String, String)>| {
                    let length = |text: &str| self.fold.chars(text).len();
                    let start = spelling.split_once(SURNAME).map_or(0, |(before, _)| length(before));
                    let surname_at = start..start + surname.as_ref().map_or(0, |(surname, _)| length(surname));
                    patterns.push(Pattern { text: self.fold.chars(text), entry: number, surname, surname_at });
                };
                if spelling.contains(SURNAME) {
                    for (surname, written) in &self.surnames {
                        add(&spelling.replace(SURNAME, surname), Some((surname.clone(), written.clone())));
                    }
                } else {
                    add(spelling, None);
                }
            }
        }
        for (number, pattern) in patterns.iter().enumerate() {
            if let Some(first) = pattern.text.first() {
                self.by_start.entry((*first, pattern.text.get(1).copied())).or_default().push(number);
            }
        }
        self.patterns = patterns;
        let folded = |loaded: &Loaded| loaded.entry.unless.iter().map(|longer| self.fold.chars(longer)).collect();
        self.unless = self.entries.iter().map(folded).collect();
    }

    /// Source language.
    pub fn from(&self) -> &Lang {
        &self.from
    }

    /// Target language.
    pub fn to(&self) -> &Lang {
        &self.to
    }

    /// The market that it is for; empty where none is known.
    pub fn market(&self) -> &str {
        &self.market
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Has it no entries?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every entry, in the order of its files.
    pub fn entries(&self) -> &[Loaded] {
        &self.entries
    }

    /// Wordings that must not appear whatever the source says.
    pub fn bans(&self) -> impl Iterator<Item = &Loaded> {
        self.entries.iter().filter(|loaded| loaded.entry.kind == EntryKind::Ban && loaded.entry.source.is_empty())
    }

    /// What is known of a character, as cases name it: the name as it is written, and in the source, and `f` or `m`.
    pub fn known_of(&self, name: &str) -> Vec<String> {
        let mut known = vec![name.to_owned()];
        let is = |entry: &Entry| {
            entry.kind == EntryKind::Name
                && (entry.source == name || entry.target == name || entry.variants.iter().any(|v| v == name))
        };
        if let Some(Loaded { entry, .. }) = self.entries.iter().find(|loaded| is(&loaded.entry)) {
            known.extend([entry.source.clone(), entry.target.clone()].into_iter().filter(|other| other != name));
            known.extend(entry.gender.map(|gender| if gender == Gender::Feminine { "f" } else { "m" }.to_owned()));
        }
        known
    }

    /// Who speaks and who is addressed, with all that is known of both: their names, `f` or `m`, and what the one is
    /// to the other; and how the one speaks to the other, where a row of the style says so.
    pub fn parties(&self, speaker: Option<&str>, to: Option<&str>) -> (Parties, Option<&Between>) {
        let known = |name: Option<&str>| name.map(|name| self.known_of(name)).unwrap_or_default();
        let mut parties = Parties { speaker: known(speaker), to: known(to) };
        let holds = |row: &&Between| row.speaker.fits(&parties.speaker) && row.to.fits(&parties.to);
        let between = self.style.between.iter().rev().find(holds);
        parties.to.extend(between.map(|row| row.role.clone()).filter(|role| !role.is_empty()));
        (parties, between)
    }

    /// How people speak in the market.
    pub fn style(&self) -> &Style {
        &self.style
    }

    /// The entries that apply to `text`, in its order, none over another: the longest match wins, of two
    /// equally long ones the first in the text, and of two at one place the entry that was written later. Case, width and Traditional or Simplified writing do not matter.
    /// Bans do not take a place of their own; they come after what they qualify.
    pub fn matches(&self, text: &str) -> Vec<Match> {
        self.matches_between(text, &Parties::default())
    }

    /// As [`Glossary::matches`], with the wordings that hold for these people.
    pub fn matches_between(&self, text: &str, parties: &Parties) -> Vec<Match> {
        let folded = self.fold.text(text);
        let begun = |start: usize| {
            let first = folded.chars[start];
            let keys = [Some((first, None)), folded.chars.get(start + 1).map(|second| (first, Some(*second)))];
            keys.into_iter().flatten().filter_map(|key| self.by_start.get(&key)).flatten().map(move |p| (start, p))
        };
        let mut found: Vec<(Range<usize>, &Pattern)> = (0..folded.chars.len())
            .filter(|start| folded.may_begin(*start))
            .flat_map(begun)
            .filter_map(|(start, number)| {
                let pattern = &self.patterns[*number];
                let range = start..start + pattern.text.len();
                self.applies(&folded, &range, pattern).then_some((range, pattern))
            })
            .collect();
        // A variant of an older entry must not win over the source of a later one.
        let later = |pattern: &Pattern| std::cmp::Reverse(pattern.entry);
        found.sort_by_key(|(range, pattern)| {
            (std::cmp::Reverse(range.len()), range.start, pattern.surname.is_some(), later(pattern))
        });
        let is_ban = |pattern: &Pattern| self.entries[pattern.entry].entry.kind == EntryKind::Ban;
        let mut chosen: Vec<(Range<usize>, &Pattern)> = Vec::new();
        for (range, pattern) in found {
            let overlaps =
                |(other, known): &(Range<usize>, &Pattern)| overlap(other, &range) && is_ban(known) == is_ban(pattern);
            if !chosen.iter().any(overlaps) {
                chosen.push((range, pattern));
            }
        }
        chosen.sort_by_key(|(range, pattern)| (range.start, is_ban(pattern)));
        chosen.into_iter().map(|(range, pattern)| self.matched(text, folded.bytes(&range), pattern, parties)).collect()
    }

    fn applies(&self, folded: &Folded, range: &Range<usize>, pattern: &Pattern) -> bool {
        if folded.chars.get(range.clone()) != Some(&pattern.text[..]) || !folded.at_word_bounds(range) {
            return false;
        }
        let lies_over = |longer: &[char], part: Range<usize>| {
            let first = (part.start + 1).saturating_sub(longer.len());
            (first..part.end).any(|start| folded.chars[start..].starts_with(longer))
        };
        let is_word = self.unless[pattern.entry].iter().any(|longer| lies_over(longer, range.clone()));
        // 主任 has no surname in it, and 顾主任 has one all the same.
        let surname = range.start + pattern.surname_at.start..range.start + pattern.surname_at.end;
        let is_no_name =
            pattern.surname.is_some() && self.not_surnames.iter().any(|word| lies_over(word, surname.clone()));
        !is_word && !is_no_name
    }

    fn matched(&self, text: &str, range: Range<usize>, pattern: &Pattern, parties: &Parties) -> Match {
        let Loaded { entry, origin, built_in, .. } = &self.entries[pattern.entry];
        let fill = |template: &str, side: fn(&(String, String)) -> &str| match &pattern.surname {
            Some(surname) => template.replace(SURNAME, side(surname)),
            None => template.to_owned(),
        };
        let written = |template: &String| fill(template, |(_, written)| written);
        let case = entry.when.iter().find(|case| case.speaker.fits(&parties.speaker) && case.to.fits(&parties.to));
        let mut forms: Vec<String> = entry.forms.iter().map(written).collect();
        let target = match (entry.kind, case) {
            (EntryKind::Keep, _) => text[range.clone()].to_owned(),
            (_, Some(case)) => written(&case.target),
            (_, None) => {
                // Nobody knows who speaks to whom: the wording of any case may be right.
                forms.extend(entry.when.iter().map(|case| written(&case.target)));
                written(&entry.target)
            }
        };
        Match {
            source: fill(&entry.source, |(surname, _)| surname),
            target,
            forms,
            spoken: written(&entry.spoken),
            kind: entry.kind,
            how: entry.how,
            instead: written(&entry.instead),
            note: entry.note.clone(),
            origin: origin.clone(),
            built_in: *built_in,
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
            EntryKind::Term | EntryKind::Culture => Some(2),
            EntryKind::Idiom | EntryKind::Unit | EntryKind::Ban => None,
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

/// A party that a rule asks for.
trait Wanted {
    /// Is it the one of whom `known` is known? Anyone is, where nobody is asked for.
    fn fits(&self, known: &[String]) -> bool;
}

impl Wanted for Option<String> {
    fn fits(&self, known: &[String]) -> bool {
        self.as_ref().is_none_or(|wanted| known.contains(wanted))
    }
}

/// Do two stretches of one text share anything?
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// What stands for a surname in an entry.
const SURNAME: &str = "{surname}";

#[cfg(test)]
mod tests;
