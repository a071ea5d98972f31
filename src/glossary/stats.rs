//! How much there is in glossaries, by pair, market and kind.
//!
//! Pure: files in, rows out.

use super::{EntryKind, Source};
use crate::lang::Lang;
use serde::Serialize;
use std::collections::BTreeMap;

/// The files of one pair that hold for one market.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Source language.
    pub from: Lang,
    /// Target language.
    pub to: Lang,
    /// The market; none for files that hold for every one.
    pub market: Option<String>,
    /// How many files.
    pub files: usize,
    /// How many entries.
    pub entries: usize,
    /// How many spellings of the source, variants included.
    pub spellings: usize,
    /// How many wordings of the target, forms and cases included.
    pub wordings: usize,
    /// Entries by kind, in the order of [`EntryKind::ALL`]; kinds without an entry are left out.
    pub kinds: BTreeMap<EntryKind, usize>,
    /// Share of entries with a note, 0 to 1.
    pub notes: f64,
    /// Share of entries with an example, 0 to 1.
    pub examples: f64,
}

/// One row for each pair and market, pairs in the order of their tags, what holds for every market first.
pub fn stats(sources: &[Source]) -> Vec<Row> {
    let mut groups: BTreeMap<(&Lang, &Lang, Option<&str>), Vec<&Source>> = BTreeMap::new();
    for source in sources {
        groups.entry((&source.from, &source.to, source.market.as_deref())).or_default().push(source);
    }
    groups
        .into_iter()
        .map(|((from, to, market), files)| {
            let entries: Vec<_> = files.iter().flat_map(|file| file.entries.iter().map(|(_, entry)| entry)).collect();
            let mut kinds = BTreeMap::new();
            for entry in &entries {
                *kinds.entry(entry.kind).or_insert(0) += 1;
            }
            let share = |count: usize| count as f64 / entries.len().max(1) as f64;
            Row {
                from: from.clone(),
                to: to.clone(),
                market: market.map(str::to_owned),
                files: files.len(),
                entries: entries.len(),
                spellings: entries.iter().map(|e| usize::from(!e.source.is_empty()) + e.variants.len()).sum(),
                wordings: entries
                    .iter()
                    .map(|e| usize::from(!e.target.is_empty()) + e.forms.len() + e.when.len())
                    .sum(),
                notes: share(entries.iter().filter(|entry| !entry.note.is_empty()).count()),
                examples: share(entries.iter().filter(|entry| !entry.example.is_empty()).count()),
                kinds,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn pairs_and_markets_are_counted_apart() {
        let base = "[[entry]]\nsource = \"a\"\nvariants = [\"b\"]\ntarget = \"A\"\nforms = [\"AA\"]\nnote = \"n\"\n\
            [[entry]]\nsource = \"c\"\nkind = \"keep\"\n";
        let market = "[[entry]]\nkind = \"ban\"\ntarget = \"x\"\nexample = \"y\"\n";
        let parse = |text: &str, path: &str| Source::parse(text, Path::new(path)).unwrap();
        let rows =
            stats(&[parse(market, "en-es/latam.toml"), parse(base, "en-es/base.toml"), parse(base, "en-es/more.toml")]);
        assert_eq!(
            rows.iter().map(|row| (row.market.as_deref(), row.files)).collect::<Vec<_>>(),
            [(None, 2), (Some("latam"), 1)]
        );
        let base = &rows[0];
        assert_eq!((base.entries, base.spellings, base.wordings), (4, 6, 4));
        assert_eq!((base.notes, base.examples), (0.5, 0.0));
        assert_eq!(base.kinds, BTreeMap::from([(EntryKind::Term, 2), (EntryKind::Keep, 2)]));
        assert_eq!((rows[1].spellings, rows[1].wordings, rows[1].examples), (0, 1, 1.0));
    }
}
