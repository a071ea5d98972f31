//! Kokoro's 54 voices: names, languages and what their makers think of them.
//!
//! Grades are those of the model's `VOICES.md` (hexgrad/Kokoro-82M, version 1.0); Spanish and Portuguese
//! voices have none there. Does not know where the files lie.

use crate::engine::Voice;
use crate::error::Result;

/// A voice's language, with whatever makes phonemes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tongue {
    American,
    British,
    Spanish,
    French,
    Hindi,
    Italian,
    Brazilian,
    Japanese,
    Mandarin,
}

impl Tongue {
    /// From the first letter of a voice's name.
    fn of(voice: &str) -> Option<Tongue> {
        Some(match voice.as_bytes().first()? {
            b'a' => Tongue::American,
            b'b' => Tongue::British,
            b'e' => Tongue::Spanish,
            b'f' => Tongue::French,
            b'h' => Tongue::Hindi,
            b'i' => Tongue::Italian,
            b'p' => Tongue::Brazilian,
            b'j' => Tongue::Japanese,
            b'z' => Tongue::Mandarin,
            _ => return None,
        })
    }

    pub(super) const fn tag(self) -> &'static str {
        match self {
            Tongue::American => "en-US",
            Tongue::British => "en-GB",
            Tongue::Spanish => "es",
            Tongue::French => "fr",
            Tongue::Hindi => "hi",
            Tongue::Italian => "it",
            Tongue::Brazilian => "pt-BR",
            Tongue::Japanese => "ja",
            Tongue::Mandarin => "zh",
        }
    }

    /// Can phonemes be made here? Kokoro learned Japanese and Mandarin from phonemizers of their own
    /// (pitch accent, tone arrows); espeak-ng's symbols for those two are others, and what the model
    /// makes of them is not speech that anyone would ship.
    pub(super) const fn is_spoken(self) -> bool {
        !matches!(self, Tongue::Japanese | Tongue::Mandarin)
    }
}

/// Best first within a language, the grade beside it. American voices of grade C and better come
/// before British ones, and those before the American rest. `af_nicole` whispers, so it comes late.
const VOICES: [(&str, &str); 54] = [
    ("af_heart", "A"),
    ("af_bella", "A-"),
    ("am_michael", "C+"),
    ("am_fenrir", "C+"),
    ("am_puck", "C+"),
    ("af_sarah", "C+"),
    ("af_kore", "C+"),
    ("af_aoede", "C+"),
    ("af_nova", "C"),
    ("af_alloy", "C"),
    ("af_sky", "C-"),
    ("bf_emma", "B-"),
    ("bm_george", "C"),
    ("bm_fable", "C"),
    ("bf_isabella", "C"),
    ("bm_lewis", "D+"),
    ("bf_alice", "D"),
    ("bf_lily", "D"),
    ("bm_daniel", "D"),
    ("am_echo", "D"),
    ("am_eric", "D"),
    ("am_liam", "D"),
    ("am_onyx", "D"),
    ("af_jessica", "D"),
    ("af_river", "D"),
    ("af_nicole", "B-"),
    ("am_santa", "D-"),
    ("am_adam", "F+"),
    ("ef_dora", ""),
    ("em_alex", ""),
    ("em_santa", ""),
    ("ff_siwis", "B-"),
    ("hf_alpha", "C"),
    ("hm_omega", "C"),
    ("hf_beta", "C"),
    ("hm_psi", "C"),
    ("if_sara", "C"),
    ("im_nicola", "C"),
    ("pf_dora", ""),
    ("pm_alex", ""),
    ("pm_santa", ""),
    ("jf_alpha", "C+"),
    ("jf_gongitsune", "C"),
    ("jf_tebukuro", "C"),
    ("jf_nezumi", "C-"),
    ("jm_kumo", "C-"),
    ("zf_xiaobei", "D"),
    ("zf_xiaoni", "D"),
    ("zf_xiaoxiao", "D"),
    ("zf_xiaoyi", "D"),
    ("zm_yunjian", "D"),
    ("zm_yunxi", "D"),
    ("zm_yunxia", "D"),
    ("zm_yunyang", "D"),
];

/// A voice's language, if there is such a voice.
pub(super) fn tongue(name: &str) -> Option<Tongue> {
    VOICES.iter().find(|(known, _)| *known == name).and_then(|(known, _)| Tongue::of(known))
}

/// All of them, best first within a language.
pub(super) fn all() -> Result<Vec<Voice>> {
    let mut voices = Vec::with_capacity(VOICES.len());
    for (name, grade) in VOICES {
        let Some(tongue) = Tongue::of(name) else { continue };
        let mut about = if grade.is_empty() { String::new() } else { format!("grade {grade} by its makers") };
        if name == "af_nicole" {
            about.push_str("; whispers");
        }
        if !tongue.is_spoken() {
            about.push_str("; needs phonemes from outside");
        }
        voices.push(Voice {
            name: name.into(),
            languages: vec![tongue.tag().parse()?],
            gender: name.chars().nth(1),
            about,
            ready: tongue.is_spoken(),
        });
    }
    Ok(voices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_voice_has_a_language_and_a_gender() {
        let voices = all().unwrap();
        assert_eq!(voices.len(), 54);
        assert!(voices.iter().all(|v| matches!(v.gender, Some('f' | 'm'))));
        let ready = |tag: &str| {
            let wanted = tag.parse().unwrap();
            voices.iter().filter(|v| v.ready && v.languages.iter().any(|l| l.accepts(&wanted))).count()
        };
        let counts =
            ["en", "en-US", "en-GB", "es", "es-419", "fr", "hi", "it", "pt-BR", "pt-PT", "ja", "zh"].map(ready);
        assert_eq!(counts, [28, 20, 8, 3, 3, 1, 4, 2, 3, 0, 0, 0]);
    }

    #[test]
    fn names_are_different() {
        let mut names: Vec<_> = VOICES.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 54);
    }
}
