//! What engines over HTTP share: address, key, retries, pace, timeout, and errors that say what to do.
//!
//! Knows nothing of what is asked or answered; the body that comes back is handed on unread. A key is
//! read from the environment and shown nowhere.

mod failure;
mod said;
mod wait;

use super::Context;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::settings::RemoteSettings;
use failure::{Failure, tried};
pub(crate) use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use said::{Secret, excerpt};
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use wait::Pace;
pub(crate) use wait::{backoff, retry_after};

/// An answer is untrusted, its length too: ten minutes of 48 kHz stereo in 16 bits is 115 MB.
const MAX_ANSWER: usize = 128 << 20;

/// What differs between the protocols that travel this way. `{}` in a hint stands for the engine's name.
#[derive(Debug)]
pub(crate) struct Protocol {
    /// The word before the key in the `Authorization` header; none where the key travels otherwise.
    pub(crate) scheme: Option<&'static str>,
    /// A base URL, for example.
    pub(crate) example: &'static str,
    /// What to do where there is no such endpoint.
    pub(crate) missing: &'static str,
    /// What to do where the request is refused.
    pub(crate) refused: &'static str,
    /// What to do where the answer cannot be read.
    pub(crate) unreadable: &'static str,
}

/// OpenAI's, and that of every server like it.
const OPENAI: Protocol = Protocol {
    scheme: Some("Bearer"),
    example: "http://localhost:8000/v1",
    missing: "check {}.base-url (up to and with /v1) and {}.model",
    refused: "check {}.model and what the server supports",
    unreadable: "check that {}.base-url is that of an OpenAI-compatible server, up to and with /v1",
};

/// A connection to one endpoint. Calls block their thread and may come from several at once, never
/// from inside the asynchronous runtime.
pub(crate) struct Remote {
    engine: &'static str,
    protocol: &'static Protocol,
    settings: RemoteSettings,
    base: Url,
    secret: Secret,
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
    hint: String,
    secret: Secret,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// Fails if it is not JSON of that shape, quoting how it begins.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::new(Kind::Engine, format!("{} answered what cannot be used ({})", self.source, self.excerpt()))
                .because(self.secret.hide(&error.to_string()))
                .hint(&self.hint)
        })
    }

    /// How the body begins, for an error.
    pub(crate) fn excerpt(&self) -> String {
        excerpt(&self.body, &self.secret)
    }
}

/// A request that came to nothing, with what the server answered, for engines that know a way out.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The HTTP status; none where there was no answer.
    pub(crate) status: Option<u16>,
    /// What a user is told.
    pub(crate) error: Error,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Error {
        refused.error
    }
}

impl Remote {
    /// A connection for the engine of this name, which is also its section in `dubline.toml`. The key
    /// is taken from the environment now; nothing is sent yet.
    ///
    /// # Errors
    /// Fails if there is no usable base URL, or if it leads off this machine and the run is offline.
    pub(crate) fn new(context: &Context, engine: &'static str, settings: &RemoteSettings) -> Result<Remote> {
        Remote::with_key(context, engine, settings, key(settings))
    }

    fn with_key(
        context: &Context,
        engine: &'static str,
        settings: &RemoteSettings,
        key: Option<String>,
    ) -> Result<Remote> {
        Remote::speaking(&OPENAI, context, engine, settings, key)
    }

    /// As [`Remote::new`], for another protocol and with this key.
    ///
    /// # Errors
    /// As [`Remote::new`].
    pub(crate) fn speaking(
        protocol: &'static Protocol,
        context: &Context,
        engine: &'static str,
        settings: &RemoteSettings,
        key: Option<String>,
    ) -> Result<Remote> {
        let secret = Secret::new(key);
        let base = base_url(engine, &settings.base_url, protocol.example)?;
        let local = is_loopback(&base);
        if context.settings.offline && !local {
            return Err(Error::new(Kind::Usage, format!("{engine} needs {}, but the run is offline", shown(&base)))
                .hint("leave --offline out, or choose an embedded engine (`dubline engines`)"));
        }
        let mut headers = HeaderMap::new();
        if let (Some(key), Some(scheme)) = (secret.get(), protocol.scheme) {
            let mut value = HeaderValue::from_str(&format!("{scheme} {key}")).map_err(|_| {
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
            protocol,
            base,
            secret,
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

    /// The key, for protocols that want it in the body.
    pub(crate) fn key(&self) -> Option<&str> {
        self.secret.get()
    }

    /// Posts `body` as JSON to `path` below the base URL (`chat/completions`), trying again where that
    /// makes sense.
    ///
    /// # Errors
    /// Fails if the endpoint cannot be reached, refuses, or does not recover within the retries.
    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Result<Reply> {
        Ok(self.ask(Method::POST, path, Some(body))?)
    }

    /// As [`Remote::post`], with any method.
    ///
    /// # Errors
    /// As [`Remote::post`], with the server's status.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<&serde_json::Value>) -> Result<Reply, Refused> {
        let address = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        let untold = |error| Refused { status: None, error };
        self.runtime.block_on(async {
            let mut tries = 0;
            loop {
                self.cancel.check().map_err(untold)?;
                self.sleep(self.pace.reserve()).await.map_err(untold)?;
                let failure = match self.attempt(&method, &address, body).await {
                    Ok(reply) => return Ok(reply),
                    Err(failure) => failure,
                };
                if tries >= failure.retries.min(self.settings.retries) {
                    let error = if tries == 0 { failure.error } else { tried(failure.error, tries + 1) };
                    return Err(Refused { status: failure.status, error });
                }
                let pause = failure.after.unwrap_or_else(|| backoff(tries));
                tracing::debug!(engine = self.engine, ?pause, error = %failure.error, "trying again");
                self.sleep(pause).await.map_err(untold)?;
                tries += 1;
            }
        })
    }

    async fn attempt(
        &self,
        method: &Method,
        address: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Reply, Failure> {
        let mut request = self.client.request(method.clone(), address);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = self.read(answer).await?;
        if status.is_success() {
            let content_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let content_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let hint = self.hint(self.protocol.unreadable);
            return Ok(Reply { content_type, body, source: self.address(), hint, secret: self.secret.clone() });
        }
        Err(self.refused(status, &headers, &body))
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.unreachable(e))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                let what = format!("{} answered more than {} MB", self.address(), MAX_ANSWER >> 20);
                return Err(Failure { error: Error::new(Kind::Engine, what), status: None, retries: 0, after: None });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
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

/// The key that the settings name, from the environment.
pub(crate) fn key(settings: &RemoteSettings) -> Option<String> {
    match settings.key_env.as_str() {
        "" => None,
        name => std::env::var(name).ok(),
    }
}

fn base_url(engine: &str, text: &str, example: &str) -> Result<Url> {
    let example = format!("set {engine}.base-url, such as {example}");
    if text.trim().is_empty() {
        return Err(Error::new(Kind::Usage, format!("{engine} has no base URL")).hint(example));
    }
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() => Ok(url),
        _ => Err(Error::new(Kind::Usage, format!("{engine}.base-url {text:?} is no HTTP address")).hint(example)),
    }
}

/// Does the address lead to this machine?
pub(crate) fn is_loopback(url: &Url) -> bool {
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

#[cfg(test)]
mod tests;
