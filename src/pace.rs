//! How long a text takes to say: by the language's usual pace, refined by takes that were measured.
//!
//! Counts syllables (characters in Chinese, morae in Japanese) and the pauses that marks ask for. An estimate, good
//! to a fifth for one line and to a tenth over many; a voice's own takes make it better. Does not know voices,
//! sound or the cue.

mod samples;
mod syllables;

use crate::lang::Lang;
use crate::time::Delta;
pub use samples::samples;
use serde::{Deserialize, Serialize};
pub use syllables::syllables;

/// How fast a language is spoken.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Primary subtag.
    pub language: &'static str,
    /// Syllables a second, pauses left out.
    pub syllables_per_second: f64,
    /// Written characters that a syllable takes on average, spaces and marks included.
    pub characters_per_syllable: f64,
    /// Where the pace comes from.
    pub source: &'static str,
}

const PELLEGRINO: &str = "Pellegrino, Coupé & Marsico 2011, Language 87(3), table 1: mean syllabic rate of read texts, \
                          pauses above 150 ms left out";
const COUPE: &str = "about; Coupé et al. 2019, Science Advances 5(9), doi 10.1126/sciadv.aaw2594, figure 1: read texts \
                     of 17 languages, means between 4.7 (Thai) and 8.0 (Japanese)";
const NO_STUDY: &str = "no comparable study found: set between the languages of Coupé et al. 2019 (doi \
                        10.1126/sciadv.aaw2594) with like syllables; measured takes refine it";

const fn rate(language: &'static str, pace: f64, characters: f64, source: &'static str) -> Rate {
    Rate { language, syllables_per_second: pace, characters_per_syllable: characters, source }
}

/// The table of languages.
pub const RATES: &[Rate] = &[
    rate("en", 6.19, 3.9, PELLEGRINO),
    rate("es", 7.82, 2.6, PELLEGRINO),
    rate("fr", 7.18, 3.4, PELLEGRINO),
    rate("de", 5.97, 3.5, PELLEGRINO),
    rate("it", 6.99, 2.6, PELLEGRINO),
    rate("ja", 7.84, 0.75, PELLEGRINO),
    rate("zh", 5.18, 1.15, PELLEGRINO),
    rate("vi", 5.22, 4.3, PELLEGRINO),
    rate("th", 4.7, 3.2, COUPE),
    rate("ko", 6.9, 1.35, COUPE),
    rate("pt", 6.8, 2.6, NO_STUDY),
    rate("id", 6.8, 2.8, NO_STUDY),
    rate("hi", 6.6, 2.5, NO_STUDY),
    rate("ar", 6.0, 2.3, NO_STUDY),
];

/// Of a language that is not in the table.
const OTHER: Rate = rate("", 6.5, 3.0, NO_STUDY);

/// What an utterance takes beyond its syllables: its last one is drawn out, its first one starts softly. Fitted to
/// takes of Kokoro-82M, which agree with readers: "This is impossible." lasts 1.2 s.
const EDGES: f64 = 0.22;
/// Silence at a comma and at the end of a sentence inside the text, in seconds.
const COMMA: f64 = 0.2;
const SENTENCE: f64 = 0.4;

/// How fast `language` is spoken.
pub fn rate_of(language: &Lang) -> &'static Rate {
    RATES.iter().find(|rate| rate.language == language.primary()).unwrap_or(&OTHER)
}

/// How long `text` takes to say at the usual pace of its language; nothing where there is nothing to say.
pub fn estimate(text: &str, language: &Lang) -> Delta {
    let syllables = syllables(text, language);
    if syllables <= 0.0 {
        return Delta::ZERO;
    }
    Delta::from_seconds(syllables / rate_of(language).syllables_per_second + EDGES + pauses(text))
}

/// Seconds of silence that the marks inside a text ask for.
fn pauses(text: &str) -> f64 {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let chars: Vec<char> = text.chars().collect();
    let mut pauses = 0.0;
    for (at, char) in chars.iter().enumerate().skip(1) {
        let after = chars.get(at + 1);
        let spaced = after.is_none_or(|c| c.is_whitespace() || !c.is_alphanumeric());
        // One silence a row of marks: the first counts.
        let first = chars[at - 1].is_alphanumeric() || chars[at - 1].is_whitespace();
        pauses += match char {
            '。' | '！' | '？' | '।' | '؟' | '…' if first => SENTENCE,
            '!' | '?' if first && spaced => SENTENCE,
            '.' if first && spaced && !is_short_form(&chars[..at]) => SENTENCE,
            '，' | '、' | '；' | '：' | '،' | '؛' | '—' if first => COMMA,
            ',' | ';' | ':' | '–' if first && spaced => COMMA,
            _ => 0.0,
        };
    }
    pauses
}

/// Does the text end with a word whose full stop ends no sentence: Mr, Sra, C.E.O?
fn is_short_form(text: &[char]) -> bool {
    let word: String = text.iter().rev().take_while(|c| c.is_alphabetic()).collect();
    let word: String = word.chars().rev().flat_map(char::to_lowercase).collect();
    word.chars().count() == 1 || syllables::SHORT_FORMS.iter().any(|(short, _)| *short == word)
}

/// How fast one voice speaks one language: the language's pace, refined by takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    language: Lang,
    /// Measured over estimated length of takes, sorted.
    ratios: Vec<f64>,
}

/// Takes shorter than this tell little: their edges outweigh their words.
const SHORTEST_TAKE: Delta = Delta::from_ms(400);
/// Takes that are kept; the median of more moves no more.
const MOST_TAKES: usize = 512;
/// A voice is no more than this times faster or slower than its language; what is measured beyond is no speech.
const MOST_RATIO: f64 = 2.5;
/// Fewer takes than this are filled up with the language's own pace.
const FEWEST_TAKES: usize = 3;

impl Pace {
    /// The usual pace of a language.
    pub fn new(language: &Lang) -> Pace {
        Pace { language: language.clone(), ratios: Vec::new() }
    }

    /// The pace of a voice that takes `factor` times as long as its language usually does.
    pub fn of(language: &Lang, factor: f64) -> Pace {
        let factor = factor.clamp(1.0 / MOST_RATIO, MOST_RATIO);
        Pace { language: language.clone(), ratios: vec![factor; FEWEST_TAKES] }
    }

    /// Learns from a take: `text` lasted `duration`. Takes under 0.4 s, empty ones and those that can be no speech
    /// of the text are let be.
    pub fn observe(&mut self, text: &str, duration: Delta) {
        let estimated = estimate(text, &self.language);
        if duration < SHORTEST_TAKE || estimated <= Delta::ZERO {
            return;
        }
        let ratio = duration.ratio(estimated);
        if !(1.0 / MOST_RATIO..=MOST_RATIO).contains(&ratio) {
            return;
        }
        if self.ratios.len() >= MOST_TAKES {
            // From both ends, so that the median stays.
            self.ratios.pop();
            self.ratios.remove(0);
        }
        let place = self.ratios.partition_point(|known| *known < ratio);
        self.ratios.insert(place, ratio);
    }

    /// How many takes it was refined by.
    pub fn takes(&self) -> usize {
        self.ratios.len()
    }

    /// How much longer the voice takes than its language usually does; 1 before there are takes enough.
    pub fn factor(&self) -> f64 {
        let mut ratios = self.ratios.clone();
        while ratios.len() < FEWEST_TAKES {
            ratios.push(1.0);
        }
        ratios.sort_by(f64::total_cmp);
        let middle = ratios.len() / 2;
        if ratios.len().is_multiple_of(2) { (ratios[middle - 1] + ratios[middle]) / 2.0 } else { ratios[middle] }
    }

    /// How long the voice takes to say `text`.
    pub fn estimate(&self, text: &str) -> Delta {
        estimate(text, &self.language).scaled(self.factor())
    }

    /// How many written characters can be said in `room`, about: what a translator is told.
    pub fn characters_for(&self, room: Delta) -> usize {
        let rate = rate_of(&self.language);
        let spoken = (room.seconds() / self.factor() - EDGES).max(0.0);
        (spoken * rate.syllables_per_second * rate.characters_per_syllable).floor() as usize
    }
}

#[cfg(test)]
mod tests;
