//! The stages of the pipeline, one file each.
//!
//! A stage knows engines by their trait and the store by its words; what runs when is `run.rs`'s business.

pub mod translate;
