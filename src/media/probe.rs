//! Probing: what a source file holds, as an `Episode`.
//!
//! Reads the headers, and once the whole file for its digest. Does not decode.

use super::clock::ticks;
use super::native::{Disposition, Medium, Rational, Read, StreamInfo};
use super::open::{media, open, readable, refused, unreadable};
use crate::episode::{Episode, Stream, StreamKind, TrackChoice};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::time::Delta;
use std::fmt::Write as _;
use std::path::Path;

/// No episode is longer.
const LONGEST: Delta = Delta::from_ms(24 * 3_600_000);

/// Looks into a source file.
///
/// # Errors
/// Fails (as media, naming the file and a remedy) where there is no such file, it may not
/// be read, is a folder, is empty, is truncated, is not media, or claims to be longer than a
/// day. A file without sound is
/// no error here; `choose_audio` says so.
pub fn probe(path: &Path) -> Result<Episode> {
    let source = open(path)?;
    let streams = source.streams();
    let (digest, size) = digest(path)?;
    let duration = match source.duration_us() {
        Some(micros) => Delta::from_ticks(ticks(micros, Rational(1, 1_000_000))),
        None => scan_duration(path)?,
    };
    // Sound is worked on in memory, which a header that lies could exhaust.
    if duration > LONGEST {
        return Err(media(&format!("says that it is {:.0} hours long", duration.seconds() / 3600.0), path)
            .hint("cut it into episodes of at most a day, or repair its header by copying it with `ffmpeg -c copy`"));
    }
    Ok(Episode {
        digest,
        container: source.container(),
        duration,
        size,
        chapters: source.chapters(),
        streams: streams.iter().map(stream).collect(),
    })
}

/// The audio track to dub: the one that was chosen, else the one that is marked as
/// default, else the first.
///
/// # Errors
/// Fails as media where there is no sound, or no such track; it lists those there are.
pub fn choose_audio<'a>(episode: &'a Episode, choice: Option<&TrackChoice>) -> Result<&'a Stream> {
    let Some(first) = episode.audio().next() else {
        return Err(Error::new(Kind::Media, "there is no audio track")
            .hint("dubbing needs the original sound: use a file that has it"));
    };
    let found = match choice {
        None => Some(episode.audio().find(|stream| stream.default).unwrap_or(first)),
        Some(TrackChoice::Number(number)) => number.checked_sub(1).and_then(|index| episode.audio().nth(index)),
        Some(TrackChoice::Language(wanted)) => {
            let in_language = |stream: &&Stream| stream.language.as_ref().is_some_and(|tag| tag.accepts(wanted));
            episode.audio().find(in_language)
        }
    };
    found.ok_or_else(|| {
        let what = match choice {
            Some(TrackChoice::Language(wanted)) => format!("there is no audio track in {}", wanted.name()),
            Some(TrackChoice::Number(number)) => format!("there is no audio track {number}"),
            None => "there is no audio track".to_owned(),
        };
        Error::new(Kind::Media, what).hint(format!("the audio tracks are: {}", list_audio(episode)))
    })
}

/// `1 (zh, aac, stereo, "Original"), 2 (en, ac3, 5.1)`.
fn list_audio(episode: &Episode) -> String {
    let mut list = String::new();
    for (index, stream) in episode.audio().enumerate() {
        let language = stream.language.as_ref().map_or("no language", Lang::tag);
        let separator = if index == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(list, "{separator}{} ({language}, {}", index + 1, stream.codec);
        if let StreamKind::Audio { layout, .. } = &stream.kind {
            let _ = write!(list, ", {layout}");
        }
        if let Some(title) = &stream.title {
            let _ = write!(list, ", {title:?}");
        }
        list.push(')');
    }
    list
}

fn stream(info: &StreamInfo) -> Stream {
    let kind = match info.medium {
        Medium::Video => StreamKind::Video {
            width: info.width,
            height: info.height,
            frame_rate: (info.frame_rate.numerator(), info.frame_rate.denominator()),
            rotation: info.rotation,
            attached_picture: info.attached_picture,
        },
        Medium::Audio => {
            StreamKind::Audio { sample_rate: info.sample_rate, channels: info.channels, layout: info.layout.clone() }
        }
        Medium::Subtitle => StreamKind::Subtitle,
        Medium::Attachment | Medium::Data => StreamKind::Other,
    };
    Stream {
        index: info.index,
        codec: info.codec.clone(),
        language: info.tag("language").and_then(language),
        title: info.tag("title").or_else(|| info.tag("name")).or_else(|| handler(info)).map(str::to_owned),
        default: info.disposition & Disposition::DEFAULT != 0,
        duration: info.duration.map(|duration| Delta::from_ticks(ticks(duration, info.time_base))),
        kind,
    }
}

/// The name of an MP4 track's handler, where MP4 has a track's title; not where it is a program's own name for it.
fn handler(info: &StreamInfo) -> Option<&str> {
    const PROGRAMS: &[&str] = &["handler", "core media", "iso media", "mainconcept"];
    let name = info.tag("handler_name")?.trim();
    let lower = name.to_lowercase();
    (!name.is_empty() && !PROGRAMS.iter().any(|program| lower.contains(program))).then_some(name)
}

/// A container's language tag; `und` and what is no language give none.
fn language(tag: &str) -> Option<Lang> {
    if matches!(tag, "und" | "mis" | "mul" | "zxx") {
        return None;
    }
    tag.parse().ok()
}

/// blake3 of a file's bytes, in hex, and how many there are.
///
/// # Errors
/// Fails (as media) where it cannot be read.
pub fn digest(path: &Path) -> Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(readable(path)?).map_err(|error| unreadable(path, error))?;
    Ok((hasher.finalize().to_hex().to_string(), hasher.count()))
}

/// The length by the last packet's end, for files that do not tell: recordings of
/// browsers, raw streams.
fn scan_duration(path: &Path) -> Result<Delta> {
    let mut source = open(path)?;
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let mut damaged = 0;
    loop {
        match source.read().map_err(|error| refused(path, error))? {
            Read::Packet(packet) => {
                let Some(pts) = packet.pts().or(packet.dts()) else { continue };
                let Ok(base) = source.time_base(packet.stream()) else { continue };
                first = first.min(ticks(pts, base));
                last = last.max(ticks(pts.saturating_add(packet.duration()), base));
            }
            Read::Damaged if damaged < 1000 => damaged += 1,
            Read::Damaged | Read::End => break,
        }
    }
    if first >= last {
        return Err(media("holds nothing that can be played", path).hint("copy or download it again"));
    }
    Ok(Delta::from_ticks(last - first))
}

#[cfg(test)]
mod tests;
