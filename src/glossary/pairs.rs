//! The glossaries of the settings by their pairs of languages, each read once.

use super::Glossary;
use crate::error::Result;
use crate::lang::Lang;
use crate::settings::Settings;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Glossaries that are read when somebody first asks for them, and shared by all who do.
#[derive(Debug)]
pub struct Glossaries {
    settings: Arc<Settings>,
    read: Mutex<HashMap<(Lang, Lang), Arc<Glossary>>>,
}

impl Glossaries {
    /// Those that these settings name; none is read yet.
    pub fn new(settings: Arc<Settings>) -> Glossaries {
        Glossaries { settings, read: Mutex::default() }
    }

    /// The decisions for a pair, in the market that the target is for.
    ///
    /// # Errors
    /// Fails if a path is missing or a file is not a glossary, as [`Glossary::load`] does.
    pub fn of(&self, from: &Lang, to: &Lang) -> Result<Arc<Glossary>> {
        // Held while reading, so that two lines of work do not read the same files.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (from.clone(), to.clone());
        if let Some(glossary) = read.get(&pair) {
            return Ok(Arc::clone(glossary));
        }
        let settings = &self.settings;
        let glossary = Arc::new(match settings.no_glossary {
            true => Glossary::empty(from, to)?,
            false => Glossary::load(from, to, settings.market(to), &settings.glossaries)?,
        });
        read.insert(pair, Arc::clone(&glossary));
        Ok(glossary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_read_once_and_none_where_none_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zh-en.toml");
        std::fs::write(&path, "[[entry]]\nsource = \"玄铁令\"\ntarget = \"iron token\"\n").unwrap();
        let settings = Settings { glossaries: vec![path.clone()], ..Settings::default() };
        let none = Glossaries::new(Arc::new(Settings { no_glossary: true, ..settings.clone() }));
        let glossaries = Glossaries::new(Arc::new(settings));
        let (zh, en): (Lang, Lang) = ("zh".parse().unwrap(), "en".parse().unwrap());
        let first = glossaries.of(&zh, &en).unwrap();
        assert_eq!(first.matches("玄铁令")[0].target, "iron token");
        std::fs::remove_file(path).unwrap();
        assert!(Arc::ptr_eq(&first, &glossaries.of(&zh, &en).unwrap()));
        assert!(glossaries.of(&en, &zh).is_err(), "another pair is read by itself");
        assert!(none.of(&zh, &en).unwrap().is_empty());
    }
}
