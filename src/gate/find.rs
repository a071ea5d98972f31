//! Finding finished work: reports, the scripts beside them, and scripts that stand alone.
//!
//! Looks at names only; reads nothing.

use crate::error::{Error, Kind, Result};
use crate::series::order;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const REPORT: &str = ".report.json";
const SCRIPT: &str = ".script.json";

/// One episode in one language, as far as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The episode's name.
    pub episode: String,
    /// Its report.
    pub report: Option<PathBuf>,
    /// Its script.
    pub script: Option<PathBuf>,
}

/// Finished work under folders, or that of which a report, a script or a deliverable is named; each once, in natural
/// order of their paths.
///
/// # Errors
/// Fails as usage where a path is not there, or there is nothing to judge in it.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Piece>> {
    let mut found = BTreeMap::new();
    for path in paths {
        let before = found.len();
        if path.is_dir() {
            walk(path, &mut found)?;
            if found.len() == before && paths.len() == 1 {
                return Err(Error::new(Kind::Usage, "there is no finished work in this folder")
                    .file(path)
                    .hint("run `dubline run` first, or name the folder that its --out named"));
            }
        } else if path.is_file() {
            let stem = stem(path).ok_or_else(|| {
                Error::new(Kind::Usage, "there is no report beside this file")
                    .file(path)
                    .hint("name a report, a script or a deliverable that `dubline run` wrote, or the output folder")
            })?;
            put(path, &stem, &mut found);
        } else {
            return Err(Error::new(Kind::Usage, "is not there")
                .file(path)
                .hint("name the output folder of `dubline run`, or a report, script or deliverable in it"));
        }
    }
    if found.is_empty() {
        return Err(Error::new(Kind::Usage, "there is no finished work in these folders")
            .hint("run `dubline run` first, or name the folder that its --out named"));
    }
    let mut found: Vec<(PathBuf, Piece)> = found.into_iter().collect();
    found.sort_by(|(a, _), (b, _)| order(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(found.into_iter().map(|(_, piece)| piece).collect())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `ep03` of `ep03.report.json`, `ep03.script.json` and, where a report lies beside it, of `ep03.mp4`.
fn stem(path: &Path) -> Option<String> {
    let name = file_name(path);
    if let Some(stem) = name.strip_suffix(REPORT).or_else(|| name.strip_suffix(SCRIPT)) {
        return Some(stem.to_owned());
    }
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    beside(path, &stem, REPORT).is_file().then_some(stem)
}

fn beside(path: &Path, stem: &str, suffix: &str) -> PathBuf {
    path.with_file_name(format!("{stem}{suffix}"))
}

fn put(path: &Path, stem: &str, found: &mut BTreeMap<PathBuf, Piece>) {
    let there = |suffix: &str| Some(beside(path, stem, suffix)).filter(|path| path.is_file());
    let piece = Piece { episode: stem.to_owned(), report: there(REPORT), script: there(SCRIPT) };
    if piece.report.is_some() || piece.script.is_some() {
        found.insert(path.with_file_name(stem), piece);
    }
}

fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Piece>) -> Result<()> {
    let unreadable = |e: std::io::Error| {
        Error::new(Kind::Usage, "the folder cannot be read").file(folder).because(e).hint("check its permissions")
    };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        // A link may lead in a circle.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
            continue;
        }
        let name = file_name(&path);
        if let Some(stem) = name.strip_suffix(REPORT).or_else(|| name.strip_suffix(SCRIPT)) {
            put(&path, stem, found);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn each_piece_is_found_once_however_it_is_named() {
        let at = folder(&["en/a.report.json", "en/a.script.json", "en/a.mp4", "pt/b.c.script.json", "en/x.srt"]);
        let path = |name: &str| at.path().join(name);
        let whole = Piece {
            episode: "a".into(),
            report: Some(path("en/a.report.json")),
            script: Some(path("en/a.script.json")),
        };
        let all = find(&[at.path().to_owned(), path("en/a.mp4")]).unwrap();
        let alone = Piece { episode: "b.c".into(), report: None, script: Some(path("pt/b.c.script.json")) };
        assert_eq!(all, [whole.clone(), alone]);
        for name in ["en/a.report.json", "en/a.script.json", "en/a.mp4"] {
            assert_eq!(find(&[path(name)]).unwrap(), std::slice::from_ref(&whole), "{name}");
        }
        for name in ["en/x.srt", "en/none.mp4"] {
            assert_eq!(find(&[path(name)]).unwrap_err().kind(), Kind::Usage, "{name}");
        }
    }

    #[test]
    fn episodes_stand_as_people_count_them() {
        let at = folder(&["en/ep10.script.json", "en/ep2.script.json", "de/ep11.script.json", "en/ep1.script.json"]);
        let names: Vec<String> =
            find(&[at.path().to_owned()]).unwrap().into_iter().map(|piece| piece.episode).collect();
        assert_eq!(names, ["ep11", "ep1", "ep2", "ep10"]);
    }

    #[test]
    fn an_empty_folder_is_told() {
        let at = folder(&["a/b.txt"]);
        let error = find(&[at.path().to_owned()]).unwrap_err();
        assert!(error.to_string().contains("no finished work") && error.remedy().unwrap().contains("dubline run"));
    }
}
