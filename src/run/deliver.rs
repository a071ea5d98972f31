//! The deliverable: muxed, measured as a viewer gets it, and known again where it is still the file that was made.
//!
//! One file for each language, or one with all of them.

use super::mixdown::Mixed;
use super::pools::Need;
use super::reel::Reel;
use super::sound::{blocking, parse};
use super::step::{Made, Mode, Stop};
use super::{Job, Runner};
use crate::audio::from_db;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::event::{Event, Stage, StageTime};
use crate::lang::Lang;
use crate::media::{self, Delivery, DubTrack, SubtitleTrack};
use crate::qc::measure::{Finished, measure};
use crate::qc::{DeliverableReport, LoudnessReport};
use crate::settings::Container;
use crate::stage::mix::Record;
use crate::store::{Bucket, Manifest, Sidecar, digest, write_atomically};
use crate::subtitle::Caption;
use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

const DELIVERABLE: Bucket = Bucket::new("deliverable", 3, "json");

/// An encoder may overshoot what it is given; the dub is then lowered this often.
const LOWERED: usize = 3;

/// What is known of a finished file in one of its languages; kept in the store, so that a rerun need not measure it
/// again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivered {
    pub(super) file: DeliverableReport,
    /// Of the dub; none where there is none.
    pub(super) loudness: Option<LoudnessReport>,
}

/// What one language adds to a file.
pub(super) struct Part<'a> {
    pub(super) language: &'a Lang,
    /// The dub.
    pub(super) dub: Option<Mixed>,
    /// Its subtitles.
    pub(super) captions: Vec<Caption>,
    /// Do they go into the file, and not only beside it?
    pub(super) soft: bool,
    /// Where each take is heard, by line.
    pub(super) heard: Vec<(u32, Span)>,
}

/// What is to be measured of one language.
struct Wanted {
    language: Lang,
    heard: Vec<(u32, Span)>,
    /// Which of the dubs is its own, and how loud it was made; none where it has subtitles alone.
    dub: Option<(usize, LoudnessReport)>,
}

/// A dub that goes into a file. Its sound is read for each round of muxing, and held only that long.
struct Dub {
    reel: Reel,
    language: Lang,
    /// What it was lowered by after each round so far, linear.
    gains: Vec<f32>,
    /// The same in all, in dB.
    lowered_db: f64,
}

impl Runner {
    /// The stems of a mix, beside the deliverable.
    pub(super) async fn write_stems(&self, job: &Job<'_>, mixed: &Mixed) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        let whole = std::iter::once(("mix", &mixed.mixdown)).filter(|_| !mixed.stems.is_empty());
        for (name, reel) in whole.chain(mixed.stems.iter().map(|(name, reel)| (*name, reel))) {
            let path = self.output(job.asked, job.language, &format!("{name}.wav"))?;
            self.spare_source(&path, job.source)?;
            let is_there = self.stamped(path.clone()).await?.is_some_and(|digest| digest == reel.digest);
            if !is_there && self.machine.mode == Mode::Make {
                let (reel, to) = (reel.clone(), path.clone());
                blocking(move || write_atomically(&to, &reel.wav()?)).await?;
            }
            written.push(path);
        }
        Ok(written)
    }

    /// One file of the parts, of which there is at least one; what is known of it for each of them, in their order.
    pub(super) async fn mux(&self, job: &Job<'_>, parts: Vec<Part<'_>>) -> Result<(Vec<Delivered>, StageTime), Stop> {
        let of_file = match &parts[..] {
            [part] if !self.settings().deliver.combined => part.language.clone(),
            _ => Lang::multiple(),
        };
        let work = self.work(job.name, Stage::Mux, Some(&of_file));
        self.machine
            .stage(work, |tracker| async move {
                let (container, extension) = self.container(job);
                let path = self.output(job.asked, &of_file, extension)?;
                self.spare_source(&path, job.source)?;
                let delivery = self.delivery(job, &parts, container);
                let manifest = self.described(job, &parts, &delivery, &of_file);
                let known = self.machine.store.get(DELIVERABLE, &manifest.key())?;
                let known = known
                    .map(|stored| Ok::<_, Error>((parse::<Vec<Delivered>>(&stored.bytes)?, stored.sidecar)))
                    .transpose()?;
                let found = self.stamped(path.clone()).await?;
                let is_it = |delivered: &Vec<Delivered>| {
                    delivered.len() == parts.len()
                        && delivered.iter().all(|one| Some(&one.file.digest) == found.as_ref())
                };
                if let Some((mut delivered, sidecar)) = known.filter(|(delivered, _)| is_it(delivered)) {
                    // The same file may be wanted in another folder than last time.
                    delivered.iter_mut().for_each(|one| one.file.path.clone_from(&path));
                    tracker.count(&sidecar, true);
                    self.planned(job, &parts, &manifest, None);
                    return Ok(delivered);
                }
                if self.machine.mode == Mode::Plan {
                    let why = if found.is_some() { "the file is another one" } else { "the file is not there" };
                    self.planned(job, &parts, &manifest, Some(why));
                    return Err(Stop::Planned);
                }
                self.machine.cancel.check()?;
                let begun = Instant::now();
                let source = job.source.to_owned();
                let mut dubs: Vec<Dub> = Vec::new();
                let mut wanted = Vec::new();
                for part in parts {
                    let language = part.language.clone();
                    let tolerance_lu = self.settings().loudness(&language).tolerance_lu();
                    let dub = part.dub.as_ref().map(|dub| (dubs.len(), meant(&dub.record, tolerance_lu)));
                    dubs.extend(part.dub.map(|dub| Dub::new(dub.mixdown, language.clone())));
                    wanted.push(Wanted { language, heard: part.heard, dub });
                }
                let (shown, cancel) = (Arc::clone(&tracker), self.machine.cancel.clone());
                shown.expect(job.episode.duration.seconds().ceil() as u64);
                let permit = self.machine.permit(Need::ONE).await?;
                let made = blocking(move || {
                    let mut progress = |at: Time| {
                        shown.reach(at.seconds() as u64);
                        cancel.check()
                    };
                    deliver(&source, &path, &wanted, delivery, dubs, &mut progress, &cancel)
                });
                let made = made.await?;
                drop(permit);
                let made_bytes = Made::json(&made)?;
                let sidecar = Sidecar::describe(&manifest, &made_bytes.bytes, None, begun.elapsed().as_secs_f64());
                self.machine.store.put_if_absent(DELIVERABLE, &manifest.key(), &made_bytes.bytes, &sidecar)?;
                tracker.count(&sidecar, false);
                if let Some(one) = made.first() {
                    let (work, path) = (tracker.work().clone(), one.file.path.clone());
                    self.machine.events.send(Event::Delivered { work, path });
                }
                Ok(made)
            })
            .await
    }

    /// Tells the plan of each language that goes into the file.
    fn planned(&self, job: &Job<'_>, parts: &[Part<'_>], manifest: &Manifest, why: Option<&str>) {
        for part in parts {
            let work = self.work(job.name, Stage::Mux, Some(part.language));
            self.machine.note(&work, manifest.subject(), why.is_some(), why.map(str::to_owned).into_iter().collect());
        }
    }

    /// Everything that can change the file.
    fn described(&self, job: &Job<'_>, parts: &[Part<'_>], delivery: &Delivery, of_file: &Lang) -> Manifest {
        let mut manifest = Manifest::new(DELIVERABLE, format!("{} {of_file}", job.name))
            .input("source", &job.episode.digest)
            .input("original", format!("{:?} {:?}", delivery.keep_original, delivery.original_language))
            .input("container", format!("{:?}", delivery.container))
            .input("kbit/s", delivery.audio_kbps)
            .input("ffmpeg", media::version());
        for part in parts {
            let language = part.language;
            let shown = |track: &&SubtitleTrack| track.language == *language;
            let captions = delivery.subtitles.iter().filter(shown).map(|track| (&track.cues, track.default));
            let captions = serde_json::json!(captions.collect::<Vec<_>>());
            manifest = manifest
                .input(&format!("dub {language}"), part.dub.as_ref().map_or("none", |dub| dub.mixdown.digest.as_str()))
                .input(&format!("captions {language}"), digest(captions.to_string().as_bytes()))
                .input(&format!("loudness {language}"), serde_json::json!(self.settings().loudness(language)));
        }
        manifest
    }

    /// The container, and the extension that goes with it.
    fn container(&self, job: &Job<'_>) -> (Container, &'static str) {
        let container = match self.settings().deliver.container {
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
        (container, extension)
    }

    /// What is to be muxed, but for the dubs, whose sound nobody has read yet.
    fn delivery(&self, job: &Job<'_>, parts: &[Part<'_>], container: Container) -> Delivery {
        let settings = &self.settings().deliver;
        // Without any dub the subtitles are what is shown unasked.
        let silent = parts.iter().all(|part| part.dub.is_none());
        let mut subtitles: Vec<SubtitleTrack> = Vec::new();
        for part in parts {
            // Without a dub the subtitles are all that there is of the language.
            if part.dub.is_none() || part.soft && !settings.no_subtitles {
                let cues = part.captions.iter().map(|caption| (caption.span, caption.text.clone())).collect();
                let (language, default) = (part.language.clone(), silent && subtitles.is_empty());
                subtitles.push(SubtitleTrack { title: language.name(), language, cues, default });
            }
        }
        Delivery {
            container,
            dubs: Vec::new(),
            keep_original: (silent || !settings.drop_original).then_some(job.sound.stream),
            original_language: Some(job.heard.transcript.language.clone()),
            subtitles,
            audio_kbps: settings.audio_kbps,
        }
    }
}

/// The loudness that a mix was given; how loud the file is, is yet to be measured.
fn meant(record: &Record, tolerance_lu: f64) -> LoudnessReport {
    LoudnessReport {
        integrated_lufs: record.measured.integrated_lufs,
        true_peak_dbtp: record.measured.true_peak_dbtp,
        target_lufs: record.target_lufs,
        ceiling_dbtp: record.ceiling_dbtp,
        judged: record.judged,
        dialogue_lufs: record.dialogue_lufs,
        tolerance_lu,
    }
}

impl Dub {
    fn new(reel: Reel, language: Lang) -> Dub {
        Dub { reel, language, gains: Vec::new(), lowered_db: 0.0 }
    }

    fn lower(&mut self, db: f64) {
        self.gains.push(from_db(-db) as f32);
        self.lowered_db += db;
    }

    fn track(&self) -> Result<DubTrack> {
        let mut audio = self.reel.read()?;
        self.gains.iter().for_each(|gain| audio.apply_gain(*gain));
        let (language, title) = (self.language.clone(), format!("{} (dub)", self.language.name()));
        Ok(DubTrack { audio, language, title })
    }
}

/// Muxes, then measures the finished file as a viewer gets it. Where the encoder lifted the true peak over the
/// ceiling, the dub is lowered by that much and a little more, and muxed again.
fn deliver(
    source: &Path,
    path: &Path,
    wanted: &[Wanted],
    mut delivery: Delivery,
    mut dubs: Vec<Dub>,
    progress: media::Told<'_>,
    cancel: &Cancel,
) -> Result<Vec<Delivered>> {
    let spoken: Vec<Lang> = dubs.iter().map(|dub| dub.language.clone()).collect();
    let languages: Vec<Lang> = wanted.iter().map(|wanted| wanted.language.clone()).collect();
    for round in 0.. {
        delivery.dubs = dubs.iter().map(Dub::track).collect::<Result<Vec<_>>>()?;
        let warnings = media::mux(source, path, &delivery, progress)?;
        delivery.dubs.clear();
        let mut made = Vec::new();
        let mut is_over = false;
        for Wanted { heard, dub, .. } in wanted {
            let sound = dub.as_ref().map_or(0, |(sound, _)| *sound);
            let target = dub.as_ref().map(|(_, meant)| LoudnessReport {
                dialogue_lufs: meant.dialogue_lufs.map(|lufs| lufs - dubs[sound].lowered_db),
                ..meant.clone()
            });
            let finished = Finished { path, source: Some(source), sound, takes: heard, target: target.as_ref() };
            let (file, loudness, _) = measure(&finished, cancel)?;
            let over = loudness.as_ref().map_or(0.0, |loudness| loudness.true_peak_dbtp - loudness.ceiling_dbtp);
            if let Some(dub) = dubs.get_mut(sound).filter(|_| over > 0.0) {
                dub.lower(over + 0.05);
                is_over = true;
            }
            let (languages, dubs, warnings) = (languages.clone(), spoken.clone(), warnings.clone());
            let file = DeliverableReport { warnings, languages, dubs, ..file };
            made.push(Delivered { file, loudness });
        }
        if !is_over || round == LOWERED {
            return Ok(made);
        }
    }
    Err(Error::internal("the loop over rounds ended"))
}
