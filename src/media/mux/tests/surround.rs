//! Dubs in six channels.

use super::*;

#[test]
fn a_surround_dub_stays_surround_and_its_channels_stay_in_place() {
    let folder = Folder::new();
    let source = folder.make("s.mp4", &format!("{PICTURE} {SOUND} -c:v mpeg4 -c:a aac"));
    // Each channel is heard alone for four tenths of a second.
    let mut audio = Audio::silence(48_000, 6, 3 * 48_000);
    for channel in 0..6 {
        for i in 0..19_200 {
            let frame = channel * 22_000 + i;
            audio.samples[frame * 6 + channel] = (i as f32 * 80.0 / 48_000.0 * std::f32::consts::TAU).sin() * 0.5;
        }
    }
    for (container, name) in [(Container::Mp4, "o.mp4"), (Container::Mkv, "o.mkv")] {
        let mut wanted = delivery(container);
        wanted.dubs[0].audio = audio.clone();
        let output = folder.path(name);
        assert_eq!(run(&source, &output, &wanted), Vec::<String>::new());
        let probed = ffprobe(&output);
        let dub = of_kind(&probed, "audio")[0];
        assert_eq!((&dub["channels"], &dub["channel_layout"]), (&6.into(), &"5.1".into()), "{name}");
        let index = probe(&output).unwrap().audio().next().unwrap().index;
        let back = decode_audio(&output, index, 48_000, 6, &mut |_| {}, &Cancel::new()).unwrap().audio;
        for channel in 0..6 {
            let level = |at: usize| {
                let frames = (at * 22_000 + 4800)..(at * 22_000 + 14_400);
                let samples = frames.map(|frame| back.samples[frame * 6 + channel]).collect();
                Audio { rate: 48_000, channels: 1, samples }.rms()
            };
            let levels: Vec<f32> = (0..6).map(level).collect();
            for (at, level) in levels.iter().enumerate() {
                let right = if at == channel { *level > 0.3 } else { *level < 0.02 };
                assert!(right, "{name}: channel {channel} has {levels:?}");
            }
        }
    }
}
