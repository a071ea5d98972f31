//! Media files: probing, decoding, resampling, loudness and muxing.
//!
//! The only place that knows FFmpeg, and the only unsafe code (all of it in `native`).
//! Everything here blocks and works on the calling thread. Media is untrusted: nothing
//! inside a file can make the program open another file or reach the network, and a
//! damaged file is an error or a count of damaged packets, never a panic. Source files
//! are only read. Does not know scripts, engines, stages or where anything is stored.

pub mod blocks;
mod boxes;
mod clock;
mod decode;
mod limiter;
pub mod loudness;
pub mod mastering;
mod mux;
mod native;
mod open;
mod packets;
mod probe;
mod range;
mod resample;
#[cfg(test)]
mod testing;
pub mod wav;

pub use decode::{Decoded, decode_audio, read_sound};
pub use mux::{Delivery, DubTrack, SubtitleTrack, Told, fits_mp4, mux};
pub use open::unreadable;
pub use packets::{Packets, packets};
pub use probe::{choose_audio, digest, probe};
pub use resample::resample;

/// The version of the FFmpeg libraries in use.
pub fn version() -> String {
    native::version()
}
