//! The mix: takes in their places over the bed, at the wanted loudness.
//!
//! ```text
//!  original ──▶ bed: separated, ducked or none ──────────────────────┐
//!     └─▶ per cue: level against its speaker's norm, place, tone      ▼
//!  takes ──▶ fitted ──▶ tone ──▶ level ──▶ room ──▶ dub stem ──▶ mastering ──▶ two stems that add up to the mix
//! ```
//!
//! Sound in, sound out; does not know the store, files, or how voices were separated or spoken.

mod bed;
mod layout;
mod level;
mod original;
mod room;
mod take;
mod tone;

pub use room::RoomSound;

use crate::audio::{Audio, from_db};
use crate::error::Result;
use crate::media::loudness::{Measured, integrated};
use crate::media::mastering::{Mastered, Target, master, sum};
use crate::settings::{Bed, Goal, Judged, MixSettings, Range, Room};
use crate::time::{Delta, Span, merged};
use crate::timeline::Placement;
use original::Original;
use serde::{Deserialize, Serialize};

/// Rate of every mixdown, in Hz.
pub const RATE: u32 = 48_000;

/// Raised whenever the same inputs would be mixed otherwise.
pub const VERSION: u32 = 3;

/// Fades at both ends of a take, in samples: 5 ms, so that nothing clicks.
const FADE: usize = 240;

/// What the takes are laid over.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The original. Six channels are front left and right, centre, LFE and the two surrounds, as WAV and FFmpeg order
    /// them; one becomes two that are the same; other counts than 1, 2 and 6 are mixed to stereo.
    pub sound: &'a Audio,
    /// The original without its voices, where those were separated: of the form and length of `sound`, and the same
    /// outside speech. It is taken as it is.
    pub bed: Option<&'a Audio>,
    /// The original's voices alone, where those were separated: of the length of `sound`, any channels. Levels, places
    /// and tone are measured on it, else on `sound`.
    pub voice: Option<&'a Audio>,
}

/// A take with its place and the cue that it dubs.
#[derive(Clone, Debug)]
pub struct Placed {
    /// When, and how far compressed.
    pub placement: Placement,
    /// When the cue is spoken in the source.
    pub cue: Span,
    /// Who speaks it, where that is known.
    pub speaker: Option<String>,
    /// The take as it was spoken, any rate, mono.
    pub take: Audio,
}

/// A finished mix: two stems of one length, 48 kHz, on the steps of 24-bit samples, whose sum it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixdown {
    /// The dub.
    pub voice: Audio,
    /// Everything else.
    pub bed: Audio,
    /// How it came about.
    pub record: Record,
}

impl Mixdown {
    /// The full mix: voice and bed, exactly.
    pub fn full(&self) -> Audio {
        sum(&[self.voice.clone(), self.bed.clone()])
    }
}

/// What was done, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What the bed was made of; never `auto`.
    pub bed: Bed,
    /// The full mix as a meter reads it, before it is encoded.
    pub measured: Measured,
    /// Gated loudness of the dub stem alone, in LUFS; none where nothing is heard in it.
    pub dialogue_lufs: Option<f64>,
    /// What the target was set on.
    pub judged: Judged,
    /// The target, in LUFS, of what is judged.
    pub target_lufs: f64,
    /// The largest true peak allowed, in dBTP.
    pub ceiling_dbtp: f64,
    /// Loudness range before it was narrowed or limited, in LU.
    pub source_range_lu: f64,
    /// The limiter's deepest reduction, in dB.
    pub limited_db: f64,
    /// The room that was added to the voices.
    pub room: Option<RoomSound>,
    /// How each take sits, in the order in which they were given.
    pub takes: Vec<Seat>,
}

/// How a take sits in the mix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    /// The cue.
    pub cue: u32,
    /// Its level against the norm, in dB: a whisper is below, a shout above.
    pub level_db: f64,
    /// How much louder it is on the left than on the right, in dB.
    pub left_db: f64,
}

/// Mixes an episode. The mixdown has exactly the length of the original; it has six channels where the original has and
/// they are to be kept, and two otherwise.
///
/// # Errors
/// Fails if a separated bed is asked for and not there, or is of another form than the original, or if sound cannot be
/// resampled or measured.
pub fn mix(ground: &Ground<'_>, placed: &[Placed], settings: &MixSettings) -> Result<Mixdown> {
    let sound = layout::shaped(ground.sound, settings.surround)?;
    let original = Original::new(&sound, ground.voice)?;
    let levels = level::levels(&original, placed);
    let mut takes = placed.iter().map(take::fitted).collect::<Result<Vec<_>>>()?;
    tone::seat(&mut takes, placed, &original, settings.tone);
    let leans: Vec<f64> = placed.iter().map(|one| original.lean(one.cue)).collect();
    let room = match settings.room {
        Room::Off => None,
        Room::Match => RoomSound::of(&sound, &placed.iter().map(|one| one.cue).collect::<Vec<_>>()),
    };
    let response = room.map(RoomSound::response);

    let mut voice = Audio::silence(RATE, sound.channels, sound.frames());
    let mut seats = Vec::with_capacity(placed.len());
    for (((one, mut take), gain), lean) in placed.iter().zip(takes).zip(&levels.gains).zip(leans) {
        take.apply_gain(from_db(take::raise(&take, levels.norm + gain)) as f32);
        take.fade_edges(FADE);
        if let Some(response) = &response {
            room::add(&mut take, response);
        }
        let left_db = if voice.channels == 6 { 0.0 } else { lean };
        layout::add(&mut voice, &take, one.placement.span.start.samples(RATE), left_db);
        seats.push(Seat { cue: one.placement.cue, level_db: *gain, left_db });
    }
    drop(original);
    let voiced: Vec<Span> = placed.iter().flat_map(|one| [one.placement.span, one.cue]).collect();
    let (bed, kind) = bed::laid(ground, sound, &voiced, settings)?;

    let goal = settings.loudness.goal(spoken_share(placed, voice.duration()));
    let Mastered { parts: [voice, bed], measured, judged_lufs, source_range_lu, limited_db } =
        master([voice, bed], &target(&goal, settings))?;
    let record = Record {
        bed: kind,
        measured,
        dialogue_lufs: integrated(&voice)?,
        judged: if judged_lufs.is_some() { Judged::Dialogue } else { Judged::Programme },
        target_lufs: goal.lufs,
        ceiling_dbtp: goal.ceiling_dbtp,
        source_range_lu,
        limited_db,
        room,
        takes: seats,
    };
    Ok(Mixdown { voice, bed, record })
}

/// What mastering is told. The voice is its first part.
fn target(goal: &Goal, settings: &MixSettings) -> Target {
    Target {
        lufs: goal.lufs,
        ceiling_dbtp: goal.ceiling_dbtp,
        judged: (goal.judged == Judged::Dialogue).then_some(0),
        range_lu: (settings.range == Range::Narrow).then_some(settings.range_lu),
    }
}

/// For which share of the time something is spoken, 0 to 1.
fn spoken_share(placed: &[Placed], length: Delta) -> f64 {
    let spans = placed.iter().map(|one| one.placement.span);
    let spoken: f64 = merged(spans, Delta::ZERO).iter().map(|span| span.duration().seconds()).sum();
    if length > Delta::ZERO { (spoken / length.seconds()).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
