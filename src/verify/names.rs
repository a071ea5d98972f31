//! Is a name written one way throughout, across lines and episodes?
//!
//! Names of the glossary are known; names that no glossary lists are found by where they stand: a Chinese surname
//! with one or two characters, or capitals, again and again, and with them one wording that resembles another.
//! Only wordings in capitals can be compared, so that targets without them are judged by the glossary alone.

mod capitals;

use super::words::bare_words;
use super::{Applied, Outcome};
use crate::glossary::EntryKind;
use crate::lang::Lang;
use capitals::TITLES;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A line as it is compared with others.
#[derive(Clone, Copy, Debug)]
pub struct NamedLine<'a> {
    /// The episode, as people call it.
    pub episode: &'a str,
    /// Its number.
    pub line: u32,
    /// What the cue says.
    pub source: &'a str,
    /// The wording.
    pub text: &'a str,
    /// The glossary's decisions, and how they came out.
    pub applied: &'a [Applied],
}

/// One wording of a name, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// As the first line writes it.
    pub wording: String,
    /// Episode and line of each.
    pub lines: Vec<(String, u32)>,
}

/// A name that is written in two ways or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoNames {
    /// The name in the source.
    pub source: String,
    /// Its wordings: that of the glossary first where it lists the name, else the most frequent.
    pub renderings: Vec<Rendering>,
    /// Does the glossary list it?
    pub listed: bool,
}

/// Names that are written in two ways, in the order of the source's writing.
pub fn names_twice<'a>(lines: impl IntoIterator<Item = NamedLine<'a>>, from: &Lang) -> Vec<TwoNames> {
    let lines: Vec<NamedLine<'_>> = lines.into_iter().collect();
    let wordings = wordings(&lines);
    let mut found = listed(&lines, &wordings);
    found.extend(unlisted(&lines, &wordings, from));
    found.sort_by(|a, b| a.source.cmp(&b.source));
    found
}

/// The names in capitals of each line's wording.
fn wordings(lines: &[NamedLine<'_>]) -> Vec<Vec<String>> {
    let applied = lines.iter().flat_map(|line| line.applied).filter(|applied| applied.kind == EntryKind::Name);
    let listed = applied.flat_map(|applied| [applied.target.as_str(), applied.found.as_str()]);
    capitals::names(lines.iter().map(|line| line.text), listed)
}

/// Names of the glossary that some lines write otherwise.
fn listed(lines: &[NamedLine<'_>], wordings: &[Vec<String>]) -> Vec<TwoNames> {
    let mut entries: BTreeMap<&str, Vec<Rendering>> = BTreeMap::new();
    for (line, said) in lines.iter().zip(wordings) {
        let names = line.applied.iter().filter(|applied| applied.kind == EntryKind::Name);
        for applied in names {
            let wording = match applied.outcome {
                // Every form that the glossary accepts is the same name.
                Outcome::Kept => Some(applied.target.clone()),
                Outcome::Missed => said.iter().find(|name| resembles(name, &applied.target)).cloned(),
            };
            let renderings = entries.entry(&applied.source).or_default();
            if let Some(wording) = wording {
                let own = applied.target.clone();
                if !renderings.iter().any(|known| known.wording == own) {
                    renderings.insert(0, Rendering { wording: own, lines: Vec::new() });
                }
                put(renderings, wording, line);
            }
        }
    }
    let two = entries.into_iter().filter(|(_, renderings)| renderings.len() > 1);
    two.map(|(source, renderings)| TwoNames { source: source.to_owned(), renderings, listed: true }).collect()
}

/// Names that no glossary lists.
fn unlisted(lines: &[NamedLine<'_>], wordings: &[Vec<String>], from: &Lang) -> Vec<TwoNames> {
    let mut candidates: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (index, own) in candidates_of(lines, from).into_iter().enumerate() {
        for candidate in own {
            candidates.entry(candidate).or_default().insert(index);
        }
    }
    candidates.retain(|_, places| places.len() > 1);
    let mut by_wording: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (index, said) in wordings.iter().enumerate() {
        for name in said {
            by_wording.entry(name).or_default().insert(index);
        }
    }
    let mut found: Vec<TwoNames> = Vec::new();
    let longest_first: Vec<&String> = {
        let mut all: Vec<&String> = candidates.keys().collect();
        all.sort_by_key(|candidate| (Reverse(candidate.chars().count()), *candidate));
        all
    };
    for source in longest_first {
        let places = &candidates[source];
        // A piece of a longer name that was told already.
        if found.iter().any(|known| known.source.contains(source.as_str())) {
            continue;
        }
        // Wordings that hardly stand anywhere else.
        let mut own: Vec<(&str, BTreeSet<usize>)> = by_wording
            .iter()
            .map(|(name, all)| (*name, all, all.intersection(places).copied().collect::<BTreeSet<_>>()))
            .filter(|(_, all, shared)| shared.len() * 2 > all.len())
            .map(|(name, _, shared)| (name, shared))
            .collect();
        own.sort_by_key(|(name, shared)| (Reverse(shared.len()), Reverse(name.len()), *name));
        let Some((first, _)) = own.first().cloned() else { continue };
        // A line that has both writes the name right, and another one beside it.
        let firsts = own[0].1.clone();
        let others = own[1..].iter().filter(|(name, shared)| resembles(name, first) && shared.is_disjoint(&firsts));
        let mut renderings: Vec<Rendering> = Vec::new();
        for (name, shared) in std::iter::once(&own[0]).chain(others) {
            for index in shared {
                put(&mut renderings, (*name).to_owned(), &lines[*index]);
            }
        }
        if renderings.len() > 1 {
            found.push(TwoNames { source: source.clone(), renderings, listed: false });
        }
    }
    found
}

fn put(renderings: &mut Vec<Rendering>, wording: String, line: &NamedLine<'_>) {
    let place = (line.episode.to_owned(), line.line);
    match renderings.iter_mut().find(|known| known.wording == wording) {
        Some(known) => known.lines.push(place),
        None => renderings.push(Rendering { wording, lines: vec![place] }),
    }
}

/// Surnames that begin a name in dramas, by frequency.
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶\
                        阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚\
                        文厉霍墨裴纪容楚温盛慕祁季岑喻池简时虞阮凌宫張劉陳楊趙黃吳孫馬羅鄭謝韓馮許蘇盧蔣賈葉陸龍錢湯喬賀";

/// What may be a name in the source of each line, and is none of the glossary's.
fn candidates_of(lines: &[NamedLine<'_>], from: &Lang) -> Vec<Vec<String>> {
    let mut candidates = match from.primary() {
        "zh" => lines.iter().map(|line| surnamed(line.source)).collect(),
        _ => {
            let names = lines.iter().flat_map(|line| line.applied).filter(|applied| applied.kind == EntryKind::Name);
            capitals::names(lines.iter().map(|line| line.source), names.map(|applied| applied.source.as_str()))
        }
    };
    for (line, own) in lines.iter().zip(&mut candidates) {
        let is_listed = |candidate: &str| {
            line.applied
                .iter()
                .any(|applied| applied.source.contains(candidate) || candidate.contains(applied.source.as_str()))
        };
        own.retain(|candidate| !is_listed(candidate));
    }
    candidates
}

/// Surnames with the one or two characters behind them.
fn surnamed(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let han = |c: &char| matches!(c, '\u{3400}'..='\u{9FFF}');
    let starts = (0..chars.len()).filter(|start| SURNAMES.contains(chars[*start]));
    let pieces = starts.flat_map(|start| [2, 3].map(|length| chars.get(start..start + length)));
    pieces.flatten().filter(|piece| piece.iter().all(han)).map(|piece| piece.iter().collect()).collect()
}

/// Are they two spellings of one name: other spaces, other order, a letter more or less? A part of a name is no
/// other spelling.
fn resembles(a: &str, b: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        bare_words(name)
            .into_iter()
            .map(|word| word.text)
            .filter(|word| !TITLES.contains(&word.as_str()) && word != "s")
            .collect()
    };
    let (mut a, mut b) = (words(a), words(b));
    if a == b
        || a.iter().all(|word| b.contains(word)) && a.len() < b.len()
        || b.iter().all(|word| a.contains(word)) && b.len() < a.len()
    {
        return false;
    }
    let (joined_a, joined_b) = (a.concat(), b.concat());
    if joined_a == joined_b {
        return true;
    }
    a.sort();
    b.sort();
    if a == b {
        return true;
    }
    let longest = joined_a.chars().count().max(joined_b.chars().count());
    longest >= 4 && distance(&joined_a, &joined_b) <= (longest / 4).max(1)
}

/// Letters to change, add or leave out until one is the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
