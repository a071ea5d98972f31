//! What a file's name tells: its number in the series, and its place among others.
//!
//! Does not know extensions: names come without them.

use crate::glossary::number::chinese;
use std::cmp::Ordering;
use std::collections::HashSet;

/// Words before an episode's number, in the languages of the people who name files.
const BEFORE: &[&str] = &[
    "episode",
    "episodio",
    "episódio",
    "épisode",
    "eps",
    "ep",
    "e",
    "capitulo",
    "capítulo",
    "cap",
    "folge",
    "tập",
    "tap",
    "#",
    "ตอนที่",
    "ตอน",
    "الحلقة",
];

/// What stands after 第…: episode, in the ways that Chinese and Japanese say it.
const AFTER: &[char] = &['集', '话', '話', '回', '期', '章'];

/// The number that a name tells: `S01E04`, `ep04`, `第4集`, `第十二集`, `[04]`, `04`. The numbers of formats
/// (`1080p`, `x264`, `5.1`) and of years are none.
pub fn number(name: &str) -> Option<u32> {
    marked(name).or_else(|| Figures::of(name).likely())
}

/// The numbers of many names, in their order. Where a bare figure is not the same kind of figure in all of them
/// (`10 Days 01`, `10 Days 02`), the reading that tells the names apart is taken.
pub(super) fn numbers(names: &[String]) -> Vec<Option<u32>> {
    let read = |bare: fn(&Figures) -> Option<u32>| -> Vec<Option<u32>> {
        names.iter().map(|name| marked(name).or_else(|| bare(&Figures::of(name)))).collect()
    };
    let likely = read(Figures::likely);
    if differ(&likely) {
        return likely;
    }
    let others: [fn(&Figures) -> Option<u32>; 2] = [Figures::last, Figures::first];
    others.into_iter().map(read).find(|numbers| differ(numbers)).unwrap_or(likely)
}

fn differ(numbers: &[Option<u32>]) -> bool {
    let mut seen = HashSet::new();
    numbers.iter().flatten().all(|number| seen.insert(number))
}

/// A number that a name marks as an episode's.
fn marked(name: &str) -> Option<u32> {
    let chars: Vec<char> = name.to_lowercase().chars().map(narrow).collect();
    season(&chars).or_else(|| in_chinese(&chars)).or_else(|| after_a_word(&chars)).or_else(|| in_brackets(&chars))
}

/// Full-width figures and brackets as ASCII has them.
fn narrow(char: char) -> char {
    match char {
        '！'..='～' => char::from_u32(char as u32 - 0xFEE0).unwrap_or(char),
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        char => char,
    }
}

/// `s01e04`.
fn season(chars: &[char]) -> Option<u32> {
    (0..chars.len()).filter(|at| chars[*at] == 's' && begins(chars, *at)).find_map(|at| {
        let (_, after) = figures(chars, at + 1)?;
        let after = skip(chars, after);
        if chars.get(after) != Some(&'e') {
            return None;
        }
        let (number, end) = figures(chars, skip(chars, after + 1).min(after + 2))?;
        ends(chars, end).then_some(number)
    })
}

/// `第4集`, `第十二集`, and `4集` too.
fn in_chinese(chars: &[char]) -> Option<u32> {
    (0..chars.len()).filter(|at| AFTER.contains(&chars[*at])).find_map(|end| {
        let start = chars[..end].iter().rposition(|char| !is_numeral(*char) && *char != ' ').map_or(0, |at| at + 1);
        let ordinal = start.checked_sub(1).is_some_and(|at| chars[at] == '第');
        let numeral: Vec<char> = chars[start..end].iter().copied().filter(|char| *char != ' ').collect();
        // `一集` without 第 is a count, `4集` is how people shorten an ordinal.
        let plain = numeral.iter().all(char::is_ascii_digit);
        if (ordinal || plain) && !numeral.is_empty() { chinese_number(&numeral) } else { None }
    })
}

fn is_numeral(char: char) -> bool {
    char.is_ascii_digit() || matches!(char, '十' | '百' | '千' | '零' | '〇') || chinese::digit(char).is_some()
}

fn chinese_number(numeral: &[char]) -> Option<u32> {
    let digit = |char: char| char.to_digit(10).or_else(|| chinese::digit(char).map(|value| value as u32));
    let unit = |char: char| match char {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    };
    // A row of digits is read digit by digit: 一二 is 12.
    if numeral.iter().all(|char| unit(*char).is_none()) {
        return numeral.iter().try_fold(0u32, |sum, char| sum.checked_mul(10)?.checked_add(digit(*char)?));
    }
    let (mut sum, mut open) = (0u32, None);
    for &char in numeral {
        match (unit(char), digit(char)) {
            (Some(unit), _) => sum = sum.checked_add(open.take().unwrap_or(1u32).checked_mul(unit)?)?,
            (None, Some(value)) => open = Some(open.unwrap_or(0u32).checked_mul(10)?.checked_add(value)?),
            (None, None) => return None,
        }
    }
    sum.checked_add(open.unwrap_or(0))
}

/// `ep04`, `episode 4`, `e-04`.
fn after_a_word(chars: &[char]) -> Option<u32> {
    BEFORE.iter().find_map(|word| {
        let word: Vec<char> = word.chars().collect();
        (0..chars.len()).rev().find_map(|at| {
            let after = at + word.len();
            if chars.get(at..after) != Some(&word[..]) || !begins(chars, at) {
                return None;
            }
            // One letter only counts where the figure touches it: `type e 4` says nothing.
            let start = if word.len() == 1 { after } else { skip(chars, after) };
            let (number, end) = figures(chars, start)?;
            (ends(chars, end) && !is_format(chars, start, end)).then_some(number)
        })
    })
}

/// `[04]`.
fn in_brackets(chars: &[char]) -> Option<u32> {
    (0..chars.len()).filter(|at| matches!(chars[*at], '[' | '(')).find_map(|at| {
        let (number, end) = figures(chars, at + 1)?;
        let closed = matches!(chars.get(end), Some(']' | ')'));
        (closed && !is_year(number, end - at - 1)).then_some(number)
    })
}

/// Figures in a name that nothing marks.
struct Figures {
    found: Vec<u32>,
    /// Does the name begin with one?
    leads: bool,
}

impl Figures {
    fn of(name: &str) -> Figures {
        let chars: Vec<char> = name.to_lowercase().chars().map(narrow).collect();
        let mut all = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let Some((number, end)) = figures(&chars, at) else {
                // What is too long for a number is passed by as a whole.
                at += chars[at..].iter().take_while(|char| char.is_ascii_digit()).count().max(1);
                continue;
            };
            if !is_format(&chars, at, end) {
                all.push((number, at, is_year(number, end - at)));
            }
            at = end;
        }
        // A year is a number only where there is no other.
        if all.iter().any(|(.., year)| !year) {
            all.retain(|(.., year)| !year);
        }
        let leads = all.first().is_some_and(|(_, at, _)| *at == 0);
        Figures { found: all.into_iter().map(|(number, ..)| number).collect(), leads }
    }

    fn likely(&self) -> Option<u32> {
        if self.leads { self.first() } else { self.last() }
    }

    fn first(&self) -> Option<u32> {
        self.found.first().copied()
    }

    fn last(&self) -> Option<u32> {
        self.found.last().copied()
    }
}

/// A row of at most five figures from `at` on, and where it ends.
fn figures(chars: &[char], at: usize) -> Option<(u32, usize)> {
    let row: String = chars.get(at..)?.iter().take_while(|char| char.is_ascii_digit()).collect();
    if row.is_empty() || row.len() > 5 {
        return None;
    }
    Some((row.parse().ok()?, at + row.len()))
}

fn skip(chars: &[char], at: usize) -> usize {
    at + chars
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|c| matches!(c, ' ' | '.' | '_' | '-' | ':' | '#'))
        .count()
}

/// Does a word begin here?
fn begins(chars: &[char], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| !chars[before].is_ascii_alphanumeric())
}

/// Does no word go on here?  A version (`04v2`) and a final episode (`24end`) may.
fn ends(chars: &[char], at: usize) -> bool {
    let rest: String = chars.get(at..).unwrap_or_default().iter().take_while(|c| c.is_ascii_alphanumeric()).collect();
    rest.is_empty() || matches!(rest.as_str(), "v2" | "v3" | "end" | "fin" | "final")
}

fn is_year(number: u32, length: usize) -> bool {
    length == 4 && (1900..2100).contains(&number)
}

/// Is it the number of a format: `1080p`, `x264`, `1920x1080`, `4k`, `60fps`, `10bit`, `aac2.0`, `mp4`, `v2`?
fn is_format(chars: &[char], start: usize, end: usize) -> bool {
    let before: String = chars[..start].iter().rev().take_while(|c| c.is_ascii_alphabetic()).collect();
    let before: String = before.chars().rev().collect();
    let after: String = chars[end..].iter().take_while(|c| c.is_ascii_alphabetic()).collect();
    let figure = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let number: String = chars[start..end].iter().collect();
    (chars[..start].ends_with(&['h', '.']) && matches!(number.as_str(), "264" | "265" | "266"))
        || matches!(after.as_str(), "p" | "i" | "k" | "fps" | "hz" | "khz" | "bit" | "bits" | "kbps" | "mbps" | "ch" | "mb" | "gb")
        || matches!(before.as_str(), "v" | "ver" | "aac" | "ac" | "eac" | "ddp" | "dd" | "mp" | "av" | "vp" | "hdr" | "h" | "x" | "s" | "season")
        // 1920x1080, and both halves of 5.1 and of 23.976.
        || (after == "x" && figure(Some(end + 1)))
        || (before == "x" && figure(start.checked_sub(2)))
        || (chars.get(end) == Some(&'.') && end - start == 1 && matches!(chars.get(end + 1), Some('0' | '1')) && !figure(Some(end + 2)))
        || (start.checked_sub(1).is_some_and(|dot| chars[dot] == '.') && figure(start.checked_sub(2)) && matches!(number.as_str(), "0" | "1"))
}

/// Natural order: figures by their value (`ep2` before `ep10`, 第三集 before 第十二集), all else by its characters,
/// whatever its case.
pub fn order(a: &str, b: &str) -> Ordering {
    let (left, right) = (pieces(a), pieces(b));
    left.cmp(&right).then_with(|| a.cmp(b))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u128),
    Char(char),
}

fn pieces(text: &str) -> Vec<Piece> {
    let chars: Vec<char> = text.to_lowercase().chars().map(narrow).collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let length = |is: fn(char) -> bool| chars[at..].iter().take_while(|char| is(**char)).count();
        let digits = length(|char| char.is_ascii_digit());
        // Chinese numerals only count as an ordinal: 一 and 三 are parts of many names.
        let chinese = if at > 0 && chars[at - 1] == '第' { length(is_numeral) } else { 0 };
        let end = at + digits.max(chinese);
        let value = match (digits >= chinese, end > at) {
            (_, false) => None,
            (true, true) => chars[at..end].iter().collect::<String>().parse().ok(),
            (false, true) => chinese_number(&chars[at..end]).map(u128::from),
        };
        match value {
            Some(value) => {
                pieces.push(Piece::Number(value));
                at = end;
            }
            None => {
                pieces.push(Piece::Char(chars[at]));
                at += 1;
            }
        }
    }
    pieces
}
