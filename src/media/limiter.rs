//! Limiter.
