//! The uploads of one turn, side by side.
//!
//! Episodes are made beside each other; what is remembered of uploads is written here alone, one upload after another,
//! so that two of them never write the same record.

use super::ledger::Record;
use super::take::Begin;
use super::{Batch, Shift};
use dubline::error::{Error, Result};
use dubline::run::{Outcome, Runner};
use dubline::series::Source;
use dubline::watch::Upload;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::JoinSet;

/// An upload that is being made.
pub(super) struct Hand {
    pub(super) upload: Upload,
    pub(super) begun: Record,
}

impl Shift<'_> {
    /// Does what is to be done with complete uploads, as many at a time as `batch` says. After a stop was asked for
    /// nothing new begins, and what is in hand ends on its own.
    ///
    /// # Errors
    /// Fails only where going on makes no sense: nothing can be written any more. What is in hand ends first.
    pub(super) async fn take(&mut self, ready: Vec<Upload>, batch: &Batch) -> Result<()> {
        let mut ready: VecDeque<Upload> = ready.into();
        // Those that can be judged only once another has ended.
        let mut held: Vec<Upload> = Vec::new();
        let mut hands: Vec<Hand> = Vec::new();
        let mut making = JoinSet::new();
        let mut broken: Option<Error> = None;
        loop {
            while broken.is_none() && !self.cancel.requested() && hands.len() < batch.open {
                let Some(upload) = ready.pop_front() else { break };
                match self.begin(&upload, batch, &hands).await {
                    Ok(Begin::Settled) => {}
                    Ok(Begin::Wait) => held.push(upload),
                    Ok(Begin::Make(begun)) => {
                        let source = Source::of(&self.wish.folder.join(&upload.name));
                        making.spawn(make(Arc::clone(&batch.runner), source, begun.digest.clone()));
                        hands.push(Hand { upload, begun: *begun });
                    }
                    Err(error) => broken = Some(error),
                }
            }
            let Some(made) = making.join_next().await else { break };
            let (digest, made) = made.map_err(|e| Error::internal("an upload was lost").because(e))?;
            if let Some(at) = hands.iter().position(|hand| hand.begun.digest == digest) {
                let hand = hands.swap_remove(at);
                if let Err(error) = self.end(&hand, made, batch) {
                    broken.get_or_insert(error);
                }
            }
            // Looked at again, before those that came after them.
            held.drain(..).rev().for_each(|upload| ready.push_front(upload));
            self.deliver().await;
        }
        broken.map_or(Ok(()), Err)
    }
}

/// Makes an episode; gives the digest with what became of it. A panic is that episode's error, and no other's.
async fn make(runner: Arc<Runner>, source: Source, digest: String) -> (String, Result<Outcome>) {
    let path = source.path.clone();
    let made = tokio::spawn(async move { runner.episode(&source).await }).await;
    (digest, made.unwrap_or_else(|e| Err(Error::internal("an episode panicked").file(path).because(e))))
}
