//! From a written line to one that can be spoken: signs become words or go, punctuation becomes what
//! Kokoro knows, and what cannot be said is an error rather than a silence.
//!
//! Does not know phonemes. Plain numbers, ordinals and percentages stay as they are, since the
//! phonemizers read those well.

mod words;

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use words::{LANGUAGES, Words};

/// What the rules here are, as part of the key of every take: raise it with every change that can be heard.
pub(super) const VERSION: u32 = 1;

/// The line as it is to be handed to a phonemizer.
///
/// # Errors
/// Fails if there is nothing to be said in it, or letters of a script that the language does not use.
pub(super) fn speakable(text: &str, language: &Lang) -> Result<String> {
    let words = LANGUAGES.iter().find(|words| words.language == language.primary()).ok_or_else(|| {
        Error::new(Kind::Usage, format!("kokoro does not speak {}", language.name()))
            .hint("choose another engine with --synthesizer (`dubline engines` lists them)")
    })?;
    let clean = clean(text, words);
    if let Some(foreign) = foreign(&clean, words) {
        return Err(Error::new(Kind::Engine, format!("cannot pronounce {foreign:?} in {}", language.name()))
            .hint("correct the line, or add the name to a glossary"));
    }
    let spaced: Vec<&str> = clean.split_whitespace().collect();
    let mut spoken = Vec::with_capacity(spaced.len());
    let mut index = 0;
    while index < spaced.len() {
        let (word, taken) = say(&spaced[index..], words);
        spoken.push(word);
        index += taken.max(1);
    }
    let spoken = spoken.join(" ");
    if !spoken.chars().any(char::is_alphanumeric) {
        return Err(Error::new(Kind::Engine, format!("there is nothing to speak in {text:?}"))
            .hint("correct the line; a line that is only signs has no sound"));
    }
    Ok(spoken)
}

/// Every character becomes one that is spoken or pauses, or goes.
fn clean(text: &str, words: &Words) -> String {
    let mut clean = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    let mut last = ' ';
    while let Some(raw) = chars.next() {
        let c = match raw {
            // Full-width forms, which a model that translates from Chinese likes to keep.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(raw as u32 - 0xfee0).unwrap_or(' '),
            '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' => ' ',
            _ => raw,
        };
        let next = chars.peek().copied().unwrap_or(' ');
        match c {
            '.' if last == '.' || next == '.' => {
                // Two or more stops are an ellipsis, however many there are.
                while chars.next_if_eq(&'.').is_some() {}
                clean.push('…');
            }
            '-' if next == '-' => {
                while chars.next_if_eq(&'-').is_some() {}
                clean.push_str(" — ");
            }
            '-' if last.is_whitespace() && next.is_whitespace() => clean.push('—'),
            '‐' | '‑' | '−' => clean.push('-'),
            '–' if last.is_ascii_digit() && next.is_ascii_digit() => clean.push('-'),
            '–' | '—' | '―' => clean.push_str(" — "),
            '‘' | '’' | '‛' | 'ʼ' | '´' | '`' => clean.push('\''),
            '"' | '„' | '‟' => clean.push('"'),
            '«' | '‹' | '「' | '『' | '《' | '〈' => clean.push('“'),
            '»' | '›' | '」' | '』' | '》' | '〉' => clean.push('”'),
            '[' | '{' | '【' => clean.push('('),
            ']' | '}' | '】' => clean.push(')'),
            '。' => clean.push_str(". "),
            '、' | '|' => clean.push_str(", "),
            // A full stop in Hindi.
            '।' | '॥' => clean.push_str(". "),
            '&' => spell(&mut clean, words.and),
            '@' => spell(&mut clean, words.at),
            '+' => spell(&mut clean, words.plus),
            '=' => spell(&mut clean, words.equals),
            '×' => spell(&mut clean, words.times),
            '#' if next.is_ascii_digit() => spell(&mut clean, words.number),
            '°' | '℃' | '℉' => {
                let _ = chars.next_if(|c| matches!(c, 'C' | 'F'));
                spell(&mut clean, words.degrees);
            }
            '/' => clean.push(if next.is_whitespace() { c } else { ' ' }),
            '_' | '~' | '～' | '•' | '·' => clean.push(' '),
            '“' | '”' | '.' | ',' | ';' | ':' | '!' | '?' | '…' | '(' | ')' | '\'' | '-' | '%' | '$' | '€' | '£'
            | '¥' | '₹' | '₩' => clean.push(c),
            c if c.is_whitespace() => clean.push(' '),
            c if c.is_alphanumeric() || is_mark(c) => clean.push(c),
            // Emoji, music notes, markup, joiners, controls: nothing that is said.
            _ => {}
        }
        last = c;
    }
    clean
}

fn spell(text: &mut String, word: &str) {
    text.push(' ');
    text.push_str(word);
    text.push(' ');
}

/// Marks that belong to the letter before them: accents that stand apart, and Hindi's vowel signs.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{963}')
}

/// The first word with a letter of a script that this language is not written in.
fn foreign<'a>(text: &'a str, words: &Words) -> Option<&'a str> {
    let known = |c: char| {
        !c.is_alphabetic()
            || matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
            || (words.language == "hi" && matches!(c, '\u{900}'..='\u{97f}'))
    };
    text.split_whitespace().find(|word| !word.chars().all(known))
}

/// How the first word is said, and how many words that took.
fn say(text: &[&str], words: &Words) -> (String, usize) {
    let whole = text.first().copied().unwrap_or_default();
    let start = whole.len() - whole.trim_start_matches(['(', '"', '“', '\'']).len();
    let (before, rest) = whole.split_at(start);
    // `{before}{core}{after}`, where `core` keeps a full stop that makes it an abbreviation.
    let core = rest.trim_end_matches([',', ';', ':', '!', '?', '…', ')', '"', '”', '.', '\'']);
    let after = &rest[core.len()..];
    let dotted = &rest[..(core.len() + usize::from(after.starts_with('.')))];
    let wrap = |said: &str, after: &str| format!("{before}{said}{after}");
    if core.is_empty() {
        return (whole.to_owned(), 1);
    }
    if let Some((said, taken, after)) = money(text, core, after, words) {
        return (wrap(&said, &after), taken);
    }
    if let Some(said) = number(core, text.get(1).copied(), words) {
        return (wrap(&said, after), 1);
    }
    for written in [dotted, core] {
        let lower = written.to_lowercase();
        let Some((_, said)) = words.short.iter().find(|(short, _)| *short == lower) else { continue };
        // The stop of an abbreviation also ends a sentence where nothing follows.
        let rest = &rest[written.len()..];
        let rest = if said.ends_with('.') { rest.strip_prefix('.').unwrap_or(rest) } else { rest };
        let stop = if written.ends_with('.') && rest.is_empty() && text.len() == 1 { "." } else { "" };
        return (wrap(said, &format!("{stop}{rest}")), 1);
    }
    (wrap(&natural(core), after), 1)
}

/// `R$ 50`, `$3.5 million`, `20€`: the number, how large, of what.
fn money(text: &[&str], core: &str, after: &str, words: &Words) -> Option<(String, usize, String)> {
    let sign = words.money.iter().find(|(sign, ..)| core.starts_with(sign) || core.ends_with(sign))?;
    let (sign, one, many, parts) = *sign;
    let mut taken = 1;
    let mut after = after.to_owned();
    let mut amount = core.strip_prefix(sign).or_else(|| core.strip_suffix(sign))?;
    if amount.is_empty() {
        // The sign stands apart from its number.
        let next = text.get(1)?;
        amount = next.trim_end_matches([',', ';', ':', '!', '?', '…', ')', '"', '”', '.']);
        after = next[amount.len()..].to_owned();
        taken = 2;
    }
    if !amount.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if after.is_empty()
        && let Some(next) = text.get(taken)
    {
        let scale = next.trim_end_matches([',', ';', ':', '!', '?', '…', ')', '"', '”', '.']);
        let lower = scale.to_lowercase();
        if words.scales.contains(&lower.as_str()) {
            let of = if words.nouns.contains(&lower.as_str()) { words.of } else { " " };
            return Some((format!("{amount} {scale}{of}{many}"), taken + 1, next[scale.len()..].to_owned()));
        }
    }
    let (whole, hundredths) = match amount.rsplit_once(words.marks.1) {
        Some((whole, cents)) if cents.len() == 2 && cents.bytes().all(|b| b.is_ascii_digit()) => (whole, cents),
        _ => (amount, ""),
    };
    let unit = if whole == "1" { one } else { many };
    let mut said = format!("{whole} {unit}");
    if !hundredths.is_empty() && hundredths != "00" {
        said.push_str(&format!(" {} {} {parts}", words.and, hundredths.trim_start_matches('0')));
    }
    Some((said, taken, after))
}

/// Clock times, ranges, telephone numbers, decades and numbers with a unit; `None` for what is read well as it is.
fn number(core: &str, next: Option<&str>, words: &Words) -> Option<String> {
    if !core.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let split = core.find(|c: char| c.is_alphabetic()).unwrap_or(core.len());
    let (figure, letters) = core.split_at(split);
    if let Some((hour, minute)) = figure.split_once(':') {
        if digits(hour) && hour.len() <= 2 && digits(minute) && minute.len() == 2 {
            let half = letters.to_lowercase();
            let halved = matches!(half.as_str(), "am" | "pm")
                || next.is_some_and(|n| matches!(n.to_lowercase().get(..2), Some("am" | "pm" | "a." | "p.")));
            let said = clock(hour, minute, halved, words);
            return Some(if half.is_empty() { said } else { format!("{said} {}", letters.to_uppercase()) });
        }
        return None;
    }
    // `14h30` and `14h`, as Portuguese and French write the hour.
    if words.language != "en"
        && digits(figure)
        && figure.len() <= 2
        && let Some(minute) = core.strip_prefix(figure).and_then(|rest| rest.strip_prefix('h'))
        && (minute.is_empty() || digits(minute) && minute.len() == 2)
    {
        return Some(clock(figure, if minute.is_empty() { "00" } else { minute }, false, words));
    }
    if let Some((from, to)) = core.split_once('-')
        && digits(from)
        && digits(to)
    {
        if from.len() == 3 && to.len() == 4 {
            let apart = |text: &str| text.chars().map(String::from).collect::<Vec<_>>().join(" ");
            return Some(format!("{}, {}", apart(from), apart(to)));
        }
        return Some(format!("{from} {} {to}", words.to));
    }
    if words.language == "en" && letters == "s" && digits(figure) && figure.ends_with('0') {
        return decade(figure);
    }
    if digits(figure) && !letters.is_empty() {
        let unit = letters.to_lowercase();
        let (_, said) = words.short.iter().find(|(short, _)| *short == unit)?;
        return Some(format!("{figure} {said}"));
    }
    None
}

fn clock(hour: &str, minute: &str, halved: bool, words: &Words) -> String {
    let fill =
        |pattern: &str, minute: &str| pattern.replace("{h}", hour.trim_start_matches('0')).replace("{m}", minute);
    let hour_is_night = hour.trim_start_matches('0').is_empty();
    let said = match minute {
        "00" if halved => hour.to_owned(),
        "00" => fill(words.clock.0, ""),
        // An English minute under ten is said with its zero.
        _ if words.language == "en" && minute.starts_with('0') => fill("{h} oh {m}", &minute[1..]),
        _ => fill(words.clock.1, minute.trim_start_matches('0')),
    };
    if hour_is_night { format!("0{said}") } else { said }
}

fn decade(figure: &str) -> Option<String> {
    const TENS: [&str; 8] =
        ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"];
    let (century, tens) = figure.split_at(figure.len() - 2);
    let name = TENS.get(tens.parse::<usize>().ok()?.checked_sub(20)? / 10)?;
    Some(if century.is_empty() { (*name).to_owned() } else { format!("{century} {name}") })
}

/// A word as it is meant: `W-what` is "what", `Nooooo` is "no".
fn natural(core: &str) -> String {
    let mut word = core;
    while let Some((first, rest)) = word.split_once('-') {
        let meant = rest.rsplit('-').next().unwrap_or(rest).to_lowercase();
        let first = first.to_lowercase();
        // "re-release" and "co-conspirator" are words, not stammers.
        let prefix = matches!(first.as_str(), "re" | "co" | "de");
        if prefix || first.chars().count() > 2 || meant == first || !meant.starts_with(&first) {
            break;
        }
        word = rest;
    }
    shorten(word)
}

/// Words in which two equal vowels are meant where three or more are written.
const DOUBLE: &[&str] = &[
    "good", "look", "soon", "cool", "fool", "too", "see", "free", "need", "feel", "keep", "been", "sweet", "deep",
    "sleep", "choose", "room", "food", "moon", "week", "meet", "seen", "really", "took", "book", "blood", "door",
];

/// Three or more equal letters in a row are emphasis: vowels become one, consonants two.
fn shorten(word: &str) -> String {
    let build = |vowels: usize| {
        let mut out = String::with_capacity(word.len());
        let chars: Vec<char> = word.chars().collect();
        let mut index = 0;
        while index < chars.len() {
            let c = chars[index];
            let same = |other: &char| other.to_lowercase().eq(c.to_lowercase());
            let run = chars[index..].iter().take_while(|other| same(other)).count();
            let keep = match run {
                0..=2 => run,
                _ if !c.is_alphabetic() => run,
                _ if "aeiouyáéíóúàâãêôõ".contains(c.to_lowercase().next().unwrap_or(c)) => vowels,
                _ => 2,
            };
            out.extend(&chars[index..index + keep]);
            index += run;
        }
        out
    };
    let double = build(2);
    if DOUBLE.contains(&double.to_lowercase().as_str()) { double } else { build(1) }
}

#[cfg(test)]
mod tests;
