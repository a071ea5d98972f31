//! Terms marked in a text, so that a translation service leaves them alone, and found again in its answer.
//!
//! Knows markup only; what a tag must be called so that a service respects it is the service's affair. An
//! answer is untrusted: either every mark came back exactly once, or there is no text.

use super::Term;
use crate::lang::Lang;
use crate::writing::Writing;
use std::fmt::Write;

/// The tag that a service leaves alone. Each mark carries its number as `id`.
#[derive(Debug)]
pub(super) struct Tag {
    /// Its name.
    pub(super) name: &'static str,
    /// More attributes, each with a space before it.
    pub(super) attributes: &'static str,
    /// What stands between the tags. The wording takes its place in any case; this is what a service sees.
    pub(super) inside: Inside,
}

/// What a service sees of a term.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside {
    /// What the line says.
    Source,
    /// What the translation is to say.
    Wording,
}

/// A text with marks.
#[derive(Debug)]
pub(super) struct Marked<'a> {
    /// The text to send, its own markup escaped.
    pub(super) text: String,
    tag: &'static Tag,
    wordings: Vec<&'a str>,
    outside: String,
}

/// The terms that say how something must read. Bans say how not, and a number worked out for one line is
/// for engines that cannot count; translation services can.
pub(super) fn decisions(terms: &[Term]) -> impl Iterator<Item = &Term> {
    let is_amount = |target: &str| {
        let number = target.strip_prefix("more than ").unwrap_or(target);
        number.chars().all(|c| c.is_ascii_digit() || ",.".contains(c))
    };
    terms.iter().filter(move |term| !term.source.is_empty() && !is_amount(&term.target))
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` with each of its terms marked; none where it has none.
pub(super) fn mark<'a>(text: &str, terms: &'a [Term], from: &Lang, tag: &'static Tag) -> Option<Marked<'a>> {
    let decisions: Vec<&Term> = decisions(terms).collect();
    let mut marked =
        Marked { text: String::with_capacity(text.len()), tag, wordings: Vec::new(), outside: String::new() };
    let mut at = 0;
    while let Some(char) = text[at..].chars().next() {
        let here = |term: &&&Term| stands(&text[..at], &text[at..], &term.source, from);
        match decisions.iter().filter(here).max_by_key(|term| term.source.len()) {
            Some(term) => {
                let inside = match tag.inside {
                    Inside::Source => &term.source,
                    Inside::Wording => &term.target,
                };
                let id = marked.wordings.len();
                let Tag { name, attributes, .. } = tag;
                let _ = write!(marked.text, "<{name} id=\"{id}\"{attributes}>{}</{name}>", escaped(inside));
                marked.wordings.push(&term.target);
                at += term.source.len();
            }
            None => {
                marked.text.push_str(&escaped(char.encode_utf8(&mut [0; 4])));
                marked.outside.push(char);
                at += char.len_utf8();
            }
        }
    }
    (!marked.wordings.is_empty()).then_some(marked)
}

/// Does `term` stand at the beginning of `after`, as a word of its own where the language has words?
fn stands(before: &str, after: &str, term: &str, from: &Lang) -> bool {
    let Some(rest) = after.strip_prefix(term) else { return false };
    let joined = |a: Option<char>, b: Option<char>| matches!((a, b), (Some(a), Some(b)) if in_one_word(a, b));
    from.is_spaceless()
        || !(joined(before.chars().next_back(), term.chars().next())
            || joined(term.chars().next_back(), rest.chars().next()))
}

fn in_one_word(a: char, b: char) -> bool {
    a.is_alphanumeric() && b.is_alphanumeric()
}

impl Marked<'_> {
    /// The answer as plain text, with the wording of each term in the place of its mark. None where a mark is gone
    /// or doubled, where other markup came back, or where nothing but the marks was understood.
    pub(super) fn read(&self, answer: &str, from: &Lang) -> Option<String> {
        let mut seen = vec![false; self.wordings.len()];
        let (mut text, mut outside) = (String::new(), String::new());
        let mut rest = answer;
        while let Some((before, mark)) = self.next(rest) {
            let before = unescaped(before);
            outside.push_str(&before);
            append(&mut text, &before, from);
            let first = seen.get_mut(mark.id).filter(|seen| !**seen)?;
            *first = true;
            append_wording(&mut text, self.wordings[mark.id], from);
            rest = mark.rest;
        }
        let last = unescaped(rest);
        outside.push_str(&last);
        append(&mut text, &last, from);
        let markup = |text: &str| text.contains(['<', '>']);
        let foreign = markup(&outside) && !markup(&self.outside);
        (seen.iter().all(|seen| *seen) && !foreign && !self.is_echo(&outside, from)).then_some(text)
    }

    fn next<'t>(&self, text: &'t str) -> Option<(&'t str, Mark<'t>)> {
        let (open, close) = (format!("<{}", self.tag.name), format!("</{}>", self.tag.name));
        let start = text.find(&open)?;
        let (attributes, rest) = text[start + open.len()..].split_once('>')?;
        let id = attributes.split_once("id=")?.1.trim_start_matches(['"', '\'']);
        let digits = id.find(|c: char| !c.is_ascii_digit()).unwrap_or(id.len());
        let rest = if attributes.ends_with('/') { rest } else { rest.split_once(&close)?.1 };
        Some((&text[..start], Mark { id: id[..digits].parse().ok()?, rest }))
    }

    /// Is what stands around the marks what was sent, although there was something to translate?
    fn is_echo(&self, outside: &str, from: &Lang) -> bool {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let sent = letters(&self.outside);
        let is_speech = if from.is_spaceless() {
            !sent.is_ascii()
        } else {
            // One word may well be the same in both languages.
            self.outside.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count() > 1
        };
        is_speech && sent == letters(outside)
    }
}

struct Mark<'t> {
    id: usize,
    rest: &'t str,
}

/// What follows a mark, with a space before it where a source without spaces let the service forget it. In Korean
/// what follows a name belongs to it.
fn append(text: &mut String, more: &str, from: &Lang) {
    let next = more.chars().next().filter(|c| Writing::of(*c) != Some(Writing::Hangul));
    space(text, next, from);
    text.push_str(more);
}

fn append_wording(text: &mut String, wording: &str, from: &Lang) {
    let begins = !text.contains(char::is_alphanumeric);
    let mut chars = wording.chars();
    let Some(first) = chars.next() else { return };
    space(text, Some(first), from);
    // At the beginning of a sentence a word has a capital, whatever the glossary writes.
    if begins {
        text.extend(first.to_uppercase());
    } else {
        text.push(first);
    }
    text.push_str(chars.as_str());
}

fn space(text: &mut String, next: Option<char>, from: &Lang) {
    use Writing::{Han, Kana, Khmer, Lao, Myanmar, Thai};
    let spaceless = |c: char| matches!(Writing::of(c), Some(Han | Kana | Thai | Lao | Khmer | Myanmar));
    if let (true, Some(last), Some(next)) = (from.is_spaceless(), text.chars().next_back(), next)
        && in_one_word(last, next)
        && !spaceless(last)
        && !spaceless(next)
    {
        text.push(' ');
    }
}

/// Text as it may stand between tags; what XML does not allow at all becomes a space.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescaped(text: &str) -> String {
    const ENTITIES: [(&str, &str); 8] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        // Last, so that nothing is unescaped twice.
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, char)| text.replace(entity, char))
}

#[cfg(test)]
mod tests;
