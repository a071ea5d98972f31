use super::wait::retry_after;
use super::*;
use crate::event::Events;
use crate::model::Models;
use crate::settings::Settings;
use serde_json::{Value, json};
use std::sync::Arc;
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

struct Space {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
    settings: RemoteSettings,
    cancel: Cancel,
    offline: bool,
}

impl Space {
    fn new() -> Space {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = runtime.block_on(MockServer::start());
        let settings = RemoteSettings {
            base_url: format!("{}/v1", server.uri()),
            timeout_seconds: 1,
            retries: 2,
            ..RemoteSettings::default()
        };
        Space { runtime, server, settings, cancel: Cancel::new(), offline: false }
    }

    fn answers(&self, times: u64, template: ResponseTemplate) {
        let mock = Mock::given(method("POST")).respond_with(template).up_to_n_times(times);
        self.runtime.block_on(mock.mount(&self.server));
    }

    fn remote(&self, key: Option<&str>) -> Result<Remote> {
        let context = Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(Settings { offline: self.offline, ..Settings::default() }),
            threads: 1,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: self.cancel.clone(),
        };
        Remote::with_key(&context, "chat", &self.settings, key.map(str::to_owned))
    }

    fn post(&self) -> Result<Reply> {
        self.remote(None)?.post("chat/completions", &json!({"n": 1}))
    }

    fn requests(&self) -> usize {
        self.runtime.block_on(self.server.received_requests()).unwrap().len()
    }
}

#[test]
fn the_key_and_the_body_arrive() {
    let space = Space::new();
    let mock = Mock::given(header("authorization", "Bearer secret"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(r#"{"ok": true}"#, "Application/JSON; charset=utf-8"));
    space.runtime.block_on(mock.mount(&space.server));
    let reply = space.remote(Some(" secret\n")).unwrap().post("chat/completions", &json!({"n": 1})).unwrap();
    assert_eq!(reply.content_type, "application/json");
    assert_eq!(reply.json::<Value>().unwrap(), json!({"ok": true}));
    let requests = space.runtime.block_on(space.server.received_requests()).unwrap();
    assert_eq!(requests[0].url.path(), "/v1/chat/completions");
    assert_eq!(requests[0].body_json::<Value>().unwrap(), json!({"n": 1}));
}

#[test]
fn trouble_passes_and_the_call_succeeds() {
    let space = Space::new();
    space.answers(1, ResponseTemplate::new(500));
    space.answers(1, ResponseTemplate::new(429).insert_header("retry-after", "0"));
    space.answers(1, ResponseTemplate::new(200).set_body_string("done"));
    assert_eq!(space.post().unwrap().body, b"done");
    assert_eq!(space.requests(), 3);
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    let space = Space::new();
    space.answers(1, ResponseTemplate::new(429).insert_header("retry-after", "2"));
    space.answers(1, ResponseTemplate::new(200));
    let start = Instant::now();
    space.post().unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!((2.0..6.0).contains(&seconds), "{seconds}");
    assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
    let past = retry_after("Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(past, Some(Duration::ZERO));
    assert_eq!(retry_after("soon"), None);
}

#[test]
fn refusals_are_told_once_with_their_remedy() {
    for (status, body, times, what, hint) in [
        (401, r#"{"error": {"message": "no", "code": "bad_key"}}"#, 1, "wants a key", "OPENAI_API_KEY"),
        (404, "", 1, "no such endpoint or model", "chat.base-url"),
        (400, r#"{"detail": "model x\nunknown"}"#, 1, "model x unknown", "chat.model"),
        (302, "", 1, "has moved", "chat.base-url"),
        (429, r#"{"error": {"message": "m", "code": "insufficient_quota"}}"#, 1, "quota", "account"),
        (456, r#"{"message": "m"}"#, 1, "quota", "account"),
        (400, r#"{"message": "no good", "detail": "row 3"}"#, 1, "no good: row 3", "chat.model"),
        (529, "", 3, "asked too often", "chat.requests-per-minute"),
        (503, "busy", 3, "(tried 3 times)", "later"),
    ] {
        let space = Space::new();
        space.answers(9, ResponseTemplate::new(status).set_body_string(body));
        let error = space.post().unwrap_err();
        assert_eq!(error.kind(), Kind::Engine);
        assert!(error.to_string().contains(what), "{status}: {error}");
        assert!(error.remedy().unwrap().contains(hint), "{status}: {:?}", error.remedy());
        assert_eq!(space.requests(), times, "{status}");
    }
}

#[test]
fn a_refused_key_is_named_but_never_shown() {
    let space = Space::new();
    space.answers(9, ResponseTemplate::new(403));
    let error = space.remote(Some("hunter2")).unwrap().post("x", &json!({})).unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.remedy());
    assert!(told.contains("OPENAI_API_KEY") && !told.contains("hunter2"), "{told}");
    let error = space.remote(Some("a\nb")).err().unwrap();
    assert!(error.to_string().contains("$OPENAI_API_KEY"), "{error}");
}

#[test]
fn a_key_that_the_server_repeats_is_left_out() {
    let space = Space::new();
    space.answers(1, ResponseTemplate::new(400).set_body_string("no hunter2 here"));
    space.answers(1, ResponseTemplate::new(200).set_body_string("\"hunter2\""));
    let remote = space.remote(Some("hunter2")).unwrap();
    let error = remote.post("x", &json!({})).unwrap_err();
    assert!(error.to_string().ends_with("no … here"), "{error}");
    let reply = remote.post("x", &json!({})).unwrap();
    assert!(!format!("{:?} {reply:?}", reply.json::<u32>().unwrap_err()).contains("hunter2"));
    assert_eq!(reply.excerpt(), "\"…\"");
}

#[test]
fn a_request_that_is_too_large_may_do_with_less_in_it() {
    let space = Space::new();
    space.answers(9, ResponseTemplate::new(413));
    assert_eq!(space.post().unwrap_err().kind(), Kind::Answer);
    assert_eq!(space.requests(), 1);
}

#[test]
fn other_methods_and_the_status_are_for_engines_that_need_them() {
    let space = Space::new();
    let mock = Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(404).set_body_string("gone"));
    space.runtime.block_on(mock.mount(&space.server));
    let refused = space.remote(None).unwrap().ask(Method::DELETE, "thing/1", None).unwrap_err();
    assert_eq!(refused.status, Some(404));
    assert!(refused.error.to_string().contains("gone"));
    let requests = space.runtime.block_on(space.server.received_requests()).unwrap();
    assert_eq!((requests[0].url.path(), requests[0].body.len()), ("/v1/thing/1", 0));
}

#[test]
fn a_long_pause_is_not_waited_for() {
    let space = Space::new();
    space.answers(9, ResponseTemplate::new(429).insert_header("retry-after", "86400"));
    let error = space.post().unwrap_err();
    assert!(error.to_string().contains("86400 s"), "{error}");
    assert_eq!(space.requests(), 1);
}

#[test]
fn an_endpoint_that_is_not_there_or_silent_is_named() {
    let mut space = Space::new();
    space.answers(9, ResponseTemplate::new(200).set_delay(Duration::from_secs(5)));
    let error = space.post().unwrap_err();
    assert!(error.to_string().contains("did not answer within 1 s"), "{error}");
    assert_eq!(space.requests(), 2);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    space.settings.base_url = format!("http://user:pass@127.0.0.1:{port}/v1");
    let error = space.post().unwrap_err();
    let told = error.to_string();
    assert!(told.contains(&format!("cannot reach http://127.0.0.1:{port}/v1")) && !told.contains("pass"), "{told}");
}

#[test]
fn addresses_are_checked_before_anything_is_sent() {
    let mut space = Space::new();
    for (address, what) in
        [("", "no base URL"), ("localhost:8000", "no HTTP address"), ("ftp://x/v1", "no HTTP address")]
    {
        space.settings.base_url = address.into();
        let error = space.remote(None).err().unwrap();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.to_string().contains(what), "{error}");
    }
    space.offline = true;
    space.settings.base_url = "https://api.example.com/v1".into();
    assert!(space.remote(None).err().unwrap().to_string().contains("offline"));
    // What runs on this machine is no network.
    for local in ["http://localhost:1/v1", "http://127.0.0.1:1", "http://[::1]:1/v1"] {
        space.settings.base_url = local.into();
        assert!(space.remote(None).is_ok(), "{local}");
    }
}

#[test]
fn a_stop_ends_the_waiting() {
    let space = Space::new();
    space.answers(9, ResponseTemplate::new(429).insert_header("retry-after", "60"));
    let cancel = space.cancel.clone();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        cancel.request();
    });
    let start = Instant::now();
    assert_eq!(space.post().unwrap_err().kind(), Kind::Interrupted);
    assert!(start.elapsed() < Duration::from_secs(10));
    stop.join().unwrap();
}

#[test]
fn requests_are_spread_over_the_minute() {
    let pace = Pace::new(60);
    let waits: Vec<f64> = (0..3).map(|_| pace.reserve().as_secs_f64().round()).collect();
    assert_eq!(waits, [0.0, 1.0, 2.0]);
    assert_eq!(Pace::new(0).reserve(), Duration::ZERO);
}

#[test]
fn pauses_double_up_to_their_limit() {
    for (tries, most) in [(0, 0.5), (1, 1.0), (3, 4.0), (20, 30.0)] {
        let pause = backoff(tries).as_secs_f64();
        assert!((most / 2.0..=most).contains(&pause), "{tries}: {pause}");
    }
}
