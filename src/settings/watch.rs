//! Settings of a watched folder, and of the webhook that tells what became of its files.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A watched folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WatchSettings {
    /// Seconds for which a file must not have grown or changed before it counts as complete.
    pub settle_seconds: f64,
    /// Seconds between two looks at the folder.
    pub poll_seconds: f64,
    /// Folder of what is remembered of files; `.dubline` in the output folder where it is not given.
    pub state: Option<PathBuf>,
    /// Where sources go that are done; they stay where they are where it is not given.
    pub move_done: Option<PathBuf>,
    /// Where sources go that failed; they stay where they are where it is not given.
    pub move_failed: Option<PathBuf>,
}

impl Default for WatchSettings {
    fn default() -> WatchSettings {
        // A stalled upload resumes within seconds or not at all; one look more would cost more than it finds.
        WatchSettings { settle_seconds: 5.0, poll_seconds: 2.0, state: None, move_done: None, move_failed: None }
    }
}

/// What a webhook is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookEvent {
    /// An episode was delivered in every language.
    Done,
    /// An episode was quarantined.
    Failed,
}

impl HookEvent {
    /// Its name in settings, headers and bodies.
    pub const fn name(self) -> &'static str {
        match self {
            HookEvent::Done => "done",
            HookEvent::Failed => "failed",
        }
    }
}

/// An address that is told what became of each file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WebhookSettings {
    /// Where to; nothing is told where it is empty.
    pub url: String,
    /// The environment variable that holds the secret that deliveries are signed with; empty for unsigned ones.
    pub secret_env: String,
    /// What is told.
    pub events: Vec<HookEvent>,
    /// Seconds that one delivery may take.
    pub timeout_seconds: u64,
    /// Quick tries after the first one; then a try every five minutes.
    pub retries: u32,
}

impl Default for WebhookSettings {
    fn default() -> WebhookSettings {
        WebhookSettings {
            url: String::new(),
            secret_env: "WEBHOOK_SECRET".into(),
            events: vec![HookEvent::Done, HookEvent::Failed],
            timeout_seconds: 10,
            retries: 4,
        }
    }
}
