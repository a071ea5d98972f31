//! What is measured on finished work: tracks, pictures, speech, captions. Plain data.
//!
//! Does not know how it is measured, and does not judge.

use crate::lang::Lang;
use crate::time::{Delta, Span, Time};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// In what state the finished file was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Found {
    /// As it was made.
    #[default]
    AsMade,
    /// Another file than the one that was made.
    Changed {
        /// blake3 of what is there now.
        digest: String,
    },
    /// Not there.
    Missing,
    /// There, but it cannot be read as media.
    Unreadable {
        /// Why, in one line.
        why: String,
    },
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackKind {
    /// Moving pictures.
    Video,
    /// A cover picture.
    Cover,
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// Anything else.
    Other,
}

impl TrackKind {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            TrackKind::Video => "video",
            TrackKind::Cover => "cover",
            TrackKind::Audio => "audio",
            TrackKind::Subtitle => "subtitle",
            TrackKind::Other => "other",
        }
    }
}

/// One track of the finished file, in the file's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackReport {
    /// What it carries.
    pub kind: TrackKind,
    /// Codec by FFmpeg's name.
    pub codec: String,
    /// Language tag; none where there is none that is known.
    pub language: Option<Lang>,
    /// Title; none where there is none.
    pub title: Option<String>,
    /// Is it played unasked?
    pub default: bool,
    /// Packets in it.
    pub packets: u64,
    /// When it begins; zero is the start of the picture.
    pub start: Option<Time>,
    /// When its last packet ends.
    pub end: Option<Time>,
}

/// The pictures of the finished file beside the source's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureReport {
    /// Pictures in the finished file.
    pub packets: u64,
    /// Pictures in the source.
    pub source_packets: u64,
    /// The longest time that one picture stays, in the finished file.
    pub standstill: Delta,
    /// The same in the source.
    pub source_standstill: Delta,
}

/// What is heard of the dub while one take is to be heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeardReport {
    /// The line.
    pub line: u32,
    /// When.
    pub span: Span,
    /// Level over the whole take, RMS in dBFS; −120 for silence.
    pub level_dbfs: f64,
    /// The longest silence within it.
    pub silence: Delta,
    /// How far it is the source's own sound, 0 to 1; none where the source was not there to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<f64>,
}

/// The subtitle file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubtitlesReport {
    /// Where.
    pub path: PathBuf,
    /// Why it cannot be read; none where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Columns that a row may have on this picture; a full-width character takes two.
    pub columns: usize,
    /// The least time between two captions.
    pub gap: Delta,
    /// Its captions in the file's order.
    pub captions: Vec<CaptionReport>,
}

/// One caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionReport {
    /// When it is shown.
    pub span: Span,
    /// Characters to read, white space left out.
    pub characters: usize,
    /// Rows.
    pub rows: usize,
    /// Columns of the widest row.
    pub widest: usize,
}

impl CaptionReport {
    /// Characters a second.
    pub fn speed(&self) -> f64 {
        // A caption without length is not read at all.
        self.characters as f64 / self.span.duration().seconds().max(0.001)
    }
}

/// A name that this line writes otherwise than most lines of the series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NameReport {
    /// The line.
    pub line: u32,
    /// When its cue is spoken.
    pub at: Time,
    /// The name in the source.
    pub source: String,
    /// As the line writes it.
    pub wording: String,
    /// As the glossary or most other lines write it.
    pub usual: String,
    /// Does the glossary list it?
    pub listed: bool,
    /// An episode and line that write it the usual way, for people; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub elsewhere: String,
}
