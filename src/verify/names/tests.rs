use super::*;

fn applied(source: &str, target: &str, found: &str) -> Applied {
    Applied {
        source: source.into(),
        target: target.into(),
        found: found.into(),
        kind: EntryKind::Name,
        outcome: if found.is_empty() { Outcome::Missed } else { Outcome::Kept },
        origin: String::new(),
    }
}

fn told(from: &str, lines: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let lines = lines.iter().enumerate().map(|(index, (source, text))| NamedLine {
        episode: if index < 2 { "1" } else { "2" },
        line: index as u32 + 1,
        source,
        text,
        applied: &[],
    });
    let found = names_twice(lines, &from.parse().unwrap());
    found.into_iter().map(|two| (two.source, two.renderings.into_iter().map(|r| r.wording).collect())).collect()
}

#[test]
fn an_unlisted_name_in_two_spellings_is_told_with_its_lines() {
    let lines = [
        ("沈知意，签了它。", "Shen Zhiyi, sign it."),
        ("沈知意不会来的。", "I tell you, Shen Zhiyi won't come."),
        ("你见过沈知意吗？", "Have you seen Shen Zhi Yi?"),
        ("顾北辰，你疯了！", "Gu Beichen, you're crazy!"),
        ("是顾北辰干的。", "Gu Beichen did it."),
        ("顾北辰在哪？", "Where is Gu Beizhen?"),
    ];
    let found = told("zh", &lines);
    assert_eq!(
        found,
        [
            ("沈知意".to_owned(), vec!["Shen Zhiyi".to_owned(), "Shen Zhi Yi".to_owned()]),
            ("顾北辰".to_owned(), vec!["Gu Beichen".to_owned(), "Gu Beizhen".to_owned()]),
        ]
    );
    let whole = names_twice(
        lines.iter().enumerate().map(|(i, (source, text))| NamedLine {
            episode: "7",
            line: i as u32,
            source,
            text,
            applied: &[],
        }),
        &"zh".parse().unwrap(),
    );
    assert_eq!(whole[0].renderings[1].lines, [("7".to_owned(), 2)]);
    assert!(!whole[0].listed);
}

#[test]
fn one_spelling_short_forms_and_other_people_are_let_pass() {
    for lines in [
        &[("沈知意！", "Shen Zhiyi!"), ("沈知意来了", "Zhiyi is here."), ("是沈知意", "It's Miss Shen.")][..],
        &[
            ("沈知意和沈知语来了", "Shen Zhiyi and Shen Zhiyu are here."),
            ("沈知意", "Shen Zhiyi."),
            ("沈知语", "Shen Zhiyu."),
        ],
        &[("何必呢，我高兴", "Why bother? I'm happy."), ("何必呢", "Why even try?")],
        &[("顾总来了", "Mr. Gu is here."), ("顾总走了", "President Gu left.")],
        &[("林夏，快走", "Lin Xia, run!"), ("林夏！", "Please, Lin Xia!"), ("你看林夏", "Look at Lin Xia's dress.")],
    ] {
        assert!(told("zh", lines).is_empty(), "{lines:?}: {:?}", told("zh", lines));
    }
}

#[test]
fn a_word_that_only_begins_sentences_is_no_name() {
    for lines in [
        &[("方便吗？", "Find a moment?"), ("方便吗？", "Fine with you?")][..],
        &[("方便吗？", "I heard. Find a moment!"), ("方便吗？", "Yes? – Fine with you.")],
        // Behind an opening quote it begins one, too; behind a closing one it does not.
        &[("方便吗？", "He said \"Find it\" twice."), ("方便吗？", "He said “Fine” twice.")],
        &[("方便吗？", "(Find it.)"), ("方便吗？", "¿Fine with you?")],
        // Where all is in capitals, and where it is written small elsewhere.
        &[("方便吗？", "Find it."), ("方便吗？", "Fine!"), ("来", "YOU FIND IT FINE")],
        &[("方便吗？", "Find it."), ("方便吗？", "Fine!"), ("来", "The Fine Find is a fine find.")],
    ] {
        assert!(told("zh", lines).is_empty(), "{lines:?}: {:?}", told("zh", lines));
    }
    // One that stands inside a sentence somewhere is one at the start, too, and a shortened title begins none.
    let two = |names: [&str; 2]| vec![("顾晨".to_owned(), names.map(str::to_owned).to_vec())];
    let inside = [
        ("顾晨来了", "Guchan is here."),
        ("顾晨走了", "\"No,\" Guchen said."),
        ("顾晨", "Guchen!"),
        ("问顾晨", "Ask Guchan."),
    ];
    assert_eq!(told("zh", &inside), two(["Guchan", "Guchen"]));
    assert_eq!(
        told("zh", &[("顾晨来了", "Mr. Guchan came."), ("顾晨走了", "Mr. Guchen left.")]),
        two(["Guchan", "Guchen"])
    );
}

#[test]
fn a_word_of_a_listed_name_is_one_wherever_it_stands() {
    let listed = [applied("顾家", "Gu", "Gu")];
    let named = |applied: &[Applied]| {
        let lines = [("顾北辰来了", "Gu Beichen came."), ("顾北辰走了", "Gu Beizhen left."), ("顾家", "Gu!")];
        let lines = lines.iter().enumerate().map(|(at, (source, text))| NamedLine {
            episode: "1",
            line: at as u32 + 1,
            source,
            text,
            applied: if at == 2 { applied } else { &[] },
        });
        let found = names_twice(lines, &"zh".parse().unwrap());
        found[0].renderings.iter().map(|rendering| rendering.wording.clone()).collect::<Vec<_>>()
    };
    assert_eq!(named(&listed), ["Gu Beichen", "Gu Beizhen"]);
    assert_eq!(named(&[]), ["Beichen", "Beizhen"]);
}

#[test]
fn names_in_latin_sources_are_compared_too() {
    let found = told(
        "en",
        &[
            ("She got you out, Adrian.", "Ela te salvou, Adrian."),
            ("I know Adrian lied.", "Eu sei que o Adriano mentiu."),
            ("Ask Adrian.", "Pergunte ao Adrian."),
        ],
    );
    assert_eq!(found, [("Adrian".to_owned(), vec!["Adrian".to_owned(), "Adriano".to_owned()])]);
    assert!(
        told("en", &[("It's Christmas Eve.", "É véspera de Natal."), ("On Christmas Eve?", "Na Véspera de Natal?")])
            .is_empty()
    );
}

#[test]
fn a_listed_name_is_known_by_its_entry() {
    let kept = [applied("沈知意", "Shen Zhiyi", "Zhiyi")];
    let missed = [applied("沈知意", "Shen Zhiyi", "")];
    let lines =
        [("1", 1, "Zhiyi!", &kept), ("2", 9, "That's Shen Zhiyee!", &missed), ("2", 10, "That woman!", &missed)];
    let lines =
        lines.map(|(episode, line, text, applied)| NamedLine { episode, line, source: "沈知意", text, applied });
    let found = names_twice(lines, &"zh".parse().unwrap());
    assert_eq!(found.len(), 1);
    assert!(found[0].listed);
    let wordings: Vec<&str> = found[0].renderings.iter().map(|r| r.wording.as_str()).collect();
    assert_eq!(wordings, ["Shen Zhiyi", "Shen Zhiyee"]);
    assert_eq!(found[0].renderings[1].lines, [("2".to_owned(), 9)]);
}
