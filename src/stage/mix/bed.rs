//! The bed: what is heard under the voices.
//!
//! Does not know how voices were separated.

use super::{Ground, RATE, layout};
use crate::audio::{Audio, from_db};
use crate::error::{Error, Kind, Result};
use crate::settings::{Bed, MixSettings};
use crate::time::{Delta, Span, merged};
use std::borrow::Cow;

/// The bed goes down this long before the voice begins, and up this long after it ends.
const ATTACK: Delta = Delta::from_ms(150);
const RELEASE: Delta = Delta::from_ms(350);
/// Pauses shorter than this between two voices do not let the bed up, which would be heard as pumping.
const HOLD: Delta = Delta::from_ms(600);

/// The bed in the shape of the mix, and what it was made of. `voiced` is when someone speaks, in the original or in the dub.
///
/// # Errors
/// Fails where a separated bed is asked for and is not there, or where the ground cannot be resampled.
pub(super) fn laid(ground: Ground, voiced: &[Span], settings: &MixSettings) -> Result<(Audio, Bed)> {
    if settings.bed == Bed::Separate && !ground.separated {
        return Err(Error::new(Kind::Usage, "there is no separated bed to mix with")
            .hint("choose another with --bed: auto takes it where there is one, duck lowers the original"));
    }
    let sound = layout::shaped(Cow::Owned(ground.sound), settings.surround)?.into_owned();
    Ok(match settings.bed {
        Bed::Auto | Bed::Separate if ground.separated => (sound, Bed::Separate),
        Bed::Auto | Bed::Separate | Bed::Duck => (ducked(sound, voiced, settings.duck_db), Bed::Duck),
        Bed::None => (Audio::silence(RATE, sound.channels, sound.frames()), Bed::None),
    })
}

/// The original, lowered by `db` wherever a voice is heard, with ramps that are linear in decibels.
fn ducked(mut bed: Audio, voiced: &[Span], db: f64) -> Audio {
    let channels = usize::from(bed.channels);
    let total = bed.frames() as i64;
    let (attack, release) = (ATTACK.samples(bed.rate), RELEASE.samples(bed.rate));
    for span in merged(voiced.iter().copied(), HOLD) {
        let (start, end) = (span.start.samples(bed.rate), span.end.samples(bed.rate));
        for frame in (start - attack).max(0)..(end + release).min(total) {
            let depth = if frame < start {
                (frame - (start - attack)) as f64 / attack as f64
            } else if frame >= end {
                1.0 - (frame - end) as f64 / release as f64
            } else {
                1.0
            };
            let gain = from_db(-db * depth) as f32;
            for sample in &mut bed.samples[frame as usize * channels..(frame as usize + 1) * channels] {
                *sample *= gain;
            }
        }
    }
    bed
}

#[cfg(test)]
mod tests {
    use super::super::tests::tone;
    use super::*;
    use crate::audio::to_db;

    #[test]
    fn the_bed_is_down_under_the_voice_and_whole_elsewhere() {
        let sound = tone(48_000, 2, 5000, 100.0, 0.5);
        let bed = ducked(sound.clone(), &[Span::from_ms(2000, 3000)], 18.0);
        let level = |from: i64, to: i64| {
            let at = |ms| (ms * 48) as usize;
            to_db(f64::from(bed.slice(at(from), at(to)).rms() / sound.slice(at(from), at(to)).rms()))
        };
        assert!((level(2100, 2900) + 18.0).abs() < 0.1);
        assert!(level(0, 1800).abs() < 0.01);
        assert!(level(3400, 5000).abs() < 0.01);
    }

    #[test]
    fn short_pauses_do_not_let_it_up() {
        let spans = [Span::from_ms(3000, 3500), Span::from_ms(0, 1000), Span::from_ms(1500, 2000)];
        assert_eq!(merged(spans, HOLD), [Span::from_ms(0, 2000), Span::from_ms(3000, 3500)]);
        assert_eq!(merged(spans, Delta::ZERO).len(), 3);
        assert_eq!(merged([Span::from_ms(5, 5)], HOLD), []);
    }

    #[test]
    fn what_is_asked_for_is_laid_and_told() {
        let (sound, clean) = (tone(48_000, 2, 1000, 100.0, 0.5), tone(48_000, 2, 1000, 100.0, 0.1));
        let voiced = [Span::from_ms(200, 800)];
        let lay = |kind: Bed, separated: bool| {
            let ground = Ground { sound: if separated { &clean } else { &sound }.clone(), separated };
            laid(ground, &voiced, &MixSettings { bed: kind, ..MixSettings::default() })
        };
        for separated in [Bed::Auto, Bed::Separate] {
            assert_eq!(lay(separated, true).unwrap(), (clean.clone(), Bed::Separate));
        }
        for lowered in [Bed::Auto, Bed::Duck] {
            let (bed, kind) = lay(lowered, false).unwrap();
            assert_eq!((kind, &bed.samples[..10]), (Bed::Duck, &sound.samples[..10]));
            assert!(bed.slice(24_000, 36_000).rms() < sound.rms() / 5.0);
        }
        assert_eq!(lay(Bed::None, true).unwrap(), (Audio::silence(48_000, 2, 48_000), Bed::None));
        assert!(lay(Bed::Separate, false).unwrap_err().remedy().unwrap().contains("--bed"));
    }
}
