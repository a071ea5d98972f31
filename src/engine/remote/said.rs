//! What a server says in its own words: cut to what fits into one error, and without the key, which some
//! servers repeat.

use std::fmt;

/// A key. Nothing shows it: neither an error, nor the log, nor `Debug`.
#[derive(Clone, Default)]
pub(super) struct Secret(Option<String>);

impl Secret {
    pub(super) fn new(key: Option<String>) -> Secret {
        Secret(key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()))
    }

    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(super) fn hide(&self, text: &str) -> String {
        match &self.0 {
            Some(key) => text.replace(key.as_str(), "…"),
            None => text.to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a key" } else { "no key" })
    }
}

/// What an error's body says: OpenAI's `error.message`, the `error`, `message` or `detail` of others, or its
/// beginning.
pub(super) fn message(body: &[u8], secret: &Secret) -> String {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &json["error"];
    let mut texts =
        [&error["message"], error, &json["message"], &json["detail"]].into_iter().filter_map(|v| v.as_str());
    let more = error["code"].as_str().map(|code| format!(" ({code})"));
    match texts.next() {
        // What a `message` names in general, a `detail` beside it names in particular.
        Some(text) => {
            let more = more.or_else(|| texts.next().map(|detail| format!(": {detail}"))).unwrap_or_default();
            excerpt(format!("{text}{more}").as_bytes(), secret)
        }
        None => excerpt(body, secret),
    }
}

/// The first 200 characters on one line.
pub(super) fn excerpt(body: &[u8], secret: &Secret) -> String {
    let text = secret.hide(&String::from_utf8_lossy(&body[..body.len().min(2000)]));
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
