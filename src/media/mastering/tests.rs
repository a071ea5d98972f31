use super::*;
use crate::media::loudness::measure;
use crate::media::testing::{Folder, ebur128, ffmpeg, speech};
use crate::media::wav;

fn target(lufs: f64, ceiling_dbtp: f64) -> Target {
    Target { lufs, ceiling_dbtp, judged: None, range_lu: None }
}

fn alone(audio: Audio, target: &Target) -> (Audio, Mastered<1>) {
    let mastered = master([audio], target).unwrap();
    (Blocks::sum(&mastered.parts).audio(), mastered)
}

/// Two stereo sounds that are loud at the same time.
fn stems(seconds: f64) -> [Audio; 2] {
    let (voice, mut bed) = (speech(seconds, 0.5), speech(seconds, 0.7));
    bed.samples.rotate_right(9600);
    [voice, bed]
}

#[test]
fn the_target_is_reached_and_the_ceiling_held_even_when_encoded() {
    let folder = Folder::new();
    for (gain, lufs, ceiling) in [(0.02, -14.0, -1.0), (0.3, -14.0, -1.0), (0.9, -23.0, -1.0), (0.3, -16.0, -2.0)] {
        let audio = speech(10.0, gain);
        let frames = audio.frames();
        let (normal, mastered) = alone(audio, &target(lufs, ceiling));
        assert_eq!(normal.frames(), frames);
        assert_eq!(mastered.measured, measure(&normal).unwrap());
        let path = folder.path("sound.wav");
        std::fs::write(&path, wav::encode(&normal, 24).unwrap()).unwrap();
        let (read, peak) = ebur128(&path);
        assert!((read - lufs).abs() <= 0.3 && peak <= ceiling, "{gain}: {read} LUFS, {peak} dBTP");
        let encoded = folder.path("encoded.m4a");
        ffmpeg(&format!("-i {} -c:a aac -b:a 192k", path.display()), &encoded);
        let (read, peak) = ebur128(&encoded);
        assert!((read - lufs).abs() <= 0.5 && peak <= ceiling, "{gain}: encoded {read} LUFS, {peak} dBTP");
    }
}

#[test]
fn silence_stays_silence_and_a_breath_is_no_reason_to_roar() {
    let silence = Audio::silence(48_000, 2, 48_000);
    let (same, mastered) = alone(silence.clone(), &target(-14.0, -1.0));
    assert_eq!((same, mastered.measured.integrated_lufs, mastered.limited_db), (silence, None, 0.0));
    let (soft, mastered) = alone(speech(5.0, 0.003), &target(-14.0, -1.0));
    assert!(mastered.measured.integrated_lufs.unwrap() < -20.0 && soft.peak() < 0.6, "{:?}", mastered.measured);
    assert!(master([Audio::default()], &target(-14.0, -1.0)).is_err());
}

#[test]
fn nothing_is_limited_that_need_not_be() {
    let audio = speech(6.0, 0.5);
    let (normal, mastered) = alone(audio.clone(), &target(-30.0, -1.0));
    assert_eq!(mastered.limited_db, 0.0);
    let ratio = normal.peak() / audio.peak();
    for (n, a) in normal.samples.iter().zip(&audio.samples) {
        assert!((n - a * ratio).abs() < 1e-6);
    }
}

#[test]
fn the_parts_are_treated_alike_and_add_up_in_their_files_too() {
    let before = stems(8.0);
    let mastered = master(before.clone(), &target(-12.0, -1.0)).unwrap();
    assert!(mastered.limited_db > 1.0, "nothing was limited: {}", mastered.limited_db);
    let read = |sound: Blocks<'_>| wav::decode(&wav::encode(sound, 24).unwrap()).unwrap();
    let stems = mastered.parts.each_ref().map(|part| read(part.into()));
    assert_eq!(Blocks::sum(&stems).audio(), read(Blocks::sum(&mastered.parts)));
    // One curve: where both are heard, both changed by the same factor.
    let pairs = || before[0].samples.iter().zip(&before[1].samples).zip(mastered.parts[0].samples.iter());
    let mut compared = 0;
    for (((a, b), x), y) in pairs().zip(&mastered.parts[1].samples) {
        if a.abs() > 0.05 && b.abs() > 0.05 {
            assert!((x / a - y / b).abs() < 1e-4, "{} and {}", x / a, y / b);
            compared += 1;
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn parts_that_cancel_each_other_do_not_clip() {
    let voice = speech(4.0, 0.9);
    let mut bed = voice.clone();
    bed.apply_gain(-0.95);
    let mastered = master([voice, bed], &target(-14.0, -1.0)).unwrap();
    assert!(mastered.parts.iter().all(|part| part.peak() <= from_db(-1.0) as f32));
    assert!(master([speech(1.0, 0.5), speech(2.0, 0.5)], &target(-14.0, -1.0)).is_err());
}

#[test]
fn loudness_can_be_that_of_a_part() {
    let [voice, mut bed] = stems(10.0);
    bed.apply_gain(1.5);
    let wanted = Target { judged: Some(0), ..target(-27.0, -2.0) };
    let mastered = master([voice, bed.clone()], &wanted).unwrap();
    assert!((mastered.judged_lufs.unwrap() + 27.0).abs() < 0.2, "{:?}", mastered.judged_lufs);
    assert!(mastered.measured.integrated_lufs.unwrap() > -25.0 && mastered.measured.true_peak_dbtp <= -2.0);
    // A silent part cannot be judged: the sum is.
    let silent = Audio::silence(bed.rate, 2, bed.frames());
    let mastered = master([silent, bed], &wanted).unwrap();
    assert_eq!(mastered.judged_lufs, None);
    assert!((mastered.measured.integrated_lufs.unwrap() + 27.0).abs() < 0.2, "{:?}", mastered.measured);
}

#[test]
fn the_range_is_narrowed_by_choice_only() {
    let mut audio = speech(70.0, 0.3);
    for (index, moment) in audio.samples.chunks_exact_mut(2).enumerate() {
        let gain = if index / 48_000 / 12 % 2 == 0 { 0.15 } else { 1.0 };
        moment.iter_mut().for_each(|sample| *sample *= gain);
    }
    let (_, kept) = alone(audio.clone(), &target(-20.0, -1.0));
    assert!(kept.source_range_lu > 12.0, "{}", kept.source_range_lu);
    assert!(kept.source_range_lu - kept.measured.range_lu <= RANGE_LOST_LU, "{kept:?}", kept = kept.measured);
    let wanted = Target { range_lu: Some(8.0), ..target(-20.0, -1.0) };
    let (_, narrowed) = alone(audio, &wanted);
    assert_eq!(narrowed.source_range_lu, kept.source_range_lu);
    assert!(narrowed.measured.range_lu < 9.0, "{:?}", narrowed.measured);
    assert!((narrowed.measured.integrated_lufs.unwrap() + 20.0).abs() < 0.5, "{:?}", narrowed.measured);
}

#[test]
fn six_channels_are_mastered_too() {
    let stereo = speech(6.0, 0.5);
    let mut six = Audio::silence(48_000, 6, stereo.frames());
    for (moment, pair) in six.samples.chunks_exact_mut(6).zip(stereo.samples.chunks_exact(2)) {
        moment.copy_from_slice(&[pair[0], pair[1], pair[0] * 2.0, 0.3 * pair[1], pair[1], pair[0]]);
    }
    let (whole, mastered) = alone(six, &target(-16.0, -1.0));
    assert!((mastered.measured.integrated_lufs.unwrap() + 16.0).abs() < 0.3, "{:?}", mastered.measured);
    assert!(mastered.measured.true_peak_dbtp <= -1.0);
    assert_eq!(whole.channels, 6);
}
