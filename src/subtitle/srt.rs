//! SubRip: numbered captions, a row of times, text until an empty row.

use super::{Caption, Parsed, clock, timing, without_markup};
use crate::error::{Error, Kind, Result};

/// Reads SRT. Numbers may be missing or wrong; times may not.
///
/// # Errors
/// Fails on times that cannot be read, naming the row, and on a text without any caption.
pub fn parse(text: &str) -> Result<Vec<Parsed>> {
    let mut captions = Vec::new();
    let mut rows = text.trim_start_matches('\u{feff}').lines().enumerate().peekable();
    while let Some((index, line)) = rows.next() {
        if line.trim().is_empty() {
            continue;
        }
        // A number alone in its row stands before the times; some programs leave it out.
        let is_number = line.trim().bytes().all(|b| b.is_ascii_digit());
        let (index, line) = match rows.peek() {
            Some((_, next)) if is_number && next.contains("-->") => rows.next().unwrap_or((index, line)),
            _ => (index, line),
        };
        let span = timing(line, index + 1)?;
        let mut spoken = Vec::new();
        while let Some((_, line)) = rows.next_if(|(_, line)| !line.trim().is_empty()) {
            spoken.push(line);
        }
        let text = without_markup(&spoken.join("\n"));
        captions.push(Parsed { span, text, speaker: None, row: index + 1 });
    }
    if captions.is_empty() {
        return Err(Error::new(Kind::Document, "holds no caption").hint("give an SRT or WebVTT file"));
    }
    Ok(captions)
}

/// Writes SRT.
pub fn write(captions: &[Caption]) -> String {
    let mut text = String::new();
    let shown = captions.iter().filter(|caption| !caption.text.trim().is_empty());
    for (index, caption) in shown.enumerate() {
        let (start, end) = (clock(caption.span.start, ','), clock(caption.span.end, ','));
        // An empty row within the text would end the caption.
        let rows: Vec<&str> = caption.text.lines().filter(|row| !row.trim().is_empty()).collect();
        text.push_str(&format!("{}\n{start} --> {end}\n{}\n\n", index + 1, rows.join("\n")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn what_is_written_is_read_again() {
        let captions = [
            Caption { span: Span::from_ms(1000, 2500), text: "Mr. Gu,\nplease.".into() },
            Caption { span: Span::from_ms(3_661_001, 3_662_000), text: "123".into() },
        ];
        let parsed = parse(&write(&captions)).unwrap();
        assert_eq!(parsed.len(), 2);
        for (parsed, caption) in parsed.iter().zip(&captions) {
            assert_eq!((parsed.span, &parsed.text), (caption.span, &caption.text));
        }
    }

    #[test]
    fn sloppy_files_are_read() {
        let text = "\u{feff}1\r\n00:00:01.5 --> 00:00:02,000 X1:40\r\n<i>顾总</i>\r\n\r\n\r\n00:00:03,000-->00:00:04,000\nno number\n";
        let parsed = parse(text).unwrap();
        assert_eq!(parsed[0].text, "顾总");
        assert_eq!(parsed[0].span, Span::from_ms(1500, 2000));
        assert_eq!(parsed[1].text, "no number");
        assert_eq!(parsed[1].row, 6);
    }

    #[test]
    fn broken_times_name_their_row() {
        for bad in ["1\n00:00:01,000 --> 00:0x:02,000\nHi\n", "1\n00:00:05,000 --> 00:00:02,000\nHi\n"] {
            let error = parse(bad).unwrap_err();
            assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(2)), "{error}");
        }
        assert_eq!(parse("Dear Sir,\n").unwrap_err().place().row, Some(1));
        assert!(parse("\n\n").is_err());
    }
}
