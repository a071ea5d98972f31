//! Chinese names in English: pinyin to what an English speaker would say.
//!
//! English dictionaries hold few Chinese names, and a guess by English spelling rules makes "Qin" a
//! "kin" and "Zhang" a "zang". Tones are left out: an English sentence has its own melody. Does not know
//! whether a word is a name; it says only whether it can be read as pinyin.

/// Initials, longest first, with Kokoro's American symbols.
const INITIALS: &[(&str, &str)] = &[
    ("zh", "ʤ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("b", "b"),
    ("p", "p"),
    ("m", "m"),
    ("f", "f"),
    ("d", "d"),
    ("t", "t"),
    ("n", "n"),
    ("l", "l"),
    ("g", "ɡ"),
    ("k", "k"),
    ("h", "h"),
    ("j", "ʤ"),
    ("q", "ʧ"),
    ("x", "ʃ"),
    ("r", "ɹ"),
    ("z", "dz"),
    ("c", "ts"),
    ("s", "s"),
    ("y", "j"),
    ("w", "w"),
];

/// Finals: the glide, then the rest; the stress mark stands between the two.
const FINALS: &[(&str, &str, &str)] = &[
    ("a", "", "ɑ"),
    ("ai", "", "I"),
    ("an", "", "ɑn"),
    ("ang", "", "ɑŋ"),
    ("ao", "", "W"),
    ("e", "", "ʌ"),
    ("ei", "", "A"),
    ("en", "", "ʌn"),
    ("eng", "", "ʌŋ"),
    ("er", "", "ɑɹ"),
    ("i", "", "i"),
    ("ia", "j", "ɑ"),
    ("ian", "j", "ɛn"),
    ("iang", "j", "ɑŋ"),
    ("iao", "j", "W"),
    ("ie", "j", "ɛ"),
    ("in", "", "ɪn"),
    ("ing", "", "ɪŋ"),
    ("iong", "j", "ʊŋ"),
    ("iu", "j", "O"),
    ("o", "w", "ɔ"),
    ("ong", "", "ʊŋ"),
    ("ou", "", "O"),
    ("u", "", "u"),
    ("ua", "w", "ɑ"),
    ("uai", "w", "I"),
    ("uan", "w", "ɑn"),
    ("uang", "w", "ɑŋ"),
    ("ue", "w", "ɛ"),
    ("ui", "w", "A"),
    ("un", "", "ʊn"),
    ("uo", "w", "ɔ"),
    ("v", "", "u"),
    ("ve", "w", "ɛ"),
];

/// Finals that go with `y` and `w`, and `u` written for `ü`; only where they differ from the above.
fn special(initial: &str, last: &str) -> Option<(&'static str, &'static str)> {
    Some(match (initial, last) {
        // The buzzed vowel of zhi, chi, shi, ri and of zi, ci, si.
        ("zh" | "ch" | "sh" | "r", "i") => ("", "ɜɹ"),
        ("z" | "c" | "s", "i") => ("", "ə"),
        ("y", "i") => ("", "i"),
        ("y", "in") => ("", "ɪn"),
        ("y", "e") => ("", "ɛ"),
        ("y", "an") => ("", "ɛn"),
        ("j" | "q" | "x" | "y", "uan") => ("w", "ɛn"),
        ("w", "o") => ("", "ɔ"),
        _ => return None,
    })
}

/// Which initials and finals go together at all, as far as it keeps English words out.
fn exists(initial: &str, last: &str) -> bool {
    let front = last.starts_with('i') && last != "i" || last.starts_with('v');
    match initial {
        "" => matches!(last, "a" | "ai" | "an" | "ang" | "ao" | "e" | "ei" | "en" | "er" | "ou"),
        "y" => matches!(
            last,
            "a" | "an" | "ang" | "ao" | "e" | "i" | "in" | "ing" | "ong" | "ou" | "u" | "uan" | "ue" | "un"
        ),
        "w" => matches!(last, "a" | "ai" | "an" | "ang" | "ei" | "en" | "eng" | "o" | "u"),
        "j" | "q" | "x" => last.starts_with('i') || matches!(last, "u" | "uan" | "ue" | "un"),
        "r" if matches!(last, "a" | "ai" | "ei") => false,
        "zh" | "ch" | "sh" | "r" | "z" | "c" | "s" => !front && !matches!(last, "er" | "o" | "ue"),
        "b" | "p" | "m" if last.starts_with('u') => last == "u",
        "b" | "p" | "m" => !matches!(last, "e" | "er" | "ong" | "ia" | "iang" | "iong"),
        "f" => matches!(last, "a" | "an" | "ang" | "ei" | "en" | "eng" | "o" | "ou" | "u"),
        "g" | "k" | "h" => !last.starts_with('i') && !matches!(last, "er" | "o" | "ue") && !last.starts_with('v'),
        "d" | "t" => {
            !matches!(last, "er" | "o" | "iang" | "iong" | "ua" | "uai" | "uang" | "ue") && !last.starts_with('v')
        }
        "n" | "l" => !matches!(last, "er" | "o" | "iong" | "ua" | "uai" | "uang" | "ui"),
        _ => false,
    }
}

/// The word read as one to three syllables of pinyin, or `None` if it cannot be. An apostrophe parts
/// syllables (`Xi'an`).
pub(super) fn phonemes(word: &str) -> Option<String> {
    let lower = word.to_lowercase().replace('ü', "v");
    if lower.is_empty() || !lower.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'') {
        return None;
    }
    let mut syllables = Vec::new();
    if !parse(&lower, &mut syllables) {
        return None;
    }
    let mut out = String::new();
    for (index, (initial, glide, rest)) in syllables.into_iter().enumerate() {
        out.push_str(initial);
        out.push_str(glide);
        out.push(if index == 0 { 'ˈ' } else { 'ˌ' });
        out.push_str(rest);
    }
    Some(out)
}

/// Longest syllables first, taking one back where the rest cannot be read.
fn parse(text: &str, syllables: &mut Vec<(&'static str, &'static str, &'static str)>) -> bool {
    if text.is_empty() {
        return !syllables.is_empty();
    }
    if syllables.len() == 3 {
        return false;
    }
    let mut ways = Vec::new();
    for (initial, sound) in INITIALS.iter().chain([&("", "")]) {
        let Some(rest) = text.strip_prefix(initial) else { continue };
        for (last, glide, vowel) in FINALS {
            if rest.starts_with(last) && exists(initial, last) {
                let (glide, vowel) = special(initial, last).unwrap_or((glide, vowel));
                ways.push((initial.len() + last.len(), (*sound, glide, vowel)));
            }
        }
    }
    ways.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    for (length, syllable) in ways {
        syllables.push(syllable);
        let rest = &text[length..];
        if parse(rest.strip_prefix('\'').unwrap_or(rest), syllables) {
            return true;
        }
        syllables.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::phonemes;

    #[test]
    fn names_are_said_as_english_speakers_say_them() {
        for (name, said) in [
            ("Gu", "ɡˈu"),
            ("Yanzhou", "jˈɛnʤˌO"),
            ("Lin", "lˈɪn"),
            ("Wanqing", "wˈɑnʧˌɪŋ"),
            ("Qin", "ʧˈɪn"),
            ("Xiao", "ʃjˈW"),
            ("Zhang", "ʤˈɑŋ"),
            ("Shi", "ʃˈɜɹ"),
            ("Sichen", "sˈəʧˌʌn"),
            ("Xi'an", "ʃˈiˌɑn"),
            ("Jingchen", "ʤˈɪŋʧˌʌn"),
            ("Xuan", "ʃwˈɛn"),
            ("Nian", "njˈɛn"),
            ("Fangyuan", "fˈɑŋjwˌɛn"),
        ] {
            assert_eq!(phonemes(name).as_deref(), Some(said), "{name}");
        }
    }

    #[test]
    fn other_words_are_not_pinyin() {
        for word in ["Smith", "Brad", "Sakura", "Björn", "Dmitri", "Kevin", "Hmm", "", "'", "Bananarama", "Robert"] {
            assert_eq!(phonemes(word), None, "{word}");
        }
    }
}
