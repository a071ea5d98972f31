//! Amounts in 万 and 亿 as plain numbers.
//!
//! Knows only amounts that a person or a small model gets wrong, those with a unit of ten thousand or
//! more and a figure before it: 五百万, 3.5亿, 三千多万. 千万 alone (by all means), 万一 (in case) and
//! 几百万 (some millions) are words, not figures.

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
pub fn amounts(text: &str) -> Vec<Amount> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut amounts = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = at + chars[at..].iter().take_while(|(_, c)| is_part(*c)).count();
        if end == at {
            at += 1;
            continue;
        }
        // 几十万 and 数十亿 are no figures.
        let vague = at > 0 && matches!(chars[at - 1].1, '几' | '幾' | '数' | '數' | '第');
        let mut run: Vec<char> = chars[at..end].iter().map(|(_, c)| *c).collect();
        // 五百万个理由: the measure word counts what follows.
        if matches!(run.last(), Some('个' | '個')) {
            run.pop();
        }
        if let (false, Some((value, more))) = (vague, parse(&run)) {
            let stop = chars.get(at + run.len()).map_or(text.len(), |(offset, _)| *offset);
            amounts.push(Amount { range: chars[at].0..stop, value, more });
        }
        at = end;
    }
    amounts
}

fn is_part(char: char) -> bool {
    digit(char).is_some()
        || small_unit(char).is_some()
        || large_unit(char).is_some()
        || matches!(char, '.' | '多' | '余' | '个' | '個')
}

fn digit(char: char) -> Option<f64> {
    Some(match char {
        '零' | '〇' | '0' | '０' => 0.0,
        '一' | '壹' | '1' | '１' => 1.0,
        '二' | '两' | '兩' | '贰' | '2' | '２' => 2.0,
        '三' | '叁' | '3' | '３' => 3.0,
        '四' | '肆' | '4' | '４' => 4.0,
        '五' | '伍' | '5' | '５' => 5.0,
        '六' | '陆' | '6' | '６' => 6.0,
        '七' | '柒' | '7' | '７' => 7.0,
        '八' | '捌' | '8' | '８' => 8.0,
        '九' | '玖' | '9' | '９' => 9.0,
        _ => return None,
    })
}

fn small_unit(char: char) -> Option<f64> {
    Some(match char {
        '十' | '拾' => 10.0,
        '百' | '佰' => 100.0,
        '千' | '仟' => 1000.0,
        _ => return None,
    })
}

fn large_unit(char: char) -> Option<f64> {
    Some(match char {
        '万' | '萬' => 1e4,
        '亿' | '億' => 1e8,
        _ => return None,
    })
}

/// The value of a whole run, and whether it is more than that; `None` where the run is no such amount.
fn parse(run: &[char]) -> Option<(f64, bool)> {
    // A unit without a figure before it is a word: 千万, 万一, 百万富翁. 十万 is a figure all the same.
    digit(*run.first()?).or_else(|| (matches!(run[0], '十' | '拾')).then_some(1.0))?;
    let (mut total, mut section, mut more, mut large) = (0.0, 0.0, false, false);
    let mut number: Option<f64> = None;
    let mut decimals: Option<f64> = None;
    let mut last_unit = 1.0;
    for (at, &char) in run.iter().enumerate() {
        if let Some(value) = digit(char) {
            number = Some(match (number, decimals) {
                (Some(before), Some(place)) => {
                    decimals = Some(place / 10.0);
                    before + value * place
                }
                // Only Arabic figures stand side by side: 50万; 三五万 is "thirty or fifty thousand".
                (Some(before), None) if char.is_ascii_digit() || ('０'..='９').contains(&char) || value == 0.0 => {
                    before * 10.0 + value
                }
                (Some(0.0), None) => value,
                (Some(_), None) => return None,
                (None, _) => value,
            });
        } else if char == '.' {
            number?;
            decimals = Some(0.1);
        } else if matches!(char, '多' | '余') {
            more = true;
        } else if matches!(char, '个' | '個') {
            // 三个亿; any other 个 ends the figure, and then it is not ours.
            large_unit(*run.get(at + 1)?)?;
        } else if let Some(unit) = small_unit(char) {
            section += number.take().unwrap_or(1.0) * unit;
            (decimals, last_unit) = (None, unit);
        } else if let Some(unit) = large_unit(char) {
            section += number.take().unwrap_or(0.0);
            if section == 0.0 && total == 0.0 {
                return None;
            }
            total = if unit > last_unit && large && unit == 1e8 {
                (total + section) * unit
            } else {
                total + section * unit
            };
            (section, decimals, last_unit, large) = (0.0, None, unit, true);
        }
    }
    if let Some(rest) = number {
        // 三万五 is 35,000: the last figure counts one unit below.
        section += if last_unit >= 100.0 && rest < 10.0 && !run.contains(&'零') && !run.contains(&'〇') {
            rest * last_unit / 10.0
        } else {
            rest
        };
    }
    (large && total >= 1e4).then_some((total + section, more))
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
