//! What a run delivers, looked at with FFmpeg's own programs.

use crate::common::{Space, episode, ffprobe, fixtures, level, loudness, seconds, streams};

#[test]
fn an_episode_becomes_a_deliverable_in_each_language() {
    let space = Space::new();
    let facts = episode("zh_drama");
    let source = fixtures().join(facts["file"].as_str().unwrap());
    let transcript = fixtures().join("zh_drama.zh.srt");
    let said = space
        .fake(&source, &["--from", "zh", "--to", "en,pt-BR", "--transcript", transcript.to_str().unwrap()])
        .code(0);
    assert!(said.out.contains("delivered"), "{}", said.out);

    let source_probe = ffprobe(&source);
    for (language, code) in [("en", "eng"), ("pt-BR", "por")] {
        let path = space.out(&format!("{language}/zh_drama.mp4"));
        let probe = ffprobe(&path);
        let video = streams(&probe, "video");
        let audio = streams(&probe, "audio");
        let text = streams(&probe, "subtitle");
        assert_eq!((video.len(), audio.len(), text.len()), (1, 2, 1));
        assert_eq!(video[0]["codec_name"], "h264");
        assert_eq!(video[0]["nb_frames"], streams(&source_probe, "video")[0]["nb_frames"], "stream-copied, none lost");
        assert_eq!(
            (video[0]["width"].as_u64(), video[0]["height"].as_u64()),
            (facts["width"].as_u64(), facts["height"].as_u64())
        );

        assert_eq!(audio[0]["codec_name"], "aac");
        assert_eq!(audio[0]["sample_rate"], "48000");
        assert_eq!(audio[0]["channels"], 2);
        assert_eq!(audio[0]["tags"]["language"], code);
        assert_eq!(audio[0]["disposition"]["default"], 1);
        assert_eq!(audio[1]["tags"]["language"], "zho");
        assert_eq!(audio[1]["disposition"]["default"], 0);
        assert_eq!(text[0]["codec_name"], "mov_text");
        assert_eq!(text[0]["tags"]["language"], code);

        let frame = 1.0 / 25.0;
        assert!((seconds(&probe) - seconds(&source_probe)).abs() <= frame, "{}", seconds(&probe));
        let (lufs, peak) = loudness(&path, 0);
        assert!((lufs + 14.0).abs() <= 1.0, "{lufs} LUFS");
        assert!(peak <= -1.0, "{peak} dBTP");

        // Every line is heard: there is sound under each take that the report names.
        let report = space.json(&format!("{language}/zh_drama.report.json"));
        let lines = report["lines"].as_array().unwrap();
        assert_eq!(lines.len(), facts["cues"].as_array().unwrap().len());
        for line in lines.iter().step_by(5) {
            let span = &line["take"]["span"];
            let level = level(&path, 0, span["start"].as_f64().unwrap(), span["end"].as_f64().unwrap());
            assert!(level > -40.0, "line {} is at {level} dB", line["line"]);
        }
        assert_eq!(report["complete"], true);
        assert_eq!(report["counts"]["failed"], 0);
    }
}

#[test]
fn drift_does_not_grow_and_nothing_is_cut() {
    let space = Space::new();
    let source = fixtures().join("zh_drama.mp4");
    let transcript = fixtures().join("zh_drama.zh.srt");
    space.fake(&source, &["--from", "zh", "--to", "en", "--transcript", transcript.to_str().unwrap()]).code(0);
    let report = space.json("en/zh_drama.report.json");
    for line in report["lines"].as_array().unwrap() {
        let take = &line["take"];
        let at = |v: &serde_json::Value, k: &str| v[k].as_f64().unwrap();
        assert!((at(&take["span"], "start") - at(&line["cue"], "start")).abs() <= 0.251, "{line}");
        let length = at(&take["span"], "end") - at(&take["span"], "start");
        let spoken = take["duration"].as_f64().unwrap();
        assert!((length * take["stretch"].as_f64().unwrap() - spoken).abs() < 0.01, "cut: {line}");
    }
}

#[test]
fn the_original_can_be_left_out_and_matroska_holds_srt() {
    let space = Space::new();
    let film = space.film("a film.mp4", &[]);
    space.fake(&film, &["--from", "en", "--to", "pt-BR", "--drop-original", "--container", "mkv"]).code(0);
    let probe = ffprobe(&space.out("pt-BR/a film.mkv"));
    assert_eq!(streams(&probe, "audio").len(), 1);
    assert_eq!(streams(&probe, "subtitle")[0]["codec_name"], "subrip");
    assert!((seconds(&probe) - 6.0).abs() <= 0.04, "{}", seconds(&probe));
}

#[test]
fn one_file_can_hold_every_language() {
    let space = Space::new();
    let film = space.film("ep1.mp4", &[]);
    let asked = ["--from", "en", "--to", "pt-BR,es,fr", "--combined", "--set", "target.fr.deliver=subtitle"];
    let asked = [&asked[..], &["--set", "target.es.loudness=apple", "--set", "supply.dubbed-share=0.6"]].concat();
    space.fake(&film, &asked).code(0);
    let file = space.out("mul/ep1.mp4");
    let probe = ffprobe(&file);
    let told = |kind| {
        let streams = streams(&probe, kind);
        let told = |stream: &&serde_json::Value| {
            (stream["tags"]["language"].as_str().unwrap().to_owned(), stream["disposition"]["default"] == 1)
        };
        streams.iter().map(told).collect::<Vec<_>>()
    };
    let row = |language: &str, default| (language.to_owned(), default);
    assert_eq!(streams(&probe, "video").len(), 1);
    assert_eq!(told("audio"), [row("por", true), row("spa", false), row("eng", false)]);
    assert_eq!(told("subtitle"), [row("por", false), row("spa", false), row("fra", false)]);
    assert!((seconds(&probe) - 6.0).abs() <= 0.04, "{}", seconds(&probe));
    for (track, lufs) in [(0, -14.0), (1, -16.0)] {
        let measured = loudness(&file, track).0;
        assert!((measured - lufs).abs() <= 1.0, "sound {track}: {measured} LUFS");
    }
    for language in ["pt-BR", "es", "fr"] {
        let report = space.json(&format!("{language}/ep1.report.json"));
        assert_eq!(report["deliverable"]["dubs"], serde_json::json!(["pt-BR", "es"]));
        assert!(report["deliverable"]["path"].as_str().unwrap().ends_with("mul/ep1.mp4"));
        assert!(!space.out(&format!("{language}/ep1.mp4")).exists(), "one file, not one for each");
    }
    let said = space.fake(&film, &asked).code(0);
    assert!(!said.err.contains(" made in "), "{}", said.err);
    let plan = ["plan", "ep1.mp4", "--engine", "fake", "--voice", "en=fake_f", "--voice", "pt-BR=fake_m"];
    let said = space.run(&[&plan[..], &asked[..]].concat()).code(0);
    let of_mux: Vec<&str> = said.out.lines().filter(|row| row.contains(" mux ")).collect();
    assert!(of_mux.len() == 3 && of_mux.iter().all(|row| row.ends_with("done")), "{}", said.out);
    // The finished file is judged by each language's own sound, also where the folder lies elsewhere by then.
    space.run(&["check", "out"]).code(0);
    std::fs::rename(space.path("out"), space.path("handed over")).unwrap();
    space.run(&["check", "handed over"]).code(0);
    let asked: Vec<&str> = asked.iter().map(|flag| if *flag == "pt-BR,es,fr" { "es,pt-BR,fr" } else { flag }).collect();
    space.fake(&film, &asked).code(0);
    assert_eq!(streams(&ffprobe(&file), "audio")[0]["tags"]["language"], "spa", "in the order of --to");
}

#[test]
fn any_container_codec_and_layout_goes_through() {
    let cases: &[(&str, &[&str])] = &[
        ("mono.mov", &["-ac", "1", "-ar", "44100"]),
        ("surround.mkv", &["-af", "pan=5.1|FC=c0|FL=c0|FR=c1|LFE=c0|BL=c0|BR=c1", "-c:a", "ac3"]),
        ("web.webm", &["-c:v", "libvpx", "-c:a", "libopus", "-deadline", "realtime"]),
        ("stream.ts", &["-c:a", "mp2"]),
        ("old.avi", &["-c:v", "mpeg4", "-c:a", "libmp3lame"]),
    ];
    let space = Space::new();
    for (name, flags) in cases {
        let film = space.film(name, flags);
        space.fake(&film, &["--from", "en", "--to", "pt-BR"]).code(0);
        let report = space.json(&format!("pt-BR/{}.report.json", name.split('.').next().unwrap()));
        let path = report["deliverable"]["path"].as_str().unwrap();
        let probe = ffprobe(&space.path(path));
        assert_eq!(streams(&probe, "video").len(), 1, "{name}");
        assert_eq!(streams(&probe, "audio")[0]["codec_name"], "aac", "{name}");
        let source = ffprobe(&film);
        assert!(
            (seconds(&probe) - seconds(&source)).abs() <= 0.041,
            "{name}: {} against {}",
            seconds(&probe),
            seconds(&source)
        );
    }
}

#[test]
fn chapters_metadata_and_rotation_are_kept() {
    let space = Space::new();
    let chapters = space.write(
        "chapters.txt",
        ";FFMETADATA1\ntitle=Episode One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=3000\ntitle=Before\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=3000\nEND=6000\ntitle=After\n",
    );
    space.film("plain.mp4", &[]);
    space.ffmpeg(&[
        "-i",
        "plain.mp4",
        "-i",
        chapters.to_str().unwrap(),
        "-map_metadata",
        "1",
        "-c",
        "copy",
        "titled.mp4",
    ]);
    space.ffmpeg(&["-i", "titled.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", "turned.mp4"]);
    space.fake(&space.path("turned.mp4"), &["--from", "en", "--to", "pt-BR"]).code(0);
    let probe = ffprobe(&space.out("pt-BR/turned.mp4"));
    assert_eq!(probe["chapters"].as_array().unwrap().len(), 2);
    assert_eq!(probe["chapters"][1]["tags"]["title"], "After");
    assert_eq!(probe["format"]["tags"]["title"], "Episode One");
    let rotation = |probe: &serde_json::Value| streams(probe, "video")[0]["side_data_list"][0]["rotation"].clone();
    let before = ffprobe(&space.path("turned.mp4"));
    assert!(rotation(&before).is_number());
    assert_eq!(rotation(&probe), rotation(&before));
}

#[test]
fn a_track_is_chosen_by_number_or_language() {
    let space = Space::new();
    space.film("one.mp4", &[]);
    space.ffmpeg(&[
        "-i",
        "one.mp4",
        "-f",
        "lavfi",
        "-i",
        "sine=f=300:d=6",
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-map",
        "0:a",
        "-c:v",
        "copy",
        "-metadata:s:a:0",
        "language=fra",
        "-metadata:s:a:1",
        "language=eng",
        "two.mkv",
    ]);
    let source = space.path("two.mkv");
    let lines = |name: &str| space.json(name)["lines"].as_array().unwrap().len();
    space.fake(&source, &["--from", "en", "--to", "pt-BR", "--audio-track", "en"]).code(0);
    assert_eq!(lines("pt-BR/two.report.json"), 3, "three bursts");
    space.fake(&source, &["--from", "en", "--to", "pt-BR", "--audio-track", "2", "--out", "second"]).code(0);
    let second = std::fs::read(space.path("second/pt-BR/two.script.json")).unwrap();
    assert_eq!(second, std::fs::read(space.out("pt-BR/two.script.json")).unwrap());
    let said = space.fake(&source, &["--from", "en", "--to", "pt-BR", "--audio-track", "9"]).code(3);
    assert!(said.error().contains("two.mkv"), "{}", said.err);
}

#[test]
fn a_sound_without_pictures_is_dubbed_too() {
    let space = Space::new();
    space.film("film.mp4", &[]);
    space.ffmpeg(&["-i", "film.mp4", "-vn", "-c", "copy", "talk.m4a"]);
    space.fake(&space.path("talk.m4a"), &["--from", "en", "--to", "pt-BR"]).code(0);
    let probe = ffprobe(&space.out("pt-BR/talk.m4a"));
    assert_eq!(streams(&probe, "audio").len(), 2);
    assert!((seconds(&probe) - 6.0).abs() < 0.05);
}
