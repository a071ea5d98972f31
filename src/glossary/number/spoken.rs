//! Amounts as a person says them: 98 million, 1200 millones, 1,2 bilhão, 98 juta.

use super::digits::groups_with_comma;
use crate::lang::Lang;

/// An amount as a person of the language would say it, in digits and, where it is large and round, a word for its
/// unit: `98 million`, `98 millones`, `1,2 bilhão`, `98 juta`. The exact digits, grouped as the language groups
/// them, where it is not round or the language's words are not known.
pub fn spoken_amount(value: f64, to: &Lang) -> String {
    let units: &[(f64, &str, &str)] = match (to.primary(), to.variant()) {
        ("en", _) => &[(1e12, "trillion", "trillion"), (1e9, "billion", "billion"), (1e6, "million", "million")],
        // The long scale: a thousand millions.
        ("es", _) => &[(1e12, "billón", "billones"), (1e6, "millón", "millones"), (1e3, "mil", "mil")],
        ("pt", Some("PT")) => &[(1e12, "bilião", "biliões"), (1e6, "milhão", "milhões"), (1e3, "mil", "mil")],
        ("pt", _) => &[
            (1e12, "trilhão", "trilhões"),
            (1e9, "bilhão", "bilhões"),
            (1e6, "milhão", "milhões"),
            (1e3, "mil", "mil"),
        ],
        ("id", _) => {
            &[(1e12, "triliun", "triliun"), (1e9, "miliar", "miliar"), (1e6, "juta", "juta"), (1e3, "ribu", "ribu")]
        }
        _ => &[],
    };
    let unit = units.iter().find(|(unit, ..)| value >= *unit && value.is_finite());
    let Some(&(unit, singular, plural)) = unit.filter(|(unit, ..)| *unit >= 1e6 || value >= 1e4) else {
        return exact(value, to);
    };
    let count = value / unit;
    // Two places at most are said: 1.25 billion; of thousands none.
    let places = if unit >= 1e6 { 100.0 } else { 1.0 };
    let rounded = (count * places).round() / places;
    if (rounded - count).abs() > count * 1e-9 {
        return exact(value, to);
    }
    if (to.primary(), count) == ("es", 1000.0) {
        return format!("mil {plural}");
    }
    // Below two a Portuguese bilhão stays one: 1,2 bilhão. Spanish says 1,2 millones.
    let one = if to.primary() == "pt" { count < 2.0 } else { count == 1.0 };
    let point = if groups_with_comma(to) { "." } else { "," };
    format!("{} {}", rounded.to_string().replace('.', point), if one { singular } else { plural })
}

/// 5000000 as `5,000,000`, or as the language groups; a fraction keeps two places.
fn exact(value: f64, to: &Lang) -> String {
    let (group, point) = match to.primary() {
        _ if groups_with_comma(to) => (",", "."),
        // A space that does not break (CLDR 45: U+202F).
        "fr" => ("\u{202F}", ","),
        "ru" | "uk" | "pl" | "cs" | "sk" | "bg" | "hu" | "fi" | "sv" | "nb" | "no" => ("\u{A0}", ","),
        _ => (".", ","),
    };
    let hundredths = (value.abs() * 100.0).round();
    let digits = format!("{:.0}", (hundredths / 100.0).trunc());
    let mut text = String::from(if value < 0.0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        // Four digits are not grouped: 1500, a year and a price alike.
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            text.push_str(group);
        }
        text.push(digit);
    }
    match hundredths % 100.0 {
        0.0 => text,
        rest if rest % 10.0 == 0.0 => format!("{text}{point}{:.0}", rest / 10.0),
        rest => format!("{text}{point}{rest:02.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_say_them() {
        for (value, english, spanish, portuguese, indonesian) in [
            (98e6, "98 million", "98 millones", "98 milhões", "98 juta"),
            (1.2e9, "1.2 billion", "1200 millones", "1,2 bilhão", "1,2 miliar"),
            (1e6, "1 million", "1 millón", "1 milhão", "1 juta"),
            (1.5e6, "1.5 million", "1,5 millones", "1,5 milhão", "1,5 juta"),
            (1e9, "1 billion", "mil millones", "1 bilhão", "1 miliar"),
            (3e12, "3 trillion", "3 billones", "3 trilhões", "3 triliun"),
            (5e5, "500,000", "500 mil", "500 mil", "500 ribu"),
            (35_000.0, "35,000", "35 mil", "35 mil", "35 ribu"),
            (23_456.0, "23,456", "23.456", "23.456", "23.456"),
            (12_345_678.0, "12,345,678", "12.345.678", "12.345.678", "12.345.678"),
            (3500.0, "3500", "3500", "3500", "3500"),
            (3.5, "3.5", "3,5", "3,5", "3,5"),
            (0.25, "0.25", "0,25", "0,25", "0,25"),
        ] {
            let said = ["en", "es-419", "pt-BR", "id"].map(|tag| spoken_amount(value, &tag.parse().unwrap()));
            assert_eq!(said, [english, spanish, portuguese, indonesian]);
        }
    }

    #[test]
    fn other_languages_get_the_digits() {
        assert_eq!(spoken_amount(98e6, &"th".parse().unwrap()), "98,000,000");
        assert_eq!(spoken_amount(98e6, &"fr".parse().unwrap()), "98\u{202F}000\u{202F}000");
        assert_eq!(spoken_amount(98e6, &"vi".parse().unwrap()), "98.000.000");
        assert_eq!(spoken_amount(1.2e9, &"pt-PT".parse().unwrap()), "1200 milhões");
    }

    #[test]
    fn what_is_said_reads_back() {
        use super::super::words::figures;
        for tag in ["en", "es", "pt-BR", "id"] {
            let language: Lang = tag.parse().unwrap();
            for value in [5e3, 1.05e6, 2.5e5, 98e6, 1.23e9, 7e8, 1e10, 99_999.0, 3.2e12, 120.0] {
                let said = spoken_amount(value, &language);
                let read: Vec<f64> = figures(&said, &language).into_iter().map(|figure| figure.value).collect();
                let near = read.iter().any(|read| (read - value).abs() < value * 1e-9);
                assert!(near, "{tag} {said}: {read:?}");
            }
        }
    }
}
