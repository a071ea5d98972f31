//! Channels: what shape the mix has, and where in it a voice is put.
//!
//! Does not know when.

use super::RATE;
use crate::audio::{Audio, from_db};
use crate::error::Result;
use crate::media;
use crate::settings::Surround;
use std::borrow::Cow;
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// The centre among six channels.
const CENTRE: usize = 2;

/// Sound as the mix has it: 48 kHz, six channels or two, and every sample a number. What is so already is not copied.
///
/// # Errors
/// Fails where it cannot be resampled.
pub(super) fn shaped(sound: Cow<'_, Audio>, surround: Surround) -> Result<Cow<'_, Audio>> {
    let sound = match (sound.channels, surround) {
        (2, _) | (6, Surround::Keep) => sound,
        _ => Cow::Owned(stereo(&sound)?),
    };
    let sound = match sound.rate {
        RATE => sound,
        _ => Cow::Owned(media::resample(&sound, RATE, sound.channels)?),
    };
    if sound.samples.iter().all(|sample| sample.is_finite()) {
        return Ok(sound);
    }
    let mut sound = sound.into_owned();
    mend(&mut sound);
    Ok(Cow::Owned(sound))
}

/// What is no number becomes silence: filters would carry it on for good.
pub(super) fn mend(audio: &mut Audio) {
    for sample in &mut audio.samples {
        if !sample.is_finite() {
            *sample = 0.0;
        }
    }
}

/// Two channels: one is copied to both sides; six are mixed by ITU-R BS.775 (centre and surrounds at −3 dB, the LFE left
/// out), not scaled, since mastering limits what is too loud.
///
/// # Errors
/// Fails where another number of channels cannot be mixed.
fn stereo(sound: &Audio) -> Result<Audio> {
    let samples = match sound.channels {
        1 => sound.samples.iter().flat_map(|sample| [*sample; 2]).collect(),
        6 => sound
            .samples
            .chunks_exact(6)
            .flat_map(|m| {
                let side = |front: f32, back: f32| front + FRAC_1_SQRT_2 * (m[CENTRE] + back);
                [side(m[0], m[4]), side(m[1], m[5])]
            })
            .collect(),
        _ => return media::resample(sound, sound.rate, 2),
    };
    Ok(Audio { rate: sound.rate, channels: 2, samples })
}

/// Adds a mono voice to the stem from frame `start` on, louder on the left by `left_db`. In six channels it comes from
/// the centre, by 3 dB louder than from each of two sides, which is as loud.
pub(super) fn add(stem: &mut Audio, voice: &Audio, start: i64, left_db: f64) {
    let channels = usize::from(stem.channels);
    let (left, right) = sides(left_db);
    for (index, sample) in voice.samples.iter().enumerate() {
        let Ok(frame) = usize::try_from(start + index as i64) else { continue };
        let Some(moment) = stem.samples.get_mut(frame * channels..(frame + 1) * channels) else { break };
        if channels == 6 {
            moment[CENTRE] += sample * SQRT_2;
        } else {
            moment[0] += sample * left;
            moment[1] += sample * right;
        }
    }
}

/// Gains of the two sides, one of them louder by so much, both together as loud as in the middle.
fn sides(left_db: f64) -> (f32, f32) {
    // In the middle exactly 1, so that both sides are the same to the bit.
    if left_db == 0.0 {
        return (1.0, 1.0);
    }
    let angle = from_db(-left_db).atan();
    let whole = std::f64::consts::SQRT_2;
    ((whole * angle.cos()) as f32, (whole * angle.sin()) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::to_db;

    #[test]
    fn six_channels_become_two_by_the_standards_coefficients() {
        let one = |channel: usize| {
            let mut samples = vec![0.0; 6];
            samples[channel] = 1.0;
            stereo(&Audio { rate: RATE, channels: 6, samples }).unwrap().samples
        };
        assert_eq!((one(0), one(1)), (vec![1.0, 0.0], vec![0.0, 1.0]));
        assert_eq!(one(CENTRE), [FRAC_1_SQRT_2; 2]);
        assert_eq!(one(3), [0.0, 0.0]);
        assert_eq!((one(4), one(5)), (vec![FRAC_1_SQRT_2, 0.0], vec![0.0, FRAC_1_SQRT_2]));
    }

    #[test]
    fn sounds_take_the_shape_of_the_mix() {
        let shape = |channels, rate, surround| {
            let sound = Audio::silence(rate, channels, rate as usize / 10);
            let shaped = shaped(Cow::Owned(sound), surround).unwrap();
            (shaped.channels, shaped.rate, shaped.frames())
        };
        for (channels, surround, wanted) in [
            (1, Surround::Keep, 2),
            (2, Surround::Keep, 2),
            (6, Surround::Keep, 6),
            (6, Surround::Downmix, 2),
            (8, Surround::Keep, 2),
            (3, Surround::Downmix, 2),
        ] {
            assert_eq!(shape(channels, 48_000, surround), (wanted, 48_000, 4800));
            assert_eq!(shape(channels, 44_100, surround), (wanted, 48_000, 4800));
        }
        let broken = Audio { rate: RATE, channels: 2, samples: vec![0.5, f32::NAN, f32::INFINITY, -0.5] };
        assert_eq!(shaped(Cow::Borrowed(&broken), Surround::Keep).unwrap().samples, [0.5, 0.0, 0.0, -0.5]);
    }

    #[test]
    fn a_voice_is_as_loud_wherever_it_is() {
        let voice = Audio { rate: RATE, channels: 1, samples: vec![0.5; 10] };
        let power = |stem: &Audio| stem.samples.iter().map(|s| f64::from(s * s)).sum::<f64>();
        let mut powers = Vec::new();
        for (channels, left_db) in [(2, 0.0), (2, 6.0), (2, -9.0), (6, 0.0)] {
            let mut stem = Audio::silence(RATE, channels, 10);
            add(&mut stem, &voice, 0, left_db);
            powers.push(power(&stem));
            if channels == 2 {
                let difference = to_db(f64::from(stem.samples[0] / stem.samples[1]));
                assert!((difference - left_db).abs() < 1e-4, "{difference}");
            }
        }
        assert!(powers.iter().all(|power| (power - powers[0]).abs() < 1e-5), "{powers:?}");
    }

    #[test]
    fn what_lies_beyond_the_ends_is_left_out() {
        let voice = Audio { rate: RATE, channels: 1, samples: vec![1.0; 4] };
        let mut stem = Audio::silence(RATE, 2, 3);
        add(&mut stem, &voice, -2, 0.0);
        assert_eq!(stem.samples, [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        add(&mut stem, &voice, 2, 0.0);
        assert_eq!(stem.samples, [1.0; 6]);
    }
}
