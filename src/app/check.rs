//! `dubline check`: finished work judged anew, told, and written down for machines and people.

use super::{print, print_json, resolve_layers};
use dubline::cancel::Cancel;
use dubline::cli::CheckOptions;
use dubline::error::{Error, Kind, Result};
use dubline::gate;
use dubline::progress::Progress;
use dubline::qc::series::{Series, Tally};
use dubline::qc::{self, Finding, Report, Severity, annotations, html, junit};
use dubline::settings::Gate;
use dubline::store::write_atomically;
use std::path::{Component, Path, PathBuf};

pub(super) fn run(options: &CheckOptions, progress: &Progress, cancel: &Cancel) -> Result<u8> {
    if options.schema {
        return print(progress, qc::JSON_SCHEMA);
    }
    let settings = resolve_layers(options.config.clone(), Some(options.layer()?))?.settings;
    let pieces = gate::find(&options.paths)?;
    let reports = tokio::task::block_in_place(|| gate::judge(&pieces, &settings, &progress.events(), cancel))?;
    let series = Series::of(&reports);
    let files = Files {
        junit: options.junit.clone(),
        sarif: options.sarif.clone(),
        report: options.report.clone(),
        html: options.html.clone(),
    };
    write_files(&files, &reports, &series, progress)?;
    if options.annotations {
        print(progress, &annotations::github(&reports))?;
    } else if progress.tells_events() {
        // After the events, which are a line each, the verdict is one too.
        let line = serde_json::to_string(&series);
        let line = line.map_err(|e| Error::internal("an answer has no JSON form").because(e))?;
        print(progress, &format!("{line}\n"))?;
    } else if options.json {
        print_json(progress, &series)?;
    } else if progress.is_quiet() {
        print(progress, &wrong(&reports))?;
    } else {
        print(progress, &text(&reports, &series, settings.gate))?;
    }
    let stops = series.worst.first().is_some_and(|finding| finding.severity.stops_at(settings.gate));
    Ok(if stops { Kind::Gate.exit_code() } else { 0 })
}

/// Where a series' verdict is written to.
pub(super) struct Files {
    pub(super) junit: Option<PathBuf>,
    pub(super) sarif: Option<PathBuf>,
    pub(super) report: Option<PathBuf>,
    pub(super) html: Option<PathBuf>,
}

pub(super) fn write_files(files: &Files, reports: &[Report], series: &Series, progress: &Progress) -> Result<()> {
    let json = |value: &serde_json::Value| {
        let text = serde_json::to_string_pretty(value);
        text.map(|text| text + "\n").map_err(|e| Error::internal("an answer has no JSON form").because(e))
    };
    let whole = || serde_json::to_value(series).map_err(|e| Error::internal("an answer has no JSON form").because(e));
    let write = |path: &Option<PathBuf>, text: &dyn Fn(&Path) -> Result<String>| -> Result<()> {
        let Some(path) = path else { return Ok(()) };
        write_atomically(path, text(path)?.as_bytes())?;
        progress.mention(&format!("wrote {}", path.display()));
        Ok(())
    };
    write(&files.junit, &|_| Ok(junit::write(reports)))?;
    write(&files.sarif, &|_| json(&annotations::sarif(reports)))?;
    write(&files.report, &|_| json(&whole()?))?;
    write(&files.html, &|path| {
        // The page may not be there yet; its folder tells where links lead through.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let page = absolute(folder).join(path.file_name().unwrap_or_default());
        Ok(html::page(reports, &|media| media.is_file().then(|| from_page(&page, &absolute(media)))))
    })
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// The way from the folder of a page to a file; both absolute.
fn from_page(page: &Path, file: &Path) -> PathBuf {
    let folder: Vec<Component<'_>> = page.parent().map(|folder| folder.components().collect()).unwrap_or_default();
    let wanted: Vec<Component<'_>> = file.components().collect();
    let shared = folder.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let up = folder[shared..].iter().map(|_| Component::ParentDir);
    up.chain(wanted[shared..].iter().copied()).collect()
}

/// Those with the worst findings first.
fn sorted(reports: &[Report]) -> Vec<&Report> {
    let mut sorted: Vec<&Report> = reports.iter().collect();
    sorted.sort_by_key(|report| std::cmp::Reverse(report.worst()));
    sorted
}

/// Warnings and errors alone, grouped by episode and language.
pub(super) fn wrong(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in sorted(reports) {
        let is_wrong = |finding: &&Finding| finding.severity >= Severity::Warning;
        let wrong: Vec<Finding> = report.findings.iter().filter(is_wrong).cloned().collect();
        if !wrong.is_empty() {
            text.push_str(&format!("{} {}  {}\n", report.episode, report.language, tallied(Tally::of(&wrong))));
            text.push_str(&qc::rows(&wrong));
        }
    }
    text
}

/// Grouped by episode and language.
fn text(reports: &[Report], series: &Series, gate: Gate) -> String {
    let mut text = String::new();
    for report in sorted(reports) {
        let supplied = match report.supplied.why() {
            Some(why) => format!("{}: {why}", report.supplied.name()),
            None => report.supplied.name().to_owned(),
        };
        let tally = tallied(Tally::of(&report.findings));
        text.push_str(&format!("{} {}  {supplied}  {tally}\n", report.episode, report.language));
        text.push_str(&qc::rows(&report.findings));
    }
    let share = &series.share;
    text.push_str(&format!(
        "{} dubbed, {} subtitled, {} held: {:.0}% dubbed; {}; gate {}\n",
        share.dubbed,
        share.subtitled,
        share.held,
        (series.dubbed_share * 100.0).floor(),
        tallied(series.findings),
        match gate {
            Gate::Error => "error",
            Gate::Warning => "warning",
            Gate::None => "none",
        }
    ));
    text
}

fn tallied(tally: Tally) -> String {
    match tally.all() {
        0 => "no findings".to_owned(),
        _ => {
            let told = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            let counts = [(tally.errors, "error"), (tally.warnings, "warning"), (tally.notes, "note")];
            counts.map(|(count, what)| told(count, what)).join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_files_from_where_it_lies() {
        let way = |page: &str, file: &str| from_page(Path::new(page), Path::new(file));
        assert_eq!(way("/a/out/report.html", "/a/out/pt-BR/e.mp4"), Path::new("pt-BR/e.mp4"));
        assert_eq!(way("/a/web/report.html", "/a/out/pt-BR/e.mp4"), Path::new("../out/pt-BR/e.mp4"));
        assert_eq!(way("/report.html", "/a/e.mp4"), Path::new("a/e.mp4"));
    }
}
