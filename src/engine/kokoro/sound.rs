//! What is done with the sound that the model gives: the silence around it goes, pieces are joined.
//!
//! Does not know what is said. A take must begin when its cue begins, and the model puts 0.2 to 0.3 s of
//! silence before and after.

/// What the rules here are, as part of the key of every take.
pub(super) const VERSION: u32 = 1;

/// Loudness is looked at in windows this long, in seconds.
const WINDOW: f64 = 0.005;
/// Below its loudest window by this factor (−48 dB) sound counts as silence. The model's own silence lies
/// near −70 dB, the end of a spoken "s" near −40 dB.
const SILENCE: f32 = 0.004;
/// Seconds kept before the first sound and after the last: a breath of attack, a little more of decay.
const LEAD: f64 = 0.020;
const TAIL: f64 = 0.030;

/// The pieces without the silence around them, with their pauses (in seconds) between.
pub(super) fn join(parts: Vec<(Vec<f32>, f64)>, rate: u32) -> Vec<f32> {
    let mut joined: Vec<f32> = Vec::new();
    let last = parts.len().saturating_sub(1);
    for (index, (samples, pause)) in parts.into_iter().enumerate() {
        joined.extend_from_slice(trim(&samples, rate));
        if index < last {
            joined.resize(joined.len() + (pause * f64::from(rate)) as usize, 0.0);
        }
    }
    joined
}

/// The samples from shortly before the first sound to shortly after the last; none where all is silent.
fn trim(samples: &[f32], rate: u32) -> &[f32] {
    let window = ((WINDOW * f64::from(rate)) as usize).max(1);
    let loudness: Vec<f32> = samples
        .chunks(window)
        .map(|chunk| (chunk.iter().map(|s| s * s).sum::<f32>() / chunk.len() as f32).sqrt())
        .collect();
    let threshold = loudness.iter().copied().fold(0.0, f32::max) * SILENCE;
    let sounds = |level: &f32| *level > threshold;
    let (Some(first), Some(last)) = (loudness.iter().position(sounds), loudness.iter().rposition(sounds)) else {
        return &[];
    };
    let start = (first * window).saturating_sub((LEAD * f64::from(rate)) as usize);
    let end = ((last + 1) * window + (TAIL * f64::from(rate)) as usize).min(samples.len());
    &samples[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 24_000;

    fn tone(seconds: f64, level: f32) -> Vec<f32> {
        (0..(seconds * f64::from(RATE)) as usize).map(|i| level * (i as f32 * 0.05).sin()).collect()
    }

    #[test]
    fn silence_around_a_sound_goes_but_a_quiet_end_stays() {
        let mut samples = tone(0.3, 0.0001);
        samples.extend(tone(0.5, 0.5));
        samples.extend(tone(0.1, 0.01));
        samples.extend(tone(0.3, 0.0001));
        let trimmed = trim(&samples, RATE);
        let seconds = trimmed.len() as f64 / f64::from(RATE);
        assert!((0.64..=0.66).contains(&seconds), "{seconds}");
        assert!(trim(&[0.0; 1000], RATE).is_empty());
        assert!(trim(&[], RATE).is_empty());
    }

    #[test]
    fn pauses_stand_between_pieces_only() {
        let joined = join(vec![(tone(0.2, 0.5), 0.3), (tone(0.2, 0.5), 0.3)], RATE);
        let seconds = joined.len() as f64 / f64::from(RATE);
        assert!((0.69..=0.71).contains(&seconds), "{seconds}");
    }
}
