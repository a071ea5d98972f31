//! Breaking text into rows: as few as possible, and those as even as possible.

use crate::lang::Lang;

/// Breaks `text` into rows of at most `width` characters, at spaces, or between any two characters of a
/// language without spaces, but never before closing or after opening punctuation. A break after punctuation
/// is preferred where the rows stay about even. A word longer than a row is broken.
pub fn wrap(text: &str, language: &Lang, width: usize) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return Vec::new();
    }
    let width = width.max(1);
    let breaks = breaks(&chars, language, width);
    rows(&chars, &breaks, width)
}

/// Positions where a row may end: after the character before, and at the end of the text.
fn breaks(chars: &[char], language: &Lang, width: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut last = 0;
    for at in 1..chars.len() {
        let (before, after) = (chars[at - 1], chars[at]);
        let inside_word = before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
        let free = language.is_spaceless() && !inside_word && !closes(after) && !opens(before);
        // A word that fills a row by itself is broken where the row ends.
        let forced = at - last >= width;
        if after == ' ' || (free && before != ' ') || forced {
            found.push(at);
            last = at;
        }
    }
    found.push(chars.len());
    found
}

fn closes(c: char) -> bool {
    "，。！？；：、,.!?;:…—）)】」』”’》〉%％·ーっゃゅょッャュョ々".contains(c)
}

fn opens(c: char) -> bool {
    "（(【「『“‘《〈$¥€£".contains(c)
}

/// The rows with the least sum of squared free space, which makes them even; breaks after punctuation are cheaper.
fn rows(chars: &[char], breaks: &[usize], width: usize) -> Vec<String> {
    // best[i]: the least cost of setting everything up to breaks[i], and the break before.
    let mut best: Vec<(u64, Option<usize>)> = Vec::with_capacity(breaks.len());
    for (index, &end) in breaks.iter().enumerate() {
        let mut least = (u64::MAX, None);
        for before in (0..index).map(Some).rev().chain([None]) {
            let start = before.map_or(0, |b| breaks[b]);
            let start = start + usize::from(chars.get(start) == Some(&' '));
            let length = end.saturating_sub(start);
            // Rows only get longer from here on back.
            if length > width {
                break;
            }
            let spent = before.map_or(0, |b| best[b].0);
            if spent == u64::MAX {
                continue;
            }
            let free = (width - length) as u64;
            let at_punctuation = end == chars.len() || closes(chars[end - 1]);
            // A row costs more than any unevenness, so that rows are few.
            let cost = spent + 10_000 + free * free + if at_punctuation { 0 } else { 40 };
            if cost < least.0 {
                least = (cost, before);
            }
        }
        best.push(least);
    }
    let mut ends = vec![breaks.len() - 1];
    while let Some(before) = ends.last().and_then(|last| best[*last].1) {
        ends.push(before);
    }
    ends.reverse();
    let mut start = 0;
    ends.into_iter()
        .map(|index| {
            let row: String = chars[start..breaks[index]].iter().collect();
            start = breaks[index];
            row.trim().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, language: &str, width: usize) -> Vec<String> {
        wrap(text, &language.parse().unwrap(), width)
    }

    #[test]
    fn short_text_is_one_row() {
        assert_eq!(wrapped("Mr.  Gu\nleft.", "en", 42), ["Mr. Gu left."]);
        assert!(wrapped("  ", "en", 42).is_empty());
    }

    #[test]
    fn two_rows_are_about_even_and_break_at_punctuation() {
        let rows = wrapped("You said you would come back, so I waited here all night.", "en", 42);
        assert_eq!(rows, ["You said you would come back,", "so I waited here all night."]);
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_closing_punctuation() {
        let rows = wrapped("你以为我会在乎一个赘婿的话吗，真是可笑至极。", "zh", 16);
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.chars().count() <= 16));
        assert!(!rows[1].starts_with(['，', '。']), "{rows:?}");
        assert_eq!(rows.concat(), "你以为我会在乎一个赘婿的话吗，真是可笑至极。");
    }

    #[test]
    fn no_text_is_lost_and_no_row_too_long_whatever_comes() {
        let words = ["a", "verylongwordthatdoesnotfit", "顾总", "no,", "it's", "…"];
        for length in 1..40 {
            let text: Vec<&str> = (0..length).map(|i| words[(i * 7 + length) % words.len()]).collect();
            for (language, width) in [("en", 12), ("zh", 8), ("th", 5)] {
                let rows = wrapped(&text.join(" "), language, width);
                assert!(rows.iter().all(|row| row.chars().count() <= width), "{rows:?}");
                let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                assert_eq!(bare(&rows.concat()), bare(&text.concat()));
            }
        }
    }
}
