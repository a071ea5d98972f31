//! Voices of any server that speaks OpenAI's `POST {base-url}/audio/speech`.
//!
//! Knows the request and what may come back; waiting, trying again and keys are `remote.rs`'s affair.

use super::remote::Remote;
use super::{Context, Entry, Fingerprint, Load, Speech, Synthesizer, Voice, require_speech, spoken};
use crate::audio::Audio;
use crate::error::{Error, Kind, Result};
use crate::settings::Settings;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The limits of the protocol's `speed`.
const SPEEDS: (f64, f64) = (0.25, 4.0);

/// Voices of OpenAI's own speech models, which speak every language; other servers have their own, and
/// the protocol has no way to ask for them.
const OPENAI: [&str; 9] = ["alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"];

pub(super) const SYNTHESIZER: Entry<dyn Synthesizer> = Entry {
    name: "speech",
    about: "any server with OpenAI's /v1/audio/speech (settings: speech.base-url, speech.model)",
    models: |_: &Settings| Vec::new(),
    build: |context: &Context| {
        let remote = Remote::new(context, "speech", &context.settings.speech)?;
        Ok(Arc::new(Server { context: context.clone(), remote }))
    },
};

struct Server {
    context: Context,
    remote: Remote,
}

impl Synthesizer for Server {
    fn fingerprint(&self, _: &str) -> Result<Fingerprint> {
        let detail = self.remote.address();
        Ok(Fingerprint { engine: "speech".into(), model: self.remote.settings().model.clone(), detail })
    }

    fn load(&self) -> Load {
        Load { threads: 0, parallel: self.remote.settings().parallel.max(1) }
    }

    fn voices(&self) -> Result<Vec<Voice>> {
        let settings = &self.context.settings;
        let model = &self.remote.settings().model;
        let known: &[&str] = if model.starts_with("tts-1") || model.contains("-tts") { &OPENAI } else { &[] };
        let cast = settings.voice.default.values().chain(settings.voice.speakers.values());
        let cast: BTreeSet<&str> = cast.map(String::as_str).filter(|name| !known.contains(name)).collect();
        let voice = |(name, about): (&str, &str)| Voice {
            name: name.to_owned(),
            languages: Vec::new(),
            gender: None,
            about: about.to_owned(),
            ready: true,
        };
        let known = known.iter().map(|name| (*name, "of OpenAI's models, any language"));
        Ok(known.chain(cast.into_iter().map(|name| (name, "named in the settings"))).map(voice).collect())
    }

    fn speeds(&self) -> (f64, f64) {
        SPEEDS
    }

    fn speak(&self, utterance: &Speech) -> Result<Audio> {
        let body = json!({
            "model": self.remote.settings().model,
            "input": utterance.text,
            "voice": utterance.voice,
            "response_format": "wav",
            "speed": utterance.speed,
        });
        let reply = self.remote.post("audio/speech", &body)?;
        let address = self.remote.address();
        let hint = "check speech.model and the voice; the server must answer with WAV, MP3, FLAC, Opus or AAC";
        if reply.body.is_empty() {
            return Err(Error::new(Kind::Engine, format!("{address} answered without any sound")).hint(hint));
        }
        // Some servers say 200 and tell their trouble in JSON.
        if reply.content_type.ends_with("json") || reply.content_type.starts_with("text/") {
            let what = format!("{address} answered text instead of sound: {}", reply.excerpt());
            return Err(Error::new(Kind::Engine, what).hint(hint));
        }
        let audio = spoken::read(reply.body).map_err(|error| {
            Error::new(Kind::Engine, format!("{address} answered sound that cannot be read")).because(error).hint(hint)
        })?;
        require_speech("speech", audio)
    }
}

#[cfg(test)]
mod tests;
