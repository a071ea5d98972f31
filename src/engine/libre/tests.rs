use super::*;
use crate::cancel::Cancel;
use crate::engine::{Request, Term};
use crate::event::Events;
use crate::model::Models;
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

const KEY: &str = "0123-secret-4567";

/// A server, the engine that asks it, and the runtime that both live on.
struct Space {
    runtime: tokio::runtime::Runtime,
    server: MockServer,
    settings: Settings,
}

/// Translates every Chinese character outside of spans as `la`.
struct Translates;

impl Respond for Translates {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let is_html = body["format"] == "html";
        let translated = body["q"].as_array().unwrap().iter().map(|text| {
            let (mut said, mut in_span) = (String::new(), false);
            for c in text.as_str().unwrap().chars() {
                in_span = is_html && (c == '<' || in_span && !said.ends_with("</span>"));
                if c.is_ascii() || in_span { said.push(c) } else { said.push_str("la ") }
            }
            said.trim().to_owned()
        });
        ResponseTemplate::new(200).set_body_json(json!({ "translatedText": translated.collect::<Vec<_>>() }))
    }
}

impl Space {
    fn new() -> Space {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(MockServer::start());
        let mut settings = Settings::default();
        settings.libre.base_url = server.uri();
        settings.libre.retries = 1;
        settings.libre.timeout_seconds = 1;
        let space = Space { runtime, server, settings };
        let languages = json!([
            { "code": "en", "name": "English", "targets": ["es", "pt-BR", "zh-Hans"] },
            { "code": "zh-Hans", "name": "Chinese", "targets": ["en", "pt-BR"] },
            { "code": "zt", "name": "Chinese (traditional)", "targets": ["en"] },
        ]);
        let listed = ResponseTemplate::new(200).set_body_json(languages);
        space.mount(Mock::given(method("GET")).and(path("/languages")).respond_with(listed));
        space
    }

    fn mount(&self, mock: Mock) {
        self.runtime.block_on(mock.mount(&self.server));
    }

    fn answers(&self, template: ResponseTemplate, times: u64) {
        let mock = Mock::given(method("POST")).and(path("/translate")).respond_with(template);
        self.mount(mock.up_to_n_times(times));
    }

    fn translates(&self) {
        self.mount(Mock::given(method("POST")).and(path("/translate")).respond_with(Translates));
    }

    fn libre(&self, key: Option<&str>) -> Result<Libre> {
        let context = Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(self.settings.clone()),
            threads: 1,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: Cancel::new(),
        };
        Libre::new(&context, key.map(str::to_owned))
    }

    fn ask(&self, batch: &Batch) -> Result<Vec<String>> {
        self.libre(Some(KEY))?.translate(batch)
    }

    fn requests(&self, wanted: &str) -> Vec<Value> {
        let requests = self.runtime.block_on(self.server.received_requests()).unwrap();
        let wanted = requests.iter().filter(|request| request.url.path() == wanted);
        wanted.map(|request| serde_json::from_slice(&request.body).unwrap_or_default()).collect()
    }
}

fn said(texts: &[&str]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "translatedText": texts }))
}

fn error(status: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error": text }))
}

fn batch(lines: &[&str]) -> Batch {
    let terms = [Term { source: "顾总".into(), target: "Mr. Gu".into(), ..Term::default() }];
    let line = |(i, text): (usize, &&str)| Request {
        cue: i as u32 + 1,
        text: (*text).to_owned(),
        speaker: None,
        before: Vec::new(),
        after: Vec::new(),
        terms: if text.contains("顾总") { terms.to_vec() } else { Vec::new() },
        ..Request::default()
    };
    Batch {
        from: "zh".parse().unwrap(),
        to: "en".parse().unwrap(),
        style: String::new(),
        task: crate::engine::Task::Translate,
        synopsis: String::new(),
        attempt: 0,
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

#[test]
fn lines_are_translated_in_order_with_their_terms_in_place() {
    let space = Space::new();
    space.translates();
    let libre = space.libre(Some(KEY)).unwrap();
    assert_eq!(libre.translate(&batch(&["滚\n开", "顾总走", "走"])).unwrap(), ["la  la", "Mr. Gu la", "la"]);
    let requests = space.requests("/translate");
    assert_eq!(
        requests[0],
        json!({
            "q": [r#"<span id="0" translate="no">顾总</span>走"#],
            "source": "zh-Hans",
            "target": "en",
            "format": "html",
            "api_key": KEY,
        })
    );
    assert_eq!((&requests[1]["q"], &requests[1]["format"]), (&json!(["滚 开", "走"]), &json!("text")));
    libre.translate(&batch(&["走"])).unwrap();
    assert_eq!(space.requests("/languages").len(), 1, "the languages are asked for once");
    assert!(libre.translate(&batch(&[])).unwrap().is_empty());
    // The same question is answered alike, so that a second attempt is another question.
    libre.translate(&Batch { attempt: 1, ..batch(&["顾总走"]) }).unwrap();
    assert_eq!(space.requests("/translate").last().unwrap()["format"], "text");
    space.libre(None).unwrap().translate(&batch(&["走"])).unwrap();
    assert_eq!(space.requests("/translate").last().unwrap().get("api_key"), None);
}

#[test]
fn a_lost_mark_is_asked_for_without_marks() {
    for lost in ["Gu is leaving.", r#"<span id="0">a</span> <span id="0">a</span>"#, r#"<span id="0">顾总</span>走"#]
    {
        let space = Space::new();
        space.answers(said(&[lost]), 1);
        space.answers(said(&["He comes.", "Gu always leaves."]), 1);
        assert_eq!(space.ask(&batch(&["来", "顾总走"])).unwrap(), ["He comes.", "Gu always leaves."], "{lost}");
        assert_eq!(space.requests("/translate")[1]["q"], json!(["来", "顾总走"]));
    }
}

#[test]
fn languages_have_the_servers_names() {
    let space = Space::new();
    let libre = space.libre(None).unwrap();
    let pair = |from: &str, to: &str| libre.pair(&from.parse().unwrap(), &to.parse().unwrap());
    let named = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(pair("zh", "pt-BR").unwrap(), named("zh-Hans", "pt-BR"));
    assert_eq!(pair("zh-CN", "pt").unwrap(), named("zh-Hans", "pt-BR"));
    assert_eq!(pair("zh-Hant", "en-GB").unwrap(), named("zt", "en"));
    assert_eq!(pair("en", "es-419").unwrap(), named("en", "es"));
    for (from, to, what) in [("th", "en", "nothing from Thai"), ("zh", "th", "to Thai"), ("en", "pt-PT", "Portuguese")]
    {
        let error = pair(from, to).unwrap_err();
        assert_eq!(error.kind(), Kind::MissingModel, "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.remedy().unwrap().contains("pt-BR") || from == "th", "{:?}", error.remedy());
    }
    assert!(space.requests("/translate").is_empty());
}

#[test]
fn an_older_server_that_lists_no_targets_has_all() {
    let space = Space::new();
    space.runtime.block_on(space.server.reset());
    let listed = ResponseTemplate::new(200).set_body_json(json!([{ "code": "en" }, { "code": "zh" }]));
    space.mount(Mock::given(path("/languages")).respond_with(listed));
    space.translates();
    assert_eq!(space.ask(&batch(&["走"])).unwrap(), ["la"]);
}

#[test]
fn a_wrong_count_is_an_answer_that_cannot_be_used() {
    for texts in [&["a"][..], &["a", "b", "c"], &[]] {
        let space = Space::new();
        space.answers(said(texts), 9);
        let error = space.ask(&batch(&["来", "走"])).unwrap_err();
        assert_eq!(error.kind(), Kind::Answer, "{error}");
        assert!(error.to_string().contains("texts for 2") && error.remedy().is_some(), "{error}");
    }
    let space = Space::new();
    space.answers(ResponseTemplate::new(200).set_body_json(json!({ "translatedText": "a" })), 9);
    let error = space.ask(&batch(&["来"])).unwrap_err();
    assert!(error.kind() == Kind::Engine && error.remedy().unwrap().contains("libre.base-url"), "{error}");
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_so() {
    let space = Space::new();
    space.answers(error(429, "Slowdown: 5 per 1 minute").insert_header("retry-after", "1"), 1);
    space.answers(said(&["Go."]), 1);
    let start = std::time::Instant::now();
    assert_eq!(space.ask(&batch(&["走"])).unwrap(), ["Go."]);
    assert!(start.elapsed().as_secs_f64() >= 1.0);
}

#[test]
fn what_the_protocol_says_in_words_is_told_apart() {
    for (status, text, key, kind, hint) in [
        (400, "Invalid request: request (900) exceeds text limit (500)", Some(KEY), Kind::Answer, "--char-limit"),
        (500, "Cannot translate text: boom", Some(KEY), Kind::Answer, "by hand"),
        (400, "Visit https://portal to get an API key", None, Kind::Engine, "LIBRETRANSLATE_API_KEY"),
        (403, "Invalid API key", Some(KEY), Kind::Engine, "LIBRETRANSLATE_API_KEY"),
        (403, "Please contact the server operator", None, Kind::Engine, "libre.key-env"),
        (400, "xx is not supported", Some(KEY), Kind::Engine, "libre.base-url"),
        (404, "", Some(KEY), Kind::Engine, "libre.base-url"),
    ] {
        let space = Space::new();
        space.answers(error(status, text), 9);
        let error = space.libre(key).unwrap().translate(&batch(&["来", "走"])).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert!(error.remedy().unwrap().contains(hint), "{text}: {:?}", error.remedy());
    }
}

#[test]
fn the_key_is_never_shown() {
    let space = Space::new();
    space.answers(error(400, &format!("the key {KEY} is for something else")), 9);
    let error = space.ask(&batch(&["走"])).unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.remedy());
    assert!(told.contains("the key … is") && !told.contains(KEY), "{told}");
    let fingerprint = space.libre(Some(KEY)).unwrap().fingerprint(&batch(&[]).from, &batch(&[]).to).unwrap();
    assert!(!fingerprint.to_string().contains(KEY) && fingerprint.to_string().contains("127.0.0.1"), "{fingerprint}");
}

#[test]
fn a_server_that_is_away_or_off_this_machine_is_told() {
    let mut space = Space::new();
    // Port 9 is discard; nobody listens there.
    space.settings.libre.base_url = "http://127.0.0.1:9".into();
    let error = space.ask(&batch(&["走"])).unwrap_err();
    assert_eq!(error.kind(), Kind::Engine);
    assert!(error.to_string().contains("cannot reach http://127.0.0.1:9"), "{error}");
    space.settings.offline = true;
    assert!(space.libre(None).is_ok(), "this machine is no network");
    space.settings.libre.base_url = "https://libretranslate.example".into();
    assert!(space.libre(None).err().unwrap().to_string().contains("offline"));
}
