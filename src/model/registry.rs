//! Which models exist: what each is, what its licence asks, its files with their hashes, its sources.
//!
//! The table is `registry.toml`, built in; its head explains the fields, and the Python fetcher reads the
//! same one. Does not know what is installed, nor how anything is fetched.

use crate::error::{Error, Kind, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The registry as it is built in; handed on to the fetcher, which reads the same bytes.
pub(super) const TEXT: &str = include_str!("registry.toml");

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of the pipeline")]
pub enum Family {
    Runtime,
    Recognizer,
    Vad,
    Translator,
    LanguageModel,
    Synthesizer,
    Separator,
    Embedder,
    Reader,
}

impl Family {
    /// Its name in the registry and in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Runtime => "runtime",
            Family::Recognizer => "recognizer",
            Family::Vad => "vad",
            Family::Translator => "translator",
            Family::LanguageModel => "language-model",
            Family::Synthesizer => "synthesizer",
            Family::Separator => "separator",
            Family::Embedder => "embedder",
            Family::Reader => "reader",
        }
    }
}

/// When a model is installed without being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Install {
    /// Always.
    Core,
    /// Unless only the core is asked for.
    Full,
    /// By name only.
    Optional,
}

/// A model.
#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    /// The stable name; also that of its folder.
    pub id: String,
    /// What it is for.
    pub family: Family,
    /// What it is, in a few words.
    pub title: String,
    /// BCP-47 tags; a translator's as `source>target`; empty for any or many.
    pub languages: Vec<String>,
    /// SPDX identifier of its licence.
    pub licence: String,
    /// Whom to name, and what else the licence asks.
    pub attribution: String,
    /// When it is installed.
    pub install: Install,
    /// What one should know before choosing it.
    #[serde(default)]
    pub note: String,
    /// Its files on this machine.
    #[serde(rename = "file")]
    pub files: Vec<File>,
    /// Where it comes from, the first choice first.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A file of a model.
#[derive(Clone, Debug, Deserialize)]
pub struct File {
    /// Its name in the model's folder.
    pub name: String,
    /// Bytes; 0 where it is not known.
    pub size: u64,
    /// SHA-256 in hexadecimal; empty where nobody published one.
    pub sha256: String,
    #[serde(default)]
    platform: Option<String>,
}

/// Where a model comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// A model hub, over HTTPS.
    Hub(HubSource),
    /// Python packages.
    Pip(PackageSource),
    /// npm packages.
    Npm(PackageSource),
}

/// The addresses of a model's files.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct HubSource {
    /// One address for all files, with `{name}` for the file's name.
    #[serde(default)]
    url: String,
    /// An address a file.
    #[serde(default)]
    urls: BTreeMap<String, String>,
    /// The text of small files that no hub has.
    #[serde(default)]
    pub(super) inline: BTreeMap<String, String>,
    #[serde(default)]
    platform: Option<String>,
}

impl HubSource {
    /// The address of a file.
    ///
    /// # Errors
    /// Fails if the registry has none.
    pub(super) fn address(&self, file: &str) -> Result<String> {
        match self.urls.get(file) {
            Some(url) => Ok(url.clone()),
            None if !self.url.is_empty() => Ok(self.url.replace("{name}", file)),
            None => Err(Error::internal(format!("the registry of models has no address for {file}"))),
        }
    }

    /// The name of the hub, for people.
    pub(super) fn host(&self) -> &str {
        let url = if self.url.is_empty() { self.urls.values().next().map_or("", String::as_str) } else { &self.url };
        url.split('/').nth(2).unwrap_or(url)
    }
}

/// The packages of a model; how they become files is the fetcher's matter.
#[derive(Clone, Debug, Deserialize)]
pub struct PackageSource {
    /// Names with their versions.
    pub packages: Vec<String>,
    /// Bytes to be downloaded.
    #[serde(default)]
    pub download: u64,
    #[serde(default)]
    platform: Option<String>,
}

impl Source {
    fn platform(&self) -> Option<&str> {
        match self {
            Source::Hub(hub) => hub.platform.as_deref(),
            Source::Pip(packages) | Source::Npm(packages) => packages.platform.as_deref(),
        }
    }

    /// Where that is, for people: `huggingface.co`, `4 Python packages`.
    pub fn describe(&self) -> String {
        let count = |packages: &PackageSource, kind: &str| match packages.packages.len() {
            1 => format!("1 {kind} package"),
            n => format!("{n} {kind} packages"),
        };
        match self {
            Source::Hub(hub) => hub.host().to_owned(),
            Source::Pip(packages) => count(packages, "Python"),
            Source::Npm(packages) => count(packages, "npm"),
        }
    }
}

impl Model {
    /// Bytes of all its files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// All models, each cut down to the files and sources for this machine.
#[derive(Clone, Debug, Deserialize)]
pub struct Registry {
    #[serde(rename = "model")]
    models: Vec<Model>,
}

impl Registry {
    /// The built-in one.
    ///
    /// # Errors
    /// Fails if it cannot be read, which is a defect of dubline.
    pub fn built_in() -> Result<Registry> {
        Registry::parse(TEXT)
    }

    pub(super) fn parse(text: &str) -> Result<Registry> {
        let mut registry: Registry = toml::from_str(text)
            .map_err(|error| Error::internal("the registry of models cannot be read").because(error))?;
        let here = this_platform();
        for model in &mut registry.models {
            model.files.retain(|file| file.platform.as_ref().is_none_or(|platform| *platform == here));
            model.sources.retain(|source| source.platform().is_none_or(|platform| platform == here));
        }
        Ok(registry)
    }

    /// All models, in the order of the registry.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// A model by its id.
    ///
    /// # Errors
    /// Fails if there is none, or if it does not exist for this machine.
    pub fn get(&self, id: &str) -> Result<&Model> {
        let model = self.models.iter().find(|model| model.id == id).ok_or_else(|| {
            Error::new(Kind::Usage, format!("no model is called {id:?}")).hint("`dubline models list` names them all")
        })?;
        if model.files.is_empty() {
            return Err(Error::new(
                Kind::MissingModel,
                format!("the model {id} does not exist for {}", this_platform()),
            ));
        }
        Ok(model)
    }

    /// What is installed where no model is named.
    pub fn defaults(&self, core_only: bool) -> Vec<&Model> {
        let wanted = |model: &&Model| match model.install {
            Install::Core => true,
            Install::Full => !core_only,
            Install::Optional => false,
        };
        self.models.iter().filter(wanted).collect()
    }
}

/// This machine as the registry names it, such as `linux-x86_64`.
fn this_platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::Digest;
    use std::collections::HashSet;

    #[test]
    fn the_built_in_registry_is_whole() {
        let registry = Registry::built_in().unwrap();
        let mut ids = HashSet::new();
        for model in registry.models() {
            assert!(ids.insert(&model.id), "{} is listed twice", model.id);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
            assert!(model.id.chars().all(plain), "{} is not a plain name", model.id);
            assert!(!model.licence.is_empty() && !model.attribution.is_empty(), "{} has no licence facts", model.id);
            assert!(!model.sources.is_empty(), "{} comes from nowhere", model.id);
            for file in &model.files {
                assert!(file.name.chars().all(plain), "{} of {}", file.name, model.id);
                assert!(file.sha256.is_empty() || file.sha256.len() == 64, "{} of {}", file.name, model.id);
                for source in &model.sources {
                    let Source::Hub(hub) = source else { continue };
                    if let Some(text) = hub.inline.get(&file.name) {
                        let hash = super::super::installed::hex(&sha2::Sha256::digest(text));
                        assert_eq!(hash, file.sha256, "{} of {}", file.name, model.id);
                    } else {
                        let address = hub.address(&file.name).unwrap();
                        assert!(address.starts_with("https://"), "{address}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_core_is_part_of_the_defaults_and_has_every_family() {
        let registry = Registry::built_in().unwrap();
        let core = registry.defaults(true);
        let full = registry.defaults(false);
        assert!(core.len() < full.len());
        assert!(core.iter().all(|model| full.iter().any(|other| other.id == model.id)));
        let families: HashSet<Family> = core.iter().map(|model| model.family).collect();
        assert_eq!(families.len(), 9, "{families:?}");
        // The larger language model is what `--only core` is there to leave out.
        assert!(core.iter().all(|model| model.size() < 1_000_000_000));
    }

    #[test]
    fn an_unknown_model_is_a_usage_error() {
        let error = Registry::built_in().unwrap().get("kokoro-9000").unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.to_string(), "no model is called \"kokoro-9000\"");
    }
}
