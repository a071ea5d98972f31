//! Sound that an engine was handed by a server or a program.
//!
//! Whatever FFmpeg decodes will do. Knows one habit of those that stream: a WAV whose lengths are not
//! known yet when its header is written.

use crate::audio::Audio;
use crate::error::Result;
use crate::media;

/// Decodes a sound at its own rate.
///
/// # Errors
/// Fails as engine where the bytes hold no sound.
pub(super) fn read(mut sound: Vec<u8>) -> Result<Audio> {
    settle(&mut sound);
    media::read_sound(&sound)
}

/// Writes the true lengths into the header of a WAV that has placeholders there (0, or all bits set, or
/// the largest positive number). Left as they are, its end would count as damaged and be dropped.
fn settle(wav: &mut [u8]) {
    if !(wav.starts_with(b"RIFF") && wav.get(8..12) == Some(b"WAVE")) {
        return;
    }
    let mut at = 12;
    while let Some(&[a, b, c, d]) = wav.get(at + 4..at + 8) {
        let length = u32::from_le_bytes([a, b, c, d]);
        let rest = wav.len() - (at + 8);
        if wav.get(at..at + 4) == Some(b"data") {
            let unknown = (length == 0 && rest > 0) || length >= 0x7fff_0000;
            if let (true, Ok(rest), Ok(whole)) = (unknown, u32::try_from(rest), u32::try_from(wav.len() - 8)) {
                wav[at + 4..at + 8].copy_from_slice(&rest.to_le_bytes());
                wav[4..8].copy_from_slice(&whole.to_le_bytes());
            }
            return;
        }
        // Chunks begin at even places.
        at += 8 + length as usize + length as usize % 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(length: u32) -> Vec<u8> {
        let mut wav =
            b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0\x02\0\x10\0".to_vec();
        wav.extend(b"JUNK\x03\0\0\0abc\0data");
        wav.extend(length.to_le_bytes());
        wav.extend((0..12_000).flat_map(|i| (((f64::from(i) * 0.06).sin() * 9000.0) as i16).to_le_bytes()));
        wav
    }

    #[test]
    fn a_stream_of_unknown_length_is_read_to_its_end() {
        for length in [u32::MAX, 0, 0x7fff_ffff, 24_000] {
            let audio = read(wav(length)).unwrap();
            assert_eq!(audio.frames(), 12_000, "{length:x}");
        }
    }

    #[test]
    fn odd_headers_do_no_harm() {
        for cut in [0, 3, 11, 12, 20, 44, 52, 55] {
            let mut bytes = wav(u32::MAX);
            bytes.truncate(cut);
            settle(&mut bytes);
            assert_eq!(bytes, wav(u32::MAX)[..cut]);
            assert!(read(bytes).is_err());
        }
    }
}
