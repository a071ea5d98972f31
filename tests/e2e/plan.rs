//! `dubline plan`: what would run, and why.

use crate::common::Space;
use serde_json::Value;

fn plan(space: &Space, flags: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["plan", "film.mp4", "--engine", "fake", "--from", "en", "--to", "pt-BR", "--json"];
    arguments.extend(flags);
    let said = space.run(&arguments).code(0);
    serde_json::from_str::<Value>(&said.out).unwrap().as_array().unwrap().clone()
}

fn to_do(items: &[Value]) -> Vec<(String, String)> {
    let name = |item: &Value| (item["stage"].as_str().unwrap().to_owned(), item["why"].to_string());
    items.iter().filter(|item| item["to_do"] == true).map(name).collect()
}

#[test]
fn before_a_run_everything_is_to_do_and_after_it_nothing() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    assert!(!to_do(&plan(&space, &[])).is_empty());
    assert!(!space.path("out").exists(), "a plan makes nothing");
    space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    let items = plan(&space, &["--voice", "en=fake_f", "--voice", "pt-BR=fake_m"]);
    assert_eq!(to_do(&items), [], "{items:#?}");
    let stages: std::collections::BTreeSet<_> = items.iter().map(|item| item["stage"].as_str().unwrap()).collect();
    for stage in ["probe", "decode", "transcribe", "translate", "synthesize", "fit", "mix", "mux"] {
        assert!(stages.contains(stage), "{stage}");
    }
}

#[test]
fn the_reason_is_the_input_that_changed() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    let voices = ["--voice", "en=fake_f", "--voice", "pt-BR=fake_m"];
    let louder = plan(&space, &[&voices[..], &["--loudness", "apple"]].concat());
    let changed = to_do(&louder);
    assert_eq!(changed.len(), 1, "only the mix is known to be stale: {changed:?}");
    assert_eq!(changed[0].0, "mix");
    assert!(changed[0].1.contains("social") && changed[0].1.contains("apple"), "{changed:?}");

    let other_voice = plan(&space, &["--voice", "pt-BR=fake_f"]);
    let changed = to_do(&other_voice);
    assert!(changed.iter().all(|(stage, why)| stage == "synthesize" && why.contains("fake_m")), "{changed:?}");
    assert_eq!(changed.len(), 3, "every take");
}

#[test]
fn a_deliverable_that_was_deleted_is_to_do_again() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    std::fs::remove_file(space.out("pt-BR/film.mp4")).unwrap();
    let changed = to_do(&plan(&space, &["--voice", "pt-BR=fake_m"]));
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].0, "mux");
}

#[test]
fn the_explanation_is_readable() {
    let space = Space::new();
    space.film("film.mp4", &[]);
    let said =
        space.run(&["plan", "film.mp4", "--engine", "fake", "--from", "en", "--to", "pt-BR", "--explain"]).code(0);
    assert!(said.out.contains("it was never made"), "{}", said.out);
}
