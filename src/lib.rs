//! dubline: a video goes in; dubbed, subtitled, measured deliverables come out.
//!
//! ```text
//!  episode.mp4 ──probe──▶ Episode
//!       │ media::decode
//!       ├─▶ sound (48 kHz) ── separate ──▶ voices
//!       │        └─▶ speech (16 kHz mono) ──▶ transcribe ─▶ Transcript { Cue … }
//!       │                 per language ▼   ◀── Glossary, people's edits, neighbouring lines
//!       │                        translate ─▶ Script { Line … } ──▶ subtitle
//!       │                             │
//!       │                        synthesize ─▶ Takes          (stored one by one)
//!       │                             │  timeline::fit        (pure)
//!       │                             ▼
//!       └─▶ bed (sound − voices) ──▶ mix ◀── Timeline
//!                                     ▼
//!             Episode, subtitles ─▶ mux ─▶ out/<lang>/episode.mp4
//!                                     ▼
//!                                  report ─▶ exit code
//! ```
//!
//! Data flows one way, and so do the modules' dependencies:
//! nouns ← engine, media, model, store ← stage, qc ← plan, run, gate ← progress, cli, main.

// Nouns: plain data and pure functions.
pub mod audio;
pub mod cancel;
pub mod cast;
pub mod edits;
pub mod episode;
pub mod error;
pub mod estimate;
pub mod event;
pub mod glossary;
pub mod lang;
pub mod pace;
pub mod script;
pub mod series;
pub mod settings;
pub mod subtitle;
pub mod supply;
pub mod time;
pub mod timeline;
pub mod verify;
pub mod watch;
pub mod writing;

// The machine.
pub mod engine;
pub mod folder;
pub mod gate;
pub mod media;
pub mod model;
pub mod qc;
pub mod run;
pub mod stage;
pub mod store;
pub mod webhook;

// The program's surface.
pub mod cli;
pub mod progress;

#[cfg(test)]
#[path = "../tests/common/json_schema.rs"]
mod json_schema;
