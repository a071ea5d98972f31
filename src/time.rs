//! Time as a type: points, deltas and spans on an episode's clock, in integer ticks.
//!
//! Does not know frame rates, samples of any particular rate, or subtitles.
//!
//! One tick is 1/48 000 s, one sample of the sound that dubline works in. Whole
//! milliseconds, and frames at 24, 25, 30, 50 and 60 per second, are whole ticks.
//! In JSON a time is written in seconds with six decimals, which is finer than a
//! tick, so it reads well and comes back exactly.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};

/// Ticks in one second.
pub const TICKS_PER_SECOND: i64 = 48_000;
const TICKS_PER_MS: i64 = TICKS_PER_SECOND / 1000;

/// A point on the episode's clock; zero is the start of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A length of time, possibly negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delta(i64);

/// A stretch of the clock from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First point inside.
    pub start: Time,
    /// First point after.
    pub end: Time,
}

macro_rules! ticks {
    ($name:ident) => {
        impl $name {
            /// No time at all, or the start of the clock.
            pub const ZERO: $name = $name(0);

            /// From ticks of 1/48 000 s.
            pub const fn from_ticks(ticks: i64) -> Self {
                Self(ticks)
            }

            /// From whole milliseconds.
            pub const fn from_ms(ms: i64) -> Self {
                Self(ms * TICKS_PER_MS)
            }

            /// From seconds, rounded to the nearest tick. Not-a-number gives zero.
            pub fn from_seconds(seconds: f64) -> Self {
                Self((seconds * TICKS_PER_SECOND as f64).round() as i64)
            }

            /// From a count of samples at `rate` Hz, rounded to the nearest tick.
            pub fn from_samples(samples: i64, rate: u32) -> Self {
                let rate = i128::from(rate.max(1));
                let scaled = i128::from(samples) * i128::from(TICKS_PER_SECOND);
                Self(((scaled * 2 + rate).div_euclid(rate * 2)) as i64)
            }

            /// Ticks of 1/48 000 s.
            pub const fn ticks(self) -> i64 {
                self.0
            }

            /// Milliseconds, rounded to the nearest.
            pub const fn ms(self) -> i64 {
                (self.0 + TICKS_PER_MS / 2).div_euclid(TICKS_PER_MS)
            }

            /// Seconds.
            pub fn seconds(self) -> f64 {
                self.0 as f64 / TICKS_PER_SECOND as f64
            }

            /// Samples at `rate` Hz, rounded to the nearest.
            pub fn samples(self, rate: u32) -> i64 {
                let scaled = i128::from(self.0) * i128::from(rate);
                let whole = i128::from(TICKS_PER_SECOND);
                ((scaled * 2 + whole).div_euclid(whole * 2)) as i64
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let micros = (self.seconds() * 1e6).round() / 1e6;
                serializer.serialize_f64(micros)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                f64::deserialize(deserializer).map(Self::from_seconds)
            }
        }
    };
}

ticks!(Time);
ticks!(Delta);

impl Sub for Time {
    type Output = Delta;
    fn sub(self, other: Time) -> Delta {
        Delta(self.0 - other.0)
    }
}

impl Add<Delta> for Time {
    type Output = Time;
    fn add(self, delta: Delta) -> Time {
        Time(self.0 + delta.0)
    }
}

impl Sub<Delta> for Time {
    type Output = Time;
    fn sub(self, delta: Delta) -> Time {
        Time(self.0 - delta.0)
    }
}

impl Add for Delta {
    type Output = Delta;
    fn add(self, other: Delta) -> Delta {
        Delta(self.0 + other.0)
    }
}

impl AddAssign for Delta {
    fn add_assign(&mut self, other: Delta) {
        self.0 += other.0;
    }
}

impl Sub for Delta {
    type Output = Delta;
    fn sub(self, other: Delta) -> Delta {
        Delta(self.0 - other.0)
    }
}

impl Neg for Delta {
    type Output = Delta;
    fn neg(self) -> Delta {
        Delta(-self.0)
    }
}

impl Delta {
    /// This length times `factor`, rounded to the nearest tick.
    pub fn scaled(self, factor: f64) -> Delta {
        Delta((self.0 as f64 * factor).round() as i64)
    }

    /// This length as a multiple of `other`; 1 where both are zero.
    pub fn ratio(self, other: Delta) -> f64 {
        if other.0 == 0 { if self.0 == 0 { 1.0 } else { f64::INFINITY } } else { self.0 as f64 / other.0 as f64 }
    }

    /// The length without its sign.
    pub const fn abs(self) -> Delta {
        Delta(self.0.abs())
    }
}

impl Span {
    /// A span; an `end` before `start` gives an empty span at `start`.
    pub fn new(start: Time, end: Time) -> Span {
        Span { start, end: end.max(start) }
    }

    /// From whole milliseconds.
    pub fn from_ms(start: i64, end: i64) -> Span {
        Span::new(Time::from_ms(start), Time::from_ms(end))
    }

    /// How long it is, never negative.
    pub fn duration(self) -> Delta {
        self.end - self.start
    }

    /// The part that both spans share, if any.
    pub fn overlap(self, other: Span) -> Option<Span> {
        let start = self.start.max(other.start);
        let end = self.end.min(other.end);
        (start < end).then_some(Span { start, end })
    }

    /// Both ends moved by `delta`.
    pub fn shifted(self, delta: Delta) -> Span {
        Span { start: self.start + delta, end: self.end + delta }
    }
}

/// `1:02:03.456`, hours only where there are any.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.ms();
        let (sign, ms) = if ms < 0 { ("-", -ms) } else { ("", ms) };
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        if h > 0 { write!(f, "{sign}{h}:{m:02}:{s:02}.{ms:03}") } else { write!(f, "{sign}{m}:{s:02}.{ms:03}") }
    }
}

/// `1.250 s`.
impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.seconds())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.start, self.end)
    }
}

/// Spans in order, those less than `apart` from each other made one; what has no length is left out.
pub fn merged(spans: impl IntoIterator<Item = Span>, apart: Delta) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.into_iter().filter(|span| span.duration() > Delta::ZERO).collect();
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start - last.end < apart => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_tick() {
        for ticks in [0, 1, 2, 47, 48, 479_999, 172_800_001] {
            let time = Time::from_ticks(ticks);
            let json = serde_json::to_string(&time).unwrap();
            assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), time, "{json}");
        }
    }

    #[test]
    fn samples_round_to_the_nearest_and_back() {
        assert_eq!(Time::from_samples(16_000, 16_000), Time::from_ms(1000));
        assert_eq!(Time::from_ms(1000).samples(44_100), 44_100);
        assert_eq!(Delta::from_samples(-24_000, 24_000), Delta::from_ms(-1000));
        assert_eq!(Delta::from_ms(-1000).samples(24_000), -24_000);
    }

    #[test]
    fn spans_share_what_they_share() {
        let a = Span::from_ms(0, 1000);
        assert_eq!(a.overlap(Span::from_ms(900, 2000)), Some(Span::from_ms(900, 1000)));
        assert_eq!(a.overlap(Span::from_ms(1000, 2000)), None);
        assert_eq!(Span::from_ms(5, 1).duration(), Delta::ZERO);
    }

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!(Time::from_ms(62_345).to_string(), "1:02.345");
        assert_eq!(Time::from_ms(3_600_001).to_string(), "1:00:00.001");
        assert_eq!(Delta::from_ms(1250).to_string(), "1.250 s");
    }
}
