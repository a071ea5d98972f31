use super::*;
use crate::glossary::{EntryKind, Match, Origin};
use crate::lang::Lang;

fn leak_of(text: &str, source: &str, matches: &[Match]) -> Option<String> {
    // The languages matter to numbers alone.
    let from: Lang = if source.is_ascii() { "en" } else { "zh" }.parse().unwrap();
    let to: Lang = if source.is_ascii() { "es" } else { "en" }.parse().unwrap();
    leak(&Judged { source, text, from: &from, to: &to, matches, bans: &[], room: None })
}

#[track_caller]
fn leaks(lines: &[(&str, &str)]) {
    for (source, text) in lines {
        assert!(leak_of(text, source, &[]).is_some(), "{source} | {text}");
    }
}

#[track_caller]
fn lines(lines: &[(&str, &str)]) {
    for (source, text) in lines {
        assert_eq!(leak_of(text, source, &[]), None, "{source} | {text}");
    }
}

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
        assert!(leak_of(text, "滚出去！", &[]).is_some(), "{text}");
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
        assert_eq!(leak_of(text, "滚出去！", &[]), None, "{text}");
    }
    assert_eq!(leak_of("[sighs] Fine.", "[叹气] 好吧。", &[]), None, "the source has it too");
    assert_eq!(leak_of("1. Sign here.", "第一，在这里签字。", &[]), None);
    assert_eq!(leak_of("Note: sign here.", "注：在这里签字。", &[]), None);
}

#[test]
fn an_open_quote_is_seen() {
    assert!(open_quote("He said \"go.", "他说走。") && open_quote("He said “go.", "他说走。"));
    assert!(!open_quote("He said \"go\".", "他说走。") && !open_quote("\"Go on, he said.", "“走吧，他说。"));
    assert!(!open_quote("He's 5'11\".", "他很高。") && !open_quote("don't", "别"));
    assert!(!open_quote("He said \"it's 5\".", "他说是五。") && open_quote("“He's 5'11\".", "他很高。"));
}

#[test]
fn a_heading_that_the_source_has_is_translated_and_one_more_is_a_leak() {
    lines(&[
        ("系统：恭喜宿主。", "System: Congratulations, host."),
        ("系统：警告，血量低。", "System: Warning: low health."),
        ("系统：现在是三点十五。", "System: It's 3:15."),
        ("备注：别放辣椒。", "Note: no chili."),
        ("注意，前方有人。", "Note: someone's up ahead."),
        ("答案：他撒谎。", "Answer: he lied."),
        ("目标：顾北辰。", "Target: Gu Beichen."),
        ("目标已锁定。", "Target: locked."),
        ("用户：沈知意。", "User: Shen Zhiyi."),
        ("英语：九十分。", "English: ninety points."),
        ("译文：我爱你。", "Translation: I love you."),
        ("Note: he never called.", "Nota: nunca llamó."),
        ("System: Level up.", "Sistema: subes de nivel."),
    ]);
    leaks(&[
        ("系统：恭喜宿主。", "Translation: System: Congratulations, host."),
        ("系统：恭喜宿主。", "Translation: Congratulations, host."),
        ("系统：恭喜宿主。", "Note: System: Congratulations, host."),
        ("系统：恭喜宿主。", "English: Congratulations, host."),
        ("他说：走。", "Assistant: He said: go."),
        ("快走！", "Target: Run!"),
        ("快走！", "User: Run!"),
    ]);
}

#[test]
fn people_refuse_each_other_and_models_refuse_a_line() {
    lines(&[
        ("对不起，我不能嫁给你。", "I'm sorry, but I cannot marry you."),
        ("我不能嫁给你。", "I'm sorry, but I cannot marry you."),
        ("抱歉，这个我帮不了您。", "I'm sorry, but I can't help with that."),
        ("这事我帮不了你。", "I'm sorry, but I can't help with that."),
        ("不好意思，恕难从命。", "I'm sorry, but I cannot comply."),
        ("这个请求我不能答应。", "I can't fulfill that request."),
        ("Sorry, wish I could.", "Lo siento, pero no puedo ayudarte."),
    ]);
    leaks(&[
        ("我要杀了你！", "I'm sorry, but I can't help with that."),
        ("我要杀了你！", "I’m sorry, but I can’t assist with that."),
        ("我要杀了你！", "Sorry, I cannot comply."),
        ("我要杀了你！", "I can't fulfill this request."),
        ("I will kill you!", "Lo siento, pero no puedo ayudar con eso."),
        ("I will kill you!", "Desculpe, mas não posso ajudar com isso."),
        ("I will kill you!", "Maaf, saya tidak bisa membantu."),
        ("你这个贱人！", "I cannot translate this line."),
    ]);
}

#[test]
fn what_is_handed_over_is_coffee_or_a_translation() {
    lines(&[
        ("好的，您的咖啡。", "Sure, here's your coffee."),
        ("给，您的咖啡。", "Sure, here's your coffee."),
        ("当然！给您。", "Of course! Here you are."),
        ("Of course, your coffee.", "Claro, aqui está o seu café."),
        ("好的，给您，三杯。", "Sure, here you go: three cups."),
        ("翻译错了。", "The translation is wrong."),
        ("译好的合同在这。", "The translated contract is here."),
        ("这是你要的译文。", "Here's the translation you wanted."),
        ("给他翻成英文，译吧。", "Translate into English for him."),
        ("你就翻译成英文吧。", "Translate it into English for him."),
        ("我是人工智能，没有感情。", "As an AI, I feel nothing."),
        ("作为AI，我没有感觉。", "As an AI, I feel nothing."),
        ("我是机器人。", "As an AI, I feel nothing."),
        ("他有个智能助手。", "He has an AI assistant."),
        ("他有个助手。", "He has an AI, doesn't he?"),
    ]);
    leaks(&[
        ("滚！", "Sure, here is the translation: Out!"),
        ("滚！", "Sure! Here is the translation. Out!"),
        ("把合同翻译一下。", "Here is the translation: Translate this contract."),
        ("滚！", "Okay, this is the English translation of the line: Out!"),
        ("滚！", "Of course! Here you go: Out!"),
        ("Out!", "Claro, aqui está a tradução: Fora!"),
        ("滚！", "The translation is: Out!"),
        ("滚！", "As an AI, I can't say that."),
        ("滚！", "As a language model, I must be polite."),
    ]);
}

#[test]
fn a_sentence_in_brackets_is_said_and_a_direction_is_not() {
    lines(&[
        ("住手！我是认真的。", "Stop! (I mean it.)"),
        ("住手！真的。", "Stop! (Really!)"),
        ("别哭，别哭。", "It's fine. (Don't cry!)"),
        ("转过去！", "Now! (Turn around!)"),
        ("开玩笑的。", "He's dead. (Just kidding.)"),
        ("妈的！", "You b*tch, you a**hole!"),
        ("五乘三乘二", "5 * 3 * 2"),
    ]);
    leaks(&[
        ("住手！", "(sobbing) Stop!"),
        ("住手！", "Stop! (The door slams.)"),
        ("住手！", "Stop! (He sighs.)"),
        ("住手！", "Stop! (Crying softly.)"),
        ("住手！求你！", "Stop! (sobs) Please!"),
        ("住手！", "[sighs] Stop!"),
        ("住手！", "Stop! [I mean it.]"),
        ("住手！", "*crying* Stop!"),
        ("住手！", "Stop! *slams the door*"),
    ]);
}

#[test]
fn brackets_that_a_glossary_wants_are_spoken() {
    let decided = Match {
        range: 0..6,
        source: "旗袍".into(),
        target: "qipao (a silk dress)".into(),
        forms: Vec::new(),
        spoken: String::new(),
        kind: EntryKind::Culture,
        how: None,
        instead: String::new(),
        note: String::new(),
        origin: Origin::default(),
        built_in: false,
    };
    let text = "Nice qipao (a silk dress)!";
    assert!(leak_of(text, "旗袍真好看！", &[]).is_some());
    assert_eq!(leak_of(text, "旗袍真好看！", std::slice::from_ref(&decided)), None);
    assert!(leak_of("(smiles) Nice qipao (a silk dress)!", "旗袍真好看！", &[decided]).is_some());
}

#[test]
fn a_number_that_the_source_says_is_no_list_mark() {
    lines(&[
        ("我十五。你呢？", "15. And you?"),
        ("Twelve. Why?", "12. ¿Por qué?"),
        ("二十九。房子嘛……有几套吧。", "29. And I own a few."),
        ("三！二！一！", "3. 2. 1. Go!"),
    ]);
    leaks(&[("再说一个字试试。", "1. Say one more word."), ("你给我滚。", "12. Get out."), ("Go away!", "7) ¡Vete!")]);
}
