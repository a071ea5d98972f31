//! Supply: what an episode is delivered as in a language (dubbed, subtitled, or held for a person), and the share
//! that is dubbed.
//!
//! Pure. Dubbing is the rule; subtitles alone are the exception, with its reason on record. Does not know how
//! anything is made, nor what a check looks at.

use crate::settings::{Deliver, Fallback, SupplySettings};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an episode is delivered as, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum Supplied {
    /// With a dub, every line of it heard.
    Dubbed,
    /// With subtitles over the original sound.
    Subtitled {
        /// Why it has no dub.
        why: Reason,
    },
    /// Not at all, until a person has acted.
    Held {
        /// Why.
        why: Reason,
        /// The lines that a person must look at; none where it is not about lines.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lines: Vec<u32>,
    },
}

/// Why there is no dub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// The settings ask for subtitles in this language.
    AskedFor,
    /// No voice speaks the language.
    NoVoice,
    /// More lines failed than a dub may carry.
    FailedLines {
        /// How many failed.
        failed: usize,
        /// How many a dub may carry.
        allowed: usize,
    },
    /// More lines are flagged than a dub may carry.
    FlaggedLines {
        /// How many are flagged.
        flagged: usize,
        /// How many a dub may carry.
        allowed: usize,
    },
    /// The work ended with an error.
    Broken {
        /// The error in one line.
        error: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::AskedFor => f.write_str("subtitles were asked for"),
            Reason::NoVoice => f.write_str("no voice speaks this language"),
            Reason::FailedLines { failed, allowed } => {
                write!(f, "{failed} lines failed, a dub may carry {allowed}")
            }
            Reason::FlaggedLines { flagged, allowed } => {
                write!(f, "{flagged} lines are flagged, a dub may carry {allowed}")
            }
            Reason::Broken { error } => f.write_str(error),
        }
    }
}

impl Supplied {
    /// Its name in tables: `dubbed`, `subtitled` or `held`.
    pub const fn name(&self) -> &'static str {
        match self {
            Supplied::Dubbed => "dubbed",
            Supplied::Subtitled { .. } => "subtitled",
            Supplied::Held { .. } => "held",
        }
    }

    /// Why it is not dubbed.
    pub const fn why(&self) -> Option<&Reason> {
        match self {
            Supplied::Dubbed => None,
            Supplied::Subtitled { why } | Supplied::Held { why, .. } => Some(why),
        }
    }
}

/// What is known of a script and its takes when it is decided what becomes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Lines without a wording: neither a dub nor subtitles can say them.
    pub unwritten: Vec<u32>,
    /// Lines with a wording that could not be spoken.
    pub unspoken: Vec<u32>,
    /// Lines that a check flagged with a warning or an error.
    pub flagged: Vec<u32>,
}

/// Decides what an episode is delivered as. `wanted` is what the settings ask for, `voiced` whether any voice speaks
/// the language.
pub fn decide(standing: &Standing, wanted: Deliver, voiced: bool, policy: &SupplySettings) -> Supplied {
    let falls = |fallback: Fallback| policy.fallback.contains(&fallback) && standing.unwritten.is_empty();
    let instead = |fallback: Fallback, why: Reason, lines: Vec<u32>| {
        if falls(fallback) { Supplied::Subtitled { why } } else { Supplied::Held { why, lines } }
    };
    let failed: Vec<u32> = standing.unwritten.iter().chain(&standing.unspoken).copied().collect();
    if wanted == Deliver::Subtitle {
        let why = Reason::FailedLines { failed: standing.unwritten.len(), allowed: 0 };
        return match standing.unwritten.is_empty() {
            true => Supplied::Subtitled { why: Reason::AskedFor },
            false => Supplied::Held { why, lines: standing.unwritten.clone() },
        };
    }
    if !voiced {
        return instead(Fallback::NoVoice, Reason::NoVoice, standing.unwritten.clone());
    }
    if failed.len() > policy.failed_lines {
        let why = Reason::FailedLines { failed: failed.len(), allowed: policy.failed_lines };
        return instead(Fallback::FailedLines, why, failed);
    }
    if let Some(allowed) = policy.flagged_lines.filter(|allowed| standing.flagged.len() > *allowed) {
        let why = Reason::FlaggedLines { flagged: standing.flagged.len(), allowed };
        return instead(Fallback::FlaggedLines, why, standing.flagged.clone());
    }
    Supplied::Dubbed
}

/// How many episodes ended how, over any set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// With a dub.
    pub dubbed: usize,
    /// With subtitles alone.
    pub subtitled: usize,
    /// Not delivered.
    pub held: usize,
}

impl Share {
    /// Counts.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Supplied>) -> Share {
        let mut share = Share::default();
        for supplied in all {
            match supplied {
                Supplied::Dubbed => share.dubbed += 1,
                Supplied::Subtitled { .. } => share.subtitled += 1,
                Supplied::Held { .. } => share.held += 1,
            }
        }
        share
    }

    /// All of them.
    pub const fn all(&self) -> usize {
        self.dubbed + self.subtitled + self.held
    }

    /// The dubbed ones as a share of all, 0 to 1; 1 where there are none at all.
    pub fn dubbed_share(&self) -> f64 {
        if self.all() == 0 { 1.0 } else { self.dubbed as f64 / self.all() as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(unwritten: &[u32], unspoken: &[u32], flagged: &[u32]) -> Standing {
        Standing { unwritten: unwritten.into(), unspoken: unspoken.into(), flagged: flagged.into() }
    }

    fn policy(failed_lines: usize, flagged_lines: Option<usize>, fallback: &[Fallback]) -> SupplySettings {
        SupplySettings { failed_lines, flagged_lines, fallback: fallback.into(), ..SupplySettings::default() }
    }

    #[test]
    fn a_dub_is_the_rule_and_carries_no_failed_line() {
        let default = SupplySettings::default();
        assert_eq!(decide(&standing(&[], &[], &[1, 2]), Deliver::Both, true, &default), Supplied::Dubbed);
        let held = decide(&standing(&[], &[4], &[]), Deliver::Both, true, &default);
        assert_eq!(held, Supplied::Held { why: Reason::FailedLines { failed: 1, allowed: 0 }, lines: vec![4] });
        assert_eq!(decide(&standing(&[], &[4], &[]), Deliver::Dub, true, &policy(1, None, &[])), Supplied::Dubbed);
    }

    #[test]
    fn what_falls_back_is_the_policys_and_an_unwritten_line_never_does() {
        let falls = policy(0, Some(1), &[Fallback::FailedLines, Fallback::FlaggedLines]);
        let subtitled = decide(&standing(&[], &[4], &[]), Deliver::Both, true, &falls);
        assert_eq!(subtitled.name(), "subtitled");
        assert_eq!(decide(&standing(&[3], &[4], &[]), Deliver::Both, true, &falls).name(), "held");
        assert_eq!(decide(&standing(&[], &[], &[1, 2]), Deliver::Both, true, &falls).name(), "subtitled");
        assert_eq!(decide(&standing(&[], &[], &[1, 2]), Deliver::Both, true, &policy(0, Some(1), &[])).name(), "held");
    }

    #[test]
    fn without_a_voice_there_are_subtitles() {
        let default = SupplySettings::default();
        let said = decide(&standing(&[], &[], &[]), Deliver::Both, false, &default);
        assert_eq!(said, Supplied::Subtitled { why: Reason::NoVoice });
        assert_eq!(decide(&standing(&[], &[], &[]), Deliver::Both, false, &policy(0, None, &[])).name(), "held");
        let asked = decide(&standing(&[], &[9], &[9]), Deliver::Subtitle, false, &default);
        assert_eq!(asked, Supplied::Subtitled { why: Reason::AskedFor });
        assert_eq!(decide(&standing(&[2], &[], &[]), Deliver::Subtitle, true, &default).name(), "held");
    }

    #[test]
    fn the_share_counts_what_was_asked_for_too() {
        let asked = Supplied::Subtitled { why: Reason::AskedFor };
        let share = Share::of([&Supplied::Dubbed, &Supplied::Dubbed, &Supplied::Dubbed, &asked]);
        assert_eq!((share.all(), share.dubbed_share()), (4, 0.75));
        assert_eq!(Share::default().dubbed_share(), 1.0);
    }
}
