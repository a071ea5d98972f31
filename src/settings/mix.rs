//! Settings of the mix: what lies under the dub, how the voice sits in it, and how loud the whole is.

use serde::{Deserialize, Serialize};

/// What happens to the original sound under the dub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bed {
    /// The separated bed where a separator is installed, else the lowered original.
    Auto,
    /// Music and effects without the voices, as a separator gives them.
    Separate,
    /// The original, lowered while the dub speaks.
    Duck,
    /// Nothing but the dub.
    None,
}

/// What a loudness target is measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The full mix, gated as ITU-R BS.1770-4 says.
    #[default]
    Programme,
    /// What is spoken: measured on the dub stem, in which there is nothing else.
    Dialogue,
}

/// A named loudness target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loudness {
    /// −14 LUFS: social players and streaming music services.
    Social,
    /// −16 LUFS: Apple's players.
    Apple,
    /// −23 LUFS: EBU R 128.
    EbuR128,
    /// −24 LKFS: ATSC A/85.
    AtscA85,
    /// −27 LKFS ±2 LU of the dialogue: Netflix Sound Mix Specifications. Where less than 15% of a programme is
    /// dialogue, −24 LKFS of the whole.
    Netflix,
}

/// What a named target comes to for one episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Integrated loudness in LUFS.
    pub lufs: f64,
    /// Largest true peak in dBTP.
    pub ceiling_dbtp: f64,
    /// Whose loudness that is.
    pub judged: Judged,
}

/// With less dialogue than this, Netflix has the whole measured.
const LITTLE_DIALOGUE: f64 = 0.15;

impl Loudness {
    /// Integrated loudness in LUFS, of what it is [judged](Loudness::judged) by.
    pub const fn lufs(self) -> f64 {
        match self {
            Loudness::Social => -14.0,
            Loudness::Apple => -16.0,
            Loudness::EbuR128 => -23.0,
            Loudness::AtscA85 => -24.0,
            Loudness::Netflix => -27.0,
        }
    }

    /// Largest true peak in dBTP.
    pub const fn true_peak(self) -> f64 {
        match self {
            Loudness::Social | Loudness::Apple | Loudness::EbuR128 => -1.0,
            Loudness::AtscA85 | Loudness::Netflix => -2.0,
        }
    }

    /// What it is measured on.
    pub const fn judged(self) -> Judged {
        match self {
            Loudness::Social | Loudness::Apple | Loudness::EbuR128 | Loudness::AtscA85 => Judged::Programme,
            Loudness::Netflix => Judged::Dialogue,
        }
    }

    /// How far a finished file may be from it, in LU: each target's own tolerance.
    pub const fn tolerance_lu(self) -> f64 {
        match self {
            // EBU R 128 s2 allows ±1 LU for programmes whose loudness cannot be set exactly.
            Loudness::Social | Loudness::Apple | Loudness::EbuR128 => 1.0,
            Loudness::AtscA85 | Loudness::Netflix => 2.0,
        }
    }

    /// The target for an episode in which dialogue is heard for that share of the time, 0 to 1.
    pub fn goal(self, dialogue: f64) -> Goal {
        let goal = Goal { lufs: self.lufs(), ceiling_dbtp: self.true_peak(), judged: self.judged() };
        match self {
            Loudness::Netflix if dialogue < LITTLE_DIALOGUE => Goal { lufs: -24.0, judged: Judged::Programme, ..goal },
            _ => goal,
        }
    }
}

/// The loudness range of the finished file: how far soft and loud passages lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// As it is in the mix.
    Keep,
    /// Narrowed to `range-lu` where it is wider, for phones and noisy places.
    Narrow,
}

/// What becomes of 5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surround {
    /// 5.1, with the dub in the centre.
    Keep,
    /// Stereo, by the coefficients of ITU-R BS.775: left + 0.707 × centre + 0.707 × left surround, right alike; the
    /// LFE is left out.
    Downmix,
}

/// The tone of the dubbed voices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Drawn towards that of the original voices, by 4 dB at most, where those were separated; rumble is taken out.
    Match,
    /// As the voices give it; rumble is taken out.
    Plain,
}

/// The room in which the dubbed voices are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Room {
    /// As the voices give it.
    Off,
    /// A little of a room like the original's, estimated from how its sound dies away after phrases; nothing where that
    /// cannot be heard.
    Match,
}

/// The mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MixSettings {
    /// What happens to the original sound.
    pub bed: Bed,
    /// How far the original is lowered under the dub, in dB.
    pub duck_db: f64,
    /// Loudness of the finished file.
    pub loudness: Loudness,
    /// What happens to the loudness range.
    pub range: Range,
    /// The loudness range to narrow to, in LU.
    pub range_lu: f64,
    /// What becomes of 5.1.
    pub surround: Surround,
    /// The tone of the dubbed voices.
    pub tone: Tone,
    /// The room in which they are heard.
    pub room: Room,
}

impl Default for MixSettings {
    fn default() -> MixSettings {
        MixSettings {
            bed: Bed::Auto,
            duck_db: 18.0,
            loudness: Loudness::Social,
            range: Range::Keep,
            range_lu: 8.0,
            surround: Surround::Keep,
            tone: Tone::Match,
            room: Room::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programme_with_little_dialogue_is_judged_as_a_whole() {
        let goal = Loudness::Netflix.goal(0.4);
        assert_eq!((goal.lufs, goal.ceiling_dbtp, goal.judged), (-27.0, -2.0, Judged::Dialogue));
        let goal = Loudness::Netflix.goal(0.1);
        assert_eq!((goal.lufs, goal.ceiling_dbtp, goal.judged), (-24.0, -2.0, Judged::Programme));
        let goal = Loudness::Social.goal(0.0);
        assert_eq!((goal.lufs, goal.ceiling_dbtp, goal.judged), (-14.0, -1.0, Judged::Programme));
    }
}
