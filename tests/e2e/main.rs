//! End to end through the binary, with the fake engines: fast and the same everywhere.

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod deliver;
mod engines;
mod plan;
mod resume;
mod surface;
