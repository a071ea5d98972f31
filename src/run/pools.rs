//! Pools: how much may run at once, over all episodes: one budget of compute threads, and the calls of each engine.
//!
//! Calls that want the whole budget come in turns. Before such a call may begin, whatever else runs has to end, and
//! until then threads that are free already stand idle; an engine that asks line after line, between takes of another
//! episode, would wait so at every line. So it keeps its threads from one call to the next for a while, and the others
//! have theirs in one piece, too.
//!
//! And whoever writes the lines of a script has a desk at the engine until all of them are written: an embedded language
//! model remembers how an episode's questions begin, and would read it anew if the episodes took turns.
//!
//! Does not know what runs.

use crate::engine::{Fingerprint, Load};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long one engine may keep the whole budget from call to call while others wait: many times what it costs to have
/// the others end, and short enough that nobody looks stuck.
const TURN: Duration = Duration::from_secs(10);
/// How long the budget is kept for the next call: an answer is judged and stored, and the next question written.
const PAUSE: Duration = Duration::from_millis(50);

/// What a piece of work takes while it runs.
#[derive(Clone, Default)]
pub struct Need {
    threads: usize,
    /// The engine, and how many of its calls may be under way.
    pool: Option<(String, usize)>,
    /// Whose desk at the engine it is done at, where it is a line of a script.
    desks: Option<Arc<Desks>>,
}

impl Need {
    /// One compute thread, and no engine.
    pub const ONE: Need = Need { threads: 1, pool: None, desks: None };

    /// One call of an engine.
    pub fn call(engine: &Fingerprint, load: Load) -> Need {
        Need { threads: load.threads, pool: Some((engine.engine.clone(), load.parallel.max(1))), desks: None }
    }

    /// Done at the desk that a script has at the engine, or takes now: as many scripts have one as the engine answers
    /// calls at a time. A script that is written by one engine and edited by another comes to the editor last.
    pub(super) fn at(self, desks: &Arc<Desks>) -> Need {
        Need { desks: Some(Arc::clone(desks)), ..self }
    }
}

/// What a piece of work was given; taken back when it is dropped.
pub struct Permit {
    threads: Option<OwnedSemaphorePermit>,
    _call: Option<OwnedSemaphorePermit>,
    /// Of a call that has the whole budget.
    turn: Option<Turn>,
}

/// An engine that has the whole budget.
struct Turn {
    engine: String,
    began: Instant,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// The whole budget, between two calls of one engine.
struct Kept {
    engine: String,
    began: Instant,
    threads: OwnedSemaphorePermit,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (Some(Turn { engine, began, kept }), Some(threads)) = (self.turn.take(), self.threads.take()) else {
            return;
        };
        // Without a runtime there is nobody to take it back.
        let Ok(runtime) = Handle::try_current() else { return };
        if began.elapsed() >= TURN {
            return;
        }
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { engine, began, threads });
        runtime.spawn(async move {
            tokio::time::sleep(PAUSE).await;
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.take_if(|kept| kept.began == began);
        });
    }
}

/// The pools of a machine. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pools {
    /// One permit for each thread of the budget.
    budget: Arc<Semaphore>,
    threads: usize,
    /// By the engine's name.
    calls: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    desks: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// The desks that somebody has taken, and gives back when this is dropped.
#[derive(Default)]
pub(super) struct Desks(tokio::sync::Mutex<HashMap<String, OwnedSemaphorePermit>>);

impl Pools {
    /// Pools with a budget of `threads` compute threads.
    pub(super) fn new(threads: usize) -> Pools {
        let threads = threads.max(1);
        Pools {
            budget: Arc::new(Semaphore::new(threads)),
            threads,
            calls: Arc::default(),
            desks: Arc::default(),
            kept: Arc::default(),
        }
    }

    /// Waits until the work may begin: for a desk, where it is to have one, for one of its engine's calls, then for its
    /// threads of the budget. Work that wants more threads than there are gets all of them: the budget is never exceeded.
    ///
    /// # Errors
    /// Fails only if the budget was closed, which nothing does.
    pub(super) async fn permit(&self, need: Need) -> Result<Permit> {
        let closed = |_| Error::internal("the budget of threads is closed");
        let mut call = None;
        if let Some((engine, most)) = &need.pool {
            if let Some(desks) = &need.desks {
                self.desk(desks, engine, *most).await?;
            }
            call = Some(places(&self.calls, engine, *most).acquire_owned().await.map_err(closed)?);
        }
        let wide = need.pool.map(|(engine, _)| engine).filter(|_| need.threads >= self.threads);
        let turn = |engine, began| Turn { engine, began, kept: Arc::clone(&self.kept) };
        if let Some(engine) = &wide {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(Kept { engine, began, threads }) = kept.take_if(|kept| kept.engine == *engine) {
                return Ok(Permit { threads: Some(threads), _call: call, turn: Some(turn(engine, began)) });
            }
        }
        let threads = need.threads.min(self.threads) as u32;
        let threads = Arc::clone(&self.budget).acquire_many_owned(threads).await.map_err(closed)?;
        let turn = wide.map(|engine| turn(engine, Instant::now()));
        Ok(Permit { threads: Some(threads), _call: call, turn })
    }

    /// Waits for a desk at an engine, unless `desks` has one there.
    ///
    /// # Errors
    /// Fails only if the desks were closed, which nothing does.
    async fn desk(&self, desks: &Desks, engine: &str, most: usize) -> Result<()> {
        let mut taken = desks.0.lock().await;
        if !taken.contains_key(engine) {
            let closed = |_| Error::internal("the desks are closed");
            let desk = places(&self.desks, engine, most).acquire_owned().await.map_err(closed)?;
            taken.insert(engine.to_owned(), desk);
        }
        Ok(())
    }
}

/// The places at an engine, as many as are named when it is first heard of.
fn places(all: &Mutex<HashMap<String, Arc<Semaphore>>>, engine: &str, most: usize) -> Arc<Semaphore> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(engine.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(most))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

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

    #[tokio::test]
    async fn who_has_the_whole_budget_keeps_it_from_call_to_call_but_not_for_ever() {
        let pools = Pools::new(2);
        let call = |name: &str| {
            let engine = Fingerprint { engine: name.into(), model: "m".into(), detail: "1".into() };
            pools.permit(Need::call(&engine, Load { threads: 2, parallel: 1 }))
        };
        let at_once = |name: &str| call(name).now_or_never().map(|permit| permit.unwrap());
        let first = call("writer").await.unwrap();
        let narrow = pools.permit(Need::ONE);
        tokio::pin!(narrow);
        assert!(narrow.as_mut().now_or_never().is_none());
        drop(first);
        // Whoever has waited longer does not come between two calls that follow one another.
        let mut second = at_once("writer").unwrap();
        assert!(narrow.as_mut().now_or_never().is_none());
        assert!(at_once("reader").is_none(), "what one engine keeps is no other's");
        second.turn.as_mut().unwrap().began -= TURN;
        drop(second);
        // Its turn is over, and whoever waited has the threads.
        drop(narrow.now_or_never().unwrap().unwrap());
        drop(at_once("writer").unwrap());
        // Nobody asks any more, so that in the end the others get them.
        assert!(at_once("reader").is_none());
        drop(call("reader").await.unwrap());
    }

    #[tokio::test]
    async fn who_writes_a_script_keeps_a_desk_until_it_is_written() {
        let pools = Pools::new(2);
        let engine = Fingerprint { engine: "writer".into(), model: "m".into(), detail: "1".into() };
        let need = Need::call(&engine, Load { threads: 2, parallel: 1 });
        let desk = |desks: &Arc<Desks>| pools.permit(need.clone().at(desks)).now_or_never();
        let (first, second) = (Arc::default(), Arc::default());
        desk(&first).unwrap().unwrap();
        desk(&first).expect("it is at the desk").unwrap();
        assert!(desk(&second).is_none());
        drop(first);
        desk(&second).unwrap().unwrap();
    }
}
