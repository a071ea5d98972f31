//! Where music plays while nobody speaks.
//!
//! Told by tones: narrow peaks of the spectrum that last, and others that begin after them. Rain, traffic and steps have no
//! peaks, a hum and a siren's glide have no new ones that last. Music without tones (drums alone) is not found. Pure; does
//! not know voices from instruments.

use super::pitch::{RATE, is_silent};
use crate::audio::Audio;
use crate::time::{Delta, Span, Time, merged};
use realfft::RealFftPlanner;

/// Raised whenever the same sound would be judged otherwise.
pub const VERSION: u32 = 1;

/// Shorter stretches are not worth a mark; a pause of this much within one does not part it.
const SHORTEST: Delta = Delta::from_ms(3_000);
const PAUSE: Delta = Delta::from_ms(1_000);
/// Samples of a spectrum, 128 ms, and from one to the next.
const WINDOW: usize = 2048;
const STEP: usize = 1024;
/// Lowest and highest bins that are looked at: 120 Hz to 4 kHz.
const BINS: std::ops::Range<usize> = 15..512;
/// A peak has this many times the mean power of what is around it: so many bins to both sides, without the nearest,
/// which are its own.
const PROMINENT: f32 = 8.0;
const AROUND: usize = 16;
const OWN: usize = 3;
/// A tone is a peak that stays for so many spectra, 256 ms.
const LASTING: usize = 3;
/// Spectra that are judged together, about a second, and the share of them that has two tones or more.
const TOGETHER: usize = 16;
const SHARE: f64 = 0.6;
/// How often tones begin in a second, at least.
const BEGINNING: f64 = 0.5;

/// Stretches of music outside of `speech`. `sound` is 16 kHz mono.
pub fn music(sound: &Audio, speech: &[Span]) -> Vec<Span> {
    let whole = Span::new(Time::ZERO, Time::ZERO + sound.duration());
    let gaps = gaps(whole, speech).into_iter().filter(|gap| gap.duration() >= SHORTEST);
    gaps.flat_map(|gap| within(sound, gap)).collect()
}

/// What is left of `whole` between `spans`.
fn gaps(whole: Span, spans: &[Span]) -> Vec<Span> {
    let mut gaps = Vec::new();
    let mut from = whole.start;
    for span in merged(spans.iter().copied(), Delta::ZERO) {
        gaps.push(Span::new(from, span.start.min(whole.end)));
        from = from.max(span.end);
    }
    gaps.push(Span::new(from, whole.end));
    gaps
}

fn within(sound: &Audio, gap: Span) -> Vec<Span> {
    let tones = tones(&peaks(&sound.piece(gap).samples));
    let place = |spectrum: usize| gap.start + Delta::from_samples((spectrum * STEP) as i64, RATE);
    let sounding: Vec<bool> = tones.iter().map(|tones| tones.sounding >= 2).collect();
    let share = |around: &[bool]| around.iter().filter(|is| **is).count() as f64 / around.len().max(1) as f64;
    let is_music = |index: &usize| {
        let start = index.saturating_sub(TOGETHER / 2);
        sounding[*index] && share(&sounding[start..(start + TOGETHER).min(sounding.len())]) >= SHARE
    };
    let moments = (0..tones.len()).filter(is_music);
    // The last spectrum reaches as far as its window.
    let spans = moments
        .map(|index| Span::new(place(index), (place(index) + Delta::from_samples(WINDOW as i64, RATE)).min(gap.end)));
    let is_alive = |span: &Span| {
        let index = |time: Time| ((time - gap.start).samples(RATE).max(0) as usize / STEP).min(tones.len());
        let begun = tones[index(span.start)..index(span.end)].iter().filter(|tones| tones.begins).count();
        begun as f64 >= BEGINNING * span.duration().seconds()
    };
    let mut found = merged(spans, PAUSE);
    found.retain(|span| span.duration() >= SHORTEST && is_alive(span));
    found
}

/// Tones of one spectrum.
struct Tones {
    /// How many last over it.
    sounding: usize,
    /// Does one of them begin with it?
    begins: bool,
}

/// Which peaks are tones: those that are there in spectra that follow each other, to a bin.
fn tones(peaks: &[Vec<bool>]) -> Vec<Tones> {
    let forward = ages(peaks.iter());
    let mut backward = ages(peaks.iter().rev());
    backward.reverse();
    let of = |(before, after): (&Vec<usize>, &Vec<usize>)| {
        // The spectrum itself is counted in both directions.
        let lasting: Vec<usize> = BINS.filter(|bin| before[*bin] + after[*bin] > LASTING).collect();
        Tones { sounding: lasting.len(), begins: lasting.iter().any(|bin| before[*bin] == 1) }
    };
    forward.iter().zip(&backward).map(of).collect()
}

/// In how many spectra up to each one a peak was there; 0 where there is none.
fn ages<'a>(peaks: impl Iterator<Item = &'a Vec<bool>>) -> Vec<Vec<usize>> {
    let mut ages: Vec<Vec<usize>> = Vec::new();
    for peaks in peaks {
        let mut now = vec![0; peaks.len()];
        for bin in BINS.filter(|bin| peaks[*bin]) {
            let before =
                ages.last().map_or(0, |last: &Vec<usize>| last[bin - 1..=bin + 1].iter().copied().max().unwrap_or(0));
            now[bin] = before + 1;
        }
        ages.push(now);
    }
    ages
}

/// Where each spectrum has a peak.
fn peaks(samples: &[f32]) -> Vec<Vec<bool>> {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut buffer, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
    let hann = |index: usize| 0.5 - 0.5 * (std::f32::consts::TAU * index as f32 / WINDOW as f32).cos();
    let window: Vec<f32> = (0..WINDOW).map(hann).collect();
    let mut of = |samples: &[f32]| {
        let mut peaks = vec![false; BINS.end + 1];
        if is_silent(samples) {
            return peaks;
        }
        buffer.iter_mut().zip(samples).zip(&window).for_each(|((to, sample), gain)| *to = sample * gain);
        // It fails on lengths that are not the plan's alone.
        if transform.process(&mut buffer, &mut spectrum).is_err() {
            return peaks;
        }
        let power: Vec<f32> = spectrum.iter().map(|bin| bin.norm_sqr()).collect();
        for bin in BINS {
            let is_top = power[bin] >= power[bin - 1] && power[bin] > power[bin + 1];
            let below = &power[bin.saturating_sub(AROUND)..bin - OWN + 1];
            let above = &power[bin + OWN..bin + AROUND + 1];
            let around = (below.iter().sum::<f32>() + above.iter().sum::<f32>()) / (below.len() + above.len()) as f32;
            peaks[bin] = is_top && power[bin] > PROMINENT * around;
        }
        peaks
    };
    samples.windows(WINDOW).step_by(STEP).map(&mut of).collect()
}

#[cfg(test)]
mod tests;
