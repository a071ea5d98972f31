//! Subtitles: captions from lines, and the files that hold them.
//!
//! Pure: text in, text out. A new format is one file in this folder. Does not know takes or scripts.

mod limits;
pub mod srt;
pub mod vtt;
mod wrap;

pub use limits::{Limits, limits};
pub use wrap::wrap;

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::time::{Delta, Span, Time};

/// Text that is shown for a while; a line break within it is a line break on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// When.
    pub span: Span,
    /// What.
    pub text: String,
}

/// A caption as a file had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// When.
    pub span: Span,
    /// What, without markup; lines apart.
    pub text: String,
    /// Who, where the file says.
    pub speaker: Option<String>,
    /// Where in the file, from 1.
    pub row: usize,
}

/// Reads subtitles in the format that the text itself shows: WebVTT by its signature, SRT otherwise.
///
/// # Errors
/// Fails on a row that cannot be read, naming it; the caller names the file.
pub fn parse(text: &str) -> Result<Vec<Parsed>> {
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with("WEBVTT") { vtt::parse(text) } else { srt::parse(text) }
}

/// Captions for lines that are spoken in `spans`: broken into at most two rows of the language's length, long
/// ones split over time in proportion to their text, shown for the shortest time that can be read and no
/// longer than until the next one begins.
pub fn captions(lines: &[Caption], language: &Lang) -> Vec<Caption> {
    let limits = limits(language);
    let mut captions: Vec<Caption> = Vec::new();
    for line in lines {
        let rows = wrap(&line.text, language, limits.row);
        let pages: Vec<String> = rows.chunks(limits.rows).map(|page| page.join("\n")).collect();
        let total: usize = pages.iter().map(|page| page.chars().count()).sum::<usize>().max(1);
        let mut shown = 0;
        for page in pages {
            let at = |count: usize| line.span.start + line.span.duration().scaled(count as f64 / total as f64);
            let start = at(shown);
            shown += page.chars().count();
            captions.push(Caption { span: Span::new(start, at(shown)), text: page });
        }
    }
    captions.sort_by_key(|caption| caption.span);
    linger(&mut captions, &limits);
    captions
}

/// Lets each caption stay until it can be read, within the limits and before the next one.
fn linger(captions: &mut [Caption], limits: &Limits) {
    for index in 0..captions.len() {
        let next = captions.get(index + 1).map(|next| next.span.start);
        let caption = &mut captions[index];
        let chars = caption.text.chars().filter(|c| *c != '\n').count();
        let readable = Delta::from_seconds(chars as f64 / limits.characters_per_second);
        let spoken = caption.span.duration();
        // Out at most half a second after the speech, unless it could not be read by then.
        let wanted = spoken.max(readable.min(spoken + limits.linger)).max(limits.shortest).min(limits.longest.max(spoken));
        let mut end = caption.span.start + wanted;
        if let Some(next) = next.filter(|next| *next > caption.span.start) {
            end = end.min(next - limits.gap).max(caption.span.start + Delta::from_ms(1));
        }
        caption.span.end = end;
    }
}

/// Reads `HH:MM:SS,mmm`, with `.` for `,` and with or without hours.
fn timestamp(text: &str) -> Option<Time> {
    let (clock, ms) = text.trim().split_once([',', '.'])?;
    if ms.is_empty() || ms.len() > 3 || !ms.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms: i64 = format!("{ms:0<3}").parse().ok()?;
    let parts: Vec<i64> = clock.split(':').map(|part| part.trim().parse().ok().filter(|n| *n >= 0)).collect::<Option<_>>()?;
    let seconds = match parts[..] {
        [h, m, s] if m < 60 && s < 60 && h < 1000 => h * 3600 + m * 60 + s,
        [m, s] if s < 60 && m < 60_000 => m * 60 + s,
        _ => return None,
    };
    Some(Time::from_ms(seconds * 1000 + ms))
}

/// Reads `start --> end`, with whatever settings follow.
fn timing(line: &str, row: usize) -> Result<Span> {
    let wrong = |what: &str| {
        Error::new(Kind::Document, format!("{what}: {:?}", line.trim()))
            .row(row)
            .hint("write the times of this caption as 00:00:01,000 --> 00:00:02,500")
    };
    let (start, end) = line.split_once("-->").ok_or_else(|| wrong("a caption without times"))?;
    let start = timestamp(start).ok_or_else(|| wrong("no time can be read"))?;
    let end = end.split_whitespace().next().and_then(timestamp).ok_or_else(|| wrong("no time can be read"))?;
    if end < start {
        return Err(wrong("the caption ends before it begins"));
    }
    Ok(Span::new(start, end))
}

/// `HH:MM:SS` and the milliseconds apart from it.
fn clock(time: Time, point: char) -> String {
    let ms = time.ms().max(0);
    format!("{:02}:{:02}:{:02}{point}{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// Text without `<i>`-like tags and `{\an8}`-like overrides; what is no tag stays.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        plain.push_str(&rest[..at]);
        let opened = &rest[at..];
        let is_tag = if opened.starts_with('<') {
            opened[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c.is_ascii_digit())
        } else {
            opened.starts_with("{\\")
        };
        let close = if opened.starts_with('<') { '>' } else { '}' };
        match opened.find(close).filter(|_| is_tag) {
            Some(end) => rest = &opened[end + 1..],
            None => {
                plain.push_str(&opened[..1]);
                rest = &opened[1..];
            }
        }
    }
    plain.push_str(rest);
    plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn caption(start: i64, end: i64, text: &str) -> Caption {
        Caption { span: Span::from_ms(start, end), text: text.into() }
    }

    #[test]
    fn a_short_caption_stays_long_enough_to_be_read() {
        let made = captions(&[caption(0, 300, "No."), caption(5000, 6000, "Yes.")], &lang("en"));
        assert_eq!(made[0].span, Span::from_ms(0, 833));
        assert_eq!(made[1].span.start, Time::from_ms(5000));
    }

    #[test]
    fn captions_never_overlap() {
        let made = captions(&[caption(0, 300, "No, this cannot be read in time."), caption(500, 900, "Yes.")], &lang("en"));
        assert_eq!(made[0].span.end, Time::from_ms(500) - limits(&lang("en")).gap);
    }

    #[test]
    fn a_long_line_becomes_captions_one_after_the_other() {
        let text = "I told you a hundred times that he would never come back to this house, and now you stand here and you cry \
                    as if nobody had ever warned you about that man and his family.";
        let made = captions(&[caption(1000, 9000, text)], &lang("en"));
        assert!(made.len() >= 2);
        assert_eq!(made[0].span.start, Time::from_ms(1000));
        for caption in &made {
            assert!(caption.text.lines().count() <= 2, "{caption:?}");
            assert!(caption.text.lines().all(|row| row.chars().count() <= 42), "{caption:?}");
        }
        assert!(made.windows(2).all(|w| w[0].span.end <= w[1].span.start));
        let words = |t: &str| t.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let shown: Vec<String> = made.iter().flat_map(|c| words(&c.text)).collect();
        assert_eq!(shown, words(text), "no word is lost");
    }

    #[test]
    fn markup_goes_and_text_stays() {
        assert_eq!(without_markup("<i>Go!</i> {\\an8}5 < 6 <b>now</b>"), "Go! 5 < 6 now");
        assert_eq!(without_markup("a {b} c"), "a {b} c");
    }

    #[test]
    fn the_format_is_told_by_the_text() {
        assert_eq!(parse("\u{feff}WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n").unwrap()[0].text, "Hi");
        assert_eq!(parse("1\n00:00:01,000 --> 00:00:02,000\nHi\n").unwrap()[0].span, Span::from_ms(1000, 2000));
    }
}
