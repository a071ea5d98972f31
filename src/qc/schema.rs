//! The report's format: its version, the JSON Schema that says what it is, and reading older versions.

use super::Report;
use crate::error::{Error, Kind, Result};
use serde_json::{Value, json};

/// Version of the report's format.
pub const SCHEMA: u32 = 2;

/// JSON Schema (draft 2020-12) of the report.
pub const JSON_SCHEMA: &str = include_str!("report.schema.json");

impl Report {
    /// Reads a report of this version or an older one. What an older one did not say is left out, findings too:
    /// they are made anew by judging.
    ///
    /// # Errors
    /// Fails as document where it is no report, or a newer one than this dubline knows.
    pub fn parse(bytes: &[u8]) -> Result<Report> {
        let bad = |e: serde_json::Error| {
            Error::new(Kind::Document, "is no report")
                .row(e.line().max(1))
                .because(e)
                .hint("give the report.json that `dubline run` wrote, for example out/en/episode.report.json")
        };
        let mut value: Value = serde_json::from_slice(bytes).map_err(bad)?;
        let version = value.get("schema").and_then(Value::as_u64).unwrap_or(0);
        if version > u64::from(SCHEMA) {
            return Err(Error::new(Kind::Document, format!("is a report of version {version}, newer than {SCHEMA}"))
                .hint("use the dubline that wrote it, or a newer one"));
        }
        if version == 1 {
            value["schema"] = json!(SCHEMA);
            value["findings"] = json!([]);
            // Until then an episode was dubbed whole or not delivered at all.
            let failed: Vec<&Value> = value["lines"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|line| line.get("failed").is_some_and(Value::is_string))
                .map(|line| &line["line"])
                .collect();
            value["supplied"] = match value["complete"].as_bool() {
                Some(true) => json!({ "as": "dubbed" }),
                _ => json!({
                    "as": "held",
                    "why": { "reason": "failed-lines", "failed": failed.len(), "allowed": 0 },
                    "lines": failed,
                }),
            };
        }
        serde_json::from_value(value).map_err(bad)
    }
}
