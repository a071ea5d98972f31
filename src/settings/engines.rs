//! Settings of single engines.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Whisper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WhisperSettings {
    /// Id of the model, as in `dubline models list`.
    pub model: String,
}

impl Default for WhisperSettings {
    fn default() -> WhisperSettings {
        WhisperSettings { model: "whisper-base-q8_0".into() }
    }
}

/// The embedded language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LlmSettings {
    /// Id of the model, or the path of a GGUF file.
    pub model: String,
    /// The program that holds it; `dubline-llm` beside dubline where it is not given.
    pub program: Option<PathBuf>,
    /// Tokens that a prompt and its answer may take together.
    pub context_tokens: u32,
    /// Seconds that one batch may take.
    pub timeout_seconds: u64,
}

impl Default for LlmSettings {
    fn default() -> LlmSettings {
        LlmSettings { model: "qwen2.5-coder-1.5b-q4".into(), program: None, context_tokens: 4096, timeout_seconds: 600 }
    }
}

/// A remote engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RemoteSettings {
    /// Up to and with the version, where the protocol has one there: `http://localhost:8000/v1`. Empty where
    /// there is none.
    pub base_url: String,
    /// The model to ask for.
    pub model: String,
    /// The environment variable that holds the key; no key is sent where it is not set.
    pub key_env: String,
    /// Seconds that one request may take.
    pub timeout_seconds: u64,
    /// Tries after the first one.
    pub retries: u32,
    /// Requests a minute; 0 is no limit.
    pub requests_per_minute: u32,
    /// Requests under way at once.
    pub parallel: usize,
}

impl Default for RemoteSettings {
    fn default() -> RemoteSettings {
        RemoteSettings {
            base_url: String::new(),
            model: String::new(),
            key_env: "OPENAI_API_KEY".into(),
            timeout_seconds: 120,
            retries: 4,
            requests_per_minute: 0,
            parallel: 4,
        }
    }
}

/// Any program as a voice (text on standard input, or in an argument, WAV on standard output or in a file) or as a separator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandSettings {
    /// Program and arguments; `{text}`, `{voice}`, `{language}`, `{speed}` and `{output}` are replaced.
    pub run: Vec<String>,
    /// Voices that it has, by language.
    pub voices: BTreeMap<String, Vec<String>>,
    /// Program and arguments of a separator; `{input}` is a WAV file of the mix, 48 kHz stereo in 32-bit floats, `{output}`
    /// where its voices are to be written, in any format and rate, from the same beginning and equally long.
    pub separate: Vec<String>,
}
