//! Days of the lunar calendar: 正月初一, 腊月二十三, 大年三十, 初五, 八月十五.
//!
//! A month and a day without 初 are lunar only where everybody takes them so: 三月十五 is as often the fifteenth
//! of March.

use super::{Measure, MeasureKind, Said, Unit};

/// Characters of the days' and months' numbers.
const DIGITS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/// Months with a name of their own.
const NAMED: [(&str, u32); 5] = [("正月", 1), ("冬月", 11), ("腊月", 12), ("臘月", 12), ("大年", 1)];

/// Days by number that everybody takes as lunar: the Lantern, Ghost and Mid-Autumn Festivals.
const KNOWN: [(u32, u32); 3] = [(1, 15), (7, 15), (8, 15)];

/// Every lunar date of `text`.
pub(super) fn dates(text: &str) -> Vec<Measure> {
    let mut dates: Vec<Measure> = Vec::new();
    for (at, _) in text.char_indices() {
        if dates.last().is_some_and(|date| date.range.end > at) {
            continue;
        }
        let date = named(text, at).or_else(|| numbered(text, at)).or_else(|| alone(text, at));
        dates.extend(date);
    }
    dates
}

/// 腊月二十三, 正月初一, 大年三十.
fn named(text: &str, at: usize) -> Option<Measure> {
    let (name, month) = NAMED.iter().find(|(name, _)| text[at..].starts_with(name))?;
    let day_at = at + name.len();
    // 大年三十 is the last day of the old year.
    let eve = *name == "大年" && text[day_at..].starts_with("三十");
    let (day, end) = if eve { (30, day_at + "三十".len()) } else { day(text, day_at)? };
    (eve || *name != "大年" || text[day_at..].starts_with('初')).then_some(())?;
    Some(measure(at..end, if eve { 12 } else { *month }, day))
}

/// 五月初五, 八月十五.
fn numbered(text: &str, at: usize) -> Option<Measure> {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| DIGITS.contains(&c) || c.is_numeric()) {
        return None;
    }
    let (month, month_end) = number(text, at)?;
    let day_at = month_end + text[month_end..].strip_prefix('月').map(|_| '月'.len_utf8())?;
    (1..=12).contains(&month).then_some(())?;
    let (day, end) = day(text, day_at)?;
    let lunar = text[day_at..].starts_with('初') || KNOWN.contains(&(month, day));
    lunar.then(|| measure(at..end, month, day))
}

/// 初五 without a month: of the New Year, or of any month.
fn alone(text: &str, at: usize) -> Option<Measure> {
    text[at..].starts_with('初').then_some(())?;
    let (day, end) = day(text, at)?;
    let before = &text[..at];
    let of_month = ["这个月", "下个月", "上个月", "每月", "本月", "月"].iter().any(|word| before.ends_with(word));
    // 初一, 初二 and 初三 are more often classes of a school.
    let new_year = ["拜年", "回娘家", "迎财神", "开工", "破五"].iter().any(|word| text[end..].starts_with(word));
    (day >= 4 || of_month || new_year).then(|| measure(at..end, 0, day))
}

fn measure(range: std::ops::Range<usize>, month: u32, day: u32) -> Measure {
    let mut parts = vec![(f64::from(day), Unit::LunarDay)];
    if month > 0 {
        parts.insert(0, (f64::from(month), Unit::LunarMonth));
    }
    Measure {
        range,
        kind: MeasureKind::LunarDate,
        value: f64::from(day),
        unit: Unit::LunarDay,
        more: false,
        said: Said { parts, about: false },
    }
}

/// The day at `at` and where it ends: 初五, 十五, 二十三, 廿三, 三十.
fn day(text: &str, at: usize) -> Option<(u32, usize)> {
    let (day, end) = match text[at..].strip_prefix('初') {
        Some(_) => {
            let (day, end) = number(text, at + '初'.len_utf8())?;
            (day <= 10).then_some((day, end))?
        }
        None => {
            let (day, end) = number(text, at)?;
            (11..=30).contains(&day).then_some((day, end))?
        }
    };
    // 十五号 is a day of the sun's calendar, 十五天 a count, 初一级 and 初二班 are classes.
    let other = text[end..]
        .starts_with(['号', '號', '日', '天', '年', '个', '個', '级', '級', '班', '中', '次', '岁', '块', '万']);
    (!other).then_some((day, end))
}

/// A Chinese number from 1 to 39 at `at`, and where it ends.
fn number(text: &str, at: usize) -> Option<(u32, usize)> {
    let digit = |c: char| DIGITS.iter().position(|d| *d == c).map(|i| i as u32 + 1);
    let mut chars = text[at..].char_indices().peekable();
    let (_, first) = chars.next()?;
    let mut end = at + first.len_utf8();
    let mut value = if first == '廿' { 20 } else { digit(first)? };
    if value < 10
        && let Some((offset, '十')) = chars.peek().copied()
    {
        value *= 10;
        end = at + offset + '十'.len_utf8();
        chars.next();
    }
    if value >= 10
        && value % 10 == 0
        && let Some((offset, c)) = chars.peek().copied()
        && let Some(ones) = digit(c).filter(|ones| *ones < 10)
    {
        value += ones;
        end = at + offset + c.len_utf8();
    }
    Some((value, end))
}
