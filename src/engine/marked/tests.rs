use super::*;

const KEEP: Tag = Tag { name: "x", attributes: "", inside: Inside::Wording };
const SPAN: Tag = Tag { name: "span", attributes: " translate=\"no\"", inside: Inside::Source };

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn term(source: &str, target: &str) -> Term {
    Term { source: source.into(), target: target.into(), ..Term::default() }
}

#[test]
fn each_place_of_a_term_gets_a_mark_of_its_own() {
    let terms = [term("顾总", "Mr. Gu"), term("总", "boss")];
    let marked = mark("顾总，顾总!", &terms, &lang("zh"), &KEEP).unwrap();
    assert_eq!(marked.text, r#"<x id="0">Mr. Gu</x>，<x id="1">Mr. Gu</x>!"#);
    let marked = mark("R&D <顾总>", &terms, &lang("zh"), &SPAN).unwrap();
    assert_eq!(marked.text, r#"R&amp;D &lt;<span id="0" translate="no">顾总</span>&gt;"#);
    assert!(mark("没有", &terms, &lang("zh"), &KEEP).is_none());
}

#[test]
fn a_term_is_a_word_of_its_own_where_there_are_words() {
    let terms = [term("art", "arte")];
    assert!(mark("start the party", &terms, &lang("en"), &KEEP).is_none());
    assert_eq!(mark("art, art.", &terms, &lang("en"), &KEEP).unwrap().wordings.len(), 2);
}

#[test]
fn bans_and_numbers_are_no_decisions_about_a_wording() {
    let terms = [term("五百万", "5,000,000"), term("过万", "more than 10,000"), term("滚", ""), term("七", "7-Eleven")];
    let targets: Vec<&str> = decisions(&terms).map(|term| term.target.as_str()).collect();
    assert_eq!(targets, ["7-Eleven"]);
}

#[test]
fn the_wording_takes_the_place_of_its_mark() {
    let (zh, en, terms) = (lang("zh"), lang("en"), [term("顾总", "Mr. Gu"), term("老板", "the boss")]);
    let marked = mark("告诉顾总和老板走了", &terms, &zh, &SPAN).unwrap();
    for (answer, text) in [
        (
            r#"Tell <span id="0" translate="no">顾总</span> that <span translate="no" id="1">x</span> left &amp; gone."#,
            "Tell Mr. Gu that the boss left & gone.",
        ),
        // Moved, and without the spaces that the source had not.
        (r#"<span id='1'>老板</span>left, tell<span id="0"/>now"#, "The boss left, tell Mr. Gu now"),
        (r#"<span id="0"></span>에게 <span id="1"></span>가 갔다고 말해"#, "Mr. Gu에게 the boss가 갔다고 말해"),
    ] {
        assert_eq!(marked.read(answer, &zh).as_deref(), Some(text), "{answer}");
    }
    let terms = [term("Mr. Gu", "Sr. Gu")];
    let marked = mark("Tell Mr. Gu now", &terms, &en, &KEEP).unwrap();
    assert_eq!(marked.read(r#"Diga ao <x id="0">Sr. Gu</x> agora"#, &en).unwrap(), "Diga ao Sr. Gu agora");
}

#[test]
fn an_answer_with_anything_amiss_is_no_answer() {
    let (zh, terms) = (lang("zh"), [term("顾总", "Mr. Gu")]);
    let marked = mark("顾总走了", &terms, &zh, &KEEP).unwrap();
    for answer in [
        "He left.",
        r#"<x id="0">Mr. Gu</x> and <x id="0">Mr. Gu</x> left."#,
        r#"<x id="1">Mr. Gu</x> left."#,
        r#"<x id="0">Mr. Gu</x> and <x id="7">Mr. Gu</x> left."#,
        r#"<x>Mr. Gu</x> left."#,
        r#"<x id="0">Mr. Gu left."#,
        r#"<x id="0">Mr. Gu</x> <b>left</b>."#,
        r#"<x id="99999999999999999999999">Mr. Gu</x> left."#,
        // The marks came back, and nothing else was translated.
        r#"<x id="0">Mr. Gu</x>走了"#,
        "<x",
        "",
    ] {
        assert_eq!(marked.read(answer, &zh), None, "{answer}");
    }
    assert_eq!(marked.read(r#"<x id="0">Mr. Gu</x> left."#, &zh).unwrap(), "Mr. Gu left.");
    // A lone name has nothing around it to translate.
    let marked = mark("顾总！", &terms, &zh, &KEEP).unwrap();
    assert_eq!(marked.read(r#"<x id="0">Mr. Gu</x>！"#, &zh).unwrap(), "Mr. Gu！");
}
