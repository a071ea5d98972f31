//! Loudness.
