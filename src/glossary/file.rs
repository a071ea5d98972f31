//! Glossary files, format 1: where they lie, how they read, and what is wrong with them.
//!
//! ```toml
//! version = 1            # may be left out
//! from = "zh"            # may be left out where the file or its folder is called zh-en
//! to = "en"
//! market = "us"          # only in a file that holds for one market; may be left out where it is called us.toml
//!
//! not-surnames = ["照顾"] # 照顾夫人 is not about Mrs. Gu
//!
//! [surnames]             # what {surname} stands for
//! "顾" = "Gu"
//!
//! [style]
//! register = "spoken, contemporary"
//! formality = "informal"
//! address = "first names between friends"
//!
//! [[entry]]
//! source = "{surname}总"
//! target = "Mr. {surname}"
//! kind = "title"         # name, title, term, idiom, culture, unit, keep or ban
//! variants = ["{surname}总裁"]   # other spellings in the source
//! forms = ["President {surname}"] # other wordings in the target that are as right
//! unless = ["总结"]
//!
//! [[entry]]
//! kind = "ban"           # without a source: nowhere in this market
//! target = "this seat"
//! instead = "I"
//! ```
//!
//! Does not know how entries are matched.

use super::{Entry, EntryKind, SURNAME, Style};
use crate::error::{Error, Kind, Result};
use crate::lang::{self, Lang};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What one file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Source language.
    pub from: Lang,
    /// Target language.
    pub to: Lang,
    /// The market that it holds for; every one where none is named.
    pub market: Option<String>,
    /// How people speak.
    pub style: Style,
    /// What `{surname}` stands for, with how the target writes it.
    pub surnames: Vec<(String, String)>,
    /// Words that begin or end like a surname and hold none.
    pub not_surnames: Vec<String>,
    /// The decisions, each with its row from 1.
    pub entries: Vec<(usize, Entry)>,
    /// Does it come with the program?
    pub built_in: bool,
}

impl Source {
    /// What the text of a glossary file says; `path` is for errors, and for the languages and the market
    /// where the text does not tell them.
    ///
    /// # Errors
    /// Fails on the first mistake, naming its row and a remedy.
    pub fn parse(text: &str, path: &Path) -> Result<Source> {
        let (source, mistakes) = Source::parse_all(text, path)?;
        mistakes.into_iter().next().map_or(Ok(source), Err)
    }

    /// As [`Source::parse`], but entries with mistakes are left out and their errors handed back, so that all of
    /// them can be told at once.
    ///
    /// # Errors
    /// Fails if the text is no TOML, has keys that no glossary has, or does not say its languages.
    pub fn parse_all(text: &str, path: &Path) -> Result<(Source, Vec<Error>)> {
        parse(text, path)
    }

    /// Every glossary that comes with the program, in the order in which they lie over each other.
    ///
    /// # Errors
    /// Fails only if one of them is damaged.
    pub fn all_built_in() -> Result<Vec<Source>> {
        let read = |(folder, file, text): &(&str, &str, &str)| {
            let source = Source::parse(text, &Path::new("glossaries").join(folder).join(file))?;
            Ok(Source { built_in: true, ..source })
        };
        BUILT_IN.iter().map(read).collect()
    }

    /// Is it for this pair?
    pub fn is_for(&self, from: &Lang, to: &Lang) -> bool {
        self.from.accepts(from) && self.to.accepts(to)
    }

    /// Where it lies over others of its folder: `base.toml` first, a market's file next, then the others.
    pub(super) fn rank(&self) -> u8 {
        rank(&self.path)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default = "first_version")]
    version: Spanned<u32>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    market: Option<String>,
    #[serde(default)]
    style: Style,
    #[serde(default)]
    surnames: BTreeMap<String, String>,
    #[serde(default, rename = "not-surnames")]
    not_surnames: Vec<String>,
    #[serde(default, rename = "entry")]
    entries: Vec<Spanned<Entry>>,
}

fn first_version() -> Spanned<u32> {
    Spanned::new(0..0, VERSION)
}

const VERSION: u32 = 1;

/// Glossaries that come with the program, in the order in which they lie over each other: folder, file, text.
const BUILT_IN: &[(&str, &str, &str)] = &[
    ("zh-en", "base.toml", include_str!("../../glossaries/zh-en/base.toml")),
    ("zh-en", "us.toml", include_str!("../../glossaries/zh-en/us.toml")),
    ("zh-es", "base.toml", include_str!("../../glossaries/zh-es/base.toml")),
    ("zh-es", "latam.toml", include_str!("../../glossaries/zh-es/latam.toml")),
    ("zh-pt", "base.toml", include_str!("../../glossaries/zh-pt/base.toml")),
    ("zh-pt", "br.toml", include_str!("../../glossaries/zh-pt/br.toml")),
    ("zh-id", "base.toml", include_str!("../../glossaries/zh-id/base.toml")),
    ("zh-id", "id.toml", include_str!("../../glossaries/zh-id/id.toml")),
    ("zh-th", "base.toml", include_str!("../../glossaries/zh-th/base.toml")),
    ("zh-th", "th.toml", include_str!("../../glossaries/zh-th/th.toml")),
    ("zh-ar", "base.toml", include_str!("../../glossaries/zh-ar/base.toml")),
    ("zh-ar", "mena.toml", include_str!("../../glossaries/zh-ar/mena.toml")),
    ("zh-hi", "base.toml", include_str!("../../glossaries/zh-hi/base.toml")),
    ("zh-ja", "base.toml", include_str!("../../glossaries/zh-ja/base.toml")),
    ("zh-ko", "base.toml", include_str!("../../glossaries/zh-ko/base.toml")),
    ("en-es", "base.toml", include_str!("../../glossaries/en-es/base.toml")),
    ("en-es", "latam.toml", include_str!("../../glossaries/en-es/latam.toml")),
    ("en-pt", "base.toml", include_str!("../../glossaries/en-pt/base.toml")),
    ("en-pt", "br.toml", include_str!("../../glossaries/en-pt/br.toml")),
];

/// The built-in glossaries of a pair and market.
pub(super) fn built_in(from: &Lang, to: &Lang, market: &str) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    if from.primary() == "zh" {
        sources.extend(pinyin_surnames(to)?);
    }
    for folder in folders(from, to) {
        for (_, file, text) in BUILT_IN.iter().filter(|(known, ..)| *known == folder) {
            let path = Path::new("glossaries").join(&folder).join(file);
            let source = Source::parse(text, &path)?;
            sources.extend(source.is_for(from, to).then_some(Source { built_in: true, ..source }));
        }
    }
    Ok(of_market(sources, market))
}

/// The table of surnames in pinyin, which holds for every pair from Chinese until a file overrules it.
pub(super) fn pinyin_surnames(to: &Lang) -> Result<Option<Source>> {
    if to.primary() == "en" {
        return Ok(None);
    }
    let Some((folder, file, text)) = BUILT_IN.iter().find(|(folder, ..)| *folder == "zh-en") else { return Ok(None) };
    let source = Source::parse(text, &Path::new("glossaries").join(folder).join(file))?;
    Ok(Some(Source { entries: Vec::new(), style: Style::default(), built_in: true, ..source }))
}

/// The glossaries at `path` that are for this pair and market.
pub(super) fn read(path: &Path, from: &Lang, to: &Lang, market: &str) -> Result<Vec<Source>> {
    let meta = path.metadata().map_err(|e| unreadable(path, e))?;
    let mut files = Vec::new();
    if meta.is_dir() {
        files.extend(toml_files(path).map_err(|e| unreadable(path, e))?);
        for folder in folders(from, to).iter().map(|name| path.join(name)).filter(|folder| folder.is_dir()) {
            files.extend(toml_files(&folder).map_err(|e| unreadable(&folder, e))?);
        }
    } else {
        files.push(path.to_owned());
    }
    let mut sources = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| unreadable(&file, e))?;
        // Checked even where it is for another pair: a broken file is told at once, not one market later.
        let source = Source::parse(&text, &file)?;
        sources.extend(source.is_for(from, to).then_some(source));
    }
    Ok(of_market(sources, market))
}

/// The glossary files at `path`, for whatever pair: itself, or the TOML files of a folder and of its `<from>-<to>`
/// subfolders, each folder's in the order in which they lie over each other.
///
/// # Errors
/// Fails if the path is missing, or a folder cannot be read or holds no glossary.
pub fn files_at(path: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |e: std::io::Error| unreadable(path, e);
    if !path.metadata().map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = toml_files(path).map_err(unreadable)?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if pair(&entry.file_name().to_string_lossy()).is_some() && entry.path().is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    for folder in folders {
        files.extend(toml_files(&folder).map_err(unreadable)?);
    }
    if files.is_empty() {
        return Err(Error::new(Kind::Document, "there is no glossary in the folder").file(path).hint(WHERE));
    }
    Ok(files)
}

const WHERE: &str = "give a TOML file, or a folder that holds zh-en/*.toml or *.toml";

fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::new(Kind::Document, "cannot read the glossary").file(path).because(e).hint(WHERE)
}

/// Those for every market and those for this one.
fn of_market(mut sources: Vec<Source>, market: &str) -> Vec<Source> {
    sources.retain(|source| source.market.as_ref().is_none_or(|own| own == market));
    sources
}

/// The TOML files of a folder: `base.toml`, then the markets', then the others by name, so that every machine
/// reads them in one order.
fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort_by_cached_key(|path| (rank(path), path.file_stem().unwrap_or_default().to_string_lossy().into_owned()));
    Ok(files)
}

fn rank(path: &Path) -> u8 {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if stem == "base" { 0 } else { 2 - u8::from(lang::is_market(&stem)) }
}

/// Folder names of a pair, from the widest to the narrowest: `en-pt`, `en-pt-BR`.
fn folders(from: &Lang, to: &Lang) -> Vec<String> {
    let mut names = Vec::new();
    for from in [from.primary(), from.tag()] {
        for to in [to.primary(), to.tag()] {
            let name = format!("{from}-{to}");
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The pair that a file or folder is named after: `zh-en`, `en-pt-BR`.
pub(super) fn pair(name: &str) -> Option<(Lang, Lang)> {
    name.match_indices('-').find_map(|(at, _)| Some((name[..at].parse().ok()?, name[at + 1..].parse().ok()?)))
}

/// The pair that a path tells: by the file's name, or by its folder's.
pub fn pair_of_path(path: &Path) -> Option<(Lang, Lang)> {
    let names = [path.file_stem(), path.parent().and_then(Path::file_name)];
    names.into_iter().flatten().find_map(|name| pair(&name.to_string_lossy()))
}

/// The market that a file is named after.
pub(super) fn market_of_path(path: &Path) -> Option<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    lang::is_market(&stem).then(|| stem.into_owned())
}

fn parse(text: &str, path: &Path) -> Result<(Source, Vec<Error>)> {
    let row = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let bad = |what: String| Error::new(Kind::Document, what).file(path);
    let document: Document = toml::from_str(text).map_err(|e| {
        let error = bad(format!("is not a glossary: {}", e.message().replace('\n', " ")));
        let error = match e.span() {
            Some(span) => error.row(row(span.start)),
            None => error,
        };
        error.hint("an entry reads: [[entry]] source = \"顾总\" target = \"Mr. Gu\" kind = \"title\" (name, title, term, idiom, culture, unit, keep or ban)")
    })?;
    if *document.version.get_ref() != VERSION {
        return Err(bad(format!("the glossary has format {}", document.version.get_ref()))
            .row(row(document.version.span().start))
            .hint(format!("this dubline reads format {VERSION}: write version = {VERSION}")));
    }
    let named = pair_of_path(path);
    let language = |said: &Option<Spanned<String>>, named: Option<&Lang>, key: &str| match (said, named) {
        (Some(said), _) => said
            .get_ref()
            .parse::<Lang>()
            .map_err(|e| bad(format!("{key} names no language")).row(row(said.span().start)).because(e)),
        (None, Some(named)) => Ok(named.clone()),
        (None, None) => Err(bad("says neither which languages it is for, nor is it named after them".to_owned())
            .hint("write from = \"zh\" and to = \"en\" at its top, or call the file or its folder zh-en")),
    };
    let from = language(&document.from, named.as_ref().map(|(from, _)| from), "from")?;
    let to = language(&document.to, named.as_ref().map(|(_, to)| to), "to")?;
    let has_surnames = from.primary() == "zh" || !document.surnames.is_empty();
    let mut entries = Vec::with_capacity(document.entries.len());
    let mut mistakes = Vec::new();
    for spanned in document.entries {
        let at = row(spanned.span().start);
        let entry = spanned.into_inner();
        match check(&entry, has_surnames) {
            Ok(()) => entries.push((at, entry)),
            Err(what) => mistakes
                .push(bad(format!("the entry {:?} {what}", entry.source)).row(at).hint("mend the entry, or remove it")),
        }
    }
    let source = Source {
        path: path.to_owned(),
        from,
        to,
        market: document.market.or_else(|| market_of_path(path)),
        style: document.style,
        surnames: document.surnames.into_iter().collect(),
        not_surnames: document.not_surnames,
        entries,
        built_in: false,
    };
    Ok((source, mistakes))
}

/// What is wrong with an entry, as a fragment.
pub(super) fn check(entry: &Entry, has_surnames: bool) -> Result<(), &'static str> {
    let spellings = || std::iter::once(&entry.source).chain(&entry.variants);
    let cases = || entry.when.iter().map(|case| &case.target);
    let wordings = || [&entry.target, &entry.spoken].into_iter().chain(&entry.forms).chain(cases());
    let everywhere = entry.kind == EntryKind::Ban && entry.source.is_empty();
    if !everywhere && spellings().any(|spelling| spelling.trim().is_empty()) {
        return Err("has an empty source or variant");
    }
    if everywhere && !entry.variants.is_empty() {
        return Err("has variants of a source, but no source");
    }
    if entry.target.trim().is_empty() && entry.kind != EntryKind::Keep {
        return Err("has no target");
    }
    if entry.forms.iter().chain(cases()).any(|wording| wording.trim().is_empty()) {
        return Err("has an empty wording among its forms or cases");
    }
    let notes = [&entry.note, &entry.example, &entry.instead];
    if notes.into_iter().chain(wordings()).chain(spellings()).any(|s| s.contains(char::is_control)) {
        return Err("has a line break or another control character in it");
    }
    if entry.how.is_some() && entry.kind != EntryKind::Culture {
        return Err("has a `how`, which only kind = \"culture\" takes");
    }
    if !entry.instead.is_empty() && entry.kind != EntryKind::Ban {
        return Err("has an `instead`, which only kind = \"ban\" takes");
    }
    let with_surname = spellings().filter(|spelling| spelling.contains(SURNAME)).count();
    if with_surname > 0 && with_surname < spellings().count() {
        return Err("has {surname} in some of its spellings only");
    }
    if with_surname > 0 && !has_surnames {
        return Err("has {surname} in it, but the file has no [surnames]");
    }
    if with_surname == 0 && wordings().any(|wording| wording.contains(SURNAME)) {
        return Err("has {surname} in its target, but not in its source");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
