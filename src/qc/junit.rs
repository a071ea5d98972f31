//! JUnit XML: what every continuous-integration service shows. A suite for each episode and language, a case for each
//! check.
//!
//! Errors and warnings fail their case; notes are told in its output.

use super::escape::markup;
use super::{CHECKS, Finding, Report, Severity};
use std::fmt::Write;

/// The reports as one JUnit document.
pub fn write(reports: &[Report]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failing: usize = reports.iter().map(|report| failing(report).count()).sum();
    let cases = reports.len() * CHECKS.len();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "<testsuites name=\"dubline\" tests=\"{cases}\" failures=\"{failing}\" errors=\"0\">");
    for report in reports {
        suite(&mut out, report);
    }
    out.push_str("</testsuites>\n");
    out
}

/// The checks that fail for a report.
fn failing(report: &Report) -> impl Iterator<Item = &'static str> + '_ {
    let fails = |name: &str| report.findings.iter().any(|f| f.check == name && f.severity > Severity::Note);
    CHECKS.iter().map(|check| check.name).filter(move |name| fails(name))
}

fn suite(out: &mut String, report: &Report) {
    let name = markup(&format!("{} {}", report.episode, report.language));
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3}\" \
         timestamp=\"{}\">",
        CHECKS.len(),
        failing(report).count(),
        report.run.seconds,
        report.run.ended.strftime("%Y-%m-%dT%H:%M:%S")
    );
    for check in CHECKS {
        let own = || report.findings.iter().filter(|finding| finding.check == check.name);
        let failed: Vec<&Finding> = own().filter(|finding| finding.severity > Severity::Note).collect();
        let notes: Vec<&Finding> = own().filter(|finding| finding.severity == Severity::Note).collect();
        let case = format!("    <testcase classname=\"{name}\" name=\"{}\" time=\"0\"", check.name);
        if failed.is_empty() && notes.is_empty() {
            let _ = writeln!(out, "{case}/>");
            continue;
        }
        let _ = writeln!(out, "{case}>");
        // Services show one failure a case: the worst one's words above, all of them below.
        if let Some(first) = failed.first() {
            let more = match failed.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            let message = markup(&format!("{}{more}", sentence(first)));
            let _ = writeln!(
                out,
                "      <failure message=\"{message}\" type=\"{}\">{}</failure>",
                first.severity.name(),
                markup(&all(&failed))
            );
        }
        if !notes.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", markup(&all(&notes)));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n");
}

/// `line 12 at 0:31.200: the take is compressed …`.
fn sentence(finding: &Finding) -> String {
    let place = match (finding.line, finding.at) {
        (Some(line), Some(at)) => format!("line {line} at {at}: "),
        (Some(line), None) => format!("line {line}: "),
        (None, Some(at)) => format!("at {at}: "),
        (None, None) => String::new(),
    };
    format!("{place}{}", finding.message)
}

fn all(findings: &[&Finding]) -> String {
    let told = |finding: &&Finding| {
        let mut text = format!("{}: {}\n", finding.severity.name(), sentence(finding));
        let Finding { id, measured, limit, remedy, .. } = finding;
        for (name, said) in [("measured", measured), ("limit", limit), ("remedy", remedy), ("id", id)] {
            if !said.is_empty() {
                let _ = writeln!(text, "  {name}: {said}");
            }
        }
        text
    };
    findings.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{judge, tests::report};
    use super::*;
    use crate::time::Time;

    #[test]
    fn it_is_xml_whatever_the_lines_say() {
        let mut bad = report();
        bad.episode = "a \"b\" <c> & ]]>\u{7}".into();
        bad.complete = false;
        bad.lines[0].failed = Some("the \"model\" said <|im_end|> & \u{0}".into());
        bad.lines[1].failed = Some("later".into());
        let captions = bad.subtitles.as_mut().unwrap();
        captions.captions[0].span.end = Time::from_ms(2990);
        bad.findings = judge(&bad);
        let text = write(&[bad, report()]);
        let read = roxmltree::Document::parse(&text).unwrap();
        let root = read.root_element();
        assert_eq!((root.attribute("failures"), root.children().filter(|c| c.is_element()).count()), (Some("1"), 2));
        let suite = root.children().find(|child| child.is_element()).unwrap();
        assert_eq!(suite.attribute("name"), Some("a \"b\" <c> & ]]>\u{fffd} pt-BR"));
        let case = |name: &str| suite.children().find(|child| child.attribute("name") == Some(name)).unwrap();
        let failure = case("failed-line").children().find(|child| child.has_tag_name("failure")).unwrap();
        assert!(failure.attribute("message").unwrap().contains("<|im_end|> & \u{fffd} (and 1 more)"));
        assert_eq!(failure.attribute("type"), Some("error"));
        for word in ["measured: no line", "limit: none, or as many as", "remedy: run again"] {
            assert!(failure.text().unwrap().contains(word), "{word}");
        }
        // A note does not fail.
        let gap = case("caption-gap");
        assert!(gap.children().all(|child| !child.has_tag_name("failure")));
        assert!(gap.descendants().any(|child| child.has_tag_name("system-out")));
        assert_eq!(case("stretch").children().count(), 0);
    }
}
