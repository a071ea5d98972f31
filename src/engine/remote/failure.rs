//! What is told about a request that failed, and whether it is worth another try.

use super::Remote;
use super::said::message;
use super::wait::retry_after;
use crate::error::{Error, Kind};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use std::time::Duration;

/// A server that asks for a longer pause than this is not waited for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
/// An endpoint that cannot be reached, or does not answer in time, will hardly do so at the tenth try.
const MAX_CONNECT_RETRIES: u32 = 2;
const MAX_TIMEOUT_RETRIES: u32 = 1;

/// Why one try failed, and whether another makes sense.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) status: Option<u16>,
    /// Tries after the first that this kind of failure is worth.
    pub(super) retries: u32,
    /// The pause that the server asked for.
    pub(super) after: Option<Duration>,
}

impl Remote {
    pub(super) fn unreachable(&self, error: reqwest::Error) -> Failure {
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
        let error = Error::new(Kind::Engine, what).because(error.without_url()).hint(hint);
        Failure { error, status: None, retries, after: None }
    }

    pub(super) fn hint(&self, text: &str) -> String {
        text.replace("{}", self.engine)
    }

    pub(super) fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let (address, engine) = (self.address(), self.engine);
        let said = match message(body, &self.secret) {
            text if text.is_empty() => String::new(),
            text => format!(": {text}"),
        };
        let fail = |what: String, hint: String, retries| Failure {
            error: Error::new(Kind::Engine, format!("{what}{said}")).hint(hint),
            status: Some(status.as_u16()),
            retries,
            after: None,
        };
        let variable = &self.settings.key_env;
        match status.as_u16() {
            401 | 403 if self.secret.get().is_none() => fail(
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
            404 | 405 => {
                fail(format!("{address} has no such endpoint or model ({status})"), self.hint(self.protocol.missing), 0)
            }
            // For this many lines; fewer may do.
            413 => Failure {
                error: Error::new(
                    Kind::Answer,
                    format!("{address} says that the request is too large ({status}){said}"),
                )
                .hint("shorten the line, or ask the server's operator to allow more"),
                ..fail(String::new(), String::new(), 0)
            },
            // An empty account answers 429 as well, and no pause fills it.
            429 if said.contains("insufficient_quota") || said.contains("exceeded your current quota") => {
                fail(format!("{address} says that the account's quota is used up"), "see to the account".into(), 0)
            }
            // DeepL's status for a month's characters that are used up.
            456 => fail(
                format!("{address} says that the account's quota is used up ({status})"),
                "raise the account's limit, wait for its next period, or choose another engine; finished work is kept"
                    .into(),
                0,
            ),
            408 | 425 | 429 | 500..=599 => {
                let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
                // 529 is how DeepL says it.
                let (what, hint) = if matches!(status.as_u16(), 429 | 529) {
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
            _ => fail(format!("{address} refused the request ({status})"), self.hint(self.protocol.refused), 0),
        }
    }
}

pub(super) fn tried(error: Error, tries: u32) -> Error {
    let hint = error.remedy().unwrap_or_default().to_owned();
    Error::new(error.kind(), format!("{error} (tried {tries} times)")).hint(hint)
}
