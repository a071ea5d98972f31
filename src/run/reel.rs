//! A reel: sound that lies in the store, read only when somebody has to hear it.
//!
//! A run that finds everything made reads the descriptions alone: sound is by far the largest of what the store holds. And
//! of what is in memory: an hour of stereo is 1.4 GB. So a reel that is heard again and again is let go of in between, who
//! changes a sound gets one of his own, read for him, and who goes through it once reads and writes it as a file.

use super::pools::Need;
use super::step::{Machine, Made, Mode, Stop, Tracker};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::media::blocks::Blocks;
use crate::media::wav;
use crate::store::{Manifest, Sidecar, Store, Stored};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tempfile::NamedTempFile;

/// Makes the sound; more than once where what the store holds turns out to be damaged.
type Make = Arc<dyn Fn() -> Result<Fresh> + Send + Sync>;

/// Bits of stored sound.
pub(super) const BITS: u16 = 24;

/// Sound that was just made.
pub(super) enum Fresh {
    /// In memory.
    Sound(Audio),
    /// In a file of the store's, as the store keeps sound.
    File(NamedTempFile),
}

impl From<Audio> for Fresh {
    fn from(audio: Audio) -> Fresh {
        Fresh::Sound(audio)
    }
}

impl From<NamedTempFile> for Fresh {
    fn from(file: NamedTempFile) -> Fresh {
        Fresh::File(file)
    }
}

/// Sound in memory, shared by whoever listens; none where nobody has yet, or it was let go.
type Loaded = Arc<Mutex<Option<Arc<Audio>>>>;

/// Sound that is known by its digest. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reel {
    /// blake3 of the stored file, in hex.
    pub(super) digest: String,
    store: Arc<dyn Store>,
    manifest: Manifest,
    make: Make,
    loaded: Loaded,
}

impl Reel {
    /// Sound whose digest is known; `make` makes it once more, should the store have lost it.
    pub(super) fn known(
        store: Arc<dyn Store>,
        manifest: Manifest,
        digest: String,
        make: impl Fn() -> Result<Audio> + Send + Sync + 'static,
    ) -> Reel {
        Reel { digest, store, manifest, make: Arc::new(move || make().map(Fresh::from)), loaded: Arc::default() }
    }

    /// The stored file: WAV of 24 bit. May block, as [`Reel::audio`] does.
    ///
    /// # Errors
    /// Fails as [`Reel::audio`] does.
    pub(super) fn wav(&self) -> Result<Vec<u8>> {
        Ok(self.found(|| self.store.get(self.manifest.bucket(), &self.manifest.key()))?.bytes)
    }

    /// The stored file, to be read a stretch at a time: nothing of it is held. May block, as [`Reel::audio`] does.
    ///
    /// # Errors
    /// Fails as [`Reel::audio`] does.
    pub(super) fn open(&self) -> Result<wav::Reader> {
        wav::Reader::new(self.found(|| self.store.open(self.manifest.bucket(), &self.manifest.key()))?)
    }

    /// What the store has of it, made anew where it is no longer whole there.
    fn found<T>(&self, look: impl Fn() -> Result<Option<T>>) -> Result<T> {
        if let Some(found) = look()? {
            return Ok(found);
        }
        let begun = Instant::now();
        put(self.store.as_ref(), &self.manifest, (self.make)()?, begun)?;
        look()?.ok_or_else(|| {
            Error::new(Kind::Output, "the store lost what was just put into it")
                .hint("run again; nothing else may clear the store away meanwhile")
        })
    }

    /// The sound: from the store, or made anew where it is no longer whole there. It stays in memory until
    /// [`Reel::rest`]. Reads a file or more: call it where that may block, in work that has its thread of the budget.
    ///
    /// # Errors
    /// Fails if the store cannot be used, or the sound has to be made again and cannot be.
    pub(super) fn audio(&self) -> Result<Arc<Audio>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(audio) = &*loaded {
            return Ok(Arc::clone(audio));
        }
        Ok(Arc::clone(loaded.insert(Arc::new(self.read()?))))
    }

    /// The sound, for who changes it: nothing stays in memory but what is given. May block, as [`Reel::audio`] does.
    ///
    /// # Errors
    /// Fails as [`Reel::audio`] does.
    pub(super) fn read(&self) -> Result<Audio> {
        wav::decode(&self.wav()?)
    }

    /// Lets go of what is in memory.
    pub(super) fn rest(&self) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Puts sound into the store.
pub(super) fn keep<'a>(store: &dyn Store, manifest: &Manifest, sound: impl Into<Blocks<'a>>) -> Result<Stored> {
    super::step::put(store, manifest, made(sound)?, Instant::now())
}

/// Puts what was just made into the store; gives it, as it will be read the next time, where it was made in memory.
fn put(store: &dyn Store, manifest: &Manifest, fresh: Fresh, begun: Instant) -> Result<(Sidecar, Option<Audio>)> {
    match fresh {
        Fresh::Sound(mut audio) => {
            // Rounded: the same bytes follow from it.
            wav::settle(&mut audio, BITS);
            Ok((super::step::put(store, manifest, made(&audio)?, begun)?.sidecar, Some(audio)))
        }
        Fresh::File(file) => {
            let sidecar = Sidecar::describe_file(manifest, &file, None, begun.elapsed().as_secs_f64())?;
            store.finish_if_absent(manifest.bucket(), &manifest.key(), file, &sidecar)?;
            // Whoever was faster may have made other bytes, and those are what is heard from now on.
            Ok((store.peek(manifest.bucket(), &manifest.key())?.unwrap_or(sidecar), None))
        }
    }
}

/// Sound as the store keeps it, whatever was rounded by that.
fn made<'a>(sound: impl Into<Blocks<'a>>) -> Result<Made> {
    Ok(Made::plain(wav::encode(sound, BITS)?))
}

impl Machine {
    /// Sound as one result: found in the store without being read, or made within the thread budget and put there.
    ///
    /// # Errors
    /// Fails as [`Machine::step`] does.
    pub(super) async fn reel<T: Into<Fresh>>(
        &self,
        tracker: &Tracker,
        manifest: Manifest,
        need: Need,
        make: impl Fn() -> Result<T> + Send + Sync + 'static,
    ) -> Result<Reel, Stop> {
        let make: Make = Arc::new(move || make().map(T::into));
        let loaded = Loaded::default();
        let reel = |digest: String| Reel {
            digest,
            store: Arc::clone(&self.store),
            manifest: manifest.clone(),
            make: Arc::clone(&make),
            loaded: Arc::clone(&loaded),
        };
        if let Some(sidecar) = self.peek(tracker, &manifest)? {
            return Ok(reel(sidecar.digest));
        }
        if self.mode == Mode::Plan {
            return Err(Stop::Planned);
        }
        let (once, heard, store, of) =
            (Arc::clone(&make), Arc::clone(&loaded), Arc::clone(&self.store), manifest.clone());
        let make = move || {
            let begun = Instant::now();
            let (sidecar, audio) = put(store.as_ref(), &of, once()?, begun)?;
            *heard.lock().unwrap_or_else(PoisonError::into_inner) = audio.map(Arc::new);
            Ok(sidecar)
        };
        let sidecar = self.within(need, make).await?;
        tracker.count(&sidecar, false);
        Ok(reel(sidecar.digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::event::{Events, Stage, Work};
    use crate::store::{Bucket, FolderStore};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const BUCKET: Bucket = Bucket::new("sound", 1, "wav");

    #[tokio::test]
    async fn sound_is_read_when_it_is_heard_and_made_again_where_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(FolderStore::open(folder.path()).unwrap());
        let machine = Machine::new(Arc::clone(&store), Events::silent(), Cancel::new(), 2, Mode::Make);
        let made = Arc::new(AtomicUsize::new(0));
        let manifest = || Manifest::new(BUCKET, "ep").input("value", 1);
        let reel = async || {
            let made = Arc::clone(&made);
            let make = move || {
                made.fetch_add(1, Ordering::Relaxed);
                Ok(Audio { rate: 48_000, channels: 2, samples: vec![0.25 + 0.7 * 2f32.powi(-23); 200] })
            };
            let work = Work { episode: "ep".into(), stage: Stage::Decode, language: None };
            let told = machine.stage(work, async |tracker| machine.reel(&tracker, manifest(), Need::ONE, make).await);
            told.await.unwrap()
        };
        let (first, time) = reel().await;
        assert_eq!((time.computed, time.reused, first.audio().unwrap().frames()), (1, 0, 100));
        assert!(Arc::ptr_eq(&first.audio().unwrap(), &first.clone().audio().unwrap()), "it is there once");
        assert_eq!(first.audio().unwrap().samples[0], 0.25 + 2f32.powi(-23), "as the store has it");
        assert_eq!(*first.audio().unwrap(), first.read().unwrap());
        let weak = Arc::downgrade(&first.audio().unwrap());
        first.rest();
        assert!(weak.upgrade().is_none(), "nobody holds it any more");
        assert_eq!(first.audio().unwrap().frames(), 100);
        let file = std::fs::read_dir(folder.path().join("sound-v1")).unwrap().next().unwrap().unwrap().path();
        let file = file.join(format!("{}.wav", manifest().key().as_str()));
        std::fs::write(&file, b"cut short").unwrap();
        let (second, time) = reel().await;
        assert_eq!((time.computed, time.reused, &second.digest), (0, 1, &first.digest));
        assert_eq!(made.load(Ordering::Relaxed), 1, "nobody has heard it yet");
        assert_eq!(second.audio().unwrap(), first.audio().unwrap());
        assert_eq!(made.load(Ordering::Relaxed), 2);
        assert!(store.get(BUCKET, &manifest().key()).unwrap().is_some(), "it is whole again");
    }
}
