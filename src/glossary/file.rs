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
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) market: Option<String>,
    pub(super) style: Style,
    pub(super) surnames: Vec<(String, String)>,
    pub(super) not_surnames: Vec<String>,
    /// With their rows.
    pub(super) entries: Vec<(usize, Entry)>,
    pub(super) built_in: bool,
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
    ("zh-pt", "base.toml", include_str!("../../glossaries/zh-pt/base.toml")),
    ("zh-pt", "br.toml", include_str!("../../glossaries/zh-pt/br.toml")),
    ("zh-id", "base.toml", include_str!("../../glossaries/zh-id/base.toml")),
    ("zh-id", "id.toml", include_str!("../../glossaries/zh-id/id.toml")),
    ("zh-th", "base.toml", include_str!("../../glossaries/zh-th/base.toml")),
    ("zh-th", "th.toml", include_str!("../../glossaries/zh-th/th.toml")),
    ("zh-ar", "base.toml", include_str!("../../glossaries/zh-ar/base.toml")),
    ("zh-ar", "mena.toml", include_str!("../../glossaries/zh-ar/mena.toml")),
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
            sources.extend(parse(text, &path, from, to)?.map(|source| Source { built_in: true, ..source }));
        }
    }
    Ok(of_market(sources, market))
}

/// The table of surnames in pinyin, which holds for every pair from Chinese until a file overrules it.
fn pinyin_surnames(to: &Lang) -> Result<Option<Source>> {
    let (zh, en): (Lang, Lang) = ("zh".parse()?, "en".parse()?);
    if to.same_language(&en) {
        return Ok(None);
    }
    let Some((folder, file, text)) = BUILT_IN.iter().find(|(folder, ..)| *folder == "zh-en") else { return Ok(None) };
    let source = parse(text, &Path::new("glossaries").join(folder).join(file), &zh, &en)?;
    Ok(source.map(|source| Source { entries: Vec::new(), style: Style::default(), built_in: true, ..source }))
}

/// The glossaries at `path` that are for this pair and market.
pub(super) fn read(path: &Path, from: &Lang, to: &Lang, market: &str) -> Result<Vec<Source>> {
    let unreadable = |path: &Path, e: std::io::Error| {
        Error::new(Kind::Document, "cannot read the glossary")
            .file(path)
            .because(e)
            .hint("give a TOML file, or a folder that holds zh-en/*.toml or *.toml")
    };
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
        sources.extend(parse(&text, &file, from, to)?);
    }
    Ok(of_market(sources, market))
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
    files.sort_by_cached_key(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let rank = if stem == "base" { 0 } else { 2 - u8::from(lang::is_market(&stem)) };
        (rank, stem)
    });
    Ok(files)
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
fn pair(name: &str) -> Option<(Lang, Lang)> {
    name.match_indices('-').find_map(|(at, _)| Some((name[..at].parse().ok()?, name[at + 1..].parse().ok()?)))
}

/// What the file says, or nothing where it is for another pair.
fn parse(text: &str, path: &Path, from: &Lang, to: &Lang) -> Result<Option<Source>> {
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
    let named = [path.file_stem(), path.parent().and_then(Path::file_name)]
        .into_iter()
        .flatten()
        .find_map(|name| pair(&name.to_string_lossy()));
    let language = |said: &Option<Spanned<String>>, named: Option<&Lang>, key: &str| match (said, named) {
        (Some(said), _) => said
            .get_ref()
            .parse::<Lang>()
            .map_err(|e| bad(format!("{key} names no language")).row(row(said.span().start)).because(e)),
        (None, Some(named)) => Ok(named.clone()),
        (None, None) => Err(bad("says neither which languages it is for, nor is it named after them".to_owned())
            .hint("write from = \"zh\" and to = \"en\" at its top, or call the file or its folder zh-en")),
    };
    let own_from = language(&document.from, named.as_ref().map(|(from, _)| from), "from")?;
    let own_to = language(&document.to, named.as_ref().map(|(_, to)| to), "to")?;
    let has_surnames = own_from.primary() == "zh" || !document.surnames.is_empty();
    let mut entries = Vec::with_capacity(document.entries.len());
    for spanned in document.entries {
        let at = row(spanned.span().start);
        let entry = spanned.into_inner();
        check(&entry, has_surnames).map_err(|what| {
            bad(format!("the entry {:?} {what}", entry.source)).row(at).hint("mend the entry, or remove it")
        })?;
        entries.push((at, entry));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let market = document.market.or_else(|| lang::is_market(&stem).then(|| stem.into_owned()));
    // Checked even where it is for another pair: a broken file is told at once, not one market later.
    Ok((own_from.accepts(from) && own_to.accepts(to)).then(|| Source {
        path: path.to_owned(),
        market,
        style: document.style,
        surnames: document.surnames.into_iter().collect(),
        not_surnames: document.not_surnames,
        entries,
        built_in: false,
    }))
}

/// What is wrong with an entry, as a fragment.
fn check(entry: &Entry, has_surnames: bool) -> Result<(), &'static str> {
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
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    fn broken(text: &str) -> Error {
        parse(text, Path::new("my/zh-en.toml"), &lang("zh"), &lang("en")).unwrap_err()
    }

    #[test]
    fn every_mistake_names_file_row_and_remedy() {
        let head = "version = 1\n\n";
        for (body, row, word) in [
            ("[[entry]]\nsource = \"顾总\"", 3, "no target"),
            ("[[entry]]\nsource = \" \"\ntarget = \"x\"", 3, "empty source"),
            ("[[entry]]\nsource = \"a\"\ntarget = \"x\"\nkind = \"nmae\"", 6, "nmae"),
            ("[[entry]]\nsource = \"a\"\ntraget = \"x\"", 5, "traget"),
            ("[[entry]]\ntarget = \"x\"", 3, "source"),
            ("[[entry]]\nsource = \"a\"\ntarget = \"x\\ny\"", 3, "line break"),
            ("[[entry]]\nsource = \"{surname}总\"\ntarget = \"x\"\nvariants = [\"总\"]", 3, "some of its spellings"),
            ("[[entry]]\nsource = \"总\"\ntarget = \"{surname}\"", 3, "not in its source"),
            ("[[entry]]\nsource = \"a\ntarget = \"x\"", 4, "is not a glossary"),
        ] {
            let error = broken(&format!("{head}{body}"));
            let text = error.to_string();
            assert_eq!(error.kind(), Kind::Document, "{text}");
            assert!(text.contains(word) && text.starts_with("my/zh-en.toml"), "{text}");
            assert_eq!(error.place().row, Some(row), "{text}");
            assert!(error.remedy().is_some(), "{text}");
        }
        assert_eq!(broken("version = 2").place().row, Some(1));
        assert!(broken("from = \"klingon\"").to_string().contains("from names no language"));
    }

    #[test]
    fn a_file_says_or_is_named_after_its_languages() {
        let text = "[[entry]]\nsource = \"a\"\ntarget = \"b\"";
        let read = |path: &str, text: &str| parse(text, Path::new(path), &lang("zh"), &lang("en")).map(|s| s.is_some());
        assert!(read("zh-en.toml", text).unwrap());
        assert!(read("zh-en/names.toml", text).unwrap());
        assert!(!read("en-pt-BR/names.toml", text).unwrap());
        assert!(read("names.toml", &format!("from = \"zh\"\nto = \"en\"\n{text}")).unwrap());
        assert!(read("names.toml", text).unwrap_err().remedy().unwrap().contains("from ="));
    }

    #[test]
    fn built_in_glossaries_are_for_their_pairs_whatever_the_region() {
        let of = |from: &str, to: &str| -> usize {
            built_in(&lang(from), &lang(to), lang(to).market()).unwrap().iter().map(|source| source.entries.len()).sum()
        };
        assert!(of("zh", "en") >= 80);
        assert!(of("en", "pt-BR") >= 30);
        assert_eq!(of("zh-Hant", "en"), of("zh", "en"));
        assert_eq!(of("en", "de"), 0);
    }
}
