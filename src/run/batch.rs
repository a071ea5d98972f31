//! Episodes side by side: a slow stage of one overlaps with another stage of the next.
//!
//! Each episode goes through the same recipe; how much runs at once is the machine's business (threads, calls of an
//! engine). Here it is only said how many episodes are open at a time, since each open one holds its sound in memory.

use super::{Outcome, Runner};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::series::Source;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Memory that an open episode of some minutes may take: its sound in a few copies.
const MEMORY_OF_EPISODE: u64 = 1_500_000_000;

/// How a batch is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Episodes that are open at a time.
    pub open: usize,
    /// Begin nothing new once an episode failed.
    pub fail_fast: bool,
}

impl Batch {
    /// Open episodes for a machine: one more than it has threads, so that none of them waits for a disk; fewer where
    /// `memory` bytes do not hold as many.
    pub fn open(threads: usize, memory: Option<u64>) -> usize {
        let fit = memory.map_or(usize::MAX, |bytes| (bytes / MEMORY_OF_EPISODE) as usize);
        (threads + 1).min(fit).max(1)
    }
}

/// Runs every source, and has `told` hear of each as it ends. After a stop was asked for, or a failure with
/// `fail_fast`, nothing new begins; what is open ends on its own. Gives the sources that were not begun.
///
/// # Errors
/// Fails as interrupted where a stop was asked for, as output where an output or the store cannot be written, and if
/// an episode panicked; what is open ends first.
pub async fn batch(
    runner: &Arc<Runner>,
    sources: Vec<Source>,
    how: Batch,
    told: &mut dyn FnMut(&Source, Result<Outcome>) -> Result<()>,
) -> Result<Vec<Source>> {
    let (total, mut done, mut failed) = (sources.len(), 0, 0);
    let mut waiting = sources.into_iter();
    let mut open = JoinSet::new();
    let mut interrupted = None;
    if total > 1 {
        runner.machine.events.send(Event::Batch { done, total, failed });
    }
    loop {
        let stop = interrupted.is_some() || runner.machine.cancel.requested();
        let go_on = !(stop || how.fail_fast && failed > 0);
        while go_on && open.len() < how.open.max(1) {
            let Some(source) = waiting.next() else { break };
            let runner = Arc::clone(runner);
            open.spawn(async move {
                let outcome = runner.episode(&source).await;
                (source, outcome)
            });
        }
        let Some(ended) = open.join_next().await else { break };
        let (source, outcome) = ended.map_err(|e| Error::internal("an episode panicked").because(e))?;
        match outcome {
            // A disk that is full for one of them is full for all.
            Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Output) => interrupted = Some(error),
            outcome => {
                done += 1;
                failed += usize::from(!outcome.as_ref().is_ok_and(Outcome::is_whole));
                if total > 1 {
                    runner.machine.events.send(Event::Batch { done, total, failed });
                }
                told(&source, outcome)?;
            }
        }
    }
    let left: Vec<Source> = waiting.collect();
    match interrupted {
        Some(error) => Err(error),
        // An episode of which all was there ends well, whatever was asked for meanwhile; the rest was not begun.
        None if !left.is_empty() => runner.machine.cancel.check().map(|()| left),
        None => Ok(left),
    }
}

/// Memory that is free for new work, in bytes, where the system tells (Linux: `MemAvailable`).
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let row = text.lines().find_map(|row| row.strip_prefix("MemAvailable:"))?;
    row.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_episodes_follow_threads_and_memory() {
        assert_eq!(Batch::open(2, None), 3);
        assert_eq!(Batch::open(8, Some(4_000_000_000)), 2);
        assert_eq!(Batch::open(8, Some(0)), 1);
        assert_eq!(Batch::open(16, Some(64_000_000_000)), 17);
    }
}
