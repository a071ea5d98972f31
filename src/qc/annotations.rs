//! Findings where code reviewers see them: GitHub's workflow commands, and SARIF 2.1.0.
//!
//! Both want a file: that is the deliverable, or where there is none, the source.

use super::escape::reference;
use super::{CHECKS, Finding, Report, Severity};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

/// Workflow commands, one a line: `::error file=…,title=…::…`.
pub fn github(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let file = property(&file(report).to_string_lossy());
        for finding in &report.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let title = property(&format!("{} ({} {})", finding.check, finding.episode, finding.language));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "::{command} file={file},title={title}::{}", data(&words(finding)));
        }
    }
    out
}

/// A SARIF log of all findings.
pub fn sarif(reports: &[Report]) -> Value {
    let rules: Vec<Value> =
        CHECKS.iter().map(|check| json!({ "id": check.name, "shortDescription": { "text": check.about } })).collect();
    let result = |(report, finding): (&Report, &Finding)| {
        let place = match (finding.line, finding.at) {
            (Some(line), _) => format!("/line {line}"),
            (None, Some(at)) => format!("/{at}"),
            (None, None) => String::new(),
        };
        json!({
            "ruleId": finding.check,
            "ruleIndex": CHECKS.iter().position(|check| check.name == finding.check),
            "level": finding.severity.name(),
            "message": { "text": words(finding) },
            "locations": [{
                "physicalLocation": { "artifactLocation": { "uri": reference(file(report)) } },
                "logicalLocations": [{
                    "fullyQualifiedName": format!("{}/{}{place}", finding.episode, finding.language),
                    "kind": "member",
                }],
            }],
            "partialFingerprints": { "dublineFinding/v1": finding.id },
            "properties": { "measured": finding.measured, "limit": finding.limit, "remedy": finding.remedy },
        })
    };
    let results: Vec<Value> =
        reports.iter().flat_map(|report| report.findings.iter().map(move |f| (report, f))).map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dubline",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/dubline/dubline",
                "rules": rules,
            } },
            "results": results,
        }],
    })
}

fn file(report: &Report) -> &Path {
    report.deliverable.as_ref().map_or(&report.source.path, |file| &file.path)
}

fn words(finding: &Finding) -> String {
    let line = finding.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let at = finding.at.map(|at| format!(" at {at}")).unwrap_or_default();
    let Finding { message, remedy, .. } = finding;
    format!("{line}{message}{at}{}. {remedy}", finding.figures())
}

/// Escaped as GitHub's toolkit does it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{judge, tests::report};
    use super::*;

    fn bad() -> Report {
        let mut bad = report();
        bad.complete = false;
        bad.lines[0].failed = Some("100%\n::set-output name=a::b".into());
        bad.deliverable.as_mut().unwrap().path = "out/pt-BR/a, b: c.mp4".into();
        bad.findings = judge(&bad);
        bad
    }

    #[test]
    fn a_finding_is_one_command_whatever_it_says() {
        let text = github(&[report(), bad()]);
        let commands: Vec<&str> = text.lines().collect();
        assert_eq!(commands.len(), 1, "{text}");
        let start = "::error file=out/pt-BR/a%2C b%3A c.mp4,title=failed-line (ep03 pt-BR)::line 1: the line failed: ";
        assert!(commands[0].starts_with(&format!("{start}100%25%0A::set-output")), "{text}");
    }

    #[test]
    fn sarif_names_rule_file_and_fingerprint() {
        let log = sarif(&[report(), bad()]);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 1);
        let result = &run["results"][0];
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        assert_eq!(result["level"], "error");
        let place = &result["locations"][0];
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "out/pt-BR/a%2C%20b%3A%20c.mp4");
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "ep03/pt-BR/line 1");
        assert_eq!(result["partialFingerprints"]["dublineFinding/v1"], "failed-line/ep03/pt-BR/1");
    }
}
