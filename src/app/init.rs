//! `dubline init`: looks into a folder and writes the first `dubline.toml` of a series.

use super::{print, tell};
use dubline::episode::StreamKind;
use dubline::error::{Error, Kind, Result};
use dubline::folder;
use dubline::lang::Lang;
use dubline::media;
use dubline::progress::Progress;
use dubline::series::draft::Found;
use dubline::series::{self, Source};
use dubline::store::write_atomically;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the command line says.
pub(super) struct Asked {
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    pub(super) force: bool,
    pub(super) dry_run: bool,
}

/// Where dubline's own outputs and stores lie; no episode lies there.
const OURS: &[&str] = &["out", "edits", "target"];

pub(super) fn run(folder: &Path, asked: Asked, progress: &Progress) -> Result<u8> {
    let path = folder.join("dubline.toml");
    if !folder.is_dir() {
        return Err(Error::new(Kind::Usage, "there is no such folder")
            .file(folder)
            .hint("give the folder that holds the series, or go there and give none"));
    }
    if path.exists() && !asked.force && !asked.dry_run {
        return Err(Error::new(Kind::Usage, "is already there")
            .file(&path)
            .hint("--dry-run prints what would be written, --force writes it over this file"));
    }
    let mut found = Found {
        title: title(folder),
        from: asked.from.map(|tag| tag.parse()).transpose()?,
        to: asked.to.iter().map(|tag| tag.trim().parse()).collect::<Result<Vec<Lang>>>()?,
        ..Found::default()
    };
    let (below, files) = episodes(folder);
    let sources = series::loosely(files.clone())?;
    // The file is written all the same: it is where they are told apart.
    if let Err(error) = series::episodes(files) {
        progress.talk(&format!("warning: {error}"));
    }
    found.episodes = patterns(&below, &sources);
    found.count = sources.len();
    found.numbers = sources.iter().filter_map(|source| source.number).collect();
    found.numbers.sort_unstable();
    found.transcripts = transcripts(folder, &sources, found.from.as_ref());
    found.glossary = ["glossary", "glossaries"].iter().find(|name| folder.join(name).is_dir()).map(|n| (*n).to_owned());
    let mut talk = told(&found);
    if let Some(first) = sources.first() {
        match media::probe(&first.path) {
            Ok(episode) => {
                found.size = size(&episode);
                if let Some((width, height)) = found.size {
                    let form = if episode.is_upright() { "upright" } else { "wide" };
                    talk.push_str(&format!("picture      {width}×{height}, {form}\n"));
                }
            }
            Err(error) => progress.talk(&format!("warning: {error}")),
        }
    }
    let text = found.toml();
    if asked.dry_run {
        progress.mention(talk.trim_end());
        return print(progress, &text);
    }
    write_atomically(&path, text.as_bytes())?;
    let to = if found.to.is_empty() { " --to en" } else { "" };
    let shown = folder.to_string_lossy();
    let shown = if shown.contains(char::is_whitespace) { format!("{shown:?}") } else { shown.into_owned() };
    talk.push_str(&format!("wrote {}\nnext: dubline plan {shown}{to}, then dubline run {shown}{to}\n", path.display()));
    tell(progress, &talk)
}

/// What the series is called until somebody says otherwise: as its folder.
fn title(folder: &Path) -> String {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The episodes, in the folder itself or in the one of its folders that holds most films.
fn episodes(folder: &Path) -> (PathBuf, Vec<PathBuf>) {
    let mut below = vec![PathBuf::new()];
    below.extend(folders(folder).into_iter().filter(|name| !OURS.contains(&name.as_str())).map(PathBuf::from));
    let mut best: (PathBuf, Vec<PathBuf>) = (PathBuf::new(), Vec::new());
    for name in below {
        let Ok(files) = folder::media_in(&folder.join(&name), &folder.join("out")) else { continue };
        let films = |files: &[PathBuf]| files.iter().filter(|path| series::is_film(path)).count();
        if films(&files) > films(&best.1) {
            best = (name, files);
        }
    }
    best
}

/// The folders in a folder that are not hidden, by name.
fn folders(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// One pattern for each extension; the folder's own name stands for itself, whatever it holds.
fn patterns(below: &Path, sources: &[Source]) -> Vec<String> {
    let folder: String = below
        .to_string_lossy()
        .chars()
        .map(|char| if matches!(char, '*' | '?' | '[' | ']') { format!("[{char}]") } else { char.to_string() })
        .collect();
    let mut patterns: Vec<String> = Vec::new();
    for source in sources {
        let extension = source.path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let pattern = if folder.is_empty() { format!("*.{extension}") } else { format!("{folder}/*.{extension}") };
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    if patterns.is_empty() {
        patterns.push("episodes/*.mp4".to_owned());
    }
    patterns
}

/// The template that leads to most subtitles: a folder, and what stands after the episode's name.
fn transcripts(folder: &Path, sources: &[Source], from: Option<&Lang>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut below = vec![String::new()];
    below.extend(folders(folder).into_iter().filter(|name| !OURS.contains(&name.as_str())));
    for name in below {
        let Ok(entries) = std::fs::read_dir(folder.join(&name)) else { continue };
        for file in entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()) {
            let ending = |source: &Source| {
                let ending = file.strip_prefix(&source.name).filter(|ending| ending.starts_with('.'))?;
                matches!(Path::new(&file).extension()?.to_str()?, "srt" | "vtt").then(|| ending.to_owned())
            };
            // A brace in the name of a folder would be read as a field.
            if let Some(ending) = sources.iter().find_map(ending).filter(|_| !name.contains(['{', '}'])) {
                let folder = if name.is_empty() { String::new() } else { format!("{name}/") };
                *counts.entry(format!("{folder}{{episode}}{ending}")).or_default() += 1;
            }
        }
    }
    // `ep01.en.srt` is no transcript of a series that is spoken in Chinese.
    let fits = |template: &str| {
        let tag = template.rsplit_once('}').and_then(|(_, ending)| ending.trim_start_matches('.').split_once('.'));
        match tag.and_then(|(tag, _)| tag.parse::<Lang>().ok()) {
            Some(language) => from.is_some_and(|from| from.same_language(&language)),
            None => tag.is_none(),
        }
    };
    counts
        .into_iter()
        .filter(|(template, _)| fits(template))
        .max_by_key(|(_, count)| *count)
        .map(|(template, _)| template)
}

fn size(episode: &dubline::episode::Episode) -> Option<(u32, u32)> {
    match episode.video()?.kind {
        StreamKind::Video { width, height, .. } => {
            let turned = episode.is_upright() != (height > width);
            Some(if turned { (height, width) } else { (width, height) })
        }
        _ => None,
    }
}

fn told(found: &Found) -> String {
    let mut text = match found.count {
        0 => "episodes     none found\n".to_owned(),
        count => format!("episodes     {count} ({})\n", found.episodes.join(", ")),
    };
    let unnumbered = found.count - found.numbers.len();
    if let (Some(first), Some(last)) = (found.numbers.first(), found.numbers.last()) {
        text.push_str(&format!("numbers      {first} to {last}\n"));
    }
    if !found.gaps().is_empty() {
        text.push_str(&format!("missing      {}\n", found.gaps_told()));
    }
    if unnumbered > 0 {
        text.push_str(&format!("no number    {unnumbered}\n"));
    }
    for (what, found) in [("transcripts", &found.transcripts), ("glossary", &found.glossary)] {
        if let Some(found) = found {
            text.push_str(&format!("{what:<13}{found}\n"));
        }
    }
    text
}
