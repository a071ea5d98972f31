//! A measure in words of English, Spanish, Portuguese and Indonesian, for a translator to take up.

mod nouns;

use super::{Measure, MeasureKind, Unit};
use crate::glossary::number::spoken_amount;
use crate::lang::Lang;
use nouns::{Noun, noun};

/// Languages that measures are worded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    English,
    Spanish,
    Portuguese,
    Indonesian,
}

impl Tongue {
    fn of(language: &Lang) -> Option<Tongue> {
        Some(match language.primary() {
            "en" => Tongue::English,
            "es" => Tongue::Spanish,
            "pt" => Tongue::Portuguese,
            "id" => Tongue::Indonesian,
            _ => return None,
        })
    }

    /// One of four wordings.
    fn pick<T>(self, wordings: [T; 4]) -> T {
        let [english, spanish, portuguese, indonesian] = wordings;
        match self {
            Tongue::English => english,
            Tongue::Spanish => spanish,
            Tongue::Portuguese => portuguese,
            Tongue::Indonesian => indonesian,
        }
    }
}

impl Measure {
    /// What the market says, in English, Spanish, Portuguese or Indonesian: `about 220 pounds`, `100 kilos`,
    /// `the Mid-Autumn Festival`. None in other languages: there only the number and its unit are known.
    pub fn wording(&self, to: &Lang) -> Option<String> {
        let tongue = Tongue::of(to)?;
        let said = match (self.kind, &self.said.parts[..]) {
            (MeasureKind::LunarDate, parts) => return lunar(tongue, parts),
            (MeasureKind::ClockTime, [(hour, _), (minute, _)]) => return Some(clock(tongue, *hour, *minute)),
            (MeasureKind::Weekday, [(day, _)]) => return Some(nouns::weekday(tongue, *day as usize)?.to_owned()),
            (MeasureKind::Height, [(feet, Unit::Foot), (inches, _)]) => tongue.pick([
                format!("{feet} foot {inches}"),
                format!("{feet} pies {inches}"),
                format!("{feet} pés e {inches}"),
                format!("{feet} kaki {inches} inci"),
            ]),
            (_, [(value, unit)]) => counted(tongue, *value, &noun(tongue, *unit)?, to),
            _ => return None,
        };
        if self.more {
            let over = tongue.pick(["over", "más de", "mais de", "lebih dari"]);
            return Some(format!("{over} {said}"));
        }
        Some(if self.said.about {
            format!("{} {said}", tongue.pick(["about", "cerca de", "cerca de", "sekitar"]))
        } else {
            said
        })
    }
}

/// A value with its unit: `half a pound`, `1 kilo`, `220 pounds`.
fn counted(tongue: Tongue, value: f64, noun: &Noun, to: &Lang) -> String {
    let one = noun.one;
    let article = if matches!(one, "acre" | "hour" | "inch" | "ounce") { "an" } else { "a" };
    let half = if noun.feminine { ["media", "meia"] } else { ["medio", "meio"] };
    // A unit's parts are words: half a pound, a quarter of a mile.
    let fraction = match value {
        0.25 => Some([
            format!("a quarter of {article} {one}"),
            format!("un cuarto de {one}"),
            format!("um quarto de {one}"),
            format!("seperempat {one}"),
        ]),
        0.5 => Some([
            format!("half {article} {one}"),
            format!("{} {one}", half[0]),
            format!("{} {one}", half[1]),
            format!("setengah {one}"),
        ]),
        0.75 => Some([
            format!("three quarters of {article} {one}"),
            format!("tres cuartos de {one}"),
            format!("três quartos de {one}"),
            format!("tiga perempat {one}"),
        ]),
        _ => None,
    };
    if let Some(fraction) = fraction {
        return tongue.pick(fraction);
    }
    let amount = spoken_amount(value, to);
    // "Five million yuan" takes a preposition in Romance languages.
    let of = match tongue {
        Tongue::Spanish | Tongue::Portuguese if amount.contains("ill") || amount.contains("ilh") => "de ",
        _ => "",
    };
    let name = if value == 1.0 || tongue == Tongue::Portuguese && value < 2.0 { one } else { noun.many };
    format!("{amount} {of}{name}")
}

/// 8:30, with the part of the day where it is known.
fn clock(tongue: Tongue, hour: f64, minute: f64) -> String {
    let noon = hour == 12.0 && minute == 0.0;
    if hour == 24.0 && minute == 0.0 {
        return tongue.pick(["midnight", "medianoche", "meia-noite", "tengah malam"]).to_owned();
    }
    let twelve = if hour > 12.0 { hour - 12.0 } else { hour };
    let part = if hour > 12.0 { tongue.pick([" p.m.", " de la tarde", " da tarde", ""]) } else { "" };
    // From eight in the evening on it is night.
    let part = match (tongue, hour) {
        (Tongue::Spanish, 20.0..) => " de la noche",
        (Tongue::Portuguese, 19.0..) => " da noite",
        (Tongue::Indonesian, 18.5..) => " malam",
        (Tongue::Indonesian, 15.0..) => " sore",
        (Tongue::Indonesian, 12.5..) => " siang",
        _ => part,
    };
    let whole = minute == 0.0;
    match tongue {
        Tongue::English if noon => "12 o'clock".to_owned(),
        Tongue::English if whole && part.is_empty() => format!("{twelve} o'clock"),
        Tongue::English if whole => format!("{twelve}{part}"),
        Tongue::English => format!("{twelve}:{minute:02}{part}"),
        Tongue::Spanish => {
            let article = if twelve == 1.0 { "la" } else { "las" };
            let minutes = match minute {
                0.0 => String::new(),
                15.0 => " y cuarto".to_owned(),
                30.0 => " y media".to_owned(),
                minute => format!(" y {minute}"),
            };
            format!("{article} {twelve}{minutes}{part}")
        }
        Tongue::Portuguese => {
            let minutes = match minute {
                0.0 if twelve == 1.0 => " hora".to_owned(),
                0.0 => " horas".to_owned(),
                30.0 => " e meia".to_owned(),
                minute => format!(" e {minute}"),
            };
            format!("{twelve}{minutes}{part}")
        }
        Tongue::Indonesian if whole => format!("jam {twelve}{part}"),
        Tongue::Indonesian => format!("jam {twelve}.{minute:02}{part}"),
    }
}

/// The festival's name where the day has one, else day and month in words.
fn lunar(tongue: Tongue, parts: &[(f64, Unit)]) -> Option<String> {
    let (month, day) = match parts {
        [(month, Unit::LunarMonth), (day, _)] => (*month as usize, *day as usize),
        [(day, _)] => (0, *day as usize),
        _ => return None,
    };
    if let Some(names) = nouns::festival(month, day) {
        return Some(tongue.pick(names).to_owned());
    }
    let ordinal = nouns::ordinal(tongue, day);
    if month == 0 {
        return Some(tongue.pick([
            format!("the {ordinal} day of the lunar month"),
            format!("el día {ordinal} del mes lunar"),
            format!("o dia {ordinal} do mês lunar"),
            format!("tanggal {ordinal} bulan Imlek"),
        ]));
    }
    let of = nouns::month(tongue, month)?;
    Some(tongue.pick([
        format!("the {ordinal} day of the {of} lunar month"),
        format!("el día {ordinal} del {of} mes lunar"),
        format!("o dia {ordinal} do {of} mês lunar"),
        format!("tanggal {ordinal} bulan {of} Imlek"),
    ]))
}
