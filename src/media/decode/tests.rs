//! Decoding, checked against what was put into the files.

use super::*;
use crate::media::probe;
use crate::media::testing::{Folder, ffmpeg};

fn decode(path: &Path, channels: u16) -> Decoded {
    let episode = probe(path).unwrap();
    let stream = episode.audio().next().unwrap().index;
    decode_audio(path, stream, 48_000, channels, &mut |_| {}, &Cancel::new()).unwrap()
}

/// First moment that is louder than a third of the peak, in ms; codecs smear an onset by less.
fn onset(audio: &Audio) -> f64 {
    let channels = usize::from(audio.channels);
    let limit = audio.peak() / 3.0;
    assert!(limit > 0.01, "there is no sound");
    let index = audio.samples.iter().position(|s| s.abs() > limit).unwrap();
    (index / channels) as f64 / f64::from(audio.rate) * 1000.0
}

/// Loudness of a piece, in dBFS of its RMS.
fn level(audio: &Audio, from_ms: usize, to_ms: usize) -> f64 {
    let rate = audio.rate as usize;
    crate::audio::to_db(f64::from(audio.slice(from_ms * rate / 1000, to_ms * rate / 1000).rms()))
}

/// Silence for a second, then a tone for a second; made once, encoded in many ways.
const BEEP: &str = "-f lavfi -i sine=f=1000:r=48000:d=1,volume=12dB,adelay=1000:all=1,apad=whole_dur=3";
const PICTURE: &str = "-f lavfi -i testsrc=s=64x64:r=25:d=3";

#[test]
fn sound_is_where_it_was_in_every_container_and_codec() {
    let folder = Folder::new();
    for (name, codec, tolerance) in [
        ("pcm.mov", "-c:v mpeg4 -c:a pcm_s16le", 0.1),
        ("aac.mp4", "-c:v mpeg4 -c:a aac", 3.0),
        ("aac44.mp4", "-c:v mpeg4 -c:a aac -ar 44100", 3.0),
        ("aac-mono.mkv", "-c:v mpeg4 -c:a aac -ac 1", 3.0),
        ("opus.webm", "-c:v libvpx -b:v 100k -c:a libopus", 8.0),
        ("vorbis.mkv", "-c:v mpeg4 -c:a libvorbis", 6.0),
        ("mp3.avi", "-c:v mpeg4 -c:a libmp3lame", 40.0),
        ("flac96.mkv", "-c:v mpeg4 -c:a flac -ar 96000", 0.1),
        ("ac3.ts", "-c:v mpeg2video -c:a ac3 -ac 6", 8.0),
        ("mp2.ts", "-c:v mpeg2video -c:a mp2", 12.0),
        ("dv.avi", "-c:v mpeg4 -c:a pcm_s16le -ar 32000", 0.1),
    ] {
        let path = folder.make(name, &format!("{PICTURE} {BEEP} {codec} -shortest"));
        let decoded = decode(&path, 2);
        assert_eq!((decoded.audio.rate, decoded.audio.channels, decoded.damaged_packets), (48_000, 2, 0), "{name}");
        let at = onset(&decoded.audio);
        assert!((at - 1000.0).abs() <= tolerance, "{name}: the tone begins at {at} ms");
        let length = decoded.audio.duration().seconds();
        assert!((length - 3.0).abs() < 0.1, "{name}: {length} s");
        // A sine of amplitude 1/8 raised by 12 dB.
        let level = level(&decoded.audio, 1200, 1800);
        let wanted = if name == "ac3.ts" { -19.9 } else { -9.4 };
        assert!((level - wanted).abs() < 0.8, "{name}: {level} dBFS");
    }
}

#[test]
fn a_track_that_begins_later_is_preceded_by_silence_and_an_early_one_trimmed() {
    let folder = Folder::new();
    let tone = "-f lavfi -i sine=f=500:r=48000:d=2,volume=12dB";
    for (name, codec) in [("late.mkv", "-c:a pcm_s16le"), ("late.mp4", "-c:a aac"), ("late.ts", "-c:a mp2")] {
        let path = folder.make(name, &format!("{PICTURE} -itsoffset 0.7 {tone} -c:v mpeg4 -bf 0 {codec}"));
        let at = onset(&decode(&path, 1).audio);
        assert!((at - 700.0).abs() < 25.0, "{name}: {at} ms");
    }
    // The picture begins half a second after the sound, which carries a beep at one second.
    for (name, codec) in [("early.mkv", "-c:a pcm_s16le"), ("early.mp4", "-c:a aac")] {
        let path = folder.make(name, &format!("-itsoffset 0.5 {PICTURE} {BEEP} -vsync vfr -c:v mpeg4 {codec}"));
        let at = onset(&decode(&path, 1).audio);
        assert!((at - 500.0).abs() < 25.0, "{name}: {at} ms");
    }
}

#[test]
fn a_hole_is_filled_so_that_nothing_drifts() {
    let folder = Folder::new();
    // Packets between 1.0 and 1.5 s are dropped; what follows keeps its place.
    let path = folder.make(
        "hole.mkv",
        &format!(
            "{PICTURE} -f lavfi -i aevalsrc=if(gte(t\\,2)\\,0.5*sin(3000*t)\\,0.05*sin(3000*t)):s=48000:d=3 \
             -c:v mpeg4 -c:a pcm_s16le -af aselect=not(between(t\\,1\\,1.49))"
        ),
    );
    let decoded = decode(&path, 1);
    let filled = decoded.filled.seconds();
    assert!((filled - 0.5).abs() < 0.05, "{filled} s were filled");
    assert!(level(&decoded.audio, 1050, 1450) < -100.0);
    assert!(level(&decoded.audio, 600, 950) > -35.0);
    let loud = decoded.audio.samples.iter().position(|s| s.abs() > 0.2).unwrap() as f64 / 48.0;
    assert!((loud - 2000.0).abs() < 2.0, "{loud} ms");
}

#[test]
fn damaged_packets_are_counted_and_passed_over() {
    let folder = Folder::new();
    let whole = folder.make("whole.mp4", &format!("{PICTURE} {BEEP} -c:v mpeg4 -c:a aac -shortest"));
    let bad = folder.path("bad.mkv");
    ffmpeg(&format!("-i {} -c copy -bsf:a noise=amount=4", whole.display()), &bad);
    let decoded = decode(&bad, 1);
    assert!(decoded.damaged_packets > 0, "{decoded:?}");
    assert!((decoded.audio.duration().seconds() - 3.0).abs() < 0.5, "{}", decoded.audio.duration());
}

#[test]
fn surround_is_mixed_without_clipping_and_each_channel_is_heard() {
    let folder = Folder::new();
    // Full scale in all six channels.
    let path =
        folder.make("51.mkv", "-f lavfi -i sine=d=1,volume=18dB,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0 -c:a flac");
    let stereo = decode(&path, 2).audio;
    assert!(stereo.peak() <= 1.0, "{}", stereo.peak());
    // The centre alone comes out of both sides, as loud.
    let path = folder.make("centre.mkv", "-f lavfi -i sine=d=1,volume=12dB,pan=5.1|c2=c0 -c:a flac");
    let stereo = decode(&path, 2).audio;
    let (left, right): (f32, f32) =
        stereo.samples.chunks_exact(2).fold((0.0, 0.0), |(l, r), s| (l + s[0] * s[0], r + s[1] * s[1]));
    assert!(left > 0.0 && (left / right - 1.0).abs() < 1e-3, "{left} {right}");
}

#[test]
fn surround_can_be_kept_and_each_channel_has_its_place() {
    let folder = Folder::new();
    // From the first channel to the last, each 3 dB softer; surrounds may be called side or back.
    let gains = "c0=c0|c1=.7071*c0|c2=.5*c0|c3=.3536*c0|c4=.25*c0|c5=.1768*c0";
    for (layout, codec) in [("5.1", "flac"), ("5.1(side)", "ac3"), ("5.1", "pcm_s16le")] {
        let made = format!("-f lavfi -i sine=f=80:r=48000:d=2,volume=12dB,pan={layout}|{gains} -c:a {codec}");
        let audio = decode(&folder.make("51.mkv", &made), 6).audio;
        assert_eq!(audio.channels, 6);
        let of_channel = |channel: usize| {
            let samples = audio.samples.iter().skip(channel).step_by(6).copied().collect();
            level(&Audio { rate: audio.rate, channels: 1, samples }, 500, 1500)
        };
        let levels: Vec<f64> = (0..6).map(of_channel).collect();
        for (channel, softer) in levels.iter().enumerate() {
            let wanted = levels[0] - 3.01 * channel as f64;
            assert!((softer - wanted).abs() < 0.5, "{layout} {codec}: {levels:?}");
        }
    }
    // Stereo in six channels is left and right, and nothing else.
    let audio = decode(&folder.make("stereo.mkv", "-f lavfi -i sine=d=1,pan=stereo|c0=c0|c1=c0 -c:a flac"), 6).audio;
    let loud: Vec<bool> = (0..6).map(|c| audio.samples.iter().skip(c).step_by(6).any(|s| s.abs() > 0.01)).collect();
    assert_eq!(loud, [true, true, false, false, false, false]);
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let folder = Folder::new();
    let path = folder.make("picture only.mp4", &format!("{PICTURE} -c:v mpeg4"));
    let error = decode_audio(&path, 0, 48_000, 2, &mut |_| {}, &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::Media);
    assert!(error.to_string().contains("picture only.mp4: stream 0 is no audio"), "{error}");

    let whole = folder.make("whole.mp4", &format!("{BEEP} -c:a aac"));
    let noise = folder.path("noise.mkv");
    ffmpeg(&format!("-i {} -c copy -bsf:a noise=amount=1", whole.display()), &noise);
    let error = decode_audio(&noise, 0, 48_000, 2, &mut |_| {}, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("nothing of its sound"), "{error}");
    assert!(error.remedy().is_some());

    let cancel = Cancel::new();
    cancel.request();
    let error = decode_audio(&whole, 0, 48_000, 2, &mut |_| {}, &cancel).unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted);
}

#[test]
fn progress_rises_to_the_end() {
    let folder = Folder::new();
    let path = folder.make("p.mp4", &format!("{BEEP} -c:a aac"));
    let mut seen = Vec::new();
    decode_audio(&path, 0, 16_000, 1, &mut |time| seen.push(time), &Cancel::new()).unwrap();
    assert!(seen.windows(2).all(|w| w[0] <= w[1]));
    assert!((seen.last().unwrap().seconds() - 3.0).abs() < 0.1, "{:?}", seen.last());
}

#[test]
fn answers_of_speech_services_are_read_from_memory() {
    let folder = Folder::new();
    for (name, codec, rate, length) in [
        ("a.wav", "-c:a pcm_s16le -ar 24000", 24_000, 0.001),
        ("a.mp3", "-c:a libmp3lame -ar 24000", 24_000, 0.1),
        ("a.flac", "-c:a flac", 48_000, 0.001),
        ("a.opus", "-c:a libopus -ac 1", 48_000, 0.03),
        ("a.m4a", "-c:a aac", 48_000, 0.05),
    ] {
        let path = folder.make(name, &format!("-f lavfi -i sine=f=1000:r=48000:d=1.5 {codec}"));
        let audio = read_sound(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!((audio.rate, audio.channels), (rate, 1), "{name}");
        assert!((audio.duration().seconds() - 1.5).abs() <= length, "{name}: {}", audio.duration());
        assert!((level(&audio, 200, 1300) - -21.1).abs() < 0.5, "{name}: {}", level(&audio, 200, 1300));
    }
    // A stream of unknown length, as services send while they still speak.
    let mut wav = std::fs::read(folder.path("a.wav")).unwrap();
    wav[4..8].fill(0xff);
    let data = wav.windows(4).position(|w| w == b"data").unwrap();
    wav[data + 4..data + 8].fill(0xff);
    assert!((read_sound(&wav).unwrap().duration().seconds() - 1.5).abs() < 0.01);
    for bytes in [&b""[..], b"{\"error\": \"no such voice\"}", &[0; 4000]] {
        let error = read_sound(bytes).unwrap_err();
        assert_eq!(error.kind(), Kind::Engine);
        assert!(error.remedy().is_some());
    }
}
