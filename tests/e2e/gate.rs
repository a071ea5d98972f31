//! `dubline check`: finished work is judged anew, and what was done to it since is found.

use crate::common::json_schema::wrong;
use crate::common::{Said, Space};
use serde_json::Value;
use std::collections::BTreeSet;

/// A film, dubbed into Portuguese.
fn dubbed() -> Space {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
    space
}

/// What `check` found, as JSON; it may end with 0 or 9.
fn check(space: &Space, arguments: &[&str]) -> (i32, Value) {
    let said = space.run(&[&["check"], arguments, &["--json"]].concat());
    let value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}\n{}\n{}", said.out, said.err));
    (said.code, value)
}

/// The checks that found an error or a warning.
fn failed(series: &Value) -> BTreeSet<&str> {
    let findings = series["worst"].as_array().unwrap().iter();
    findings.filter(|f| f["severity"] != "note").map(|finding| finding["check"].as_str().unwrap()).collect()
}

fn ids(series: &Value, check: &str) -> Vec<String> {
    let findings = series["worst"].as_array().unwrap().iter().filter(|finding| finding["check"] == check);
    findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

/// Puts what ffmpeg makes of the deliverable in its place.
fn tampered(space: &Space, arguments: &[&str]) {
    let input = ["-i", "out/pt-BR/film.mp4"];
    space.ffmpeg(&[&input, arguments, &["tampered.mp4"]].concat());
    std::fs::rename(space.path("tampered.mp4"), space.out("pt-BR/film.mp4")).unwrap();
}

#[test]
fn what_was_just_made_is_as_the_run_judged_it() {
    let space = dubbed();
    let report = space.json("pt-BR/film.report.json");
    let schema: Value = serde_json::from_str(&space.run(&["check", "--schema"]).code(0).out).unwrap();
    assert_eq!(wrong(&schema, &schema, &report), None);
    assert_eq!(report["supplied"]["as"], "dubbed");
    let tracks = report["deliverable"]["tracks"].as_array().unwrap();
    let kinds: Vec<&str> = tracks.iter().map(|track| track["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["video", "audio", "audio", "subtitle"]);
    assert_eq!((&tracks[1]["default"], &tracks[2]["default"]), (&true.into(), &false.into()));
    assert_eq!(report["deliverable"]["picture"]["packets"], 150);
    for heard in report["deliverable"]["heard"].as_array().unwrap() {
        assert!(heard["level_dbfs"].as_f64().unwrap() > -40.0 && heard["original"].as_f64().unwrap() < 0.9, "{heard}");
    }

    let (code, series) = check(&space, &["out"]);
    assert_eq!((code, &series["findings"]["errors"]), (0, &0.into()), "{series}");
    assert_eq!((&series["share"]["dubbed"], &series["dubbed_share"]), (&1.into(), &1.0.into()));
    // The same is found as the run found, and nothing else.
    assert_eq!(series["worst"], report["findings"]);
    let said = space.run(&["check", "out"]).code(0);
    assert!(said.out.contains("film pt-BR  dubbed") && said.out.contains("100% dubbed"), "{}", said.out);
    // Nothing was made or changed.
    assert_eq!(space.json("pt-BR/film.report.json"), report);
}

#[test]
fn a_muted_dub_is_found_line_by_line() {
    let space = dubbed();
    tampered(&space, &["-map", "0", "-c", "copy", "-c:a:0", "aac", "-filter:a:0", "volume=0"]);
    let (code, series) = check(&space, &["out"]);
    assert_eq!(code, 9);
    assert_eq!(ids(&series, "silent-line").len(), 3, "{series}");
    assert!(failed(&series).is_superset(&BTreeSet::from(["deliverable", "silent-line", "loudness"])));
    assert_eq!(ids(&series, "silent-line")[0], "silent-line/film/pt-BR/1");
}

#[test]
fn the_original_in_the_place_of_the_dub_is_found() {
    let space = dubbed();
    let swap = ["-map", "0:v", "-map", "0:a:1", "-map", "0:a:0", "-map", "0:s", "-c", "copy"];
    let tags = ["-metadata:s:a:0", "language=por", "-disposition:a:0", "default", "-disposition:a:1", "0"];
    tampered(&space, &[&swap[..], &tags].concat());
    let (_, series) = check(&space, &["out"]);
    assert_eq!(ids(&series, "original-heard").len(), 3, "{series}");
}

#[test]
fn a_file_that_is_cut_short_shorter_or_gone_is_found_and_crashes_nothing() {
    let space = dubbed();
    let whole = std::fs::read(space.out("pt-BR/film.mp4")).unwrap();
    tampered(&space, &["-map", "0", "-c", "copy", "-t", "3.5"]);
    let (_, series) = check(&space, &["out"]);
    assert!(failed(&series).is_superset(&BTreeSet::from(["duration", "picture", "silent-line"])), "{series}");

    std::fs::write(space.out("pt-BR/film.mp4"), &whole[..whole.len() / 2]).unwrap();
    let (code, series) = check(&space, &["out"]);
    assert_eq!((code, failed(&series)), (9, BTreeSet::from(["deliverable"])));
    assert!(series["worst"][0]["measured"].as_str().unwrap().contains("truncated"), "{series}");

    std::fs::remove_file(space.out("pt-BR/film.mp4")).unwrap();
    let (code, series) = check(&space, &["out"]);
    assert_eq!((code, series["worst"][0]["message"].as_str()), (9, Some("the finished file is not there")));
    assert_eq!(
        (&series["share"]["held"], &series["share"]["dubbed"]),
        (&1.into(), &0.into()),
        "what is gone is no dub"
    );

    // As it was, wherever it lies.
    std::fs::write(space.out("pt-BR/film.mp4"), &whole).unwrap();
    std::fs::rename(space.path("out"), space.path("elsewhere")).unwrap();
    assert_eq!(check(&space, &["elsewhere/pt-BR/film.mp4"]).0, 0);
}

#[test]
fn swapped_dispositions_and_a_frozen_picture_are_found() {
    let space = dubbed();
    let copy = ["-map", "0", "-c", "copy"];
    tampered(&space, &[&copy[..], &["-disposition:a:0", "0", "-disposition:a:1", "default"]].concat());
    let (_, series) = check(&space, &["out"]);
    assert_eq!(ids(&series, "default-track").len(), 2, "{series}");

    let space = dubbed();
    let freeze = ["-c:v", "libx264", "-vf", "select=not(between(n\\,50\\,99))", "-fps_mode", "vfr"];
    tampered(&space, &[&copy[..], &freeze].concat());
    let (_, series) = check(&space, &["out"]);
    assert!(failed(&series).is_superset(&BTreeSet::from(["standstill", "picture"])), "{series}");
}

#[test]
fn damaged_and_unreadable_subtitles_are_found() {
    let space = dubbed();
    let path = space.out("pt-BR/film.srt");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replace("-->", "->")).unwrap();
    assert_eq!(failed(&check(&space, &["out"]).1), BTreeSet::from(["subtitles"]));

    let long = "palavra ".repeat(30);
    std::fs::write(
        &path,
        format!("1\n00:00:00,300 --> 00:00:01,500\n{long}\n\n2\n00:00:01,000 --> 00:00:02,500\noi\n"),
    )
    .unwrap();
    let (code, series) = check(&space, &["out"]);
    assert_eq!((code, failed(&series)), (0, BTreeSet::from(["reading-speed", "caption-rows", "caption-gap"])));
    let speed = series["worst"].as_array().unwrap().iter().find(|f| f["check"] == "reading-speed").unwrap();
    assert!(speed["limit"].as_str().unwrap().contains("17 characters a second, Netflix TTSG"), "{speed}");

    std::fs::remove_file(&path).unwrap();
    assert_eq!(failed(&check(&space, &["out"]).1), BTreeSet::from(["subtitles"]));
}

const GLOSSARY: &str =
    "version = 1\nfrom = \"en\"\nto = \"pt\"\n[[entry]]\nsource = \"Moon Palace\"\ntarget = \"TARGET\"\n";

#[test]
fn an_edited_glossary_is_found_without_running_again() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let words = space.write("words.toml", &GLOSSARY.replace("TARGET", "Casa da Lua"));
    let cues =
        "1\n00:00:00,300 --> 00:00:01,500\nThe Moon Palace is here.\n\n2\n00:00:02,300 --> 00:00:03,500\nGo now.\n";
    let cues = space.write("film.srt", cues);
    let glossary = ["--glossary", words.to_str().unwrap()];
    let flags = ["--from", "en", "--to", "pt-BR", "--transcript", cues.to_str().unwrap()];
    space.fake(&film, &[&flags[..], &glossary].concat()).code(0);
    let flawed = |series: &Value| ids(series, "flawed-line");
    assert_eq!(flawed(&check(&space, &[&["out"], &glossary[..]].concat()).1), [""; 0]);
    space.write("words.toml", &GLOSSARY.replace("TARGET", "Palácio da Lua"));
    let (code, series) = check(&space, &[&["out", "--gate", "warning"], &glossary[..]].concat());
    assert_eq!((code, flawed(&series)), (9, vec!["flawed-line/film/pt-BR/1".to_owned()]));
    let finding = series["worst"].as_array().unwrap().iter().find(|f| f["check"] == "flawed-line").unwrap();
    assert!(finding["limit"].as_str().unwrap().contains("words.toml:4"), "{finding}");
    // The settings name glossaries too.
    space.write("dubline.toml", "glossaries = [\"words.toml\"]\n");
    assert_eq!(flawed(&check(&space, &["out"]).1).len(), 1);
}

#[test]
fn a_line_by_way_of_english_is_judged_by_what_it_was_asked_for() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    let entry = |source: &str, target: &str| format!("[[entry]]\nsource = \"{source}\"\ntarget = \"{target}\"\n");
    // English knows the token, and not the name, which is so never asked of Portuguese.
    space.write("g/zh-en/own.toml", &entry("玄铁令", "iron token"));
    let portuguese = |token: &str| {
        space.write("g/zh-pt/own.toml", &(entry("玄铁令", token) + &entry("江晚吟", "Jiang Wanyin")));
    };
    portuguese("selo de ferro");
    let cues = "1\n00:00:00,300 --> 00:00:01,500\n玄铁令，在我手里。\n\n\
                2\n00:00:02,300 --> 00:00:03,500\n江晚吟来了。\n";
    space.write("film.srt", cues);
    let way = "engine.translate={ \"zh-pt\" = \"via en\" }";
    let flags = ["--from", "zh", "--to", "pt-BR", "--transcript", "film.srt", "--glossary", "g", "--set", way];
    space.fake(&film, &flags).code(0);
    let lines = space.json("pt-BR/film.script.json")["lines"].clone();
    assert_eq!(lines[0]["by_way"][0]["language"], "en");
    assert!(lines[0]["by_way"][0]["text"].as_str().unwrap().contains("iron token"), "{lines}");
    assert!(lines[0]["text"].as_str().unwrap().contains("selo de ferro"), "{lines}");
    let missed = |series: &Value| {
        let findings = series["worst"].as_array().unwrap().iter();
        let missed = findings.filter(|finding| finding["limit"].as_str().unwrap().contains("own.toml"));
        missed.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(missed(&check(&space, &["out", "--glossary", "g"]).1), [""; 0]);
    portuguese("lacre de ferro");
    assert_eq!(missed(&check(&space, &["out", "--glossary", "g"]).1), ["flawed-line/film/pt-BR/1"]);
}

/// A script by hand: one line for each pair of source and text.
fn script(space: &Space, name: &str, lines: &[(&str, &str)]) {
    let line = |(index, (source, text)): (usize, &(&str, &str))| {
        let start = index as f64 * 3.0;
        serde_json::json!({
            "cue": index + 1, "span": { "start": start, "end": start + 2.5 }, "source": source,
            "state": "written", "text": text, "engine": "fake none",
        })
    };
    let lines: Vec<Value> = lines.iter().enumerate().map(line).collect();
    space.write(name, &serde_json::json!({ "language": "en", "lines": lines }).to_string());
}

#[test]
fn a_name_in_two_spellings_is_found_across_scripts_alone() {
    let space = Space::new();
    let first =
        [("江晚吟，签了它。", "Jiang Wanyin, sign it."), ("江晚吟不会来的。", "I tell you, Jiang Wanyin won't come.")];
    script(&space, "out/en/ep01.script.json", &first);
    script(&space, "out/en/ep02.script.json", &[("你见过江晚吟吗？", "Have you seen Jiang Wan Yin?")]);
    let said = space.run(&["check", "out"]).code(2);
    assert!(said.hint().contains("--from"), "{}", said.err);
    let (code, series) = check(&space, &["out", "--from", "zh"]);
    assert_eq!((code, ids(&series, "name-spelling")), (0, vec!["name-spelling/ep02/en/1".to_owned()]));
    let finding = series["worst"].as_array().unwrap().iter().find(|f| f["check"] == "name-spelling").unwrap();
    assert_eq!(finding["measured"], "Jiang Wan Yin");
    assert!(finding["limit"].as_str().unwrap().contains("ep01, line 1"), "{finding}");
    // A script alone is not supplied, and only its lines are judged.
    assert_eq!((&series["share"]["held"], &series["share"]["dubbed"]), (&2.into(), &0.into()));
    let (_, one) = check(&space, &["out/en/ep02.script.json", "--from", "zh"]);
    assert_eq!(ids(&one, "name-spelling"), [""; 0]);
}

#[test]
fn pieces_are_judged_side_by_side_and_told_in_their_order() {
    let space = Space::new();
    for number in 1..=12 {
        let lines = [("走吧。", "Let's go."), ("三百万！", "Two million!")];
        script(&space, &format!("out/en/ep{number}.script.json"), &lines);
    }
    let said = |threads: usize, flags: &[&str]| {
        space.write("dubline.toml", &format!("from = \"zh\"\nthreads = {threads}\n"));
        space.run(&[&["check", "out"], flags].concat()).code(0)
    };
    let (one, many) = (said(1, &["--json"]), said(4, &["--json"]));
    assert_eq!(one.out, many.out);
    assert!(many.err.contains("1 of 12 judged") && many.err.contains("12 of 12 judged"), "{}", many.err);
    assert_eq!(said(4, &["--json", "--quiet"]).err, "");
    // Suites stand as people count.
    said(4, &["--junit", "j.xml"]);
    let text = std::fs::read_to_string(space.path("j.xml")).unwrap();
    let junit = roxmltree::Document::parse(&text).unwrap();
    let suites: Vec<&str> = junit.root_element().children().filter_map(|node| node.attribute("name")).collect();
    assert_eq!((suites.len(), &suites[..3]), (12, &["ep1 en", "ep2 en", "ep3 en"][..]));
    // As events each line is JSON, and the last one is the verdict.
    let lines: Vec<Value> =
        said(4, &["--events", "json"]).out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (verdict, events) = lines.split_last().unwrap();
    assert!(events.iter().all(|event| event["event"] == "judged" && event["total"] == 12), "{events:?}");
    let done: Vec<u64> = events.iter().map(|event| event["done"].as_u64().unwrap()).collect();
    assert_eq!(done, (0..=12).collect::<Vec<u64>>());
    assert_eq!(*verdict, serde_json::from_str::<Value>(&one.out).unwrap());
}

#[test]
fn of_many_broken_pieces_the_first_is_told() {
    let space = Space::new();
    for number in 1..=6 {
        space.write(&format!("out/en/ep{number}.script.json"), "[1");
    }
    space.write("dubline.toml", "from = \"zh\"\nthreads = 4\n");
    assert!(space.run(&["check", "out"]).code(8).error().contains("ep1.script.json"));
}

#[test]
fn the_gate_decides_the_exit_code() {
    let space = Space::new();
    script(&space, "a.script.json", &[("走吧。", "Let's go."), ("三百万！", "Two million!")]);
    let said = |gate: &[&str]| -> Said { space.run(&[&["check", "a.script.json", "--from", "zh"], gate].concat()) };
    let told = said(&["--gate", "none"]).code(0);
    assert!(told.out.contains("warning flawed-line line 2"), "{}", told.out);
    said(&["--gate", "error"]).code(0);
    said(&["--gate", "warning"]).code(9);
    said(&[]).code(0);
    space.write("dubline.toml", "gate = \"warning\"\n");
    said(&[]).code(9);
    said(&["--gate", "error"]).code(0);
}

#[test]
fn nothing_to_judge_is_told_with_a_hint() {
    let space = Space::new();
    space.write("out/notes.txt", "");
    let said = space.run(&["check", "out"]).code(2);
    assert!(said.error().contains("no finished work") && said.hint().contains("dubline run"), "{}", said.err);
    assert!(space.run(&["check", "nowhere"]).code(2).error().contains("nowhere"));
    space.write("out/en/a.report.json", "{\"schema\": 99}");
    assert!(space.run(&["check", "out"]).code(8).error().contains("newer"));
    space.write("out/en/a.report.json", "[1");
    assert!(space.run(&["check", "out"]).code(8).error().contains("a.report.json"));
}

#[test]
fn findings_are_written_for_machines_and_people() {
    let space = dubbed();
    tampered(&space, &["-map", "0", "-c", "copy", "-c:a:0", "aac", "-filter:a:0", "volume=0"]);
    let files = ["--junit", "j.xml", "--sarif", "s.sarif", "--report", "series.json", "--html", "web/report.html"];
    let said = space.run(&[&["check", "out", "--annotations"], &files[..]].concat()).code(9);
    let commands: Vec<&str> = said.out.lines().filter(|line| line.starts_with("::error file=")).collect();
    assert!(commands.iter().any(|line| line.contains("title=silent-line (film pt-BR)::line 1: ")), "{}", said.out);

    let text = std::fs::read_to_string(space.path("j.xml")).unwrap();
    let junit = roxmltree::Document::parse(&text).unwrap();
    let suite = junit.root_element().children().find(|node| node.has_tag_name("testsuite")).unwrap();
    assert_eq!(suite.attribute("name"), Some("film pt-BR"));
    let failed: Vec<&str> = suite
        .children()
        .filter(|case| case.children().any(|child| child.has_tag_name("failure")))
        .map(|case| case.attribute("name").unwrap())
        .collect();
    assert_eq!(suite.attribute("failures"), Some(failed.len().to_string().as_str()));
    assert!(failed.contains(&"silent-line") && failed.contains(&"deliverable"), "{failed:?}");

    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(space.path(name)).unwrap()).unwrap() };
    let (sarif, series) = (read("s.sarif"), read("series.json"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), series["worst"].as_array().unwrap().len());
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "out/pt-BR/film.mp4");

    let page = std::fs::read_to_string(space.path("web/report.html")).unwrap();
    assert!(page.contains("src=\"../out/pt-BR/film.mp4#t="), "the dub");
    assert!(page.contains("src=\"../film.mp4#t="), "the original");
    assert!(!page.contains("http://") && !page.contains("https://"));
}
