//! What went wrong: where, why, what to do next, and with which exit code.
//!
//! Texts are lowercase fragments that fit after "error:". Does not know how an
//! error is shown; `progress.rs` and `main.rs` do that.

use crate::lang::Lang;
use std::fmt;
use std::path::{Path, PathBuf};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong. Each kind has one documented exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A flag, a setting or a combination of them makes no sense.
    Usage,
    /// The source is missing, not media, has no sound, or is damaged.
    Media,
    /// A transcript, script or glossary that was handed in cannot be read.
    Document,
    /// A model is not installed.
    MissingModel,
    /// A model file is not the one that is registered.
    CorruptModel,
    /// A program or shared library that an engine needs is not installed.
    MissingTool,
    /// An engine failed or could not be reached.
    Engine,
    /// An engine answered what cannot be used, for this request; another request may do better.
    Answer,
    /// An output or the store cannot be written.
    Output,
    /// Some lines failed, so the episode is not delivered as if it were whole.
    Incomplete,
    /// Finished work has findings at or above the gate.
    Gate,
    /// Less of the series is dubbed than must be.
    Share,
    /// Some episodes were made and others were not.
    Partial,
    /// Another run works on the same episode.
    Busy,
    /// Stopped by Ctrl-C or SIGTERM; what was finished is kept.
    Interrupted,
    /// A defect of dubline itself.
    Internal,
}

/// One row of the table of exit codes.
#[derive(Clone, Copy, Debug)]
pub struct ExitCode {
    /// The process's exit code.
    pub code: u8,
    /// What it says, for `--help` and the README.
    pub meaning: &'static str,
}

/// The table of exit codes: the only one. `0` is success.
pub const EXIT_CODES: &[ExitCode] = &[
    ExitCode { code: 0, meaning: "done: every deliverable is complete" },
    ExitCode { code: 1, meaning: "a defect in dubline itself" },
    ExitCode { code: 2, meaning: "usage: a flag, a setting or a language makes no sense" },
    ExitCode { code: 3, meaning: "media: the source is missing, damaged, silent or not media" },
    ExitCode { code: 4, meaning: "missing: a model or program is not installed, or is not the registered one" },
    ExitCode { code: 5, meaning: "engine: an engine failed, cannot be reached or answered nonsense" },
    ExitCode { code: 6, meaning: "output: an output, the store or the disk cannot be written" },
    ExitCode { code: 7, meaning: "incomplete: some lines failed; nothing was delivered in their place" },
    ExitCode {
        code: 8,
        meaning: "document: a transcript, script, glossary, table of edits or dubline.toml cannot be read",
    },
    ExitCode { code: 9, meaning: "gate: finished work has findings at or above the gate" },
    ExitCode { code: 10, meaning: "share: less is dubbed than supply.dubbed-share asks for" },
    ExitCode { code: 11, meaning: "partial: some episodes were not made; the others were" },
    ExitCode { code: 12, meaning: "busy: another run works on the same episode" },
    ExitCode { code: 130, meaning: "interrupted: finished work is kept, the next run resumes" },
];

impl Kind {
    /// The documented exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Kind::Internal => 1,
            Kind::Usage => 2,
            Kind::Media => 3,
            Kind::MissingModel | Kind::CorruptModel | Kind::MissingTool => 4,
            Kind::Engine | Kind::Answer => 5,
            Kind::Output => 6,
            Kind::Incomplete => 7,
            Kind::Document => 8,
            Kind::Gate => 9,
            Kind::Share => 10,
            Kind::Partial => 11,
            Kind::Busy => 12,
            Kind::Interrupted => 130,
        }
    }
}

/// Where it happened; only what is known is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub file: Option<PathBuf>,
    /// Line number in `file`, from 1.
    pub row: Option<usize>,
    /// Target language.
    pub language: Option<Lang>,
    /// Stage of the pipeline.
    pub stage: Option<&'static str>,
    /// Line of the script (its cue's number).
    pub line: Option<u32>,
}

/// An error with its place, its cause and its remedy.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    what: String,
    place: Place,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A new error: `what` is a lowercase fragment without a full stop.
    pub fn new(kind: Kind, what: impl Into<String>) -> Error {
        Error(Box::new(Inner { kind, what: what.into(), place: Place::default(), hint: None, source: None }))
    }

    /// An error about writing `path`, with the remedy that fits the system's reason.
    pub fn output(path: &Path, source: std::io::Error) -> Error {
        use std::io::ErrorKind as Io;
        let hint = match source.kind() {
            Io::StorageFull | Io::QuotaExceeded => {
                "free some space (`dubline cache prune` empties the store) and run again; finished work is kept"
            }
            Io::PermissionDenied | Io::ReadOnlyFilesystem => {
                "choose another folder with --out or --store, or change its permissions"
            }
            _ => "check the folder, then run again; finished work is kept",
        };
        Error::new(Kind::Output, "cannot write").file(path).because(source).hint(hint)
    }

    /// A defect of dublines's own; `what` tells what was assumed.
    pub fn internal(what: impl Into<String>) -> Error {
        Error::new(Kind::Internal, what).hint("this is a defect in dubline; please report it with the command you ran")
    }

    /// Says what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the file; one named before stays.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Error {
        self.0.place.file.get_or_insert_with(|| path.into());
        self
    }

    /// Names the row in the file, from 1.
    pub fn row(mut self, row: usize) -> Error {
        self.0.place.row.get_or_insert(row);
        self
    }

    /// Names the target language.
    pub fn language(mut self, language: &Lang) -> Error {
        self.0.place.language.get_or_insert_with(|| language.clone());
        self
    }

    /// Names the stage.
    pub fn stage(mut self, stage: &'static str) -> Error {
        self.0.place.stage.get_or_insert(stage);
        self
    }

    /// Names the line.
    pub fn line(mut self, line: u32) -> Error {
        self.0.place.line.get_or_insert(line);
        self
    }

    /// Keeps the cause.
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Why, in one fragment, without place or cause.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Where.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What to do next.
    pub fn remedy(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        self.0.kind.exit_code()
    }
}

/// `episode.mp4: en: synthesize: line 12: no such voice "bf_x": cause`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.0.place;
        if let Some(file) = &place.file {
            write!(f, "{}", file.display())?;
            if let Some(row) = place.row {
                write!(f, ":{row}")?;
            }
            write!(f, ": ")?;
        }
        if let Some(language) = &place.language {
            write!(f, "{language}: ")?;
        }
        if let Some(stage) = place.stage {
            write!(f, "{stage}: ")?;
        }
        if let Some(line) = place.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}", self.0.what)?;
        // The chain is told in one breath, since a user reads one line.
        let mut source = self.0.source.as_deref().map(|s| s as &dyn std::error::Error);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

// The cause is part of `Display`; `source()` would tell it twice.
impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_row_in_the_table() {
        use Kind::*;
        for kind in [
            Usage,
            Media,
            Document,
            MissingModel,
            CorruptModel,
            MissingTool,
            Engine,
            Answer,
            Output,
            Incomplete,
            Gate,
            Share,
            Partial,
            Busy,
            Interrupted,
            Internal,
        ] {
            assert!(EXIT_CODES.iter().any(|row| row.code == kind.exit_code()), "{kind:?}");
        }
    }

    #[test]
    fn an_error_says_where_and_why() {
        let error = Error::new(Kind::Engine, "the endpoint answered 3 lines for 5")
            .file("a b.mp4")
            .stage("translate")
            .line(7)
            .because(std::io::Error::other("short"));
        assert_eq!(error.to_string(), "a b.mp4: translate: line 7: the endpoint answered 3 lines for 5: short");
    }
}
