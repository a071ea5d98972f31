//! Tables as spreadsheets keep them: text parted by commas, semicolons or tabs (RFC 4180), in both directions.
//!
//! A cell that a spreadsheet would take for a formula is written with an apostrophe before it and read without.
//! Does not know what the columns mean.

use crate::error::{Error, Kind, Result};

/// What a spreadsheet runs: the signs at a cell's start, their full-width forms, and the blanks that it skips
/// before them (OWASP, "CSV Injection").
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Rows of cells with their place as a spreadsheet counts it, from 1; the first one is the header.
pub(super) type Records = Vec<(usize, Vec<String>)>;

/// A table that a spreadsheet opens as it is meant.
pub(super) fn write(rows: &[Vec<String>], delimiter: char) -> String {
    let mut text = String::from(BYTE_ORDER_MARK);
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(&guarded(cell))).collect();
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push_str("\r\n");
    }
    text
}

/// The rows that hold anything, whatever parts their cells.
///
/// # Errors
/// Fails if a quoted cell has no end, naming the row.
pub(super) fn read(text: &str) -> Result<Records> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut rows = records(text, delimiter(text))?;
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    for cell in rows.iter_mut().flat_map(|(_, cells)| cells) {
        *cell = unguarded(cell).replace("\r\n", "\n").replace('\r', "\n");
    }
    Ok(rows)
}

/// What the header has most of: spreadsheets write semicolons where the comma is in numbers.
fn delimiter(text: &str) -> char {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &char| header.matches(*delimiter).count();
    // The last of equals wins.
    [';', '\t', ','].into_iter().max_by_key(count).unwrap_or(',')
}

fn records(text: &str, delimiter: char) -> Result<Records> {
    let mut rows: Records = Vec::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let mut quoted = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            // A quote within a cell that has none around it is a sign like any other.
            '"' if cell.is_empty() => quoted = true,
            sign if quoted => cell.push(sign),
            sign if sign == delimiter => row.push(std::mem::take(&mut cell)),
            '\r' if signs.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(std::mem::take(&mut cell));
                rows.push((rows.len() + 1, std::mem::take(&mut row)));
            }
            sign => cell.push(sign),
        }
    }
    if quoted {
        return Err(Error::new(Kind::Document, "a cell begins with a quotation mark that is never closed")
            .row(rows.len() + 1)
            .hint("close it, or write a quotation mark within a quoted cell twice"));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((rows.len() + 1, row));
    }
    Ok(rows)
}

/// Quoted where any spreadsheet could part it otherwise, whichever delimiter it is set to.
fn quoted(cell: &str) -> String {
    if cell.contains([',', ';', '\t', '"', '\n', '\r']) || cell != cell.trim() {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// With an apostrophe before what would be run; and before an apostrophe that would be taken for that one.
fn guarded(cell: &str) -> String {
    if is_formula(cell.trim_start_matches('\'')) { format!("'{cell}") } else { cell.to_owned() }
}

fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn is_formula(cell: &str) -> bool {
    cell.starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        read(text).unwrap().into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn whatever_is_written_is_read_back() {
        let nasty = [
            "",
            "plain",
            "a,b",
            "a;b",
            "a\tb",
            "say \"no\"",
            "\"quoted\"",
            "two\nrows",
            " blanks ",
            "'tis",
            "''",
            "=1+1",
            "+1",
            "-No!",
            "@you",
            "'=1",
            "''-1",
            "\tx",
            "＝1",
            "顾总，走吧！",
            "“no”",
            "=\"a\",b\n-c",
        ];
        // A first cell that is not blank, since blank rows are left out.
        let rows: Vec<Vec<String>> =
            nasty.iter().flat_map(|a| nasty.iter().map(|b| vec!["x".into(), (*a).into(), (*b).into()])).collect();
        for delimiter in [',', '\t', ';'] {
            let header = vec!["a".to_owned(), "b".into(), "c".into()];
            let text = write(&[vec![header], rows.clone()].concat(), delimiter);
            assert_eq!(cells(&text)[1..], rows, "{delimiter:?}");
        }
    }

    #[test]
    fn no_cell_is_run_by_a_spreadsheet() {
        for sign in FORMULA {
            let text = write(&[vec![format!("{sign}cmd|' /C calc'!A0")]], ',');
            let cell = text.trim_start_matches(BYTE_ORDER_MARK).trim_start_matches('"');
            assert!(cell.starts_with('\''), "{text}");
        }
        assert!(write(&[vec!["a".into()]], ',').starts_with(BYTE_ORDER_MARK));
    }

    #[test]
    fn what_spreadsheets_make_of_it_is_read() {
        let table = [["line", "text"], ["1", "a\nb"]].map(|row| row.map(str::to_owned).to_vec()).to_vec();
        for text in [
            "line,text\n1,\"a\nb\"\n",
            "line;text\r\n1;\"a\r\nb\"\r\n",
            "\u{feff}line\ttext\r1\t\"a\rb\"",
            "\n\nline,text\n,\n1,\"a\nb\"\n,,\n",
        ] {
            assert_eq!(cells(text), table, "{text:?}");
        }
        assert_eq!(cells("a,b\n5\" x,it's"), [["a", "b"], ["5\" x", "it's"]]);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let rows = read("line,text\n1,\"a\nb\"\n\n3,c\n").unwrap();
        assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 2, 4]);
        let error = read("line,text\n1,\"a\nb\"\n2,\"open\n3,c\n").unwrap_err();
        assert_eq!(error.place().row, Some(3), "{error}");
    }
}
