//! The step that parts the voices from everything else, once for all languages of an episode.

use super::Runner;
use super::pools::Need;
use super::reel::Reel;
use super::sound::Sound;
use super::step::{Mode, Stop};
use crate::audio::Audio;
use crate::engine::separator::{Piece, RATE, Separator};
use crate::error::{Error, Kind, Result};
use crate::event::{Stage, StageTime};
use crate::settings::{Bed, Listen};
use crate::store::{Bucket, Manifest};
use crate::time::Time;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
        let made = self.machine.stage(self.work(name, Stage::Separate, None), |tracker| async move {
            let manifest = Manifest::new(VOICE, name).input("sound", &sound.reel.digest).input("engine", &fingerprint);
            let need = Need::call(&fingerprint, separator.load());
            let (reel, shown, cancel) = (sound.reel.clone(), Arc::clone(&tracker), self.machine.cancel.clone());
            let make = move || {
                let sound = reel.audio()?;
                shown.expect(sound.duration().seconds().ceil() as u64);
                voices(separator.as_ref(), &sound, &mut |at| {
                    shown.reach(at.seconds() as u64);
                    cancel.check()
                })
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

/// The voices of a sound, as long and with as many channels. Only the front of 5.1 has any.
fn voices(separator: &dyn Separator, sound: &Audio, told: &mut dyn FnMut(Time) -> Result<()>) -> Result<Audio> {
    let channels = usize::from(sound.channels);
    let mut voice = Audio::silence(sound.rate, sound.channels, sound.frames());
    let pairs = if channels == 6 { &FRONT[..] } else { &FRONT[..1] };
    for [left, right] in pairs {
        let (mut from, mut to) = (0, 0);
        let mut read = |buffer: &mut [f32]| {
            let moments = sound.samples[from * channels..].chunks_exact(channels).zip(buffer.chunks_exact_mut(2));
            let mut given = 0;
            for (moment, pair) in moments {
                pair.copy_from_slice(&[moment[*left], moment[*right]]);
                given += 1;
            }
            from += given;
            Ok(given * 2)
        };
        let mut write = |piece: Piece<'_>| {
            let rest = voice.samples.get_mut(to * channels..).unwrap_or_default();
            let pairs = piece.voice.chunks_exact(2);
            to += pairs.len();
            for (moment, pair) in rest.chunks_exact_mut(channels).zip(pairs) {
                (moment[*left], moment[*right]) = (pair[0], pair[1]);
            }
            told(Time::from_samples(to as i64, RATE))
        };
        separator.part(&mut read, &mut write)?;
        if to != sound.frames() {
            return Err(Error::internal(format!("a separator made {to} moments of {}", sound.frames())));
        }
    }
    Ok(voice)
}
