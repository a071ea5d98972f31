//! Which engine translates a pair of languages, and whether it goes by way of another language's script.
//!
//! Knows engines by name alone.

use crate::engine::{TRANSLATORS, find, nmt};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::model::Models;
use crate::settings::Settings;

/// How a pair is translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// By an engine, by its name.
    Direct(String),
    /// From the script in this language, which is written first.
    Via(Lang),
}

/// One translation on the way from the transcript to a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From this language.
    pub from: Lang,
    /// Into this one.
    pub to: Lang,
    /// By this engine.
    pub engine: String,
}

/// The way of a pair: what the settings say for it, else the one engine that they name for everything, else the table.
///
/// # Errors
/// Fails if both languages are the same, or the settings name an unknown engine or language.
pub fn route(settings: &Settings, models: &Models, from: &Lang, to: &Lang) -> Result<Route> {
    decide(settings, from, to, |from, to| nmt::is_installed(models, from, to))
}

/// All translations from the transcript's language to the script's, in order: one, or two where it goes via another script.
///
/// # Errors
/// Fails like [`route`], and if the way leads through more than one other language.
pub fn steps(settings: &Settings, models: &Models, from: &Lang, to: &Lang) -> Result<Vec<Step>> {
    follow(settings, from, to, |from, to| nmt::is_installed(models, from, to))
}

fn follow(settings: &Settings, from: &Lang, to: &Lang, nmt: impl Fn(&Lang, &Lang) -> bool) -> Result<Vec<Step>> {
    let step = |from: &Lang, to: &Lang, engine: String| Step { from: from.clone(), to: to.clone(), engine };
    let via = match decide(settings, from, to, &nmt)? {
        Route::Direct(engine) => return Ok(vec![step(from, to, engine)]),
        Route::Via(via) => via,
    };
    let mut steps = Vec::new();
    for (from, to) in [(from, &via), (&via, to)] {
        match decide(settings, from, to, &nmt)? {
            Route::Direct(engine) => steps.push(step(from, to, engine)),
            Route::Via(other) => {
                let what = format!("{from} to {to} goes via {other}, but is itself a part of a way via {via}");
                return Err(Error::new(Kind::Usage, what).hint(format!(
                    "name an engine for it in engine.translate.\"{}-{}\"",
                    from.primary(),
                    to.primary()
                )));
            }
        }
    }
    Ok(steps)
}

fn decide(settings: &Settings, from: &Lang, to: &Lang, nmt: impl Fn(&Lang, &Lang) -> bool) -> Result<Route> {
    if from.same_language(to) {
        return Err(Error::new(Kind::Usage, format!("{} to {} is no translation", from.name(), to.name()))
            .hint("leave the episode's own language out of --to"));
    }
    // The narrower name of a pair overrules the wider one: zh-pt-BR over zh-pt.
    let names = [format!("{from}-{to}"), format!("{}-{to}", from.primary()), format!("{from}-{}", to.primary())];
    let names = names.into_iter().chain([format!("{}-{}", from.primary(), to.primary())]);
    for name in names {
        if let Some(said) = settings.engine.translate.get(&name) {
            return said_in_settings(said, from, to).map_err(|e| {
                let hint = e.remedy().unwrap_or("write an engine's name, or \"via en\"").to_owned();
                Error::new(e.kind(), format!("engine.translate.{name:?}: {}", e.what())).hint(hint)
            });
        }
    }
    match settings.engine.translator.as_str() {
        "auto" => table(from, to, nmt),
        name => engine(name),
    }
}

/// Chinese to English takes a language model, since it hangs on context; to everything else it goes by way
/// of the English script, which people check first. All other pairs take a small model where one is installed.
fn table(from: &Lang, to: &Lang, nmt: impl Fn(&Lang, &Lang) -> bool) -> Result<Route> {
    Ok(match (from.primary(), to.primary()) {
        ("zh", "en") => Route::Direct("llm".into()),
        ("zh", _) => Route::Via("en".parse()?),
        _ if nmt(from, to) => Route::Direct("nmt".into()),
        // The small models read whole sentences of these pairs well; where theirs is missing, its error names it.
        ("en", "pt") | ("pt", "en") => Route::Direct("nmt".into()),
        _ => Route::Direct("llm".into()),
    })
}

fn engine(name: &str) -> Result<Route> {
    find(TRANSLATORS, "translator", name).map(|entry| Route::Direct(entry.name.to_owned()))
}

fn said_in_settings(said: &str, from: &Lang, to: &Lang) -> Result<Route> {
    let Some(via) = said.trim().strip_prefix("via ") else { return engine(said.trim()) };
    let via: Lang = via.parse()?;
    if via.same_language(from) || via.same_language(to) {
        return Err(Error::new(Kind::Usage, format!("a way from {from} to {to} cannot go via {via}"))
            .hint("name a third language, or an engine"));
    }
    Ok(Route::Via(via))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn settings(translator: &str, pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        settings.engine.translator = translator.into();
        settings.engine.translate = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        settings
    }

    fn way(settings: &Settings, from: &str, to: &str) -> Result<Vec<String>> {
        let steps = follow(settings, &lang(from), &lang(to), |_, to| matches!(to.primary(), "pt" | "es"))?;
        Ok(steps.into_iter().map(|step| format!("{}>{} {}", step.from, step.to, step.engine)).collect())
    }

    #[test]
    fn the_table_of_pairs() {
        let auto = settings("auto", &[]);
        assert_eq!(way(&auto, "zh", "en").unwrap(), ["zh>en llm"]);
        assert_eq!(way(&auto, "zh", "pt-BR").unwrap(), ["zh>en llm", "en>pt-BR nmt"]);
        assert_eq!(way(&auto, "zh-Hant", "id").unwrap(), ["zh-Hant>en llm", "en>id llm"]);
        assert_eq!(way(&auto, "en", "es").unwrap(), ["en>es nmt"]);
        assert_eq!(way(&auto, "pt", "en").unwrap(), ["pt>en nmt"]);
        assert_eq!(way(&auto, "ja", "ko").unwrap(), ["ja>ko llm"]);
    }

    #[test]
    fn settings_overrule_the_table_and_the_narrow_overrules_the_wide() {
        let one = settings("chat", &[]);
        assert_eq!(way(&one, "zh", "pt-BR").unwrap(), ["zh>pt-BR chat"]);
        let pairs = settings("auto", &[("zh-pt", "chat"), ("zh-pt-BR", "via es"), ("zh-es", "fake")]);
        assert_eq!(way(&pairs, "zh", "pt").unwrap(), ["zh>pt chat"]);
        assert_eq!(way(&pairs, "zh", "pt-BR").unwrap(), ["zh>es fake", "es>pt-BR nmt"]);
    }

    #[test]
    fn nonsense_is_refused_with_a_remedy() {
        for (settings, from, to, word) in [
            (settings("auto", &[]), "en", "en-GB", "no translation"),
            (settings("magic", &[]), "zh", "en", "unknown translator"),
            (settings("auto", &[("zh-en", "magic")]), "zh", "en", "engine.translate.\"zh-en\""),
            (settings("auto", &[("zh-pt", "via xx")]), "zh", "pt", "engine.translate.\"zh-pt\""),
            (settings("auto", &[("zh-pt", "via zh")]), "zh", "pt", "cannot go via"),
            (settings("auto", &[("zh-pt", "via en"), ("zh-en", "via es")]), "zh", "pt", "a way via en"),
        ] {
            let error = way(&settings, from, to).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.to_string().contains(word) && error.remedy().is_some(), "{error}");
        }
    }
}
