//! WebVTT: a signature, blocks apart by empty rows; `<v Name>` says who speaks.

use super::{Caption, Parsed, clock, timing, without_markup};
use crate::error::{Error, Kind, Result};

/// Reads WebVTT. Notes, styles and regions are passed over; a caption with several voices is split.
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
        let mut block = vec![(index, line)];
        while let Some(row) = rows.next_if(|(_, line)| !line.trim().is_empty()) {
            block.push(row);
        }
        let skipped = ["WEBVTT", "NOTE", "STYLE", "REGION"];
        if skipped.iter().any(|word| line.split_whitespace().next() == Some(word)) {
            continue;
        }
        // A row before the times is the caption's name.
        let Some(at) = block.iter().position(|(_, line)| line.contains("-->")) else {
            timing(line, index + 1)?;
            continue;
        };
        let (row, times) = (block[at].0 + 1, block[at].1);
        let span = timing(times, row)?;
        let body: Vec<&str> = block[at + 1..].iter().map(|(_, line)| *line).collect();
        for (speaker, text) in voices(&body.join("\n")) {
            captions.push(Parsed { span, text, speaker, row });
        }
    }
    if captions.is_empty() {
        return Err(Error::new(Kind::Document, "holds no caption").hint("give an SRT or WebVTT file"));
    }
    Ok(captions)
}

/// The parts of a caption by who says them.
fn voices(body: &str) -> Vec<(Option<String>, String)> {
    let mut parts = Vec::new();
    let mut add = |speaker: Option<String>, text: &str| {
        let text = unescape(&without_markup(text));
        if !text.is_empty() {
            parts.push((speaker, text));
        }
    };
    let mut rest = body;
    let mut speaker = None;
    loop {
        let open = ["<v ", "<v."].iter().filter_map(|tag| rest.find(tag)).min();
        add(speaker.clone(), &rest[..open.unwrap_or(rest.len())]);
        let Some(open) = open else { return parts };
        let tag = &rest[open..];
        let Some(close) = tag.find('>') else { return parts };
        // `<v.loud Name>`: classes stand before the name.
        let name = tag[2..close].split_once(' ').map_or("", |(_, name)| name).trim();
        speaker = (!name.is_empty()).then(|| unescape(name));
        rest = &tag[close + 1..];
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&lrm;", "\u{200e}")
        .replace("&rlm;", "\u{200f}")
        .replace("&amp;", "&")
}

/// Writes WebVTT.
pub fn write(captions: &[Caption]) -> String {
    let mut text = String::from("WEBVTT\n\n");
    for caption in captions.iter().filter(|caption| !caption.text.trim().is_empty()) {
        let (start, end) = (clock(caption.span.start, '.'), clock(caption.span.end, '.'));
        let escaped = caption.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let rows: Vec<&str> = escaped.lines().filter(|row| !row.trim().is_empty()).collect();
        text.push_str(&format!("{start} --> {end}\n{}\n\n", rows.join("\n")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn voices_are_speakers() {
        let text = "WEBVTT - drama\n\nNOTE a note\nof two rows\n\nSTYLE\n::cue{}\n\nintro\n00:01.000 --> 00:02.000 line:0\n<v 顾总>你好</v>\n\n00:00:03.000 --> 00:00:04.000\n<v.loud Lin Wan>Go &amp; see</v>\n<v Gu>No</v>\n";
        let parsed = parse(text).unwrap();
        let said: Vec<_> = parsed.iter().map(|p| (p.speaker.as_deref(), p.text.as_str())).collect();
        assert_eq!(said, [(Some("顾总"), "你好"), (Some("Lin Wan"), "Go & see"), (Some("Gu"), "No")]);
        assert_eq!(parsed[0].row, 10);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let captions = [Caption { span: Span::from_ms(1000, 2500), text: "5 < 6 & 7\nnow".into() }];
        let parsed = parse(&write(&captions)).unwrap();
        assert_eq!((parsed[0].span, parsed[0].text.as_str()), (captions[0].span, "5 < 6 & 7\nnow"));
    }

    #[test]
    fn a_block_without_times_is_told() {
        let error = parse("WEBVTT\n\nhello\n").unwrap_err();
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(3)));
    }
}
