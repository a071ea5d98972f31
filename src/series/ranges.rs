//! Ranges of episodes: `4-70`, `1,3,8-`, `-5`.
//!
//! Does not know which episodes there are.

use crate::error::{Error, Kind, Result};
use std::fmt;

/// Ranges of numbers, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges(Vec<Range>);

/// One range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    first: Option<u32>,
    last: Option<u32>,
}

impl Range {
    fn holds(self, number: u32) -> bool {
        self.first.is_none_or(|first| first <= number) && self.last.is_none_or(|last| number <= last)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, "{first}"),
            (first, last) => {
                let end = |end: Option<u32>| end.map_or_else(String::new, |number| number.to_string());
                write!(f, "{}-{}", end(first), end(last))
            }
        }
    }
}

impl Ranges {
    /// Reads them.
    ///
    /// # Errors
    /// Fails on what is no range, and on one that ends before it begins.
    pub fn parse(text: &str) -> Result<Ranges> {
        let wrong = |part: &str, why: &str| {
            Error::new(Kind::Usage, format!("{part:?} {why}"))
                .hint("write episodes as 4-70, as 1,3,8- (the 8th and all after it) or as -5 (the first five)")
        };
        let end = |part: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<u32>().map(Some).map_err(|_| wrong(part, "is no range of episodes")),
        };
        let range = |part: &str| {
            let part = part.trim();
            let range = match part.split_once(['-', '–']) {
                Some((first, last)) => Range { first: end(part, first)?, last: end(part, last)? },
                None => {
                    let number = end(part, part)?;
                    Range { first: number, last: number }
                }
            };
            match (range.first, range.last) {
                (None, None) => Err(wrong(part, "is no range of episodes")),
                (Some(first), Some(last)) if first > last => Err(wrong(part, "ends before it begins")),
                _ => Ok(range),
            }
        };
        text.split([',', '，']).map(range).collect::<Result<_>>().map(Ranges)
    }

    /// Is this number in one of them?
    pub fn hold(&self, number: u32) -> bool {
        self.0.iter().any(|range| range.holds(number))
    }

    /// The first range that holds none of these numbers.
    pub fn empty(&self, numbers: &[u32]) -> Option<Range> {
        self.0.iter().copied().find(|range| !numbers.iter().any(|number| range.holds(*number)))
    }
}

/// Numbers told in short: `1-3, 5`.
pub(super) fn told(numbers: &[u32]) -> String {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).filter_map(|run| {
        let range = Range { first: run.first().copied(), last: run.last().copied() };
        (!run.is_empty()).then(|| range.to_string())
    });
    runs.collect::<Vec<_>>().join(", ")
}
