//! Sound to transcript.

mod pieces;

pub use pieces::pieces;
