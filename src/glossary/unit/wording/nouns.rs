//! Names of units, days, months and festivals in the languages that measures are worded in. Data only.

use super::Tongue;
use crate::glossary::unit::Unit;

/// The name of a unit.
pub(super) struct Noun {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) feminine: bool,
}

/// The name of a unit; none where a value of it is worded in another way.
pub(super) fn noun(tongue: Tongue, unit: Unit) -> Option<Noun> {
    // English one and many, Spanish one and many, Portuguese one and many, Indonesian; feminine in Spanish, Portuguese.
    let (names, feminine) = match unit {
        Unit::Gram => (["gram", "grams", "gramo", "gramos", "grama", "gramas", "gram"], [false, false]),
        Unit::Kilogram => (["kilo", "kilos", "kilo", "kilos", "quilo", "quilos", "kilo"], [false, false]),
        Unit::Tonne => (["ton", "tons", "tonelada", "toneladas", "tonelada", "toneladas", "ton"], [true, true]),
        Unit::Carat => (["carat", "carats", "quilate", "quilates", "quilate", "quilates", "karat"], [false, false]),
        Unit::Pound => (["pound", "pounds", "libra", "libras", "libra", "libras", "pon"], [true, true]),
        Unit::Ounce => (["ounce", "ounces", "onza", "onzas", "onça", "onças", "ons"], [true, true]),
        Unit::Kilometre => (
            ["kilometer", "kilometers", "kilómetro", "kilómetros", "quilômetro", "quilômetros", "kilometer"],
            [false, false],
        ),
        Unit::Metre => (["meter", "meters", "metro", "metros", "metro", "metros", "meter"], [false, false]),
        Unit::Centimetre => (
            ["centimeter", "centimeters", "centímetro", "centímetros", "centímetro", "centímetros", "senti"],
            [false, false],
        ),
        Unit::Mile => (["mile", "miles", "milla", "millas", "milha", "milhas", "mil"], [true, true]),
        Unit::Foot => (["foot", "feet", "pie", "pies", "pé", "pés", "kaki"], [false, false]),
        Unit::Inch => (["inch", "inches", "pulgada", "pulgadas", "polegada", "polegadas", "inci"], [true, true]),
        Unit::SquareMetre => (
            [
                "square meter",
                "square meters",
                "metro cuadrado",
                "metros cuadrados",
                "metro quadrado",
                "metros quadrados",
                "meter persegi",
            ],
            [false, false],
        ),
        Unit::Hectare => {
            (["hectare", "hectares", "hectárea", "hectáreas", "hectare", "hectares", "hektare"], [true, false])
        }
        Unit::Acre => (["acre", "acres", "acre", "acres", "acre", "acres", "ekar"], [false, false]),
        Unit::SquareFoot => (
            [
                "square foot",
                "square feet",
                "pie cuadrado",
                "pies cuadrados",
                "pé quadrado",
                "pés quadrados",
                "kaki persegi",
            ],
            [false, false],
        ),
        Unit::Yuan => (["yuan", "yuan", "yuan", "yuanes", "yuan", "yuans", "yuan"], [false, false]),
        Unit::Tael => (["tael", "taels", "tael", "taeles", "tael", "taéis", "tael"], [false, false]),
        Unit::Dollar => (["dollar", "dollars", "dólar", "dólares", "dólar", "dólares", "dolar"], [false, false]),
        Unit::Euro => (["euro", "euros", "euro", "euros", "euro", "euros", "euro"], [false, false]),
        Unit::Degree => (["degree", "degrees", "grado", "grados", "grau", "graus", "derajat"], [false, false]),
        Unit::Year => (["year old", "years old", "año", "años", "ano", "anos", "tahun"], [false, false]),
        Unit::Week => (["week", "weeks", "semana", "semanas", "semana", "semanas", "minggu"], [true, true]),
        Unit::Hour => (["hour", "hours", "hora", "horas", "hora", "horas", "jam"], [true, true]),
        Unit::Minute => (["minute", "minutes", "minuto", "minutos", "minuto", "minutos", "menit"], [false, false]),
        _ => return None,
    };
    let [en, ens, es, ess, pt, pts, id] = names;
    let [one, many] = tongue.pick([[en, ens], [es, ess], [pt, pts], [id, id]]);
    let feminine = tongue.pick([false, feminine[0], feminine[1], false]);
    Some(Noun { one, many, feminine })
}

/// A day of the week, 1 for Monday.
pub(super) fn weekday(tongue: Tongue, day: usize) -> Option<&'static str> {
    const DAYS: [[&str; 4]; 7] = [
        ["Monday", "el lunes", "segunda-feira", "Senin"],
        ["Tuesday", "el martes", "terça-feira", "Selasa"],
        ["Wednesday", "el miércoles", "quarta-feira", "Rabu"],
        ["Thursday", "el jueves", "quinta-feira", "Kamis"],
        ["Friday", "el viernes", "sexta-feira", "Jumat"],
        ["Saturday", "el sábado", "sábado", "Sabtu"],
        ["Sunday", "el domingo", "domingo", "Minggu"],
    ];
    DAYS.get(day.checked_sub(1)?).map(|names| tongue.pick(*names))
}

/// The festival that falls on a day of a lunar month, in each language.
pub(super) fn festival(month: usize, day: usize) -> Option<[&'static str; 4]> {
    Some(match (month, day) {
        (1, 1) => ["Chinese New Year's Day", "el Año Nuevo chino", "o Ano-Novo chinês", "Tahun Baru Imlek"],
        (1, 15) => ["the Lantern Festival", "el Festival de los Faroles", "o Festival das Lanternas", "Cap Go Meh"],
        (5, 5) => [
            "the Dragon Boat Festival",
            "el Festival del Bote del Dragón",
            "o Festival do Barco-Dragão",
            "Festival Perahu Naga",
        ],
        (7, 7) => ["the Qixi Festival", "el Festival Qixi", "o Festival Qixi", "Festival Qixi"],
        (7, 15) => ["the Ghost Festival", "el Festival de los Fantasmas", "o Festival dos Fantasmas", "Festival Hantu"],
        (8, 15) => [
            "the Mid-Autumn Festival",
            "el Festival de Medio Otoño",
            "o Festival do Meio do Outono",
            "Festival Pertengahan Musim Gugur",
        ],
        (9, 9) => [
            "the Double Ninth Festival",
            "el Festival del Doble Nueve",
            "o Festival do Duplo Nove",
            "Festival Chongyang",
        ],
        (12, 8) => ["the Laba Festival", "el Festival Laba", "o Festival Laba", "Festival Laba"],
        (12, 23) => ["Little New Year", "el Pequeño Año Nuevo", "o Pequeno Ano-Novo", "Tahun Baru Kecil"],
        (12, 30) => [
            "Chinese New Year's Eve",
            "la víspera del Año Nuevo chino",
            "a véspera do Ano-Novo chinês",
            "malam Tahun Baru Imlek",
        ],
        _ => return None,
    })
}

/// A day of the month: an ordinal in English, a figure elsewhere, as people there say dates.
pub(super) fn ordinal(tongue: Tongue, day: usize) -> String {
    const ENGLISH: [&str; 30] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twenty-first",
        "twenty-second",
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
    ];
    match tongue {
        Tongue::English => {
            ENGLISH.get(day.saturating_sub(1)).map_or_else(|| day.to_string(), |name| (*name).to_owned())
        }
        Tongue::Spanish if day == 1 => "primero".to_owned(),
        Tongue::Portuguese if day == 1 => "primeiro".to_owned(),
        _ => day.to_string(),
    }
}

/// A lunar month in words, 1 to 12.
pub(super) fn month(tongue: Tongue, month: usize) -> Option<&'static str> {
    const MONTHS: [[&str; 4]; 12] = [
        ["first", "primer", "primeiro", "pertama"],
        ["second", "segundo", "segundo", "kedua"],
        ["third", "tercer", "terceiro", "ketiga"],
        ["fourth", "cuarto", "quarto", "keempat"],
        ["fifth", "quinto", "quinto", "kelima"],
        ["sixth", "sexto", "sexto", "keenam"],
        ["seventh", "séptimo", "sétimo", "ketujuh"],
        ["eighth", "octavo", "oitavo", "kedelapan"],
        ["ninth", "noveno", "nono", "kesembilan"],
        ["tenth", "décimo", "décimo", "kesepuluh"],
        ["eleventh", "undécimo", "décimo primeiro", "kesebelas"],
        ["last", "último", "último", "kedua belas"],
    ];
    MONTHS.get(month.checked_sub(1)?).map(|names| tongue.pick(*names))
}
