//! Numerals as Chinese writes them: 九千八百万, 3.5亿, 三万五, 二零二四.
//!
//! Reads Arabic digits too, since recognizers mix both. Knows no measure words, and no idioms: those are
//! [`super::idiom`]'s.

use std::ops::Range;

/// A numeral in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numeral {
    /// Where, in bytes of the text.
    pub(crate) range: Range<usize>,
    /// How much.
    pub(crate) value: f64,
    /// Is it more than that? 五百多 is more than five hundred.
    pub(crate) more: bool,
    /// Is it no exact count: 几十, 十几, 三五百?
    pub(crate) vague: bool,
    /// Is 万 or 亿 part of it?
    pub(crate) large: bool,
    /// Are there Arabic digits in it?
    pub(crate) arabic: bool,
    /// Is it a row of Chinese digits, a year or a telephone number: 二零二四?
    pub(crate) row: bool,
    /// Is it an ordinal: 第三十?
    pub(crate) ordinal: bool,
    /// How many characters.
    pub(crate) length: usize,
}

/// Every numeral of `text` (Simplified or Traditional), in its order, with those that are vague.
pub(crate) fn numerals(text: &str) -> Vec<Numeral> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let at_char = |at: usize| chars.get(at).map(|(_, c)| *c);
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let mut end = at;
        while at_char(end).is_some_and(|c| is_part(c) || is_grouping(&chars, end)) {
            end += 1;
        }
        if end == at {
            at += 1;
            continue;
        }
        let run: Vec<char> = chars[at..end].iter().map(|(_, c)| *c).collect();
        let kept = run.len() - idle_tail(&run);
        let run = &run[..kept];
        let before = at.checked_sub(1).and_then(at_char);
        if let Some(read) = read(run, before, [at_char(at + kept), at_char(at + kept + 1)]) {
            let stop = chars.get(at + kept).map_or(text.len(), |(offset, _)| *offset);
            found.push(Numeral { range: chars[at].0..stop, ..read });
        }
        at = end;
    }
    found
}

/// What a run says; its range is still to be filled in.
fn read(run: &[char], before: Option<char>, after: [Option<char>; 2]) -> Option<Numeral> {
    // 几十万 and 十几 are no figures.
    let some = |c: Option<char>| c.is_some_and(|c| matches!(c, '几' | '幾' | '数' | '數'));
    // 三十来岁 and 二十好几, but not 五百万来买.
    let about = match after {
        [Some('来' | '來'), Some(next)] => "岁歲个個年天块塊斤里人号號分".contains(next),
        [Some('好'), next] => some(next),
        _ => false,
    };
    let arabic = run.iter().any(|c| is_arabic(*c));
    let numeral = |value: f64, more: bool, vague: bool, row: bool| Numeral {
        range: 0..0,
        value,
        more: more || about,
        vague: vague || some(before) || some(after[0]),
        large: run.iter().any(|c| large_unit(*c).is_some()),
        arabic,
        row,
        ordinal: before == Some('第'),
        length: run.len(),
    };
    if run.len() >= 2 && run.iter().all(|c| digit(*c).is_some() && !is_arabic(*c)) {
        let value = run.iter().filter_map(|c| digit(*c)).fold(0.0, |value, digit| value * 10.0 + digit);
        // 三五 and 七八 are "a few"; three digits or more are a year, a room, a telephone.
        return Some(numeral(value, false, run.len() == 2, true));
    }
    match parse(run) {
        Some((value, more)) => Some(numeral(value, more, false, false)),
        // 三五百, 七八十: a few. 百 and 万 without a figure are words.
        None if digit(run[0]).is_some() => Some(numeral(0.0, false, true, false)),
        None => None,
    }
}

/// Characters at the end of a run that are not the numeral's: the measure word 个, a full stop, the ounce 两.
fn idle_tail(run: &[char]) -> usize {
    // 五百万个理由: the measure word counts what follows. 五百两 is five hundred ounces: the digit would be 二.
    let idle = |c: &&char| matches!(c, '个' | '個' | '.' | '两' | '兩');
    run.iter().rev().take_while(idle).count().min(run.len() - 1)
}

fn is_part(char: char) -> bool {
    digit(char).is_some()
        || small_unit(char).is_some()
        || large_unit(char).is_some()
        || matches!(char, '.' | '多' | '余' | '餘' | '个' | '個')
}

/// The comma of 1,000: digits on its left, three on its right.
fn is_grouping(chars: &[(usize, char)], at: usize) -> bool {
    let digit = |at: usize| chars.get(at).is_some_and(|(_, c)| is_arabic(*c));
    let comma = chars.get(at).is_some_and(|(_, c)| *c == ',');
    comma && at > 0 && digit(at - 1) && (1..=3).all(|next| digit(at + next)) && !digit(at + 4)
}

fn is_arabic(char: char) -> bool {
    char.is_ascii_digit() || ('０'..='９').contains(&char)
}

/// The value of a digit, Chinese or Arabic.
pub(crate) fn digit(char: char) -> Option<f64> {
    Some(match char {
        '零' | '〇' | '0' | '０' => 0.0,
        '一' | '壹' | '1' | '１' => 1.0,
        '二' | '两' | '兩' | '贰' | '貳' | '2' | '２' => 2.0,
        '三' | '叁' | '3' | '３' => 3.0,
        '四' | '肆' | '4' | '４' => 4.0,
        '五' | '伍' | '5' | '５' => 5.0,
        '六' | '陆' | '陸' | '6' | '６' => 6.0,
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

/// The value of a whole run, and whether it is more than that; `None` where the run is no figure.
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
                (Some(before), None) if is_arabic(char) || value == 0.0 => before * 10.0 + value,
                (Some(0.0), None) => value,
                (Some(_), None) => return None,
                (None, _) => value,
            });
        } else if char == '.' {
            number?;
            decimals = Some(0.1);
        } else if matches!(char, '多' | '余' | '餘') {
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
    Some((total + section, more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(&str, f64)> {
        let exact = numerals(text).into_iter().filter(|numeral| !numeral.vague);
        exact.map(|numeral| (&text[numeral.range], numeral.value)).collect()
    }

    #[test]
    fn every_numeral_of_a_line_is_read_in_its_place() {
        for (text, wanted) in [
            ("我今年二十八岁，等了你整整三年。", &[("二十八", 28.0), ("三", 3.0)][..]),
            ("他欠了一百零五块，还了三千五。", &[("一百零五", 105.0), ("三千五", 3500.0)]),
            ("1,200人", &[("1,200", 1200.0)]),
            ("3.5亿和98个", &[("3.5亿", 3.5e8), ("98", 98.0)]),
            ("拾万", &[("拾万", 1e5)]),
            ("两百五十斤", &[("两百五十", 250.0)]),
            ("没有数字", &[]),
            ("百年好合，万事如意", &[]),
        ] {
            assert_eq!(values(text), wanted, "{text}");
        }
    }

    #[test]
    fn some_and_a_few_are_vague() {
        for text in ["几十个人", "十几年", "三五百块", "七八十岁", "数千人", "三五个"] {
            assert!(numerals(text).iter().all(|numeral| numeral.vague), "{text}: {:?}", numerals(text));
        }
        assert!(numerals("三十多岁")[0].more && numerals("三十来岁")[0].more);
    }

    #[test]
    fn rows_of_digits_and_ordinals_are_told_apart() {
        let year = &numerals("二零二四年")[0];
        assert!(year.row && !year.vague && year.value == 2024.0);
        assert!(numerals("第三十集")[0].ordinal);
        let arabic = &numerals("５０万")[0];
        assert!(arabic.arabic && arabic.large && arabic.value == 5e5);
    }

    #[test]
    fn a_full_stop_or_a_measure_word_is_left_out() {
        assert_eq!(values("12."), [("12", 12.0)]);
        assert_eq!(values("五十个"), [("五十", 50.0)]);
        assert_eq!(values("三个亿"), [("三个亿", 3e8)]);
    }
}
