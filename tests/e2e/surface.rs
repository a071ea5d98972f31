//! The command line itself: help, settings, lists, events, completions; texts as snapshots.

use crate::common::{Said, Space};
use serde_json::Value;

#[test]
fn help_teaches() {
    let space = Space::new();
    let said = space.run(&["--help"]).code(0);
    for word in ["run", "plan", "watch", "models", "voices", "engines", "doctor", "cache", "completions", "Examples:"] {
        assert!(said.out.contains(word), "{word}");
    }
    assert!(space.run(&["run", "--help"]).code(0).out.contains("--transcript"));
}

#[test]
fn exit_codes_are_documented() {
    let said = Space::new().run(&["exit-codes"]).code(0);
    insta::assert_snapshot!(said.out);
}

#[test]
fn settings_tell_their_origin() {
    let space = Space::new();
    space.write("dubline.toml", "to = [\"en\"]\n[mix]\nloudness = \"apple\"\n");
    let said = space.run(&["settings", "--json", "--threads", "1"]).code(0);
    let settings: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(settings["threads"]["origin"], "command line");
    assert!(settings["mix.loudness"]["origin"].as_str().unwrap().ends_with("dubline.toml"));
    assert_eq!(settings["mix.bed"]["origin"], "default");
    assert_eq!(settings["store"]["origin"], "environment");
}

#[test]
fn a_mistake_in_dubline_toml_names_file_and_row() {
    let space = Space::new();
    space.write("dubline.toml", "to = [\"en\"]\n[mix\n");
    let said = space.run(&["settings"]).code(8);
    assert!(said.error().contains("dubline.toml:2"), "{}", said.err);
    space.write("dubline.toml", "[mix]\nloudnes = \"apple\"\n");
    let said = space.run(&["settings"]).code(8);
    assert!(said.error().contains("loudnes"), "{}", said.err);
}

#[test]
fn an_unknown_engine_lists_the_known_ones() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.run(&["run", film.to_str().unwrap(), "--to", "en", "--synthesizer", "kokorro"]).code(2);
    assert!(said.hint().contains("kokoro"), "{}", said.err);
}

#[test]
fn events_are_json_lines() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR", "--events", "json"]).code(0);
    let events: Vec<Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let finished: Vec<&str> =
        events.iter().filter(|e| e["event"] == "finished").map(|e| e["work"]["stage"].as_str().unwrap()).collect();
    let stages = ["probe", "decode", "separate", "transcribe", "translate", "synthesize", "fit", "mix", "mux"];
    assert_eq!(finished, stages);
    let delivered: Vec<&Value> = events.iter().filter(|e| e["event"] == "delivered").collect();
    let work = serde_json::json!({ "episode": "film", "stage": "mux", "language": "pt-BR" });
    assert_eq!(delivered.len(), 1);
    assert_eq!((&delivered[0]["work"], &delivered[0]["path"]), (&work, &"out/pt-BR/film.mp4".into()));
}

#[test]
fn quiet_tells_only_warnings_and_errors() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let silent = |said: Said| assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    let asked = ["--from", "en", "--to", "pt-BR", "--voice", "pt-BR=fake_m", "--quiet"];
    silent(space.fake(&film, &asked).code(0));
    silent(space.run(&["check", "out", "--html", "r.html", "--junit", "j.xml", "--quiet"]).code(0));
    assert!(space.path("r.html").is_file() && space.path("j.xml").is_file());
    silent(space.run(&["script", "export", "out/pt-BR/film.script.json", "-o", "film.csv", "--quiet"]).code(0));
    std::fs::create_dir(space.path("in")).unwrap();
    std::fs::copy(&film, space.path("in/film.mp4")).unwrap();
    let settled = ["--engine", "fake", "--once", "--set", "watch.settle-seconds=0.6"];
    silent(space.run(&[&["watch", "in", "--out", "watched"], &settled[..], &asked].concat()).code(0));
    assert!(space.path("watched/pt-BR/film.mp4").is_file());
    silent(space.run(&["init", "in", "--quiet"]).code(0));
    // What was asked for is no talk.
    let said = space.run(&["check", "out", "--json", "--quiet"]).code(0);
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap()["share"]["dubbed"], 1);
    assert!(space.run(&["init", "in", "--dry-run", "--quiet"]).code(0).out.contains("episodes = "));

    // What is wrong is told as ever.
    space.write("g/en-pt.toml", "[[entry]]\nkind = \"ban\"\ntarget = \"lyny\"\n");
    space.write("t.srt", "1\n00:00:00,300 --> 00:00:01,500\nline.\n\n");
    let banned = ["--glossary", "g/en-pt.toml", "--transcript", "t.srt"];
    let said = space.fake(&film, &[&asked[..], &banned].concat()).code(9);
    assert!(said.out.starts_with("film pt-BR  ") && said.out.contains("flawed-line line 1"), "{}", said.out);
    assert!(!said.out.contains("wrote") && said.err.lines().count() == 2, "{}{}", said.out, said.err);
    std::fs::create_dir(space.path("show")).unwrap();
    std::fs::copy(&film, space.path("show/ep1.mp4")).unwrap();
    space.write("show/ep2.mp4", "this is no film");
    let said = space.run(&[&["run", "show", "--engine", "fake", "--out", "shown"], &asked[..]].concat()).code(11);
    assert!(said.error_of("ep2.mp4").starts_with("error:") && !said.err.contains("wrote"), "{}", said.err);
    assert_eq!(said.out, "", "what is well needs no row");
    assert!(space.path("shown/report.html").is_file());
}

#[test]
fn voices_engines_and_models_are_listed() {
    let space = Space::new();
    let voices: Value =
        serde_json::from_str(&space.run(&["voices", "--engine", "fake", "--json"]).code(0).out).unwrap();
    assert_eq!(voices.as_array().unwrap().len(), 4);
    let engines: Value = serde_json::from_str(&space.run(&["engines", "--json"]).code(0).out).unwrap();
    let names: Vec<&str> = engines.as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap()).collect();
    for name in ["whisper", "nmt", "llm", "chat", "deepl", "libre", "kokoro", "command", "speech", "fake"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let models: Value = serde_json::from_str(&space.run(&["models", "list", "--json"]).code(0).out).unwrap();
    assert!(models.as_array().unwrap().len() >= 10);
    assert!(models.as_array().unwrap().iter().all(|m| !m["licence"].as_str().unwrap().is_empty()));
}

#[test]
fn the_doctor_says_what_is_missing_and_how_to_get_it() {
    let space = Space::new();
    let mut command = space.command(&["doctor"]);
    command.env("DUBLINE_MODELS", space.path("none"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("dubline models pull whisper-base-q8_0"), "{text}");
}

#[test]
fn completions_are_for_the_shell() {
    let space = Space::new();
    assert!(space.run(&["completions", "bash"]).code(0).out.contains("_dubline"));
    assert!(space.run(&["completions", "fish"]).code(0).out.contains("complete -c dubline"));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let space = Space::new();
    let page = space.run(&["man"]).code(0).out;
    assert!(page.contains(".TH dubline 1") && page.contains("dubline\\-watch(1)"), "{page}");
    space.run(&["man", "manual"]).code(0);
    let page = std::fs::read_to_string(space.path("manual/dubline-watch.1")).unwrap();
    for word in ["\\-\\-once", "quarantine", "webhook"] {
        assert!(page.contains(word), "{word} in {page}");
    }
    for command in ["run", "plan", "models-pull", "script-export", "doctor", "exit-codes"] {
        assert!(space.path(&format!("manual/dubline-{command}.1")).is_file(), "{command}");
    }
}

#[test]
fn the_cache_can_be_looked_into_and_emptied() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    let usage: Value = serde_json::from_str(&space.run(&["cache", "usage", "--json"]).code(0).out).unwrap();
    let takes = usage.as_array().unwrap().iter().find(|u| u["bucket"].as_str().unwrap().starts_with("take")).unwrap();
    assert_eq!(takes["results"], 3);
    space.run(&["cache", "prune"]).code(0);
    let usage: Value = serde_json::from_str(&space.run(&["cache", "usage", "--json"]).code(0).out).unwrap();
    assert!(usage.as_array().unwrap().is_empty(), "{usage}");
}

#[test]
fn the_summary_reads_like_this() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let said = space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    let folder = literal(&space.path("").to_string_lossy());
    insta::with_settings!({
        filters => vec![
            (folder.as_str(), "[folder]/"),
            (r" +\d+\.\d\d s  ", "  [time]  "),
            (r"-?\d+\.\d LUFS", "[lufs] LUFS"),
            (r"-?\d+\.\d dBTP", "[peak] dBTP"),
        ],
    }, {
        insta::assert_snapshot!(said.out);
    });
}

/// A pattern for exactly this text.
fn literal(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_alphanumeric() || c == '/' || c == ' ' { vec![c] } else { vec!['\\', c] })
        .collect()
}
