//! The worked example: the same little scene in many languages, so that every pair of them has one.
//!
//! Without an example small models translate much worse. Its lines are drama: a form of address, an
//! order in anger, a plea.

use crate::engine::{Draft, Request, Task, Term};
use crate::lang::Lang;

struct Scene {
    language: &'static str,
    before: &'static str,
    lines: [&'static str; 3],
    /// The third line in fewer words.
    short: &'static str,
    /// How the first line addresses the boss, and how the second one says "get out".
    terms: [&'static str; 2],
}

const SCENES: &[Scene] = &[
    Scene {
        language: "zh",
        before: "你来干什么？",
        lines: ["林总，这份合同我不能签。", "你给我滚出去！", "她什么都不知道，求你放过她吧。"],
        short: "她不知情，放过她吧。",
        terms: ["林总", "滚出去"],
    },
    Scene {
        language: "en",
        before: "What are you doing here?",
        lines: ["Mr. Lin, I can't sign this.", "Get out of here!", "She knows nothing. Please, let her go."],
        short: "She knows nothing. Let her go.",
        terms: ["Mr. Lin", "get out"],
    },
    Scene {
        language: "pt",
        before: "O que você faz aqui?",
        lines: ["Sr. Lin, não posso assinar isso.", "Fora daqui!", "Ela não sabe de nada. Por favor, deixa ela ir."],
        short: "Ela não sabe de nada. Deixa ela.",
        terms: ["Sr. Lin", "fora"],
    },
    Scene {
        language: "es",
        before: "¿Qué haces aquí?",
        lines: ["Señor Lin, no puedo firmar esto.", "¡Lárgate de aquí!", "Ella no sabe nada. Por favor, déjala ir."],
        short: "No sabe nada. Déjala ir.",
        terms: ["Señor Lin", "lárgate"],
    },
    Scene {
        language: "fr",
        before: "Qu'est-ce que tu fais là ?",
        lines: ["Monsieur Lin, je ne peux pas signer ça.", "Dehors !", "Elle ne sait rien. Je t'en prie, laisse-la."],
        short: "Elle ne sait rien. Laisse-la.",
        terms: ["Monsieur Lin", "dehors"],
    },
    Scene {
        language: "de",
        before: "Was willst du hier?",
        lines: [
            "Herr Lin, das kann ich nicht unterschreiben.",
            "Raus hier!",
            "Sie weiß nichts. Bitte, lass sie gehen.",
        ],
        short: "Sie weiß nichts. Lass sie.",
        terms: ["Herr Lin", "raus"],
    },
    Scene {
        language: "it",
        before: "Che ci fai qui?",
        lines: ["Signor Lin, non posso firmarlo.", "Fuori di qui!", "Lei non sa niente. Ti prego, lasciala andare."],
        short: "Non sa niente. Lasciala.",
        terms: ["Signor Lin", "fuori"],
    },
    Scene {
        language: "id",
        before: "Mau apa kamu ke sini?",
        lines: [
            "Pak Lin, saya tidak bisa tanda tangan.",
            "Keluar dari sini!",
            "Dia tidak tahu apa-apa. Tolong, lepaskan dia.",
        ],
        short: "Dia tidak tahu. Lepaskan dia.",
        terms: ["Pak Lin", "keluar"],
    },
    Scene {
        language: "vi",
        before: "Anh đến đây làm gì?",
        lines: [
            "Tổng giám đốc Lâm, tôi không thể ký.",
            "Cút ra ngoài!",
            "Cô ấy không biết gì cả. Xin anh, tha cho cô ấy.",
        ],
        short: "Cô ấy không biết. Tha cho cô ấy.",
        terms: ["Tổng giám đốc Lâm", "cút"],
    },
    Scene {
        language: "th",
        before: "มาทำอะไรที่นี่",
        lines: ["คุณหลิน ฉันเซ็นสัญญานี้ไม่ได้ค่ะ", "ออกไปเดี๋ยวนี้!", "เธอไม่รู้เรื่องอะไรเลย ขอร้องล่ะ ปล่อยเธอไปเถอะ"],
        short: "เธอไม่รู้เรื่อง ปล่อยเธอไป",
        terms: ["คุณหลิน", "ออกไป"],
    },
    Scene {
        language: "ar",
        before: "ماذا تفعل هنا؟",
        lines: ["سيد لين، لا أستطيع توقيع هذا العقد.", "اخرج من هنا!", "إنها لا تعرف شيئًا. أرجوك، دعها وشأنها."],
        short: "لا تعرف شيئًا. دعها.",
        terms: ["سيد لين", "اخرج"],
    },
    Scene {
        language: "hi",
        before: "तुम यहाँ क्या कर रहे हो?",
        lines: ["लिन सर, मैं इस पर साइन नहीं कर सकती।", "निकल जाओ यहाँ से!", "उसे कुछ नहीं पता। प्लीज़, उसे जाने दो।"],
        short: "उसे कुछ नहीं पता। जाने दो।",
        terms: ["लिन सर", "निकल जाओ"],
    },
    Scene {
        language: "ru",
        before: "Что ты тут делаешь?",
        lines: [
            "Господин Линь, я не могу это подписать.",
            "Убирайся отсюда!",
            "Она ничего не знает. Прошу, отпусти её.",
        ],
        short: "Она не знает. Отпусти её.",
        terms: ["Господин Линь", "убирайся"],
    },
    Scene {
        language: "ja",
        before: "何しに来たの？",
        lines: ["林社長、この契約書にはサインできません。", "出ていけ！", "彼女は何も知らない。お願い、許してあげて。"],
        short: "彼女は知らない。許して。",
        terms: ["林社長", "出ていけ"],
    },
    Scene {
        language: "ko",
        before: "여긴 왜 왔어?",
        lines: ["린 대표님, 이 계약서엔 사인 못 합니다.", "당장 나가!", "그 애는 아무것도 몰라. 제발 놔줘."],
        short: "걘 몰라. 놔줘.",
        terms: ["린 대표님", "나가"],
    },
];

fn scene(language: &Lang) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.language == language.primary())
}

/// Words in a row that an answer may have in common with the example by chance.
const CHANCE: usize = 3;

/// Does the answer to `source` repeat the example's answer to something else? Small models do when they are at a loss.
pub(super) fn is_repeated(from: &Lang, to: &Lang, source: &str, answer: &str) -> bool {
    let Some((asked, answered)) = turn(from, to) else { return false };
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        lower
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    // Two characters or five letters in a row: enough to say that the answer may well be its own.
    let pieces = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        chars.windows(if from.is_spaceless() { 2 } else { 5 }).map(|piece| piece.iter().collect()).collect()
    };
    let answer = words(answer);
    asked.iter().zip(answered).any(|(asked, answered)| {
        let example = words(answered);
        let run = example.len().min(answer.len());
        let alike = run > CHANCE
            && (CHANCE + 1..=run)
                .any(|n| answer.len() <= n + 2 && example.windows(n).any(|piece| answer.ends_with(piece)));
        alike && !pieces(source).iter().any(|piece| pieces(&asked.text).contains(piece))
    })
}

/// The example of a pair: its lines as they are asked for, and the answers.
pub(super) fn turn(from: &Lang, to: &Lang) -> Option<(Vec<Request>, [&'static str; 3])> {
    let (source, target) = (scene(from)?, scene(to)?);
    let request = |(i, text): (usize, &&str)| Request {
        cue: i as u32 + 1,
        text: (*text).to_owned(),
        before: if i == 0 { vec![source.before.to_owned()] } else { Vec::new() },
        terms: match (source.terms.get(i), target.terms.get(i)) {
            (Some(source), Some(target)) => {
                vec![Term { source: (*source).into(), target: (*target).into(), ..Term::default() }]
            }
            _ => Vec::new(),
        },
        ..Request::default()
    };
    Some((source.lines.iter().enumerate().map(request).collect(), target.lines))
}

/// The example of a draft that is changed: its last line, with a word of the glossary missed, or too long.
pub(super) fn draft_turn(from: &Lang, to: &Lang, task: Task) -> Option<(Request, &'static str)> {
    let (source, target) = (scene(from)?, scene(to)?);
    let line = if task == Task::Repair { 0 } else { 2 };
    let (term, wanted) = (source.terms[0], target.terms[0]);
    let (draft, answer) = match task {
        // The line without its form of address.
        Task::Repair => {
            let text = target.lines[0].strip_prefix(wanted).unwrap_or(target.lines[0]);
            let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            let remarks = vec![format!("{term} should read {wanted:?}")];
            (Draft { text: text.to_owned(), remarks, characters: 0 }, target.lines[0])
        }
        _ => {
            let characters = target.short.chars().count() + 2;
            (Draft { text: target.lines[2].to_owned(), remarks: Vec::new(), characters }, target.short)
        }
    };
    let terms = match task {
        Task::Repair => vec![Term { source: term.into(), target: wanted.into(), ..Term::default() }],
        _ => Vec::new(),
    };
    let request =
        Request { cue: 1, text: source.lines[line].to_owned(), terms, draft: Some(draft), ..Request::default() };
    Some((request, answer))
}
