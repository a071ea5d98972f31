//! The series as it lies in the output folder: what other runs, at once or before, made of it.

use super::sources::output_name;
use dubline::error::{Error, Kind, Result};
use dubline::event::Events;
use dubline::gate;
use dubline::lang::Lang;
use dubline::qc::Report;
use dubline::series::Source;
use dubline::settings::Settings;
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

/// Reports that lie in the output folder of the series' episodes, but for those in `own`, by episode and language. As
/// in `status`, an episode that the series no longer has does not count, nor one whose deliverable is gone.
pub(super) fn others(
    settings: &Settings,
    series: &[Source],
    own: &HashSet<(String, Lang)>,
    events: &Events,
) -> Vec<Report> {
    let mut found = Vec::new();
    let languages = languages(settings);
    for source in series {
        for language in &languages {
            // What cannot be named was not written.
            let Ok(name) = output_name(settings, source, language) else { continue };
            if own.contains(&(source.name.clone(), language.clone())) {
                continue;
            }
            match left(&settings.out.join(format!("{name}.report.json"))) {
                // Where names do not tell languages apart, it may be another one's.
                Ok(Some(report)) if report.episode == source.name && report.language == *language => found.push(report),
                Ok(_) => {}
                // It does not stop what was made now.
                Err(error) => events.warn(None, format!("{error}; the series is told without it")),
            }
        }
    }
    found
}

/// The languages of this run, and those that the series was told in before.
fn languages(settings: &Settings) -> Vec<Lang> {
    #[derive(Deserialize)]
    struct Before {
        languages: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        language: Lang,
    }
    let before = std::fs::read(settings.out.join("series.json")).ok();
    let before = before.and_then(|bytes| serde_json::from_slice::<Before>(&bytes).ok());
    let mut languages = settings.to.clone();
    for row in before.into_iter().flat_map(|before| before.languages) {
        if !languages.contains(&row.language) {
            languages.push(row.language);
        }
    }
    languages
}

/// A report of an earlier run; none where there is none.
pub(super) fn report(path: &Path) -> Result<Option<Report>> {
    match std::fs::read(path) {
        Ok(bytes) => Report::parse(&bytes).map(Some).map_err(|error| error.file(path)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::new(Kind::Document, "cannot be read").file(path).because(e)),
    }
}

/// A report that an earlier run left; none where there is none, or what it tells of is no longer there.
fn left(path: &Path) -> Result<Option<Report>> {
    let Some(mut report) = report(path)? else { return Ok(None) };
    if let Some(file) = &mut report.deliverable {
        file.path = gate::place(path, &file.path);
        if !file.path.is_file() {
            return Ok(None);
        }
    }
    Ok(Some(report))
}
