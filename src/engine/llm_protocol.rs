//! What dubline and the program that holds the language model say to each other: one JSON object a line.
//!
//! Both programs compile this one file; it uses nothing of either, since they cannot be linked together.

use serde::{Deserialize, Serialize};

/// The program's first line, once the model is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// What the model calls itself.
    pub model: String,
    /// Tokens that a prompt and its answer may take together.
    pub context: u32,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Comes back with the answer.
    pub id: u64,
    /// The conversation so far; the answer is the assistant's next message.
    pub messages: Vec<Message>,
    /// What the answer may look like, in GBNF with the rule `root`; empty for anything.
    #[serde(default)]
    pub grammar: String,
    /// Tokens that the answer may take.
    pub max_tokens: u32,
    /// 0 always takes the likeliest token.
    #[serde(default)]
    pub temperature: f32,
    /// Of the choice among tokens, where the temperature is not 0.
    #[serde(default)]
    pub seed: u32,
}

/// An answer, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
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
pub struct Given {
    /// The request's.
    pub id: u64,
    /// The text, without special tokens.
    pub text: String,
    /// Did it come to an end by itself? Otherwise `max_tokens` ended it.
    pub complete: bool,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// How many of them were still in memory from the request before.
    pub reused_tokens: u32,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// Wall-clock seconds.
    pub seconds: f64,
}
