//! WebVTT (`.vtt`), <https://www.w3.org/TR/webvtt1/>: texts, times and voices; styles and places are left out.

use super::{Caption, Format, malformed, payload, times};
use crate::error::Result;
use std::fmt::Write;

/// Its line in the table.
pub(super) const FORMAT: Format = Format { extension: "vtt", name: "WebVTT", read, write };

const ENTITIES: &[(&str, &str)] =
    &[("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{a0}"), ("&lrm;", "\u{200e}"), ("&rlm;", "\u{200f}"), ("&amp;", "&")];

fn read(text: &str) -> Result<Vec<Caption>> {
    let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
    if !rows.first().is_some_and(|row| row.starts_with("WEBVTT")) {
        return Err(malformed(1, "the file does not begin with WEBVTT"));
    }
    let mut captions = Vec::new();
    let mut row = 1;
    while row < rows.len() {
        let end = (row..rows.len()).find(|&at| rows[at].trim().is_empty()).unwrap_or(rows.len());
        captions.extend(block(&rows[row..end], row)?);
        row = end + 1;
    }
    Ok(captions)
}

/// A block between blank rows, the first of which is row `offset` counted from 0.
fn block(rows: &[&str], offset: usize) -> Result<Vec<Caption>> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    // The header may go on right below WEBVTT; comments, styles and regions hold no text.
    let other = ["NOTE", "STYLE", "REGION"]
        .iter()
        .any(|name| first.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])));
    let Some(at) = rows.iter().take(2).position(|row| row.contains("-->")).filter(|_| !other) else {
        return if other || offset == 1 {
            Ok(Vec::new())
        } else {
            Err(malformed(offset + 1, "there is no time in this block"))
        };
    };
    let span = times(rows[at], offset + at + 1)?;
    Ok(payload(span, &rows[at + 1..], ENTITIES))
}

fn write(captions: &[Caption]) -> String {
    let mut text = String::from("WEBVTT\n\n");
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for caption in captions {
        let (start, end) = (super::stamp(caption.span.start, '.'), super::stamp(caption.span.end, '.'));
        let voice = caption
            .speaker
            .as_ref()
            .map_or_else(String::new, |speaker| format!("<v {}>", escaped(&speaker.replace(['\n', '\r'], " "))));
        let _ = write!(text, "{start} --> {end}\n{voice}{}\n\n", escaped(&caption.text));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::time::Span;

    #[test]
    fn what_is_written_is_read_back() {
        let mut captions = vec![
            Caption::new(Span::from_ms(0, 1500), "A & B <3 --> C"),
            Caption::new(Span::from_ms(2000, 3000), "走吧！\n快！"),
        ];
        captions[1].speaker = Some("顾总 & Co".into());
        assert_eq!(read(&write(&captions)).unwrap(), captions);
    }

    #[test]
    fn voices_notes_styles_and_settings() {
        let text = "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nnothing\n\nid 7\n\
            00:01.000 --> 00:02.000 align:start\n<v.loud 顾总>你<00:01.500>好</v>\n<v 小雅>嗯\n\n\
            1:00:00.000 --> 1:00:01.000\n<c.yellow>Fish &amp; chips</c>";
        let read = read(text).unwrap();
        let found: Vec<(Option<&str>, &str)> = read.iter().map(|c| (c.speaker.as_deref(), c.text.as_str())).collect();
        assert_eq!(found, [(Some("顾总"), "你好"), (Some("小雅"), "嗯"), (None, "Fish & chips")]);
        assert_eq!(read[0].span, Span::from_ms(1000, 2000));
        assert_eq!(read[2].span.start.ms(), 3_600_000);
    }

    #[test]
    fn a_malformed_row_is_named() {
        for (text, row) in [
            ("1\n00:01.000 --> 00:02.000\nHi\n", 1),
            ("WEBVTT\n\n00:01.000 --> never\nHi\n", 3),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\nlost text\n", 6),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(row)), "{error}");
        }
    }
}
