//! Tokens to words: bytes that make whole characters, and the time of each word.
//!
//! Pure. Does not know the model; knows only that a token may end in the middle of a character,
//! and that alignment tells where a token ends.

use crate::script::Word;
use crate::time::{Span, Time};

/// One text token.
pub(super) struct Token<'a> {
    /// Its bytes; not always whole characters.
    pub(super) bytes: &'a [u8],
    /// Where it ends, relative to the piece.
    pub(super) end: Time,
    /// Probability, 0 to 1.
    pub(super) probability: f32,
}

/// Words of a segment at `span`, in order, none before the one in front of it. Punctuation belongs
/// to the word that it follows. In a language without spaces a word is what one token holds:
/// one or a few characters.
pub(super) fn words(tokens: &[Token<'_>], span: Span, spaceless: bool) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    // Probabilities of the tokens of the last word.
    let mut count = 0.0f32;
    let mut cursor = span.start;
    for piece in whole_characters(tokens) {
        // A start beyond the segment's own end would come from a mark of time that was misheard.
        let end = piece.end.max(cursor);
        let joins = words.last().is_some_and(|word| joins(&word.text, &piece.text, spaceless));
        match words.last_mut() {
            Some(word) if joins => {
                word.text.push_str(&piece.text);
                // The pause after a word lies on its punctuation; it is not part of the word.
                if !is_punctuation(&piece.text) {
                    word.span = Span::new(word.span.start, end);
                    word.probability = (word.probability * count + piece.probability) / (count + 1.0);
                    count += 1.0;
                }
            }
            _ => {
                words.push(Word { span: Span::new(cursor, end), text: piece.text, probability: piece.probability });
                count = 1.0;
            }
        }
        cursor = end;
    }
    words
}

struct Piece {
    text: String,
    end: Time,
    probability: f32,
}

/// Tokens joined until their bytes are whole characters; bytes that never become any are dropped.
fn whole_characters(tokens: &[Token<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    let mut probability = 1.0f32;
    for token in tokens {
        if bytes.is_empty() {
            probability = token.probability;
        }
        bytes.extend_from_slice(token.bytes);
        probability = probability.min(token.probability);
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                pieces.push(Piece { text: text.to_owned(), end: token.end, probability });
                bytes.clear();
            }
            // `None` means that more bytes may complete the character.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                let text: String = String::from_utf8_lossy(&bytes).replace(char::REPLACEMENT_CHARACTER, "");
                if !text.is_empty() {
                    pieces.push(Piece { text, end: token.end, probability });
                }
                bytes.clear();
            }
        }
    }
    pieces
}

/// Does `next` continue the word `last`?
fn joins(last: &str, next: &str, spaceless: bool) -> bool {
    if is_punctuation(next) {
        return true;
    }
    if next.starts_with(char::is_whitespace) {
        return false;
    }
    if !spaceless {
        return true;
    }
    // A foreign word or a number within text without spaces: `Auto` `Cut`, `20` `17`.
    let latin = |c: char| c.is_ascii_alphanumeric();
    last.ends_with(latin) && next.starts_with(latin)
}

/// Nothing in it is spoken. An opening quote is punctuation too, but begins a word.
fn is_punctuation(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.chars().any(|c| c.is_alphanumeric() || "“‘「『《（([{¿¡%$€£¥&@#+".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, end_ms: i64) -> Token<'_> {
        Token { bytes: text.as_bytes(), end: Time::from_ms(end_ms), probability: 0.5 }
    }

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|w| w.text.as_str()).collect()
    }

    #[test]
    fn a_character_may_be_spread_over_tokens() {
        let bytes = "霄汉".as_bytes();
        let tokens = [
            Token { bytes: &bytes[..2], end: Time::from_ms(100), probability: 0.9 },
            Token { bytes: &bytes[2..4], end: Time::from_ms(200), probability: 0.3 },
            Token { bytes: &bytes[4..], end: Time::from_ms(300), probability: 0.8 },
        ];
        let words = words(&tokens, Span::from_ms(0, 400), true);
        assert_eq!(texts(&words), ["霄汉"]);
        assert_eq!(words[0].span, Span::from_ms(0, 300));
        assert_eq!(words[0].probability, 0.3);
    }

    #[test]
    fn bytes_that_are_no_text_are_dropped() {
        let tokens = [
            Token { bytes: &[0xe9, 0x9c], end: Time::from_ms(100), probability: 0.9 },
            token("好", 200),
            token("的", 300),
        ];
        assert_eq!(texts(&words(&tokens, Span::from_ms(0, 400), true)), ["好", "的"]);
    }

    #[test]
    fn spaces_begin_words_and_punctuation_ends_them() {
        let tokens = [token(" And", 200), token(" so", 400), token(",", 800), token(" fel", 900), token("low", 1000)];
        let words = words(&tokens, Span::from_ms(0, 1000), false);
        assert_eq!(texts(&words), [" And", " so,", " fellow"]);
        assert_eq!(words[1].span, Span::from_ms(200, 400));
        assert_eq!(words[2].span, Span::from_ms(800, 1000));
    }

    #[test]
    fn chinese_words_are_tokens_and_latin_runs_stay_whole() {
        let tokens = [
            token("我", 100),
            token("叫", 200),
            token("Auto", 300),
            token("Cut", 400),
            token("。", 500),
            token("「", 520),
            token("好", 600),
        ];
        assert_eq!(texts(&words(&tokens, Span::from_ms(0, 700), true)), ["我", "叫", "AutoCut。", "「", "好"]);
    }

    #[test]
    fn time_never_runs_backwards() {
        let tokens = [token("一", 500), token("二", 300), token("三", 600)];
        let words = words(&tokens, Span::from_ms(100, 700), true);
        for pair in words.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start);
        }
    }
}
