//! A script as people see it, row by row, and what they hand back: tables, JSON, subtitles.
//!
//! Does not know files, nor what is done about a change.

mod captions;

use super::follow::folded;
use super::{Edits, Orphan, Status, cues_of_script, follow, table};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Line, LineState, Script};
use crate::subtitle::{self, Caption};
use crate::time::{Span, Time};
use crate::verify::Outcome;
use serde::{Deserialize, Serialize};

/// What a script is handed out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table parted by commas.
    Csv,
    /// A table parted by tabs.
    Tsv,
    /// Subtitles.
    Srt,
    /// JSON.
    Json,
}

impl Format {
    /// The format that a file's extension tells; none for those that only their text tells.
    pub fn of_extension(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            "srt" => Some(Format::Srt),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// How far people are with a line, as a table tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// As an engine wrote it.
    Draft,
    /// A person rewrote it.
    Edited,
    /// A person found it good.
    Approved,
    /// A person's, by an edit that is not at hand.
    Locked,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Mark; 4] = [Mark::Draft, Mark::Edited, Mark::Approved, Mark::Locked];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Mark::Draft => "draft",
            Mark::Edited => "edited",
            Mark::Approved => "approved",
            Mark::Locked => "locked",
        }
    }
}

impl From<Status> for Mark {
    fn from(status: Status) -> Mark {
        match status {
            Status::Edited => Mark::Edited,
            Status::Approved => Mark::Approved,
        }
    }
}

/// One line as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The cue's number.
    pub line: u32,
    /// When the cue is spoken.
    pub span: Span,
    /// Who says it.
    pub speaker: String,
    /// What the cue says.
    pub source: String,
    /// The wording; empty where there is none.
    pub text: String,
    /// Shorter wordings.
    pub tight: Vec<String>,
    /// `written`, what is wrong with it, or why there is none.
    pub state: String,
    /// Why there is no wording.
    #[serde(skip)]
    pub failed: bool,
    /// Is something wrong with the wording?
    #[serde(skip)]
    pub flawed: bool,
    /// Was it edited after the script was written?
    #[serde(skip)]
    pub waiting: bool,
    /// The glossary's decisions that applied, one each.
    pub terms: Vec<String>,
    /// How far people are.
    pub status: Mark,
    /// A word to other people.
    pub note: String,
    /// A mark of the wordings as they are handed out: the table is known by it where the script is no more.
    pub exported: String,
}

/// One line as it came back; what was not said is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands, from 1; none in formats whose rows have no number.
    pub row: Option<usize>,
    /// The cue's number.
    pub line: u32,
    /// When the cue is spoken.
    pub span: Option<Span>,
    /// What the cue says.
    pub source: Option<String>,
    /// The wording.
    pub text: String,
    /// The wording may be a tight one, since subtitles show what is heard.
    pub spoken: bool,
    /// Shorter wordings.
    pub tight: Option<Vec<String>>,
    /// How far people are.
    pub status: Option<Mark>,
    /// The mark of the wordings as they were handed out; what differs from it was changed.
    pub exported: Option<String>,
    /// A word to other people.
    pub note: Option<String>,
}

impl Row {
    /// The mark of its wordings as they are now.
    pub(super) fn mark(&self) -> String {
        mark_of(&self.text, self.tight.as_deref().unwrap_or_default())
    }
}

/// A few letters that stand for wordings: blanks, which spreadsheets change, do not count.
fn mark_of(text: &str, tight: &[String]) -> String {
    let words = std::iter::once(text).chain(tight.iter().map(String::as_str));
    let plain: Vec<String> = words.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // A letter first: a spreadsheet takes 12345678 or 1e234567 for a number.
    format!("x{}", &blake3::hash(plain.join("\n").as_bytes()).to_hex()[..8])
}

const COLUMNS: [&str; 12] =
    ["line", "start", "end", "speaker", "source", "text", "tight", "state", "terms", "status", "note", "exported"];

/// The script under its edits: a line that was edited since is shown as the person wrote it. Also the edits
/// that are for none of its lines.
pub fn show(script: &Script, edits: &Edits) -> (Vec<Shown>, Vec<Orphan>) {
    let followed = follow(&edits.edits, &cues_of_script(script));
    let rows = script.lines.iter().map(|line| {
        let mut shown = shown(line);
        if let Some(edit) = followed.of.get(&line.cue).map(|&index| &edits.edits[index]) {
            shown.status = edit.status.into();
            shown.note.clone_from(&edit.note);
            if !is_locked(line) || line.text() != Some(&edit.text) || shown.tight != edit.tight {
                // What is known of the wording is known of the old one.
                shown.text.clone_from(&edit.text);
                shown.tight.clone_from(&edit.tight);
                shown.state = "waits for the next run".into();
                shown.terms.clear();
                (shown.failed, shown.flawed, shown.waiting) = (false, false, true);
            }
        }
        shown.exported = mark_of(&shown.text, &shown.tight);
        shown
    });
    let orphan = |&index: &usize| Orphan { language: edits.language.clone(), edit: edits.edits[index].clone() };
    (rows.collect(), followed.orphans.iter().map(orphan).collect())
}

pub(super) fn is_locked(line: &Line) -> bool {
    matches!(line.state, LineState::Written { locked: true, .. })
}

fn shown(line: &Line) -> Shown {
    let (state, terms) = match &line.state {
        LineState::Failed { why } => (format!("failed: {why}"), Vec::new()),
        LineState::Written { flaws, terms, .. } => {
            let flaws: Vec<&str> = flaws.iter().map(|flaw| flaw.what.as_str()).collect();
            let term = |term: &crate::verify::Applied| {
                let how = if term.outcome == Outcome::Kept { "" } else { " (missed)" };
                format!("{} → {}{how}", term.source, term.target)
            };
            let state = if flaws.is_empty() { "written".to_owned() } else { flaws.join("\n") };
            (state, terms.iter().map(term).collect())
        }
    };
    Shown {
        line: line.cue,
        span: line.span,
        speaker: line.speaker.clone().unwrap_or_default(),
        source: line.source.clone(),
        text: line.text().unwrap_or_default().to_owned(),
        tight: line.variants().into_iter().skip(1).map(str::to_owned).collect(),
        state,
        failed: line.text().is_none(),
        flawed: matches!(&line.state, LineState::Written { flaws, .. } if !flaws.is_empty()),
        waiting: false,
        terms,
        status: if is_locked(line) { Mark::Locked } else { Mark::Draft },
        note: String::new(),
        exported: String::new(),
    }
}

/// The lines in a format.
///
/// # Errors
/// Fails only if the lines have no JSON form.
pub fn write(rows: &[Shown], language: &Lang, format: Format) -> Result<String> {
    match format {
        Format::Csv => Ok(table::write(&cells(rows), ',')),
        Format::Tsv => Ok(table::write(&cells(rows), '\t')),
        Format::Srt => {
            let spoken = rows.iter().filter(|row| !row.text.is_empty());
            let captions: Vec<Caption> = spoken.map(|row| Caption::new(row.span, row.text.clone())).collect();
            Ok((subtitle::format("srt")?.write)(&captions))
        }
        Format::Json => {
            let value = serde_json::json!({ "language": language, "lines": rows });
            let text = serde_json::to_string_pretty(&value)
                .map_err(|e| Error::internal("a script has no JSON form").because(e))?;
            Ok(text + "\n")
        }
    }
}

fn cells(rows: &[Shown]) -> Vec<Vec<String>> {
    let row = |row: &Shown| {
        vec![
            row.line.to_string(),
            row.span.start.to_string(),
            row.span.end.to_string(),
            row.speaker.clone(),
            row.source.clone(),
            row.text.clone(),
            row.tight.join("\n"),
            row.state.clone(),
            row.terms.join("\n"),
            row.status.name().to_owned(),
            row.note.clone(),
            row.exported.clone(),
        ]
    };
    std::iter::once(COLUMNS.map(str::to_owned).to_vec()).chain(rows.iter().map(row)).collect()
}

/// The lines that came back. Where no format is known, the text tells.
///
/// # Errors
/// Fails if the text is neither UTF-8 nor UTF-16, has columns that make no sense, or a row cannot be read.
pub fn read(bytes: &[u8], format: Option<Format>, script: &Script) -> Result<Vec<Row>> {
    let text = subtitle::decode(bytes).map_err(|error| {
        error.hint("save it as UTF-8 (in a spreadsheet \"CSV UTF-8\"); or convert it, for example: iconv -f GB18030 -t UTF-8 old.csv > new.csv")
    })?;
    match format.unwrap_or_else(|| guessed(&text)) {
        Format::Csv | Format::Tsv => from_table(&text),
        Format::Json => from_json(&text),
        Format::Srt => captions::rows(&subtitle::read(text.as_bytes())?, script),
    }
}

fn guessed(text: &str) -> Format {
    let first = text.trim_start();
    let mut rows = first.lines();
    let (head, next) = (rows.next().unwrap_or_default(), rows.next().unwrap_or_default());
    if first.starts_with('{') {
        Format::Json
    } else if head.starts_with("WEBVTT") || head.contains("-->") || next.contains("-->") {
        Format::Srt
    } else {
        Format::Csv
    }
}

fn from_table(text: &str) -> Result<Vec<Row>> {
    let columns_hint = format!("the columns are: {}; of these line and text must be there", COLUMNS.join(", "));
    let bad = |row: usize, what: String| Error::new(Kind::Document, what).row(row);
    let mut records = table::read(text)?.into_iter();
    let Some((top, header)) = records.next() else {
        return Err(bad(1, "the table is empty".into()).hint("start from what `dubline script export` writes"));
    };
    let header: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    for (index, name) in header.iter().enumerate() {
        if !name.is_empty() && !COLUMNS.contains(&name.as_str()) {
            return Err(bad(top, format!("there is no column {name:?}")).hint(columns_hint));
        }
        if !name.is_empty() && header[..index].contains(name) {
            return Err(bad(top, format!("the column {name:?} is there twice")).hint("remove one of them"));
        }
    }
    let place = |name: &str| header.iter().position(|column| column == name);
    let need = |name: &str| {
        place(name).ok_or_else(|| bad(top, format!("the column {name:?} is missing")).hint(columns_hint.clone()))
    };
    let (line, text) = (need("line")?, need("text")?);
    let (source, tight, status, note) = (place("source"), place("tight"), place("status"), place("note"));
    let (start, end, exported) = (place("start"), place("end"), place("exported"));
    let read = |(row, cells): (usize, Vec<String>)| {
        let cell = |index: usize| cells.get(index).map(|cell| cell.trim()).unwrap_or_default();
        if let Some(stray) =
            (0..cells.len()).find(|&index| header.get(index).is_none_or(String::is_empty) && !cell(index).is_empty())
        {
            return Err(bad(row, format!("{:?} stands in no column", cell(stray)))
                .hint("move it into a column, or put a text that has the separator in it into quotation marks"));
        }
        let id = cell(line).trim_end_matches(".0").parse().map_err(|_| {
            bad(row, format!("{:?} is no number of a line", cell(line)))
                .hint("restore the column line as it was exported")
        })?;
        let mark = |text: &str| {
            Mark::ALL.into_iter().find(|mark| mark.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
                bad(row, format!("there is no status {text:?}")).line(id).hint("write draft, edited or approved")
            })
        };
        Ok(Row {
            row: Some(row),
            line: id,
            span: time(start.map(cell)).zip(time(end.map(cell))).map(|(start, end)| Span::new(start, end)),
            source: source.map(|index| cell(index).to_owned()),
            text: cell(text).to_owned(),
            spoken: false,
            tight: tight.map(|index| wordings(cell(index))),
            status: status.map(cell).filter(|text| !text.is_empty()).map(mark).transpose()?,
            exported: exported.map(cell).filter(|text| !text.is_empty()).map(str::to_owned),
            note: note.map(|index| cell(index).to_owned()),
        })
    };
    records.map(read).collect()
}

/// `1:02.300` or `1:02:03.5`; none where it is no time, since a spreadsheet may have made something else of it.
fn time(cell: Option<&str>) -> Option<Time> {
    let mut seconds = 0.0;
    for part in cell?.split(':') {
        seconds = seconds * 60.0 + part.trim().parse::<f64>().ok().filter(|part| *part >= 0.0)?;
    }
    Some(Time::from_seconds(seconds)).filter(|time| *time <= super::LATEST)
}

fn wordings(cell: &str) -> Vec<String> {
    cell.lines().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// The table as JSON, or a script as `dubline run` writes it: the same names, but for the line's number.
fn from_json(text: &str) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct File {
        lines: Vec<Read>,
    }
    #[derive(Deserialize)]
    struct Read {
        #[serde(alias = "cue")]
        line: u32,
        span: Option<Span>,
        source: Option<String>,
        #[serde(default)]
        text: String,
        // A script leaves out what is empty.
        #[serde(default)]
        tight: Vec<String>,
        status: Option<Mark>,
        exported: Option<String>,
        note: Option<String>,
    }
    let file: File = serde_json::from_str(text).map_err(|e| {
        Error::new(Kind::Document, "is no script")
            .row(e.line().max(1))
            .because(e)
            .hint("start from what `dubline script export --format json` writes, and change texts, status and notes")
    })?;
    let row = |read: Read| Row {
        row: None,
        line: read.line,
        span: read.span,
        source: read.source,
        text: read.text.trim().to_owned(),
        spoken: false,
        tight: Some(read.tight),
        status: read.status,
        exported: read.exported,
        note: read.note.map(|note| note.trim().to_owned()),
    };
    Ok(file.lines.into_iter().map(row).collect())
}

/// Do two texts say the same of a cue? Blanks and marks are what spreadsheets and people change by accident.
pub(super) fn same_source(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

#[cfg(test)]
mod tests;
