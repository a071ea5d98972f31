//! Which cue does an edit belong to, in a transcript that may have been heard anew since?
//!
//! A cue is known by when it is spoken and what it says; its number is a hint, since numbers move when a cue is
//! split, merged or heard for the first time. No edit goes to two cues, no cue takes two edits, and an edit
//! that finds no cue is named, never dropped.

use super::Edit;
use crate::time::{Delta, Span};
use std::collections::BTreeMap;

/// A cue that a line may be written for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor<'a> {
    /// Its number.
    pub id: u32,
    /// When it is spoken.
    pub span: Span,
    /// What it says.
    pub text: &'a str,
}

/// Where edits belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The cue's number and the index of its edit.
    pub of: BTreeMap<u32, usize>,
    /// Indices of the edits that found no cue, in their order.
    pub orphans: Vec<usize>,
}

/// How far a cue that says the same may have moved: a transcript that is out of step by more is of another cut.
const REACH: Delta = Delta::from_ms(2000);

// Similarity of texts and overlap in time, both from 0 to 1, that make a cue the same one. A cue that was parted
// near its middle is neither half: the half that took the edit would say all of it, and the other one its
// part once more.
/// Says the same, wherever within reach.
const SAME: f64 = 0.9;
/// Says nearly the same and shares some of its time.
const ALIKE: (f64, f64) = (0.75, 0.25);
/// Was heard quite differently at the same time: at least this similar, and so much of both together.
const AT_ONCE: (f64, f64) = (0.5, 1.5);

/// Finds the cue of each edit. Deterministic; where nothing has changed, each edit keeps its own cue.
///
/// Edits and cues are both in the order of time, so that the best pairs without crossing are found
/// first; that way three equal words in a row keep their edits when all of them have moved. What remains (two people at
/// once may change places) goes to the best cue that is left.
pub fn follow(edits: &[Edit], cues: &[Anchor<'_>]) -> Followed {
    let mut order: Vec<usize> = (0..edits.len()).collect();
    // Of two edits of one cue the newer one counts.
    order.sort_by(|&a, &b| {
        let key = |edit: &Edit| (edit.span.start, edit.span.end, edit.line);
        (key(&edits[a]), edits[b].when).cmp(&(key(&edits[b]), edits[a].when))
    });
    let mut later: Vec<usize> = (0..cues.len()).collect();
    later.sort_by_key(|&cue| (cues[cue].span.start, cues[cue].span.end, cues[cue].id));
    let weights = weights(edits, cues, &order, &later);
    let mut cue_of: Vec<Option<usize>> = in_order(&weights, order.len(), later.len());
    let mut taken = vec![false; later.len()];
    cue_of.iter().flatten().for_each(|&cue| taken[cue] = true);
    let mut rest: Vec<(&(usize, usize), &u32)> = weights.iter().collect();
    rest.sort_by_key(|&(&(edit, cue), &weight)| (std::cmp::Reverse(weight), edit, cue));
    for (&(edit, cue), _) in rest {
        if cue_of[edit].is_none() && !taken[cue] {
            cue_of[edit] = Some(cue);
            taken[cue] = true;
        }
    }
    let mut followed = Followed::default();
    for (edit, cue) in order.iter().zip(cue_of) {
        match cue {
            Some(cue) => {
                followed.of.insert(cues[later[cue]].id, *edit);
            }
            None => followed.orphans.push(*edit),
        }
    }
    followed.orphans.sort_unstable();
    followed
}

/// How well each edit and cue go together, by their places in the two orders; only pairs that may.
fn weights(edits: &[Edit], cues: &[Anchor<'_>], order: &[usize], later: &[usize]) -> BTreeMap<(usize, usize), u32> {
    let texts: Vec<Vec<char>> = later.iter().map(|&cue| folded(cues[cue].text)).collect();
    let mut weights = BTreeMap::new();
    for (row, &edit) in order.iter().enumerate() {
        let edit = &edits[edit];
        let text = folded(&edit.source);
        for (column, &cue) in later.iter().enumerate() {
            let cue = &cues[cue];
            let places = Places::of(edit.span, cue.span);
            if places.shift > REACH && places.overlap == 0.0 {
                continue;
            }
            if let Some(score) = score(similarity(&text, &texts[column]), &places) {
                // Squared, so that one cue that fits is worth more than two that nearly do. Whole numbers add up
                // the same in every order.
                let hint = if edit.line == cue.id { 100 } else { 0 };
                weights.insert((row, column), (score * score * 10_000.0).round() as u32 + hint);
            }
        }
    }
    weights
}

/// How two spans lie to each other.
struct Places {
    /// The shared part of all the time that they cover together, 0 to 1.
    overlap: f64,
    /// How far the nearer ends are apart.
    shift: Delta,
    /// The shorter length as a share of the longer one.
    lengths: f64,
}

impl Places {
    fn of(a: Span, b: Span) -> Places {
        let shared = a.overlap(b).map_or(Delta::ZERO, |span| span.duration());
        let whole = a.end.max(b.end) - a.start.min(b.start);
        let (shorter, longer) = (a.duration().min(b.duration()), a.duration().max(b.duration()));
        Places {
            overlap: if a == b { 1.0 } else { shared.ratio(whole).min(1.0) },
            shift: (a.start - b.start).abs().min((a.end - b.end).abs()),
            lengths: shorter.ratio(longer).min(1.0),
        }
    }
}

/// 0 to 1; none for a cue that is another one.
fn score(similar: f64, places: &Places) -> Option<f64> {
    let same = similar >= SAME && (places.shift <= REACH || places.overlap > 0.0);
    let alike = similar >= ALIKE.0 && places.overlap >= ALIKE.1;
    let at_once = similar >= AT_ONCE.0 && similar + places.overlap >= AT_ONCE.1;
    // What has moved as far as it may is still worth more than two thirds of what has not.
    let moved = (places.shift.ratio(REACH) * 0.3).min(1.0);
    let time = places.overlap.max(places.lengths * (1.0 - moved));
    (same || alike || at_once).then_some((similar + time) / 2.0)
}

/// The heaviest set of pairs of which none cross; for each edit its cue, by their places in the orders.
fn in_order(weights: &BTreeMap<(usize, usize), u32>, edits: usize, cues: usize) -> Vec<Option<usize>> {
    let mut best = vec![vec![0u32; cues + 1]; edits + 1];
    for edit in (0..edits).rev() {
        for cue in (0..cues).rev() {
            let pair = weights.get(&(edit, cue)).map_or(0, |weight| weight + best[edit + 1][cue + 1]);
            best[edit][cue] = pair.max(best[edit + 1][cue]).max(best[edit][cue + 1]);
        }
    }
    let mut found = vec![None; edits];
    let (mut edit, mut cue) = (0, 0);
    while edit < edits && cue < cues {
        let here = best[edit][cue];
        if weights.get(&(edit, cue)).is_some_and(|weight| weight + best[edit + 1][cue + 1] == here) {
            found[edit] = Some(cue);
            edit += 1;
            cue += 1;
        } else if best[edit][cue + 1] == here {
            cue += 1;
        } else {
            edit += 1;
        }
    }
    found
}

/// Letters and digits in one case: recognizers disagree about the rest. A text without any is compared as it is.
pub(super) fn folded(text: &str) -> Vec<char> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { text.trim().chars().collect() } else { letters }
}

/// One minus the edit distance as a share of the longer text; 1 where both are empty.
fn similarity(a: &[char], b: &[char]) -> f64 {
    let longer = a.len().max(b.len());
    let shorter = a.len().min(b.len());
    if longer == 0 || a == b {
        return 1.0;
    }
    // Texts are no more similar than their lengths; less than the least that counts is not worth the sum.
    if (shorter as f64) < longer as f64 * AT_ONCE.0 {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let kept = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(corner + 1);
        }
    }
    1.0 - row[b.len()] as f64 / longer as f64
}

#[cfg(test)]
mod tests;
