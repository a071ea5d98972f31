//! Steps on sound: probe, decode, mix.

use super::pools::Need;
use super::reel::Reel;
use super::step::{Made, Mode, Stop};
use super::voices::Takes;
use super::{Job, Runner, stamp};
use crate::audio::Audio;
use crate::episode::Episode;
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::media;
use crate::stage::mix::{self, Placed};
use crate::store::{Bucket, Manifest};
use crate::time::Span;
use crate::timeline::{Placement, Timeline};
use std::path::Path;
use std::sync::Arc;

const PROBED: Bucket = Bucket::new("episode", 1, "json");
const SOUND: Bucket = Bucket::new("sound", 2, "wav");
const MIXDOWN: Bucket = Bucket::new("mixdown", 1, "wav");

/// Nothing louder than this in the whole track is silence, in linear amplitude (−60 dBFS).
const SILENT: f32 = 0.001;

/// The original sound at 48 kHz stereo.
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
                let stream = media::choose_audio(episode, self.settings().audio_track.as_ref())?.index;
                let manifest = Manifest::new(SOUND, name)
                    .input("source", &episode.digest)
                    .input("stream", stream)
                    .input("form", "48 kHz stereo 24 bit")
                    .input("ffmpeg", media::version());
                let (path, cancel, events) =
                    (source.to_owned(), self.machine.cancel.clone(), self.machine.events.clone());
                let (shown, work) = (Arc::clone(&tracker), tracker.work().clone());
                shown.expect(episode.duration.seconds().ceil() as u64);
                let make = move || {
                    let mut progress = |at: crate::time::Time| shown.reach(at.seconds() as u64);
                    let decoded = media::decode_audio(&path, stream, mix::RATE, 2, &mut progress, &cancel)?;
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
                Ok(Sound { reel: self.machine.reel(&tracker, manifest, make).await?, stream })
            })
            .await
    }

    pub(super) async fn mix(
        &self,
        job: &Job<'_>,
        takes: &Takes,
        timeline: &Timeline,
    ) -> Result<(Reel, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Mix, Some(job.language)), |tracker| async move {
                let settings = self.settings().mix_of(job.language);
                let mut manifest = Manifest::new(MIXDOWN, format!("{} {}", job.name, job.language))
                    .input("sound", &job.sound.reel.digest)
                    .input("settings", serde_json::json!(settings))
                    .input("recipe", mix::VERSION);
                let mut placed = Vec::new();
                for (placement, take) in timeline.placements.iter().zip(&takes.spoken) {
                    let row = serde_json::json!([placement, take.cue_span]);
                    manifest = manifest.input(&format!("line {}", placement.cue), format!("{} {row}", take.digest));
                    placed.push((*placement, take.cue_span, take.wav.clone()));
                }
                // The mix is as long as the pictures; a sound that ends early is followed by silence.
                let frames = job.episode.duration.samples(mix::RATE).max(0) as usize;
                let manifest = manifest.input("frames", frames);
                let sound = job.sound.reel.clone();
                let make = move || {
                    let mut whole = Audio::clone(&*sound.audio()?);
                    whole.samples.resize(frames * 2, 0.0);
                    let heard = |(placement, cue, wav): &(Placement, Span, Arc<[u8]>)| {
                        Ok(Placed { placement: *placement, cue: *cue, take: media::wav::decode(wav)? })
                    };
                    let placed = placed.iter().map(heard).collect::<Result<Vec<_>>>()?;
                    Ok(mix::mix(&whole, &placed, &settings)?.0)
                };
                self.machine.reel(&tracker, manifest, make).await
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
