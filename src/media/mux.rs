//! Muxing: the source's pictures, the dub, the original sound and subtitles in one file.
//!
//! Pictures are copied packet by packet. The output appears under its name when it is
//! complete, and not before. Does not make sound or words, and does not judge them.

mod feed;
mod lead;
mod output;
mod plan;
mod text;

use super::clock::{self, rescale, ticks};
use super::native::{Packet, Rational, Read, Source, takes_codec};
use super::open::{media, open, refused};
use crate::audio::Audio;
use crate::episode::{Episode, StreamKind};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::Container;
use crate::time::{Span, TICKS_PER_SECOND, Time};
use feed::Feed;
use output::Output;
use plan::{Plan, Route};
use std::path::Path;

/// Ticks as a time base.
const TICK: Rational = Rational(1, TICKS_PER_SECOND as i32);

/// Damaged pieces of a source that are passed over before it is given up.
const MOST_DAMAGED_READS: usize = 10_000;

/// What a deliverable is to hold.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Container; `Auto` is MP4 where the pictures fit it, else Matroska.
    pub container: Container,
    /// The dubs: the first audio tracks, and the first of them the default.
    pub dubs: Vec<DubTrack>,
    /// Index of the source's stream to keep as original sound; with it every other
    /// audio track of the source is kept, without it none.
    pub keep_original: Option<usize>,
    /// Language of the original, where its stream does not tell.
    pub original_language: Option<Lang>,
    /// New subtitle tracks, before those that the source has.
    pub subtitles: Vec<SubtitleTrack>,
    /// Bit rate of AAC tracks that are made here, in kbit/s; 5.1 gets twice as much.
    pub audio_kbps: u32,
}

/// Dubbed sound.
#[derive(Clone, Debug)]
pub struct DubTrack {
    /// Begins with the picture; delivered at 48 kHz, six channels as 5.1 and all else as stereo.
    pub audio: Audio,
    /// Language.
    pub language: Lang,
    /// What players show: `English (dub)`.
    pub title: String,
}

/// A new subtitle track.
#[derive(Clone, Debug)]
pub struct SubtitleTrack {
    /// Language.
    pub language: Lang,
    /// What players show.
    pub title: String,
    /// Text by time; plain, with line breaks, without markup. Empty ones are left out.
    pub cues: Vec<(Span, String)>,
    /// Shown unasked.
    pub default: bool,
}

/// Can the pictures of this episode be copied into MP4? Sound need not fit, since it can be
/// encoded anew.
pub fn fits_mp4(episode: &Episode) -> bool {
    episode
        .streams
        .iter()
        .filter(|stream| matches!(stream.kind, StreamKind::Video { attached_picture: false, .. }))
        .all(|stream| takes_codec("mp4", &stream.codec))
}

/// Hears how far the work got; an error of its own ends the work.
pub type Told<'a> = &'a mut dyn FnMut(Time) -> Result<()>;

/// Writes `output` from `source` and what `delivery` adds, and gives warnings: streams of the
/// source that could not be kept as they were. `progress` hears how far it got, and may end it.
///
/// Times are kept relative to each other; the earliest of the streams that are copied
/// begins at zero. Equal input gives equal bytes.
///
/// # Errors
/// Fails as media where the source cannot be read; as usage where the container does not
/// take the pictures, or the output would replace the source; as output where the file
/// cannot be written; and as `progress` does. Nothing is left under the output's name then but what was there.
pub fn mux(source: &Path, output: &Path, delivery: &Delivery, progress: Told<'_>) -> Result<Vec<String>> {
    spare_source(source, output)?;
    let mut input = open(source)?;
    let mut file = Output::create(output)?;
    let mut plan = plan::make(&mut input, source, delivery)?;
    let mut feeds = Vec::new();
    let routes = plan::lay_out(&mut plan, &input, delivery, &mut file, &mut feeds, source)?;
    file.start(plan.only_priming)?;
    let lost = pump(&mut input, source, &plan, &routes, feeds, &mut file, progress)?;
    if lost > 0 {
        plan.warnings.push(format!("{lost} damaged packets of the source were left out"));
    }
    file.finish(&plan.hidden)?;
    Ok(plan.warnings)
}

/// Moves packets from the source and the feeds to the output, in the order of time; gives
/// how many were damaged.
fn pump(
    input: &mut Source,
    source: &Path,
    plan: &Plan,
    routes: &[Option<Route>],
    mut feeds: Vec<Feed<'_>>,
    file: &mut Output,
    progress: Told<'_>,
) -> Result<u64> {
    input.keep_only(|index| routes.get(index).is_some_and(Option::is_some));
    let mut clocks = Clocks::default();
    let (mut damaged, mut lost, mut copied) = (0, 0u64, 0u64);
    while routes.iter().any(Option::is_some) {
        let mut packet = match input.read().map_err(|error| refused(source, error))? {
            Read::Packet(packet) => packet,
            Read::Damaged if damaged < MOST_DAMAGED_READS => {
                damaged += 1;
                continue;
            }
            Read::Damaged | Read::End => break,
        };
        // A stream may turn up in mid-file, which has no route.
        let Some(Some(route)) = routes.get(packet.stream()) else { continue };
        let base = file.time_base(route.output);
        shift(&mut packet, -plan.origin - route.late, route.base, base);
        packet.set_stream(route.output);
        packet.set_position(-1);
        if route.text && !begin_at_zero(&mut packet) {
            continue;
        }
        clocks.mend(&mut packet, route.output, file.allows_equal_times());
        let now = ticks(packet.dts().unwrap_or(0), base);
        for feed in &mut feeds {
            feed.write_until(now, file)?;
        }
        match file.write_copied(packet)? {
            true => copied += 1,
            false => lost += 1,
        }
        if lost > 100 && lost > copied / 4 {
            return Err(media("is too damaged to be copied", source).hint("copy or download it again"));
        }
        progress(Time::from_ticks(now + plan.origin - plan.zero))?;
    }
    for feed in &mut feeds {
        feed.write_until(i64::MAX, file)?;
    }
    Ok(lost)
}

/// Moves a packet's times by `shift` ticks and to another time base.
fn shift(packet: &mut Packet, shift: i64, from: Rational, to: Rational) {
    let moved = rescale(shift, TICK, from);
    packet.set_pts(packet.pts().map(|pts| rescale(pts.saturating_add(moved), from, to)));
    packet.set_dts(packet.dts().map(|dts| rescale(dts.saturating_add(moved), from, to)));
    packet.set_duration(rescale(packet.duration(), from, to));
}

/// Cuts from a subtitle what lies before zero; tells whether anything is left.
fn begin_at_zero(packet: &mut Packet) -> bool {
    let Some(pts) = packet.pts().filter(|pts| *pts < 0) else { return true };
    let left = packet.duration().saturating_add(pts);
    packet.set_pts(Some(0));
    packet.set_dts(Some(0));
    packet.set_duration(left);
    left > 0
}

/// Makes decoding times whole and rising, which containers ask for and old files do not give.
#[derive(Default)]
struct Clocks {
    /// Last decoding time and duration of each output stream.
    last: Vec<Option<(i64, i64)>>,
}

impl Clocks {
    fn mend(&mut self, packet: &mut Packet, stream: usize, equal_allowed: bool) {
        if self.last.len() <= stream {
            self.last.resize(stream + 1, None);
        }
        let last = self.last[stream];
        let mut dts = match (packet.dts(), last) {
            (Some(dts), _) => dts,
            (None, Some((before, duration))) => before + duration.max(1),
            (None, None) => packet.pts().unwrap_or(0),
        };
        if let Some((before, _)) = last {
            dts = dts.max(before + i64::from(!equal_allowed));
        }
        packet.set_dts(Some(dts));
        packet.set_pts(Some(packet.pts().unwrap_or(dts).max(dts)));
        self.last[stream] = Some((dts, packet.duration()));
    }
}

/// # Errors
/// Fails where the output is the source itself.
fn spare_source(source: &Path, output: &Path) -> Result<()> {
    let same = match (source.canonicalize(), output.canonicalize()) {
        (Ok(source), Ok(output)) => source == output,
        _ => false,
    };
    if same {
        return Err(Error::new(Kind::Usage, "the output would replace the source")
            .file(output)
            .hint("choose another folder with --out"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
