//! Steps on sound and pictures: probe, decode, mix, mux.

use super::pools::Need;
use super::step::{Made, Mode, Stop};
use super::voices::Takes;
use super::{Job, Runner};
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::episode::Episode;
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::media::{self, Delivery, DubTrack, SubtitleTrack};
use crate::qc::measure::{Finished, measure};
use crate::qc::{DeliverableReport, LoudnessReport};
use crate::settings::Container;
use crate::stage::mix::{self, Ground, Placed};
use crate::store::{Bucket, Manifest, Sidecar, digest};
use crate::subtitle::Caption;
use crate::time::Span;
use crate::timeline::Timeline;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const PROBED: Bucket = Bucket::new("episode", 1, "json");
const SOUND: Bucket = Bucket::new("sound", 1, "wav");
const MIXDOWN: Bucket = Bucket::new("mixdown", 1, "wav");
const DELIVERABLE: Bucket = Bucket::new("deliverable", 2, "json");

/// Nothing louder than this in the whole track is silence, in linear amplitude (−60 dBFS).
const SILENT: f32 = 0.001;

/// The original sound at 48 kHz stereo.
pub(super) struct Sound {
    pub(super) audio: Arc<Audio>,
    pub(super) digest: String,
    /// Index of the stream that it came from.
    pub(super) stream: usize,
}

/// What is known of a finished file; kept in the store, so that a rerun need not measure it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivered {
    pub(super) file: DeliverableReport,
    /// Of the dub; none where there is none.
    pub(super) loudness: Option<LoudnessReport>,
}

/// What goes into a deliverable beside what the source holds.
pub(super) struct Parts<'a> {
    /// The dub's sound and its digest.
    pub(super) dub: Option<&'a (Audio, String)>,
    /// Its subtitles.
    pub(super) captions: Vec<Caption>,
    /// Do they go into the file, and not only beside it?
    pub(super) soft: bool,
    /// Where each take is heard, by line.
    pub(super) heard: Vec<(u32, Span)>,
}

impl Runner {
    pub(super) async fn probe(&self, name: &str, source: &Path) -> Result<(Episode, StageTime), Stop> {
        self.machine
            .stage(self.work(name, Stage::Probe, None), |tracker| async move {
                let path = source.to_owned();
                let digest = blocking(move || media::digest(&path)).await?.0;
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
                    Ok(Made::plain(media::wav::encode(&decoded.audio, 24)?))
                };
                let stored = self.machine.step(&tracker, manifest, Need::ONE, make).await?;
                let audio = media::wav::decode(&stored.bytes)?;
                if audio.peak() < SILENT {
                    return Err(Error::new(Kind::Media, "the audio track is silent")
                        .hint("choose another track with --audio-track; `ffprobe` lists them")
                        .into());
                }
                Ok(Sound { audio: Arc::new(audio), digest: stored.sidecar.digest, stream })
            })
            .await
    }

    pub(super) async fn mix(
        &self,
        job: &Job<'_>,
        takes: &Takes,
        timeline: &Timeline,
    ) -> Result<((Audio, String), StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Mix, Some(job.language)), |tracker| async move {
                let settings = self.settings().mix_of(job.language);
                let mut manifest = Manifest::new(MIXDOWN, format!("{} {}", job.name, job.language))
                    .input("sound", &job.sound.digest)
                    .input("settings", serde_json::json!(settings))
                    .input("recipe", mix::VERSION);
                let mut placed = Vec::new();
                for (placement, take) in timeline.placements.iter().zip(&takes.spoken) {
                    let cue = job.heard.transcript.cues.iter().find(|cue| cue.id == placement.cue);
                    let speaker = cue.and_then(|cue| cue.speaker.clone());
                    let row = serde_json::json!([placement, take.cue_span, speaker]);
                    manifest = manifest.input(&format!("line {}", placement.cue), format!("{} {row}", take.digest));
                    placed.push(Placed {
                        placement: *placement,
                        cue: take.cue_span,
                        speaker,
                        take: take.audio.clone(),
                    });
                }
                // The mix is as long as the pictures; a sound that ends early is followed by silence.
                let frames = job.episode.duration.samples(mix::RATE).max(0) as usize;
                let manifest = manifest.input("frames", frames);
                let sound = Arc::clone(&job.sound.audio);
                let make = move || {
                    let mut whole = (*sound).clone();
                    whole.samples.resize(frames * 2, 0.0);
                    let ground = Ground { sound: &whole, bed: None, voice: None };
                    let mixdown = mix::mix(&ground, &placed, &settings)?;
                    Ok(Made::plain(media::wav::encode(&mixdown.full(), 24)?))
                };
                let stored = self.machine.step(&tracker, manifest, Need::ONE, make).await?;
                Ok((media::wav::decode(&stored.bytes)?, stored.sidecar.digest))
            })
            .await
    }

    pub(super) async fn mux(&self, job: &Job<'_>, parts: Parts<'_>) -> Result<(Delivered, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Mux, Some(job.language)), |tracker| async move {
                let dub = parts.dub.map_or("none", |(_, digest)| digest.as_str()).to_owned();
                let heard = parts.heard.clone();
                let (delivery, path) = self.delivery(job, parts)?;
                let captions = serde_json::json!(delivery.subtitles.iter().map(|s| &s.cues).collect::<Vec<_>>());
                let manifest = Manifest::new(DELIVERABLE, format!("{} {}", job.name, job.language))
                    .input("source", &job.episode.digest)
                    .input("sound of the dub", dub)
                    .input("captions", digest(captions.to_string().as_bytes()))
                    .input("language", job.language)
                    .input("original", format!("{:?} {:?}", delivery.keep_original, delivery.original_language))
                    .input("container", format!("{:?}", delivery.container))
                    .input("kbit/s", delivery.audio_kbps)
                    .input("loudness", serde_json::json!(self.settings().loudness(job.language)))
                    .input("ffmpeg", media::version());
                let known = self.machine.store.get(DELIVERABLE, &manifest.key())?;
                let known = known
                    .map(|stored| Ok::<_, Error>((parse::<Delivered>(&stored.bytes)?, stored.sidecar)))
                    .transpose()?;
                let there = path.clone();
                let found = blocking(move || Ok(media::digest(&there).ok())).await?.map(|(digest, _)| digest);
                if let Some((mut delivered, sidecar)) = known
                    && found.as_deref() == Some(delivered.file.digest.as_str())
                {
                    // The same file may be wanted in another folder than last time.
                    delivered.file.path = path;
                    tracker.count(&sidecar, true);
                    self.machine.note(tracker.work(), manifest.subject(), false, Vec::new());
                    return Ok(delivered);
                }
                if self.machine.mode == Mode::Plan {
                    let why = if found.is_some() { "the file is another one" } else { "the file is not there" };
                    self.machine.note(tracker.work(), manifest.subject(), true, vec![why.to_owned()]);
                    return Err(Stop::Planned);
                }
                self.machine.cancel.check()?;
                let begun = Instant::now();
                let (source, target) = (job.source.to_owned(), self.settings().loudness(job.language));
                let dubbed = !delivery.dubs.is_empty();
                let (shown, cancel) = (Arc::clone(&tracker), self.machine.cancel.clone());
                shown.expect(job.episode.duration.seconds().ceil() as u64);
                let permit = self.machine.permit(Need::ONE).await?;
                let made = blocking(move || {
                    let mut progress = |at: crate::time::Time| {
                        shown.reach(at.seconds() as u64);
                        cancel.check()
                    };
                    let finished = Finished {
                        path: &path,
                        source: Some(&source),
                        takes: &heard,
                        target: dubbed.then(|| (target.lufs(), target.true_peak())),
                    };
                    deliver(&source, &finished, &delivery, &mut progress, &cancel)
                });
                let made = made.await?;
                drop(permit);
                let made_bytes = Made::json(&made)?;
                let sidecar = Sidecar::describe(&manifest, &made_bytes.bytes, None, begun.elapsed().as_secs_f64());
                self.machine.store.put_if_absent(DELIVERABLE, &manifest.key(), &made_bytes.bytes, &sidecar)?;
                tracker.count(&sidecar, false);
                let event =
                    crate::event::Event::Delivered { language: job.language.clone(), path: made.file.path.clone() };
                self.machine.events.send(event);
                Ok(made)
            })
            .await
    }

    /// What is to be muxed, and where to.
    fn delivery(&self, job: &Job<'_>, parts: Parts<'_>) -> Result<(Delivery, PathBuf)> {
        let settings = &self.settings().deliver;
        let container = match settings.container {
            Container::Auto if media::fits_mp4(job.episode) => Container::Mp4,
            Container::Auto => Container::Mkv,
            chosen => chosen,
        };
        let extension = match (container, job.episode.video().is_some()) {
            (Container::Mkv, true) => "mkv",
            (Container::Mkv, false) => "mka",
            (_, true) => "mp4",
            (_, false) => "m4a",
        };
        let Parts { dub, captions, soft, .. } = parts;
        // Without a dub the subtitles are all that there is of the language: they are there, and shown unasked.
        let alone = dub.is_none();
        let subtitles = if alone || soft && !settings.no_subtitles {
            let cues = captions.into_iter().map(|caption| (caption.span, caption.text)).collect();
            vec![SubtitleTrack { language: job.language.clone(), title: job.language.name(), cues, default: alone }]
        } else {
            Vec::new()
        };
        let track = |(audio, _): &(Audio, String)| DubTrack {
            audio: audio.clone(),
            language: job.language.clone(),
            title: format!("{} (dub)", job.language.name()),
        };
        let delivery = Delivery {
            container,
            dubs: dub.map(track).into_iter().collect(),
            keep_original: (alone || !settings.drop_original).then_some(job.sound.stream),
            original_language: Some(job.heard.transcript.language.clone()),
            subtitles,
            audio_kbps: settings.audio_kbps,
        };
        let path = self.output(job.asked, job.language, extension)?;
        self.spare_source(&path, job.source)?;
        Ok((delivery, path))
    }
}

/// An encoder may overshoot what it is given; the dub is then lowered this often.
const LOWERED: usize = 3;

/// Muxes, then measures the finished file as a viewer gets it. Where the encoder lifted the true peak over the
/// ceiling, the dub is lowered by that much and a little more, and muxed again.
fn deliver(
    source: &Path,
    finished: &Finished<'_>,
    delivery: &Delivery,
    progress: media::Told<'_>,
    cancel: &Cancel,
) -> Result<Delivered> {
    let mut delivery = delivery.clone();
    for round in 0.. {
        let warnings = media::mux(source, finished.path, &delivery, progress)?;
        let (file, loudness, _) = measure(finished, cancel)?;
        let made = Delivered { file: DeliverableReport { warnings, ..file }, loudness };
        let over = made.loudness.as_ref().map_or(0.0, |loudness| loudness.true_peak_dbtp - loudness.ceiling_dbtp);
        let Some(dub) = delivery.dubs.first_mut().filter(|_| over > 0.0 && round < LOWERED) else { return Ok(made) };
        dub.audio.apply_gain(crate::audio::from_db(-over - 0.05) as f32);
    }
    Err(Error::internal("the loop over rounds ended"))
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
