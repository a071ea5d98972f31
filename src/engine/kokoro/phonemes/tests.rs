use super::*;
use crate::engine::kokoro::text::speakable;

fn with_espeak(test: impl FnOnce(&Phonemizer)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let espeak = Arc::new(Espeak::new(runtime.handle().clone()));
    if let Err(error) = espeak.version() {
        println!("SKIPPED: {error}");
        return;
    }
    test(&Phonemizer::new(espeak));
}

#[test]
fn tied_sounds_become_one_symbol() {
    assert_eq!(from_ipa("vosˌe nˌɐ̃^ʊ̃ pˌɔd^ʒy"), "vosˌe nˌɐ̃ʊ̃ pˌɔʤy");
    assert_eq!(from_ipa("ʒə- t^ʃi"), "ʒə ʧi");
    assert_eq!(from_english_ipa("lˈɪt^ʃn\u{329}", false), "lˈɪʧᵊn");
    assert_eq!(from_english_ipa("θˈɜːɾi", false), "θˈɜɹTi");
    assert_eq!(from_english_ipa("ɡˈə^ʊt", true), "ɡˈQt");
}

#[test]
fn numbers_keep_their_marks() {
    let text = "Às 10:30, são 1.500,50; não?";
    let shown: String = pieces(text)
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => format!("[{words}]"),
            Piece::Mark(mark) => mark.to_string(),
        })
        .collect();
    assert_eq!(shown, "[Às 10:30],[ são 1.500,50];[ não]?");
}

#[test]
fn no_word_of_an_english_line_is_dropped() {
    with_espeak(|phonemizer| {
        for tongue in [Tongue::American, Tongue::British] {
            for text in [
                "Gu Yanzhou betrayed Ms. Lin and Lin Wanqing's café.",
                "Shouldn't've met Xiǎo Müller at 10:30 — mp3, 20kg, $3.5 million?",
                "Hmph! Shh... Tsk, Jaxxon Vandersloot qzxwv.",
            ] {
                let spoken = speakable(text, &"en".parse().unwrap()).unwrap();
                let all = phonemizer.phonemes(tongue, None, &spoken).unwrap();
                assert!(!all.contains(UNKNOWN), "{text}: {all}");
                // Each word alone has a sound, so none can vanish in the whole.
                for word in spoken.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)) {
                    let alone = phonemizer.phonemes(tongue, None, word).unwrap();
                    assert!(alone.contains(char::is_alphabetic), "{word}: {alone:?}");
                }
                assert!(all.split_whitespace().count() >= text.split_whitespace().count() - 1, "{text}: {all}");
            }
        }
    });
}

#[test]
fn names_go_by_pinyin_and_other_words_by_espeak() {
    with_espeak(|phonemizer| {
        let say = |text: &str| phonemizer.phonemes(Tongue::American, None, text).unwrap();
        assert_eq!(say("Gu Yanzhou!"), "ɡˈu jˈɛnʤˌO!");
        assert_eq!(say("Ms. Lin's"), "mˈɪz lˈɪnz");
        assert_eq!(say("Vandersloot"), "vˈændəɹslˌut");
    });
}

#[test]
fn other_languages_keep_their_punctuation() {
    with_espeak(|phonemizer| {
        let say = |tongue, text: &str| phonemizer.phonemes(tongue, None, text).unwrap();
        let portuguese = say(Tongue::Brazilian, "Não, Sofia! Eu te amo… “Vá”.");
        let marks: String = portuguese.chars().filter(|c| ",!…“”.".contains(*c)).collect();
        assert_eq!(marks, ",!…“”.", "{portuguese}");
        assert!(portuguese.starts_with("nˈɐ̃ʊ̃, "), "{portuguese}");
        assert!(say(Tongue::Spanish, "gracias").contains('θ'));
        assert!(!phonemizer.phonemes(Tongue::Spanish, Some("419"), "gracias").unwrap().contains('θ'));
        for (tongue, text) in
            [(Tongue::French, "Je t'aime, toi."), (Tongue::Italian, "Che cosa?"), (Tongue::Hindi, "मुझे जाने दो.")]
        {
            assert!(say(tongue, text).chars().count() > 5);
        }
    });
}
