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

/// What to speak next; none when the best that there is has been spoken.
///
/// `variants` is how many wordings there are, `room` the time from the cue's start to the next cue (silence
/// already borrowed), `speeds` what the voice can do. A wording that fits at its natural speed ends the search;
/// then the voice is asked to speak faster, up to the limit, before a tighter wording is tried.
pub fn next(
    tried: &[Tried],
    variants: usize,
    room: Delta,
    speeds: (f64, f64),
    settings: &FitSettings,
) -> Option<Attempt> {
    let Some(last) = tried.last() else {
        return (variants > 0).then_some(Attempt { variant: 0, speed: 1.0 });
    };
    if last.length <= room {
        return None;
    }
    let fastest = settings.max_speed.min(speeds.1).max(1.0);
    let Attempt { variant, speed } = last.attempt;
    if speed + STEP / 2.0 < fastest {
        // A voice asked for a certain speed does not always reach it, so the next step is at least one further.
        let needed = speed * last.length.ratio(room.max(Delta::from_ms(1)));
        let wanted = (needed / STEP).ceil() * STEP;
        let speed = wanted.max(speed + STEP).min(fastest);
        return Some(Attempt { variant, speed: (speed * 100.0).round() / 100.0 });
    }
    (variant + 1 < variants).then_some(Attempt { variant: variant + 1, speed: 1.0 })
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

    /// Speaks with a voice whose natural lengths are `lengths`, by variant.
    fn search(lengths: &[i64], room: i64, speeds: (f64, f64)) -> (Vec<Attempt>, Attempt) {
        let room = Delta::from_ms(room);
        let mut tried: Vec<Tried> = Vec::new();
        while let Some(attempt) = next(&tried, lengths.len(), room, speeds, &FitSettings::default()) {
            assert!(tried.len() < 20, "the search ends");
            let length = Delta::from_ms(lengths[attempt.variant]).scaled(1.0 / attempt.speed);
            tried.push(Tried { attempt, length });
        }
        let best = tried[best(&tried, room).unwrap()].attempt;
        (tried.into_iter().map(|t| t.attempt).collect(), best)
    }

    #[test]
    fn what_fits_is_spoken_once_at_its_natural_speed() {
        assert_eq!(search(&[900], 1000, (0.5, 2.0)).0, [Attempt { variant: 0, speed: 1.0 }]);
    }

    #[test]
    fn speed_comes_before_a_tighter_wording() {
        let (_, best) = search(&[1100, 700], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 0, speed: 1.1 });
        let (_, best) = search(&[1900, 1100], 1000, (0.5, 2.0));
        assert_eq!(best, Attempt { variant: 1, speed: 1.1 });
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
                let (attempts, best) = search(&[length, length * 3 / 4, length / 2], room, (0.5, 2.0));
                assert!(attempts.len() <= 12);
                assert!((1.0..=1.2).contains(&best.speed));
            }
        }
    }

    #[test]
    fn nothing_to_say_is_nothing_to_speak() {
        assert_eq!(next(&[], 0, Delta::from_ms(1000), (0.5, 2.0), &FitSettings::default()), None);
    }
}
