//! Numbers of the source that a translation must say.

use crate::glossary::number::chinese::{self, Numeral};
use crate::glossary::number::idiom::idioms;
use crate::glossary::number::{Figure, words};
use crate::glossary::{EntryKind, Measure, MeasureKind, Unit, measures, overlap};
use crate::verify::Judged;
use std::ops::Range;

/// A number of the source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sure {
    /// Where, in bytes of the source.
    pub(super) range: Range<usize>,
    /// What it can be said as, the number itself first; never empty.
    pub(super) values: Vec<f64>,
    /// What it is in other units.
    pub(super) converted: Vec<f64>,
}

/// Numbers that any right translation says.
pub(super) fn sure(judged: &Judged<'_>) -> Vec<Sure> {
    let source = judged.source;
    // What the glossary words is the glossary's business.
    let worded = judged.matches.iter().filter(|found| found.kind != EntryKind::Ban).map(|found| found.range.clone());
    let idle: Vec<Range<usize>> = worded.collect();
    let free = |range: &Range<usize>| !idle.iter().any(|idle| overlap(idle, range));
    let numbers = match judged.from.primary() {
        "zh" => of_chinese(judged, true),
        "en" => of_english(source, judged),
        _ => of_digits(judged),
    };
    numbers.into_iter().filter(|number| free(&number.range)).collect()
}

/// Every number of the source, sure or not.
pub(super) fn all(judged: &Judged<'_>) -> Vec<Sure> {
    match judged.from.primary() {
        "zh" => of_chinese(judged, false),
        _ => words::figures(judged.source, judged.from).into_iter().map(plain).collect(),
    }
}

fn plain(figure: Figure) -> Sure {
    Sure { range: figure.range, values: vec![figure.value], converted: Vec::new() }
}

fn of_chinese(judged: &Judged<'_>, only_sure: bool) -> Vec<Sure> {
    let text = judged.source;
    let measures = measures(text, judged.to.market());
    let idioms = idioms(text);
    let numerals = chinese::numerals(text);
    let inside = |ranges: &[Range<usize>], at: usize| ranges.iter().any(|range| range.contains(&at));
    let number = |numeral: &Numeral| {
        let measure = measures.iter().find(|measure| measure.range.contains(&numeral.range.start));
        let context = Context { text, numeral, measure };
        if only_sure && (inside(&idioms, numeral.range.start) || !context.is_sure()) {
            return None;
        }
        Some(context.number())
    };
    numerals.iter().filter_map(number).collect()
}

/// A numeral with what stands around it.
struct Context<'a> {
    text: &'a str,
    numeral: &'a Numeral,
    measure: Option<&'a Measure>,
}

/// What follows a numeral in a person's name or rank: 十三爷, 十四皇子.
const PERSON: [&str; 20] = [
    "爷", "弟", "哥", "姐", "妹", "叔", "姨", "少", "娘", "公主", "皇子", "皇叔", "殿下", "王爷", "阿哥", "格格",
    "福晋", "郎", "师", "嫂",
];

impl Context<'_> {
    fn before(&self) -> &str {
        &self.text[..self.numeral.range.start]
    }

    fn after(&self) -> &str {
        &self.text[self.numeral.range.end..]
    }

    fn follows(&self, words: &[&str]) -> bool {
        let after = self.after().trim_start_matches(['个', '個']);
        words.iter().any(|word| after.starts_with(word))
    }

    /// Will every translation say it as a number?
    fn is_sure(&self) -> bool {
        let Numeral { value, arabic, row, vague, ordinal, more, length, .. } = *self.numeral;
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '-' | ':' | '/' | '：'));
        let beside_latin = latin(self.before().chars().next_back()) || latin(self.after().chars().next());
        if vague || ordinal || beside_latin || self.follows(&PERSON) || self.before().ends_with(['老', '阿', '零']) {
            return false;
        }
        if self.share().is_some() {
            return true;
        }
        if row {
            // Of digits in a row only a year is said as one number.
            return length == 4 && self.after().starts_with('年');
        }
        // "More than three hundred" is said in too many ways; large sums are not.
        if more && value < 1000.0 {
            return false;
        }
        let long_enough = if arabic { value >= 3.0 } else { length >= 2 && value >= 11.0 };
        long_enough && !self.is_said_otherwise(value)
    }

    /// Has it a name of its own abroad: noon, December, a week, a quarter of an hour, a half?
    fn is_said_otherwise(&self, value: f64) -> bool {
        let multiple = |of: f64| value % of == 0.0;
        let part =
            || self.after().starts_with("分之") || self.before().ends_with("分之") || self.follows(&["折", "成"]);
        let of_unit = |words: &[&str], of: f64| self.follows(words) && multiple(of);
        part()
            || of_unit(&["天", "日"], 7.0)
            || self.follows(&["天", "日子"]) && [15.0, 30.0, 60.0, 90.0, 100.0, 180.0, 365.0].contains(&value)
            || of_unit(&["小时", "钟头"], 12.0)
            || of_unit(&["分钟", "分", "秒"], 15.0)
            || self.follows(&["分钟", "分", "秒"]) && value >= 60.0
            || of_unit(&["月"], 6.0)
            || self.after().starts_with('月')
            || self.follows(&["点"]) && multiple(12.0)
            || self.after().starts_with(['比', '倍', '线', '代', '辈', '世'])
            || self.before().ends_with('比')
            || self.after().starts_with("世纪")
            || self.follows(&["年"]) && value == 50.0
            || self.measure.is_some_and(|measure| {
                use MeasureKind::{ClockTime, Height, LunarDate, Period, Weekday};
                matches!(measure.kind, ClockTime | Height | LunarDate | Period | Weekday)
            })
    }

    fn number(&self) -> Sure {
        let range = self.numeral.range.clone();
        if let Some(values) = self.share() {
            return Sure { range, values, converted: Vec::new() };
        }
        let mut values = vec![self.numeral.value];
        if self.after().starts_with('年') && self.numeral.value > 1900.0 {
            values.push(self.numeral.value % 100.0);
        }
        if self.follows(&["点"]) && self.numeral.value > 12.0 {
            values.push(self.numeral.value - 12.0);
        }
        let mut converted = Vec::new();
        if let Some(measure) = self.measure {
            if measure.value != self.numeral.value {
                values.insert(0, measure.value);
            }
            values.extend(measure.said.parts.iter().map(|(value, _)| *value));
            converted = conversions(measure.value, measure.unit);
            if measure.unit == Unit::Degree {
                // Where it is said in Fahrenheit.
                converted.push(measure.value * 9.0 / 5.0 + 32.0);
            }
        }
        Sure { range, values, converted }
    }

    /// 三成 is 30 percent, 八折 a fifth off; none where it is not surely one of them.
    fn share(&self) -> Option<Vec<f64>> {
        let value = self.numeral.value;
        let single = (1.0..10.0).contains(&value) && self.numeral.length == 1;
        // A half has too many words.
        if !single || value == 5.0 {
            return None;
        }
        let after = self.after();
        let tenth = after.strip_prefix('成').is_some_and(|rest| {
            rest.chars().next().is_none_or(|c| !c.is_alphanumeric())
                || ["的", "股", "利", "把", "机", "以", "左右", "都"].iter().any(|word| rest.starts_with(word))
        });
        let off = after
            .strip_prefix('折')
            .is_some_and(|rest| !rest.starts_with(['磨', '腾', '騰', '返', '断', '斷', '叠', '扇', '子']));
        let alone = !self.before().ends_with(['完', '变', '做', '第']);
        if tenth && alone {
            Some(vec![value * 10.0, value, value / 10.0])
        } else if off && alone {
            Some(vec![value * 10.0, 100.0 - value * 10.0, value, value / 10.0])
        } else {
            None
        }
    }
}

/// A measure in every unit that it can be turned into.
fn conversions(value: f64, unit: Unit) -> Vec<f64> {
    let Some((dimension, size)) = unit.size() else { return Vec::new() };
    let others = Unit::CONVERTIBLE.iter().filter_map(|other| other.size());
    others.filter(|(other, _)| *other == dimension).map(|(_, other)| value * size / other).collect()
}

/// Words after an English number with which it is said in other ways abroad: units are converted, a day has 24 hours.
const ENGLISH_AFTER: [&str; 37] = [
    "pound",
    "pounds",
    "lbs",
    "feet",
    "foot",
    "mile",
    "miles",
    "inch",
    "inches",
    "acre",
    "acres",
    "ounce",
    "ounces",
    "yard",
    "yards",
    "gallon",
    "gallons",
    "degrees",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "o'clock",
    "o’clock",
    "a.m",
    "p.m",
    "am",
    "pm",
    "times",
];

/// Figures of English that are words: the police, perfect sight, all day long.
const ENGLISH_WORDS: [f64; 8] = [911.0, 101.0, 110.0, 2020.0, 50.0, 100.0, 1000.0, 1e6];

fn of_english(text: &str, judged: &Judged<'_>) -> Vec<Sure> {
    let sure = |figure: &Figure| {
        let said = &text[figure.range.clone()];
        let (before, after) = (&text[..figure.range.start], text[figure.range.end..].trim_start_matches([' ', '-']));
        let digits = said.starts_with(|c: char| c.is_ascii_digit());
        let glued = |c: Option<char>| {
            c.is_some_and(|c| matches!(c, ':' | '/' | '-' | '\'' | '’' | '.') || c.is_ascii_alphanumeric())
        };
        let beside = glued(before.chars().next_back()) || digits && glued(text[figure.range.end..].chars().next());
        // 98.5 and 1,200 go on after their mark; a full stop does not.
        let ends = text[figure.range.end..]
            .strip_prefix('.')
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        let lower = after.to_lowercase();
        let next =
            lower.split(|c: char| c.is_whitespace() || matches!(c, ',' | '!' | '?' | ';')).next().unwrap_or_default();
        let next = next.trim_end_matches('.');
        let said_lower = said.to_lowercase();
        let ordinal = ["th", "st", "nd", "rd", "ties"].iter().any(|end| said_lower.ends_with(end))
            && !said_lower.ends_with("thousand");
        let large_enough = if digits { figure.value >= 3.0 } else { figure.value >= 11.0 };
        large_enough
            && !figure.vague
            && (!beside || ends && !glued(before.chars().next_back()))
            && !ordinal
            // Meio-dia, medianoche: a time of day with a name of its own.
            && !matches!(said_lower.as_str(), "noon" | "midnight")
            && !ENGLISH_AFTER.contains(&next)
            && !ENGLISH_WORDS.contains(&figure.value)
            && next != "century"
            && !said.to_lowercase().ends_with("century")
            && !before.to_lowercase().trim_end().ends_with("twenty-four")
    };
    let figures = words::figures(text, judged.from);
    // Where one number can be read in two ways neither is sure.
    let alone = |figure: &Figure| {
        figures.iter().all(|other| {
            other == figure || other.range.end <= figure.range.start || figure.range.end <= other.range.start
        })
    };
    figures.iter().filter(|figure| sure(figure) && alone(figure)).cloned().map(plain).collect()
}

/// Of other languages only figures of three digits or more are asked for, and those that can be read in one way.
fn of_digits(judged: &Judged<'_>) -> Vec<Sure> {
    let figures = words::figures(judged.source, judged.from);
    let alone = |figure: &Figure| figures.iter().filter(|other| other.range == figure.range).count() == 1;
    let plain_digits = |figure: &Figure| judged.source[figure.range.clone()].chars().all(|c| c.is_ascii_digit());
    let asked = figures.iter().filter(|figure| figure.value >= 100.0 && plain_digits(figure) && alone(figure));
    asked.cloned().map(plain).collect()
}
