//! An existing subtitle file as a transcript.
//!
//! Knows what in subtitles is not speech. Does not know the sound: times are taken as the file has them.

use super::clean::NOTES;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Cue, Passage, PassageKind, Transcript};
use crate::subtitle::{self, Caption};
use std::path::Path;

/// Reads an SRT or VTT file: rows of a caption are joined as the language writes, captions are
/// sorted, and what is not speech is no cue: descriptions of sounds are left out, songs and music marked with notes are
/// passages. Captions may overlap. `path` is for errors alone.
///
/// # Errors
/// Fails if a row is malformed (naming it) or there is no speech in the file.
pub fn from_subtitles(bytes: &[u8], path: &Path, language: &Lang) -> Result<Transcript> {
    let mut captions = subtitle::read(bytes).map_err(|error| error.file(path))?;
    captions.sort_by_key(|caption| (caption.span.start, caption.span.end));
    let (mut cues, mut passages): (Vec<Cue>, Vec<Passage>) = (Vec::new(), Vec::new());
    for caption in captions {
        let text = written(&caption, language);
        if is_song(&text) {
            let text = text.trim_matches(is_mark).trim().to_owned();
            let kind = if text.is_empty() { PassageKind::Music } else { PassageKind::Song };
            passages.push(Passage { span: caption.span, kind, text });
        } else if text.chars().any(char::is_alphanumeric) && !is_description(&text) {
            let id = cues.len() as u32 + 1;
            cues.push(Cue {
                id,
                span: caption.span,
                text,
                speaker: caption.speaker,
                words: Vec::new(),
                confidence: None,
            });
        }
    }
    if cues.is_empty() {
        return Err(Error::new(Kind::Document, "there is no line of speech in the file")
            .file(path)
            .hint("give an SRT or VTT file with the spoken lines, or leave --transcript out to have them heard"));
    }
    Ok(Transcript { language: language.clone(), cues, passages })
}

/// What is written: one line, without descriptions in square brackets and without the dashes of a dialogue.
fn written(caption: &Caption, language: &Lang) -> String {
    let rows: Vec<String> = caption.text.lines().map(undescribed).filter(|row| !row.is_empty()).collect();
    let dialogue = rows.len() > 1 && rows.iter().all(|row| row.starts_with(['-', '–', '—']));
    let row = |row: &String| match dialogue {
        true => row.trim_start_matches(['-', '–', '—']).trim_start().to_owned(),
        false => row.clone(),
    };
    subtitle::flat(&rows.iter().map(row).collect::<Vec<_>>().join("\n"), language)
}

/// Without `[…]` and `【…】`, which hold descriptions wherever they stand.
fn undescribed(row: &str) -> String {
    let mut text = row.to_owned();
    for (open, close) in [('[', ']'), ('【', '】')] {
        while let Some(start) = text.find(open) {
            let Some(end) = text[start..].find(close) else { break };
            text.replace_range(start..start + end + close.len_utf8(), "");
        }
    }
    text.trim().to_owned()
}

/// Round brackets may hold speech, but not where they hold all of it.
fn is_description(text: &str) -> bool {
    let wrapped = |open, close| text.starts_with(open) && text.ends_with(close);
    wrapped('(', ')') || wrapped('（', '）')
}

/// Notes mark songs, and music where there are no words between them.
fn is_song(text: &str) -> bool {
    text.starts_with(is_mark) && text.ends_with(is_mark)
}

fn is_mark(c: char) -> bool {
    c == '#' || NOTES.contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn run(text: &str, tag: &str) -> Result<Transcript> {
        from_subtitles(text.as_bytes(), Path::new("a b.srt"), &tag.parse()?)
    }

    #[test]
    fn captions_become_cues_in_order() {
        let text = "2\n00:00:05,000 --> 00:00:06,000\n你好，\n<i>世界</i>\n\n1\n00:00:01,000 --> 00:00:02,000\n走吧！\n\n\
            3\n00:00:05,500 --> 00:00:07,000\n嗯\n\n4\n00:00:08,000 --> 00:00:09,000\n\n";
        let transcript = run(text, "zh").unwrap();
        let found: Vec<(u32, &str, Span)> =
            transcript.cues.iter().map(|cue| (cue.id, cue.text.as_str(), cue.span)).collect();
        assert_eq!(
            found,
            [
                (1, "走吧！", Span::from_ms(1000, 2000)),
                (2, "你好，世界", Span::from_ms(5000, 6000)),
                (3, "嗯", Span::from_ms(5500, 7000)),
            ]
        );
    }

    #[test]
    fn what_is_not_speech_is_left_out() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\n[door slams]\n\n2\n00:00:02,000 --> 00:00:03,000\n♪ la la ♪\n\n\
            3\n00:00:03,000 --> 00:00:04,000\n(sighs)\n\n4\n00:00:04,000 --> 00:00:05,000\n- [angry] Get out!\n- No.\n\n\
            5\n00:00:06,000 --> 00:00:07,000\n...\n\n6\n00:00:07,000 --> 00:00:08,000\n♪\n";
        let transcript = run(text, "en").unwrap();
        let texts: Vec<&str> = transcript.cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, ["Get out! No."]);
        let passages: Vec<(PassageKind, &str, Span)> =
            transcript.passages.iter().map(|passage| (passage.kind, passage.text.as_str(), passage.span)).collect();
        assert_eq!(
            passages,
            [
                (PassageKind::Song, "la la", Span::from_ms(2000, 3000)),
                (PassageKind::Music, "", Span::from_ms(7000, 8000))
            ]
        );
    }

    #[test]
    fn voices_become_speakers() {
        let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v 顾总>坐。\n";
        assert_eq!(run(vtt, "zh").unwrap().cues[0].speaker.as_deref(), Some("顾总"));
    }

    #[test]
    fn errors_name_the_file_and_the_row() {
        let error = run("1\n00:00:01,000 -> 00:00:02,000\nHi\n", "en").unwrap_err();
        assert_eq!(error.to_string(), "a b.srt:2: there is text before the first time");
        assert!(error.remedy().is_some());
        let error = run("\n\n", "en").unwrap_err();
        assert_eq!(error.kind(), Kind::Document);
        assert!(error.to_string().starts_with("a b.srt: "));
    }
}
