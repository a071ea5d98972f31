//! What is wrong with glossaries that can be read: entries that contradict each other, can never apply, break a
//! ban of their own market, or say what no voice should read.
//!
//! Pure: files in, findings out. `lint/entry.rs` judges an entry alone, `lint/together.rs` entries among each
//! other. Does not know how files are found, nor what a translation makes of them.

mod entry;
mod together;

use super::fold::Fold;
use super::{Entry, EntryKind, Source};
use crate::error::{Error, Result};
use crate::lang::{self, Lang};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A dub would be wrong, or it is left to chance what it says.
    Error,
    /// It does no harm, or may be meant.
    Warning,
}

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The file or an entry of it cannot be read.
    Unreadable,
    /// A spelling stands twice where one of them is never used.
    Duplicate,
    /// Two entries of one level want different things for one spelling.
    Contradiction,
    /// It says what the entry says that it overrules.
    Redundant,
    /// It can never apply.
    Dead,
    /// An exception that can never hold.
    IdleUnless,
    /// A wording breaks a ban of its own pair and market.
    Banned,
    /// A voice would misread the target, and `spoken` does not help.
    Spoken,
    /// The source's writing is left in the target.
    Untranslated,
    /// `{surname}` where it is not filled in, or another placeholder.
    Placeholder,
    /// A case that is never chosen.
    Case,
    /// `kind = "culture"` does not say what is done.
    How,
    /// The target takes far longer than its source.
    Long,
    /// The target is no wording that can be said as it stands.
    Wording,
    /// No market has this name.
    Market,
}

impl Check {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Check::Unreadable => "unreadable",
            Check::Duplicate => "duplicate",
            Check::Contradiction => "contradiction",
            Check::Redundant => "redundant",
            Check::Dead => "dead",
            Check::IdleUnless => "idle-unless",
            Check::Banned => "banned",
            Check::Spoken => "spoken",
            Check::Untranslated => "untranslated",
            Check::Placeholder => "placeholder",
            Check::Case => "case",
            Check::How => "how",
            Check::Long => "long",
            Check::Wording => "wording",
            Check::Market => "market",
        }
    }

    /// How bad it is.
    pub const fn severity(self) -> Severity {
        use Check::*;
        match self {
            Unreadable | Duplicate | Contradiction | Banned | Untranslated | Placeholder => Severity::Error,
            Redundant | Dead | IdleUnless | Spoken | Case | How | Long | Wording | Market => Severity::Warning,
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was looked for.
    pub check: Check,
    /// The file.
    pub file: PathBuf,
    /// The entry's row, from 1.
    pub row: usize,
    /// The entry: its source, or what it bans where it has none.
    pub entry: String,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// A finding for an error that reading a file gave.
    pub fn of_error(error: &Error) -> Finding {
        Finding {
            severity: Check::Unreadable.severity(),
            check: Check::Unreadable,
            file: error.place().file.clone().unwrap_or_default(),
            row: error.place().row.unwrap_or(1),
            entry: String::new(),
            message: error.what().to_owned(),
            remedy: error.remedy().unwrap_or("mend the file").to_owned(),
        }
    }
}

/// A flaw before it is known whose it is: check, message, remedy.
type Flaw = (Check, String, String);

/// An entry with its file and row.
#[derive(Clone, Copy)]
struct Placed<'a> {
    source: &'a Source,
    row: usize,
    entry: &'a Entry,
}

impl Placed<'_> {
    fn finding(&self, (check, message, remedy): Flaw) -> Finding {
        let Entry { source, target, .. } = self.entry;
        Finding {
            severity: check.severity(),
            check,
            file: self.source.path.clone(),
            row: self.row,
            entry: if source.is_empty() { target.clone() } else { source.clone() },
            message,
            remedy,
        }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.source.path.display(), self.row)
    }
}

/// Everything that is wrong with these files, which lie over each other in the order given. Files for other
/// pairs and markets may be among them; each entry is judged with what would be in force beside it.
///
/// # Errors
/// Fails only if the built-in table of characters is damaged.
pub fn lint(sources: &[Source]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for source in sources {
        for (row, entry) in &source.entries {
            let placed = Placed { source, row: *row, entry };
            findings.extend(entry::flaws(entry, source).into_iter().map(|flaw| placed.finding(flaw)));
        }
        findings.extend(unknown_market(source));
    }
    for (from, to) in pairs(sources) {
        let of_pair: Vec<&Source> = sources.iter().filter(|source| source.is_for(from, to)).collect();
        // What holds where no market is named comes first.
        let markets: BTreeSet<Option<&str>> =
            of_pair.iter().map(|source| source.market.as_deref()).chain([None]).collect();
        for market in markets {
            let in_force =
                of_pair.iter().copied().filter(|source| source.market.is_none() || source.market.as_deref() == market);
            findings.extend(together::findings(from, to, &in_force.collect::<Vec<_>>())?);
        }
    }
    // Those of one file stay together, in the order in which the files were given.
    let place = |finding: &Finding| sources.iter().position(|source| source.path == finding.file);
    findings.sort_by(|a, b| (place(a), a.row, a).cmp(&(place(b), b.row, b)));
    // What is wrong without a market is wrong in each.
    findings.dedup();
    Ok(findings)
}

/// Pairs of languages, without those that a narrower one covers: en-pt is judged with en-pt-BR, where there is one.
fn pairs(sources: &[Source]) -> Vec<(&Lang, &Lang)> {
    let all: BTreeSet<(&Lang, &Lang)> = sources.iter().map(|source| (&source.from, &source.to)).collect();
    let variants = |(from, to): &(&Lang, &Lang)| from.variant().iter().count() + to.variant().iter().count();
    let covered = |pair: &(&Lang, &Lang)| {
        all.iter().any(|other| variants(other) > variants(pair) && pair.0.accepts(other.0) && pair.1.accepts(other.1))
    };
    all.iter().copied().filter(|pair| !covered(pair)).collect()
}

fn unknown_market(source: &Source) -> Option<Finding> {
    let market = source.market.as_deref().filter(|market| !lang::is_market(market))?;
    Some(Finding {
        severity: Check::Market.severity(),
        check: Check::Market,
        file: source.path.clone(),
        row: 1,
        entry: String::new(),
        message: format!("no market is called {market:?}, so the file holds only where a setting names it"),
        remedy: format!("choose one of: {}", lang::MARKETS.join(", ")),
    })
}

/// What two entries of one file must not share: a folded spelling, bans apart from others; for a ban that holds
/// everywhere what it bans.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    spelling: Vec<char>,
    ban: bool,
    banned: String,
}

/// The keys of an entry: its source's first, then its variants'.
pub(super) fn keys(fold: &Fold, entry: &Entry) -> Vec<Key> {
    let ban = entry.kind == EntryKind::Ban;
    let banned = if ban && entry.source.is_empty() { entry.target.to_lowercase() } else { String::new() };
    let spellings = std::iter::once(&entry.source).chain(&entry.variants);
    spellings.map(|spelling| Key { spelling: fold.chars(spelling), ban, banned: banned.clone() }).collect()
}

#[cfg(test)]
mod tests;
