//! Settings of runs over several episodes: how many at once, when to stop, what they may cost.

use serde::{Deserialize, Serialize};

/// How several episodes are run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct BatchSettings {
    /// Episodes that are open at a time; 0 is as many as threads and memory allow.
    pub open: usize,
    /// Begin no other episode once one has failed.
    pub fail_fast: bool,
    /// Begin nothing if the estimate is above this, in the currency of `prices`; no limit where it is not given.
    pub max_cost: Option<f64>,
}

/// What an engine charges, in any one currency for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Price {
    /// For a million characters that it is given.
    pub per_million_characters: f64,
    /// For a million tokens that it reads.
    pub per_million_input_tokens: f64,
    /// For a million tokens that it writes.
    pub per_million_output_tokens: f64,
}
