//! What a viewer can read, by language: data with its source.

use crate::lang::Lang;
use crate::time::Delta;

/// Limits for captions in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Reading speed of adults in characters per second.
    pub characters_per_second: f64,
    /// Characters in a row; a full-width character counts once.
    pub row: usize,
    /// Rows in a caption.
    pub rows: usize,
    /// Shortest time that a caption is shown.
    pub shortest: Delta,
    /// Longest time.
    pub longest: Delta,
    /// Least time between two captions: two frames at 24 per second.
    pub gap: Delta,
    /// How long a caption may stay after its speech.
    pub linger: Delta,
    /// Where the figures come from.
    pub source: &'static str,
}

const SOURCE: &str = "Netflix Timed Text Style Guide";

/// Characters per second and per row.
const BY_LANGUAGE: &[(&[&str], f64, usize)] = &[
    (&["en", "ar"], 20.0, 42),
    (&["hi"], 22.0, 42),
    (&["th"], 17.0, 35),
    (&["zh"], 9.0, 16),
    (&["ko"], 12.0, 16),
    (&["ja"], 4.0, 13),
];

/// The limits of a language; those of the Latin default where it has none of its own.
pub fn limits(language: &Lang) -> Limits {
    let own = BY_LANGUAGE.iter().find(|(languages, ..)| languages.contains(&language.primary()));
    let (characters_per_second, row) = own.map_or((17.0, 42), |(_, speed, row)| (*speed, *row));
    Limits {
        characters_per_second,
        row,
        rows: 2,
        shortest: Delta::from_ms(833),
        longest: Delta::from_ms(7000),
        gap: Delta::from_ms(83),
        linger: Delta::from_ms(500),
        source: SOURCE,
    }
}
