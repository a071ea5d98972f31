//! Settings of supply: what each language is delivered as, what a dub may carry, when a run fails.

use super::Loudness;
use serde::{Deserialize, Serialize};

/// What an episode is delivered as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deliver {
    /// With a dub.
    Dub,
    /// With subtitles over the original sound: the exception.
    Subtitle,
    /// With a dub and with subtitles.
    #[default]
    Both,
}

/// What is said of a target language alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetSettings {
    /// What it is delivered as.
    pub deliver: Option<Deliver>,
    /// The market that it is for, over `markets`.
    pub market: Option<String>,
    /// Loudness of its finished files, over `mix.loudness`.
    pub loudness: Option<Loudness>,
}

/// A reason for which subtitles take the place of a dub by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// No voice speaks the language.
    NoVoice,
    /// More lines failed than a dub may carry.
    FailedLines,
    /// More lines are flagged than a dub may carry.
    FlaggedLines,
}

/// How much of a series must be dubbed, and what becomes of an episode that cannot be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SupplySettings {
    /// Share of all episodes and languages that must be dubbed, 0 to 1.
    #[serde(alias = "dubbed_share")]
    pub dubbed_share: f64,
    /// Failed lines that a dub may carry: at them the original is heard.
    #[serde(alias = "failed_lines")]
    pub failed_lines: usize,
    /// Flagged lines that a dub may carry; any number where it is not given.
    #[serde(alias = "flagged_lines")]
    pub flagged_lines: Option<usize>,
    /// What falls back to subtitles by itself; what does not is held.
    pub fallback: Vec<Fallback>,
}

impl Default for SupplySettings {
    fn default() -> SupplySettings {
        // Nine tenths of what is supplied abroad are dubbed.
        SupplySettings { dubbed_share: 0.9, failed_lines: 0, flagged_lines: None, fallback: vec![Fallback::NoVoice] }
    }
}

/// Findings of which severity fail a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Errors.
    Error,
    /// Errors and warnings.
    Warning,
    /// None: findings are told, nothing more.
    None,
}
