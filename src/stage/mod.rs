//! Stages.
pub mod transcribe;
