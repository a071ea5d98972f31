//! `dubline glossary check`.

use super::{files, print, print_json, read_text, resolve};
use dubline::error::{Error, Kind, Result};
use dubline::glossary::Source;
use dubline::glossary::lint::{Finding, Severity, lint};
use dubline::lang::Lang;
use dubline::progress::Progress;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What to look at.
pub(super) struct Only {
    pub(super) from: Option<Lang>,
    pub(super) to: Option<Lang>,
    pub(super) market: Option<String>,
}

impl Only {
    fn wants(&self, source: &Source) -> bool {
        let is = |wanted: &Option<Lang>, own: &Lang| wanted.as_ref().is_none_or(|wanted| own.accepts(wanted));
        let market = source.market.is_none() || self.market.is_none() || source.market == self.market;
        is(&self.from, &source.from) && is(&self.to, &source.to) && market
    }
}

#[derive(Serialize)]
struct Report {
    files: usize,
    entries: usize,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

pub(super) fn run(paths: &[PathBuf], only: &Only, json: bool, progress: &Progress) -> Result<u8> {
    // The built-in ones are always there to be judged with; told of are those that were asked for.
    let mut sources = Source::all_built_in()?;
    let mut asked: Vec<PathBuf> = match paths {
        [] => sources.iter().map(|source| source.path.clone()).collect(),
        _ => Vec::new(),
    };
    let mut findings = Vec::new();
    for file in files(paths, &resolve(None)?.settings)? {
        match Source::parse_all(&read_text(&file)?, &file) {
            Ok((source, mistakes)) => {
                findings.extend(mistakes.iter().map(Finding::of_error));
                match sources.iter().position(|known| is_checkout(&file, &known.path)) {
                    Some(at) => sources[at] = source,
                    None => sources.push(source),
                }
            }
            Err(error) => findings.push(Finding::of_error(&error)),
        }
        asked.push(file);
    }
    sources.retain(|source| only.wants(source));
    let judged: Vec<&Source> = sources.iter().filter(|source| asked.contains(&source.path)).collect();
    if judged.is_empty() && findings.is_empty() {
        return Err(Error::new(Kind::Usage, "there is no glossary for this pair and market")
            .hint("`dubline glossary stats` lists those that there are"));
    }
    let (files, entries) = (judged.len(), judged.iter().map(|source| source.entries.len()).sum());
    findings.extend(lint(&sources)?.into_iter().filter(|finding| asked.contains(&finding.file)));
    let place = |finding: &Finding| asked.iter().position(|file| *file == finding.file);
    findings.sort_by_key(|finding| (place(finding), finding.row));
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if json {
        print_json(progress, &Report { files, entries, errors, warnings, findings })?;
    } else {
        let mut text = String::new();
        for Finding { severity, check, file, row, entry, message, remedy } in &findings {
            let severity = if *severity == Severity::Error { "error" } else { "warning" };
            let entry = if entry.is_empty() { String::new() } else { format!("{entry}: ") };
            let (file, check) = (file.display(), check.name());
            text.push_str(&format!("{file}:{row}: {severity} [{check}]: {entry}{message}\n    → {remedy}\n"));
        }
        text.push_str(&format!("files: {files}, entries: {entries}, errors: {errors}, warnings: {warnings}\n"));
        print(progress, &text)?;
    }
    Ok(if errors > 0 { Kind::Document.exit_code() } else { 0 })
}

/// Is the file the source of a built-in glossary, and so in its place? Told by its path, and by the schema that only
/// dubline's own folder of glossaries has.
fn is_checkout(file: &Path, built_in: &Path) -> bool {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let schema = file.parent().and_then(Path::parent).map(|folder| folder.join("glossary.schema.json"));
    file.ends_with(built_in) && schema.is_some_and(|schema| schema.is_file())
}
