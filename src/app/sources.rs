//! Which episodes a run is about: files, folders of them, or those that `dubline.toml` names.
//!
//! Puts together what the command line says, what the settings say and what lies on the disk.

use super::resolve_with;
use dubline::cli::Job;
use dubline::error::{Error, Kind, Result};
use dubline::folder;
use dubline::lang::Lang;
use dubline::series::{self, Ranges, Source, Template};
use dubline::settings::{Origin, Resolved, Settings};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What a job is about.
pub(super) struct Asked {
    pub(super) resolved: Resolved,
    /// The episodes, in the order in which they are worked on.
    pub(super) sources: Vec<Source>,
    /// The whole series, also the episodes that the job leaves out.
    pub(super) series: Vec<Source>,
}

/// The settings and the episodes of a job.
pub(super) fn of(job: &Job) -> Result<Asked> {
    let resolved = resolve_with(Some(&job.options), config(job)?)?;
    let settings = &resolved.settings;
    let mut sources = Vec::new();
    if job.sources.is_empty() {
        if settings.episodes.is_empty() {
            return Err(Error::new(Kind::Usage, "no episode is given").hint(
                "name files or a folder: dubline run episode.mp4; or name the series' `episodes` in dubline.toml (`dubline init` writes one)",
            ));
        }
        sources = named(&resolved)?;
    }
    for path in &job.sources {
        match path.is_dir() {
            true if own_file(path).is_some() && !settings.episodes.is_empty() => sources.extend(named(&resolved)?),
            true => sources.extend(series::loosely(folder::media_in(path, &settings.out)?)?),
            false => sources.push(Source::of(path)),
        }
    }
    // A file that is given twice, or by itself and with its folder, is one episode.
    let mut seen = HashSet::new();
    sources.retain(|source| seen.insert(source.path.canonicalize().unwrap_or_else(|_| source.path.clone())));
    series::apart(&sources)?;
    let series = whole(job, &resolved, &sources);
    if !settings.only.is_empty() {
        numbers_differ(&sources)?;
        sources = series::select(sources, &Ranges::parse(&settings.only)?)?;
    }
    documents_are_apart(settings, &sources)?;
    outputs_are_apart(settings, &sources)?;
    Ok(Asked { resolved, sources, series })
}

/// The series that the sources of a job belong to. A file that is named by itself may be one of those that the settings
/// name; if none is, the files that are named together are all that is known of.
fn whole(job: &Job, resolved: &Resolved, sources: &[Source]) -> Vec<Source> {
    let mut series = sources.to_vec();
    if resolved.settings.episodes.is_empty() || job.sources.iter().all(|path| path.is_dir()) {
        return series;
    }
    let real = |source: &Source| source.path.canonicalize().unwrap_or_else(|_| source.path.clone());
    let own: HashSet<PathBuf> = sources.iter().map(real).collect();
    // Where the patterns lead nowhere, that is no matter of a file that was named.
    let named = named(resolved).unwrap_or_default();
    let (known, others): (Vec<Source>, Vec<Source>) = named.into_iter().partition(|source| own.contains(&real(source)));
    if !known.is_empty() {
        series.extend(others);
    }
    series
}

/// The settings file of a folder itself.
fn own_file(folder: &Path) -> Option<PathBuf> {
    Some(folder.join("dubline.toml")).filter(|path| path.is_file())
}

/// The settings file: the one of the folder that is given, or the one that is named.
fn config(job: &Job) -> Result<Option<PathBuf>> {
    let mut config = job.options.config.clone();
    for folder in job.sources.iter().filter(|path| path.is_dir()) {
        let Some(own) = own_file(folder) else { continue };
        match &config {
            Some(other) if other.canonicalize().ok() != own.canonicalize().ok() => {
                return Err(Error::new(
                    Kind::Usage,
                    format!("has settings of its own, and so has this run: {}", other.display()),
                )
                .file(own)
                .hint("run one series at a time, or name the files themselves"));
            }
            Some(_) => {}
            None => config = Some(own),
        }
    }
    Ok(config)
}

/// The episodes that the settings name, relative to the file that names them.
fn named(resolved: &Resolved) -> Result<Vec<Source>> {
    let base = match resolved.values.get("episodes") {
        Some((_, Origin::File(path))) => path.parent().unwrap_or(Path::new("")).to_owned(),
        _ => PathBuf::new(),
    };
    series::episodes(folder::matching(&base, &resolved.settings.episodes, &resolved.settings.out)?)
}

/// Where episodes are chosen by number, a number is one episode.
fn numbers_differ(sources: &[Source]) -> Result<()> {
    let mut seen: HashMap<u32, &Source> = HashMap::new();
    for source in sources {
        if let Some(other) = source.number.and_then(|number| seen.insert(number, source)) {
            return Err(Error::new(Kind::Usage, format!("has the same number as {}", other.path.display()))
                .file(&source.path)
                .hint("without different numbers they cannot be chosen by number: name the files themselves"));
        }
    }
    Ok(())
}

/// One transcript or script for several episodes would put the words of one into all of them.
fn documents_are_apart(settings: &Settings, sources: &[Source]) -> Result<()> {
    if sources.len() < 2 {
        return Ok(());
    }
    let one = |what: &str, path: &Path, hint: &str| {
        Err(Error::new(Kind::Usage, format!("is one {what}, for {} episodes", sources.len())).file(path).hint(hint))
    };
    if let Some(path) = &settings.transcript {
        return one("transcript", path, "name one for each: transcripts = \"subs/{episode}.srt\" in dubline.toml");
    }
    for path in settings.scripts.values() {
        if !Template::parse(&path.to_string_lossy())?.tells_episodes() {
            return one("script", path, "name one for each: --script en=scripts/{episode}.en.json");
        }
    }
    Ok(())
}

/// What an episode's outputs in a language are called, below the output folder and without an extension.
pub(super) fn output_name(settings: &Settings, source: &Source, language: &Lang) -> Result<String> {
    let fields = series::Fields {
        title: &settings.title,
        episode: &source.name,
        number: source.number,
        language: Some(language),
        market: settings.market(language),
    };
    Template::of_outputs(&settings.deliver.name)?.output(&fields).map_err(|error| error.file(&source.path))
}

/// No two episodes may be written to the same files.
fn outputs_are_apart(settings: &Settings, sources: &[Source]) -> Result<()> {
    let languages: Vec<_> = settings.to.iter().chain(&settings.from).collect();
    let mut seen: HashMap<String, &Source> = HashMap::new();
    for source in sources {
        for language in &languages {
            let name = output_name(settings, source, language)?;
            if let Some(other) = seen.insert(name.to_lowercase(), source).filter(|other| *other != source) {
                return Err(Error::new(
                    Kind::Usage,
                    format!("would be written to {name}, and so would {}", other.path.display()),
                )
                .file(&source.path)
                .hint("tell them apart in deliver.name: {episode} and {number:03} are different for each episode"));
            }
        }
    }
    Ok(())
}
