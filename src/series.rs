//! A series: its episodes in their order, with their numbers, from nothing but their paths.
//!
//! Pure. Does not walk a disk and does not know what a film holds; `folder.rs` finds the files.

pub mod draft;
mod globs;
mod names;
mod ranges;
mod template;

pub use globs::{Glob, is_film, is_media, is_unfinished};
pub use names::{number, order};
pub use ranges::{Range, Ranges};
pub use template::{Fields, Template};

use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// One episode that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Its number in the series, where its name tells one.
    pub number: Option<u32>,
    /// What it is called in outputs, reports, edits and the store: the file's name without its extension.
    pub name: String,
}

impl Source {
    /// A file by itself.
    pub fn of(path: &Path) -> Source {
        let name = name_of(path);
        Source { path: path.to_owned(), number: number(&name), name }
    }
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The episodes of a series by their numbers, those without one after them in natural order. No two of them may have the same name or the same number, for both
/// tell people which one is meant.
///
/// # Errors
/// Fails on two files of one name or of one number, naming both.
pub fn episodes(paths: Vec<PathBuf>) -> Result<Vec<Source>> {
    let mut sources = loosely(paths)?;
    // Stable: what has no number stays in natural order.
    sources.sort_by_key(|source| (source.number.is_none(), source.number));
    let mut seen: HashMap<u32, &Source> = HashMap::new();
    for source in &sources {
        let Some(number) = source.number else { continue };
        if let Some(other) = seen.insert(number, source) {
            return Err(Error::new(Kind::Usage, format!("is episode {number}, and so is {}", other.path.display()))
                .file(&source.path)
                .hint(
                    "rename one of them, or leave it out: `episodes = [\"episodes/*.mp4\", \"!episodes/*trailer*\"]`",
                ));
        }
    }
    Ok(sources)
}

/// Files that need be no series, in natural order: two may have the same number, for nobody said that it counts.
///
/// # Errors
/// Fails on two files of one name, which would replace each other's outputs.
pub fn loosely(mut paths: Vec<PathBuf>) -> Result<Vec<Source>> {
    paths.sort_by(|a, b| order(&a.to_string_lossy(), &b.to_string_lossy()));
    paths.dedup();
    let names: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
    let numbers = names::numbers(&names);
    let sources: Vec<Source> =
        paths.into_iter().zip(names).zip(numbers).map(|((path, name), number)| Source { path, number, name }).collect();
    apart(&sources)?;
    Ok(sources)
}

/// Are all names different, on systems that take `A` for `a` too?
///
/// # Errors
/// Fails on two files of one name, naming both.
pub fn apart(sources: &[Source]) -> Result<()> {
    let mut seen: HashMap<String, &Source> = HashMap::new();
    for source in sources {
        if let Some(other) = seen.insert(source.name.to_lowercase(), source) {
            return Err(Error::new(Kind::Usage, format!("has the same name as {}", other.path.display()))
                .file(&source.path)
                .hint("their outputs would replace each other: rename one of them, or run them one at a time"));
        }
    }
    Ok(())
}

/// Those of the episodes whose numbers are asked for.
///
/// # Errors
/// Fails on a range that holds no episode, saying which numbers there are.
pub fn select(sources: Vec<Source>, only: &Ranges) -> Result<Vec<Source>> {
    let numbers: Vec<u32> = sources.iter().filter_map(|source| source.number).collect();
    if let Some(empty) = only.empty(&numbers) {
        let there = match numbers.is_empty() {
            true => "no name tells a number: call the files ep01.mp4, S01E01.mp4, 第1集.mp4 or 01.mp4".to_owned(),
            false => format!("there are {}", ranges::told(&numbers)),
        };
        return Err(Error::new(Kind::Usage, format!("no episode has a number in {empty}"))
            .hint(format!("{there}; see --episodes and `only`")));
    }
    Ok(sources.into_iter().filter(|source| source.number.is_some_and(|number| only.hold(number))).collect())
}

#[cfg(test)]
mod tests;
