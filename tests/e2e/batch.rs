//! Several episodes: side by side, held or subtitled by policy, gated, priced, told at a glance.

use crate::common::{Said, Space, ffprobe, level, streams};
use serde_json::Value;
use std::path::Path;

const FAKE: &[&str] = &["--engine", "fake", "--from", "en"];

/// A folder of three films and a file that is none.
pub(super) fn series(space: &Space) {
    std::fs::create_dir(space.path("show")).unwrap();
    for number in 1..=3 {
        // Each with a voice of its own, or they would share their work.
        let voice = format!(
            "aevalsrc=if(between(mod(t\\,2)\\,0.3\\,1.5)\\,0.3*sin(2*PI*{}*t)\\,0):s=48000:d=6,aformat=channel_layouts=stereo",
            300 + 40 * number
        );
        let picture = "testsrc2=s=180x320:r=25:d=6";
        let name = format!("show/ep{number}.mp4");
        let inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", &voice];
        let coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", &name];
        space.ffmpeg(&[&inputs[..], &coded[..]].concat());
    }
}

fn run(space: &Space, arguments: &[&str]) -> Said {
    space.run(&[&["run", "show"], FAKE, arguments].concat())
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn an_episode_that_fails_stops_no_other_and_the_rest_is_told_as_a_series() {
    let space = Space::new();
    series(&space);
    space.write("show/ep4.mp4", "this is no film");
    let said = run(&space, &["--to", "pt-BR,es"]).code(11);
    assert!(said.error_of("ep4.mp4").contains("ep4.mp4"), "{}", said.err);
    assert!(said.err.contains("1 of 4 episodes are not whole"), "{}", said.err);
    for episode in ["ep1", "ep2", "ep3"] {
        for language in ["pt-BR", "es"] {
            assert_eq!(space.json(&format!("{language}/{episode}.report.json"))["supplied"]["as"], "dubbed");
        }
        let log = read(&space.out(&format!("logs/{episode}.log")));
        let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert_eq!(last["what"]["work"]["episode"], episode);
        assert!(!log.contains("\"ep4\""), "each episode has its own log");
    }
    assert!(said.out.contains("es       3 dubbed, 0 subtitled, 0 held: 100% dubbed"), "{}", said.out);
    let series = space.json("series.json");
    assert_eq!((&series["share"]["dubbed"], series["episodes"].as_array().unwrap().len()), (&6.into(), 3));
    let junit = read(&space.out("junit.xml"));
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let suites = junit.descendants().filter(|node| node.has_tag_name("testsuite")).count();
    assert_eq!(suites, 6, "one for each episode and language");
    assert!(read(&space.out("report.html")).contains("ep3"));
    // Once more: nothing is made, and the broken one is told again.
    let said = run(&space, &["--to", "pt-BR,es"]).code(11);
    assert!(!said.err.contains("made in"), "{}", said.err);
}

#[test]
fn a_part_of_a_series_is_told_with_the_rest_and_judged_by_itself() {
    let space = Space::new();
    series(&space);
    let told = || -> Vec<(String, usize)> {
        let told = space.json("series.json");
        let episode = |row: &Value| {
            let count = row["languages"].as_array().unwrap().len();
            (row["episode"].as_str().unwrap().to_owned(), count)
        };
        told["episodes"].as_array().unwrap().iter().map(episode).collect()
    };
    let are = |rows: &[(&str, usize)]| -> Vec<(String, usize)> {
        rows.iter().map(|(episode, count)| ((*episode).to_owned(), *count)).collect()
    };
    // Too little is dubbed of this part alone.
    run(&space, &["--episodes", "1", "--to", "es", "--set", "target.es.deliver=subtitle"]).code(10);
    let said = run(&space, &["--episodes", "2-3", "--to", "es"]).code(0);
    assert!(said.out.contains("es       2 dubbed, 0 subtitled, 0 held: 100% dubbed"), "{}", said.out);
    assert_eq!(told(), are(&[("ep1", 1), ("ep2", 1), ("ep3", 1)]));
    assert_eq!(space.json("series.json")["share"], serde_json::json!({ "dubbed": 2, "subtitled": 1, "held": 0 }));
    // Another language, of one episode alone.
    run(&space, &["--episodes", "2", "--to", "pt-BR"]).code(0);
    assert_eq!(told(), are(&[("ep1", 1), ("ep2", 2), ("ep3", 1)]));
    let junit = read(&space.out("junit.xml"));
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let suites = junit.descendants().filter(|node| node.has_tag_name("testsuite"));
    let suites: Vec<&str> = suites.map(|suite| suite.attribute("name").unwrap()).collect();
    assert_eq!(suites, ["ep1 es", "ep2 es", "ep2 pt-BR", "ep3 es"]);
    assert!(read(&space.out("report.html")).contains("ep1"));

    // What is gone from the series, or from the output folder, does not count; what cannot be read is told.
    std::fs::remove_file(space.path("show/ep1.mp4")).unwrap();
    std::fs::remove_file(space.out("es/ep3.mp4")).unwrap();
    run(&space, &["--episodes", "2", "--to", "pt-BR"]).code(0);
    assert_eq!(told(), are(&[("ep2", 2)]));
    space.write("out/es/ep2.report.json", "[1");
    let said = run(&space, &["--episodes", "2", "--to", "pt-BR"]).code(0);
    let warning = said.err.lines().find(|line| line.starts_with("warning:")).unwrap();
    assert!(warning.contains("es/ep2.report.json"), "{warning}");
    assert_eq!(told(), are(&[("ep2", 1)]));
}

#[test]
fn with_fail_fast_nothing_begins_after_a_failure() {
    let space = Space::new();
    series(&space);
    space.write("show/ep0.mp4", "this is no film");
    let said = run(&space, &["--to", "es", "--fail-fast", "--set", "batch.open=1"]);
    assert_ne!(said.code, 0);
    assert!(said.err.contains("3 episodes were not begun"), "{}", said.err);
    assert!(!space.out("es").exists());
}

#[test]
fn subtitles_are_the_exception_that_is_asked_for_and_counted() {
    let space = Space::new();
    series(&space);
    let asked = ["--to", "pt-BR,es", "--set", "target.es.deliver=subtitle"];
    let said = run(&space, &asked).code(10);
    assert!(said.err.contains("3 of 6 are dubbed (50%), and 90% must be"), "{}", said.err);
    let said = run(&space, &[&asked[..], &["--set", "supply.dubbed_share=0.5"]].concat()).code(0);
    assert!(said.out.contains("ep1                      es       subtitled: subtitles were asked for"), "{}", said.out);
    let report = space.json("es/ep1.report.json");
    assert_eq!((&report["supplied"]["as"], &report["loudness"]), (&"subtitled".into(), &Value::Null));
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] != "error"), "{report:#}");
    let probe = ffprobe(&space.out("es/ep1.mp4"));
    assert_eq!(streams(&probe, "audio").len(), 1, "the original alone");
    let subtitles = streams(&probe, "subtitle");
    assert_eq!(
        (&subtitles[0]["tags"]["language"], &subtitles[0]["disposition"]["default"]),
        (&"spa".into(), &1.into())
    );
    // The captions are shown while the cues are spoken.
    let start = report["lines"][0]["cue"]["start"].as_f64().unwrap();
    assert!((start - 0.3).abs() < 0.2, "{start}");
    assert!(read(&space.out("es/ep1.srt")).contains("00:00:00,"));
    space.run(&["check", "out", "--gate", "error"]).code(0);
}

/// A voice that cannot say one of three lines.
fn halting(space: &Space) -> Vec<String> {
    space.write(
        "voice.sh",
        "case \"$(cat)\" in *Ryn*) exit 0;; esac\nffmpeg -v error -nostdin -y -f lavfi -i sine=f=300:d=0.8 \"$1\"\n",
    );
    let cue = |n: usize, text: &str| format!("{n}\n00:00:0{},300 --> 00:00:0{},500\n{text}\n\n", 2 * n - 2, 2 * n - 1);
    space.write("t.srt", &(cue(1, "The boss is here.") + &cue(2, "Run for your life.") + &cue(3, "He saw us.")));
    let film = space.film("film.mp4", &[]);
    let mut arguments: Vec<String> = ["run", film.to_str().unwrap()].map(str::to_owned).into();
    arguments.extend(FAKE.iter().map(|part| (*part).to_owned()));
    for part in [
        "--to",
        "pt-BR",
        "--transcript",
        "t.srt",
        "--synthesizer",
        "command",
        "--set",
        "command.run=[\"sh\", \"voice.sh\", \"{output}\"]",
        "--set",
        "command.voices={ pt-BR = [\"any\"] }",
        "--voice",
        "pt-BR=any",
    ] {
        arguments.push(part.to_owned());
    }
    arguments
}

#[test]
fn what_a_failed_line_makes_of_an_episode_is_the_policys() {
    let space = Space::new();
    let base = halting(&space);
    let run = |more: &[&str]| {
        let arguments: Vec<&str> = base.iter().map(String::as_str).chain(more.iter().copied()).collect();
        space.run(&arguments)
    };
    // Held: nothing is delivered, and the lines are named.
    let said = run(&[]).code(7);
    assert!(said.error().contains("1 of 3 lines failed"), "{}", said.err);
    assert!(!space.out("pt-BR/film.mp4").exists());
    let report = space.json("pt-BR/film.report.json");
    assert_eq!((&report["supplied"]["as"], &report["supplied"]["lines"]), (&"held".into(), &serde_json::json!([2])));

    // Carried: the original is heard at that line, and only there.
    run(&["--set", "supply.failed-lines=1"]).code(0);
    assert_eq!(space.json("pt-BR/film.report.json")["supplied"]["as"], "dubbed");
    let film = space.out("pt-BR/film.mp4");
    let (dub, original) = (level(&film, 0, 2.5, 3.3), level(&film, 1, 2.5, 3.3));
    let lowered = level(&film, 0, 1.15, 1.25);
    assert!(dub > lowered + 6.0, "at the line {dub} dB, under a dub {lowered} dB, the original itself {original} dB");

    // Subtitled: with every line, since each of them is written.
    run(&["--set", "supply.fallback=[\"failed-lines\"]"]).code(10);
    let report = space.json("pt-BR/film.report.json");
    assert_eq!(report["supplied"]["why"]["reason"], "failed-lines");
    assert_eq!(streams(&ffprobe(&film), "audio").len(), 1);
    assert!(read(&space.out("pt-BR/film.srt")).replace('\n', " ").contains("Ryn fyr yyyr lyfy."));
}

#[test]
fn the_gate_says_what_may_ship() {
    let space = Space::new();
    let film = space.film("film.mp4", &[]);
    // Whatever the fake engine writes breaks a ban of the market.
    space.write("g/en-es.toml", "[[entry]]\nkind = \"ban\"\ntarget = \"lyny\"\n");
    space.write("t.srt", "1\n00:00:00,300 --> 00:00:01,500\nline.\n\n");
    let asked = ["--from", "en", "--to", "es", "--glossary", "g/en-es.toml", "--transcript", "t.srt"];
    let run = |more: &[&str]| space.fake(&film, &[&asked[..], more].concat());
    let said = run(&[]).code(9);
    assert!(said.error().contains("1 of 1 deliverables have findings"), "{}", said.err);
    assert!(said.hint().contains("--gate none"), "{}", said.err);
    let report = space.json("es/film.report.json");
    assert_eq!((&report["findings"][0]["severity"], &report["complete"]), (&"error".into(), &true.into()));
    run(&["--gate", "none"]).code(0);
    // Without the ban only smaller things are found; whether they stop it is the gate's word.
    let clean = &asked[..4];
    let without = |more: &[&str]| space.fake(&film, &[clean, &["--transcript", "t.srt"], more].concat());
    without(&[]).code(0);
}

#[test]
fn a_plan_is_a_matrix_with_an_estimate_and_a_limit_on_what_it_costs() {
    let space = Space::new();
    series(&space);
    let plan = |more: &[&str]| space.run(&[&["plan", "show"], FAKE, more].concat());
    let said = plan(&["--to", "pt-BR,es"]).code(0);
    assert!(said.out.starts_with("episode language"), "{}", said.out);
    assert_eq!(said.out.lines().filter(|row| row.starts_with("ep")).count(), 1 + 6);
    assert!(said.out.contains("0 of 6 done") && said.out.contains("about "), "{}", said.out);
    assert!(!space.path("out").exists());
    run(&space, &["--to", "pt-BR,es"]).code(0);
    let said = plan(&["--to", "pt-BR,es"]).code(0);
    assert!(said.out.contains("6 of 6 done"), "{}", said.out);
    let said = plan(&["--to", "pt-BR,es", "--loudness", "apple"]).code(0);
    assert_eq!(said.out.matches("1 stale").count(), 6, "{}", said.out);

    // A voice that is paid for.
    let paid = ["--to", "pt-BR", "--synthesizer", "speech", "--set", "speech.base-url=http://127.0.0.1:9/v1"];
    let said = run(&space, &[&paid[..], &["--max-cost", "1"]].concat()).code(2);
    assert!(said.error().contains("no price is known of speech"), "{}", said.err);
    let priced = ["--set", "prices.speech.per-million-characters=1000000"];
    let said = run(&space, &[&paid[..], &priced, &["--max-cost", "1"]].concat()).code(2);
    assert!(said.error().contains("more than the 1.00 that --max-cost allows"), "{}", said.err);
    let said = plan(&[&paid[..], &priced, &["--estimate", "--json"]].concat()).code(0);
    let estimate: Value = serde_json::from_str(&said.out).unwrap();
    let speech = &estimate["engines"]["speech"];
    assert!(speech["characters"].as_u64().unwrap() > 100, "{estimate:#}");
    assert_eq!(estimate["cost"], speech["cost"]);
}

#[test]
fn the_status_of_a_series_is_seen_at_a_glance() {
    let space = Space::new();
    series(&space);
    space.write(
        "show/dubline.toml",
        "title = \"Glance\"\nepisodes = [\"*.mp4\"]\nfrom = \"en\"\nto = [\"pt-BR\", \"es\"]\n",
    );
    let run = |arguments: &[&str]| space.run(&[arguments, &["show"]].concat());
    run(&["run", "--engine", "fake", "--episodes", "1-2", "--to", "es"]).code(0);
    let said = run(&["status"]).code(0);
    assert!(said.out.starts_with("Glance\nepisode  pt-BR         es\n"), "{}", said.out);
    assert!(said.out.contains("ep1      missing       dubbed\n"), "{}", said.out);
    assert!(said.out.ends_with("2 dubbed, 0 subtitled, 0 held, 4 missing: 33% dubbed, 90% must be\n"), "{}", said.out);
    std::fs::remove_file(space.out("es/ep2.mp4")).unwrap();
    let status: Value = serde_json::from_str(&run(&["status", "--json"]).code(0).out).unwrap();
    assert_eq!((&status["share"]["dubbed"], &status["missing"]), (&1.into(), &5.into()));
    assert_eq!(status["episodes"][1]["languages"][1]["state"], "missing", "what is gone is not there");
}

#[test]
fn a_second_run_leaves_an_episode_in_work_alone() {
    let space = Space::new();
    series(&space);
    std::fs::create_dir_all(space.out(".dubline")).unwrap();
    let held = std::fs::File::create(space.out(".dubline/ep2.lock")).unwrap();
    held.lock().unwrap();
    let said = run(&space, &["--to", "es"]).code(11);
    assert!(said.error_of("ep2.mp4").contains("another run works on this episode"), "{}", said.err);
    assert!(space.out("es/ep1.mp4").exists() && space.out("es/ep3.mp4").exists() && !space.out("es/ep2.mp4").exists());
    drop(held);
    run(&space, &["--to", "es"]).code(0);
}

#[test]
fn killed_at_any_moment_the_outputs_are_those_of_an_undisturbed_run() {
    let kills: u64 = std::env::var("DUBLINE_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let space = Space::new();
    series(&space);
    run(&space, &["--to", "pt-BR,es", "--store", "calm store", "--out", "calm"]).code(0);
    for kill in 0..kills {
        let arguments = [&["run", "show"], FAKE, &["--to", "pt-BR,es", "--quiet"]].concat();
        let mut child = space.command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5 + kill * 61 % 700));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    run(&space, &["--to", "pt-BR,es"]).code(0);
    are_the_same(&space, "calm", "out", 1..=3);
}

/// Two output folders hold the same films, subtitles and scripts, byte for byte.
#[track_caller]
pub(super) fn are_the_same(space: &Space, one: &str, other: &str, episodes: std::ops::RangeInclusive<u32>) {
    for episode in episodes {
        for language in ["pt-BR", "es"] {
            for kind in ["mp4", "srt", "script.json"] {
                let name = format!("{language}/ep{episode}.{kind}");
                let bytes = |folder: &str| std::fs::read(space.path(folder).join(&name)).unwrap();
                assert!(bytes(one) == bytes(other), "{name} is another one in {other}");
            }
        }
    }
}
