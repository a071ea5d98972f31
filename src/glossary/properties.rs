//! What holds of matching whatever the glossary and the text are.

use super::file::Source;
use super::*;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::Path;

/// A glossary is made for each.
const CASES: u32 = 48;

/// Pieces of sources and lines: words that lie in each other, both writings, marks, a template's braces.
const PIECES: [&str; 18] =
    ["顾", "总", "奶", "少", "离", "婚", "家", "沈", "一", "boss", "the", "Ana", "a", " ", "，", "！", "{x}", "\""];

fn glossary(entries: &[Entry]) -> Glossary {
    let (from, to): (Lang, Lang) = ("zh".parse().unwrap(), "en".parse().unwrap());
    let mut source = Source::parse("version = 1", Path::new("zh-en/generated.toml")).unwrap();
    source.entries = entries.iter().cloned().enumerate().map(|(index, entry)| (index + 1, entry)).collect();
    Glossary::of(&from, &to, vec![source]).unwrap()
}

fn entry(source: &str, kind: EntryKind) -> Entry {
    Entry { source: source.to_owned(), target: format!("<{source}>"), kind, ..Entry::default() }
}

fn text(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..most).prop_map(|pieces| pieces.concat())
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let kind = proptest::sample::select(vec![EntryKind::Name, EntryKind::Term, EntryKind::Idiom, EntryKind::Ban]);
    let one = (text(4), kind)
        .prop_filter_map("no source", |(source, kind)| (!source.trim().is_empty()).then(|| entry(source.trim(), kind)));
    proptest::collection::vec(one, 0..12)
}

/// Where which entry matches, as people compare it.
fn places(matches: &[Match]) -> Vec<(Range<usize>, String)> {
    matches.iter().map(|found| (found.range.clone(), found.target.clone())).collect()
}

fn wide(text: &str) -> String {
    let widen = |c: char| match c {
        '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
        ' ' => '\u{3000}',
        c => c,
    };
    text.chars().map(widen).collect()
}

proptest! {
    // Few cases and always the same: a judgement of a change is no lottery.
    #![proptest_config(ProptestConfig { cases: CASES, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn matches_lie_on_characters_and_not_over_each_other(entries in entries(), line in text(14)) {
        let matches = glossary(&entries).matches(&line);
        for found in &matches {
            prop_assert!(line.get(found.range.clone()).is_some_and(|piece| !piece.is_empty()));
            prop_assert_eq!(line[found.range.clone()].to_lowercase(), found.source.to_lowercase());
        }
        for (index, one) in matches.iter().enumerate() {
            for other in &matches[index + 1..] {
                let alike = (one.kind == EntryKind::Ban) == (other.kind == EntryKind::Ban);
                prop_assert!(!alike || !overlap(&one.range, &other.range), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_a_longer_match_leaves_out_lies_under_one_as_long(entries in entries(), line in text(14)) {
        let matches = glossary(&entries).matches(&line);
        for entry in &entries {
            for found in glossary(std::slice::from_ref(entry)).matches(&line) {
                let alike = |other: &&Match| (other.kind == EntryKind::Ban) == (found.kind == EntryKind::Ban);
                let over = matches.iter().filter(alike).filter(|other| overlap(&other.range, &found.range));
                let longest = over.map(|other| line[other.range.clone()].chars().count()).max();
                prop_assert!(longest >= Some(line[found.range.clone()].chars().count()), "{found:?}");
            }
        }
    }

    #[test]
    fn width_case_and_traditional_writing_change_no_match(entries in entries(), line in text(14)) {
        let glossary = glossary(&entries);
        let wordings = |line: &str| -> Vec<String> {
            let found = glossary.matches(line).into_iter();
            found.map(|found| found.target).collect()
        };
        let plain = wordings(&line);
        let traditional = OpenCC::from_config(BuiltinConfig::S2t).unwrap().convert(&line);
        prop_assert_eq!(&wordings(&traditional), &plain);
        prop_assert_eq!(&wordings(&wide(&line)), &plain);
        prop_assert_eq!(&wordings(&line.to_uppercase()), &plain);
    }

    #[test]
    fn an_entry_that_is_not_in_the_line_changes_nothing(entries in entries(), line in text(14), at in 0_usize..12) {
        let mut more = entries.clone();
        more.insert(at.min(entries.len()), entry("魑魅魍魉", EntryKind::Term));
        prop_assert_eq!(places(&glossary(&more).matches(&line)), places(&glossary(&entries).matches(&line)));
    }

    #[test]
    fn any_text_is_searched_and_an_empty_glossary_finds_nothing(line in any::<String>(), source in any::<String>()) {
        prop_assert!(glossary(&[]).matches(&line).is_empty());
        let kind = EntryKind::Term;
        let glossary = glossary(&[entry(&source, kind)]);
        for found in glossary.matches(&format!("{line}{source}{line}")) {
            prop_assert!(!found.range.is_empty());
        }
    }
}

/// A cheap source of the same numbers each time.
fn dice(state: &mut u64, sides: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize % sides
}

#[test]
fn ten_thousand_entries_find_what_those_in_the_line_find_alone() {
    const CHARACTERS: &str = "沈顾陆林苏叶江白秦霍景深北辰知意清欢晚夏明珠雪薇子豪紫嫣烈默晴翠锦瑟鸿山美兰德海";
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut state = 7;
    let mut word =
        |length: usize| -> String { (0..length).map(|_| characters[dice(&mut state, characters.len())]).collect() };
    let mut sources: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    for round in 0.. {
        sources.insert(word(2 + round % 3));
        if sources.len() == 10_000 {
            break;
        }
    }
    let entries: Vec<Entry> = sources.iter().map(|source| entry(source, EntryKind::Name)).collect();
    let all = glossary(&entries);
    assert_eq!(all.len(), 10_000);
    let mut found = 0;
    for _ in 0..50 {
        let line = format!("{}，{}！", word(9), word(6));
        let near: Vec<Entry> = entries.iter().filter(|entry| line.contains(&entry.source)).cloned().collect();
        let matches = places(&all.matches(&line));
        found += matches.len();
        assert_eq!(matches, places(&glossary(&near).matches(&line)), "{line}");
        // What is looked at is what begins as the text does, not every entry.
        let folded = all.fold.chars(&line);
        let looked_at: usize =
            folded.windows(2).filter_map(|pair| all.by_start.get(&(pair[0], Some(pair[1])))).map(Vec::len).sum();
        assert!(looked_at < all.len() / 20, "{looked_at} entries for {line}");
    }
    assert!(found > 50);
}

#[test]
fn braces_and_quotes_in_an_entry_are_letters_like_others() {
    let strange = ["{n}", "{surnam}", "“走”", "\"go\"", "a{b}c", "}{"];
    let glossary = glossary(&strange.map(|source| entry(source, EntryKind::Term)));
    for source in strange {
        let line = format!("他说 {source} 了");
        let matches = glossary.matches(&line);
        assert_eq!(matches.len(), 1, "{line}");
        assert_eq!((&line[matches[0].range.clone()], matches[0].target.as_str()), (source, &*format!("<{source}>")));
    }
}
