//! Which words are forms of one word: plural, possessive, tense, gender, prefixes and suffixes, by language.
//!
//! Rules, not dictionaries: what two words have in common after the language's endings are taken off. A form
//! that no rule reaches belongs into the entry's `forms`. Rather two words too alike than a right wording refused:
//! what depends on it is told to people, and repaired at most.

mod arabic;
mod english;
mod indonesian;

use super::words::Word;
use crate::lang::Lang;
use rust_stemmers::{Algorithm, Stemmer};

/// Are they forms of one word?
pub(super) fn same(a: &Word, b: &Word, language: &Lang) -> bool {
    if a.text == b.text {
        return true;
    }
    let shared = roots(a, language).iter().any(|root| roots(b, language).contains(root));
    // Accents are compared strictly: papá is no form of papa.
    shared && !only_accents_differ(&a.text, &b.text)
}

/// Does `text` begin with the last word of a wording, so that only particles follow it? Korean grows them on.
pub(super) fn grown(text: &Word, wording: &Word, language: &Lang) -> bool {
    if language.primary() != "ko" {
        return false;
    }
    let Some(rest) = text.text.strip_prefix(wording.text.as_str()) else { return false };
    // After two syllables or more the rest is hardly a part of the word; after one it must be a particle.
    const PARTICLES: [&str; 22] = [
        "은", "는", "이", "가", "을", "를", "의", "에", "께", "와", "과", "랑", "도", "만", "로", "으로", "님", "씨",
        "아", "야", "들", "한테",
    ];
    wording.text.chars().count() >= 2 || PARTICLES.iter().any(|particle| rest.starts_with(particle))
}

/// Does the language inflect names, or grow prefixes onto them?
pub(super) fn bends_names(language: &Lang) -> bool {
    matches!(language.primary(), "ar" | "ru" | "uk" | "fi" | "hu" | "tr" | "el")
}

/// What the forms of a word have in common: one root where the rules are sure, several where they are not.
fn roots<'a>(word: &'a Word, language: &Lang) -> &'a [String] {
    word.roots.get_or_init(|| {
        let text = word.text.as_str();
        let mut roots = match language.primary() {
            "ar" => return arabic::roots(text),
            "id" | "ms" => return indonesian::roots(text),
            "hi" => return vec![hindi(text).to_owned()],
            "en" => english::roots(text),
            _ => Vec::new(),
        };
        // What is long beyond any word is no word.
        if let Some(stemmer) = stemmer(language).filter(|_| text.len() <= 60 && text.chars().all(char::is_alphabetic)) {
            roots.push(stemmer.stem(text).into_owned());
        }
        if roots.is_empty() {
            roots.push(text.to_owned());
        }
        roots
    })
}

fn stemmer(language: &Lang) -> Option<Stemmer> {
    Some(Stemmer::create(match language.primary() {
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "pt" => Algorithm::Portuguese,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "da" => Algorithm::Danish,
        "sv" => Algorithm::Swedish,
        "nb" | "no" => Algorithm::Norwegian,
        "fi" => Algorithm::Finnish,
        "hu" => Algorithm::Hungarian,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "tr" => Algorithm::Turkish,
        "el" => Algorithm::Greek,
        _ => return None,
    }))
}

/// Without the endings of number and case: लड़का, लड़के, लड़कों.
fn hindi(word: &str) -> &str {
    const ENDINGS: [&str; 12] = ["ियों", "ियाँ", "ियां", "ों", "ें", "ाओं", "ओं", "ी", "ा", "े", "ो", "ि"];
    let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending));
    let stem = ending.and_then(|ending| word.strip_suffix(ending)).unwrap_or(word);
    if stem.chars().count() >= 2 { stem } else { word }
}

fn only_accents_differ(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        let letter = |c: char| match c {
            'á' | 'à' | 'â' | 'ã' => 'a',
            'é' | 'è' | 'ê' => 'e',
            'í' | 'ì' | 'î' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' => 'o',
            'ú' | 'ù' | 'û' => 'u',
            c => c,
        };
        text.chars().map(letter).collect()
    };
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::words::words;

    fn alike(language: &str, a: &str, b: &str) -> bool {
        let language: Lang = language.parse().unwrap();
        let (a, b) = (words(a, &language), words(b, &language));
        same(&a[0], &b[0], &language)
    }

    #[test]
    fn forms_of_one_word_are_the_same() {
        for (language, a, b) in [
            ("en", "heiresses", "heiress"),
            ("en", "marries", "married"),
            ("en", "ran", "running"),
            ("en", "wives", "wife"),
            ("en", "left", "leave"),
            ("es", "herederas", "heredero"),
            ("es", "firmó", "firmar"),
            ("pt", "canalhas", "canalha"),
            ("pt", "atreveu", "atreve"),
            ("pt", "assinaram", "assinou"),
            ("id", "dinikahi", "menikah"),
            ("id", "suaminya", "suami"),
            ("id", "memukul", "pukul"),
            ("id", "menyewa", "disewa"),
            ("ar", "والزوجة", "زوجتي"),
            ("ar", "بالطلاق", "الطلاق"),
            ("ar", "رئيسنا", "الرئيس"),
            ("hi", "लड़कों", "लड़का"),
            ("fr", "signées", "signer"),
            ("de", "Verträge", "Vertrag"),
            ("it", "firmato", "firmare"),
            ("ru", "договора", "договор"),
        ] {
            assert!(alike(language, a, b), "{language}: {a} {b}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for (language, a, b) in [
            ("en", "class", "ass"),
            ("en", "boss", "bossy"),
            ("en", "one", "once"),
            ("en", "master", "mister"),
            ("es", "papa", "papá"),
            ("es", "esposa", "espejo"),
            ("pt", "avô", "avó"),
            ("id", "makan", "minum"),
            ("id", "istri", "suami"),
            ("ar", "زوج", "زواج"),
            ("hi", "घर", "डर"),
        ] {
            assert!(!alike(language, a, b), "{language}: {a} {b}");
        }
    }
}
