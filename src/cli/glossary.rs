//! `dubline glossary`.

use crate::error::{Error, Kind, Result};
use crate::glossary::{Entry, EntryKind, Gender, How};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with glossaries.
#[derive(Debug, Subcommand)]
pub enum GlossaryCommand {
    /// Look for contradictions, bans that are broken, and what no voice should read.
    ///
    /// Ends with code 8 where something is an error, so that a pipeline can stop.
    Check {
        /// Files or folders; the built-in glossaries and those of the settings where none is given.
        paths: Vec<PathBuf>,
        /// Only glossaries from this language.
        #[arg(long, value_name = "LANG")]
        from: Option<String>,
        /// Only glossaries into this language.
        #[arg(long, value_name = "LANG")]
        to: Option<String>,
        /// Only what holds for this market.
        #[arg(long, value_name = "NAME")]
        market: Option<String>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the entries that are in force.
    Show {
        /// Which ones.
        #[command(flatten)]
        pair: PairFlags,
        /// Say where each is written, and what it overruled.
        #[arg(long)]
        origin: bool,
        /// Only entries of this kind: name, title, term, idiom, culture, unit, keep or ban.
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Say which entries apply to this text, and with what wording.
        #[arg(long, value_name = "TEXT")]
        matching: Option<String>,
        /// With --matching: who speaks (f, m, a role, a name), separated by commas.
        #[arg(long, value_name = "WHO", value_delimiter = ',', requires = "matching")]
        speaker: Vec<String>,
        /// With --matching: who is addressed, separated by commas.
        #[arg(long, value_name = "WHO", value_delimiter = ',', requires = "matching")]
        addressee: Vec<String>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put an entry at the end of a file, which is made where it is missing.
    Add {
        /// Source language, for a new file.
        #[arg(long, value_name = "LANG")]
        from: Option<String>,
        /// Target language, for a new file.
        #[arg(long, value_name = "LANG")]
        to: Option<String>,
        /// Market, for a new file that holds for one alone.
        #[arg(long, value_name = "NAME")]
        market: Option<String>,
        /// The glossary file (TOML).
        file: PathBuf,
        /// What the source says; empty ("") for a ban that holds everywhere.
        source: String,
        /// What the target says; left out for --kind keep.
        target: Option<String>,
        /// The rest of the entry.
        #[command(flatten)]
        entry: Box<EntryFlags>,
    },
    /// Turn a glossary into another format: .toml, .csv, .tsv or .tbx.
    Convert {
        /// The file to read.
        input: PathBuf,
        /// The file to write.
        output: PathBuf,
        /// Source language, where the file does not say it.
        #[arg(long, value_name = "LANG")]
        from: Option<String>,
        /// Target language, where the file does not say it.
        #[arg(long, value_name = "LANG")]
        to: Option<String>,
        /// Market that it holds for.
        #[arg(long, value_name = "NAME")]
        market: Option<String>,
        /// Replace the file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Count entries by pair, market and kind.
    Stats {
        /// Files or folders; the built-in glossaries and those of the settings where none is given.
        paths: Vec<PathBuf>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Find names and repeated terms in transcripts that no entry covers.
    Suggest {
        /// Transcripts: dubline's transcript.json, SRT or VTT.
        #[arg(required = true, value_name = "TRANSCRIPT")]
        transcripts: Vec<PathBuf>,
        /// The glossary whose entries cover.
        #[command(flatten)]
        pair: PairFlags,
        /// How often a name must be said.
        #[arg(long, value_name = "N", default_value_t = 2)]
        names: usize,
        /// How often any other word or phrase must be said.
        #[arg(long, value_name = "N", default_value_t = 3)]
        terms: usize,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A pair of languages and its glossaries.
#[derive(Debug, Args)]
pub struct PairFlags {
    /// Source language; the settings' where it is not given.
    #[arg(long, value_name = "LANG")]
    pub from: Option<String>,
    /// Target language; the settings' where it is not given.
    #[arg(long, value_name = "LANG")]
    pub to: Option<String>,
    /// Market; the target language's where it is not given.
    #[arg(long, value_name = "NAME")]
    pub market: Option<String>,
    /// Folder or file of a glossary, over the settings'; may be repeated, later ones win.
    #[arg(long, value_name = "PATH")]
    pub glossary: Vec<PathBuf>,
}

/// What an entry says beside source and target.
#[derive(Debug, Args)]
pub struct EntryFlags {
    /// What it is about: name, title, term, idiom, culture, unit, keep or ban.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Another spelling in the source; may be repeated, as those below.
    #[arg(long, value_name = "TEXT")]
    pub variant: Vec<String>,
    /// Another wording in the target that is as right.
    #[arg(long, value_name = "TEXT")]
    pub form: Vec<String>,
    /// A longer word of the source in which it means something else.
    #[arg(long, value_name = "TEXT")]
    pub unless: Vec<String>,
    /// How a voice should read the target.
    #[arg(long, value_name = "TEXT")]
    pub spoken: Option<String>,
    /// Gender of whom the target names: f or m.
    #[arg(long, value_name = "f|m")]
    pub gender: Option<String>,
    /// What is done, for --kind culture: keep, explain or replace.
    #[arg(long, value_name = "HOW")]
    pub how: Option<String>,
    /// What to say instead, for --kind ban.
    #[arg(long, value_name = "TEXT")]
    pub instead: Option<String>,
    /// A word to the translator.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// A line and its rendering.
    #[arg(long, value_name = "TEXT")]
    pub example: Option<String>,
}

impl EntryFlags {
    /// The entry that the flags describe.
    ///
    /// # Errors
    /// Fails on a kind, gender or way that there is none of, listing those that there are.
    pub fn entry(&self, source: &str, target: Option<&str>) -> Result<Entry> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let genders = [Gender::Feminine, Gender::Masculine];
        let ways = [How::Keep, How::Explain, How::Replace];
        Ok(Entry {
            source: source.to_owned(),
            target: target.unwrap_or_default().to_owned(),
            kind: self.kind.as_deref().map(entry_kind).transpose()?.unwrap_or_default(),
            variants: self.variant.clone(),
            forms: self.form.clone(),
            unless: self.unless.clone(),
            spoken: text(&self.spoken),
            gender: self.gender.as_deref().map(|name| one_of("--gender", name, &genders, Gender::name)).transpose()?,
            how: self.how.as_deref().map(|name| one_of("--how", name, &ways, How::name)).transpose()?,
            instead: text(&self.instead),
            when: Vec::new(),
            note: text(&self.note),
            example: text(&self.example),
        })
    }
}

/// The kind that `--kind` names.
///
/// # Errors
/// Fails on an unknown one, listing those that are known.
pub fn entry_kind(name: &str) -> Result<EntryKind> {
    one_of("--kind", name, &EntryKind::ALL, EntryKind::name)
}

fn one_of<T: Copy>(flag: &str, name: &str, all: &[T], of: fn(T) -> &'static str) -> Result<T> {
    all.iter().copied().find(|one| of(*one) == name).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|one| of(*one)).collect();
        Error::new(Kind::Usage, format!("{flag} {name:?} is not known"))
            .hint(format!("choose one of: {}", known.join(", ")))
    })
}
