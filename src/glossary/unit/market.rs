//! A measure in the units of a market, rounded the way people talk.

use super::{MeasureKind, Said, Unit};

/// Which units a market counts in.
fn is_imperial(market: &str) -> bool {
    // The United States alone: the United Kingdom weighs in kilos in shops and sells land in both, so that metric
    // units are understood in every other market.
    market == "us"
}

/// What `market` says for `value` of `unit`.
pub(super) fn said(kind: MeasureKind, value: f64, unit: Unit, market: &str) -> Said {
    let exact = |value: f64, unit: Unit| Said { parts: vec![(value, unit)], about: false };
    match kind {
        // One counts as one at birth, and is a year older with every New Year.
        MeasureKind::NominalAge => return exact((value - 1.0).max(0.0), Unit::Year),
        MeasureKind::Height if is_imperial(market) => return height(value * unit.size().map_or(1.0, |(_, size)| size)),
        MeasureKind::Height => {
            let metres = value * unit.size().map_or(1.0, |(_, size)| size);
            return exact((metres * 100.0).round() / 100.0, Unit::Metre);
        }
        MeasureKind::Period => {
            return match unit {
                Unit::Shichen if value < 1.0 => exact(value * 120.0, Unit::Minute).largest(),
                Unit::Shichen => exact(value * 2.0, Unit::Hour),
                Unit::Ke => exact(value * 15.0, Unit::Minute).largest(),
                _ => exact(value, unit),
            };
        }
        _ => {}
    }
    let Some((_, size)) = unit.size() else { return exact(value, unit) };
    let amount = value * size;
    let target = match (unit, is_imperial(market)) {
        (Unit::Jin | Unit::Liang | Unit::Gram | Unit::Kilogram | Unit::Tonne | Unit::Pound | Unit::Ounce, true) => {
            // Below a quarter of a pound ounces are counted.
            if amount < 0.11 { Unit::Ounce } else { Unit::Pound }
        }
        (Unit::Jin | Unit::Liang | Unit::Gram | Unit::Kilogram | Unit::Tonne | Unit::Pound | Unit::Ounce, false) => {
            match amount {
                _ if unit == Unit::Tonne => Unit::Tonne,
                ..1.0 => Unit::Gram,
                _ => Unit::Kilogram,
            }
        }
        (Unit::Mu | Unit::Hectare | Unit::Acre, true) => Unit::Acre,
        (Unit::SquareMetre | Unit::SquareFoot, true) => Unit::SquareFoot,
        // A field up to a hectare is told in square metres.
        (Unit::Mu | Unit::Hectare | Unit::Acre, false) => {
            if amount < 10_000.0 {
                Unit::SquareMetre
            } else {
                Unit::Hectare
            }
        }
        (Unit::SquareMetre | Unit::SquareFoot, false) => Unit::SquareMetre,
        (_, true) => match amount {
            // From a quarter of a mile on people count miles; below a foot, inches.
            ..0.25 => Unit::Inch,
            ..400.0 => Unit::Foot,
            _ => Unit::Mile,
        },
        (_, false) => match amount {
            ..0.95 => Unit::Centimetre,
            ..1000.0 => Unit::Metre,
            _ => Unit::Kilometre,
        },
    };
    if target == unit {
        return exact(value, unit);
    }
    let Some((_, size)) = target.size() else { return exact(value, unit) };
    let converted = amount / size;
    let rounded = rounded(converted);
    Said { parts: vec![(rounded, target)], about: (rounded - converted).abs() > converted * 0.002 }
}

impl Said {
    /// Whole hours rather than 60 or 120 minutes.
    fn largest(mut self) -> Said {
        if let [(minutes, Unit::Minute)] = self.parts[..]
            && minutes >= 60.0
            && minutes % 60.0 == 0.0
        {
            self.parts = vec![(minutes / 60.0, Unit::Hour)];
        }
        self
    }
}

/// A person's height in feet and inches.
fn height(metres: f64) -> Said {
    let inches = (metres / 0.0254).round();
    let (feet, inches) = ((inches / 12.0).floor(), inches % 12.0);
    let parts = if inches == 0.0 { vec![(feet, Unit::Foot)] } else { vec![(feet, Unit::Foot), (inches, Unit::Inch)] };
    // Nobody says "about" of an inch.
    Said { parts, about: false }
}

/// As a number is said in passing: quarters below one, halves below ten, two digits above.
pub(super) fn rounded(value: f64) -> f64 {
    match value {
        ..=0.0 => 0.0,
        ..0.875 => ((value * 4.0).round() / 4.0).max(0.25),
        ..10.0 => (value * 2.0).round() / 2.0,
        ..100.0 => value.round(),
        _ => {
            let unit = 10f64.powf(value.log10().floor() - 1.0);
            (value / unit).round() * unit
        }
    }
}
