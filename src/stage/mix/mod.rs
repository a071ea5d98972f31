//! The mix: takes in their places over the bed, at the wanted loudness.
//!
//! ```text
//!  original ──▶ bed: separated, ducked or none ──────────────────────┐
//!     └─▶ per cue: level against its speaker's norm, place, tone      ▼
//!  takes ──▶ fitted ──▶ tone ──▶ level ──▶ room ──▶ dub stem ──▶ mastering ──▶ two stems that add up to the mix
//! ```
//!
//! In two steps, since sounds are large: the takes are seated by what the original tells, and then laid over what becomes
//! of it. Sound in, sound out; does not know the store, files, or how voices were separated or spoken.

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
use crate::media::blocks::Blocks;
use crate::media::loudness::{Measured, integrated};
use crate::media::mastering::{Mastered, Target, master};
use crate::settings::{Bed, Goal, Judged, MixSettings, Range, Room};
use crate::time::{Delta, Span, merged};
use crate::timeline::Placement;
use original::Original;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Rate of every mixdown, in Hz.
pub const RATE: u32 = 48_000;

/// Raised whenever the same inputs would be mixed otherwise.
pub const VERSION: u32 = 3;

/// Fades at both ends of a take, in samples: 5 ms, so that nothing clicks.
const FADE: usize = 240;

/// What the takes are laid over.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The original, or what is left of it without its voices: of the same form and length, and the same outside speech.
    pub sound: Audio,
    /// The voices were taken out: it is a bed as it is.
    pub separated: bool,
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
    pub fn full(&self) -> Blocks<'_> {
        Blocks::sum([&self.voice, &self.bed])
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

/// Takes as they sit in a scene, not yet laid over anything.
#[derive(Clone, Debug)]
pub struct Seated {
    takes: Vec<Take>,
    /// Level of a take that is spoken normally, in dBFS RMS of a side.
    norm: f64,
    room: Option<RoomSound>,
}

/// A take with its length and its tone.
#[derive(Clone, Debug)]
struct Take {
    sound: Audio,
    /// When it is heard, and when its cue is spoken in the source.
    span: Span,
    cue: Span,
    seat: Seat,
}

/// Seats takes by what the original tells of their cues.
///
/// Six channels are front left and right, centre, LFE and the two surrounds, as WAV and FFmpeg order them; one becomes two
/// that are the same; other counts than 1, 2 and 6 are mixed to stereo. `voice` is the original's voices alone, where those
/// were separated: of the length of `sound`, any channels. Levels, places and tone are measured on it, else on `sound`.
///
/// # Errors
/// Fails if sound cannot be resampled, and as `placed` does.
pub fn seat(
    sound: &Audio,
    voice: Option<&Audio>,
    placed: impl IntoIterator<Item = Result<Placed>>,
    settings: &MixSettings,
) -> Result<Seated> {
    let sound = layout::shaped(Cow::Borrowed(sound), settings.surround)?;
    let original = Original::new(&sound, voice)?;
    let (mut lines, mut takes) = (Vec::new(), Vec::new());
    for one in placed {
        let mut one = one?;
        takes.push(take::fitted(&mut one)?);
        lines.push(one);
    }
    let levels = level::levels(&original, &lines);
    tone::seat(&mut takes, &lines, &original, settings.tone);
    let room = match settings.room {
        Room::Off => None,
        Room::Match => RoomSound::of(&sound, &lines.iter().map(|one| one.cue).collect::<Vec<_>>()),
    };
    let take = |((one, sound), level_db): ((&Placed, Audio), &f64)| Take {
        sound,
        span: one.placement.span,
        cue: one.cue,
        seat: Seat { cue: one.placement.cue, level_db: *level_db, left_db: original.lean(one.cue) },
    };
    let takes = lines.iter().zip(takes).zip(&levels.gains).map(take).collect();
    Ok(Seated { takes, norm: levels.norm, room })
}

/// Mixes an episode. The mixdown has exactly the length of the ground; it has six channels where that has and they are to
/// be kept, and two otherwise.
///
/// # Errors
/// Fails if a separated bed is asked for and not there, or if sound cannot be resampled or measured.
pub fn mix(seated: Seated, ground: Ground, settings: &MixSettings) -> Result<Mixdown> {
    let Seated { takes, norm, room } = seated;
    let voiced: Vec<Span> = takes.iter().flat_map(|take| [take.span, take.cue]).collect();
    let (bed, kind) = bed::laid(ground, &voiced, settings)?;
    let goal = settings.loudness.goal(spoken_share(&takes, bed.duration()));
    let response = room.map(RoomSound::response);

    let mut voice = Audio::silence(RATE, bed.channels, bed.frames());
    let mut seats = Vec::with_capacity(takes.len());
    for Take { mut sound, span, seat, .. } in takes {
        sound.apply_gain(from_db(take::raise(&sound, norm + seat.level_db)) as f32);
        sound.fade_edges(FADE);
        if let Some(response) = &response {
            room::add(&mut sound, response);
        }
        let left_db = if voice.channels == 6 { 0.0 } else { seat.left_db };
        layout::add(&mut voice, &sound, span.start.samples(RATE), left_db);
        seats.push(Seat { left_db, ..seat });
    }

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
fn spoken_share(takes: &[Take], length: Delta) -> f64 {
    let spans = takes.iter().map(|take| take.span);
    let spoken: f64 = merged(spans, Delta::ZERO).iter().map(|span| span.duration().seconds()).sum();
    if length > Delta::ZERO { (spoken / length.seconds()).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
