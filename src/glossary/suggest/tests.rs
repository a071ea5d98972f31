use super::*;
use std::path::Path;

fn said(lines: &[&str]) -> Vec<Said> {
    let line = |(number, text): (usize, &&str)| Said {
        place: format!("ep.srt, cue {}", number + 1),
        text: (*text).to_owned(),
    };
    lines.iter().enumerate().map(line).collect()
}

fn glossary(from: &str, to: &str, extra: &str) -> Glossary {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{from}-{to}.toml"));
    std::fs::write(&file, extra).unwrap();
    Glossary::load(&from.parse().unwrap(), &to.parse().unwrap(), "", &[file]).unwrap()
}

fn found(lines: &[&str], glossary: &Glossary) -> Vec<(String, EntryKind, usize)> {
    let found = suggest(&said(lines), glossary, Limits::default()).unwrap();
    found.into_iter().map(|c| (c.source, c.kind, c.count)).collect()
}

const DRAMA: &[&str] = &[
    "沈知意，签了这份离婚协议，从此你和顾家再无关系。",
    "顾总，三年夫妻，你就给我五十万？",
    "好，我签。顾北辰，希望你不要后悔。",
    "顾北辰的红缨枪在哪？",
    "沈知意找到了红缨枪。",
    "把红缨枪还给顾北辰！",
    "从今天起，红缨枪姓沈。",
    "我去找欧阳雪小姐。",
    "高兴什么？时候不早了，马上走。",
    "高兴什么？时候不早了，马上走。",
    "高兴什么？时候不早了，马上走。",
];

#[test]
fn names_and_terms_that_are_said_again_are_found() {
    let name = |text: &str, count: usize| (text.to_owned(), EntryKind::Name, count);
    let found = found(DRAMA, &glossary("zh", "en", ""));
    assert_eq!(
        found,
        [
            name("顾北辰", 3),
            name("沈知意", 2),
            // Said once, but with a title.
            name("欧阳雪", 1),
            ("红缨枪".to_owned(), EntryKind::Term, 4),
        ]
    );
}

#[test]
fn what_an_entry_covers_is_not_found() {
    let known = "[[entry]]\nsource = \"顾北辰\"\ntarget = \"Gu Beichen\"\nkind = \"name\"\n\
        [[entry]]\nsource = \"红缨枪\"\ntarget = \"Red Spear\"\n";
    let found = found(DRAMA, &glossary("zh", "en", known));
    assert_eq!(found.iter().map(|(source, ..)| source.as_str()).collect::<Vec<_>>(), ["沈知意", "欧阳雪"]);
}

#[test]
fn a_name_of_two_characters_is_not_taken_for_one_of_three() {
    let lines = ["顾言来了", "顾言走了", "顾言说谎", "我恨顾言", "顾言疯了"];
    let found = found(&lines, &glossary("zh", "en", ""));
    assert_eq!(found, [("顾言".to_owned(), EntryKind::Name, 5)]);
}

#[test]
fn who_is_called_once_is_found() {
    let lines = ["好，我签。陆景深，希望你不要后悔。", "万不得已，她走了。", "何必呢，我不去。"];
    let found = found(&lines, &glossary("zh", "en", ""));
    assert_eq!(found, [("陆景深".to_owned(), EntryKind::Name, 1)]);
}

#[test]
fn capitals_that_are_not_due_make_a_name() {
    let lines = [
        "You have one hour, Miss Vale. Then this diner comes down.",
        "She got you out, Adrian. Nobody got her out.",
        "Adrian's boat is gone.",
        "Who knows the silver lake? I said Nobody, but nobody, nobody cares, nobody.",
        "Where is the silver lake?",
        "To the silver lake! Now!",
        "Go to Port of Saint Mary with him. I'm not going to Port of Saint Mary.",
        "GET OUT, Now YOU",
        "LEAVE VALLEY ALONE",
    ];
    let found = found(&lines, &glossary("en", "pt", ""));
    let name = |text: &str, count: usize| (text.to_owned(), EntryKind::Name, count);
    assert_eq!(
        found,
        [
            name("Adrian", 2),
            name("Port of Saint Mary", 2),
            name("Vale", 1),
            ("silver lake".to_owned(), EntryKind::Term, 3),
        ]
    );
}

#[test]
fn languages_that_cannot_be_told_apart_are_refused() {
    let thai = Glossary::empty(&"th".parse().unwrap(), &"en".parse().unwrap()).unwrap();
    let error = suggest(&said(&["สวัสดี"]), &thai, Limits::default()).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.remedy().is_some());
}

#[test]
fn the_snippet_becomes_a_glossary_when_the_targets_are_filled_in() {
    let glossary = glossary("zh", "en", "");
    let found = suggest(&said(DRAMA), &glossary, Limits::default()).unwrap();
    let text = snippet(&found, &glossary);
    assert!(text.contains("# 3 times; ep.srt, cue 3: 好，我签。顾北辰，希望你不要后悔。\n"), "{text}");
    assert!(super::super::Source::parse(&text, Path::new("a.toml")).is_err(), "{text}");
    let filled = text.replace("# target = \"\"", "target = \"x\"");
    let source = super::super::Source::parse(&filled, Path::new("a.toml")).unwrap();
    assert_eq!(source.entries.len(), 4);
    assert_eq!(source.entries[3].1.kind, EntryKind::Term);
    // A line break in a transcript must not end the comment.
    let odd = [Said { place: "a\nb.srt".into(), text: "顾言\nkind = 1\n顾言".into() }];
    let found = suggest(&odd, &glossary, Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    let text = snippet(&found, &glossary).replace("# target = \"\"", "target = \"x\"");
    assert_eq!(super::super::Source::parse(&text, Path::new("a.toml")).unwrap().entries.len(), 1);
}
