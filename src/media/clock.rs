//! The episode's clock: zero is the start of the picture.
//!
//! Turns stream times into ticks. Knows neither packets nor samples.

use super::native::{Medium, Rational, Source, StreamInfo};
use crate::time::TICKS_PER_SECOND;

/// Ticks of `value` in units of `base`, rounded to the nearest.
pub(super) fn ticks(value: i64, base: Rational) -> i64 {
    rescale(value, base, Rational(1, TICKS_PER_SECOND as i32))
}

/// `value` in units of `from`, in units of `to`, rounded to the nearest.
pub(super) fn rescale(value: i64, from: Rational, to: Rational) -> i64 {
    let numerator = i128::from(value) * i128::from(from.numerator()) * i128::from(to.denominator());
    let denominator = i128::from(from.denominator()) * i128::from(to.numerator());
    if denominator <= 0 {
        return 0;
    }
    let rounded = (numerator * 2 + denominator).div_euclid(denominator * 2);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// The film's stream: the first that is no cover picture.
pub(super) fn film(streams: &[StreamInfo]) -> Option<&StreamInfo> {
    streams.iter().find(|stream| stream.medium == Medium::Video && !stream.attached_picture)
}

/// Where the source's own clock stands at the start of the picture, or of stream
/// `otherwise` where there is no picture; in ticks.
pub(super) fn zero(source: &Source, streams: &[StreamInfo], otherwise: Option<usize>) -> i64 {
    let leading = film(streams).or_else(|| streams.iter().find(|stream| Some(stream.index) == otherwise));
    leading.and_then(start).or_else(|| source.start_us().map(|start| ticks(start, Rational(1, 1_000_000)))).unwrap_or(0)
}

/// When a stream starts by the source's own clock, in ticks.
pub(super) fn start(stream: &StreamInfo) -> Option<i64> {
    stream.start.map(|start| ticks(start, stream.time_base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_the_nearest() {
        assert_eq!(ticks(1, Rational(1001, 24_000)), 2002);
        assert_eq!(ticks(-1024, Rational(1, 44_100)), -1115);
        assert_eq!(rescale(3, Rational(1, 90_000), Rational(1, 1000)), 0);
        assert_eq!(rescale(45, Rational(1, 90_000), Rational(1, 1000)), 1);
        assert_eq!(rescale(i64::MAX, Rational(1, 1), Rational(1, 90_000)), i64::MAX);
        assert_eq!(rescale(5, Rational(1, 0), Rational(1, 90_000)), 0);
    }
}
