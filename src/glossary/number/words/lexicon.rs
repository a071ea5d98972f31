//! The words that numbers are made of, by language. Data, and how a word is looked up.

use crate::lang::Lang;

/// What a word does to the number that it is part of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// Adds its value; what may still be added after it is less than the second figure.
    Add(f64, f64),
    /// Times a hundred what stands before.
    Hundred,
    /// Times a thousand, a million, … what stands before.
    Scale(f64),
    /// A dozen, a decade: times what stands before, and nothing comes after.
    Many(f64),
    /// A half, a quarter.
    Fraction(f64),
    /// One half more, without a word for "and" (satu setengah).
    AndHalf,
    /// The Indonesian teens: ten more.
    Teen,
    /// The Indonesian tens: times ten.
    Ten,
    /// A word that joins: and, y, e.
    And,
    /// A word that joins a fraction to what it is of: of, de.
    Of,
    /// An indefinite article that may count one.
    Article,
}

use Part::{Add, And, AndHalf, Article, Fraction, Hundred, Many, Of, Scale, Teen, Ten};

const fn one(value: f64) -> Part {
    Add(value, 0.5)
}

/// Are the number words of the language known?
pub(crate) fn knows(language: &Lang) -> bool {
    matches!(language.primary(), "en" | "es" | "pt" | "id" | "ms")
}

/// What a folded word is in a number; nothing where it is no number word.
pub(super) fn parts(word: &str, language: &Lang) -> Vec<Part> {
    let found = match language.primary() {
        "en" => english(word),
        "es" => spanish(word).or_else(|| spanish_compound(word)),
        "pt" => portuguese(word),
        "id" | "ms" => return indonesian(word),
        _ => other(word),
    };
    found.into_iter().collect()
}

/// Lower case, without the accents of the languages here.
pub(super) fn fold(word: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        c => c,
    };
    word.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// The scale that sticks to digits: 500k, 98jt.
pub(super) fn scale_suffix(suffix: &str, language: &Lang) -> Option<f64> {
    Some(match (suffix, language.primary()) {
        ("k", _) | ("rb", "id" | "ms") => 1e3,
        ("m" | "mn" | "mm", "en" | "es" | "pt") | ("mi", "pt") | ("jt", "id" | "ms") => 1e6,
        ("b" | "bn", "en") | ("bi", "pt") | ("m" | "t", "id" | "ms") => 1e9,
        _ => match parts(suffix, language)[..] {
            [Scale(scale)] => scale,
            _ => return None,
        },
    })
}

fn english(word: &str) -> Option<Part> {
    Some(match word {
        "zero" => one(0.0),
        "one" | "once" | "first" => one(1.0),
        "two" | "both" | "couple" | "twice" | "pair" | "second" => one(2.0),
        "three" | "thrice" | "third" => one(3.0),
        "four" | "fourth" => one(4.0),
        "five" | "fifth" => one(5.0),
        "six" | "sixth" => one(6.0),
        "seven" | "seventh" => one(7.0),
        "eight" | "eighth" => one(8.0),
        "nine" | "ninth" => one(9.0),
        "ten" | "tenth" => one(10.0),
        "eleven" | "eleventh" => one(11.0),
        "twelve" | "twelfth" | "noon" | "midnight" => one(12.0),
        "thirteen" | "thirteenth" => one(13.0),
        "fourteen" | "fourteenth" => one(14.0),
        "fifteen" | "fifteenth" => one(15.0),
        "sixteen" | "sixteenth" => one(16.0),
        "seventeen" | "seventeenth" => one(17.0),
        "eighteen" | "eighteenth" => one(18.0),
        "nineteen" | "nineteenth" => one(19.0),
        "twenty" | "twentieth" | "twenties" => Add(20.0, 10.0),
        "thirty" | "thirtieth" | "thirties" => Add(30.0, 10.0),
        "forty" | "fortieth" | "forties" => Add(40.0, 10.0),
        "fifty" | "fiftieth" | "fifties" => Add(50.0, 10.0),
        "sixty" | "sixtieth" | "sixties" => Add(60.0, 10.0),
        "seventy" | "seventieth" | "seventies" => Add(70.0, 10.0),
        "eighty" | "eightieth" | "eighties" => Add(80.0, 10.0),
        "ninety" | "ninetieth" | "nineties" => Add(90.0, 10.0),
        "hundred" | "hundredth" => Hundred,
        "thousand" | "thousandth" => Scale(1e3),
        "million" | "millionth" => Scale(1e6),
        "billion" => Scale(1e9),
        "trillion" => Scale(1e12),
        "grand" => Many(1e3),
        "dozen" => Many(12.0),
        "decade" | "decades" => Many(10.0),
        "century" | "centuries" => Many(100.0),
        "half" => Fraction(0.5),
        "quarter" => Fraction(0.25),
        "and" => And,
        "of" => Of,
        "a" | "an" => Article,
        _ => return None,
    })
}

fn spanish(word: &str) -> Option<Part> {
    Some(match word {
        "cero" => one(0.0),
        "un" | "uno" | "una" => one(1.0),
        "dos" | "ambos" | "ambas" | "par" => one(2.0),
        "tres" => one(3.0),
        "cuatro" => one(4.0),
        "cinco" => one(5.0),
        "seis" => one(6.0),
        "siete" => one(7.0),
        "ocho" => one(8.0),
        "nueve" => one(9.0),
        "diez" => one(10.0),
        "once" => one(11.0),
        "doce" | "mediodia" | "medianoche" => one(12.0),
        "trece" => one(13.0),
        "catorce" => one(14.0),
        "quince" | "quincena" => one(15.0),
        "veinte" => Add(20.0, 10.0),
        "treinta" => Add(30.0, 10.0),
        "cuarenta" => Add(40.0, 10.0),
        "cincuenta" => Add(50.0, 10.0),
        "sesenta" => Add(60.0, 10.0),
        "setenta" => Add(70.0, 10.0),
        "ochenta" => Add(80.0, 10.0),
        "noventa" => Add(90.0, 10.0),
        "cien" | "ciento" | "centenar" => Add(100.0, 100.0),
        "doscientos" | "doscientas" => Add(200.0, 100.0),
        "trescientos" | "trescientas" => Add(300.0, 100.0),
        "cuatrocientos" | "cuatrocientas" => Add(400.0, 100.0),
        "quinientos" | "quinientas" => Add(500.0, 100.0),
        "seiscientos" | "seiscientas" => Add(600.0, 100.0),
        "setecientos" | "setecientas" => Add(700.0, 100.0),
        "ochocientos" | "ochocientas" => Add(800.0, 100.0),
        "novecientos" | "novecientas" => Add(900.0, 100.0),
        "mil" => Scale(1e3),
        "millon" | "millones" => Scale(1e6),
        "billon" | "billones" => Scale(1e12),
        "docena" | "docenas" => Many(12.0),
        "decada" | "decadas" => Many(10.0),
        "siglo" | "siglos" => Many(100.0),
        "medio" | "media" => Fraction(0.5),
        "cuarto" => Fraction(0.25),
        "y" => And,
        "de" => Of,
        _ => return None,
    })
}

/// Dieciocho, veintidós: written as one word.
fn spanish_compound(word: &str) -> Option<Part> {
    let ones = |rest: &str| match spanish(rest) {
        Some(Add(value, _)) if (1.0..10.0).contains(&value) => Some(value),
        _ => None,
    };
    let teen = word.strip_prefix("dieci").and_then(ones).map(|value| value + 10.0);
    teen.or_else(|| word.strip_prefix("veinti").and_then(ones).map(|value| value + 20.0)).map(one)
}

fn portuguese(word: &str) -> Option<Part> {
    Some(match word {
        "zero" => one(0.0),
        "um" | "uma" => one(1.0),
        "dois" | "duas" | "ambos" | "ambas" | "par" => one(2.0),
        "tres" => one(3.0),
        "quatro" => one(4.0),
        "cinco" => one(5.0),
        "seis" => one(6.0),
        "sete" => one(7.0),
        "oito" => one(8.0),
        "nove" => one(9.0),
        "dez" => one(10.0),
        "onze" => one(11.0),
        "doze" => one(12.0),
        "treze" => one(13.0),
        "quatorze" | "catorze" => one(14.0),
        "quinze" => one(15.0),
        "dezesseis" | "dezasseis" => one(16.0),
        "dezessete" | "dezassete" => one(17.0),
        "dezoito" => one(18.0),
        "dezenove" | "dezanove" => one(19.0),
        "vinte" => Add(20.0, 10.0),
        "trinta" => Add(30.0, 10.0),
        "quarenta" => Add(40.0, 10.0),
        "cinquenta" => Add(50.0, 10.0),
        "sessenta" => Add(60.0, 10.0),
        "setenta" => Add(70.0, 10.0),
        "oitenta" => Add(80.0, 10.0),
        "noventa" => Add(90.0, 10.0),
        "cem" | "cento" | "centena" => Add(100.0, 100.0),
        "duzentos" | "duzentas" => Add(200.0, 100.0),
        "trezentos" | "trezentas" => Add(300.0, 100.0),
        "quatrocentos" | "quatrocentas" => Add(400.0, 100.0),
        "quinhentos" | "quinhentas" => Add(500.0, 100.0),
        "seiscentos" | "seiscentas" => Add(600.0, 100.0),
        "setecentos" | "setecentas" => Add(700.0, 100.0),
        "oitocentos" | "oitocentas" => Add(800.0, 100.0),
        "novecentos" | "novecentas" => Add(900.0, 100.0),
        "mil" => Scale(1e3),
        "milhao" | "milhoes" => Scale(1e6),
        "bilhao" | "bilhoes" | "biliao" | "bilioes" => Scale(1e9),
        "trilhao" | "trilhoes" => Scale(1e12),
        "duzia" | "duzias" => Many(12.0),
        "decada" | "decadas" => Many(10.0),
        "seculo" | "seculos" => Many(100.0),
        "meio" | "meia" => Fraction(0.5),
        "quarto" => Fraction(0.25),
        "e" => And,
        "de" => Of,
        _ => return None,
    })
}

fn indonesian(word: &str) -> Vec<Part> {
    // Keempat, ke-15: an ordinal counts as its number.
    let word = word.strip_prefix("ke").filter(|rest| indonesian_word(rest).is_some()).unwrap_or(word);
    if let Some(part) = indonesian_word(word) {
        return vec![part];
    }
    // Sebelas, sepuluh, seratus, seribu, sejuta: se- is one.
    match word {
        "sepuluh" => vec![Add(10.0, 10.0)],
        "sebelas" => vec![one(11.0)],
        "seratus" => vec![Add(100.0, 100.0)],
        "seribu" => vec![one(1.0), Scale(1e3)],
        "sejuta" => vec![one(1.0), Scale(1e6)],
        "semiliar" => vec![one(1.0), Scale(1e9)],
        "sedekade" => vec![one(1.0), Many(10.0)],
        "seabad" => vec![one(1.0), Many(100.0)],
        "selusin" => vec![one(1.0), Many(12.0)],
        _ => Vec::new(),
    }
}

fn indonesian_word(word: &str) -> Option<Part> {
    Some(match word {
        "nol" => one(0.0),
        "satu" => Add(1.0, 0.5),
        "dua" => Add(2.0, 0.5),
        "tiga" => Add(3.0, 0.5),
        "empat" => Add(4.0, 0.5),
        "lima" => Add(5.0, 0.5),
        "enam" => Add(6.0, 0.5),
        "tujuh" => Add(7.0, 0.5),
        "delapan" | "lapan" => Add(8.0, 0.5),
        "sembilan" => Add(9.0, 0.5),
        "belas" => Teen,
        "puluh" => Ten,
        "ratus" => Hundred,
        "ribu" => Scale(1e3),
        "juta" => Scale(1e6),
        "miliar" | "milyar" => Scale(1e9),
        "triliun" | "trilyun" => Scale(1e12),
        "lusin" => Many(12.0),
        "dekade" => Many(10.0),
        "abad" => Many(100.0),
        "setengah" => AndHalf,
        "seperempat" => Fraction(0.25),
        _ => return None,
    })
}

/// Words for large units in languages whose number words are not read: 5 triệu, 3 millions.
fn other(word: &str) -> Option<Part> {
    Some(match word {
        "cent" | "cents" | "hundert" | "cento" | "tram" | "trăm" => Hundred,
        "mille" | "mila" | "tausend" | "nghin" | "nghìn" | "ngan" | "ngàn" | "тысяча" | "тысячи" | "тысяч" => {
            Scale(1e3)
        }
        "million" | "millions" | "millionen" | "milione" | "milioni" | "trieu" | "triệu" | "миллион" | "миллиона"
        | "миллионов" => Scale(1e6),
        "milliard"
        | "milliards"
        | "milliarde"
        | "milliarden"
        | "miliardo"
        | "miliardi"
        | "ty"
        | "tỷ"
        | "tỉ"
        | "миллиард"
        | "миллиарда"
        | "миллиардов" => Scale(1e9),
        _ => return None,
    })
}

/// The large units at the start of `text`, in writing whose letters carry marks or stand without spaces, all
/// multiplied: พันล้าน is a thousand millions.
pub(super) fn scale_after(text: &str, language: &Lang) -> Option<(usize, f64)> {
    let units: &[(&str, f64)] = match language.primary() {
        "th" => &[("ล้าน", 1e6), ("แสน", 1e5), ("หมื่น", 1e4), ("พัน", 1e3), ("ร้อย", 1e2), ("สิบ", 10.0)],
        "hi" => &[("करोड़", 1e7), ("लाख", 1e5), ("हज़ार", 1e3), ("हजार", 1e3), ("सौ", 1e2), ("मिलियन", 1e6)],
        "ar" => {
            &[("مليار", 1e9), ("مليون", 1e6), ("ملايين", 1e6), ("ألف", 1e3), ("آلاف", 1e3), ("مئة", 1e2), ("مائة", 1e2)]
        }
        "ko" => &[("억", 1e8), ("만", 1e4), ("천", 1e3), ("백", 1e2)],
        "zh" | "ja" => &[("亿", 1e8), ("億", 1e8), ("万", 1e4), ("萬", 1e4), ("千", 1e3), ("百", 1e2)],
        _ => return None,
    };
    let (mut taken, mut scale) = (0, 1.0);
    loop {
        let rest = &text[taken..];
        let space = rest.len() - rest.trim_start_matches([' ', '\u{A0}']).len();
        let Some((word, unit)) = units.iter().find(|(word, _)| rest[space..].starts_with(word)) else { break };
        (taken, scale) = (taken + space + word.len(), scale * unit);
    }
    (taken > 0).then_some((taken, scale))
}
