//! Counting: how many packets each stream of a file has, and from when to when.
//!
//! Reads the whole file and decodes nothing: a picture that stands still or ends early shows in the times of its
//! packets. Does not judge.

use super::clock::{self, ticks};
use super::native::Read;
use super::open::{open, refused};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::time::{Delta, Time};
use std::path::Path;

/// Damaged pieces that are passed over before the rest of a file is given up.
const MOST_DAMAGED_READS: usize = 10_000;

/// The packets of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packets {
    /// Index of the stream in the file, from 0.
    pub stream: usize,
    /// How many there are.
    pub count: u64,
    /// When the first one is shown or heard; zero is the start of the picture.
    pub start: Option<Time>,
    /// When the last one ends.
    pub end: Option<Time>,
    /// The longest time from one packet to the next.
    pub longest: Delta,
}

/// Counts the packets of every stream, in the file's order.
///
/// # Errors
/// Fails as media where the file cannot be opened or read; as interrupted where a stop was asked for.
pub fn packets(path: &Path, cancel: &Cancel) -> Result<Vec<Packets>> {
    let mut source = open(path)?;
    let streams = source.streams();
    let sound = streams.iter().find(|stream| stream.sample_rate > 0).map(|stream| stream.index);
    let zero = clock::zero(&source, &streams, sound);
    // Start and end of each packet in ticks; pictures are stored out of order.
    let mut times: Vec<Vec<(i64, i64)>> = vec![Vec::new(); streams.len()];
    let mut counts = vec![0u64; streams.len()];
    let mut damaged = 0;
    loop {
        match source.read().map_err(|error| refused(path, error))? {
            Read::Packet(packet) => {
                cancel.check()?;
                let index = packet.stream();
                // A stream may turn up in mid-file.
                let (Some(times), Some(count)) = (times.get_mut(index), counts.get_mut(index)) else { continue };
                *count += 1;
                let Some(pts) = packet.pts().or(packet.dts()) else { continue };
                let base = streams[index].time_base;
                times.push((ticks(pts, base), ticks(pts.saturating_add(packet.duration().max(0)), base)));
            }
            Read::Damaged if damaged < MOST_DAMAGED_READS => damaged += 1,
            Read::Damaged | Read::End => break,
        }
    }
    let of = |(stream, mut times): (usize, Vec<(i64, i64)>)| {
        times.sort_unstable();
        let at = |ticks: i64| Time::from_ticks(ticks.saturating_sub(zero));
        Packets {
            stream,
            count: counts[stream],
            start: times.first().map(|(start, _)| at(*start)),
            end: times.iter().map(|(_, end)| *end).max().map(at),
            longest: times
                .windows(2)
                .map(|pair| Delta::from_ticks(pair[1].0.saturating_sub(pair[0].0)))
                .max()
                .unwrap_or_default(),
        }
    };
    Ok(times.into_iter().enumerate().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::testing::{Folder, ffmpeg};

    fn count(path: &Path) -> Vec<Packets> {
        packets(path, &Cancel::new()).unwrap()
    }

    #[test]
    fn a_picture_is_counted_and_its_standstill_found() {
        let folder = Folder::new();
        let film = folder.path("film.mp4");
        let sources = "-f lavfi -i testsrc2=s=64x64:r=25:d=4 -f lavfi -i sine=d=3";
        ffmpeg(&format!("{sources} -c:v libx264 -preset ultrafast -c:a aac"), &film);
        let [picture, sound] = count(&film)[..] else { panic!("two streams") };
        assert_eq!((picture.stream, picture.count, picture.longest), (0, 100, Delta::from_ms(40)));
        assert_eq!((picture.start, picture.end), (Some(Time::ZERO), Some(Time::from_ms(4000))));
        let end = sound.end.unwrap() - Time::from_ms(3000);
        assert!(end.abs() < Delta::from_ms(50), "{sound:?}");

        let frozen = folder.path("frozen.mp4");
        ffmpeg(
            &format!("-i {} -an -vf select='not(between(n,25,74))' -fps_mode vfr -c:v libx264", film.display()),
            &frozen,
        );
        let [picture] = count(&frozen)[..] else { panic!("one stream") };
        assert_eq!((picture.count, picture.longest), (50, Delta::from_ms(2040)));
    }

    #[test]
    fn what_is_no_media_is_refused_and_a_stop_is_heard() {
        let folder = Folder::new();
        let path = folder.path("a.mp4");
        std::fs::write(&path, "no film").unwrap();
        assert!(packets(&path, &Cancel::new()).is_err());
        ffmpeg("-f lavfi -i sine=d=1 -c:a aac", &path);
        let cancel = Cancel::new();
        cancel.request();
        assert_eq!(packets(&path, &cancel).unwrap_err().kind(), crate::error::Kind::Interrupted);
    }
}
