//! Probing, checked against how the files were made.

use super::*;
use crate::media::testing::{Folder, ffprobe};
use std::fs;

const AV: &str = "-f lavfi -i testsrc=s=96x64:r=24000/1001:d=2 -f lavfi -i sine=r=44100:d=2";

fn failure(path: &Path) -> String {
    let error = probe(path).unwrap_err();
    assert_eq!(error.kind(), Kind::Media, "{error}");
    assert_eq!(error.place().file.as_deref(), Some(path));
    format!("{} | {}", error.what(), error.remedy().expect("an error has a remedy"))
}

#[test]
fn everything_that_was_put_in_is_found() {
    let folder = Folder::new();
    let path = folder.make(
        "第1集 “it's” 🎬.mkv",
        &format!(
            "{AV} -f lavfi -i sine=r=48000:d=2 -map 0 -map 1 -map 2 -c:v mpeg4 -c:a:0 aac -c:a:1 flac -ac:a:1 2 \
             -metadata:s:a:0 language=chi -metadata:s:a:0 title=Original -metadata:s:a:1 language=und \
             -disposition:a:0 0 -disposition:a:1 default"
        ),
    );
    let episode = probe(&path).unwrap();
    assert_eq!(episode.container, "matroska,webm");
    assert_eq!(episode.size, fs::metadata(&path).unwrap().len());
    assert_eq!(episode.digest, blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string());
    assert!((episode.duration.seconds() - 2.0).abs() < 0.06, "{}", episode.duration);
    let video = episode.video().unwrap();
    let wanted =
        StreamKind::Video { width: 96, height: 64, frame_rate: (24_000, 1001), rotation: 0, attached_picture: false };
    assert_eq!((&video.kind, video.codec.as_str()), (&wanted, "mpeg4"));
    let audio: Vec<&Stream> = episode.audio().collect();
    assert_eq!(audio[0].language, Some("zh".parse().unwrap()));
    assert_eq!(audio[0].title.as_deref(), Some("Original"));
    assert_eq!(audio[0].kind, StreamKind::Audio { sample_rate: 44_100, channels: 1, layout: "mono".into() });
    assert_eq!((audio[1].language.as_ref(), audio[1].default, audio[1].codec.as_str()), (None, true, "flac"));

    assert_eq!(choose_audio(&episode, None).unwrap().index, 2);
    let choice = |text: &str| TrackChoice::Language(text.parse().unwrap());
    assert_eq!(choose_audio(&episode, Some(&choice("zh-Hans"))).unwrap().index, 1);
    assert_eq!(choose_audio(&episode, Some(&TrackChoice::Number(2))).unwrap().index, 2);
    let error = choose_audio(&episode, Some(&choice("ko"))).unwrap_err();
    assert_eq!(error.what(), "there is no audio track in Korean");
    assert_eq!(
        error.remedy(),
        Some("the audio tracks are: 1 (zh, aac, mono, \"Original\"), 2 (no language, flac, stereo)")
    );
    assert!(choose_audio(&episode, Some(&TrackChoice::Number(0))).is_err());
    assert!(choose_audio(&episode, Some(&TrackChoice::Number(3))).is_err());
}

#[test]
fn rotation_covers_and_chapters_are_seen() {
    let folder = Folder::new();
    fs::write(
        folder.path("meta.txt"),
        ";FFMETADATA1\ntitle=Pilot\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Two\n",
    )
    .unwrap();
    let plain = folder.make(
        "plain.mp4",
        &format!("{AV} -i {} -map 0 -map 1 -map_metadata 2 -c:v mpeg4", folder.path("meta.txt").display()),
    );
    let turned = folder.make("turned.mp4", &format!("-i {} -c copy -metadata:s:v rotate=90", plain.display()));
    let episode = probe(&turned).unwrap();
    assert_eq!(episode.chapters, 2);
    let Some(Stream { kind: StreamKind::Video { rotation, .. }, .. }) = episode.video() else { panic!() };
    // ffprobe tells it counterclockwise.
    let told = ffprobe(&turned)["streams"][0]["side_data_list"][0]["rotation"].as_i64().unwrap();
    assert!(told.abs() == 90);
    assert_eq!(i64::from(*rotation), (-told).rem_euclid(360));
    let cover = folder.make("cover.png", "-f lavfi -i testsrc=s=32x32 -frames:v 1");
    let covered = folder.make(
        "covered.m4a",
        &format!(
            "-i {} -i {} -map 0:a -map 1 -c:a copy -c:v png -disposition:v attached_pic",
            plain.display(),
            cover.display()
        ),
    );
    assert!(probe(&covered).unwrap().video().is_none());
}

#[test]
fn each_bad_source_has_its_own_error() {
    let folder = Folder::new();
    assert_eq!(failure(&folder.path("absent.mp4")), "no such file | check the name and the folder");
    fs::create_dir(folder.path("a folder.mp4")).unwrap();
    assert!(failure(&folder.path("a folder.mp4")).starts_with("is a folder, not a media file | name the video"));
    fs::write(folder.path("empty.mp4"), "").unwrap();
    assert_eq!(failure(&folder.path("empty.mp4")), "is empty | copy or download it again");
    fs::write(folder.path("text.mp4"), "This is a letter, not a film.\n".repeat(50)).unwrap();
    assert!(failure(&folder.path("text.mp4")).starts_with("is not media that FFmpeg can open"));
    fs::write(folder.path("zeros.mp4"), vec![0; 100_000]).unwrap();
    assert!(failure(&folder.path("zeros.mp4")).starts_with("is not media that FFmpeg can open"));
}

#[test]
fn a_truncated_file_is_told_as_one() {
    let folder = Folder::new();
    let cut = |name: &str, arguments: &str| {
        let whole = folder.make(name, &format!("{AV} -c:v mpeg4 {arguments}"));
        let bytes = fs::read(&whole).unwrap();
        fs::write(&whole, &bytes[..bytes.len() / 2]).unwrap();
        failure(&whole)
    };
    assert_eq!(cut("a.mp4", ""), "is truncated: its index is missing | copy or download it again");
    assert!(cut("b.mp4", "-movflags +faststart").contains("are missing at its end"));
    assert!(cut("c.mkv", "").contains("are missing at its end"));
}

#[test]
fn a_file_without_permission_is_told_as_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.make("secret.mp4", &format!("{AV} -c:v mpeg4"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        // The superuser may read everything: only the mapping can be tested then.
        let error = unreadable(&path, std::io::Error::from_raw_os_error(libc::EACCES));
        assert!(error.to_string().contains("permission denied"), "{error}");
        return;
    }
    assert!(failure(&path).starts_with("may not be read: permission denied"));
}

#[test]
fn no_file_makes_the_program_open_another() {
    let folder = Folder::new();
    let victim = folder.make("victim.ts", &format!("{AV} -c:v mpeg2video"));
    for (name, text) in [
        ("list.m3u8", format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n", victim.display())),
        ("list.mp4", format!("ffconcat version 1.0\nfile {}\n", victim.display())),
        ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n".to_owned()),
    ] {
        fs::write(folder.path(name), text).unwrap();
        let what = failure(&folder.path(name));
        assert!(what.starts_with("is not media that FFmpeg can open"), "{name}: {what}");
    }
}

#[test]
fn a_recording_without_a_length_is_measured() {
    let folder = Folder::new();
    // Written to a pipe, Matroska has neither length nor index, as browsers record it.
    let live = folder.make("live.webm", &format!("{AV} -c:v libvpx -b:v 100k -c:a libopus -live 1 -f webm"));
    let episode = probe(&live).unwrap();
    assert!((episode.duration.seconds() - 2.0).abs() < 0.1, "{}", episode.duration);
}

#[test]
fn a_length_that_is_a_lie_is_refused() {
    let folder = Folder::new();
    let path = folder.make("long.mkv", &format!("{AV} -c:v mpeg4 -c:a pcm_s16le"));
    let mut bytes = fs::read(&path).unwrap();
    // The element Duration, a double of milliseconds.
    let at = bytes.windows(3).position(|w| w == [0x44, 0x89, 0x88]).unwrap();
    bytes[at + 3..at + 11].copy_from_slice(&1e12f64.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    assert!(failure(&path).starts_with("says that it is 277778 hours long | cut it"), "{}", failure(&path));
}

#[test]
fn a_silent_film_is_no_error_until_its_sound_is_wanted() {
    let folder = Folder::new();
    let path = folder.make("mute.mp4", "-f lavfi -i testsrc=s=64x64:d=1 -c:v mpeg4");
    let error = choose_audio(&probe(&path).unwrap(), None).unwrap_err();
    assert_eq!((error.kind(), error.what()), (Kind::Media, "there is no audio track"));
    assert!(error.remedy().is_some());
}

#[test]
fn a_track_of_mp4_has_its_title_in_its_handlers_name() {
    let folder = Folder::new();
    let named = "-metadata:s:a:0 handler_name=Director's -c:a aac -t 1";
    let titles = |path: &Path| probe(path).unwrap().audio().map(|s| s.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&folder.make("named.mp4", &format!("{AV} {named}"))), [Some("Director's".to_owned())]);
    // What a program calls it by itself is no title.
    assert_eq!(titles(&folder.make("plain.mp4", &format!("{AV} -c:a aac -t 1"))), [None]);
}
