//! How long a caller waits: for its turn, after a failure, because the server says so.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Waits before the second, third, … try: doubled each time, up to `MAX_BACKOFF`.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// Spreads requests evenly: so many a minute, whoever asks.
pub(super) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_minute: u32) -> Pace {
        let interval = if per_minute == 0 { Duration::ZERO } else { Duration::from_secs(60) / per_minute };
        Pace { interval, next: Mutex::new(None) }
    }

    /// Takes the next slot and says how long it is until then.
    pub(super) fn reserve(&self) -> Duration {
        if self.interval.is_zero() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |slot| slot.max(now));
        *next = Some(slot + self.interval);
        slot - now
    }
}

/// Exponential, with half of each pause left to chance, so that callers that failed together do not
/// come back together.
pub(crate) fn backoff(tries: u32) -> Duration {
    let full = FIRST_BACKOFF.saturating_mul(1 << tries.min(10)).min(MAX_BACKOFF);
    let chance = std::collections::hash_map::RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    full.mul_f64(0.5 + 0.5 * chance)
}

/// Seconds, or a date; RFC 9110, section 10.2.3.
pub(crate) fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO))
}
