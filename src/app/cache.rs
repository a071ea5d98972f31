//! `dubline cache`.

use super::{print, print_json, resolve, store_folder, tell};
use dubline::cli::CacheCommand;
use dubline::error::Result;
use dubline::progress::Progress;
use dubline::store::FolderStore;
use std::path::PathBuf;
use std::time::Duration;

pub(super) fn run(command: &CacheCommand, store: Option<PathBuf>, progress: &Progress) -> Result<u8> {
    let mut settings = resolve(None)?.settings;
    settings.store = store.or(settings.store);
    let folder = store_folder(&settings);
    match command {
        CacheCommand::Path => print(progress, &format!("{}\n", folder.display())),
        CacheCommand::Usage { json } => {
            let usage = FolderStore::open(&folder)?.usage()?;
            if *json {
                return print_json(progress, &usage);
            }
            let size = |bytes: u64| indicatif::HumanBytes(bytes).to_string();
            let mut text: String = usage
                .iter()
                .map(|u| format!("{:<20} {:>8} results {:>12}\n", u.bucket, u.results, size(u.bytes)))
                .collect();
            let (results, bytes) = usage.iter().fold((0, 0), |(r, b), u| (r + u.results, b + u.bytes));
            text.push_str(&format!("{:<20} {results:>8} results {:>12}\n", "in all", size(bytes)));
            print(progress, &text)
        }
        CacheCommand::Prune { older_than } => {
            let age = Duration::from_secs(older_than.unwrap_or(0) * 86_400);
            let freed = FolderStore::open(&folder)?.prune(age)?;
            tell(progress, &format!("{} freed in {}\n", indicatif::HumanBytes(freed), folder.display()))
        }
    }
}
