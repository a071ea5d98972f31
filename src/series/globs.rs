//! Patterns of episodes, and which names are media at all.
//!
//! Knows paths as text only: whoever walks the disk asks it.

use crate::error::{Error, Kind, Result};
use glob::{MatchOptions, Pattern};
use std::path::{Path, PathBuf};

/// Films, by extension.
const FILMS: &[&str] =
    &["mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg", "wmv", "flv", "3gp", "ogv", "mxf"];

/// Sound alone, by extension.
const SOUNDS: &[&str] = &["m4a", "mka", "wav", "flac", "mp3", "ogg", "opus", "aac"];

/// Files that a browser, a copy or an editor has not finished, by extension or ending.
const UNFINISHED: &[&str] = &["part", "partial", "tmp", "temp", "crdownload", "download", "filepart", "aria2", "bak"];

fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// Does the name say that it is a film?
pub fn is_film(path: &Path) -> bool {
    FILMS.contains(&extension(path).as_str())
}

/// Does the name say that it is a film, or sound?
pub fn is_media(path: &Path) -> bool {
    is_film(path) || SOUNDS.contains(&extension(path).as_str())
}

/// Is it hidden, or not finished: `.ep01.mp4`, `ep01.mp4.part`, `ep01.tmp.mp4`, `ep01.mp4~`?
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = path.file_stem().map(PathBuf::from).unwrap_or_default();
    let ending = |path: &Path| UNFINISHED.contains(&extension(path).as_str());
    name.starts_with(['.', '~']) || name.ends_with('~') || ending(path) || (is_media(path) && ending(&stem))
}

/// One pattern of `episodes`. `*`, `?` and `[…]` stay within a folder, `**` is any folders below, and a pattern that
/// begins with `!` leaves out what it matches.
#[derive(Clone, Debug)]
pub struct Glob {
    pattern: Pattern,
    text: String,
    /// Leaves out instead.
    pub leaves_out: bool,
}

impl Glob {
    /// Reads one.
    ///
    /// # Errors
    /// Fails on what is no pattern.
    pub fn parse(text: &str) -> Result<Glob> {
        let (leaves_out, plain) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let plain = plain.strip_prefix("./").unwrap_or(plain).replace('\\', "/");
        if plain.trim().is_empty() {
            return Err(Error::new(Kind::Usage, "an empty pattern matches no episode")
                .hint("write patterns as in episodes = [\"episodes/*.mp4\"]"));
        }
        let pattern = Pattern::new(&plain).map_err(|e| {
            Error::new(Kind::Usage, format!("{text:?} is no pattern: {}", e.msg))
                .hint("`*`, `?`, `[…]` and `**` stand for other characters; write [[] for a [ that is meant")
        })?;
        Ok(Glob { pattern, text: plain, leaves_out })
    }

    /// As it was written, without `!`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The folder that everything lies in which it may match, or the one file that it names; relative as it is.
    pub fn root(&self) -> PathBuf {
        let plain = |part: &&str| !part.contains(['*', '?', '[']);
        let parts: Vec<&str> = self.text.split('/').take_while(plain).collect();
        let root = parts.join("/");
        // The first part of an absolute path is empty.
        if root.is_empty() && self.text.starts_with('/') { PathBuf::from("/") } else { PathBuf::from(root) }
    }

    /// How many folders below its root it reaches: 0 is the root's own files; any number where it holds `**`.
    pub fn depth(&self) -> Option<usize> {
        let parts: Vec<&str> = self.text.split('/').collect();
        let fixed = parts.iter().take_while(|part| !part.contains(['*', '?', '['])).count();
        if parts.contains(&"**") { None } else { Some((parts.len() - fixed).saturating_sub(1)) }
    }

    /// Does it match this path, which begins with its root? Where it leaves the extension open, only media count.
    pub fn matches(&self, path: &str) -> bool {
        let options = MatchOptions {
            // EP01.MP4 is what cameras write.
            case_sensitive: false,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let open = !self.leaves_out && self.text.ends_with(['*', '?', ']']);
        self.pattern.matches_with(path, options) && (!open || is_media(Path::new(path)))
    }
}
