//! A line as sentences: the models were trained on single ones and tend to drop what comes after the first.
//!
//! Knows the abbreviations that end with a full stop in the languages that these models read; splits
//! rather too rarely than too often.

/// Words after which a full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "vs", "mt", "no", "gen", "col", "capt", "lt", "sgt", "rev", "hon",
    "sr", "sra", "srta", "srs", "dra", "profa", "d", "exmo", "exma", "av", "m", "mme", "mlle", "fr", "hr", "sig",
    "dott", "ud", "uds", "bpk", "sdr", "etc", "e.g", "i.e", "p.m", "a.m", "u.s", "ph.d",
];

/// The sentences of a line, each on one line, without markup; never empty strings.
pub(super) fn split(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut sentences = Vec::new();
    let mut start = 0;
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (at, &(offset, char)) in chars.iter().enumerate() {
        let spaceless_stop = matches!(char, '。' | '！' | '？');
        // What closed the last sentence is not looked at again.
        if offset < start || (!spaceless_stop && !matches!(char, '.' | '!' | '?' | '…')) {
            continue;
        }
        let mut next = at + 1;
        // Closing marks belong to the sentence: "Go!" he said.
        while chars
            .get(next)
            .is_some_and(|(_, c)| matches!(c, '"' | '”' | '’' | ')' | '.' | '!' | '?' | '…' | '」' | '』'))
        {
            next += 1;
        }
        let end = chars.get(next).map_or(text.len(), |(offset, _)| *offset);
        // "I... I can't": a pause, not an end.
        let dot = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|(_, c)| *c == '.');
        let trails_off = char == '…' || (char == '.' && (dot(Some(at + 1)) || dot(at.checked_sub(1))));
        let abbreviates = char == '.' && next == at + 1 && is_abbreviation(&text[start..offset]);
        let ends = match (chars.get(next), chars.get(next + 1)) {
            (None, _) => true,
            (Some(_), _) if spaceless_stop => true,
            // A sentence begins with a capital, a figure or an opening mark; "I... I can't" goes on.
            (Some((_, ' ')), Some((_, first))) => {
                (first.is_uppercase() || !first.is_alphabetic()) && !abbreviates && !trails_off
            }
            _ => false,
        };
        if ends && end > start {
            let sentence = text[start..end].trim();
            if !sentence.is_empty() {
                sentences.push(sentence.to_owned());
            }
            start = end;
        }
    }
    let rest = text[start..].trim();
    if !rest.is_empty() {
        sentences.push(rest.to_owned());
    }
    sentences
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default().trim_start_matches(|c: char| !c.is_alphanumeric());
    // A single capital is an initial: J. Smith.
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
    initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn sentences_end_where_people_end_them() {
        for (text, sentences) in [
            ("Get out! Now.", vec!["Get out!", "Now."]),
            ("Mr. Gu, she left.", vec!["Mr. Gu, she left."]),
            ("Ask Dr. Lin.\nHe knows.", vec!["Ask Dr. Lin.", "He knows."]),
            ("I... I can't.", vec!["I... I can't."]),
            ("Wait… What?", vec!["Wait… What?"]),
            ("\"Go!\" he said.", vec!["\"Go!\" he said."]),
            ("It costs 3.5 million.", vec!["It costs 3.5 million."]),
            ("Really?! You?", vec!["Really?!", "You?"]),
            ("Não sei, Sr. Silva. E você?", vec!["Não sei, Sr. Silva.", "E você?"]),
            ("你走！我不走。", vec!["你走！", "我不走。"]),
            ("  ", vec![]),
            ("...", vec!["..."]),
        ] {
            assert_eq!(split(text), sentences, "{text}");
        }
    }
}
