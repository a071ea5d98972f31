//! Sound to transcript: what is said, when, in which language, and what was heard but not believed.
//!
//! Knows neither the store nor the engines: [`hear`] asks whoever called it to have a piece recognised,
//! and everything else is pure. An existing subtitle file becomes a transcript in `document`.

mod clean;
mod cues;
mod document;
pub mod music;
mod pieces;
mod pitch;
pub mod singing;
mod text;
mod timing;

pub use clean::{Removed, Why};
pub use document::from_subtitles;
pub use pieces::{LONGEST, pieces};

use crate::audio::Audio;
use crate::engine::{Heard, Hint, Utterance};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Passage, PassageKind, Transcript, Word};
use crate::settings::Songs;
use crate::time::{Delta, Span, Time};
use serde::{Deserialize, Serialize};

/// What was made of the sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hearing {
    /// What is said.
    pub transcript: Transcript,
    /// What was heard and not believed, in order.
    pub removed: Vec<Removed>,
    /// What a person should know, a sentence each.
    pub warnings: Vec<String>,
}

impl Hearing {
    /// Makes passages of the cues that are sung: they are no longer cues, and named among what was removed.
    ///
    /// # Errors
    /// Fails if no cue is left.
    pub fn leave_sung(&mut self, ids: &[u32]) -> Result<()> {
        let cues = std::mem::take(&mut self.transcript.cues);
        let (sung, mut spoken): (Vec<_>, Vec<_>) = cues.into_iter().partition(|cue| ids.contains(&cue.id));
        if spoken.is_empty() {
            return Err(only_singing());
        }
        for (id, cue) in (1..).zip(&mut spoken) {
            cue.id = id;
        }
        self.transcript.cues = spoken;
        self.removed.extend(sung.into_iter().map(|cue| Removed { span: cue.span, text: cue.text, why: Why::Sung }));
        self.removed.sort_by_key(|removed| removed.span);
        self.transcript.passages = songs(&self.removed);
        Ok(())
    }

    /// Marks stretches in which music plays and nobody sings or speaks.
    pub fn mark_music(&mut self, spans: &[Span]) {
        let passage = |span: &Span| Passage { span: *span, kind: PassageKind::Music, text: String::new() };
        self.transcript.passages.extend(spans.iter().map(passage));
        self.transcript.passages.sort_by_key(|passage| passage.span);
    }
}

/// What was removed since it is sung.
fn songs(removed: &[Removed]) -> Vec<Passage> {
    let sung = removed.iter().filter(|removed| removed.why == Why::Sung);
    let words = |text: &str| text.trim_matches(|c: char| clean::NOTES.contains(&c) || c.is_whitespace()).to_owned();
    sung.map(|sung| Passage { span: sung.span, kind: PassageKind::Song, text: words(&sung.text) }).collect()
}

/// Raised whenever [`hear`] would ask for other pieces, or choose otherwise among what it was told.
pub const VERSION: u32 = 1;

/// A language that was detected for this little of a piece is checked against the others.
const SURE: f32 = 0.8;
const SHORT: Delta = Delta::from_ms(3_000);
/// Speech this long without a word is heard once more, by itself.
const UNHEARD: Delta = Delta::from_ms(1_000);

/// Has every piece recognised, and again where something is amiss: a piece whose language is doubtful is
/// heard in the language of the others, and speech that a piece left out is heard by itself, which
/// is how a second language in one breath is found.
///
/// `recognize` gets a piece's span and what is known of it; `hint.language` is the language of all
/// where it is given.
///
/// # Errors
/// Fails if `recognize` does.
pub fn hear(
    sound: &Audio,
    speech: &[Span],
    hint: &Hint,
    recognize: &mut dyn FnMut(Span, &Hint) -> Result<Heard>,
) -> Result<Vec<(Span, Heard)>> {
    let mut heard = Vec::new();
    for piece in pieces(sound, speech) {
        let first = recognize(piece, hint)?;
        let missing = unheard(piece, &first, speech);
        heard.push((piece, first));
        for span in missing {
            heard.push((span, recognize(span, hint)?));
        }
    }
    if hint.language.is_some() {
        return Ok(heard);
    }
    if let Some(main) = main_language(&heard, speech) {
        let hint = Hint { language: Some(main.clone()), ..hint.clone() };
        for (piece, heard) in &mut heard {
            let doubtful = heard.language_probability < SURE || timing::voiced(*piece, speech) < SHORT;
            if !heard.language.same_language(&main) && doubtful {
                let again = recognize(*piece, &hint)?;
                // A doubtful language that gives the surer text is the right one.
                if surety(&again) >= surety(heard) {
                    *heard = again;
                }
            }
        }
    }
    Ok(heard)
}

/// Mean log probability of a piece's words, weighted by their number.
fn surety(heard: &Heard) -> f32 {
    let (sum, count) = heard.utterances.iter().fold((0.0, 0.0), |(sum, count), utterance| {
        let words = utterance.words.len().max(1) as f32;
        (sum + utterance.log_probability * words, count + words)
    });
    if count > 0.0 { sum / count } else { f32::NEG_INFINITY }
}

/// Stretches of speech within `piece` under which nothing was heard, long enough to hold words.
fn unheard(piece: Span, heard: &Heard, speech: &[Span]) -> Vec<Span> {
    let shift = piece.start - Time::ZERO;
    let covered: Vec<Span> = heard.utterances.iter().flat_map(covered).map(|span| span.shifted(shift)).collect();
    let silent = |part: &Span| timing::voiced(*part, &covered).ratio(part.duration()) < 0.2;
    let mut found: Vec<Span> = Vec::new();
    for part in speech.iter().filter_map(|part| part.overlap(piece)).filter(silent) {
        match found.last_mut() {
            Some(last) if part.start - last.end < Delta::from_ms(1_000) => last.end = part.end,
            _ => found.push(part),
        }
    }
    found.retain(|span| timing::voiced(*span, speech) >= UNHEARD);
    // Some silence around it, as far as nothing was heard there.
    let margin = Delta::from_ms(200);
    found
        .into_iter()
        .map(|span| {
            let before = covered.iter().map(|c| c.end).filter(|end| *end <= span.start).max().unwrap_or(piece.start);
            let after = covered.iter().map(|c| c.start).filter(|start| *start >= span.end).min().unwrap_or(piece.end);
            Span::new((span.start - margin).max(before), (span.end + margin).min(after))
        })
        // The whole piece once more would only be heard as nothing again.
        .filter(|span| span.duration().ratio(piece.duration()) < 0.9)
        .collect()
}

/// Where an utterance says something: by its words, since it may claim time in which it says nothing.
/// A word counts for a second at most: alignment gives it the pause before it, and the last one what is left.
fn covered(utterance: &Utterance) -> Vec<Span> {
    let long = Delta::from_ms(1_000);
    let mut spans: Vec<Span> = utterance.words.iter().map(|word| word.span).collect();
    if let Some(last) = spans.pop() {
        spans.iter_mut().for_each(|span| span.start = span.start.max(span.end - long));
        spans.push(Span::new(last.start, last.end.min(last.start + long)));
    }
    if spans.is_empty() { vec![utterance.span] } else { spans }
}

/// The language in which most speech was heard.
fn main_language(heard: &[(Span, Heard)], speech: &[Span]) -> Option<Lang> {
    let mut votes: Vec<(&Lang, f64)> = Vec::new();
    for (piece, heard) in heard.iter().filter(|(_, heard)| !heard.utterances.is_empty()) {
        let weight = timing::voiced(*piece, speech).seconds() * f64::from(heard.language_probability.max(0.1));
        match votes.iter_mut().find(|(lang, _)| lang.same_language(&heard.language)) {
            Some((_, votes)) => *votes += weight,
            None => votes.push((&heard.language, weight)),
        }
    }
    // The earliest of equals, so that the answer does not hang on the order of a sort.
    let best = votes.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(lang, _)| lang.clone())
}

/// Makes the transcript from what was heard in each piece.
///
/// `from` is the language that the user named, with its script (`zh-Hant`), if any. Without it the
/// transcript's language is that of most speech. `songs` says what becomes of what the recognizer itself marks as sung.
///
/// # Errors
/// Fails if nothing believable was heard at all.
pub fn assemble(mut heard: Vec<(Span, Heard)>, speech: &[Span], from: Option<&Lang>, songs: Songs) -> Result<Hearing> {
    heard.sort_by_key(|(piece, _)| piece.start);
    let main = from.cloned().or_else(|| main_language(&heard, speech));
    let Some(main) = main else { return Err(nothing(speech)) };
    let warnings = other_languages(&heard, &main, speech);
    let mut removed = Vec::new();
    let mut cues = Vec::new();
    // Neighbouring pieces of one language are one text: a piece may end within a sentence.
    for run in heard.chunk_by(|a, b| a.1.language == b.1.language) {
        let Some((_, first)) = run.first() else { continue };
        let language = if first.language.same_language(&main) { main.clone() } else { first.language.clone() };
        let words = believed(run, &language, speech, songs, &mut removed)?;
        let id = cues.len() as u32 + 1;
        cues.extend(cues::cues(&words, &language, id));
    }
    if cues.is_empty() {
        let is_sung = removed.iter().any(|removed| removed.why == Why::Sung);
        return Err(if is_sung { only_singing() } else { nothing(speech) });
    }
    let passages = self::songs(&removed);
    Ok(Hearing { transcript: Transcript { language: main, cues, passages }, removed, warnings })
}

/// The words of neighbouring pieces, on the episode's clock, cleaned, written and timed.
fn believed(
    run: &[(Span, Heard)],
    language: &Lang,
    speech: &[Span],
    songs: Songs,
    removed: &mut Vec<Removed>,
) -> Result<Vec<Word>> {
    let script = text::Script::of(language)?;
    let mut utterances = Vec::new();
    for (piece, heard) in run {
        for utterance in &heard.utterances {
            let mut utterance = placed(utterance, *piece, language);
            timing::settle(&mut utterance.words, speech);
            script.words(&mut utterance.words);
            utterance.words.retain(|word| !is_stray(&word.text));
            if songs == Songs::Dub {
                utterance.words.iter_mut().for_each(|word| word.text.retain(|c| !clean::NOTES.contains(&c)));
            }
            utterance.text = text_of(&utterance.words);
            utterances.push(utterance);
        }
    }
    let kept = clean::clean(utterances, language, speech, removed);
    let mut words: Vec<Word> = kept.into_iter().flat_map(|utterance| utterance.words).collect();
    timing::settle(&mut words, speech);
    Ok(words)
}

/// A lone full-width Latin letter: Whisper puts one where a Chinese prompt made it expect more text. Nobody says it.
fn is_stray(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphanumeric());
    let is_wide = |c: char| matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ');
    letters.next().is_some_and(is_wide) && letters.next().is_none()
}

fn text_of(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<String>().trim().to_owned()
}

/// An utterance on the episode's clock. One without words gets them, evenly over its span; the first
/// word has the space that parts it from the utterance before.
fn placed(utterance: &Utterance, piece: Span, language: &Lang) -> Utterance {
    let shift = piece.start - Time::ZERO;
    let mut placed = Utterance { span: utterance.span.shifted(shift), ..utterance.clone() };
    if placed.words.is_empty() {
        placed.words = spread(&utterance.text, utterance.span, language, utterance.log_probability.exp());
    }
    for word in &mut placed.words {
        word.span = word.span.shifted(shift);
    }
    if let Some(first) = placed.words.first_mut().filter(|word| !word.text.starts_with(char::is_whitespace))
        && !language.is_spaceless()
    {
        first.text.insert(0, ' ');
    }
    let bounds = placed.words.first().zip(placed.words.last());
    placed.span = bounds.map_or(placed.span, |(first, last)| Span::new(first.span.start, last.span.end));
    placed
}

/// Words (characters, where there are no spaces) of a text, each given time by its length.
fn spread(text: &str, span: Span, language: &Lang, probability: f32) -> Vec<Word> {
    let mut texts: Vec<String> = Vec::new();
    for c in text.chars() {
        let begins = if language.is_spaceless() { c.is_alphanumeric() } else { c.is_whitespace() };
        match texts.last_mut() {
            Some(last) if !begins => last.push(c),
            _ => texts.push(c.into()),
        }
    }
    let total: usize = texts.iter().map(|text| text.chars().count()).sum();
    let at = |count: usize| span.start + span.duration().scaled(count as f64 / total.max(1) as f64);
    let mut count = 0;
    let word = |text: String| {
        let start = at(count);
        count += text.chars().count();
        Word { span: Span::new(start, at(count)), text, probability }
    };
    texts.into_iter().map(word).collect()
}

/// One sentence on what is not in the main language.
fn other_languages(heard: &[(Span, Heard)], main: &Lang, speech: &[Span]) -> Vec<String> {
    let other = |(piece, heard): &&(Span, Heard)| {
        !heard.language.same_language(main)
            && !heard.utterances.is_empty()
            && timing::voiced(*piece, speech) > Delta::ZERO
    };
    let places: Vec<String> =
        heard.iter().filter(other).map(|(piece, heard)| format!("{piece} {}", heard.language.name())).collect();
    if places.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "most of the speech is {}, but some is not: {} (give --from to have all of it heard in one language)",
        main.name(),
        places.join(", ")
    )]
}

fn nothing(speech: &[Span]) -> Error {
    let seconds: f64 = speech.iter().map(|span| span.duration().seconds()).sum();
    let what = if speech.is_empty() {
        "there is no speech in the sound".to_owned()
    } else {
        format!("no words could be heard in {seconds:.1} s of speech")
    };
    Error::new(Kind::Media, what)
        .hint("choose another audio track with --audio-track, or give a transcript with --transcript")
}

fn only_singing() -> Error {
    Error::new(Kind::Media, "nobody speaks in the sound, somebody only sings")
        .hint("have songs dubbed, too (engine.songs = \"dub\"), or give a transcript with --transcript")
}

#[cfg(test)]
mod tests;
