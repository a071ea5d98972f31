//! Decoding: an audio track as samples on the episode's clock.
//!
//! Sample 0 is the start of the picture. A track that begins later is preceded by
//! silence, one that begins earlier is trimmed, and holes are filled, so that no sample
//! is ever more than `TOLERANCE` from where its timestamp wants it. Does not know what is
//! said in it.

use super::clock::{self, ticks};
use super::native::{Decoder, Frame, Medium, NativeError, Rational, Read, Resampler, SoundFormat, Source};
use super::open::{media, open, refused};
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::time::{Delta, TICKS_PER_SECOND, Time};
use std::path::Path;

/// How far sound may lie from its timestamp before it is put right: ITU-R BT.1359-1 has
/// 45 ms as the smallest error that people notice.
const TOLERANCE: Delta = Delta::from_ms(20);

/// A jump of more than this, or beyond the file's length, is a broken timestamp, not a
/// hole: filling it could take all memory.
const LONGEST_HOLE: Delta = Delta::from_ms(3_600_000);

/// So many unreadable pieces in a row, and the rest of the file is given up.
const MOST_DAMAGED_READS: usize = 10_000;

/// What came of decoding.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Samples from the start of the picture to the end of the track.
    pub audio: Audio,
    /// Packets that were damaged; what cannot be decoded is left out.
    pub damaged_packets: u64,
    /// Silence that was put into holes after the track's start.
    pub filled: Delta,
}

/// Decodes stream `stream_index` of a file to interleaved floats at `rate` Hz with
/// `channels` channels. `progress` hears how far it got.
///
/// Channels are mixed and rates changed as by `resample`.
///
/// # Errors
/// Fails as media where the file cannot be opened, has no such audio stream, is in a codec
/// without decoder, or where nothing of it can be decoded; as interrupted where a stop
/// was asked for.
pub fn decode_audio(
    path: &Path,
    stream_index: usize,
    rate: u32,
    channels: u16,
    progress: &mut dyn FnMut(Time),
    cancel: &Cancel,
) -> Result<Decoded> {
    let mut source = open(path)?;
    let streams = source.streams();
    let Some(stream) = streams.iter().find(|s| s.index == stream_index && s.medium == Medium::Audio) else {
        return Err(media(&format!("stream {stream_index} is no audio"), path)
            .hint("choose an audio track; `ffprobe` lists the streams"));
    };
    let zero = clock::zero(&source, &streams, Some(stream_index));
    let limit = source.duration_us().map(|micros| ticks(micros, Rational(1, 1_000_000)));
    let failed = |error: NativeError| match error {
        NativeError::DecoderNotFound => media(&format!("there is no decoder for {}", stream.codec), path)
            .hint("convert its sound to AAC with another tool"),
        error => refused(path, error),
    };
    let mut decoder = Decoder::open(&source, stream_index).map_err(failed)?;
    let mut placer = Placer::new(Some((rate, channels)), zero, stream.time_base, limit);
    let result = run(&mut source, stream_index, &mut decoder, &mut placer, progress, cancel);
    let damaged_packets = match result {
        Ok(damaged) => damaged,
        Err(Stop::Native(error)) => return Err(refused(path, error)),
        Err(Stop::Cancelled(error)) => return Err(error),
    };
    let filled = placer.filled;
    match placer.finish() {
        Ok(Some(audio)) => Ok(Decoded { audio, damaged_packets, filled }),
        Ok(None) => {
            Err(media(&format!("nothing of its sound (stream {stream_index}, {}) can be decoded", stream.codec), path)
                .hint("play it to see whether it has sound; copy or download it again"))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Decodes a whole encoded sound (WAV, MP3, FLAC, Ogg Opus, …) at its own rate, with its
/// own channels up to two; more are mixed to stereo. Sample 0 is its first sample.
///
/// # Errors
/// Fails as engine, since speech services are what answers with such sounds, where the
/// bytes hold no sound that can be decoded.
pub fn read_sound(bytes: &[u8]) -> Result<Audio> {
    let bad = |why: &str| {
        Error::new(Kind::Engine, format!("{} bytes that were to be a sound {why}", bytes.len()))
            .hint("check the service's or program's settings: WAV, MP3, FLAC, Opus and AAC are understood")
    };
    if bytes.is_empty() {
        return Err(bad("are none"));
    }
    let mut source = Source::from_bytes(bytes.to_vec()).map_err(|error| bad("are no media").because(error))?;
    let streams = source.streams();
    let Some(stream) = streams.iter().find(|stream| stream.medium == Medium::Audio) else {
        return Err(bad("hold none"));
    };
    let mut decoder = Decoder::open(&source, stream.index).map_err(|error| bad("cannot be decoded").because(error))?;
    let zero = clock::start(stream).unwrap_or(0);
    let mut placer = Placer::new(None, zero, stream.time_base, None);
    match run(&mut source, stream.index, &mut decoder, &mut placer, &mut |_| {}, &Cancel::new()) {
        Ok(_) => {}
        Err(Stop::Native(error)) => return Err(bad("cannot be read").because(error)),
        Err(Stop::Cancelled(error)) => return Err(error),
    }
    let audio = placer.finish().map_err(|error| bad("cannot be converted").because(error))?;
    audio.ok_or_else(|| bad("hold nothing that can be decoded"))
}

enum Stop {
    Native(NativeError),
    Cancelled(Error),
}

/// Feeds every packet of the stream through the decoder; gives how many were damaged.
fn run(
    source: &mut Source,
    index: usize,
    decoder: &mut Decoder,
    placer: &mut Placer,
    progress: &mut dyn FnMut(Time),
    cancel: &Cancel,
) -> Result<u64, Stop> {
    source.keep_only(|stream| stream == index);
    let mut damaged = 0;
    let mut damaged_reads = 0;
    loop {
        cancel.check().map_err(Stop::Cancelled)?;
        let packet = match source.read().map_err(Stop::Native)? {
            Read::Packet(packet) if packet.stream() == index => Some(packet),
            Read::Packet(_) => continue,
            Read::Damaged if damaged_reads < MOST_DAMAGED_READS => {
                damaged_reads += 1;
                damaged += 1;
                continue;
            }
            Read::Damaged | Read::End => None,
        };
        damaged_reads = 0;
        if let Some(packet) = &packet {
            // A packet that the container calls incomplete may still hold most of its sound.
            let incomplete = packet.is_corrupt();
            let refused = decoder.send(Some(packet)).is_err();
            damaged += u64::from(incomplete || refused);
            if refused {
                continue;
            }
        } else if decoder.send(None).is_err() {
            return Ok(damaged);
        }
        loop {
            match decoder.receive() {
                Ok(Some(frame)) => placer.place(&frame).map_err(Stop::Native)?,
                Ok(None) => break,
                Err(_) => {
                    damaged += 1;
                    if packet.is_none() {
                        return Ok(damaged);
                    }
                }
            }
        }
        progress(placer.position());
        if packet.is_none() {
            return Ok(damaged);
        }
    }
}

/// Puts decoded frames where their timestamps want them.
struct Placer {
    /// Rate and channels of the result; none takes those of the first frame.
    wanted: Option<(u32, u16)>,
    zero: i64,
    time_base: Rational,
    /// Length of the source in ticks, where it is known.
    limit: Option<i64>,
    segment: Option<Segment>,
    samples: Vec<f32>,
    buffer: Vec<f32>,
    filled: Delta,
}

/// A run of frames without a hole, in one format.
struct Segment {
    format: SoundFormat,
    resampler: Resampler,
    /// Ticks of its first sample.
    start: i64,
    /// Samples per channel that went in.
    taken: u64,
    /// Where the next sample that comes out belongs, in output moments; negative before zero.
    cursor: i64,
}

impl Segment {
    /// Ticks at which the next frame is expected.
    fn expected(&self) -> i64 {
        self.start + Delta::from_samples(self.taken as i64, self.format.rate()).ticks()
    }
}

impl Placer {
    fn new(wanted: Option<(u32, u16)>, zero: i64, time_base: Rational, limit: Option<i64>) -> Placer {
        Placer {
            wanted,
            zero,
            time_base,
            limit,
            segment: None,
            samples: Vec::new(),
            buffer: Vec::new(),
            filled: Delta::ZERO,
        }
    }

    /// How far it got.
    fn position(&self) -> Time {
        let (rate, channels) = self.wanted.unwrap_or((1, 1));
        Time::from_samples((self.samples.len() / usize::from(channels)) as i64, rate)
    }

    fn place(&mut self, frame: &Frame<'_>) -> Result<(), NativeError> {
        if frame.samples() == 0 {
            return Ok(());
        }
        let format = frame.format();
        let stamp = frame.pts().map(|pts| ticks(pts, self.time_base).saturating_sub(self.zero));
        let (rate, channels) = *self.wanted.get_or_insert((format.rate(), format.channels().min(2)));
        let expected = self.segment.as_ref().map(Segment::expected);
        let start = match (stamp, expected) {
            (Some(stamp), Some(expected)) if self.is_hole(stamp.saturating_sub(expected)) => Some(stamp),
            (_, Some(expected)) => {
                (self.segment.as_ref().is_some_and(|segment| segment.format != format)).then_some(expected)
            }
            (stamp, None) => Some(stamp.filter(|stamp| *stamp < 0 || self.is_plausible(*stamp)).unwrap_or(0)),
        };
        if let Some(start) = start {
            self.close()?;
            let resampler = Resampler::new(&format, rate, channels)?;
            let cursor = Delta::from_ticks(start).samples(rate);
            let hole = cursor - (self.samples.len() / usize::from(channels)) as i64;
            if expected.is_some() && hole > 0 {
                self.filled += Delta::from_samples(hole, rate);
            }
            self.segment = Some(Segment { format, resampler, start, taken: 0, cursor });
        }
        if let Some(segment) = &mut self.segment {
            segment.taken += frame.samples() as u64;
            self.buffer.clear();
            segment.resampler.convert(frame, &mut self.buffer)?;
            self.append();
        }
        Ok(())
    }

    /// Is sound that comes so many ticks late, or early, to be moved?
    fn is_hole(&self, offset: i64) -> bool {
        offset.unsigned_abs() > TOLERANCE.ticks().unsigned_abs() && self.is_plausible(offset)
    }

    fn is_plausible(&self, jump: i64) -> bool {
        let longest = self.limit.map_or(LONGEST_HOLE.ticks(), |limit| limit.min(LONGEST_HOLE.ticks()));
        jump.unsigned_abs() <= longest.saturating_add(TICKS_PER_SECOND).unsigned_abs()
    }

    /// Ends the segment: what the resampler holds back comes out.
    fn close(&mut self) -> Result<(), NativeError> {
        if let Some(segment) = &mut self.segment {
            self.buffer.clear();
            segment.resampler.flush(&mut self.buffer)?;
            self.append();
        }
        self.segment = None;
        Ok(())
    }

    /// Writes the buffer at the segment's cursor: silence before it where there is a hole,
    /// and nothing twice where it overlaps what is there.
    fn append(&mut self) {
        let (Some(segment), Some((_, channels))) = (&mut self.segment, self.wanted) else { return };
        let channels = usize::from(channels);
        let there = (self.samples.len() / channels) as i64;
        let count = (self.buffer.len() / channels) as i64;
        let skipped = (there - segment.cursor).clamp(0, count);
        if count > skipped && segment.cursor > there {
            self.samples.resize(segment.cursor as usize * channels, 0.0);
        }
        self.samples.extend_from_slice(&self.buffer[skipped as usize * channels..]);
        segment.cursor += count;
    }

    /// All samples; none where nothing was decoded.
    fn finish(mut self) -> Result<Option<Audio>, NativeError> {
        if self.segment.is_none() {
            return Ok(None);
        }
        self.close()?;
        let Some((rate, channels)) = self.wanted else { return Ok(None) };
        Ok(Some(Audio { rate, channels, samples: self.samples }))
    }
}

#[cfg(test)]
mod tests;
