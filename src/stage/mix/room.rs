//! The room: how the original's sound dies away after its phrases, and a little of the same for the takes.
//!
//! What is heard of a room after a voice stops are its level against the voice and how long it takes to fall by 60 dB.
//! Both are read off the original's envelope where a phrase ends into silence; where music goes on nothing can be read,
//! and nothing is added. An estimate, and a mono one: it is for voices that would else sound pasted on.

use super::{RATE, layout};
use crate::audio::{Audio, from_db, to_db};
use crate::settings::Surround;
use crate::time::{Span, Time};
use realfft::RealFftPlanner;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Seconds between two readings of the envelope.
const STEP: f64 = 0.01;
/// Readings around a cue's end in which its last sound is looked for, since cues are timed to a tenth of a second or so;
/// and readings after it in which it must have died away.
const BEFORE: usize = 40;
const AFTER: usize = 30;
const DECAY: usize = 60;
/// Softer than this below its phrase is no longer the voice, in dB; from here down the decay is read.
const GONE_DB: f64 = 10.0;
/// Down to here, in dB below the phrase, and this far above what goes on afterwards.
const READ_TO_DB: f64 = 30.0;
const ABOVE_FLOOR_DB: f64 = 5.0;
/// Readings through which a line can be drawn, and how well it must fit (R²).
const LEAST_READINGS: usize = 5;
const FIT: f64 = 0.8;
/// Phrases that must tell.
const LEAST_DECAYS: usize = 4;
/// Voices die away by themselves in this time, in seconds for 60 dB; no room is told by it.
const DRY_RT60: f64 = 0.2;
/// What is added at most.
const MOST_RT60: f64 = 0.8;
const MOST_WET_DB: f64 = -12.0;
/// Less is not heard.
const LEAST_WET_DB: f64 = -30.0;
/// The first reflection comes after this time, in seconds.
const PRE_DELAY: f64 = 0.01;

/// A room, as it is heard behind a voice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomSound {
    /// Seconds in which it falls by 60 dB.
    pub rt60: f64,
    /// Its level against the voice, in dB.
    pub wet_db: f64,
}

/// One phrase's end.
#[derive(Clone, Copy, Debug)]
struct Decay {
    rt60: f64,
    wet_db: f64,
}

impl RoomSound {
    /// The room of the original; none where it is dry, or cannot be told.
    pub(super) fn of(sound: &Audio, cues: &[Span]) -> Option<RoomSound> {
        let sound = layout::shaped(Cow::Borrowed(sound), Surround::Downmix).ok()?;
        let envelope = envelope(&sound);
        let mut decays: Vec<Decay> = cues.iter().filter_map(|cue| decay(&envelope, *cue, cues)).collect();
        if decays.len() < LEAST_DECAYS {
            return None;
        }
        // A voice may be slower than its room, a room is never faster than it is: the faster half tells.
        decays.sort_by(|a, b| a.rt60.total_cmp(&b.rt60));
        decays.truncate(decays.len().div_ceil(2));
        let rt60 = decays[decays.len() / 2].rt60;
        let mut levels: Vec<f64> = decays.iter().map(|decay| decay.wet_db).collect();
        levels.sort_by(f64::total_cmp);
        let wet_db = levels[levels.len() / 2].min(MOST_WET_DB);
        (rt60 > DRY_RT60 && wet_db > LEAST_WET_DB).then(|| RoomSound { rt60: rt60.min(MOST_RT60), wet_db })
    }

    /// What such a room answers to a click, without the click: noise that dies away, the same each time.
    pub(super) fn response(self) -> Vec<f32> {
        let rate = f64::from(RATE);
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let mut low = 0.0;
        let tail: Vec<f64> = (0..(self.rt60 * rate) as usize)
            .map(|frame| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let noise = (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
                // Walls and furniture take the highs: a single pole at about 5 kHz.
                low += (noise - low) * 0.48;
                low * 10f64.powf(-3.0 * frame as f64 / (self.rt60 * rate))
            })
            .collect();
        let energy: f64 = tail.iter().map(|sample| sample * sample).sum();
        let gain = if energy > 0.0 { from_db(self.wet_db) / energy.sqrt() } else { 0.0 };
        let before = std::iter::repeat_n(0.0, (PRE_DELAY * rate) as usize);
        before.chain(tail).map(|sample| (sample * gain) as f32).collect()
    }
}

/// Adds the room to a take, which becomes longer by the response.
pub(super) fn add(take: &mut Audio, response: &[f32]) {
    let dry = take.samples.len();
    let length = (dry + response.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let spectrum = |samples: &[f32]| {
        let mut padded = samples.to_vec();
        padded.resize(length, 0.0);
        let mut spectrum = forward.make_output_vec();
        forward.process(&mut padded, &mut spectrum).ok().map(|()| spectrum)
    };
    let (Some(mut product), Some(other)) = (spectrum(&take.samples), spectrum(response)) else { return };
    product.iter_mut().zip(other).for_each(|(a, b)| *a *= b);
    // Sums of real samples have no phase there; rounding may leave some.
    for edge in [0, product.len() - 1] {
        product[edge].im = 0.0;
    }
    let mut wet = inverse.make_output_vec();
    if inverse.process(&mut product, &mut wet).is_err() {
        return;
    }
    take.samples.resize(dry + response.len(), 0.0);
    for (sample, wet) in take.samples.iter_mut().zip(wet) {
        *sample += wet / length as f32;
    }
}

/// Level of each hundredth of a second, in dBFS RMS; not below −120.
fn envelope(stereo: &Audio) -> Vec<f64> {
    let window = (STEP * f64::from(RATE)) as usize * usize::from(stereo.channels);
    let level = |piece: &[f32]| {
        let power = piece.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / piece.len() as f64;
        to_db(power.sqrt()).max(-120.0)
    };
    stereo.samples.chunks(window.max(1)).map(level).collect()
}

/// How the sound dies away after a cue; none where it does not, or another one begins.
fn decay(envelope: &[f64], cue: Span, cues: &[Span]) -> Option<Decay> {
    let at = |time: Time| (time.seconds() / STEP).max(0.0) as usize;
    let end = at(cue.end);
    let next = cues.iter().filter(|other| other.start > cue.start).map(|other| at(other.start)).min();
    let limit = next.unwrap_or(usize::MAX).min(envelope.len());
    let spoken = envelope.get(at(cue.start).max(end.saturating_sub(100))..end.min(limit))?;
    let loudest = spoken.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = spoken.iter().filter(|db| **db > loudest - 20.0).map(|db| 10f64.powf(db / 10.0)).collect();
    let phrase = 10.0 * (powers.iter().sum::<f64>() / powers.len().max(1) as f64).log10();
    let last = (end.saturating_sub(BEFORE)..(end + AFTER).min(limit)).rfind(|i| envelope[*i] > phrase - GONE_DB)?;
    let tail = envelope.get(last + 1..(last + 1 + DECAY).min(limit)).filter(|tail| tail.len() >= DECAY / 2)?;
    let floor = tail.windows(3).map(|three| three.iter().sum::<f64>() / 3.0).fold(f64::MAX, f64::min);
    let to = (phrase - READ_TO_DB).max(floor + ABOVE_FLOOR_DB);
    if floor > phrase - READ_TO_DB {
        return None;
    }
    let count = tail.iter().position(|db| *db <= to)?;
    if count < LEAST_READINGS {
        // It fell that far at once: there is no room to be heard.
        return Some(Decay { rt60: count as f64 * STEP * 60.0 / (READ_TO_DB - GONE_DB), wet_db: f64::MIN });
    }
    let (slope, start, fit) = line(&tail[..count])?;
    (slope < 0.0 && fit >= FIT).then(|| Decay { rt60: -60.0 * STEP / slope, wet_db: start - phrase })
}

/// The straight line through readings: its slope a reading, its start, and R².
fn line(readings: &[f64]) -> Option<(f64, f64, f64)> {
    let count = readings.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = readings.iter().sum::<f64>() / count;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (index, reading) in readings.iter().enumerate() {
        let (x, y) = (index as f64 - middle, reading - mean);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / xx, mean - xy / xx * middle, xy * xy / (xx * yy)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::noise;
    use super::*;

    /// Bursts of voice-like noise a second and a half apart, in that room, over a floor of noise.
    fn film(room: Option<RoomSound>, floor_dbfs: f64) -> (Audio, Vec<Span>) {
        let mut sound = Audio::silence(RATE, 1, 10 * 72_000);
        let mut cues = Vec::new();
        for index in 0..9u32 {
            let mut burst = noise(index + 1, 0.6);
            burst.apply_gain(0.5);
            if let Some(room) = room {
                add(&mut burst, &room.response());
            }
            let start = index as usize * 72_000;
            for (sample, voice) in sound.samples[start..].iter_mut().zip(&burst.samples) {
                *sample += voice;
            }
            // As a recognizer would time them: not quite right.
            let off = i64::from(index % 3) * 80 - 80;
            cues.push(Span::from_ms(i64::from(index) * 1500, i64::from(index) * 1500 + 600 + off));
        }
        let hum = noise(99, 15.0);
        for (sample, hum) in sound.samples.iter_mut().zip(&hum.samples) {
            *sample += hum * from_db(floor_dbfs) as f32 * 3f32.sqrt();
        }
        (sound, cues)
    }

    #[test]
    fn a_room_is_found_in_how_phrases_end() {
        for (rt60, wet_db) in [(0.35, -13.0), (0.5, -14.0), (0.7, -18.0)] {
            let (sound, cues) = film(Some(RoomSound { rt60, wet_db }), -80.0);
            let found = RoomSound::of(&sound, &cues).unwrap_or_else(|| panic!("no room for {rt60} s"));
            assert!((found.rt60 / rt60 - 1.0).abs() < 0.3, "{rt60} s: {found:?}");
            assert!((found.wet_db - wet_db).abs() < 4.0, "{wet_db} dB: {found:?}");
        }
    }

    #[test]
    fn a_studio_and_music_have_none() {
        let (dry, cues) = film(None, -80.0);
        assert_eq!(RoomSound::of(&dry, &cues), None);
        let (music, cues) = film(Some(RoomSound { rt60: 0.5, wet_db: -14.0 }), -28.0);
        assert_eq!(RoomSound::of(&music, &cues), None);
        assert_eq!(RoomSound::of(&music, &[]), None);
        assert_eq!(RoomSound::of(&Audio::silence(RATE, 2, 0), &cues), None);
    }

    #[test]
    fn the_response_has_its_level_and_length_and_is_the_same_each_time() {
        let room = RoomSound { rt60: 0.4, wet_db: -15.0 };
        let response = room.response();
        let energy: f64 = response.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        assert!((to_db(energy.sqrt()) + 15.0).abs() < 0.01);
        assert_eq!(response.len(), 19_200 + 480);
        assert_eq!(response, room.response());
        assert!(response[..480].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn a_take_in_a_room_is_the_take_and_its_echo() {
        let mut click = Audio::silence(RATE, 1, 100);
        click.samples[0] = 1.0;
        let response = RoomSound { rt60: 0.25, wet_db: -14.0 }.response();
        add(&mut click, &response);
        assert_eq!(click.samples.len(), 100 + response.len());
        assert!((click.samples[0] - 1.0).abs() < 1e-4);
        for (index, wanted) in response.iter().enumerate().skip(1) {
            assert!((click.samples[index] - wanted).abs() < 1e-4, "{index}");
        }
        let mut silence = Audio::silence(RATE, 1, 1000);
        add(&mut silence, &response);
        assert_eq!(silence.peak(), 0.0);
    }
}
