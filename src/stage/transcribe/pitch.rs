//! The pitch of one voice over time, and the notes that it stands on.
//!
//! Pitch after YIN (de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", 2002):
//! the shortest lag at which the sound comes close to repeating itself. Pure. Does not know speech from song.

/// Rate of the sound, in Hz.
pub(super) const RATE: u32 = 16_000;
/// Samples from one pitch to the next, and how many there are in a second.
const STEP: usize = 160;
pub(super) const PER_SECOND: f64 = RATE as f64 / STEP as f64;
/// Samples that are compared, as in the paper: 25 ms.
const WINDOW: usize = 400;
/// Periods that are looked for, in samples: 1000 Hz to 70 Hz.
const SHORTEST: usize = 16;
const LONGEST: usize = 229;
/// A sound that differs from itself by no more than this share is periodic: twice and a half what the paper has for clean
/// recordings, since what is separated is not clean.
const PERIODIC: f32 = 0.25;
/// Breath and sibilants above the overtones that tell a pitch are taken off by this many samples' mean, twice over.
const SMOOTH: usize = 6;
/// Softer than −60 dBFS is silence.
const FLOOR: f32 = 1e-3;

/// Pitch every 10 ms, in cents above 1 Hz; none where the sound has none. Mono at [`RATE`].
pub(super) fn pitches(sound: &[f32]) -> Vec<Option<f32>> {
    let sound = smooth(&smooth(sound));
    sound.windows(WINDOW + LONGEST + 1).step_by(STEP).map(pitch).collect()
}

/// Is there neither voice nor music to be looked for?
pub(super) fn is_silent(sound: &[f32]) -> bool {
    sound.iter().map(|s| s * s).sum::<f32>() < FLOOR * FLOOR * sound.len() as f32
}

fn smooth(sound: &[f32]) -> Vec<f32> {
    sound.windows(SMOOTH).map(|near| near.iter().sum::<f32>() / SMOOTH as f32).collect()
}

/// The pitch of one window.
fn pitch(sound: &[f32]) -> Option<f32> {
    if is_silent(&sound[..WINDOW]) {
        return None;
    }
    // Differences over their mean so far: lag 0 is no period, and neither is a lag that is a little better than it.
    let mut sum = 0.0;
    let mut relative = [1.0_f32; LONGEST + 2];
    for (lag, relative) in relative.iter_mut().enumerate().skip(1) {
        let difference = difference(sound, lag);
        sum += difference;
        *relative = difference * lag as f32 / sum.max(f32::MIN_POSITIVE);
    }
    let first = (SHORTEST..=LONGEST).find(|&lag| relative[lag] < PERIODIC)?;
    let lag = (first..=LONGEST).find(|&lag| relative[lag + 1] >= relative[lag])?;
    // Between samples, on the parabola through the three lowest.
    let (before, here, after) = (relative[lag - 1], relative[lag], relative[lag + 1]);
    let bend = before - 2.0 * here + after;
    let off = if bend > 0.0 { ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 };
    Some(1200.0 * (RATE as f32 / (lag as f32 + off)).log2())
}

/// How much the window differs from itself `lag` later: in lanes, which the compiler can add side by side.
fn difference(sound: &[f32], lag: usize) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in sound[..WINDOW].chunks_exact(8).zip(sound[lag..].chunks_exact(8)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += (a - b) * (a - b);
        }
    }
    lanes.iter().sum()
}

/// A stretch of one pitch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note {
    /// Index of its first pitch, and of the first one after it.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its mean pitch, in cents above 1 Hz.
    pub(super) cents: f32,
}

/// Pitch is averaged over this many values to both sides, about one swing of a vibrato (5 to 7 a second).
const SWING: usize = 9;
/// Two pitches that follow each other farther apart than this are no movement of one voice, in cents.
const BREAK: f32 = 200.0;
/// Widest range of the averaged pitch within a note, in cents, and the fewest values of one.
const WIDTH: f32 = 70.0;
const LEAST: usize = 25;

/// The notes that a voice stands on: for a quarter of a second or longer, vibrato aside.
pub(super) fn notes(pitches: &[Option<f32>]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut start = 0;
    while start < pitches.len() {
        let mut run = Vec::new();
        while let Some(pitch) = pitches.get(start + run.len()).copied().flatten() {
            if run.last().is_some_and(|last: &f32| (last - pitch).abs() > BREAK) {
                break;
            }
            run.push(pitch);
        }
        notes_of(&averaged(&run), start, &mut notes);
        start += run.len().max(1);
    }
    notes
}

/// Each value's mean with its neighbours, as many to one side as to the other: a glide stays as steep as it is.
fn averaged(run: &[f32]) -> Vec<f32> {
    let mean = |index: usize| {
        let reach = SWING.min(index).min(run.len() - 1 - index);
        let near = &run[index - reach..=index + reach];
        near.iter().sum::<f32>() / near.len() as f32
    };
    (0..run.len()).map(mean).collect()
}

fn notes_of(run: &[f32], offset: usize, notes: &mut Vec<Note>) {
    let mut start = 0;
    while start + LEAST <= run.len() {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        let within = |pitch: &&f32| {
            (low, high) = (low.min(**pitch), high.max(**pitch));
            high - low <= WIDTH
        };
        let length = run[start..].iter().take_while(within).count();
        if length < LEAST {
            start += 1;
            continue;
        }
        let cents = run[start..start + length].iter().sum::<f32>() / length as f32;
        notes.push(Note { start: offset + start, end: offset + start + length, cents });
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: impl Fn(f64) -> f64, seconds: f64) -> Vec<f32> {
        let mut phase = 0.0_f64;
        let sample = |index: usize| {
            phase += std::f64::consts::TAU * hz(index as f64 / f64::from(RATE)) / f64::from(RATE);
            // Weak fundamental, strong overtones: what misleads those who look for the loudest.
            (0.05 * phase.sin() + 0.2 * (2.0 * phase).sin() + 0.1 * (3.0 * phase).sin()) as f32
        };
        (0..(seconds * f64::from(RATE)) as usize).map(sample).collect()
    }

    fn cents(hz: f64) -> f32 {
        1200.0 * hz.log2() as f32
    }

    #[test]
    fn pitch_is_found_within_a_few_cents_over_the_range_of_voices() {
        for hz in [75.0, 110.0, 196.3, 311.1, 523.2, 880.0] {
            let found = pitches(&tone(|_| hz, 0.3));
            assert!(found.len() > 20);
            for pitch in found {
                assert!((pitch.unwrap() - cents(hz)).abs() < 10.0, "{hz} Hz: {pitch:?}, not {}", cents(hz));
            }
        }
    }

    #[test]
    fn noise_and_silence_have_none() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let noise: Vec<f32> = (0..16_000).map(|_| 0.3 * noise()).collect();
        assert!(pitches(&noise).iter().flatten().count() < 3);
        assert!(pitches(&[0.0; 16_000]).iter().all(Option::is_none));
        assert!(pitches(&[]).is_empty());
    }

    #[test]
    fn vibrato_is_one_note_and_a_glide_is_none() {
        // Half a semitone to both sides, six times a second.
        let vibrato = tone(|t| 300.0 * 2f64.powf(50.0 / 1200.0 * (std::f64::consts::TAU * 6.0 * t).sin()), 1.0);
        let found = notes(&pitches(&vibrato));
        let held: usize = found.iter().map(|note| note.end - note.start).sum();
        assert!(held > 75 && found.iter().all(|note| (note.cents - cents(300.0)).abs() < 30.0), "{found:?}");
        // An octave in two seconds and a half: 120 cents in a quarter of one.
        assert!(notes(&pitches(&tone(|t| 150.0 * 2f64.powf(t / 2.5), 2.0))).is_empty());
    }

    #[test]
    fn steps_are_notes_of_their_own() {
        let found = notes(&pitches(&tone(|t| if t < 0.5 { 220.0 } else { 246.9 }, 1.0)));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!((found[1].cents - found[0].cents - 200.0).abs() < 15.0, "{found:?}");
    }
}
