//! Glossaries in other programs' formats: tables (CSV, TSV) and TBX, next to our TOML.
//!
//! A new format is one file in this folder and one line in [`FORMATS`]. Pure: bytes in, entries out, and back. What a
//! format has no place for is left out and told, never dropped in silence. Files are not trusted: sizes are bounded,
//! and nothing that they name is opened.

mod cells;
mod table;
mod tbx;

use super::file::{self, pair_of_path};
use super::{Entry, Source, Style, write};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::subtitle;
use std::path::Path;

/// The largest file that is read: a glossary of a hundred thousand entries takes a tenth of it.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most entries that a file may have.
const MAX_ENTRIES: usize = 200_000;
/// The longest text of an entry, in characters; a longer one is a missing quote or tag.
const MAX_TEXT: usize = 2_000;

/// A file format for glossaries.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// What people call it.
    pub name: &'static str,
    read: fn(&str, &Path, &Wanted) -> Result<Imported>,
    write: fn(&Source) -> Result<Exported>,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { extension: "toml", name: "dubline's own", read: read_toml, write: write_toml },
    Format { extension: "csv", name: "comma-separated values", read: table::read_csv, write: table::write_csv },
    Format { extension: "tsv", name: "tab-separated values", read: table::read_tsv, write: table::write_tsv },
    Format { extension: "tbx", name: "TermBase eXchange", read: tbx::read, write: tbx::write },
];

/// What is known beside the file, for formats that do not say it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Source language.
    pub from: Option<Lang>,
    /// Target language.
    pub to: Option<Lang>,
    /// Market.
    pub market: Option<String>,
}

/// A glossary that was read.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What it says.
    pub source: Source,
    /// What it has that a glossary has no place for.
    pub left_out: Vec<String>,
}

/// A glossary that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file.
    pub text: String,
    /// What the glossary has that the format has no place for.
    pub left_out: Vec<String>,
}

impl Format {
    /// The format that a file's extension names.
    ///
    /// # Errors
    /// Fails on an unknown one, listing those that are known.
    pub fn of(path: &Path) -> Result<&'static Format> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        FORMATS.iter().find(|format| format.extension.eq_ignore_ascii_case(&extension)).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.extension).collect();
            Error::new(Kind::Usage, "the file's extension names no format of glossaries")
                .file(path)
                .hint(format!("choose one of: .{}", known.join(", .")))
        })
    }

    /// Reads a glossary in UTF-8 or, with a byte order mark, UTF-16.
    ///
    /// # Errors
    /// Fails on the first mistake, naming its row and a remedy.
    pub fn read(&self, bytes: &[u8], path: &Path, wanted: &Wanted) -> Result<Imported> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Error::new(Kind::Document, format!("the file is larger than {} MiB", MAX_BYTES >> 20))
                .file(path)
                .hint("split it"));
        }
        let text = subtitle::decode(bytes).map_err(|error| {
            error.file(path).hint("save the file as UTF-8, for example: iconv -f GB18030 -t UTF-8 old.csv > new.csv")
        })?;
        (self.read)(&text, path, wanted)
    }

    /// Writes a glossary.
    ///
    /// # Errors
    /// Fails only on a defect.
    pub fn write(&self, source: &Source) -> Result<Exported> {
        (self.write)(source)
    }
}

fn read_toml(text: &str, path: &Path, wanted: &Wanted) -> Result<Imported> {
    let mut source = Source::parse(text, path)?;
    let other = |wanted: &Option<Lang>, own: &Lang| wanted.as_ref().is_some_and(|wanted| !own.accepts(wanted));
    if other(&wanted.from, &source.from) || other(&wanted.to, &source.to) {
        return Err(Error::new(Kind::Usage, format!("the file is for {} to {}", source.from, source.to))
            .file(path)
            .hint("leave --from and --to out, or name these"));
    }
    source.market = wanted.market.clone().or(source.market);
    Ok(Imported { source, left_out: Vec::new() })
}

fn write_toml(source: &Source) -> Result<Exported> {
    let about = format!("Read from {}.", source.path.file_name().unwrap_or_default().to_string_lossy());
    // A file's name may hold anything, a comment may not.
    let about: String = about.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Ok(Exported { text: write::file(source, &about), left_out: Vec::new() })
}

/// A glossary from entries alone, its languages from the flags or from the names of file and folder.
fn assemble(
    entries: Vec<(usize, Entry)>,
    path: &Path,
    (from, to): (Lang, Lang),
    market: Option<String>,
) -> Result<Source> {
    if entries.len() > MAX_ENTRIES {
        return Err(Error::new(Kind::Document, format!("the file has more than {MAX_ENTRIES} entries"))
            .file(path)
            .hint("split it"));
    }
    let has_surnames = from.primary() == "zh";
    for (row, entry) in &entries {
        file::check(entry, has_surnames).map_err(|what| {
            Error::new(Kind::Document, format!("the entry {:?} {what}", entry.source))
                .file(path)
                .row(*row)
                .hint("mend the entry, or remove it")
        })?;
    }
    Ok(Source {
        path: path.to_owned(),
        from,
        to,
        market: market.or_else(|| file::market_of_path(path)),
        style: Style::default(),
        surnames: Vec::new(),
        not_surnames: Vec::new(),
        entries,
        built_in: false,
    })
}

/// The pair that flags and names tell.
fn pair(path: &Path, wanted: &Wanted) -> Option<(Lang, Lang)> {
    let named = pair_of_path(path);
    let from = wanted.from.clone().or_else(|| named.as_ref().map(|(from, _)| from.clone()))?;
    Some((from, wanted.to.clone().or_else(|| named.map(|(_, to)| to))?))
}

fn no_pair(path: &Path) -> Error {
    Error::new(Kind::Usage, "the file does not say which languages it is for")
        .file(path)
        .hint("name them with --from and --to, or call the file or its folder zh-en")
}

/// What a format that holds entries alone leaves out.
fn beside_entries(source: &Source) -> Vec<String> {
    let mut left_out = Vec::new();
    for (key, is_empty) in [
        ("[style]", source.style.is_empty()),
        ("[surnames]", source.surnames.is_empty()),
        ("not-surnames", source.not_surnames.is_empty()),
    ] {
        if !is_empty {
            left_out.push(key.to_owned());
        }
    }
    left_out
}

/// A text in one row: what parts its words does not matter, since no entry has line breaks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
