//! Does a value fit a JSON Schema? Knows the keywords that this crate's schemas use, and fails on any other.

#![allow(unreachable_pub, reason = "unit tests and end-to-end tests each include it")]

use serde_json::Value;

/// Why a value does not fit; `root` is the whole schema.
pub fn wrong(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let rules = schema.as_object().unwrap();
    let fits = |rule: &Value| wrong(root, rule, value).is_none();
    let several = |rule: &Value| rule.as_array().unwrap().iter().filter(|rule| fits(rule)).count();
    rules.iter().find_map(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "then" | "else" => None,
        "$ref" => wrong(root, root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap(), value),
        "type" => {
            let is = |name: &Value| match name.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "number" => value.is_number(),
                "integer" => value.is_i64() || value.is_u64(),
                "null" => value.is_null(),
                other => panic!("the type {other} is not known here"),
            };
            let fits = rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is));
            (!fits).then(|| format!("{value} is no {rule}"))
        }
        "const" => (value != rule).then(|| format!("{value} is not {rule}")),
        "enum" => (!rule.as_array().unwrap().contains(value)).then(|| format!("{value} is none of {rule}")),
        "minimum" => (value.as_f64()? < rule.as_f64().unwrap()).then(|| format!("{value} is under {rule}")),
        "maxLength" => {
            let length = value.as_str().map_or(0, |text| text.chars().count() as u64);
            (length > rule.as_u64().unwrap()).then(|| format!("{value} is too long"))
        }
        "pattern" => {
            let text = value.as_str()?;
            let fits = match rule.as_str().unwrap() {
                "\\S" => text.contains(|c: char| !c.is_whitespace()),
                "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$" => is_tag(text),
                other => panic!("the pattern {other} is not known here"),
            };
            (!fits).then(|| format!("{value} does not fit {rule}"))
        }
        "required" => rule.as_array().unwrap().iter().find_map(|key| {
            let missing = value.as_object().is_some_and(|object| !object.contains_key(key.as_str().unwrap()));
            missing.then(|| format!("{key} is missing in {value}"))
        }),
        "properties" => {
            value.as_object().into_iter().flatten().find_map(|(key, value)| wrong(root, rule.get(key)?, value))
        }
        "additionalProperties" => value.as_object().into_iter().flatten().find_map(|(key, value)| {
            match (rule, rules.get("properties").and_then(|known| known.get(key))) {
                (_, Some(_)) => None,
                (Value::Bool(false), None) => Some(format!("{key} is not known")),
                (rule, None) => wrong(root, rule, value),
            }
        }),
        "items" => value.as_array().into_iter().flatten().find_map(|value| wrong(root, rule, value)),
        "allOf" => rule.as_array().unwrap().iter().find_map(|rule| wrong(root, rule, value)),
        "anyOf" => (several(rule) == 0).then(|| format!("{value} fits none of {rule}")),
        "oneOf" => (several(rule) != 1).then(|| format!("{value} fits not exactly one of {rule}")),
        "if" => wrong(root, rules.get(if fits(rule) { "then" } else { "else" })?, value),
        other => panic!("the keyword {other} is not known here"),
    })
}

fn is_tag(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let fits = |part: &str, lengths: std::ops::RangeInclusive<usize>, is: fn(&char) -> bool| {
        lengths.contains(&part.len()) && part.chars().all(|c| is(&c))
    };
    parts.next().is_some_and(|first| fits(first, 2..=3, char::is_ascii_alphabetic))
        && parts.all(|part| fits(part, 1..=8, char::is_ascii_alphanumeric))
}
