//! People's edits: out as a table, back as edits, above every engine and every glossary, and never lost.

use crate::common::{Said, Space};
use serde_json::{Value, json};
use std::path::PathBuf;

const TO: &[&str] = &["--from", "en", "--to", "pt-BR", "--transcript", "t.srt"];
const SCRIPT: &str = "out/pt-BR/film.script.json";
const EDITS: &str = "edits/film.pt-BR.edits.json";

/// A film whose transcript has three lines, dubbed once.
fn dubbed() -> (Space, PathBuf) {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    transcript(&space, ["The boss is here.", "Run for your life.", "The boss saw us."], 0);
    space.fake(&film, TO).code(0);
    (space, film)
}

/// Three lines, two seconds apart, all of them `late` milliseconds later.
fn transcript(space: &Space, lines: [&str; 3], late: usize) {
    let cue = |(index, line): (usize, &str)| {
        let (start, end) = (300 + late + index * 2000, 1500 + late + index * 2000);
        let clock = |ms: usize| format!("00:00:{:02},{:03}", ms / 1000, ms % 1000);
        format!("{}\n{} --> {}\n{line}\n\n", index + 1, clock(start), clock(end))
    };
    space.write("t.srt", &lines.into_iter().enumerate().map(cue).collect::<String>());
}

/// What a stage said in the log.
fn stage<'a>(said: &'a Said, stage: &str) -> &'a str {
    let mark = format!(" {stage}: ");
    let found = said.err.lines().find_map(|line| line.split_once(&mark).map(|(_, rest)| rest));
    found.unwrap_or_else(|| panic!("no stage {stage}:\n{}", said.err))
}

fn exported(space: &Space) -> String {
    space.run(&["script", "export", SCRIPT]).code(0).out
}

fn import(space: &Space, table: &str, flags: &[&str]) -> Said {
    space.write("edited.csv", table);
    space.run(&[&["script", "import", "edited.csv", "--of", SCRIPT], flags].concat())
}

fn edits(space: &Space) -> Value {
    serde_json::from_slice(&std::fs::read(space.path(EDITS)).unwrap()).unwrap()
}

/// A document of one edit, of line 2 as it is.
fn edit_of_line_2(text: &str) -> Value {
    json!({ "schema": 1, "episode": "film", "language": "pt-BR", "edits": [{
        "line": 2, "span": { "start": 2.3, "end": 3.5 }, "source": "Run for your life.", "text": text,
        "status": "edited", "when": "2026-03-02T09:30:00Z" }] })
}

#[test]
fn an_edited_row_is_the_only_new_take_and_no_glossary_touches_it_again() {
    let (space, film) = dubbed();
    let table = exported(&space);
    assert!(
        table.starts_with("\u{feff}line,start,end,speaker,source,text,tight,state,terms,status,note,exported\r\n"),
        "{table}"
    );
    assert!(table.contains("2,0:02.300,0:03.500,,Run for your life.,(pt-BR) Ryn fyr yyyr lyfy.,,written,,draft,,x"));
    let table = table.replace("(pt-BR) Thy byss syw ys.", "\"Ele, o chefe, nos viu.\"");
    let said = import(&space, &table, &["--by", "Ana"]).code(0);
    assert!(said.out.starts_with("1 edited, 0 approved, 0 withdrawn, 2 unchanged\n"), "{}", said.out);
    assert_eq!(edits(&space)["edits"][0]["by"], "Ana");

    let said = space.fake(&film, TO).code(0);
    assert_eq!(stage(&said, "translate"), "2 reused", "the edited line is asked of no engine");
    assert!(stage(&said, "synthesize").starts_with("1 made in"), "{}", said.err);
    assert!(stage(&said, "synthesize").ends_with("2 reused"), "{}", said.err);
    let line = |space: &Space| space.json("pt-BR/film.script.json")["lines"][2].clone();
    assert_eq!(line(&space)["text"], "Ele, o chefe, nos viu.");
    assert_eq!((&line(&space)["locked"], &line(&space)["engine"]), (&json!(true), &json!("a person")));
    assert!(std::fs::read_to_string(space.out("pt-BR/film.srt")).unwrap().contains("Ele, o chefe, nos viu."));

    // The entry touches lines 1 and 3; only line 1 is an engine's.
    space.write("g/en-pt.toml", "[[entry]]\nsource = \"boss\"\ntarget = \"patrão\"\n");
    let said = space.fake(&film, &[TO, &["--glossary", "g/en-pt.toml"]].concat()).code(0);
    assert!(stage(&said, "translate").starts_with("1 made"), "{}", said.err);
    assert!(stage(&said, "synthesize").starts_with("1 made"), "{}", said.err);
    assert_eq!(line(&space)["text"], "Ele, o chefe, nos viu.");
    // What the glossary thinks of it is told, and it ships.
    let report = space.json("pt-BR/film.report.json");
    assert_eq!(report["complete"], true);
    assert_eq!(report["lines"][2]["flaws"][0]["kind"], "missed-term");
    let finding =
        report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "flawed-line" && f["line"] == 3).unwrap();
    assert_eq!((&finding["line"], &finding["severity"]), (&json!(3), &json!("warning")));

    let status: Value = serde_json::from_str(&space.run(&["script", "status", SCRIPT, "--json"]).code(0).out).unwrap();
    assert_eq!((&status["edited"], &status["draft"], &status["flawed"]), (&json!([3]), &json!([1, 2]), &json!([3])));
}

#[test]
fn approved_lines_stay_as_they_are_and_a_draft_again_goes_back_to_the_engine() {
    let (space, film) = dubbed();
    let said = import(&space, &exported(&space), &["--approve"]).code(0);
    assert!(said.out.starts_with("0 edited, 3 approved"), "{}", said.out);
    let said = space.fake(&film, TO).code(0);
    assert_eq!(stage(&said, "synthesize"), "3 reused", "approving changes no wording");
    let table = exported(&space);
    assert_eq!(table.matches(",approved,").count(), 3, "{table}");
    let said = space.run(&["script", "status", SCRIPT]).code(0);
    assert!(said.out.contains("approved      3"), "{}", said.out);

    let said = import(&space, &table.replacen(",approved,", ",draft,", 1), &[]).code(0);
    assert!(said.out.starts_with("0 edited, 0 approved, 1 withdrawn, 2 unchanged"), "{}", said.out);
    space.fake(&film, TO).code(0);
    let script = space.json("pt-BR/film.script.json");
    assert_eq!((&script["lines"][0]["locked"], &script["lines"][1]["locked"]), (&Value::Null, &json!(true)));
}

#[test]
fn subtitles_and_scripts_come_back_too() {
    let (space, film) = dubbed();
    space.run(&["script", "export", SCRIPT, "-o", "film.edit.srt"]).code(0);
    let srt = std::fs::read_to_string(space.path("film.edit.srt")).unwrap();
    space.write("film.edit.srt", &srt.replace("(pt-BR) Ryn fyr yyyr lyfy.", "Corra\npor sua vida!"));
    let said = space.run(&["script", "import", "film.edit.srt", "--of", SCRIPT]).code(0);
    assert!(said.out.starts_with("1 edited, 0 approved, 0 withdrawn, 2 unchanged"), "{}", said.out);
    assert_eq!(edits(&space)["edits"][0]["text"], "Corra por sua vida!");

    let mut script = space.json("pt-BR/film.script.json");
    script["lines"][0]["text"] = "O chefe chegou.".into();
    space.write("mine.json", &script.to_string());
    let said = space.run(&["script", "import", "mine.json", "--of", SCRIPT]).code(0);
    assert!(said.out.starts_with("1 edited"), "{}", said.out);
    assert_eq!(edits(&space)["edits"][1]["text"], "Corra por sua vida!", "what was edited before is kept");
    space.fake(&film, TO).code(0);
    assert_eq!(space.json("pt-BR/film.script.json")["lines"][0]["text"], "O chefe chegou.");

    // An export never replaces a file that may hold somebody's work.
    let said = space.run(&["script", "export", SCRIPT, "-o", "film.edit.srt"]).code(2);
    assert!(said.error().contains("film.edit.srt"), "{}", said.err);
    let said = space.run(&["script", "export", SCRIPT, "-o", "film.xlsx"]).code(2);
    assert!(said.error().contains("film.xlsx") && said.hint().contains("csv"), "{}", said.err);
}

#[test]
fn whatever_is_wrong_with_an_edit_it_ships_unless_it_cannot_be_spoken() {
    let (space, film) = dubbed();
    // A viewer should not hear markup; a person may know better.
    space.write(EDITS, &edit_of_line_2("Corra </já>").to_string());
    // It is delivered, and the gate tells of it.
    let said = space.fake(&film, TO).code(9);
    assert!(said.out.contains("flawed-line line 2"), "{}", said.out);
    let report = space.json("pt-BR/film.report.json");
    assert_eq!((&report["complete"], &report["lines"][1]["flaws"][0]["kind"]), (&json!(true), &json!("leak")));
    assert_eq!(report["lines"][1]["text"], "Corra </já>");

    space.write(EDITS, &edit_of_line_2(" … ").to_string());
    let said = space.fake(&film, TO).code(7);
    assert!(said.error().contains("line 2") && said.error().contains("film.pt-BR.edits.json"), "{}", said.err);
}

#[test]
fn an_edit_follows_its_cue_and_one_that_finds_none_is_told_and_kept() {
    let (space, film) = dubbed();
    space.write(EDITS, &edit_of_line_2("Corra!").to_string());
    let lines = ["The boss is here.", "Run for your life!", "The boss saw us."];
    transcript(&space, lines, 250);
    let said = space.fake(&film, TO).code(0);
    assert!(!said.err.contains("warning"), "{}", said.err);
    assert_eq!(space.json("pt-BR/film.script.json")["lines"][1]["text"], "Corra!");
    assert_eq!(space.json("pt-BR/film.report.json")["orphaned_edits"], json!([]));

    // The cue is gone; another one has its number and its time.
    transcript(&space, ["The boss is here.", "Nobody knows where.", "The boss saw us."], 0);
    let said = space.fake(&film, TO).code(0);
    let warning = said.err.lines().find(|line| line.starts_with("warning: film pt-BR translate:")).unwrap();
    assert!(warning.contains("line 2") && warning.contains("Corra!"), "{warning}");
    assert_eq!(space.json("pt-BR/film.script.json")["lines"][1]["text"], "(pt-BR) Nybydy knyws whyry.");
    let report = space.json("pt-BR/film.report.json");
    assert_eq!(report["orphaned_edits"][0]["text"], "Corra!");
    assert_eq!(report["orphaned_edits"][0]["language"], "pt-BR");
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["check"] == "orphaned-edit").unwrap();
    assert_eq!(finding["severity"], "warning");
    assert_eq!(report["complete"], true);

    // It outlives an import of other lines.
    let said = import(&space, &exported(&space).replace("(pt-BR) Nybydy knyws whyry.", "Ninguém sabe."), &[]).code(0);
    assert!(said.err.contains("Corra!"), "{}", said.err);
    let texts: Vec<String> = edits(&space)["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| edit["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["Corra!", "Ninguém sabe."]);
    let status: Value = serde_json::from_str(&space.run(&["script", "status", SCRIPT, "--json"]).code(0).out).unwrap();
    assert_eq!((&status["waiting"], &status["orphaned_edits"][0]["line"]), (&json!([2]), &json!(2)));
}

#[test]
fn an_edit_in_english_feeds_what_is_translated_by_way_of_it() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    transcript(&space, ["走吧，快点走", "你怎么来了", "我不知道啊"], 0);
    let flags = [
        "--from",
        "zh",
        "--to",
        "pt-BR",
        "--transcript",
        "t.srt",
        "--set",
        "engine.translate={ \"zh-pt\" = \"via en\" }",
    ];
    space.fake(&film, &flags).code(0);
    let mut document = edit_of_line_2("What are you doing here?");
    document["language"] = "en".into();
    document["edits"][0]["source"] = "你怎么来了".into();
    space.write("edits/film.en.edits.json", &document.to_string());
    let said = space.fake(&film, &flags).code(0);
    assert!(stage(&said, "translate").starts_with("1 made"), "only its Portuguese is new:\n{}", said.err);
    assert!(stage(&said, "synthesize").starts_with("1 made"), "{}", said.err);
    let line = &space.json("pt-BR/film.script.json")["lines"][1];
    assert_eq!((&line["text"], &line["locked"]), (&json!("(pt-BR) Whyt yry yyy dyyng hyry?"), &Value::Null));
    assert_eq!(line["source"], "你怎么来了");

    // One in Portuguese stands above both, and is asked of neither engine.
    let mut document = edit_of_line_2("O que faz aqui?");
    document["edits"][0]["source"] = "你怎么来了".into();
    space.write(EDITS, &document.to_string());
    let said = space.fake(&film, &flags).code(0);
    assert_eq!(stage(&said, "translate"), "4 reused", "two lines from each engine");
    let line = &space.json("pt-BR/film.script.json")["lines"][1];
    assert_eq!((&line["text"], &line["locked"]), (&json!("O que faz aqui?"), &json!(true)));
}

#[test]
fn an_edit_stands_where_no_engine_found_words_and_above_a_script() {
    let (space, film) = dubbed();
    space.write(EDITS, &edit_of_line_2("Corra!").to_string());
    let handed = json!({ "lines": [{ "cue": 1, "text": "Um." }, { "cue": 3, "text": "Três." }] });
    space.write("handed.json", &handed.to_string());
    space.fake(&film, &[TO, &["--script", "pt-BR=handed.json"]].concat()).code(0);
    let script = space.json("pt-BR/film.script.json");
    let texts: Vec<&str> = script["lines"].as_array().unwrap().iter().map(|l| l["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Um.", "Corra!", "Três."]);
}

#[test]
fn a_script_that_was_handed_in_is_judged_as_a_check_judges_it_and_ships() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    transcript(&space, ["三百万！", "我们快走吧。", "玄铁令在我手里。"], 0);
    space.write("g/zh-en.toml", "[[entry]]\nsource = \"玄铁令\"\ntarget = \"iron token\"\n");
    let texts = ["Two million!", "我们快走吧。", "I have the tablet."];
    let lines: Vec<Value> = texts.iter().zip(1..).map(|(text, cue)| json!({ "cue": cue, "text": text })).collect();
    space.write("handed.json", &json!({ "lines": lines }).to_string());
    let glossary = ["--glossary", "g/zh-en.toml"];
    let handed = ["--from", "zh", "--to", "en", "--transcript", "t.srt", "--script", "en=handed.json"];
    // No viewer may hear Chinese in an English dub; the gate tells of it, and the line is spoken all the same.
    let said = space.fake(&film, &[&handed[..], &glossary].concat()).code(9);
    assert!(said.out.contains("flawed-line line 2"), "{}", said.out);
    let report = space.json("en/film.report.json");
    assert_eq!((&report["complete"], &report["counts"]["failed"]), (&json!(true), &json!(0)));
    let spoken: Vec<&Value> = report["lines"].as_array().unwrap().iter().map(|line| &line["text"]).collect();
    assert_eq!(spoken, texts);
    let kind = |line: usize| report["lines"][line]["flaws"][0]["kind"].clone();
    assert_eq!((kind(0), kind(2)), (json!("number"), json!("missed-term")));
    let terms = report["lines"][2]["terms"].as_array().unwrap();
    assert!(terms.iter().any(|term| term["source"] == "玄铁令" && term["outcome"] == "missed"), "{terms:?}");

    let told = |findings: &Value| -> Vec<(Value, Value, Value)> {
        let flawed = findings.as_array().unwrap().iter().filter(|f| f["check"] == "flawed-line");
        // How long a line takes a check knows from its take, and not from the voice.
        let flawed = flawed.filter(|f| f["severity"] != "note");
        flawed.map(|f| (f["id"].clone(), f["severity"].clone(), f["message"].clone())).collect()
    };
    let checked = space.run(&[&["check", "out", "--json"], &glossary[..]].concat()).code(9);
    let checked: Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(told(&checked["worst"]), told(&report["findings"]));
    assert!(told(&report["findings"]).len() >= 3, "{:#}", report["findings"]);
}

#[test]
fn edits_lie_beside_the_settings_or_where_a_flag_says() {
    let (space, film) = dubbed();
    space.write("dubline.toml", "from = \"en\"\n");
    space.write("below/keep", "");
    let mut command = space.command(&["script", "import", "../edited.csv", "--of", "../out/pt-BR/film.script.json"]);
    space.write("edited.csv", &exported(&space).replace("(pt-BR) Ryn fyr yyyr lyfy.", "Corra!"));
    assert!(command.current_dir(space.path("below")).output().unwrap().status.success());
    assert_eq!(edits(&space)["edits"][0]["text"], "Corra!");

    std::fs::rename(space.path("edits"), space.path("people")).unwrap();
    space.fake(&film, &[TO, &["--edits", "people"]].concat()).code(0);
    assert_eq!(space.json("pt-BR/film.script.json")["lines"][1]["text"], "Corra!");
    let said = space.fake(&film, &[TO, &["--edits", "poeple"]].concat()).code(2);
    assert!(said.error().contains("poeple") && said.hint().contains("--edits"), "{}", said.err);
}

#[test]
fn what_cannot_be_imported_is_one_clear_error_and_changes_nothing() {
    let (space, film) = dubbed();
    let table = exported(&space);
    let first = table.lines().nth(1).unwrap().to_owned();
    let fails = |table: &[u8], place: &str, word: &str| {
        std::fs::write(space.path("bad table.csv"), table).unwrap();
        let said = space.run(&["script", "import", "bad table.csv", "--of", SCRIPT]).code(8);
        assert!(said.error().contains(&format!("bad table.csv{place}: ")), "{}", said.err);
        assert!(said.error().contains(word), "{}", said.err);
        assert!(!said.hint().is_empty() && !said.err.contains("panicked"), "{}", said.err);
        assert!(!space.path("edits").exists(), "nothing is written");
    };
    fails(table.replace(",text,", ",texto,").as_bytes(), ":1", "texto");
    // Without its times nothing else tells which line it is.
    fails(table.replace("\r\n3,0:04.300,", "\r\n33,,").as_bytes(), ":4", "line 33");
    fails(format!("{table}{first}\r\n").as_bytes(), ":5", "twice");
    let timeless = table.replace("0:00.300", "").replace("The boss is here.", "The boss is g\u{7f}one.");
    fails(timeless.as_bytes(), ":2", "source");
    fails(table.replace(",draft,", ",done,").as_bytes(), ":2", "done");
    fails(&[table.as_bytes(), b"4,,,,,\xe3o"].concat(), ":5", "UTF-8");
    fails(b"", ":1", "empty");

    let said = space.run(&["script", "import", "nowhere.csv", "--of", SCRIPT]).code(8);
    assert!(said.error().contains("nowhere.csv"), "{}", said.err);
    let said = space.run(&["script", "status", "t.srt"]).code(8);
    assert!(said.error().contains("t.srt") && said.hint().contains("script.json"), "{}", said.err);

    space.write(EDITS, "{ \"schema\": 1,\n \"edits\": oops }");
    for said in [space.fake(&film, TO), space.run(&["script", "export", SCRIPT])] {
        let said = said.code(8);
        assert!(said.error().contains("film.pt-BR.edits.json:2"), "{}", said.err);
        assert!(!said.hint().is_empty());
    }
}

#[test]
fn a_table_that_was_handed_out_before_the_transcript_changed_finds_its_lines() {
    let (space, film) = dubbed();
    let table = exported(&space)
        .replace("(pt-BR) Ryn fyr yyyr lyfy.", "Corra!")
        .replace("(pt-BR) Thy byss syw ys.", "Ele nos viu.");
    // Heard anew: everything a little later, and what line 3 said is another thing now.
    transcript(&space, ["The boss is here.", "Run for your life.", "Nothing of the kind."], 150);
    space.fake(&film, TO).code(0);
    let said = import(&space, &table, &[]).code(0);
    assert!(said.out.starts_with("1 edited, 0 approved, 0 withdrawn, 1 unchanged\n"), "{}", said.out);
    assert!(said.err.contains("line 3 of it (\"The boss saw us.\") is no more in this script"), "{}", said.err);
    let texts: Vec<Value> = edits(&space)["edits"].as_array().unwrap().iter().map(|e| e["text"].clone()).collect();
    assert_eq!(texts, [json!("Corra!"), json!("Ele nos viu.")]);
    // Once more changes nothing: nothing is there twice.
    import(&space, &table, &[]).code(0);
    assert_eq!(edits(&space)["edits"].as_array().unwrap().len(), 2);
    let said = space.fake(&film, TO).code(0);
    assert!(stage(&said, "synthesize").starts_with("1 made"), "{}", said.err);
    assert_eq!(space.json("pt-BR/film.script.json")["lines"][1]["text"], "Corra!");
    assert_eq!(space.json("pt-BR/film.report.json")["orphaned_edits"][0]["text"], "Ele nos viu.");
}
