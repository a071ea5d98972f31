use super::*;
use std::f64::consts::TAU;

/// Seconds of sound at 16 kHz.
fn sound(seconds: f64, sample: impl FnMut(f64) -> f64) -> Vec<f32> {
    let mut sample = sample;
    (0..(seconds * f64::from(RATE)) as usize).map(|i| sample(i as f64 / f64::from(RATE)) as f32).collect()
}

/// Plucked chords of three notes, one every half second, over a little noise.
fn chords(seconds: f64) -> Vec<f32> {
    let mut noise = noise();
    sound(seconds, |time| {
        let (beat, within) = ((time * 2.0) as usize, time % 0.5);
        let root = [220.0, 174.6, 261.6, 196.0][beat % 4];
        let string = |hz: f64| (1..6).map(|n| (TAU * hz * f64::from(n) * time).sin() / f64::from(n * n)).sum::<f64>();
        let chord: f64 = [1.0, 1.26, 1.498].iter().map(|ratio| string(root * ratio)).sum();
        0.05 * chord * (-within * 3.0).exp() + 0.002 * noise()
    })
}

fn noise() -> impl FnMut() -> f64 {
    let mut state = 5_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / 8_388_608.0 - 1.0
    }
}

fn found(samples: Vec<f32>, speech: &[Span]) -> Vec<Span> {
    music(&Audio { rate: RATE, channels: 1, samples }, speech)
}

#[test]
fn music_is_marked_where_nobody_speaks() {
    let silence = vec![0.0; RATE as usize * 2];
    let samples = [&silence[..], &chords(12.0), &silence].concat();
    let all = found(samples.clone(), &[]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!((all[0].start - Time::from_ms(2000)).abs() < Delta::from_ms(250), "{all:?}");
    assert!((all[0].end - Time::from_ms(14_000)).abs() < Delta::from_ms(400), "{all:?}");
    let between = found(samples, &[Span::from_ms(6000, 8000), Span::from_ms(9000, 10_000)]);
    assert_eq!(between.len(), 2, "a second between two lines is no passage: {between:?}");
    // To a spectrum, and never into a line.
    let (end, start) = (Time::from_ms(6000), Time::from_ms(10_000));
    assert!(between[0].end <= end && end - between[0].end < Delta::from_ms(150), "{between:?}");
    assert!(between[1].start >= start && between[1].start - start < Delta::from_ms(150), "{between:?}");
}

#[test]
fn noise_hum_tones_and_silence_are_no_music() {
    let mut noise = noise();
    assert!(found(sound(10.0, |_| 0.2 * noise()), &[]).is_empty(), "rain");
    let hum = |time: f64| (1..8).map(|n| 0.1 / f64::from(n) * (TAU * 150.0 * f64::from(n) * time).sin()).sum::<f64>();
    assert!(found(sound(10.0, |time| hum(time) + 0.01 * noise()), &[]).is_empty(), "a machine");
    assert!(found(sound(10.0, |time| 0.3 * (TAU * 440.0 * time).sin()), &[]).is_empty(), "a tone");
    let steps = |time: f64| if time % 0.6 < 0.05 { 0.5 } else { 0.01 };
    assert!(found(sound(10.0, |time| steps(time) * noise()), &[]).is_empty(), "steps");
    assert!(found(vec![0.0; 160_000], &[]).is_empty() && found(Vec::new(), &[]).is_empty());
}

#[test]
fn gaps_are_what_is_left() {
    let whole = Span::from_ms(0, 10_000);
    let spans = [Span::from_ms(2000, 3000), Span::from_ms(2500, 4000), Span::from_ms(9000, 12_000)];
    let left = gaps(whole, &spans);
    assert_eq!(left[..2], [Span::from_ms(0, 2000), Span::from_ms(4000, 9000)]);
    assert!(left[2..].iter().all(|gap| gap.duration() == Delta::ZERO), "{left:?}");
    assert_eq!(gaps(whole, &[]), [whole]);
}
