//! Which cues are sung: nobody speaks them in the dub, and they are heard as they are.
//!
//! No model tells song from speech here, but signs that must all be there for some seconds: few words for the time, a
//! voice that stands on notes where speech glides, and steps from note to note; more of each where no music plays beside
//! the voice. Speech that is taken for a song is not dubbed, which is far worse than a song that is: what is doubtful is
//! speech. Pure; whoever calls has the voice by itself.

use super::pitch::{self, PER_SECOND};
use super::text::briefest;
use super::timing::voiced;
use crate::audio::Audio;
use crate::error::Result;
use crate::script::Cue;
use crate::time::{Delta, Span};

/// Raised whenever the same sounds and cues would be judged otherwise.
pub const VERSION: u32 = 1;

/// What sounds during a cue; both 16 kHz mono.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sounding {
    /// Who speaks or sings.
    pub voice: Audio,
    /// Everything else.
    pub bed: Audio,
}

/// The fastest speech says what is sung in at most this share of its time. At a usual speed people take twice as long
/// as at the fastest, so a slow speaker may well come under it.
const SLOW: f64 = 0.4;
/// Cues with less than this between them may be of one song.
const NEAR: Delta = Delta::from_ms(4_000);
/// A song has at least this much voice in its cues.
const SHORTEST: Delta = Delta::from_ms(4_000);

/// Those that may be sung by their words alone, in runs that may be songs. Where there are none, nobody need listen.
/// Only the time within `speech` counts, which is where a detector heard a voice.
pub fn candidates<'a>(cues: &'a [Cue], speech: &[Span]) -> Vec<&'a [Cue]> {
    let is_slow = |cue: &Cue| briefest(&cue.text) <= SLOW * voiced(cue.span, speech).seconds();
    let runs = cues.chunk_by(|a, b| is_slow(a) == is_slow(b) && b.span.start - a.span.end < NEAR);
    let long = |run: &&[Cue]| run.iter().fold(Delta::ZERO, |sum, cue| sum + voiced(cue.span, speech)) >= SHORTEST;
    runs.filter(|run| run.first().is_some_and(is_slow)).filter(long).collect()
}

/// Ids of the cues that are sung. `listen` gives what sounds during a span: those of `speech` alone, since in the pauses
/// of a voice the notes of an instrument may be left beside it.
///
/// # Errors
/// Fails if `listen` does.
pub fn sung(cues: &[Cue], speech: &[Span], listen: &mut dyn FnMut(Span) -> Result<Sounding>) -> Result<Vec<u32>> {
    let mut sung = Vec::new();
    for run in candidates(cues, speech) {
        let mut heard = Vec::new();
        for cue in run {
            let mut signs = Signs::default();
            for part in speech.iter().filter_map(|part| part.overlap(cue.span)) {
                signs = signs.with(&Signs::of(&listen(part)?));
            }
            heard.push((cue, signs));
        }
        // A line that is spoken within a song parts it.
        for part in heard.chunk_by(|a, b| a.1.is_possible() == b.1.is_possible()) {
            let whole = part.iter().fold(Signs::default(), |whole, (_, signs)| whole.with(signs));
            if whole.is_possible() && whole.is_enough() {
                sung.extend(part.iter().map(|(cue, _)| cue.id));
            }
        }
    }
    // Between two lines of a song, more text than anyone can say was made up of the song.
    for around in cues.windows(3) {
        let is_near =
            around[1].span.start - around[0].span.end < NEAR && around[2].span.start - around[1].span.end < NEAR;
        let is_made_up = briefest(&around[1].text) > around[1].span.duration().seconds();
        if is_near && is_made_up && sung.contains(&around[0].id) && sung.contains(&around[2].id) {
            sung.push(around[1].id);
        }
    }
    sung.sort_unstable();
    Ok(sung)
}

/// Two notes this far apart are two, in cents: a little less than a semitone.
const APART: f32 = 80.0;
/// From note to note in no more than this many pitches is a step.
const STEP: usize = 50;

/// A note of this many pitches is long: no syllable of speech stays so long on one, or few do.
const LONG: usize = 40;

/// What speaks for a song.
#[derive(Clone, Debug, Default, PartialEq)]
struct Signs {
    /// Seconds in which there is a pitch, in which it stands on a note, and in which the note is a long one.
    voiced: f64,
    steady: f64,
    held: f64,
    /// Pitches of the notes, in cents.
    notes: Vec<f32>,
    /// How often one follows another that is not the same.
    steps: usize,
    /// Energy of the voice and of the bed.
    voice: f64,
    bed: f64,
}

impl Signs {
    fn of(sounding: &Sounding) -> Signs {
        let pitches = pitch::pitches(&sounding.voice.samples);
        let notes = pitch::notes(&pitches);
        let seconds = |least: usize| {
            let lengths = notes.iter().map(|note| note.end - note.start).filter(|length| *length >= least);
            lengths.sum::<usize>() as f64 / PER_SECOND
        };
        let energy = |audio: &Audio| audio.samples.iter().map(|s| f64::from(*s).powi(2)).sum();
        let is_step = |pair: &&[pitch::Note]| {
            pair[1].start - pair[0].end <= STEP && (pair[1].cents - pair[0].cents).abs() >= APART
        };
        Signs {
            voiced: pitches.iter().flatten().count() as f64 / PER_SECOND,
            steady: seconds(0),
            held: seconds(LONG),
            steps: notes.windows(2).filter(is_step).count(),
            notes: notes.iter().map(|note| note.cents).collect(),
            voice: energy(&sounding.voice),
            bed: energy(&sounding.bed),
        }
    }

    fn with(mut self, other: &Signs) -> Signs {
        self.voiced += other.voiced;
        self.steady += other.steady;
        self.held += other.held;
        self.notes.extend(&other.notes);
        self.steps += other.steps;
        self.voice += other.voice;
        self.bed += other.bed;
        self
    }

    /// Share of the voice that stands on notes.
    fn share(&self) -> f64 {
        if self.voiced > 0.0 { self.steady / self.voiced } else { 0.0 }
    }

    /// Different notes.
    fn scale(&self) -> usize {
        let mut notes = self.notes.clone();
        notes.sort_by(f32::total_cmp);
        let mut last = f32::NEG_INFINITY;
        let is_other = |note: &f32| {
            let is_other = note - last >= APART;
            last = if is_other { *note } else { last };
            is_other
        };
        notes.iter().copied().filter(is_other).count()
    }

    /// May one cue be sung?
    fn is_possible(&self) -> bool {
        self.share() >= POSSIBLE
    }

    /// Is it a song, taken together?
    fn is_enough(&self) -> bool {
        let least = if self.bed >= self.voice * MUSIC { ACCOMPANIED } else { ALONE };
        self.share() >= least.share
            && self.steady >= least.seconds
            && self.held >= HELD * self.voiced
            && self.scale() >= NOTES
            && self.steps >= least.steps
            && self.steps as f64 >= least.rate * self.voiced
    }
}

/// Share of the voiced time on notes that one cue of a song has at least.
const POSSIBLE: f64 = 0.25;
/// Different notes: a hum, a chant and a siren have fewer.
const NOTES: usize = 3;

/// Share of the voiced time on long notes.
const HELD: f64 = 0.18;

/// What a song has at least. Over eight seconds and more, speech in five languages, read and played, alone or separated
/// from music as loud as it, was measured to have 0.37 of its voice on notes at most, with one step at most. Slowed down
/// and with its melody pressed flat it has up to 0.53, and as many steps as a song; there, long notes are what it lacks.
/// Singing has 0.4 to 0.8, half of that on long notes, and a step in one to three seconds.
struct Least {
    /// Share of the voiced time on notes, and seconds of it.
    share: f64,
    seconds: f64,
    /// Steps, and steps for each second of voice.
    steps: usize,
    rate: f64,
}

/// With music beside it, and without.
const ACCOMPANIED: Least = Least { share: 0.45, seconds: 2.5, steps: 3, rate: 0.25 };
const ALONE: Least = Least { share: 0.55, seconds: 4.0, steps: 5, rate: 0.4 };
/// Music is beside the voice from this ratio of energies: −15 dB, about what separation leaves of the voice itself.
const MUSIC: f64 = 0.03;

#[cfg(test)]
mod tests;
