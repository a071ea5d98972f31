//! What single settings must be beyond their types: templates, ranges, patterns, markets.
//!
//! Does not know where a value came from; `layers.rs` adds that.

use super::Settings;
use crate::error::{Error, Kind};
use crate::lang::{MARKETS, is_market};
use crate::series::{Glob, Ranges, Template};

/// Checks every setting that is more than a value of its type; an error comes with the key that is to blame.
pub(super) fn check(settings: &Settings) -> Result<(), (String, Error)> {
    let names = Template::of_outputs(&settings.deliver.name).map_err(|e| named("deliver.name", e))?;
    if names.names_title() && settings.title.trim().is_empty() {
        let error = Error::new(Kind::Usage, "deliver.name holds {title}, and the series has none")
            .hint("give it one: title = \"…\" in dubline.toml");
        return Err(("deliver.name".to_owned(), error));
    }
    if !settings.only.is_empty() {
        Ranges::parse(&settings.only).map_err(|e| named("only", e))?;
    }
    for pattern in &settings.episodes {
        Glob::parse(pattern).map_err(|e| named("episodes", e))?;
    }
    if let Some(template) = &settings.transcripts {
        let template = Template::parse(template).map_err(|e| named("transcripts", e))?;
        if !template.tells_episodes() {
            let error = Error::new(Kind::Usage, "transcripts holds neither {episode} nor {number}")
                .hint("write it as \"subs/{episode}.srt\"; one file for one episode is `transcript`");
            return Err(("transcripts".to_owned(), error));
        }
        if template.names_language() && settings.from.is_none() {
            let error = Error::new(Kind::Usage, "transcripts holds the language, and the source's is not known")
                .hint("name it with --from, or `from` in dubline.toml");
            return Err(("transcripts".to_owned(), error));
        }
    }
    for (key, value, range) in
        [("mix.range-lu", settings.mix.range_lu, 1.0..=30.0), ("mix.duck-db", settings.mix.duck_db, 0.0..=60.0)]
    {
        if !range.contains(&value) {
            let error = Error::new(Kind::Usage, format!("{key}: {value} makes no sense")).hint(format!(
                "choose a number from {} to {}",
                range.start(),
                range.end()
            ));
            return Err((key.to_owned(), error));
        }
    }
    for (language, path) in &settings.scripts {
        Template::parse(&path.to_string_lossy()).map_err(|e| named(&format!("scripts.{language}"), e))?;
    }
    for (language, target) in &settings.target {
        if let Some(market) = target.market.as_deref().filter(|market| !is_market(market)) {
            let error = Error::new(Kind::Usage, format!("no market is called {market:?}"))
                .hint(format!("choose one of: {}", MARKETS.join(", ")));
            return Err(named(&format!("target.{language}.market"), error));
        }
    }
    Ok(())
}

/// The same error, with the key before it.
fn named(key: &str, error: Error) -> (String, Error) {
    let named = Error::new(error.kind(), format!("{key}: {}", error.what()));
    let named = match error.remedy() {
        Some(hint) => named.hint(hint),
        None => named,
    };
    (key.to_owned(), named)
}

#[cfg(test)]
mod tests {
    use crate::error::Error;
    use crate::settings::{Layer, Origin, Settings, resolve};

    fn of(text: &str) -> Result<Settings, Error> {
        let layer = Layer { origin: Origin::File("s/dubline.toml".into()), values: text.parse().unwrap() };
        resolve(&[layer]).map(|resolved| resolved.settings)
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_key_and_file() {
        for (text, word) in [
            ("deliver.name = '{language}/{epsiode}'", "{epsiode}"),
            ("deliver.name = '{episode}'", "{language}"),
            ("deliver.name = '{language}/all'", "{number}"),
            ("deliver.name = '../{language}/{episode}'", "leads out"),
            ("deliver.name = '/{language}/{episode}'", "leads out"),
            ("deliver.name = '{language}/{title} {number:03}'", "{title}"),
            ("only = '7-4'", "7-4"),
            ("episodes = ['e/***.mp4']", "e/***.mp4"),
            ("transcripts = 'a.srt'", "{episode}"),
            ("transcripts = '{language}/{episode}.srt'", "language"),
            ("scripts.en = '{episde}.json'", "{episde}"),
            ("target.en.market = 'mars'", "mars"),
            ("mix.range-lu = 0.0", "0"),
            ("mix.duck-db = -6.0", "-6"),
        ] {
            let error = of(text).unwrap_err();
            let key = text.split(" =").next().unwrap();
            assert!(error.what().contains(word) && error.what().contains(key), "{text}: {error}");
            assert_eq!(error.place().file.as_deref().unwrap().to_str(), Some("s/dubline.toml"), "{text}");
            assert!(error.remedy().is_some(), "{text}");
        }
    }

    #[test]
    fn a_target_overrules_for_itself_alone() {
        let settings =
            of("mix.loudness = 'apple'\nmarkets.en = 'gb'\nengine.synthesize = { pt = 'speech', es = 'fake' }\n\
             [target.en]\nmarket = 'us'\nloudness = 'ebu-r128'")
            .unwrap();
        let lang = |tag: &str| tag.parse().unwrap();
        assert_eq!((settings.market(&lang("en")), settings.market(&lang("id"))), ("us", "id"));
        assert_eq!(settings.loudness(&lang("en")).lufs(), -23.0);
        assert_eq!(settings.mix_of(&lang("id")).loudness.lufs(), -16.0);
        let voices = |tag: &str| settings.engine.synthesizer_of(&lang(tag)).to_owned();
        assert_eq!((voices("pt-BR"), voices("es"), voices("id")), ("speech".into(), "fake".into(), "kokoro".into()));
    }
}
