//! Writing systems: which characters belong to which, and which of them a language is written in.
//!
//! Knows the writings of the languages that are dubbed, by Unicode blocks; a character or a language
//! that is not in its tables belongs to none, and then nothing is claimed about it.

use crate::lang::Lang;

/// A writing system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of Unicode")]
pub enum Writing {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Tamil,
    Telugu,
    Thai,
    Lao,
    Myanmar,
    Georgian,
    Khmer,
    Han,
    Kana,
    Hangul,
}

use Writing::*;

/// Unicode blocks, first and last character.
const BLOCKS: &[(Writing, &[(char, char)])] = &[
    (
        Latin,
        &[
            ('A', 'Z'),
            ('a', 'z'),
            ('\u{C0}', '\u{D6}'),
            ('\u{D8}', '\u{F6}'),
            ('\u{F8}', '\u{24F}'),
            ('\u{1E00}', '\u{1EFF}'),
        ],
    ),
    (Greek, &[('\u{370}', '\u{3FF}'), ('\u{1F00}', '\u{1FFF}')]),
    (Cyrillic, &[('\u{400}', '\u{52F}')]),
    (Armenian, &[('\u{530}', '\u{58F}')]),
    (Hebrew, &[('\u{590}', '\u{5FF}')]),
    (Arabic, &[('\u{600}', '\u{6FF}'), ('\u{750}', '\u{77F}'), ('\u{FB50}', '\u{FDFF}'), ('\u{FE70}', '\u{FEFC}')]),
    (Devanagari, &[('\u{900}', '\u{97F}')]),
    (Bengali, &[('\u{980}', '\u{9FF}')]),
    (Tamil, &[('\u{B80}', '\u{BFF}')]),
    (Telugu, &[('\u{C00}', '\u{C7F}')]),
    (Thai, &[('\u{E00}', '\u{E7F}')]),
    (Lao, &[('\u{E80}', '\u{EFF}')]),
    (Myanmar, &[('\u{1000}', '\u{109F}')]),
    (Georgian, &[('\u{10A0}', '\u{10FF}')]),
    (Khmer, &[('\u{1780}', '\u{17FF}')]),
    (Han, &[('\u{3400}', '\u{4DBF}'), ('\u{4E00}', '\u{9FFF}'), ('\u{F900}', '\u{FAFF}'), ('\u{20000}', '\u{323AF}')]),
    (Kana, &[('\u{3041}', '\u{30FF}'), ('\u{31F0}', '\u{31FF}')]),
    (Hangul, &[('\u{1100}', '\u{11FF}'), ('\u{3131}', '\u{318E}'), ('\u{AC00}', '\u{D7A3}')]),
];

/// Languages by primary subtag; Latin is what is left, where the language is known at all.
const LANGUAGES: &[(&[&str], &[Writing])] = &[
    (&["zh", "yue"], &[Han]),
    (&["ja"], &[Han, Kana]),
    (&["ko"], &[Hangul]),
    (&["ru", "uk", "be", "bg", "mk", "kk", "ky", "mn"], &[Cyrillic]),
    (&["sr"], &[Cyrillic, Latin]),
    (&["el"], &[Greek]),
    (&["hy"], &[Armenian]),
    (&["ka"], &[Georgian]),
    (&["he", "yi"], &[Hebrew]),
    (&["ar", "fa", "ur", "ps"], &[Arabic]),
    (&["hi", "mr", "ne"], &[Devanagari]),
    (&["bn"], &[Bengali]),
    (&["ta"], &[Tamil]),
    (&["te"], &[Telugu]),
    (&["th"], &[Thai]),
    (&["lo"], &[Lao]),
    (&["my"], &[Myanmar]),
    (&["km"], &[Khmer]),
    (
        &[
            "en", "pt", "es", "fr", "de", "it", "nl", "pl", "cs", "sk", "sl", "hr", "bs", "ro", "hu", "fi", "sv", "da",
            "nb", "nn", "no", "is", "et", "lv", "lt", "ca", "gl", "eu", "tr", "az", "uz", "vi", "id", "ms", "tl",
            "fil", "sw", "af", "sq",
        ],
        &[Latin],
    ),
];

impl Writing {
    /// The writing that a character belongs to; none for digits, punctuation, spaces and symbols.
    pub fn of(char: char) -> Option<Writing> {
        BLOCKS
            .iter()
            .find(|(_, blocks)| blocks.iter().any(|(a, z)| (*a..=*z).contains(&char)))
            .map(|(writing, _)| *writing)
    }

    /// The writings of a language; empty where they are not known.
    pub fn of_language(language: &Lang) -> &'static [Writing] {
        LANGUAGES
            .iter()
            .find(|(languages, _)| languages.contains(&language.primary()))
            .map_or(&[], |(_, writings)| *writings)
    }

    /// Its characters, as first and last of each block.
    pub fn blocks(self) -> &'static [(char, char)] {
        BLOCKS.iter().find(|(writing, _)| *writing == self).map_or(&[], |(_, blocks)| *blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_languages_meet() {
        for (language, text) in [
            ("zh", "顾总"),
            ("ja", "お嬢様カネ"),
            ("ko", "사장님"),
            ("ru", "Привет"),
            ("th", "สวัสดี"),
            ("vi", "Đượcạ"),
            ("pt-BR", "Não"),
            ("ar", "مرحبا"),
        ] {
            let writings = Writing::of_language(&language.parse().unwrap());
            assert!(text.chars().all(|c| Writing::of(c).is_some_and(|w| writings.contains(&w))), "{language}");
        }
        assert_eq!(Writing::of('。'), None);
        assert_eq!(Writing::of('7'), None);
        assert!(Writing::of_language(&"am".parse().unwrap()).is_empty());
    }

    #[test]
    fn every_writing_has_characters() {
        for (_, writings) in LANGUAGES {
            for writing in *writings {
                assert!(writing.blocks().iter().all(|(a, z)| a < z) && !writing.blocks().is_empty());
            }
        }
    }
}
