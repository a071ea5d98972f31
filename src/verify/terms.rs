//! Were the glossary's decisions kept?

use super::{Applied, Flaw, FlawKind, Judged, Outcome};
use crate::glossary::EntryKind;

/// Each decision that applies, with how it came out.
pub(super) fn applied(judged: &Judged<'_>) -> Vec<Applied> {
    let decisions = judged.matches.iter().filter(|found| found.kind != EntryKind::Ban);
    decisions
        .map(|decision| {
            let wordings = std::iter::once(&decision.target).chain(&decision.forms);
            let found = wordings.into_iter().find(|wording| contains(judged.text, wording));
            Applied {
                source: decision.source.clone(),
                target: decision.target.clone(),
                found: found.cloned().unwrap_or_default(),
                kind: decision.kind,
                outcome: if found.is_some() { Outcome::Kept } else { Outcome::Missed },
                origin: decision.origin.to_string(),
            }
        })
        .collect()
}

/// Decisions that were not kept, and wordings that must not be there.
pub(super) fn flaws(_: &Judged<'_>, applied: &[Applied]) -> Vec<Flaw> {
    let missed = applied.iter().filter(|applied| applied.outcome == Outcome::Missed);
    missed
        .map(|missed| Flaw {
            kind: FlawKind::MissedTerm,
            what: format!("{} should read {:?}", missed.source, missed.target),
            entry: missed.source.clone(),
            origin: missed.origin.clone(),
        })
        .collect()
}

fn contains(text: &str, wording: &str) -> bool {
    text.to_lowercase().contains(&wording.to_lowercase())
}
