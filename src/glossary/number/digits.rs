//! Numbers in digits, grouped as a language groups them: 98,000,000, 98.000.000, 1,2.
//!
//! Reads the digits of every writing that is dubbed. Does not know words after them.

use super::Figure;
use crate::lang::Lang;
use std::ops::Range;

/// Every number in digits of `text`. One that can be read in two ways (1.200 is a thousand in Spanish, a little
/// more than one in English) stands twice, as the language reads it first.
pub(crate) fn figures(text: &str, language: &Lang) -> Vec<Figure> {
    let mut figures = Vec::new();
    for range in runs(text) {
        let mut figure = |value: f64| figures.push(Figure { range: range.clone(), value, vague: false });
        readings(&text[range.clone()], language).into_iter().for_each(&mut figure);
    }
    figures
}

/// The value of a digit in any writing that is dubbed.
pub(crate) fn digit(char: char) -> Option<u32> {
    // Zero of: ASCII, Arabic, eastern Arabic, Devanagari, Bengali, Thai, Lao, Myanmar, Khmer, full width.
    const ZEROS: [u32; 10] = [0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xED0, 0x1040, 0x17E0, 0xFF10];
    ZEROS.iter().find_map(|zero| (char as u32).checked_sub(*zero).filter(|value| *value < 10))
}

/// Stretches of digits with separators inside, in bytes.
fn runs(text: &str) -> Vec<Range<usize>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_digit = |at: usize| chars.get(at).is_some_and(|(_, c)| digit(*c).is_some());
    let mut runs = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !is_digit(at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while is_digit(end) || (end < chars.len() && separates(chars[end].1) && continues(&is_digit, chars[end].1, end))
        {
            end += 1;
        }
        runs.push(chars[at].0..chars.get(end).map_or(text.len(), |(offset, _)| *offset));
        at = end;
    }
    runs
}

fn separates(char: char) -> bool {
    matches!(char, '.' | ',' | ' ' | '\'' | '’' | '\u{A0}' | '\u{202F}' | '\u{2009}' | '٬' | '٫')
}

/// Does a number go on after the separator at `end`? Spaces and apostrophes only part groups of three.
fn continues(is_digit: &dyn Fn(usize) -> bool, separator: char, end: usize) -> bool {
    match separator {
        '.' | ',' | '٬' | '٫' => is_digit(end + 1),
        // 98 000 000, but not "in 2024 300".
        _ => {
            (1..=3).all(|next| is_digit(end + next))
                && !is_digit(end + 4)
                && !(end >= 4 && (1..=4).all(|back| is_digit(end - back)))
        }
    }
}

/// What a run of digits and separators can mean, the language's own reading first.
fn readings(run: &str, language: &Lang) -> Vec<f64> {
    let number = |text: &str| -> f64 {
        text.chars()
            .filter_map(|c| if matches!(c, '.' | ',' | '٫') { Some('.') } else { char::from_digit(digit(c)?, 10) })
            .collect::<String>()
            .parse()
            .unwrap_or(f64::NAN)
    };
    let marks: Vec<(usize, char)> = run.char_indices().filter(|(_, c)| separates(*c)).collect();
    let Some(&(at, last)) = marks.last() else { return vec![number(run)] };
    let ungrouped = |text: &str| text.replace(separates, "");
    let tail = &run[at + last.len_utf8()..];
    let grouped = number(&ungrouped(run));
    let decimal = number(&format!("{}.{tail}", ungrouped(&run[..at])));
    let same = marks.iter().all(|(_, mark)| *mark == last);
    let groups_of_three = tail.chars().count() == 3;
    let point = matches!(last, '.' | ',' | '٫');
    match (marks.len(), point) {
        // A plain space may part two numbers too.
        (_, false) if last == ' ' => std::iter::once(grouped).chain(run.split(' ').map(number)).collect(),
        (_, false) => vec![grouped],
        // 1,234.56 in any language; 98.000.000 too.
        (2.., true) if !same => vec![decimal],
        (2.., true) if groups_of_three => vec![grouped],
        // 12.3.2024 is a date.
        (2.., true) => run.split(separates).map(number).collect(),
        _ if !groups_of_three => vec![decimal],
        _ if (last == ',') == groups_with_comma(language) => vec![grouped, decimal],
        _ => vec![decimal, grouped],
    }
}

/// Does the language write 1,000 rather than 1.000?
pub(super) fn groups_with_comma(language: &Lang) -> bool {
    // Unicode CLDR 45, numbering of each locale: Latin America writes Spanish as English does, but for
    // Argentina, Chile, Colombia and others; a point is what most of its speakers read.
    matches!(language.primary(), "en" | "zh" | "ja" | "ko" | "th" | "hi" | "ar" | "he" | "ms" | "bn" | "ta" | "te")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, language: &str) -> Vec<f64> {
        figures(text, &language.parse().unwrap()).into_iter().map(|figure| figure.value).collect()
    }

    #[test]
    fn digits_are_read_as_the_language_groups_them() {
        assert_eq!(values("98,000,000 bucks", "en"), [98e6]);
        assert_eq!(values("98.000.000 de reais", "pt"), [98e6]);
        assert_eq!(values("R$ 1.234,50", "pt"), [1234.5]);
        assert_eq!(values("$1,234.50", "en"), [1234.5]);
        assert_eq!(values("1.200", "es")[0], 1200.0);
        assert_eq!(values("1.2 billion", "en"), [1.2]);
        assert_eq!(values("1,2 bilhão", "pt"), [1.2]);
        assert_eq!(values("98 000 000", "fr")[0], 98e6);
        assert_eq!(values("98\u{202F}000\u{202F}000 euros", "fr"), [98e6]);
        assert_eq!(values("in 2024 300 came", "en"), [2024.0, 300.0]);
        assert_eq!(values("25,000 and 3.500", "en"), [25_000.0, 25.0, 3.5, 3500.0]);
    }

    #[test]
    fn digits_of_every_writing_count() {
        assert_eq!(values("٢٨ سنة", "ar"), [28.0]);
        assert_eq!(values("๙๘ ล้าน", "th"), [98.0]);
        assert_eq!(values("२८ साल", "hi"), [28.0]);
        assert_eq!(values("９８", "ja"), [98.0]);
    }

    #[test]
    fn a_full_stop_ends_a_number_and_dates_are_three() {
        assert_eq!(values("I am 28. You are 30, right?", "en"), [28.0, 30.0]);
        assert_eq!(values("12.3.2024", "de"), [12.0, 3.0, 2024.0]);
        assert!(values("no digits", "en").is_empty());
    }
}
