//! Flags of `dubline check`, and the layer of settings that they make.

use crate::error::{Error, Kind, Result};
use crate::settings::{Layer, Origin};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use toml::{Table, Value};

/// Finished work, and how to judge it.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// Output folders of `dubline run`, or reports, deliverables or scripts in them.
    #[arg(required_unless_present = "schema", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Findings of this severity and above fail the check.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub gate: Option<GateFlag>,
    /// Language that a script without a report is translated from.
    #[arg(long, value_name = "LANG")]
    pub from: Option<String>,
    /// Folder or file of a glossary; may be repeated, later ones win.
    #[arg(long, value_name = "PATH")]
    pub glossary: Vec<PathBuf>,
    /// Settings file; the nearest dubline.toml where it is not given.
    #[arg(long, value_name = "FILE", env = "DUBLINE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print the series and its findings as JSON.
    #[arg(long, conflicts_with = "annotations")]
    pub json: bool,
    /// Print findings as GitHub's workflow commands.
    #[arg(long)]
    pub annotations: bool,
    /// Write JUnit XML.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub junit: Option<PathBuf>,
    /// Write a SARIF log.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub sarif: Option<PathBuf>,
    /// Write a page for people: one file, no network.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub html: Option<PathBuf>,
    /// Write the series as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub report: Option<PathBuf>,
    /// Print the JSON Schema of report.json, and do nothing else.
    #[arg(long, conflicts_with = "paths")]
    pub schema: bool,
}

/// What fails the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GateFlag {
    /// Errors.
    Error,
    /// Errors and warnings.
    Warning,
    /// Nothing: findings are told, no more.
    None,
}

impl CheckOptions {
    /// The flags that are settings, as a layer.
    ///
    /// # Errors
    /// Fails if a glossary's path is not UTF-8.
    pub fn layer(&self) -> Result<Layer> {
        let mut values = Table::new();
        if let Some(gate) = self.gate {
            let name = match gate {
                GateFlag::Error => "error",
                GateFlag::Warning => "warning",
                GateFlag::None => "none",
            };
            values.insert("gate".into(), name.into());
        }
        if let Some(from) = &self.from {
            values.insert("from".into(), from.clone().into());
        }
        if !self.glossary.is_empty() {
            let text = |path: &PathBuf| {
                path.to_str().map(|text| Value::String(text.to_owned())).ok_or_else(|| {
                    Error::new(Kind::Usage, "a path is not valid UTF-8")
                        .file(path)
                        .hint("rename it, or give the path through a link")
                })
            };
            let paths = self.glossary.iter().map(text).collect::<Result<Vec<_>>>()?;
            values.insert("glossaries".into(), Value::Array(paths));
        }
        Ok(Layer { origin: Origin::Flag, values })
    }
}
