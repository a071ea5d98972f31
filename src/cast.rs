//! The cast: which voice speaks for whom.
//!
//! Pure and deterministic: the same speakers and voices give the same cast. Does not know engines.

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::VoiceSettings;
use std::collections::BTreeMap;

/// A voice that may be cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Languages that it speaks; none is any.
    pub languages: Vec<Lang>,
    /// `f` or `m`, where it is known.
    pub gender: Option<char>,
}

/// Voices by speaker, for one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    voices: BTreeMap<String, String>,
    fallback: String,
}

impl Cast {
    /// The voice of a speaker, or of unlabelled speech.
    pub fn voice(&self, speaker: Option<&str>) -> &str {
        speaker.and_then(|speaker| self.voices.get(speaker)).unwrap_or(&self.fallback)
    }
}

/// Gives every speaker a voice: the one that the settings name, else a voice of its own as long as there are
/// any, in the candidates' order. `candidates` are in the order of preference. A speaker's voice does not depend
/// on the other speakers' settings, but on the order in which speakers first speak.
///
/// # Errors
/// Fails if no candidate speaks the language, or the settings name a voice that is none of the candidates.
pub fn assign(speakers: &[&str], candidates: &[Candidate], language: &Lang, settings: &VoiceSettings) -> Result<Cast> {
    let fitting: Vec<&Candidate> = candidates
        .iter()
        .filter(|voice| voice.languages.is_empty() || voice.languages.iter().any(|have| have.accepts(language)))
        .collect();
    let names = || fitting.iter().map(|voice| voice.name.as_str()).collect::<Vec<_>>().join(", ");
    let known = |who: &str, voice: &str| {
        if candidates.iter().any(|candidate| candidate.name == voice) {
            return Ok(voice.to_owned());
        }
        let list = if fitting.is_empty() { "none".to_owned() } else { names() };
        Err(Error::new(Kind::Usage, format!("the voice {voice:?} of {who} is unknown"))
            .hint(format!("voices for {}: {list}", language.name())))
    };

    let default = by_language(&settings.default, language);
    let fallback = match (default, fitting.first()) {
        (Some(voice), _) => known(&language.name(), voice)?,
        (None, Some(first)) => first.name.clone(),
        (None, None) => {
            return Err(Error::new(Kind::Usage, format!("this engine has no voice for {}", language.name()))
                .hint("choose another with --synthesizer: `speech` for an endpoint, `command` for any program"));
        }
    };

    let mut voices = BTreeMap::new();
    let mut taken: Vec<String> = Vec::new();
    for speaker in speakers {
        // `en/Gu` is narrower than `Gu`.
        let narrowed = [language.tag(), language.primary()].map(|language| format!("{language}/{speaker}"));
        let named =
            narrowed.iter().find_map(|key| settings.speakers.get(key)).or_else(|| settings.speakers.get(*speaker));
        if let Some(voice) = named {
            let voice = known(speaker, voice)?;
            taken.push(voice.clone());
            voices.insert((*speaker).to_owned(), voice);
        }
    }
    // The default is the first speaker's, and a gender that was just used gives way to the other.
    let mut last_gender = None;
    for speaker in speakers {
        if voices.contains_key(*speaker) {
            continue;
        }
        let free = || fitting.iter().filter(|voice| !taken.contains(&voice.name));
        let chosen = if !taken.contains(&fallback) {
            fallback.clone()
        } else {
            let other = free().find(|voice| voice.gender != last_gender || last_gender.is_none());
            other.or_else(|| free().next()).map_or_else(|| fallback.clone(), |voice| voice.name.clone())
        };
        last_gender = candidates.iter().find(|voice| voice.name == chosen).and_then(|voice| voice.gender);
        taken.push(chosen.clone());
        voices.insert((*speaker).to_owned(), chosen);
    }
    Ok(Cast { voices, fallback })
}

fn by_language<'a>(voices: &'a BTreeMap<String, String>, language: &Lang) -> Option<&'a String> {
    voices.get(language.tag()).or_else(|| voices.get(language.primary()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates() -> Vec<Candidate> {
        [
            ("af_heart", "en-US", 'f'),
            ("af_bella", "en-US", 'f'),
            ("am_michael", "en-US", 'm'),
            ("pf_dora", "pt-BR", 'f'),
        ]
        .map(|(name, language, gender)| Candidate {
            name: name.into(),
            languages: vec![language.parse().unwrap()],
            gender: Some(gender),
        })
        .into()
    }

    fn cast(speakers: &[&str], language: &str, settings: &VoiceSettings) -> Result<Cast> {
        assign(speakers, &candidates(), &language.parse().unwrap(), settings)
    }

    fn settings(speakers: &[(&str, &str)], default: &[(&str, &str)]) -> VoiceSettings {
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        VoiceSettings { speakers: map(speakers), default: map(default), ..VoiceSettings::default() }
    }

    #[test]
    fn everyone_has_a_voice_of_their_own_as_long_as_there_are_any() {
        let cast = cast(&["Gu", "Lin", "Su", "Bo"], "en", &VoiceSettings::default()).unwrap();
        assert_eq!(cast.voice(Some("Gu")), "af_heart");
        assert_eq!(cast.voice(Some("Lin")), "am_michael");
        assert_eq!(cast.voice(Some("Su")), "af_bella");
        assert_eq!(cast.voice(Some("Bo")), "af_heart", "voices are shared when they run out");
        assert_eq!(cast.voice(None), "af_heart");
    }

    #[test]
    fn settings_win_and_the_narrower_one_first() {
        let settings = settings(&[("Gu", "am_michael"), ("pt/Gu", "pf_dora")], &[("en", "af_bella")]);
        let english = cast(&["Gu", "Lin"], "en", &settings).unwrap();
        assert_eq!((english.voice(Some("Gu")), english.voice(Some("Lin"))), ("am_michael", "af_bella"));
        assert_eq!(cast(&["Gu"], "pt-BR", &settings).unwrap().voice(Some("Gu")), "pf_dora");
    }

    #[test]
    fn an_unknown_voice_lists_the_known_ones() {
        let error = cast(&["Gu"], "en", &settings(&[("Gu", "am_mike")], &[])).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.remedy().unwrap().contains("am_michael"));
    }

    #[test]
    fn a_language_without_a_voice_names_the_way_out() {
        let error = cast(&[], "th", &VoiceSettings::default()).unwrap_err();
        assert!(error.to_string().contains("Thai"), "{error}");
        assert!(error.remedy().unwrap().contains("command"));
    }
}
