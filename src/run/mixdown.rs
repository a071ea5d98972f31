//! The step that mixes: the mixdown, its stems where they are wanted, and what is told of it.

use super::pools::Need;
use super::reel::{Reel, keep};
use super::separate::Voice;
use super::sound::parse;
use super::step::{Made, Stop};
use super::voices::Takes;
use super::{Job, Runner};
use crate::audio::Audio;
use crate::error::{Error, Result};
use crate::event::{Stage, StageTime};
use crate::media::blocks::Blocks;
use crate::media::wav;
use crate::script::{Cue, Transcript};
use crate::settings::MixSettings;
use crate::stage::mix::{self, Ground, Mixdown, Placed, Record};
use crate::stage::separate::{self, EDGES};
use crate::store::{Bucket, Manifest};
use crate::time::Span;
use crate::timeline::{Placement, Timeline};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const MIXED: Bucket = Bucket::new("mixed", 1, "json");
const MIXDOWN: Bucket = Bucket::new("mixdown", 2, "wav");
const STEM: Bucket = Bucket::new("stem", 1, "wav");

/// Takes one sound out of a mix.
type Take = fn(Mixdown) -> Audio;

/// The stems, as their files are called.
const STEMS: [(&str, Take); 2] = [("dub", |mixed| mixed.voice), ("bed", |mixed| mixed.bed)];

/// A finished mix.
pub(super) struct Mixed {
    /// Voice and bed together.
    pub(super) mixdown: Reel,
    /// Each by itself, where they are wanted: what they are called, and the sound.
    pub(super) stems: Vec<(&'static str, Reel)>,
    /// How it came about.
    pub(super) record: Record,
}

/// What is kept of a mix beside its sound.
#[derive(Serialize, Deserialize)]
struct Kept {
    record: Record,
    mixdown: String,
    stems: Vec<String>,
}

/// A take, where it is heard, when its cue is spoken, and by whom.
struct Line {
    placement: Placement,
    cue: Span,
    speaker: Option<String>,
    wav: Arc<[u8]>,
}

/// Everything that a mix is made of.
struct Desk {
    sound: Reel,
    voice: Option<Reel>,
    lines: Vec<Line>,
    /// When the dubbed lines are spoken in the original.
    speech: Vec<Span>,
    frames: usize,
    settings: MixSettings,
}

impl Runner {
    pub(super) async fn mix(
        &self,
        job: &Job<'_>,
        takes: &Takes,
        timeline: &Timeline,
    ) -> Result<(Mixed, StageTime), Stop> {
        self.machine
            .stage(self.work(job.name, Stage::Mix, Some(job.language)), |tracker| async move {
                let voice = match job.voice {
                    Voice::Unwanted => None,
                    Voice::Known(reel) => Some(reel.clone()),
                    Voice::Planned => {
                        let why = vec!["the voices are not separated yet".to_owned()];
                        self.machine.note(tracker.work(), &format!("{} {}", job.name, job.language), true, why);
                        return Err(Stop::Planned);
                    }
                };
                let settings = self.settings().mix_of(job.language);
                let stems = self.settings().deliver.stems;
                // The mix is as long as the pictures; a sound that ends early is followed by silence.
                let frames = job.episode.duration.samples(mix::RATE).max(0) as usize;
                let lines = lines(&job.heard.transcript.cues, takes, timeline);
                let speech = spoken(&job.heard.transcript, &job.heard.speech, &lines);
                let mut manifest = Manifest::new(MIXED, format!("{} {}", job.name, job.language))
                    .input("sound", &job.sound.reel.digest)
                    .input("voice", voice.as_ref().map_or("none", |voice| voice.digest.as_str()))
                    .input("speech", serde_json::json!(speech))
                    .input("settings", serde_json::json!(settings))
                    .input("stems", stems)
                    .input("recipe", format!("{} {}", mix::VERSION, separate::VERSION))
                    .input("frames", frames);
                for (line, take) in lines.iter().zip(&takes.spoken) {
                    let row = serde_json::json!([line.placement, line.cue, line.speaker]);
                    let name = format!("line {}", line.placement.cue);
                    manifest = manifest.input(&name, format!("{} {row}", take.digest));
                }
                let sound = job.sound.reel.clone();
                let desk = Arc::new(Desk { sound, voice, lines, speech, frames, settings });
                let store = Arc::clone(&self.machine.store);
                let full = manifest.of(MIXDOWN);
                let parts: Vec<Manifest> = match stems {
                    true => STEMS.map(|(part, _)| manifest.of(STEM).input("stem", part)).into(),
                    false => Vec::new(),
                };
                let (once, to, into) = (Arc::clone(&desk), full.clone(), parts.clone());
                let make = move || {
                    let mixed = once.mix()?;
                    let put = |manifest: &Manifest, sound: Blocks<'_>| {
                        Ok::<_, Error>(keep(store.as_ref(), manifest, sound)?.sidecar.digest)
                    };
                    let stems = into.iter().zip([&mixed.voice, &mixed.bed]);
                    let stems = stems.map(|(manifest, stem)| put(manifest, stem.into())).collect::<Result<Vec<_>>>()?;
                    let mixdown = put(&to, mixed.full())?;
                    Made::json(&Kept { record: mixed.record, mixdown, stems })
                };
                let stored = self.machine.step(&tracker, manifest, Need::ONE, make).await?;
                let kept: Kept = parse(&stored.bytes)?;
                let reel = |manifest: Manifest, digest: String, part: Take| {
                    let desk = Arc::clone(&desk);
                    Reel::known(Arc::clone(&self.machine.store), manifest, digest, move || Ok(part(desk.mix()?)))
                };
                let stems = parts.into_iter().zip(kept.stems).zip(STEMS);
                let stems = stems.map(|((manifest, digest), (name, part))| (name, reel(manifest, digest, part)));
                let stems = stems.collect();
                let mixdown = reel(full, kept.mixdown, |mixed| mixed.full().audio());
                Ok(Mixed { mixdown, stems, record: kept.record })
            })
            .await
    }
}

impl Desk {
    /// Each sound is let go of once it was heard for the last time: the original becomes the bed, and its voices are gone
    /// before anything is mixed.
    fn mix(&self) -> Result<Mixdown> {
        let sound = self.long(self.sound.read()?);
        let voice = self.voice.as_ref().map(|voice| Ok::<_, Error>(self.long(voice.read()?))).transpose()?;
        let placed = |line: &Line| {
            let take = wav::decode(&line.wav)?;
            Ok(Placed { placement: line.placement, cue: line.cue, speaker: line.speaker.clone(), take })
        };
        let seated = mix::seat(&sound, voice.as_ref(), self.lines.iter().map(placed), &self.settings)?;
        let ground = match voice {
            Some(voice) => Ground { sound: self.bed(sound, &voice)?, separated: true },
            None => Ground { sound, separated: false },
        };
        mix::mix(seated, ground, &self.settings)
    }

    /// The sound as long as the pictures.
    fn long(&self, mut sound: Audio) -> Audio {
        sound.samples.resize(self.frames * usize::from(sound.channels), 0.0);
        sound
    }

    fn bed(&self, sound: Audio, voice: &Audio) -> Result<Audio> {
        let mut bed = separate::bed(sound, voice, &self.speech, EDGES)?;
        let heard: Vec<Span> = self.lines.iter().map(|line| line.placement.span).collect();
        separate::hush(&mut bed, voice, &self.speech, &heard, EDGES)?;
        Ok(bed)
    }
}

/// The takes in the places that they were fitted into.
fn lines(cues: &[Cue], takes: &Takes, timeline: &Timeline) -> Vec<Line> {
    let line = |(placement, take): (&Placement, &super::voices::Take)| Line {
        placement: *placement,
        cue: take.cue_span,
        speaker: cues.iter().find(|cue| cue.id == placement.cue).and_then(|cue| cue.speaker.clone()),
        wav: Arc::clone(&take.wav),
    };
    timeline.placements.iter().zip(&takes.spoken).map(line).collect()
}

/// When dubbed lines are spoken in the original: their cues, and the stretches of `speech` that they lie in, which the
/// detector found closer about the voice. Whatever else is spoken or sung is heard as it is.
fn spoken(transcript: &Transcript, speech: &[Span], lines: &[Line]) -> Vec<Span> {
    let is_dubbed = |cue: &&Cue| lines.iter().any(|line| line.placement.cue == cue.id);
    let cues = transcript.cues.iter().filter(|cue| !is_dubbed(cue)).map(|cue| cue.span);
    let others: Vec<Span> = cues.chain(transcript.songs()).collect();
    let meets = |spans: &[Span], span: &Span| spans.iter().any(|other| other.overlap(*span).is_some());
    let own: Vec<Span> = lines.iter().map(|line| line.cue).collect();
    let around = speech.iter().filter(|span| meets(&own, span) && !meets(&others, span)).copied();
    around.chain(own.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Passage, PassageKind};
    use crate::time::Delta;

    #[test]
    fn what_is_not_dubbed_is_no_speech_to_the_mix() {
        let cue = |id: u32, start: i64, end: i64| Cue {
            id,
            span: Span::from_ms(start, end),
            text: String::new(),
            speaker: None,
            words: Vec::new(),
            confidence: None,
        };
        let cues = [cue(1, 1000, 2000), cue(2, 3000, 4000), cue(3, 6000, 7000), cue(4, 16_000, 17_000)];
        let line = |cue: &Cue| Line {
            placement: Placement {
                cue: cue.id,
                span: cue.span,
                stretch: 1.0,
                delay: Delta::ZERO,
                borrowed: Delta::ZERO,
                overlap: Delta::ZERO,
            },
            cue: cue.span,
            speaker: None,
            wav: Vec::new().into(),
        };
        let lines = [line(&cues[0]), line(&cues[1]), line(&cues[3])];
        let song = Passage { span: Span::from_ms(9500, 15_900), kind: PassageKind::Song, text: "la".into() };
        let transcript = Transcript { language: "en".parse().unwrap(), cues: cues.into(), passages: vec![song] };
        // The detector hears the first with its breath, the second and third in one, and a song with the line after it.
        let speech = [Span::from_ms(900, 2100), Span::from_ms(2900, 7100), Span::from_ms(9000, 17_100)];
        let spoken = spoken(&transcript, &speech, &lines);
        let own = [(1000, 2000), (3000, 4000), (16_000, 17_000)].map(|(start, end)| Span::from_ms(start, end));
        assert_eq!(spoken, [&[Span::from_ms(900, 2100)][..], &own].concat());
    }
}
