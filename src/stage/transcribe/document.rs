//! An existing subtitle file as a transcript.
//!
//! Knows text encodings and what in subtitles is not speech. Does not know the sound: times are taken
//! as the file has them.

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Cue, Transcript};
use crate::subtitle::{self, Parsed};

/// Reads an SRT or WebVTT file: rows of a caption are joined as the language writes, captions are
/// sorted, and what is not speech (descriptions of sounds, songs marked with notes) is left out.
/// Captions may overlap.
///
/// # Errors
/// Fails if the text is not UTF-8 (or UTF-16 with a byte order mark), a row is malformed (naming it) or
/// there is no speech in the file; the caller names the file.
pub fn from_subtitles(bytes: &[u8], language: &Lang) -> Result<Transcript> {
    let text = decode(bytes)?;
    if text.trim_start().starts_with("[Script Info]") {
        return Err(Error::new(Kind::Document, "is an ASS file, not SRT or WebVTT")
            .hint("convert it first, for example: ffmpeg -i subtitles.ass subtitles.srt"));
    }
    let mut captions = subtitle::parse(&text)?;
    captions.sort_by_key(|caption| (caption.span.start, caption.span.end));
    let mut cues: Vec<Cue> = Vec::new();
    for caption in captions {
        let text = spoken(&caption, language);
        if text.chars().any(char::is_alphanumeric) {
            let id = cues.len() as u32 + 1;
            let Parsed { span, speaker, .. } = caption;
            cues.push(Cue { id, span, text, speaker, words: Vec::new(), confidence: None });
        }
    }
    if cues.is_empty() {
        return Err(Error::new(Kind::Document, "there is no line of speech in the file")
            .hint("give an SRT or WebVTT file with the spoken lines, or leave --transcript out to have them heard"));
    }
    Ok(Transcript { language: language.clone(), cues })
}

/// Text in UTF-8, or in UTF-16 with a byte order mark. Other encodings cannot be told apart for certain.
fn decode(bytes: &[u8]) -> Result<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).map_err(|_| not_text("UTF-16"))
    };
    let utf_8 = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let rows = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            not_text("UTF-8").row(rows + 1)
        })?;
        Ok(text.to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest),
        rest => utf_8(rest),
    }
}

fn not_text(expected: &str) -> Error {
    Error::new(Kind::Document, format!("the text is not {expected}")).hint(
        "save the file as UTF-8, for example: iconv -f GB18030 -t UTF-8 old.srt > new.srt (older Traditional Chinese files: -f BIG5)",
    )
}

/// One line, joined as the language writes: without a space between Chinese characters.
fn flat(rows: &[String], language: &Lang) -> String {
    let mut flat = String::new();
    for row in rows {
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let foreign = latin(flat.chars().next_back()) && latin(row.chars().next());
        // Thai has no spaces between words, but between phrases, where rows end.
        if !flat.is_empty() && (!language.is_spaceless() || language.primary() == "th" || foreign) {
            flat.push(' ');
        }
        flat.push_str(row);
    }
    flat
}

/// What is said: one line, without descriptions in square brackets and without the dashes of a dialogue.
fn spoken(caption: &Parsed, language: &Lang) -> String {
    let rows: Vec<String> = caption.text.lines().map(undescribed).filter(|row| !row.is_empty()).collect();
    let dialogue = rows.len() > 1 && rows.iter().all(|row| row.starts_with(['-', '–', '—']));
    let row = |row: &String| match dialogue {
        true => row.trim_start_matches(['-', '–', '—']).trim_start().to_owned(),
        false => row.clone(),
    };
    let text = flat(&rows.iter().map(row).collect::<Vec<_>>(), language);
    if is_description(&text) { String::new() } else { text }
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

/// Round brackets may hold speech, but not where they hold all of it; notes mark songs.
fn is_description(text: &str) -> bool {
    let wrapped = |open, close| text.starts_with(open) && text.ends_with(close);
    wrapped('(', ')') || wrapped('（', '）') || text.starts_with(['♪', '♫', '#']) && text.ends_with(['♪', '♫', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn run(text: &str, tag: &str) -> Result<Transcript> {
        from_subtitles(text.as_bytes(), &tag.parse()?)
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
            5\n00:00:06,000 --> 00:00:07,000\n...\n";
        let transcript = run(text, "en").unwrap();
        let texts: Vec<&str> = transcript.cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, ["Get out! No."]);
    }

    #[test]
    fn voices_become_speakers() {
        let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v 顾总>坐。\n";
        assert_eq!(run(vtt, "zh").unwrap().cues[0].speaker.as_deref(), Some("顾总"));
    }

    #[test]
    fn errors_name_the_row_and_the_remedy() {
        let error = run("1\n00:00:01,000 -> 00:00:02,000\nHi\n", "en").unwrap_err();
        assert_eq!((error.kind(), error.place().row.is_some()), (Kind::Document, true));
        for empty in ["\n\n", "1\n00:00:01,000 --> 00:00:02,000\n[music]\n", "[Script Info]\n"] {
            let error = run(empty, "en").unwrap_err();
            assert_eq!(error.kind(), Kind::Document, "{empty}");
            assert!(error.remedy().is_some(), "{empty}");
        }
    }

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
            assert_eq!(from_subtitles(&bytes, &"zh".parse().unwrap()).unwrap().cues[0].text, "走吧！");
        }
        // 走 in GB18030.
        let bytes = b"1\n00:00:01,000 --> 00:00:02,000\n\xd7\xdf\n";
        let error = from_subtitles(bytes, &"zh".parse().unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(3)));
        assert!(error.remedy().is_some_and(|remedy| remedy.contains("GB18030")));
    }
}
