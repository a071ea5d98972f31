//! Which models exist, where they come from, where they lie, and whether they are what they should be.
//!
//! `registry.toml` is the one list, read here and by the Python fetcher. Does not know what a model does:
//! the engines open the files.

mod download;
mod installed;
mod package;
mod pull;
mod registry;

pub use installed::{Sidecar, Stamp};
pub use pull::PullOptions;
pub use registry::{Family, File, HubSource, Install, Model, PackageSource, Registry, Source};

use crate::error::{Error, Kind, Result};
use installed::Installed;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The models that are known, and those that are installed in one folder.
#[derive(Debug)]
pub struct Models {
    root: PathBuf,
    registry: Registry,
}

/// What there is of a model.
#[derive(Debug)]
pub enum Status {
    /// All files are there and are the registered ones.
    Installed,
    /// Nothing, or not all of it.
    Missing,
    /// Something else lies in its place.
    Corrupt(Error),
}

impl Models {
    /// The models under `root`, with the built-in registry.
    ///
    /// # Errors
    /// Fails if the registry cannot be read, which is a defect of dubline.
    pub fn new(root: &Path) -> Result<Models> {
        Ok(Models { root: root.to_owned(), registry: Registry::built_in()? })
    }

    /// The folder that all models lie in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All models, installed or not.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    fn installed(&self, id: &str) -> Result<Installed<'_>> {
        let model = self.registry.get(id)?;
        Ok(Installed { model, folder: self.root.join(id) })
    }

    /// The path of one file of a model, checked to be there and to be the registered one.
    ///
    /// The check costs a look at size and time stamp; a file that was changed since it was last hashed
    /// (or never was) is hashed once.
    ///
    /// # Errors
    /// Fails if the model is unknown, not installed, or not the registered one.
    pub fn file(&self, id: &str, name: &str) -> Result<PathBuf> {
        self.installed(id)?.file(name)
    }

    /// The path of a model: its file where it has one, its folder where it has several; all checked as in
    /// [`Models::file`].
    ///
    /// # Errors
    /// Fails if the model is unknown, not installed, or not the registered one.
    pub fn path(&self, id: &str) -> Result<PathBuf> {
        let installed = self.installed(id)?;
        installed.check(false)?;
        Ok(match installed.model.files.as_slice() {
            [file] => installed.folder.join(&file.name),
            _ => installed.folder,
        })
    }

    /// What there is of a model, by size and time stamp (see [`Models::file`]).
    ///
    /// # Errors
    /// Fails if the model is unknown.
    pub fn status(&self, id: &str) -> Result<Status> {
        Ok(match self.installed(id)?.check(false) {
            Ok(()) => Status::Installed,
            Err(error) if error.kind() == Kind::MissingModel => Status::Missing,
            Err(error) => Status::Corrupt(error),
        })
    }

    /// Every model that exists for this machine, with its status.
    pub fn list(&self) -> Vec<(&Model, Status)> {
        let models = self.registry.models().iter();
        models.filter_map(|model| Some((model, self.status(&model.id).ok()?))).collect()
    }

    /// The first of `ids`, best first, that is installed, and those before it that are not: what a person
    /// should be told when a lesser model is used.
    pub fn first_installed<'a>(&self, ids: &[&'a str]) -> Option<(&'a str, Vec<&'a str>)> {
        let at = ids.iter().position(|id| matches!(self.status(id), Ok(Status::Installed)))?;
        Some((ids[at], ids[..at].to_vec()))
    }

    /// Hashes every file of one model, whatever its time stamp says.
    ///
    /// # Errors
    /// Fails if the model is unknown, not installed, or not the registered one.
    pub fn verify(&self, id: &str) -> Result<()> {
        self.installed(id)?.check(true)
    }

    /// What identifies the model's bytes, for store keys: the SHA-256 of its one file, or of the list of
    /// its files' names and hashes.
    ///
    /// # Errors
    /// Fails if the model is unknown, or if a hash that the registry lacks was not recorded since the
    /// model is not installed.
    pub fn fingerprint(&self, id: &str) -> Result<String> {
        let installed = self.installed(id)?;
        let mut hashes = Vec::new();
        for file in &installed.model.files {
            if file.sha256.is_empty() {
                installed.check(false)?;
                let sidecar = Sidecar::read(&installed.folder);
                hashes.push((&file.name, sidecar.files.get(&file.name).map_or(String::new(), |s| s.sha256.clone())));
            } else {
                hashes.push((&file.name, file.sha256.clone()));
            }
        }
        if let [(_, hash)] = hashes.as_slice() {
            return Ok(hash.clone());
        }
        let mut hasher = Sha256::new();
        for (name, hash) in hashes {
            hasher.update(format!("{name} {hash}\n"));
        }
        Ok(installed::hex(&hasher.finalize()))
    }

    /// Where an installed model came from.
    ///
    /// # Errors
    /// Fails if the model is unknown.
    pub fn origin(&self, id: &str) -> Result<Sidecar> {
        Ok(Sidecar::read(&self.installed(id)?.folder))
    }
}

#[cfg(test)]
mod tests;
