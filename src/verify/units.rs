//! Are measures said in a unit that fits their number? 两百斤 is 100 kilos, never 200.
//!
//! Reads English, Spanish, Portuguese and Indonesian. Whether the number is there at all is `numbers`' business.

use super::{Flaw, FlawKind, Judged};
use crate::glossary::number::{Figure, words};
use crate::glossary::{EntryKind, Measure, Unit, measures, overlap};

/// A converted measure may be off by this share: people round.
const ROUNDING: f64 = 0.25;

/// Measures whose number stays while its unit changes, and yuan that became another money.
pub(super) fn flaws(judged: &Judged<'_>) -> Vec<Flaw> {
    if judged.from.primary() != "zh" || !words::knows(judged.to) {
        return Vec::new();
    }
    let decided = |measure: &Measure| {
        let mut entries = judged.matches.iter().filter(|found| found.kind != EntryKind::Ban);
        entries.any(|found| overlap(&found.range, &measure.range))
    };
    let measures = measures(judged.source, judged.to.market());
    let mut open = measures.iter().filter(|measure| !decided(measure)).peekable();
    if open.peek().is_none() {
        return Vec::new();
    }
    let figures = words::figures(judged.text, judged.to);
    open.filter_map(|measure| flaw(judged, measure, &figures)).collect()
}

fn flaw(judged: &Judged<'_>, measure: &Measure, figures: &[Figure]) -> Option<Flaw> {
    let source = &judged.source[measure.range.clone()];
    let same = figures.iter().filter(|figure| (figure.value - measure.value).abs() < measure.value * 1e-6);
    let said: Vec<(&Figure, Said)> = same.filter_map(|figure| Some((figure, unit_of(judged.text, figure)?))).collect();
    let rather = || {
        let wording = measure.wording(judged.to).or_else(|| Some(measure.said.parts.first()?.0.to_string()));
        wording.map_or_else(String::new, |wording| format!(", which is {wording}"))
    };
    for (figure, unit) in said {
        let end = judged.text[figure.range.end..]
            .char_indices()
            .nth(16)
            .map_or(judged.text.len(), |(i, _)| figure.range.end + i);
        let near = judged.text[figure.range.start..end].trim();
        match (unit, measure.unit) {
            (Said::Foreign, Unit::Yuan) => {
                let what = format!("{source} is said as other money ({near}): yuan stay yuan");
                return Some(Flaw::new(FlawKind::Unit, what));
            }
            (Said::Unit(unit), own) => {
                let ((dimension, size), (own_dimension, own_size)) = (unit.size()?, own.size()?);
                let right = measure.value * own_size / size;
                if dimension == own_dimension && (figure.value - right).abs() > right * ROUNDING {
                    return Some(Flaw::new(FlawKind::Unit, format!("{source} is said as {near:?}{}", rather())));
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands after a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Unit(Unit),
    /// Money that is not yuan.
    Foreign,
}

fn unit_of(text: &str, figure: &Figure) -> Option<Said> {
    let before = text[..figure.range.start].trim_end();
    if before.ends_with(['$', '€', '£']) || before.ends_with("Rp") {
        return Some(Said::Foreign);
    }
    let after = text.get(figure.range.end..)?;
    let words = after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // "Five million of dollars" in Romance languages.
    let word = words.map(str::to_lowercase).find(|word| !matches!(word.as_str(), "de" | "of" | "american" | "us"))?;
    Some(match word.as_str() {
        "kg" | "kgs" | "kilo" | "kilos" | "kilogram" | "kilograms" | "quilo" | "quilos" | "kilogramo"
        | "kilogramos" | "quilogramas" => Said::Unit(Unit::Kilogram),
        "g" | "gram" | "grams" | "gramo" | "gramos" | "grama" | "gramas" => Said::Unit(Unit::Gram),
        "lb" | "lbs" | "pound" | "pounds" | "libra" | "libras" | "pon" => Said::Unit(Unit::Pound),
        "ton" | "tons" | "tonelada" | "toneladas" => Said::Unit(Unit::Tonne),
        "km" | "kilometer" | "kilometers" | "kilometre" | "kilometres" | "kilómetro" | "kilómetros" | "quilômetro"
        | "quilômetros" | "quilómetro" | "quilómetros" => Said::Unit(Unit::Kilometre),
        "m" | "meter" | "meters" | "metre" | "metres" | "metro" | "metros" => Said::Unit(Unit::Metre),
        "cm" | "centimeter" | "centimeters" | "centímetro" | "centímetros" | "senti" => Said::Unit(Unit::Centimetre),
        "mile" | "miles" | "milla" | "millas" | "milha" | "milhas" => Said::Unit(Unit::Mile),
        "foot" | "feet" | "pie" | "pies" | "pé" | "pés" | "kaki" => Said::Unit(Unit::Foot),
        "inch" | "inches" | "pulgada" | "pulgadas" | "polegada" | "polegadas" | "inci" => Said::Unit(Unit::Inch),
        "acre" | "acres" => Said::Unit(Unit::Acre),
        "hectare" | "hectares" | "hectárea" | "hectáreas" | "hektare" | "hektar" => Said::Unit(Unit::Hectare),
        "dollar" | "dollars" | "dólar" | "dólares" | "dolar" | "reais" | "pesos" | "euro" | "euros" | "rupiah" => {
            Said::Foreign
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    fn flawed(to: &str, source: &str, text: &str) -> Option<String> {
        let (from, to): (Lang, Lang) = ("zh".parse().unwrap(), to.parse().unwrap());
        let judged = Judged { source, text, from: &from, to: &to, matches: &[], bans: &[], room: None };
        flaws(&judged).into_iter().next().map(|flaw| flaw.what)
    }

    #[test]
    fn a_number_that_keeps_while_its_unit_changes_is_told() {
        for (to, source, text) in [
            ("en", "你都两百斤了", "You weigh 200 kilos!"),
            ("en", "二十里路", "Twenty miles on foot."),
            ("en", "一百亩地", "A hundred acres of land."),
            ("es", "二十里路", "Veinte kilómetros a pie."),
            ("pt-BR", "你都两百斤了", "Você pesa duzentos quilos!"),
            ("id", "三尺长", "Panjangnya tiga senti."),
            ("en", "五百块钱", "Five hundred dollars."),
            ("pt-BR", "五百块钱", "Quinhentos reais."),
            ("en", "三百万块", "$3 million!"),
        ] {
            assert!(flawed(to, source, text).is_some(), "{source} | {text}");
        }
        let what = flawed("es", "二十里路", "Veinte kilómetros a pie.").unwrap();
        assert!(what.contains("10 kilómetros"), "{what}");
    }

    #[test]
    fn measures_that_are_right_or_rounded_are_let_pass() {
        for (to, source, text) in [
            ("en", "你都两百斤了", "You weigh two hundred pounds!"),
            ("en", "你都两百斤了", "You weigh 100 kilos!"),
            ("en", "二十里路", "Six miles on foot."),
            ("en", "三尺长", "Three feet long."),
            ("en", "五百块钱", "Five hundred yuan."),
            ("en", "五百块钱", "Five hundred bucks."),
            ("en", "一百万美金", "A million dollars!"),
            ("en", "二十八岁", "28 years old."),
            ("es", "三米高", "Tres metros de alto."),
            ("en", "我们一起走", "We leave in 20 miles."),
        ] {
            assert_eq!(flawed(to, source, text), None, "{source} | {text}");
        }
    }
}
