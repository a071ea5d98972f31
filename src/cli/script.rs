//! `dubline script`: lines to people and back.

use crate::edits::Format;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do with a script.
#[derive(Debug, Subcommand)]
pub enum ScriptCommand {
    /// Write a script as a table, or as subtitles, for people to edit.
    Export {
        /// The script that `dubline run` wrote: out/en/episode.script.json.
        #[arg(value_name = "SCRIPT")]
        script: PathBuf,
        /// Format; the extension of --output, or csv, where it is not given.
        #[arg(long, value_enum, value_name = "NAME")]
        format: Option<SheetFormat>,
        /// Where to; standard output where it is not given. A file that is there is never replaced.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Folder of the edits.
        #[arg(long, value_name = "DIR")]
        edits: Option<PathBuf>,
    },
    /// Take what people changed or approved into the edits, which every later run keeps to.
    Import {
        /// The edited table, subtitles or script.
        #[arg(value_name = "EDITED")]
        edited: PathBuf,
        /// The script that was exported.
        #[arg(long, value_name = "SCRIPT")]
        of: PathBuf,
        /// Take every line in the file as read and approved.
        #[arg(long)]
        approve: bool,
        /// Who edited it.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// The document of edits; EPISODE.LANGUAGE.edits.json in the folder of the edits where it is not given.
        #[arg(long, short, value_name = "FILE", conflicts_with = "edits")]
        output: Option<PathBuf>,
        /// Folder of the edits.
        #[arg(long, value_name = "DIR")]
        edits: Option<PathBuf>,
    },
    /// Say how far people are with a script.
    Status {
        /// The script that `dubline run` wrote.
        #[arg(value_name = "SCRIPT")]
        script: PathBuf,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
        /// Folder of the edits.
        #[arg(long, value_name = "DIR")]
        edits: Option<PathBuf>,
    },
}

/// What a script is exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SheetFormat {
    /// A table for any spreadsheet: UTF-8 with a byte order mark, parted by commas.
    Csv,
    /// The same, parted by tabs.
    Tsv,
    /// Subtitles at the times of the cues.
    Srt,
    /// The table as JSON.
    Json,
}

impl From<SheetFormat> for Format {
    fn from(format: SheetFormat) -> Format {
        match format {
            SheetFormat::Csv => Format::Csv,
            SheetFormat::Tsv => Format::Tsv,
            SheetFormat::Srt => Format::Srt,
            SheetFormat::Json => Format::Json,
        }
    }
}
