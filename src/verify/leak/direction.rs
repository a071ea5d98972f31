//! Stage directions: `[sighs]`, `*crying*`, `(Door slams)`.
//!
//! Square brackets, braces and asterisks are never spoken. Round ones are where a sentence stands in them, or where
//! the sentence goes on behind them.

/// Brackets, and how they close.
const BRACKETS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】'), ('［', '］'), ('{', '}')];

/// What people and things are heard or seen to do.
const DEEDS: &[&str] = &[
    "sighs",
    "laughs",
    "laughter",
    "chuckles",
    "giggles",
    "cries",
    "sobs",
    "weeps",
    "whispers",
    "gasps",
    "screams",
    "shouts",
    "yells",
    "coughs",
    "snorts",
    "sniffs",
    "groans",
    "moans",
    "mutters",
    "murmurs",
    "pauses",
    "pause",
    "silence",
    "music",
    "plays",
    "knocks",
    "knock",
    "applause",
    "footsteps",
    "thunder",
    "rings",
    "slams",
    "opens",
    "closes",
    "smiles",
    "smirks",
    "sneers",
    "scoffs",
    "nods",
    "kneels",
    "pants",
    "bows",
    "exits",
    "enters",
    "leaves",
    "off-screen",
    "voiceover",
    "suspira",
    "ríe",
    "ri",
    "llora",
    "chora",
    "solloza",
    "soluça",
    "grita",
    "susurra",
    "sussurra",
    "risas",
    "risos",
    "música",
    "tertawa",
    "menangis",
    "berbisik",
];

/// Words that a direction has at most: "The door slams shut."
const FEW: usize = 4;

/// Words with which somebody speaks of himself or to another.
const PEOPLE: &[&str] = &[
    "i", "i'm", "i'll", "i've", "i'd", "me", "my", "mine", "you", "you're", "you'll", "your", "we", "we're", "us",
    "our", "yo", "tú", "mí", "te", "me", "nos", "eu", "você", "aku", "saya", "kamu", "kita",
];

/// The first stage direction in `text`.
pub(super) fn direction(text: &str) -> Option<String> {
    in_brackets(text).or_else(|| in_stars(text))
}

fn in_brackets(text: &str) -> Option<String> {
    for (open, close) in BRACKETS {
        for (at, _) in text.match_indices(open) {
            let Some(length) = text[at..].find(close) else { continue };
            let (inner, end) = (&text[at + open.len_utf8()..at + length], at + length + close.len_utf8());
            let outside = |text: &str| !text.chars().any(char::is_alphanumeric);
            // A remark in round brackets inside a sentence can be said; elsewhere it must be a sentence itself.
            let round = matches!(open, '(' | '（');
            let begun = !text[..at].trim_end().ends_with(['.', '!', '?', '。', '！', '？']);
            let inside = begun && !outside(&text[..at]) && !outside(&text[end..]);
            if names_something(inner) && !(round && (inside || is_said(inner))) {
                return Some(text[at..end].to_owned());
            }
        }
    }
    None
}

/// A direction is a word; (en) and a bracketed 2 are none.
fn names_something(inner: &str) -> bool {
    let longest = inner.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().count()).max().unwrap_or(0);
    longest >= 3 || inner.chars().any(|c| matches!(c, '\u{3400}'..='\u{9FFF}'))
}

/// Is it a sentence that somebody says, and none about what he does?
fn is_said(inner: &str) -> bool {
    let inner = inner.trim().trim_end_matches(['"', '”', '\'', '’']);
    let ends = inner.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟']);
    // Writing without capitals begins a sentence with any letter.
    let begins = inner.chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase());
    if !(ends && begins) {
        return false;
    }
    let lower = inner.to_lowercase().replace('’', "'");
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '-'))
        .filter(|word| !word.is_empty())
        .collect();
    let of_people = words.iter().any(|word| PEOPLE.contains(word));
    let of_deeds = words.len() <= FEW && words.iter().any(|word| DEEDS.contains(word));
    // Crying softly. Angrily. "Really!" is a cry of another kind.
    let manner = words.first().is_some_and(|word| word.len() > 4 && (word.ends_with("ing") || word.ends_with("ly")));
    of_people || !(of_deeds || manner && inner.ends_with('.'))
}

/// `*crying*`: a star before a word and one behind a word. In b*tch and 5 * 3 they stand elsewhere.
fn in_stars(text: &str) -> Option<String> {
    let stars: Vec<usize> = text.match_indices('*').map(|(at, _)| at).collect();
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let opens = |at: usize| !word(text[..at].chars().next_back()) && word(text[at + 1..].chars().next());
    let closes = |at: usize| {
        text[..at].chars().next_back().is_some_and(|c| !c.is_whitespace() && c != '*')
            && !word(text[at + 1..].chars().next())
    };
    let pairs = stars.iter().zip(stars.iter().skip(1));
    let found = pairs.filter(|(open, close)| opens(**open) && closes(**close));
    let mut inner = found.map(|(open, close)| &text[open + 1..*close]);
    inner.find(|inner| names_something(inner)).map(|inner| format!("*{inner}*"))
}
