mod account;

use super::*;
use crate::cancel::Cancel;
use crate::engine::Request;
use crate::event::Events;
use crate::model::Models;
use crate::settings::DeeplSettings;
use account::{Account, KEY, error};
use wiremock::{Mock, MockServer, ResponseTemplate};

struct Space {
    runtime: tokio::runtime::Runtime,
    account: Account,
    /// Answers as long as it lives.
    _server: MockServer,
    settings: Settings,
}

impl Space {
    fn new() -> Space {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let account = Account::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(wiremock::matchers::any()).respond_with(account.clone()).mount(&server).await;
            server
        });
        let deepl = DeeplSettings { base_url: server.uri(), retries: 1, timeout_seconds: 2, ..Default::default() };
        Space { runtime, account, _server: server, settings: Settings { deepl, ..Settings::default() } }
    }

    fn context(&self) -> Context {
        Context {
            models: Arc::new(Models::new("nowhere".as_ref()).unwrap()),
            settings: Arc::new(self.settings.clone()),
            threads: 1,
            runtime: self.runtime.handle().clone(),
            events: Events::silent(),
            cancel: Cancel::new(),
        }
    }

    fn deepl(&self) -> Deepl {
        Deepl::new(&self.context(), Some(KEY.into())).unwrap()
    }

    fn requests(&self, path: &str) -> Vec<Value> {
        let held = self.account.held();
        held.requests.iter().filter(|(asked, _)| asked.starts_with(path)).map(|(_, body)| body.clone()).collect()
    }

    fn names(&self) -> Vec<String> {
        self.account.held().glossaries.iter().map(|(_, name, _)| name.clone()).collect()
    }
}

fn term(source: &str, target: &str) -> Term {
    Term { source: source.into(), target: target.into(), ..Term::default() }
}

fn line(text: &str, terms: &[Term]) -> Request {
    Request {
        cue: 1,
        text: text.into(),
        speaker: None,
        before: vec!["你好".into()],
        after: Vec::new(),
        terms: terms.into(),
        ..Request::default()
    }
}

fn batch(lines: &[Request]) -> Batch {
    Batch {
        from: "zh".parse().unwrap(),
        to: "en".parse().unwrap(),
        style: String::new(),
        task: crate::engine::Task::Translate,
        synopsis: "豪门恩怨".into(),
        attempt: 0,
        lines: lines.into(),
    }
}

#[test]
fn the_request_says_everything_and_the_answer_is_taken() {
    let mut space = Space::new();
    space.settings.deepl.formality = Formality::PreferLess;
    space.settings.deepl.model = "quality_optimized".into();
    let deepl = space.deepl();
    let texts = deepl.translate(&batch(&[line("滚\n开", &[]), line("滚", &[])])).unwrap();
    assert_eq!(texts, ["la  la", "la"]);
    let request = &space.requests("POST /v2/translate")[0];
    assert_eq!(
        *request,
        json!({
            "text": ["滚 开", "滚"],
            "source_lang": "ZH",
            "target_lang": "EN-US",
            "split_sentences": "0",
            "preserve_formatting": true,
            "show_billed_characters": true,
            "context": "豪门恩怨\n你好\n滚\n开\n滚",
            "model_type": "quality_optimized",
            "formality": "prefer_less",
        })
    );
    assert_eq!(deepl.billed.load(Ordering::Relaxed), 4);
    assert_eq!(space.requests("").len(), 1, "without terms no glossary is asked for");
    // DeepL answers the same question alike, so that a second attempt is another question.
    deepl.translate(&Batch { attempt: 1, ..batch(&[line("滚", &[])]) }).unwrap();
    assert_eq!(space.requests("POST /v2/translate")[1].get("context"), None);
    assert!(deepl.translate(&batch(&[])).unwrap().is_empty());
}

#[test]
fn a_synopsis_in_another_language_is_no_context() {
    let mut of_user = batch(&[line("滚", &[])]);
    of_user.synopsis = "A family at war.".into();
    assert_eq!(context(&of_user), "你好\n滚");
}

#[test]
fn the_glossary_is_laid_down_once_and_found_again() {
    let space = Space::new();
    let deepl = space.deepl();
    let (gu, lin) = (term("顾总", "Mr. Gu"), term("林晚", "Lin Wan"));
    let batches =
        [batch(&[line("顾总走", std::slice::from_ref(&gu))]), batch(&[line("林晚来", std::slice::from_ref(&lin))])];
    deepl.prepare(&batches[0].from, &batches[0].to, &[gu.clone(), lin.clone()]);
    assert_eq!(deepl.translate(&batches[0]).unwrap(), ["Mr. Gu la"]);
    assert_eq!(deepl.translate(&batches[1]).unwrap(), ["Lin Wan la"]);
    let made = space.requests("POST /v3/glossaries");
    assert_eq!(made.len(), 1, "one for the whole run");
    assert_eq!(made[0]["dictionaries"][0]["entries"], "林晚\tLin Wan\n顾总\tMr. Gu");
    assert_eq!(made[0]["dictionaries"][0]["target_lang"], "en");
    assert_eq!(space.requests("GET /v3/glossaries").len(), 1);
    assert_eq!(space.requests("POST /v2/translate")[1]["glossary_id"], "id-1");
    // Another run with the same decisions finds it.
    let again = space.deepl();
    again.prepare(&batches[0].from, &batches[0].to, &[lin, gu]);
    again.translate(&batches[0]).unwrap();
    assert_eq!(space.requests("POST /v3/glossaries").len(), 1);
    assert_eq!(space.requests("POST /v2/translate")[2]["glossary_id"], "id-1");
}

#[test]
fn an_older_glossary_of_the_pair_is_deleted_and_no_other() {
    let space = Space::new();
    for name in ["My own", "dubline ZH-ES-419 0000000000000000", "dubline ZH-EN-US 0000000000000000"] {
        space.account.held().glossaries.push((name.replace(' ', "-"), name.into(), String::new()));
    }
    space.deepl().translate(&batch(&[line("顾总走", &[term("顾总", "Mr. Gu")])])).unwrap();
    let names = space.names();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[..2], ["My own", "dubline ZH-ES-419 0000000000000000"]);
    assert!(names[2].starts_with("dubline ZH-EN-US ") && !names[2].ends_with("0000"), "{names:?}");
    let hash = names[2].clone();
    space.deepl().translate(&batch(&[line("顾总走", &[term("顾总", "President Gu")])])).unwrap();
    assert!(!space.names().contains(&hash), "an edited decision has another glossary");
}

#[test]
fn an_account_with_one_glossary_serves_several_pairs() {
    let space = Space::new();
    space.account.held().limit = 1;
    let deepl = space.deepl();
    let english = batch(&[line("顾总走", &[term("顾总", "Mr. Gu")])]);
    let spanish =
        Batch { to: "es-419".parse().unwrap(), ..batch(&[line("顾总走", &[term("顾总", "señor Gu")])]) };
    for _ in 0..2 {
        assert_eq!(deepl.translate(&english).unwrap(), ["Mr. Gu la"]);
        assert_eq!(deepl.translate(&spanish).unwrap().len(), 1);
        assert_eq!(space.names().len(), 1);
    }
    // One that somebody else made stays, and the user is told what to do.
    space.account.held().glossaries = vec![("x".into(), "My own".into(), String::new())];
    let error = space.deepl().translate(&english).unwrap_err();
    assert_eq!(error.kind(), Kind::Engine);
    assert!(error.remedy().unwrap().contains("deepl.terms"), "{error} {:?}", error.remedy());
    assert_eq!(space.names(), ["My own"]);
}

#[test]
fn a_glossary_that_went_away_is_laid_down_again() {
    let space = Space::new();
    let deepl = space.deepl();
    let asked = batch(&[line("顾总走", &[term("顾总", "Mr. Gu")])]);
    deepl.translate(&asked).unwrap();
    space.account.held().glossaries.clear();
    assert_eq!(deepl.translate(&asked).unwrap(), ["Mr. Gu la"]);
    assert_eq!(space.requests("POST /v3/glossaries").len(), 2);
}

#[test]
fn a_line_feels_its_own_entries_only() {
    let space = Space::new();
    let deepl = space.deepl();
    let (zhou, nin) = (term("周总", "Mr. Zhou"), term("您", "you"));
    let lines = [
        line("周总走", std::slice::from_ref(&zhou)),
        // 周总 means something else here, so that it does not match.
        line("一周总结", &[]),
        line("您走", &[nin]),
        // The same source with another wording, for another speaker.
        line("您来", &[term("您", "sir")]),
        line("走", &[]),
    ];
    assert_eq!(deepl.translate(&batch(&lines)).unwrap(), ["Mr. Zhou la", "la la la la", "you la", "Sir la", "la"]);
    let requests = space.requests("POST /v2/translate");
    let of = |how: fn(&&Value) -> bool| requests.iter().find(how).map(|request| request["text"].clone());
    assert_eq!(of(|r| r["glossary_id"].is_string()), Some(json!(["周总走", "您走", "走"])));
    assert_eq!(of(|r| r["tag_handling"] == "xml"), Some(json!([r#"<x id="0">sir</x>来"#])));
    assert_eq!(of(|r| r["tag_handling"].is_null() && r["glossary_id"].is_null()), Some(json!(["一周总结"])));
    // Within a longer term of the line a shorter entry has no say.
    deepl.prepare(&"zh".parse().unwrap(), &"en".parse().unwrap(), &[term("周", "week")]);
    deepl.translate(&batch(&[line("周总走", &[zhou])])).unwrap();
    assert!(space.requests("POST /v2/translate").last().unwrap()["glossary_id"].is_string());
}

#[test]
fn terms_go_by_tags_where_the_settings_say_so_or_deepl_has_no_glossaries() {
    let mut space = Space::new();
    let lines = [line("顾总走", &[term("顾总", "Mr. Gu")]), line("走 <b>", &[])];
    let thai = Batch { to: "th".parse().unwrap(), ..batch(&lines) };
    assert_eq!(space.deepl().translate(&thai).unwrap()[0], "Mr. Gu la");
    space.settings.deepl.terms = TermsBy::Tags;
    assert_eq!(space.deepl().translate(&batch(&lines)).unwrap(), ["Mr. Gu la", "la  <b>"]);
    let request = &space.requests("POST /v2/translate")[2];
    assert_eq!(request["text"], json!([r#"<x id="0">Mr. Gu</x>走"#]));
    assert_eq!(request["ignore_tags"], json!(["x"]));
    assert_eq!(request["tag_handling_version"], "v2");
    assert!(space.requests("GET ").is_empty() && space.requests("POST /v3").is_empty());
}

#[test]
fn a_lost_mark_is_asked_for_without_marks() {
    let mut space = Space::new();
    space.settings.deepl.terms = TermsBy::Tags;
    space.account.held().loses_tags = true;
    let lines = [line("走", &[]), line("顾总走", &[term("顾总", "Mr. Gu")])];
    assert_eq!(space.deepl().translate(&batch(&lines)).unwrap(), ["la", "la la la"]);
    assert_eq!(space.requests("POST /v2/translate")[1]["text"], json!(["走", "顾总走"]));
}

#[test]
fn a_wrong_count_is_an_answer_that_cannot_be_used() {
    for texts in [json!([{ "text": "a" }]), json!([{ "text": "a" }, { "text": "b" }, { "text": "c" }]), json!([])] {
        let space = Space::new();
        let answer = ResponseTemplate::new(200).set_body_json(json!({ "translations": texts }));
        space.account.held().next.push(answer);
        let error = space.deepl().translate(&batch(&[line("滚", &[]), line("走", &[])])).unwrap_err();
        assert_eq!(error.kind(), Kind::Answer, "{error}");
        assert!(error.to_string().contains("texts for 2") && error.remedy().is_some(), "{error}");
    }
}

#[test]
fn requests_keep_to_the_limits_of_the_protocol() {
    let space = Space::new();
    let lines: Vec<Request> = (0..120).map(|_| line("走", &[])).collect();
    assert_eq!(space.deepl().translate(&batch(&lines)).unwrap().len(), 120);
    let long: Vec<Request> = (0..3).map(|i| line(&format!("{i}{}", "走".repeat(20_000)), &[])).collect();
    assert_eq!(space.deepl().translate(&batch(&long)).unwrap().len(), 3);
    let sizes: Vec<usize> =
        space.requests("POST /v2").iter().map(|request| request["text"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [50, 50, 20, 1, 1, 1]);
    let largest = space.requests("POST /v2").iter().map(|request| request.to_string().len()).max().unwrap();
    assert!(largest <= MAX_BODY, "{largest}");
    // What is too large all the same is for fewer lines at once, which is for the stage to try.
    space.account.held().next.push(error(413, "too large"));
    assert_eq!(space.deepl().translate(&batch(&[line("走", &[])])).unwrap_err().kind(), Kind::Answer);
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_so() {
    let space = Space::new();
    space.account.held().next.push(error(429, "Too many requests").insert_header("retry-after", "1"));
    let start = std::time::Instant::now();
    assert_eq!(space.deepl().translate(&batch(&[line("滚", &[])])).unwrap(), ["la"]);
    assert!(start.elapsed().as_secs_f64() >= 1.0);
    assert_eq!(space.requests("POST /v2").len(), 2);
}

#[test]
fn refusals_are_told_once_with_their_remedy_and_without_the_key() {
    for (answer, what, hint) in [
        (error(456, "Quota exceeded"), "quota", "limit"),
        (error(400, "Value for 'target_lang' not supported."), "target_lang", "[deepl]"),
        (error(404, "no such page"), "no such endpoint", "deepl.base-url"),
    ] {
        let space = Space::new();
        space.account.held().next.push(answer);
        let error = space.deepl().translate(&batch(&[line("滚", &[])])).unwrap_err();
        assert_eq!(error.kind(), Kind::Engine);
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.remedy().unwrap().contains(hint), "{:?}", error.remedy());
        assert_eq!(space.requests("POST /v2").len(), 1);
    }
    let space = Space::new();
    space.account.held().next.push(error(400, &format!("the key {KEY} is for something else")));
    let error = space.deepl().translate(&batch(&[line("滚", &[])])).unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.remedy());
    assert!(told.contains("the key … is") && !told.contains(KEY), "{told}");
    space.account.held().next.push(ResponseTemplate::new(200).set_body_string(format!("<p>{KEY}")));
    let error = space.deepl().translate(&batch(&[line("滚", &[])])).unwrap_err();
    assert!(!format!("{error:?}").contains(KEY) && error.remedy().unwrap().contains("deepl.base-url"), "{error:?}");
}

#[test]
fn a_refused_or_missing_key_is_told() {
    let mut space = Space::new();
    let wrong = Deepl::new(&space.context(), Some("wrong-key".into())).unwrap();
    let error = wrong.translate(&batch(&[line("滚", &[])])).unwrap_err();
    assert!(error.to_string().contains("refused the key") && !error.to_string().contains("wrong-key"), "{error}");
    assert!(error.remedy().unwrap().contains("DEEPL_API_KEY"));
    // DeepL itself is not asked without a key; what is stored needs none.
    space.settings.deepl.base_url = String::new();
    let without = Deepl::new(&space.context(), None).unwrap();
    assert!(without.fingerprint(&"zh".parse().unwrap(), &"en".parse().unwrap()).is_ok());
    let error = without.translate(&batch(&[line("滚", &[])])).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.remedy().unwrap().contains("DEEPL_API_KEY"), "{:?}", error.remedy());
}

#[test]
fn the_key_says_which_of_deepls_servers_is_asked() {
    let mut space = Space::new();
    space.settings.deepl.base_url = String::new();
    for (key, address) in [("a:fx", FREE), (" a:fx\n", FREE), ("a", PRO)] {
        assert_eq!(Deepl::new(&space.context(), Some(key.into())).unwrap().remote.address(), address);
    }
    space.settings.offline = true;
    let error = Deepl::new(&space.context(), Some("a".into())).err().unwrap();
    assert!(error.to_string().contains("offline"), "{error}");
}

#[test]
fn a_server_that_is_away_is_an_error_of_the_engine() {
    let mut space = Space::new();
    // Port 9 is discard; nobody listens there.
    space.settings.deepl.base_url = "http://127.0.0.1:9".into();
    let error = space.deepl().translate(&batch(&[line("滚", &[])])).unwrap_err();
    assert_eq!(error.kind(), Kind::Engine);
    assert!(error.to_string().contains("cannot reach http://127.0.0.1:9"), "{error}");
}

#[test]
fn the_fingerprint_names_what_changes_a_translation_and_never_the_key() {
    let mut space = Space::new();
    let of = |space: &Space, to: &str| {
        space.deepl().fingerprint(&"zh".parse().unwrap(), &to.parse().unwrap()).unwrap().to_string()
    };
    let plain = of(&space, "es");
    assert!(plain.contains("api v2 ZH to ES-419 terms glossary v3 formality default"), "{plain}");
    assert!(!plain.contains("secret"), "{plain}");
    let mut seen = vec![plain, of(&space, "th")];
    space.settings.markets.insert("es".parse().unwrap(), "es".into());
    seen.push(of(&space, "es"));
    space.settings.deepl.formality = Formality::PreferMore;
    seen.push(of(&space, "es"));
    space.settings.deepl.terms = TermsBy::Tags;
    seen.push(of(&space, "es"));
    space.settings.deepl.model = "latency_optimized".into();
    seen.push(of(&space, "es"));
    // A free and a paid key give the same translations.
    space.settings.deepl.base_url = String::new();
    seen.push(of(&space, "es"));
    let paid = Deepl::new(&space.context(), Some("paid".into())).unwrap();
    let paid = paid.fingerprint(&"zh".parse().unwrap(), &"es".parse().unwrap()).unwrap().to_string();
    assert_eq!(seen.last(), Some(&paid));
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "{seen:?}");
}
