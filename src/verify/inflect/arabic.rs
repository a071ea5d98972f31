//! Arabic: what grows onto a word before and after it. Light stemming; broken plurals belong into `forms`.

/// Conjunctions and prepositions with the article, longest first.
const PREFIXES: [&str; 13] = ["وبال", "وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و", "ف", "ب", "ل", "ك"];
/// Pronouns, and endings of number and gender.
const SUFFIXES: [&str; 18] =
    ["هما", "كما", "ها", "هم", "هن", "كم", "كن", "نا", "ني", "ات", "ون", "ين", "ان", "ه", "ك", "ي", "ة", "ت"];

/// Shorter than this nothing is a root.
const SHORTEST: usize = 3;

/// Everything that may be left of a word; the word itself first.
pub(super) fn roots(word: &str) -> Vec<String> {
    let long = |text: &&str| text.chars().count() >= SHORTEST;
    let mut roots = vec![word.to_owned()];
    let fronts =
        std::iter::once(word).chain(PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix)).filter(long));
    for front in fronts {
        let ends = std::iter::once(front).chain(SUFFIXES.iter().filter_map(|end| front.strip_suffix(end)).filter(long));
        for bare in ends {
            // زوجة before a pronoun is زوجتي.
            let bare = bare.strip_suffix(['ة', 'ت']).filter(long).unwrap_or(bare);
            if !roots.iter().any(|root| root == bare) {
                roots.push(bare.to_owned());
            }
        }
    }
    roots
}
