//! The words of Chinese units. Data only.

use super::{MeasureKind, Unit};

/// A word for a unit after a numeral.
pub(super) struct Row {
    pub(super) word: &'static str,
    pub(super) kind: MeasureKind,
    pub(super) unit: Unit,
    /// One of them in `unit`: a 角 is a tenth of a yuan.
    pub(super) each: f64,
    /// Text after it with which it is another word: 三周年, 五里雾.
    pub(super) not_before: &'static [&'static str],
    /// Does a digit after it count tenths: 一米八, 三块五?
    pub(super) tenths: bool,
}

const fn row(word: &'static str, kind: MeasureKind, unit: Unit, not_before: &'static [&'static str]) -> Row {
    Row { word, kind, unit, each: 1.0, not_before, tenths: false }
}

const fn split(word: &'static str, kind: MeasureKind, unit: Unit, not_before: &'static [&'static str]) -> Row {
    Row { word, kind, unit, each: 1.0, not_before, tenths: true }
}

const fn part(word: &'static str, each: f64, not_before: &'static [&'static str]) -> Row {
    Row { word, kind: MeasureKind::Money, unit: Unit::Yuan, each, not_before, tenths: false }
}

use MeasureKind::{Age, Area, Length, Money, NominalAge, Period, Temperature, Weight};

/// What makes 周 a name or another word.
const NO_WEEK: &[&str] = &[
    "年", "岁", "歲", "围", "圍", "末", "到", "边", "邊", "刊", "全", "总", "總", "先生", "家", "氏", "太", "夫", "小",
    "老", "公", "少", "董", "医", "律", "导", "天",
];

/// Longer words stand before those that they begin with.
pub(super) const ROWS: &[Row] = &[
    // Weight. 两 is told by what is weighed, see `find`.
    split("斤", Weight, Unit::Jin, &[]),
    row("公斤", Weight, Unit::Kilogram, &[]),
    row("千克", Weight, Unit::Kilogram, &[]),
    row("kg", Weight, Unit::Kilogram, &[]),
    row("KG", Weight, Unit::Kilogram, &[]),
    row("克拉", Weight, Unit::Carat, &[]),
    row("克", Weight, Unit::Gram, &["服", "制", "隆", "扣", "星", "己"]),
    row("吨", Weight, Unit::Tonne, &[]),
    row("噸", Weight, Unit::Tonne, &[]),
    row("磅", Weight, Unit::Pound, &["礴"]),
    // Length.
    row("公里", Length, Unit::Kilometre, &[]),
    row("千米", Length, Unit::Kilometre, &[]),
    row("英里", Length, Unit::Mile, &[]),
    row(
        "里",
        Length,
        Unit::Li,
        &["面", "头", "頭", "边", "邊", "里", "昂", "程", "子", "应", "應", "一", "的人", "有"],
    ),
    split("米", Length, Unit::Metre, &["饭", "飯", "粒", "粥", "线", "線", "色", "酒", "虫", "老鼠", "兰", "蘭"]),
    row("公尺", Length, Unit::Metre, &[]),
    row("厘米", Length, Unit::Centimetre, &[]),
    row("公分", Length, Unit::Centimetre, &[]),
    row("cm", Length, Unit::Centimetre, &[]),
    row("英尺", Length, Unit::Foot, &[]),
    row("英寸", Length, Unit::Inch, &[]),
    row("丈", Length, Unit::Zhang, &["夫", "母", "人", "量"]),
    split("尺", Length, Unit::Chi, &["寸", "度", "码", "碼", "子", "男", "之"]),
    row("寸", Length, Unit::Cun, &["步", "心", "照", "头", "頭", "光", "土", "山", "不", "金"]),
    // Area.
    row("亩", Area, Unit::Mu, &[]),
    row("畝", Area, Unit::Mu, &[]),
    row("公顷", Area, Unit::Hectare, &[]),
    row("公頃", Area, Unit::Hectare, &[]),
    row("平方米", Area, Unit::SquareMetre, &[]),
    row("平方公尺", Area, Unit::SquareMetre, &[]),
    row("平方", Area, Unit::SquareMetre, &["公里", "千米", "英", "厘", "根"]),
    row("平米", Area, Unit::SquareMetre, &[]),
    row(
        "平",
        Area,
        Unit::SquareMetre,
        &[
            "方", "时", "時", "安", "常", "等", "均", "静", "靜", "凡", "台", "板", "局", "民", "手", "生", "辈", "輩",
            "日",
        ],
    ),
    // Money.
    split("块钱", Money, Unit::Yuan, &[]),
    split("塊錢", Money, Unit::Yuan, &[]),
    split("块", Money, Unit::Yuan, &[]),
    split("塊", Money, Unit::Yuan, &[]),
    row("元", Money, Unit::Yuan, &["旦", "帅", "帥", "宝", "寶", "素", "气", "氣", "首", "老", "凶", "婴", "嬰"]),
    row("人民币", Money, Unit::Yuan, &[]),
    row("人民幣", Money, Unit::Yuan, &[]),
    part("毛钱", 0.1, &[]),
    part("毛錢", 0.1, &[]),
    part("毛", 0.1, &["病", "孩", "巾", "衣", "头", "頭", "线", "線", "发", "笔", "不"]),
    part("分钱", 0.01, &[]),
    part("分錢", 0.01, &[]),
    row("美元", Money, Unit::Dollar, &[]),
    row("美金", Money, Unit::Dollar, &[]),
    row("美刀", Money, Unit::Dollar, &[]),
    row("欧元", Money, Unit::Euro, &[]),
    row("歐元", Money, Unit::Euro, &[]),
    // Temperature. 度 is told by what is said around it, see `find`.
    row("摄氏度", Temperature, Unit::Degree, &[]),
    row("攝氏度", Temperature, Unit::Degree, &[]),
    row("度", Temperature, Unit::Degree, &["假", "过", "過", "数", "數"]),
    // Age.
    row("周岁", Age, Unit::Year, &[]),
    row("虚岁", NominalAge, Unit::Year, &[]),
    row("虛歲", NominalAge, Unit::Year, &[]),
    row("岁", Age, Unit::Year, &["月"]),
    row("歲", Age, Unit::Year, &["月"]),
    // Periods that other clocks do not have, and weeks.
    row("时辰", Period, Unit::Shichen, &[]),
    row("時辰", Period, Unit::Shichen, &[]),
    row("刻钟", Period, Unit::Ke, &[]),
    row("刻鐘", Period, Unit::Ke, &[]),
    row("礼拜", Period, Unit::Week, &["堂", "天", "一", "二", "三", "四", "五", "六", "日"]),
    row("禮拜", Period, Unit::Week, &["堂", "天", "一", "二", "三", "四", "五", "六", "日"]),
    row("星期", Period, Unit::Week, &["天", "一", "二", "三", "四", "五", "六", "日"]),
    row("周", Period, Unit::Week, NO_WEEK),
    row("週", Period, Unit::Week, &["年", "末"]),
];
