//! The words by which a leak is known, and those of a source that make them speech. Data only, in lower case.

/// Marks that only a prompt, a chat template or markup leaves behind, wherever they stand.
pub(super) const ANYWHERE: &[&str] =
    &["<|", "|>", "```", "</", "[inst]", "### ", "glossary:", "(do not translate)", "do not translate):", "<think>"];

/// What a prompt or a model says of translating; a line may say it where its source does.
pub(super) const OF_TRANSLATING: &[&str] = &[
    "translate into",
    "here is the translat",
    "here's the translat",
    "here is a translat",
    "here's a translat",
    "here are the translat",
    "here is your translat",
    "here's your translat",
    "the translation is",
    "the translated",
    "i cannot translate",
    "i can't translate",
    "aquí está la traducción",
    "aquí tienes la traducción",
    "la traducción es",
    "aqui está a tradução",
    "a tradução é",
    "berikut terjemahan",
    "berikut adalah terjemahan",
    "voici la traduction",
    "hier ist die übersetzung",
    "ecco la traduzione",
    "đây là bản dịch",
    "以下是翻译",
    "以下是译文",
];

/// What only a machine says of itself; a line may say it where its source speaks of one.
pub(super) const OF_MACHINES: &[&str] =
    &["as an ai", "as a language model", "as a large language model", "como una ia", "como uma ia", "sebagai ai"];

/// How a model hands over its answer; a colon follows before the sentence ends.
pub(super) const COURTESIES: &[&str] = &[
    "sure, here",
    "sure! here",
    "certainly, here",
    "certainly! here",
    "of course, here",
    "of course! here",
    "okay, here",
    "claro, aqui",
    "claro! aqui",
    "claro, aquí",
    "¡claro! aquí",
    "tentu, berikut",
    "tentu saja, berikut",
];

/// How a model declines, first and second half; between them no more than a comma and a "but".
pub(super) const APOLOGIES: &[&str] = &[
    "i'm sorry",
    "i am sorry",
    "sorry",
    "i apologize",
    "unfortunately",
    "lo siento",
    "perdón",
    "lamento",
    "desculpe",
    "sinto muito",
    "maaf",
    "ขออภัย",
    "ขอโทษ",
    "عذرا",
    "عذرًا",
    "آسف",
    "抱歉",
    "很抱歉",
    "对不起",
];

/// What a model says that it cannot do. Marrying, forgiving and staying are people's.
pub(super) const REFUSALS: &[&str] = &[
    "i can't assist",
    "i cannot assist",
    "i'm unable to assist",
    "i am unable to assist",
    "i'm not able to assist",
    "i can't help with that",
    "i can't help with this",
    "i cannot help with that",
    "i cannot help with this",
    "i can't comply",
    "i cannot comply",
    "i can't provide that",
    "i cannot provide that",
    "i can't provide a",
    "i cannot provide a",
    "i can't translate",
    "i cannot translate",
    "no puedo ayudar",
    "no puedo traducir",
    "não posso ajudar",
    "não posso traduzir",
    "saya tidak bisa membantu",
    "saya tidak dapat membantu",
    "saya tidak bisa menerjemahkan",
    "saya tidak dapat menerjemahkan",
    "ฉันไม่สามารถช่วย",
    "لا أستطيع المساعدة",
    "لا يمكنني المساعدة",
    "我无法帮",
    "我无法协助",
    "我无法提供",
    "我无法翻译",
    "我不能翻译",
];

/// What only a model calls what it is told.
pub(super) const REQUESTS: &[&str] = &[
    "fulfill this request",
    "fulfill that request",
    "assist with this request",
    "assist with that request",
    "comply with this request",
    "comply with that request",
];

/// A source that speaks of what is asked for.
pub(super) const SPEAKS_OF_REQUESTS: &[&str] =
    &["求", "request", "demand", "pedido", "petici", "solicitud", "permintaan"];

/// How a sentence before a colon says that a translation follows.
pub(super) const ANNOUNCES: &[&str] = &[
    "translat",
    "traducción",
    "traduccion",
    "tradução",
    "traduzid",
    "traducid",
    "terjemah",
    "übersetzung",
    "译文",
    "翻译",
    "ترجمة",
];

/// Headings that a model puts before its answer; after each comes a colon.
pub(super) const ANSWER_HEADINGS: &[&str] = &[
    "translation",
    "translated text",
    "translated line",
    "tradução",
    "traduccion",
    "traducción",
    "traduction",
    "traduzione",
    "übersetzung",
    "terjemahan",
    "bản dịch",
    "翻译",
    "译文",
    "翻譯",
    "譯文",
    "訳",
    "翻訳",
    "번역",
    "คำแปล",
    "الترجمة",
    "अनुवाद",
    "english",
    "spanish",
    "portuguese",
    "indonesian",
    "brazilian portuguese",
    "french",
    "german",
    "italian",
    "vietnamese",
    "thai",
    "arabic",
    "hindi",
    "japanese",
    "korean",
    "chinese",
];

/// Headings of this program's prompts.
pub(super) const PROMPT_HEADINGS: &[&str] = &["said before", "said after", "the series", "system prompt"];

/// Headings of a chat or of a remark, each group with what a source says that has such a heading, or such a word
/// where its language needs no colon.
pub(super) const CHAT_HEADINGS: &[(&[&str], &[&str])] = &[
    (
        &["note", "notes", "nota", "catatan", "hinweis", "注", "备注"],
        &[
            "注意", "附注", "批注", "备注", "備註", "记住", "記住", "提示", "提醒", "说明", "說明", "note", "nota",
            "catat",
        ],
    ),
    (&["explanation"], &["解释", "解釋", "说明", "說明", "原因", "expla", "explic"]),
    (&["output"], &["输出", "輸出", "产量", "產量", "output", "salida", "saída"]),
    (&["answer"], &["答", "回话", "回复", "answer", "respuesta", "resposta", "jawab"]),
    (&["target"], &["目标", "目標", "对象", "靶", "target", "objetivo", "alvo"]),
    (&["source"], &["来源", "來源", "出处", "消息", "source", "fuente", "fonte"]),
    (&["original"], &["原版", "原件", "原文", "原著", "正品", "original"]),
    (&["assistant"], &["助理", "助手", "秘书", "秘書", "assistant", "asistente", "assistente"]),
    (&["user"], &["用户", "用戶", "宿主", "user", "usuario", "usuário"]),
    (&["system"], &["系统", "系統", "system", "sistema"]),
    (&["human"], &["人类", "人類", "凡人", "human", "humano"]),
];

/// A source that speaks of translating, of languages or of what is written in them.
pub(super) const SPEAKS_OF_TRANSLATING: &[&str] = &[
    "译",
    "譯",
    "訳",
    "번역",
    "통역",
    "translat",
    "interpret",
    "traduc",
    "traduz",
    "tradu",
    "übersetz",
    "terjemah",
    "dịch",
    "แปล",
    "ترجم",
    "अनुवाद",
    "перевод",
    "перевед",
];

/// A head of a source that names a language or a school subject.
pub(super) const NAMES_A_LANGUAGE: &[&str] = &[
    "语", "語", "文", "英", "法", "德", "日", "韩", "韓", "泰", "english", "spanish", "portugu", "french", "german",
    "italian", "chinese", "japanese", "korean", "thai", "arab", "hindi", "ingl", "espa", "franc", "inggris",
];

/// A source that speaks of machines that think.
pub(super) const SPEAKS_OF_MACHINES: &[&str] = &[
    "智能",
    "智慧",
    "机器",
    "機器",
    "模型",
    "程序",
    "程式",
    "artificial",
    "robot",
    "language model",
    "kecerdasan buatan",
    "ปัญญาประดิษฐ์",
    "หุ่นยนต์",
    "ذكاء",
    "آلي",
    "인공지능",
    "로봇",
    "人工知能",
    "ロボット",
];

/// A source that apologises.
pub(super) const APOLOGISES: &[&str] = &[
    "对不起",
    "對不起",
    "对不住",
    "對不住",
    "歉",
    "不好意思",
    "见谅",
    "見諒",
    "恕我",
    "恕难",
    "恕難",
    "恕不",
    "遗憾",
    "遺憾",
    "失礼",
    "sorry",
    "apolog",
    "unfortunately",
    "perdón",
    "perdon",
    "lo siento",
    "lamento",
    "disculp",
    "desculp",
    "perdão",
    "perdoe",
    "sinto muito",
    "maaf",
    "ขอโทษ",
    "ขออภัย",
    "โทษที",
    "آسف",
    "عذر",
    "ごめん",
    "すみません",
    "申し訳",
    "미안",
    "죄송",
    "xin lỗi",
    "désolé",
    "pardon",
    "entschuldig",
    "tut mir leid",
    "scusa",
    "dispiace",
    "माफ़",
    "извини",
    "прости",
];

/// A source that speaks of helping, or of being able to.
pub(super) const SPEAKS_OF_HELPING: &[&str] = &[
    "帮",
    "幫",
    "助",
    "忙",
    "无能为力",
    "無能為力",
    "办不到",
    "辦不到",
    "做不到",
    "从命",
    "從命",
    "爱莫能",
    "愛莫能",
    "help",
    "assist",
    "ayud",
    "ajud",
    "bantu",
    "tolong",
    "ช่วย",
    "ساعد",
    "도와",
    "手伝",
    "助け",
    "giúp",
    "aide",
    "aider",
    "helfen",
    "hilfe",
    "aiut",
    "मदद",
    "помо",
];

/// How a source begins that agrees, as one who hands something over.
pub(super) const AGREES: &[&str] = &[
    "好",
    "当然",
    "當然",
    "没问题",
    "沒問題",
    "行",
    "可以",
    "是",
    "嗯",
    "给",
    "給",
    "请",
    "請",
    "来",
    "sure",
    "certainly",
    "of course",
    "okay",
    "yes",
    "here",
    "claro",
    "por supuesto",
    "sí",
    "sim",
    "tentu",
    "baik",
    "oke",
];
