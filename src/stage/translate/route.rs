//! Which engine translates which pair of languages: a table that the settings may overrule.

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::settings::EngineSettings;

/// How a pair is translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// By this engine.
    Engine(String),
    /// From the script of this language.
    Via(Lang),
}

/// The defaults: source, target, engine; `*` is any language. What is not here goes through English.
///
/// Chinese to English is the language model's: the small models of `nmt` have no such pair that installs
/// everywhere, and a drama's tone needs context. From and into English `nmt` is quicker and says no less.
const TABLE: &[(&str, &str, &str)] =
    &[("zh", "en", "llm"), ("ja", "en", "llm"), ("ko", "en", "llm"), ("*", "en", "nmt"), ("en", "*", "nmt")];

/// The engine that changes drafts of an engine that cannot, where it is installed.
pub const EDITOR: &str = "llm";

/// The way from `from` to `to`.
///
/// # Errors
/// Fails if both are the same language, or an override leads in a circle.
pub fn route(from: &Lang, to: &Lang, settings: &EngineSettings) -> Result<Route> {
    if from.same_language(to) {
        return Err(Error::new(Kind::Usage, format!("the target {to} is the language of the source"))
            .hint("choose another language with --to, or correct the source's with --from"));
    }
    if let Some(named) = overruled(from, to, settings) {
        let Some(middle) = named.strip_prefix("via ") else { return Ok(Route::Engine(named.to_owned())) };
        let middle: Lang = middle.parse()?;
        if middle.same_language(from) || middle.same_language(to) {
            return Err(Error::new(Kind::Usage, format!("{from}-{to} cannot go by way of {middle}"))
                .hint("correct [engine.translate] in the settings"));
        }
        return Ok(Route::Via(middle));
    }
    if settings.translator != "auto" {
        return Ok(Route::Engine(settings.translator.clone()));
    }
    let matches = |pattern: &str, language: &Lang| pattern == "*" || pattern == language.primary();
    match TABLE.iter().find(|(a, b, _)| matches(a, from) && matches(b, to)) {
        Some((.., engine)) => Ok(Route::Engine((*engine).to_owned())),
        None => Ok(Route::Via("en".parse()?)),
    }
}

/// The settings' word on this pair; a narrower one (`zh-pt-BR`) before a wider one (`zh-pt`).
fn overruled<'a>(from: &Lang, to: &Lang, settings: &'a EngineSettings) -> Option<&'a str> {
    let names = [
        format!("{from}-{to}"),
        format!("{}-{to}", from.primary()),
        format!("{from}-{}", to.primary()),
        format!("{}-{}", from.primary(), to.primary()),
    ];
    names.iter().find_map(|name| settings.translate.get(name)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(from: &str, to: &str, settings: &EngineSettings) -> Result<Route> {
        route(&from.parse().unwrap(), &to.parse().unwrap(), settings)
    }

    fn engine(name: &str) -> Route {
        Route::Engine(name.into())
    }

    #[test]
    fn the_defaults() {
        let settings = EngineSettings::default();
        assert_eq!(way("zh", "en", &settings).unwrap(), engine("llm"));
        assert_eq!(way("en", "pt-BR", &settings).unwrap(), engine("nmt"));
        assert_eq!(way("zh-Hant", "pt-BR", &settings).unwrap(), Route::Via("en".parse().unwrap()));
        assert!(way("en", "en-GB", &settings).is_err());
    }

    #[test]
    fn settings_overrule_the_table_and_the_narrower_one_first() {
        let translate = [("zh-pt", "chat"), ("zh-pt-BR", "via es")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let settings = EngineSettings { translate, ..EngineSettings::default() };
        assert_eq!(way("zh", "pt-BR", &settings).unwrap(), Route::Via("es".parse().unwrap()));
        assert_eq!(way("zh", "pt-PT", &settings).unwrap(), engine("chat"));
        let all = EngineSettings { translator: "chat".into(), ..settings };
        assert_eq!(way("zh", "id", &all).unwrap(), engine("chat"));
        assert_eq!(way("zh", "pt-PT", &all).unwrap(), engine("chat"));
    }

    #[test]
    fn a_circle_is_refused() {
        let translate = [("zh-pt".to_owned(), "via pt".to_owned())].into();
        let settings = EngineSettings { translate, ..EngineSettings::default() };
        assert_eq!(way("zh", "pt-BR", &settings).unwrap_err().kind(), Kind::Usage);
    }
}
