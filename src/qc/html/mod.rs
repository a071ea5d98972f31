//! The series as one page for whoever leads it: self-contained, without network, in light and dark.
//!
//! Pure: where deliverables lie is told by the caller. Everything that an episode says is escaped.

mod findings;
mod lines;
mod plots;
mod timeline;

use super::escape::{markup, reference};
use super::series::{Series, Tally, by_episode};
use super::{Report, Severity};
use crate::supply::{Share, Supplied};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Where a media file lies, seen from the page; none where it cannot be shown.
pub type Place<'a> = &'a dyn Fn(&Path) -> Option<PathBuf>;

/// A page on all reports.
pub fn page(reports: &[Report], place: Place<'_>) -> String {
    let series = Series::of(reports);
    let mut reports: Vec<&Report> = reports.iter().collect();
    reports.sort_by(|a, b| by_episode(a, b));
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'; media-src 'self' file:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<a class=\"skip\" href=\"#lines\">To the worst lines</a>\n",
        markup(&title(&series))
    );
    head(&mut out, &series);
    out.push_str("<main>\n");
    matrix(&mut out, &series, &reports);
    lines::worst(&mut out, &reports, place);
    out.push_str("<section aria-labelledby=\"episodes\">\n<h2 id=\"episodes\">Episodes</h2>\n");
    for (index, report) in reports.iter().enumerate() {
        episode(&mut out, report, index, place);
    }
    let _ = write!(
        out,
        "</section>\n</main>\n<footer>dubline {}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        markup(&series.dubline)
    );
    out
}

fn title(series: &Series) -> String {
    let episodes = counted(series.episodes.len(), "episode");
    let languages = counted(series.languages.len(), "language");
    format!("Dubbing report: {episodes}, {languages}")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn percent(share: f64) -> String {
    // Rounded down: nine tenths are not reached by rounding.
    format!("{}%", (share * 100.0 + 1e-9).floor())
}

fn head(out: &mut String, series: &Series) {
    let Share { dubbed, subtitled, held } = series.share;
    let Tally { errors, warnings, notes } = series.findings;
    let verdict = match (held, errors, warnings) {
        (0, 0, 0) => ("good", "Everything may ship."),
        (0, 0, _) => ("warning", "Nothing stands against shipping; have a look at the warnings."),
        (0, _, _) => ("error", "Some of it should not ship yet."),
        (_, _, _) => ("error", "Some of it is held, and waits for a person."),
    };
    let _ = write!(
        out,
        "<header>\n<h1>Dubbing report</h1>\n<p class=\"sub\">{} in {}</p>\n\
         <p class=\"verdict {}\">{}</p>\n<dl class=\"cards\">\n",
        counted(series.episodes.len(), "episode"),
        counted(series.languages.len(), "language"),
        verdict.0,
        verdict.1
    );
    let mut card = |value: String, name: &str, class: &str| {
        let _ = writeln!(out, "<div class=\"card {class}\"><dt>{name}</dt><dd>{value}</dd></div>");
    };
    let on = |count: usize, class: &'static str| if count > 0 { class } else { "" };
    card(percent(series.dubbed_share), "dubbed", "large");
    card(format!("{dubbed} of {}", series.share.all()), "with a dub", "");
    card(subtitled.to_string(), "subtitles alone", "");
    card(held.to_string(), "held", on(held, "error"));
    card(errors.to_string(), "errors", on(errors, "error"));
    card(warnings.to_string(), "warnings", on(warnings, "warning"));
    card(notes.to_string(), "notes", "");
    out.push_str("</dl>\n</header>\n");
}

fn matrix(out: &mut String, series: &Series, reports: &[&Report]) {
    out.push_str(
        "<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Episodes and languages</h2>\n\
         <div class=\"scroll table\" tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix\">\n<table class=\"matrix\">\n\
         <thead><tr><th scope=\"col\">episode</th>",
    );
    for row in &series.languages {
        let _ = write!(
            out,
            "<th scope=\"col\">{}<span class=\"small\">{} · {} dubbed</span></th>",
            markup(&row.language.name()),
            markup(row.language.tag()),
            percent(row.dubbed_share)
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &series.episodes {
        let _ = write!(out, "<tr><th scope=\"row\" dir=\"auto\">{}</th>", markup(&row.episode));
        for language in &series.languages {
            let is_own = |report: &&Report| report.episode == row.episode && report.language == language.language;
            let Some(index) = reports.iter().position(is_own) else {
                out.push_str("<td class=\"none\">–</td>");
                continue;
            };
            let report = reports[index];
            let worst = report.worst().map_or("good", Severity::name);
            let why = report.supplied.why().map(|why| format!(": {why}")).unwrap_or_default();
            let name = report.supplied.name();
            let _ = write!(
                out,
                "<td class=\"{worst}\"><a href=\"#r{index}\" title=\"{}\"><b class=\"{name}\">{name}</b>\
                 <span class=\"small\">{}</span></a></td>",
                markup(&format!("{name}{why}")),
                tallied(Tally::of(&report.findings))
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

/// `2 errors, 1 note`.
fn tallied(tally: Tally) -> String {
    let parts: Vec<String> = [(tally.errors, "error"), (tally.warnings, "warning"), (tally.notes, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

fn episode(out: &mut String, report: &Report, index: usize, place: Place<'_>) {
    let name = report.supplied.name();
    let _ = writeln!(
        out,
        "<article id=\"r{index}\" data-language=\"{}\">\n<h3><span dir=\"auto\">{}</span> · {} → {} \
         <b class=\"{name}\">{name}</b></h3>",
        markup(report.language.tag()),
        markup(&report.episode),
        markup(&report.from.name()),
        markup(&report.language.name()),
    );
    out.push_str(&facts(report, place));
    timeline::draw(out, report);
    plots::draw(out, report);
    lines::whole(out, report);
    out.push_str("</article>\n");
}

/// What it was made from and what was made, in a line or two.
fn facts(report: &Report, place: Place<'_>) -> String {
    let counts = &report.counts;
    let mut facts = vec![
        markup(&report.source.duration.to_string()),
        format!("{}, {} failed", counted(counts.cues, "line"), counts.failed),
        format!("{} stretched, {} overlapping", counts.stretched, counts.overlapping),
    ];
    if let Some(file) = &report.deliverable {
        let name = markup(&file.path.display().to_string());
        facts.push(match place(&file.path) {
            Some(path) => format!("<a href=\"{}\">{name}</a>", markup(&reference(&path))),
            None => name,
        });
    }
    let why = match (&report.supplied, report.supplied.why()) {
        (Supplied::Dubbed, _) | (_, None) => String::new(),
        (supplied, Some(why)) => {
            format!("<p class=\"why\">{}: {}</p>\n", supplied.name(), markup(&why.to_string()))
        }
    };
    format!("<p class=\"facts\">{}</p>\n{why}", facts.join(" · "))
}

#[cfg(test)]
mod tests;
