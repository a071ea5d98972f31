//! Engines that fail: nothing, half, the wrong count, an unreachable endpoint. No line is ever padded.

use crate::common::{Said, Space};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn chat(space: &Space, base: &str, flags: &[&str]) -> Said {
    let film = space.path("film.mp4");
    if !film.exists() {
        space.film("film.mp4", &[]);
    }
    let url = format!("chat.base-url={base}");
    let mut all = vec![
        "--from",
        "en",
        "--to",
        "pt-BR",
        "--translator",
        "chat",
        "--set",
        &url,
        "--set",
        "chat.retries=0",
        "--set",
        "chat.model=m",
    ];
    all.extend(flags);
    space.fake(&film, &all)
}

async fn answering(body: serde_json::Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    server
}

fn message(text: &str) -> serde_json::Value {
    serde_json::json!({ "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }] })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_answer_is_a_failed_line_not_an_empty_one() {
    for answer in [message(""), message("{}"), serde_json::json!({ "choices": [] })] {
        let server = answering(answer).await;
        let base = format!("{}/v1", server.uri());
        let (said, delivered, report) = blocking(move || {
            let space = Space::new();
            let said = chat(&space, &base, &[]);
            (
                said,
                space.out("pt-BR/film.mp4").exists(),
                space.out("pt-BR/film.report.json").exists().then(|| space.json("pt-BR/film.report.json")),
            )
        })
        .await;
        let said = said.code(7);
        assert!(said.error().contains("failed"), "{}", said.err);
        assert!(!delivered, "an incomplete episode is not delivered");
        let report = report.expect("the report says which lines failed");
        assert_eq!(report["complete"], false);
        assert_eq!(report["counts"]["failed"], 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_endpoint_is_one_error() {
    let said = blocking(|| chat(&Space::new(), "http://127.0.0.1:9/v1", &[])).await.code(5);
    assert!(said.error().contains("127.0.0.1:9"), "{}", said.err);
}

#[test]
fn offline_means_no_network() {
    // The name is reserved for examples; offline it is not even looked up. This machine itself stays allowed.
    let said = chat(&Space::new(), "http://translator.example/v1", &["--offline"]).code(2);
    assert!(said.error().contains("offline"), "{}", said.err);
}

#[test]
fn a_voice_that_gives_nothing_is_a_failed_line() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(
        &film,
        &[
            "--from",
            "en",
            "--to",
            "pt-BR",
            "--synthesizer",
            "command",
            "--set",
            "command.run=[\"true\"]",
            "--set",
            "command.voices={ pt-BR = [\"any\"] }",
            "--voice",
            "pt-BR=any",
        ],
    );
    let said = said.code(7);
    assert!(!said.error().is_empty());
    assert!(!space.out("pt-BR/film.mp4").exists());
    assert_eq!(space.json("pt-BR/film.report.json")["counts"]["failed"], 3);
}

#[test]
fn a_voice_program_that_is_not_there_is_one_error() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(
        &film,
        &[
            "--from",
            "en",
            "--to",
            "pt-BR",
            "--synthesizer",
            "command",
            "--set",
            "command.run=[\"no-such-voice\"]",
            "--set",
            "command.voices={ pt-BR = [\"any\"] }",
            "--voice",
            "pt-BR=any",
        ],
    );
    let said = said.code(4);
    assert!(said.error().contains("no-such-voice"), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn a_language_model_that_answers_half_or_dies_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let dead = space.write("dead-llm", "#!/bin/sh\necho 'out of memory' >&2\nexit 3\n");
    std::fs::set_permissions(&dead, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = format!("llm.program={}", dead.display());
    let model = space.write("model.gguf", "GGUF");
    let model = format!("llm.model={}", model.display());
    let said = space
        .fake(&film, &["--from", "en", "--to", "pt-BR", "--translator", "llm", "--set", &program, "--set", &model])
        .code(5);
    assert!(said.error().contains("out of memory"), "what the program said is shown:\n{}", said.err);
}
