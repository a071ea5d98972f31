//! Any language model behind an OpenAI-compatible `/chat/completions` endpoint as a translator.
//!
//! Knows the request's and the answer's shape; address, key, pace and retries are `remote`'s business, the
//! prompt and what an answer says are `prompt`'s. Only plain text is taken from an answer.

use super::remote::Remote;
use super::{Batch, Context, Entry, Fingerprint, Load, Translator, prompt};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Settings;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

pub(super) const TRANSLATOR: Entry<dyn Translator> = Entry {
    name: "chat",
    about: "any OpenAI-compatible /chat/completions endpoint; reads glossary and context",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| Ok(Arc::new(Chat::new(context)?)),
};

/// Lines that one call translates: a scene's worth, so that a large model sees how it hangs together.
const BATCH: usize = 10;

/// Of a second attempt.
const RETRY_TEMPERATURE: f64 = 0.6;

struct Chat {
    remote: Remote,
}

/// The part of an answer that is read.
#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
}

impl Chat {
    fn new(context: &Context) -> Result<Chat> {
        let settings = &context.settings.chat;
        let remote = Remote::new(context, "chat", settings)?;
        if settings.model.trim().is_empty() {
            return Err(
                Error::new(Kind::Usage, "chat has no model").hint("set chat.model to a model that the endpoint serves")
            );
        }
        Ok(Chat { remote })
    }
}

impl Translator for Chat {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        let detail = format!("{} prompt {} batch {BATCH}", self.remote.address(), prompt::VERSION);
        Ok(Fingerprint { engine: "chat".into(), model: self.remote.settings().model.clone(), detail })
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

    fn edits(&self) -> bool {
        true
    }

    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        if batch.lines.is_empty() {
            return Ok(Vec::new());
        }
        let mut body = json!({ "model": self.remote.settings().model, "messages": prompt::messages(batch) });
        // The first attempt leaves the temperature to the server: several models refuse any but their own.
        if batch.attempt > 0 {
            body["temperature"] = json!(RETRY_TEMPERATURE);
            body["seed"] = json!(batch.attempt);
        }
        let completion: Completion = self.remote.post("chat/completions", &body)?.json()?;
        let unusable = |what: &str| {
            Error::new(Kind::Answer, format!("{} {what}", self.remote.address()))
                .hint("check chat.model, or correct the line by hand")
        };
        let choice = completion.choices.into_iter().next().ok_or_else(|| unusable("answered without a choice"))?;
        match choice.finish_reason.as_deref() {
            Some("length") => return Err(unusable("cut its answer short")),
            Some("content_filter") => return Err(unusable("refused to answer: its content filter stepped in")),
            _ => {}
        }
        prompt::parse(batch, &choice.message.content.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
