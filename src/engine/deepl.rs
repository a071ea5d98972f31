//! DeepL as a translator.
//!
//! Knows the request's and the answer's shape (`POST /v2/translate`); address, pace and retries are `remote`'s
//! business, the account's glossaries are `glossary`'s, marks in a text are `marked`'s.

mod glossary;
mod language;

use super::marked::{Inside, Marked, Tag, decisions, mark, one_line};
use super::remote::{self, Method, Protocol, Refused, Remote};
use super::{Batch, Context, Entry, Fingerprint, Load, Term, Translator};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::{Formality, Settings, TermsBy};
use crate::writing::Writing;
use glossary::{Glossaries, Pair};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "deepl",
    about: "DeepL, with the key in $DEEPL_API_KEY; reads glossary and context",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| {
        let key = remote::key(&context.settings.deepl.remote());
        Ok(Arc::new(Deepl::new(context, key)?))
    },
};

const PROTOCOL: Protocol = Protocol {
    scheme: Some("DeepL-Auth-Key"),
    example: "https://api.deepl.com",
    missing: "check {}.base-url (without the API's version)",
    refused: "check the languages and the settings under [{}]",
    unreadable: "check that {}.base-url is DeepL's, or that of a server like it",
};

const PRO: &str = "https://api.deepl.com";
const FREE: &str = "https://api-free.deepl.com";

/// What DeepL leaves as it is, named by `ignore_tags`.
const KEEP: Tag = Tag { name: "x", attributes: "", inside: Inside::Wording };

/// Raised whenever the same line is asked for, or its answer read, in another way.
const VERSION: u32 = 1;

/// Lines that one call translates: a scene's worth, since each is translated with all of them as its context.
const BATCH: usize = 10;
/// DeepL's limits for a request: texts, and bytes (128 KiB, less what a glossary's id takes).
const MAX_TEXTS: usize = 50;
const MAX_BODY: usize = 127 << 10;

struct Deepl {
    remote: Remote,
    settings: Arc<Settings>,
    /// Another server than DeepL's.
    elsewhere: bool,
    glossaries: Glossaries,
    /// Characters billed so far.
    billed: AtomicU64,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    translations: Vec<Translation>,
}

#[derive(Deserialize)]
struct Translation {
    text: String,
    #[serde(default)]
    billed_characters: Option<u64>,
}

/// How the terms of a request's texts are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// There are none, or they are left to DeepL.
    Plain,
    Glossary,
    Tags,
}

/// The lines of a batch by how their terms are kept.
struct Groups<'a> {
    plain: Vec<usize>,
    glossed: Vec<usize>,
    marked: Vec<(usize, Marked<'a>)>,
}

/// What the texts of a batch have in common.
struct Common {
    pair: Pair,
    context: String,
}

impl Deepl {
    fn new(context: &Context, key: Option<String>) -> Result<Deepl> {
        let mut settings = context.settings.deepl.remote();
        let elsewhere = !settings.base_url.trim().is_empty();
        if !elsewhere {
            let is_free = key.as_ref().is_some_and(|key| key.trim().ends_with(":fx"));
            settings.base_url = if is_free { FREE } else { PRO }.into();
        }
        let remote = Remote::speaking(&PROTOCOL, context, "deepl", &settings, key)?;
        let settings = Arc::clone(&context.settings);
        Ok(Deepl { remote, settings, elsewhere, glossaries: Glossaries::default(), billed: AtomicU64::new(0) })
    }

    fn pair(&self, from: &Lang, to: &Lang) -> Pair {
        let by_glossary = self.settings.deepl.terms == TermsBy::Glossary;
        let dictionary = language::dictionary(from, to).filter(|_| by_glossary);
        Pair {
            from: language::source(from),
            to: language::target(to, self.settings.market(to)),
            dictionary: dictionary.map(|(from, to)| (from.to_owned(), to.to_owned())),
        }
    }

    /// A server of one's own may add the key itself; DeepL's is not even asked without one.
    fn require_key(&self) -> Result<()> {
        if self.elsewhere || self.remote.key().is_some() {
            return Ok(());
        }
        let hint = match self.settings.deepl.key_env.as_str() {
            "" => "name the environment variable that holds the key of a DeepL API account in deepl.key-env".into(),
            name => {
                format!("set the environment variable {name} (named by deepl.key-env) to that of a DeepL API account")
            }
        };
        Err(Error::new(Kind::Usage, "deepl has no key").hint(hint))
    }

    /// How the terms of each line are kept.
    fn groups<'a>(&self, batch: &'a Batch, lines: &[String], pair: &Pair) -> Groups<'a> {
        let mut groups = Groups { plain: Vec::new(), glossed: Vec::new(), marked: Vec::new() };
        if pair.dictionary.is_some() {
            batch.lines.iter().for_each(|line| self.glossaries.learn(pair, &line.terms));
        }
        let mut needs_glossary = false;
        for (at, line) in batch.lines.iter().enumerate() {
            if self.glossaries.covers(pair, line, &batch.from) {
                needs_glossary |= decisions(&line.terms).next().is_some();
                groups.glossed.push(at);
                continue;
            }
            match mark(&lines[at], &line.terms, &batch.from, &KEEP).filter(|_| batch.attempt == 0) {
                Some(marked) => groups.marked.push((at, marked)),
                None => groups.plain.push(at),
            }
        }
        if !needs_glossary {
            groups.plain.append(&mut groups.glossed);
            groups.plain.sort_unstable();
        }
        groups
    }

    /// The texts in their order, in as few requests as DeepL's limits allow.
    fn send(&self, common: &Common, texts: &[&str], how: How) -> Result<Vec<String>> {
        let mut answers = Vec::with_capacity(texts.len());
        for part in texts.chunks(MAX_TEXTS) {
            answers.extend(self.send_part(common, part, &common.context, how)?);
        }
        Ok(answers)
    }

    fn send_part(&self, common: &Common, texts: &[&str], context: &str, how: How) -> Result<Vec<String>> {
        let body = self.body(&common.pair, texts, context, how);
        if body.to_string().len() > MAX_BODY {
            if let ([_, _, ..], (first, second)) = (texts, texts.split_at(texts.len() / 2)) {
                let mut answers = self.send_part(common, first, context, how)?;
                answers.extend(self.send_part(common, second, context, how)?);
                return Ok(answers);
            }
            if !context.is_empty() {
                return self.send_part(common, texts, "", how);
            }
        }
        let answer: Answer = self.post(&common.pair, body, how)?.json()?;
        let billed = |(answer, text): (&Translation, &&str)| {
            answer.billed_characters.unwrap_or_else(|| text.chars().count() as u64)
        };
        let characters: u64 = answer.translations.iter().zip(texts).map(billed).sum();
        let total = self.billed.fetch_add(characters, Ordering::Relaxed) + characters;
        tracing::info!(characters, total, "DeepL bills these characters");
        if answer.translations.len() != texts.len() {
            let (address, got, asked) = (self.remote.address(), answer.translations.len(), texts.len());
            return Err(Error::new(Kind::Answer, format!("{address} answered {got} texts for {asked}"))
                .hint("try again, or correct the line by hand"));
        }
        Ok(answer.translations.into_iter().map(|translation| translation.text).collect())
    }

    fn body(&self, pair: &Pair, texts: &[&str], context: &str, how: How) -> Value {
        let settings = &self.settings.deepl;
        let mut body = json!({
            "text": texts,
            "source_lang": pair.from,
            "target_lang": pair.to,
            // A line is one unit, however many sentences it has, and keeps its punctuation.
            "split_sentences": "0",
            "preserve_formatting": true,
            "show_billed_characters": true,
        });
        if !context.is_empty() {
            body["context"] = json!(context);
        }
        if !settings.model.is_empty() {
            body["model_type"] = json!(settings.model);
        }
        // Without `prefer_` a target that does not tell the difference is an error.
        match settings.formality {
            Formality::Default => {}
            Formality::PreferMore => body["formality"] = json!("prefer_more"),
            Formality::PreferLess => body["formality"] = json!("prefer_less"),
        }
        if how == How::Tags {
            body["tag_handling"] = json!("xml");
            // The default depends on how old the account is.
            body["tag_handling_version"] = json!("v2");
            body["ignore_tags"] = json!([KEEP.name]);
        }
        body
    }

    fn post(&self, pair: &Pair, mut body: Value, how: How) -> Result<remote::Reply> {
        const PATH: &str = "v2/translate";
        if how != How::Glossary {
            return self.remote.post(PATH, &body);
        }
        let id = self.glossaries.id(&self.remote, pair)?;
        body["glossary_id"] = json!(id);
        match self.remote.ask(Method::POST, PATH, Some(&body)) {
            // Another run laid down its own in the place of this one.
            Err(refused) if is_about_glossary(&refused) => {
                self.glossaries.forget(pair, &id);
                body["glossary_id"] = json!(self.glossaries.id(&self.remote, pair)?);
                self.remote.post(PATH, &body)
            }
            answer => Ok(answer?),
        }
    }
}

fn is_about_glossary(refused: &Refused) -> bool {
    match refused.status {
        Some(404) => true,
        Some(400) => refused.error.to_string().to_lowercase().contains("glossary"),
        _ => false,
    }
}

/// What DeepL reads and does not translate: what the series is about, the lines before, the batch, the lines after.
/// One context goes with all texts of a request, and DeepL looks at each of them alone.
fn context(batch: &Batch) -> String {
    let writings = Writing::of_language(&batch.from);
    // It is to be in the language of the texts; a synopsis may be in the user's.
    let is_source =
        writings.is_empty() || batch.synopsis.chars().any(|c| Writing::of(c).is_some_and(|w| writings.contains(&w)));
    let mut pieces: Vec<&str> = Vec::new();
    let synopsis = Some(batch.synopsis.trim()).filter(|synopsis| is_source && !synopsis.is_empty());
    let lines = batch.lines.iter().flat_map(|line| line.before.iter().chain([&line.text]).chain(&line.after));
    for piece in synopsis.into_iter().chain(lines.map(String::as_str)) {
        if !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    pieces.join("\n")
}

impl Translator for Deepl {
    fn fingerprint(&self, from: &Lang, to: &Lang) -> Result<Fingerprint> {
        let pair = self.pair(from, to);
        let settings = &self.settings.deepl;
        let terms = if pair.dictionary.is_some() { "glossary v3" } else { "tags v2" };
        let formality = match settings.formality {
            Formality::Default => "default",
            Formality::PreferMore => "prefer more",
            Formality::PreferLess => "prefer less",
        };
        // Both of DeepL's addresses give the same translations.
        let address = if self.elsewhere { self.remote.address() } else { "DeepL".into() };
        let detail = format!(
            "{address} api v2 {} to {} terms {terms} formality {formality} batch {BATCH} version {VERSION}",
            pair.from, pair.to
        );
        let model = if settings.model.is_empty() { "default" } else { &settings.model };
        Ok(Fingerprint { engine: "deepl".into(), model: model.to_owned(), detail })
    }

    fn load(&self) -> Load {
        Load { threads: 0, parallel: self.remote.settings().parallel.max(1) }
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn reads_context(&self) -> bool {
        true
    }

    fn prepare(&self, from: &Lang, to: &Lang, terms: &[Term]) {
        let pair = self.pair(from, to);
        if pair.dictionary.is_some() {
            self.glossaries.learn(&pair, terms);
        }
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        if batch.lines.is_empty() {
            return Ok(Vec::new());
        }
        self.require_key()?;
        let pair = self.pair(&batch.from, &batch.to);
        // DeepL answers the same question alike: a second attempt is asked without context and marks.
        let first = batch.attempt == 0;
        let common = Common { context: if first { context(batch) } else { String::new() }, pair };
        let lines: Vec<String> = batch.lines.iter().map(|line| one_line(&line.text)).collect();
        let mut texts = vec![String::new(); lines.len()];

        let Groups { mut plain, glossed, marked } = self.groups(batch, &lines, &common.pair);
        let sent: Vec<&str> = marked.iter().map(|(_, marked)| marked.text.as_str()).collect();
        for ((at, marked), answer) in marked.iter().zip(self.send(&common, &sent, How::Tags)?) {
            match marked.read(&answer, &batch.from) {
                Some(text) => texts[*at] = text,
                // Whether the terms are in it all the same is judged with every other line.
                None => plain.push(*at),
            }
        }
        for (group, how) in [(glossed, How::Glossary), (plain, How::Plain)] {
            let sent: Vec<&str> = group.iter().map(|at| lines[*at].as_str()).collect();
            for (at, text) in group.into_iter().zip(self.send(&common, &sent, how)?) {
                texts[at] = text;
            }
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
