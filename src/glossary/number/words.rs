//! Number words of English, Spanish, Portuguese and Indonesian, and digits with such words: half a million,
//! 1.2 billion, dois milhões e meio, setengah juta.
//!
//! A reader, not a grammar: what is no number to a person may be one here (two of "two o'clock"), so that whoever
//! looks for a number finds it. Does not know what is counted.

mod lexicon;

use super::{Figure, digits};
use crate::lang::Lang;
use lexicon::{Part, fold, scale_suffix};
use std::ops::Range;

pub(crate) use lexicon::knows;

/// Every number of `text`, in words or digits.
pub(crate) fn figures(text: &str, language: &Lang) -> Vec<Figure> {
    let pieces = pieces(text, language);
    let mut figures = read(&pieces, true);
    // "One million, two hundred thousand" is one number to some who write it.
    for figure in read(&pieces, false) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    // Two numbers side by side may be a year: nineteen ninety-eight.
    let years: Vec<Figure> = figures
        .windows(2)
        .filter(|pair| {
            let [first, second] = pair else { return false };
            let gap = text.get(first.range.end..second.range.start);
            let ten_to_99 = |value: f64| (10.0..100.0).contains(&value);
            gap.is_some_and(|gap| matches!(gap, " " | "-")) && ten_to_99(first.value) && ten_to_99(second.value)
        })
        .map(|pair| Figure {
            range: pair[0].range.start..pair[1].range.end,
            value: pair[0].value * 100.0 + pair[1].value,
            vague: false,
        })
        .collect();
    figures.extend(years);
    if !knows(language) {
        // Only what begins with digits is a number there: a bare "million" may have its count in words.
        let digit_first = |figure: &Figure| text[figure.range.start..].starts_with(|c| digits::digit(c).is_some());
        figures.retain(digit_first);
    }
    figures
}

/// A word, a number in digits, or a mark between them.
#[derive(Clone, Debug)]
enum Piece {
    Part(Range<usize>, Part),
    Number(Range<usize>, Vec<f64>),
    /// A comma.
    Soft,
    /// Anything else that ends a number.
    Hard,
}

fn pieces(text: &str, language: &Lang) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let digits = digits::figures(text, language);
    let mut at = 0;
    while let Some(char) = text[at..].chars().next() {
        let values: Vec<f64> = digits.iter().filter(|f| f.range.start == at).map(|f| f.value).collect();
        if let Some(number) = digits.iter().find(|figure| figure.range.start == at) {
            pieces.push(Piece::Number(number.range.clone(), values));
            at = number.range.end;
            if let Some((length, scale)) = lexicon::scale_after(&text[at..], language) {
                pieces.push(Piece::Part(at..at + length, Part::Scale(scale)));
                at += length;
                continue;
            }
            // 500k, 98jt, 15th: what sticks to the digits.
            let stuck: String = text[at..].chars().take_while(|c| c.is_alphabetic()).collect();
            if let Some(scale) = scale_suffix(&fold(&stuck), language) {
                pieces.push(Piece::Part(at..at + stuck.len(), Part::Scale(scale)));
            }
            at += stuck.len();
        } else if char.is_alphabetic() {
            let length: usize = text[at..].chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
            let range = at..at + length;
            match lexicon::parts(&fold(&text[range.clone()]), language) {
                parts if parts.is_empty() => pieces.push(Piece::Hard),
                parts => pieces.extend(parts.into_iter().map(|part| Piece::Part(range.clone(), part))),
            }
            at += length;
        } else {
            match char {
                ' ' | '-' | '‐' | '‑' | '\u{A0}' => {}
                ',' => pieces.push(Piece::Soft),
                _ => pieces.push(Piece::Hard),
            }
            at += char.len_utf8();
        }
    }
    pieces
}

fn read(pieces: &[Piece], comma_ends: bool) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        match Building::read(&pieces[at..], comma_ends) {
            Some((taken, read)) => {
                figures.extend(read);
                at += taken.max(1);
            }
            None => at += 1,
        }
    }
    figures
}

/// A number while it is read.
#[derive(Clone, Debug)]
struct Building {
    range: Range<usize>,
    /// What is complete, in thousands, millions and so on.
    total: f64,
    /// What the next scale will multiply.
    section: f64,
    /// The next part that is added must be less.
    free: f64,
    /// The last scale that was taken.
    scale: f64,
    /// Nothing but an article, a fraction or a scale so far.
    vague: bool,
}

impl Building {
    /// The number at the start of `pieces`: how many pieces it takes, and what it can mean.
    fn read(pieces: &[Piece], comma_ends: bool) -> Option<(usize, Vec<Figure>)> {
        let mut taken = 0;
        let mut variants: Vec<Building> = match pieces.first()? {
            Piece::Number(range, values) => {
                values.iter().map(|value| Building::digits(range.clone(), *value)).collect()
            }
            Piece::Part(range, part) => vec![Building::part(range.clone(), part, &pieces[1..])?],
            _ => return None,
        };
        taken += 1;
        while let Some(piece) = pieces.get(taken) {
            let (skipped, next) = match piece {
                Piece::Soft if !comma_ends => (1, pieces.get(taken + 1)),
                // "And" and "of" join only where what follows fits.
                Piece::Part(_, Part::And | Part::Of) => (1, pieces.get(taken + 1)),
                _ => (0, Some(piece)),
            };
            // "A million and a half", "half a million": the article goes along.
            let (article, next) = match next {
                Some(Piece::Part(_, Part::Article)) if skipped > 0 || variants.iter().any(|v| v.is_fraction()) => {
                    (1, pieces.get(taken + skipped + 1))
                }
                next => (0, next),
            };
            let Some(Piece::Part(range, part)) = next else { break };
            let fits: Vec<Building> = variants.iter().filter_map(|v| v.with(range, part, skipped > 0)).collect();
            if fits.is_empty() {
                break;
            }
            variants = fits;
            taken += skipped + article + 1;
        }
        let figure = |building: Building| building.finish();
        Some((taken, variants.into_iter().filter_map(figure).collect()))
    }

    fn digits(range: Range<usize>, value: f64) -> Building {
        Building { range, total: 0.0, section: value, free: 0.0, scale: f64::INFINITY, vague: false }
    }

    fn part(range: Range<usize>, part: &Part, rest: &[Piece]) -> Option<Building> {
        let scale_follows = || {
            rest.iter()
                .take(3)
                .any(|piece| matches!(piece, Piece::Part(_, Part::Scale(_) | Part::Hundred | Part::Many(_))))
        };
        let empty =
            Building { range: range.clone(), total: 0.0, section: 0.0, free: 1e18, scale: f64::INFINITY, vague: true };
        match part {
            // "A", "half a" and "a quarter" are numbers only before a scale.
            Part::Article => scale_follows().then_some(empty),
            Part::Fraction(value) => scale_follows().then_some(Building { section: *value, free: 0.0, ..empty }),
            Part::And | Part::Of => None,
            Part::AndHalf if !scale_follows() => None,
            part => empty.with(&range, part, false).map(|b| Building { range, ..b }),
        }
    }

    /// This number with one part more, where that fits.
    fn with(&self, range: &Range<usize>, part: &Part, joined: bool) -> Option<Building> {
        let mut next = self.clone();
        next.range.end = range.end.max(self.range.end);
        match *part {
            Part::Add(value, free) => {
                // 20 + 5, 100 + 20, but not 5 + 20 nor 20 + 15.
                if value >= self.free || (self.free == 0.0) {
                    return None;
                }
                next.section += value;
                next.free = free;
                next.vague = false;
            }
            Part::Hundred => {
                if self.section >= 100.0 || self.free == 0.0 && self.section == 0.0 {
                    return None;
                }
                // "A hundred" is as vague as its article; "two hundred" is not.
                next.section = if self.section == 0.0 { 100.0 } else { self.section * 100.0 };
                next.free = 100.0;
            }
            Part::Scale(scale) => {
                if self.total > 0.0 && self.scale == 1e3 && scale > 1e3 {
                    // Mil doscientos millones.
                    next.total = (self.total + self.section) * scale;
                } else if scale < self.scale {
                    let counted = if self.section == 0.0 { 1.0 } else { self.section };
                    next.total += counted * scale;
                } else {
                    return None;
                }
                (next.section, next.free, next.scale) = (0.0, scale, scale);
            }
            // Two dozen, three decades, five hundred grand.
            Part::Many(many) => {
                if self.scale.is_finite() && self.section == 0.0 {
                    return None;
                }
                next.total = (self.total + if self.section == 0.0 { 1.0 } else { self.section }) * many;
                (next.section, next.free, next.scale) = (0.0, 0.0, 1.0);
            }
            // Two and a half, a million and a half; Indonesian joins without "and".
            Part::Fraction(value) if joined => {
                if self.section == 0.0 && self.total > 0.0 && self.scale.is_finite() {
                    next.total += value * self.scale;
                } else {
                    next.section += value;
                }
                next.free = 0.0;
            }
            Part::AndHalf => {
                next.section += 0.5;
                next.free = 0.0;
            }
            // Sebelas, dua belas.
            Part::Teen => {
                if self.section % 10.0 == 0.0 {
                    return None;
                }
                next.section += 10.0;
                next.free = 0.0;
            }
            Part::Ten => {
                let ones = self.section % 10.0;
                if ones == 0.0 {
                    return None;
                }
                next.section += ones * 9.0;
                next.free = 10.0;
            }
            Part::Article | Part::And | Part::Of | Part::Fraction(_) => return None,
        }
        Some(next)
    }

    fn is_fraction(&self) -> bool {
        self.total == 0.0 && self.section > 0.0 && self.section < 1.0
    }

    fn finish(self) -> Option<Figure> {
        let value = self.total + self.section;
        (value > 0.0).then_some(Figure { range: self.range, value, vague: self.vague })
    }
}

#[cfg(test)]
mod tests;
