//! Steps on what sounds and is not spoken: songs are taken out of what is said, and music is marked.
//!
//! Both are judged once and found by what they were judged from: a run that finds them reads no sound.

use super::Runner;
use super::pools::Need;
use super::reel::Reel;
use super::separate::Voice;
use super::sound::parse;
use super::step::{Made, Stop, Tracker};
use super::words::for_speech;
use crate::audio::Audio;
use crate::error::Result;
use crate::media;
use crate::settings::Songs;
use crate::stage::transcribe::singing::{self, Sounding};
use crate::stage::transcribe::{Hearing, music};
use crate::store::{Bucket, Manifest, digest};
use crate::time::{Delta, Span, merged};

const SUNG: Bucket = Bucket::new("sung", 1, "json");
const MUSIC: Bucket = Bucket::new("music", 1, "json");

impl Runner {
    /// Makes passages of the cues that are sung, as far as that can be told: without the voices by themselves the notes
    /// may be an instrument's, so that only what the recognizer itself marks is a song.
    pub(super) async fn part_songs(
        &self,
        tracker: &Tracker,
        name: &str,
        sound: &Reel,
        voice: &Voice,
        speech: &[Span],
        hearing: &mut Hearing,
    ) -> Result<(), Stop> {
        let cues = &hearing.transcript.cues;
        let is_asked = self.settings().engine.songs == Songs::Keep && !singing::candidates(cues, speech).is_empty();
        let sung = match voice {
            _ if !is_asked => Vec::new(),
            Voice::Unwanted => Vec::new(),
            Voice::Known(voice) => {
                let heard: Vec<_> = cues.iter().map(|cue| (cue.id, cue.span, &cue.text)).collect();
                let manifest = Manifest::new(SUNG, name)
                    .input("sound", &sound.digest)
                    .input("voice", &voice.digest)
                    .input("cues", digest(serde_json::json!(heard).to_string().as_bytes()))
                    .input("speech", digest(serde_json::json!(speech).to_string().as_bytes()))
                    .input("rules", singing::VERSION);
                let (sound, voice, cues, speech) = (sound.clone(), voice.clone(), cues.clone(), speech.to_vec());
                let make = move || {
                    let (sound, voice) = (sound.audio()?, voice.audio()?);
                    Made::json(&singing::sung(&cues, &speech, &mut |span| sounding(&sound, &voice, span))?)
                };
                match self.machine.aside(manifest, Need::ONE, make).await? {
                    Some(stored) => parse::<Vec<u32>>(&stored.bytes)?,
                    None => return self.unknown(tracker, name, "whether slow lines are sung is not judged yet"),
                }
            }
            Voice::Planned => return self.unknown(tracker, name, "the voices are not separated yet"),
        };
        if !sung.is_empty() {
            hearing.leave_sung(&sung)?;
        }
        hearing.warnings.extend(told(&hearing.transcript.songs()));
        Ok(())
    }

    /// While planning: what follows from the lines is not known.
    fn unknown(&self, tracker: &Tracker, name: &str, why: &str) -> Result<(), Stop> {
        self.machine.note(tracker.work(), name, true, vec![why.to_owned()]);
        Err(Stop::Planned)
    }

    /// Marks the music outside of `speech` and of all lines and songs. While planning it may stay unmarked: nothing
    /// follows from it.
    pub(super) async fn mark_music(
        &self,
        name: &str,
        sound: &Reel,
        speech: &[Span],
        hearing: &mut Hearing,
    ) -> Result<()> {
        let transcript = &hearing.transcript;
        let cues = transcript.cues.iter().map(|cue| cue.span).chain(transcript.songs());
        let taken = merged(cues.chain(speech.iter().copied()), Delta::ZERO);
        let manifest = Manifest::new(MUSIC, name)
            .input("sound", &sound.digest)
            .input("voices", digest(serde_json::json!(taken).to_string().as_bytes()))
            .input("rules", music::VERSION);
        let reel = sound.clone();
        let make = move || Made::json(&music::music(&for_speech(&reel)?, &taken));
        if let Some(stored) = self.machine.aside(manifest, Need::ONE, make).await? {
            hearing.mark_music(&parse::<Vec<Span>>(&stored.bytes)?);
        }
        Ok(())
    }
}

/// What sounds during a span: the voices, and what is left without them.
fn sounding(sound: &Audio, voice: &Audio, span: Span) -> Result<Sounding> {
    let (mut bed, voice) = (sound.piece(span), voice.piece(span));
    bed.samples.iter_mut().zip(&voice.samples).for_each(|(bed, voice)| *bed -= voice);
    let mono = |audio: &Audio| media::resample(audio, 16_000, 1);
    Ok(Sounding { voice: mono(&voice)?, bed: mono(&bed)? })
}

/// A sentence on what is left alone.
fn told(songs: &[Span]) -> Option<String> {
    let (first, last) = (songs.first()?, songs.last()?);
    let lines = if songs.len() == 1 { "1 line is".to_owned() } else { format!("{} lines are", songs.len()) };
    let place = Span::new(first.start, last.end);
    Some(format!("{lines} sung and left alone, at {place} (have them dubbed with engine.songs = \"dub\")"))
}
