//! Subtitles that came back: which caption is whose line?
//!
//! Does not know how subtitles are written in a file.

use super::Row;
use crate::error::{Error, Kind, Result};
use crate::script::{Line, Script};
use crate::subtitle::Caption;
use crate::time::{Delta, Span};

/// Each caption belongs to the line that it shares most time with; those of one line are joined.
pub(super) fn rows(captions: &[Caption], script: &Script) -> Result<Vec<Row>> {
    let mut texts: Vec<(usize, Vec<String>)> = Vec::new();
    let mut say = |line: usize, text: &str| match texts.iter_mut().find(|(known, _)| *known == line) {
        Some((_, said)) => said.push(text.to_owned()),
        None => texts.push((line, vec![text.to_owned()])),
    };
    let mut exact = vec![false; script.lines.len()];
    for caption in captions {
        let shared = |line: &Line| line.span.overlap(caption.span).map_or(Delta::ZERO, Span::duration);
        let mut near: Vec<usize> =
            (0..script.lines.len()).filter(|&i| shared(&script.lines[i]) > Delta::ZERO).collect();
        // Two people at once, in one caption: a row with a dash for each.
        let dashed: Vec<&str> = caption.text.lines().filter_map(|row| row.strip_prefix("- ")).collect();
        if dashed.len() > 1 && dashed.len() == caption.text.lines().count() && dashed.len() == near.len() {
            near.sort_by_key(|&i| script.lines[i].span.start);
            near.iter().zip(dashed).for_each(|(&i, text)| say(i, text));
            continue;
        }
        let key = |&i: &usize| {
            let Span { start, end } = script.lines[i].span;
            let off = (start - caption.span.start).abs() + (end - caption.span.end).abs();
            // Two lines at the very same time take a caption each.
            (shared(&script.lines[i]), -off, !exact[i])
        };
        // Backwards, since the last of equals wins.
        let Some(best) = near.into_iter().rev().max_by_key(key) else {
            return Err(Error::new(
                Kind::Document,
                format!("the caption {:?} at {} is at the time of no line", caption.text, caption.span.start),
            )
            .hint("give the script that it was exported from with --of, or correct its time"));
        };
        exact[best] |= script.lines[best].span == caption.span;
        say(best, &caption.text);
    }
    let row = |(index, said): (usize, Vec<String>)| Row {
        row: None,
        line: script.lines[index].cue,
        span: None,
        source: None,
        text: said.join("\n"),
        spoken: true,
        tight: None,
        status: None,
        exported: None,
        note: None,
    };
    Ok(texts.into_iter().map(row).collect())
}
