//! Episodes on the disk: walks folders for what the settings' patterns match, or for the media that lie there.
//!
//! Never takes what is hidden or unfinished, what lies in the output folder, nor what dubline made itself. Does not
//! open a film; names and numbers are `series.rs`'s.

use crate::error::{Error, Kind, Result};
use crate::series::{Glob, is_film, is_media, is_unfinished, order};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// No folder of episodes is nested deeper.
const DEEPEST: usize = 16;

/// Files that the patterns match, relative to `base`, without those in the output folder and dubline's own.
///
/// # Errors
/// Fails on a pattern that matches nothing, naming pattern and folder, and on a link that leads nowhere.
pub fn matching(base: &Path, patterns: &[String], out: &Path) -> Result<Vec<PathBuf>> {
    // The folder that one is in has no name of its own.
    let here = base.as_os_str().is_empty();
    let base = if here { Path::new(".") } else { base };
    let globs = patterns.iter().map(|text| Glob::parse(text)).collect::<Result<Vec<_>>>()?;
    let (leave_out, take): (Vec<&Glob>, Vec<&Glob>) = globs.iter().partition(|glob| glob.leaves_out);
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for glob in take {
        let root = glob.root();
        let mut walk = Walk { out: canonical(out), seen: HashSet::new(), files: Vec::new() };
        let start = base.join(&root);
        match start.is_dir() {
            true => walk.folder(&start, &root, glob.depth().unwrap_or(DEEPEST)),
            false => walk.files.push((text(&root), start)),
        }
        let before = found.len();
        found.extend(walk.files.into_iter().filter(|(relative, path)| {
            glob.matches(relative) && (path.exists() || path.is_symlink()) && !is_own(path)
        }));
        if found.len() == before {
            let hint = match glob.text().contains(['{', '}']) {
                true => "braces stand for themselves: write two patterns for two endings",
                false => "correct `episodes`; it is relative to its dubline.toml, and `*` stays within a folder",
            };
            return Err(Error::new(Kind::Usage, format!("no episode matches {:?} in this folder", glob.text()))
                .file(base)
                .hint(hint));
        }
    }
    found.retain(|(relative, _)| !leave_out.iter().any(|glob| glob.matches(relative)));
    let found = once(found.into_iter().map(|(_, path)| path).collect())?;
    let shorter = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path.clone());
    Ok(if here { found.into_iter().map(shorter).collect() } else { found })
}

/// The media that lie directly in a folder: its films, or its sounds where it has no film.
///
/// # Errors
/// Fails where there are none, and on a link that leads nowhere.
pub fn media_in(folder: &Path, out: &Path) -> Result<Vec<PathBuf>> {
    let mut walk = Walk { out: canonical(out), seen: HashSet::new(), files: Vec::new() };
    walk.folder(folder, Path::new(""), 0);
    let mut files: Vec<PathBuf> = walk.files.into_iter().map(|(_, path)| path).collect();
    files.retain(|path| is_media(path) && !is_own(path));
    if files.iter().any(|path| is_film(path)) {
        files.retain(|path| is_film(path));
    }
    if files.is_empty() {
        return Err(Error::new(Kind::Media, "there is no media in this folder")
            .file(folder)
            .hint("name the files, or write a dubline.toml that says where they lie: `dubline init` makes one"));
    }
    once(files)
}

/// Each file once: a link and what it leads to are one episode, and the file itself is the one that counts.
fn once(mut files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    files.sort_by(|a, b| {
        a.is_symlink().cmp(&b.is_symlink()).then_with(|| order(&a.to_string_lossy(), &b.to_string_lossy()))
    });
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for path in files {
        let real = path.canonicalize().map_err(|e| {
            Error::new(Kind::Media, "leads nowhere").file(&path).because(e).hint("mend the link, or remove it")
        })?;
        if seen.insert(real) {
            kept.push(path);
        }
    }
    kept.sort_by(|a, b| order(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(kept)
}

/// Did dubline make it? Its report lies beside it and names it.
fn is_own(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path.with_extension("report.json")) else { return false };
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return false };
    let made = report.pointer("/deliverable/path").and_then(|path| path.as_str());
    made.is_some_and(|made| Path::new(made).file_name() == path.file_name())
}

fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

struct Walk {
    /// The output folder, where it is there.
    out: Option<PathBuf>,
    /// Folders that were walked: links may lead in circles.
    seen: HashSet<PathBuf>,
    /// Relative to the base, and as it is opened.
    files: Vec<(String, PathBuf)>,
}

impl Walk {
    /// A folder that cannot be read holds nothing that could be run: what is missing is told by the patterns.
    fn folder(&mut self, folder: &Path, relative: &Path, deeper: usize) {
        let Some(real) = canonical(folder) else { return };
        if !self.seen.insert(real) {
            return;
        }
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // Folders before links to them, for each is walked once.
        entries.sort_by_key(|path| (path.is_symlink(), path.clone()));
        for path in entries {
            let Some(name) = path.file_name() else { continue };
            if is_unfinished(&path) {
                continue;
            }
            let relative = relative.join(name);
            if !path.is_dir() {
                self.files.push((text(&relative), path));
            } else if deeper > 0 && canonical(&path) != self.out {
                self.folder(&path, &relative, deeper - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::Builder::new().prefix("a [series] ").tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, *file).unwrap();
        }
        folder
    }

    fn names(folder: &Path, patterns: &[&str]) -> Result<Vec<String>> {
        let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
        let found = matching(folder, &patterns, &folder.join("out"))?;
        Ok(found.iter().map(|path| text(path.strip_prefix(folder).unwrap())).collect())
    }

    #[test]
    fn patterns_match_in_natural_order_and_leave_out() {
        let folder = made(&["e/ep10.mp4", "e/ep2.MP4", "e/trailer.mp4", "e/more/ep3.mp4", "e/ep1.srt", "e/.ep4.mp4"]);
        let found = |patterns: &[&str]| names(folder.path(), patterns).unwrap();
        assert_eq!(found(&["e/*.mp4", "!e/*trailer*"]), ["e/ep2.MP4", "e/ep10.mp4"]);
        assert_eq!(found(&["./e/**/ep*", "e/ep2.MP4"]), ["e/ep2.MP4", "e/ep10.mp4", "e/more/ep3.mp4"]);
        assert_eq!(found(&["e/ep10.mp4"]), ["e/ep10.mp4"], "a file by its name");
    }

    #[test]
    fn a_pattern_without_a_match_names_itself_and_the_folder() {
        let folder = made(&["e/ep1.mp4"]);
        for pattern in ["f/*.mp4", "e/*.mkv", "e/ep2.mp4", "*.mp4"] {
            let error = names(folder.path(), &["e/*.mp4", pattern]).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            let said = error.to_string();
            assert!(said.contains(pattern) && said.contains(&*folder.path().to_string_lossy()), "{said}");
        }
        assert!(names(folder.path(), &["e/*.{mp4,mkv}"]).unwrap_err().remedy().unwrap().contains("two patterns"));
    }

    #[test]
    fn what_is_unfinished_or_dublines_own_is_never_taken() {
        let folder =
            made(&["ep1.mp4", "ep2.mp4.part", "ep3.tmp.mp4", "~ep4.mp4", "ep5.mp4.crdownload", "out/en/ep1.mp4"]);
        std::fs::write(folder.path().join("ep1.en.mp4"), "").unwrap();
        let report = r#"{ "deliverable": { "path": "elsewhere/ep1.en.mp4" } }"#;
        std::fs::write(folder.path().join("ep1.en.report.json"), report).unwrap();
        assert_eq!(names(folder.path(), &["**/*"]).unwrap(), ["ep1.mp4"]);
        assert_eq!(media_in(folder.path(), Path::new("out")).unwrap(), [folder.path().join("ep1.mp4")]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_must_lead_somewhere() {
        let folder = made(&["real/ep1.mp4", "real/ep2.mp4"]);
        let link =
            |to: &str, at: &str| std::os::unix::fs::symlink(folder.path().join(to), folder.path().join(at)).unwrap();
        link("real", "linked");
        link("real", "real/circle");
        link("real/ep1.mp4", "ep1 again.mp4");
        assert_eq!(names(folder.path(), &["**/*.mp4"]).unwrap(), ["real/ep1.mp4", "real/ep2.mp4"]);
        assert_eq!(names(folder.path(), &["linked/*.mp4"]).unwrap(), ["linked/ep1.mp4", "linked/ep2.mp4"]);
        link("gone.mp4", "ep9.mp4");
        let error = names(folder.path(), &["*.mp4"]).unwrap_err();
        assert!(error.to_string().contains("ep9.mp4"), "{error}");
    }

    #[test]
    fn a_folder_without_a_film_gives_its_sounds() {
        let folder = made(&["2.mp3", "1.mp3", "note.txt"]);
        let found = media_in(folder.path(), Path::new("out")).unwrap();
        assert_eq!(found, [folder.path().join("1.mp3"), folder.path().join("2.mp3")]);
        assert_eq!(media_in(made(&["note.txt"]).path(), Path::new("out")).unwrap_err().kind(), Kind::Media);
    }
}
