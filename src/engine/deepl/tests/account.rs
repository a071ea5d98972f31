//! A DeepL account to ask in tests.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};
use wiremock::{Respond, ResponseTemplate};

pub(super) const KEY: &str = "0123-secret-4567:fx";

/// A DeepL account, as far as the protocol goes: it checks the key, keeps glossaries, and translates every
/// Chinese character that neither a glossary nor a tag speaks for as `la`.
#[derive(Clone, Default)]
pub(super) struct Account(Arc<Mutex<Held>>);

#[derive(Default)]
pub(super) struct Held {
    /// Id, name and entries.
    pub(super) glossaries: Vec<(String, String, String)>,
    /// How many glossaries the plan allows; 0 is any number.
    pub(super) limit: usize,
    made: usize,
    pub(super) requests: Vec<(String, Value)>,
    /// Answers that come before any other.
    pub(super) next: Vec<ResponseTemplate>,
    /// Leaves tags out of its translations.
    pub(super) loses_tags: bool,
}

impl Account {
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }
}

pub(super) fn error(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

impl Respond for Account {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let mut held = self.held();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let asked = format!("{} {}", request.method, request.url.path());
        held.requests.push((asked.clone(), body.clone()));
        if request.headers.get("authorization").is_none_or(|value| value != &format!("DeepL-Auth-Key {KEY}")) {
            return error(403, &format!("Invalid key {KEY}"));
        }
        if !held.next.is_empty() {
            return held.next.remove(0);
        }
        match asked.split_once("/v3/glossaries") {
            Some(("GET ", "")) => {
                let all = held.glossaries.iter().map(|(id, name, _)| json!({ "glossary_id": id, "name": name }));
                ResponseTemplate::new(200).set_body_json(json!({ "glossaries": all.collect::<Vec<_>>() }))
            }
            Some(("POST ", "")) => held.create(&body),
            Some(("DELETE ", id)) => {
                held.glossaries.retain(|(known, ..)| *known != id[1..]);
                ResponseTemplate::new(204)
            }
            _ => held.translate(&body),
        }
    }
}

impl Held {
    fn create(&mut self, body: &Value) -> ResponseTemplate {
        if self.limit > 0 && self.glossaries.len() >= self.limit {
            return error(456, "Quota exceeded");
        }
        let dictionary = &body["dictionaries"][0];
        let tsv = dictionary["entries"].as_str().unwrap().to_owned();
        let mut sources: Vec<&str> = tsv.lines().map(|row| row.split_once('\t').unwrap().0).collect();
        sources.sort_unstable();
        let count = sources.len();
        sources.dedup();
        if sources.len() != count || dictionary["entries_format"] != "tsv" || dictionary["source_lang"] != "zh" {
            return error(400, "Invalid glossary entries provided");
        }
        self.made += 1;
        let (id, name) = (format!("id-{}", self.made), body["name"].as_str().unwrap().to_owned());
        self.glossaries.push((id.clone(), name.clone(), tsv));
        ResponseTemplate::new(201).set_body_json(json!({ "glossary_id": id, "name": name }))
    }

    fn translate(&self, body: &Value) -> ResponseTemplate {
        let entries = match body["glossary_id"].as_str() {
            None => "",
            Some(id) => match self.glossaries.iter().find(|(known, ..)| known == id) {
                Some((.., tsv)) => tsv,
                None => return error(404, "Glossary not found"),
            },
        };
        let translation = |text: &Value| {
            let text = text.as_str().unwrap();
            let glossed = entries
                .lines()
                .filter_map(|row| row.split_once('\t'))
                .fold(text.to_owned(), |text, (source, target)| text.replace(source, &format!("{target} ")));
            let mut said: String =
                glossed.chars().map(|c| if c.is_ascii() { c.to_string() } else { "la ".into() }).collect();
            if self.loses_tags {
                said = said.replace("</x>", "");
            }
            json!({ "detected_source_language": "ZH", "text": said.trim(), "billed_characters": text.chars().count() })
        };
        let translations: Vec<Value> = body["text"].as_array().unwrap().iter().map(translation).collect();
        ResponseTemplate::new(200).set_body_json(json!({ "translations": translations }))
    }
}
