//! The mix: takes in their places over the ducked original, at the wanted loudness.
//!
//! Sound in, sound out; does not know the store, files or who spoke the takes.

use crate::audio::{Audio, from_db, to_db};
use crate::error::Result;
use crate::media;
use crate::media::loudness::Measured;
use crate::settings::{Bed, MixSettings};
use crate::time::{Delta, Span};
use crate::timeline::Placement;
use signalsmith_stretch::Stretch;

/// Rate of every mixdown, in Hz.
pub const RATE: u32 = 48_000;

/// Raised whenever the same inputs would be mixed otherwise.
pub const VERSION: u32 = 2;

/// A take with its place and the cue that it dubs.
#[derive(Clone, Debug)]
pub struct Placed {
    /// When, and how far compressed.
    pub placement: Placement,
    /// When the cue is spoken in the source.
    pub cue: Span,
    /// The take as it was spoken, any rate, mono.
    pub take: Audio,
}

/// The bed goes down this long before the voice begins, and up this long after it ends.
const ATTACK: Delta = Delta::from_ms(150);
const RELEASE: Delta = Delta::from_ms(350);
/// Pauses shorter than this between two voices do not let the bed up, which would be heard as pumping.
const HOLD: Delta = Delta::from_ms(600);
/// A take's level before the final loudness, in dBFS RMS: leaves headroom for shouts.
const VOICE_DBFS: f64 = -22.0;
/// How far a take's level follows its cue's level against the others, and within which limits, in dB.
const FOLLOW: f64 = 0.8;
const SOFTER: f64 = -9.0;
const LOUDER: f64 = 4.0;

/// Mixes an episode: `sound` is the original at 48 kHz stereo; the mixdown has exactly its length.
///
/// # Errors
/// Fails if a take cannot be resampled or the limiter cannot be set up.
pub fn mix(sound: &Audio, placed: &[Placed], settings: &MixSettings) -> Result<(Audio, Measured)> {
    let mut mixdown = match settings.bed {
        Bed::Duck => {
            let voiced: Vec<Span> = placed.iter().flat_map(|p| [p.placement.span, p.cue]).collect();
            ducked(sound, &voiced, settings.duck_db)
        }
        Bed::None => Audio::silence(RATE, 2, sound.frames()),
    };
    let gains = levels(sound, placed);
    for (one, gain) in placed.iter().zip(gains) {
        let mut voice = compressed(media::resample(&one.take, RATE, 1)?, one.placement.span.duration());
        let level = to_db(f64::from(active_rms(&voice)).max(1e-6));
        voice.apply_gain(from_db(VOICE_DBFS + gain - level) as f32);
        voice.fade_edges(240);
        add_centred(&mut mixdown, &voice, one.placement.span.start.samples(RATE));
    }
    media::loudness::normalize(mixdown, settings.loudness.lufs(), settings.loudness.true_peak())
}

/// How much louder or softer each take is to be than the norm, in dB: a whisper stays a whisper.
fn levels(sound: &Audio, placed: &[Placed]) -> Vec<f64> {
    let level = |cue: Span| {
        let piece = sound.slice(cue.start.samples(RATE).max(0) as usize, cue.end.samples(RATE).max(0) as usize);
        to_db(f64::from(active_rms(&piece)).max(1e-6))
    };
    let levels: Vec<f64> = placed.iter().map(|one| level(one.cue)).collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f64::total_cmp);
    let norm = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    levels.into_iter().map(|level| ((level - norm) * FOLLOW).clamp(SOFTER, LOUDER)).collect()
}

/// RMS over the 50 ms windows that are within 20 dB of the loudest one, so that pauses do not count.
fn active_rms(audio: &Audio) -> f32 {
    let window = (audio.rate as usize / 20).max(1) * usize::from(audio.channels.max(1));
    let powers: Vec<f64> = audio
        .samples
        .chunks(window)
        .map(|w| w.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / w.len() as f64)
        .collect();
    let loudest = powers.iter().copied().fold(0.0, f64::max);
    let active: Vec<f64> = powers.into_iter().filter(|p| *p >= loudest / 100.0).collect();
    if active.is_empty() { 0.0 } else { (active.iter().sum::<f64>() / active.len() as f64).sqrt() as f32 }
}

/// The take at the length of its place, pitch kept.
fn compressed(take: Audio, length: Delta) -> Audio {
    let frames = length.samples(take.rate).max(1) as usize;
    // A sample or two of rounding are padded or dropped from silence, not stretched.
    if take.frames().abs_diff(frames) <= take.rate as usize / 500 {
        let mut take = take;
        take.samples.resize(frames, 0.0);
        return take;
    }
    let mut output = vec![0.0; frames];
    let mut stretch = Stretch::preset_default(1, take.rate);
    if !stretch.exact(&take.samples, &mut output) {
        // Takes shorter than one analysis block cannot be stretched as a whole; they are streamed with padding.
        output = streamed(&take, frames);
    }
    Audio { samples: output, ..take }
}

fn streamed(take: &Audio, frames: usize) -> Vec<f32> {
    let mut stretch = Stretch::preset_default(1, take.rate);
    let (before, after) = (stretch.input_latency(), stretch.output_latency());
    let rate = take.frames() as f64 / frames as f64;
    let mut input = take.samples.clone();
    let padding = before + (after as f64 * rate).ceil() as usize;
    input.resize(take.frames() + padding, 0.0);
    let mut output = vec![0.0; (input.len() as f64 / rate).round() as usize];
    stretch.process(&input, &mut output);
    let skip = ((before as f64 / rate).round() as usize + after).min(output.len());
    output.drain(..skip);
    output.resize(frames, 0.0);
    output
}

/// The original, lowered by `db` wherever a voice is heard, with ramps that are linear in decibels.
fn ducked(sound: &Audio, voiced: &[Span], db: f64) -> Audio {
    let mut bed = sound.clone();
    let channels = usize::from(bed.channels);
    let total = bed.frames() as i64;
    let (attack, release) = (ATTACK.samples(bed.rate), RELEASE.samples(bed.rate));
    for span in merged(voiced) {
        let (start, end) = (span.start.samples(bed.rate), span.end.samples(bed.rate));
        for frame in (start - attack).max(0)..(end + release).min(total) {
            let depth = if frame < start {
                (frame - (start - attack)) as f64 / attack as f64
            } else if frame >= end {
                1.0 - (frame - end) as f64 / release as f64
            } else {
                1.0
            };
            let gain = from_db(-db * depth) as f32;
            for sample in &mut bed.samples[frame as usize * channels..(frame as usize + 1) * channels] {
                *sample *= gain;
            }
        }
    }
    bed
}

/// Spans with short pauses between them closed, in order, so far apart that their ramps do not meet.
fn merged(spans: &[Span]) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.iter().copied().filter(|s| s.duration() > Delta::ZERO).collect();
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start - last.end < HOLD => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

fn add_centred(mixdown: &mut Audio, voice: &Audio, start: i64) {
    for (index, sample) in voice.samples.iter().enumerate() {
        let frame = start + index as i64;
        if frame >= 0
            && let Some(moment) = mixdown.samples.get_mut(frame as usize * 2..frame as usize * 2 + 2)
        {
            moment[0] += sample;
            moment[1] += sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Loudness;

    fn tone(rate: u32, channels: u16, ms: i64, hz: f64, gain: f32) -> Audio {
        let frames = Delta::from_ms(ms).samples(rate) as usize;
        let sample = |i: usize| (i as f64 / f64::from(rate) * hz * std::f64::consts::TAU).sin() as f32 * gain;
        let samples = (0..frames).flat_map(|i| std::iter::repeat_n(sample(i), channels.into())).collect();
        Audio { rate, channels, samples }
    }

    fn placed(start: i64, end: i64, take: Audio) -> Placed {
        let span = Span::from_ms(start, end);
        let placement = Placement {
            cue: 1,
            span,
            stretch: take.duration().ratio(span.duration()),
            delay: Delta::ZERO,
            borrowed: Delta::ZERO,
            overlap: Delta::ZERO,
        };
        Placed { placement, cue: span, take }
    }

    /// Periods in the tone, from its rising zero crossings.
    fn pitch(audio: &Audio) -> f64 {
        let middle = audio.slice(audio.frames() / 4, audio.frames() * 3 / 4);
        let rising = middle.samples.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        rising as f64 / middle.duration().seconds()
    }

    #[test]
    fn compression_keeps_the_pitch_and_hits_the_length() {
        for ms in [120, 400, 2000] {
            let take = tone(48_000, 1, ms, 220.0, 0.5);
            let length = Delta::from_ms(ms * 100 / 115);
            let out = compressed(take, length);
            assert_eq!(out.frames() as i64, length.samples(48_000));
            assert!(out.rms() > 0.15, "{ms} ms: {}", out.rms());
            if ms >= 400 {
                assert!((pitch(&out) - 220.0).abs() < 12.0, "{ms} ms: {} Hz", pitch(&out));
            }
        }
    }

    #[test]
    fn the_bed_is_down_under_the_voice_and_whole_elsewhere() {
        let sound = tone(48_000, 2, 5000, 100.0, 0.5);
        let bed = ducked(&sound, &[Span::from_ms(2000, 3000)], 18.0);
        let level = |from: i64, to: i64| {
            let at = |ms| (ms * 48) as usize;
            to_db(f64::from(bed.slice(at(from), at(to)).rms() / sound.slice(at(from), at(to)).rms()))
        };
        assert!((level(2100, 2900) + 18.0).abs() < 0.1);
        assert!(level(0, 1800).abs() < 0.01);
        assert!(level(3400, 5000).abs() < 0.01);
    }

    #[test]
    fn a_mix_has_the_length_of_the_original_and_the_wanted_loudness() {
        let sound = tone(48_000, 2, 6000, 90.0, 0.2);
        let takes = [
            placed(1000, 2500, tone(24_000, 1, 1500, 200.0, 0.3)),
            placed(3000, 4000, tone(24_000, 1, 1150, 240.0, 0.9)),
        ];
        let settings = MixSettings { loudness: Loudness::Social, ..MixSettings::default() };
        let (mixdown, measured) = mix(&sound, &takes, &settings).unwrap();
        assert_eq!(mixdown.frames(), sound.frames());
        assert!((measured.integrated_lufs.unwrap() + 14.0).abs() < 0.5, "{measured:?}");
        assert!(measured.true_peak_dbtp <= -1.0, "{measured:?}");
    }

    #[test]
    fn a_soft_line_stays_softer_than_a_loud_one() {
        let mut sound = tone(48_000, 2, 9000, 150.0, 0.3);
        let soft = sound.slice(0, 48_000).samples.len();
        sound.samples[..soft * 2].iter_mut().for_each(|s| *s *= 0.1);
        let takes: Vec<Placed> = [(0, 1500), (3000, 4500), (6000, 7500)]
            .map(|(start, end)| placed(start, end, tone(24_000, 1, 1500, 200.0, 0.5)))
            .into();
        let gains = levels(&sound, &takes);
        assert!(gains[0] <= -6.0 && gains[1].abs() < 0.5, "{gains:?}");
    }

    #[test]
    fn without_a_bed_there_is_only_the_voice() {
        let sound = tone(48_000, 2, 4000, 90.0, 0.2);
        let settings = MixSettings { bed: Bed::None, ..MixSettings::default() };
        let (mixdown, _) = mix(&sound, &[placed(1000, 2000, tone(24_000, 1, 1000, 200.0, 0.3))], &settings).unwrap();
        assert_eq!(mixdown.slice(0, 40_000).peak(), 0.0);
        assert!(mixdown.slice(50_000, 90_000).rms() > 0.05);
    }
}
