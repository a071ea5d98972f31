//! The published JSON Schema says what the format is: tested against the types that read it, and against the files.

use super::Source;
use crate::json_schema::wrong;
use crate::lang::MARKETS;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const SCHEMA: &str = include_str!("../../glossaries/glossary.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// What a value may be called where the types say so: the names in "unknown field `x`, expected one of …".
fn expected(toml: &str) -> BTreeSet<String> {
    let error = Source::parse(toml, Path::new("zh-en/a.toml")).unwrap_err().to_string();
    let (_, names) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn names<'a>(values: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    values.map(str::to_owned).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    names(value.as_object().unwrap().keys().map(String::as_str))
}

fn options(value: &Value) -> BTreeSet<String> {
    names(value.as_array().unwrap().iter().map(|option| option.as_str().unwrap()))
}

#[test]
fn it_has_the_keys_and_values_of_the_types() {
    let schema = schema();
    let entry = &schema["$defs"]["entry"]["properties"];
    let in_entry = |text: &str| format!("[[entry]]\nsource = \"a\"\ntarget = \"b\"\n{text}\n");
    for (said, toml) in [
        (keys(&schema["properties"]), "zz = 1".to_owned()),
        (keys(&schema["properties"]["style"]["properties"]), "[style]\nzz = 1".to_owned()),
        (keys(&schema["$defs"]["between"]["properties"]), "[[style.between]]\nzz = 1".to_owned()),
        (keys(entry), in_entry("zz = 1")),
        (keys(&schema["$defs"]["case"]["properties"]), in_entry("when = [{ zz = 1 }]")),
        (options(&entry["kind"]["enum"]), in_entry("kind = \"zz\"")),
        (options(&entry["how"]["enum"]), in_entry("how = \"zz\"")),
        (options(&entry["gender"]["enum"]), in_entry("gender = \"zz\"")),
    ] {
        assert_eq!(said, expected(&toml), "{toml}");
    }
    assert_eq!(options(&schema["properties"]["market"]["enum"]), names(MARKETS.iter().copied()));
}

#[test]
fn it_accepts_every_built_in_file() {
    let schema = schema();
    let files = super::files_at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("glossaries")).unwrap();
    assert!(files.len() >= Source::all_built_in().unwrap().len());
    for file in files {
        let value: Value = toml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let why = wrong(&schema, &schema, &value);
        assert_eq!(why, None, "{}", file.display());
    }
}

#[test]
fn the_examples_of_the_guide_are_glossaries() {
    let guide = include_str!("../../glossaries/README.md");
    let examples: Vec<&str> = guide.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let schema = schema();
    let mut kinds = BTreeSet::new();
    for example in &examples {
        let source = Source::parse(example, Path::new("zh-en/a.toml")).unwrap_or_else(|e| panic!("{e}\n{example}"));
        assert_eq!(wrong(&schema, &schema, &toml::from_str::<Value>(example).unwrap()), None, "{example}");
        kinds.extend(source.entries.into_iter().map(|(_, entry)| entry.kind));
    }
    assert_eq!(kinds.len(), super::EntryKind::ALL.len(), "an example of every kind");
}

#[test]
fn it_refuses_what_is_refused() {
    let schema = schema();
    for (toml, good) in [
        ("version = 1\n[[entry]]\nsource = \"a\"\ntarget = \"b\"\nkind = \"title\"\nforms = [\"c\"]", true),
        ("[[entry]]\nkind = \"ban\"\ntarget = \"b\"\ninstead = \"c\"", true),
        ("[[entry]]\nkind = \"keep\"\nsource = \"a\"", true),
        ("[[entry]]\nkind = \"culture\"\nsource = \"a\"\ntarget = \"b\"\nhow = \"keep\"", true),
        ("version = 2", false),
        ("colour = \"red\"", false),
        ("[[entry]]\nsource = \"a\"", false),
        ("[[entry]]\nsource = \" \"\ntarget = \"b\"", false),
        ("[[entry]]\ntarget = \"b\"", false),
        ("[[entry]]\nsource = \"a\"\ntarget = \"b\"\nhow = \"keep\"", false),
        ("[[entry]]\nsource = \"a\"\ntarget = \"b\"\ninstead = \"c\"", false),
        ("[[entry]]\nsource = \"a\"\ntarget = \"b\"\nforms = [\"\"]", false),
        ("[[entry]]\nsource = \"a\"\ntarget = \"b\"\nwhen = [{ to = \"f\" }]", false),
        ("[[entry]]\nsource = \"a\"\ntarget = \"b\"\nvariants = \"c\"", false),
        ("[[entry]]\nkind = \"ban\"\nsource = \"a\"", false),
    ] {
        let why = wrong(&schema, &schema, &toml::from_str::<Value>(toml).unwrap());
        assert_eq!(why.is_none(), good, "{toml}: {why:?}");
        assert_eq!(Source::parse(toml, Path::new("zh-en/a.toml")).is_ok(), good, "{toml}");
    }
}
