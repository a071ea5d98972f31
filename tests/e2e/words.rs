//! Words: what a glossary's edit redoes, and how a line is mended and shortened.

use crate::common::{Said, Space};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Lines of an episode; every third one of every second episode speaks of the bride price.
fn lines(episode: usize) -> Vec<String> {
    let line = |n: usize| match (episode.is_multiple_of(2), n.is_multiple_of(3)) {
        (true, true) => format!("彩礼的事第{episode}集第{n}句。"),
        _ => format!("这是第{episode}集第{n}句话。"),
    };
    (0..9).map(line).collect()
}

fn transcript(lines: &[String]) -> String {
    let stamp = |ms: usize| format!("00:00:{:02},{:03}", ms / 1000, ms % 1000);
    let cue =
        |(n, text): (usize, &String)| format!("{}\n{} --> {}\n{text}\n", n + 1, stamp(n * 600), stamp(n * 600 + 500));
    lines.iter().enumerate().map(cue).collect::<Vec<_>>().join("\n")
}

/// The number before a word in what a stage said: `3 made`.
fn count(said: &Said, stage: &str, word: &str) -> usize {
    let row =
        said.err.lines().find(|line| line.contains(&format!("{stage}:"))).unwrap_or_else(|| panic!("{}", said.err));
    let words: Vec<&str> = row.split_whitespace().collect();
    let at = words.iter().position(|w| w.trim_end_matches(',') == word);
    at.map_or(0, |at| words[at - 1].parse().unwrap())
}

#[test]
fn a_term_edited_in_a_series_redoes_the_lines_that_it_touches_and_no_others() {
    const EPISODES: usize = 20;
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let glossary = |target: &str| {
        space.write("glossary/zh-en.toml", &format!("[[entry]]\nsource = \"彩礼\"\ntarget = \"{target}\"\n"))
    };
    let flags = |episode: usize| -> Vec<String> {
        let path = space.write(&format!("{episode}.srt"), &transcript(&lines(episode)));
        let path = path.to_str().unwrap().to_owned();
        ["--from", "zh", "--to", "en", "--until", "synthesize", "--glossary", "glossary", "--transcript"]
            .map(str::to_owned)
            .into_iter()
            .chain([path])
            .collect()
    };
    let run = |episode: usize| {
        let flags = flags(episode);
        space.fake(&film, &flags.iter().map(String::as_str).collect::<Vec<_>>()).code(0)
    };
    glossary("bride price");
    for episode in 1..=EPISODES {
        run(episode);
    }
    glossary("betrothal gift");
    let (mut touched, mut redone, mut spoken, mut planned) = (0, 0, 0, 0);
    for episode in 1..=EPISODES {
        let source = space.path("film.mp4");
        let flags = flags(episode);
        let mut plan = vec!["plan", source.to_str().unwrap(), "--engine", "fake", "--json"];
        plan.extend(flags.iter().map(String::as_str));
        let plan: Value = serde_json::from_str(&space.run(&plan).code(0).out).unwrap();
        let items = plan.as_array().cloned().unwrap_or_else(|| plan["items"].as_array().unwrap().clone());
        planned += items.iter().filter(|item| item["stage"] == "translate" && item["to_do"] == true).count();
        let said = run(episode);
        touched += lines(episode).iter().filter(|line| line.contains("彩礼")).count();
        redone += count(&said, "translate", "made");
        spoken += count(&said, "synthesize", "made");
    }
    assert_eq!(touched, 30);
    assert_eq!((planned, redone), (touched, touched), "lines planned and redone are the lines touched");
    assert!(spoken >= touched && spoken <= 2 * touched, "only their takes are new: {spoken}");
}

/// A stand-in that answers by what it is asked, and remembers it.
async fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> (MockServer, Arc<Mutex<Vec<String>>>) {
    let server = MockServer::start().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(move |request: &Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let question = body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
            let text = answer(&question);
            heard.lock().unwrap().push(question);
            let message = json!({ "role": "assistant", "content": text });
            ResponseTemplate::new(200)
                .set_body_json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }))
        })
        .mount(&server)
        .await;
    (server, asked)
}

fn by_chat(space: &Space, base: &str, srt: &str) -> (Said, Value) {
    let film = space.film("film.mp4", &[]);
    let transcript = space.write("t.srt", srt);
    let url = format!("chat.base-url={base}/v1");
    let flags = ["--from", "zh", "--to", "en", "--translator", "chat", "--until", "translate", "--set", &url, "--set"];
    let more = ["chat.model=m", "--set", "chat.retries=0", "--transcript", transcript.to_str().unwrap()];
    let said = space.fake(&film, &[&flags[..], &more[..]].concat()).code(0);
    (said, space.json("en/film.script.json"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

const ONE_LINE: &str = "1\n00:00:00,300 --> 00:00:02,500\n顾总今天没来。\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_term_is_mended_once_and_the_line_says_which_entry_it_kept() {
    let (server, asked) = answering(|question| {
        if question.contains("Correct the translation") { "1. Mr. Gu isn't in today." } else { "1. Gu isn't in today." }
            .to_owned()
    })
    .await;
    let base = server.uri();
    let (again, script) = blocking(move || {
        let space = Space::new();
        by_chat(&space, &base, ONE_LINE);
        by_chat(&space, &base, ONE_LINE)
    })
    .await;
    let line = &script["lines"][0];
    assert_eq!(line["text"], "Mr. Gu isn't in today.");
    assert_eq!(line["terms"][0]["source"], "顾总");
    assert_eq!(line["terms"][0]["outcome"], "kept");
    assert!(line["terms"][0]["origin"].as_str().unwrap().contains("zh-en"), "{line}");
    assert!(line.get("flaws").is_none(), "{line}");
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2, "one translation, one repair, nothing in the second run: {asked:?}");
    assert!(asked[1].contains("Mr. Gu") && asked[1].contains("Gu isn't in today."), "{}", asked[1]);
    assert_eq!(count(&again, "translate", "made"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_mended_is_flagged_never_silently_shipped() {
    let (server, asked) = answering(|_| "1. Gu isn't in today.".to_owned()).await;
    let base = server.uri();
    let (_, script) = blocking(move || by_chat(&Space::new(), &base, ONE_LINE)).await;
    let line = &script["lines"][0];
    assert_eq!(line["text"], "Gu isn't in today.");
    assert_eq!(line["flaws"][0]["kind"], "missed-term");
    assert_eq!(line["flaws"][0]["entry"], "顾总");
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_too_long_for_its_time_gets_tighter_wordings() {
    let (server, asked) = answering(|question| {
        let text = if !question.contains("shorter") {
            "I really do not know where on earth she could possibly have gone tonight."
        } else if question.contains("at most 1") {
            "I don't know where."
        } else {
            "I really do not know where she could have gone."
        };
        format!("1. {text}")
    })
    .await;
    let base = server.uri();
    let srt = "1\n00:00:00,300 --> 00:00:01,500\n我真不知道她去哪了。\n\n2\n00:00:01,600 --> 00:00:03,500\n我真不知道她今晚到底去了什么地方。\n";
    let (_, script) = blocking(move || by_chat(&Space::new(), &base, srt)).await;
    let tight = script["lines"][0]["tight"].as_array().unwrap_or_else(|| panic!("{script}")).clone();
    assert!(!tight.is_empty());
    let full = script["lines"][0]["text"].as_str().unwrap();
    assert!(tight.iter().all(|wording| wording.as_str().unwrap().len() < full.len()), "{script}");
    assert!(asked.lock().unwrap().iter().any(|question| question.contains("at most")));
}
