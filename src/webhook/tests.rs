use super::*;
use serde_json::json;
use sha2::Digest;
use std::sync::{Arc, Mutex};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const SECRET: &str = "a secret that is longer than no block";

/// Answers with one status after the other, the last one for ever, and keeps every request.
#[derive(Clone)]
struct Answers(Arc<Mutex<(Vec<u16>, Vec<Request>)>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut kept = self.0.lock().unwrap();
        kept.1.push(request.clone());
        let status = if kept.0.len() > 1 { kept.0.remove(0) } else { kept.0[0] };
        ResponseTemplate::new(status)
    }
}

impl Answers {
    async fn serve(statuses: &[u16]) -> (Answers, MockServer) {
        let answers = Answers(Arc::new(Mutex::new((statuses.to_vec(), Vec::new()))));
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answers.clone()).mount(&server).await;
        (answers, server)
    }

    fn bodies(&self) -> Vec<Value> {
        self.0.lock().unwrap().1.iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }
}

fn webhook(url: &str, folder: &Path, retries: u32) -> Webhook {
    let settings = WebhookSettings { url: url.into(), retries, timeout_seconds: 5, ..WebhookSettings::default() };
    Webhook::with_secret(&settings, false, folder, Some(SECRET.into())).unwrap().unwrap()
}

/// HMAC by RFC 2104's own words, for a key that fits into one block.
fn by_hand(key: &[u8], message: &[u8]) -> String {
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|index| key.get(index).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    let outer = Sha256::digest([pad(0x5c), inner.to_vec()].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_signature_is_that_of_rfc_4231() {
    // Its test case 2 judges the one by hand, which judges the other.
    let rfc = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(by_hand(b"Jefe", b"what do ya want for nothing?"), rfc);
    assert_eq!(signature(b"Jefe", "17", b"{}").unwrap(), by_hand(b"Jefe", b"17.{}"));
}

#[tokio::test]
async fn a_delivery_is_signed_and_sent_once() {
    let folder = tempfile::tempdir().unwrap();
    let (answers, server) = Answers::serve(&[204]).await;
    let mut hook = webhook(&server.uri(), folder.path(), 0);
    hook.queue("0001-a", HookEvent::Done, &json!({ "episode": "顾总" })).unwrap();
    assert_eq!(hook.turn().await, Turn { delivered: 1, warnings: vec![] });
    assert_eq!(hook.turn().await, Turn::default());
    let kept = answers.0.lock().unwrap();
    let [request] = kept.1.as_slice() else { panic!("{} requests", kept.1.len()) };
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
    let signed = [header("x-dubline-timestamp").as_bytes(), b".", &request.body].concat();
    assert_eq!(header("x-dubline-signature"), format!("sha256={}", by_hand(SECRET.as_bytes(), &signed)));
    assert_eq!((header("x-dubline-delivery"), header("content-type")), ("0001-a".into(), "application/json".into()));
}

#[tokio::test]
async fn an_endpoint_in_trouble_is_tried_again_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (answers, server) = Answers::serve(&[503, 429, 200]).await;
    let mut hook = webhook(&server.uri(), folder.path(), 9);
    for id in ["0002-b", "0001-a"] {
        hook.queue(id, HookEvent::Done, &json!({ "id": id })).unwrap();
    }
    let mut delivered = 0;
    for _ in 0..4 {
        assert!(hook.is_pressing());
        delivered += hook.turn().await.delivered;
        assert!(delivered == 2 || hook.turn().await == Turn::default(), "not before its pause is over");
        hook.due = None;
        if delivered == 2 {
            break;
        }
    }
    assert_eq!((delivered, hook.is_pressing()), (2, false));
    let ids: Vec<String> = answers.bodies().iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["0001-a", "0001-a", "0001-a", "0002-b"]);
}

#[tokio::test]
async fn what_is_refused_is_kept_and_never_sent_by_itself() {
    for status in [400, 401, 404, 410, 302] {
        let folder = tempfile::tempdir().unwrap();
        let (answers, server) = Answers::serve(&[status, 200]).await;
        let mut hook = webhook(&format!("{}/hook?token=hush", server.uri()), folder.path(), 9);
        hook.queue("0001-a", HookEvent::Failed, &json!({})).unwrap();
        let warnings = hook.turn().await.warnings;
        assert!(warnings[0].contains(&status.to_string()) && !warnings[0].contains("hush"), "{warnings:?}");
        hook.turn().await;
        assert_eq!(answers.bodies().len(), 1);
        assert!(folder.path().join("refused/0001-a.json").is_file() && !hook.is_pressing());
        hook.retry().unwrap();
        assert_eq!(hook.turn().await.delivered, 1);
    }
}

#[tokio::test]
async fn what_could_not_be_sent_waits_on_disk_for_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    // A port that was free a moment ago.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut hook = webhook(&format!("http://{gone}/"), folder.path(), 0);
    hook.queue("0001-a", HookEvent::Done, &json!({ "kept": true })).unwrap();
    let turn = hook.turn().await;
    assert!(turn.delivered == 0 && turn.warnings.len() == 1, "{turn:?}");
    hook.due = None;
    assert_eq!(hook.turn().await, Turn::default(), "it is told once");
    let (answers, server) = Answers::serve(&[200]).await;
    assert_eq!(webhook(&server.uri(), folder.path(), 0).turn().await.delivered, 1);
    assert_eq!(answers.bodies(), [json!({ "kept": true })]);
}

#[tokio::test]
async fn offline_and_unwanted_deliveries_are_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let settings = WebhookSettings {
        url: "https://hooks.example/".into(),
        secret_env: String::new(),
        events: vec![HookEvent::Failed],
        ..WebhookSettings::default()
    };
    let mut hook = Webhook::with_secret(&settings, true, folder.path(), None).unwrap().unwrap();
    assert!(hook.is_held());
    hook.queue("0001-a", HookEvent::Done, &json!({})).unwrap();
    assert!(ids(folder.path()).is_empty());
    hook.queue("0002-b", HookEvent::Failed, &json!({})).unwrap();
    assert_eq!((hook.turn().await, hook.is_pressing()), (Turn::default(), false));
    assert_eq!(ids(folder.path()), ["0002-b"], "it waits until the network may be used");
}

#[test]
fn an_address_or_a_secret_that_is_none_is_told() {
    let folder = Path::new("nowhere");
    let with = |url: &str, secret: Option<&str>| {
        let settings = WebhookSettings { url: url.into(), ..WebhookSettings::default() };
        Webhook::with_secret(&settings, false, folder, secret.map(str::to_owned))
    };
    assert!(with("", None).unwrap().is_none());
    let error = with("ftp://x/token", Some("s")).err().unwrap();
    assert!(error.kind() == Kind::Usage && !error.to_string().contains("token"), "{error}");
    let error = with("https://hooks.example/", None).err().unwrap();
    assert!(error.to_string().contains("WEBHOOK_SECRET") && error.remedy().is_some(), "{error}");
}
