//! Breaks text into lines, where its language may be broken and where it reads best.
//!
//! Pure. Languages without spaces are broken between characters; words are not looked up in a
//! dictionary, so that a Thai or Chinese word may be parted where no mark offers a better place.
//! Does not know times.

use super::limits::{MOST_LINES, limits};
use crate::lang::Lang;
use unicode_width::UnicodeWidthStr;

/// Marks that never begin a line, and marks that never end one.
const CLOSING: &str = "，。！？；：、…—～·）》」』】〉”’,.!?;:)]}%％々ーっゃゅょッャュョะาำๅๆฯ";
const OPENING: &str = "（《「『【〈“‘([{¿¡$￥เแโใไ";

/// Text in lines of at most `max_chars` characters. Two lines are balanced, the first one rather the
/// shorter; longer text fills as many lines as it needs. Where a language is written in full
/// width a half-width character counts half. Line breaks in `text` are taken as spaces.
pub fn wrap(text: &str, language: &Lang, max_chars: usize) -> Vec<String> {
    let text = flat(text, language);
    let limit = columns(language, max_chars);
    if width(&text) <= limit {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let breaks = breaks(&text, language);
    if let Some(at) = best_in_two(&text, &breaks, limit) {
        return vec![text[..at].trim_end().to_owned(), text[at..].trim_start().to_owned()];
    }
    fill(&text, &breaks, limit)
}

/// Does the text fit the most lines that are shown at once?
pub(super) fn fits(text: &str, language: &Lang, max_chars: usize) -> bool {
    wrap(text, language, max_chars).len() <= MOST_LINES
}

/// The byte position nearest to `share` of the text's width where a part of it may end; a sentence's
/// or a clause's end is worth some distance. None where the text cannot be parted.
pub(super) fn part_at(text: &str, language: &Lang, share: f64) -> Option<usize> {
    let total = width(text) as f64;
    let cost = |at: &usize| (width(&text[..*at]) as f64 / total - share).abs() - worth(text, *at) * 0.5;
    breaks(text, language).into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))
}

/// One line: no line breaks, and no space where the language has none.
pub fn flat(text: &str, language: &Lang) -> String {
    let mut flat = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let joined = latin(flat.chars().next_back()) && latin(line.chars().next());
        if !flat.is_empty() && (!language.is_spaceless() || language.primary() == "th" || joined) {
            flat.push(' ');
        }
        flat.push_str(line);
    }
    flat
}

/// Columns that a text takes; a full-width character takes two.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Columns that so many characters of a language take.
pub fn columns(language: &Lang, max_chars: usize) -> usize {
    max_chars.max(1) * if limits(language).wide { 2 } else { 1 }
}

/// Byte positions where a line may end, in order; neither the start nor the end of the text.
fn breaks(text: &str, language: &Lang) -> Vec<usize> {
    let mut found = Vec::new();
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let Some(last) = before.replace(c) else { continue };
        let space = last.is_whitespace() && !c.is_whitespace();
        let alphabetic = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '’' | '-' | '.');
        let one_word = alphabetic(last) && alphabetic(c);
        let between = language.is_spaceless()
            && !last.is_whitespace()
            && !c.is_whitespace()
            && !one_word
            // A mark that takes no room belongs to the character before it.
            && unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) > 0;
        if (space || between) && !CLOSING.contains(c) && !OPENING.contains(last) {
            found.push(at);
        }
    }
    found
}

/// How good a place `at` is to stop reading for a moment, as a share of the text's width.
fn worth(text: &str, at: usize) -> f64 {
    let before = text[..at].trim_end();
    match before.chars().next_back() {
        Some('。' | '！' | '？' | '.' | '!' | '?' | '…' | '؟' | '।') => 0.45,
        Some(',' | '，' | '、' | ';' | '；' | ':' | '：' | '—' | '–' | '،') => 0.3,
        _ => 0.0,
    }
}

/// The break that makes two lines that fit and look alike.
fn best_in_two(text: &str, breaks: &[usize], limit: usize) -> Option<usize> {
    let total = width(text) as f64;
    let cost = |at: usize| {
        let first = width(text[..at].trim_end()) as f64;
        let second = width(text[at..].trim_start()) as f64;
        // The longer line below reads better and hides less of the picture.
        let top_heavy = if first > second { 0.03 } else { 0.0 };
        (first - second).abs() / total - worth(text, at) + top_heavy
    };
    let both_fit = |at: &usize| width(text[..*at].trim_end()) <= limit && width(text[*at..].trim_start()) <= limit;
    breaks.iter().copied().filter(both_fit).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
}

/// As many lines as it takes, each as full as it can be; a word that is longer than a line is parted.
fn fill(text: &str, breaks: &[usize], limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        if width(rest) <= limit {
            lines.push(rest.trim().to_owned());
            break;
        }
        let fitting = |at: &&usize| **at > start && width(text[start..**at].trim_end()) <= limit;
        let end = breaks.iter().rev().find(fitting).copied().unwrap_or_else(|| start + hard_break(rest, limit));
        lines.push(text[start..end].trim().to_owned());
        start = end;
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// The longest run of whole characters that fits, at least one.
fn hard_break(text: &str, limit: usize) -> usize {
    let first = text.chars().next().map_or(text.len(), char::len_utf8);
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.take_while(|end| width(&text[..*end]) <= limit).last().unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, tag: &str, max: usize) -> Vec<String> {
        wrap(text, &tag.parse().unwrap(), max)
    }

    #[test]
    fn short_text_is_one_line() {
        assert_eq!(wrapped("Mr. Gu, she left.", "en", 42), ["Mr. Gu, she left."]);
        assert!(wrapped("  ", "en", 42).is_empty());
    }

    #[test]
    fn two_lines_are_balanced_and_break_after_marks() {
        assert_eq!(
            wrapped("I told you a hundred times, you never listen to me.", "en", 42),
            ["I told you a hundred times,", "you never listen to me."]
        );
        assert_eq!(
            wrapped("What he wanted was to take the whole company away", "en", 42),
            ["What he wanted was to take", "the whole company away"].map(str::to_owned)
        );
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_a_closing_mark() {
        assert_eq!(
            wrapped("你以为你是谁？没有我们顾家你什么都不是！", "zh", 16),
            ["你以为你是谁？", "没有我们顾家你什么都不是！"]
        );
        for line in wrapped("他说《红楼梦》是一本好书，“真的很好”，所以我买了AutoCut软件。", "zh", 8)
        {
            assert!(!line.starts_with(['，', '》', '”', '。']) && !line.ends_with(['《', '“']), "{line}");
            assert!(width(&line) <= 16, "{line}");
        }
    }

    #[test]
    fn half_width_characters_count_half_in_wide_scripts() {
        assert_eq!(wrapped("AutoCut 2026 demo, 你好", "zh", 16).len(), 1);
    }

    #[test]
    fn thai_marks_stay_with_their_letter() {
        let text = "ฉันไม่รู้ว่าทำไมเขาถึงไม่กลับบ้านเมื่อคืนนี้และไม่โทรมาหาฉันเลย";
        let lines = wrapped(text, "th", 20);
        assert_eq!(lines.concat(), text);
        for line in lines {
            assert!(width(&line) <= 20);
            let first = line.chars().next().unwrap();
            assert!(unicode_width::UnicodeWidthChar::width(first).unwrap_or(0) > 0, "{line}");
        }
    }

    #[test]
    fn long_text_fills_lines_and_long_words_are_parted() {
        let lines = wrapped(&"word ".repeat(40), "en", 42);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line) <= 42));
        assert_eq!(lines.join(" "), "word ".repeat(40).trim());
        assert_eq!(wrapped("Donaudampfschifffahrt", "de", 8).concat(), "Donaudampfschifffahrt");
    }

    #[test]
    fn lines_are_joined_as_the_language_writes() {
        let zh = "zh".parse().unwrap();
        assert_eq!(flat("你好\n世界", &zh), "你好世界");
        assert_eq!(flat("Hello\n world ", &"en".parse().unwrap()), "Hello world");
        assert_eq!(flat("用 Auto\nCut", &zh), "用 Auto Cut");
    }
}
