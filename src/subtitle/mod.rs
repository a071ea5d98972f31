//! Subtitles: captions, the files that hold them, and how lines become captions that can be read.
//!
//! A new format is one file in this folder and one line in [`FORMATS`]. Pure: text in, text out;
//! does not know files, fonts or players.

pub mod limits;
mod schedule;
mod srt;
mod vtt;
mod wrap;

pub use schedule::{Layout, captions, from_script, lengthen};
pub use wrap::{columns, flat, width, wrap};

use crate::error::{Error, Kind, Result};
use crate::time::{Span, Time};

/// Text on the picture for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// When it is shown.
    pub span: Span,
    /// Plain text without markup; its lines are parted by `\n`.
    pub text: String,
    /// Who says it, where a format tells.
    pub speaker: Option<String>,
}

impl Caption {
    /// A caption of nobody in particular.
    pub fn new(span: Span, text: impl Into<String>) -> Caption {
        Caption { span, text: text.into(), speaker: None }
    }
}

/// A file format for captions.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Reads text, in the file's order. Errors have the row, not the file.
    pub read: fn(&str) -> Result<Vec<Caption>>,
    /// Writes captions, in the order given.
    pub write: fn(&[Caption]) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[srt::FORMAT, vtt::FORMAT];

/// The format of that extension.
///
/// # Errors
/// Fails on an unknown one, listing those that are known.
pub fn format(extension: &str) -> Result<&'static Format> {
    FORMATS.iter().find(|format| format.extension.eq_ignore_ascii_case(extension)).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.extension).collect();
        Error::new(Kind::Usage, format!("unknown subtitle format {extension:?}"))
            .hint(format!("choose one of: {}", known.join(", ")))
    })
}

/// Reads a subtitle file whatever it is called: what its first row says counts, not its name.
///
/// # Errors
/// Fails if it is no text, or its format is not known, or a row is malformed (with that row).
pub fn read(bytes: &[u8]) -> Result<Vec<Caption>> {
    let text = decode(bytes)?;
    if text.trim_start().starts_with("[Script Info]") {
        return Err(Error::new(Kind::Document, "this is an ASS file, not SRT or VTT")
            .hint("convert it first, for example: ffmpeg -i subtitles.ass subtitles.srt"));
    }
    let format = if text.starts_with("WEBVTT") { vtt::FORMAT } else { srt::FORMAT };
    (format.read)(&text)
}

/// Text in UTF-8, or in UTF-16 with a byte order mark.
///
/// # Errors
/// Fails on any other encoding.
pub(crate) fn decode(bytes: &[u8]) -> Result<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| encoding("UTF-16"))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => text(rest),
        rest => text(rest),
    }
}

fn text(bytes: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let row = bytes[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
        encoding("UTF-8").row(row)
    })?;
    Ok(text.to_owned())
}

fn encoding(expected: &str) -> Error {
    Error::new(Kind::Document, format!("the text is not {expected}")).hint(
        "save the file as UTF-8, for example: iconv -f GB18030 -t UTF-8 old.srt > new.srt (older Traditional Chinese files: -f BIG5)",
    )
}

fn malformed(row: usize, what: impl Into<String>) -> Error {
    Error::new(Kind::Document, what)
        .row(row)
        .hint("a caption is a row such as 00:00:01,000 --> 00:00:02,500 with its text below; mend that row")
}

/// A row of times; what follows the second time (places, alignments) is left out.
fn times(line: &str, row: usize) -> Result<Span> {
    let bad = || malformed(row, format!("malformed time {:?}", line.trim()));
    let (start, end) = line.split_once("-->").ok_or_else(bad)?;
    let end = end.split_whitespace().next().ok_or_else(bad)?;
    let (start, end) = (clock(start.trim()).ok_or_else(bad)?, clock(end).ok_or_else(bad)?);
    if end < start {
        return Err(malformed(row, format!("the caption ends ({end}) before it starts ({start})")));
    }
    Ok(Span::new(start, end))
}

/// `1:02:03,456`, `02:03.4`.
fn clock(text: &str) -> Option<Time> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let fraction = if fraction.len() <= 3 { number(&format!("{fraction:0<3}"))? } else { number(&fraction[..3])? };
    let parts: Vec<i64> = whole.split(':').map(number).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes, seconds] => (hours, minutes, seconds),
        [minutes, seconds] => (0, minutes, seconds),
        _ => return None,
    };
    let whole = (minutes < 60 && seconds < 60).then_some((hours * 60 + minutes) * 60 + seconds)?;
    Some(Time::from_ms(whole * 1000 + fraction))
}

/// `01:02:03,456`.
fn stamp(time: Time, point: char) -> String {
    let ms = time.ms().max(0);
    let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{h:02}:{m:02}:{s:02}{point}{ms:03}")
}

/// The text under a time as plain text: one caption for each voice in it, none where there is no text.
fn payload(span: Span, rows: &[&str], entities: &[(&str, &str)]) -> Vec<Caption> {
    let rows: Vec<&str> = rows.iter().map(|row| row.trim()).filter(|row| !row.is_empty()).collect();
    let plain = |text: &str| {
        let text = entities.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let voices = voices(&rows.join("\n"));
    let caption = |(speaker, text): (Option<String>, String)| {
        let text = plain(&text);
        (!text.is_empty()).then(|| Caption { span, text, speaker: speaker.map(|name| plain(&name)) })
    };
    voices.into_iter().filter_map(caption).collect()
}

/// Text without tags (`<i>`, `</v>`, `<00:01.000>`, `{\an8}`), by the voice (`<v Name>`) that says it.
fn voices(text: &str) -> Vec<(Option<String>, String)> {
    let mut voices = vec![(None, String::new())];
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tagged) = rest.split_at(at);
        let close = if tagged.starts_with('<') { '>' } else { '}' };
        let inner = tagged.find(close).map(|end| &tagged[1..end]);
        let tag = inner.filter(|inner| match close {
            '>' => inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/'),
            _ => inner.starts_with('\\'),
        });
        let kept = if tag.is_some() { before } else { &rest[..at + 1] };
        if let Some((_, text)) = voices.last_mut() {
            text.push_str(kept);
        }
        let Some(tag) = tag else {
            rest = &rest[at + 1..];
            continue;
        };
        if let Some(name) = voice(tag) {
            voices.push((Some(name.to_owned()), String::new()));
        } else if tag == "/v" {
            voices.push((None, String::new()));
        }
        rest = &tagged[tag.len() + 2..];
    }
    if let Some((_, text)) = voices.last_mut() {
        text.push_str(rest);
    }
    voices
}

/// The name in `v Name` or `v.class Name`.
fn voice(tag: &str) -> Option<&str> {
    let rest = tag.strip_prefix('v').filter(|rest| rest.starts_with(['.', ' ', '\t']))?;
    let (_, name) = rest.split_once(char::is_whitespace)?;
    Some(name.trim()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\n走吧！\n";
        let le = text.encode_utf16().flat_map(u16::to_le_bytes);
        let be = text.encode_utf16().flat_map(u16::to_be_bytes);
        for bytes in [
            text.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            [0xff, 0xfe].into_iter().chain(le).collect(),
            [0xfe, 0xff].into_iter().chain(be).collect(),
        ] {
            assert_eq!(read(&bytes).unwrap(), [Caption::new(Span::from_ms(1000, 2000), "走吧！")]);
        }
        // 走 in GB18030.
        let error = read(b"1\n00:00:01,000 --> 00:00:02,000\n\xd7\xdf\n").unwrap_err();
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(3)));
        assert!(error.remedy().unwrap().contains("GB18030"));
    }

    #[test]
    fn the_first_row_decides_the_format() {
        assert_eq!(read(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<b>Hi</b>").unwrap()[0].text, "Hi");
        assert_eq!(read(b"[Script Info]\n").unwrap_err().kind(), Kind::Document);
        assert_eq!(format("SRT").unwrap().name, "SubRip");
        assert_eq!(format("doc").unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn clocks() {
        assert_eq!(clock("1:02:03,456"), Some(Time::from_ms(3_723_456)));
        assert_eq!(clock("02:03.4567"), Some(Time::from_ms(123_456)));
        for bad in ["", "3", "1:2:3:4", "00:61.000", "aa:bb", "00:01,x", "-1:00", "99999:00:00"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_only_looks_like_a_tag_stays() {
        assert_eq!(voices("a < b {c} <i>d</i>"), [(None, "a < b {c} d".to_owned())]);
        assert_eq!(voices("unclosed <i"), [(None, "unclosed <i".to_owned())]);
    }
}
