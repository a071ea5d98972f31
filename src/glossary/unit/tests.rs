use super::*;
use crate::lang::Lang;

/// Each measure of a line: the stretch of the source, its value and unit.
fn found(text: &str) -> Vec<(&str, f64, Unit)> {
    measures(text, "us").into_iter().map(|m| (&text[m.range], m.value, m.unit)).collect()
}

fn worded(text: &str, market: &str, language: &str) -> Vec<String> {
    let to: Lang = language.parse().unwrap();
    measures(text, market).iter().filter_map(|measure| measure.wording(&to)).collect()
}

#[test]
fn counts_with_a_unit_are_found_in_their_place() {
    use Unit::*;
    for (text, wanted) in [
        ("你都两百斤了还吃！", &[("两百斤", 200.0, Jin)][..]),
        ("三斤半的鱼", &[("三斤半", 3.5, Jin)]),
        ("一百二十公斤", &[("一百二十公斤", 120.0, Kilogram)]),
        ("十克拉的钻戒", &[("十克拉", 10.0, Carat)]),
        ("走了二十里路", &[("二十里", 20.0, Li)]),
        ("八十公里", &[("八十公里", 80.0, Kilometre)]),
        ("三尺之外", &[]),
        ("五尺长的刀", &[("五尺", 5.0, Chi)]),
        ("一百亩地", &[("一百亩", 100.0, Mu)]),
        ("三百平的房子", &[("三百平", 300.0, SquareMetre)]),
        ("一百二十平米", &[("一百二十平米", 120.0, SquareMetre)]),
        ("五百块钱", &[("五百块钱", 500.0, Yuan)]),
        ("三块五一斤", &[("三块五", 3.5, Yuan)]),
        ("五毛钱", &[("五毛钱", 0.5, Yuan)]),
        ("十万块", &[("十万块", 1e5, Yuan)]),
        ("五百两银子", &[("五百两", 500.0, Tael)]),
        ("二两白酒", &[("二两", 2.0, Liang)]),
        ("一百万美金", &[("一百万美金", 1e6, Dollar)]),
        ("二十八岁", &[("二十八岁", 28.0, Year)]),
        ("烧到三十九度", &[("三十九度", 39.0, Degree)]),
        ("一个半时辰", &[("一个半时辰", 1.5, Shichen)]),
        ("半个时辰", &[("半个时辰", 0.5, Shichen)]),
        ("一刻钟", &[("一刻钟", 1.0, Ke)]),
        ("两个礼拜", &[("两个礼拜", 2.0, Week)]),
        ("三周后", &[("三周", 3.0, Week)]),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
}

#[test]
fn words_that_look_like_units_are_none() {
    for text in [
        "一起走吧",
        "我们一块去",
        "给我一块蛋糕",
        "结婚三周年",
        "心里难受",
        "这三天里",
        "千里之外",
        "万里长城",
        "一元复始，元旦快乐",
        "万岁",
        "三生三世",
        "屋里有人",
        "再一次",
        "平时",
        "三周年庆",
        "十里洋场",
        "半斤八两",
        "说一不二",
        "一毛不拔",
        "二百五",
        "百里挑一",
        "一度以为",
        "三度怀孕",
        "我姓周",
        "周总",
        "岁月静好",
        "几百斤",
        "一点都不",
        "早点回来",
        "有一点疼",
        "七尺男儿",
        "三寸不烂之舌",
        "一百八十度大转弯",
        "两点建议",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

#[test]
fn the_united_states_count_otherwise() {
    for (text, us, latam) in [
        ("两百斤", "about 220 pounds", "100 kilos"),
        ("三斤", "about 3.5 pounds", "1,5 kilos"),
        ("半斤牛肉", "about half a pound", "250 gramos"),
        ("二十里路", "about 6 miles", "10 kilómetros"),
        ("一里地", "about a quarter of a mile", "500 metros"),
        ("三米高", "about 10 feet", "3 metros"),
        ("一米八的大个子", "5 foot 11", "1,8 metros"),
        ("一米七五", "5 foot 9", "1,75 metros"),
        ("一百八十公分", "5 foot 11", "1,8 metros"),
        ("三百平的房子", "about 3200 square feet", "300 metros cuadrados"),
        ("一百亩地", "about 16 acres", "cerca de 6,5 hectáreas"),
        ("三亩地", "about half an acre", "2000 metros cuadrados"),
        ("十克拉", "10 carats", "10 quilates"),
        ("五公里", "about 3 miles", "5 kilómetros"),
        ("五百块钱", "500 yuan", "500 yuanes"),
        ("三十九度的高烧", "39 degrees", "39 grados"),
    ] {
        assert_eq!(worded(text, "us", "en"), [us], "{text}");
        assert_eq!(worded(text, "latam", "es"), [latam], "{text}");
    }
}

#[test]
fn ages_by_the_old_count_are_a_year_less() {
    for text in ["虚岁二十", "二十虚岁", "虚二十岁"] {
        assert_eq!(worded(text, "us", "en"), ["19 years old"], "{text}");
    }
    assert_eq!(worded("我今年二十八岁", "br", "pt-BR"), ["28 anos"]);
    assert_eq!(worded("五百多斤", "us", "en"), ["over 550 pounds"]);
}

#[test]
fn lunar_days_have_names_or_words() {
    for (text, english) in [
        ("正月初一", "Chinese New Year's Day"),
        ("大年初一", "Chinese New Year's Day"),
        ("大年三十", "Chinese New Year's Eve"),
        ("正月十五", "the Lantern Festival"),
        ("八月十五", "the Mid-Autumn Festival"),
        ("腊月二十三", "Little New Year"),
        ("五月初五", "the Dragon Boat Festival"),
        ("大年初五", "the fifth day of the first lunar month"),
        ("三月初三", "the third day of the third lunar month"),
        ("腊月二十六", "the twenty-sixth day of the last lunar month"),
        ("初六", "the sixth day of the lunar month"),
    ] {
        assert_eq!(worded(text, "us", "en"), [english], "{text}");
    }
    assert_eq!(worded("正月初八", "br", "pt-BR"), ["o dia 8 do primeiro mês lunar"]);
    assert_eq!(worded("八月十五", "id", "id"), ["Festival Pertengahan Musim Gugur"]);
    for text in ["三月十五", "八月十五号", "我上初二", "初一的学生", "最初一年", "三月十五日"]
    {
        assert!(measures(text, "us").iter().all(|m| m.kind != MeasureKind::LunarDate), "{text}");
    }
}

#[test]
fn times_of_the_day_and_days_of_the_week() {
    for (text, english, spanish, portuguese, indonesian) in [
        ("八点半", "8:30", "las 8 y media", "8 e meia", "jam 8.30"),
        ("下午三点", "3 p.m.", "las 3 de la tarde", "3 horas da tarde", "jam 3 sore"),
        ("九点一刻见", "9:15", "las 9 y cuarto", "9 e 15", "jam 9.15"),
        ("晚上十点", "10 p.m.", "las 10 de la noche", "10 horas da noite", "jam 10 malam"),
        ("周三", "Wednesday", "el miércoles", "quarta-feira", "Rabu"),
        ("下个礼拜天", "Sunday", "el domingo", "domingo", "Minggu"),
        ("晚上十二点", "midnight", "medianoche", "meia-noite", "tengah malam"),
        ("三个时辰", "6 hours", "6 horas", "6 horas", "6 jam"),
        ("半个时辰", "1 hour", "1 hora", "1 hora", "1 jam"),
        ("三刻钟", "45 minutes", "45 minutos", "45 minutos", "45 menit"),
        ("两周", "2 weeks", "2 semanas", "2 semanas", "2 minggu"),
    ] {
        let said = [("us", "en"), ("latam", "es"), ("br", "pt-BR"), ("id", "id")];
        let said = said.map(|(market, language)| worded(text, market, language).join("|"));
        assert_eq!(said, [english, spanish, portuguese, indonesian], "{text}");
    }
    assert!(found("一周三次").iter().all(|(_, _, unit)| *unit != Unit::Weekday));
}

#[test]
fn large_sums_read_as_people_say_them() {
    assert_eq!(worded("九千八百万块", "us", "en"), ["98 million yuan"]);
    assert_eq!(worded("九千八百万元", "latam", "es-419"), ["98 millones de yuanes"]);
    assert_eq!(worded("三千块钱", "br", "pt-BR"), ["3000 yuans"]);
    assert_eq!(worded("十二亿美元", "id", "id"), ["1,2 miliar dolar"]);
    assert!(worded("五百块", "th", "th").is_empty(), "no wording in other languages");
    assert_eq!(measures("五百块", "th")[0].said.parts, [(500.0, Unit::Yuan)]);
}

#[test]
fn traditional_writing_counts_too() {
    assert_eq!(found("兩個時辰"), [("兩個時辰", 2.0, Unit::Shichen)]);
    assert_eq!(found("三百畝地，五百塊錢"), [("三百畝", 300.0, Unit::Mu), ("五百塊錢", 500.0, Unit::Yuan)]);
}

#[test]
fn no_text_makes_it_stumble_and_ranges_are_whole() {
    let pieces = [
        "半", "个", "斤", "两", "百", "三", "十", "初", "月", "大年", "点", "刻", "周", "虚岁", "岁", "块", "米", "八",
        "5", ".", ",", "é", "🙂", "里", "亿", "正月", "度", "烧到", "\u{301}", " ",
    ];
    let mut state = 7u64;
    for _ in 0..20_000 {
        let text: String = (0..8)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces[(state >> 33) as usize % pieces.len()]
            })
            .collect();
        for market in ["us", "latam"] {
            for measure in measures(&text, market) {
                assert!(text.get(measure.range.clone()).is_some_and(|piece| !piece.is_empty()), "{text}");
                assert!(measure.value.is_finite() && !measure.said.parts.is_empty(), "{text}");
                for language in ["en", "es", "pt-BR", "id"] {
                    assert!(measure.wording(&language.parse().unwrap()).is_some_and(|w| !w.is_empty()), "{text}");
                }
            }
        }
    }
}
