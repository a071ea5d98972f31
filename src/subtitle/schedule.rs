//! Lines to captions: parted where they are too long to read at once, and timed as viewers expect.
//!
//! Pure. Knows the limits of the language; does not know the picture, nor what the lines translate.

use super::Caption;
use super::limits::{FLICKER_FRAMES, GAP_FRAMES, LINGER, LONGEST, SHORTEST, limits};
use super::wrap::{fits, flat, part_at, width, wrap};
use crate::lang::Lang;
use crate::script::Script;
use crate::time::{Delta, Span};

/// How captions are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Characters in a line, as the language counts them.
    pub per_line: usize,
    /// Length of a video frame.
    pub frame: Delta,
}

impl Layout {
    /// The language's own line length. An upright picture holds about half as many characters as
    /// a wide one at a readable size, so there a line is shorter, but never under 12.
    pub fn of(language: &Lang, frame: Delta, upright: bool) -> Layout {
        let full = limits(language).per_line;
        let per_line = if upright && full > 20 { (full * 4 / 7).max(12) } else { full };
        Layout { per_line, frame }
    }
}

/// What a script's written lines show, at the spans of its cues; failed lines show nothing.
pub fn from_script(script: &Script) -> Vec<Caption> {
    let caption = |line: &crate::script::Line| {
        line.text().map(|text| Caption { span: line.span, text: text.to_owned(), speaker: line.speaker.clone() })
    };
    script.lines.iter().filter_map(caption).collect()
}

/// Captions that can be read, from lines at the time of their speech: at most two rows each, at least 5/6 s
/// and at most 7 s long, two frames apart. A line that is too long becomes several, each with its
/// share of the time. A caption may stay up to half a second after the speech where reading needs
/// it. Captions that begin together (two people at once) share the picture as two rows with dashes.
pub fn captions(lines: &[Caption], language: &Lang, layout: &Layout) -> Vec<Caption> {
    let mut parts: Vec<Caption> = Vec::new();
    for line in lines {
        let text = flat(&line.text, language);
        if !text.is_empty() {
            part(Caption { text, ..line.clone() }, language, layout, &mut parts);
        }
    }
    parts.sort_by_key(|caption| caption.span.start);
    let mut captions = together(parts, language, layout);
    for index in 0..captions.len() {
        let next = captions.get(index + 1).map(|next| next.span);
        let caption = &mut captions[index];
        caption.span = timed(caption, next, language, layout.frame);
        caption.text = wrap_each(&caption.text, language, layout.per_line);
    }
    captions
}

/// Rows of each line of the text; dialogues have two lines.
fn wrap_each(text: &str, language: &Lang, per_line: usize) -> String {
    text.lines().flat_map(|line| wrap(line, language, per_line)).collect::<Vec<_>>().join("\n")
}

/// Halves a caption that is too long for the picture or for the time that one may stay, and the halves again.
fn part(caption: Caption, language: &Lang, layout: &Layout, parts: &mut Vec<Caption>) {
    let too_much = !fits(&caption.text, language, layout.per_line);
    // What is spoken slowly stays whole until it is half a caption too long.
    let too_long = caption.span.duration() > LONGEST && width(&caption.text) > layout.per_line / 2;
    let at = (too_much || too_long).then(|| part_at(&caption.text, language, 0.5)).flatten();
    let Some(at) = at else {
        parts.push(caption);
        return;
    };
    let share = width(&caption.text[..at]) as f64 / width(&caption.text).max(1) as f64;
    let middle = caption.span.start + caption.span.duration().scaled(share);
    let half =
        |span: Span, text: &str| Caption { span, text: text.trim().to_owned(), speaker: caption.speaker.clone() };
    part(half(Span::new(caption.span.start, middle), &caption.text[..at]), language, layout, parts);
    part(half(Span::new(middle, caption.span.end), &caption.text[at..]), language, layout, parts);
}

/// Two captions that begin so close together that the first could not be read become one of two rows.
fn together(parts: Vec<Caption>, language: &Lang, layout: &Layout) -> Vec<Caption> {
    let mut captions: Vec<Caption> = Vec::new();
    for part in parts {
        let one_row = |text: &str| wrap(&format!("- {text}"), language, layout.per_line).len() == 1;
        match captions.last_mut() {
            Some(last)
                if last.span.end > part.span.start
                    && part.span.start - last.span.start < SHORTEST
                    && !last.text.contains('\n')
                    && one_row(&last.text)
                    && one_row(&part.text) =>
            {
                last.span.end = last.span.end.max(part.span.end);
                last.text = format!("- {}\n- {}", last.text, part.text);
                last.speaker = None;
            }
            _ => captions.push(part),
        }
    }
    captions
}

/// The time on screen: long enough to read, not too long, and apart from the next caption.
fn timed(caption: &Caption, next: Option<Span>, language: &Lang, frame: Delta) -> Span {
    let Span { start, end } = caption.span;
    let frames = |count: i64| Delta::from_ticks(frame.ticks() * count);
    let signs = caption.text.chars().filter(|c| !c.is_whitespace()).count() as f64;
    let reading = Delta::from_seconds(signs / f64::from(limits(language).per_second.0));
    let mut wanted = end.max((start + reading).min(end + LINGER)).max(start + SHORTEST).min(start + LONGEST);
    if let Some(next) = next {
        let latest = next.start - frames(GAP_FRAMES);
        let near = next.start - wanted <= frames(FLICKER_FRAMES);
        // Two at once stay two at once where the first would be gone before it is read.
        if near && latest - start >= SHORTEST {
            wanted = latest.min(start + LONGEST);
        } else if near && next.start >= end {
            wanted = latest.max(start + frames(1));
        }
    }
    Span::new(start, wanted)
}

/// What is shorter than this nobody reads: then it is better early than not at all.
const FLASH: Delta = Delta::from_ms(300);

/// Gives captions that were cut short the time that those just before them can spare, so that none only flashes: what
/// was parted into two for its length shares its time with its own first half.
pub fn lengthen(captions: &mut [Caption], frame: Delta) {
    let gap = frame.scaled(GAP_FRAMES as f64);
    for index in 1..captions.len() {
        let (before, rest) = captions.split_at_mut(index);
        let (Some(before), Some(caption)) = (before.last_mut(), rest.first_mut()) else { continue };
        let is_next = caption.span.start - before.span.end <= gap.scaled(2.0);
        let both = caption.span.end - before.span.start - gap;
        if !is_next || caption.span.duration() >= FLASH {
            continue;
        }
        // Neither gets less than half of what there is for both.
        let wanted = SHORTEST.min(both.scaled(0.5)).max(caption.span.duration());
        caption.span.start = caption.span.end - wanted;
        before.span.end = before.span.end.min(caption.span.start - gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    /// 25 frames a second.
    fn layout(tag: &str) -> Layout {
        Layout::of(&lang(tag), Delta::from_ms(40), false)
    }

    fn run(tag: &str, lines: &[(i64, i64, &str)]) -> Vec<(i64, i64, String)> {
        let lines: Vec<Caption> =
            lines.iter().map(|&(start, end, text)| Caption::new(Span::from_ms(start, end), text)).collect();
        let done = captions(&lines, &lang(tag), &layout(tag));
        done.into_iter().map(|c| (c.span.start.ms(), c.span.end.ms(), c.text)).collect()
    }

    #[test]
    fn short_speech_stays_long_enough_to_be_read() {
        assert_eq!(run("en", &[(1000, 1200, "Go!")]), [(1000, 1833, "Go!".to_owned())]);
    }

    #[test]
    fn fast_speech_lingers_but_no_longer_than_half_a_second() {
        let text = "He said he would never come back to this house again.";
        let found = run("en", &[(0, 1500, text)]);
        assert_eq!(found[0].1, 2000);
    }

    #[test]
    fn small_gaps_are_closed_to_two_frames_and_large_ones_stay() {
        let found = run("en", &[(0, 2000, "One thing."), (2200, 4000, "Another."), (6000, 8000, "A third.")]);
        assert_eq!(found[0].1, 2200 - 80);
        assert_eq!(found[1].1, 4000);
    }

    #[test]
    fn long_lines_become_several_with_their_share_of_the_time() {
        let text = "When the old chairman died, everyone in the company thought that the eldest son would take over, but the will said something else.";
        let found = run("en", &[(0, 8000, text)]);
        assert!(found.len() >= 2, "{found:?}");
        for (start, end, text) in &found {
            assert!(text.lines().count() <= 2 && text.lines().all(|line| line.chars().count() <= 42), "{text}");
            assert!(end - start >= 833 && end - start <= 7000, "{found:?}");
        }
        assert!(found.windows(2).all(|pair| pair[1].0 - pair[0].1 == 80), "{found:?}");
        let joined = found.iter().map(|(_, _, text)| text.replace('\n', " ")).collect::<Vec<_>>().join(" ");
        assert_eq!(joined, text);
        assert_eq!(found[0].0, 0);
    }

    #[test]
    fn chinese_lines_hold_sixteen_characters() {
        let found = run(
            "zh",
            &[(0, 6000, "黄昏时分，夕阳洒在街道上，给忙碌的一天增添了一抹温暖，这个季节总能带来宁静和满足。")],
        );
        for (_, _, text) in &found {
            assert!(text.lines().count() <= 2 && text.lines().all(|line| line.chars().count() <= 16), "{text}");
        }
    }

    #[test]
    fn two_at_once_share_the_picture() {
        let found = run("en", &[(1000, 2500, "Stop!"), (1200, 2600, "No!")]);
        assert_eq!(found, [(1000, 2600, "- Stop!\n- No!".to_owned())]);
    }

    #[test]
    fn nothing_stays_longer_than_seven_seconds() {
        let found = run("en", &[(0, 12_000, "Mmm…")]);
        assert_eq!(found, [(0, 7000, "Mmm…".to_owned())]);
    }

    #[test]
    fn an_upright_picture_holds_less() {
        assert_eq!(Layout::of(&lang("en"), Delta::from_ms(40), true).per_line, 24);
        assert_eq!(Layout::of(&lang("zh"), Delta::from_ms(40), true).per_line, 16);
    }

    #[test]
    fn a_caption_that_was_cut_short_takes_time_from_the_one_before_it() {
        let caption = |start: i64, end: i64| Caption::new(Span::from_ms(start, end), "a");
        let run = |spans: &[(i64, i64)]| {
            let mut captions: Vec<Caption> = spans.iter().map(|(start, end)| caption(*start, *end)).collect();
            lengthen(&mut captions, Delta::from_ms(40));
            captions.iter().map(|c| (c.span.start.ms(), c.span.end.ms())).collect::<Vec<_>>()
        };
        assert_eq!(run(&[(0, 3000), (3080, 3134)]), [(0, 2221), (2301, 3134)]);
        assert_eq!(run(&[(0, 900), (980, 1020)]), [(0, 470), (550, 1020)], "both are short then");
        let far = [(0, 3000), (4000, 4100)];
        assert_eq!(run(&far), far, "what stands alone is another's matter");
        let long = [(0, 3000), (3080, 3600)];
        assert_eq!(run(&long), long);
    }
}
