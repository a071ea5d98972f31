//! Times of the day and days of the week: 下午三点, 八点半, 九点一刻, 周三, 礼拜天.

use super::{Measure, MeasureKind, Said, Unit};
use crate::glossary::number::chinese::{self, Numeral};
use crate::glossary::number::idiom::idioms;

/// Words for parts of the day before a time; the time is then after noon, or not.
const PARTS: &[(&str, bool)] = &[
    ("凌晨", false),
    ("早上", false),
    ("早晨", false),
    ("上午", false),
    ("清晨", false),
    ("今早", false),
    ("明早", false),
    ("中午", true),
    ("下午", true),
    ("傍晚", true),
    ("晚上", true),
    ("今晚", true),
    ("明晚", true),
    ("昨晚", true),
    ("夜里", true),
];

/// Words before a bare 三点 that make it a time.
const BEFORE: &[&str] = &[
    "今天", "明天", "后天", "昨天", "半夜", "深夜", "每天", "等到", "睡到", "忙到", "已经", "现在", "都", "才", "在",
    "约好",
];

/// Words after a bare 三点 that make it a time.
const AFTER: &[&str] =
    &["钟", "鐘", "整", "前", "之前", "以前", "后", "之后", "见", "到", "开始", "出发", "开会", "了"];

/// Words after 点 with which it is a point or a bit of something.
const NO_TIME: &[&str] = &[
    "建议", "意见", "要求", "理由", "原因", "经验", "水", "心", "钱", "东西", "道理", "滴", "名", "头", "儿", "也",
    "都", "点", "五个", "五亿", "五万", "五倍", "击", "评", "赞", "燃", "菜",
];

/// Every time of the day and day of the week of `text`.
pub(super) fn times(text: &str) -> Vec<Measure> {
    let idioms = idioms(text);
    let numerals = chinese::numerals(text);
    let exact = |n: &&Numeral| !n.vague && !n.row && !n.ordinal && !idioms.iter().any(|i| i.contains(&n.range.start));
    let clock = numerals.iter().filter(exact).filter_map(|numeral| time(text, numeral, &numerals));
    clock.chain(weekdays(text)).collect()
}

fn time(text: &str, numeral: &Numeral, all: &[Numeral]) -> Option<Measure> {
    let hour = numeral.value;
    let after = text[numeral.range.end..].strip_prefix(['点', '點'])?;
    (hour.fract() == 0.0 && (0.0..=24.0).contains(&hour)).then_some(())?;
    (!NO_TIME.iter().any(|word| after.starts_with(word))).then_some(())?;
    let mut end = text.len() - after.len();
    let before = &text[..numeral.range.start];
    let part = PARTS.iter().find(|(word, _)| before.ends_with(word));
    let mut minute = None;
    if let Some(rest) = after.strip_prefix('半') {
        (minute, end) = (Some(30.0), text.len() - rest.len());
    } else if let Some(next) = all.iter().find(|next| next.range.start == end && !next.large && !next.more) {
        let rest = &text[next.range.end..];
        let unit = ["刻", "分"].iter().find(|word| rest.starts_with(**word));
        (minute, end) = match unit {
            Some(&"刻") => (Some(next.value * 15.0), next.range.end + "刻".len()),
            Some(unit) => (Some(next.value), next.range.end + unit.len()),
            // 九点十五, 九点零五; 三点五 is a figure.
            None if next.length >= 2 && next.value < 60.0 => (Some(next.value), next.range.end),
            None => return None,
        };
        (minute? < 60.0).then_some(())?;
    }
    let meant = minute.is_some()
        || part.is_some()
        || AFTER.iter().any(|word| after.starts_with(word))
        || BEFORE.iter().any(|word| before.ends_with(word)) && hour > 1.0
        || numeral.length >= 2 && after.chars().next().is_none_or(|c| !c.is_alphanumeric());
    meant.then_some(())?;
    end += ["钟", "鐘", "整"].iter().find(|word| text[end..].starts_with(**word)).map_or(0, |word| word.len());
    let start = numeral.range.start - part.map_or(0, |(word, _)| word.len());
    // 晚上十二点 is midnight, 中午十一点 still before noon.
    let said_hour = match part {
        Some(("中午", _)) if hour >= 10.0 => hour,
        Some(("晚上" | "夜里" | "今晚" | "明晚" | "昨晚", _)) if hour == 12.0 => 24.0,
        Some(("夜里", _)) if hour < 6.0 => hour,
        Some((_, true)) if hour < 12.0 => hour + 12.0,
        _ => hour,
    };
    let minute = minute.unwrap_or(0.0);
    Some(Measure {
        range: start..end,
        kind: MeasureKind::ClockTime,
        value: hour + minute / 60.0,
        unit: Unit::ClockHour,
        more: numeral.more,
        said: Said { parts: vec![(said_hour, Unit::ClockHour), (minute, Unit::ClockMinute)], about: false },
    })
}

fn weekdays(text: &str) -> Vec<Measure> {
    let words = ["周", "週", "星期", "礼拜", "禮拜"];
    let mut found = Vec::new();
    for word in words {
        for (at, _) in text.match_indices(word) {
            let mut after = text[at + word.len()..].chars();
            let day = match (after.next(), word) {
                // 周天 is a word of its own.
                (Some('天'), "周" | "週") => continue,
                (Some(c), _) => match "一二三四五六日天".chars().position(|day| day == c) {
                    Some(day) => (day + 1).min(7) as f64,
                    None => continue,
                },
                (None, _) => continue,
            };
            let before = text[..at].trim_end_matches(['个', '個']).chars().next_back();
            // 一周三次 and 两个星期一次 count; 下个星期一 does not.
            let counted = before.is_some_and(|c| chinese::digit(c).is_some() || "十几幾".contains(c));
            let counts = after.next().is_some_and(|c| "次个個天年回场場顿頓遍趟岁歲周百千万十".contains(c));
            if counted || counts {
                continue;
            }
            let end = at + word.len() + "一".len();
            found.push(Measure {
                range: at..end,
                kind: MeasureKind::Weekday,
                value: day,
                unit: Unit::Weekday,
                more: false,
                said: Said { parts: vec![(day, Unit::Weekday)], about: false },
            });
        }
    }
    found
}
