//! What engines over HTTP share: address, key, retries, pace, timeout, and errors that say what to do.
//!
//! Knows nothing of what is asked or answered; the body that comes back is handed on unread. A key is
//! read from the environment and shown nowhere.

use super::Context;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::settings::RemoteSettings;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Waits before the second, third, … try: doubled each time, up to `MAX_BACKOFF`.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(30);
/// A server that asks for a longer pause than this is not waited for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
/// An endpoint that cannot be reached, or does not answer in time, will hardly do so at the tenth try.
const MAX_CONNECT_RETRIES: u32 = 2;
const MAX_TIMEOUT_RETRIES: u32 = 1;
/// An answer is untrusted, its length too: ten minutes of 48 kHz stereo in 16 bits is 115 MB.
const MAX_ANSWER: usize = 128 << 20;

/// A connection to one endpoint. Calls block their thread and may come from several at once, never
/// from inside the asynchronous runtime.
pub(crate) struct Remote {
    engine: &'static str,
    settings: RemoteSettings,
    base: Url,
    has_key: bool,
    client: Client,
    pace: Pace,
    runtime: tokio::runtime::Handle,
    cancel: Cancel,
}

/// A successful answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The media type without parameters, in lower case; empty where the server does not say.
    pub(crate) content_type: String,
    /// The body, possibly empty.
    pub(crate) body: Vec<u8>,
    source: String,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// Fails if it is not JSON of that shape, quoting how it begins.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::new(Kind::Engine, format!("{} answered what cannot be used ({})", self.source, self.excerpt()))
                .because(error)
                .hint("check that the base URL is that of an OpenAI-compatible server, up to and with /v1")
        })
    }

    /// How the body begins, for an error.
    pub(crate) fn excerpt(&self) -> String {
        excerpt(&self.body)
    }
}

/// Why one try failed, and whether another makes sense.
struct Failure {
    error: Error,
    /// Tries after the first that this kind of failure is worth.
    retries: u32,
    /// The pause that the server asked for.
    after: Option<Duration>,
}

impl Remote {
    /// A connection for the engine of this name, which is also its section in `dubline.toml`. The key
    /// is taken from the environment now; nothing is sent yet.
    ///
    /// # Errors
    /// Fails if there is no usable base URL, or if it leads off this machine and the run is offline.
    pub(crate) fn new(context: &Context, engine: &'static str, settings: &RemoteSettings) -> Result<Remote> {
        let key = match settings.key_env.as_str() {
            "" => None,
            name => std::env::var(name).ok(),
        };
        Remote::with_key(context, engine, settings, key)
    }

    fn with_key(
        context: &Context,
        engine: &'static str,
        settings: &RemoteSettings,
        key: Option<String>,
    ) -> Result<Remote> {
        let key = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        let base = base_url(engine, &settings.base_url)?;
        let local = is_loopback(&base);
        if context.settings.offline && !local {
            return Err(Error::new(Kind::Usage, format!("{engine} needs {}, but the run is offline", shown(&base)))
                .hint("leave --offline out, or choose an embedded engine (`dubline engines`)"));
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| {
                Error::new(Kind::Usage, format!("the key in ${} holds characters that no key has", settings.key_env))
                    .hint("set it to the key alone, without quotes or line ends")
            })?;
            value.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, value);
        }
        let mut builder = Client::builder()
            .user_agent(concat!("dubline/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .timeout(Duration::from_secs(settings.timeout_seconds.max(1)))
            .connect_timeout(Duration::from_secs(settings.timeout_seconds.clamp(1, 15)))
            // A redirect would turn a POST into a GET, or carry the text to a host that nobody named.
            .redirect(reqwest::redirect::Policy::none());
        if local {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| Error::new(Kind::Engine, "cannot set up HTTPS").because(error))?;
        Ok(Remote {
            engine,
            base,
            has_key: key.is_some(),
            client,
            pace: Pace::new(settings.requests_per_minute),
            settings: settings.clone(),
            runtime: context.runtime.clone(),
            cancel: context.cancel.clone(),
        })
    }

    /// The settings that it was made from.
    pub(crate) fn settings(&self) -> &RemoteSettings {
        &self.settings
    }

    /// The base URL without credentials, for fingerprints and errors.
    pub(crate) fn address(&self) -> String {
        shown(&self.base)
    }

    /// Posts `body` as JSON to `path` below the base URL (`chat/completions`), trying again where that
    /// makes sense.
    ///
    /// # Errors
    /// Fails if the endpoint cannot be reached, refuses, or does not recover within the retries.
    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Result<Reply> {
        let address = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        self.runtime.block_on(async {
            let mut tries = 0;
            loop {
                self.cancel.check()?;
                self.sleep(self.pace.reserve()).await?;
                let failure = match self.attempt(&address, body).await {
                    Ok(reply) => return Ok(reply),
                    Err(failure) => failure,
                };
                if tries >= failure.retries.min(self.settings.retries) {
                    return Err(if tries == 0 { failure.error } else { tried(failure.error, tries + 1) });
                }
                let pause = failure.after.unwrap_or_else(|| backoff(tries));
                tracing::debug!(engine = self.engine, ?pause, error = %failure.error, "trying again");
                self.sleep(pause).await?;
                tries += 1;
            }
        })
    }

    async fn attempt(&self, address: &str, body: &serde_json::Value) -> Result<Reply, Failure> {
        let answer = self.client.post(address).json(body).send().await.map_err(|e| self.unreachable(e))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = self.read(answer).await?;
        if status.is_success() {
            let content_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            return Ok(Reply { content_type, body, source: self.address() });
        }
        Err(self.refused(status, &headers, &body))
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.unreachable(e))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                let what = format!("{} answered more than {} MB", self.address(), MAX_ANSWER >> 20);
                return Err(Failure { error: Error::new(Kind::Engine, what), retries: 0, after: None });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn unreachable(&self, error: reqwest::Error) -> Failure {
        let address = self.address();
        let (what, hint, retries) = if error.is_timeout() && !error.is_connect() {
            (
                format!("{address} did not answer within {} s", self.settings.timeout_seconds),
                format!("raise {}.timeout-seconds, or ask for less at once with {}.parallel", self.engine, self.engine),
                MAX_TIMEOUT_RETRIES,
            )
        } else if error.is_connect() {
            (
                format!("cannot reach {address}"),
                format!("check that the server runs and that {}.base-url is right", self.engine),
                MAX_CONNECT_RETRIES,
            )
        } else {
            (format!("the connection to {address} broke"), "run again; finished work is kept".into(), u32::MAX)
        };
        Failure { error: Error::new(Kind::Engine, what).because(error.without_url()).hint(hint), retries, after: None }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let (address, engine) = (self.address(), self.engine);
        let said = match message(body) {
            text if text.is_empty() => String::new(),
            text => format!(": {text}"),
        };
        let fail = |what: String, hint: String, retries| Failure {
            error: Error::new(Kind::Engine, format!("{what}{said}")).hint(hint),
            retries,
            after: None,
        };
        let variable = &self.settings.key_env;
        match status.as_u16() {
            401 | 403 if !self.has_key => fail(
                format!("{address} wants a key ({status})"),
                match variable.as_str() {
                    "" => format!("name the environment variable that holds it in {engine}.key-env"),
                    _ => format!("set the environment variable {variable} (named by {engine}.key-env)"),
                },
                0,
            ),
            401 | 403 => {
                fail(format!("{address} refused the key ({status})"), format!("check the key in ${variable}"), 0)
            }
            404 | 405 => fail(
                format!("{address} has no such endpoint or model ({status})"),
                format!("check {engine}.base-url (up to and with /v1) and {engine}.model"),
                0,
            ),
            // An empty account answers 429 as well, and no pause fills it.
            429 if said.contains("insufficient_quota") || said.contains("exceeded your current quota") => {
                fail(format!("{address} says that the account's quota is used up"), "see to the account".into(), 0)
            }
            408 | 425 | 429 | 500..=599 => {
                let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
                let (what, hint) = if status == StatusCode::TOO_MANY_REQUESTS {
                    ("is asked too often", format!("set {engine}.requests-per-minute to what the server allows"))
                } else {
                    ("is in trouble", "try again later; finished work is kept".to_owned())
                };
                match after {
                    Some(pause) if pause > MAX_RETRY_AFTER => {
                        let what = format!("{address} {what} ({status}) and wants a pause of {} s", pause.as_secs());
                        fail(what, hint, 0)
                    }
                    after => Failure { after, ..fail(format!("{address} {what} ({status})"), hint, u32::MAX) },
                }
            }
            300..=399 => {
                let to = headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or("another place");
                fail(format!("{address} has moved ({status}) to {to}"), format!("correct {engine}.base-url"), 0)
            }
            _ => fail(
                format!("{address} refused the request ({status})"),
                format!("check {engine}.model and what the server supports"),
                0,
            ),
        }
    }

    /// Waits, but not on when everyone is asked to stop.
    async fn sleep(&self, pause: Duration) -> Result<()> {
        let until = Instant::now() + pause;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.cancel.check()?;
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        }
    }
}

/// Spreads requests evenly: so many a minute, whoever asks.
struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    fn new(per_minute: u32) -> Pace {
        let interval = if per_minute == 0 { Duration::ZERO } else { Duration::from_secs(60) / per_minute };
        Pace { interval, next: Mutex::new(None) }
    }

    /// Takes the next slot and says how long it is until then.
    fn reserve(&self) -> Duration {
        if self.interval.is_zero() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |slot| slot.max(now));
        *next = Some(slot + self.interval);
        slot - now
    }
}

fn base_url(engine: &str, text: &str) -> Result<Url> {
    let example = format!("set {engine}.base-url, such as http://localhost:8000/v1");
    if text.trim().is_empty() {
        return Err(Error::new(Kind::Usage, format!("{engine} has no base URL")).hint(example));
    }
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() => Ok(url),
        _ => Err(Error::new(Kind::Usage, format!("{engine}.base-url {text:?} is no HTTP address")).hint(example)),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The address without user name and password, since errors and fingerprints are kept and sent around.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses without a host, which `base_url` refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// Exponential, with half of each pause left to chance, so that callers that failed together do not
/// come back together.
fn backoff(tries: u32) -> Duration {
    let full = FIRST_BACKOFF.saturating_mul(1 << tries.min(10)).min(MAX_BACKOFF);
    let chance = std::collections::hash_map::RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    full.mul_f64(0.5 + 0.5 * chance)
}

/// Seconds, or a date; RFC 9110, section 10.2.3.
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO))
}

/// What an error's body says: OpenAI's `error.message`, the `message` or `detail` of others, or its beginning.
fn message(body: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &json["error"];
    let text = [&error["message"], error, &json["message"], &json["detail"]].into_iter().find_map(|v| v.as_str());
    match (text, error["code"].as_str()) {
        (Some(text), Some(code)) => excerpt(format!("{text} ({code})").as_bytes()),
        (Some(text), None) => excerpt(text.as_bytes()),
        (None, _) => excerpt(body),
    }
}

/// The first 200 characters on one line.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn tried(error: Error, tries: u32) -> Error {
    let hint = error.remedy().unwrap_or_default().to_owned();
    Error::new(error.kind(), format!("{error} (tried {tries} times)")).hint(hint)
}

#[cfg(test)]
mod tests;
