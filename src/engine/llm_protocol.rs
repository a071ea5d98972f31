//! What dubline and the program that holds the language model say to each other: one JSON object a line.
//!
//! Both programs compile this one file; it uses nothing of either, since they cannot be linked together.

use serde::{Deserialize, Serialize};

/// The program's first line, once the model is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// Always true.
    pub(crate) ready: bool,
    /// What the model calls itself.
    pub(crate) model: String,
    /// Tokens that a prompt and its answer may take together.
    pub(crate) context: u32,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// `system`, `user` or `assistant`.
    pub(crate) role: String,
    /// What is said.
    pub(crate) content: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// Comes back with the answer.
    pub(crate) id: u64,
    /// The conversation so far; the answer is the assistant's next message.
    pub(crate) messages: Vec<Message>,
    /// What the answer may look like, in GBNF with the rule `root`; empty for anything.
    #[serde(default)]
    pub(crate) grammar: String,
    /// Tokens that the answer may take.
    pub(crate) max_tokens: u32,
    /// 0 always takes the likeliest token.
    #[serde(default)]
    pub(crate) temperature: f32,
    /// Of the choice among tokens, where the temperature is not 0.
    #[serde(default)]
    pub(crate) seed: u32,
}

/// An answer, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// The model answered.
    Given(Given),
    /// It could not.
    Refused {
        /// The request's; 0 where the request could not be read.
        id: u64,
        /// Why, as a fragment.
        error: String,
    },
}

/// What the model answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Given {
    /// The request's.
    pub(crate) id: u64,
    /// The text, without special tokens.
    pub(crate) text: String,
    /// Did it come to an end by itself? Otherwise `max_tokens` ended it.
    pub(crate) complete: bool,
    /// Tokens of the prompt.
    pub(crate) prompt_tokens: u32,
    /// How many of them were still in memory from the request before.
    pub(crate) reused_tokens: u32,
    /// Tokens of the answer.
    pub(crate) output_tokens: u32,
    /// Wall-clock seconds.
    pub(crate) seconds: f64,
}
