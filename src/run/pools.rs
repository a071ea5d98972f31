//! Pools: how much may run at once, over all episodes: one budget of compute threads, and the calls of each engine.
//!
//! Does not know what runs.

use crate::engine::{Fingerprint, Load};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a piece of work takes while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    threads: usize,
    /// The engine, and how many of its calls may be under way.
    pool: Option<(String, usize)>,
}

impl Need {
    /// One compute thread, and no engine.
    pub const ONE: Need = Need { threads: 1, pool: None };

    /// One call of an engine.
    pub fn call(engine: &Fingerprint, load: Load) -> Need {
        Need { threads: load.threads, pool: Some((engine.engine.clone(), load.parallel.max(1))) }
    }
}

/// What a piece of work was given; taken back when it is dropped.
pub struct Permit {
    _threads: OwnedSemaphorePermit,
    _call: Option<OwnedSemaphorePermit>,
}

/// The pools of a machine. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pools {
    /// One permit for each thread of the budget.
    budget: Arc<Semaphore>,
    threads: usize,
    /// By the engine's name.
    calls: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Pools {
    /// Pools with a budget of `threads` compute threads.
    pub(super) fn new(threads: usize) -> Pools {
        let threads = threads.max(1);
        Pools { budget: Arc::new(Semaphore::new(threads)), threads, calls: Arc::default() }
    }

    /// Waits until the work may begin: for one of its engine's calls, then for its threads of the budget. Work that
    /// wants more threads than there are gets all of them: the budget is never exceeded.
    ///
    /// # Errors
    /// Fails only if the budget was closed, which nothing does.
    pub(super) async fn permit(&self, need: Need) -> Result<Permit> {
        let closed = |_| Error::internal("the budget of threads is closed");
        let call = match need.pool {
            Some((engine, most)) => {
                let pool = {
                    let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
                    Arc::clone(calls.entry(engine).or_insert_with(|| Arc::new(Semaphore::new(most))))
                };
                Some(pool.acquire_owned().await.map_err(closed)?)
            }
            None => None,
        };
        let threads = need.threads.min(self.threads) as u32;
        let threads = Arc::clone(&self.budget).acquire_many_owned(threads).await.map_err(closed)?;
        Ok(Permit { _threads: threads, _call: call })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_engines_calls_are_bounded_over_everyone_who_calls_it() {
        let pools = Pools::new(2);
        let engine = Fingerprint { engine: "remote".into(), model: "m".into(), detail: "1".into() };
        let need = || Need::call(&engine, Load { threads: 0, parallel: 2 });
        let other = pools.clone();
        let (first, _second) = (pools.permit(need()).await.unwrap(), other.permit(need()).await.unwrap());
        let third = tokio::time::timeout(std::time::Duration::from_millis(50), pools.permit(need())).await;
        assert!(third.is_err(), "two are under way");
        // Threads are free all the same.
        pools.permit(Need::ONE).await.unwrap();
        drop(first);
        pools.permit(need()).await.unwrap();
    }

    #[tokio::test]
    async fn who_wants_more_threads_than_there_are_gets_all_of_them() {
        let pools = Pools::new(2);
        let engine = Fingerprint { engine: "local".into(), model: "m".into(), detail: "1".into() };
        let all = pools.permit(Need::call(&engine, Load { threads: 9, parallel: 1 })).await.unwrap();
        let one = tokio::time::timeout(std::time::Duration::from_millis(50), pools.permit(Need::ONE)).await;
        assert!(one.is_err(), "nothing is left");
        drop(all);
        pools.permit(Need::ONE).await.unwrap();
    }
}
