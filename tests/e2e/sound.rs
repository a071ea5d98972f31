//! What is heard: the bed that stays, stems that add up, loudness by name, surround, songs.

use crate::common::{Space, ffprobe, level, loudness, streams};
use std::path::Path;

const TO: &[&str] = &["--from", "en", "--to", "pt-BR"];

/// Music under and between bursts of tone, one every two seconds; the music is a tone of 90 Hz, so soft that the fake
/// detector does not take it for speech.
fn bursts(seconds: u32) -> String {
    let wave = "0.006*sin(2*PI*90*t)+if(between(mod(t\\,2)\\,0.3\\,1.2)\\,0.3*sin(2*PI*220*t)\\,0)";
    format!("aevalsrc={wave}:s=48000:d={seconds},aformat=channel_layouts=stereo")
}

/// A film with that for its sound, of three bursts.
fn scored(space: &Space, name: &str, extra: &[&str]) -> std::path::PathBuf {
    let sound = bursts(6);
    let picture = ["-f", "lavfi", "-i", "testsrc2=s=180x320:r=25:d=6", "-f", "lavfi", "-i", &sound];
    let coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
    space.ffmpeg(&[&picture[..], &coded[..], extra, &[name]].concat());
    space.path(name)
}

/// Integer samples of a WAV file, all channels side by side, with what it is.
fn wav(path: &Path) -> (hound::WavSpec, Vec<i32>) {
    let mut reader = hound::WavReader::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (reader.spec(), reader.samples::<i32>().map(|sample| sample.unwrap()).collect())
}

#[test]
fn stems_are_equally_long_and_add_up_to_the_mix() {
    let space = Space::new();
    let film = scored(&space, "film.mp4", &["-c:a", "aac"]);
    space.fake(&film, &[TO, &["--stems"]].concat()).code(0);
    let stem = |name: &str| wav(&space.out(&format!("pt-BR/film.{name}.wav")));
    let ((spec, dub), (_, bed), (_, mix)) = (stem("dub"), stem("bed"), stem("mix"));
    assert_eq!((spec.sample_rate, spec.bits_per_sample, spec.channels), (48_000, 24, 2));
    assert_eq!((dub.len(), bed.len(), mix.len()), (6 * 48_000 * 2, 6 * 48_000 * 2, 6 * 48_000 * 2));
    assert!(dub.iter().zip(&bed).zip(&mix).all(|((dub, bed), mix)| dub + bed == *mix), "the sum of stems is the mix");
    assert!(dub.iter().any(|sample| sample.abs() > 100_000) && bed.iter().any(|sample| sample.abs() > 20_000));
    // The dub is silent where nobody speaks, and the bed is not.
    let at = |seconds: f64| (seconds * 48_000.0) as usize * 2;
    assert!(dub[..at(0.2)].iter().all(|sample| *sample == 0));
    assert!(bed[..at(0.2)].iter().any(|sample| sample.abs() > 20_000));
    // Without the wish there are none, and with it a rerun writes none again.
    let before = space.out("pt-BR/film.mix.wav").metadata().unwrap().modified().unwrap();
    let said = space.fake(&film, &[TO, &["--stems"]].concat()).code(0);
    assert!(!said.err.contains(" made in "), "{}", said.err);
    assert_eq!(space.out("pt-BR/film.mix.wav").metadata().unwrap().modified().unwrap(), before);
    space.fake(&film, &[TO, &["--out", "plain"]].concat()).code(0);
    assert!(!space.path("plain/pt-BR/film.mix.wav").exists());
}

#[test]
fn the_bed_is_chosen_recorded_and_falls_back_to_the_lowered_original() {
    let space = Space::new();
    let film = scored(&space, "film.mp4", &["-c:a", "aac"]);
    for (flags, bed) in [(&[][..], "separate"), (&["--bed", "duck"], "duck"), (&["--bed", "none"], "none")] {
        space.fake(&film, &[TO, flags].concat()).code(0);
        assert_eq!(space.json("pt-BR/film.report.json")["bed"], bed);
        let level = level(&space.out("pt-BR/film.mp4"), 0, 0.02, 0.18);
        assert_eq!(level > -70.0, bed != "none", "{bed}: music before the first line at {level} dB");
    }
    // No separator is installed: said once, and the original is lowered.
    let missing = ["--separator", "spleeter", "--models", "nowhere"];
    let said = space.fake(&film, &[TO, &missing].concat()).code(0);
    assert!(said.err.contains("the original is lowered under the dub"), "{}", said.err);
    assert!(said.err.contains("spleeter-2stems"), "{}", said.err);
    assert_eq!(space.json("pt-BR/film.report.json")["bed"], "duck");
    // Whoever insists is told what is missing.
    let said = space.fake(&film, &[TO, &missing, &["--bed", "separate"]].concat()).code(4);
    assert!(said.error().contains("spleeter-2stems"), "{}", said.err);
    let said = space.fake(&film, &[TO, &["--bed", "loud"]].concat()).code(2);
    assert!(said.err.contains("separate"), "the choices are told: {}", said.err);
}

#[test]
fn any_program_parts_voices_from_music() {
    let space = Space::new();
    let film = scored(&space, "film.mkv", &["-c:a", "pcm_s16le"]);
    // Whoever calls everything a voice leaves nothing under the lines.
    let all = [TO, &["--separator", "command", "--stems", "--set"]].concat();
    let with = |program: &str| space.fake(&film, &[&all[..], &[&format!("command.separate={program}")]].concat());
    let said = with(r#"["cp", "{input}", "{output}"]"#).code(0);
    assert!(said.err.contains("film separate: 1 made"), "{}", said.err);
    assert_eq!(space.json("pt-BR/film.report.json")["bed"], "separate");
    let (_, bed) = wav(&space.out("pt-BR/film.bed.wav"));
    let at = |seconds: f64| (seconds * 48_000.0) as usize * 2;
    assert!(bed[at(0.5)..at(1.0)].iter().all(|sample| sample.abs() <= 1));
    assert!(bed[..at(0.05)].iter().any(|sample| sample.abs() > 20_000));
    // The same program is not asked again; another one is.
    assert!(!with(r#"["cp", "{input}", "{output}"]"#).code(0).err.contains(" made in "));
    let half = r#"["ffmpeg", "-v", "error", "-i", "{input}", "-af", "volume=0.5", "-c:a", "pcm_f32le", "{output}"]"#;
    assert!(with(half).code(0).err.contains("film separate: 1 made"));
    // One that fails ends the episode, one that is not there leaves the original, lowered.
    let said = with(r#"["ffmpeg", "-v", "error", "-i", "{input}.none", "{output}"]"#).code(5);
    assert!(said.error().contains("No such file"), "{}", said.err);
    let said = with(r#"["no-such-separator", "{input}", "{output}"]"#).code(0);
    assert!(said.err.contains("no-such-separator is not installed"), "{}", said.err);
    assert_eq!(space.json("pt-BR/film.report.json")["bed"], "duck");
    with(r#"["cp", "{input}"]"#).code(2);
}

#[test]
fn music_between_the_lines_is_the_original_to_the_sample() {
    let space = Space::new();
    let film = scored(&space, "film.mkv", &["-c:a", "pcm_s16le"]);
    space.fake(&film, &[TO, &["--stems"]].concat()).code(0);
    let (_, bed) = wav(&space.out("pt-BR/film.bed.wav"));
    space.ffmpeg(&["-i", "film.mkv", "-vn", "-c:a", "pcm_s24le", "original.wav"]);
    let (_, original) = wav(&space.path("original.wav"));
    // The bed is the original times the gain of the loudness target, wherever nobody speaks, and next to nothing of it
    // where somebody does, since the fake separator takes most of everything for voice.
    let power = |samples: &[i32]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let ratio = |from: f64, to: f64| {
        let at = (from * 48_000.0) as usize * 2..(to * 48_000.0) as usize * 2;
        (power(&bed[at.clone()]) / power(&original[at])).sqrt()
    };
    let (before, between, under) = (ratio(0.0, 0.02), ratio(1.7, 1.75), ratio(0.5, 1.0));
    assert!((before / between - 1.0).abs() < 0.02, "{before} and {between}");
    assert!(under / before < 0.13, "{under} of {before}");
}

#[test]
fn each_named_loudness_is_reached_on_the_encoded_file() {
    let space = Space::new();
    let film = scored(&space, "film.mp4", &["-c:a", "aac"]);
    let targets =
        [("social", -14.0, -1.0), ("apple", -16.0, -1.0), ("ebu-r128", -23.0, -1.0), ("atsc-a85", -24.0, -2.0)];
    for (name, lufs, ceiling) in targets {
        space.fake(&film, &[TO, &["--loudness", name]].concat()).code(0);
        let (measured, peak) = loudness(&space.out("pt-BR/film.mp4"), 0);
        assert!((measured - lufs).abs() <= 0.7 && peak <= ceiling, "{name}: {measured} LUFS, {peak} dBTP");
    }
    space.fake(&film, &[TO, &["--loudness", "netflix", "--stems"]].concat()).code(0);
    let (dialogue, _) = loudness(&space.out("pt-BR/film.dub.wav"), 0);
    let (_, peak) = loudness(&space.out("pt-BR/film.mp4"), 0);
    assert!((dialogue + 27.0).abs() <= 2.0 && peak <= -2.0, "{dialogue} LKFS of the dialogue, {peak} dBTP");
    let report = space.json("pt-BR/film.report.json");
    assert_eq!(
        (&report["loudness"]["judged"], &report["loudness"]["target_lufs"]),
        (&"dialogue".into(), &(-27.0).into())
    );
    let told = report["loudness"]["dialogue_lufs"].as_f64().unwrap();
    assert!((told - dialogue).abs() < 0.3, "told {told}, measured {dialogue}");
    space.run(&["check", "out", "--gate", "warning"]).code(0);
}

#[test]
fn surround_stays_surround_or_is_mixed_down_by_choice_and_mono_becomes_stereo() {
    let space = Space::new();
    let pan = "pan=5.1|FL=0.5*c0|FR=0.5*c1|FC=c0|LFE=0*c0|BL=0.3*c0|BR=0.3*c1";
    let film = scored(&space, "five.mp4", &["-af", pan, "-c:a", "ac3", "-b:a", "448k"]);
    for (flags, channels, layout) in [(&[][..], 6, "5.1"), (&["--set", "mix.surround=downmix"], 2, "stereo")] {
        space.fake(&film, &[TO, flags, &["--stems"]].concat()).code(0);
        let probe = ffprobe(&space.out("pt-BR/five.mp4"));
        let dub = streams(&probe, "audio")[0];
        assert_eq!((&dub["channels"], &dub["channel_layout"]), (&channels.into(), &layout.into()));
        let (lufs, peak) = loudness(&space.out("pt-BR/five.mp4"), 0);
        assert!((lufs + 14.0).abs() <= 1.0 && peak <= -1.0, "{layout}: {lufs} LUFS, {peak} dBTP");
        let (spec, dub) = wav(&space.out("pt-BR/five.dub.wav"));
        assert_eq!(u64::from(spec.channels), channels);
        if channels == 6 {
            let power =
                |channel: usize| dub.iter().skip(channel).step_by(6).map(|s| f64::from(*s).powi(2)).sum::<f64>();
            assert!(power(2) > 0.0, "the dub is in the centre");
            assert!([0, 1, 3, 4, 5].into_iter().all(|other| power(other) == 0.0), "and nowhere else");
        }
    }
    let mono = scored(&space, "mono.mkv", &["-ac", "1", "-c:a", "pcm_s16le"]);
    space.fake(&mono, &[TO, &["--stems"]].concat()).code(0);
    let (spec, mix) = wav(&space.out("pt-BR/mono.mix.wav"));
    assert_eq!(spec.channels, 2);
    assert!(mix.chunks_exact(2).all(|moment| moment[0] == moment[1]), "no phase tricks");
}

/// A line, a song of twelve notes with vibrato and overtones, a line; and from 12 s on, chords that nobody sings to.
fn with_song(space: &Space, name: &str) -> std::path::PathBuf {
    let line = "between(t\\,0.3\\,1.2)+between(t\\,10.3\\,11.2)";
    let sung = "between(t\\,3\\,9)*lt(mod(t\\,0.5)\\,0.44)";
    let note = "(220*pow(2\\,mod(floor(t*2)*3\\,5)/6)*2*PI*t+0.8*sin(2*PI*5.5*t))";
    // Chords so soft that the fake detector does not take them for speech.
    let chord = "(2*PI*220*pow(2\\,mod(floor(t*2)*5\\,7)/12)*t)";
    let music = format!("gte(t\\,12.1)*0.003*(sin({chord})+sin(1.26*{chord})+sin(1.498*{chord}))");
    let sound = format!(
        "aevalsrc=({line})*0.3*sin(2*PI*220*t)+{sung}*(0.2*sin({note})+0.1*sin(2*{note})+0.05*sin(3*{note}))+{music}\
         :s=48000:d=18,aformat=channel_layouts=stereo"
    );
    let picture = ["-f", "lavfi", "-i", "testsrc2=s=180x320:r=25:d=18", "-f", "lavfi", "-i", &sound];
    let coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"];
    space.ffmpeg(&[&picture[..], &coded[..], &[name]].concat());
    space.path(name)
}

#[test]
fn a_song_is_left_alone_and_marked_unless_somebody_wants_it_dubbed() {
    let space = Space::new();
    let film = with_song(&space, "film.mkv");
    let said = space.fake(&film, &[TO, &["--stems"]].concat()).code(0);
    assert!(said.err.contains("1 line is sung and left alone"), "{}", said.err);
    let heard = space.json("en/film.transcript.json");
    let cues = heard["cues"].as_array().unwrap();
    assert_eq!(cues.iter().map(|cue| &cue["id"]).collect::<Vec<_>>(), [1, 2], "{heard}");
    let near = |value: &serde_json::Value, wanted: f64| (value.as_f64().unwrap() - wanted).abs() < 0.3;
    let passages = heard["passages"].as_array().unwrap();
    let kinds: Vec<_> = passages.iter().map(|passage| passage["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["song", "music"], "{heard}");
    assert!(near(&passages[0]["span"]["start"], 3.0) && near(&passages[0]["span"]["end"], 9.0), "{heard}");
    assert!(near(&passages[1]["span"]["start"], 12.1) && near(&passages[1]["span"]["end"], 18.0), "{heard}");
    let words = passages[0]["text"].as_str().unwrap();
    assert!(words.starts_with("This is line"), "{heard}");
    let subtitles = std::fs::read_to_string(space.out("en/film.srt")).unwrap();
    assert!(subtitles.contains(&format!("♪ {words} ♪")), "{subtitles}");
    // Not translated, not spoken, told.
    assert_eq!(space.json("pt-BR/film.script.json")["lines"].as_array().unwrap().len(), 2);
    let report = space.json("pt-BR/film.report.json");
    assert_eq!((&report["removed"][0]["text"], &report["counts"]["takes"]), (&words.into(), &2.into()));
    assert_eq!(report["removed"][0]["why"], "sung, and left as it is");
    assert_eq!(report["removed"][0]["sung"], true);
    // Nobody speaks there, and the bed is the original, sample for sample but for the gain of the loudness.
    space.ffmpeg(&["-i", "film.mkv", "-vn", "-c:a", "pcm_s24le", "original.wav"]);
    let (_, original) = wav(&space.path("original.wav"));
    let stem = |name: &str, from: f64, to: f64| {
        let (_, samples) = wav(&space.out(&format!("pt-BR/film.{name}.wav")));
        samples[(from * 48_000.0) as usize * 2..(to * 48_000.0) as usize * 2].to_vec()
    };
    assert!(stem("dub", 3.0, 9.0).iter().all(|sample| *sample == 0));
    let power = |samples: &[i32]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>().sqrt();
    let ratio = |from: f64, to: f64| {
        power(&stem("bed", from, to)) / power(&original[(from * 48_000.0) as usize * 2..(to * 48_000.0) as usize * 2])
    };
    let (song, music) = (ratio(3.5, 8.5), ratio(13.0, 17.0));
    assert!((song / music - 1.0).abs() < 0.02, "{song} of the song, {music} of the music");
    // The same once more, and nothing made.
    let before = std::fs::read(space.out("en/film.transcript.json")).unwrap();
    let said = space.fake(&film, &[TO, &["--stems"]].concat()).code(0);
    assert!(!said.err.contains(" made in ") && said.err.contains("1 line is sung"), "{}", said.err);
    assert_eq!(std::fs::read(space.out("en/film.transcript.json")).unwrap(), before);
    // Whoever wants it dubbed has it dubbed, and the music is still marked.
    let said = space.fake(&film, &[TO, &["--set", "engine.songs=dub", "--out", "all"]].concat()).code(0);
    assert!(!said.err.contains("left alone"), "{}", said.err);
    let all: serde_json::Value =
        serde_json::from_slice(&std::fs::read(space.path("all/en/film.transcript.json")).unwrap()).unwrap();
    assert_eq!((all["cues"].as_array().unwrap().len(), &all["passages"][0]["kind"]), (3, &"music".into()), "{all}");
    let plain = space.fake(&film, &[TO, &["--bed", "duck", "--out", "plain"]].concat()).code(0);
    assert!(!plain.err.contains("left alone"), "without the voices by themselves nobody knows: {}", plain.err);
}

#[test]
fn a_film_of_nothing_but_song_says_so() {
    let space = Space::new();
    with_song(&space, "film.mkv");
    space.ffmpeg(&["-ss", "2.5", "-t", "7", "-i", "film.mkv", "-c:v", "libx264", "-c:a", "pcm_s16le", "song.mkv"]);
    let said = space.fake(&space.path("song.mkv"), TO).code(3);
    assert!(said.error().contains("somebody only sings") && said.err.contains("engine.songs"), "{}", said.err);
    space.fake(&space.path("song.mkv"), &[TO, &["--set", "engine.songs=dub"]].concat()).code(0);
}

#[test]
fn an_episode_is_never_in_memory_more_than_three_times() {
    let space = Space::new();
    let peak = |seconds: u32| {
        let (name, sound) = (format!("of{seconds}.m4a"), bursts(seconds));
        space.ffmpeg(&["-f", "lavfi", "-i", &sound, "-c:a", "aac", &name]);
        space.fake(&space.path(&name), TO).code(0);
        space.json(&format!("pt-BR/of{seconds}.report.json"))["run"]["peak_memory"].as_f64()
    };
    let (Some(short), Some(long)) = (peak(60), peak(300)) else { return };
    // The whole sound as floats, and beside all of it what does not grow with the length. The largest moment holds it twice,
    // and a third time as the file of 24 bits that goes into the store.
    let sound = f64::from((300 - 60) * 48_000 * 2 * 4);
    let copies = (long - short) / sound;
    assert!(copies < 3.3, "{copies:.2} copies at once: {short} bytes for a minute, {long} for five");
}

/// Linux tells the largest memory that a process had, as long as it runs.
#[cfg(target_os = "linux")]
#[test]
fn what_separates_holds_no_more_of_a_long_sound_than_of_a_short_one() {
    let space = Space::new();
    let peak = |seconds: u32| {
        let (name, sound) = (format!("of{seconds}.wav"), bursts(seconds));
        space.ffmpeg(&["-f", "lavfi", "-i", &sound, &name]);
        let film = space.path(&name);
        space.fake(&film, &["--from", "en", "--until", "decode"]).code(0);
        let film = film.display().to_string();
        let command = ["run", &film, "--engine", "fake", "--from", "en", "--until", "separate"];
        let mut child = space.command(&command).stderr(std::process::Stdio::null()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0.0f64;
        let ended = loop {
            let told = std::fs::read_to_string(&status).unwrap_or_default();
            let row = told.lines().find_map(|row| row.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = peak.max(row.map_or(0.0, |row| row.parse::<f64>().unwrap() * 1024.0));
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        };
        assert!(ended.success());
        std::fs::remove_dir_all(space.path("store/voice-v1")).expect("it was separated");
        peak
    };
    let (short, long) = (peak(20), peak(320));
    assert!(short > 0.0, "the system told nothing");
    let sound = f64::from((320 - 20) * 48_000 * 2 * 4);
    let copies = (long - short) / sound;
    assert!(copies < 0.15, "{copies:.2} copies of the sound: {short} bytes for 20 s, {long} for 320");
}
