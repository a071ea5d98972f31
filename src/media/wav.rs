//! WAV: the plain form in which sound is stored and handed to programs.
//!
//! Equal sound gives equal bytes, whether they are made in memory or in a file. What is encoded is worked out a second at a
//! time and held as bytes alone. Does not know other encodings; `read_sound` does.

mod file;

pub use file::{Reader, Writer};

use super::blocks::Blocks;
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::time::Delta;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::io::{Cursor, Seek, Write};

/// What a RIFF file's own lengths can tell, less its headers.
const MOST_BYTES: usize = u32::MAX as usize - 1024;

/// Whole minutes of such sound that fit a file.
fn longest(rate: u32, channels: u16, bits: u16) -> usize {
    let second = rate as usize * usize::from(channels) * usize::from(bits / 8);
    MOST_BYTES / second.max(1) / 60
}

/// Integer samples of `bits` (16 or 24) as a RIFF file. Samples beyond full scale are
/// limited to it, and not-a-number becomes silence.
///
/// # Errors
/// Fails for any other number of bits, for no channels, and for sound longer than the
/// 4 GiB that a RIFF file holds: four hours of 48 kHz stereo in 24 bits, 80 minutes of 5.1.
pub fn encode<'a>(sound: impl Into<Blocks<'a>>, bits: u16) -> Result<Vec<u8>> {
    let sound = sound.into();
    let rate = sound.rate();
    let spec = form(rate, sound.channels(), bits)?;
    let bytes = fitting(sound.frames(), spec)?;
    let mut file = Cursor::new(Vec::with_capacity(bytes + 64));
    let write = |file: &mut Cursor<Vec<u8>>| -> hound::Result<()> {
        let mut writer = WavWriter::new(file, spec)?;
        sound.each(rate as usize, |block| put(&mut writer, block))?;
        writer.finalize()
    };
    write(&mut file).map_err(|error| Error::internal("a WAV file could not be written to memory").because(error))?;
    Ok(file.into_inner())
}

/// Writes more samples to a file of integers.
fn put<W: Write + Seek>(file: &mut WavWriter<W>, samples: &[f32]) -> hound::Result<()> {
    let bits = file.spec().bits_per_sample;
    samples.iter().try_for_each(|sample| file.write_sample(step(*sample, bits)))
}

/// What the system says, where it was the system that refused a file.
pub fn cause(error: hound::Error) -> std::io::Error {
    match error {
        hound::Error::IoError(error) => error,
        error => std::io::Error::other(error),
    }
}

/// A file of integers.
fn form(rate: u32, channels: u16, bits: u16) -> Result<WavSpec> {
    if !matches!(bits, 16 | 24) || channels == 0 {
        return Err(Error::internal(format!("a WAV file of {bits} bits and {channels} channels was asked for")));
    }
    Ok(WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: SampleFormat::Int })
}

/// Bytes of so many moments, if they fit a file.
fn fitting(frames: usize, spec: WavSpec) -> Result<usize> {
    let WavSpec { channels, sample_rate: rate, bits_per_sample: bits, .. } = spec;
    let bytes = frames * usize::from(channels) * usize::from(bits / 8);
    if bytes <= MOST_BYTES {
        return Ok(bytes);
    }
    let length = Delta::from_samples(frames as i64, rate);
    Err(Error::new(Kind::Output, format!("{length} of sound do not fit a WAV file"))
        .hint(format!("cut the episode into parts of at most {} minutes", longest(rate, channels, bits))))
}

/// Rounds samples to what [`decode`] gives of them once they were encoded.
pub fn settle(audio: &mut Audio, bits: u16) {
    for sample in &mut audio.samples {
        *sample = sample_of(step(*sample, bits), bits);
    }
}

/// The integer that stands for a sample.
fn step(sample: f32, bits: u16) -> i32 {
    let scale = f64::from(1u32 << (bits - 1));
    // The cast takes not-a-number to zero.
    (f64::from(sample) * scale).round().clamp(-scale, scale - 1.0) as i32
}

/// The sample that an integer of so many bits stands for.
fn sample_of(step: i32, bits: u16) -> f32 {
    step as f32 * (1.0 / (1u64 << (bits - 1)) as f32)
}

/// Sound from a WAV file of integers (8 to 32 bits) or floats (32 bits).
///
/// # Errors
/// Fails where the bytes are no such file, or end too early.
pub fn decode(bytes: &[u8]) -> Result<Audio> {
    let reader = WavReader::new(bytes).map_err(bad)?;
    let spec = reader.spec();
    let samples = match spec.sample_format {
        SampleFormat::Float => reader.into_samples::<f32>().collect::<hound::Result<Vec<f32>>>(),
        SampleFormat::Int => {
            let sample = |step: hound::Result<i32>| step.map(|step| sample_of(step, spec.bits_per_sample));
            reader.into_samples::<i32>().map(sample).collect()
        }
    };
    Ok(Audio { rate: spec.sample_rate, channels: spec.channels, samples: samples.map_err(bad)? })
}

/// Length of the sound in a WAV file, by its header alone.
///
/// # Errors
/// Fails where the bytes are no such file.
pub fn duration(bytes: &[u8]) -> Result<Delta> {
    let reader = WavReader::new(bytes).map_err(bad)?;
    Ok(Delta::from_samples(i64::from(reader.duration()), reader.spec().sample_rate))
}

fn bad(error: hound::Error) -> Error {
    Error::new(Kind::Media, "this is no readable WAV sound").because(error).hint("check what wrote it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::testing::{Folder, ffprobe};

    fn sound(samples: &[f32]) -> Audio {
        Audio { rate: 16_000, channels: 1, samples: samples.to_vec() }
    }

    #[test]
    fn what_is_written_comes_back_within_one_step() {
        let audio = Audio { rate: 48_000, channels: 2, samples: (0..2000).map(|i| (i as f32 * 0.37).sin()).collect() };
        for (bits, step) in [(16, 1.0 / 32_768.0), (24, 1.0 / 8_388_608.0)] {
            let back = decode(&encode(&audio, bits).unwrap()).unwrap();
            assert_eq!((back.rate, back.channels, back.samples.len()), (48_000, 2, 2000));
            for (a, b) in audio.samples.iter().zip(&back.samples) {
                assert!((a - b).abs() <= step, "{bits} bits: {a} became {b}");
            }
            // A second pass changes nothing: the store's digests depend on it.
            assert_eq!(encode(&back, bits).unwrap(), encode(&audio, bits).unwrap());
            assert_eq!(duration(&encode(&audio, bits).unwrap()).unwrap(), audio.duration());
            let mut settled = audio.clone();
            settle(&mut settled, bits);
            assert_eq!(settled, back);
        }
    }

    #[test]
    fn loud_and_broken_samples_are_limited() {
        let back = decode(&encode(&sound(&[2.0, -2.0, f32::NAN, f32::INFINITY, 1.0, -1.0]), 16).unwrap()).unwrap();
        let full = 32_767.0 / 32_768.0;
        assert_eq!(back.samples, [full, -1.0, 0.0, full, full, -1.0]);
        let mut settled = sound(&[2.0, -2.0, f32::NAN, f32::INFINITY, 1.0, -1.0, -1e-9]);
        settle(&mut settled, 16);
        assert_eq!(settled.samples, [full, -1.0, 0.0, full, full, -1.0, 0.0]);
        assert!(settled.samples[6].is_sign_positive(), "there is one zero among integers");
    }

    #[test]
    fn a_sum_is_written_as_if_somebody_had_added_it_up() {
        let part = |hz: f32| Audio {
            rate: 8000,
            channels: 2,
            samples: (0..33_334).map(|i| (i as f32 * hz).sin() * 0.4).collect(),
        };
        let parts = [part(0.37), part(0.11)];
        let sum = Blocks::sum(&parts).audio();
        assert_eq!(encode(Blocks::sum(&parts), 24).unwrap(), encode(&sum, 24).unwrap());
        assert_eq!(decode(&encode(&sum, 24).unwrap()).unwrap().frames(), 16_667);
    }

    #[test]
    fn six_channels_are_told_as_surround() {
        let folder = Folder::new();
        let mut audio = Audio::silence(48_000, 6, 480);
        audio.samples.chunks_exact_mut(6).for_each(|moment| moment.copy_from_slice(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]));
        let (bytes, path) = (encode(&audio, 24).unwrap(), folder.path("s.wav"));
        std::fs::write(&path, &bytes).unwrap();
        let stream = &ffprobe(&path)["streams"][0];
        assert_eq!((&stream["channels"], &stream["channel_layout"]), (&6.into(), &"5.1".into()), "{stream}");
        assert_eq!((&stream["codec_name"], &stream["sample_rate"]), (&"pcm_s24le".into(), &"48000".into()));
        let back = decode(&bytes).unwrap();
        assert!(back.samples.iter().zip(&audio.samples).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn a_file_that_would_be_too_long_is_told_with_the_length_that_fits() {
        assert_eq!((longest(48_000, 2, 24), longest(48_000, 6, 24)), (248, 82));
        let minutes = |minutes: usize| fitting(minutes * 60 * 48_000, form(48_000, 6, 24).unwrap());
        assert_eq!(minutes(82).unwrap(), 82 * 60 * 48_000 * 6 * 3);
        assert!(minutes(83).unwrap_err().remedy().unwrap().contains("at most 82 minutes"));
    }

    #[test]
    fn bytes_that_are_no_wav_are_refused() {
        let whole = encode(&sound(&[0.5; 100]), 16).unwrap();
        for bytes in [&b""[..], b"RIFF", b"ID3 this is something else", &whole[..whole.len() - 10]] {
            let error = decode(bytes).unwrap_err();
            assert_eq!(error.kind(), Kind::Media);
            assert!(error.remedy().is_some());
        }
        assert_eq!(decode(&whole).unwrap().frames(), 100);
    }

    #[test]
    fn silence_of_no_length_is_a_file_too() {
        assert_eq!(decode(&encode(&sound(&[]), 24).unwrap()).unwrap().frames(), 0);
    }
}
