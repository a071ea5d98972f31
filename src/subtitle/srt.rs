//! SubRip (`.srt`): no standard exists, so that reading is lenient and writing is strict.
//!
//! Does not know bytes and encodings; `decode` in the parent does.

use super::{Caption, Format, malformed, payload, times};
use crate::error::Result;
use crate::time::Time;
use std::fmt::Write;

/// Its line in the table.
pub(super) const FORMAT: Format = Format { extension: "srt", name: "SubRip", read, write };

/// Captions in the file's order. A number before a time is left out; blank lines within a text
/// are too. Rows are counted from 1.
fn read(text: &str) -> Result<Vec<Caption>> {
    let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
    let timed: Vec<usize> = (0..rows.len()).filter(|&row| rows[row].contains("-->")).collect();
    let before = &rows[..timed.first().copied().unwrap_or(rows.len())];
    let is_number = |row: &str| !row.trim().is_empty() && row.trim().bytes().all(|b| b.is_ascii_digit());
    if let Some(row) = before.iter().position(|row| !row.trim().is_empty() && !is_number(row)) {
        return Err(malformed(row + 1, "there is text before the first time"));
    }
    let mut captions = Vec::new();
    for (index, &row) in timed.iter().enumerate() {
        let span = times(rows[row], row + 1)?;
        let mut end = timed.get(index + 1).copied().unwrap_or(rows.len());
        // The number of the next caption stands right before its time.
        if end < rows.len() && end > row + 1 && is_number(rows[end - 1]) {
            end -= 1;
        }
        captions.extend(payload(span, &rows[row + 1..end], &[]));
    }
    Ok(captions)
}

fn write(captions: &[Caption]) -> String {
    let mut text = String::new();
    for (index, caption) in captions.iter().enumerate() {
        // An arrow within the text would be read as a time.
        let body = caption.text.replace("-->", "→");
        let (start, end) = (stamp(caption.span.start), stamp(caption.span.end));
        let _ = write!(text, "{}\n{start} --> {end}\n{body}\n\n", index + 1);
    }
    text
}

fn stamp(time: Time) -> String {
    super::stamp(time, ',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::time::Span;

    #[test]
    fn what_is_written_is_read_back() {
        let captions = vec![
            Caption::new(Span::from_ms(0, 1500), "Mr. Gu,\nshe left."),
            Caption::new(Span::from_ms(3_661_001, 3_662_345), "走吧！"),
        ];
        let text = write(&captions);
        assert_eq!(
            text,
            "1\n00:00:00,000 --> 00:00:01,500\nMr. Gu,\nshe left.\n\n2\n01:01:01,001 --> 01:01:02,345\n走吧！\n\n"
        );
        assert_eq!(read(&text).unwrap(), captions);
    }

    #[test]
    fn lenient_with_what_people_have() {
        let text = "1\r\n00:00:01,000 --> 00:00:02,000 X1:40 X2:600\r\n<i>Hello</i>\r\n\r\nthere\r\n\r\n\r\n\
            00:03.5 --> 0:0:4.25\r\n{\\an8}<font color=\"#fff\">5 < 6</font>\r\n3\r\n00:00:05,000 --> 00:00:06,000\r\n2046";
        let read = read(text).unwrap();
        let texts: Vec<(&str, i64, i64)> =
            read.iter().map(|c| (c.text.as_str(), c.span.start.ms(), c.span.end.ms())).collect();
        assert_eq!(texts, [("Hello\nthere", 1000, 2000), ("5 < 6", 3500, 4250), ("2046", 5000, 6000)]);
    }

    #[test]
    fn a_malformed_row_is_named() {
        for (text, row) in [
            ("1\n00:00:01,000 --> 00:00:02,000\nHi\n\n2\n00:00:0x,000 --> 00:00:04,000\nHo\n", 6),
            ("1\n00:00:05,000 --> 00:00:02,000\nHi\n", 2),
            ("Hi\n\n1\n00:00:01,000 --> 00:00:02,000\nHi\n", 1),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(row)), "{error}");
            assert!(error.remedy().is_some());
        }
    }

    #[test]
    fn an_arrow_in_the_text_is_no_time() {
        let captions = vec![Caption::new(Span::from_ms(0, 1000), "left --> right")];
        assert_eq!(read(&write(&captions)).unwrap()[0].text, "left → right");
    }
}
