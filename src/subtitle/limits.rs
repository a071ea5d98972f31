//! What subtitles are judged by, as data: reading speed, line length, times and gaps.
//!
//! Sources disagree in places, so each row names its own. Does not know how text is broken.

use crate::lang::Lang;
use crate::time::Delta;

/// Shortest time on screen, 5/6 s. Source: [`GENERAL_SOURCE`].
pub const SHORTEST: Delta = Delta::from_ticks(40_000);
/// Longest time on screen. Source: [`GENERAL_SOURCE`].
pub const LONGEST: Delta = Delta::from_ms(7_000);
/// How long a caption may stay after the speech ends. Source: [`GENERAL_SOURCE`].
pub const LINGER: Delta = Delta::from_ms(500);
/// Most lines at once. Source: [`GENERAL_SOURCE`].
pub const MOST_LINES: usize = 2;
/// Frames between two captions, at least. Source: [`GENERAL_SOURCE`].
pub const GAP_FRAMES: i64 = 2;
/// A gap of up to this many frames flickers, and is closed to [`GAP_FRAMES`]. Source: [`GENERAL_SOURCE`].
pub const FLICKER_FRAMES: i64 = 11;
/// Where the rules for all languages come from.
pub const GENERAL_SOURCE: &str = "Netflix Timed Text Style Guide: General Requirements";

/// Limits of one language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Primary language subtags.
    pub languages: &'static [&'static str],
    /// Characters a second for adults, and for children.
    pub per_second: (u32, u32),
    /// Characters in a line. Where [`Limits::wide`] is set, of full width: a half-width one counts half.
    pub per_line: usize,
    /// Is the script written in full-width characters?
    pub wide: bool,
    /// May text lean? Several scripts have no italics.
    pub italics: bool,
    /// Where the figures come from.
    pub source: &'static str,
}

/// Every language with limits of its own; all others get [`LATIN`].
pub const LIMITS: &[Limits] = &[
    row(&["en"], (20, 17), 42, false, true, "Netflix TTSG: English"),
    row(&["es", "pt", "fr", "de", "it"], (17, 13), 42, false, true, "Netflix TTSG: by language"),
    row(&["id", "vi", "ms"], (17, 13), 42, false, true, "Netflix TTSG: Latin default"),
    row(&["th"], (17, 13), 35, false, false, "Netflix TTSG: Thai"),
    row(&["ar"], (20, 17), 42, false, false, "Netflix TTSG: Arabic"),
    row(&["hi"], (22, 18), 42, false, false, "Netflix TTSG: Hindi"),
    row(&["he"], (17, 13), 42, false, false, "Netflix TTSG: Hebrew, with the Latin default speed"),
    row(&["zh", "yue"], (9, 7), 16, true, false, "Netflix TTSG: Chinese"),
    row(&["ko"], (12, 9), 16, true, false, "Netflix TTSG: Korean"),
    row(&["ja"], (4, 4), 13, true, true, "Netflix TTSG: Japanese"),
];

/// What a language without a row of its own gets.
pub const LATIN: Limits = row(&[], (17, 13), 42, false, true, "Netflix TTSG: Latin default");

const fn row(
    languages: &'static [&'static str],
    per_second: (u32, u32),
    per_line: usize,
    wide: bool,
    italics: bool,
    source: &'static str,
) -> Limits {
    Limits { languages, per_second, per_line, wide, italics, source }
}

/// The limits of a language.
pub fn limits(language: &Lang) -> &'static Limits {
    LIMITS.iter().find(|limits| limits.languages.contains(&language.primary())).unwrap_or(&LATIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_one_row_and_a_source() {
        let mut seen = Vec::new();
        for row in LIMITS {
            assert!(!row.source.is_empty() && row.per_line > 0 && row.per_second.0 >= row.per_second.1, "{row:?}");
            for language in row.languages {
                assert!(!seen.contains(language), "{language} twice");
                assert_eq!(limits(&language.parse().unwrap()).languages, row.languages);
                seen.push(language);
            }
        }
    }

    #[test]
    fn others_are_written_as_latin() {
        assert_eq!(limits(&"pl".parse().unwrap()), &LATIN);
        assert_eq!(limits(&"pt-BR".parse().unwrap()).per_line, 42);
    }
}
