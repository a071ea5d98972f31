//! Work on many things side by side, a thread for each in hand.
//!
//! Does not know what the work is.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What `work` makes of each thing, in their order, with at most `threads` of them in hand at a time.
///
/// # Errors
/// Fails with the error of the first thing, in their order, for which there is one: nothing begins after it, and what
/// is in hand ends first. Fails as internal if the work panicked.
pub(super) fn by_side<T: Sync, R: Send>(
    things: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    // Things are begun in their order, so that whatever fails first, those before it are known in the end.
    let worker = || {
        let mut ended = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(index) else { break };
            let result = work(thing);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            ended.push((index, result));
        }
        ended
    };
    let joined: Vec<_> = std::thread::scope(|scope| {
        let count = threads.min(things.len()).max(1);
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join()).collect()
    });
    let mut ended = Vec::new();
    for worker in joined {
        ended.extend(worker.map_err(|_| Error::internal("a thread panicked"))?);
    }
    ended.sort_by_key(|(index, _)| *index);
    ended.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use std::sync::Barrier;

    #[test]
    fn as_many_as_threads_are_in_hand_and_results_keep_their_order() {
        // Nobody passes before two are there, so that one by one it would never end.
        let (both, (now, most)) = (Barrier::new(2), (AtomicUsize::new(0), AtomicUsize::new(0)));
        let things: Vec<usize> = (0..8).collect();
        let doubled = by_side(&things, 2, |thing| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            both.wait();
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(thing * 2)
        });
        assert_eq!(doubled.unwrap(), [0, 2, 4, 6, 8, 10, 12, 14]);
        assert_eq!(most.into_inner(), 2);
        assert_eq!(by_side(&[] as &[usize], 4, |thing| Ok(*thing)).unwrap(), [0; 0]);
    }

    #[test]
    fn the_first_error_is_told_and_nothing_begins_after_it() {
        let begun = AtomicUsize::new(0);
        let both = Barrier::new(2);
        let things: Vec<usize> = (0..100).collect();
        let error = by_side(&things, 2, |thing| {
            begun.fetch_add(1, Ordering::SeqCst);
            both.wait();
            // The second one fails at once, the first one after it.
            std::thread::sleep(std::time::Duration::from_millis(if *thing == 0 { 50 } else { 0 }));
            Err::<(), _>(Error::new(Kind::Document, format!("thing {thing}")))
        });
        assert!(error.unwrap_err().to_string().contains("thing 0"));
        assert_eq!(begun.into_inner(), 2);
    }

    #[test]
    fn a_panic_is_an_error() {
        let error = by_side(&[1, 2, 3], 2, |thing| if *thing == 2 { panic!("no") } else { Ok(*thing) });
        assert_eq!(error.unwrap_err().exit_code(), Error::internal("").exit_code());
    }
}
