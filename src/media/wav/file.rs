//! WAV files that are read and written a stretch at a time: sound that nobody needs whole.
//!
//! Their bytes and samples are those of [`encode`](super::encode) and [`decode`](super::decode).

use super::{bad, cause, fitting, form, put, sample_of};
use crate::error::{Error, Result};
use hound::{SampleFormat, WavReader, WavWriter};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

/// A file of integers that is read from its beginning on.
pub struct Reader {
    file: WavReader<BufReader<File>>,
}

impl Reader {
    /// Reads `file` from where it stands.
    ///
    /// # Errors
    /// Fails where that is no WAV file, or one of floats.
    pub fn new(file: File) -> Result<Reader> {
        let file = WavReader::new(BufReader::new(file)).map_err(bad)?;
        match file.spec().sample_format {
            SampleFormat::Int => Ok(Reader { file }),
            SampleFormat::Float => Err(bad(hound::Error::InvalidSampleFormat)),
        }
    }

    /// Channels.
    pub fn channels(&self) -> u16 {
        self.file.spec().channels
    }

    /// Moments (samples per channel) in all.
    pub fn frames(&self) -> usize {
        self.file.duration() as usize
    }

    /// Stands at the beginning of the sound again.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn rewind(&mut self) -> Result<()> {
        self.file.seek(0).map_err(|error| bad(hound::Error::IoError(error)))
    }

    /// Fills `buffer` with the next samples, interleaved, and says how many there were: fewer than it holds at the end.
    ///
    /// # Errors
    /// Fails where the file cannot be read, or ends too early.
    pub fn read(&mut self, buffer: &mut [f32]) -> Result<usize> {
        let bits = self.file.spec().bits_per_sample;
        let mut given = 0;
        for (sample, step) in buffer.iter_mut().zip(self.file.samples::<i32>()) {
            *sample = sample_of(step.map_err(bad)?, bits);
            given += 1;
        }
        Ok(given)
    }
}

/// A file of integers that is written from its beginning to its end.
pub struct Writer<'a> {
    file: WavWriter<BufWriter<&'a File>>,
    path: PathBuf,
    samples: usize,
}

impl<'a> Writer<'a> {
    /// Writes to `file`, which is empty and lies at `path`, with samples of so many bits: 16 or 24.
    ///
    /// # Errors
    /// Fails where it cannot be written, for any other number of bits, and for no channels.
    pub fn new(file: &'a File, path: &Path, rate: u32, channels: u16, bits: u16) -> Result<Writer<'a>> {
        let spec = form(rate, channels, bits)?;
        let file = WavWriter::new(BufWriter::new(file), spec).map_err(|error| Error::output(path, cause(error)))?;
        Ok(Writer { file, path: path.to_owned(), samples: 0 })
    }

    /// Moments (samples per channel) so far.
    pub fn frames(&self) -> usize {
        self.samples / usize::from(self.file.spec().channels)
    }

    /// Writes more samples, interleaved.
    ///
    /// # Errors
    /// Fails where the file cannot be written, or they do not fit it any more.
    pub fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.samples += samples.len();
        fitting(self.frames(), self.file.spec())?;
        put(&mut self.file, samples).map_err(|error| Error::output(&self.path, cause(error)))
    }

    /// Ends the file: before, it says that it is empty.
    ///
    /// # Errors
    /// Fails where it cannot be written.
    pub fn finish(self) -> Result<()> {
        self.file.finalize().map_err(|error| Error::output(&self.path, cause(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode};
    use super::*;
    use crate::audio::Audio;

    #[test]
    fn a_file_holds_the_bytes_and_gives_the_samples_of_what_is_made_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        for (channels, frames) in [(2, 20_000), (6, 5001), (1, 0)] {
            let samples = (0..frames * usize::from(channels)).map(|i| (i as f32 * 0.37).sin() * 1.1).collect();
            let audio = Audio { rate: 48_000, channels, samples };
            let file = File::create(&path).unwrap();
            let mut writer = Writer::new(&file, &path, 48_000, channels, 24).unwrap();
            for stretch in audio.samples.chunks(999 * usize::from(channels)) {
                writer.write(stretch).unwrap();
            }
            assert_eq!(writer.frames(), frames);
            writer.finish().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(bytes, encode(&audio, 24).unwrap());

            let mut reader = Reader::new(File::open(&path).unwrap()).unwrap();
            assert_eq!((reader.channels(), reader.frames()), (channels, frames));
            let (mut back, mut buffer) = (Vec::new(), [0.0; 4096]);
            loop {
                let given = reader.read(&mut buffer).unwrap();
                back.extend_from_slice(&buffer[..given]);
                if given == 0 {
                    break;
                }
            }
            assert_eq!(back, decode(&bytes).unwrap().samples);
            reader.rewind().unwrap();
            let given = reader.read(&mut buffer).unwrap();
            assert_eq!(buffer[..given], back[..back.len().min(4096)], "from the beginning");
        }
    }

    #[test]
    fn what_is_no_file_of_integers_or_ends_early_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let audio = Audio { rate: 48_000, channels: 2, samples: vec![0.5; 2000] };
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Reader::new(File::open(&path).unwrap()).and_then(|mut reader| reader.read(&mut [0.0; 4000]))
        };
        let whole = encode(&audio, 24).unwrap();
        assert_eq!(read(&whole).unwrap(), 2000);
        assert!(read(&whole[..whole.len() - 700]).is_err());
        assert!(read(b"no sound").is_err());
        let spec =
            hound::WavSpec { sample_format: SampleFormat::Float, bits_per_sample: 32, ..form(8000, 1, 16).unwrap() };
        WavWriter::create(&path, spec).unwrap().finalize().unwrap();
        assert!(Reader::new(File::open(&path).unwrap()).is_err());
    }
}
