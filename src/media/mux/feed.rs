//! Tracks that are made here: encoded sound and subtitle text, packet by packet.
//!
//! Each feed gives its packets in the order of time, as far as it is asked. Does not
//! know the source.

use super::output::Output;
use super::{TICK, rescale, text};
use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::media::clock::ticks;
use crate::media::native::{AacEncoder, Packet, Rational};
use crate::time::Span;
use std::borrow::Cow;
use std::collections::VecDeque;

/// Subtitle packets are written this much before their time, in ticks: they are few, and
/// late ones make players hold everything else back.
const AHEAD: i64 = crate::time::TICKS_PER_SECOND;

/// A track in the making.
pub(super) struct Feed<'a> {
    stream: usize,
    /// Ticks from the output's zero to the track's.
    offset: i64,
    kind: Made<'a>,
}

enum Made<'a> {
    Sound { encoder: AacEncoder, audio: Cow<'a, Audio>, pending: Option<Packet>, ended: bool },
    Text(VecDeque<(Span, Vec<u8>)>),
}

impl<'a> Feed<'a> {
    /// Sound to be encoded.
    pub(super) fn sound(stream: usize, offset: i64, encoder: AacEncoder, audio: Cow<'a, Audio>) -> Feed<'a> {
        Feed { stream, offset, kind: Made::Sound { encoder, audio, pending: None, ended: false } }
    }

    /// Text packets as the container wants them.
    pub(super) fn text(stream: usize, offset: i64, packets: Vec<text::TextPacket>) -> Feed<'a> {
        Feed { stream, offset, kind: Made::Text(packets.into_iter().map(|p| (p.span, p.bytes)).collect()) }
    }

    /// Writes every packet that belongs before `until`, in ticks of the output.
    ///
    /// # Errors
    /// Fails where the encoder fails or the file cannot be written.
    pub(super) fn write_until(&mut self, until: i64, file: &mut Output) -> Result<()> {
        let base = file.time_base(self.stream);
        match &mut self.kind {
            Made::Sound { encoder, audio, pending, ended } => loop {
                if pending.is_none() && !*ended {
                    *pending = encoder
                        .next(audio)
                        .map_err(|error| Error::internal("the AAC encoder failed").because(error))?;
                    *ended = pending.is_none();
                }
                let from = encoder.time_base();
                let Some(packet) = pending
                    .take_if(|packet| ticks(packet.pts().unwrap_or(0), from).saturating_add(self.offset) <= until)
                else {
                    return Ok(());
                };
                file.write(addressed(packet, self.stream, self.offset, from, base))?;
            },
            Made::Text(packets) => {
                let due = |span: &Span| span.start.ticks().saturating_add(self.offset) <= until.saturating_add(AHEAD);
                while packets.front().is_some_and(|(span, _)| due(span)) {
                    let Some((span, bytes)) = packets.pop_front() else { break };
                    let mut packet = Packet::copy(&bytes);
                    packet.set_pts(Some(span.start.ticks()));
                    packet.set_dts(Some(span.start.ticks()));
                    packet.set_duration(span.duration().ticks());
                    let mut packet = addressed(packet, self.stream, self.offset, TICK, base);
                    // Rounding may not make a cue end after the next one begins.
                    let end = rescale(span.end.ticks() + self.offset, TICK, base);
                    packet.set_duration((end - packet.pts().unwrap_or(0)).max(1));
                    file.write(packet)?;
                }
                Ok(())
            }
        }
    }
}

/// The packet with its stream, and its times in the output's time base.
fn addressed(mut packet: Packet, stream: usize, offset: i64, from: Rational, to: Rational) -> Packet {
    super::shift(&mut packet, offset, from, to);
    packet.set_stream(stream);
    packet
}
