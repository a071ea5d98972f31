//! Each check on a report that is good but for one thing.

use super::*;
use crate::settings::{Bed, Judged};
use crate::supply::Supplied;
use crate::time::{Delta, Span};
use std::path::PathBuf;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn track(kind: TrackKind, language: Option<&str>, default: bool, end: i64) -> TrackReport {
    TrackReport {
        kind,
        codec: "any".into(),
        language: language.map(lang),
        title: Some("title".into()),
        default,
        packets: 100,
        start: Some(Time::ZERO),
        end: Some(Time::from_ms(end)),
    }
}

/// Two good lines in a good file.
pub(super) fn report() -> Report {
    let line = |line: u32, start: i64| LineReport {
        line,
        cue: Span::from_ms(start, start + 2000),
        speaker: Some("顾总".into()),
        source: "走吧。".into(),
        text: Some("Vamos embora.".into()),
        failed: None,
        locked: false,
        terms: Vec::new(),
        flaws: Vec::new(),
        take: Some(TakeReport {
            voice: "pm_alex".into(),
            speed: 1.0,
            duration: Delta::from_ms(1500),
            span: Span::from_ms(start, start + 1500),
            stretch: 1.0,
            borrowed: Delta::ZERO,
            overlap: Delta::ZERO,
        }),
    };
    let heard = |line: u32, start: i64| HeardReport {
        line,
        span: Span::from_ms(start, start + 1500),
        level_dbfs: -18.0,
        silence: Delta::ZERO,
        original: Some(0.1),
    };
    let caption =
        |start: i64| CaptionReport { span: Span::from_ms(start, start + 1500), characters: 12, rows: 1, widest: 13 };
    let lines = vec![line(1, 0), line(2, 3000)];
    Report {
        schema: SCHEMA,
        dubline: "0".into(),
        episode: "ep03".into(),
        from: lang("zh"),
        language: lang("pt-BR"),
        source: SourceReport {
            path: "ep03.mp4".into(),
            digest: "a".into(),
            duration: Delta::from_ms(6000),
            frame: Some(Delta::from_ms(40)),
        },
        complete: true,
        supplied: Supplied::Dubbed,
        counts: Counts::of(&lines),
        timing: Timing::of(&lines),
        loudness: Some(LoudnessReport {
            integrated_lufs: Some(-14.1),
            true_peak_dbtp: -1.2,
            target_lufs: -14.0,
            ceiling_dbtp: -1.0,
            judged: Judged::Programme,
            dialogue_lufs: None,
            tolerance_lu: 1.0,
        }),
        bed: Some(Bed::Duck),
        deliverable: Some(DeliverableReport {
            path: "out/pt-BR/ep03.mp4".into(),
            digest: "b".into(),
            duration: Delta::from_ms(6000),
            streams: Vec::new(),
            languages: vec![lang("pt-BR")],
            dubs: vec![lang("pt-BR")],
            warnings: Vec::new(),
            found: Found::AsMade,
            tracks: vec![
                track(TrackKind::Video, None, true, 6000),
                track(TrackKind::Audio, Some("pt"), true, 6000),
                track(TrackKind::Audio, Some("zh"), false, 6000),
                track(TrackKind::Subtitle, Some("pt"), false, 5000),
            ],
            picture: Some(PictureReport {
                packets: 150,
                source_packets: 150,
                standstill: Delta::from_ms(40),
                source_standstill: Delta::from_ms(40),
            }),
            heard: vec![heard(1, 0), heard(2, 3000)],
        }),
        subtitles: Some(SubtitlesReport {
            path: "out/pt-BR/ep03.srt".into(),
            error: None,
            columns: 24,
            gap: Delta::from_ms(80),
            captions: vec![caption(0), caption(3000)],
        }),
        findings: Vec::new(),
        lines,
        orphaned_edits: Vec::new(),
        names: Vec::new(),
        removed: Vec::new(),
        stages: Vec::new(),
        run: RunReport { ended: jiff::Timestamp::UNIX_EPOCH, seconds: 1.0, threads: 2, peak_memory: None },
    }
}

/// The ids of what is found once `change` was made, with their severity.
fn found(change: impl FnOnce(&mut Report)) -> Vec<(String, Severity)> {
    let mut report = report();
    change(&mut report);
    judge(&report).into_iter().map(|finding| (finding.id, finding.severity)).collect()
}

fn file(report: &mut Report) -> &mut DeliverableReport {
    report.deliverable.as_mut().unwrap()
}

fn captions(report: &mut Report) -> &mut SubtitlesReport {
    report.subtitles.as_mut().unwrap()
}

#[track_caller]
fn one(id: &str, severity: Severity, change: impl FnOnce(&mut Report)) {
    assert_eq!(found(change), [(id.to_owned(), severity)]);
}

use Severity::{Error, Note, Warning};

#[test]
fn what_is_good_is_not_found_fault_with() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn the_file_is_the_one_that_was_made() {
    one("deliverable/ep03/pt-BR", Error, |r| file(r).found = Found::Missing);
    one("deliverable/ep03/pt-BR", Error, |r| file(r).found = Found::Changed { digest: "c".into() });
    one("deliverable/ep03/pt-BR", Error, |r| file(r).found = Found::Unreadable { why: "truncated".into() });
}

#[test]
fn tracks_are_in_order_tagged_and_one_is_the_default() {
    one("track-order/ep03/pt-BR", Error, |r| file(r).tracks.swap(0, 3));
    let swapped = found(|r| file(r).tracks.swap(1, 2));
    let ids: Vec<&str> = swapped.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["default-track/ep03/pt-BR", "default-track/ep03/pt-BR/2", "track-order/ep03/pt-BR"]);
    one("track-order/ep03/pt-BR", Error, |r| file(r).tracks.retain(|track| track.kind != TrackKind::Audio));
    one("track-language/ep03/pt-BR", Error, |r| file(r).tracks[1].language = None);
    one("track-language/ep03/pt-BR", Note, |r| file(r).tracks[2].language = None);
    one("track-language/ep03/pt-BR", Note, |r| file(r).tracks[1].title = None);
    one("default-track/ep03/pt-BR", Error, |r| file(r).tracks[1].default = false);
    one("default-track/ep03/pt-BR", Error, |r| file(r).tracks[2].default = true);
    // A container tells no region.
    assert_eq!(found(|r| file(r).tracks[1].language = Some(lang("pt-PT"))), []);
}

#[test]
fn in_a_combined_file_each_language_has_its_own_sound() {
    let second = |change: &dyn Fn(&mut Report)| {
        found(|r| {
            file(r).languages = vec![lang("es"), lang("pt-BR"), lang("zh")];
            file(r).dubs = vec![lang("es"), lang("pt-BR")];
            let mut first = file(r).tracks[1].clone();
            (first.language, file(r).tracks[1].default) = (Some(lang("es")), false);
            file(r).tracks.insert(1, first);
            change(r);
        })
    };
    let error = |id: &str| vec![(id.to_owned(), Error)];
    assert_eq!(second(&|_| ()), []);
    assert_eq!(second(&|r| file(r).tracks[2].language = Some(lang("fr"))), error("track-order/ep03/pt-BR"));
    assert_eq!(second(&|r| file(r).tracks[2].start = Some(Time::from_ms(130))), error("sync/ep03/pt-BR/0:00.000"));
    assert_eq!(second(&|r| file(r).tracks[1].start = Some(Time::from_ms(130))), [], "that is the other's");
    // Subtitles alone are not shown unasked where the file has dubs, but they are there.
    let subtitled = |r: &mut Report| {
        r.supplied = Supplied::Subtitled { why: crate::supply::Reason::AskedFor };
        (r.language, file(r).dubs) = (lang("zh"), vec![lang("es"), lang("pt-BR")]);
    };
    assert_eq!(second(&subtitled), error("track-order/ep03/zh"));
    let there = |r: &mut Report| {
        subtitled(r);
        file(r).tracks[4].language = Some(lang("zh"));
    };
    assert_eq!(second(&there), []);
}

#[test]
fn the_picture_is_whole_and_moves() {
    let picture = |r: &mut Report, packets: u64| file(r).picture.as_mut().unwrap().packets = packets;
    one("picture/ep03/pt-BR", Note, |r| picture(r, 149));
    one("picture/ep03/pt-BR", Error, |r| picture(r, 140));
    let still = |r: &mut Report, ms: i64| file(r).picture.as_mut().unwrap().standstill = Delta::from_ms(ms);
    one("standstill/ep03/pt-BR", Error, |r| still(r, 2000));
    assert_eq!(found(|r| still(r, 120)), []);
}

#[test]
fn sound_and_picture_begin_and_end_together() {
    one("sync/ep03/pt-BR/0:00.000", Error, |r| file(r).tracks[1].start = Some(Time::from_ms(130)));
    one("sync/ep03/pt-BR/0:00.000", Error, |r| file(r).tracks[1].start = Some(Time::from_ms(-50)));
    // What an AAC encoder puts before the first sample.
    assert_eq!(found(|r| file(r).tracks[1].start = Some(Time::from_ms(-43))), []);
    one("sound-end/ep03/pt-BR/0:05.000", Error, |r| file(r).tracks[1].end = Some(Time::from_ms(5000)));
    one("sound-end/ep03/pt-BR/0:06.000", Warning, |r| file(r).tracks[1].end = Some(Time::from_ms(6500)));
}

#[test]
fn the_dub_is_heard_under_each_line() {
    one("silent-line/ep03/pt-BR/2", Error, |r| file(r).heard[1].level_dbfs = -70.0);
    one("hole/ep03/pt-BR/2", Warning, |r| file(r).heard[1].silence = Delta::from_ms(1200));
    one("original-heard/ep03/pt-BR/1", Error, |r| file(r).heard[0].original = Some(0.97));
    assert_eq!(found(|r| file(r).heard[0].original = Some(0.8)), []);
    assert_eq!(found(|r| file(r).heard[0].original = None), []);
}

#[test]
fn subtitles_can_be_read() {
    one("subtitles/ep03/pt-BR", Error, |r| captions(r).error = Some("malformed".into()));
    one("subtitles/ep03/pt-BR", Error, |r| captions(r).captions.clear());
    one("subtitles/ep03/pt-BR/0:03.000", Error, |r| captions(r).captions[1].span.end = Time::from_ms(7000));
    // 17 characters a second, in Portuguese.
    assert_eq!(found(|r| captions(r).captions[0].characters = 25), []);
    one("reading-speed/ep03/pt-BR/0:00.000", Warning, |r| captions(r).captions[0].characters = 28);
    one("caption-rows/ep03/pt-BR/0:00.000", Warning, |r| captions(r).captions[0].rows = 3);
    one("caption-rows/ep03/pt-BR/0:00.000", Warning, |r| captions(r).captions[0].widest = 25);
    one("caption-time/ep03/pt-BR/0:03.000", Note, |r| {
        (captions(r).captions[1].span, captions(r).captions[1].characters) = (Span::from_ms(3000, 3500), 2);
    });
    one("caption-gap/ep03/pt-BR/0:03.000", Note, |r| captions(r).captions[0].span.end = Time::from_ms(2990));
    one("caption-gap/ep03/pt-BR/0:03.000", Warning, |r| captions(r).captions[0].span.end = Time::from_ms(3200));
}

#[test]
fn a_subtitle_file_is_measured_by_what_it_holds() {
    let srt = "1\n00:00:01,000 --> 00:00:02,000\n你好，顾总\n走吧\n\n2\n00:00:02,000 --> 00:00:03,000\nok\n";
    let layout = crate::subtitle::Layout { per_line: 16, frame: Delta::from_ms(40) };
    let of = |bytes: &[u8]| SubtitlesReport::of(&PathBuf::from("a.srt"), Ok(bytes.to_vec()), &lang("zh"), &layout);
    let file = of(srt.as_bytes());
    assert_eq!((file.columns, file.gap, file.error.as_deref()), (32, Delta::from_ms(80), None));
    let [first, second] = &file.captions[..] else { panic!("{file:?}") };
    assert_eq!((first.characters, first.rows, first.widest, first.speed()), (7, 2, 10, 7.0));
    assert_eq!((second.characters, second.rows, second.widest), (2, 1, 2));
    assert!(of(b"1\n00:00:01,000 -> nothing\n").error.is_some());
    assert!(of(b"\xff\xff\xff").error.unwrap().contains("UTF-8"));
}

#[test]
fn names_are_told_with_where_they_are_written_otherwise() {
    let name = NameReport {
        line: 2,
        at: Time::from_ms(3000),
        source: "顾北辰".into(),
        wording: "Gu Beizhen".into(),
        usual: "Gu Beichen".into(),
        listed: false,
        elsewhere: "ep01, line 4".into(),
    };
    one("name-spelling/ep03/pt-BR/2", Warning, |r| r.names.push(name));
}

#[test]
fn findings_stand_by_themselves_and_their_ids_are_different() {
    let mut report = report();
    let flaw = |what: &str| crate::verify::Flaw::new(crate::verify::FlawKind::Number, what);
    report.lines[1].flaws = vec![flaw("a number is gone"), flaw("another number is gone")];
    file(&mut report).heard[0].level_dbfs = -90.0;
    let findings = judge(&report);
    let ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(ids, ["silent-line/ep03/pt-BR/1", "flawed-line/ep03/pt-BR/2", "flawed-line/ep03/pt-BR/2/2"]);
    assert!(findings.iter().all(|f| f.episode == "ep03" && f.language.tag() == "pt-BR" && !f.remedy.is_empty()));
    assert_eq!(judge(&report), findings);
}

#[test]
fn the_gate_stops_what_is_bad_enough() {
    let stops = |gate: Gate| [Note, Warning, Error].map(|severity| severity.stops_at(gate));
    assert_eq!(stops(Gate::Error), [false, false, true]);
    assert_eq!(stops(Gate::Warning), [false, true, true]);
    assert_eq!(stops(Gate::None), [false; 3]);
}

#[test]
fn every_check_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
    assert_eq!(names.len(), CHECKS.len());
    assert!(CHECKS.iter().all(|check| !check.about.is_empty()));
}

#[test]
fn a_report_of_the_first_version_is_still_read() {
    let mut old = serde_json::to_value(report()).unwrap();
    old["schema"] = 1.into();
    for key in ["supplied", "subtitles"] {
        old.as_object_mut().unwrap().remove(key);
    }
    for key in ["found", "tracks", "picture", "heard"] {
        old["deliverable"].as_object_mut().unwrap().remove(key);
    }
    old["findings"] = serde_json::json!([{ "check": "late", "severity": "note" }]);
    let parse = |value: &serde_json::Value| Report::parse(value.to_string().as_bytes());
    let read = parse(&old).unwrap();
    assert_eq!((read.supplied, read.schema, read.findings.len()), (Supplied::Dubbed, SCHEMA, 0));
    assert_eq!(read.deliverable.unwrap().tracks, []);
    old["complete"] = false.into();
    old["lines"][1]["failed"] = "no voice".into();
    let Supplied::Held { lines, .. } = parse(&old).unwrap().supplied else { panic!("held") };
    assert_eq!(lines, [2]);
    old["schema"] = 3.into();
    assert!(parse(&old).unwrap_err().to_string().contains("newer"));
    assert_eq!(Report::parse(b"{}").unwrap_err().kind(), crate::error::Kind::Document);
    assert_eq!(Report::parse(b"[]").unwrap_err().kind(), crate::error::Kind::Document);
    let now = report();
    assert_eq!(Report::parse(&serde_json::to_vec(&now).unwrap()).unwrap(), now);
}

#[test]
fn the_published_schema_says_what_a_report_is() {
    use crate::json_schema::wrong;
    let schema: serde_json::Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    assert_eq!(schema["properties"]["schema"]["const"], SCHEMA);
    let mut full = report();
    full.lines[0].flaws = vec![crate::verify::Flaw::new(crate::verify::FlawKind::Number, "a number is gone")];
    full.lines[1].failed = Some("no voice".into());
    full.lines[1].take = None;
    let why = crate::supply::Reason::FailedLines { failed: 1, allowed: 0 };
    full.supplied = crate::supply::Supplied::Held { why, lines: vec![2] };
    full.names.push(NameReport {
        line: 1,
        at: Time::ZERO,
        source: "顾北辰".into(),
        wording: "a".into(),
        usual: "b".into(),
        listed: true,
        elsewhere: "ep01, line 4".into(),
    });
    for found in [
        Found::AsMade,
        Found::Missing,
        Found::Changed { digest: "c".into() },
        Found::Unreadable { why: "truncated".into() },
    ] {
        file(&mut full).found = found;
        full.findings = judge(&full);
        let value = serde_json::to_value(&full).unwrap();
        assert_eq!(wrong(&schema, &schema, &value), None);
        // Nothing is left unsaid: each key of the report is one of the schema.
        let known = schema["properties"].as_object().unwrap();
        let own = value.as_object().unwrap();
        assert_eq!(own.keys().collect::<std::collections::BTreeSet<_>>(), known.keys().collect());
    }
    let value = serde_json::to_value(&full).unwrap();
    for (pointer, bad) in [
        ("/supplied/as", serde_json::json!("shipped")),
        ("/findings/0/severity", serde_json::json!("fatal")),
        ("/lines/0/line", serde_json::json!(-1)),
        ("/language", serde_json::json!("Portuguese")),
        ("/deliverable/found/state", serde_json::json!("lost")),
    ] {
        let mut wrong_one = value.clone();
        *wrong_one.pointer_mut(pointer).unwrap() = bad;
        assert!(wrong(&schema, &schema, &wrong_one).is_some(), "{pointer}");
    }
}

#[test]
fn many_findings_of_one_kind_are_told_by_a_few_but_errors_all() {
    let mut report = report();
    let gap =
        |start: i64| CaptionReport { span: Span::from_ms(start, start + 1000), characters: 5, rows: 1, widest: 5 };
    // Five captions without gaps between them, before those that are there.
    let told = |report: &Report| rows(&judge(report));
    captions(&mut report).captions = (0..5).map(|index| gap(index * 1000)).collect();
    assert_eq!(told(&report).matches("without a gap").count(), 4);
    captions(&mut report).captions = (0..6000 / 500).map(|index| gap(index * 500)).collect();
    let text = told(&report);
    assert_eq!(text.matches("cover each other").count(), 5, "{text}");
    assert!(text.contains("… and 6 more of caption-gap\n"), "{text}");
    assert_eq!(text.matches("written so that none covers another").count(), 1, "a remedy is told once");
    for line in &mut report.lines {
        line.failed = Some("no voice".into());
    }
    assert_eq!(told(&report).matches("the line failed").count(), 2);
}

#[test]
fn a_limit_is_told_where_there_is_one() {
    let mut bad = report();
    bad.lines[0].flaws = vec![crate::verify::Flaw::new(crate::verify::FlawKind::Number, "three is gone")];
    bad.findings = judge(&bad);
    let told = rows(&bad.findings);
    assert!(told.contains(": three is gone (Vamos embora.)\n") && !told.contains("limit"), "{told}");
    assert!(annotations::github(&[bad.clone()]).contains("three is gone at 0:00.000 (Vamos embora.). "));
    assert!(!junit::write(&[bad.clone()]).contains("limit:"));
    file(&mut bad).heard[0].level_dbfs = -80.0;
    bad.findings = judge(&bad);
    assert!(rows(&bad.findings).contains("; limit ") && junit::write(&[bad]).contains("  limit: "));
}
