//! Glossaries in a DeepL account: one a pair, laid down for what it holds and found again by its name.
//!
//! DeepL takes one glossary a request, while a line's key names the entries that match that line, and no others.
//! So a pair's glossary holds the decisions of the whole run, and a line is translated with it only where that
//! comes to the same as a glossary of the line's own: every decision of the line is in it with the same wording,
//! and no other entry of it occurs in the line (one that the matching left out, or that reads otherwise there).
//! Every other line is translated without it, its terms marked by tags. What a line becomes thus depends on
//! its own entries, as its key says, however many others stand beside them.

use crate::engine::marked::decisions;
use crate::engine::remote::{Method, Refused, Remote};
use crate::engine::{Request, Term};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// DeepL's limit for a source or a target, in bytes.
const MAX_BYTES: usize = 1024;
/// What the names of dubline's glossaries begin with; others in the account are never touched.
const OURS: &str = "dubline ";
const PATH: &str = "v3/glossaries";

/// A pair of languages as DeepL names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    /// `source_lang` of a request.
    pub(super) from: String,
    /// `target_lang` of a request.
    pub(super) to: String,
    /// Both sides of a dictionary; none where DeepL has no glossaries for the pair.
    pub(super) dictionary: Option<(String, String)>,
}

/// Decisions by what they are about, lower case: DeepL takes no source twice, and knows no case.
#[derive(Debug, Default)]
struct Entries(BTreeMap<String, Term>);

#[derive(Debug, Default)]
struct State {
    entries: Entries,
    /// Name and id of what was laid down.
    laid: Option<(String, String)>,
}

/// The glossaries of a run.
#[derive(Debug, Default)]
pub(super) struct Glossaries(Mutex<HashMap<Pair, State>>);

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    glossaries: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    glossary_id: String,
    #[serde(default)]
    name: String,
}

impl Entries {
    /// Takes what a glossary can hold. The first wording of a source stays: a line that wants another one is
    /// not covered.
    fn add(&mut self, terms: &[Term]) {
        for term in decisions(terms).filter(|term| is_allowed(&term.source) && is_allowed(&term.target)) {
            self.0.entry(term.source.to_lowercase()).or_insert_with(|| term.clone());
        }
    }

    fn covers(&self, line: &Request, from: &Lang) -> bool {
        let mut own: Vec<(String, &Term)> =
            decisions(&line.terms).map(|term| (term.source.to_lowercase(), term)).collect();
        if !own.iter().all(|(source, term)| self.0.get(source).is_some_and(|entry| entry.target == term.target)) {
            return false;
        }
        own.sort_by_key(|(source, _)| std::cmp::Reverse(source.len()));
        // Within a longer term of the line a shorter entry has no say.
        let rest = own.iter().fold(line.text.to_lowercase(), |text, (source, _)| text.replace(source, "\u{FFFC}"));
        !self.0.keys().any(|source| occurs(&rest, source, from))
    }

    fn tsv(&self) -> String {
        let rows: Vec<String> = self.0.values().map(|term| format!("{}\t{}", term.source, term.target)).collect();
        rows.join("\n")
    }
}

/// May it be a side of an entry? After <https://developers.deepl.com/api-reference/multilingual-glossaries>.
fn is_allowed(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_BYTES
        && text.trim() == text
        && !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// Does `source` occur where DeepL may take it for the entry? At the beginning of a word, since words are inflected.
fn occurs(text: &str, source: &str, from: &Lang) -> bool {
    let mut places = text.match_indices(source);
    places.any(|(at, _)| from.is_spaceless() || !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

impl Glossaries {
    fn pairs(&self) -> MutexGuard<'_, HashMap<Pair, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes decisions that the pair's glossary is to hold.
    pub(super) fn learn(&self, pair: &Pair, terms: &[Term]) {
        self.pairs().entry(pair.clone()).or_default().entries.add(terms);
    }

    /// Does the pair's glossary say of this line what the line's own entries say, and nothing else?
    pub(super) fn covers(&self, pair: &Pair, line: &Request, from: &Lang) -> bool {
        self.pairs().get(pair).is_some_and(|state| state.entries.covers(line, from))
    }

    /// The pair's glossary is not there any more: it is looked for again.
    pub(super) fn forget(&self, pair: &Pair, id: &str) {
        if let Some(state) = self.pairs().get_mut(pair) {
            state.laid.take_if(|(_, laid)| laid == id);
        }
    }

    /// The id of the pair's glossary: of the one with these entries that the account has, or of a new one, which
    /// takes the place of the pair's older ones.
    ///
    /// # Errors
    /// Fails if DeepL cannot be reached or does not take it.
    pub(super) fn id(&self, remote: &Remote, pair: &Pair) -> Result<String> {
        // Held while DeepL is asked, so that two calls do not lay the same one down.
        let mut pairs = self.pairs();
        let state = pairs.entry(pair.clone()).or_default();
        let tsv = state.entries.tsv();
        let prefix = format!("{OURS}{}-{} ", pair.from, pair.to);
        let name = format!("{prefix}{}", &blake3::hash(tsv.as_bytes()).to_hex()[..16]);
        if let Some((laid, id)) = &state.laid
            && *laid == name
        {
            return Ok(id.clone());
        }
        let Listing { mut glossaries } = remote.ask(Method::GET, PATH, None)?.json()?;
        // What an account lists is no path.
        glossaries.retain(|known| known.glossary_id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        if let Some(found) = glossaries.iter().find(|known| known.name == name) {
            tracing::debug!(name, "found the glossary in the DeepL account");
            state.laid = Some((name, found.glossary_id.clone()));
            return Ok(found.glossary_id.clone());
        }
        let (stale, others): (Vec<_>, Vec<_>) =
            glossaries.iter().filter(|known| known.name.starts_with(OURS)).partition(|k| k.name.starts_with(&prefix));
        delete(remote, &stale)?;
        let made = match create(remote, pair, &name, &tsv) {
            // A free account holds one glossary; that of another pair is laid down again when its turn comes.
            Err(refused) if refused.status == Some(456) && !others.is_empty() => {
                delete(remote, &others)?;
                pairs.values_mut().for_each(|state| state.laid = None);
                create(remote, pair, &name, &tsv)
            }
            made => made,
        };
        let id = made.map_err(|refused| unlaid(refused, &name))?;
        tracing::debug!(name, "laid down a glossary in the DeepL account");
        pairs.entry(pair.clone()).or_default().laid = Some((name, id.clone()));
        Ok(id)
    }
}

fn create(remote: &Remote, pair: &Pair, name: &str, tsv: &str) -> Result<String, Refused> {
    let (from, to) = pair.dictionary.as_ref().map_or(("", ""), |(from, to)| (from, to));
    let dictionary = json!({ "source_lang": from, "target_lang": to, "entries": tsv, "entries_format": "tsv" });
    let reply = remote.ask(Method::POST, PATH, Some(&json!({ "name": name, "dictionaries": [dictionary] })))?;
    let made: Listed = reply.json().map_err(|error| Refused { status: None, error })?;
    Ok(made.glossary_id)
}

fn delete(remote: &Remote, glossaries: &[&Listed]) -> Result<()> {
    for Listed { glossary_id, name } in glossaries {
        match remote.ask(Method::DELETE, &format!("{PATH}/{glossary_id}"), None) {
            // Gone is gone, whoever did it.
            Err(refused) if refused.status != Some(404) => return Err(refused.error),
            _ => tracing::debug!(name, "deleted an older glossary in the DeepL account"),
        }
    }
    Ok(())
}

fn unlaid(refused: Refused, name: &str) -> Error {
    let hint = match refused.status {
        Some(456) => "delete a glossary of the DeepL account, or set deepl.terms to \"tags\"",
        Some(400 | 413) => "correct the entry, or set deepl.terms to \"tags\"",
        _ => return refused.error,
    };
    Error::new(Kind::Engine, format!("DeepL does not take the glossary {name:?}")).because(refused.error).hint(hint)
}
