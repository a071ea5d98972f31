use super::*;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn counted(language: &str, text: &str) -> f64 {
    syllables(text, &lang(language))
}

#[test]
fn syllables_are_counted_as_they_are_said() {
    for (language, text, wanted) in [
        ("en", "This is impossible.", 6.0),
        ("en", "I can't even blink.", 5.0),
        ("en", "You walked out of the houses", 7.0),
        ("en", "Mr. Gu made the table", 6.0),
        ("en", "the CEO", 4.0),
        ("es", "¿Qué quieres, señor Gu?", 6.0),
        ("es", "Mi día en el país", 7.0),
        ("pt", "Não sei de nada", 5.0),
        ("pt", "O que você quer", 5.0),
        ("id", "Dia tidak tahu", 6.0),
        ("it", "Che cosa vuoi", 4.0),
        ("fr", "Je ne sais pas", 4.0),
        ("de", "Was willst du hier", 4.0),
        ("vi", "Tôi không biết gì cả", 5.0),
        ("zh", "你到底是谁？", 5.0),
        ("ja", "きょうはいかない", 7.0),
        ("ko", "여긴 왜 왔어?", 5.0),
        ("hi", "तुम कौन हो", 3.0),
        ("ru", "Что ты тут делаешь", 6.0),
    ] {
        let found = counted(language, text);
        assert!((found - wanted).abs() <= 1.0, "{text}: {found} for {wanted}");
    }
    assert!((counted("th", "ฉันไม่รู้อะไรเลย") - 6.0).abs() < 1.5);
    assert!((counted("ar", "هي لا تعرف شيئا") - 7.0).abs() < 2.0);
}

#[test]
fn numbers_are_read_out() {
    assert!((counted("en", "98,000,000") - 7.0).abs() < 2.5, "ninety-eight million");
    assert!(counted("en", "28") >= 3.0 && counted("zh", "500") >= 1.0);
    assert!(counted("en", "30%") > counted("en", "30"));
}

/// Takes of Kokoro-82M (af_heart, speed 1), in seconds.
const TAKES: [(&str, f64); 6] = [
    ("Grandma's surgery fee, did you ask me about it?", 2.515),
    ("Other people are not me, it's your beloved Miss Bai.", 2.87),
    ("Don't let him kick you out to see the prison.", 1.915),
    ("I can't even blink.", 1.12),
    ("This is impossible.", 1.21),
    ("What is your company's interest in you?", 1.745),
];

#[test]
fn estimates_are_near_measured_takes() {
    for (text, measured) in TAKES {
        let estimated = estimate(text, &lang("en")).seconds();
        assert!((estimated / measured - 1.0).abs() < 0.25, "{text}: {estimated:.2} for {measured}");
    }
}

#[test]
fn marks_ask_for_pauses_inside_a_text() {
    let long = |text: &str| estimate(text, &lang("en"));
    assert!(long("Go, now") > long("Go now"));
    assert!(long("Go. Now") > long("Go, now"));
    assert_eq!(long("Go now."), long("Go now"), "the end is silent already");
    assert_eq!(long("Mr. Gu"), long("Mr Gu"), "a short form ends no sentence");
    assert_eq!(long("Wait... what"), long("Wait. what"), "a row of marks is one pause");
    assert_eq!(estimate("…", &lang("en")), Delta::ZERO);
    assert_eq!(estimate("", &lang("th")), Delta::ZERO);
}

#[test]
fn every_language_has_a_pace_with_a_source() {
    for language in ["en", "es", "pt-BR", "id", "th", "ar", "hi", "fr", "de", "it", "ja", "ko", "vi", "zh"] {
        let rate = rate_of(&lang(language));
        assert_eq!(rate.language, lang(language).primary());
        assert!((4.0..9.0).contains(&rate.syllables_per_second) && rate.source.contains("Coupé"), "{language}");
    }
    assert!(rate_of(&lang("sw")).language.is_empty());
}

#[test]
fn a_voice_is_learned_from_its_takes() {
    let mut pace = Pace::new(&lang("en"));
    let text = "I will never forgive you for what you did.";
    let usual = pace.estimate(text);
    assert_eq!(usual, estimate(text, &lang("en")));
    pace.observe(text, usual.scaled(1.3));
    assert_eq!(pace.factor(), 1.0, "one take may be a whim");
    for _ in 0..5 {
        pace.observe(text, usual.scaled(1.3));
    }
    assert!((pace.factor() - 1.3).abs() < 0.01);
    // What is too short, silent or no speech moves nothing.
    let before = pace.clone();
    pace.observe("Go.", Delta::from_ms(390));
    pace.observe("", Delta::from_ms(2000));
    pace.observe(text, usual.scaled(9.0));
    assert_eq!(pace, before);
    pace.observe(text, usual.scaled(2.0));
    assert!((pace.factor() - 1.3).abs() < 0.01, "one outlier does not move a median");
    assert!(pace.characters_for(Delta::from_ms(3000)) < Pace::new(&lang("en")).characters_for(Delta::from_ms(3000)));
}

#[test]
fn many_takes_are_bounded_and_stay_sorted() {
    let mut pace = Pace::new(&lang("en"));
    let text = "I will never forgive you for what you did.";
    let usual = pace.estimate(text);
    for take in 0..2000 {
        pace.observe(text, usual.scaled(0.8 + f64::from(take % 5) * 0.1));
    }
    assert!(pace.takes() <= MOST_TAKES && (pace.factor() - 1.0).abs() < 0.11, "{}", pace.factor());
    let json = serde_json::to_string(&pace).unwrap();
    assert_eq!(serde_json::from_str::<Pace>(&json).unwrap(), pace);
}

#[test]
fn characters_for_a_room_fill_it() {
    for (language, text) in [
        ("en", "You signed the divorce papers three years ago, and now you want me back?"),
        ("es", "Firmaste el divorcio hace tres años, ¿y ahora quieres que vuelva contigo?"),
        ("pt", "Você assinou o divórcio há três anos, e agora quer que eu volte?"),
        ("id", "Kamu menandatangani surat cerai tiga tahun lalu, dan sekarang kamu mau aku kembali?"),
        ("zh", "三年前是你签的离婚协议，现在你又想让我回来？"),
        ("th", "คุณเซ็นใบหย่าไปเมื่อสามปีก่อนแล้วตอนนี้อยากให้ฉันกลับมา"),
        ("ja", "三年前に離婚届にサインしたのはあなたでしょう、今さら戻れって？"),
        ("ko", "삼 년 전에 이혼 서류에 사인해 놓고 이제 와서 돌아오라고?"),
        ("vi", "Ba năm trước anh ký đơn ly hôn, giờ anh lại muốn tôi quay về?"),
        ("ar", "وقعت على أوراق الطلاق قبل ثلاث سنوات والآن تريدني أن أعود؟"),
        ("hi", "तुमने तीन साल पहले तलाक के कागज़ात पर दस्तखत किए और अब मुझे वापस चाहते हो?"),
        ("de", "Vor drei Jahren hast du die Scheidung unterschrieben, und jetzt willst du mich zurück?"),
        ("fr", "Tu as signé le divorce il y a trois ans, et maintenant tu veux que je revienne ?"),
        ("it", "Hai firmato il divorzio tre anni fa, e adesso vuoi che torni da te?"),
    ] {
        let pace = Pace::new(&lang(language));
        let fit = pace.characters_for(pace.estimate(text)) as f64;
        let has = text.chars().count() as f64;
        assert!((0.7..1.4).contains(&(fit / has)), "{language}: {fit} for {has}");
    }
    assert_eq!(Pace::new(&lang("en")).characters_for(Delta::ZERO), 0);
}

#[test]
fn no_text_makes_it_stumble() {
    let alphabet: Vec<char> = "aeqguyz'’.,!?…0１三千เมा्\u{301}ーゃ한ل🙂\u{0} -CEO$%".chars().collect();
    let mut state = 11u64;
    for round in 0..20_000 {
        let text: String = (0..round % 14)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect();
        for language in ["en", "es", "vi", "ja", "hi", "th", "sw"] {
            let estimated = estimate(&text, &lang(language));
            assert!(estimated >= Delta::ZERO && estimated < Delta::from_ms(60_000), "{text:?}");
        }
    }
}
