//! Tests of the whole stage, with recognizers made of plain data.

use super::*;
use crate::audio::Audio;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

/// An utterance of one word a character (or one a space), evenly over its span.
fn utterance(text: &str, start: i64, end: i64, tag: &str) -> Utterance {
    let span = Span::from_ms(start, end);
    let words = spread(text, span, &lang(tag), 0.9);
    Utterance { span, text: text.to_owned(), words, no_speech: 0.02, log_probability: -0.2 }
}

fn heard(tag: &str, probability: f32, utterances: Vec<Utterance>) -> Heard {
    Heard { language: lang(tag), language_probability: probability, utterances }
}

fn texts(hearing: &Hearing) -> Vec<&str> {
    hearing.transcript.cues.iter().map(|cue| cue.text.as_str()).collect()
}

#[test]
fn words_land_on_the_episodes_clock_and_cues_on_the_speech() {
    let speech = [Span::from_ms(10_100, 12_000), Span::from_ms(13_000, 14_500)];
    let piece = Span::from_ms(10_000, 15_000);
    let utterances = vec![utterance("顾总来了。", 0, 2100, "zh"), utterance("快走！", 2100, 4400, "zh")];
    let hearing = assemble(vec![(piece, heard("zh", 1.0, utterances))], &speech, None, Songs::Keep).unwrap();
    assert_eq!(texts(&hearing), ["顾总来了。", "快走！"]);
    assert_eq!(hearing.transcript.cues[0].span, Span::from_ms(10_100, 12_000));
    assert_eq!(hearing.transcript.cues[1].span, Span::from_ms(13_000, 14_500));
    assert!(hearing.warnings.is_empty() && hearing.removed.is_empty());
}

#[test]
fn traditional_is_written_as_the_tag_asks() {
    let speech = [Span::from_ms(0, 2000)];
    let run = |from: Option<&str>| {
        let from = from.map(lang);
        let language = from.clone().unwrap_or_else(|| lang("zh"));
        let heard =
            Heard { language, language_probability: 1.0, utterances: vec![utterance("漸漸变红,", 0, 2000, "zh")] };
        assemble(vec![(Span::from_ms(0, 2000), heard)], &speech, from.as_ref(), Songs::Keep).unwrap()
    };
    assert_eq!(texts(&run(None)), ["渐渐变红，"]);
    assert_eq!(texts(&run(Some("zh-Hant"))), ["漸漸變紅，"]);
    assert_eq!(run(Some("zh-Hant")).transcript.language, lang("zh-Hant"));
}

#[test]
fn the_language_of_most_speech_wins_and_the_others_are_told() {
    let speech = [Span::from_ms(0, 5000), Span::from_ms(6000, 8000)];
    let pieces = vec![
        (Span::from_ms(5500, 8000), heard("en", 0.9, vec![utterance("Hello there, my friend.", 500, 2400, "en")])),
        (Span::from_ms(0, 5500), heard("zh", 0.9, vec![utterance("大家好，我的名字是小明。", 0, 5000, "zh")])),
    ];
    let hearing = assemble(pieces, &speech, None, Songs::Keep).unwrap();
    assert_eq!(hearing.transcript.language, lang("zh"));
    assert_eq!(texts(&hearing), ["大家好，我的名字是小明。", "Hello there, my friend."]);
    assert_eq!(hearing.transcript.cues.iter().map(|cue| cue.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(hearing.warnings.len(), 1);
    assert!(hearing.warnings[0].contains("English") && hearing.warnings[0].contains("--from"));
}

#[test]
fn a_sentence_may_go_on_in_the_next_piece() {
    let speech = [Span::from_ms(0, 4000)];
    let pieces = vec![
        (Span::from_ms(0, 2000), heard("en", 1.0, vec![utterance("I told you", 0, 2000, "en")])),
        (Span::from_ms(2000, 4000), heard("en", 1.0, vec![utterance("to stay here.", 0, 2000, "en")])),
    ];
    assert_eq!(texts(&assemble(pieces, &speech, None, Songs::Keep).unwrap()), ["I told you to stay here."]);
}

#[test]
fn engines_without_word_times_get_them_by_length() {
    let speech = [Span::from_ms(0, 3000)];
    let bare = Utterance { words: Vec::new(), ..utterance("Go now. Please hurry up.", 0, 3000, "en") };
    let hearing =
        assemble(vec![(Span::from_ms(0, 3000), heard("en", 1.0, vec![bare]))], &speech, None, Songs::Keep).unwrap();
    let cues = &hearing.transcript.cues;
    assert_eq!(texts(&hearing), ["Go now.", "Please hurry up."]);
    assert!(cues[0].span.end <= cues[1].span.start && cues[1].span.end == Time::from_ms(3000));
}

#[test]
fn nothing_heard_is_an_error_that_says_what_to_do() {
    for (speech, word) in [(vec![], "no speech"), (vec![Span::from_ms(0, 900)], "no words")] {
        let error = assemble(Vec::new(), &speech, None, Songs::Keep).unwrap_err();
        assert_eq!(error.kind(), Kind::Media);
        assert!(error.to_string().contains(word) && error.remedy().is_some(), "{error}");
    }
    let speech = [Span::from_ms(4000, 5000)];
    let only_made_up = heard("zh", 1.0, vec![utterance("谢谢观看。", 0, 2000, "zh")]);
    assert!(assemble(vec![(Span::from_ms(0, 5300), only_made_up)], &speech, None, Songs::Keep).is_err());
}

fn sound() -> Audio {
    Audio::silence(16_000, 1, 16_000 * 20)
}

#[test]
fn speech_that_was_left_out_is_heard_by_itself() {
    let speech = [Span::from_ms(300, 4800), Span::from_ms(5400, 9900)];
    let mut asked = Vec::new();
    let found = hear(&sound(), &speech, &Hint::default(), &mut |piece, _| {
        asked.push(piece);
        let first = piece.start < Time::from_ms(1000);
        Ok(if first {
            heard("zh", 0.9, vec![utterance("这是一条用于测试的视频。", 300, 4700, "zh")])
        } else {
            heard("en", 0.9, vec![utterance("This is a video for testing.", 200, 4600, "en")])
        })
    });
    let found = found.unwrap();
    assert_eq!(asked, [Span::from_ms(0, 10_200), Span::from_ms(5200, 10_100)]);
    let hearing = assemble(found, &speech, None, Songs::Keep).unwrap();
    assert_eq!(texts(&hearing), ["这是一条用于测试的视频。", "This is a video for testing."]);
}

#[test]
fn a_doubtful_language_is_heard_again_in_that_of_the_others() {
    let speech = [Span::from_ms(0, 8000), Span::from_ms(10_000, 11_000)];
    let mut again = 0;
    let found = hear(&sound(), &speech, &Hint::default(), &mut |piece, hint| {
        if piece.start < Time::from_ms(5000) {
            return Ok(heard("zh", 0.99, vec![utterance("你以为你是谁？没有我们顾家，你什么都不是！", 0, 7800, "zh")]));
        }
        again += usize::from(hint.language.is_some());
        Ok(match &hint.language {
            Some(_) => heard("zh", 1.0, vec![utterance("好的。", 300, 1200, "zh")]),
            None => {
                let unsure = Utterance { log_probability: -0.9, ..utterance("Hold her.", 300, 1200, "en") };
                heard("en", 0.4, vec![unsure])
            }
        })
    });
    let hearing = assemble(found.unwrap(), &speech, None, Songs::Keep).unwrap();
    assert_eq!(again, 1);
    assert_eq!(texts(&hearing), ["你以为你是谁？", "没有我们顾家，你什么都不是！", "好的。"]);
    assert!(hearing.warnings.is_empty());
}

#[test]
fn a_given_language_is_used_for_all() {
    let speech = [Span::from_ms(0, 8000), Span::from_ms(10_000, 11_000)];
    let hint = Hint { language: Some(lang("zh")), prompt: "顾总".into() };
    let found = hear(&sound(), &speech, &hint, &mut |piece, given| {
        assert_eq!(given, &hint);
        let end = piece.duration().ms();
        Ok(heard("zh", 1.0, vec![utterance("好的，顾总。", 0, end, "zh")]))
    });
    assert_eq!(found.unwrap().len(), 2);
}

#[test]
fn what_the_recognizer_marks_as_sung_is_a_passage_or_dubbed_by_choice() {
    let speech = [Span::from_ms(0, 2000), Span::from_ms(3000, 9000)];
    let pieces = || {
        let utterances = vec![
            utterance("You came back.", 0, 2000, "en"),
            utterance("♪ Fly me to the moon ♪", 3000, 6000, "en"),
            utterance("♪ And let me play", 6000, 9000, "en"),
        ];
        vec![(Span::from_ms(0, 9000), heard("en", 1.0, utterances))]
    };
    let kept = assemble(pieces(), &speech, None, Songs::Keep).unwrap();
    assert_eq!(texts(&kept), ["You came back."]);
    assert!(kept.removed.len() == 2 && kept.removed.iter().all(|removed| removed.why == Why::Sung));
    let songs: Vec<(PassageKind, &str)> =
        kept.transcript.passages.iter().map(|passage| (passage.kind, passage.text.as_str())).collect();
    assert_eq!(songs, [(PassageKind::Song, "Fly me to the moon"), (PassageKind::Song, "And let me play")]);
    let dubbed = assemble(pieces(), &speech, None, Songs::Dub).unwrap();
    assert!(dubbed.removed.is_empty() && dubbed.transcript.passages.is_empty(), "{:?}", dubbed.removed);
    assert_eq!(texts(&dubbed).concat().replace(' ', ""), "Youcameback.FlymetothemoonAndletmeplay");
    let only = vec![pieces().remove(0).1.utterances[1].clone()];
    let error = assemble(vec![(Span::from_ms(0, 9000), heard("en", 1.0, only))], &speech, None, Songs::Keep);
    assert!(error.unwrap_err().to_string().contains("only sings"));
}

#[test]
fn sung_cues_become_passages_and_the_others_are_counted_anew() {
    let speech = [Span::from_ms(0, 2000), Span::from_ms(3000, 9000), Span::from_ms(10_000, 12_000)];
    let utterances = vec![
        utterance("你回来了。", 0, 2000, "zh"),
        utterance("月亮代表我的心。", 3000, 9000, "zh"),
        utterance("快走！", 10_000, 12_000, "zh"),
    ];
    let heard = vec![(Span::from_ms(0, 12_000), heard("zh", 1.0, utterances))];
    let mut hearing = assemble(heard, &speech, None, Songs::Keep).unwrap();
    hearing.leave_sung(&[2]).unwrap();
    hearing.mark_music(&[Span::from_ms(12_500, 20_000)]);
    assert_eq!(texts(&hearing), ["你回来了。", "快走！"]);
    assert_eq!(hearing.transcript.cues.iter().map(|cue| cue.id).collect::<Vec<_>>(), [1, 2]);
    let song = Removed { span: Span::from_ms(3000, 9000), text: "月亮代表我的心。".into(), why: Why::Sung };
    assert_eq!(hearing.removed, [song]);
    assert_eq!(hearing.transcript.songs(), [Span::from_ms(3000, 9000)]);
    let json = serde_json::to_value(&hearing.transcript).unwrap();
    assert_eq!(json["passages"][0]["kind"], "song");
    assert_eq!(json["passages"][1], serde_json::json!({ "span": { "start": 12.5, "end": 20.0 }, "kind": "music" }));
    assert_eq!(serde_json::from_value::<Transcript>(json).unwrap(), hearing.transcript);
    assert!(hearing.leave_sung(&[1, 2]).is_err(), "a transcript without a line is none");
}
