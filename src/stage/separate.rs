//! The bed that a dub is laid over: the original where nobody speaks, the original without its voice where somebody
//! does, and what is left of that voice pushed down where no dub speaks over it.
//!
//! Sound in, sound out. Does not know who separated, where the spans come from, or what is mixed in afterwards. Neither
//! function holds more beside its sounds than one stretch of speech.

mod band;

use crate::audio::{Audio, from_db};
use crate::error::{Error, Result};
use crate::time::{Delta, Span, merged};

/// Raised whenever the same sounds and spans would give another bed.
pub const VERSION: u32 = 2;

/// Where the original gives way to the bed, and comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edges {
    /// The voice is wholly gone this long before speech: a breath, a first consonant.
    pub before: Delta,
    /// And this long after it: the end of a word, the room.
    pub after: Delta,
    /// Length of the crossfades outside of that.
    pub fade: Delta,
}

/// What suits spans from a detector of speech, which are close about the voice.
pub const EDGES: Edges = Edges { before: Delta::from_ms(150), after: Delta::from_ms(300), fade: Delta::from_ms(100) };

/// Less of the original than this between two stretches of speech is left out: to change twice is heard, and what the
/// separation took from the music is not.
const HOLD: Delta = Delta::from_ms(400);

/// The bed: sample for sample the original outside of speech, the original minus its voice within, and linear
/// crossfades between. Linear, since both are the same music: it goes through a fade as if there were none, and only
/// the voice fades. `voice` is the separated voice of `original`; where it is shorter, there is none.
///
/// # Errors
/// Fails if the two sounds have other rates or channels.
pub fn bed(mut original: Audio, voice: &Audio, speech: &[Span], edges: Edges) -> Result<Audio> {
    same_form(&original, voice)?;
    let channels = usize::from(original.channels.max(1));
    let fade = edges.fade.samples(original.rate).max(0);
    for span in spoken(speech, edges) {
        let (start, end) = (span.start.samples(original.rate), span.end.samples(original.rate));
        let moments = moments(&original, start - fade, end + fade);
        let voice = voice.samples.chunks_exact(channels).skip(moments.start);
        let bed = original.samples.chunks_exact_mut(channels).skip(moments.start);
        for ((frame, bed), voice) in moments.zip(bed).zip(voice) {
            let share = trapezoid(frame as i64, start, end, fade);
            bed.iter_mut().zip(voice).for_each(|(bed, voice)| *bed -= voice * share);
        }
    }
    Ok(original)
}

/// Levels are compared over windows of this length.
const WINDOW: Delta = Delta::from_ms(20);
/// The bed goes down this long before what no take covers and comes up this long after it; a pause between two takes
/// that leaves no time for both is covered, too.
const RAMP: Delta = Delta::from_ms(100);
/// Where the voice was this much louder than the bed, what is left of it is heard, in dB.
const HEARD_DB: f64 = 4.0;
/// How much the bed goes down for each dB beyond that, and at most, in dB. Measured on speech 6 to 13 dB over music:
/// what is left of it lies 24 to 35 dB under it as separated (A-weighted, medians), and 31 to 39 dB so.
const SLOPE: f64 = 1.0;
const MOST_DB: f64 = 9.0;
/// A mean square of −70 dBFS: whatever is softer is not compared.
const FLOOR: f64 = 1e-7;
/// The depth of a window is held over as many to both sides of it, then averaged over as many: no gain moves faster
/// than a vowel.
const HOLD_WINDOWS: usize = 3;

/// Lowers the bed's voice band where somebody spoke, as `bed` was given it, and no take is heard, wherever the voice that
/// was taken out was louder than what was left: there, nothing covers what is left of it. By 9 dB at most; outside of
/// speech, outside the band from 150 Hz to 6 kHz and where the bed is loud, it stays as it is.
///
/// Under a take it stays as it is, too. What is left there of speech 6 to 13 dB over music lies 16 to 34 dB under a take
/// that is as loud, and mostly 5 to 14 under the music around it (A-weighted, medians of 100 ms); the less music there
/// is, the less is left. Music that goes down whenever somebody speaks is heard more.
///
/// # Errors
/// Fails if the two sounds have other rates or channels.
pub fn hush(bed: &mut Audio, voice: &Audio, speech: &[Span], takes: &[Span], edges: Edges) -> Result<()> {
    same_form(bed, voice)?;
    let channels = usize::from(bed.channels.max(1));
    let ramp = RAMP.samples(bed.rate);
    let window = WINDOW.samples(bed.rate).max(1) as usize;
    for span in uncovered(speech, takes, edges) {
        let (start, end) = (span.start.samples(bed.rate), span.end.samples(bed.rate));
        let moments = moments(bed, start - ramp, end + ramp);
        let samples = moments.start * channels..moments.end * channels;
        let voice = voice.samples.get(samples.start..samples.end.min(voice.samples.len())).unwrap_or_default();
        let bed_band = band::of(&bed.samples[samples.clone()], channels, bed.rate);
        let mut voice_band = band::of(voice, channels, bed.rate);
        // What is covered asks for no depth, though the ramps lie there.
        let bare = start - moments.start as i64..end - moments.start as i64;
        let frames = voice_band.chunks_exact_mut(channels).zip(0i64..);
        frames.filter(|(_, frame)| !bare.contains(frame)).for_each(|(voice, _)| voice.fill(0.0));
        let depths = depths(&bed_band, &voice_band, window * channels);
        let frames = moments.clone().zip(bed.samples[samples].chunks_exact_mut(channels));
        for ((frame, bed), band) in frames.zip(bed_band.chunks_exact(channels)) {
            let depth = at(&depths, (frame - moments.start) as f64 / window as f64 - 0.5);
            if depth > 0.0 {
                let gain = from_db(-depth * f64::from(trapezoid(frame as i64, start, end, ramp))) as f32;
                bed.iter_mut().zip(band).for_each(|(bed, band)| *bed -= band * (1.0 - gain));
            }
        }
    }
    Ok(())
}

/// When the original's voice is taken out wholly.
fn spoken(speech: &[Span], edges: Edges) -> Vec<Span> {
    let wide = speech.iter().map(|span| Span::new(span.start - edges.before, span.end + edges.after));
    merged(wide, edges.fade + edges.fade + HOLD)
}

/// When the original's voice is taken out and no take is heard.
fn uncovered(speech: &[Span], takes: &[Span], edges: Edges) -> Vec<Span> {
    let takes = merged(takes.iter().copied(), RAMP + RAMP);
    let mut uncovered = Vec::new();
    for span in spoken(speech, edges) {
        let mut start = span.start;
        for take in takes.iter().filter_map(|take| take.overlap(span)) {
            uncovered.push(Span::new(start, take.start));
            start = take.end;
        }
        uncovered.push(Span::new(start, span.end));
    }
    merged(uncovered, RAMP + RAMP)
}

/// By how much each window of the bed is to go down, in dB.
fn depths(bed: &[f32], voice: &[f32], window: usize) -> Vec<f64> {
    let power = |samples: &[f32]| {
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64 + FLOOR
    };
    let mut windows = voice.chunks(window);
    let depth = |bed: &[f32]| {
        let over = 10.0 * (windows.next().map_or(FLOOR, power) / power(bed)).log10() - HEARD_DB;
        (over * SLOPE).clamp(0.0, MOST_DB)
    };
    let depths: Vec<f64> = bed.chunks(window).map(depth).collect();
    let around = |depths: &[f64], index: usize| {
        let end = (index + HOLD_WINDOWS + 1).min(depths.len());
        depths[index.saturating_sub(HOLD_WINDOWS)..end].to_vec()
    };
    let most = |near: Vec<f64>| near.into_iter().fold(0.0, f64::max);
    let held: Vec<f64> = (0..depths.len()).map(|index| most(around(&depths, index))).collect();
    let mean = |near: Vec<f64>| near.iter().sum::<f64>() / near.len().max(1) as f64;
    (0..held.len()).map(|index| mean(around(&held, index))).collect()
}

/// The value at `place`, in windows from the middle of the first one, on straight lines between their middles.
fn at(values: &[f64], place: f64) -> f64 {
    let place = place.clamp(0.0, values.len().saturating_sub(1) as f64);
    let below = place as usize;
    let value = |index: usize| values.get(index).or(values.last()).copied().unwrap_or(0.0);
    value(below) + (value(below + 1) - value(below)) * (place - below as f64)
}

/// 1 from `start` to `end`, and on straight lines to 0 in `ramp` moments to both sides.
fn trapezoid(frame: i64, start: i64, end: i64, ramp: i64) -> f32 {
    let outside = if frame < start { start - frame } else { (frame + 1 - end).max(0) };
    1.0 - outside as f32 / (ramp + 1) as f32
}

/// The moments from `start` to `end` that there are.
fn moments(audio: &Audio, start: i64, end: i64) -> std::ops::Range<usize> {
    let clamped = |frame: i64| usize::try_from(frame).unwrap_or(0).min(audio.frames());
    clamped(start)..clamped(end).max(clamped(start))
}

fn same_form(one: &Audio, other: &Audio) -> Result<()> {
    if (one.rate, one.channels) == (other.rate, other.channels) {
        return Ok(());
    }
    Err(Error::internal(format!(
        "a sound of {} Hz with {} channels has a voice of {} Hz with {}",
        one.rate, one.channels, other.rate, other.channels
    )))
}

#[cfg(test)]
mod tests;
