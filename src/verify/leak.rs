//! What a prompt, a model or a subtitle left in a wording: headings, labels, list numbers, stage directions.
//!
//! All of it would be spoken. What the source has too is let pass.

/// Marks that only a prompt, a chat template or markup leaves behind, wherever they stand.
const ANYWHERE: &[&str] = &[
    "<|",
    "|>",
    "```",
    "</",
    "[inst]",
    "### ",
    "glossary:",
    "translate into",
    "as an ai ",
    "as an ai,",
    "(do not translate)",
    "do not translate):",
    "<think>",
];

/// Headings that a model puts before its answer, in lower case; after each comes a colon.
const HEADINGS: &[&str] = &[
    "translation",
    "translated text",
    "translated line",
    "note",
    "notes",
    "explanation",
    "output",
    "answer",
    "target",
    "source",
    "original",
    "assistant",
    "user",
    "system",
    "human",
    "said before",
    "said after",
    "the series",
    "tradução",
    "traduccion",
    "traducción",
    "traduction",
    "traduzione",
    "übersetzung",
    "terjemahan",
    "bản dịch",
    "nota",
    "catatan",
    "hinweis",
    "翻译",
    "译文",
    "翻譯",
    "譯文",
    "注",
    "备注",
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

/// How a model opens an answer that is none.
const OPENINGS: &[&str] = &[
    "here is the translat",
    "here's the translat",
    "here is a translat",
    "here's a translat",
    "here are the translat",
    "here is your translat",
    "here's your translat",
    "sure, here",
    "sure! here",
    "certainly, here",
    "certainly! here",
    "of course! here",
    "the translation is",
    "the translated",
    "i cannot translate",
    "i can't translate",
    "i'm sorry, but i can't assist",
    "i'm sorry, but i can't help with that",
    "i'm sorry, but i cannot",
    "i’m sorry, but i can’t assist",
    "aquí está la traducción",
    "aquí tienes la traducción",
    "aqui está a tradução",
    "claro, aqui está",
    "claro, aquí",
    "berikut terjemahan",
    "berikut adalah terjemahan",
    "voici la traduction",
    "hier ist die übersetzung",
    "ecco la traduzione",
    "đây là bản dịch",
    "以下是翻译",
    "以下是译文",
];

/// Brackets, and how they close.
const BRACKETS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】'), ('［', '］'), ('{', '}')];

/// What stands in `text` that is no speech; none where everything may be spoken.
pub(super) fn leak(text: &str, source: &str) -> Option<String> {
    let (lower, source_lower) = (text.to_lowercase(), source.to_lowercase());
    let foreign = |mark: &str| lower.contains(mark) && !source_lower.contains(mark);
    if let Some(mark) = ANYWHERE.iter().find(|mark| foreign(mark)) {
        return Some((*mark).to_owned());
    }
    let start = lower.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '(' | '[' | '"' | '#'));
    if let Some(opening) = OPENINGS.iter().find(|opening| start.starts_with(**opening)) {
        return Some((*opening).to_owned());
    }
    heading(start, &source_lower)
        .or_else(|| list_mark(text.trim_start(), source.trim_start()))
        .or_else(|| direction(text, source))
}

fn heading(start: &str, source: &str) -> Option<String> {
    let headed = |text: &str| {
        let (head, rest) = text.split_once([':', '：'])?;
        // 3:15 and "Note:" alone are no headings.
        let head = head.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ')' | ']'));
        let named = head.split(" (").next().unwrap_or_default();
        (HEADINGS.contains(&named) && !rest.trim().is_empty()).then(|| format!("{head}:"))
    };
    // A line that says "Note: …" is translated so.
    if headed(source.trim_start()).is_some() || source.trim_start().starts_with(['注', '备']) {
        None
    } else {
        headed(start)
    }
}

/// `1. `, `2)`, `• `: the number of a line in a list.
fn list_mark(text: &str, source: &str) -> Option<String> {
    if let Some(mark) = ['•', '●', '▪'].iter().find(|mark| text.starts_with(**mark) && !source.starts_with(**mark))
    {
        return Some(mark.to_string());
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let mark = rest.chars().next().filter(|c| matches!(c, '.' | ')' | '、'))?;
    let goes_on = rest[mark.len_utf8()..].starts_with(|c: char| c.is_whitespace() || mark == '、');
    // The source counts too: 一、, 第一, 1.
    let counted = source.starts_with(|c: char| c.is_numeric() || "一二三四五六七八九十第".contains(c));
    let spoken = rest[mark.len_utf8()..].chars().any(char::is_alphanumeric);
    ((1..=2).contains(&digits) && goes_on && spoken && !counted).then(|| text[..digits + mark.len_utf8()].to_owned())
}

/// `[sighs]`, `*crying*`, `(Door slams)` at the start or end: a direction, where the source has none.
fn direction(text: &str, source: &str) -> Option<String> {
    let has_brackets = BRACKETS.iter().any(|(open, _)| source.contains(*open)) || source.contains('*');
    if has_brackets {
        return None;
    }
    // A direction is a word; (en) and [2] are none.
    let is_direction = |inner: &str| {
        let longest = inner.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().count()).max().unwrap_or(0);
        longest >= 3 || inner.chars().any(|c| matches!(c, '\u{3400}'..='\u{9FFF}'))
    };
    for (open, close) in BRACKETS {
        for (at, _) in text.match_indices(open) {
            let Some(length) = text[at..].find(close) else { continue };
            let (inner, end) = (&text[at + open.len_utf8()..at + length], at + length + close.len_utf8());
            let outside = |text: &str| !text.chars().any(char::is_alphanumeric);
            // A remark in round brackets inside a sentence can be said; at its edge it is a direction.
            let round = matches!(open, '(' | '（') && !outside(&text[..at]) && !outside(&text[end..]);
            if is_direction(inner) && !round {
                return Some(text[at..end].to_owned());
            }
        }
    }
    let starred = text.split('*').nth(1).filter(|inner| !inner.is_empty() && text.matches('*').count() >= 2);
    starred.filter(|inner| is_direction(inner)).map(|inner| format!("*{inner}*"))
}

/// Is a quotation mark left open that the source does not leave open?
pub(super) fn open_quote(text: &str, source: &str) -> bool {
    let unbalanced = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        let marks = |(at, c): (usize, &char)| match c {
            // 5'11" is a length.
            '"' => at == 0 || !chars[at - 1].is_ascii_digit(),
            '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' => true,
            _ => false,
        };
        chars.iter().enumerate().filter(|mark| marks(*mark)).count() % 2 == 1
    };
    unbalanced(text) && !unbalanced(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_character_says_is_a_leak() {
        for text in [
            "Translation: Get out!",
            "translation: Get out!",
            "**Translation:** Get out!",
            "Note: the speaker is angry.",
            "Here is the translation: Get out!",
            "Sure, here you go: Get out!",
            "1. Get out!",
            "2) Get out!",
            "assistant: Get out!",
            "Assistant: Get out!",
            "Said before (do not translate): Hi.",
            "Said before: Hi.",
            "English: Get out!",
            "Tradução: Saia!",
            "Aqui está a tradução: Saia!",
            "<|im_end|>",
            "[sighs] Get out!",
            "*crying* Get out!",
            "(angrily) Get out!",
            "Get out! (slams the door)",
            "Get out!（冷笑）",
            "• Get out!",
            "TRANSLATE INTO English: get out",
            "I'm sorry, but I can't help with that.",
        ] {
            assert!(leak(text, "滚出去！").is_some(), "{text}");
        }
    }

    #[test]
    fn what_characters_do_say_is_none() {
        for text in [
            "Sure, I'll do it.",
            "Here is your money.",
            "Like I said before, no.",
            "Note that he lied.",
            "It's 3:15. Move!",
            "1.5 million!",
            "10 years. Ten!",
            "(en) Get out!",
            "(pt-BR) Get out!",
            "My assistant told me.",
            "The CEO (my husband) is here.",
            "Listen: get out!",
            "Ten. Nine. Eight.",
            "I'm sorry, but I can't forgive you.",
            "Answer me: did you lie?",
            "5 * 3",
        ] {
            assert_eq!(leak(text, "滚出去！"), None, "{text}");
        }
        assert_eq!(leak("[sighs] Fine.", "[叹气] 好吧。"), None, "the source has it too");
        assert_eq!(leak("1. Sign here.", "第一，在这里签字。"), None);
        assert_eq!(leak("Note: sign here.", "注：在这里签字。"), None);
    }

    #[test]
    fn an_open_quote_is_seen() {
        assert!(open_quote("He said \"go.", "他说走。") && open_quote("He said “go.", "他说走。"));
        assert!(!open_quote("He said \"go\".", "他说走。") && !open_quote("\"Go on, he said.", "“走吧，他说。"));
        assert!(!open_quote("He's 5'11\".", "他很高。") && !open_quote("don't", "别"));
    }
}
