use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// As the real one, small.
const SMALL: Shape = Shape { frame: 64, lines: 24, upper: 6, tile: 12, seam: 3, level: 1.0 };

/// Noise, other in each channel and the same in each test.
fn noise(moments: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..moments * CHANNELS).map(|_| next() * 0.5).collect()
}

/// The stems of `mix`, read so many moments at a time at most.
fn stems(shape: Shape, mix: &[f32], at_once: usize, mask: Mask<'_>) -> (Vec<f32>, Vec<f32>) {
    let mut rest = mix;
    let mut read = |buffer: &mut [f32]| {
        let (now, later) = rest.split_at(rest.len().min(buffer.len()).min(at_once * CHANNELS));
        buffer[..now.len()].copy_from_slice(now);
        rest = later;
        Ok(now.len())
    };
    let (mut voice, mut bed) = (Vec::new(), Vec::new());
    let mut write = |piece: Piece<'_>| {
        assert_eq!(piece.voice.len(), piece.bed.len());
        assert!(piece.voice.len() <= (shape.tile + OVERLAP) * shape.hop() * CHANNELS, "a piece is a tile at most");
        voice.extend_from_slice(piece.voice);
        bed.extend_from_slice(piece.bed);
        Ok(())
    };
    part(shape, &mut read, mask, &mut write).unwrap();
    (voice, bed)
}

fn all(share: f32) -> impl FnMut(&Seen<'_>, &mut [f32]) -> Result<()> {
    move |_, mask| {
        mask.fill(share);
        Ok(())
    }
}

/// Knows nothing of its neighbours, so that it does not matter where tiles begin; unlike in both channels.
fn by_level(seen: &Seen<'_>, mask: &mut [f32]) -> Result<()> {
    let half = mask.len() / CHANNELS;
    for (index, (share, magnitude)) in mask.iter_mut().zip(seen.mid_side).enumerate() {
        *share = magnitude / (magnitude + if index < half { 1.0 } else { 3.0 });
    }
    Ok(())
}

fn farthest(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn stems_add_up_to_the_mix_at_any_length(moments in 0usize..2500, at_once in 1usize..700, loud in 0.0f32..2.0) {
        let mix: Vec<f32> = noise(moments).iter().map(|sample| sample * loud).collect();
        let (voice, bed) = stems(SMALL, &mix, at_once, &mut by_level);
        prop_assert_eq!(voice.len(), mix.len());
        let sum: Vec<f32> = voice.iter().zip(&bed).map(|(voice, bed)| voice + bed).collect();
        prop_assert!(farthest(&sum, &mix) <= 1e-6);
        // How it is read makes no difference at all.
        prop_assert_eq!(stems(SMALL, &mix, 100_000, &mut by_level), (voice, bed));
    }

    #[test]
    fn all_voice_is_the_mix_and_no_voice_is_silence(moments in 0usize..2500) {
        let mix = noise(moments);
        let (voice, _) = stems(SMALL, &mix, 512, &mut all(1.0));
        prop_assert!(farthest(&voice, &mix) < 1e-5);
        let (voice, bed) = stems(SMALL, &mix, 512, &mut all(0.0));
        prop_assert!(voice.iter().all(|sample| *sample == 0.0));
        prop_assert_eq!(bed, mix);
    }

    #[test]
    fn channels_that_are_the_same_stay_the_same(moments in 0usize..1500) {
        let mix: Vec<f32> = noise(moments).chunks_exact(CHANNELS).flat_map(|pair| [pair[0]; CHANNELS]).collect();
        let (voice, bed) = stems(SMALL, &mix, 512, &mut by_level);
        for stem in [&voice, &bed] {
            prop_assert!(stem.chunks_exact(CHANNELS).all(|pair| pair[0] == pair[1]));
        }
    }
}

#[test]
fn a_mask_over_the_middle_leaves_what_the_channels_differ_in() {
    let mix = noise(2_000);
    let mut middle = |seen: &Seen<'_>, mask: &mut [f32]| {
        let (mid, side) = mask.split_at_mut(seen.mid_side.len() / CHANNELS);
        mid.fill(1.0);
        side.fill(0.0);
        Ok(())
    };
    let (voice, bed) = stems(SMALL, &mix, 512, &mut middle);
    for ((voice, bed), mix) in
        voice.chunks_exact(CHANNELS).zip(bed.chunks_exact(CHANNELS)).zip(mix.chunks_exact(CHANNELS))
    {
        assert!(voice.iter().all(|sample| (sample - f32::midpoint(mix[0], mix[1])).abs() < 1e-5));
        assert!((bed[0] - (mix[0] - mix[1]) / 2.0).abs() < 1e-5 && (bed[0] + bed[1]).abs() < 1e-5);
    }
}

#[test]
fn the_magnitudes_are_those_of_both_channels_their_middle_and_their_difference() {
    // A quarter of the way up, and the right channel turned around.
    let tone = |i: usize| (i as f32 * std::f32::consts::TAU / 4.0).sin();
    let mix: Vec<f32> = (0..2_000).flat_map(|i| [tone(i) * 0.5, tone(i) * -0.25]).collect();
    let mut asked = 0;
    let mut look = |seen: &Seen<'_>, mask: &mut [f32]| {
        let half = mask.len() / CHANNELS;
        // Line 16 of a frame well within the sound.
        let at = 6 * SMALL.lines + 16;
        let left = seen.left_right[at];
        let parts = [seen.left_right[half + at], seen.mid_side[at], seen.mid_side[half + at]].map(|part| part / left);
        if asked == 0 {
            assert!(parts.iter().zip([0.5, 0.25, 0.75]).all(|(got, wanted)| (got - wanted).abs() < 1e-3), "{parts:?}");
        }
        asked += 1;
        mask.fill(0.0);
        Ok(())
    };
    stems(SMALL, &mix, 512, &mut look);
    assert!(asked > 1);
}

#[test]
fn it_does_not_matter_where_tiles_begin() {
    let mix = noise(9_000);
    let whole = Shape { tile: 1_000, ..SMALL };
    let (voice, _) = stems(whole, &mix, 512, &mut by_level);
    for (tile, seam) in [(12, 1), (12, 6), (40, 20), (7, 2)] {
        let (tiled, _) = stems(Shape { tile, seam, ..SMALL }, &mix, 512, &mut by_level);
        assert!(farthest(&tiled, &voice) < 1e-6, "tiles of {tile} with {seam} shared");
    }
}

#[test]
fn a_mask_that_changes_from_tile_to_tile_changes_over_the_seam() {
    let shape = Shape { tile: 40, seam: 20, ..SMALL };
    let mix = vec![0.5; 60 * shape.hop() * CHANNELS];
    let mut share = 1.0;
    let mut mask = |_: &Seen<'_>, mask: &mut [f32]| {
        mask.fill(share);
        share = 0.0;
        Ok(())
    };
    let (voice, _) = stems(shape, &mix, 512, &mut mask);
    let level = |hop: usize| voice[hop * shape.hop() * CHANNELS];
    // The first frame begins three hops before the sound, so the seam lies from hop 17 to hop 37.
    assert!((level(10) - 0.5).abs() < 1e-3, "{}", level(10));
    assert!((level(27) - 0.25).abs() < 0.05, "{}", level(27));
    assert!(level(45).abs() < 1e-3, "{}", level(45));
    let steepest = voice.windows(CHANNELS + 1).skip(64).map(|w| (w[CHANNELS] - w[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.01, "{steepest}");
}

#[test]
fn lines_above_those_that_the_network_sees_follow_the_uppermost_of_them() {
    // A tone above line 24 of 32; the mask is 1 in the upper 6 lines that are seen, and 0 below.
    let tone = |i: usize| (i as f32 * std::f32::consts::TAU * 28.0 / 64.0).sin() * 0.5;
    let mix: Vec<f32> = (0..2_000).flat_map(|i| [tone(i); CHANNELS]).collect();
    let by_line = |seen: f32| {
        move |_: &Seen<'_>, mask: &mut [f32]| {
            for lines in mask.chunks_exact_mut(SMALL.lines) {
                lines.fill(1.0 - seen);
                lines[SMALL.lines - SMALL.upper..].fill(seen);
            }
            Ok(())
        }
    };
    let middle = 500 * CHANNELS..1_500 * CHANNELS;
    let (voice, _) = stems(SMALL, &mix, 512, &mut by_line(1.0));
    assert!(farthest(&voice[middle.clone()], &mix[middle.clone()]) < 1e-3);
    let (_, bed) = stems(SMALL, &mix, 512, &mut by_line(0.0));
    assert!(farthest(&bed[middle.clone()], &mix[middle]) < 1e-3);
}

#[test]
fn silence_is_silent_and_asks_nobody() {
    let mut mask = |_: &Seen<'_>, _: &mut [f32]| -> Result<()> { panic!("a network was asked about silence") };
    for moments in [0, 1, 63, 5_000] {
        let (voice, bed) = stems(SMALL, &vec![0.0; moments * CHANNELS], 512, &mut mask);
        assert_eq!((voice.len(), bed.len()), (moments * CHANNELS, moments * CHANNELS));
        assert!(voice.iter().chain(&bed).all(|sample| *sample == 0.0));
    }
}

#[test]
fn samples_that_are_no_sound_spoil_nothing_else() {
    let mut mix = noise(3_000);
    let (clean, _) = stems(SMALL, &mix, 512, &mut by_level);
    let at = 1_500 * CHANNELS;
    mix[at..at + 4].copy_from_slice(&[f32::NAN, f32::INFINITY, f32::MIN, f32::NEG_INFINITY]);
    let (voice, bed) = stems(SMALL, &mix, 512, &mut by_level);
    assert!(voice.iter().chain(&bed).all(|sample| sample.is_finite()));
    let far = (at - SMALL.frame * CHANNELS, at + (SMALL.frame + 2) * CHANNELS);
    assert!(farthest(&voice[..far.0], &clean[..far.0]) < 1e-6);
    assert!(farthest(&voice[far.1..], &clean[far.1..]) < 1e-6);
}

#[test]
fn whoever_fails_is_heard() {
    let fail = || Error::internal("failed on purpose");
    let mut left = 3;
    let mut some = |buffer: &mut [f32]| {
        buffer.fill(0.1);
        left -= 1;
        Ok(if left > 0 { buffer.len() } else { 0 })
    };
    let mut nothing = |_: Piece<'_>| Ok(());
    assert!(part(SMALL, &mut some, &mut |_, _| Err(fail()), &mut nothing).is_err());
    assert!(part(SMALL, &mut |_| Err(fail()), &mut all(1.0), &mut nothing).is_err());
    assert!(part(SMALL, &mut |_| Ok(1), &mut all(1.0), &mut nothing).is_err(), "half a moment");
    let mut left = 3;
    let mut some = |buffer: &mut [f32]| {
        left -= 1;
        Ok(if left > 0 { buffer.len() } else { 0 })
    };
    assert!(part(SMALL, &mut some, &mut all(1.0), &mut |_| Err(fail())).is_err());
}
