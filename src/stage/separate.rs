//! The bed that a dub is laid over: the original where nobody speaks, the original without its voice where somebody
//! does, and what is left of that voice pushed down where it would be heard: beside the dub, or behind it.
//!
//! Sound in, sound out. Does not know who separated, where the spans come from, or what is mixed in afterwards. Neither
//! function holds more beside its sounds than half a minute of them.

mod band;

use crate::audio::{Audio, from_db};
use crate::error::{Error, Result};
use crate::time::{Delta, Span, Time, merged};

/// Raised whenever the same sounds and spans would give another bed.
pub const VERSION: u32 = 4;

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
/// The depth of a window is held over as many to both sides of it, then averaged over as many: no gain moves faster
/// than a vowel.
const HOLD_WINDOWS: usize = 3;
/// So long is about what the bed takes to go down. A pause between two takes that leaves no time for that is covered, too.
const RAMP: Delta = Delta::from_ms(20 * 2 * HOLD_WINDOWS as i64);
/// Long speech is worked on in pieces of so many windows (30 s), with so many (0.5 s) around them: longer than depths are
/// held, and than the band's filters ring.
const PIECE_WINDOWS: usize = 1_500;
const AROUND_WINDOWS: usize = 25;
/// A mean square of −70 dBFS: whatever is softer is not compared.
const FLOOR: f64 = 1e-7;

/// How far the bed goes down where the voice that was taken out of it was so much louder. All in dB.
#[derive(Clone, Copy, Debug)]
struct Push {
    /// Where the voice was louder than the bed by more, what is left of it is heard: the bed goes down by the excess.
    heard: f64,
    /// Where it was louder by this, what is left is too soft to be heard behind a take, and nearer to it the bed goes down
    /// by less.
    lost: f64,
    /// By no more than this.
    most: f64,
}

/// Where no take covers what is left of the voice. Measured on speech 6 to 13 dB over music: it lies 24 to 35 dB under
/// the voice as separated (A-weighted, medians), and 31 to 39 dB so.
const BARE: Push = Push { heard: 4.0, lost: f64::INFINITY, most: 9.0 };

/// Under a take. The music there covers what is left of the voice until it is much softer than the voice was; and a bed
/// that is 26 dB softer than a take as loud as the voice is not heard as a second language, whatever it holds. Measured
/// on twenty mixes with voices 0 to 13 dB over music: what is left comes to lie up to 4.3 dB lower (medians; 3 dB where a
/// voice is well over the music), and the music in the bed up to 1.5 dB.
const COVERED: Push = Push { heard: 14.0, lost: 26.0, most: 6.0 };

impl Push {
    fn depth(self, over: f64) -> f64 {
        (over - self.heard).min(self.lost - over).clamp(0.0, self.most)
    }
}

/// Lowers the bed's voice band where somebody spoke, as `bed` was given it, and what is left of that voice would be heard:
/// by 9 dB at most where no take is heard and the voice that was taken out was louder than what was left; by 6 dB at most
/// under a take, and there only where nearly nothing but the voice was heard in the original, since music that goes down
/// whenever somebody speaks is heard more than what is left of a voice behind a dub. Outside of speech, outside the band
/// from 150 Hz to 6 kHz and where the bed is loud, it stays as it is.
///
/// # Errors
/// Fails if the two sounds have other rates or channels.
pub fn hush(bed: &mut Audio, voice: &Audio, speech: &[Span], takes: &[Span], edges: Edges) -> Result<()> {
    same_form(bed, voice)?;
    let channels = usize::from(bed.channels.max(1));
    // What `bed` left of the original to the bit stays so.
    let ramp = edges.fade.min(RAMP).samples(bed.rate).max(0);
    let window = WINDOW.samples(bed.rate).max(1) as usize;
    let bare = uncovered(speech, takes, edges);
    for span in spoken(speech, edges) {
        let (start, end) = (span.start.samples(bed.rate), span.end.samples(bed.rate));
        let whole = moments(bed, start - ramp, end + ramp);
        // The bed just before the piece in hand, as it was.
        let mut behind = Vec::new();
        let mut from = whole.start;
        while from < whole.end {
            let to = whole.end.min(from + window * PIECE_WINDOWS);
            let around = from - behind.len() / channels..whole.end.min(to + window * AROUND_WINDOWS);
            let mut original = std::mem::take(&mut behind);
            original.extend_from_slice(&bed.samples[from * channels..around.end * channels]);
            let known = around.start * channels..voice.samples.len().min(around.end * channels);
            let bed_band = band::of(&original, channels, bed.rate);
            let voice_band = band::of(voice.samples.get(known).unwrap_or_default(), channels, bed.rate);
            let time = |moment: usize| Time::from_samples(moment as i64, bed.rate);
            let piece = Span::new(time(around.start), time(around.end));
            let bare: Vec<Span> = bare.iter().filter_map(|bare| bare.overlap(piece)).collect();
            let push = |index: usize| {
                let from = time(around.start + index * window);
                let is_bare = bare.iter().any(|bare| bare.start <= from && from + WINDOW <= bare.end);
                if is_bare { BARE } else { COVERED }
            };
            let depths = depths(&bed_band, &voice_band, window * channels, push);
            let kept = whole.start.max(to.saturating_sub(window * AROUND_WINDOWS));
            behind.extend_from_slice(&original[(kept - around.start) * channels..(to - around.start) * channels]);
            let frames = (from..to).zip(bed.samples[from * channels..to * channels].chunks_exact_mut(channels));
            for ((frame, bed), band) in frames.zip(bed_band[(from - around.start) * channels..].chunks_exact(channels))
            {
                let depth = at(&depths, (frame - around.start) as f64 / window as f64 - 0.5);
                if depth > 0.0 {
                    let gain = from_db(-depth * f64::from(trapezoid(frame as i64, start, end, ramp))) as f32;
                    bed.iter_mut().zip(band).for_each(|(bed, band)| *bed -= band * (1.0 - gain));
                }
            }
            from = to;
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

/// By how much each window of the bed is to go down, in dB; `push` tells what holds for a window.
fn depths(bed: &[f32], voice: &[f32], window: usize, push: impl Fn(usize) -> Push) -> Vec<f64> {
    let power = |samples: &[f32]| {
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64 + FLOOR
    };
    let mut windows = voice.chunks(window);
    let depth = |(index, bed): (usize, &[f32])| {
        let over = 10.0 * (windows.next().map_or(FLOOR, power) / power(bed)).log10();
        push(index).depth(over)
    };
    let depths: Vec<f64> = bed.chunks(window).enumerate().map(depth).collect();
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
