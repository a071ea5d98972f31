//! Findings as a list: what is said of many is read once, with its count.

use super::super::Finding;
use super::super::escape::markup;
use std::fmt::Write;

/// Of so many that say the same the places are shown; those of the rest at a click.
const FEW: usize = 6;

/// Findings in their order, those of one check together. `line` is what the line says, where they are of one: it stands
/// above them, and is not shown again as what was measured.
pub(super) fn list(out: &mut String, findings: &[&Finding], line: Option<&str>) {
    out.push_str("<ul class=\"findings\">\n");
    for group in findings.chunk_by(|a, b| (a.severity, &a.check) == (b.severity, &b.check)) {
        told(out, group, line);
    }
    out.push_str("</ul>\n");
}

/// Findings of one check and severity.
fn told(out: &mut String, group: &[&Finding], line: Option<&str>) {
    let Some(first) = group.first() else { return };
    let severity = first.severity.name();
    let _ = write!(
        out,
        "<li><span class=\"mark {severity}\">{severity}</span> <b>{}</b>{}",
        markup(&first.check),
        times(group.len())
    );
    let alike: Vec<&[&Finding]> = group.chunk_by(|a, b| (&a.message, &a.limit) == (&b.message, &b.limit)).collect();
    // Where all have one remedy, it is told at the end.
    let shared = group.iter().all(|finding| finding.remedy == first.remedy).then_some(first.remedy.as_str());
    match alike[..] {
        [one] => {
            out.push_str(": ");
            sentence(out, one, line, shared);
        }
        _ => {
            out.push_str("\n<ul>\n");
            for same in &alike {
                out.push_str("<li>");
                sentence(out, same, line, None);
                if let Some(own) = same.first().filter(|_| shared.is_none()) {
                    let _ = write!(out, " <span class=\"small\">{}</span>", markup(&own.remedy));
                }
                out.push_str("</li>\n");
            }
            out.push_str("</ul>\n");
            if let Some(remedy) = shared {
                let _ = write!(out, "<span class=\"small\">{}</span>", markup(remedy));
            }
        }
    }
    out.push_str("</li>\n");
}

/// Findings that say the same, of several places; one place may be named more than once.
fn sentence(out: &mut String, same: &[&Finding], line: Option<&str>, remedy: Option<&str>) {
    let Some(first) = same.first() else { return };
    let _ = write!(out, "<span dir=\"auto\">{}</span>", markup(&first.message));
    let places: Vec<&[&Finding]> =
        same.chunk_by(|a, b| (a.line, a.at, &a.measured) == (b.line, b.at, &b.measured)).collect();
    let (few, rest) = places.split_at(if places.len() > FEW + 1 { FEW } else { places.len() });
    for place in few {
        measured(out, place, line);
    }
    let limit = if first.limit.is_empty() { String::new() } else { format!("limit {}", first.limit) };
    let small: Vec<&str> = [limit.as_str(), remedy.unwrap_or_default()].into_iter().filter(|s| !s.is_empty()).collect();
    if !small.is_empty() {
        let _ = write!(out, " <span class=\"small\">{}</span>", markup(&small.join(" · ")));
    }
    if !rest.is_empty() {
        let _ = write!(out, "<details><summary>{} more</summary>", rest.len());
        for place in rest {
            measured(out, place, line);
        }
        out.push_str("</details>");
    }
}

/// Where it is, if the line does not tell, and what was measured there.
fn measured(out: &mut String, place: &[&Finding], line: Option<&str>) {
    let Some(first) = place.first() else { return };
    let _ = write!(out, " <span data-id=\"{}\">", markup(&first.id));
    if let (None, Some(at)) = (first.line, first.at) {
        let _ = write!(out, "<span class=\"small\">at {at}</span> ");
    }
    if !first.measured.is_empty() && line != Some(first.measured.as_str()) {
        let _ = write!(out, "<span class=\"measured\" dir=\"auto\">{}</span>", markup(&first.measured));
    }
    let _ = write!(out, "{}</span>", times(place.len()));
}

fn times(count: usize) -> String {
    if count > 1 { format!(" <span class=\"count\">×{count}</span>") } else { String::new() }
}
