//! A loaded model and the memory of a few conversations: what two requests begin with alike is read only once.
//!
//! Knows llama.cpp; does not know where requests come from.

use crate::protocol::{Ask, Given};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate, LlamaModel};
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

/// Tokens of a prompt that are read at once.
const BATCH: usize = 512;
/// A prompt is read in pieces of so many tokens from its start, and only whole pieces are kept for the next one: the
/// same prompt is then computed in the same steps, and answered the same, whatever was read before it.
const PIECE: usize = 32;

/// Conversations that are remembered: episodes and languages that are worked on side by side take turns, and each begins
/// its prompts in its own way. Each has a cache of its own, so that none changes how another is computed.
const MEMORIES: u32 = 4;

/// A model in memory.
pub(crate) struct Held {
    backend: LlamaBackend,
    model: LlamaModel,
    name: String,
}

impl Held {
    /// Loads a GGUF file.
    pub(crate) fn load(path: &Path, verbose: bool) -> Result<Held, String> {
        if !verbose {
            send_logs_to_tracing(LogOptions::default().with_logs_enabled(false));
        }
        if !path.is_file() {
            return Err(format!("there is no model at {}", path.display()));
        }
        let backend = LlamaBackend::init().map_err(|e| format!("cannot start llama.cpp: {e}"))?;
        let model = LlamaModel::load_from_file(&backend, path, &LlamaModelParams::default())
            .map_err(|e| format!("cannot load {} ({e}); --verbose tells more", path.display()))?;
        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = model.meta_val_str("general.name").unwrap_or(file);
        Ok(Held { backend, model, name })
    }

    /// What the model calls itself.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }
}

/// A model with memory.
pub(crate) struct Session<'a> {
    model: &'a LlamaModel,
    template: LlamaChatTemplate,
    context: LlamaContext<'a>,
    /// By the number of their sequence.
    memories: Vec<Memory>,
    /// The one in use.
    at: usize,
    /// Requests so far.
    turns: u64,
}

/// One conversation.
#[derive(Clone, Default)]
struct Memory {
    /// What it holds.
    tokens: Vec<LlamaToken>,
    /// How many of them were read in whole pieces.
    pieces: usize,
    /// When it was last used, in requests.
    used: u64,
}

impl Memory {
    /// How many tokens a prompt begins with that are here.
    fn alike(&self, prompt: &[LlamaToken]) -> usize {
        self.tokens.iter().zip(prompt).take_while(|(a, b)| a == b).count()
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(held: &'a Held, threads: i32, context: NonZeroU32) -> Result<Session<'a>, String> {
        let params = LlamaContextParams::default()
            .with_n_ctx(Some(context.saturating_mul(MEMORIES.try_into().map_err(|_| "there are no memories")?)))
            .with_n_seq_max(MEMORIES)
            .with_n_batch(BATCH as u32)
            .with_n_threads(threads.max(1))
            .with_n_threads_batch(threads.max(1))
            .with_no_perf(true);
        let model = &held.model;
        let template = model.chat_template(None).map_err(|e| format!("the model is none for conversations: {e}"))?;
        let context = model
            .new_context(&held.backend, params)
            .map_err(|e| format!("no memory for a context of {context} tokens: {e}"))?;
        let memories = vec![Memory::default(); MEMORIES as usize];
        Ok(Session { model, template, context, memories, at: 0, turns: 0 })
    }

    /// Tokens that a prompt and its answer may take together.
    pub(crate) fn context(&self) -> u32 {
        self.context.n_ctx() / MEMORIES
    }

    /// Answers, or says why not. `given_up` is asked before every token.
    pub(crate) fn answer(&mut self, ask: &Ask, given_up: impl Fn() -> bool) -> Result<Given, String> {
        let start = Instant::now();
        let prompt = self.prompt(ask)?;
        let needed = prompt.len() + ask.max_tokens as usize;
        if needed > self.context() as usize {
            return Err(format!(
                "the prompt has {} tokens and its answer may take {}, but the context has {}",
                prompt.len(),
                ask.max_tokens,
                self.context()
            ));
        }
        let mut sampler = Sampler::new(self.model, ask)?;
        let reused = match self.read(&prompt, &given_up) {
            Ok(reused) => reused,
            Err(why) => {
                // What the memory holds now is not known.
                self.forget();
                return Err(why);
            }
        };
        let vocabulary = self.model.vocab();
        let (mut text, mut count, mut complete) = (Vec::new(), 0, false);
        while count < ask.max_tokens {
            if given_up() {
                return Err("nobody waits for the answer".into());
            }
            let token = sampler.next(self.context.get_logits())?;
            if vocabulary.is_eog(token) {
                complete = true;
                break;
            }
            vocabulary.token_to_piece_into(token, &mut text, false, None);
            count += 1;
            self.decode(&[token])?;
        }
        Ok(Given {
            id: ask.id,
            text: String::from_utf8_lossy(&text).into_owned(),
            complete,
            prompt_tokens: prompt.len() as u32,
            reused_tokens: reused as u32,
            output_tokens: count,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    fn prompt(&self, ask: &Ask) -> Result<Vec<LlamaToken>, String> {
        if ask.messages.is_empty() {
            return Err("the request has no messages".into());
        }
        let messages: Vec<LlamaChatMessage> = ask
            .messages
            .iter()
            .map(|message| LlamaChatMessage::new(message.role.clone(), message.content.clone()))
            .collect::<Result<_, _>>()
            .map_err(|e| format!("a message cannot be passed on: {e}"))?;
        let text = self
            .model
            .apply_chat_template(&self.template, &messages, true)
            .map_err(|e| format!("the model's chat template is not supported: {e}"))?;
        let vocabulary = self.model.vocab();
        Ok(vocabulary.tokenize(text.as_bytes(), vocabulary.should_add_bos(), true))
    }

    /// Reads a prompt, but for what the memory holds of it already; gives how much that was.
    fn read(&mut self, prompt: &[LlamaToken], given_up: impl Fn() -> bool) -> Result<usize, String> {
        self.at = self.remembered(prompt);
        self.turns += 1;
        let memory = &mut self.memories[self.at];
        memory.used = self.turns;
        // The last token is read in any case: the answer begins where it ends.
        let mut keep = memory.alike(prompt).min(prompt.len().saturating_sub(1)).min(memory.pieces) / PIECE * PIECE;
        let removed = self.context.clear_kv_cache_seq(Some(self.at as u32), Some(keep as u32), None);
        if !matches!(removed, Ok(true)) {
            // Some models cannot forget a part of what they read.
            self.forget();
            keep = 0;
        }
        let memory = &mut self.memories[self.at];
        memory.tokens.truncate(keep);
        memory.pieces = prompt.len() / PIECE * PIECE;
        for chunk in prompt[keep..].chunks(PIECE) {
            if given_up() {
                return Err("nobody waits for the answer".into());
            }
            self.decode(chunk)?;
        }
        Ok(keep)
    }

    /// The memory for a prompt: the one that holds most of it, if that is most of what it holds; else the one that was
    /// not used for longest.
    fn remembered(&self, prompt: &[LlamaToken]) -> usize {
        let is_its = |memory: &Memory| memory.alike(prompt) * 2 > memory.tokens.len().min(prompt.len());
        let known = (0..self.memories.len()).filter(|at| is_its(&self.memories[*at]));
        let oldest = || (0..self.memories.len()).min_by_key(|at| self.memories[*at].used);
        known.max_by_key(|at| self.memories[*at].alike(prompt)).or_else(oldest).unwrap_or_default()
    }

    /// Empties the memory in use.
    fn forget(&mut self) {
        if !matches!(self.context.clear_kv_cache_seq(Some(self.at as u32), None, None), Ok(true)) {
            // All of them, where one alone cannot be.
            self.context.clear_kv_cache();
            self.memories.iter_mut().for_each(|memory| memory.tokens.clear());
        }
        let memory = &mut self.memories[self.at];
        (memory.tokens, memory.pieces) = (Vec::new(), 0);
    }

    fn decode(&mut self, tokens: &[LlamaToken]) -> Result<(), String> {
        let mut batch = LlamaBatch::new(tokens.len(), 1);
        for (i, token) in tokens.iter().enumerate() {
            let position = (self.memories[self.at].tokens.len() + i) as i32;
            batch.add(*token, position, &[self.at as i32], i + 1 == tokens.len()).map_err(|e| e.to_string())?;
        }
        self.context.decode(&mut batch).map_err(|e| format!("llama.cpp failed: {e}"))?;
        self.memories[self.at].tokens.extend_from_slice(tokens);
        Ok(())
    }
}

/// Chooses tokens, within a grammar where there is one.
struct Sampler {
    grammar: Option<LlamaSampler>,
    /// None takes the likeliest.
    choice: Option<LlamaSampler>,
}

impl Sampler {
    fn new(model: &LlamaModel, ask: &Ask) -> Result<Sampler, String> {
        let grammar = match ask.grammar.as_str() {
            "" => None,
            text => Some(LlamaSampler::grammar(model, text, "root").map_err(|e| format!("the grammar is wrong: {e}"))?),
        };
        let choice = (ask.temperature > 0.0).then(|| {
            LlamaSampler::chain_simple([
                LlamaSampler::top_k(40),
                LlamaSampler::top_p(0.95, 1),
                LlamaSampler::temp(ask.temperature),
                LlamaSampler::dist(ask.seed),
            ])
        });
        Ok(Sampler { grammar, choice })
    }

    fn next(&mut self, logits: &[f32]) -> Result<LlamaToken, String> {
        let all = || {
            let data = logits.iter().zip(0..).map(|(logit, id)| LlamaTokenData::new(LlamaToken::new(id), *logit, 0.0));
            LlamaTokenDataArray::new(data.collect(), false)
        };
        let mut token = match &mut self.choice {
            None => likeliest(logits)?,
            Some(choice) => chosen(all(), choice)?,
        };
        let Some(grammar) = &mut self.grammar else { return Ok(token) };
        // Asking a grammar about one token is quick, about the whole vocabulary slow; mostly the one is right.
        let logit = usize::try_from(token.0).ok().and_then(|i| logits.get(i)).copied().unwrap_or_default();
        let mut one = LlamaTokenDataArray::new(vec![LlamaTokenData::new(token, logit, 0.0)], false);
        grammar.apply(&mut one);
        if !one.data.first().is_some_and(|data| data.logit().is_finite()) {
            let mut allowed = all();
            grammar.apply(&mut allowed);
            token = match &mut self.choice {
                None => {
                    let best = allowed.data.iter().max_by(|a, b| a.logit().total_cmp(&b.logit()));
                    best.filter(|data| data.logit().is_finite()).map(LlamaTokenData::id)
                }
                Some(choice) => Some(chosen(allowed, choice)?),
            }
            .ok_or("the grammar allows no token")?;
        }
        grammar.try_accept(token).map_err(|e| format!("the grammar failed: {e}"))?;
        Ok(token)
    }
}

fn likeliest(logits: &[f32]) -> Result<LlamaToken, String> {
    let best = logits.iter().zip(0..).max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, id)| LlamaToken::new(id)).ok_or_else(|| "the model has no vocabulary".into())
}

fn chosen(mut tokens: LlamaTokenDataArray, choice: &mut LlamaSampler) -> Result<LlamaToken, String> {
    choice.apply(&mut tokens);
    tokens.selected_token().ok_or_else(|| "the model chose no token".into())
}
