//! The step that parts the voices from everything else, once for all languages of an episode.

use super::Runner;
use super::pools::Need;
use super::reel::{BITS, Reel};
use super::sound::Sound;
use super::step::{Mode, Stop};
use crate::engine::separator::{CHANNELS, Piece, RATE, Separator};
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::media::wav;
use crate::settings::{Bed, Listen};
use crate::store::{Bucket, Manifest};
use crate::time::Time;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tempfile::NamedTempFile;

const VOICE: Bucket = Bucket::new("voice", 1, "wav");

/// Channels of 5.1 that people speak in: the front ones. What is separated of the centre is the same on both sides.
const FRONT: [[usize; 2]; 2] = [[0, 1], [2, 2]];

/// The voices of the original by themselves.
pub(super) enum Voice {
    /// The settings want no separated bed, or leave it open and nothing separates it.
    Unwanted,
    /// Separated.
    Known(Reel),
    /// While planning: to be separated, so that what is mixed from them is not known.
    Planned,
}

impl Runner {
    /// The voices of the original; that there is no separator where the settings leave it open is told once.
    pub(super) async fn separate(&self, name: &str, sound: &Sound, times: &mut Vec<StageTime>) -> Result<Voice, Stop> {
        let bed = self.settings().mix.bed;
        if matches!(bed, Bed::Duck | Bed::None) {
            return Ok(Voice::Unwanted);
        }
        let separator = Arc::clone(&self.separator);
        let fingerprint = match tokio::task::block_in_place(|| separator.fingerprint()) {
            Ok(fingerprint) => fingerprint,
            Err(error) if error.exit_code() == 4 && bed == Bed::Auto => {
                if !self.told_of_bed.swap(true, Ordering::Relaxed) {
                    let hint = error.remedy().map(|hint| format!(" ({hint})")).unwrap_or_default();
                    let what =
                        format!("the original is lowered under the dub, since nothing separates it: {error}{hint}");
                    self.machine.events.warn(None, what);
                }
                return Ok(Voice::Unwanted);
            }
            Err(error) if error.exit_code() == 4 && self.machine.mode == Mode::Plan => {
                self.machine.note(&self.work(name, Stage::Separate, None), name, true, vec![error.to_string()]);
                return Ok(Voice::Planned);
            }
            Err(error) => return Err(error.stage(Stage::Separate.name()).into()),
        };
        // Whoever separates reads the sound as a file, and may have to wait for its turn.
        sound.reel.rest();
        let made = self.machine.stage(self.work(name, Stage::Separate, None), |tracker| async move {
            let manifest = Manifest::new(VOICE, name).input("sound", &sound.reel.digest).input("engine", &fingerprint);
            let need = Need::call(&fingerprint, separator.load());
            let (reel, shown, cancel) = (sound.reel.clone(), Arc::clone(&tracker), self.machine.cancel.clone());
            let (store, key) = (Arc::clone(&self.machine.store), manifest.key());
            let make = move || {
                // Read and written as files: nothing of it is held but what the engine holds itself.
                let sound = reel.open()?;
                shown.expect(Time::from_samples(sound.frames() as i64, RATE).seconds().ceil() as u64);
                let told = |at: Time| {
                    shown.reach(at.seconds() as u64);
                    cancel.check()
                };
                voices(separator.as_ref(), sound, || store.begin(VOICE, &key), &told)
            };
            self.machine.reel(&tracker, manifest, need, make).await
        });
        match made.await {
            Ok((reel, time)) => {
                times.push(time);
                Ok(Voice::Known(reel))
            }
            // What is said and written does not hang on it.
            Err(Stop::Planned) => Ok(Voice::Planned),
            Err(stop) => Err(stop),
        }
    }
}

impl Runner {
    /// The sound that is listened to.
    pub(super) fn listened<'a>(&self, sound: &'a Reel, voice: &'a Voice) -> Result<&'a Reel, Stop> {
        match (self.settings().engine.listen, voice) {
            (Listen::Mix, _) => Ok(sound),
            (Listen::Voice, Voice::Known(reel)) => Ok(reel),
            (Listen::Voice, Voice::Planned) => Err(Stop::Planned),
            (Listen::Voice, Voice::Unwanted) => {
                Err(Error::new(Kind::Usage, "there are no separated voices to listen to")
                    .hint("separate them (--bed separate), or set engine.listen to mix")
                    .into())
            }
        }
    }
}

/// Hears how far it got, and may stop it.
type Told<'a> = &'a dyn Fn(Time) -> Result<()>;

/// The voices of a sound, as long and with as many channels; only the front of 5.1 has any. `begin` gives an empty file;
/// 5.1 takes three at once, the voices of each pair for themselves and of all.
fn voices(
    separator: &dyn Separator,
    mut sound: wav::Reader,
    begin: impl Fn() -> Result<NamedTempFile>,
    told: Told<'_>,
) -> Result<NamedTempFile> {
    let [sides, centre] = FRONT;
    let is_surround = sound.channels() == 6;
    let voice = parted(separator, &mut sound, sides, begin()?, told)?;
    if !is_surround {
        return Ok(voice);
    }
    sound.rewind()?;
    let middle = parted(separator, &mut sound, centre, begin()?, told)?;
    together([(sides, voice), (centre, middle)], begin()?, told)
}

/// The voices of two of a sound's channels.
fn parted(
    separator: &dyn Separator,
    sound: &mut wav::Reader,
    [left, right]: [usize; 2],
    file: NamedTempFile,
    told: Told<'_>,
) -> Result<NamedTempFile> {
    let (channels, frames) = (usize::from(sound.channels()), sound.frames());
    let mut voice = wav::Writer::new(file.as_file(), file.path(), RATE, CHANNELS, BITS)?;
    let mut block = Vec::new();
    let mut read = |buffer: &mut [f32]| {
        block.resize(buffer.len() / 2 * channels, 0.0);
        let given = sound.read(&mut block)?;
        for (moment, pair) in block[..given].chunks_exact(channels).zip(buffer.chunks_exact_mut(2)) {
            pair.copy_from_slice(&[moment[left], moment[right]]);
        }
        Ok(given / channels * 2)
    };
    let mut write = |piece: Piece<'_>| {
        voice.write(piece.voice)?;
        told(Time::from_samples(voice.frames() as i64, RATE))
    };
    separator.part(&mut read, &mut write)?;
    if voice.frames() != frames {
        return Err(Error::internal(format!("a separator made {} moments of {frames}", voice.frames())));
    }
    voice.finish()?;
    Ok(file)
}

/// Pairs of channels of 5.1 as one sound, which is silent elsewhere.
fn together(parts: [([usize; 2], NamedTempFile); 2], file: NamedTempFile, told: Told<'_>) -> Result<NamedTempFile> {
    let open = |(pair, part): ([usize; 2], NamedTempFile)| {
        let reader = part.reopen().map_err(|error| Error::output(part.path(), error));
        Ok((pair, wav::Reader::new(reader?)?))
    };
    let mut parts = parts.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    let mut voice = wav::Writer::new(file.as_file(), file.path(), RATE, 6, BITS)?;
    let mut pairs = vec![0.0; 2 * RATE as usize];
    let mut block = vec![0.0; 6 * RATE as usize];
    loop {
        let mut moments = 0;
        for ([left, right], part) in &mut parts {
            let given = part.read(&mut pairs)?;
            moments = given / 2;
            for (moment, pair) in block.chunks_exact_mut(6).zip(pairs[..given].chunks_exact(2)) {
                (moment[*left], moment[*right]) = (pair[0], pair[1]);
            }
        }
        if moments == 0 {
            break;
        }
        voice.write(&block[..moments * 6])?;
        told(Time::from_samples(voice.frames() as i64, RATE))?;
    }
    voice.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Audio;
    use crate::engine::separator::{Read, Write};
    use crate::engine::{Fingerprint, Load};
    use crate::store::{FolderStore, Store};
    use std::cell::RefCell;

    /// Takes half of everything for voice, in odd pieces; `short` moments are lost.
    struct Half {
        short: usize,
    }

    impl Separator for Half {
        fn fingerprint(&self) -> Result<Fingerprint> {
            Err(Error::internal("nobody asks"))
        }

        fn load(&self) -> Load {
            Load { threads: 1, parallel: 1 }
        }

        fn part(&self, read: Read<'_>, write: Write<'_>) -> Result<()> {
            let mut buffer = [0.0; 2 * 777];
            let mut lost = self.short * 2;
            loop {
                let given = read(&mut buffer)?;
                if given == 0 {
                    return Ok(());
                }
                let half: Vec<f32> = buffer[..given].iter().map(|sample| sample / 2.0).collect();
                let half = &half[std::mem::take(&mut lost)..];
                write(Piece { voice: half, bed: half })?;
            }
        }
    }

    /// The voices of a sound with so many channels, each of which holds its number over 16; and what was told
    /// until it was stopped.
    fn of(channels: u16, frames: usize, separator: &Half, stop: Option<usize>) -> Result<(Audio, Vec<Time>)> {
        let samples = (0..frames * usize::from(channels)).map(|i| (i % usize::from(channels) + 1) as f32 / 16.0);
        let sound = Audio { rate: RATE, channels, samples: samples.collect() };
        let store = FolderStore::temporary().unwrap();
        let path = store.root().join("sound.wav");
        std::fs::write(&path, wav::encode(&sound, BITS).unwrap()).unwrap();
        let key = Manifest::new(VOICE, "ep").key();
        let said = RefCell::new(Vec::new());
        let told = |at: Time| {
            said.borrow_mut().push(at);
            match stop.is_some_and(|stop| said.borrow().len() == stop) {
                true => Err(Error::new(Kind::Interrupted, "stopped")),
                false => Ok(()),
            }
        };
        let sound = wav::Reader::new(std::fs::File::open(&path).unwrap())?;
        let made = voices(separator, sound, || store.begin(VOICE, &key), &told);
        let left = store.usage().unwrap().iter().map(|bucket| bucket.bytes).sum::<u64>();
        let file = made.inspect_err(|_| assert_eq!(left, 0, "nothing half-made is left"))?;
        assert_eq!(left, file.as_file().metadata().unwrap().len(), "nothing else is left");
        Ok((wav::decode(&std::fs::read(file.path()).unwrap()).unwrap(), said.into_inner()))
    }

    #[test]
    fn voices_have_the_form_of_their_sound_and_only_the_front_of_surround_has_any() {
        for (channels, moment) in [(2, &[1.0, 2.0][..]), (6, &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0])] {
            for frames in [100_000, 1, 0] {
                let (voice, said) = of(channels, frames, &Half { short: 0 }, None).unwrap();
                assert_eq!((voice.rate, voice.channels, voice.frames()), (RATE, channels, frames));
                let expected: Vec<f32> = moment.iter().map(|part| part / 32.0).collect();
                assert!(voice.samples.chunks_exact(moment.len()).all(|moment| moment == expected));
                assert_eq!(said.last(), (frames > 0).then(|| Time::ZERO + voice.duration()).as_ref());
            }
        }
    }

    #[test]
    fn it_can_be_stopped_anywhere() {
        // The pieces of each pair of channels, and then the seconds of all.
        for (channels, told) in [(2, 4), (6, 4 + 4 + 1)] {
            for stop in 1..=told {
                let error = of(channels, 3000, &Half { short: 0 }, Some(stop)).unwrap_err();
                assert_eq!(error.kind(), Kind::Interrupted);
            }
            assert!(of(channels, 3000, &Half { short: 0 }, Some(told + 1)).is_ok());
        }
    }

    #[test]
    fn a_separator_that_loses_moments_is_found_out() {
        for channels in [2, 6] {
            let error = of(channels, 5000, &Half { short: 3 }, None).unwrap_err();
            assert!(error.to_string().contains("4997 moments of 5000"), "{error}");
        }
    }
}
