//! Which wording to speak, and how fast, so that a take fits its room.
//!
//! Pure: the recipe speaks, this decides what to try next from what was tried. Does not know voices.

use crate::settings::FitSettings;
use crate::time::Delta;

/// A take to be spoken: which variant of the line, at which speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    /// Index among the line's variants, the fullest first.
    pub variant: usize,
    /// Speed asked of the voice; 1 is natural.
    pub speed: f64,
}

/// A take that was spoken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// What was asked.
    pub attempt: Attempt,
    /// How long it came out.
    pub length: Delta,
}

/// Speeds are asked for in these steps, so that a take is found again in the store after small changes of its room.
const STEP: f64 = 0.05;

/// A voice that speaks this much faster than is natural still sounds at ease.
const COMFORT: f64 = 1.1;
/// An estimate may be this far over and the take still fit.
const DOUBT: f64 = 1.15;

/// What to speak next; none when the best that there is has been spoken.
///
/// `estimates` holds how long each wording is thought to take at natural speed, the fullest first; `room` is the
/// time from the cue's start to the next cue (silence already borrowed), `speeds` what the voice can do. The first
/// wording that is thought to fit at a comfortable speed is spoken first. Where its take does not, the next tighter
/// one is, and the tightest is hurried up to the limit; a wording that fits ends the search.
pub fn next(
    tried: &[Tried],
    estimates: &[Delta],
    room: Delta,
    speeds: (f64, f64),
    settings: &FitSettings,
) -> Option<Attempt> {
    let tightest = estimates.len().checked_sub(1)?;
    let fastest = settings.max_speed.min(speeds.1).max(1.0);
    let comfort = COMFORT.min(fastest);
    let Some(last) = tried.last() else {
        let variant = estimates.iter().position(|estimate| *estimate <= room.scaled(comfort * DOUBT));
        return Some(Attempt { variant: variant.unwrap_or(tightest), speed: 1.0 });
    };
    if last.length <= room {
        return None;
    }
    let Attempt { variant, speed } = last.attempt;
    // A voice asked for a certain speed does not always reach it, so the next step is at least one further.
    let needed = speed * last.length.ratio(room.max(Delta::from_ms(1)));
    let wanted = ((needed / STEP - 1e-6).ceil() * STEP).max(speed + STEP);
    let faster = |limit: f64| {
        let speed = (wanted.min(limit) * 100.0).round() / 100.0;
        (speed > last.attempt.speed + 1e-6).then_some(Attempt { variant, speed })
    };
    if variant == tightest {
        return faster(fastest);
    }
    match faster(comfort) {
        Some(attempt) if wanted <= comfort + 1e-6 => Some(attempt),
        _ => Some(Attempt { variant: variant + 1, speed: 1.0 }),
    }
}

/// Which of the spoken takes to use: the first that fits, else the shortest.
pub fn best(tried: &[Tried], room: Delta) -> Option<usize> {
    tried.iter().position(|take| take.length <= room).or_else(|| {
        let shortest = tried.iter().enumerate().min_by_key(|(_, take)| take.length);
        shortest.map(|(index, _)| index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(lengths: &[i64]) -> Vec<Delta> {
        lengths.iter().map(|ms| Delta::from_ms(*ms)).collect()
    }

    /// Speaks with a voice whose natural lengths are `lengths`, by variant; the estimates are `off` times those.
    fn search_with(lengths: &[i64], off: f64, room: i64, speeds: (f64, f64)) -> (Vec<Attempt>, Attempt) {
        let room = Delta::from_ms(room);
        let estimates: Vec<Delta> = ms(lengths).iter().map(|length| length.scaled(off)).collect();
        let mut tried: Vec<Tried> = Vec::new();
        while let Some(attempt) = next(&tried, &estimates, room, speeds, &FitSettings::default()) {
            assert!(tried.len() < 20, "the search ends");
            let length = Delta::from_ms(lengths[attempt.variant]).scaled(1.0 / attempt.speed);
            tried.push(Tried { attempt, length });
        }
        let best = tried[best(&tried, room).unwrap()].attempt;
        (tried.into_iter().map(|t| t.attempt).collect(), best)
    }

    fn search(lengths: &[i64], room: i64, speeds: (f64, f64)) -> (Vec<Attempt>, Attempt) {
        search_with(lengths, 1.0, room, speeds)
    }

    #[test]
    fn what_fits_is_spoken_once_at_its_natural_speed() {
        assert_eq!(search(&[900], 1000, (0.5, 2.0)).0, [Attempt { variant: 0, speed: 1.0 }]);
    }

    #[test]
    fn a_little_speed_comes_before_a_tighter_wording_and_a_tighter_wording_before_haste() {
        let (_, best) = search(&[1090, 700], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 0, speed: 1.1 });
        let (attempts, best) = search(&[1200, 900], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 1, speed: 1.0 });
        assert_eq!(attempts.len(), 2);
        let (_, best) = search(&[1900, 1190], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 1, speed: 1.2 });
    }

    #[test]
    fn a_wording_that_is_far_too_long_is_not_even_spoken() {
        let (attempts, _) = search(&[1900, 900], 1000, (0.5, 2.0));
        assert_eq!(attempts, [Attempt { variant: 1, speed: 1.0 }]);
    }

    #[test]
    fn speed_is_bounded_by_the_settings_and_the_voice() {
        let (attempts, best) = search(&[3000], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 0, speed: 1.2 });
        assert_eq!(attempts.len(), 2);
        let (attempts, _) = search(&[3000], 1000, (1.0, 1.0));
        assert_eq!(attempts.len(), 1, "a voice without speeds is not asked twice");
    }

    #[test]
    fn the_search_is_short_whatever_comes() {
        for length in (100..5000).step_by(37) {
            for room in (1..4000).step_by(111) {
                for off in [0.3, 1.0, 3.0] {
                    let (attempts, best) = search_with(&[length, length * 3 / 4, length / 2], off, room, (0.5, 2.0));
                    assert!(attempts.len() <= 8, "{attempts:?}");
                    assert!((1.0..=1.2).contains(&best.speed));
                }
            }
        }
    }

    #[test]
    fn nothing_to_say_is_nothing_to_speak() {
        assert_eq!(next(&[], &[], Delta::from_ms(1000), (0.5, 2.0), &FitSettings::default()), None);
    }
}
