//! A second look at a line: what an editor is asked to change about a draft, and whether its answer is better.
//!
//! Pure. An editor is an engine that can change a draft; the draft may be another engine's. Nothing is
//! believed: a repair must mend something and spoil nothing, a shorter wording must still say the same.

use super::Job;
use crate::engine::{Draft, Fingerprint, Request};
use crate::lang::Lang;
use crate::store::{Bucket, Manifest};
use crate::verify::{FlawKind, Verdict};

/// Lines that were corrected.
pub const REPAIR: Bucket = Bucket::new("repair", 1, "json");
/// Lines that were shortened.
pub const TIGHT: Bucket = Bucket::new("tight", 1, "json");

/// A voice may speak this much faster than is natural before a shorter wording is wanted.
pub const COMFORT: f64 = 1.1;
/// Shorter wordings beside the full one: tight and tightest.
const MOST_TIGHT: usize = 2;
/// What of its time the tightest wording is aimed at: its estimate may be off.
const TIGHTEST: f64 = 0.85;

/// A draft's words that a repair must keep, as a share of all words of both.
const KEPT_BY_REPAIR: f64 = 0.4;
/// Words of a shorter wording that must come from the draft.
const KEPT_BY_TIGHT: f64 = 0.5;
/// A shorter wording is at most this long, against the one before it.
const SHORTER: f64 = 0.92;
/// One that is much shorter than was asked for has lost something.
const TOO_SHORT: f64 = 0.35;

/// Something that an editor is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The request.
    pub request: Request,
    /// Everything that can change the answer.
    pub manifest: Manifest,
}

/// Is it a flaw that an editor can mend?
const fn mendable(kind: FlawKind) -> bool {
    use FlawKind::*;
    matches!(kind, MissedTerm | ForbiddenForm | Banned | Number | Unit | Repeated | TooShort)
}

/// What an editor is asked about a flawed draft; none where there is nothing to mend.
pub fn repair(job: &Job, text: &str, verdict: &Verdict, editor: &Fingerprint, to: &Lang) -> Option<Ask> {
    let flaws = verdict.flaws.iter().filter(|flaw| mendable(flaw.kind));
    let remarks: Vec<String> = flaws.map(|flaw| flaw.what.clone()).collect();
    if remarks.is_empty() {
        return None;
    }
    let draft = Draft { text: text.to_owned(), remarks, characters: 0 };
    Some(ask(REPAIR, "repair", job, draft, editor, to))
}

/// Is the repaired text to be taken?
pub fn is_repaired(draft: &str, before: &Verdict, text: &str, after: &Verdict, to: &Lang) -> bool {
    let (old, new) = (words(draft, to), words(text, to));
    let shared = new.iter().filter(|word| old.contains(word)).count() + old.iter().filter(|w| new.contains(w)).count();
    // Of a line that says what its neighbour says nothing is worth keeping.
    let another = before.flaws.iter().any(|flaw| flaw.kind == FlawKind::Repeated);
    after.fatal().is_none()
        && after.flaws.len() < before.flaws.len()
        && (another || shared as f64 >= KEPT_BY_REPAIR * (old.len() + new.len()) as f64)
}

/// What an editor is asked where the wordings that there are (fullest first) do not fit into the line's room; none
/// where they do, or where nothing shorter is left to be had.
pub fn shorten(job: &Job, wordings: &[String], editor: &Fingerprint, to: &Lang) -> Option<Ask> {
    let (full, last, room) = (wordings.first()?, wordings.last()?, job.room);
    let fits = job.pace.estimate(last) <= room.scaled(COMFORT);
    let is_within = job.longest == 0 || last.chars().count() <= job.longest;
    if wordings.len() > MOST_TIGHT || fits && is_within {
        return None;
    }
    let aim = if wordings.len() == 1 { room.scaled(COMFORT) } else { room.scaled(TIGHTEST) };
    let characters = super::most(job.pace.characters_for(aim), job.longest).min(full.chars().count() * 9 / 10);
    // Below this nothing can be said.
    (characters >= 4).then(|| {
        let draft = Draft { text: full.clone(), remarks: Vec::new(), characters };
        ask(TIGHT, if wordings.len() == 1 { "tight" } else { "tightest" }, job, draft, editor, to)
    })
}

/// Is the shorter wording to be taken beside those that there are?
pub fn is_shorter(wordings: &[String], before: &Verdict, text: &str, after: &Verdict, to: &Lang) -> bool {
    let (Some(full), Some(last)) = (wordings.first(), wordings.last()) else { return false };
    let (old, new) = (words(full, to), words(text, to));
    let kept = new.iter().filter(|word| old.contains(word)).count();
    let (length, full, last) = (text.chars().count() as f64, full.chars().count() as f64, last.chars().count() as f64);
    let spoils = after.flaws.iter().any(|flaw| {
        flaw.kind != FlawKind::TooLong && !before.flaws.iter().any(|b| (b.kind, &b.entry) == (flaw.kind, &flaw.entry))
    });
    after.fatal().is_none()
        && !spoils
        && length <= SHORTER * last
        && length >= TOO_SHORT * full
        && kept as f64 >= KEPT_BY_TIGHT * new.len() as f64
}

fn ask(bucket: Bucket, what: &str, job: &Job, draft: Draft, editor: &Fingerprint, to: &Lang) -> Ask {
    let manifest = Manifest::new(bucket, format!("{} {what}", job.manifest.subject()))
        .input("text", &job.request.text)
        .input("to", to)
        .input("draft", &draft.text)
        .input("remarks", serde_json::json!(draft.remarks))
        .input("characters", draft.characters)
        .input("glossary entries", serde_json::json!(job.request.terms))
        .input("style", &job.style)
        .input("speaker", job.request.speaker.as_deref().unwrap_or_default())
        .input("listener", job.request.listener.as_deref().unwrap_or_default())
        .input("manner", &job.request.manner)
        .input("engine", editor);
    let request = Request { draft: Some(draft), before: Vec::new(), after: Vec::new(), ..job.request.clone() };
    Ask { request, manifest }
}

/// The words of a text as they are compared: lower case, four letters of each, so that forms of one word are one.
fn words(text: &str, language: &Lang) -> Vec<String> {
    let lower = text.to_lowercase();
    if language.is_spaceless() {
        return lower.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect();
    }
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(4).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::LINE;
    use super::*;
    use crate::pace::Pace;
    use crate::time::Delta;
    use crate::verify::Flaw;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn editor() -> Fingerprint {
        Fingerprint { engine: "e".into(), model: "m".into(), detail: "1".into() }
    }

    fn job() -> Job {
        let request = Request { cue: 3, text: "顾总今天没来".into(), ..Request::default() };
        Job {
            request,
            manifest: Manifest::new(LINE, "ep en line 3"),
            matches: Vec::new(),
            style: String::new(),
            room: Delta::from_ms(1000),
            pace: Pace::new(&lang("en")),
            longest: 0,
        }
    }

    fn flawed(kinds: &[FlawKind]) -> Verdict {
        let flaw = |kind: &FlawKind| Flaw::new(*kind, format!("{kind:?}"));
        Verdict { flaws: kinds.iter().map(flaw).collect(), applied: Vec::new() }
    }

    #[test]
    fn only_what_can_be_mended_is_asked_about() {
        let (job, en) = (job(), lang("en"));
        assert!(repair(&job, "He is not in.", &flawed(&[FlawKind::TooLong]), &editor(), &en).is_none());
        let asked = repair(&job, "He is not in.", &flawed(&[FlawKind::MissedTerm]), &editor(), &en).unwrap();
        assert_eq!(asked.request.draft.as_ref().unwrap().remarks, ["MissedTerm"]);
        let other = repair(&job, "He isn't in.", &flawed(&[FlawKind::MissedTerm]), &editor(), &en).unwrap();
        assert_ne!(asked.manifest.key(), other.manifest.key(), "the draft is part of the key");
    }

    #[test]
    fn a_repair_mends_and_keeps_the_rest() {
        let (en, bad, good) = (lang("en"), flawed(&[FlawKind::MissedTerm]), flawed(&[]));
        assert!(is_repaired("Gu isn't in today.", &bad, "Mr. Gu isn't in today.", &good, &en));
        assert!(!is_repaired("Gu isn't in today.", &bad, "Mr. Gu isn't in today.", &bad, &en), "nothing mended");
        assert!(!is_repaired("Gu isn't in today.", &bad, "Mr. Gu loves her dearly.", &good, &en), "another line");
        let repeated = flawed(&[FlawKind::Repeated]);
        assert!(is_repaired("What are you doing here?", &repeated, "I came for my things.", &good, &en));
    }

    #[test]
    fn what_fits_is_not_shortened_and_what_does_not_is_twice_at_most() {
        let (job, en) = (job(), lang("en"));
        let long = "She doesn't know anything at all, so please, I beg you, let her go.".to_owned();
        let asks = |wordings: &[String], ms: i64| {
            let job = Job { room: Delta::from_ms(ms), ..job.clone() };
            shorten(&job, wordings, &editor(), &en)
        };
        assert!(asks(std::slice::from_ref(&long), 60_000).is_none());
        let asked = asks(std::slice::from_ref(&long), 1500).unwrap();
        assert!((4..40).contains(&asked.request.draft.unwrap().characters));
        let three =
            [long.clone(), "She doesn't know anything, so let her go.".into(), "She doesn't know. Let her go.".into()];
        assert!(asks(&three[..2], 1000).is_some());
        assert!(asks(&three, 1000).is_none());
        // A slow voice needs a shorter wording where a quick one does not.
        let voiced = |factor: f64| {
            let job = Job { room: Delta::from_ms(4200), pace: Pace::of(&en, factor), ..job.clone() };
            shorten(&job, std::slice::from_ref(&long), &editor(), &en)
        };
        assert!(voiced(0.9).is_none() && voiced(1.4).is_some());
        // What the style thinks too long is shortened whatever its time.
        let bounded = Job { room: Delta::from_ms(60_000), longest: 40, ..job.clone() };
        let asked = shorten(&bounded, std::slice::from_ref(&long), &editor(), &en).unwrap();
        assert_eq!(asked.request.draft.unwrap().characters, 40);
    }

    #[test]
    fn a_shorter_wording_says_the_same_in_less() {
        let (en, good) = (lang("en"), flawed(&[]));
        let full = ["She doesn't know anything at all, please let her go.".to_owned()];
        assert!(is_shorter(&full, &good, "She doesn't know. Let her go.", &good, &en));
        assert!(!is_shorter(&full, &good, "Go.", &good, &en), "something is lost");
        assert!(!is_shorter(&full, &good, "What a wonderful day it is!", &good, &en), "another line");
        assert!(!is_shorter(&full, &good, &full[0], &good, &en), "not shorter");
        let missed = flawed(&[FlawKind::MissedTerm]);
        assert!(!is_shorter(&full, &good, "She doesn't know. Let her go.", &missed, &en), "a decision is lost");
        assert!(is_shorter(&full, &missed, "She doesn't know. Let her go.", &missed, &en), "it was lost before");
    }
}
