//! A program and its arguments as settings give them, with names in braces that are replaced at each call.
//!
//! Does not know what the program is for, and runs nothing.

use crate::engine::Fingerprint;
use crate::error::{Error, Kind, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A file that is larger is a model rather than a program; its length and time stand for it.
const MOST_HASHED: u64 = 16 << 20;

/// What is called, and what is replaced in it.
#[derive(Debug)]
pub(super) struct Template {
    /// Program and arguments; never empty.
    arguments: Vec<String>,
    placeholders: &'static [&'static str],
}

impl Template {
    /// What the setting `key` says; only `placeholders` may stand in braces.
    ///
    /// # Errors
    /// Fails as usage where no program is given, with `example` as a remedy, or where something unknown stands in braces.
    pub(super) fn new(
        key: &str,
        arguments: &[String],
        placeholders: &'static [&'static str],
        example: &str,
    ) -> Result<Template> {
        if arguments.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(Error::new(Kind::Usage, format!("the command engine has no program to run: {key} is empty"))
                .hint(format!("set {key}, such as: {key} = {example}")));
        }
        for name in arguments.iter().flat_map(|argument| names(argument)) {
            if !placeholders.contains(&name) {
                return Err(Error::new(Kind::Usage, format!("{key}: {{{name}}} means nothing"))
                    .hint(format!("what is replaced: {{{}}}", placeholders.join("}, {"))));
            }
        }
        Ok(Template { arguments: arguments.to_vec(), placeholders })
    }

    /// The program as the settings name it.
    pub(super) fn program(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }

    /// Is the program there, as a path or on the search path?
    pub(super) fn is_there(&self) -> bool {
        program(self.program()).is_some()
    }

    /// Does `{name}` stand anywhere?
    pub(super) fn takes(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| names(argument).contains(&name))
    }

    /// Program and arguments of one call.
    pub(super) fn filled(&self, value: impl Fn(&str) -> OsString) -> Vec<OsString> {
        self.arguments.iter().map(|argument| self.fill(argument, &value)).collect()
    }

    /// The arguments and what lies in the files that they name: a program or a script that was changed may answer
    /// differently.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut hasher = blake3::Hasher::new();
        for (index, argument) in self.arguments.iter().enumerate() {
            hasher.update(argument.as_bytes()).update(&[0]);
            let path = Path::new(argument);
            // A file may be named where it lies, too: a script that an interpreter runs, a model.
            let file = if index > 0 && path.is_file() { Some(path.to_owned()) } else { program(argument) };
            if let Some(path) = file {
                digest(&path, &mut hasher);
            }
        }
        let program = Path::new(self.program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Fingerprint { engine: "command".into(), model: program, detail: hasher.finalize().to_hex().to_string() }
    }

    /// Replaces in one pass, so that a line that says `{voice}` is not taken for one of ours.
    fn fill(&self, argument: &str, value: &impl Fn(&str) -> OsString) -> OsString {
        let mut filled = OsString::new();
        let mut rest = argument;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push(before);
            match after.split_once('}') {
                Some((name, after)) if self.placeholders.contains(&name) => {
                    filled.push(value(name));
                    rest = after;
                }
                _ => {
                    filled.push("{");
                    rest = after;
                }
            }
        }
        filled.push(rest);
        filled
    }
}

/// What stands in braces in an argument: `voice` of `--voice={voice}`. Braces around anything but one
/// lower-case word are left alone, since JSON is an argument too.
fn names(argument: &str) -> Vec<&str> {
    argument
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()))
        .collect()
}

/// The file that is run under this name, as the system finds it: a name without a folder is looked up on the search path.
fn program(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    if name.is_empty() || path.file_name().is_none() {
        return None;
    }
    if path.components().count() > 1 || name.contains(std::path::MAIN_SEPARATOR) {
        return is_program(path).then(|| path.to_owned());
    }
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| is_program(path))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

fn digest(path: &Path, hasher: &mut blake3::Hasher) {
    let Ok(metadata) = path.metadata() else { return };
    if metadata.len() <= MOST_HASHED
        && let Ok(bytes) = std::fs::read(path)
    {
        hasher.update(&bytes);
        return;
    }
    let time = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    hasher.update(format!("{} {time:?}", metadata.len()).as_bytes());
}
