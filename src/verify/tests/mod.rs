mod lines;
mod properties;

use super::*;
use crate::glossary::{Glossary, Origin};

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn verdict(glossary: &Glossary, source: &str, text: &str) -> Verdict {
    let matches = glossary.matches(source);
    let bans: Vec<&Loaded> = glossary.bans().collect();
    let (from, to) = (glossary.from(), glossary.to());
    verify(&Judged { source, text, from, to, matches: &matches, bans: &bans, room: None })
}

/// A cheap source of the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn a_good_translation_of_a_whole_episode_has_no_flaw() {
    let glossary = Glossary::load(&lang("zh"), &lang("en"), "", &[]).unwrap();
    for (source, text) in [
        (
            "沈知意，签了这份离婚协议，从此你和顾家再无关系。",
            "Shen Zhiyi, sign these divorce papers. You and the Gu family are done.",
        ),
        ("顾总，三年夫妻，你就给我五十万？", "Mr. Gu, three years of marriage and I get half a million?"),
        (
            "五十万还嫌少？一个乡下丫头，别痴心妄想！",
            "Five hundred thousand isn't enough? A girl from the sticks. In your dreams!",
        ),
        (
            "奶奶的手术费，是我卖了嫁妆凑的，你问过一句吗？",
            "Grandma's surgery? I sold my dowry for it. Did you ever ask?",
        ),
        (
            "够了！你把奶奶气进了医院，还敢在这里装可怜！",
            "Enough! You put Grandma in the hospital, and now you play the victim?",
        ),
        ("不许你提她的名字！", "Don't you dare say her name!"),
        ("顾总，不好了！有人收购了我们三成的股份！", "Mr. Gu, it's bad! Someone bought thirty percent of our shares!"),
        ("对方出价九千八百万，连眼睛都没眨一下。", "They paid 98 million without blinking."),
        ("难道是我岳父？不对，他早就破产了。", "My father-in-law? No, he went bankrupt long ago."),
        ("什么？这不可能！", "What? That's impossible!"),
    ] {
        let flaws: Vec<Flaw> = verdict(&glossary, source, text).flaws;
        let flaws: Vec<&Flaw> = flaws.iter().filter(|flaw| flaw.kind != FlawKind::MissedTerm).collect();
        assert!(flaws.is_empty(), "{text}: {flaws:?}");
    }
}

#[test]
fn fatal_flaws_stand_alone_and_others_in_their_order() {
    let glossary = Glossary::empty(&lang("zh"), &lang("en")).unwrap();
    let fatal = verdict(&glossary, "给我五十万！", "Translation: Give me fifty!");
    assert_eq!(fatal.flaws.iter().map(|flaw| flaw.kind).collect::<Vec<_>>(), [FlawKind::Leak]);
    let flaws = verdict(&glossary, "给我五十万，不然我就把你的秘密全都告诉顾北辰！", "\"Give!").flaws;
    let kinds: Vec<FlawKind> = flaws.iter().map(|flaw| flaw.kind).collect();
    assert_eq!(kinds, [FlawKind::Number, FlawKind::TooShort, FlawKind::OpenQuote]);
    assert!(flaws.iter().all(|flaw| !flaw.what.ends_with('.') && !flaw.what.is_empty()));
}

#[test]
fn a_measured_voice_decides_what_is_too_long() {
    let (from, to) = (lang("zh"), lang("en"));
    let text = "I never want to see you in this house again.";
    let judged = Judged {
        source: "我再也不想在这个家里看到你",
        text,
        from: &from,
        to: &to,
        matches: &[],
        bans: &[],
        room: Some(Delta::from_ms(2500)),
    };
    assert!(verify(&judged).flaws.is_empty());
    let mut slow = Pace::new(&to);
    for _ in 0..4 {
        slow.observe(text, Delta::from_ms(4000));
    }
    assert_eq!(verify_at(&judged, &slow).flaws[0].kind, FlawKind::TooLong);
}

#[test]
fn a_wording_can_be_asked_for_alone() {
    assert!(says("Those divorce papers!", "the divorce papers", &lang("en")));
    assert!(!says("First class", "ass", &lang("en")));
}

#[test]
fn no_text_makes_it_stumble() {
    let pieces = [
        "顾总",
        "五十万",
        "一",
        "。",
        "Mr.",
        " ",
        "Gu",
        "’s",
        "\"",
        "(",
        ")",
        "[",
        "*",
        "1.",
        "²",
        "½",
        "é",
        "e\u{301}",
        "🙂",
        "ไม่",
        "เ",
        "\u{200B}",
        "ال",
        "زوجة",
        "ّ",
        "क्",
        "한",
        "\u{0}",
        "\u{FFFD}",
        "don",
        "'t",
        "do",
        "98,",
        "000",
        ".",
        "-",
        "{n}",
        "两百斤",
        "ǅ",
        "ß",
        "İ",
        "三成",
        "八折",
        "％",
        "١٢",
        "ﬁ",
        "𠀀",
    ];
    let languages =
        ["zh", "en", "es", "pt-BR", "id", "th", "ar", "hi", "ja", "ko", "vi", "fr", "de", "it", "ru", "tr", "sw"]
            .map(lang);
    let mut dice = Dice(3);
    let text = |dice: &mut Dice| -> String { (0..dice.roll(10)).map(|_| pieces[dice.roll(pieces.len())]).collect() };
    for _ in 0..20_000 {
        let (source, wording, said, other) = (text(&mut dice), text(&mut dice), text(&mut dice), text(&mut dice));
        let (from, to) = (&languages[dice.roll(languages.len())], &languages[dice.roll(languages.len())]);
        let matches = [Match {
            range: 0..source.len(),
            source: source.clone(),
            target: wording.clone(),
            forms: vec![other],
            spoken: String::new(),
            kind: EntryKind::ALL[dice.roll(EntryKind::ALL.len())],
            how: None,
            instead: String::new(),
            note: String::new(),
            origin: Origin::default(),
            built_in: false,
        }];
        let matches = &matches[..dice.roll(2)];
        let judged =
            Judged { source: &source, text: &said, from, to, matches, bans: &[], room: Some(Delta::from_ms(800)) };
        let verdict = verify(&judged);
        assert!(verdict.applied.iter().all(|applied| (applied.outcome == Outcome::Missed) == applied.found.is_empty()));
        assert!(verdict.applied.iter().all(|applied| said.contains(&applied.found)), "{said:?}");
        for range in wording::Text::new(&said, to).find_all(&wording, wording::Keeping::Term) {
            assert!(said.get(range.clone()).is_some_and(|piece| !piece.is_empty()), "{said:?} {wording:?}");
        }
    }
}

#[test]
fn a_text_that_holds_every_wording_misses_none() {
    for (from, to) in [("zh", "en"), ("en", "pt-BR")] {
        let glossary = Glossary::load(&lang(from), &lang(to), "", &[]).unwrap();
        let entries: Vec<&Loaded> =
            glossary.entries().iter().filter(|loaded| loaded.entry.kind != EntryKind::Ban).collect();
        let mut dice = Dice(5);
        for _ in 0..2000 {
            let mut source = String::new();
            for _ in 0..=dice.roll(3) {
                let entry = &entries[dice.roll(entries.len())].entry;
                source.push_str(&entry.source.replace("{surname}", "顾"));
                source.push_str(if from == "zh" { "，" } else { ", " });
            }
            let matches = glossary.matches(&source);
            let wanted: Vec<String> = matches
                .iter()
                .filter(|found| found.kind != EntryKind::Ban)
                .map(|found| if dice.roll(2) == 0 { found.target.to_uppercase() } else { found.target.clone() })
                .collect();
            let text = format!("Oh, {}!", wanted.join(" ... "));
            let judged = Judged {
                source: &source,
                text: &text,
                from: glossary.from(),
                to: glossary.to(),
                matches: &matches,
                bans: &[],
                room: None,
            };
            let applied = terms::applied(&judged, &wording::Text::new(&text, judged.to));
            assert!(applied.iter().all(|applied| applied.outcome == Outcome::Kept), "{source} | {text}: {applied:?}");
        }
    }
}
