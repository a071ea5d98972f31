//! Tone: a take without rumble, drawn a little towards the original voice's balance of low, middle and high.
//!
//! Long-term octave levels of a speaker's cues are compared with those of the speaker's takes; three broad filters make
//! up a part of the difference, so that a studio voice sits in the scene. Does not know levels or rooms.

use super::original::Original;
use super::{Placed, RATE};
use crate::audio::{Audio, from_db, to_db};
use crate::settings;
use biquad::{Biquad, Coefficients, DirectForm2Transposed, Q_BUTTERWORTH_F64, Type};
use std::collections::BTreeMap;

/// Below lies no speech but handling noise and hum, in Hz.
const RUMBLE_HZ: f64 = 80.0;
/// Centres of the octaves that are compared, in Hz.
const OCTAVES: [f64; 7] = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];
/// How much of a difference is made up, and by how much at most, in dB.
const SHARE: f64 = 0.6;
const MOST_DB: f64 = 4.0;
/// A voice whose highest octave is this much below its middle has none, and nothing to be raised.
const NO_AIR_DB: f64 = 45.0;
/// Seconds of speech from which a long-term balance can be told.
const ENOUGH: f64 = 2.0;

/// Gives each take its tone.
pub(super) fn seat(takes: &mut [Audio], placed: &[Placed], original: &Original<'_>, tone: settings::Tone) {
    let balances = match tone {
        settings::Tone::Match if original.is_alone() => balances(takes, placed, original),
        _ => BTreeMap::new(),
    };
    let everyone = balances.values().fold(Compared::default(), |all, one| all.with(one)).filters();
    let tones: BTreeMap<Option<&str>, Tone> = balances
        .into_iter()
        .map(|(speaker, compared)| (speaker, compared.filters().or_else(|| everyone.clone()).unwrap_or_default()))
        .collect();
    let plain = Tone::default();
    for (take, one) in takes.iter_mut().zip(placed) {
        tones.get(&one.speaker.as_deref()).unwrap_or(&plain).apply(take);
    }
}

/// What each speaker sounds like, in the original and in the dub.
fn balances<'a>(takes: &[Audio], placed: &'a [Placed], original: &Original<'_>) -> BTreeMap<Option<&'a str>, Compared> {
    let mut speakers: BTreeMap<Option<&str>, Compared> = BTreeMap::new();
    for (take, one) in takes.iter().zip(placed) {
        let compared = speakers.entry(one.speaker.as_deref()).or_default();
        let cue: Vec<f32> = original.piece(one.cue).chunks_exact(2).map(|m| (m[0] + m[1]) / 2.0).collect();
        compared.original.hear(&cue);
        compared.dub.hear(&take.samples);
    }
    speakers
}

/// Two voices, to be drawn together.
#[derive(Clone, Default)]
struct Compared {
    original: Balance,
    dub: Balance,
}

impl Compared {
    fn with(&self, other: &Compared) -> Compared {
        Compared { original: self.original.with(&other.original), dub: self.dub.with(&other.dub) }
    }

    /// The filters that draw the dub to the original; none where too little was heard.
    fn filters(&self) -> Option<Tone> {
        let (original, dub) = (self.original.regions()?, self.dub.regions()?);
        let mut gains = [0.0; 3];
        for (gain, (wanted, is)) in gains.iter_mut().zip(original.iter().zip(dub)) {
            *gain = ((wanted - is) * SHARE).clamp(-MOST_DB, MOST_DB);
        }
        if dub[2] < -NO_AIR_DB {
            gains[2] = 0.0;
        }
        // Where filters overlap they add up; all together they stay within the limit, too.
        for _ in 0..4 {
            let most = Tone::new(gains).most_db();
            if most > MOST_DB {
                gains = gains.map(|gain| gain * MOST_DB / most);
            }
        }
        Some(Tone::new(gains))
    }
}

/// Energy by octaves.
#[derive(Clone, Default)]
struct Balance {
    energies: [f64; 7],
    samples: usize,
}

impl Balance {
    fn hear(&mut self, mono: &[f32]) {
        for (energy, octave) in self.energies.iter_mut().zip(OCTAVES) {
            // Twice, so that the strong octaves of speech do not leak into the weak ones.
            let mut filters = chain(&[coefficients(Type::BandPass, octave, 1.414); 2]);
            *energy += mono.iter().map(|sample| run(&mut filters, *sample).powi(2)).sum::<f64>();
        }
        if mono.iter().any(|sample| *sample != 0.0) {
            self.samples += mono.len();
        }
    }

    fn with(&self, other: &Balance) -> Balance {
        let mut sum = self.clone();
        sum.energies.iter_mut().zip(other.energies).for_each(|(a, b)| *a += b);
        sum.samples += other.samples;
        sum
    }

    /// Low, presence and air against the middle of the voice, in dB.
    fn regions(&self) -> Option<[f64; 3]> {
        let e = &self.energies;
        let middle = e[2] + e[3];
        if (self.samples as f64) < ENOUGH * f64::from(RATE) || middle <= 0.0 {
            return None;
        }
        let against = |energy: f64| to_db((energy / middle).max(1e-12).sqrt());
        Some([against(e[0] + e[1]), against(e[4] + e[5]), against(e[6])])
    }
}

/// Filters, one after the other.
#[derive(Clone)]
struct Tone(Vec<Coefficients<f64>>);

impl Default for Tone {
    fn default() -> Tone {
        Tone::new([0.0; 3])
    }
}

impl Tone {
    /// Without rumble, and with these gains of low, presence and air, in dB.
    fn new([low, presence, air]: [f64; 3]) -> Tone {
        let all = [
            coefficients(Type::HighPass, RUMBLE_HZ, Q_BUTTERWORTH_F64),
            coefficients(Type::LowShelf(low), 300.0, Q_BUTTERWORTH_F64),
            coefficients(Type::PeakingEQ(presence), 2800.0, 0.7),
            coefficients(Type::HighShelf(air), 6000.0, Q_BUTTERWORTH_F64),
        ];
        Tone(all.into_iter().flatten().collect())
    }

    fn apply(&self, audio: &mut Audio) {
        let mut filters: Vec<_> = self.0.iter().map(|one| DirectForm2Transposed::<f64>::new(*one)).collect();
        for sample in &mut audio.samples {
            *sample = run(&mut filters, *sample) as f32;
        }
    }

    /// What it does to a tone of so many Hz, in dB.
    fn response_db(&self, hz: f64) -> f64 {
        self.0.iter().map(|one| response_db(one, hz)).sum()
    }

    /// The largest change from where no rumble is left on, in dB.
    fn most_db(&self) -> f64 {
        let hz = (0..60).map(|step| 250.0 * 2f64.powf(f64::from(step) / 10.0));
        hz.map(|hz| self.response_db(hz).abs()).fold(0.0, f64::max)
    }
}

/// None for what no filter can be made of: a frequency beyond half the rate.
fn coefficients(kind: Type<f64>, hz: f64, q: f64) -> Option<Coefficients<f64>> {
    Coefficients::<f64>::from_normalized_params(kind, hz / (f64::from(RATE) / 2.0), q).ok()
}

fn chain(coefficients: &[Option<Coefficients<f64>>]) -> Vec<DirectForm2Transposed<f64>> {
    coefficients.iter().flatten().map(|one| DirectForm2Transposed::<f64>::new(*one)).collect()
}

fn run(filters: &mut [DirectForm2Transposed<f64>], sample: f32) -> f64 {
    filters.iter_mut().fold(f64::from(sample), |sample, filter| filter.run(sample))
}

/// The transfer function on the unit circle.
fn response_db(filter: &Coefficients<f64>, hz: f64) -> f64 {
    let angle = std::f64::consts::TAU * hz / f64::from(RATE);
    let power = |c: [f64; 3]| {
        let re = c[0] + c[1] * angle.cos() + c[2] * (2.0 * angle).cos();
        let im = c[1] * angle.sin() + c[2] * (2.0 * angle).sin();
        re * re + im * im
    };
    to_db((power([filter.b0, filter.b1, filter.b2]) / power([1.0, filter.a1, filter.a2])).max(from_db(-300.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{noise, placed, tone};
    use super::*;
    use crate::settings::Tone as Wanted;
    use crate::time::Span;

    /// What is left of a tone, in dB.
    fn passed(tone_of: &Tone, hz: f64) -> f64 {
        let before = tone(48_000, 1, 1000, hz, 0.5);
        let mut after = before.clone();
        tone_of.apply(&mut after);
        to_db(f64::from(after.slice(24_000, 48_000).rms() / before.slice(24_000, 48_000).rms()))
    }

    #[test]
    fn rumble_goes_and_the_voice_stays() {
        let plain = Tone::default();
        assert!(passed(&plain, 20.0) < -20.0 && passed(&plain, 40.0) < -11.0);
        for hz in [200.0, 1000.0, 8000.0] {
            assert!(passed(&plain, hz).abs() < 0.5, "{hz} Hz: {}", passed(&plain, hz));
        }
        let bright = Tone::new([-3.0, 2.0, 4.0]);
        for hz in [100.0, 500.0, 2800.0, 12_000.0] {
            let (told, heard) = (bright.response_db(hz), passed(&bright, hz));
            assert!((told - heard).abs() < 0.1, "{hz} Hz: {told} and {heard}");
        }
        assert!((passed(&bright, 12_000.0) - 4.0).abs() < 0.5);
    }

    /// A film whose voice is noise with that tone, and takes that are plain noise.
    fn drawn(tone_of: &Tone, wanted: Wanted, alone: bool) -> (Vec<Audio>, Vec<Audio>) {
        let mut voice = noise(1, 6.0);
        tone_of.apply(&mut voice);
        let cues: Vec<Placed> = (0..3)
            .map(|i| {
                let mut one = placed(i * 2000, i * 2000 + 1900, Audio::default());
                one.speaker = Some("顾总".to_owned());
                one
            })
            .collect();
        let before: Vec<Audio> = (0..3).map(|i| noise(i + 7, 1.9)).collect();
        let mut takes = before.clone();
        let original = Original::new(&voice, alone.then_some(&voice)).unwrap();
        seat(&mut takes, &cues, &original, wanted);
        (before, takes)
    }

    /// Octaves of the takes after against before, in dB.
    fn moved((before, after): (Vec<Audio>, Vec<Audio>)) -> Vec<f64> {
        let balance = |takes: &[Audio]| {
            let mut balance = Balance::default();
            takes.iter().for_each(|take| balance.hear(&take.samples));
            balance.energies
        };
        balance(&after).iter().zip(balance(&before)).map(|(a, b)| to_db((a / b).sqrt())).collect()
    }

    #[test]
    fn takes_are_drawn_towards_the_original_but_not_all_the_way() {
        let dark = Tone::new([6.0, 0.0, -8.0]);
        let moved_db = moved(drawn(&dark, Wanted::Match, true));
        assert!((0.6..3.0).contains(&moved_db[1]) && (-3.8..-1.2).contains(&moved_db[6]), "{moved_db:?}");
        assert!(moved_db[3].abs() < 1.0, "{moved_db:?}");
        // Nothing can be told from a mix with music in it, and nothing is done unasked.
        for moved_db in [moved(drawn(&dark, Wanted::Plain, true)), moved(drawn(&dark, Wanted::Match, false))] {
            assert!(moved_db[2..].iter().all(|db| db.abs() < 0.2), "{moved_db:?}");
        }
    }

    #[test]
    fn however_far_apart_they_are_it_stays_gentle() {
        for gains in [[30.0, -30.0, 30.0], [-30.0, 30.0, 30.0], [30.0, 30.0, 30.0]] {
            let far = Tone::new(gains);
            let (mut original, mut dub) = (noise(3, 3.0), noise(4, 3.0));
            far.apply(&mut original);
            let mut compared = Compared::default();
            compared.original.hear(&original.samples);
            compared.dub.hear(&dub.samples);
            let tone = compared.filters().unwrap();
            assert!(tone.most_db() <= MOST_DB + 0.1, "{gains:?}: {}", tone.most_db());
            tone.apply(&mut dub);
            assert!(dub.samples.iter().all(|sample| sample.is_finite()));
        }
    }

    #[test]
    fn too_little_speech_says_nothing() {
        let mut compared = Compared::default();
        compared.original.hear(&noise(1, 1.0).samples);
        compared.dub.hear(&noise(2, 5.0).samples);
        assert!(compared.filters().is_none());
        compared.original.hear(&vec![0.0; 480_000]);
        assert!(compared.filters().is_none(), "silence is no speech");
        let span = Span::from_ms(0, 0);
        let mut none = [Audio::silence(48_000, 1, 100)];
        let sound = Audio::silence(48_000, 2, 100);
        let mut one = placed(0, 2, Audio::default());
        one.cue = span;
        seat(&mut none, &[one], &Original::new(&sound, Some(&sound)).unwrap(), Wanted::Match);
        assert_eq!(none[0].peak(), 0.0);
    }
}
