//! May this text stand in a script? What an engine gave is judged by itself, without another model.
//!
//! Knows what goes wrong with machine translation: nothing, the source again, the source's writing left
//! over, the prompt or markup leaking, far too much or far too little. Does not judge meaning.

use crate::engine::Request;
use crate::lang::Lang;
use crate::writing::Writing;

/// A translation is this many times longer than its source at most, measured in Latin letters.
const MOST: usize = 4;
/// And this many times shorter.
const LEAST: usize = 8;
/// Short sources may become anything up to this: 滚 becomes "Get out of here right now!".
const SHORT: usize = 14;
/// What an ideograph or a syllable of Hangul says in Latin letters, roughly.
const IDEOGRAPH: usize = 3;

/// What no line of a drama says, but prompts, templates and markup do.
const LEAKS: &[&str] = &[
    "<|",
    "|>",
    "```",
    "</",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "###",
    "do not translate",
    "said before",
    "said after",
    "glossary:",
    "translate into",
    "translation:",
    "as an ai",
    "language model",
    "numbered lines",
];

/// Nothing, or what is wrong with the translation of a line, as a fragment.
///
/// # Errors
/// Fails with the reason why the text may not stand.
pub fn verify(request: &Request, from: &Lang, to: &Lang, text: &str) -> Result<(), String> {
    let source = request.text.trim();
    let text = text.trim();
    if text.is_empty() {
        return Err("the translation is empty".into());
    }
    if !text.chars().any(char::is_alphanumeric) && source.chars().any(char::is_alphanumeric) {
        return Err(format!("the translation has no words in it ({text:?})"));
    }
    if text.contains(char::is_control) {
        return Err("the translation has line breaks or control characters in it".into());
    }
    if let Some(char) = left_over(request, from, to, text) {
        return Err(format!("the translation still has {} in it ({char:?})", from.name()));
    }
    if is_echo(request, from, to, text) {
        return Err("the translation is the source again".into());
    }
    let (folded, said) = (text.to_lowercase(), source.to_lowercase());
    if let Some(leak) = LEAKS.iter().find(|leak| folded.contains(**leak) && !said.contains(**leak)) {
        return Err(format!("the translation has a piece of the prompt or of markup in it ({leak:?})"));
    }
    let (given, wanted) = (weight(text), weight(source));
    if given > MOST * wanted.max(SHORT) {
        return Err(format!("the translation is far too long ({} characters)", text.chars().count()));
    }
    if given * LEAST < wanted {
        return Err(format!("the translation is far too short ({text:?})"));
    }
    Ok(())
}

/// A character of the source's writing that the target is not written in, and that no term asks for.
fn left_over(request: &Request, from: &Lang, to: &Lang, text: &str) -> Option<char> {
    let target = Writing::of_language(to);
    let foreign = |char: &char| {
        Writing::of(*char).is_some_and(|writing| {
            // Latin names and abbreviations stand in every writing.
            writing != Writing::Latin && Writing::of_language(from).contains(&writing) && !target.contains(&writing)
        })
    };
    let demanded = |char: &char| request.terms.iter().any(|term| term.target.contains(*char));
    text.chars().find(|char| !target.is_empty() && foreign(char) && !demanded(char))
}

/// The same words again. Between languages of one writing a name or a short exclamation may be the same.
fn is_echo(request: &Request, from: &Lang, to: &Lang, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let letters = text.to_lowercase();
        letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (source, target) = (words(&request.text), words(text));
    if source != target || !source.iter().any(|word| word.chars().any(char::is_alphabetic)) {
        return false;
    }
    let demanded = request.terms.iter().any(|term| words(&term.target) == target);
    let shared = Writing::of_language(from).iter().any(|writing| Writing::of_language(to).contains(writing));
    // Latin words in a line of another writing stay: "OK", "iPhone".
    let foreign =
        !request.text.chars().any(|c| Writing::of(c).is_some_and(|w| Writing::of_language(from).contains(&w)));
    let named = request.text.split_whitespace().all(|word| !word.starts_with(char::is_lowercase));
    !(demanded || foreign || shared && (source.len() <= 2 || named && source.len() <= 4))
}

/// Length in Latin letters.
fn weight(text: &str) -> usize {
    let of = |char: char| match Writing::of(char) {
        Some(Writing::Han | Writing::Kana | Writing::Hangul) => IDEOGRAPH,
        _ => usize::from(!char.is_whitespace()),
    };
    text.chars().map(of).sum()
}

/// An amount as the target language says it; `more` where it is more than that.
pub(super) fn amount(to: &Lang, value: f64, more: bool) -> String {
    let figure = figure(to, value);
    match (more, to.primary()) {
        (false, _) => figure,
        (true, "en") => format!("over {figure}"),
        (true, "pt") => format!("mais de {figure}"),
        (true, "es") => format!("más de {figure}"),
        (true, _) => format!("> {figure}"),
    }
}

fn figure(to: &Lang, value: f64) -> String {
    let scale: &[(f64, &str, &str)] = match to.primary() {
        "en" => &[(1e12, "trillion", "trillion"), (1e9, "billion", "billion"), (1e6, "million", "million")],
        "pt" => &[(1e12, "trilhão", "trilhões"), (1e9, "bilhão", "bilhões"), (1e6, "milhão", "milhões")],
        "es" => &[(1e6, "millón", "millones")],
        _ => &[],
    };
    for (unit, one, many) in scale {
        let count = value / unit;
        // Up to two decimals: 1.25 million is said so, 1.234567 million is not.
        if count >= 1.0 && (count * 100.0 - (count * 100.0).round()).abs() < 1e-6 {
            let mut figure = format!("{count:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
            if to.primary() != "en" {
                figure = figure.replace('.', ",");
            }
            return format!("{figure} {}", if count < 2.0 && to.primary() != "en" { one } else { many });
        }
    }
    let separator = match to.primary() {
        "en" | "zh" | "ja" | "ko" | "th" | "hi" => ',',
        _ => '.',
    };
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Term;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn judge(from: &str, to: &str, source: &str, text: &str) -> Result<(), String> {
        let request = Request {
            cue: 1,
            text: source.into(),
            speaker: None,
            before: Vec::new(),
            after: Vec::new(),
            terms: vec![Term { source: "阿宝".into(), target: "宝".into(), note: String::new() }],
        };
        verify(&request, &lang(from), &lang(to), text)
    }

    #[test]
    fn good_lines_stand() {
        for (from, to, source, text) in [
            ("zh", "en", "滚！", "Get the hell out of here right now!"),
            ("zh", "en", "顾总，少奶奶又离家出走了。", "Mr. Gu, young madam has run away again."),
            ("zh", "en", "阿宝来了", "宝 is here"),
            ("zh", "en", "OK！", "OK!"),
            ("zh", "en", "……", "..."),
            ("zh", "ja", "林总", "林社長"),
            ("en", "pt", "Gu Yan!", "Gu Yan!"),
            ("en", "es", "No.", "No."),
            ("en", "pt", "I lost everything because of you.", "Perdi tudo por sua causa."),
            ("en", "pt", "He said: do not translate it.", "Ele disse: não traduza."),
            ("en", "zh", "Get out!", "滚出去！"),
        ] {
            assert_eq!(judge(from, to, source, text), Ok(()), "{source} → {text}");
        }
    }

    #[test]
    fn bad_lines_say_what_is_wrong() {
        let long = "so ".repeat(60);
        for (from, to, source, text, word) in [
            ("zh", "en", "顾总", " ", "empty"),
            ("zh", "en", "顾总", "?!", "no words"),
            ("zh", "en", "顾总", "顾总", "still has Chinese"),
            ("zh", "en", "顾总来了", "Mr. 顾 is here", "still has Chinese"),
            ("en", "pt", "I lost everything because of you.", "I lost everything, because of you!", "source again"),
            ("zh", "en", "她走了。", "Translation: She left.", "prompt"),
            ("zh", "en", "她走了。", "She left.<|im_end|>", "prompt"),
            ("zh", "en", "她走了。", "She left.\n(sadly)", "line breaks"),
            ("zh", "en", "她走了。", long.as_str(), "too long"),
            ("zh", "en", "你以为你有钱就了不起吗我告诉你我不怕", "No.", "too short"),
            ("ja", "en", "お嬢様", "お嬢様", "still has Japanese"),
        ] {
            let why = judge(from, to, source, text).unwrap_err();
            assert!(why.contains(word), "{source} → {text}: {why}");
        }
    }

    #[test]
    fn amounts_are_said_as_the_language_says_them() {
        for (to, value, said) in [
            ("en", 5e6, "5 million"),
            ("en", 3.5e8, "350 million"),
            ("en", 1.23e9, "1.23 billion"),
            ("en", 1e4, "10,000"),
            ("en", 1_234_567.0, "1,234,567"),
            ("pt-BR", 1e6, "1 milhão"),
            ("pt-BR", 2.5e6, "2,5 milhões"),
            ("es", 3e8, "300 millones"),
            ("de", 35_000.0, "35.000"),
        ] {
            assert_eq!(amount(&lang(to), value, false), said);
        }
        assert_eq!(amount(&lang("en"), 5e6, true), "over 5 million");
    }
}
