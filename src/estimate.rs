//! What a plan will take: seconds, characters, tokens and money.
//!
//! Pure. Knows what is to be made and what earlier episodes took; does not know how anything is made. An estimate is
//! told as one, and rounded up where it is about money.

use crate::event::Stage;
use crate::lang::Lang;
use crate::settings::Price;
use serde::Serialize;
use std::collections::BTreeMap;

/// Characters of dialogue a second of a drama, in the source's writing: two thirds of it are talk, at the reading pace
/// of Pellegrino, Coupé & Marsico 2011 for Chinese; other languages by the length of their syllables.
const TALK: f64 = 0.65;

/// Tokens that a language model reads beside the lines of a batch (the instructions, the worked example), by line; and
/// tokens a character of line, read and written. Measured on the project's own prompts with Qwen2.5's tokenizer.
const TOKENS_A_LINE: f64 = 90.0;
const TOKENS_A_CHARACTER: f64 = 0.9;
/// Characters of a line of drama, for scenes that nobody has heard yet.
const CHARACTERS_A_LINE: f64 = 11.0;

/// Seconds of work a second of episode, by stage, on one thread: what embedded engines took on the project's fixtures.
/// Replaced by what earlier reports measured, where there are any.
const USUAL: &[(Stage, f64)] = &[
    (Stage::Probe, 0.001),
    (Stage::Decode, 0.02),
    (Stage::Separate, 0.06),
    (Stage::Transcribe, 0.35),
    (Stage::Translate, 1.4),
    (Stage::Synthesize, 1.1),
    (Stage::Fit, 0.001),
    (Stage::Mix, 0.06),
    (Stage::Mux, 0.08),
];

/// One episode in one language, as far as a plan knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead {
    /// Its length in seconds.
    pub seconds: f64,
    /// The spoken language, where it is known.
    pub from: Option<Lang>,
    /// The target language.
    pub to: Lang,
    /// Of each stage, the share that is still to be made, 0 to 1; stages that are not named are all to be made.
    pub open: BTreeMap<Stage, f64>,
    /// Characters that are still to be translated; none where the lines are not known yet.
    pub to_translate: Option<usize>,
    /// Characters that are still to be spoken; none where the wordings are not known yet.
    pub to_speak: Option<usize>,
    /// The translators: one, or each on the way by another language.
    pub translators: Vec<String>,
    /// The synthesizer.
    pub synthesizer: String,
}

/// What engines charge, and what they are asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Seconds of wall-clock time.
    pub seconds: f64,
    /// By engine.
    pub engines: BTreeMap<String, Use>,
    /// Money in all, in the currency of the price table; none where an engine of it has no price.
    pub cost: f64,
}

/// How much one engine is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Use {
    /// Characters of text that it is given.
    pub characters: u64,
    /// Tokens that it reads, where it is a language model.
    pub tokens_in: u64,
    /// Tokens that it writes.
    pub tokens_out: u64,
    /// What it charges; none where no price is known, as for engines that run here.
    pub cost: Option<f64>,
}

/// Seconds of work a second of episode, by stage.
pub type Rates = BTreeMap<Stage, f64>;

/// The usual rates, under those that were measured: each as seconds of work and seconds of episode.
pub fn rates(measured: impl IntoIterator<Item = (Stage, f64, f64)>) -> Rates {
    let mut sums: BTreeMap<Stage, (f64, f64)> = BTreeMap::new();
    for (stage, work, episode) in measured {
        let sum = sums.entry(stage).or_default();
        *sum = (sum.0 + work, sum.1 + episode);
    }
    let mut rates: Rates = USUAL.iter().copied().collect();
    rates.extend(sums.into_iter().filter(|(_, (_, episode))| *episode > 0.0).map(|(s, (work, e))| (s, work / e)));
    rates
}

/// What lies ahead, on `threads` compute threads, with the prices of the engines that have one.
pub fn estimate(ahead: &[Ahead], rates: &Rates, threads: usize, prices: &BTreeMap<String, Price>) -> Estimate {
    let mut whole = Estimate::default();
    for one in ahead {
        for (stage, rate) in rates {
            let share = one.open.get(stage).copied().unwrap_or(1.0);
            whole.seconds += rate * one.seconds * share / threads.max(1) as f64;
        }
        let talk = one.from.as_ref().map_or(4.0, characters_a_second) * one.seconds * TALK;
        let translate = one.to_translate.map_or(talk, |known| known as f64);
        let speak = one.to_speak.map_or_else(
            || {
                let ratio = characters_a_second(&one.to) / one.from.as_ref().map_or(4.0, characters_a_second);
                talk * ratio
            },
            |known| known as f64,
        );
        for translator in &one.translators {
            let entry = whole.engines.entry(translator.clone()).or_default();
            let read = translate / CHARACTERS_A_LINE * TOKENS_A_LINE + translate * TOKENS_A_CHARACTER;
            entry.characters += translate.ceil() as u64;
            entry.tokens_in += read.ceil() as u64;
            entry.tokens_out += (translate * TOKENS_A_CHARACTER).ceil() as u64;
        }
        let entry = whole.engines.entry(one.synthesizer.clone()).or_default();
        entry.characters += speak.ceil() as u64;
    }
    for (engine, used) in &mut whole.engines {
        used.cost = prices.get(engine).map(|price| {
            let million = |count: u64, price: f64| count as f64 / 1e6 * price;
            million(used.characters, price.per_million_characters)
                + million(used.tokens_in, price.per_million_input_tokens)
                + million(used.tokens_out, price.per_million_output_tokens)
        });
        whole.cost += used.cost.unwrap_or(0.0);
    }
    whole
}

/// Written characters of a second of speech.
fn characters_a_second(language: &Lang) -> f64 {
    let rate = crate::pace::rate_of(language);
    rate.syllables_per_second * rate.characters_per_syllable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead() -> Ahead {
        Ahead {
            seconds: 100.0,
            from: "zh".parse().ok(),
            to: "en".parse().unwrap(),
            open: BTreeMap::new(),
            to_translate: Some(1000),
            to_speak: Some(3000),
            translators: vec!["deepl".into()],
            synthesizer: "speech".into(),
        }
    }

    fn prices() -> BTreeMap<String, Price> {
        let price = |per_million_characters| Price { per_million_characters, ..Price::default() };
        [("deepl".to_owned(), price(20.0)), ("speech".to_owned(), price(15.0))].into()
    }

    #[test]
    fn known_characters_are_priced() {
        let whole = estimate(&[ahead(), ahead()], &rates([]), 2, &prices());
        assert_eq!(whole.engines["deepl"].characters, 2000);
        assert_eq!(whole.engines["deepl"].cost, Some(0.04));
        assert!((whole.cost - (0.04 + 0.09)).abs() < 1e-9, "{whole:?}");
    }

    #[test]
    fn an_engine_that_runs_here_has_no_price() {
        let one = Ahead { translators: vec!["llm".into()], synthesizer: "kokoro".into(), ..ahead() };
        let whole = estimate(&[one], &rates([]), 2, &prices());
        assert_eq!((whole.cost, whole.engines["llm"].cost), (0.0, None));
        assert!(whole.engines["llm"].tokens_in > whole.engines["llm"].tokens_out);
    }

    #[test]
    fn what_nobody_has_heard_is_guessed_from_its_length() {
        let unknown = Ahead { to_translate: None, to_speak: None, ..ahead() };
        let whole = estimate(&[unknown], &rates([]), 2, &prices());
        let characters = whole.engines["deepl"].characters;
        // A hundred seconds of talk in Mandarin hold a few hundred characters, their English three times as many.
        assert!((250..600).contains(&characters), "{characters}");
        assert!(whole.engines["speech"].characters > 2 * characters);
    }

    #[test]
    fn time_follows_what_is_open_what_was_measured_and_the_threads() {
        let measured = rates([(Stage::Translate, 50.0, 100.0), (Stage::Translate, 150.0, 100.0)]);
        assert_eq!(measured[&Stage::Translate], 1.0);
        let only = |open: f64| {
            let open = Stage::ALL.iter().map(|s| (*s, if *s == Stage::Translate { open } else { 0.0 })).collect();
            Ahead { open, ..ahead() }
        };
        let seconds = |open: f64, threads: usize| estimate(&[only(open)], &measured, threads, &prices()).seconds;
        assert_eq!((seconds(1.0, 1), seconds(0.5, 1), seconds(1.0, 2), seconds(0.0, 1)), (100.0, 50.0, 50.0, 0.0));
    }
}
