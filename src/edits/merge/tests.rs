//! What becomes an edit, what does not, and what is never lost.

use super::*;
use crate::edits::tests::{edits, script};
use crate::edits::{Shown, show};

fn how() -> How {
    How { approve: false, by: Some("Ana".into()), when: "2026-04-01T00:00:00Z".parse().unwrap() }
}

fn row(shown: &Shown) -> Row {
    Row {
        row: Some(shown.line as usize + 1),
        line: shown.line,
        span: None,
        source: Some(shown.source.clone()),
        text: shown.text.clone(),
        spoken: false,
        tight: Some(shown.tight.clone()),
        status: Some(shown.status),
        exported: None,
        note: Some(shown.note.clone()),
    }
}

fn rows(edits: &Edits) -> Vec<Row> {
    show(&script(), edits).0.iter().map(row).collect()
}

#[test]
fn what_came_back_as_it_went_changes_nothing() {
    let (merged, tally) = merge(&script(), edits(), &rows(&edits()), &how()).unwrap();
    assert_eq!(merged, edits());
    assert_eq!((tally.unchanged, tally.changed(), tally.remarks.len()), (5, false, 0));
}

#[test]
fn a_new_wording_is_an_edit_and_leaves_the_tight_one_of_the_old_behind() {
    let mut rows = rows(&edits());
    rows[0].text = "Vamos\nembora.".into();
    rows[0].note = Some("softer".into());
    let (merged, tally) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!((tally.edited, tally.unchanged), (1, 4));
    let edit = &merged.edits[0];
    assert_eq!((edit.line, edit.text.as_str(), edit.status), (1, "Vamos embora.", Status::Edited));
    assert_eq!((edit.tight.len(), edit.note.as_str(), edit.by.as_deref()), (0, "softer", Some("Ana")));
    assert_eq!(merged.edits[1], edits().edits[0], "the other one stays as it was");
}

#[test]
fn a_status_makes_an_edit_of_the_wording_as_it_is() {
    let mut rows = rows(&edits());
    rows[0].status = Some(Mark::Approved);
    rows[3].status = Some(Mark::Locked);
    let (merged, tally) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!((tally.approved, tally.edited), (2, 0));
    assert_eq!((merged.edits[0].text.as_str(), merged.edits[0].tight.len()), ("-Vamos, já!", 1));
    assert_eq!(merged.edits[2].line, 4);
}

#[test]
fn approving_a_file_approves_its_rows_but_no_line_without_a_wording() {
    let (merged, tally) = merge(&script(), edits(), &rows(&edits())[..3], &How { approve: true, ..how() }).unwrap();
    assert_eq!((tally.approved, tally.unchanged), (2, 1), "line 3 failed");
    assert!(merged.edits.iter().all(|edit| edit.status == Status::Approved));
    let mut rows = rows(&edits());
    rows[2].text = "Agora sim.".into();
    let (merged, _) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!(merged.edits[1].text, "Agora sim.", "a failed line that a person wrote");
}

#[test]
fn a_draft_again_is_withdrawn_but_not_by_a_table_from_before_the_edit() {
    let mut rows = rows(&edits());
    rows[1].status = Some(Mark::Draft);
    let (merged, tally) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!((tally.withdrawn, merged.edits.len()), (1, 0));

    // The table shows line 1 as a draft; somebody else edits, or approves, it meanwhile.
    let old = rows_before();
    for text in ["Outra coisa.", "-Vamos, já!"] {
        let theirs = Edit {
            text: text.into(),
            line: 1,
            span: script().lines[0].span,
            source: "=走吧！".into(),
            ..edits().edits[0].clone()
        };
        let mut both = edits();
        both.edits.insert(0, theirs.clone());
        let (merged, tally) = merge(&script(), both.clone(), &old, &how()).unwrap();
        assert_eq!((merged, tally.changed()), (both, false), "{text}");
    }
}

fn rows_before() -> Vec<Row> {
    rows(&edits())
}

#[test]
fn an_approval_from_before_an_edit_does_not_undo_it() {
    let mut old = rows_before();
    old[0].status = Some(Mark::Approved);
    let theirs = Edit {
        line: 1,
        span: script().lines[0].span,
        source: "=走吧！".into(),
        text: "Outra.".into(),
        ..edits().edits[0].clone()
    };
    let both = Edits { edits: vec![theirs.clone()], ..edits() };
    let (merged, tally) = merge(&script(), both, &old[..1], &how()).unwrap();
    assert_eq!(merged.edits, [theirs]);
    assert!(tally.remarks[0].contains("line 1"), "{tally:?}");
}

#[test]
fn a_note_goes_with_an_edit_and_is_told_where_there_is_none() {
    let mut rows = rows(&edits());
    rows[0].note = Some("ask the author".into());
    rows[1].note = Some("final".into());
    let (merged, tally) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!((tally.noted, merged.edits[0].note.as_str()), (1, "final"));
    assert_eq!(merged.edits[0].when, edits().edits[0].when, "the wording is as old as it was");
    assert!(tally.remarks[0].contains("line 1"), "{tally:?}");
}

#[test]
fn a_changed_tight_wording_is_an_edit_too() {
    let mut rows = rows(&edits());
    rows[0].tight = Some(vec!["Já!".into()]);
    let (merged, tally) = merge(&script(), edits(), &rows, &how()).unwrap();
    assert_eq!((tally.edited, merged.edits[0].text.as_str()), (1, "-Vamos, já!"));
    assert_eq!(merged.edits[0].tight, ["Já!"]);
}

#[test]
fn subtitles_may_show_the_tight_wording_that_was_spoken() {
    let spoken = Row {
        text: "Vamos!".into(),
        tight: None,
        spoken: true,
        status: None,
        note: None,
        source: None,
        ..rows_before()[0].clone()
    };
    let (merged, tally) = merge(&script(), edits(), std::slice::from_ref(&spoken), &how()).unwrap();
    assert_eq!((merged, tally.changed()), (edits(), false));
    // In a table nobody but the person can have put it there.
    let (merged, _) = merge(&script(), edits(), &[Row { spoken: false, ..spoken }], &how()).unwrap();
    assert_eq!(merged.edits[0].text, "Vamos!");
}

#[test]
fn every_mistake_names_its_row_and_remedy() {
    let good = rows_before();
    let with = |change: fn(&mut Row)| {
        let mut row = good[0].clone();
        change(&mut row);
        row
    };
    for (rows, place, word) in [
        (vec![with(|row| row.line = 99)], 2, "no such line"),
        (vec![good[0].clone(), Row { row: Some(9), ..good[0].clone() }], 9, "first in row 2"),
        (vec![with(|row| row.source = Some("另一句话".into()))], 2, "not the script's"),
        (vec![with(|row| row.text.clear())], 2, "spoken"),
        (vec![with(|row| row.text = "…".into())], 2, "spoken"),
    ] {
        let error = merge(&script(), edits(), &rows, &how()).unwrap_err();
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(place)), "{error}");
        assert!(error.to_string().contains(word) && error.remedy().is_some(), "{error}");
    }
}
