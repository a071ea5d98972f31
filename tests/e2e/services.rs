//! Translation services through the binary: their protocol, their keys, and what is asked a second time.

use crate::common::{Said, Space};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const KEY: &str = "0123-secret-4567:fx";
const GLOSSARY: &str = "version = 1\nfrom = \"en\"\nto = \"pt\"\n[[entry]]\nsource = \"line\"\ntarget = \"linha\"\n";

/// DeepL and LibreTranslate in one: every request is kept, every `This is` becomes `Esta é a`.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    requests: Vec<(String, Value)>,
    glossary: Option<Value>,
    refuses: Option<u16>,
}

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut kept = self.0.lock().unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let asked = format!("{} {}", request.method, request.url.path());
        kept.requests.push((asked.clone(), body.clone()));
        if let Some(status) = kept.refuses {
            return ResponseTemplate::new(status).set_body_json(json!({ "message": format!("not with {KEY}") }));
        }
        let texts = |field: &str| -> Vec<String> {
            let said = |text: &Value| text.as_str().unwrap().replace("This is", "Esta é a");
            body[field].as_array().unwrap().iter().map(said).collect()
        };
        let answer = match asked.as_str() {
            "GET /languages" => json!([{ "code": "en", "targets": ["pt"] }, { "code": "pt", "targets": ["en"] }]),
            "POST /translate" => json!({ "translatedText": texts("q") }),
            "GET /v3/glossaries" => json!({ "glossaries": kept.glossary.iter().collect::<Vec<_>>() }),
            "POST /v3/glossaries" => {
                let made = json!({ "glossary_id": "id-1", "name": body["name"] });
                kept.glossary = Some(made.clone());
                made
            }
            "POST /v2/translate" => {
                let glossed = |text: &String| json!({ "text": text.replace("line", "linha") });
                json!({ "translations": texts("text").iter().map(glossed).collect::<Vec<_>>() })
            }
            _ => return ResponseTemplate::new(404),
        };
        ResponseTemplate::new(200).set_body_json(answer)
    }
}

impl Service {
    async fn start(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(self.clone()).mount(&server).await;
        server
    }

    fn requests(&self, wanted: &str) -> Vec<Value> {
        let kept = self.0.lock().unwrap();
        kept.requests.iter().filter(|(asked, _)| asked == wanted).map(|(_, body)| body.clone()).collect()
    }
}

/// `dubline run film.mp4 --until translate` with the service as translator and its key in the environment.
fn translate(space: &Space, engine: &str, base: &str) -> Said {
    if !space.path("film.mp4").exists() {
        space.film("film.mp4", &[]);
        space.write("glossary/en-pt/words.toml", GLOSSARY);
    }
    let base = format!("{engine}.base-url={base}");
    let retries = format!("{engine}.retries=0");
    let flags = ["--from", "en", "--to", "pt-BR", "--until", "translate", "--translator", engine];
    let mut arguments = vec!["run", "film.mp4", "--engine", "fake", "--glossary", "glossary"];
    arguments.extend(flags);
    arguments.extend(["--set", &base, "--set", &retries]);
    let mut command = space.command(&arguments);
    let output = command.env("DEEPL_API_KEY", KEY).env("LIBRETRANSLATE_API_KEY", KEY).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Every file below a folder that holds the key.
fn holding_the_key(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding_the_key(&path));
        } else if std::fs::read(&path).unwrap().windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Runs twice, which asks once; gives the service and the script's wordings.
async fn twice(engine: &'static str) -> (Service, Vec<String>) {
    let service = Service::default();
    let server = service.start().await;
    let base = server.uri();
    let asked = service.clone();
    let texts = tokio::task::spawn_blocking(move || {
        let space = Space::new();
        let said = translate(&space, engine, &base).code(0);
        let count = asked.0.lock().unwrap().requests.len();
        translate(&space, engine, &base).code(0);
        assert_eq!(asked.0.lock().unwrap().requests.len(), count, "what is stored is not asked for again");
        assert!(!said.err.contains(KEY) && !said.out.contains(KEY));
        assert_eq!(holding_the_key(&space.path(".")), Vec::<String>::new());
        let script = space.json("pt-BR/film.script.json");
        let lines = script["lines"].as_array().unwrap();
        lines.iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    });
    (service, texts.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn deepl_translates_with_the_glossary() {
    let (service, texts) = twice("deepl").await;
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|text| text.starts_with("Esta é a linha ")), "{texts:?}");
    let made = service.requests("POST /v3/glossaries");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["dictionaries"][0]["entries"], "line\tlinha");
    let asked = service.requests("POST /v2/translate");
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((&asked[0]["target_lang"], &asked[0]["glossary_id"]), (&json!("PT-BR"), &json!("id-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn libretranslate_translates_with_the_terms_in_place() {
    let (service, texts) = twice("libre").await;
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|text| text.starts_with("Esta é a linha ")), "{texts:?}");
    let asked = service.requests("POST /translate");
    assert_eq!((asked.len(), &asked[0]["api_key"], &asked[0]["format"]), (1, &json!(KEY), &json!("html")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_is_one_error_without_the_key() {
    for (engine, status, word) in [("deepl", 456, "quota"), ("deepl", 403, "key"), ("libre", 403, "key")] {
        let service = Service::default();
        service.0.lock().unwrap().refuses = Some(status);
        let base = service.start().await;
        let uri = base.uri();
        let said = tokio::task::spawn_blocking(move || translate(&Space::new(), engine, &uri)).await.unwrap().code(5);
        assert!(said.error().contains(word) && !said.err.contains(KEY), "{}", said.err);
        assert!(!said.hint().is_empty());
    }
}

#[test]
fn offline_means_no_service() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    for engine in ["deepl", "libre"] {
        let base = format!("{engine}.base-url=https://translator.example");
        let flags = ["--from", "en", "--to", "pt-BR", "--offline", "--translator", engine, "--set", &base];
        let said = space.fake(&film, &flags).code(2);
        assert!(said.error().contains("offline"), "{}", said.err);
    }
}
