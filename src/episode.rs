//! An episode: what a source file holds, as far as the pipeline needs to know.
//!
//! Does not know how media is read; `media::probe` fills it in.

use crate::lang::Lang;
use crate::time::Delta;
use serde::{Deserialize, Serialize};

/// A probed source file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// blake3 of the file's bytes, in hex.
    pub digest: String,
    /// Container, by FFmpeg's name (`mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`).
    pub container: String,
    /// Length of the whole, from the container or its longest stream.
    pub duration: Delta,
    /// Bytes.
    pub size: u64,
    /// Every stream in the file's order.
    pub streams: Vec<Stream>,
    /// How many chapters there are.
    pub chapters: usize,
}

/// One stream of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Index in the container, from 0.
    pub index: usize,
    /// Codec by FFmpeg's name (`h264`, `aac`, `subrip`).
    pub codec: String,
    /// Language tag, where the container has one that is known.
    pub language: Option<Lang>,
    /// Title tag.
    pub title: Option<String>,
    /// Is it marked as the default of its kind?
    pub default: bool,
    /// Length, where the container says.
    pub duration: Option<Delta>,
    /// What it carries.
    pub kind: StreamKind,
}

/// What a stream carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StreamKind {
    /// Pictures.
    Video {
        /// Coded pixels across.
        width: u32,
        /// Coded pixels down.
        height: u32,
        /// Average frame rate as a fraction.
        frame_rate: (i32, i32),
        /// Clockwise display rotation in degrees, from the display matrix.
        rotation: i32,
        /// A cover picture, not a film.
        attached_picture: bool,
    },
    /// Sound.
    Audio {
        /// Hz.
        sample_rate: u32,
        /// Channels.
        channels: u16,
        /// Layout by FFmpeg's name (`stereo`, `5.1`).
        layout: String,
    },
    /// Text or picture subtitles.
    Subtitle,
    /// Anything else.
    Other,
}

/// Which audio track to dub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TrackChoice {
    /// The n-th audio track, from 1.
    Number(usize),
    /// The first audio track in this language.
    Language(Lang),
}

impl Stream {
    /// Channels that its sound is worked on with: six for 5.1 (front left and right, centre, LFE, two surrounds), two for
    /// everything else.
    pub fn mixed_channels(&self) -> u16 {
        match &self.kind {
            StreamKind::Audio { channels: 6, layout, .. } if layout.starts_with("5.1") => 6,
            _ => 2,
        }
    }
}

impl Episode {
    /// The film's video stream: the first that is no cover picture.
    pub fn video(&self) -> Option<&Stream> {
        self.streams.iter().find(|s| matches!(s.kind, StreamKind::Video { attached_picture: false, .. }))
    }

    /// The audio streams in order.
    pub fn audio(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|s| matches!(s.kind, StreamKind::Audio { .. }))
    }

    /// Is the picture higher than wide, as it is shown?
    pub fn is_upright(&self) -> bool {
        match self.video().map(|video| &video.kind) {
            Some(StreamKind::Video { width, height, rotation, .. }) => {
                if rotation.rem_euclid(180) == 90 {
                    width > height
                } else {
                    height > width
                }
            }
            _ => false,
        }
    }

    /// Length of one video frame, if there is a film.
    pub fn frame(&self) -> Option<Delta> {
        match self.video()?.kind {
            StreamKind::Video { frame_rate: (num, den), .. } if num > 0 && den > 0 => {
                Some(Delta::from_seconds(f64::from(den) / f64::from(num)))
            }
            _ => None,
        }
    }
}
