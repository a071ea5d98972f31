//! Indonesian prefixes and suffixes, as one list of what may lie under a word.
//!
//! A nasal prefix swallows the first letter of some roots (memukul: pukul), so that a word can have several.

/// Possessives and particles, then the endings of verbs and nouns.
const CLITICS: [&str; 6] = ["nya", "ku", "mu", "lah", "kah", "pun"];
const ENDINGS: [&str; 3] = ["kan", "an", "i"];
/// Prefix, and the letters that it may have swallowed.
const PREFIXES: [(&str, &[&str]); 15] = [
    ("meny", &["s"]),
    ("meng", &["", "k"]),
    ("mem", &["", "p"]),
    ("men", &["", "t"]),
    ("me", &[""]),
    ("peny", &["s"]),
    ("peng", &["", "k"]),
    ("pem", &["", "p"]),
    ("pen", &["", "t"]),
    ("per", &[""]),
    ("pe", &[""]),
    ("ber", &[""]),
    ("ter", &[""]),
    ("di", &[""]),
    ("ke", &[""]),
];

/// Shorter than this nothing is a root.
const SHORTEST: usize = 4;

/// Everything that may be the root of a word; the word itself first.
pub(super) fn roots(word: &str) -> Vec<String> {
    let mut roots = vec![word.to_owned()];
    let mut add = |root: String| {
        if root.len() >= SHORTEST && !roots.contains(&root) {
            roots.push(root);
        }
    };
    let bare: Vec<&str> =
        std::iter::once(word).chain(CLITICS.iter().filter_map(|end| word.strip_suffix(end))).collect();
    for bare in bare {
        let stems: Vec<&str> =
            std::iter::once(bare).chain(ENDINGS.iter().filter_map(|end| bare.strip_suffix(end))).collect();
        for stem in stems {
            add(stem.to_owned());
            for (prefix, swallowed) in PREFIXES {
                let Some(rest) = stem.strip_prefix(prefix) else { continue };
                for letter in swallowed {
                    add(format!("{letter}{rest}"));
                }
            }
        }
    }
    roots
}
