//! Layers of keys and values, merged into one set of settings with each value's origin.
//!
//! Does not know what a setting means.

use super::Settings;
use crate::error::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Built in.
    Default,
    /// A `dubline.toml`.
    File(PathBuf),
    /// An environment variable.
    Environment,
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Environment => f.write_str("environment"),
            Origin::Flag => f.write_str("command line"),
        }
    }
}

/// Keys and values from one origin.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where they came from.
    pub origin: Origin,
    /// The values; tables within tables as in `dubline.toml`.
    pub values: Table,
}

/// The settings with the origin of each value.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The settings.
    pub settings: Settings,
    /// Dotted key → value as TOML and origin.
    pub values: BTreeMap<String, (String, Origin)>,
}

/// Keys whose values are paths, relative to the file that names them.
const PATHS: &[&str] = &[
    "out",
    "store",
    "models",
    "transcript",
    "transcripts",
    "glossaries",
    "edits",
    "scripts",
    "llm.program",
    "watch.state",
    "watch.move-done",
    "watch.move-failed",
];

/// Keys whose values are programs and their arguments: a program that is named with a folder is relative to the file, too.
const PROGRAMS: &[&str] = &["command.run", "command.separate"];

/// Merges the layers, later ones over earlier ones, over the defaults.
///
/// # Errors
/// Fails on an unknown key or a value of the wrong type, naming key and origin.
pub fn resolve(layers: &[Layer]) -> Result<Resolved> {
    let defaults =
        Table::try_from(Settings::default()).map_err(|e| Error::internal("defaults have no TOML form").because(e))?;
    let mut merged = defaults.clone();
    let mut origins = BTreeMap::new();
    for layer in layers {
        // Each layer is judged on the defaults alone, so that an error names the layer that is to blame.
        let mut alone = defaults.clone();
        merge(&mut alone, &layer.values, "", &layer.origin, &mut BTreeMap::new());
        alone.try_into::<Settings>().map_err(|e| {
            let kind = if matches!(layer.origin, Origin::File(_)) { Kind::Document } else { Kind::Usage };
            let error =
                Error::new(kind, format!("the settings from the {} make no sense: {}", layer.origin, e.message()))
                    .hint("`dubline settings` lists every key with its value");
            match &layer.origin {
                Origin::File(path) => error.file(path),
                _ => error,
            }
        })?;
        merge(&mut merged, &layer.values, "", &layer.origin, &mut origins);
    }
    let settings: Settings = merged
        .clone()
        .try_into()
        .map_err(|e| Error::new(Kind::Usage, "the settings contradict each other").because(e))?;
    super::check::check(&settings).map_err(|(key, error)| match origins.get(&key) {
        Some(Origin::File(path)) => error.file(path),
        _ => error,
    })?;
    let mut values = BTreeMap::new();
    flatten(&merged, "", &mut |key, value| {
        let origin = origins.get(key).cloned().unwrap_or(Origin::Default);
        values.insert(key.to_owned(), (value.to_string(), origin));
    });
    Ok(Resolved { settings, values })
}

fn merge(into: &mut Table, from: &Table, prefix: &str, origin: &Origin, origins: &mut BTreeMap<String, Origin>) {
    for (name, value) in from {
        // Who writes dubbed_share means dubbed-share.
        let hyphened = name.replace('_', "-");
        let name = if !into.contains_key(name) && into.contains_key(&hyphened) { &hyphened } else { name };
        let key = join(prefix, name);
        match (into.get_mut(name), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from, &key, origin, origins),
            (None, Value::Table(from)) => {
                let mut table = Table::new();
                merge(&mut table, from, &key, origin, origins);
                into.insert(name.clone(), Value::Table(table));
            }
            _ => {
                origins.insert(key, origin.clone());
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

fn flatten(table: &Table, prefix: &str, visit: &mut impl FnMut(&str, &Value)) {
    for (name, value) in table {
        let key = join(prefix, name);
        match value {
            Value::Table(inner) => flatten(inner, &key, visit),
            value => visit(&key, value),
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// Reads a `dubline.toml`; its paths are taken relative to its folder.
///
/// # Errors
/// Fails if the file cannot be read or is not TOML, naming file and row.
pub fn file(path: &Path) -> Result<Layer> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Error::new(Kind::Document, "cannot read the settings")
            .file(path)
            .because(e)
            .hint("check the path given with --config")
    })?;
    let mut values: Table = text.parse().map_err(|e: toml::de::Error| {
        let row = e.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        Error::new(Kind::Document, format!("not TOML: {}", e.message()))
            .file(path)
            .row(row)
            .hint("correct this line and run again")
    })?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    // Edits are input, as glossaries are: they lie beside the file, wherever below it a run is started.
    values.entry("edits").or_insert_with(|| Value::String("edits".into()));
    for key in PATHS {
        if let Some(value) = value_of(&mut values, key) {
            anchor(value, &folder);
        }
    }
    for key in PROGRAMS {
        if let Some(Value::Array(arguments)) = value_of(&mut values, key)
            && let Some(Value::String(program)) = arguments.first_mut()
            && program.contains('/')
        {
            *program = folder.join(&*program).to_string_lossy().into_owned();
        }
    }
    Ok(Layer { origin: Origin::File(path.to_owned()), values })
}

/// The value of a dotted key, where it is set.
fn value_of<'a>(values: &'a mut Table, key: &str) -> Option<&'a mut Value> {
    match key.split_once('.') {
        Some((table, rest)) => value_of(values.get_mut(table)?.as_table_mut()?, rest),
        None => values.get_mut(key),
    }
}

fn anchor(value: &mut Value, folder: &Path) {
    match value {
        Value::String(path) => *path = folder.join(&*path).to_string_lossy().into_owned(),
        Value::Array(paths) => paths.iter_mut().for_each(|path| anchor(path, folder)),
        Value::Table(paths) => paths.iter_mut().for_each(|(_, path)| anchor(path, folder)),
        _ => {}
    }
}

/// The nearest `dubline.toml`, in `folder` or above it.
pub fn find_file(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join("dubline.toml")).find(|path| path.is_file())
}

/// `DUBLINE_OUT`, `DUBLINE_MIX__LOUDNESS`, …: a double underscore for each dot, a single one for each hyphen.
///
/// # Errors
/// Fails on a variable that names no setting.
pub fn environment(variables: impl Iterator<Item = (String, String)>) -> Result<Layer> {
    let defaults =
        Table::try_from(Settings::default()).map_err(|e| Error::internal("defaults have no TOML form").because(e))?;
    let mut values = Table::new();
    for (variable, text) in variables {
        let Some(name) = variable.strip_prefix("DUBLINE_") else { continue };
        // Variables that steer the set-up scripts and the log, not a run.
        if matches!(name, "PYTHON" | "LOG" | "EVENTS" | "CONFIG") || name.starts_with("TEST_") || text.is_empty() {
            continue;
        }
        let key: Vec<String> = name.to_ascii_lowercase().split("__").map(|part| part.replace('_', "-")).collect();
        insert(&mut values, &defaults, &key, &text).map_err(|why| {
            Error::new(Kind::Usage, format!("the environment variable {variable} {why}"))
                .hint("`dubline settings` lists every key; write DUBLINE_MIX__LOUDNESS for mix.loudness")
        })?;
    }
    Ok(Layer { origin: Origin::Environment, values })
}

fn insert(values: &mut Table, defaults: &Table, key: &[String], text: &str) -> Result<(), String> {
    let Some((first, rest)) = key.split_first() else { return Err("names no setting".into()) };
    if rest.is_empty() {
        let value = match defaults.get(first) {
            Some(Value::Integer(_)) => {
                Value::Integer(text.parse().map_err(|_| format!("is no whole number: {text:?}"))?)
            }
            Some(Value::Float(_)) => Value::Float(text.parse().map_err(|_| format!("is no number: {text:?}"))?),
            Some(Value::Boolean(_)) => Value::Boolean(match text {
                "1" | "true" | "yes" => true,
                "0" | "false" | "no" => false,
                _ => return Err(format!("is neither true nor false: {text:?}")),
            }),
            Some(Value::Array(_)) => {
                Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect())
            }
            Some(Value::Table(_)) => return Err("names a group of settings, not one".into()),
            // A default that is not there is an optional text; an unknown name is told by `resolve`.
            Some(_) | None => Value::String(text.to_owned()),
        };
        values.insert(first.clone(), value);
        return Ok(());
    }
    let empty = Table::new();
    let inner = defaults.get(first).and_then(Value::as_table).unwrap_or(&empty);
    let table = values.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
    match table.as_table_mut() {
        Some(table) => insert(table, inner, rest, text),
        None => Err("contradicts another variable".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Loudness;

    fn layer(origin: Origin, text: &str) -> Layer {
        Layer { origin, values: text.parse().unwrap() }
    }

    #[test]
    fn later_layers_win_and_say_so() {
        let resolved = resolve(&[
            layer(Origin::File("dubline.toml".into()), "threads = 1\n[mix]\nloudness = 'apple'\nduck-db = 12.0"),
            layer(Origin::Environment, "threads = 2"),
            layer(Origin::Flag, "to = ['en', 'pt-BR']"),
        ])
        .unwrap();
        assert_eq!(resolved.settings.threads, 2);
        assert_eq!(resolved.settings.mix.loudness, Loudness::Apple);
        assert_eq!(resolved.settings.to[1].tag(), "pt-BR");
        assert_eq!(resolved.values["threads"].1, Origin::Environment);
        assert_eq!(resolved.values["mix.duck-db"].1, Origin::File("dubline.toml".into()));
        assert_eq!(resolved.values["mix.bed"].1, Origin::Default);
    }

    #[test]
    fn an_unknown_key_is_told_with_its_origin() {
        let error = resolve(&[layer(Origin::Flag, "threds = 1")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.to_string().contains("threds"), "{error}");
        let error = resolve(&[layer(Origin::File("a.toml".into()), "mix.bed = 'loud'")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Document);
        assert!(error.to_string().starts_with("a.toml"), "{error}");
    }

    #[test]
    fn the_environment_reaches_every_setting() {
        let variables = [
            ("DUBLINE_THREADS", "3"),
            ("DUBLINE_TO", "en,pt-BR"),
            ("DUBLINE_MIX__DUCK_DB", "9"),
            ("DUBLINE_CHAT__BASE_URL", "http://localhost/v1"),
            ("DUBLINE_MODELS", "/m"),
            ("HOME", "/home/x"),
        ];
        let layer = environment(variables.iter().map(|(k, v)| (k.to_string(), v.to_string()))).unwrap();
        let settings = resolve(&[layer]).unwrap().settings;
        assert_eq!(settings.threads, 3);
        assert_eq!(settings.to.len(), 2);
        assert_eq!(settings.mix.duck_db, 9.0);
        assert_eq!(settings.chat.base_url, "http://localhost/v1");
        assert_eq!(settings.models, Some("/m".into()));
        assert!(environment([("DUBLINE_THREADS".to_owned(), "many".to_owned())].into_iter()).is_err());
    }

    #[test]
    fn paths_in_a_file_are_relative_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dubline.toml");
        std::fs::write(&path, "out = 'dub'\nglossaries = ['g']\n[scripts]\nen = 'en.json'").unwrap();
        let settings = resolve(&[file(&path).unwrap()]).unwrap().settings;
        assert_eq!(settings.out, folder.path().join("dub"));
        assert_eq!(settings.glossaries, [folder.path().join("g")]);
        assert_eq!(settings.edits, folder.path().join("edits"), "beside the file, where it says nothing");
        assert_eq!(settings.scripts.values().next().unwrap(), &folder.path().join("en.json"));
        // So is a program in a folder; one by its name alone is looked up where programs are.
        std::fs::write(&path, "[command]\nrun = ['piper', './x']\nseparate = ['./voices.sh', './y']\n").unwrap();
        let settings = resolve(&[file(&path).unwrap()]).unwrap().settings;
        assert_eq!(settings.command.run, ["piper", "./x"]);
        assert_eq!(settings.command.separate, [folder.path().join("./voices.sh").to_str().unwrap(), "./y"]);
        std::fs::write(&path, "threads = 1\nout = \n").unwrap();
        let error = file(&path).unwrap_err();
        assert_eq!(error.place().row, Some(2), "{error}");
    }
}
