//! Where the output goes, and what happens where it cannot.

use super::*;

#[test]
fn pictures_that_do_not_fit_are_refused_with_the_remedy() {
    let folder = Folder::new();
    let source = folder.make("v.webm", &format!("{PICTURE} {SOUND} -c:v libvpx -b:v 100k -c:a libopus"));
    assert!(!fits_mp4(&probe(&source).unwrap()));
    let error = mux(&source, &folder.path("o.mp4"), &delivery(Container::Mp4), &mut |_| Ok(())).unwrap_err();
    assert_eq!((error.kind(), error.what()), (Kind::Usage, "MP4 does not take vp8 pictures"));
    assert!(error.remedy().unwrap().contains("--container mkv"));
    assert_eq!(folder.names(), ["v.webm"]);
}

#[test]
fn a_failed_mux_leaves_what_was_there() {
    let folder = Folder::new();
    let source = folder.make("s.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    let error = mux(&source, &source, &delivery(Container::Mp4), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    fs::write(folder.path("file"), "in the way").unwrap();
    let error = mux(&source, &folder.path("file/o.mp4"), &delivery(Container::Mp4), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::Output, "{error}");
    fs::create_dir(folder.path("o.mp4")).unwrap();
    let error = mux(&source, &folder.path("o.mp4"), &delivery(Container::Mp4), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::Output, "{error}");
    // A stream that is no audio is found out after the temporary file was made.
    fs::write(folder.path("old.mp4"), "the last one").unwrap();
    let wrong = Delivery { keep_original: Some(0), ..delivery(Container::Mp4) };
    assert!(mux(&source, &folder.path("old.mp4"), &wrong, &mut |_| Ok(())).is_err());
    assert_eq!(fs::read(folder.path("old.mp4")).unwrap(), b"the last one");
    assert_eq!(folder.names(), ["file", "o.mp4", "old.mp4", "s.mp4"]);
}

#[test]
fn names_may_be_anything_and_folders_are_made() {
    let folder = Folder::new();
    let source = folder.make("第1集 “it's” 100% 🎬:x.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    let output = folder.path("out dir/pt-BR/第1集 “it's” 100% 🎬:x.mp4");
    run(&source, &output, &delivery(Container::Mp4));
    assert_eq!(of_kind(&ffprobe(&output), "audio").len(), 2);
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&output), mode(&source), "the result is as readable as any new file");
}

#[test]
fn damaged_packets_are_left_out_and_told() {
    let folder = Folder::new();
    let source = folder.make("s.ts", &format!("{PICTURE} {SOUND} -c:v libx264 -c:a aac"));
    let mut bytes = fs::read(&source).unwrap();
    // The header of a sound frame in mid-file: its sync word goes.
    let middle = bytes.len() / 2;
    let at = middle + bytes[middle..].windows(2).position(|w| w == [0xff, 0xf1]).unwrap();
    bytes[at..at + 7].fill(0xff);
    fs::write(&source, bytes).unwrap();
    let output = folder.path("o.mp4");
    let warnings = run(&source, &output, &delivery(Container::Mp4));
    assert!(warnings.len() == 1 && warnings[0].ends_with("of the source were left out"), "{warnings:?}");
    assert_near(&heard(&output), &[0.0, 1.0, 2.5], 0.003, "damaged");
}
