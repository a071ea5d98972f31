//! The wish to stop, passed down to whoever does long work.
//!
//! Does not know about signals; `main.rs` listens to those.

use crate::error::{Error, Kind, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by everyone who works on a run. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Nobody wishes to stop yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Asks everyone to finish what is in hand and begin nothing new.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Was it asked?
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// To be called before each new piece of work.
    ///
    /// # Errors
    /// Fails as interrupted once a stop was asked for.
    pub fn check(&self) -> Result<()> {
        if self.requested() {
            return Err(Error::new(Kind::Interrupted, "interrupted")
                .hint("run the same command again: it resumes where it stopped"));
        }
        Ok(())
    }
}
