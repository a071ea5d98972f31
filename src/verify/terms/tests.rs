use super::*;
use crate::glossary::{Entry, Loaded, Origin};
use crate::lang::Lang;
use crate::verify::verify;

fn entry(kind: EntryKind, source: &str, target: &str, forms: &[&str]) -> Match {
    Match {
        range: 0..0,
        source: source.into(),
        target: target.into(),
        forms: forms.iter().map(|form| (*form).to_owned()).collect(),
        spoken: String::new(),
        kind,
        how: None,
        instead: String::new(),
        note: String::new(),
        origin: Origin { file: "series.toml".into(), row: 7 },
        built_in: false,
    }
}

fn ban(target: &str, forms: &[&str], instead: &str) -> Loaded {
    let entry = Entry {
        target: target.into(),
        kind: EntryKind::Ban,
        forms: forms.iter().map(|form| (*form).to_owned()).collect(),
        instead: instead.into(),
        ..Entry::default()
    };
    Loaded { entry, origin: Origin { file: "us.toml".into(), row: 3 }, built_in: true, overruled: Vec::new() }
}

fn judge(source: &str, text: &str, matches: &[Match], bans: &[Loaded]) -> (Vec<Flaw>, Vec<Applied>) {
    let (from, to): (Lang, Lang) = ("zh".parse().unwrap(), "en".parse().unwrap());
    let bans: Vec<&Loaded> = bans.iter().collect();
    let verdict = verify(&Judged { source, text, from: &from, to: &to, matches, bans: &bans, room: None });
    (verdict.flaws, verdict.applied)
}

fn kinds(flaws: &[Flaw]) -> Vec<FlawKind> {
    flaws.iter().map(|flaw| flaw.kind).collect()
}

#[test]
fn a_decision_is_kept_or_missed_and_says_as_what() {
    let matches = [
        entry(EntryKind::Title, "顾总", "Mr. Gu", &["President Gu"]),
        entry(EntryKind::Term, "离婚协议", "divorce papers", &[]),
        entry(EntryKind::Term, "奶奶", "Grandma", &[]),
    ];
    let (flaws, applied) = judge("顾总，奶奶签了离婚协议", "President Gu signed those Divorce Papers.", &matches, &[]);
    assert_eq!(kinds(&flaws), [FlawKind::MissedTerm]);
    assert_eq!((flaws[0].entry.as_str(), flaws[0].origin.as_str()), ("奶奶", "series.toml:7"));
    let found: Vec<&str> = applied.iter().map(|applied| applied.found.as_str()).collect();
    assert_eq!(found, ["President Gu", "Divorce Papers", ""]);
    assert_eq!(applied[2].outcome, Outcome::Missed);
}

#[test]
fn a_term_that_stands_twice_needs_to_be_said_once_and_is_missed_once() {
    let matches = [entry(EntryKind::Term, "妈", "Mom", &[]), entry(EntryKind::Term, "妈", "Mom", &[])];
    assert!(judge("妈，妈！", "Mom!", &matches, &[]).0.is_empty());
    assert_eq!(judge("妈，妈！", "Mother!", &matches, &[]).0.len(), 1);
}

#[test]
fn short_forms_of_a_name_are_hits() {
    let matches = [entry(EntryKind::Name, "沈知意", "Shen Zhiyi", &["Zhiyi", "Miss Shen"])];
    assert!(judge("沈知意！", "Zhiyi!", &matches, &[]).0.is_empty());
    for text in ["Chen Zhiyu!", "Zhi Yi!", "Zhi-yi!", "zhiyi!"] {
        assert_eq!(kinds(&judge("沈知意！", text, &matches, &[]).0), [FlawKind::MissedTerm], "{text}");
    }
}

#[test]
fn what_is_forbidden_for_a_source_is_told_with_its_entry() {
    let mut forbidden = entry(EntryKind::Ban, "老子", "Laozi", &["this daddy"]);
    forbidden.instead = "I".into();
    let matches = [forbidden];
    let (flaws, applied) = judge("老子不干了", "This daddy quits!", &matches, &[]);
    assert_eq!(kinds(&flaws), [FlawKind::ForbiddenForm]);
    assert!(flaws[0].what.contains("This daddy") && flaws[0].what.contains("\"I\""), "{}", flaws[0].what);
    assert_eq!((flaws[0].entry.as_str(), flaws[0].origin.as_str()), ("老子", "series.toml:7"));
    assert!(applied.is_empty(), "a ban is no decision that is kept");
    assert!(judge("老子不干了", "I quit!", &matches, &[]).0.is_empty());
}

#[test]
fn a_ban_holds_for_whole_words_and_its_forms_alone() {
    let bans = [ban("ass", &["asses"], "butt"), ban("dear father-in-law", &[], "")];
    assert!(judge("头等舱", "First class, what an embarrassment.", &[], &bans).0.is_empty());
    for text in ["Move your ass!", "ASS!", "Move your asses!", "Yes, dear father in law."] {
        assert_eq!(kinds(&judge("快点", text, &[], &bans).0), [FlawKind::Banned], "{text}");
    }
    let flaw = &judge("快点", "Move your ass!", &[], &bans).0[0];
    assert_eq!((flaw.entry.as_str(), flaw.origin.as_str()), ("ass", "us.toml:3"));
    assert!(flaw.what.ends_with("say \"butt\""), "{}", flaw.what);
}

#[test]
fn what_a_series_demands_breaks_no_ban() {
    let bans = [ban("demon", &["demons"], "")];
    let wanted = [entry(EntryKind::Name, "魔宗", "Demon Sect", &[])];
    assert!(judge("魔宗来了", "The Demon Sect is here.", &wanted, &bans).0.is_empty());
    assert_eq!(kinds(&judge("魔宗来了", "The Demon Sect's demon is here.", &wanted, &bans).0), [FlawKind::Banned]);
    let built_in = [Match { built_in: true, ..wanted[0].clone() }];
    assert_eq!(kinds(&judge("魔宗来了", "The Demon Sect is here.", &built_in, &bans).0), [FlawKind::Banned]);
}
