//! Levels: how loud each take is to be, after how loud its cue is.
//!
//! A cue is compared with what is normal for its speaker, so that a whisper stays a whisper and a shout a shout, whoever
//! has the stronger voice. Does not know takes' sound.

use super::Placed;
use super::original::Original;
use std::collections::BTreeMap;

/// How far a take's level follows its cue's against the norm, and within which limits, in dB.
const FOLLOW: f64 = 0.8;
const SOFTER: f64 = -10.0;
const LOUDER: f64 = 6.0;
/// So far under the norm it is not a whisper but a cue that lies beside its voice.
const BESIDE_DB: f64 = 30.0;
/// A speaker's norm counts as much as that of the whole film once there are so many cues: of one who whispers once
/// nothing else is known.
const TRUSTED: f64 = 2.0;

/// Where the norm may lie, in dBFS RMS of a side, and where it lies if the original does not tell. Bed and dub are in
/// proportion as the original's were; mastering sets how loud they are.
const NORM_DBFS: (f64, f64) = (-36.0, -14.0);
const USUAL_DBFS: f64 = -22.0;

/// Levels of the takes.
pub(super) struct Levels {
    /// Of a take that is spoken normally, in dBFS RMS of a side.
    pub(super) norm: f64,
    /// Of each take against it, in dB.
    pub(super) gains: Vec<f64>,
}

/// Levels of all takes.
pub(super) fn levels(original: &Original<'_>, placed: &[Placed]) -> Levels {
    let heard: Vec<Option<f64>> = placed.iter().map(|one| original.level(one.cue)).collect();
    let Some(overall) = median(heard.iter().flatten().copied().collect()) else {
        return Levels { norm: USUAL_DBFS, gains: vec![0.0; placed.len()] };
    };
    let mut by_speaker: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (one, level) in placed.iter().zip(&heard) {
        if let (Some(speaker), Some(level)) = (&one.speaker, level) {
            by_speaker.entry(speaker).or_default().push(*level);
        }
    }
    let norms: BTreeMap<&str, f64> = by_speaker
        .into_iter()
        .filter_map(|(speaker, levels)| {
            let count = levels.len() as f64;
            Some((speaker, (median(levels)? * count + overall * TRUSTED) / (count + TRUSTED)))
        })
        .collect();
    let gain = |(one, level): (&Placed, &Option<f64>)| {
        let norm = one.speaker.as_deref().and_then(|speaker| norms.get(speaker)).copied().unwrap_or(overall);
        match level {
            Some(level) if level - norm > -BESIDE_DB => ((level - norm) * FOLLOW).clamp(SOFTER, LOUDER),
            _ => 0.0,
        }
    };
    Levels { norm: overall.clamp(NORM_DBFS.0, NORM_DBFS.1), gains: placed.iter().zip(&heard).map(gain).collect() }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{placed, tone};
    use super::*;
    use crate::audio::{Audio, from_db};

    /// Gains of cues that follow each other by a second: who speaks, and how loud, in dBFS.
    fn gains(cues: &[(&str, f64)]) -> Levels {
        let mut sound = Audio::silence(48_000, 2, cues.len() * 48_000);
        let mut all = Vec::new();
        for (index, (speaker, dbfs)) in cues.iter().enumerate() {
            let voice = tone(48_000, 2, 900, 200.0, (from_db(*dbfs) * 2f64.sqrt()) as f32);
            sound.samples[index * 96_000..index * 96_000 + voice.samples.len()].copy_from_slice(&voice.samples);
            let start = index as i64 * 1000;
            let mut one = placed(start, start + 900, tone(24_000, 1, 900, 200.0, 0.5));
            one.speaker = (!speaker.is_empty()).then(|| (*speaker).to_owned());
            all.push(one);
        }
        levels(&Original::new(&sound, None).unwrap(), &all)
    }

    #[test]
    fn a_soft_line_stays_softer_and_a_shout_louder() {
        let levels = gains(&[("", -22.0), ("", -34.0), ("", -22.0), ("", -17.0), ("", -22.0)]);
        assert!((levels.norm + 22.0).abs() < 0.2, "{}", levels.norm);
        let [normal, whisper, _, shout, _] = levels.gains[..] else { panic!("{:?}", levels.gains) };
        assert!(normal.abs() < 0.1 && (whisper + 9.6).abs() < 0.2 && (shout - 4.0).abs() < 0.2, "{:?}", levels.gains);
        let levels = gains(&[("", -22.0), ("", -45.0), ("", -22.0), ("", -4.0)]);
        assert_eq!((levels.gains[1], levels.gains[3]), (SOFTER, LOUDER));
    }

    #[test]
    fn the_norm_is_the_speakers_own() {
        // One has a strong voice and whispers once, the other a soft one throughout.
        let mut cues = Vec::new();
        for _ in 0..10 {
            cues.extend([("strong", -18.0), ("soft", -30.0)]);
        }
        cues.push(("strong", -30.0));
        let levels = gains(&cues);
        let (soft, whisper) = (levels.gains[3], levels.gains[20]);
        assert!(soft > -2.0 && whisper < -7.0, "{soft} {whisper}");
        // Nobody knows whether who is heard once speaks softly always: some of it is kept.
        let once = gains(&[("a", -20.0), ("a", -20.0), ("b", -32.0), ("a", -20.0)]).gains[2];
        assert!((-8.0..-4.0).contains(&once), "{once}");
    }

    #[test]
    fn cues_without_a_voice_say_nothing() {
        let levels = gains(&[("a", -20.0), ("a", -90.0), ("a", -20.0)]);
        assert!(levels.gains.iter().all(|gain| gain.abs() < 0.1), "{:?}", levels.gains);
        let levels = gains(&[("a", -90.0), ("", -90.0)]);
        assert_eq!((levels.norm, levels.gains), (USUAL_DBFS, vec![0.0, 0.0]));
        assert_eq!(gains(&[]).gains, Vec::<f64>::new());
    }
}
