//! Where the first packets of a source lie in time.
//!
//! A look at the beginning of the file, apart from the reading that copies it. Does not
//! decode.

use crate::error::Result;
use crate::media::clock::{self, ticks};
use crate::media::native::{Medium, Read, StreamInfo};
use crate::media::open::{open, refused};
use std::path::Path;

/// No codec stores a picture further from its place than this many pictures.
const REORDER: usize = 64;
/// A stream that has not begun after so many packets is not waited for.
const PATIENCE: usize = 4000;

/// The source's own times in ticks.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// First packet of each sound stream that was asked for.
    sound: Vec<(usize, i64)>,
    /// How late the first picture's time is against what the demuxer says of its stream.
    ///
    /// AVI keeps no presentation times; those that are worked out for pictures that are
    /// stored out of order begin too late by the depth of that order, while players show
    /// the first picture at zero.
    pub(super) film: i64,
}

impl Lead {
    /// When the first packet of a stream begins, priming included.
    pub(super) fn sound(&self, index: usize) -> Option<i64> {
        self.sound.iter().find(|(stream, _)| *stream == index).map(|(_, start)| *start)
    }
}

/// Looks at the streams of `wanted`.
///
/// # Errors
/// Fails where the source cannot be read.
pub(super) fn look(path: &Path, wanted: &[&StreamInfo]) -> Result<Lead> {
    let mut source = open(path)?;
    let film = wanted.iter().find(|stream| stream.medium == Medium::Video && source.container() == "avi");
    let sounds = || wanted.iter().filter(|stream| stream.medium == Medium::Audio);
    source.keep_only(|index| wanted.iter().any(|stream| stream.index == index));
    let mut lead = Lead::default();
    let mut pictures = Vec::new();
    for _ in 0..PATIENCE {
        if lead.sound.len() == sounds().count() && (film.is_none() || pictures.len() >= REORDER) {
            break;
        }
        let packet = match source.read().map_err(|error| refused(path, error))? {
            Read::Packet(packet) => packet,
            Read::Damaged => continue,
            Read::End => break,
        };
        let index = packet.stream();
        let Some(pts) = packet.pts().or(packet.dts()) else { continue };
        if film.is_some_and(|film| film.index == index) {
            pictures.push(pts);
        } else if let Some(sound) = sounds().find(|sound| sound.index == index)
            && lead.sound(index).is_none()
        {
            lead.sound.push((index, ticks(pts, sound.time_base)));
        }
    }
    if let (Some(film), Some(first)) = (film, pictures.into_iter().min()) {
        lead.film = (ticks(first, film.time_base) - clock::start(film).unwrap_or(0)).max(0);
    }
    Ok(lead)
}
