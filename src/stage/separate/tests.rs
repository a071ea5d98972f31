use super::*;
use crate::time::Time;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const RATE: u32 = 48_000;

fn tone(ms: i64, hz: f64, gain: f32) -> Audio {
    let frames = Delta::from_ms(ms).samples(RATE) as usize;
    let sample = |i: usize| (i as f64 / f64::from(RATE) * hz * std::f64::consts::TAU).sin() as f32 * gain;
    Audio { rate: RATE, channels: 2, samples: (0..frames).flat_map(|i| [sample(i); 2]).collect() }
}

fn noise(frames: usize, seed: u32, gain: f32) -> Audio {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / 8_388_608.0 - 1.0) * gain
    };
    Audio { rate: RATE, channels: 2, samples: (0..frames * 2).map(|_| next()).collect() }
}

fn level(audio: &Audio, from_ms: i64, to_ms: i64) -> f64 {
    let at = |ms: i64| (ms * 48) as usize;
    20.0 * f64::from(audio.slice(at(from_ms), at(to_ms)).rms()).log10()
}

/// Spans within three seconds, in any order, overlapping as they like.
fn spans() -> impl Strategy<Value = Vec<Span>> {
    let one = (-200i64..3_200, 0i64..900).prop_map(|(start, length)| Span::from_ms(start, start + length));
    proptest::collection::vec(one, 0..6)
}

/// Is the moment `at` neither in a span, its edges and fades, nor between two so near that the bed goes through?
fn is_outside(at: Time, spans: &[Span], edges: Edges) -> bool {
    let wide: Vec<Span> = spans
        .iter()
        .filter(|span| span.duration() > Delta::ZERO)
        .map(|span| Span::new(span.start - edges.before - edges.fade, span.end + edges.after + edges.fade))
        .collect();
    if wide.iter().any(|span| span.start <= at && at < span.end) {
        return false;
    }
    let before = wide.iter().map(|span| span.end).filter(|end| *end <= at).max();
    let after = wide.iter().map(|span| span.start).filter(|start| *start > at).min();
    before.zip(after).is_none_or(|(before, after)| after - before >= HOLD)
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn outside_of_speech_the_bed_is_the_original_to_the_bit(
        speech in spans(), before in 0i64..300, after in 0i64..300, fade in 0i64..200, frames in 0usize..150_000,
    ) {
        let edges = Edges { before: Delta::from_ms(before), after: Delta::from_ms(after), fade: Delta::from_ms(fade) };
        let (mix, voice) = (noise(frames, 1, 0.5), noise(frames, 2, 0.4));
        let made = bed(mix.clone(), &voice, &speech, edges).unwrap();
        prop_assert_eq!(made.frames(), mix.frames());
        for (index, sample) in made.samples.iter().enumerate() {
            let at = Time::from_samples(index as i64 / 2, RATE);
            let (mix, voice) = (mix.samples[index], voice.samples[index]);
            if is_outside(at, &speech, edges) {
                prop_assert_eq!(sample.to_bits(), mix.to_bits());
            } else if speech.iter().any(|s| s.start - edges.before <= at && at < s.end + edges.after && s.start < s.end) {
                prop_assert_eq!(*sample, mix - voice);
            } else {
                // A fade: some of the voice, and never more than there is.
                let share = (mix - sample) / voice;
                prop_assert!(voice.abs() < 1e-3 || (-1e-3..=1.001).contains(&share), "{share} at {at}");
            }
        }
    }

    #[test]
    fn depths_are_bounded_and_move_slowly(levels in proptest::collection::vec((0.0f32..1.0, 0.0f32..1.0), 1..120)) {
        let window = 20;
        let of = |level: &dyn Fn(&(f32, f32)) -> f32| -> Vec<f32> {
            levels.iter().flat_map(|pair| std::iter::repeat_n(level(pair).powi(4), window)).collect()
        };
        let push = |index: usize| if index % 40 < 20 { BARE } else { COVERED };
        let depths = depths(&of(&|pair| pair.0), &of(&|pair| pair.1), window, push);
        prop_assert_eq!(depths.len(), levels.len());
        prop_assert!(depths.iter().all(|depth| (0.0..=BARE.most + 1e-9).contains(depth)));
        let most = BARE.most / (HOLD_WINDOWS + 1) as f64 + 1e-9;
        prop_assert!(depths.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= most));
    }

    #[test]
    fn hushing_touches_speech_alone_and_under_takes_little(speech in spans(), takes in spans(), loud in 0.0f32..1.0) {
        let (whole, voice) = (noise(150_000, 3, 0.02), noise(150_000, 4, loud));
        let mut hushed = whole.clone();
        hush(&mut hushed, &voice, &speech, &takes, EDGES).unwrap();
        let near = |spans: &[Span], at: Time, by: Delta| spans.iter().any(|s| s.start - by <= at && at <= s.end + by);
        let (spoken, bare) = (spoken(&speech, EDGES), uncovered(&speech, &takes, EDGES));
        let band = band::of(&whole.samples, 2, RATE);
        let block = 480 * 2;
        let blocks = hushed.samples.chunks(block).zip(whole.samples.chunks(block)).zip(band.chunks(block));
        for (index, ((sound, before), band)) in blocks.enumerate() {
            let (start, end) = (Time::from_ms(index as i64 * 10), Time::from_ms(index as i64 * 10 + 10));
            if !near(&spoken, start, EDGES.fade) && !near(&spoken, end, EDGES.fade) {
                prop_assert_eq!(sound, before);
            }
            // What is taken is a share of the band in which voices are heard.
            let taken: Vec<f32> = sound.iter().zip(before).map(|(sound, before)| before - sound).collect();
            let root = |sound: &[f32]| sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>().sqrt();
            let reach = RAMP + WINDOW;
            let most = if near(&bare, start, reach) || near(&bare, end, reach) { BARE.most } else { COVERED.most };
            prop_assert!(root(&taken) <= root(band) * (1.0 - from_db(-most)) * 1.02 + 1e-4, "{}", start);
        }
    }

    #[test]
    fn every_moment_of_speech_is_covered_or_not(speech in spans(), takes in spans()) {
        let bare = uncovered(&speech, &takes, EDGES);
        let holds = |spans: &[Span], at: Time| spans.iter().any(|span| span.start <= at && at < span.end);
        let (spoken, takes) = (spoken(&speech, EDGES), merged(takes, RAMP + RAMP));
        for at in (-1_000..5_000).step_by(7).map(Time::from_ms) {
            // Two bare stretches with a short take between them are one.
            let short = takes.iter().any(|take| holds(&[*take], at) && take.duration() < RAMP + RAMP);
            prop_assert!(holds(&bare, at) == (holds(&spoken, at) && !holds(&takes, at)) || short, "{at}");
        }
    }
}

#[test]
fn the_bed_goes_through_a_fade_while_the_voice_fades() {
    let (music, voice) = (tone(3000, 110.0, 0.2), tone(3000, 700.0, 0.5));
    let sum = music.samples.iter().zip(&voice.samples).map(|(music, voice)| music + voice).collect();
    let mix = Audio { samples: sum, ..music.clone() };
    let made = bed(mix.clone(), &voice, &[Span::from_ms(1000, 2000)], EDGES).unwrap();
    let left: Vec<f32> = made.samples.iter().zip(&music.samples).map(|(made, music)| made - music).collect();
    let left = Audio { samples: left, ..music };
    // Gone from 850 to 2300 ms, whole before 750 and after 2400.
    assert!(level(&left, 850, 2300) < -100.0);
    assert_eq!(made.slice(0, 750 * 48), mix.slice(0, 750 * 48));
    assert_eq!(made.slice(2400 * 48, 3000 * 48), mix.slice(2400 * 48, 3000 * 48));
    // In the middle of a fade half of the voice is left.
    let half = level(&left, 790, 810) - level(&voice, 790, 810);
    assert!((half + 6.0).abs() < 0.3, "{half}");
}

#[test]
fn a_short_pause_does_not_let_the_original_through() {
    let (mix, voice) = (noise(RATE as usize * 4, 5, 0.3), noise(RATE as usize * 4, 6, 0.3));
    let edges = Edges { before: Delta::ZERO, after: Delta::ZERO, fade: Delta::from_ms(50) };
    let at = |pause: i64| {
        let speech = [Span::from_ms(500, 1000), Span::from_ms(1000 + pause, 3500)];
        let made = bed(mix.clone(), &voice, &speech, edges).unwrap();
        let middle = (1000 + pause / 2) as usize * 48 * 2;
        (made.samples[middle], mix.samples[middle], mix.samples[middle] - voice.samples[middle])
    };
    let (made, _, without) = at(490);
    assert_eq!(made, without);
    let (made, original, _) = at(510);
    assert_eq!(made, original);
}

#[test]
fn a_voice_that_ends_early_is_silent_from_there() {
    let mix = noise(10_000, 7, 0.3);
    let voice = noise(4_000, 8, 0.3);
    let made = bed(mix.clone(), &voice, &[Span::from_ms(0, 1000)], EDGES).unwrap();
    assert_eq!(made.slice(4_000, 10_000), mix.slice(4_000, 10_000));
    assert_ne!(made.slice(0, 4_000), mix.slice(0, 4_000));
    let mut hushed = mix.clone();
    hush(&mut hushed, &Audio::silence(RATE, 2, 0), &[Span::from_ms(0, 1000)], &[], EDGES).unwrap();
    assert_eq!(hushed, mix);
}

/// Speech as wide as it is given.
const CLOSE: Edges = Edges { before: Delta::ZERO, after: Delta::ZERO, fade: Delta::from_ms(100) };

#[test]
fn what_is_left_of_a_loud_voice_goes_down_where_no_take_covers_it() {
    // At its peak where the speech ends.
    let (quiet, voice) = (tone(5000, 1000.25, 0.005), tone(5000, 900.0, 0.5));
    let (speech, take) = (Span::from_ms(1000, 3000), Span::from_ms(1000, 2000));
    let mut hushed = quiet.clone();
    hush(&mut hushed, &voice, &[speech], &[take], CLOSE).unwrap();
    let lowered = level(&hushed, 2050, 2950) - level(&quiet, 2050, 2950);
    assert!((lowered + BARE.most).abs() < 0.5, "{lowered}");
    // Outside of speech and where the take has it to itself nothing changes.
    for (from, to) in [(0, 900), (1100, 1860), (3100, 5000)] {
        assert!(hushed.slice(from * 48, to * 48) == quiet.slice(from * 48, to * 48), "{from} to {to} ms");
    }
    // Nothing clicks: no step is larger than the tone's own.
    let steepest = |audio: &Audio| audio.samples.windows(3).map(|w| (w[2] - w[0]).abs()).fold(0.0, f32::max);
    assert!(steepest(&hushed) <= steepest(&quiet) * 1.01, "{} {}", steepest(&hushed), steepest(&quiet));
}

#[test]
fn under_a_take_it_goes_down_where_little_else_is_heard_and_yet_it_is_heard() {
    let (speech, take) = (Span::from_ms(500, 3500), Span::from_ms(400, 3600));
    let lowered = |gain: f32| {
        let (whole, voice) = (tone(4000, 1000.25, gain), tone(4000, 900.0, 0.5));
        let mut hushed = whole.clone();
        hush(&mut hushed, &voice, &[speech], &[take], CLOSE).unwrap();
        level(&whole, 700, 3300) - level(&hushed, 700, 3300)
    };
    let gain = |under: f64| 0.5 * from_db(-under) as f32;
    // Music covers it; it is mostly voice; it is too soft behind the take.
    for (under, down) in [(6.0, 0.0), (13.0, 0.0), (17.0, 3.0), (20.0, 6.0), (23.0, 3.0), (27.0, 0.0), (40.0, 0.0)] {
        let lowered = lowered(gain(under));
        assert!((lowered - down).abs() < 0.6, "{under} dB under the voice: {lowered} dB");
    }
}

#[test]
fn long_speech_goes_down_without_seams() {
    let (whole, voice) = (tone(65_000, 1000.25, 0.02), tone(65_000, 900.0, 0.5));
    let mut hushed = whole.clone();
    hush(&mut hushed, &voice, &[Span::from_ms(0, 65_000)], &[], CLOSE).unwrap();
    for ms in (1_000..64_000).step_by(20) {
        let lowered = level(&whole, ms, ms + 20) - level(&hushed, ms, ms + 20);
        assert!((lowered - BARE.most).abs() < 0.05, "{lowered} dB at {ms} ms");
    }
}

#[test]
fn a_take_from_the_first_consonant_to_the_last_leaves_the_bed_as_it_is() {
    // The bed is without the voice for longer than the voice is heard.
    let (quiet, mut voice) = (tone(5000, 1000.25, 0.005), tone(5000, 900.0, 0.5));
    for (index, sample) in voice.samples.iter_mut().enumerate() {
        if !(1040 * 48..2960 * 48).contains(&(index / 2)) {
            *sample = 0.0;
        }
    }
    let speech = [Span::from_ms(1000, 3000)];
    let mut hushed = quiet.clone();
    // Two takes without time between them for the bed to come down.
    hush(&mut hushed, &voice, &speech, &[Span::from_ms(1000, 1900), Span::from_ms(2050, 3020)], EDGES).unwrap();
    let off = hushed.samples.iter().zip(&quiet.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 0.0005, "{off}");
    hush(&mut hushed, &voice, &speech, &[Span::from_ms(1000, 1900), Span::from_ms(2400, 3000)], EDGES).unwrap();
    assert!(level(&hushed, 2000, 2300) < level(&quiet, 2000, 2300) - 6.0);
}

#[test]
fn a_bed_that_covers_what_is_left_stays_as_it_is() {
    let voice = tone(4000, 900.0, 0.2);
    for (hz, gain) in [(1000.0, 0.2), (1000.0, 0.14), (30.0, 0.01), (20_000.0, 0.01)] {
        let whole = tone(4000, hz, gain);
        let mut hushed = whole.clone();
        hush(&mut hushed, &voice, &[Span::from_ms(500, 3500)], &[], CLOSE).unwrap();
        let lowered = level(&hushed, 600, 3400) - level(&whole, 600, 3400);
        assert!(lowered.abs() < 0.2, "{hz} Hz at {gain}: {lowered}");
    }
}

#[test]
fn sounds_of_other_forms_are_refused() {
    let mix = Audio::silence(RATE, 2, 10);
    for voice in [Audio::silence(44_100, 2, 10), Audio::silence(RATE, 1, 10)] {
        assert!(bed(mix.clone(), &voice, &[], EDGES).is_err());
        assert!(hush(&mut mix.clone(), &voice, &[], &[], EDGES).is_err());
    }
}
