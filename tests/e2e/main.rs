//! End to end through the binary, with the fake engines: fast and the same everywhere.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that panics has failed, one that skips says so"
)]

#[path = "../common/mod.rs"]
mod common;

mod bad_input;
mod batch;
mod deliver;
mod engines;
mod gate;
mod glossary;
mod people;
mod plan;
mod resume;
mod series;
mod services;
mod stop;
mod surface;
mod watch;
mod words;
