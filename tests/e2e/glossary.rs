//! `dubline glossary`: what people check, read, add, convert, count and find.

use crate::common::Space;
use serde_json::Value;

const WORDS: &str = "# Of the series.\nversion = 1\nfrom = \"zh\"\nto = \"en\"\n\n\
    [[entry]] # the hero\nsource = \"顾北辰\"\ntarget = \"Gu Beichen\"\nkind = \"name\"\n\n\
    [[entry]]\nsource = \"奶奶\"\ntarget = \"Nana\"\nkind = \"title\"\n\
    when = [{ to = \"stranger\", target = \"ma'am\" }]\n";

const BAD: &str = "from = \"zh\"\nto = \"en\"\n\n\
    [[entry]]\nsource = \"战神\"\ntarget = \"God of War\"\n\n\
    [[entry]]\nsource = \"戰神\"\ntarget = \"the War God\"\n\n\
    [[entry]]\nsource = \"红包\"\ntarget = \"cash gift\"\nkind = \"culture\"\n\n\
    [[entry]]\nsource = \"空\"\n";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn a_check_names_what_is_wrong_and_stops_a_pipeline() {
    let space = Space::new();
    space.write("words/zh-en/good.toml", WORDS);
    space.run(&["glossary", "check", "words"]).code(0);

    space.write("words/zh-en/bad.toml", BAD);
    let said = space.run(&["glossary", "check", "words"]).code(8);
    let row = |row: usize, check: &str| format!("words/zh-en/bad.toml:{row}: {check}");
    for wanted in [row(8, "error [contradiction]"), row(12, "warning [how]"), row(17, "error [unreadable]")] {
        assert!(said.out.contains(&wanted), "{wanted} in\n{}", said.out);
    }
    assert!(said.out.ends_with("files: 2, entries: 5, errors: 2, warnings: 1\n"), "{}", said.out);

    let report = json(&space.run(&["glossary", "check", "words", "--json"]).code(8).out);
    assert_eq!((&report["errors"], &report["warnings"]), (&2.into(), &1.into()));
    let first = &report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "contradiction").unwrap();
    assert_eq!((&first["row"], &first["severity"], &first["entry"]), (&8.into(), &"error".into(), &"戰神".into()));
    assert!(!first["remedy"].as_str().unwrap().is_empty());
}

#[test]
fn a_check_judges_with_the_built_in_bans_and_tells_of_what_was_asked() {
    let space = Space::new();
    let words = space.write("zh-en/a.toml", WORDS);
    let report = json(&space.run(&["glossary", "check", words.to_str().unwrap(), "--json"]).code(0).out);
    assert_eq!((&report["files"], &report["entries"]), (&1.into(), &2.into()));
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["file"].as_str().unwrap().ends_with("a.toml")));
    // Without a path: the built-in ones and those of the settings.
    space.write("dubline.toml", "glossaries = [\"zh-en\"]\n");
    let all = json(&space.run(&["glossary", "check", "--json"]).code(0).out);
    assert!(all["files"].as_u64().unwrap() > 2, "{all}");
    let one = json(&space.run(&["glossary", "check", "--json", "--from", "en", "--to", "pt"]).code(0).out);
    assert!(one["files"].as_u64() < all["files"].as_u64());
    let said = space.run(&["glossary", "check", "--from", "is", "--to", "sw"]).code(2);
    assert!(said.hint().contains("stats"), "{}", said.err);
    assert!(space.run(&["glossary", "check", "nowhere"]).code(8).error().contains("nowhere"));
    assert!(space.run(&["glossary", "check", "--market", "mars"]).code(2).hint().contains("latam"));
}

#[test]
fn a_glossary_is_shown_with_what_it_overruled() {
    let space = Space::new();
    space.write("words/zh-en/a.toml", WORDS);
    space.write("dubline.toml", "from = \"zh\"\nto = [\"en\"]\nglossaries = [\"words\"]\n");
    let said = space.run(&["glossary", "show", "--origin", "--kind", "title"]).code(0);
    let rows: Vec<&str> = said.out.lines().collect();
    let at = rows
        .iter()
        .position(|row| row.contains("奶奶 → Nana; when to stranger: ma'am"))
        .unwrap_or_else(|| panic!("{}", said.out));
    assert!(rows[at + 1].contains("words/zh-en/a.toml:11, over glossaries/zh-en/base.toml:"), "{}", rows[at + 1]);
    assert!(!said.out.contains("Gu Beichen"), "a name is no title:\n{}", said.out);

    let shown = json(&space.run(&["glossary", "show", "--json"]).code(0).out);
    assert_eq!((&shown["from"], &shown["market"]), (&"zh".into(), &"us".into()));
    let entries = shown["entries"].as_array().unwrap();
    let nana = entries.iter().find(|entry| entry["target"] == "Nana").unwrap();
    assert_eq!((&nana["built_in"], &nana["origin"]["row"]), (&false.into(), &11.into()));
    assert_eq!(nana["overruled"].as_array().unwrap().len(), 1);
    assert!(entries.iter().any(|entry| entry["built_in"] == true));
}

#[test]
fn what_applies_to_a_line_is_shown_with_its_wording() {
    let space = Space::new();
    let words = space.write("words.toml", WORDS);
    let show = |more: &[&str]| {
        let mut arguments =
            vec!["glossary", "show", "--from", "zh", "--to", "en", "--glossary", words.to_str().unwrap(), "--matching"];
        arguments.extend(more);
        space.run(&arguments).code(0).out
    };
    let said = show(&["顾北辰，奶奶来了。"]);
    assert!(said.contains("name     顾北辰 → Gu Beichen\n"), "{said}");
    assert!(said.contains("title    奶奶 → Nana; or ma'am\n"), "{said}");
    assert!(show(&["奶奶", "--addressee", "f,stranger"]).contains("奶奶 → ma'am\n"));
    assert!(show(&["一二三"]).starts_with("no entry applies\n"));
    let found = json(&show(&["喂，顧北辰", "--json"]));
    assert_eq!((&found[0]["text"], &found[0]["source"]), (&"顧北辰".into(), &"顾北辰".into()));
    let said = space.run(&["glossary", "show", "--from", "zh"]).code(2);
    assert!(said.hint().contains("--to"), "{}", said.err);
}

#[test]
fn an_entry_is_added_and_the_rest_of_the_file_stays() {
    let space = Space::new();
    let words = space.write("words.toml", WORDS);
    let path = words.to_str().unwrap();
    let more = ["--kind", "title", "--variant", "顾少", "--form", "Gu", "--note", "cold \"CEO\""];
    let said = space.run(&[&["glossary", "add", path, "顾总", "Mr. Gu"], &more[..]].concat()).code(0);
    assert!(said.out.contains("words.toml:17: 顾总 → Mr. Gu"), "{}", said.out);
    let text = std::fs::read_to_string(&words).unwrap();
    assert!(text.starts_with(WORDS), "{text}");
    assert!(text.ends_with("note = \"cold \\\"CEO\\\"\"\n"), "{text}");

    let said = space.run(&["glossary", "add", path, "顧少", "x"]).code(8);
    assert!(said.error().contains("words.toml:17"), "{}", said.err);
    assert!(space.run(&["glossary", "add", path, "空"]).code(8).error().contains("no target"));
    assert!(space.run(&["glossary", "add", path, "a", "b", "--kind", "nmae"]).code(2).hint().contains("idiom"));
    assert!(space.run(&["glossary", "add", path, "a", "b", "--to", "fr"]).code(2).error().contains("en, not fr"));
    assert_eq!(std::fs::read_to_string(&words).unwrap(), text, "what is refused changes nothing");
    let said = space.run(&["glossary", "add", path, "总裁", "the boss"]).code(0);
    assert!(said.out.contains(", over \"CEO\" of glossaries/zh-en/base.toml:"), "{}", said.out);
    space.run(&["glossary", "check", path]).code(0);
}

#[test]
fn a_new_file_gets_its_head() {
    let space = Space::new();
    let said = space.run(&["glossary", "add", "new.toml", "a", "b"]).code(2);
    assert!(said.hint().contains("--from"), "{}", said.err);
    assert!(!space.path("new.toml").exists());
    let pair = ["--from", "zh", "--to", "pt-BR", "--market", "br"];
    space.run(&[&["glossary", "add", "new.toml", "", "meu senhor", "--kind", "ban"], &pair[..]].concat()).code(0);
    space.run(&["glossary", "add", "new.toml", "微信", "--kind", "keep"]).code(0);
    let text = std::fs::read_to_string(space.path("new.toml")).unwrap();
    assert!(text.contains("from = \"zh\"\nto = \"pt-BR\"\nmarket = \"br\"\n"), "{text}");
    assert_eq!(text.matches("[[entry]]").count(), 2);
    space.run(&["glossary", "check", "new.toml"]).code(0);
}

#[test]
fn a_glossary_goes_through_every_format_and_back() {
    let space = Space::new();
    space.write("zh-en/words.toml", WORDS);
    for (from, to) in [
        ("words.toml", "words.csv"),
        ("words.csv", "words.tsv"),
        ("words.tsv", "words.tbx"),
        ("words.tbx", "back.toml"),
    ] {
        let (from, to) = (format!("zh-en/{from}"), format!("zh-en/{to}"));
        let said = space.run(&["glossary", "convert", &from, &to]).code(0);
        assert!(said.out.starts_with("2 entries"), "{}", said.out);
        assert_eq!(said.err, "");
    }
    let read = |name: &str| -> toml::Value {
        let text = std::fs::read_to_string(space.path(name)).unwrap();
        toml::from_str::<toml::Table>(&text).unwrap().remove("entry").unwrap()
    };
    assert_eq!(read("zh-en/back.toml"), read("zh-en/words.toml"));
    let said = space.run(&["glossary", "convert", "zh-en/words.csv", "zh-en/back.toml"]).code(2);
    assert!(said.hint().contains("--force"), "{}", said.err);
    space.run(&["glossary", "convert", "zh-en/words.csv", "zh-en/back.toml", "--force"]).code(0);
}

#[test]
fn what_a_table_or_a_format_lacks_is_told() {
    let space = Space::new();
    space.write("a.csv", "source;target;colour\n战神;God of War;red\n");
    let said = space.run(&["glossary", "convert", "a.csv", "a.toml"]).code(2);
    assert!(said.hint().contains("--from"), "{}", said.err);
    let said = space.run(&["glossary", "convert", "a.csv", "a.toml", "--from", "zh", "--to", "en"]).code(0);
    assert!(said.err.contains("left out: the column \"colour\""), "{}", said.err);
    space.write("b.csv", "source,target,kind\n战神,God of War,term\n龙王,Dragon King,nmae\n");
    let said = space.run(&["glossary", "convert", "b.csv", "zh-en/b.toml"]).code(8);
    assert!(said.error().contains("b.csv:3"), "{}", said.err);
    assert!(!space.path("zh-en/b.toml").exists());
    space.write("c.toml", &format!("{WORDS}\n[style]\nregister = \"spoken\"\n"));
    let said = space.run(&["glossary", "convert", "c.toml", "c.tbx"]).code(0);
    assert!(said.err.contains("left out: [style]"), "{}", said.err);
    assert!(space.run(&["glossary", "convert", "a.csv", "a.xlsx"]).code(2).hint().contains(".tbx"));
}

#[test]
fn entries_are_counted() {
    let space = Space::new();
    space.write("zh-en/us.toml", WORDS);
    let rows = json(&space.run(&["glossary", "stats", "zh-en", "--json"]).code(0).out);
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rows[0]["market"], &rows[0]["entries"], &rows[0]["kinds"]["name"]),
        (&"us".into(), &2.into(), &1.into())
    );
    let said = space.run(&["glossary", "stats"]).code(0);
    assert!(said.out.lines().any(|row| row.starts_with("zh-en ") && row.contains("title ")), "{}", said.out);
}

#[test]
fn names_are_suggested_from_every_kind_of_transcript() {
    let space = Space::new();
    let cue = |number: usize, text: &str| format!("{number}\n00:00:0{number},000 --> 00:00:0{number},900\n{text}\n\n");
    space.write("ep1.srt", &(cue(1, "沈知意，你来了。") + &cue(2, "我找沈知意。")));
    let written =
        r#"{"language": "zh", "cues": [{"id": 7, "span": {"start": 0.0, "end": 1.0}, "text": "沈知意走了。"}]}"#;
    space.write("ep2.transcript.json", written);
    let pair = ["--from", "zh", "--to", "en"];
    let run = |more: &[&str]| {
        let arguments = [&["glossary", "suggest", "ep1.srt", "ep2.transcript.json"], &pair[..], more].concat();
        space.run(&arguments).code(0).out
    };
    let said = run(&[]);
    assert!(said.contains("# 3 times; ep1.srt, cue 1: 沈知意，你来了。\n[[entry]]\nsource = \"沈知意\"\n# target = \"\"\nkind = \"name\"\n"), "{said}");
    let found = json(&run(&["--json"]));
    assert_eq!((&found[0]["source"], &found[0]["count"]), (&"沈知意".into(), &3.into()));
    // 沈知 and 知意 are no words: what is a name is not told as a term too.
    assert_eq!(json(&run(&["--names", "1", "--terms", "2", "--json"])).as_array().unwrap().len(), 1);
    let said = space.run(&["glossary", "suggest", "ep2.transcript.json", "--from", "en", "--to", "pt"]).code(2);
    assert!(said.error().contains("Chinese"), "{}", said.err);
    space.write("bad.json", "{\n\"cues\": 3}");
    assert!(space.run(&["glossary", "suggest", "bad.json", "--to", "en"]).code(8).error().contains("bad.json:"));
}
