//! Settings of the DeepL translator.

use super::RemoteSettings;
use serde::{Deserialize, Serialize};

/// How formally the translation speaks, in languages that tell the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Formality {
    /// As the engine sees fit.
    #[default]
    Default,
    /// Formally, where the language can.
    PreferMore,
    /// Informally, where the language can.
    PreferLess,
}

/// How DeepL is told of the glossary's decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermsBy {
    /// By a glossary in the account, which is inflected and bent to the sentence; by tags where there can be none.
    #[default]
    Glossary,
    /// By tags around their wording in the text, which stays exactly as it is.
    Tags,
}

/// DeepL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DeeplSettings {
    /// Where another server than DeepL's is asked: the address without the API's version. Empty is DeepL's own,
    /// the free one for a key that ends in `:fx`.
    pub base_url: String,
    /// DeepL's `model_type`: `quality_optimized`, `prefer_quality_optimized`, `latency_optimized`. Empty is its default.
    pub model: String,
    /// The environment variable that holds the key.
    pub key_env: String,
    /// How formally the translation speaks.
    pub formality: Formality,
    /// How DeepL is told of the glossary's decisions.
    pub terms: TermsBy,
    /// Seconds that one request may take.
    pub timeout_seconds: u64,
    /// Tries after the first one.
    pub retries: u32,
    /// Requests a minute; 0 is no limit.
    pub requests_per_minute: u32,
    /// Requests under way at once.
    pub parallel: usize,
}

impl Default for DeeplSettings {
    fn default() -> DeeplSettings {
        let RemoteSettings { base_url, model, timeout_seconds, retries, requests_per_minute, parallel, .. } =
            RemoteSettings::default();
        DeeplSettings {
            base_url,
            model,
            key_env: "DEEPL_API_KEY".into(),
            formality: Formality::default(),
            terms: TermsBy::default(),
            timeout_seconds,
            retries,
            requests_per_minute,
            parallel,
        }
    }
}

impl DeeplSettings {
    /// The part of them that every remote engine has.
    pub fn remote(&self) -> RemoteSettings {
        RemoteSettings {
            base_url: self.base_url.clone(),
            model: self.model.clone(),
            key_env: self.key_env.clone(),
            timeout_seconds: self.timeout_seconds,
            retries: self.retries,
            requests_per_minute: self.requests_per_minute,
            parallel: self.parallel,
        }
    }
}
