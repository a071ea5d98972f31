//! `dubline voices` and `dubline engines`.

use super::{context, print, print_json, resolve};
use dubline::cancel::Cancel;
use dubline::engine::{self, Entry, RECOGNIZERS, SEPARATORS, SYNTHESIZERS, TRANSLATORS};
use dubline::error::{Error, Kind, Result};
use dubline::lang::Lang;
use dubline::model::{Models, Status};
use dubline::progress::Progress;
use dubline::settings::Settings;
use serde::Serialize;

pub(super) fn voices(
    language: Option<String>,
    engine: Option<String>,
    json: bool,
    progress: &Progress,
    cancel: Cancel,
) -> Result<u8> {
    let settings = resolve(None)?.settings;
    let language = language.map(|text| text.parse::<Lang>()).transpose()?;
    let chosen =
        || language.as_ref().map_or(settings.engine.synthesizer.as_str(), |to| settings.engine.synthesizer_of(to));
    let name = engine.unwrap_or_else(|| chosen().to_owned());
    let entry = engine::find(SYNTHESIZERS, "synthesizer", &name)?;
    let context = context(settings, progress.events(), cancel)?;
    let voices = tokio::task::block_in_place(|| (entry.build)(&context)?.voices())?;
    let speaks = |languages: &[Lang]| {
        language.as_ref().is_none_or(|wanted| languages.is_empty() || languages.iter().any(|have| have.accepts(wanted)))
    };
    let voices: Vec<_> = voices.into_iter().filter(|voice| speaks(&voice.languages)).collect();
    if let Some(language) = language.filter(|_| voices.is_empty()) {
        return Err(Error::new(Kind::Usage, format!("the engine {name} has no voice for {}", language.name()))
            .hint("`dubline voices` lists those that it has, `dubline engines` the other engines"));
    }
    if json {
        return print_json(progress, &voices);
    }
    let mut text = String::new();
    for voice in &voices {
        let languages: Vec<&str> = voice.languages.iter().map(Lang::tag).collect();
        let languages = if languages.is_empty() { "any".to_owned() } else { languages.join(", ") };
        let gender = voice.gender.map_or(String::from("–"), String::from);
        text.push_str(&format!("{:<20} {languages:<8} {gender}  {}\n", voice.name, voice.about).replace(" \n", "\n"));
    }
    print(progress, &text)
}

/// An engine as `dubline engines` tells it.
#[derive(Serialize)]
pub(super) struct EngineRow {
    family: &'static str,
    name: &'static str,
    about: &'static str,
    /// Models that it needs and that are not there, by id.
    missing: Vec<String>,
    chosen: bool,
}

/// Every engine with what it lacks.
pub(super) fn rows(settings: &Settings, models: &Models) -> Vec<EngineRow> {
    fn add<T: ?Sized>(
        rows: &mut Vec<EngineRow>,
        family: &'static str,
        table: &[Entry<T>],
        chosen: &str,
        settings: &Settings,
        models: &Models,
    ) {
        for entry in table {
            let missing = (entry.models)(settings)
                .into_iter()
                .filter(|id| !matches!(models.status(id), Ok(Status::Installed)))
                .collect();
            rows.push(EngineRow {
                family,
                name: entry.name,
                about: entry.about,
                missing,
                chosen: entry.name == chosen,
            });
        }
    }
    let mut rows = Vec::new();
    let chosen = &settings.engine;
    add(&mut rows, "recognizer", RECOGNIZERS, &chosen.recognizer, settings, models);
    add(&mut rows, "translator", TRANSLATORS, &chosen.translator, settings, models);
    add(&mut rows, "synthesizer", SYNTHESIZERS, &chosen.synthesizer, settings, models);
    add(&mut rows, "separator", SEPARATORS, &chosen.separator, settings, models);
    rows
}

/// Ids of the models that a run with these settings may need.
pub(super) fn needed(settings: &Settings) -> Vec<String> {
    let mut ids = engine::needed_models(settings);
    ids.sort();
    ids.dedup();
    ids
}

pub(super) fn engines(json: bool, progress: &Progress) -> Result<u8> {
    let settings = resolve(None)?.settings;
    let models = Models::new(&super::models_folder(&settings))?;
    let rows = rows(&settings, &models);
    if json {
        return print_json(progress, &rows);
    }
    let mut text = String::new();
    for row in &rows {
        let state = match (row.missing.as_slice(), row.chosen) {
            ([], true) => "chosen".to_owned(),
            ([], false) => "ready".to_owned(),
            (missing, _) => format!("needs `dubline models pull {}`", missing.join(" ")),
        };
        text.push_str(&format!("{:<12} {:<10} {:<60} {state}\n", row.family, row.name, row.about));
    }
    text.push_str(&format!("\ntranslator `{}`: by language pair\n", settings.engine.translator));
    print(progress, &text)
}
