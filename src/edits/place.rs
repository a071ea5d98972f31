//! A table that was handed out before the transcript changed: which line of today's script is each row about?
//!
//! Rows find their lines as edits do, by time and source. Does not know what becomes of a row.

use super::rows::{Row, same_source};
use super::{Edit, Mark, Status, cues_of_script, follow};
use crate::script::Script;
use std::collections::BTreeSet;

/// Fewer rows than this share find a line where the table is another episode's.
const SAME_EPISODE: f64 = 0.5;

/// Where the rows of a table belong.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// Rows with the number of their line in today's script.
    pub(super) rows: Vec<Row>,
    /// Rows that a person changed and that are about no line that there is.
    pub(super) lost: Vec<Row>,
    /// Numbers of the lines that rows of another number were found to be about.
    pub(super) moved: BTreeSet<u32>,
}

/// Finds the line of each row, where not all rows are about the line whose number they have; none where every row is,
/// where rows do not say what they are about, or where they are plainly of another episode.
pub(super) fn place(script: &Script, rows: &[Row]) -> Option<Placed> {
    let of = |row: &Row| script.lines.iter().find(|line| line.cue == row.line);
    let is_at_home = |row: &Row| {
        let said = row.source.as_deref().filter(|source| !source.is_empty());
        of(row).is_some_and(|line| said.is_none_or(|source| same_source(source, &line.source)))
    };
    if rows.iter().all(is_at_home) {
        return None;
    }
    let anchors: Option<Vec<Edit>> = rows.iter().map(anchor).collect();
    let followed = follow(&anchors?, &cues_of_script(script));
    if (followed.of.len() as f64) < SAME_EPISODE * rows.len() as f64 {
        return None;
    }
    let mut placed = Placed::default();
    for (index, row) in rows.iter().enumerate() {
        let found = followed.of.iter().find(|(_, edit)| **edit == index).map(|(cue, _)| *cue);
        // A source that a person changed by accident: the same number at the very same time.
        let same_time = || of(row).filter(|line| Some(line.span) == row.span).map(|line| line.cue);
        let free = |cue: &u32| !followed.of.contains_key(cue);
        match found.or_else(|| same_time().filter(free)) {
            Some(line) => {
                if line != row.line {
                    placed.moved.insert(line);
                }
                // What the person left as it was handed out says nothing about today's wording.
                if is_touched(row) || is_at_home(row) {
                    placed.rows.push(Row { line, source: None, ..row.clone() });
                }
            }
            None if is_touched(row) => placed.lost.push(row.clone()),
            None => {}
        }
    }
    Some(placed)
}

/// Did a person write or mark something in the row? One without its mark of origin counts as touched.
fn is_touched(row: &Row) -> bool {
    let as_exported = row.exported.as_deref().is_some_and(|mark| mark == row.mark());
    !as_exported || matches!(row.status, Some(Mark::Edited | Mark::Approved))
}

/// The row as an edit, to look for its cue with.
fn anchor(row: &Row) -> Option<Edit> {
    edit(row, Status::Edited, None, jiff::Timestamp::UNIX_EPOCH)
}

/// The row as an edit of the cue that it was handed out for; none where it does not say which.
pub(super) fn edit(row: &Row, status: Status, by: Option<String>, when: jiff::Timestamp) -> Option<Edit> {
    Some(Edit {
        line: row.line,
        span: row.span?,
        source: row.source.clone()?,
        text: row.text.clone(),
        tight: row.tight.clone().unwrap_or_default(),
        status,
        by,
        when,
        note: row.note.clone().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Line, LineState};
    use crate::time::Span;

    fn line(cue: u32, start: i64, source: &str) -> Line {
        let state = LineState::written(format!("new {cue}"), "fake");
        Line { cue, span: Span::from_ms(start, start + 1000), speaker: None, source: source.into(), state }
    }

    fn row(line: u32, start: i64, source: &str, text: &str, touched: bool) -> Row {
        let mut row = Row {
            row: Some(line as usize + 1),
            line,
            span: Some(Span::from_ms(start, start + 1000)),
            source: Some(source.into()),
            text: text.into(),
            spoken: false,
            tight: None,
            status: None,
            exported: None,
            note: None,
        };
        row.exported = Some(if touched { "00000000".into() } else { row.mark() });
        row
    }

    fn script(lines: Vec<Line>) -> Script {
        Script { language: "en".parse().unwrap(), lines }
    }

    #[test]
    fn a_table_of_this_script_is_left_alone() {
        let script = script(vec![line(1, 0, "走吧"), line(2, 2000, "不")]);
        assert!(place(&script, &[row(1, 0, "走吧", "a", true), row(2, 2000, "不", "b", false)]).is_none());
    }

    #[test]
    fn rows_follow_their_lines_and_one_that_has_none_is_kept_if_a_person_changed_it() {
        // A line was heard before them all, and the last one is no more.
        let script = script(vec![line(1, 0, "等等"), line(2, 2100, "走吧"), line(3, 4100, "不要走")]);
        let rows = [
            row(1, 2000, "走吧", "Let's go.", true),
            row(2, 4000, "不要走", "Stay.", false),
            row(3, 20_000, "再见了", "Farewell.", true),
            row(4, 30_000, "别哭", "Don't cry.", false),
        ];
        let placed = place(&script, &rows).unwrap();
        assert_eq!(placed.rows.iter().map(|row| (row.line, row.text.as_str())).collect::<Vec<_>>(), [(2, "Let's go.")]);
        assert_eq!(placed.lost.iter().map(|row| row.line).collect::<Vec<_>>(), [3]);
        assert_eq!(placed.moved.into_iter().collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_source_that_was_changed_by_accident_is_known_by_its_time() {
        let script = script(vec![line(1, 0, "走吧"), line(2, 2000, "不要走"), line(3, 4000, "好")]);
        let rows = [row(1, 0, "走吧", "a", false), row(2, 2000, "xyz", "Stay!", true), row(3, 4000, "好", "c", false)];
        let placed = place(&script, &rows).unwrap();
        assert!(placed.rows.iter().any(|row| (row.line, row.text.as_str()) == (2, "Stay!")));
        assert!(placed.lost.is_empty() && placed.moved.is_empty());
    }

    #[test]
    fn a_table_of_another_episode_or_without_times_is_not_placed() {
        let script = script(vec![line(1, 0, "走吧"), line(2, 2000, "不要走")]);
        assert!(place(&script, &[row(1, 0, "你好", "a", true), row(2, 90_000, "再见", "b", true)]).is_none());
        let timeless = Row { span: None, ..row(1, 0, "你好", "a", true) };
        assert!(place(&script, &[timeless]).is_none());
    }
}
