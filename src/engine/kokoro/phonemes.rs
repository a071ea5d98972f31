//! From spoken text to Kokoro's phonemes: English by misaki, every other language by espeak-ng.
//!
//! The symbols are those that Kokoro was trained with, as misaki 0.9.4 writes them: one character for a
//! diphthong or an affricate. Does not know their numbers in the model's vocabulary, nor voices.

use super::espeak::{Espeak, TIE};
use super::pinyin;
use super::voices::Tongue;
use crate::error::{Error, Kind, Result};
use misaki_rs::fallback::FallbackError;
use misaki_rs::{Fallback, G2P, Language};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The crate that phonemizes English, as part of the key of every take.
pub(super) const ENGLISH: &str = "misaki-rs 0.8";

/// misaki's sign for what it could not read.
const UNKNOWN: char = '❓';

/// Makes phonemes, for several threads at once.
pub(super) struct Phonemizer {
    espeak: Arc<Espeak>,
    american: OnceLock<Mutex<English>>,
    british: OnceLock<Mutex<English>>,
}

struct English {
    g2p: G2P,
    words: Arc<Words>,
}

/// What reads the words that misaki's dictionary does not hold.
struct Words {
    espeak: Arc<Espeak>,
    british: bool,
    /// misaki hands on only a text of an error; the error itself waits here.
    failure: Mutex<Option<Error>>,
}

struct Unknown(Arc<Words>);

impl Fallback for Unknown {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        self.0.phonemes(word).map_err(|error| {
            let text = error.to_string();
            *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            FallbackError::Espeak { word: word.to_owned(), error: text }
        })
    }
}

impl Phonemizer {
    pub(super) fn new(espeak: Arc<Espeak>) -> Phonemizer {
        Phonemizer { espeak, american: OnceLock::new(), british: OnceLock::new() }
    }

    /// The phonemes of a text that `text::speakable` has prepared. `region` is that of the text's language.
    ///
    /// # Errors
    /// Fails if espeak-ng is needed and missing, or if a word comes to nothing.
    pub(super) fn phonemes(&self, tongue: Tongue, region: Option<&str>, text: &str) -> Result<String> {
        let language = match tongue {
            Tongue::American => return self.english(&self.american, false, text),
            Tongue::British => return self.english(&self.british, true, text),
            // The model knows both; most of the world's Spanish has no lisp.
            Tongue::Spanish if region.is_some_and(|region| region != "ES") => "es-419",
            Tongue::Spanish => "es",
            Tongue::French => "fr-fr",
            Tongue::Hindi => "hi",
            Tongue::Italian => "it",
            Tongue::Brazilian => "pt-br",
            Tongue::Japanese | Tongue::Mandarin => {
                return Err(Error::new(Kind::Usage, format!("kokoro has no phonemes for {}", tongue.tag()))
                    .hint("choose another engine with --synthesizer (`dubline engines` lists them)"));
            }
        };
        self.other(language, text)
    }

    fn english(&self, slot: &OnceLock<Mutex<English>>, british: bool, text: &str) -> Result<String> {
        let english = slot.get_or_init(|| {
            let words = Words { espeak: self.espeak.clone(), british, failure: Mutex::new(None) };
            let words = Arc::new(words);
            let language = if british { Language::EnglishGB } else { Language::EnglishUS };
            let g2p = G2P::with_fallback(language, Some(Box::new(Unknown(words.clone()))));
            Mutex::new(English { g2p, words })
        });
        let english = english.lock().unwrap_or_else(PoisonError::into_inner);
        let (joined, tokens) = english.g2p.g2p(text).map_err(|error| {
            let failure = english.words.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
            failure.unwrap_or_else(|| Error::new(Kind::Engine, format!("cannot read {text:?}")).because(error))
        })?;
        if !joined.contains(UNKNOWN) {
            return Ok(joined);
        }
        // What is left unread is a sign, which has no sound, or a word, which must not be lost.
        let mut phonemes = String::new();
        for token in &tokens {
            match &token.phonemes {
                Some(known) if !known.contains(UNKNOWN) => phonemes.push_str(known),
                _ if token.text.contains(char::is_alphanumeric) => {
                    phonemes.push_str(&english.words.phonemes(&token.text)?);
                }
                _ => {}
            }
            phonemes.push_str(&token.whitespace);
        }
        Ok(phonemes)
    }

    /// Punctuation splits the text, since espeak-ng does not hand it on and Kokoro wants it for its pauses.
    fn other(&self, language: &str, text: &str) -> Result<String> {
        let mut phonemes = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Words(words) => {
                    let ipa = self.espeak.ipa(language, words)?;
                    if ipa.is_empty() {
                        return Err(Error::new(Kind::Engine, format!("espeak-ng says nothing for {words:?}"))
                            .hint("correct the line"));
                    }
                    if words.starts_with(' ') {
                        phonemes.push(' ');
                    }
                    phonemes.push_str(&from_ipa(&ipa));
                    if words.ends_with(' ') {
                        phonemes.push(' ');
                    }
                }
                Piece::Mark(mark) => phonemes.push(mark),
            }
        }
        Ok(phonemes.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

enum Piece<'a> {
    Words(&'a str),
    Mark(char),
}

/// Stretches of words, and the marks between them. A mark between two digits belongs to the number.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |(_, next)| *next);
        let inside = matches!(c, '.' | ',' | ':') && last.is_ascii_digit() && next.is_ascii_digit();
        if !inside && matches!(c, ';' | ':' | ',' | '.' | '!' | '?' | '—' | '…' | '"' | '(' | ')' | '“' | '”') {
            pieces.push(Piece::Words(&text[start..at]));
            pieces.push(Piece::Mark(c));
            start = at + c.len_utf8();
        }
        last = c;
    }
    pieces.push(Piece::Words(&text[start..]));
    // A stretch without a letter or digit is only the space between two marks.
    let silent = |words: &str| !words.contains(char::is_alphanumeric);
    pieces.retain(|piece| !matches!(piece, Piece::Words(words) if silent(words) && !words.contains(' ')));
    for piece in &mut pieces {
        if matches!(piece, Piece::Words(words) if silent(words)) {
            *piece = Piece::Mark(' ');
        }
    }
    pieces
}

/// Sounds of two letters that have one symbol in Kokoro's alphabet; after misaki's `EspeakG2P`.
const TIED: [(&str, &str); 11] = [
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("s^s", "S"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
];

fn from_ipa(ipa: &str) -> String {
    let mut phonemes = ipa.to_owned();
    for (tied, one) in TIED {
        phonemes = phonemes.replace(tied, one);
    }
    phonemes.chars().filter(|c| *c != TIE && *c != '-').collect()
}

/// English sounds as espeak-ng writes them, longest first; after misaki's `EspeakFallback`.
const ENGLISH_SOUNDS: [(&str, &str); 19] = [
    ("ʔˌn\u{329}", "ʔn"),
    ("ʔn\u{329}", "ʔn"),
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("ʲo", "jo"),
    ("ʲə", "jə"),
    ("ʲ", ""),
    ("ɚ", "əɹ"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("\u{303}", ""),
];

fn from_english_ipa(ipa: &str, british: bool) -> String {
    let mut phonemes = ipa.to_owned();
    for (written, symbol) in ENGLISH_SOUNDS {
        phonemes = phonemes.replace(written, symbol);
    }
    let accent: &[(&str, &str)] = if british {
        &[("e^ə", "ɛː"), ("iə", "ɪə"), ("ə^ʊ", "Q")]
    } else {
        &[("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", "")]
    };
    for (written, symbol) in accent {
        phonemes = phonemes.replace(written, symbol);
    }
    phonemes = phonemes.replace('e', "A").replace('o', "ɔ").replace('ɾ', "T").replace('ʔ', "t");
    // A consonant that is a syllable of its own gets a small vowel before it.
    let mut out = String::with_capacity(phonemes.len());
    for c in phonemes.chars() {
        match (c, out.pop()) {
            ('\u{329}', Some(before)) if !before.is_whitespace() => out.extend(['ᵊ', before]),
            ('\u{329}' | TIE, before) => out.extend(before),
            (c, before) => out.extend(before.into_iter().chain([c])),
        }
    }
    out
}

/// Sounds that people make and write without a vowel; espeak-ng would spell them letter by letter.
const INTERJECTIONS: [(&str, &str); 12] = [
    ("hmph", "hˈʌmf"),
    ("humph", "hˈʌmf"),
    ("shh", "ʃʃ"),
    ("sh", "ʃʃ"),
    ("argh", "ˈɑɹɡ"),
    ("arrgh", "ˈɑɹɡ"),
    ("grr", "ɡˈɜɹ"),
    ("brr", "bˈɜɹ"),
    ("tsk", "tˈɪsk"),
    ("tch", "ʧ"),
    ("zzz", "zz"),
    ("heh", "hˈɛ"),
];

impl Words {
    /// One word that the dictionary does not hold.
    fn phonemes(&self, word: &str) -> Result<String> {
        let lower = word.to_lowercase();
        if let Some((_, sound)) = INTERJECTIONS.iter().find(|(written, _)| *written == lower) {
            return Ok((*sound).to_owned());
        }
        if word.starts_with(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase) {
            let (name, genitive) = match word.strip_suffix("'s") {
                Some(name) => (name, "z"),
                None => (word, ""),
            };
            if let Some(name) = pinyin::phonemes(name) {
                let name = if self.british { britain(&name) } else { name };
                return Ok(name + genitive);
            }
        }
        let ipa = self.espeak.ipa(if self.british { "en-gb" } else { "en-us" }, word)?;
        let phonemes = from_english_ipa(&ipa, self.british);
        if phonemes.trim().is_empty() {
            return Err(Error::new(Kind::Engine, format!("cannot pronounce {word:?}")).hint("correct the line"));
        }
        Ok(phonemes)
    }
}

/// American symbols as misaki writes the same sounds for British voices.
fn britain(american: &str) -> String {
    american
        .replace("ɜɹ", "ɜː")
        .replace('ɑ', "ɑː")
        .replace("ɑːɹ", "ɑː")
        .replace('O', "Q")
        .replace('i', "iː")
        .replace('u', "uː")
}

#[cfg(test)]
mod tests;
