//! `dubline glossary`: what each of its commands reads and prints.

mod change;
mod check;
mod show;
mod suggest;

use super::{print, print_json, resolve};
use dubline::cli::{GlossaryCommand, PairFlags};
use dubline::error::{Error, Kind, Result};
use dubline::glossary::exchange::MAX_BYTES;
use dubline::glossary::{Glossary, Source, files_at, stats};
use dubline::lang::{Lang, MARKETS, is_market};
use dubline::progress::Progress;
use dubline::settings::Settings;
use std::path::{Path, PathBuf};

pub(super) fn run(command: GlossaryCommand, progress: &Progress) -> Result<u8> {
    match command {
        GlossaryCommand::Check { paths, from, to, market, json } => {
            let only = check::Only { from: language(from)?, to: language(to)?, market: known_market(market)? };
            check::run(&paths, &only, json, progress)
        }
        GlossaryCommand::Show { pair, origin, kind, matching, speaker, addressee, json } => {
            let asked = show::Asked { origin, kind, matching, speaker, addressee, json };
            show::run(&pair, asked, progress)
        }
        GlossaryCommand::Add { from, to, market, file, source, target, entry } => {
            let entry = entry.entry(&source, target.as_deref())?;
            change::add(&file, &entry, &wanted(from, to, market)?, progress)
        }
        GlossaryCommand::Convert { input, output, from, to, market, force } => {
            change::convert(&input, &output, &wanted(from, to, market)?, force, progress)
        }
        GlossaryCommand::Stats { paths, json } => count(&paths, json, progress),
        GlossaryCommand::Suggest { transcripts, pair, names, terms, json } => {
            let limits = dubline::glossary::suggest::Limits { names, terms };
            suggest::run(&transcripts, &pair, limits, json, progress)
        }
    }
}

fn language(tag: Option<String>) -> Result<Option<Lang>> {
    tag.map(|tag| tag.parse()).transpose()
}

fn wanted(
    from: Option<String>,
    to: Option<String>,
    market: Option<String>,
) -> Result<dubline::glossary::exchange::Wanted> {
    Ok(dubline::glossary::exchange::Wanted { from: language(from)?, to: language(to)?, market: known_market(market)? })
}

/// A market that a flag names; a misspelt one would silently leave everything out.
fn known_market(market: Option<String>) -> Result<Option<String>> {
    match market {
        Some(market) if !is_market(&market) => Err(Error::new(Kind::Usage, format!("no market is called {market:?}"))
            .hint(format!("choose one of: {}", MARKETS.join(", ")))),
        market => Ok(market),
    }
}

/// The glossary that flags and settings name, with its market.
fn load(flags: &PairFlags, spoken: Option<&Lang>) -> Result<(Glossary, String)> {
    let settings = resolve(None)?.settings;
    let missing = |what: &str, flag: &str| {
        Error::new(Kind::Usage, format!("the {what} language is not known"))
            .hint(format!("name it with {flag}, or as `{}` in dubline.toml", flag.trim_start_matches('-')))
    };
    let from = language(flags.from.clone())?.or_else(|| spoken.cloned()).or_else(|| settings.from.clone());
    let from = from.ok_or_else(|| missing("source", "--from"))?;
    let to = match (language(flags.to.clone())?, settings.to.as_slice()) {
        (Some(to), _) => to,
        (None, [to]) => to.clone(),
        (None, []) => return Err(missing("target", "--to")),
        (None, several) => {
            let tags: Vec<&str> = several.iter().map(Lang::tag).collect();
            return Err(Error::new(Kind::Usage, "the settings name several target languages")
                .hint(format!("choose one with --to: {}", tags.join(", "))));
        }
    };
    let market = known_market(flags.market.clone())?.unwrap_or_else(|| settings.market(&to).to_owned());
    let paths: Vec<PathBuf> = settings.glossaries.iter().chain(&flags.glossary).cloned().collect();
    Ok((Glossary::load(&from, &to, &market, &paths)?, market))
}

/// The files that were named, or those of the settings.
fn files(paths: &[PathBuf], settings: &Settings) -> Result<Vec<PathBuf>> {
    let paths = if paths.is_empty() { &settings.glossaries } else { paths };
    let mut files = Vec::new();
    for path in paths {
        for file in files_at(path)? {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// A file's bytes, if it is no larger than any glossary or transcript.
fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable =
        |e: std::io::Error| Error::new(Kind::Document, "cannot be read").file(path).because(e).hint("check the path");
    if path.metadata().map_err(unreadable)?.len() > MAX_BYTES {
        return Err(Error::new(Kind::Document, format!("the file is larger than {} MiB", MAX_BYTES >> 20))
            .file(path)
            .hint("check that it is the right one, or split it"));
    }
    std::fs::read(path).map_err(unreadable)
}

fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|e| {
        let row = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::new(Kind::Document, "the text is not UTF-8").file(path).row(row).hint("save the file as UTF-8")
    })
}

fn count(paths: &[PathBuf], json: bool, progress: &Progress) -> Result<u8> {
    let mut sources = if paths.is_empty() { Source::all_built_in()? } else { Vec::new() };
    for file in files(paths, &resolve(None)?.settings)? {
        sources.push(Source::parse(&read_text(&file)?, &file)?);
    }
    let rows = stats::stats(&sources);
    if json {
        return print_json(progress, &rows);
    }
    let mut text = format!(
        "{:<10} {:<7} {:>5} {:>7} {:>9} {:>8} {:>5} {:>8}  kinds\n",
        "pair", "market", "files", "entries", "spellings", "wordings", "notes", "examples"
    );
    for row in &rows {
        let kinds: Vec<String> = row.kinds.iter().map(|(kind, count)| format!("{} {count}", kind.name())).collect();
        text.push_str(&format!(
            "{:<10} {:<7} {:>5} {:>7} {:>9} {:>8} {:>4.0}% {:>7.0}%  {}\n",
            format!("{}-{}", row.from, row.to),
            row.market.as_deref().unwrap_or("every"),
            row.files,
            row.entries,
            row.spellings,
            row.wordings,
            row.notes * 100.0,
            row.examples * 100.0,
            kinds.join(", ")
        ));
    }
    print(progress, &text)
}
