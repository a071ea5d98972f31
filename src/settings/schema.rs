//! The published JSON Schema of `dubline.toml` says what the settings are: tested against the types that read them.

use super::{SCHEMA, Settings};
use serde_json::Value;
use std::collections::BTreeSet;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// What the types say may stand there: the names in "unknown field `x`, expected one of …".
fn expected(toml: &str) -> BTreeSet<String> {
    let error = toml::from_str::<Settings>(toml).unwrap_err();
    let (_, names) = error.message().split_once("expected ").unwrap_or_else(|| panic!("{toml}: {error}"));
    // Other spellings of a key are read, and not proposed.
    names.split('`').skip(1).step_by(2).filter(|name| !name.contains('_')).map(str::to_owned).collect()
}

/// What a rule refers to, or itself.
fn rule<'a>(root: &'a Value, rule: &'a Value) -> &'a Value {
    let to = rule["$ref"].as_str().map(|to| root.pointer(to.trim_start_matches('#')).unwrap());
    to.unwrap_or(rule)
}

/// Every rule with the key that it is for; `target.en` stands for any target.
fn walk<'a>(root: &'a Value, here: &'a Value, key: &str, visit: &mut impl FnMut(&str, &'a Value, &'a Value)) {
    let followed = rule(root, here);
    visit(key, here, followed);
    let join = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    for (name, inner) in followed["properties"].as_object().into_iter().flatten() {
        walk(root, inner, &join(name), visit);
    }
    if followed["additionalProperties"].is_object() {
        walk(root, &followed["additionalProperties"], &join("en"), visit);
    }
}

#[test]
fn it_has_the_keys_and_values_of_the_types_and_describes_each() {
    let schema = schema();
    let (mut tables, mut choices) = (0, 0);
    walk(&schema, &schema, "", &mut |key, here, rule| {
        let within = if key.is_empty() { String::new() } else { format!("[{key}]\n") };
        if let Some(properties) = rule["properties"].as_object() {
            let said: BTreeSet<String> = properties.keys().cloned().collect();
            assert_eq!(said, expected(&format!("{within}zz = 1")), "{key}");
            assert_eq!(rule["additionalProperties"], false, "{key}");
            tables += 1;
        }
        if let Some(options) = rule["enum"].as_array() {
            let said: BTreeSet<String> = options.iter().map(|option| option.as_str().unwrap().to_owned()).collect();
            assert_eq!(said, expected(&format!("{key} = \"zz\"")), "{key}");
            choices += 1;
        }
        if !key.ends_with(".en") {
            assert!(here["description"].as_str().is_some_and(|text| text.len() > 3), "{key} is not described");
        }
    });
    assert!(tables > 12 && choices > 8, "{tables} tables and {choices} choices were looked at");
}

#[test]
fn every_default_is_of_its_type() {
    fn compare(root: &Value, here: &Value, key: &str, value: &toml::Value) {
        let rule = rule(root, here);
        let kind = match value {
            toml::Value::Table(table) => {
                for (name, value) in table {
                    let inner = rule["properties"].get(name).unwrap_or_else(|| panic!("{key}.{name} is not there"));
                    compare(root, inner, &format!("{key}.{name}"), value);
                }
                "object"
            }
            toml::Value::String(_) => "string",
            toml::Value::Integer(_) => "integer",
            toml::Value::Float(_) => "number",
            toml::Value::Boolean(_) => "boolean",
            toml::Value::Array(_) => "array",
            toml::Value::Datetime(_) => "a date",
        };
        assert_eq!(rule["type"], kind, "{key}");
        if let Some(options) = rule["enum"].as_array() {
            assert!(options.iter().any(|option| option.as_str() == value.as_str()), "{key}");
        }
    }
    let schema = schema();
    let defaults = toml::Value::try_from(Settings::default()).unwrap();
    compare(&schema, &schema, "", &defaults);
}
