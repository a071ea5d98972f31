//! Muxing, checked with `ffprobe` and by decoding the result.

use super::*;
use crate::cancel::Cancel;
use crate::media::testing::{Folder, ffprobe, number, packets};
use crate::media::{decode_audio, mastering, probe};
use serde_json::Value;
use std::fs;

mod outputs;
mod surround;

const PICTURE: &str = "-f lavfi -i testsrc=s=96x64:r=24000/1001:d=3";
const SOUND: &str = "-f lavfi -i sine=f=300:r=44100:d=3";

/// Silence with a burst of sound at each of these times.
fn bursts(seconds: f64, at: &[f64]) -> Audio {
    let mut audio = Audio::silence(48_000, 2, (seconds * 48_000.0) as usize);
    for start in at {
        let start = (start * 48_000.0) as usize;
        for i in 0..4800 {
            let sample = (i as f32 * 0.13).sin() * 0.5;
            audio.samples[(start + i) * 2..(start + i) * 2 + 2].fill(sample);
        }
    }
    audio
}

fn delivery(container: Container) -> Delivery {
    let cue = |start, end, text: &str| (Span::from_ms(start, end), text.to_owned());
    Delivery {
        container,
        dubs: vec![DubTrack {
            audio: bursts(3.003, &[0.0, 1.0, 2.5]),
            language: "pt-BR".parse().unwrap(),
            title: "Portuguese (BR) (dub)".to_owned(),
        }],
        keep_original: Some(1),
        original_language: Some("zh".parse().unwrap()),
        subtitles: vec![SubtitleTrack {
            language: "pt-BR".parse().unwrap(),
            title: "Portuguese (BR)".to_owned(),
            cues: vec![
                cue(500, 1200, "Olá, <b>você</b>!\nTudo bem?"),
                cue(1300, 1400, "  "),
                cue(1500, 2500, "Até já."),
            ],
            default: false,
        }],
        audio_kbps: 160,
    }
}

fn run(source: &Path, output: &Path, delivery: &Delivery) -> Vec<String> {
    mux(source, output, delivery, &mut |_| Ok(())).unwrap()
}

fn of_kind<'a>(probed: &'a Value, kind: &str) -> Vec<&'a Value> {
    probed["streams"].as_array().unwrap().iter().filter(|s| s["codec_type"] == kind).collect()
}

/// Starts of the bursts in the first audio track, in seconds of the episode's clock.
fn heard(path: &Path) -> Vec<f64> {
    let episode = probe(path).unwrap();
    let index = episode.audio().next().unwrap().index;
    let audio = decode_audio(path, index, 48_000, 1, &mut |_| {}, &Cancel::new()).unwrap().audio;
    let mut starts = Vec::new();
    let mut quiet_since = -1e9;
    for (i, sample) in audio.samples.iter().enumerate() {
        let t = i as f64 / 48_000.0;
        if sample.abs() > 0.2 {
            if t - quiet_since > 0.3 {
                starts.push(t);
            }
            quiet_since = t;
        }
    }
    starts
}

fn assert_near(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}: {found:?}");
    for (f, w) in found.iter().zip(wanted) {
        assert!((f - w).abs() <= tolerance, "{what}: {found:?} instead of {wanted:?}");
    }
}

/// Every packet of the pictures: its bytes' digest and its time from the first one.
fn pictures(path: &Path) -> Vec<(String, i64)> {
    let packets = packets(path, "v:0");
    let first = packets.iter().map(|p| number(&p["pts_time"])).fold(f64::INFINITY, f64::min);
    let ms = |p: &Value| ((number(&p["pts_time"]) - first) * 1000.0).round() as i64;
    packets.iter().map(|p| (p["data_hash"].as_str().unwrap().to_owned(), ms(p))).collect()
}

#[test]
fn a_deliverable_holds_what_was_asked_for() {
    let folder = Folder::new();
    let source = folder.make(
        "source.mp4",
        &format!("{PICTURE} {SOUND} -c:v libx264 -bf 2 -c:a aac -metadata title=Pilot -metadata:s:a language=chi"),
    );
    for (container, name, text) in [(Container::Mp4, "out.mp4", "mov_text"), (Container::Mkv, "out.mkv", "subrip")] {
        let output = folder.path(name);
        assert_eq!(run(&source, &output, &delivery(container)), Vec::<String>::new());
        let probed = ffprobe(&output);
        let codecs: Vec<&str> =
            probed["streams"].as_array().unwrap().iter().map(|s| s["codec_name"].as_str().unwrap()).collect();
        assert_eq!(codecs, ["h264", "aac", "aac", text], "{name}");
        let audio = of_kind(&probed, "audio");
        let (dub, original) = (audio[0], audio[1]);
        assert_eq!((&dub["tags"]["language"], &original["tags"]["language"]), (&"por".into(), &"chi".into()), "{name}");
        assert_eq!(dub["sample_rate"], "48000");
        assert_eq!(dub["channels"], 2);
        // MP4 has no word for "original".
        let original_flag = u8::from(container == Container::Mkv);
        for (flag, on) in [("default", [1, 0]), ("dub", [1, 0]), ("original", [0, original_flag])] {
            for (stream, on) in audio.iter().zip(on) {
                assert_eq!(stream["disposition"][flag], on, "{name}: {flag} {stream}");
            }
        }
        let shown = |stream: &Value| {
            let tags = &stream["tags"];
            tags["title"].as_str().or(tags["handler_name"].as_str()).unwrap_or_default().to_owned()
        };
        assert_eq!((shown(dub), shown(original)), ("Portuguese (BR) (dub)".into(), "Original".into()), "{name}");
        let subtitle = of_kind(&probed, "subtitle")[0];
        assert_eq!(subtitle["tags"]["language"], "por");
        assert_eq!(subtitle["disposition"]["default"], 0, "{name}");
        assert_eq!(probed["format"]["tags"]["title"], "Pilot", "{name}");
        // Within a frame of the source, and every picture as it was.
        let (before, after) = (number(&ffprobe(&source)["format"]["duration"]), number(&probed["format"]["duration"]));
        assert!((before - after).abs() <= 1001.0 / 24_000.0, "{name}: {before} s became {after} s");
        let (before, after) = (pictures(&source), pictures(&output));
        assert_eq!(before.len(), after.len());
        for (b, a) in before.iter().zip(&after) {
            assert!(b.0 == a.0 && (b.1 - a.1).abs() <= 1, "{name}: {b:?} became {a:?}");
        }
        assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, name);
        // Pictures and sound begin together for a player, priming and all.
        let start = |stream: &Value| number(&stream["start_time"]);
        let picture = start(of_kind(&probed, "video")[0]);
        assert_eq!(picture, 0.0, "{name}");
        // Matroska tells the priming as a delay, which ffprobe shows as a start before zero.
        let priming = if container == Container::Mkv { -0.021 } else { 0.0 };
        assert!((start(dub) - priming).abs() < 0.001, "{name}: {} and {picture}", start(dub));
        let text = subtitles(&output);
        let wanted = ["0.500 1.200 Olá, ", "1.500 2.500 Até já."];
        assert!(text.len() == 2 && text.iter().zip(wanted).all(|(t, w)| t.starts_with(w)), "{name}: {text:?}");
        // What looks like markup is shown, not obeyed.
        let letters: String = text[0].chars().filter(|c| *c != '\u{2060}').collect();
        assert!(letters.ends_with("Olá, <b>você</b>!|Tudo bem?"), "{name}: {text:?}");
    }
    assert_eq!(folder.names(), ["out.mkv", "out.mp4", "source.mp4"]);
}

/// Cues of the first subtitle track as `start end text`, by ffmpeg's own reader, from the
/// start of the pictures.
fn subtitles(path: &Path) -> Vec<String> {
    let picture = number(&of_kind(&ffprobe(path), "video")[0]["start_time"]);
    let srt = path.with_extension("srt");
    crate::media::testing::ffmpeg(&format!("-copyts -i {} -map 0:s:0 -f srt", path.display()), &srt);
    let text = fs::read_to_string(&srt).unwrap();
    fs::remove_file(&srt).unwrap();
    let seconds = |stamp: &str| {
        let parts: Vec<f64> = stamp.trim().replace(',', ".").split(':').map(|p| p.parse().unwrap()).collect();
        parts[0] * 3600.0 + parts[1] * 60.0 + parts[2] - picture
    };
    text.split("\n\n")
        .filter(|block| !block.trim().is_empty())
        .map(|block| {
            let mut lines = block.trim().lines().skip(1);
            let (start, end) = lines.next().unwrap().split_once("-->").unwrap();
            let text = lines.collect::<Vec<_>>().join("|");
            // MP4's style comes as one pair of tags around all.
            let text = text.strip_prefix("<font").and_then(|t| t.split_once('>')).map_or(text.as_str(), |(_, t)| t);
            format!("{:.3} {:.3} {}", seconds(start), seconds(end), text.trim_end_matches("</font>"))
        })
        .collect()
}

#[test]
fn the_index_comes_first_and_hidden_subtitles_are_off() {
    let folder = Folder::new();
    let source = folder.make("s.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    let output = folder.path("o.mp4");
    let mut wanted = delivery(Container::Mp4);
    run(&source, &output, &wanted);
    let bytes = fs::read(&output).unwrap();
    let at = |kind: &[u8]| bytes.windows(4).position(|w| w == kind).unwrap();
    assert!(at(b"moov") < at(b"mdat"));
    wanted.subtitles[0].default = true;
    run(&source, &output, &wanted);
    assert_eq!(of_kind(&ffprobe(&output), "subtitle")[0]["disposition"]["default"], 1);
}

#[test]
fn several_dubs_come_before_the_original_and_the_first_is_the_default() {
    let folder = Folder::new();
    let source = folder.make("s.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    for container in [Container::Mp4, Container::Mkv] {
        let mut wanted = delivery(container);
        let second =
            DubTrack { language: "es".parse().unwrap(), title: "Spanish (dub)".into(), ..wanted.dubs[0].clone() };
        wanted.dubs.push(second);
        let output = folder.path("o");
        run(&source, &output, &wanted);
        let probe = ffprobe(&output);
        let sound = of_kind(&probe, "audio");
        let languages: Vec<&str> = sound.iter().map(|s| s["tags"]["language"].as_str().unwrap()).collect();
        assert_eq!(languages[..2], ["por", "spa"]);
        let flag = |name: &str| sound.iter().map(|s| s["disposition"][name].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((flag("default"), flag("dub")), (vec![1, 0, 0], vec![1, 1, 0]));
        // MP4 has no flag for an original.
        assert_eq!(flag("original"), if container == Container::Mkv { [0, 0, 1] } else { [0, 0, 0] });
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let folder = Folder::new();
    let source = folder.make("s.mkv", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    for container in [Container::Mp4, Container::Mkv] {
        run(&source, &folder.path("a"), &delivery(container));
        run(&source, &folder.path("b"), &delivery(container));
        assert!(fs::read(folder.path("a")).unwrap() == fs::read(folder.path("b")).unwrap(), "{container:?}");
    }
}

#[test]
fn every_source_stays_in_time() {
    let folder = Folder::new();
    let beeps = "-f lavfi -i aevalsrc=0.5*sin(2000*t)*between(mod(t\\,1)\\,0.5\\,0.6):s=48000:d=3";
    for (name, how, container) in [
        ("b-frames.mp4", "-c:v libx264 -bf 3 -c:a aac", Container::Mp4),
        ("b-frames.mkv", "-c:v libx264 -bf 3 -c:a aac", Container::Mp4),
        ("offset.ts", "-c:v libx264 -c:a aac -output_ts_offset 7", Container::Mp4),
        ("offset2.ts", "-c:v mpeg2video -c:a mp2 -output_ts_offset 3", Container::Mkv),
        ("hevc.mkv", "-c:v libx265 -x265-params log-level=error:pools=1:frame-threads=1 -c:a ac3", Container::Mp4),
        ("old.avi", "-c:v libx264 -bf 2 -c:a libmp3lame", Container::Mkv),
        ("old2.avi", "-c:v libx264 -bf 2 -c:a libmp3lame", Container::Mp4),
        ("vp9.webm", "-c:v libvpx-vp9 -b:v 100k -cpu-used 8 -c:a libopus", Container::Mp4),
        ("vp8.webm", "-c:v libvpx -b:v 100k -c:a libvorbis", Container::Auto),
        ("pcm.mov", "-c:v mpeg4 -c:a pcm_s24le", Container::Mp4),
        ("vfr.mkv", "-vf select=not(mod(n\\,3))+gt(n\\,40) -vsync vfr -c:v libx264 -c:a flac", Container::Mp4),
    ] {
        let source = folder.make(name, &format!("{PICTURE} {beeps} {how}"));
        let output = folder.path(&format!("{name}.out"));
        let mut wanted = delivery(container);
        run(&source, &output, &wanted);
        let (before, after) = (ffprobe(&source), ffprobe(&output));
        let (b, a) = (number(&before["format"]["duration"]), number(&after["format"]["duration"]));
        // The header of such an AVI counts three frames of sound that are not there.
        let frame = if name.ends_with("avi") { 0.1 } else { 0.0418 };
        assert!((b - a).abs() <= frame, "{name}: {b} s became {a} s");
        assert_eq!(pictures(&source).len(), pictures(&output).len(), "{name}");
        assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, name);
        // The original lies where it lay: the dub is taken away, so it is the first track.
        wanted.dubs.clear();
        run(&source, &output, &wanted);
        assert_near(&heard(&output), &heard(&source), 0.004, name);
    }
}

#[test]
fn sound_that_leads_the_picture_is_kept_whole() {
    let folder = Folder::new();
    let tone = "-f lavfi -i sine=f=300:r=48000:d=3.5";
    let early = folder.make("early.mkv", &format!("-itsoffset 0.5 {PICTURE} {tone} -vsync vfr -c:v libx264 -c:a aac"));
    let lead = |path: &Path| {
        let probed = ffprobe(path);
        let start = |kind| number(&of_kind(&probed, kind)[0]["start_time"]);
        start("video") - start("audio")
    };
    for (container, name) in [(Container::Mp4, "o.mp4"), (Container::Mkv, "o.mkv")] {
        let output = folder.path(name);
        let mut wanted = delivery(container);
        run(&early, &output, &wanted);
        let (b, a) = (number(&ffprobe(&early)["format"]["duration"]), number(&ffprobe(&output)["format"]["duration"]));
        assert!((b - a).abs() <= 0.0418, "{name}: {b} s became {a} s");
        assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, name);
        wanted.dubs.clear();
        run(&early, &output, &wanted);
        assert!((lead(&output) - 0.5).abs() < 0.03, "{name}: {}", lead(&output));
    }
}

#[test]
fn the_original_can_be_left_out() {
    let folder = Folder::new();
    let source = folder.make("s.mkv", &format!("{PICTURE} {SOUND} {SOUND} -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac"));
    let output = folder.path("o.mp4");
    run(&source, &output, &Delivery { keep_original: None, ..delivery(Container::Mp4) });
    let probed = ffprobe(&output);
    assert_eq!((of_kind(&probed, "audio").len(), of_kind(&probed, "video").len()), (1, 1));
    assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, "without original");
}

#[test]
fn hevc_is_named_as_apple_wants_it_and_rotation_stays() {
    let folder = Folder::new();
    let plain = folder.make(
        "p.mp4",
        &format!(
            "{PICTURE} {SOUND} -c:v libx265 -x265-params log-level=error:pools=1:frame-threads=1 -tag:v hev1 -c:a aac"
        ),
    );
    let source = folder.make("r.mp4", &format!("-i {} -c copy -metadata:s:v rotate=90", plain.display()));
    let rotation = |path: &Path| ffprobe(path)["streams"][0]["side_data_list"][0]["rotation"].clone();
    assert!(rotation(&source).is_number());
    let output = folder.path("o.mp4");
    run(&source, &output, &delivery(Container::Mp4));
    assert_eq!(rotation(&output), rotation(&source));
    assert_eq!(of_kind(&ffprobe(&output), "video")[0]["codec_tag_string"], "hvc1");
}

#[test]
fn what_else_the_source_has_is_kept_or_told() {
    let folder = Folder::new();
    fs::write(folder.path("s.srt"), "1\n00:00:00,500 --> 00:00:01,000\n你好\n").unwrap();
    fs::write(folder.path("font.ttf"), b"not really a font").unwrap();
    fs::write(
        folder.path("m.txt"),
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=3000\ntitle=Two\n",
    )
    .unwrap();
    let cover = folder.make("c.png", "-f lavfi -i testsrc=s=32x32 -frames:v 1");
    let source = folder.make(
        "s.mkv",
        &format!(
            "{PICTURE} {SOUND} {SOUND} -i {} -i {} -attach {} -metadata:s:t mimetype=font/ttf -attach {} -metadata:s:t:1 mimetype=image/png \
             -map 0 -map 1 -map 2 -map 3 -map_metadata 4 -c:v libx264 -c:a aac -c:s srt -metadata:s:s language=zho -metadata:s:a:1 title=Commentary",
            folder.path("s.srt").display(),
            folder.path("m.txt").display(),
            folder.path("font.ttf").display(),
            cover.display(),
        ),
    );
    let output = folder.path("o.mkv");
    assert_eq!(run(&source, &output, &delivery(Container::Mkv)), Vec::<String>::new());
    let probed = ffprobe(&output);
    let titles: Vec<&str> =
        probed["chapters"].as_array().unwrap().iter().map(|c| c["tags"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["One", "Two"]);
    assert_eq!(of_kind(&probed, "subtitle").len(), 2);
    assert_eq!(of_kind(&probed, "audio").len(), 3);
    assert_eq!(of_kind(&probed, "attachment").len(), 1);
    let covers = of_kind(&probed, "video").iter().filter(|s| s["disposition"]["attached_pic"] == 1).count();
    assert_eq!(covers, 1);

    let output = folder.path("o.mp4");
    let warnings = run(&source, &output, &delivery(Container::Mp4));
    assert_eq!(
        warnings,
        [
            "MP4: subtitle stream 3 (subrip, zho) does not fit and is not kept",
            "MP4: attachment stream 4 (font.ttf) does not fit and is not kept"
        ]
    );
    let probed = ffprobe(&output);
    assert_eq!(probed["chapters"].as_array().unwrap().len(), 2);
    assert_eq!(of_kind(&probed, "audio").len(), 3);
    let covers = of_kind(&probed, "video").iter().filter(|s| s["disposition"]["attached_pic"] == 1).count();
    assert_eq!(covers, 1, "{probed}");
    // Chapters come through a second time, though MP4 keeps them as a track.
    let again = folder.path("again.mp4");
    assert_eq!(run(&output, &again, &delivery(Container::Mp4)), Vec::<String>::new());
    let probed = ffprobe(&again);
    assert_eq!(probed["chapters"].as_array().unwrap().len(), 2);
    assert_eq!(of_kind(&probed, "subtitle").len(), 2);
}

#[test]
fn the_encoded_dub_is_no_louder_at_its_peaks() {
    let folder = Folder::new();
    let source = folder.make("s.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    let sound = crate::media::testing::speech(10.0, 0.4);
    let target = mastering::Target { lufs: -14.0, ceiling_dbtp: -1.0, judged: None, range_lu: None };
    let mastering::Mastered { parts: [audio], measured, .. } = mastering::master([sound], &target).unwrap();
    let mut wanted = delivery(Container::Mp4);
    wanted.dubs[0].audio = audio;
    for kbps in [128, 192] {
        wanted.audio_kbps = kbps;
        let output = folder.path("o.mp4");
        run(&source, &output, &wanted);
        let (lufs, peak) = crate::media::testing::ebur128(&output);
        assert!((lufs + 14.0).abs() < 0.5 && peak <= -1.0, "{kbps} kbit/s: {lufs} LUFS, {peak} dBTP from {measured:?}");
    }
}

#[test]
fn sound_alone_is_delivered_too() {
    let folder = Folder::new();
    let source = folder.make("s.mp3", &format!("{SOUND} -c:a libmp3lame"));
    let mut wanted = delivery(Container::Auto);
    wanted.keep_original = Some(0);
    let output = folder.path("o.m4a");
    run(&source, &output, &wanted);
    let codecs: Vec<String> =
        of_kind(&ffprobe(&output), "audio").iter().map(|s| s["codec_name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(codecs, ["aac", "mp3"]);
    assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, "m4a");
    // Without the original there is nothing left of the source but its tags.
    wanted.keep_original = None;
    run(&source, &output, &wanted);
    assert_eq!(of_kind(&ffprobe(&output), "audio").len(), 1);
}
