//! What came back from people, against the script that they were given: edits, kept or withdrawn.
//!
//! Nothing that a person wrote before is lost: a row that says nothing new leaves its edit as it is.

use super::place::{self, place};
use super::rows::{is_locked, same_source};
use super::{Edit, Edits, Mark, Row, Status, cues_of_script, follow, is_speakable};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Line, Script};
use crate::subtitle;
use serde::Serialize;
use std::collections::HashMap;

/// How rows are taken.
#[derive(Clone, Debug)]
pub struct How {
    /// Every row counts as approved.
    pub approve: bool,
    /// Who edited.
    pub by: Option<String>,
    /// When.
    pub when: jiff::Timestamp,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Lines with a new wording.
    pub edited: usize,
    /// Lines that were found good.
    pub approved: usize,
    /// Lines that were given back to the engines.
    pub withdrawn: usize,
    /// Edits of which only the note changed.
    pub noted: usize,
    /// Edits of lines that are no more.
    pub kept: usize,
    /// Lines of which nothing new was said.
    pub unchanged: usize,
    /// What a person should know, one sentence each.
    pub remarks: Vec<String>,
}

impl Tally {
    /// Is there anything to write down?
    pub fn changed(&self) -> bool {
        self.edited + self.approved + self.withdrawn + self.noted + self.kept > 0
    }
}

/// Takes rows into the edits of the script's episode. Rows of a table that was handed out before the transcript changed
/// go to the lines that they are about; what a person wrote for a line that is no more is kept as an edit without one.
///
/// # Errors
/// Fails, with the row, on a line that the script does not have or that is there twice, on a row that is
/// of another script, and on a text that nobody could speak.
pub fn merge(script: &Script, mut edits: Edits, rows: &[Row], how: &How) -> Result<(Edits, Tally)> {
    let mut tally = Tally::default();
    let mut seen: HashMap<u32, Option<usize>> = HashMap::new();
    let mut withdrawn = Vec::new();
    let placed = place(script, rows);
    if let Some(placed) = &placed {
        tally.remarks.push(format!(
            "this was handed out before the transcript changed; its rows were put to the lines that they are about{}",
            if placed.moved.is_empty() { "" } else { ", some of which have other numbers now" }
        ));
        for row in &placed.lost {
            let status =
                if row.status == Some(Mark::Approved) || how.approve { Status::Approved } else { Status::Edited };
            let Some(edit) = place::edit(row, status, how.by.clone(), how.when) else { continue };
            tally.remarks.push(format!(
                "line {} of it ({:?}) is no more in this script; its wording is kept among the edits, and heard once a line fits it",
                row.line, edit.source
            ));
            tally.kept += 1;
            // The same table may come back twice.
            edits.edits.retain(|known| (known.line, known.span, &known.source) != (edit.line, edit.span, &edit.source));
            edits.edits.push(edit);
        }
        tally.unchanged += rows.len() - placed.rows.len() - placed.lost.len();
    }
    let followed = follow(&edits.edits, &cues_of_script(script));
    for row in placed.as_ref().map_or(rows, |placed| &placed.rows) {
        let line = checked(script, row, &mut seen)?;
        let old = followed.of.get(&line.cue).copied();
        match decide(&script.language, line, old.map(|index| &edits.edits[index]), row, how)? {
            Decision::Leave => {
                tally.unchanged += 1;
                let noted = row.note.as_deref().is_some_and(|note| !note.is_empty());
                if noted && old.is_none() {
                    tally.remarks.push(format!(
                        "the note at line {} is not kept, since the line is neither edited nor approved",
                        line.cue
                    ));
                }
            }
            Decision::Stale => {
                tally.unchanged += 1;
                tally.remarks.push(format!("line {} was edited since this was exported; that edit stays", line.cue));
            }
            Decision::Note(note) => {
                tally.noted += 1;
                if let Some(index) = old {
                    edits.edits[index].note = note;
                }
            }
            Decision::Withdraw => {
                tally.withdrawn += 1;
                withdrawn.extend(old);
            }
            Decision::Write(edit) => {
                match edit.status {
                    Status::Edited => tally.edited += 1,
                    Status::Approved => tally.approved += 1,
                }
                match old {
                    Some(index) => edits.edits[index] = *edit,
                    None => edits.edits.push(*edit),
                }
            }
        }
    }
    let mut index = 0;
    edits.edits.retain(|_| {
        index += 1;
        !withdrawn.contains(&(index - 1))
    });
    edits.sort();
    Ok((edits, tally))
}

/// The line that the row is about.
fn checked<'a>(script: &'a Script, row: &Row, seen: &mut HashMap<u32, Option<usize>>) -> Result<&'a Line> {
    let Some(line) = script.lines.iter().find(|line| line.cue == row.line) else {
        return Err(at(row, "the script has no such line")
            .hint("give the script that was exported with --of, or restore the column line"));
    };
    if let Some(first) = seen.insert(row.line, row.row) {
        let where_ = first.map_or(String::new(), |first| format!(", first in row {first}"));
        return Err(at(row, format!("the line is there twice{where_}"))
            .hint("keep the row that is right, and remove the other"));
    }
    if row.source.as_ref().is_some_and(|source| !source.is_empty() && !same_source(source, &line.source)) {
        return Err(at(row, format!("its source is not the script's, which is {:?}", line.source)).hint(
            "give the script that was exported with --of; where it is that one, restore the source, which is not for editing",
        ));
    }
    Ok(line)
}

fn at(row: &Row, what: impl Into<String>) -> Error {
    let error = Error::new(Kind::Document, what).line(row.line);
    match row.row {
        Some(place) => error.row(place),
        None => error,
    }
}

enum Decision {
    Leave,
    Stale,
    Note(String),
    Withdraw,
    Write(Box<Edit>),
}

fn decide(language: &Lang, line: &Line, old: Option<&Edit>, row: &Row, how: &How) -> Result<Decision> {
    let flat = |text: &str| subtitle::flat(text, language);
    let text = flat(&row.text);
    if !is_speakable(&text) {
        // A line that never had a wording may stay without one.
        if text.is_empty() && line.text().is_none() && old.is_none() {
            return Ok(Decision::Leave);
        }
        return Err(at(row, "there is nothing in its text that can be spoken")
            .hint("write what the line says, or remove the row to leave the line as it is"));
    }
    let is_of = |full: &str, tight: &[&str]| {
        text == flat(full) || row.spoken && tight.iter().any(|variant| text == flat(variant))
    };
    let variants = line.variants();
    let scripted = variants.split_first().is_some_and(|(full, tight)| is_of(full, tight));
    let as_edited =
        old.is_some_and(|edit| is_of(&edit.text, &edit.tight.iter().map(String::as_str).collect::<Vec<_>>()));
    let status = wanted(line, old, row, how);
    let promoted = status.is_some_and(|status| old.is_none_or(|edit| edit.status != status));
    // The row was handed out before the edit was made, and says nothing against it.
    let behind = old.is_some() && scripted && (!as_edited || row.status == Some(Mark::Draft) && !is_locked(line));
    if behind && !as_edited {
        return Ok(if promoted { Decision::Stale } else { Decision::Leave });
    }
    let said = if behind { (None, None) } else { (row.tight.as_ref(), row.note.as_ref()) };
    let same_text = scripted || as_edited;
    let old_tight: Vec<String> = match old {
        Some(edit) => edit.tight.clone(),
        None => variants.iter().skip(1).map(|tight| (*tight).to_owned()).collect(),
    };
    let tight: Option<Vec<String>> = said.0.map(|tight| tight.iter().map(|text| flat(text)).collect());
    let new_tight = tight.filter(|tight| *tight != old_tight);
    if same_text && new_tight.is_none() && !promoted {
        // It was shown as a person's and came back as a draft.
        // One that was written in this very table was not: the same table has come twice.
        let written_here = row.exported.as_deref().is_some_and(|mark| mark != row.mark());
        if row.status == Some(Mark::Draft) && as_edited && !behind && !written_here {
            return Ok(Decision::Withdraw);
        }
        return Ok(match (said.1, old) {
            (Some(note), Some(edit)) if *note != edit.note => Decision::Note(note.clone()),
            _ => Decision::Leave,
        });
    }
    let kept = old.map(|edit| edit.text.as_str()).or(line.text()).unwrap_or_default();
    let old_status = old.filter(|_| same_text).map_or(Status::Edited, |edit| edit.status);
    Ok(Decision::Write(Box::new(Edit {
        line: line.cue,
        span: line.span,
        source: line.source.clone(),
        text: if same_text { kept.to_owned() } else { text },
        // A tight wording belongs to the text that it shortens.
        tight: new_tight.unwrap_or(if same_text { old_tight } else { Vec::new() }),
        status: status.unwrap_or(old_status),
        by: how.by.clone(),
        when: how.when,
        note: said.1.cloned().or_else(|| old.map(|edit| edit.note.clone())).unwrap_or_default(),
    })))
}

/// What the row says of the line's status; none where it leaves it as it is.
fn wanted(line: &Line, old: Option<&Edit>, row: &Row, how: &How) -> Option<Status> {
    match row.status {
        _ if how.approve => Some(Status::Approved),
        Some(Mark::Approved) => Some(Status::Approved),
        Some(Mark::Edited) => Some(Status::Edited),
        // A person locks what is to stay.
        Some(Mark::Locked) if !is_locked(line) && old.is_none() => Some(Status::Approved),
        Some(Mark::Locked | Mark::Draft) | None => None,
    }
}

#[cfg(test)]
mod tests;
