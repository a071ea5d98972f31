//! `dubline man`.

use super::print;
use clap::CommandFactory;
use dubline::cli::Cli;
use dubline::error::{Error, Result};
use dubline::progress::Progress;
use std::path::{Path, PathBuf};

pub(super) fn run(folder: Option<&Path>, progress: &Progress) -> Result<u8> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let man = clap_mangen::Man::new(Cli::command());
        man.render(&mut page).map_err(|e| Error::output(&PathBuf::from("standard output"), e))?;
        return print(progress, &String::from_utf8_lossy(&page));
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|e| Error::output(folder, e))?;
    progress.mention(&format!(
        "wrote the manual to {}; read it with: man {}/dubline.1",
        folder.display(),
        folder.display()
    ));
    Ok(0)
}
