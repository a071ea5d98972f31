use super::*;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn broken(text: &str) -> Error {
    Source::parse(text, Path::new("my/zh-en.toml")).unwrap_err()
}

#[test]
fn every_mistake_names_file_row_and_remedy() {
    let head = "version = 1\n\n";
    for (body, row, word) in [
        ("[[entry]]\nsource = \"顾总\"", 3, "no target"),
        ("[[entry]]\nsource = \" \"\ntarget = \"x\"", 3, "empty source"),
        ("[[entry]]\nsource = \"a\"\ntarget = \"x\"\nkind = \"nmae\"", 6, "nmae"),
        ("[[entry]]\nsource = \"a\"\ntraget = \"x\"", 5, "traget"),
        ("[[entry]]\ntarget = \"x\"", 3, "source"),
        ("[[entry]]\nsource = \"a\"\ntarget = \"x\\ny\"", 3, "line break"),
        ("[[entry]]\nsource = \"{surname}总\"\ntarget = \"x\"\nvariants = [\"总\"]", 3, "some of its spellings"),
        ("[[entry]]\nsource = \"总\"\ntarget = \"{surname}\"", 3, "not in its source"),
        ("[[entry]]\nsource = \"a\ntarget = \"x\"", 4, "is not a glossary"),
    ] {
        let error = broken(&format!("{head}{body}"));
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::Document, "{text}");
        assert!(text.contains(word) && text.starts_with("my/zh-en.toml"), "{text}");
        assert_eq!(error.place().row, Some(row), "{text}");
        assert!(error.remedy().is_some(), "{text}");
    }
    assert_eq!(broken("version = 2").place().row, Some(1));
    assert!(broken("from = \"klingon\"").to_string().contains("from names no language"));
}

#[test]
fn a_file_says_or_is_named_after_its_languages() {
    let text = "[[entry]]\nsource = \"a\"\ntarget = \"b\"";
    let read = |path: &str, text: &str| {
        Source::parse(text, Path::new(path)).map(|source| source.is_for(&lang("zh"), &lang("en")))
    };
    assert!(read("zh-en.toml", text).unwrap());
    assert!(read("zh-en/names.toml", text).unwrap());
    assert!(!read("en-pt-BR/names.toml", text).unwrap());
    assert!(read("names.toml", &format!("from = \"zh\"\nto = \"en\"\n{text}")).unwrap());
    assert!(read("names.toml", text).unwrap_err().remedy().unwrap().contains("from ="));
}

#[test]
fn all_mistakes_can_be_told_at_once() {
    let text = "[[entry]]\nsource = \"a\"\n\n[[entry]]\nsource = \"b\"\ntarget = \"B\"\n\n[[entry]]\nsource = \"c\"\n";
    let (source, mistakes) = Source::parse_all(text, Path::new("zh-en/us.toml")).unwrap();
    assert_eq!(source.entries.iter().map(|(row, entry)| (*row, &*entry.source)).collect::<Vec<_>>(), [(4, "b")]);
    assert_eq!(mistakes.iter().map(|e| e.place().row).collect::<Vec<_>>(), [Some(1), Some(8)]);
    assert_eq!(source.market.as_deref(), Some("us"));
    assert!(Source::parse(text, Path::new("zh-en/us.toml")).is_err());
}

#[test]
fn built_in_glossaries_are_for_their_pairs_whatever_the_region() {
    let of = |from: &str, to: &str| -> usize {
        built_in(&lang(from), &lang(to), lang(to).market()).unwrap().iter().map(|source| source.entries.len()).sum()
    };
    assert!(of("zh", "en") >= 80);
    assert!(of("en", "pt-BR") >= 30);
    assert_eq!(of("zh-Hant", "en"), of("zh", "en"));
    assert_eq!(of("en", "de"), 0);
}
