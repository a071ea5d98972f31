use super::*;

fn say_in(language: &str, text: &str) -> String {
    speakable(text, &language.parse().unwrap()).unwrap()
}

#[test]
fn signs_become_words_in_the_language() {
    for (language, written, spoken) in [
        ("en", "$3.5 million, R$50 & ¥1", "3.5 million dollars, 50 reais and 1 yuan"),
        ("en", "$20.50 for £1.05.", "20 dollars and 50 cents for 1 pound and 5 pence."),
        ("en", "At 10:30, 7:05, 9:00 or 3:45pm?", "At 10 30, 7 oh 5, 9 o'clock or 3 45 PM?"),
        ("en", "10:00 a.m.", "10 a.m."),
        ("en", "pages 10-20; call 555-1234", "pages 10 to 20; call 5 5 5, 1 2 3 4"),
        ("en", "the 1990s, 90s, #1, 20kg, 5°C", "the 19 nineties, nineties, number 1, 20 kilograms, 5 degrees"),
        ("pt-BR", "Custa R$ 50!", "Custa 50 reais!"),
        ("pt-BR", "R$ 1.500,50 e R$ 2 milhões", "1.500 reais e 50 centavos e 2 milhões de reais"),
        ("pt-BR", "às 14h30, às 9h, às 10:30", "às 14 e 30, às 9 horas, às 10 e 30"),
        ("es", "Son 20€, Sr. López.", "Son 20 euros, señor López."),
        ("fr", "M. Dupont, à 14h30", "monsieur Dupont, à 14 heures 30"),
        ("it", "Sig.ra Rossi, 3 + 4", "signora Rossi, 3 più 4"),
        ("hi", "₹500 दो।", "500 रुपये दो."),
    ] {
        assert_eq!(say_in(language, written), spoken, "{language}: {written}");
    }
}

#[test]
fn punctuation_becomes_what_the_model_knows() {
    for (written, spoken) in [
        ("Wait... no..", "Wait… no…"),
        ("Stop--now - please–or else", "Stop — now — please — or else"),
        ("«Oui» 「hai」 ‘it’s’", "“Oui” “hai” 'it's'"),
        ("Really？！ Yes。", "Really?! Yes."),
        ("[laughs] *Hello* 😀 ♪ there™", "(laughs) Hello there"),
        ("well-known", "well-known"),
    ] {
        assert_eq!(say_in("en", written), spoken, "{written}");
    }
}

#[test]
fn people_stammer_and_shout() {
    for (written, spoken) in [
        ("W-w-what? N-no! I-I know.", "what? no! I-I know."),
        ("Nooooo! Goooood. Pleeease... Shhhh", "No! Good. Please… Shh"),
        ("Re-release the co-conspirator, y-you e-mail!", "Re-release the co-conspirator, you e-mail!"),
        ("Ms Lin, Dr. Wu etc.", "Ms. Lin, Dr. Wu etc."),
    ] {
        assert_eq!(say_in("en", written), spoken, "{written}");
    }
    assert_eq!(say_in("pt-BR", "Nãããão! Sr. Gu etc."), "Não! senhor Gu etcétera.");
}

#[test]
fn nothing_to_say_is_an_error() {
    for empty in ["", "   ", "...", "?!", "😀♪", "—", "***"] {
        let error = speakable(empty, &"en".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("nothing to speak"), "{empty:?}: {error}");
    }
}

#[test]
fn letters_that_the_language_does_not_know_are_an_error() {
    let error = speakable("顾总 is here", &"en".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("顾总"), "{error}");
    let error = speakable("สวัสดี", &"th".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
}

#[test]
fn no_text_breaks_it() {
    // Every pair of awkward pieces, in every language.
    let pieces = [
        "$", "R$", "5", "10:3", ":", "-", "--", "—", ".", "..", "a", "A-", "-a", "ã", "h", "14h", "'", "…", "(", "#",
        "/", "𝄞",
    ];
    for language in ["en", "pt-BR", "es", "fr", "it", "hi"] {
        let language: Lang = language.parse().unwrap();
        for a in pieces {
            for b in pieces {
                for text in [format!("{a}{b}"), format!("{a} {b}"), format!("{b}{a}{b} {a}")] {
                    if let Ok(spoken) = speakable(&text, &language) {
                        assert!(spoken.chars().any(char::is_alphanumeric), "{text:?} → {spoken:?}");
                    }
                }
            }
        }
    }
}
