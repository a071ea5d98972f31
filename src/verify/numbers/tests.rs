use super::*;
use crate::glossary::{EntryKind, Glossary, Match};
use crate::lang::Lang;

fn missing(from: &str, to: &str, source: &str, text: &str, matches: &[Match]) -> Vec<String> {
    let (from, to): (Lang, Lang) = (from.parse().unwrap(), to.parse().unwrap());
    let judged = Judged { source, text, from: &from, to: &to, matches, bans: &[], room: None };
    flaws(&judged).into_iter().map(|flaw| flaw.what).collect()
}

#[track_caller]
fn right(from: &str, to: &str, lines: &[(&str, &str)]) {
    for (source, text) in lines {
        let found = missing(from, to, source, text, &[]);
        assert!(found.is_empty(), "{source} | {text}: {found:?}");
    }
}

#[track_caller]
fn wrong(from: &str, to: &str, lines: &[(&str, &str)]) {
    for (source, text) in lines {
        assert_eq!(missing(from, to, source, text, &[]).len(), 1, "{source} | {text}");
    }
}

#[test]
fn numbers_that_are_said_are_let_pass() {
    right(
        "zh",
        "en",
        &[
            ("顾总，三年夫妻，你就给我五十万？", "Mr. Gu, three years of marriage, and I get half a million?"),
            ("顾总，三年夫妻，你就给我五十万？", "Three years of marriage, and you give me 500,000?"),
            ("对方出价九千八百万，连眼睛都没眨一下。", "They offered ninety-eight million without blinking."),
            ("对方出价九千八百万，连眼睛都没眨一下。", "They bid nearly a hundred million. Didn't even blink."),
            ("有人收购了我们三成的股份！", "Someone bought thirty percent of our shares!"),
            ("有人收购了我们三成的股份！", "Someone bought 30% of our shares!"),
            ("全场八折！", "Twenty percent off everything!"),
            ("我今年二十八岁。", "I'm twenty-eight."),
            ("她都两百斤了！", "She's over 220 pounds!"),
            ("她都两百斤了！", "She weighs a hundred kilos!"),
            ("走了二十里路", "I walked six miles."),
            ("虚岁二十了", "He's nineteen."),
            ("一个亿！", "A hundred million!"),
            ("给你一千五百块", "Here's fifteen hundred yuan."),
            ("二零二四年", "In twenty twenty-four."),
            ("1998年的夏天", "The summer of '98."),
            ("十八楼", "Eighteenth floor."),
            ("这房子三百平", "The place is 3,200 square feet."),
            ("二十年了", "It's been two decades."),
            ("他身价12亿", "He's worth 1.2 billion."),
            ("密码是9527", "The code is 9527."),
            ("8点半开会", "The meeting's at half past eight."),
            ("年薪百万", "A million a year."),
            ("高烧四十度", "A fever of one-oh-four."),
            ("烧到三十九度", "He's running a fever of 102."),
        ],
    );
    right(
        "zh",
        "es-419",
        &[
            ("九千八百万", "Noventa y ocho millones."),
            ("十二亿", "1200 millones."),
            ("我三十五岁了", "Tengo treinta y cinco años."),
            ("五十万", "¿Medio millón?"),
            ("五十万还嫌少？", "¿Quinientos mil te parece poco?"),
        ],
    );
    right(
        "zh",
        "pt-BR",
        &[
            ("五十万还嫌少？", "Quinhentos mil é pouco?"),
            ("九千八百万", "98 milhões."),
            ("一百五十万", "Um milhão e meio."),
        ],
    );
    right(
        "zh",
        "id",
        &[
            ("五十万还嫌少？", "Lima ratus ribu masih kurang?"),
            ("我三十五岁了", "Umurku tiga puluh lima tahun."),
            ("十五个人", "Lima belas orang."),
        ],
    );
    right(
        "en",
        "pt-BR",
        &[
            ("I offered her two million dollars.", "Ofereci dois milhões de dólares a ela."),
            ("Twenty years ago, a boy fell through the ice.", "Há vinte anos, um menino caiu no gelo."),
            ("She is sixteen.", "Ela tem dezesseis anos."),
            ("Room 305.", "Quarto 305."),
            ("He weighs two hundred pounds.", "Ele pesa noventa quilos."),
        ],
    );
}

#[test]
fn numbers_that_are_gone_or_others_are_told() {
    wrong(
        "zh",
        "en",
        &[
            ("对方出价九千八百万", "They offered nine point eight million."),
            ("对方出价九千八百万", "They offered 980 million."),
            ("你就给我五十万？", "You give me fifty thousand?"),
            ("你就给我五十万？", "You give me so little?"),
            ("有人收购了我们三成的股份！", "Someone bought three hundred of our shares!"),
            ("我今年二十八岁。", "I'm eighteen."),
            ("她都两百斤了！", "She weighs five hundred pounds!"),
            ("高烧四十度", "A fever of sixty-four."),
            ("十八楼", "The tenth floor."),
            ("给我15000块", "Give me fifty thousand."),
        ],
    );
    wrong("zh", "pt-BR", &[("五十万", "Cinquenta mil."), ("九千八百万", "Noventa e oito mil.")]);
    wrong("zh", "id", &[("五十万", "Lima puluh juta.")]);
    wrong("en", "es", &[("Two hundred thousand. Cash.", "Dos mil. En efectivo.")]);
    wrong(
        "en",
        "pt-BR",
        &[("I offered her two million dollars.", "Ofereci dois mil dólares a ela."), ("He's 47.", "Ele tem 74.")],
    );
}

#[test]
fn numerals_that_count_nothing_are_not_asked_for() {
    right(
        "zh",
        "en",
        &[
            ("我们一起走吧", "Let's go together."),
            ("万一他不来呢？", "What if he doesn't come?"),
            ("你十分了解他？", "You really know him?"),
            ("不管三七二十一，先打了再说", "Hit him first, ask questions later."),
            ("二话不说就走了", "He left without a word."),
            ("我心里七上八下的", "My heart's racing."),
            ("千万别告诉她", "Whatever you do, don't tell her."),
            ("我跟你说了八百遍了", "I've told you a million times."),
            ("你这个二百五！", "You idiot!"),
            ("一百个不愿意", "No way in hell."),
            ("十有八九是他", "It's probably him."),
            ("快打110！", "Call the police!"),
            ("等了二十四小时", "I waited all day."),
            ("十三爷来了", "Prince Yinxiang is here."),
            ("几十万的包", "A bag that costs a fortune."),
            ("三五百块", "A few hundred."),
            ("百分之百确定", "I'm absolutely sure."),
            ("三十六计走为上", "Time to run."),
            ("八月十五回家", "I'll be home for the Mid-Autumn Festival."),
            ("十二点了", "It's midnight."),
            ("十五分钟", "A quarter of an hour."),
            ("十二月", "December."),
            ("三十多岁的男人", "A man past his prime."),
            ("三天三夜", "Days and nights."),
            ("一百年也还不完", "I'd never pay it back."),
            ("全公司都二十四小时盯着", "The whole company watches around the clock."),
            ("女大十八变", "Look how you've grown."),
            ("第二十五章", "The next chapter."),
            ("一米八的大长腿", "Those long legs."),
            ("520快乐", "Happy Valentine's."),
            ("他是十八线小明星", "He's a nobody."),
            ("5G时代", "The digital age."),
            ("2个人", "Both of us."),
        ],
    );
    right(
        "en",
        "pt-BR",
        &[
            ("I told you a million times!", "Já te falei mil vezes!"),
            ("Call 911!", "Chama a polícia!"),
            ("You have twenty-four hours.", "Você tem um dia."),
            ("One in a million.", "Raro demais."),
            ("It's twelve o'clock.", "É meio-dia."),
            ("This is the twenty-first century.", "Estamos no século XXI."),
            ("Both of them, a hundred percent.", "Os dois, com certeza."),
        ],
    );
}

#[test]
fn what_the_glossary_words_is_its_own_business() {
    let glossary = Glossary::empty(&"zh".parse().unwrap(), &"en".parse().unwrap()).unwrap();
    assert!(glossary.is_empty());
    let source = "三十六房的人";
    let found = Match {
        range: 0..source.find('的').unwrap(),
        source: "三十六房".into(),
        target: "the Shaolin chamber".into(),
        forms: Vec::new(),
        spoken: String::new(),
        kind: EntryKind::Term,
        how: None,
        instead: String::new(),
        note: String::new(),
        origin: crate::glossary::Origin::default(),
        built_in: false,
    };
    assert!(missing("zh", "en", source, "From the Shaolin chamber.", &[found]).is_empty());
    assert_eq!(missing("zh", "en", source, "From the Shaolin chamber.", &[]).len(), 1);
}

#[test]
fn a_language_whose_number_words_are_not_read_is_judged_by_its_figures() {
    right("zh", "th", &[("五百万", "ห้าล้าน"), ("五百万", "5 ล้านบาท"), ("三年前的五百万", "ห้าล้านเมื่อ 3 ปีก่อน")]);
    right("zh", "vi", &[("五百万", "Năm triệu."), ("五百万", "5 triệu.")]);
    right("zh", "ar", &[("五百万", "خمسة ملايين"), ("二十八岁", "٢٨ سنة")]);
    right("zh", "ja", &[("五百万", "五百万円だ"), ("五百万", "500万")]);
    right("zh", "ko", &[("五百万", "오백만"), ("五百万", "500만")]);
    wrong("zh", "th", &[("五百万", "5 แสน"), ("二十八岁", "อายุ 38 ปี")]);
    wrong("zh", "vi", &[("五百万", "50 triệu.")]);
    wrong("zh", "ja", &[("五百万", "五十万")]);
}
