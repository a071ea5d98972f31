//! Syllables of a text, about: groups of vowels in Latin, Greek and Cyrillic writing, characters in Chinese, morae in
//! Japanese, syllable blocks in Korean, letters in proportion where vowels are not written.
//!
//! Numbers count as they are read out. Knows no dictionary; off by a tenth over many lines.

use crate::lang::Lang;

/// Words that are written shorter than they are said, with their syllables.
pub(super) const SHORT_FORMS: &[(&str, f64)] = &[
    ("mr", 2.0),
    ("mrs", 2.0),
    ("ms", 1.0),
    ("dr", 2.0),
    ("dra", 3.0),
    ("st", 1.0),
    ("sr", 2.0),
    ("sra", 3.0),
    ("srta", 4.0),
    ("ud", 2.0),
    ("uds", 3.0),
    ("m", 2.0),
    ("mme", 2.0),
    ("mlle", 3.0),
    ("sig", 3.0),
    ("jl", 2.0),
];

/// How many syllables `text` has when it is said in `language`.
pub fn syllables(text: &str, language: &Lang) -> f64 {
    let shouted = !text.chars().any(char::is_lowercase);
    let mut total = 0.0;
    let mut at = 0;
    while let Some(char) = text[at..].chars().next() {
        let stretch = |of: fn(char) -> bool| -> &str {
            let length = text[at..].chars().take_while(|c| of(*c)).map(char::len_utf8).sum::<usize>();
            &text[at..at + length]
        };
        let piece = if char.is_numeric() {
            let piece = stretch(|c| c.is_numeric() || matches!(c, '.' | ',' | ':'));
            total += number(piece);
            piece
        } else if is_letter(char) {
            let piece = stretch(is_letter);
            total += word(piece, language, shouted);
            piece
        } else {
            total += symbol(char);
            &text[at..at + char.len_utf8()]
        };
        at += piece.len();
    }
    total
}

fn is_letter(char: char) -> bool {
    // Marks of Indic, Thai and Arabic writing are parts of words though they are no letters.
    char.is_alphabetic() && !char.is_numeric()
        || matches!(char, '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{652}' | '\u{93C}' | '\u{94D}' | '\u{E47}'..='\u{E4E}' | '\'' | '’')
}

/// A number read out: its digits that are not zero, and a word for each thousand.
fn number(piece: &str) -> f64 {
    let digits: Vec<char> = piece.chars().filter(|c| c.is_numeric()).collect();
    let said = digits.iter().filter(|c| c.to_digit(10) != Some(0)).count().max(1) as f64;
    let groups = (digits.len().saturating_sub(1) / 3) as f64;
    // Hundreds and tens take a word of their own: about three syllables for two digits.
    said * 1.6 + groups * 2.0
}

fn symbol(char: char) -> f64 {
    match char {
        '%' | '％' => 2.0,
        '$' | '€' | '£' | '¥' => 2.0,
        '&' | '+' => 1.0,
        _ => 0.0,
    }
}

fn word(word: &str, language: &Lang, shouted: bool) -> f64 {
    let first = word.chars().find(|c| c.is_alphabetic()).unwrap_or('a');
    match first {
        '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '\u{3041}'..='\u{30FF}' => {
            han_and_kana(word, language)
        }
        '\u{AC00}'..='\u{D7A3}' => word.chars().filter(|c| ('\u{AC00}'..='\u{D7A3}').contains(c)).count() as f64,
        // Thai, Lao: 2.4 characters a syllable, marks above and below left out.
        '\u{E01}'..='\u{EFF}' => {
            let below_or_above = |c: &char| matches!(c, '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}' | '\u{EB1}' | '\u{EB4}'..='\u{EBC}' | '\u{EC8}'..='\u{ECE}');
            word.chars().filter(|c| !below_or_above(c)).count() as f64 / 2.4
        }
        '\u{900}'..='\u{DFF}' => indic(word),
        // Short vowels are not written: about 0.55 syllables a letter.
        '\u{590}'..='\u{8FF}' => {
            let letters = word.chars().filter(|c| c.is_alphabetic() && !('\u{64B}'..='\u{652}').contains(c)).count();
            (letters as f64 * 0.55).max(1.0)
        }
        _ => alphabetic(word, language, shouted),
    }
}

/// A Chinese character is a syllable; in Japanese a kana is a mora, and a kanji two.
fn han_and_kana(word: &str, language: &Lang) -> f64 {
    let han = if language.primary() == "ja" { 1.9 } else { 1.0 };
    word.chars()
        .map(|c| match c {
            'ゃ' | 'ゅ' | 'ょ' | 'ャ' | 'ュ' | 'ョ' | 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ'
            | 'ォ' => 0.0,
            '\u{3041}'..='\u{30FF}' => 1.0,
            c if c.is_ascii() => 0.35,
            _ => han,
        })
        .sum()
}

/// Consonants with their vowel, but for those that a virama joins to the next and the last one's inherent vowel.
fn indic(word: &str) -> f64 {
    let chars: Vec<char> = word.chars().collect();
    let consonant = |c: char| matches!(c as u32 & 0x7F, 0x15..=0x39) && ('\u{900}'..='\u{DFF}').contains(&c);
    let independent = |c: char| matches!(c as u32 & 0x7F, 0x04..=0x14) && ('\u{900}'..='\u{DFF}').contains(&c);
    let virama = |at: usize| chars.get(at).is_some_and(|c| *c as u32 & 0x7F == 0x4D);
    let nucleus = |(at, c): (usize, &char)| independent(*c) || consonant(*c) && !virama(at + 1);
    let count = chars.iter().enumerate().filter(|piece| nucleus(*piece)).count();
    let silent = chars.last().is_some_and(|c| consonant(*c)) && count > 1;
    (count - usize::from(silent)).max(1) as f64
}

/// Groups of vowels, with what each language does with its own.
fn alphabetic(word: &str, language: &Lang, shouted: bool) -> f64 {
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphabetic()).collect();
    let text: String = lower.iter().collect();
    if let Some((_, syllables)) = SHORT_FORMS.iter().find(|(short, _)| *short == text) {
        return *syllables;
    }
    let vowels = |c: &char| is_vowel(*c);
    let no_vowel = !lower.iter().any(vowels);
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    // CEO, DNA, KTV are spelled out.
    if !shouted && capitals == lower.len() && (2..=4).contains(&lower.len())
        || no_vowel && lower.len() > 1 && capitals > 1
    {
        return lower.len() as f64;
    }
    if language.primary() == "vi" {
        return 1.0;
    }
    let mut groups = 0usize;
    let mut before: Option<char> = None;
    for (at, c) in lower.iter().enumerate() {
        if is_vowel(*c) {
            groups += usize::from(before.is_none_or(|before| !is_vowel(before) || is_hiatus(before, *c, language)));
        }
        // Qu and gu before a vowel are consonants in Romance languages, qu in English too.
        let silent_u =
            *c == 'u' && at > 0 && matches!(lower[at - 1], 'q' | 'g') && lower.get(at + 1).is_some_and(vowels);
        before = Some(if silent_u && (lower[at - 1] == 'q' || language.primary() != "en") { 'q' } else { *c });
        if silent_u && (lower[at - 1] == 'q' || language.primary() != "en") {
            groups -= usize::from(groups > 0);
        }
    }
    let silent = match language.primary() {
        "en" => silent_in_english(&text),
        "fr" => ["e", "es", "ent"].iter().any(|end| text.ends_with(end)) && !text.ends_with("ment"),
        _ => false,
    };
    (groups.saturating_sub(usize::from(silent))).max(1) as f64
}

fn is_vowel(char: char) -> bool {
    matches!(char,
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'à'..='æ' | 'è'..='ï' | 'ò'..='ö' | 'ø'..='ý' | 'ÿ' | 'ā' | 'ă' | 'ą' | 'ē' | 'ę' | 'ě'
        | 'ī' | 'ı' | 'ō' | 'ő' | 'œ' | 'ū' | 'ů' | 'ű' | 'ơ' | 'ư' | '\u{1EA0}'..='\u{1EF9}'
        | 'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'і' | 'ї' | 'є'
        | 'α' | 'ε' | 'η' | 'ι' | 'ο' | 'υ' | 'ω' | 'ά' | 'έ' | 'ή' | 'ί' | 'ό' | 'ύ' | 'ώ')
}

/// Do two vowels side by side belong to two syllables?
fn is_hiatus(first: char, second: char, language: &Lang) -> bool {
    let open = |c: char| matches!(c, 'a' | 'e' | 'o' | 'á' | 'é' | 'ó' | 'à' | 'è' | 'ò' | 'â' | 'ê' | 'ô');
    let stressed = |c: char| matches!(c, 'í' | 'ú' | 'ì' | 'ù');
    match language.primary() {
        // Caer, país, día: two open vowels, or a stressed closed one; not ão, õe.
        "es" | "pt" | "it" | "ro" | "ca" | "gl" => open(first) && open(second) || stressed(first) || stressed(second),
        // Ci-u-man, bu-ah; ai and au are one.
        "id" | "ms" | "tl" | "fil" | "sw" => !matches!((first, second), ('a', 'i') | ('a', 'u') | ('o', 'i')),
        "en" => matches!((first, second), ('i', 'a' | 'o' | 'u') | ('e', 'o') | ('u', 'a') | ('y', 'i') | ('o', 'e')),
        "de" | "nl" => !matches!(
            (first, second),
            ('e' | 'a', 'i')
                | ('i' | 'e', 'e')
                | ('e' | 'a' | 'ä', 'u')
                | ('a', 'a')
                | ('o', 'o')
                | ('o', 'e')
                | ('u', 'i')
                | ('o', 'u')
        ),
        // Every vowel of Russian, Greek and their neighbours is a syllable.
        "ru" | "uk" | "bg" | "sr" | "be" => true,
        _ => false,
    }
}

/// Made, walked, houses' e: is the last e of an English word silent?
fn silent_in_english(word: &str) -> bool {
    let before = |end: &str| word.strip_suffix(end).and_then(|stem| stem.chars().next_back());
    if let Some(last) = before("ed") {
        return !matches!(last, 't' | 'd') && !is_vowel(last);
    }
    if let Some(last) = before("es") {
        return !matches!(last, 's' | 'x' | 'z' | 'h' | 'c' | 'g') && !is_vowel(last);
    }
    let stem = word.strip_suffix('e').unwrap_or_default();
    match stem.chars().next_back() {
        // Table and people keep it after a consonant and l; tale does not.
        Some('l') => stem.chars().rev().nth(1).is_some_and(is_vowel),
        Some(last) => !is_vowel(last) && stem.chars().any(is_vowel),
        None => false,
    }
}
