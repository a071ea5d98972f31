//! What a prompt, a model or a subtitle left in a wording: headings, labels, list numbers, stage directions.
//!
//! All of it would be spoken. What the source has too is let pass: a source that speaks of translating, of machines
//! or with a heading is translated so. Does not know what the words mean beyond its lists.

mod direction;
mod words;

use super::Judged;
use crate::glossary::number::{chinese, words as number_words};
use words::*;

/// Letters before a colon that are a heading, or the sentence with which a model hands over its answer.
const HEAD: usize = 24;
const PREAMBLE: usize = 80;

/// What stands in the wording that is no speech; none where everything may be spoken.
pub(super) fn leak(judged: &Judged<'_>) -> Option<String> {
    let said = Said { lower: plain(judged.text), source: plain(judged.source) };
    said.mark()
        .or_else(|| said.of_translating())
        .or_else(|| said.of_machines())
        .or_else(|| said.courtesy())
        .or_else(|| said.refusal())
        .or_else(|| said.heading())
        .or_else(|| list_mark(judged))
        .or_else(|| stage_direction(judged))
}

/// In lower case, with straight apostrophes.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(['’', '‘'], "'")
}

/// A wording and its source as they are compared.
struct Said {
    lower: String,
    source: String,
}

impl Said {
    fn source_has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.source.contains(word))
    }

    /// The wording without quotes and markup before its first word.
    fn start(&self) -> &str {
        self.lower
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '(' | '[' | '"' | '“' | '#'))
    }

    /// What stands before the first colon, where it is short enough to announce something and something follows.
    fn before_colon(&self, most: usize) -> Option<&str> {
        let (head, rest) = self.start().split_once([':', '：'])?;
        (head.chars().count() <= most && !rest.trim().is_empty()).then_some(head)
    }

    fn source_is_headed(&self) -> bool {
        heads(&self.source) > 0
    }

    fn mark(&self) -> Option<String> {
        let foreign = |mark: &&&str| self.lower.contains(**mark) && !self.source.contains(**mark);
        ANYWHERE.iter().find(foreign).map(|mark| (*mark).to_owned())
    }

    fn of_translating(&self) -> Option<String> {
        let source_speaks = self.source_has(SPEAKS_OF_TRANSLATING);
        let opening = OF_TRANSLATING.iter().find(|opening| match **opening {
            // A prompt's sentence, wherever it stands.
            "translate into" => self.lower.contains(**opening),
            opening => self.start().starts_with(opening),
        });
        if let Some(opening) = opening.filter(|_| !source_speaks) {
            return Some((*opening).to_owned());
        }
        // "Okay, this is the English translation: …", whatever the source speaks of, if it has no colon itself.
        let announced = self.before_colon(PREAMBLE)?;
        let announces = ANNOUNCES.iter().any(|word| announced.contains(word));
        (announces && !self.source.contains([':', '：']) && (!source_speaks || opening.is_some()))
            .then(|| format!("{announced}:"))
    }

    fn of_machines(&self) -> Option<String> {
        let is_word = |text: &str, at: usize, length: usize| {
            let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
            !letter(text[..at].chars().next_back()) && !letter(text[at + length..].chars().next())
        };
        let has = |text: &str, word: &str| text.match_indices(word).any(|(at, _)| is_word(text, at, word.len()));
        if self.source_has(SPEAKS_OF_MACHINES) || ["ai", "ia", "llm"].iter().any(|word| has(&self.source, word)) {
            return None;
        }
        OF_MACHINES.iter().find(|mark| has(&self.lower, mark)).map(|mark| (*mark).to_owned())
    }

    /// "Sure, here you go: …"; of coffee it is a line.
    fn courtesy(&self) -> Option<String> {
        let opening = COURTESIES.iter().find(|opening| self.start().starts_with(**opening))?;
        let rest = &self.start()[opening.len()..];
        let sentence = rest.split(['.', '!', '?', ':', '：']).next().unwrap_or_default();
        let of_translating = ANNOUNCES.iter().any(|word| sentence.contains(word));
        if of_translating && !self.source_has(SPEAKS_OF_TRANSLATING) {
            return Some((*opening).to_owned());
        }
        let source = self.source.trim_start_matches(|c: char| !c.is_alphanumeric());
        let announces = rest[sentence.len()..].starts_with([':', '：']) && !self.source.contains([':', '：']);
        (announces && !AGREES.iter().any(|word| source.starts_with(word))).then(|| (*opening).to_owned())
    }

    /// "I'm sorry, but I can't help with that."; a source that apologises for what it refuses is translated so.
    fn refusal(&self) -> Option<String> {
        let start = self.start();
        if let Some(request) = REQUESTS.iter().find(|request| start.contains(**request))
            && !self.source_has(SPEAKS_OF_REQUESTS)
        {
            return Some((*request).to_owned());
        }
        let apology = APOLOGIES.iter().filter(|apology| start.starts_with(**apology)).max_by_key(|a| a.len())?;
        let rest = &start[apology.len()..];
        let at = REFUSALS.iter().filter_map(|refusal| rest.find(refusal)).min()?;
        // But, mas, pero, tapi, tetapi: no more stands between.
        if rest[..at].chars().filter(|c| c.is_alphanumeric()).count() > 6 {
            return None;
        }
        (!self.source_has(APOLOGISES) && !self.source_has(SPEAKS_OF_HELPING)).then(|| start.to_owned())
    }

    fn heading(&self) -> Option<String> {
        let head = self.before_colon(PREAMBLE)?;
        let head = head.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ')' | ']'));
        let named = head.split(" (").next().unwrap_or_default();
        // System: Congratulations, where the source has a head too. A heading over that is one too many.
        let translated = self.source_is_headed() && heads(self.start()) <= heads(&self.source);
        let source_head = self.source.split([':', '：']).next().unwrap_or_default();
        let is_foreign = if PROMPT_HEADINGS.contains(&named) {
            !self.source.contains(named)
        } else if ANSWER_HEADINGS.contains(&named) {
            let of_languages = [SPEAKS_OF_TRANSLATING, NAMES_A_LANGUAGE].concat();
            !(translated && of_languages.iter().any(|word| source_head.contains(word)))
        } else if let Some((_, words)) = CHAT_HEADINGS.iter().find(|(headings, _)| headings.contains(&named)) {
            !(translated || self.source_has(words))
        } else {
            false
        };
        is_foreign.then(|| format!("{head}:"))
    }
}

/// How many short heads with a colon a text opens with: two in "Note: System: hello". 3:15 is none.
fn heads(text: &str) -> usize {
    let mut rest = text;
    let mut count = 0;
    while let Some((head, after)) = rest.split_once([':', '：']) {
        let is_head = head.chars().count() <= HEAD
            && head.chars().any(char::is_alphabetic)
            && !head.contains(['.', '!', '?', '。', '！', '？', '，', ','])
            && !(head.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit()))
            && !after.trim().is_empty();
        if !is_head {
            break;
        }
        count += 1;
        rest = after;
    }
    count
}

/// `1. `, `2)`, `• `: the number of a line in a list.
fn list_mark(judged: &Judged<'_>) -> Option<String> {
    let (text, source) = (judged.text.trim_start(), judged.source.trim_start());
    if let Some(mark) = ['•', '●', '▪'].iter().find(|mark| text.starts_with(**mark) && !source.starts_with(**mark))
    {
        return Some(mark.to_string());
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let mark = rest.chars().next().filter(|c| matches!(c, '.' | ')' | '、'))?;
    let goes_on = rest[mark.len_utf8()..].starts_with(|c: char| c.is_whitespace() || mark == '、');
    let spoken = rest[mark.len_utf8()..].chars().any(char::is_alphanumeric);
    let is_mark = (1..=2).contains(&digits) && goes_on && spoken && !is_counted(judged, source, &text[..digits]);
    is_mark.then(|| text[..digits + mark.len_utf8()].to_owned())
}

/// Does the source say the number itself: 一、, 第一, "Twelve. Why?", 我十五。? A low one must stand at its start: 一 is in
/// every other line.
fn is_counted(judged: &Judged<'_>, source: &str, digits: &str) -> bool {
    const LOW: f64 = 3.0;
    let Ok(number) = digits.parse::<f64>() else { return false };
    let numerals = chinese::numerals(source).into_iter().map(|numeral| (numeral.range.start, numeral.value));
    let figures =
        number_words::figures(source, judged.from).into_iter().map(|figure| (figure.range.start, figure.value));
    source.starts_with(|c: char| c.is_numeric() || "一二三四五六七八九十第".contains(c))
        || numerals.chain(figures).any(|(at, value)| value == number && (at == 0 || number > LOW))
}

/// A direction where the source has none and the glossary wants none.
fn stage_direction(judged: &Judged<'_>) -> Option<String> {
    const MARKS: [char; 7] = ['(', '[', '（', '【', '［', '{', '*'];
    if judged.source.contains(MARKS) {
        return None;
    }
    let decided = judged.matches.iter().flat_map(|found| std::iter::once(&found.target).chain(&found.forms));
    let bracketed = decided.filter(|wording| wording.contains(MARKS));
    let rest = bracketed.fold(judged.text.to_owned(), |text, wording| text.replace(wording.as_str(), " "));
    direction::direction(&rest)
}

/// Is a quotation mark left open that the source does not leave open?
pub(super) fn open_quote(text: &str, source: &str) -> bool {
    let unbalanced = |text: &str| {
        let (mut open, mut before) = (None, ' ');
        for char in text.chars() {
            open = match (char, open) {
                // 5'11" is a length, if no quotation ends there.
                ('"', open) if before.is_ascii_digit() && open != Some('"') => open,
                ('"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』', None) => Some(char),
                ('"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』', Some(_)) => None,
                (_, open) => open,
            };
            before = char;
        }
        open.is_some()
    };
    unbalanced(text) && !unbalanced(source)
}

#[cfg(test)]
mod tests;
