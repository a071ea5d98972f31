//! Removes what a recognizer made up: text over silence, loops, phrases that its training data ends with.
//!
//! Pure. Whatever is removed is kept in a list with the reason; nothing is removed for being
//! strange alone. Does not know the sound, only where there is speech in it.

use super::text::{fastest, spoken};
use super::timing::voiced;
use crate::engine::Utterance;
use crate::lang::Lang;
use crate::script::Word;
use crate::time::{Delta, Span};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that was heard and is not in the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// Where it was heard.
    pub span: Span,
    /// What.
    pub text: String,
    /// Why it is not believed.
    pub why: Why,
}

/// Why a text is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There is no speech where it was heard.
    Silence,
    /// The recognizer itself doubts that there was speech, and was unsure of the words.
    Improbable,
    /// The same words over and over, faster than anyone speaks.
    Loop,
    /// More text than can be spoken in the time.
    TooFast,
    /// A phrase that recognizers make up over music and noise, with little speech under it.
    StockPhrase,
    /// A description of a sound, not speech.
    SoundEffect,
    /// Sung, not spoken: it is left as it is.
    Sung,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Silence => "no speech there",
            Why::Improbable => "improbable, and probably no speech",
            Why::Loop => "repeated faster than anyone speaks",
            Why::TooFast => "more text than can be spoken in the time",
            Why::StockPhrase => "a stock phrase with little speech under it",
            Why::SoundEffect => "a description of a sound",
            Why::Sung => "sung, and left as it is",
        })
    }
}

/// Less speech than this under an utterance is none: shorter than a syllable.
const SYLLABLE: Delta = Delta::from_ms(120);
/// Above this probability of no speech, and below this mean log probability, Whisper itself
/// drops a segment (`no_speech_threshold` and `logprob_threshold` of the reference implementation).
const NO_SPEECH: f32 = 0.6;
const UNSURE: f32 = -1.0;
/// An utterance this many times faster than the fastest speech is no loop but nonsense.
const NONSENSE: f64 = 1.8;
/// The longest run of words that may repeat as a loop.
const LONGEST_LOOP: usize = 24;

/// Phrases that end many of the videos that recognizers were trained on, as they are spoken
/// (letters only, lower case).
const STOCK_PHRASES: &[&str] = &[
    "请不吝点赞",
    "點贊訂閱",
    "点赞订阅",
    "打赏支持明镜",
    "明镜与点点栏目",
    "字幕由",
    "字幕提供",
    "字幕志愿者",
    "字幕制作",
    "中文字幕",
    "由amaraorg社群",
    "谢谢观看",
    "感谢观看",
    "谢谢收看",
    "感谢收看",
    "下期再见",
    "下集再见",
    "优优独播剧场",
    "thanksforwatching",
    "thankyouforwatching",
    "pleasesubscribe",
    "likeandsubscribe",
    "subtitlesby",
    "amaraorg",
    "legendasporadrianazanotto",
    "subtítulosrealizadosporlacomunidaddeamaraorg",
    "ご視聴ありがとうございました",
    "시청해주셔서감사합니다",
];

/// Prompts of the recognizer that leak into its answer: nobody says them in a film.
const PROMPTS: &[&str] =
    &["以下是普通话的句子", "使用简体中文和标点符号", "以下是普通話的句子", "使用繁體中文和標點符號"];

/// What marks a song in subtitles.
pub(super) const NOTES: [char; 4] = ['♪', '♫', '♬', '♩'];

/// Keeps what can be believed. Spans are those of the speech; the rest goes to `removed`.
pub(super) fn clean(
    utterances: Vec<Utterance>,
    language: &Lang,
    speech: &[Span],
    removed: &mut Vec<Removed>,
) -> Vec<Utterance> {
    let mut kept: Vec<Utterance> = Vec::new();
    for mut utterance in utterances {
        if let Some(text) = unloop(&mut utterance, language, speech) {
            removed.push(Removed { span: utterance.span, text, why: Why::Loop });
        }
        let why = echo(&utterance, kept.last(), language, speech).or_else(|| doubt(&utterance, language, speech));
        match why {
            Some(why) => removed.push(Removed { span: utterance.span, text: utterance.text, why }),
            None => kept.push(utterance),
        }
    }
    kept
}

/// Why this utterance is not believed, if it is not.
fn doubt(utterance: &Utterance, language: &Lang, speech: &[Span]) -> Option<Why> {
    let length = spoken(&utterance.text);
    let fastest = fastest(language);
    if length == 0 || is_sound_effect(&utterance.text) {
        return Some(Why::SoundEffect);
    }
    if is_marked_song(&utterance.text) {
        return Some(Why::Sung);
    }
    let under = voiced(utterance.span, speech);
    if under < SYLLABLE {
        return Some(Why::Silence);
    }
    if utterance.no_speech > NO_SPEECH && utterance.log_probability < UNSURE {
        return Some(Why::Improbable);
    }
    let letters: String = utterance.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if PROMPTS.iter().any(|prompt| letters.contains(prompt)) {
        return Some(Why::StockPhrase);
    }
    // At a usual speed, half the fastest, the phrase would need twice this time.
    let little_speech = under.seconds() < 0.8 * 2.0 * length as f64 / fastest;
    let doubtful = little_speech || utterance.no_speech > 0.4 || utterance.log_probability < -0.7;
    if doubtful && STOCK_PHRASES.iter().any(|phrase| letters.contains(phrase)) {
        return Some(Why::StockPhrase);
    }
    // A few characters may be squeezed by a misplaced time.
    (length > 4 && length as f64 > under.seconds() * fastest * NONSENSE).then_some(Why::TooFast)
}

/// Is it the utterance before once more, without the time to say it?
fn echo(utterance: &Utterance, before: Option<&Utterance>, language: &Lang, speech: &[Span]) -> Option<Why> {
    let before = before.filter(|before| before.text == utterance.text)?;
    let both = voiced(before.span, speech) + voiced(utterance.span, speech);
    let needed = (spoken(&before.text) + spoken(&utterance.text)) as f64 / fastest(language);
    (both.seconds() < needed).then_some(Why::Loop)
}

/// Words behind a note, as recognizers that learned from subtitles write what is sung.
fn is_marked_song(text: &str) -> bool {
    text.trim_start().starts_with(NOTES)
}

/// Only a description in brackets.
fn is_sound_effect(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '。']);
    let pairs = [('(', ')'), ('（', '）'), ('[', ']'), ('【', '】'), ('*', '*')];
    pairs.iter().any(|&(open, close)| text.chars().count() > 1 && text.starts_with(open) && text.ends_with(close))
}

/// Cuts repetitions that nobody has the time to say, as many as it takes. Gives the text that it cut.
///
/// People do repeat themselves (那么那么, no no no): only where the utterance as a whole is faster
/// than speech is a repetition a loop of the decoder.
fn unloop(utterance: &mut Utterance, language: &Lang, speech: &[Span]) -> Option<String> {
    let mut cut = String::new();
    while let Some(run) = too_fast(utterance, language, speech).then(|| repetition(&utterance.words)).flatten() {
        // The first of the equal runs stays, and the time of all belongs to it: alignment
        // squeezes a loop into whatever sound there was.
        let end = utterance.words[run.first + run.length * run.times - 1].span.end;
        let doomed: Vec<Word> =
            utterance.words.drain(run.first + run.length..run.first + run.length * run.times).collect();
        cut.extend(doomed.iter().map(|word| word.text.as_str()));
        if let Some(last) = utterance.words.get_mut(run.first + run.length - 1) {
            last.span.end = end;
        }
        utterance.text = utterance.words.iter().map(|word| word.text.as_str()).collect::<String>().trim().to_owned();
    }
    (!cut.is_empty()).then(|| cut.trim().to_owned())
}

fn too_fast(utterance: &Utterance, language: &Lang, speech: &[Span]) -> bool {
    let under = voiced(utterance.span, speech).seconds();
    spoken(&utterance.text) as f64 > under * fastest(language)
}

/// `times` equal runs of `length` words from `first` on.
struct Run {
    first: usize,
    length: usize,
    times: usize,
}

/// The repetition that covers most words: at least three equal runs, or two of four words or more.
fn repetition(words: &[Word]) -> Option<Run> {
    let keys: Vec<String> = words
        .iter()
        .map(|word| word.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    let mut best: Option<Run> = None;
    for length in 1..=LONGEST_LOOP.min(keys.len() / 2) {
        let mut first = 0;
        while first + 2 * length <= keys.len() {
            let run = &keys[first..first + length];
            let times = keys[first..].chunks_exact(length).take_while(|other| *other == run).count();
            let counts = times >= 3 || (times == 2 && length >= 4);
            let covered = |run: &Run| (run.times - 1) * run.length;
            if counts && best.as_ref().is_none_or(|best| covered(best) < (times - 1) * length) {
                best = Some(Run { first, length, times });
            }
            first += if counts { length * (times - 1) + 1 } else { 1 };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    /// Words of one character each (or of one word each), evenly over the span.
    fn utterance(text: &str, start: i64, end: i64) -> Utterance {
        let texts: Vec<String> = if text.is_ascii() {
            text.split_inclusive(' ').map(str::to_owned).collect()
        } else {
            text.chars().map(String::from).collect()
        };
        let step = (end - start) / texts.len() as i64;
        let words = (0i64..).zip(&texts).map(|(i, text)| Word {
            span: Span::from_ms(start + i * step, start + (i + 1) * step),
            text: text.clone(),
            probability: 0.9,
        });
        Utterance {
            span: Span::from_ms(start, end),
            text: text.to_owned(),
            words: words.collect(),
            no_speech: 0.05,
            log_probability: -0.2,
        }
    }

    fn run(utterances: Vec<Utterance>, tag: &str, speech: &[(i64, i64)]) -> (Vec<String>, Vec<Why>) {
        let speech: Vec<Span> = speech.iter().map(|&(a, b)| Span::from_ms(a, b)).collect();
        let mut removed = Vec::new();
        let kept = clean(utterances, &lang(tag), &speech, &mut removed);
        (kept.into_iter().map(|u| u.text).collect(), removed.into_iter().map(|r| r.why).collect())
    }

    #[test]
    fn speech_is_kept() {
        let (kept, removed) = run(vec![utterance("顾总，少奶奶又离家出走了。", 0, 2500)], "zh", &[(0, 2500)]);
        assert_eq!(kept, ["顾总，少奶奶又离家出走了。"]);
        assert!(removed.is_empty());
    }

    #[test]
    fn text_over_silence_is_removed() {
        let (kept, removed) = run(vec![utterance("你好。", 0, 1000)], "zh", &[(950, 3000)]);
        assert!(kept.is_empty());
        assert_eq!(removed, [Why::Silence]);
    }

    #[test]
    fn what_the_recognizer_doubts_is_removed_and_one_doubt_is_not_enough() {
        let doubtful = Utterance { no_speech: 0.9, log_probability: -1.3, ..utterance("嗯嗯你好。", 0, 2000) };
        assert_eq!(run(vec![doubtful], "zh", &[(0, 2000)]).1, [Why::Improbable]);
        let unsure = Utterance { log_probability: -1.3, ..utterance("嗯嗯你好。", 0, 2000) };
        assert!(run(vec![unsure], "zh", &[(0, 2000)]).1.is_empty());
    }

    #[test]
    fn people_may_repeat_themselves() {
        for (text, tag) in [("不要不要不要！", "zh"), ("哈哈哈哈哈哈", "zh"), ("no no no no", "en")] {
            let (kept, removed) = run(vec![utterance(text, 0, 1500)], tag, &[(0, 1500)]);
            assert_eq!(kept, [text]);
            assert!(removed.is_empty(), "{text}");
        }
    }

    #[test]
    fn loops_are_cut_to_what_was_said() {
        let looped = "我爱你".repeat(20);
        let (kept, removed) = run(vec![utterance(&looped, 0, 2000)], "zh", &[(0, 2000)]);
        assert_eq!(kept, ["我爱你"]);
        assert_eq!(removed, [Why::Loop]);
        let twice = "请问图书馆在哪里？请问图书馆在哪里？";
        let (kept, removed) = run(vec![utterance(twice, 0, 1650)], "zh", &[(0, 1650)]);
        assert_eq!(kept, ["请问图书馆在哪里？"]);
        assert_eq!(removed, [Why::Loop]);
        let english = "thank you ".repeat(30);
        let (kept, _) = run(vec![utterance(english.trim(), 0, 2000)], "en", &[(0, 2000)]);
        assert_eq!(kept, ["thank you"]);
    }

    #[test]
    fn the_same_utterance_again_needs_its_time() {
        let pair = |end| vec![utterance("你到底想要什么？", 0, 900), utterance("你到底想要什么？", 900, end)];
        assert_eq!(run(pair(1100), "zh", &[(0, 1100)]).1, [Why::Loop]);
        assert!(run(pair(1900), "zh", &[(0, 1900)]).1.is_empty());
    }

    #[test]
    fn stock_phrases_need_speech_under_them() {
        let phrase = "请不吝点赞订阅转发打赏支持明镜与点点栏目";
        assert_eq!(run(vec![utterance(phrase, 0, 5000)], "zh", &[(0, 1500)]).1, [Why::StockPhrase]);
        assert_eq!(run(vec![utterance("Thanks for watching!", 0, 3000)], "en", &[(2800, 3000)]).1, [Why::StockPhrase]);
        let (kept, _) = run(vec![utterance("Thanks for watching!", 0, 1600)], "en", &[(0, 1600)]);
        assert_eq!(kept, ["Thanks for watching!"]);
    }

    #[test]
    fn impossible_speed_and_sound_effects_are_removed() {
        let text = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸";
        assert_eq!(run(vec![utterance(text, 0, 800)], "zh", &[(0, 800)]).1, [Why::TooFast]);
        assert_eq!(run(vec![utterance("（音乐）", 0, 800)], "zh", &[(0, 800)]).1, [Why::SoundEffect]);
        assert_eq!(run(vec![utterance("[applause]", 0, 800)], "en", &[(0, 800)]).1, [Why::SoundEffect]);
    }
}
