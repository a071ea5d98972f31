//! Chinese phrases whose numerals count nothing: 七上八下, 十有八九, 一千零一夜.
//!
//! A translation says them without any number. Data only; knows neither values nor measures.

use std::ops::Range;

/// Phrases with numerals in them that are no counts, in Simplified writing.
const PHRASES: &[&str] = &[
    // Idioms.
    "三七二十一",
    "七上八下",
    "十有八九",
    "十之八九",
    "八九不离十",
    "二百五",
    "两百五",
    "三十六计",
    "七十二变",
    "三百六十行",
    "五十步笑百步",
    "三十年河东",
    "三十年河西",
    "三十而立",
    "四十不惑",
    "五十知天命",
    "七七四十九",
    "九九八十一",
    "女大十八变",
    "十八般武艺",
    "十八层地狱",
    "十八辈祖宗",
    "十八代祖宗",
    "祖宗十八代",
    "祖宗十八辈",
    "八辈子",
    "十八线",
    "一五一十",
    "一百八十度",
    "180度",
    "三百六十度",
    "360度",
    "一千零一夜",
    "十万八千里",
    "十万火急",
    "十万个为什么",
    "五百年前",
    "弱水三千",
    "三千弱水",
    "后宫三千",
    "三千烦恼丝",
    "三千世界",
    "三千宠爱",
    "二十四孝",
    "二十一世纪",
    "21世纪",
    "百分之百",
    "百分之一百",
    "百分之一千",
    "百分之一万",
    "百分百",
    "100%",
    "200%",
    "一百二十个心",
    "一百个不",
    "一百二十个不",
    "一万个不",
    "一千个不",
    "一百个愿意",
    "一万个愿意",
    "千儿八百",
    "万儿八千",
    "百八十",
    "十天半个月",
    "十天半月",
    "十年八年",
    "三年五载",
    "三天两头",
    "三十六般",
    "三百六十五天",
    "四十米长",
    "四十大盗",
    "五十六个民族",
    "十三不靠",
    "十三点",
    "十三太保",
    "十三幺",
    "一千万个",
    "一万个心",
    "一百个心",
    "冰冻三尺",
    "半斤八两",
    "三寸不烂",
    "三寸金莲",
    "四两拨千斤",
    "七尺男儿",
    "七尺之躯",
    "十里八乡",
    "十里洋场",
    "八千里路",
    "八百里加急",
    "五里雾",
    "百尺竿头",
    "一百步",
    "一刻千金",
    "一毛不拔",
    "九千岁",
    "八千岁",
    "万万岁",
    "二八年华",
    "二八佳人",
    "九五之尊",
    "九五至尊",
    "十恶不赦",
    "十全十美",
    "十拿九稳",
    "十万大山",
    "三百六十五里",
    "躲得过初一",
    "躲过初一",
    "初一十五",
    "逃得过初一",
    "七老八十",
    "五大三粗",
    // Telephone numbers of help, numbers that stand for words, and days that are named after numbers.
    "110",
    "119",
    "120",
    "911",
    "12315",
    "5201314",
    "1314",
    "520",
    "521",
    "666",
    "233",
    "886",
    "996",
    "007",
    "24小时",
    "二十四小时",
    "二十四个小时",
    "24个小时",
    "双十一",
    "双十二",
    "双11",
    "双12",
    "九一一",
    "七夕",
    "八一五",
    "八零后",
    "九零后",
    "八〇后",
    "九〇后",
    "80后",
    "90后",
    "00后",
    "零零后",
    "五五分",
    "四六分",
    "五五开",
    "四六开",
    "1v1",
    "一比一",
    "1比1",
];

/// Counts of exaggeration: a hundred times, eight hundred times, ten thousand years.
const EXAGGERATED: &[&str] = &[
    "一百",
    "两百",
    "五百",
    "八百",
    "一千",
    "三千",
    "八千",
    "一万",
    "十万",
    "一百万",
    "一千万",
    "一亿",
    "一万亿",
    "100",
    "1000",
    "10000",
    "800",
];
const EXAGGERATED_AFTER: &[&str] =
    &["遍", "次", "倍", "回", "年", "个", "句", "条心", "种", "颗心", "双眼", "张嘴", "只手", "零一", "度", "分", "天"];

/// Where such phrases lie in `text`, in bytes.
pub(crate) fn idioms(text: &str) -> Vec<Range<usize>> {
    let phrases = PHRASES.iter().flat_map(|phrase| {
        text.match_indices(phrase).map(|(at, found)| at..at + found.len()).filter(|range| stands_alone(text, range))
    });
    let exaggerated = EXAGGERATED.iter().flat_map(|count| {
        let hits = text.match_indices(count).map(|(at, found)| at..at + found.len());
        hits.filter(|range| {
            let after = &text[range.end..];
            stands_alone(text, range) && EXAGGERATED_AFTER.iter().any(|word| after.starts_with(word))
        })
    });
    phrases.chain(exaggerated).collect()
}

/// Is a phrase that begins or ends with a numeral no piece of a longer one? 110 is not in 1100, 一百 not in 三千一百.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let numeral = |c: Option<char>| c.is_some_and(|c| super::chinese::digit(c).is_some() || "十百千万亿.".contains(c));
    let found = &text[range.clone()];
    let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
    !(numeral(before) && numeral(found.chars().next()) || numeral(after) && numeral(found.chars().next_back()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_and_longer_figures_are_not() {
        let found = |text: &str| -> Vec<String> { idioms(text).into_iter().map(|r| text[r].to_owned()).collect() };
        assert_eq!(found("不管三七二十一，先打110再说"), ["三七二十一", "110"]);
        assert!(found("给他1100块，再加三千一百年息").is_empty());
        assert_eq!(found("我说了八百遍了"), ["八百"]);
        assert!(found("八百块").is_empty());
        assert!(idioms("你这个二百五").len() == 1 && idioms("二百五十块").is_empty());
    }
}
