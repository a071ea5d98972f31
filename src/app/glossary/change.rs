//! `dubline glossary add` and `dubline glossary convert`: the commands that write.

use super::{read, read_text};
use crate::app::tell;
use dubline::error::{Error, Kind, Result};
use dubline::glossary::exchange::{Format, Wanted};
use dubline::glossary::{Entry, EntryKind, Glossary, Source, pair_of_path, write};
use dubline::progress::Progress;
use dubline::store::write_atomically;
use std::path::{Path, PathBuf};

pub(super) fn add(file: &Path, entry: &Entry, wanted: &Wanted, progress: &Progress) -> Result<u8> {
    if !file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return Err(Error::new(Kind::Usage, "entries are added to TOML files")
            .file(file)
            .hint("convert the file first: dubline glossary convert words.csv words.toml"));
    }
    let exists = file.exists();
    let text = if exists { read_text(file)? } else { top(file, wanted)? };
    let source = Source::parse(&text, file)?;
    agrees(&source, wanted)?;
    let (text, row) = write::append(&text, file, entry)?;
    // A link stays a link: what it points to is replaced.
    let place = if exists { file.canonicalize().unwrap_or_else(|_| file.to_owned()) } else { file.to_owned() };
    write_atomically(&place, text.as_bytes())?;
    let said = match entry.kind {
        EntryKind::Keep => format!("{} stays as it is", entry.source),
        EntryKind::Ban => format!("never {:?}", entry.target),
        _ => format!("{} → {}", entry.source, entry.target),
    };
    let market = source.market.clone().unwrap_or_else(|| source.to.market().to_owned());
    let built_in = Glossary::load(&source.from, &source.to, &market, &[])?;
    let is_ban = |entry: &Entry| entry.kind == EntryKind::Ban;
    let over = built_in.entries().iter().find(|known| {
        !entry.source.is_empty() && known.entry.source == entry.source && is_ban(&known.entry) == is_ban(entry)
    });
    let over = over.map(|known| format!(", over {:?} of {}", known.entry.target, known.origin)).unwrap_or_default();
    tell(progress, &format!("{}:{row}: {said}{over}\n", file.display()))
}

/// The top of a new file.
fn top(file: &Path, wanted: &Wanted) -> Result<String> {
    let named = pair_of_path(file);
    let from = wanted.from.clone().or_else(|| named.as_ref().map(|(from, _)| from.clone()));
    let to = wanted.to.clone().or_else(|| named.map(|(_, to)| to));
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::new(Kind::Usage, "the file is new, and nothing says which languages it is for")
            .file(file)
            .hint("name them with --from and --to"));
    };
    Ok(write::header(&from, &to, wanted.market.as_deref(), "Entries of a series, over the built-in ones."))
}

/// Flags must not say something else than the file: the entry would land where nobody looks for it.
fn agrees(source: &Source, wanted: &Wanted) -> Result<()> {
    let other = |own: &str, flag: Option<&str>| flag.filter(|flag| *flag != own).map(str::to_owned);
    let market = source.market.as_deref().unwrap_or("every market");
    for (what, own, flag) in [
        ("from", source.from.tag(), wanted.from.as_ref().map(|from| from.tag())),
        ("to", source.to.tag(), wanted.to.as_ref().map(|to| to.tag())),
        ("market", market, wanted.market.as_deref()),
    ] {
        if let Some(flag) = other(own, flag) {
            return Err(Error::new(Kind::Usage, format!("the file's {what:?} is {own}, not {flag}"))
                .file(&source.path)
                .hint(format!("leave --{what} out, or name another file")));
        }
    }
    Ok(())
}

pub(super) fn convert(input: &Path, output: &Path, wanted: &Wanted, force: bool, progress: &Progress) -> Result<u8> {
    let (reader, writer) = (Format::of(input)?, Format::of(output)?);
    if output.exists() && !force {
        return Err(Error::new(Kind::Usage, "the file is there already")
            .file(output)
            .hint("choose another name, or replace it with --force"));
    }
    let wanted = Wanted { from: wanted.from.clone(), to: wanted.to.clone(), market: wanted.market.clone() };
    let read = reader.read(&read(input)?, input, &from_either(wanted, input, output))?;
    let written = writer.write(&read.source)?;
    write_atomically(output, written.text.as_bytes())?;
    for what in read.left_out.iter().chain(&written.left_out) {
        progress.talk(&format!("warning: {}: left out: {what}", input.display()));
    }
    let entries = read.source.entries.len();
    tell(progress, &format!("{entries} entries from {} to {}\n", input.display(), output.display()))
}

/// A pair that neither flags nor the input's name tell may stand in the output's name.
fn from_either(mut wanted: Wanted, input: &Path, output: &Path) -> Wanted {
    let is_toml = input.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if let (false, None, Some((from, to))) = (is_toml, pair_of_path(&absolute(input)), pair_of_path(&absolute(output)))
    {
        wanted.from = wanted.from.or(Some(from));
        wanted.to = wanted.to.or(Some(to));
    }
    wanted
}

/// A file's folder may be the current one, whose name tells the pair all the same.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
