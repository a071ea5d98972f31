//! Stages: what each step does with what it is given. They know engines and media, not the store's contents
//! or the order in which they run.

pub mod mix;
pub mod separate;
pub mod synthesize;
pub mod transcribe;
pub mod translate;
