//! Is every sure number of the source in the translation, as figure or word?
//!
//! Few alarms, and those right: a number that a translator may well say in another way (a day for 24 hours, a
//! hundred times, one, two) is not asked for. What counts as sure is [`source`]'s; the translation is read
//! generously.

mod source;

use super::{Flaw, FlawKind, Judged};
use crate::glossary::number::{chinese, words};
use source::Sure;

/// A number of three digits or more may be rounded by this share: 九千八百万 is nearly a hundred million.
const ROUNDING: f64 = 0.03;
/// A measure in other units may be rounded by this share: 两百斤 is 220 pounds, or two hundred.
const CONVERTING: f64 = 0.12;

/// Sure numbers of the source that the translation does not say.
pub(super) fn flaws(judged: &Judged<'_>) -> Vec<Flaw> {
    let sure = source::sure(judged);
    if sure.is_empty() {
        return Vec::new();
    }
    let said = said(judged);
    let mut missing: Vec<&Sure> =
        sure.iter().filter(|number| !said.iter().any(|said| is_said(number, *said))).collect();
    // A number that stands twice in the source is missed once.
    missing.dedup_by(|a, b| a.values == b.values);
    if !words::knows(judged.to) && !says_another(judged, &said) {
        // In a language whose number words are not read a missing figure may stand in words. Only a figure that
        // the source does not have shows that one is wrong.
        return Vec::new();
    }
    missing
        .into_iter()
        .map(|number| {
            let text = &judged.source[number.range.clone()];
            let value = crate::glossary::spoken_amount(number.values[0], judged.to);
            Flaw::new(FlawKind::Number, format!("{text} is {value}, which the translation does not say"))
        })
        .collect()
}

/// Every number that the translation may be saying.
fn said(judged: &Judged<'_>) -> Vec<f64> {
    let mut said: Vec<f64> = words::figures(judged.text, judged.to).into_iter().map(|figure| figure.value).collect();
    match judged.to.primary() {
        "en" => said.extend(spelled(judged.text)),
        "zh" | "ja" => said.extend(chinese::numerals(judged.text).into_iter().map(|numeral| numeral.value)),
        "ko" => {
            let figures = judged.text.chars().map(|c| match c {
                '만' => '万',
                '억' => '亿',
                '천' => '千',
                '백' => '百',
                '십' => '十',
                c => c,
            });
            said.extend(chinese::numerals(&figures.collect::<String>()).into_iter().map(|numeral| numeral.value));
        }
        _ => {}
    }
    said
}

/// English figures that are spelled out: one-oh-four, nine one one.
fn spelled(text: &str) -> Vec<f64> {
    const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let digit = |word: &str| match word {
        "oh" | "o" => Some(0),
        word => DIGITS.iter().position(|digit| *digit == word),
    };
    let lower = text.to_lowercase();
    let words: Vec<Option<usize>> =
        lower.split([' ', '-']).map(|word| digit(word.trim_end_matches(|c: char| !c.is_alphanumeric()))).collect();
    let rows = words.split(Option::is_none).filter(|row| row.len() >= 3);
    rows.map(|row| row.iter().flatten().fold(0.0, |value, digit| value * 10.0 + *digit as f64)).collect()
}

fn is_said(number: &Sure, said: f64) -> bool {
    let near = |value: f64, share: f64| (said - value).abs() <= value.abs() * share + 1e-9;
    number.values.iter().any(|value| near(*value, if value.abs() >= 100.0 { ROUNDING } else { 0.0 }))
        || number.converted.iter().any(|value| near(*value, CONVERTING))
}

/// Does the translation have a figure that no numeral of the source accounts for?
fn says_another(judged: &Judged<'_>, said: &[f64]) -> bool {
    let known: Vec<Sure> = source::all(judged);
    // Small numerals are words in many languages: 一緒に counts nothing.
    said.iter().filter(|said| **said > 10.0).any(|said| !known.iter().any(|number| is_said(number, *said)))
}

#[cfg(test)]
mod tests;
