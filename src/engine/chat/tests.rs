use super::*;
use crate::cancel::Cancel;
use crate::engine::{Request, Term};
use crate::event::Events;
use crate::model::Models;
use serde_json::Value;
use std::time::Duration;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A server, the engine that asks it, and the runtime that both live on.
struct Space {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
}

impl Space {
    fn new() -> Space {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        Space { runtime, server }
    }

    fn answers(&self, template: ResponseTemplate, times: u64) {
        let mock = Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(template);
        self.runtime.block_on(mock.up_to_n_times(times).mount(&self.server));
    }

    fn says(&self, content: &str) {
        self.answers(said(content), 1);
    }

    fn chat(&self) -> Chat {
        self.chat_at(&format!("{}/v1", self.server.uri()))
    }

    fn chat_at(&self, base_url: &str) -> Chat {
        let mut settings = Settings::default();
        settings.chat.base_url = base_url.into();
        settings.chat.model = "test-model".into();
        settings.chat.key_env = "DUBLINE_TEST_NO_SUCH_KEY".into();
        settings.chat.timeout_seconds = 1;
        settings.chat.retries = 1;
        let context = Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(settings),
            threads: 1,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: Cancel::new(),
        };
        Chat::new(&context).unwrap()
    }

    fn requests(&self) -> Vec<Value> {
        let requests = self.runtime.block_on(self.server.received_requests()).unwrap();
        requests.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }
}

fn said(content: &str) -> ResponseTemplate {
    let choice = json!({ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": content } });
    ResponseTemplate::new(200).set_body_json(json!({ "choices": [choice] }))
}

fn batch(lines: &[&str]) -> Batch {
    let line = |(i, text): (usize, &&str)| Request {
        cue: i as u32 + 1,
        text: (*text).to_owned(),
        speaker: None,
        before: Vec::new(),
        after: Vec::new(),
        terms: vec![Term { source: "顾总".into(), target: "Mr. Gu".into(), ..Term::default() }],
        ..Request::default()
    };
    Batch {
        from: "zh".parse().unwrap(),
        to: "en".parse().unwrap(),
        style: String::new(),
        task: crate::engine::Task::Translate,
        synopsis: "A family at war.".into(),
        attempt: 0,
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

#[test]
fn a_good_answer_is_taken_and_the_request_says_everything() {
    let space = Space::new();
    space.says("1. Mr. Gu!\n2. Get out!");
    let chat = space.chat();
    assert_eq!(chat.translate(&batch(&["顾总！", "滚！"])).unwrap(), ["Mr. Gu!", "Get out!"]);
    let request = &space.requests()[0];
    assert_eq!(request["model"], "test-model");
    assert_eq!(request.get("temperature"), None);
    let messages = request["messages"].as_array().unwrap();
    assert!(messages[0]["content"].as_str().unwrap().contains("A family at war."));
    let last = messages.last().unwrap()["content"].as_str().unwrap();
    assert!(last.contains("顾总 = Mr. Gu") && last.ends_with("1. 顾总！\n2. 滚！"), "{last}");
    space.says("1. Mr. Gu!");
    chat.translate(&Batch { attempt: 1, ..batch(&["顾总！"]) }).unwrap();
    assert_eq!(space.requests()[1]["temperature"], RETRY_TEMPERATURE);
}

#[test]
fn answers_that_cannot_be_used_are_told_apart_from_a_broken_endpoint() {
    let cut = json!({ "choices": [{ "finish_reason": "length", "message": { "content": "1. Mr." } }] });
    let filtered = json!({ "choices": [{ "finish_reason": "content_filter", "message": { "content": null } }] });
    for (answer, word) in [
        (said("1. Mr. Gu!"), "1 lines for 2"),
        (said("1. a\n2. b\n3. c"), "3 lines for 2"),
        (said(""), "nothing"),
        (said("I am sorry, but I cannot.\nReally."), "without numbers"),
        (ResponseTemplate::new(200).set_body_json(cut), "cut its answer short"),
        (ResponseTemplate::new(200).set_body_json(filtered), "content filter"),
        (ResponseTemplate::new(200).set_body_json(json!({ "choices": [] })), "without a choice"),
    ] {
        let space = Space::new();
        space.answers(answer, 1);
        let error = space.chat().translate(&batch(&["顾总！", "滚！"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Answer, "{error}");
        assert!(error.to_string().contains(word) && error.remedy().is_some(), "{error}");
        assert_eq!(space.requests().len(), 1, "the stage decides what to ask next, not the engine");
    }
    let space = Space::new();
    space.answers(ResponseTemplate::new(200).set_body_string("<html>hello</html>"), 1);
    let error = space.chat().translate(&batch(&["顾总！"])).unwrap_err();
    assert_eq!(error.kind(), Kind::Engine, "{error}");
}

#[test]
fn markup_never_reaches_a_line() {
    let space = Space::new();
    space.says("```json\n[\"<i>Mr. Gu!</i>\\u0007\", \"**Get\\nout!**\"]\n```");
    assert_eq!(space.chat().translate(&batch(&["顾总！", "滚！"])).unwrap(), ["Mr. Gu!", "Get out!"]);
}

#[test]
fn a_refused_key_is_told_with_the_remedy_and_not_tried_again() {
    let space = Space::new();
    space.answers(ResponseTemplate::new(401).set_body_json(json!({ "error": { "message": "no key" } })), 9);
    let error = space.chat().translate(&batch(&["顾总！"])).unwrap_err();
    assert_eq!((error.kind(), space.requests().len()), (Kind::Engine, 1), "{error}");
    assert!(error.remedy().unwrap().contains("DUBLINE_TEST_NO_SUCH_KEY"), "{:?}", error.remedy());
}

#[test]
fn a_busy_server_is_asked_again() {
    for trouble in [ResponseTemplate::new(429).insert_header("retry-after", "0"), ResponseTemplate::new(500)] {
        let space = Space::new();
        space.answers(trouble, 1);
        space.says("1. Mr. Gu!");
        assert_eq!(space.chat().translate(&batch(&["顾总！"])).unwrap(), ["Mr. Gu!"]);
        assert_eq!(space.requests().len(), 2);
    }
}

#[test]
fn an_endpoint_that_is_away_or_asleep_is_an_error_of_the_engine() {
    let space = Space::new();
    // Port 9 is discard; nobody listens there.
    let away = space.chat_at("http://127.0.0.1:9/v1").translate(&batch(&["顾总！"])).unwrap_err();
    assert_eq!(away.kind(), Kind::Engine);
    assert!(away.to_string().contains("cannot reach http://127.0.0.1:9/v1"), "{away}");
    space.answers(said("1. late").set_delay(Duration::from_secs(5)), 9);
    let asleep = space.chat().translate(&batch(&["顾总！"])).unwrap_err();
    assert_eq!(asleep.kind(), Kind::Engine);
    assert!(asleep.to_string().contains("did not answer within 1 s"), "{asleep}");
}

#[test]
fn no_model_is_told_before_anything_is_sent() {
    let space = Space::new();
    let settings = Settings {
        chat: crate::settings::RemoteSettings { base_url: "http://localhost:1/v1".into(), ..Default::default() },
        ..Default::default()
    };
    let context = Context {
        models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
        settings: Arc::new(settings),
        threads: 1,
        runtime: space.runtime.handle().clone(),
        events: Events::silent(),
        cancel: Cancel::new(),
    };
    let error = Chat::new(&context).err().unwrap();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.remedy().unwrap().contains("chat.model"));
}

#[test]
fn json_is_what_is_sent() {
    let space = Space::new();
    let mock = Mock::given(method("POST")).and(header("content-type", "application/json")).respond_with(said("1. a"));
    space.runtime.block_on(mock.mount(&space.server));
    assert_eq!(space.chat().translate(&batch(&["好"])).unwrap(), ["a"]);
}
