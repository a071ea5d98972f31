//! Measures of a Chinese line and how a market says them: computed, not listed.
//!
//! ```text
//! 两百斤     us: about 220 pounds    elsewhere: 100 kilos
//! 一米八     us: 5 foot 11           elsewhere: 1.8 metres
//! 虚岁二十   19 years old: at birth one counts as one
//! 八月十五   the Mid-Autumn Festival
//! ```
//!
//! Money stays yuan: a rate of exchange is a matter of the day and of the story, so 五百块 is never turned into
//! dollars. Degrees stay as they are said. Knows Simplified and Traditional writing; does not know glossaries, and
//! leaves amounts without a unit to [`super::amounts`].

mod clock;
mod find;
mod lunar;
mod market;
mod table;
mod wording;

use std::ops::Range;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MeasureKind {
    /// How heavy.
    Weight,
    /// How far or long.
    Length,
    /// How tall a person is.
    Height,
    /// How large a piece of land or a flat is.
    Area,
    /// How much money.
    Money,
    /// How warm.
    Temperature,
    /// How old.
    Age,
    /// How old by the traditional count, which is one year more.
    NominalAge,
    /// A day of the lunar calendar.
    LunarDate,
    /// A time of the day.
    ClockTime,
    /// How long it takes.
    Period,
    /// A day of the week.
    Weekday,
}

/// A unit, of the source or of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 斤, half a kilogram.
    Jin,
    /// 两 as a weight, 50 g.
    Liang,
    /// 克.
    Gram,
    /// 公斤.
    Kilogram,
    /// 吨.
    Tonne,
    /// 克拉, of gems; the same everywhere.
    Carat,
    /// Avoirdupois, 0.453 592 37 kg.
    Pound,
    /// 1/16 of a pound.
    Ounce,
    /// 里, 500 m.
    Li,
    /// 丈, 10/3 m.
    Zhang,
    /// 尺, 1/3 m.
    Chi,
    /// 寸, 1/30 m.
    Cun,
    /// 公里.
    Kilometre,
    /// 米.
    Metre,
    /// 厘米.
    Centimetre,
    /// 1609.344 m.
    Mile,
    /// 0.3048 m.
    Foot,
    /// 25.4 mm.
    Inch,
    /// 亩, 2000/3 m².
    Mu,
    /// 平方米.
    SquareMetre,
    /// 公顷, 10 000 m².
    Hectare,
    /// 4046.856 m².
    Acre,
    /// 0.092 903 04 m².
    SquareFoot,
    /// 元, 块.
    Yuan,
    /// 两 of silver or gold, as money of old.
    Tael,
    /// 美元.
    Dollar,
    /// 欧元.
    Euro,
    /// 度 of temperature, as it is said.
    Degree,
    /// 岁, and years.
    Year,
    /// 周, 礼拜.
    Week,
    /// 时辰, two hours.
    Shichen,
    /// 小时.
    Hour,
    /// 刻钟, a quarter of an hour.
    Ke,
    /// 分钟.
    Minute,
    /// Hour of the day, 0 to 24.
    ClockHour,
    /// Minute of the hour.
    ClockMinute,
    /// Month of the lunar calendar, 1 to 12.
    LunarMonth,
    /// Day of a lunar month, 1 to 30.
    LunarDay,
    /// Day of the week, 1 for Monday to 7 for Sunday.
    Weekday,
}

/// What can be turned into one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// In kilograms.
    Mass,
    /// In metres.
    Distance,
    /// In square metres.
    Surface,
    /// In minutes.
    Time,
}

impl Unit {
    /// What it measures, and its size in the dimension's unit; none for what is never turned into another.
    pub const fn size(self) -> Option<(Dimension, f64)> {
        use Dimension::*;
        use Unit::*;
        Some(match self {
            Jin => (Mass, 0.5),
            Liang => (Mass, 0.05),
            Gram => (Mass, 0.001),
            Kilogram => (Mass, 1.0),
            Tonne => (Mass, 1000.0),
            Pound => (Mass, 0.453_592_37),
            Ounce => (Mass, 0.028_349_523),
            Li => (Distance, 500.0),
            Zhang => (Distance, 10.0 / 3.0),
            Chi => (Distance, 1.0 / 3.0),
            Cun => (Distance, 1.0 / 30.0),
            Kilometre => (Distance, 1000.0),
            Metre => (Distance, 1.0),
            Centimetre => (Distance, 0.01),
            Mile => (Distance, 1609.344),
            Foot => (Distance, 0.3048),
            Inch => (Distance, 0.0254),
            Mu => (Surface, 2000.0 / 3.0),
            SquareMetre => (Surface, 1.0),
            Hectare => (Surface, 10_000.0),
            Acre => (Surface, 4046.856),
            SquareFoot => (Surface, 0.092_903_04),
            Week => (Time, 7.0 * 24.0 * 60.0),
            Shichen => (Time, 120.0),
            Hour => (Time, 60.0),
            Ke => (Time, 15.0),
            Minute => (Time, 1.0),
            Carat | Yuan | Tael | Dollar | Euro | Degree | Year | ClockHour | ClockMinute | LunarMonth | LunarDay
            | Weekday => return None,
        })
    }

    /// Every unit that can be turned into another.
    pub const CONVERTIBLE: [Unit; 26] = {
        use Unit::*;
        [
            Jin,
            Liang,
            Gram,
            Kilogram,
            Tonne,
            Pound,
            Ounce,
            Li,
            Zhang,
            Chi,
            Cun,
            Kilometre,
            Metre,
            Centimetre,
            Mile,
            Foot,
            Inch,
            Mu,
            SquareMetre,
            Hectare,
            Acre,
            SquareFoot,
            Week,
            Shichen,
            Hour,
            Minute,
        ]
    };
}

/// What a market says for a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Value and unit, the larger unit first: 5 foot 11 and 8:30 have two parts, nearly all others one.
    pub parts: Vec<(f64, Unit)>,
    /// Was it rounded on the way from another unit?
    pub about: bool,
}

/// A measure in a Chinese line.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Where, in bytes of the text, with its unit.
    pub range: Range<usize>,
    /// What is measured.
    pub kind: MeasureKind,
    /// How much, in `unit`. Of a lunar date the day, of a time of the day the hours.
    pub value: f64,
    /// The unit of the source.
    pub unit: Unit,
    /// Is it more than that? 两百多斤.
    pub more: bool,
    /// What the market says for it.
    pub said: Said,
}

/// Every measure of a Chinese `text`, in its order, with what `market` (`us`, `latam`, `br`, …) says for it:
/// pounds, miles, feet, inches and acres in `us`, metric units elsewhere.
pub fn measures(text: &str, market: &str) -> Vec<Measure> {
    let mut measures: Vec<Measure> =
        find::counted(text, market).into_iter().chain(lunar::dates(text)).chain(clock::times(text)).collect();
    // A date or a time of the day is more than the count in it; the longer stretch is the better reading.
    measures.sort_by_key(|measure| (measure.range.start, std::cmp::Reverse(measure.range.end)));
    let mut end = 0;
    measures.retain(|measure| {
        let free = measure.range.start >= end;
        end = if free { measure.range.end } else { end };
        free
    });
    measures
}

#[cfg(test)]
mod tests;
