//! A text cut into words as they are compared, with the way back to its bytes.
//!
//! In writing without spaces a word is one character with its marks. Contractions are taken apart (do → de o,
//! don't → do not), so that an article or a preposition grown onto a word hides nothing. Does not know which words
//! count as the same: that is `inflect`'s.

use crate::lang::Lang;
use std::cell::OnceCell;
use std::ops::Range;

/// One word.
#[derive(Debug)]
pub(super) struct Word {
    /// Where, in bytes of the text; of a contraction all of it.
    pub(super) range: Range<usize>,
    /// In lower case, plain quotes and width.
    pub(super) text: String,
    /// Does it begin with a capital?
    pub(super) upper: bool,
    /// Does only a hyphen, an apostrophe or a dot part it from the word before?
    pub(super) joined: bool,
    /// What its inflected forms have in common; filled in when it is asked for.
    pub(super) roots: OnceCell<Vec<String>>,
}

/// The words of `text`.
pub(super) fn words(text: &str, language: &Lang) -> Vec<Word> {
    cut(text, language.primary())
}

/// The words of a text of any language, contractions as they are written.
pub(super) fn bare_words(text: &str) -> Vec<Word> {
    cut(text, "")
}

fn cut(text: &str, language: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut cutter = Cutter { language, words: &mut words, open: None, joined: false };
    for (at, char) in text.char_indices() {
        cutter.take(at, char);
    }
    cutter.close();
    words
}

/// How many words a person would count: in writing without spaces, characters over the usual word's length.
pub(super) fn count(text: &str, language: &Lang) -> f64 {
    let mut count = 0.0;
    let mut in_word = false;
    for char in text.chars() {
        let spaceless = is_spaceless(char);
        if spaceless && !is_mark(char) {
            // Mean length of a word in characters: about 4 in Thai and its neighbours (with vowels, without marks),
            // 1.7 in Chinese and Japanese.
            count += if is_clustered(char) { 0.25 } else { 0.6 };
        } else if !spaceless && char.is_alphanumeric() && !in_word {
            count += 1.0;
        }
        in_word =
            !spaceless && (char.is_alphanumeric() || in_word && (is_mark(char) || matches!(char, '\'' | '’' | '-')));
    }
    if language.primary() == "vi" { count * 0.8 } else { count }
}

struct Cutter<'a> {
    language: &'a str,
    words: &'a mut Vec<Word>,
    /// The word that is being read.
    open: Option<Word>,
    /// Has only a joining mark passed since the last word?
    joined: bool,
}

impl Cutter<'_> {
    fn take(&mut self, at: usize, char: char) {
        let end = at + char.len_utf8();
        if is_invisible(char) {
            return;
        }
        if is_mark(char) && !is_clustered(char) && self.open.is_some() {
            return self.push(at, end, char);
        }
        if is_spaceless(char) {
            // A vowel before its consonant, a mark after it: one cluster.
            let leading = |word: &Word| word.text.chars().all(|c| matches!(c, 'เ'..='ไ' | 'ເ'..='ໄ'));
            let continues = self.open.as_ref().is_some_and(|word| {
                word.text.chars().all(is_spaceless) && (is_mark(char) || leading(word) && is_clustered(char))
            });
            if !continues {
                self.close();
            }
            self.push(at, end, char);
            return;
        }
        if char.is_alphanumeric() || matches!(char, '{' | '}') {
            if self.open.as_ref().is_some_and(|word| word.text.chars().any(is_spaceless)) {
                self.close();
            }
            return self.push(at, end, char);
        }
        let had_word = self.open.is_some() || self.joined;
        self.close();
        self.joined = had_word && matches!(char, '-' | '‐' | '‑' | '\'' | '’' | '.' | '·');
    }

    fn push(&mut self, at: usize, end: usize, char: char) {
        let joined = self.joined;
        let word = self.open.get_or_insert_with(|| Word {
            range: at..end,
            text: String::new(),
            upper: char.is_uppercase(),
            joined,
            roots: OnceCell::new(),
        });
        word.range.end = end;
        fold_into(char, &mut word.text);
    }

    fn close(&mut self) {
        let Some(word) = self.open.take() else {
            self.joined = false;
            return;
        };
        self.joined = false;
        let apart = match (word.joined, self.words.last()) {
            // The t of don't: the n before it belongs to it.
            (true, Some(before)) if self.language == "en" && word.text == "t" => negated(&before.text),
            _ => None,
        };
        if let (Some(base), Some(before)) = (apart, self.words.last_mut()) {
            before.text = base;
            before.range.end = word.range.end;
            let range = before.range.clone();
            self.words.push(Word { range, text: "not".into(), upper: false, joined: false, roots: OnceCell::new() });
            return;
        }
        match expansion(&word, self.language) {
            Some(parts) => self.words.extend(parts.iter().enumerate().map(|(index, part)| Word {
                range: word.range.clone(),
                text: (*part).to_owned(),
                upper: index == 0 && word.upper,
                joined: index == 0 && word.joined,
                roots: OnceCell::new(),
            })),
            None => self.words.push(word),
        }
    }
}

/// The verb of a contraction with not: do of don, ca of can't is can.
fn negated(before: &str) -> Option<String> {
    Some(match before {
        "can" => "can".to_owned(),
        "won" => "will".to_owned(),
        "shan" => "shall".to_owned(),
        "ain" => "is".to_owned(),
        _ => before.strip_suffix('n').filter(|base| !base.is_empty())?.to_owned(),
    })
}

/// The words that a contraction stands for.
fn expansion(word: &Word, language: &str) -> Option<&'static [&'static str]> {
    Some(match (language, word.text.as_str()) {
        ("en", "ll") if word.joined => &["will"],
        ("en", "re") if word.joined => &["are"],
        ("en", "ve") if word.joined => &["have"],
        ("en", "m") if word.joined => &["am"],
        ("en", "gonna") => &["going", "to"],
        ("en", "wanna") => &["want", "to"],
        ("en", "gotta") => &["got", "to"],
        ("en", "cannot") => &["can", "not"],
        ("pt", "do") => &["de", "o"],
        ("pt", "da") => &["de", "a"],
        ("pt", "dos") => &["de", "os"],
        ("pt", "das") => &["de", "as"],
        ("pt", "no") => &["em", "o"],
        ("pt", "na") => &["em", "a"],
        ("pt", "nos") => &["em", "os"],
        ("pt", "nas") => &["em", "as"],
        ("pt", "ao") => &["a", "o"],
        ("pt", "à") => &["a", "a"],
        ("pt", "aos") => &["a", "os"],
        ("pt", "às") => &["a", "as"],
        ("pt", "pelo") => &["por", "o"],
        ("pt", "pela") => &["por", "a"],
        ("pt", "pelos") => &["por", "os"],
        ("pt", "pelas") => &["por", "as"],
        ("pt", "num") => &["em", "um"],
        ("pt", "numa") => &["em", "uma"],
        ("pt", "dum") => &["de", "um"],
        ("pt", "duma") => &["de", "uma"],
        ("pt", "dele") => &["de", "ele"],
        ("pt", "dela") => &["de", "ela"],
        ("pt", "nele") => &["em", "ele"],
        ("pt", "nela") => &["em", "ela"],
        ("pt", "deste") => &["de", "este"],
        ("pt", "desta") => &["de", "esta"],
        ("pt", "desse") => &["de", "esse"],
        ("pt", "dessa") => &["de", "essa"],
        ("pt", "disso") => &["de", "isso"],
        ("pt", "daquele") => &["de", "aquele"],
        ("pt", "daquela") => &["de", "aquela"],
        ("pt", "neste") => &["em", "este"],
        ("pt", "nesta") => &["em", "esta"],
        ("pt", "nesse") => &["em", "esse"],
        ("pt", "nessa") => &["em", "essa"],
        ("pt", "nisso") => &["em", "isso"],
        ("pt", "pro") => &["para", "o"],
        ("pt", "pra") => &["para"],
        ("es", "del") => &["de", "el"],
        ("es", "al") => &["a", "el"],
        ("fr", "du") => &["de", "le"],
        ("fr", "des") => &["de", "les"],
        ("fr", "au") => &["à", "le"],
        ("fr", "aux") => &["à", "les"],
        ("it", "del" | "dello") => &["di", "il"],
        ("it", "della") => &["di", "la"],
        ("it", "dei" | "degli") => &["di", "i"],
        ("it", "delle") => &["di", "le"],
        ("it", "al" | "allo") => &["a", "il"],
        ("it", "alla") => &["a", "la"],
        ("it", "nel" | "nello") => &["in", "il"],
        ("it", "nella") => &["in", "la"],
        ("it", "dal" | "dallo") => &["da", "il"],
        ("it", "dalla") => &["da", "la"],
        ("it", "sul" | "sullo") => &["su", "il"],
        ("it", "sulla") => &["su", "la"],
        ("de", "im") => &["in", "dem"],
        ("de", "ins") => &["in", "das"],
        ("de", "am") => &["an", "dem"],
        ("de", "ans") => &["an", "das"],
        ("de", "zum") => &["zu", "dem"],
        ("de", "zur") => &["zu", "der"],
        ("de", "vom") => &["von", "dem"],
        ("de", "beim") => &["bei", "dem"],
        _ => return None,
    })
}

/// One case, width and spelling of letters that look alike.
fn fold_into(char: char, word: &mut String) {
    match char {
        // Full width.
        '\u{FF01}'..='\u{FF5E}' => {
            let plain = char::from_u32(char as u32 - 0xFEE0).unwrap_or(char);
            word.extend(plain.to_lowercase());
        }
        // Arabic writes alef and yeh in several ways.
        'أ' | 'إ' | 'آ' | 'ٱ' => word.push('ا'),
        'ى' => word.push('ي'),
        _ => word.extend(char.to_lowercase()),
    }
}

/// Marks that may stand or be left out: joiners, soft hyphens, Arabic vowel signs and stretches.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{640}' | '\u{64B}'..='\u{652}' | '\u{670}')
}

/// Is it written without spaces between words?
pub(super) fn is_spaceless(char: char) -> bool {
    is_clustered(char)
        || matches!(char, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')
            && char != '・'
}

/// Thai, Lao, Myanmar, Khmer: letters with marks around them.
fn is_clustered(char: char) -> bool {
    matches!(char, '\u{E01}'..='\u{E4E}' | '\u{E81}'..='\u{ECE}' | '\u{1000}'..='\u{1049}' | '\u{1780}'..='\u{17D3}')
        && !matches!(char, '฿' | 'ฯ' | 'ๆ')
}

/// A mark that belongs to the character before it, a vowel after its consonant included.
fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}'
        | '\u{900}'..='\u{903}' | '\u{93A}'..='\u{93C}' | '\u{93E}'..='\u{94F}' | '\u{951}'..='\u{957}' | '\u{962}'..='\u{963}'
        | '\u{981}'..='\u{983}' | '\u{9BC}'..='\u{9D7}' | '\u{B82}' | '\u{BBE}'..='\u{BD7}' | '\u{C00}'..='\u{C04}'
        | '\u{C3E}'..='\u{C56}' | '\u{E30}'..='\u{E3A}' | '\u{E45}' | '\u{E47}'..='\u{E4E}' | '\u{EB0}'..='\u{EBC}'
        | '\u{EC8}'..='\u{ECE}' | '\u{102B}'..='\u{103E}' | '\u{17B6}'..='\u{17D3}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{3099}' | '\u{309A}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, language: &str) -> Vec<String> {
        words(text, &language.parse().unwrap()).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_cut_where_their_language_cuts_them() {
        assert_eq!(parts("Mr. Gu’s ex-wife DIDN'T cry.", "en"), ["mr", "gu", "s", "ex", "wife", "did", "not", "cry"]);
        assert_eq!(parts("Deus da Guerra, na mesa", "pt"), ["deus", "de", "a", "guerra", "em", "a", "mesa"]);
        assert_eq!(parts("l'accord du siècle", "fr"), ["l", "accord", "de", "le", "siècle"]);
        assert_eq!(parts("我爱你OK", "zh"), ["我", "爱", "你", "ok"]);
        assert_eq!(parts("เขาไม่รัก", "th"), ["เขา", "ไม่", "รั", "ก"]);
        assert_eq!(parts("क्या हुआ", "hi"), ["क्या", "हुआ"]);
        assert_eq!(parts("ＡＢＣ", "en"), ["abc"]);
        assert_eq!(parts("أُحِبُّكَ", "ar"), ["احبك"]);
    }

    #[test]
    fn ranges_lead_back_to_the_text() {
        let text = "¿Del señor Gu? ¡No—nunca!";
        for word in words(text, &"es".parse().unwrap()) {
            assert!(text.get(word.range.clone()).is_some_and(|piece| !piece.is_empty()), "{word:?}");
        }
    }

    #[test]
    fn words_are_counted_as_people_count_them() {
        let count = |text: &str, language: &str| count(text, &language.parse().unwrap()).round();
        assert_eq!(count("I don't love you anymore.", "en"), 5.0);
        assert_eq!(count("我已经不爱你了", "zh"), 4.0);
        assert_eq!(count("", "en"), 0.0);
    }
}
