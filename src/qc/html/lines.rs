//! Lines with something wrong, the worst first, each with what was said, what the dub says, and players for both.

use super::super::escape::{markup, reference};
use super::super::series::Tally;
use super::super::{Finding, LineReport, Report, Severity};
use super::findings::list;
use super::{Place, counted, tallied};
use crate::time::{Delta, Span};
use std::fmt::Write;

/// A page of more is not read; the rest is in the JSON.
const MOST: usize = 200;
/// Heard before and after a line, so that its beginning and end can be judged.
const AROUND: Delta = Delta::from_ms(700);

/// A line with its findings, the worst first.
struct Flagged<'a> {
    report: &'a Report,
    line: &'a LineReport,
    findings: Vec<&'a Finding>,
}

impl Flagged<'_> {
    fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Note)
    }

    /// How many findings there are of each severity, the worst severity first.
    fn weight(&self) -> [usize; 3] {
        [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| self.findings.iter().filter(|finding| finding.severity == severity).count())
    }
}

fn flagged<'a>(reports: &[&'a Report]) -> Vec<Flagged<'a>> {
    let mut all: Vec<Flagged<'a>> = Vec::new();
    for report in reports {
        for line in &report.lines {
            let findings: Vec<&Finding> = report.findings.iter().filter(|f| f.line == Some(line.line)).collect();
            if !findings.is_empty() {
                all.push(Flagged { report, line, findings });
            }
        }
    }
    all.sort_by_key(|flagged| std::cmp::Reverse(flagged.weight()));
    all
}

/// The lines of all reports.
pub(super) fn worst(out: &mut String, reports: &[&Report], place: Place<'_>) {
    let all = flagged(reports);
    let _ = write!(
        out,
        "<section aria-labelledby=\"lines\">\n<h2 id=\"lines\" tabindex=\"-1\">Worst lines first \
         <span class=\"small\">{}</span></h2>\n",
        counted(all.len(), "line")
    );
    if all.is_empty() {
        out.push_str("<p>No line has a finding.</p>\n</section>\n");
        return;
    }
    filter(out, reports, &all);
    out.push_str("<ol class=\"lines\">\n");
    for flagged in all.iter().take(MOST) {
        item(out, flagged, place);
    }
    out.push_str("</ol>\n<p class=\"nothing\" hidden>No line is left by this choice.</p>\n");
    let rest = all.get(MOST..).unwrap_or_default();
    if !rest.is_empty() {
        let notes = match with(rest, Severity::Note) {
            0 => String::new(),
            notes => format!(", {notes} with notes alone"),
        };
        let rest = counted(rest.len(), "line");
        let _ =
            writeln!(out, "<p>{rest} more{notes}: see the findings as JSON (<code>dubline check --json</code>).</p>");
    }
    out.push_str("</section>\n");
}

/// Lines with nothing worse than this.
fn with(flagged: &[Flagged<'_>], severity: Severity) -> usize {
    flagged.iter().filter(|flagged| flagged.worst() == severity).count()
}

/// Shown by the script, since without it nothing would happen; so is what the choice hides.
fn filter(out: &mut String, reports: &[&Report], all: &[Flagged<'_>]) {
    let mut tags: Vec<(&str, String)> = Vec::new();
    for report in reports {
        let tag = report.language.tag();
        if !tags.iter().any(|(known, _)| *known == tag) {
            tags.push((tag, report.language.name()));
        }
    }
    tags.sort();
    out.push_str("<form class=\"filter\" hidden>\n<fieldset><legend>Show</legend>\n");
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let name = severity.name();
        let checked = if severity == Severity::Note { "" } else { " checked" };
        let _ = writeln!(
            out,
            "<label><input type=\"checkbox\" name=\"severity\" value=\"{name}\"{checked}> {name}s \
             <span class=\"count\">{}</span></label>",
            with(all, severity)
        );
    }
    out.push_str("</fieldset>\n<label>Language <select name=\"language\"><option value=\"\">all</option>");
    for (tag, name) in tags {
        let _ = write!(out, "<option value=\"{}\">{}</option>", markup(tag), markup(&name));
    }
    out.push_str("</select></label>\n<label>Search <input type=\"search\" name=\"text\"></label>\n<output class=\"shown\"></output>\n</form>\n");
}

fn item(out: &mut String, flagged: &Flagged<'_>, place: Place<'_>) {
    let Flagged { report, line, findings } = flagged;
    let worst = flagged.worst().name();
    let span = line.take.as_ref().map_or(line.cue, |take| take.span);
    let language = markup(report.language.tag());
    let speaker = line.speaker.as_deref().map_or(String::new(), |speaker| {
        format!(" · <span dir=\"auto\" lang=\"{}\">{}</span>", markup(report.from.tag()), markup(speaker))
    });
    let _ = write!(
        out,
        "<li class=\"line {worst}\" data-severity=\"{worst}\" data-language=\"{language}\">\n\
         <p class=\"place\"><b class=\"badge {worst}\">{worst}</b> <span dir=\"auto\">{}</span> · {} · line {} · {}{speaker}</p>\n",
        markup(&report.episode),
        markup(&report.language.name()),
        line.line,
        time_link(report, span, place)
    );
    let _ = write!(
        out,
        "<div class=\"said\"><p lang=\"{}\" dir=\"auto\">{}</p>",
        markup(report.from.tag()),
        markup(&line.source)
    );
    match &line.text {
        Some(text) => {
            let _ = writeln!(out, "<p class=\"dub\" lang=\"{language}\" dir=\"auto\">{}</p></div>", markup(text));
        }
        None => out.push_str("<p class=\"dub gone\">no line</p></div>\n"),
    }
    list(out, findings, line.text.as_deref());
    players(out, report, span, place);
    out.push_str("</li>\n");
}

/// The findings of a report that are about no line.
pub(super) fn whole(out: &mut String, report: &Report) {
    let own: Vec<&Finding> = report.findings.iter().filter(|finding| finding.line.is_none()).collect();
    if own.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<details class=\"more\"{}><summary>On the whole: {}</summary>",
        // What should not ship is not hidden.
        if own.iter().any(|finding| finding.severity == Severity::Error) { " open" } else { "" },
        tallied(Tally::of(own.iter().copied()))
    );
    list(out, &own, None);
    out.push_str("</details>\n");
}

fn time_link(report: &Report, span: Span, place: Place<'_>) -> String {
    let at = span.start.to_string();
    let path = report.deliverable.as_ref().and_then(|file| place(&file.path));
    match path {
        Some(path) => format!("<a href=\"{}#t={:.3}\">{at}</a>", markup(&reference(&path)), span.start.seconds()),
        None => at,
    }
}

/// Players of a line: the dub from the deliverable; the original from the source, since of several sounds in a file
/// browsers play the default one. For that reason a combined file has a player for its first dub alone.
fn players(out: &mut String, report: &Report, span: Span, place: Place<'_>) {
    let dub = report.deliverable.as_ref().filter(|file| file.sound(&report.language) == 0);
    let dub = dub.and_then(|file| place(&file.path));
    let original = place(&report.source.path);
    if dub.is_none() && original.is_none() {
        return;
    }
    let element = if report.source.frame.is_some() { "video" } else { "audio" };
    let start = (span.start.seconds() - AROUND.seconds()).max(0.0);
    let end = span.end.seconds() + AROUND.seconds();
    out.push_str("<details class=\"players\"><summary>Listen</summary>\n<div>\n");
    for (name, path) in [("dub", dub), ("original", original)] {
        let Some(path) = path else { continue };
        let _ = writeln!(
            out,
            "<figure><{element} controls preload=\"none\" src=\"{}#t={start:.3},{end:.3}\"></{element}>\
             <figcaption>{name}</figcaption></figure>",
            markup(&reference(&path))
        );
    }
    out.push_str("</div>\n</details>\n");
}
