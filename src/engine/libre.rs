//! LibreTranslate as a translator: a free server that one can run oneself.
//!
//! Knows the request's and the answer's shape (`POST /translate`, `GET /languages`); address, pace and retries are
//! `remote`'s business, marks in a text are `marked`'s. Reads no context.

use super::marked::{Inside, Marked, Tag, mark, one_line};
use super::remote::{self, Method, Protocol, Refused, Remote};
use super::{Batch, Context, Entry, Fingerprint, Load, Translator};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use serde::Deserialize;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "libre",
    about: "a LibreTranslate server (settings: libre.base-url)",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| {
        let key = remote::key(&context.settings.libre);
        Ok(Arc::new(Libre::new(context, key)?))
    },
};

const PROTOCOL: Protocol = Protocol {
    // The key travels in the body.
    scheme: None,
    example: "http://localhost:5000",
    missing: "check {}.base-url: that of a LibreTranslate server, without /translate",
    refused: "check {}.base-url and what the server allows",
    unreadable: "check that {}.base-url is that of a LibreTranslate server, without /translate",
};

/// The documented way to have a text left alone, in requests of `html`. What the server sees is the term as the
/// source has it: it finds the place by translating the sentence with it and without.
const KEEP: Tag = Tag { name: "span", attributes: " translate=\"no\"", inside: Inside::Source };

/// Raised whenever the same line is asked for, or its answer read, in another way.
const VERSION: u32 = 1;

/// Lines that one call translates. The server translates them one after the other; one with limits says so, and
/// then they are split.
const BATCH: usize = 16;

struct Libre {
    remote: Remote,
    /// What the server translates; asked once.
    languages: Mutex<Option<Arc<Vec<Language>>>>,
}

#[derive(Deserialize)]
struct Language {
    code: String,
    /// Older servers do not tell.
    #[serde(default)]
    targets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    translated_text: Vec<String>,
}

/// The codes under which a server may know a language, the narrowest first.
fn codes(language: &Lang) -> Vec<&str> {
    let mut codes = vec![language.tag()];
    let has = |names: &[&str]| language.variant().is_some_and(|v| v.split('-').any(|part| names.contains(&part)));
    codes.extend::<&[&str]>(match language.primary() {
        "zh" if has(&["Hant", "TW", "HK", "MO"]) => &["zh-Hant", "zt"],
        "zh" => &["zh-Hans"],
        "pt" if !has(&["PT"]) => &["pt-BR", "pb"],
        "no" | "nn" => &["nb"],
        "fil" => &["tl"],
        _ => &[],
    });
    codes.push(language.primary());
    codes
}

impl Libre {
    fn new(context: &Context, key: Option<String>) -> Result<Libre> {
        let remote = Remote::speaking(&PROTOCOL, context, "libre", &context.settings.libre, key)?;
        Ok(Libre { remote, languages: Mutex::default() })
    }

    fn languages(&self) -> Result<Arc<Vec<Language>>> {
        // Held while the server is asked, so that it is asked once.
        let mut languages = self.languages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(languages) = &*languages {
            return Ok(Arc::clone(languages));
        }
        let told: Arc<Vec<Language>> = Arc::new(self.remote.ask(Method::GET, "languages", None)?.json()?);
        Ok(Arc::clone(languages.insert(told)))
    }

    /// The server's codes for a pair.
    fn pair(&self, from: &Lang, to: &Lang) -> Result<(String, String)> {
        let languages = self.languages()?;
        let address = self.remote.address();
        let none = |what: String, hint: String| Err(Error::new(Kind::MissingModel, what).hint(hint));
        let known: Vec<&str> = languages.iter().map(|language| language.code.as_str()).collect();
        let by_code = |code: &str| languages.iter().find(|language| language.code.eq_ignore_ascii_case(code));
        let Some(source) = codes(from).into_iter().find_map(by_code) else {
            let what = format!("{address} translates nothing from {}", from.name());
            return none(what, format!("install the language on the server; it has {}", listed(&known)));
        };
        let mut targets: Vec<&str> = source.targets.iter().map(String::as_str).collect();
        if targets.is_empty() {
            targets = known;
        }
        let by_code = |code: &str| targets.iter().find(|target| target.eq_ignore_ascii_case(code));
        match codes(to).into_iter().find_map(by_code) {
            Some(target) if *target != source.code => Ok((source.code.clone(), (*target).to_owned())),
            _ => none(
                format!("{address} does not translate from {} to {}", from.name(), to.name()),
                format!("install the language on the server; from {} it has {}", source.code, listed(&targets)),
            ),
        }
    }

    fn send(&self, pair: &(String, String), texts: &[&str], format: &str) -> Result<Vec<String>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut body = json!({ "q": texts, "source": pair.0, "target": pair.1, "format": format });
        if let Some(key) = self.remote.key() {
            body["api_key"] = json!(key);
        }
        let reply = self.remote.ask(Method::POST, "translate", Some(&body)).map_err(|refused| self.told(refused))?;
        let Answer { translated_text } = reply.json()?;
        if translated_text.len() != texts.len() {
            let (address, got, asked) = (self.remote.address(), translated_text.len(), texts.len());
            return Err(Error::new(Kind::Answer, format!("{address} answered {got} texts for {asked}"))
                .hint("try again, or correct the line by hand"));
        }
        Ok(translated_text)
    }

    /// The protocol has one status for many things; its words tell them apart.
    fn told(&self, Refused { status, error }: Refused) -> Error {
        let said = error.to_string();
        let again = |hint: &str| Error::new(Kind::Answer, said.clone()).hint(hint);
        match status {
            // Fewer lines at once may do, down to one.
            Some(400) if said.contains("exceeds text limit") => {
                again("raise the server's --char-limit and --batch-limit, or shorten the line")
            }
            Some(500) if said.contains("Cannot translate text") => again("correct the line by hand"),
            Some(400) if said.contains("API key") && self.remote.key().is_none() => {
                let hint = match self.remote.settings().key_env.as_str() {
                    "" => "name the environment variable that holds the key in libre.key-env".into(),
                    name => format!("set the environment variable {name} (named by libre.key-env)"),
                };
                Error::new(Kind::Engine, said).hint(hint)
            }
            _ => error,
        }
    }
}

fn listed(codes: &[&str]) -> String {
    if codes.is_empty() { "none".to_owned() } else { codes.join(", ") }
}

impl Translator for Libre {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        // Which models a server runs, only its address and the user can tell.
        let detail = format!("{} terms by html spans version {VERSION}", self.remote.address());
        Ok(Fingerprint { engine: "libre".into(), model: self.remote.settings().model.clone(), detail })
    }

    fn load(&self) -> Load {
        Load { threads: 0, parallel: self.remote.settings().parallel.max(1) }
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn reads_context(&self) -> bool {
        false
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        if batch.lines.is_empty() {
            return Ok(Vec::new());
        }
        let pair = self.pair(&batch.from, &batch.to)?;
        let lines: Vec<String> = batch.lines.iter().map(|line| one_line(&line.text)).collect();
        let mut texts = vec![String::new(); lines.len()];
        let mut plain: Vec<usize> = Vec::new();
        let mut marked: Vec<(usize, Marked<'_>)> = Vec::new();
        for (at, line) in batch.lines.iter().enumerate() {
            // The same question is answered alike: a second attempt is asked without marks.
            match mark(&lines[at], &line.terms, &batch.from, &KEEP).filter(|_| batch.attempt == 0) {
                Some(found) => marked.push((at, found)),
                None => plain.push(at),
            }
        }
        let sent: Vec<&str> = marked.iter().map(|(_, marked)| marked.text.as_str()).collect();
        for ((at, marked), answer) in marked.iter().zip(self.send(&pair, &sent, "html")?) {
            match marked.read(&answer, &batch.from) {
                Some(text) => texts[*at] = text,
                // Whether the terms are in it all the same is judged with every other line.
                None => plain.push(*at),
            }
        }
        let sent: Vec<&str> = plain.iter().map(|at| lines[*at].as_str()).collect();
        for (at, text) in plain.into_iter().zip(self.send(&pair, &sent, "text")?) {
            texts[at] = text;
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
