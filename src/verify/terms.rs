//! Were the glossary's decisions kept, and does nothing stand there that they forbid?

use super::wording::{Keeping, Text};
use super::{Applied, Flaw, FlawKind, Judged, Outcome};
use crate::glossary::{EntryKind, Match};
use std::ops::Range;

/// Each decision that applies, with how it came out.
pub(super) fn applied(judged: &Judged<'_>, text: &Text<'_>) -> Vec<Applied> {
    let decisions = judged.matches.iter().filter(|found| found.kind != EntryKind::Ban);
    decisions
        .map(|decision| {
            let found = wordings(decision).find_map(|wording| text.find(wording, keeping(decision.kind)));
            let found = found.map(|range| text.said(&range).to_owned());
            Applied {
                source: decision.source.clone(),
                target: decision.target.clone(),
                outcome: if found.is_some() { Outcome::Kept } else { Outcome::Missed },
                found: found.unwrap_or_default(),
                kind: decision.kind,
                origin: decision.origin.to_string(),
            }
        })
        .collect()
}

/// Decisions that were not kept, and wordings that must not be there.
pub(super) fn flaws(judged: &Judged<'_>, text: &Text<'_>, applied: &[Applied]) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = Vec::new();
    for missed in applied.iter().filter(|applied| applied.outcome == Outcome::Missed) {
        let flaw = Flaw {
            kind: FlawKind::MissedTerm,
            what: format!("{} should read {:?}", missed.source, missed.target),
            entry: missed.source.clone(),
            origin: missed.origin.clone(),
        };
        // A source that stands twice in the line is missed once.
        if !flaws.contains(&flaw) {
            flaws.push(flaw);
        }
    }
    let demanded = demanded(judged, text);
    flaws.extend(forbidden(judged, text, &demanded));
    flaws.extend(banned(judged, text, &demanded));
    flaws
}

fn wordings(decision: &Match) -> impl Iterator<Item = &str> {
    std::iter::once(decision.target.as_str()).chain(decision.forms.iter().map(String::as_str))
}

fn keeping(kind: EntryKind) -> Keeping {
    match kind {
        EntryKind::Name | EntryKind::Keep => Keeping::Name,
        _ => Keeping::Term,
    }
}

/// Where the text says what a series' own glossary wants: nothing there is forbidden by another entry.
fn demanded(judged: &Judged<'_>, text: &Text<'_>) -> Vec<Range<usize>> {
    let own = judged.matches.iter().filter(|decision| decision.kind != EntryKind::Ban && !decision.built_in);
    own.flat_map(|decision| wordings(decision).flat_map(|wording| text.find_all(wording, keeping(decision.kind))))
        .collect()
}

/// Wordings that an entry forbids for what the source says.
fn forbidden(judged: &Judged<'_>, text: &Text<'_>, demanded: &[Range<usize>]) -> Vec<Flaw> {
    let bans = judged.matches.iter().filter(|decision| decision.kind == EntryKind::Ban);
    let flaw = |ban: &Match| {
        let said = broken(wordings(ban), text, demanded)?;
        Some(Flaw {
            kind: FlawKind::ForbiddenForm,
            what: format!("{} must not read {said:?}{}", ban.source, rather(&ban.instead)),
            entry: ban.source.clone(),
            origin: ban.origin.to_string(),
        })
    };
    bans.filter_map(flaw).collect()
}

/// Wordings that the market forbids whatever the source says.
fn banned(judged: &Judged<'_>, text: &Text<'_>, demanded: &[Range<usize>]) -> Vec<Flaw> {
    let flaw = |ban: &&crate::glossary::Loaded| {
        let entry = &ban.entry;
        let wordings = std::iter::once(entry.target.as_str()).chain(entry.forms.iter().map(String::as_str));
        let said = broken(wordings, text, demanded)?;
        Some(Flaw {
            kind: FlawKind::Banned,
            what: format!("{said:?} must not be said{}", rather(&entry.instead)),
            entry: entry.target.clone(),
            origin: ban.origin.to_string(),
        })
    };
    judged.bans.iter().filter_map(flaw).collect()
}

/// What the text says of forbidden wordings, apart from where that is demanded.
fn broken<'a, 'w>(
    mut wordings: impl Iterator<Item = &'w str>,
    text: &Text<'a>,
    demanded: &[Range<usize>],
) -> Option<&'a str> {
    let is_free = |range: &Range<usize>| demanded.iter().any(|free| free.start <= range.start && range.end <= free.end);
    wordings.find_map(|wording| {
        let place = text.find_all(wording, Keeping::Exact).into_iter().find(|range| !is_free(range))?;
        Some(text.said(&place))
    })
}

fn rather(instead: &str) -> String {
    if instead.is_empty() { String::new() } else { format!(": say {instead:?}") }
}

#[cfg(test)]
mod tests;
