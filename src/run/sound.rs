//! Steps on the source: probe and decode.

use super::pools::Need;
use super::reel::Reel;
use super::step::{Made, Mode, Stop};
use super::{Runner, stamp};
use crate::episode::Episode;
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::media;
use crate::stage::mix;
use crate::store::{Bucket, Manifest};
use std::path::Path;
use std::sync::Arc;

const PROBED: Bucket = Bucket::new("episode", 1, "json");
const SOUND: Bucket = Bucket::new("sound", 2, "wav");

/// Nothing louder than this in the whole track is silence, in linear amplitude (−60 dBFS).
const SILENT: f32 = 0.001;

/// The original sound at 48 kHz: stereo, or 5.1 where it is.
pub(super) struct Sound {
    pub(super) reel: Reel,
    /// Index of the stream that it came from.
    pub(super) stream: usize,
}

impl Runner {
    pub(super) async fn probe(&self, name: &str, source: &Path) -> Result<(Episode, StageTime), Stop> {
        self.machine
            .stage(self.work(name, Stage::Probe, None), |tracker| async move {
                let path = source.to_owned();
                let (store, keep) = (Arc::clone(&self.machine.store), self.machine.mode == Mode::Make);
                let digest = blocking(move || stamp::digest(store.as_ref(), &path, keep)).await?;
                let manifest = Manifest::new(PROBED, name).input("source", &digest).input("ffmpeg", media::version());
                let path = source.to_owned();
                let look = path.clone();
                let make = move || Made::json(&media::probe(&path)?);
                match self.machine.step(&tracker, manifest, Need::ONE, make).await {
                    // A plan may look: what it tells of the rest depends on the length.
                    Err(Stop::Planned) => Ok(blocking(move || media::probe(&look)).await?),
                    stored => Ok(parse(&stored?.bytes)?),
                }
            })
            .await
    }

    pub(super) async fn decode(
        &self,
        name: &str,
        source: &Path,
        episode: &Episode,
    ) -> Result<(Sound, StageTime), Stop> {
        self.machine
            .stage(self.work(name, Stage::Decode, None), |tracker| async move {
                let chosen = media::choose_audio(episode, self.settings().audio_track.as_ref())?;
                let (stream, channels) = (chosen.index, chosen.mixed_channels());
                let manifest = Manifest::new(SOUND, name)
                    .input("source", &episode.digest)
                    .input("stream", stream)
                    .input("form", format!("48 kHz 24 bit, {channels} channels"))
                    .input("ffmpeg", media::version());
                let (path, cancel, events) =
                    (source.to_owned(), self.machine.cancel.clone(), self.machine.events.clone());
                let (shown, work) = (Arc::clone(&tracker), tracker.work().clone());
                shown.expect(episode.duration.seconds().ceil() as u64);
                let make = move || {
                    let mut progress = |at: crate::time::Time| shown.reach(at.seconds() as u64);
                    let decoded = media::decode_audio(&path, stream, mix::RATE, channels, &mut progress, &cancel)?;
                    if decoded.damaged_packets > 0 {
                        let packets = decoded.damaged_packets;
                        events
                            .warn(Some(&work), format!("{packets} damaged packets of sound were replaced by silence"));
                    }
                    if decoded.audio.peak() < SILENT {
                        return Err(Error::new(Kind::Media, "the audio track is silent")
                            .hint("choose another track with --audio-track; `ffprobe` lists them"));
                    }
                    Ok(decoded.audio)
                };
                Ok(Sound { reel: self.machine.reel(&tracker, manifest, Need::ONE, make).await?, stream })
            })
            .await
    }
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|e| {
        Error::internal("a stored result cannot be read")
            .because(e)
            .hint("remove it with `dubline cache prune` and run again")
    })
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal("a step panicked").because(e))?
}
