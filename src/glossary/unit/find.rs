//! Counts with a unit after them: 两百斤, 一米八, 三块五, 虚岁二十.

use super::table::{ROWS, Row};
use super::{Measure, MeasureKind, Unit, market};
use crate::glossary::number::chinese::{self, Numeral};
use crate::glossary::number::idiom::idioms;

/// Every count with a unit.
pub(super) fn counted(text: &str, market: &str) -> Vec<Measure> {
    let idioms = idioms(text);
    let idle = |at: usize| idioms.iter().any(|idiom| idiom.contains(&at));
    let numerals = chinese::numerals(text);
    let exact = numerals.iter().filter(|numeral| !numeral.vague && !numeral.row && !numeral.ordinal);
    let whole = exact.filter_map(|numeral| Count::of(text, numeral, &numerals));
    let halves = text.match_indices('半').filter_map(|(at, _)| Count::half(text, at));
    let counts = whole.chain(halves).filter(|count| !idle(count.start));
    counts.map(|count| count.measure(market)).collect()
}

/// A numeral with the unit that was found after it.
struct Count {
    start: usize,
    end: usize,
    value: f64,
    more: bool,
    kind: MeasureKind,
    unit: Unit,
}

impl Count {
    fn of(text: &str, numeral: &Numeral, all: &[Numeral]) -> Option<Count> {
        let (start, mut end) = (numeral.range.start, numeral.range.end);
        let before = &text[..start];
        let mut value = numeral.value;
        let mut more = numeral.more;
        if let Some(rest) = text[end..].strip_prefix(['来', '來']) {
            (more, end) = (true, text.len() - rest.len());
        }
        end += leading(&text[end..], &["个", "個"]);
        // 三个半时辰.
        let half = leading(&text[end..], &["半"]);
        if half > 0 && unit_at(&text[end + half..]).is_some() {
            (value, end) = (value + 0.5, end + half);
        }
        if let Some(found) = ounces(text, numeral) {
            return Some(Count { value, more, ..found });
        }
        let Some((row, length)) = unit_at(&text[end..]) else {
            // 虚岁二十: the unit stands before.
            let nominal = ["虚岁", "虛歲", "虚", "虛"].iter().find(|word| before.ends_with(**word))?;
            let (kind, unit) = (MeasureKind::NominalAge, Unit::Year);
            return Some(Count { start: start - nominal.len(), end: numeral.range.end, value, more, kind, unit });
        };
        end += length;
        let mut kind = row.kind;
        let mut from = start;
        if kind == MeasureKind::Age && ["虚", "虛"].iter().any(|word| before.ends_with(*word)) {
            (kind, from) = (MeasureKind::NominalAge, start - '虚'.len_utf8());
        }
        if !is_meant(row, numeral, before, &text[end..]) {
            return None;
        }
        if row.tenths {
            (value, end) = with_tenths(text, value, end, all);
        }
        // 三斤半, 三块半.
        let half = leading(&text[end..], &["半"]);
        if half > 0 && !text[end + half..].starts_with(['个', '個', '天', '年', '夜', '路']) {
            (value, end) = (value + 0.5, end + half);
        }
        more |= leading(&text[end..], &["多", "出头"]) > 0;
        if is_height(row, value, numeral) {
            kind = MeasureKind::Height;
        }
        Some(Count { start: from, end, value: value * row.each, more, kind, unit: row.unit })
    }

    /// Half a measure: 半斤, 半里, 半个时辰.
    fn half(text: &str, at: usize) -> Option<Count> {
        let mut end = at + '半'.len_utf8();
        // A numeral or a unit before it has taken it: 三个半时辰, 三斤半.
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| chinese::digit(c).is_some() || "十百千万亿个個斤里尺块".contains(c)) {
            return None;
        }
        end += leading(&text[end..], &["个", "個"]);
        let (row, length) = unit_at(&text[end..])?;
        let halved =
            [Unit::Jin, Unit::Kilogram, Unit::Li, Unit::Kilometre, Unit::Metre, Unit::Chi, Unit::Mu, Unit::Shichen];
        halved.contains(&row.unit).then_some(())?;
        Some(Count { start: at, end: end + length, value: 0.5, more: false, kind: row.kind, unit: row.unit })
    }

    fn measure(self, market: &str) -> Measure {
        let Count { start, end, value, more, kind, unit } = self;
        // 0.1 × 3 is no round number in binary.
        let value = (value * 1e6).round() / 1e6;
        Measure { range: start..end, kind, value, unit, more, said: market::said(kind, value, unit, market) }
    }
}

fn leading(text: &str, words: &[&str]) -> usize {
    words.iter().find(|word| text.starts_with(**word)).map_or(0, |word| word.len())
}

/// The unit at the start of `text`, and its length.
fn unit_at(text: &str) -> Option<(&'static Row, usize)> {
    let here = ROWS.iter().filter(|row| text.starts_with(row.word));
    let row = here.max_by_key(|row| row.word.len())?;
    let after = &text[row.word.len()..];
    (!row.not_before.iter().any(|word| after.starts_with(word))).then_some((row, row.word.len()))
}

/// Is the word after the numeral the unit, and no measure word or other word?
fn is_meant(row: &Row, numeral: &Numeral, before: &str, after: &str) -> bool {
    let ends = |words: &[&str]| words.iter().any(|word| before.ends_with(word));
    let follows = |words: &[&str]| words.iter().any(|word| after.starts_with(word));
    let closed =
        after.chars().next().is_none_or(|c| !c.is_alphanumeric()) || follows(&["的", "了", "吧", "吗", "呢", "啊"]);
    match row.word {
        // 一块 is "together" or "a piece"; 五百块 is money.
        "块" | "塊" => {
            let tenths = after.chars().next().is_some_and(|c| chinese::digit(c).is_some()) || after.starts_with('半');
            numeral.value >= 100.0 || numeral.value >= 10.0 && closed || numeral.value > 1.0 && tenths
        }
        "元" => numeral.value >= 2.0 || closed,
        "毛" => numeral.value < 10.0 && closed,
        "平" => numeral.value >= 10.0 && (closed || follows(&["米", "大", "房", "左右", "豪"])),
        "里" => closed || follows(&["地", "路", "外", "之外", "开外", "長", "长", "远", "遠", "山", "水", "坡"]),
        "度" => {
            ends(&[
                "零下",
                "零上",
                "摄氏",
                "烧到",
                "烧到了",
                "高烧",
                "烧",
                "發燒",
                "体温",
                "温度",
                "气温",
                "室温",
                "热到",
            ]) || follows(&["高温", "高烧", "的高烧", "的高温", "的水", "的天"])
        }
        "周" => numeral.value <= 60.0,
        "克" => numeral.value >= 2.0,
        _ => true,
    }
}

/// 二两酒 is a weight, 五百两银子 is money; any other 两 is a two.
fn ounces(text: &str, numeral: &Numeral) -> Option<Count> {
    let after = &text[numeral.range.end..];
    let taken = leading(after, &["两", "兩"]);
    let what = &after[taken..];
    let starts = |words: &[&str]| words.iter().any(|word| what.starts_with(word));
    (taken > 0).then_some(())?;
    let (kind, unit) = if starts(&["银", "銀", "白银", "白銀", "黄金", "黃金", "纹银", "紋銀", "金子"])
    {
        (MeasureKind::Money, Unit::Tael)
    } else if starts(&["酒", "肉", "饭", "飯", "茶", "面", "麵", "米", "药", "藥", "重", "白酒"])
        && numeral.value < 100.0
    {
        (MeasureKind::Weight, Unit::Liang)
    } else if numeral.value >= 100.0 {
        (MeasureKind::Money, Unit::Tael)
    } else {
        return None;
    };
    let (start, end) = (numeral.range.start, numeral.range.end + taken);
    Some(Count { start, end, value: numeral.value, more: numeral.more, kind, unit })
}

/// 一米八, 一米七五, 三块五: the digits after the unit count its tenths and hundredths.
fn with_tenths(text: &str, value: f64, end: usize, all: &[Numeral]) -> (f64, usize) {
    let next = all.iter().find(|numeral| numeral.range.start == end && !numeral.large && numeral.value < 100.0);
    let Some(next) = next.filter(|next| value.fract() == 0.0 && next.length <= 2 && !text[end..].starts_with('十'))
    else {
        return (value, end);
    };
    let after = &text[next.range.end..];
    // 三块五毛; but 一米三个人 and 三斤五两 count something else.
    let coin = leading(after, &["毛钱", "毛", "角"]);
    let counts = coin == 0
        && after.starts_with(|c: char| "个個人年月天岁斤两兩里只条位次块塊张張套名点點分十百千万".contains(c));
    if counts && next.row {
        // 三块五一斤: the second digit counts what follows.
        let first = text[end..].chars().next().unwrap_or_default();
        return (value + chinese::digit(first).unwrap_or_default() / 10.0, end + first.len_utf8());
    }
    if counts {
        return (value, end);
    }
    let places = if next.length == 1 { 10.0 } else { 100.0 };
    (value + next.value / places, next.range.end + coin)
}

/// Is a length as tall as a person: 一米八, 1.75米, 一百八十公分?
fn is_height(row: &Row, value: f64, numeral: &Numeral) -> bool {
    match row.unit {
        Unit::Metre => (1.3..2.3).contains(&value) && (value.fract() != 0.0 || numeral.value.fract() != 0.0),
        Unit::Centimetre => (140.0..215.0).contains(&value),
        _ => false,
    }
}
