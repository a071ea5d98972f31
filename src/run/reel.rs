//! A reel: sound that lies in the store, read only when somebody has to hear it.
//!
//! A run that finds everything made reads the descriptions alone: sound is by far the largest of what the store holds.

use super::pools::Need;
use super::step::{Machine, Made, Mode, Stop, Tracker};
use crate::audio::Audio;
use crate::error::Result;
use crate::media;
use crate::store::{Manifest, Store, Stored};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Makes the sound; more than once where what the store holds turns out to be damaged.
type Make = Arc<dyn Fn() -> Result<Audio> + Send + Sync>;

/// Sound that is known by its digest. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reel {
    /// blake3 of the stored file, in hex.
    pub(super) digest: String,
    store: Arc<dyn Store>,
    manifest: Manifest,
    make: Make,
    loaded: Arc<OnceLock<Arc<Audio>>>,
}

impl Reel {
    /// Sound whose digest is known; `make` makes it once more, should the store have lost it.
    pub(super) fn known(
        store: Arc<dyn Store>,
        manifest: Manifest,
        digest: String,
        make: impl Fn() -> Result<Audio> + Send + Sync + 'static,
    ) -> Reel {
        Reel { digest, store, manifest, make: Arc::new(make), loaded: Arc::default() }
    }

    /// The stored file: WAV of 24 bit. May block, as [`Reel::audio`] does.
    ///
    /// # Errors
    /// Fails as [`Reel::audio`] does.
    pub(super) fn wav(&self) -> Result<Vec<u8>> {
        match self.store.get(self.manifest.bucket(), &self.manifest.key())? {
            Some(stored) => Ok(stored.bytes),
            None => Ok(keep(self.store.as_ref(), &self.manifest, &(self.make)()?)?.bytes),
        }
    }

    /// The sound: from the store, or made anew where it is no longer whole there. Reads a file or more: call it where
    /// that may block, in work that has its thread of the budget.
    ///
    /// # Errors
    /// Fails if the store cannot be used, or the sound has to be made again and cannot be.
    pub(super) fn audio(&self) -> Result<Arc<Audio>> {
        if let Some(audio) = self.loaded.get() {
            return Ok(Arc::clone(audio));
        }
        let audio = media::wav::decode(&self.wav()?)?;
        Ok(Arc::clone(self.loaded.get_or_init(|| Arc::new(audio))))
    }
}

/// Puts sound into the store.
pub(super) fn keep(store: &dyn Store, manifest: &Manifest, audio: &Audio) -> Result<Stored> {
    super::step::put(store, manifest, made(audio)?, Instant::now())
}

/// Sound as the store keeps it: 24 bit, whatever was rounded by that.
fn made(audio: &Audio) -> Result<Made> {
    Ok(Made::plain(media::wav::encode(audio, 24)?))
}

impl Machine {
    /// Sound as one result: found in the store without being read, or made within the thread budget and put there.
    ///
    /// # Errors
    /// Fails as [`Machine::step`] does.
    pub(super) async fn reel(
        &self,
        tracker: &Tracker,
        manifest: Manifest,
        need: Need,
        make: impl Fn() -> Result<Audio> + Send + Sync + 'static,
    ) -> Result<Reel, Stop> {
        let make: Make = Arc::new(make);
        let reel = |digest: String, loaded: OnceLock<Arc<Audio>>| Reel {
            digest,
            store: Arc::clone(&self.store),
            manifest: manifest.clone(),
            make: Arc::clone(&make),
            loaded: Arc::new(loaded),
        };
        if let Some(sidecar) = self.peek(tracker, &manifest)? {
            return Ok(reel(sidecar.digest, OnceLock::new()));
        }
        if self.mode == Mode::Plan {
            return Err(Stop::Planned);
        }
        let once = Arc::clone(&make);
        let stored = self.make(manifest.clone(), need, move || made(&once()?)).await?;
        tracker.count(&stored.sidecar, false);
        // As it will be read the next time, rounded: the same bytes follow from it.
        let loaded = OnceLock::from(Arc::new(media::wav::decode(&stored.bytes)?));
        Ok(reel(stored.sidecar.digest, loaded))
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
                Ok(Audio { rate: 48_000, channels: 2, samples: vec![0.25; 200] })
            };
            let work = Work { episode: "ep".into(), stage: Stage::Decode, language: None };
            let told = machine.stage(work, async |tracker| machine.reel(&tracker, manifest(), Need::ONE, make).await);
            told.await.unwrap()
        };
        let (first, time) = reel().await;
        assert_eq!((time.computed, time.reused, first.audio().unwrap().frames()), (1, 0, 100));
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
