//! `dubline status`: which episodes are there in which language, as what, and how much of it is dubbed.
//!
//! Reads reports; makes and measures nothing.

use super::sources::{self, Asked};
use super::{print, print_json, series};
use dubline::cli::Job;
use dubline::error::{Error, Kind, Result};
use dubline::lang::Lang;
use dubline::progress::Progress;
use dubline::qc::series::Tally;
use dubline::series::Source;
use dubline::settings::Settings;
use dubline::supply::{Share, Supplied};
use serde::Serialize;

/// One episode in one language.
#[derive(Serialize)]
struct Cell {
    language: Lang,
    /// `dubbed`, `subtitled`, `held`, or `missing` where there is no report yet.
    state: &'static str,
    /// Why it is not dubbed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Lines that a person must look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<u32>,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Row {
    episode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    languages: Vec<Cell>,
}

#[derive(Serialize)]
struct Status {
    title: String,
    episodes: Vec<Row>,
    share: Share,
    missing: usize,
    /// The dubbed ones as a share of all that there should be, 0 to 1.
    dubbed_share: f64,
    /// The share that must be dubbed.
    wanted_share: f64,
}

pub(super) fn run(job: &Job, json: bool, progress: &Progress) -> Result<u8> {
    let Asked { resolved, sources, .. } = sources::of(job)?;
    let settings = &resolved.settings;
    if settings.to.is_empty() {
        return Err(Error::new(Kind::Usage, "no target language is given")
            .hint("say which ones: --to en,pt-BR, or `to` in dubline.toml"));
    }
    let row = |source: &Source| {
        let cells = settings.to.iter().map(|language| cell(source, language, settings));
        Ok(Row { episode: source.name.clone(), number: source.number, languages: cells.collect::<Result<Vec<_>>>()? })
    };
    let episodes = sources.iter().map(row).collect::<Result<Vec<Row>>>()?;
    let cells = || episodes.iter().flat_map(|row| &row.languages);
    let count = |state: &str| cells().filter(|cell| cell.state == state).count();
    let share = Share { dubbed: count("dubbed"), subtitled: count("subtitled"), held: count("held") };
    let missing = count("missing");
    let all = share.all() + missing;
    let status = Status {
        title: settings.title.clone(),
        share,
        missing,
        dubbed_share: if all == 0 { 0.0 } else { share.dubbed as f64 / all as f64 },
        wanted_share: settings.supply.dubbed_share,
        episodes,
    };
    if json { print_json(progress, &status) } else { print(progress, &text(&status, &settings.to)) }
}

fn cell(source: &Source, language: &Lang, settings: &Settings) -> Result<Cell> {
    let path = settings.out.join(format!("{}.report.json", sources::output_name(settings, source, language)?));
    let empty =
        Cell { language: language.clone(), state: "missing", why: None, lines: Vec::new(), errors: 0, warnings: 0 };
    let Some(report) = series::report(&path)? else { return Ok(empty) };
    let tally = Tally::of(&report.findings);
    // What is said to be delivered and is not there any more is missing.
    let gone = report.deliverable.as_ref().is_some_and(|file| !file.path.is_file());
    Ok(Cell {
        state: if gone { "missing" } else { report.supplied.name() },
        why: report.supplied.why().map(ToString::to_string),
        lines: match report.supplied {
            Supplied::Held { lines, .. } => lines,
            Supplied::Dubbed | Supplied::Subtitled { .. } => Vec::new(),
        },
        errors: tally.errors,
        warnings: tally.warnings,
        ..empty
    })
}

fn text(status: &Status, languages: &[Lang]) -> String {
    let mut text = if status.title.is_empty() { String::new() } else { format!("{}\n", status.title) };
    let width = status.episodes.iter().map(|row| row.episode.chars().count()).max().unwrap_or(7).max(7);
    text.push_str(&format!("{:width$}", "episode"));
    for language in languages {
        text.push_str(&format!("  {:<12}", language.tag()));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for row in &status.episodes {
        let mut line = format!("{:width$}", row.episode);
        for cell in &row.languages {
            // An exclamation mark where somebody should look.
            let mark = if cell.errors > 0 { " !" } else { "" };
            line.push_str(&format!("  {:<12}", format!("{}{mark}", cell.state)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let held = status.episodes.iter().flat_map(|row| row.languages.iter().map(move |cell| (row, cell)));
    for (row, cell) in held.filter(|(_, cell)| cell.state == "held") {
        let lines: Vec<String> = cell.lines.iter().map(u32::to_string).collect();
        let lines = if lines.is_empty() { String::new() } else { format!(" (lines {})", lines.join(", ")) };
        let why = cell.why.as_deref().unwrap_or_default();
        text.push_str(&format!("held: {} {}: {why}{lines}\n", row.episode, cell.language));
    }
    let share = status.share;
    text.push_str(&format!(
        "{} dubbed, {} subtitled, {} held, {} missing: {:.0}% dubbed, {:.0}% must be\n",
        share.dubbed,
        share.subtitled,
        share.held,
        status.missing,
        (status.dubbed_share * 100.0).floor(),
        (status.wanted_share * 100.0).round()
    ));
    text
}
