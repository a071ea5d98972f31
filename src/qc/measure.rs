//! Measuring: what a finished file holds and how it sounds, as a viewer gets it.
//!
//! Decodes sound and counts packets; pictures are not decoded. Does not judge.

use super::{DeliverableReport, Found, HeardReport, LoudnessReport, PictureReport, TrackKind, TrackReport};
use crate::audio::{Audio, to_db};
use crate::cancel::Cancel;
use crate::episode::{Episode, Stream, StreamKind};
use crate::error::{Error, Kind, Result};
use crate::media::{self, Packets};
use crate::time::{Delta, Span};
use std::path::Path;

/// Hz; what deliverables are made at.
const RATE: u32 = 48_000;
/// Sounds are compared at a quarter of that: voices lie below 6 kHz.
const COMPARED_RATE: u32 = RATE / 4;
/// An encoder may shift sound by this many of those samples, 2 ms.
const SHIFT: usize = 24;
/// Windows in which silence is looked for.
const WINDOW: Delta = Delta::from_ms(20);
/// What is softer than this is silence, in linear amplitude (−60 dBFS).
const SILENT: f64 = 0.001;
/// Silence has no level; it is told as this, in dBFS.
const FLOOR_DBFS: f64 = -120.0;

/// A finished file, and what it is to be measured against.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// The file.
    pub path: &'a Path,
    /// The source, where it is there.
    pub source: Option<&'a Path>,
    /// Which of its sounds is measured, from 0: the dub, or what stands in its place.
    pub sound: usize,
    /// Where each take is heard, by line.
    pub takes: &'a [(u32, Span)],
    /// How loud the dub was to be, and what was known of that before; none where there is no dub.
    pub target: Option<&'a LoudnessReport>,
}

/// Measures a finished file; gives what it holds besides, too.
///
/// # Errors
/// Fails as media where the file cannot be read, or has no sound that can be decoded; as interrupted where a stop
/// was asked for.
pub fn measure(
    finished: &Finished<'_>,
    cancel: &Cancel,
) -> Result<(DeliverableReport, Option<LoudnessReport>, Episode)> {
    let path = finished.path;
    let probed = media::probe(path)?;
    let no_sound = || Error::new(Kind::Media, "the finished file has no sound").file(path).hint("run again");
    let dub = probed.audio().nth(finished.sound).ok_or_else(no_sound)?;
    let audio = media::decode_audio(path, dub.index, RATE, dub.mixed_channels(), &mut |_| (), cancel)?.audio;
    let loudness = |target: &LoudnessReport| {
        let measured = media::loudness::measure(&audio)?;
        let (integrated_lufs, true_peak_dbtp) = (measured.integrated_lufs, measured.true_peak_dbtp);
        Ok::<_, Error>(LoudnessReport { integrated_lufs, true_peak_dbtp, ..target.clone() })
    };
    let loudness = finished.target.map(loudness).transpose()?;
    let mono = audio.to_mono();
    drop(audio);
    let original = finished.source.map(|source| original(source, cancel)).transpose()?.flatten();
    let compared = original.as_ref().map(|original| (fourth(&mono), original));
    let heard = |(line, span): &(u32, Span)| HeardReport {
        line: *line,
        span: *span,
        level_dbfs: level(&mono, *span),
        silence: silence(&mono, *span),
        original: compared.as_ref().map(|(dub, original)| alike(dub, original, *span)),
    };
    let packets = media::packets(path, cancel)?;
    let source_packets = finished.source.map(|source| picture(source, cancel)).transpose()?.flatten();
    let film = |stream: &Stream| Some(stream.index) == probed.video().map(|video| video.index);
    let pictures = probed.streams.iter().find(|stream| film(stream)).and_then(|stream| of(&packets, stream));
    let file = DeliverableReport {
        path: path.to_owned(),
        digest: probed.digest.clone(),
        duration: probed.duration,
        streams: probed.streams.iter().map(stream_name).collect(),
        languages: Vec::new(),
        dubs: Vec::new(),
        warnings: Vec::new(),
        found: Found::AsMade,
        tracks: probed.streams.iter().map(|stream| track(stream, of(&packets, stream))).collect(),
        picture: pictures.zip(source_packets).map(|(own, source)| PictureReport {
            packets: own.count,
            source_packets: source.count,
            standstill: own.longest,
            source_standstill: source.longest,
        }),
        heard: finished.takes.iter().map(heard).collect(),
    };
    Ok((file, loudness, probed))
}

fn of(packets: &[Packets], stream: &Stream) -> Option<Packets> {
    packets.iter().find(|packets| packets.stream == stream.index).copied()
}

/// The pictures of a source; none where it has none.
fn picture(source: &Path, cancel: &Cancel) -> Result<Option<Packets>> {
    // A source that is damaged was dubbed all the same, and is no fault of the finished file.
    let Ok(probed) = media::probe(source) else { return Ok(None) };
    let Some(video) = probed.video() else { return Ok(None) };
    match media::packets(source, cancel) {
        Ok(packets) => Ok(of(&packets, video)),
        Err(error) if error.kind() == Kind::Interrupted => Err(error),
        Err(_) => Ok(None),
    }
}

/// The source's sound, to compare with; none where it cannot be had.
fn original(source: &Path, cancel: &Cancel) -> Result<Option<Audio>> {
    let Ok(probed) = media::probe(source) else { return Ok(None) };
    let Ok(stream) = media::choose_audio(&probed, None) else { return Ok(None) };
    match media::decode_audio(source, stream.index, RATE, 1, &mut |_| (), cancel) {
        Ok(decoded) => Ok(Some(fourth(&decoded.audio))),
        Err(error) if error.kind() == Kind::Interrupted => Err(error),
        Err(_) => Ok(None),
    }
}

fn track(stream: &Stream, packets: Option<Packets>) -> TrackReport {
    TrackReport {
        kind: match stream.kind {
            StreamKind::Video { attached_picture: true, .. } => TrackKind::Cover,
            StreamKind::Video { .. } => TrackKind::Video,
            StreamKind::Audio { .. } => TrackKind::Audio,
            StreamKind::Subtitle => TrackKind::Subtitle,
            StreamKind::Other => TrackKind::Other,
        },
        codec: stream.codec.clone(),
        language: stream.language.clone(),
        title: stream.title.clone(),
        default: stream.default,
        packets: packets.map_or(0, |packets| packets.count),
        start: packets.and_then(|packets| packets.start),
        end: packets.and_then(|packets| packets.end),
    }
}

/// `audio aac 48000 Hz stereo pt`.
fn stream_name(stream: &Stream) -> String {
    use StreamKind::*;
    let language = stream.language.as_ref().map_or("und", |language| language.tag());
    match &stream.kind {
        Video { width, height, .. } => format!("video {} {width}×{height}", stream.codec),
        Audio { sample_rate, layout, .. } => format!("audio {} {sample_rate} Hz {layout} {language}", stream.codec),
        Subtitle => format!("subtitle {} {language}", stream.codec),
        Other => format!("other {}", stream.codec),
    }
}

/// The samples of a span, and how many there should be.
fn samples(mono: &Audio, span: Span) -> (&[f32], usize) {
    let at = |time: crate::time::Time| time.samples(mono.rate).max(0) as usize;
    let (start, end) = (at(span.start), at(span.end));
    let there = mono.samples.len();
    (&mono.samples[start.min(there)..end.min(there).max(start.min(there))], end.saturating_sub(start))
}

/// RMS in dBFS; what lies beyond the end of the sound is silence.
fn level(mono: &Audio, span: Span) -> f64 {
    let (samples, count) = samples(mono, span);
    let power: f64 = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    let level = to_db((power / count.max(1) as f64).sqrt()).max(FLOOR_DBFS);
    (level * 10.0).round() / 10.0
}

/// The longest silence in a span; what lies beyond the end of the sound is silence.
fn silence(mono: &Audio, span: Span) -> Delta {
    let (samples, count) = samples(mono, span);
    let window = (WINDOW.samples(mono.rate).max(1)) as usize;
    let (mut longest, mut run) = (0, 0);
    for piece in samples.chunks(window) {
        let power: f64 = piece.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
        let is_silent = (power / piece.len() as f64).sqrt() < SILENT;
        run = if is_silent { run + piece.len() } else { 0 };
        longest = longest.max(run);
    }
    Delta::from_samples(longest.max(run + count - samples.len()) as i64, mono.rate)
}

/// At a quarter of the rate: the mean of each four samples.
fn fourth(mono: &Audio) -> Audio {
    let samples = mono.samples.chunks_exact(4).map(|four| four.iter().sum::<f32>() / 4.0).collect();
    Audio { rate: COMPARED_RATE, channels: 1, samples }
}

/// How far one sound is the other within a span, whatever their loudness: the largest normalised correlation over
/// small shifts, 0 to 1.
fn alike(dub: &Audio, original: &Audio, span: Span) -> f64 {
    let at = |time: crate::time::Time| time.samples(COMPARED_RATE).max(0) as usize;
    let end = at(span.end).min(dub.samples.len()).min(original.samples.len());
    let (start, end) = (at(span.start) + SHIFT, end.saturating_sub(SHIFT));
    if start >= end {
        return 0.0;
    }
    let a = &dub.samples[start..end];
    let energy = |x: &[f32]| x.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>();
    let own = energy(a);
    let at_shift = |shift: usize| {
        let b = &original.samples[start - SHIFT + shift..end - SHIFT + shift];
        let product: f64 = a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
        let both = (own * energy(b)).sqrt();
        if both > f64::EPSILON { product / both } else { 0.0 }
    };
    let most = (0..=2 * SHIFT).map(at_shift).fold(0.0, f64::max);
    (most * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise-like, but the same each time.
    fn voice(seed: u32, frames: usize) -> Audio {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 - 0.5
        };
        Audio { rate: RATE, channels: 1, samples: (0..frames).map(|_| next()).collect() }
    }

    #[test]
    fn silence_is_told_by_its_level_and_its_length() {
        let mut sound = voice(7, 2 * RATE as usize);
        sound.samples[RATE as usize / 2..RATE as usize].fill(0.0);
        let whole = Span::from_ms(0, 2000);
        assert!(level(&sound, whole) > -15.0, "{}", level(&sound, whole));
        assert_eq!(silence(&sound, whole), Delta::from_ms(500));
        assert_eq!(level(&sound, Span::from_ms(500, 1000)), FLOOR_DBFS);
        // Beyond the end there is nothing to be heard.
        assert_eq!(silence(&sound, Span::from_ms(1500, 4000)), Delta::from_ms(2000));
        assert_eq!(level(&sound, Span::from_ms(9000, 9500)), FLOOR_DBFS);
        assert_eq!(silence(&sound, Span::from_ms(9000, 9500)), Delta::from_ms(500));
    }

    #[test]
    fn a_sound_is_known_again_softer_and_shifted_but_not_under_another() {
        let span = Span::from_ms(200, 1800);
        let original = voice(1, 2 * RATE as usize);
        let mut softer = original.clone();
        softer.apply_gain(0.1);
        softer.samples.rotate_right(40);
        assert!(alike(&fourth(&softer), &fourth(&original), span) > 0.95);
        // A dub over the original, lowered by 18 dB.
        let mut dub = voice(2, 2 * RATE as usize);
        for (sample, under) in dub.samples.iter_mut().zip(&original.samples) {
            *sample += under * 0.126;
        }
        assert!(alike(&fourth(&dub), &fourth(&original), span) < 0.4);
        assert_eq!(alike(&fourth(&dub), &fourth(&original), Span::from_ms(5000, 6000)), 0.0);
        let nothing = Audio::silence(RATE, 1, 2 * RATE as usize);
        assert_eq!(alike(&fourth(&nothing), &fourth(&original), span), 0.0);
    }
}
