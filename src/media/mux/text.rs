//! Subtitle cues as the packets that MP4 and Matroska keep.
//!
//! Pure. Does not know how text is broken into lines or when it is shown.

use crate::time::{Span, Time};

/// One packet of a subtitle track.
#[derive(Debug, PartialEq)]
pub(super) struct TextPacket {
    pub(super) span: Span,
    pub(super) bytes: Vec<u8>,
}

/// Packets for MP4's timed text (3GPP TS 26.245): a length and UTF-8. Its tracks cannot
/// overlap, so where cues do, both texts are shown as one cue, the earlier one first.
pub(super) fn timed_text(cues: &[(Span, String)]) -> Vec<TextPacket> {
    let cues = clean(cues);
    let mut edges: Vec<Time> = cues.iter().flat_map(|(span, _)| [span.start, span.end]).collect();
    edges.sort();
    edges.dedup();
    let mut shown: Vec<(Span, Vec<usize>)> = Vec::new();
    let mut first = 0;
    for edge in edges.windows(2) {
        let span = Span::new(edge[0], edge[1]);
        while cues.get(first).is_some_and(|(cue, _)| cue.end <= span.start) {
            first += 1;
        }
        let here: Vec<usize> = (first..cues.len())
            .take_while(|index| cues[*index].0.start < span.end)
            .filter(|index| cues[*index].0.overlap(span).is_some())
            .collect();
        match shown.last_mut() {
            Some((last, same)) if last.end == span.start && *same == here => last.end = span.end,
            _ if here.is_empty() => {}
            _ => shown.push((span, here)),
        }
    }
    let packet = |(span, here): (Span, Vec<usize>)| {
        let text = here.iter().map(|index| cues[*index].1.as_str()).collect::<Vec<_>>().join("\n");
        let text = truncated(&text, usize::from(u16::MAX));
        let bytes = [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat();
        TextPacket { span, bytes }
    };
    shown.into_iter().map(packet).collect()
}

/// Packets for Matroska's `S_TEXT/UTF8`, which is SubRip: cues may overlap, and what looks
/// like markup would be taken for it.
pub(super) fn subrip(cues: &[(Span, String)]) -> Vec<TextPacket> {
    clean(cues).into_iter().map(|(span, text)| TextPacket { span, bytes: escaped(&text).into_bytes() }).collect()
}

/// The set-up of a timed-text track (`tx3g`): white, centred at the bottom of the picture.
pub(super) fn timed_text_header((width, height): (u32, u32)) -> Vec<u8> {
    let pixels = |size: u32| u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
    let mut header = vec![0, 0, 0, 0];
    // Centred, at the bottom, on nothing.
    header.extend([1, 0xff, 0, 0, 0, 0]);
    // The box: top, left, bottom, right.
    header.extend([0, 0, 0, 0]);
    header.extend(pixels(height));
    header.extend(pixels(width));
    // The style: of no characters, font 1, plain, its size a twentieth of the height, white.
    header.extend([0, 0, 0, 0, 0, 1, 0, (height / 20).clamp(18, 255) as u8, 255, 255, 255, 255]);
    // The table of fonts.
    header.extend([0, 0, 0, 18, b'f', b't', b'a', b'b', 0, 1, 0, 1, 5]);
    header.extend(b"Arial");
    header
}

/// Cues in order, without empty ones; text without control characters and empty lines.
fn clean(cues: &[(Span, String)]) -> Vec<(Span, String)> {
    let mut kept: Vec<(Span, String)> = cues
        .iter()
        .filter(|(span, _)| span.end > span.start && span.end > Time::ZERO)
        .map(|(span, text)| (Span::new(span.start.max(Time::ZERO), span.end), tidy(text)))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    kept.sort_by_key(|(span, _)| (span.start, span.end));
    kept
}

fn tidy(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(|line| {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        line.trim().to_owned()
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// SubRip has no escapes. An invisible word joiner after the bracket keeps players from
/// seeing a tag, and a reader sees no difference.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        escaped.push(c);
        let tag = match c {
            '<' => rest.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '/'),
            '{' => rest.peek() == Some(&'\\'),
            _ => false,
        };
        if tag {
            escaped.push('\u{2060}');
        }
    }
    escaped
}

/// At most `bytes` bytes, cut between characters.
fn truncated(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: i64, end: i64, text: &str) -> (Span, String) {
        (Span::from_ms(start, end), text.to_owned())
    }

    fn texts(packets: &[TextPacket]) -> Vec<(Span, String)> {
        packets.iter().map(|p| (p.span, String::from_utf8(p.bytes[2..].to_vec()).unwrap())).collect()
    }

    #[test]
    fn overlapping_cues_are_shown_together() {
        let packets = timed_text(&[cue(0, 2000, "a"), cue(1000, 3000, "b"), cue(4000, 5000, "c")]);
        let wanted = [cue(0, 1000, "a"), cue(1000, 2000, "a\nb"), cue(2000, 3000, "b"), cue(4000, 5000, "c")];
        assert_eq!(texts(&packets), wanted);
        assert_eq!(packets[1].bytes[..2], [0, 3]);
    }

    #[test]
    fn cues_that_touch_stay_two() {
        let packets = timed_text(&[cue(0, 1000, "same"), cue(1000, 2000, "same")]);
        assert_eq!(texts(&packets), [cue(0, 1000, "same"), cue(1000, 2000, "same")]);
    }

    #[test]
    fn empty_and_impossible_cues_are_left_out() {
        let cues = [cue(0, 1000, " \n\r\n "), cue(2000, 2000, "no time"), cue(-500, 500, "early"), cue(100, 90, "x")];
        assert_eq!(texts(&timed_text(&cues)), [cue(0, 500, "early")]);
        assert_eq!(subrip(&cues).len(), 1);
    }

    #[test]
    fn markup_is_text() {
        let packets = subrip(&[cue(0, 1000, "1 < 2, <b>bold</b> {\\an8} {x}\r\n\r\n  next\0 ")]);
        let text = std::str::from_utf8(&packets[0].bytes).unwrap();
        assert_eq!(text, "1 < 2, <\u{2060}b>bold<\u{2060}/b> {\u{2060}\\an8} {x}\nnext");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(truncated("héllo", 2), "h");
        assert_eq!(timed_text(&[cue(0, 1, &"字".repeat(30_000))])[0].bytes.len(), 2 + 65_535 / 3 * 3);
    }

    #[test]
    fn the_header_has_its_lengths_right() {
        let header = timed_text_header((720, 1280));
        assert_eq!(header.len(), 30 + 18);
        assert_eq!(header[14..18], [5, 0, 2, 208]);
    }
}
