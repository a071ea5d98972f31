use super::*;

fn values(text: &str, language: &str) -> Vec<f64> {
    figures(text, &language.parse().unwrap()).into_iter().map(|figure| figure.value).collect()
}

#[track_caller]
fn reads(language: &str, cases: &[(&str, f64)]) {
    for (text, value) in cases {
        let found = values(text, language);
        assert!(found.contains(value), "{text}: {found:?}");
    }
}

#[track_caller]
fn lacks(language: &str, cases: &[(&str, f64)]) {
    for (text, value) in cases {
        let found = values(text, language);
        assert!(!found.contains(value), "{text}: {found:?}");
    }
}

#[test]
fn english_numbers_are_read() {
    reads(
        "en",
        &[
            ("Twenty-eight years.", 28.0),
            ("ninety-eight million", 98e6),
            ("half a million bucks", 5e5),
            ("a million and a half", 1.5e6),
            ("two and a half million", 2.5e6),
            ("a hundred and five", 105.0),
            ("three thousand five hundred", 3500.0),
            ("one million, two hundred thousand", 1.2e6),
            ("1.2 billion", 1.2e9),
            ("500k", 5e5),
            ("$5 million", 5e6),
            ("twelve hundred", 1200.0),
            ("a couple of hundred", 200.0),
            ("two dozen", 24.0),
            ("two decades", 20.0),
            ("five hundred grand", 5e5),
            ("nineteen ninety-eight", 1998.0),
            ("twenty twenty-four", 2024.0),
            ("the fifteenth", 15.0),
            ("the 15th of May", 15.0),
            ("she's in her thirties", 30.0),
            ("a quarter of a million", 2.5e5),
            ("Thirty percent", 30.0),
            ("98,000,000", 98e6),
            ("two hundred twenty pounds", 220.0),
            ("a hundred thousand", 1e5),
            ("hundred million", 1e8),
        ],
    );
    lacks("en", &[("fifty million", 50.0), ("five hundred", 5.0), ("nine hundred eighty", 80.0), ("a house", 1.0)]);
}

#[test]
fn spanish_numbers_are_read() {
    reads(
        "es",
        &[
            ("veintiocho años", 28.0),
            ("treinta y cinco mil", 35_000.0),
            ("noventa y ocho millones", 98e6),
            ("mil doscientos millones", 1.2e9),
            ("medio millón", 5e5),
            ("un millón y medio", 1.5e6),
            ("quinientas mil", 5e5),
            ("ciento cinco", 105.0),
            ("dieciséis", 16.0),
            ("1.200.000", 1.2e6),
            ("98 millones", 98e6),
            ("dos décadas", 20.0),
            ("media docena", 6.0),
            ("mil millones", 1e9),
        ],
    );
    lacks("es", &[("noventa y ocho millones", 98.0), ("quinientas mil", 500.0)]);
}

#[test]
fn portuguese_numbers_are_read() {
    reads(
        "pt-BR",
        &[
            ("vinte e oito anos", 28.0),
            ("noventa e oito milhões", 98e6),
            ("meio milhão", 5e5),
            ("um milhão e meio", 1.5e6),
            ("1,2 bilhão", 1.2e9),
            ("mil e quinhentos", 1500.0),
            ("trinta e cinco mil", 35_000.0),
            ("meia dúzia", 6.0),
            ("quinhentos mil", 5e5),
            ("500 mil", 5e5),
            ("cento e vinte quilos", 120.0),
        ],
    );
}

#[test]
fn indonesian_numbers_are_read() {
    reads(
        "id",
        &[
            ("dua puluh delapan tahun", 28.0),
            ("sembilan puluh delapan juta", 98e6),
            ("setengah juta", 5e5),
            ("satu setengah juta", 1.5e6),
            ("lima belas", 15.0),
            ("sebelas", 11.0),
            ("seratus lima puluh", 150.0),
            ("seribu lima ratus", 1500.0),
            ("sejuta", 1e6),
            ("98 juta", 98e6),
            ("1,2 miliar", 1.2e9),
            ("500 ribu", 5e5),
            ("tiga ratus dua puluh ribu", 320_000.0),
            ("ke-15", 15.0),
            ("dua dekade", 20.0),
        ],
    );
    lacks("id", &[("tiga ratus", 3.0), ("lima belas", 5.0)]);
}

#[test]
fn large_units_after_digits_are_read_in_other_languages() {
    reads("vi", &[("98 triệu", 98e6)]);
    reads("fr", &[("98 millions", 98e6), ("1,2 milliard", 1.2e9)]);
    reads("ar", &[("٩٨ مليون", 98e6), ("50 ألف", 5e4)]);
    reads("th", &[("98 ล้านบาท", 98e6), ("5 พันล้าน", 5e9)]);
    reads("hi", &[("५ लाख", 5e5), ("2 करोड़", 2e7)]);
    reads("ko", &[("50만 원", 5e5), ("3천만", 3e7)]);
    reads("de", &[("98 Millionen", 98e6)]);
}

#[test]
fn what_counts_nothing_exactly_is_vague() {
    let vague = |text: &str| figures(text, &"en".parse().unwrap()).iter().all(|figure| figure.vague);
    assert!(vague("a million times") && vague("a hundred percent") && vague("half a million"));
    assert!(!vague("two million") && !vague("fifteen"));
}

#[test]
fn ranges_are_where_the_number_stands() {
    let text = "¡Son treinta y cinco mil, señor!";
    let found = figures(text, &"es".parse().unwrap());
    assert_eq!(&text[found[0].range.clone()], "treinta y cinco mil");
}
