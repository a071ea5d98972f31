//! The program espeak-ng: text in, the International Phonetic Alphabet out.
//!
//! It stays a program of its own, never linked, so that its licence (GPL-3.0) stays outside of dubline.
//! Does not know Kokoro's symbols; `phonemes.rs` turns IPA into those.

use crate::engine::program::Program;
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

const NAME: &str = "espeak-ng";
/// The remedy where it is missing.
const MISSING: &str = "install the Debian package espeak-ng (apt-get install espeak-ng)";
/// A sentence takes it a few milliseconds, even on a machine with much else to do.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Between the letters that are one sound (`t^ʃ`).
pub(super) const TIE: char = '^';

/// The program, and what it has already answered in this process.
pub(super) struct Espeak {
    program: OsString,
    runtime: tokio::runtime::Handle,
    version: OnceLock<String>,
    answers: Mutex<HashMap<(String, String), String>>,
}

impl Espeak {
    pub(super) fn new(runtime: tokio::runtime::Handle) -> Espeak {
        Espeak::named(NAME.into(), runtime)
    }

    pub(super) fn named(program: OsString, runtime: tokio::runtime::Handle) -> Espeak {
        Espeak { program, runtime, version: OnceLock::new(), answers: Mutex::default() }
    }

    /// Its version, such as `1.51`.
    ///
    /// # Errors
    /// Fails if it is not installed, naming the package.
    pub(super) fn version(&self) -> Result<String> {
        if let Some(version) = self.version.get() {
            return Ok(version.clone());
        }
        // "eSpeak NG text-to-speech: 1.51  Data at: /usr/lib/…"
        let text = self.run(&["--version"], b"")?;
        let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let version = version.ok_or_else(|| {
            Error::new(Kind::MissingTool, format!("{NAME} does not tell its version ({text:?})")).hint(MISSING)
        })?;
        Ok(self.version.get_or_init(|| version.to_owned()).clone())
    }

    /// The sounds of `text` in `language` (espeak-ng's name, such as `pt-br`), without punctuation,
    /// with [`TIE`] between the letters of one sound.
    ///
    /// # Errors
    /// Fails if the program is not installed or fails.
    pub(super) fn ipa(&self, language: &str, text: &str) -> Result<String> {
        let key = (language.to_owned(), text.to_owned());
        if let Some(known) = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let tie = format!("--tie={TIE}");
        let answer = self.run(&["-q", "-b", "1", "--ipa", &tie, "-v", language, "--stdin"], text.as_bytes())?;
        let ipa = tidy(&answer);
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(key, ipa.clone());
        Ok(ipa)
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let argv: Vec<OsString> =
            std::iter::once(self.program.clone()).chain(arguments.iter().map(OsString::from)).collect();
        let finished =
            Program { argv: &argv, input, timeout: TIMEOUT, missing: MISSING, cancel: None }.run(&self.runtime)?;
        if !finished.status.success() {
            return Err(Error::new(Kind::Engine, format!("{NAME} {}", finished.reason())).hint(MISSING));
        }
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    }
}

/// One line a clause becomes one line; marks of a switch to another language and back, `(en)`, go.
fn tidy(answer: &str) -> String {
    let mut ipa = String::with_capacity(answer.len());
    let mut inside = false;
    for c in answer.chars() {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            _ if !inside => ipa.push(c),
            _ => {}
        }
    }
    ipa.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_join_and_language_marks_go() {
        assert_eq!(tidy("ˌely d^ʒˈisy\n(en)wˈɪndə^ʊ(pt)\n"), "ˌely d^ʒˈisy wˈɪndə^ʊ");
    }

    #[test]
    fn a_missing_program_names_the_package() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let espeak = Espeak::named("no-such-espeak".into(), runtime.handle().clone());
        let error = espeak.version().unwrap_err();
        assert_eq!(error.kind(), Kind::MissingTool);
        assert!(error.remedy().unwrap().contains("apt-get install espeak-ng"), "{:?}", error.remedy());
    }
}
