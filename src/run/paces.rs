//! How fast each voice speaks: measured once a voice and language, on a few lines, and kept in the store.
//!
//! So the room of a line is known before it is translated, and a slow voice gets shorter wordings. Does not know what
//! a wording says.

use super::pools::Need;
use super::step::{Made, Stop};
use super::{Job, Runner};
use crate::cast::Cast;
use crate::engine::{Speech, require_speech};
use crate::error::Kind;
use crate::lang::Lang;
use crate::pace::{self, Pace};
use crate::store::{Bucket, Manifest};
use std::collections::BTreeMap;

const PACE: Bucket = Bucket::new("pace", 1, "json");

/// Steps of the factor that is kept: so small a difference changes no wording, and keys hold still.
const STEP: f64 = 0.05;

/// The paces of the voices of one language.
pub(super) struct Paces {
    cast: Option<Cast>,
    by_voice: BTreeMap<String, Pace>,
    usual: Pace,
}

impl Paces {
    /// Of the voice that speaks for a speaker, or for unlabelled speech.
    pub(super) fn of(&self, speaker: Option<&str>) -> &Pace {
        self.cast.as_ref().and_then(|cast| self.by_voice.get(cast.voice(speaker))).unwrap_or(&self.usual)
    }
}

impl Runner {
    /// The paces of all voices that the cast of an episode has in `language`. Where there is no voice, or none that
    /// works here and now, the language's usual pace: whether it can be spoken is told when it is spoken.
    pub(super) async fn paces(&self, job: &Job<'_>, language: &Lang) -> Result<Paces, Stop> {
        let mut paces = Paces { cast: None, by_voice: BTreeMap::new(), usual: Pace::new(language) };
        if !self.settings().voice.measure_pace || pace::samples(language).is_empty() {
            return Ok(paces);
        }
        let Ok(cast) = self.cast(job, language).await else { return Ok(paces) };
        let speakers = job.heard.transcript.speakers();
        let speakers = speakers.into_iter().map(Some).chain([None]);
        for voice in speakers.map(|speaker| cast.voice(speaker).to_owned()) {
            if !paces.by_voice.contains_key(&voice)
                && let Some(factor) = self.pace(&voice, language).await?
            {
                paces.by_voice.insert(voice, Pace::of(language, factor));
            }
        }
        paces.cast = Some(cast);
        Ok(paces)
    }

    /// How much longer a voice takes than its language usually does; none where that cannot be measured.
    async fn pace(&self, voice: &str, language: &Lang) -> Result<Option<f64>, Stop> {
        let synthesizer = self.synthesizers.of(language)?;
        let Ok(fingerprint) = tokio::task::block_in_place(|| synthesizer.fingerprint(voice)) else {
            return Ok(None);
        };
        let texts = pace::samples(language);
        let manifest = Manifest::new(PACE, format!("pace of {voice} in {language}"))
            .input("lines", serde_json::json!(texts))
            .input("language", language)
            .input("voice", voice)
            .input("engine", &fingerprint);
        let need = Need::call(&fingerprint, synthesizer.load());
        let (voice, of) = (voice.to_owned(), language.clone());
        let make = move || {
            let mut pace = Pace::new(&of);
            for text in texts {
                let speech =
                    Speech { text: (*text).to_owned(), language: of.clone(), voice: voice.clone(), speed: 1.0 };
                let audio = require_speech(&fingerprint.engine, synthesizer.speak(&speech)?)?;
                pace.observe(text, audio.duration());
            }
            let factor = (pace.factor() / STEP).round() * STEP;
            Ok(Made::json(&factor)?.by(fingerprint.to_string()))
        };
        match self.machine.aside(manifest, need, make).await {
            Ok(stored) => Ok(stored.map(|stored| super::sound::parse(&stored.bytes)).transpose()?),
            // What ails the voice is told when a line is spoken.
            Err(error) if error.kind() == Kind::Interrupted || error.exit_code() == 6 => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}
