//! Telling another program over HTTP what became of an episode: signed, once at least, in order.
//!
//! A delivery lies on disk until it was taken, so that neither a crash nor an endpoint that is down for a day loses
//! one. Does not know what it says, nor what made it.

use crate::engine::remote::{backoff, is_loopback, retry_after};
use crate::error::{Error, Kind, Result};
use crate::settings::{HookEvent, WebhookSettings};
use crate::store::{sweep, write_atomically};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Url};
use serde_json::Value;
use sha2::Sha256;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two tries once the quick ones are used up.
const SLOW: Duration = Duration::from_secs(300);
/// Where deliveries lie that the endpoint refused.
const REFUSED: &str = "refused";

/// An endpoint, and the deliveries that it has not taken yet.
pub struct Webhook {
    settings: WebhookSettings,
    offline: bool,
    url: Url,
    secret: Option<Vec<u8>>,
    client: Client,
    folder: PathBuf,
    tries: u32,
    due: Option<Instant>,
}

/// What one turn of deliveries came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Deliveries that were taken.
    pub delivered: usize,
    /// What a person should know, one sentence each.
    pub warnings: Vec<String>,
}

/// What became of one try.
enum Tried {
    Taken,
    /// For good: the same body would be refused again.
    Refused(String),
    /// For now.
    Failed(String, Option<Duration>),
}

impl Webhook {
    /// The endpoint of the settings, if they name one; `folder` holds what it has not taken. The secret is read from
    /// the environment now; nothing is sent yet.
    ///
    /// # Errors
    /// Fails if the address is none, or the variable that holds the secret is not set.
    pub fn new(settings: &WebhookSettings, offline: bool, folder: &Path) -> Result<Option<Webhook>> {
        let secret = match settings.secret_env.as_str() {
            "" => None,
            name => std::env::var(name).ok().filter(|secret| !secret.is_empty()),
        };
        Webhook::with_secret(settings, offline, folder, secret)
    }

    fn with_secret(
        settings: &WebhookSettings,
        offline: bool,
        folder: &Path,
        secret: Option<String>,
    ) -> Result<Option<Webhook>> {
        let text = settings.url.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            // Not quoted: such addresses often hold a token.
            return Err(Error::new(Kind::Usage, "webhook.url is no HTTP address")
                .hint("set webhook.url, such as https://hooks.example/dubline"));
        };
        if secret.is_none() && !settings.secret_env.is_empty() {
            return Err(Error::new(
                Kind::Usage,
                format!("the webhook has no secret: {} is not set", settings.secret_env),
            )
            .hint(format!(
                "set the environment variable {} (named by webhook.secret-env), or webhook.secret-env = \"\" for \
                     deliveries that nobody can verify",
                settings.secret_env
            )));
        }
        let timeout = Duration::from_secs(settings.timeout_seconds.max(1));
        let mut builder = Client::builder()
            .user_agent(concat!("dubline/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            // A redirect would carry the body to a host that nobody named.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| Error::new(Kind::Engine, "cannot set up HTTPS").because(error))?;
        sweep(folder);
        Ok(Some(Webhook {
            settings: settings.clone(),
            offline: offline && !is_loopback(&url),
            url,
            secret: secret.map(String::into_bytes),
            client,
            folder: folder.to_owned(),
            tries: 0,
            due: None,
        }))
    }

    /// Was it made from these settings?
    pub fn is_of(&self, settings: &WebhookSettings, offline: bool) -> bool {
        self.settings == *settings && self.offline == (offline && !is_loopback(&self.url))
    }

    /// Does everything wait, since no network may be used?
    pub fn is_held(&self) -> bool {
        self.offline
    }

    /// Puts a delivery on disk, if the settings want its event. `id` is unique to it, sorts by time, and is a file
    /// name; the same id replaces the delivery that is waiting under it.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn queue(&self, id: &str, event: HookEvent, body: &Value) -> Result<()> {
        if !self.settings.events.contains(&event) {
            return Ok(());
        }
        write_atomically(&self.folder.join(format!("{id}.json")), body.to_string().as_bytes())
    }

    /// Puts what was refused back in the queue.
    ///
    /// # Errors
    /// Fails if a file cannot be moved.
    pub fn retry(&mut self) -> Result<()> {
        for id in ids(&self.folder.join(REFUSED)) {
            let to = self.folder.join(format!("{id}.json"));
            std::fs::rename(self.folder.join(REFUSED).join(format!("{id}.json")), &to)
                .map_err(|e| Error::output(&to, e))?;
        }
        self.due = None;
        Ok(())
    }

    /// Does any delivery wait that may be tried within the quick tries?
    pub fn is_pressing(&self) -> bool {
        !self.offline && self.tries <= self.settings.retries && !ids(&self.folder).is_empty()
    }

    /// Sends what is due, oldest first. The first that fails holds up those behind it: the endpoint is down for them
    /// too, and they would arrive before what happened before them.
    pub async fn turn(&mut self) -> Turn {
        let mut turn = Turn::default();
        if self.offline || self.due.is_some_and(|due| Instant::now() < due) {
            return turn;
        }
        for id in ids(&self.folder) {
            let path = self.folder.join(format!("{id}.json"));
            // A file that cannot be read now is tried again at the next turn.
            let Ok(body) = std::fs::read(&path) else { continue };
            match self.attempt(&id, body).await {
                Tried::Taken => {
                    turn.delivered += 1;
                    (self.tries, self.due) = (0, None);
                    if let Err(error) = std::fs::remove_file(&path) {
                        turn.warnings.push(format!("{}: delivered, but cannot be removed: {error}", path.display()));
                        self.due = Some(Instant::now() + SLOW);
                        break;
                    }
                }
                Tried::Refused(why) => {
                    (self.tries, self.due) = (0, None);
                    let kept = self.folder.join(REFUSED).join(format!("{id}.json"));
                    let moved =
                        std::fs::create_dir_all(self.folder.join(REFUSED)).and_then(|()| std::fs::rename(&path, &kept));
                    let place = if moved.is_ok() { kept } else { path };
                    turn.warnings.push(format!(
                        "the webhook at {} refused a delivery ({why}); it is kept as {} and sent again by \
                         `dubline watch --retry`",
                        self.host(),
                        place.display()
                    ));
                    if moved.is_err() {
                        self.due = Some(Instant::now() + SLOW);
                        break;
                    }
                }
                Tried::Failed(why, after) => {
                    let quick = self.tries < self.settings.retries;
                    let pause = after.unwrap_or(if quick { backoff(self.tries) } else { SLOW });
                    // Told once, not at every try.
                    if self.tries == self.settings.retries {
                        turn.warnings.push(format!(
                            "the webhook at {} cannot be told ({why}); deliveries wait and are tried again",
                            self.host()
                        ));
                    }
                    self.tries = self.tries.saturating_add(1);
                    self.due = Some(Instant::now() + pause);
                    break;
                }
            }
        }
        turn
    }

    async fn attempt(&self, id: &str, body: Vec<u8>) -> Tried {
        let timestamp = jiff::Timestamp::now().as_second().to_string();
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("x-dubline-delivery", id)
            .header("x-dubline-timestamp", &timestamp);
        if let Some(secret) = &self.secret {
            let Some(signature) = signature(secret, &timestamp, &body) else {
                return Tried::Failed("it cannot be signed".into(), None);
            };
            request = request.header("x-dubline-signature", format!("sha256={signature}"));
        }
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Tried::Taken,
            Ok(answer) => {
                let status = answer.status();
                let why = format!("it answered {status}");
                let after = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(retry_after);
                match status.as_u16() {
                    429 | 500..=599 => Tried::Failed(why, after.map(|after| after.min(SLOW))),
                    _ => Tried::Refused(why),
                }
            }
            Err(error) => Tried::Failed(chain(&error.without_url()), None),
        }
    }

    /// The address without what may be secret in it.
    fn host(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }
}

/// HMAC-SHA256 in hex of `<timestamp>.<body>`: the timestamp is signed too, so that nobody can send an old delivery
/// as a new one.
fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Ids of the deliveries in a folder, oldest first.
fn ids(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
        // What `write_atomically` has in hand, and what an interruption of it left.
        .filter(|id| !id.starts_with('.'))
        .collect();
    ids.sort();
    ids
}

#[cfg(test)]
mod tests;
