//! Is a text a translation at all? Catches what no viewer may hear: nothing, the source, a prompt, a flood.

use crate::engine::Request;
use crate::lang::Lang;
use crate::writing::Writing;

/// Marks that only a prompt, a chat template or markup leaves behind.
const LEAKS: &[&str] = &["<|", "|>", "```", "</", "[INST]", "### ", "Glossary:", "Translate into", "As an AI"];

/// Characters that a translation may have for each one of the source: Chinese is dense.
const PER_DENSE_CHARACTER: usize = 14;
const PER_CHARACTER: usize = 4;
/// Very short lines may grow more than any factor says.
const SLACK: usize = 30;

/// Why `text` is no translation of the request; none if it may be one.
pub fn amiss(request: &Request, text: &str, from: &Lang, to: &Lang) -> Option<String> {
    let spoken = text.chars().filter(|c| c.is_alphanumeric()).count();
    if spoken == 0 {
        return Some("the translation is empty".into());
    }
    if let Some(leak) = LEAKS.iter().find(|leak| text.contains(**leak) && !request.text.contains(**leak)) {
        return Some(format!("the translation holds {leak:?}, which is no speech"));
    }
    if text.contains('\n') {
        return Some("the translation has several lines".into());
    }
    if let Some(left) = source_writing(request, text, from, to) {
        return Some(format!("the translation still holds {left:?} of the source"));
    }
    // A name or an "OK" may well stay as it is; a sentence may not.
    let words = request.text.split_whitespace().count();
    if words > 3 && request.text.trim() == text.trim() && is_in(from, &request.text) {
        return Some("the translation is the source".into());
    }
    let dense = from.is_spaceless() && !to.is_spaceless();
    let limit = SLACK + request.text.chars().count() * if dense { PER_DENSE_CHARACTER } else { PER_CHARACTER };
    let length = text.chars().count();
    (length > limit).then(|| format!("the translation is absurdly long ({length} characters for {limit} at most)"))
}

/// Is the text in the source language, as far as its letters tell? An English line in a Chinese episode is not.
fn is_in(from: &Lang, text: &str) -> bool {
    let of_source = Writing::of_language(from);
    of_source.is_empty() || text.chars().any(|c| Writing::of(c).is_some_and(|writing| of_source.contains(&writing)))
}

/// Letters in a writing that the source has and the target has not, apart from what the glossary put there.
fn source_writing(request: &Request, text: &str, from: &Lang, to: &Lang) -> Option<String> {
    let (of_source, of_target) = (Writing::of_language(from), Writing::of_language(to));
    if of_source.is_empty() || of_target.is_empty() {
        return None;
    }
    let kept = request
        .terms
        .iter()
        .fold(text.to_owned(), |text, term| if term.target.is_empty() { text } else { text.replace(&term.target, "") });
    // Latin is a guest in every writing: names, brands, OK.
    let foreign = |c: &char| {
        Writing::of(*c).is_some_and(|w| w != Writing::Latin && of_source.contains(&w) && !of_target.contains(&w))
    };
    let left: String = kept.chars().filter(foreign).take(8).collect();
    (!left.is_empty()).then_some(left)
}
