//! Numbers: as Chinese writes them, as digits group them, and as people say them.
//!
//! [`amounts`] finds what a person or a small model gets wrong: figures with 万 or 亿. [`chinese`], [`digits`] and
//! [`words`] read any number of a text; [`spoken_amount`] words one. Does not know what is counted.

pub(crate) mod chinese;
pub(crate) mod digits;
pub(crate) mod idiom;
mod spoken;
pub(crate) mod words;

pub use spoken::spoken_amount;

use std::ops::Range;

/// An amount in a Chinese text.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// How much.
    pub value: f64,
    /// Is it more than that? 五百多万 is more than five million.
    pub more: bool,
}

/// Every amount of ten thousand or more that `text` (Simplified or Traditional) writes with 万 or 亿.
///
/// 千万 alone (by all means), 万一 (in case) and 几百万 (some millions) are words, not figures.
pub fn amounts(text: &str) -> Vec<Amount> {
    let large =
        |numeral: &chinese::Numeral| numeral.large && numeral.value >= 1e4 && !numeral.vague && !numeral.ordinal;
    let found = chinese::numerals(text).into_iter().filter(large);
    found.map(|numeral| Amount { range: numeral.range, value: numeral.value, more: numeral.more }).collect()
}

/// A figure that one number stands for, in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// Where, in bytes of the text.
    pub(crate) range: Range<usize>,
    /// How much.
    pub(crate) value: f64,
    /// Is it no exact count: "a hundred", "millions", "half a day"?
    pub(crate) vague: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<(f64, bool)> {
        let found = amounts(text);
        assert!(found.len() <= 1, "{text}: {found:?}");
        found.first().map(|amount| (amount.value, amount.more))
    }

    #[test]
    fn amounts_are_computed() {
        for (text, value) in [
            ("五百万", 5e6),
            ("一万", 1e4),
            ("十万", 1e5),
            ("两千万", 2e7),
            ("三个亿", 3e8),
            ("一亿", 1e8),
            ("一亿五千万", 1.5e8),
            ("十二亿三千万", 1.23e9),
            ("50万", 5e5),
            ("3.5亿", 3.5e8),
            ("１００万", 1e6),
            ("一百零五万", 1.05e6),
            ("三万五", 35_000.0),
            ("三万五千", 35_000.0),
            ("一万零五百", 10_500.0),
            ("两万三千四百五十六", 23_456.0),
            ("一萬兩千", 12_000.0),
            ("三万亿", 3e12),
            ("二十五万", 250_000.0),
            ("一万零三", 10_003.0),
        ] {
            assert_eq!(one(text), Some((value, false)), "{text}");
        }
    }

    #[test]
    fn about_and_above_are_told_apart() {
        assert_eq!(one("五百多万"), Some((5e6, true)));
        assert_eq!(one("赔了三千余万元"), Some((3e7, true)));
        assert_eq!(one("几百万"), None);
        assert_eq!(one("数十亿"), None);
        assert_eq!(one("上百万"), None);
    }

    #[test]
    fn words_are_no_amounts() {
        for text in ["千万别告诉她", "万一呢", "百万富翁", "亿万家产", "三千", "一个人", "万事如意", "三五万", "十个"]
        {
            assert_eq!(one(text), None, "{text}");
        }
    }

    #[test]
    fn the_place_is_the_figure() {
        let text = "给你五百万，离开我儿子。再加3.5亿！";
        let found: Vec<&str> = amounts(text).into_iter().map(|amount| &text[amount.range]).collect();
        assert_eq!(found, ["五百万", "3.5亿"]);
        assert_eq!(one("五百万个理由"), Some((5e6, false)));
    }
}
