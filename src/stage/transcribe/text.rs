//! How a language writes what was heard: one Chinese script, full-width punctuation, how fast people speak.
//!
//! Pure. Does not know times, nor whether the text is right.

use crate::error::{Error, Result};
use crate::lang::Lang;
use crate::script::Word;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// Brings text into the script that a language tag asks for: Simplified for `zh`, Traditional for
/// `zh-Hant`, `zh-TW`, `zh-HK` and `zh-MO`; other languages are left as they are.
pub(super) struct Script(Option<OpenCC>);

impl Script {
    /// # Errors
    /// Fails if the built-in dictionaries cannot be opened, which is a defect.
    pub(super) fn of(language: &Lang) -> Result<Script> {
        let config = match (language.primary(), language.variant()) {
            ("zh", Some("Hant" | "TW" | "HK" | "MO")) => BuiltinConfig::S2t,
            ("zh", _) => BuiltinConfig::T2s,
            _ => return Ok(Script(None)),
        };
        let converter = OpenCC::from_config(config)
            .map_err(|cause| Error::internal("the dictionary of Chinese scripts cannot be opened").because(cause))?;
        Ok(Script(Some(converter)))
    }

    /// The text in its script.
    pub(super) fn text(&self, text: &str) -> String {
        self.0.as_ref().map_or_else(|| text.to_owned(), |converter| converter.convert(text))
    }

    /// Words in their script and with their punctuation. Phrases are converted whole, since one
    /// Traditional character may stand for several Simplified ones and the other way round.
    pub(super) fn words(&self, words: &mut [Word]) {
        if self.0.is_none() {
            return;
        }
        let whole: String = words.iter().map(|word| word.text.as_str()).collect();
        let converted: Vec<char> = self.text(&whole).chars().collect();
        if converted.len() == whole.chars().count() {
            let mut rest = converted.into_iter();
            for word in words.iter_mut() {
                let length = word.text.chars().count();
                word.text = rest.by_ref().take(length).collect();
            }
        } else {
            for word in words.iter_mut() {
                word.text = self.text(&word.text);
            }
        }
        full_width(words);
    }
}

/// Chinese is punctuated with full-width marks and without spaces; recognizers mix them.
fn full_width(words: &mut [Word]) {
    let whole: Vec<char> = words.iter().flat_map(|word| word.text.chars()).collect();
    let mut index = 0;
    for word in words.iter_mut() {
        let mut text = String::with_capacity(word.text.len());
        for c in word.text.chars() {
            let before = whole[..index].iter().rev().find(|c| !c.is_whitespace()).copied();
            let after = whole[index + 1..].iter().find(|c| !c.is_whitespace()).copied();
            index += 1;
            let dots = before == Some('.') || after == Some('.');
            let chinese_around = after.is_none_or(is_chinese)
                || (before.is_some_and(is_chinese) && !after.is_some_and(|a| a.is_ascii_digit()));
            if !c.is_whitespace() {
                text.push(if chinese_around && !dots { wide(c) } else { c });
            } else if before.is_some_and(|b| !is_wide(b) && wide(b) == b) && after.is_some_and(|a| !is_wide(a)) {
                // A space is kept only where it parts a foreign word.
                if !(before.is_some_and(is_chinese) && after.is_some_and(is_chinese)) {
                    text.push(c);
                }
            } else if !before.is_some_and(is_chinese) && !chinese_around {
                text.push(c);
            }
        }
        word.text = text;
    }
}

fn wide(c: char) -> char {
    match c {
        ',' => '，',
        '.' => '。',
        '?' => '？',
        '!' => '！',
        ':' => '：',
        ';' => '；',
        other => other,
    }
}

/// A Chinese character, or a mark that stands between such.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}') || is_wide(c)
}

/// A full-width mark, which carries its own space.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}' | '“' | '”' | '‘' | '’' | '…' | '—')
}

/// Does the word end a sentence? A full stop after an initial, an abbreviation or a number that goes
/// on does not; `next` is the text of the word after it.
pub(super) fn ends_sentence(text: &str, next: Option<&str>) -> bool {
    let text = text.trim().trim_end_matches(['"', '\'', '”', '’', '」', '』', ')', '）', '》']);
    let Some(last) = text.chars().next_back() else { return false };
    match last {
        '。' | '！' | '？' | '!' | '?' | '…' | '｡' | '؟' | '।' => true,
        '.' => {
            let body = text.trim_end_matches('.');
            if text.len() - body.len() > 1 {
                return true;
            }
            let number_goes_on = body.ends_with(|c: char| c.is_ascii_digit())
                && next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
            !(number_goes_on || is_abbreviation(body))
        }
        _ => false,
    }
}

/// Words that are followed by a full stop without ending a sentence, in the languages that are written so.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "no", "mt", "sra", "srta", "dra", "sres", "ud",
    "uds", "exmo", "exma", "bzw", "hr", "fr", "nr", "mme", "mlle",
];

fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let mut letters = word.chars();
    let initial = matches!((letters.next(), letters.next()), (Some(c), None) if c.is_uppercase() && c != 'I');
    initial || word.contains('.') || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Does the word end a clause?
pub(super) fn ends_clause(text: &str) -> bool {
    text.trim().ends_with([',', '，', '、', ';', '；', ':', '：', '—', '–', '،'])
}

/// What is spoken: letters, digits and signs of a script; marks and spaces take no time.
pub(super) fn spoken(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Fastest speech that is plausible, in spoken characters a second: a syllable a character in Chinese,
/// where hurried speech has eight syllables a second, about four characters a syllable in alphabets.
pub(super) fn fastest(language: &Lang) -> f64 {
    match language.primary() {
        "zh" | "yue" => 9.0,
        "ja" | "ko" => 14.0,
        _ => 25.0,
    }
}

/// Seconds that the fastest speech needs for a text, whatever languages are in it: a second language is written in the
/// text of the first.
pub(super) fn briefest(text: &str) -> f64 {
    let seconds = |c: char| match c {
        c if !c.is_alphanumeric() => 0.0,
        '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}' => 1.0 / 14.0,
        c if is_chinese(c) => 1.0 / 9.0,
        _ => 1.0 / 25.0,
    };
    text.chars().map(seconds).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn heard(tag: &str, texts: &[&str]) -> Vec<String> {
        let mut words: Vec<Word> = texts
            .iter()
            .map(|text| Word { span: Span::from_ms(0, 1), text: (*text).to_owned(), probability: 1.0 })
            .collect();
        Script::of(&lang(tag)).unwrap().words(&mut words);
        words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn the_tag_decides_the_script() {
        assert_eq!(heard("zh", &["漸", "漸", "变红"]).concat(), "渐渐变红");
        assert_eq!(heard("zh-Hant", &["头", "发"]).concat(), "頭髮");
        assert_eq!(heard("zh-TW", &["出发"]).concat(), "出發");
        assert_eq!(heard("ja", &["漸"]).concat(), "漸");
    }

    #[test]
    fn chinese_marks_are_full_width_and_foreign_ones_stay() {
        assert_eq!(
            heard("zh", &["大家", "好,", "我", "叫", " AutoCut,", "这", "是", "1.5", "米."]).concat(),
            "大家好，我叫 AutoCut，这是1.5米。"
        );
        assert_eq!(heard("zh", &["你", "好!", " 再", "见?"]).concat(), "你好！再见？");
        assert_eq!(heard("en", &[" Well,", " yes."]).concat(), " Well, yes.");
    }

    #[test]
    fn a_full_stop_is_not_always_the_end() {
        for text in ["好。", " yes.", " what?\"", "走！」", "well...", " I."] {
            assert!(ends_sentence(text, Some(" Next")), "{text}");
        }
        for text in [" Mr.", " J.", " U.S.", " e.g.", " Sra.", " and,", "好，", ""] {
            assert!(!ends_sentence(text, Some(" Next")), "{text}");
        }
        assert!(!ends_sentence(" 3.", Some("5")));
        assert!(ends_sentence(" 3.", Some(" Then")));
    }

    #[test]
    fn marks_are_not_spoken() {
        assert_eq!(spoken("你好，world 12。"), 9);
    }
}
