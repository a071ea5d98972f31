//! What is wrong with an entry that nothing but its file is needed to see.

use super::{Check, Flaw};
use crate::glossary::{Case, Entry, EntryKind, SURNAME, Source};
use crate::lang::Lang;
use crate::writing::Writing;

/// Flaws of an entry, in no order.
pub(super) fn flaws(entry: &Entry, source: &Source) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    flaws.extend(placeholders(entry));
    flaws.extend(untranslated(entry, source));
    flaws.extend(wording(entry));
    flaws.extend(spoken(entry));
    flaws.extend(cases(entry));
    flaws.extend(long(entry, source));
    if entry.kind == EntryKind::Culture && entry.how.is_none() {
        flaws.push((
            Check::How,
            "nothing says what is done about this thing of daily life".to_owned(),
            "write how = \"keep\", \"explain\" or \"replace\"".to_owned(),
        ));
    }
    flaws
}

/// Every wording of the target, with the key that it stands under.
fn wordings(entry: &Entry) -> impl Iterator<Item = (&'static str, &String)> {
    let cases = entry.when.iter().map(|case| ("when", &case.target));
    let forms = entry.forms.iter().map(|form| ("forms", form));
    [("target", &entry.target)].into_iter().chain(forms).chain(cases)
}

fn placeholders(entry: &Entry) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |what: String, remedy: &str| flaws.push((Check::Placeholder, what, remedy.to_owned()));
    let spellings = std::iter::once(&entry.source).chain(&entry.variants).map(|spelling| ("source", spelling));
    let rest = [("spoken", &entry.spoken), ("instead", &entry.instead)];
    let has_braces = |text: &str| text.contains(['{', '}', '｛', '｝']);
    for (key, text) in spellings.chain(wordings(entry)).chain(rest) {
        if has_braces(&text.replace(SURNAME, "")) {
            flaw(
                format!("{key} {text:?} has braces that stand for nothing"),
                "{surname} is the only placeholder; write the rest out",
            );
        }
    }
    for word in entry.unless.iter().filter(|word| word.contains(SURNAME)) {
        flaw(format!("unless {word:?} has {{surname}} in it, which is not filled in there"), "leave the surname out");
    }
    if entry.instead.contains(SURNAME) && !entry.source.contains(SURNAME) {
        let what = format!("instead {:?} has a surname, and the source has none", entry.instead);
        flaw(what, "leave the surname out, or write {surname} into the source");
    }
    let drops = entry.source.contains(SURNAME) && wordings(entry).all(|(_, wording)| !wording.contains(SURNAME));
    if drops && !matches!(entry.kind, EntryKind::Keep | EntryKind::Ban) {
        flaws.push((
            Check::Wording,
            "the source has a surname, and no wording of the target says it".to_owned(),
            "write {surname} into the target, or take it out of the source".to_owned(),
        ));
    }
    flaws
}

fn untranslated(entry: &Entry, source: &Source) -> Option<Flaw> {
    let own = Writing::of_language(&source.to);
    let foreign = |char: char| {
        Writing::of(char).is_some_and(|w| Writing::of_language(&source.from).contains(&w) && !own.contains(&w))
    };
    let rest = [("spoken", &entry.spoken), ("instead", &entry.instead)];
    // A ban names what must not appear, which may well be a word that was left as it was.
    let judged = wordings(entry).filter(|_| entry.kind != EntryKind::Ban);
    let (key, text) = judged.chain(rest).find(|(_, text)| !own.is_empty() && text.chars().any(foreign))?;
    Some((
        Check::Untranslated,
        format!("{key} {text:?} has writing of the source in it"),
        "translate it, or write kind = \"keep\" and no target".to_owned(),
    ))
}

fn wording(entry: &Entry) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |what: String, remedy: &str| flaws.push((Check::Wording, what, remedy.to_owned()));
    if entry.kind == EntryKind::Keep {
        if !entry.target.is_empty() {
            flaw(
                "the target is never used: kind = \"keep\" leaves the source as it is".to_owned(),
                "remove the target",
            );
        }
        return flaws;
    }
    // `instead` is advice, and may name several wordings.
    for (key, text) in wordings(entry).chain([("spoken", &entry.spoken)]) {
        if text.contains(['/', '(', ')', '[', ']', '（', '）', '|', ';']) {
            flaw(
                format!("{key} {text:?} holds alternatives or brackets, which would be spoken"),
                "write one wording; others belong into `forms`, explanations into `note`",
            );
        }
        if text.trim() != text || text.contains("  ") {
            flaw(format!("{key} {text:?} has spaces too many"), "remove them");
        }
        let ends = text.ends_with(['。', '．']) || (text.ends_with('.') && !text.ends_with("..") && !is_short(text));
        if ends {
            flaw(
                format!("{key} {text:?} ends with a full stop, also in the middle of a line"),
                "leave the full stop out",
            );
        }
    }
    flaws
}

/// Written with a full stop, in lower case: English, Spanish, Portuguese, French, German, Indonesian.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "sr", "sra", "srta", "jr", "st", "vs", "etc", "gen", "col", "capt", "lt", "sgt",
    "rev", "hon", "gov", "inc", "ltd", "co", "corp", "dept", "ave", "blvd", "rd", "dra", "profa", "av", "ud", "uds",
    "núm", "nº", "tel", "pág", "mme", "mlle", "bzw", "ca", "nr", "tn", "ny", "jl", "vd", "exmo", "exma", "d", "dña",
];

/// Does it end with an abbreviation?
fn is_short(text: &str) -> bool {
    text.split_whitespace().last().is_some_and(is_abbreviation)
}

fn is_abbreviation(word: &str) -> bool {
    let Some(stem) = word.strip_suffix('.') else { return false };
    let stem = stem.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    // U.S., p.m.; and the J. of a name, but not the I that ends a sentence.
    let initials = stem.contains('.') && stem.split('.').all(|part| part.chars().count() == 1);
    let initial = stem.chars().count() == 1 && stem.chars().all(|c| c.is_alphabetic() && c != 'i');
    initials || initial || ABBREVIATIONS.contains(&stem.as_str())
}

/// The first word that a voice may read in a way that nobody wants.
fn misread(text: &str) -> Option<&str> {
    text.split_whitespace()
        .find(|word| word.contains(|c: char| c.is_numeric() || "%&#@$€£¥+=".contains(c)) || is_abbreviation(word))
}

fn spoken(entry: &Entry) -> Option<Flaw> {
    let silent = matches!(entry.kind, EntryKind::Keep | EntryKind::Ban) || !entry.spoken.is_empty();
    let word = misread(&entry.target).filter(|_| !silent)?;
    Some((
        Check::Spoken,
        format!("a voice may misread {word:?}, and `spoken` does not say how it sounds"),
        "write spoken = the target in full words: \"Mr. Gu\" is \"Mister Gu\"".to_owned(),
    ))
}

fn cases(entry: &Entry) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |what: String, remedy: &str| flaws.push((Check::Case, what, remedy.to_owned()));
    if !entry.when.is_empty() && matches!(entry.kind, EntryKind::Keep | EntryKind::Ban) {
        flaw(format!("cases mean nothing for kind = {:?}", entry.kind.name()), "remove `when`");
        return flaws;
    }
    let asks_no_more = |a: &Option<String>, b: &Option<String>| a.is_none() || a == b;
    for (at, case) in entry.when.iter().enumerate() {
        let Case { speaker, to, target } = case;
        if let Some(earlier) =
            entry.when[..at].iter().position(|e| asks_no_more(&e.speaker, speaker) && asks_no_more(&e.to, to))
        {
            flaw(
                format!("case {} ({target:?}) is never chosen: case {} takes all of its people", at + 1, earlier + 1),
                "put the narrower case first, or remove one",
            );
        } else if speaker.is_none() && to.is_none() {
            flaw(
                format!("case {} ({target:?}) holds for everyone, so the entry's own target is never chosen", at + 1),
                "say who speaks (speaker) or who is addressed (to), or make it the target",
            );
        }
        for who in [speaker, to].into_iter().flatten() {
            // A role in another spelling would be taken for a character's name, and nobody has it.
            let role = match who.trim().to_lowercase().as_str() {
                "f" | "female" | "feminine" | "woman" | "girl" => "f",
                "m" | "male" | "masculine" | "man" | "boy" => "m",
                "elder" => "elder",
                "younger" => "younger",
                "superior" => "superior",
                "stranger" => "stranger",
                "spouse" => "spouse",
                "" => "",
                _ => continue,
            };
            if role != who {
                flaw(
                    format!("nobody is {who:?} in case {}", at + 1),
                    &format!("write {role:?}, or a character's name"),
                );
            }
        }
    }
    flaws
}

/// A target may take this many times as long as its source, and this many seconds more: lines are not made of
/// terms alone, but a term that takes two seconds for two characters leaves no time for the rest.
const STRETCH: f64 = 2.5;
const SLACK_SECONDS: f64 = 1.0;

/// Written characters that are said in a second. A Chinese character is a syllable, of which Mandarin says about
/// 5.2 a second, English 6.2, Spanish and Japanese 7.8 (Pellegrino, Coupé and Marsico, Language 87, 2011); an
/// alphabet takes two to three letters and a space now and then for each.
fn per_second(language: &Lang) -> f64 {
    match language.primary() {
        "zh" => 5.2,
        "ja" | "ko" => 6.0,
        _ => 15.0,
    }
}

fn long(entry: &Entry, source: &Source) -> Option<Flaw> {
    if matches!(entry.kind, EntryKind::Keep | EntryKind::Ban) {
        return None;
    }
    let seconds = |text: &str, language: &Lang, surname: &str| {
        text.replace(SURNAME, surname).chars().count() as f64 / per_second(language)
    };
    let spellings = std::iter::once(&entry.source).chain(&entry.variants);
    let said = spellings.map(|spelling| seconds(spelling, &source.from, "顾")).fold(0.0, f64::max);
    let needed = seconds(&entry.target, &source.to, "Shen");
    let limit = said * STRETCH + SLACK_SECONDS;
    (needed > limit).then(|| {
        (
            Check::Long,
            format!("the target takes about {needed:.1} s to say, its source {said:.1} s"),
            "find a shorter wording; what it means may stand in `note`".to_owned(),
        )
    })
}
