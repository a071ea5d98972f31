//! `dubline glossary suggest`.

use super::{load, print, print_json, read};
use dubline::cli::PairFlags;
use dubline::error::{Error, Kind, Result};
use dubline::glossary::suggest::{Limits, Said, snippet, suggest};
use dubline::lang::Lang;
use dubline::progress::Progress;
use dubline::script::Transcript;
use dubline::stage::transcribe;
use std::path::{Path, PathBuf};

pub(super) fn run(
    transcripts: &[PathBuf],
    pair: &PairFlags,
    limits: Limits,
    json: bool,
    progress: &Progress,
) -> Result<u8> {
    // What dubline wrote says its language, subtitles do not.
    let mut own = Vec::new();
    let mut files = Vec::new();
    for path in transcripts {
        let bytes = read(path)?;
        let transcript = if bytes.trim_ascii_start().starts_with(b"{") { Some(written(&bytes, path)?) } else { None };
        own.extend(transcript.as_ref().map(|transcript| transcript.language.clone()));
        files.push((path, bytes, transcript));
    }
    let (glossary, _) = load(pair, own.first())?;
    let from = glossary.from();
    let mut said = Vec::new();
    for (path, bytes, transcript) in files {
        let transcript = match transcript {
            Some(transcript) => spoken_in(transcript, from, path)?,
            None => transcribe::from_subtitles(&bytes, path, from)?,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        said.extend(
            transcript.cues.into_iter().map(|cue| Said { place: format!("{name}, cue {}", cue.id), text: cue.text }),
        );
    }
    let found = suggest(&said, &glossary, limits)?;
    if json {
        return print_json(progress, &found);
    }
    if found.is_empty() {
        progress.mention("nothing is said often enough that no entry covers; --names and --terms change how often");
        return Ok(0);
    }
    print(progress, &snippet(&found, &glossary))
}

fn written(bytes: &[u8], path: &Path) -> Result<Transcript> {
    serde_json::from_slice(bytes).map_err(|e| {
        Error::new(Kind::Document, "is no transcript")
            .file(path)
            .row(e.line())
            .because(e)
            .hint("give the transcript.json that dubline writes, or subtitles in SRT or VTT")
    })
}

fn spoken_in(transcript: Transcript, from: &Lang, path: &Path) -> Result<Transcript> {
    if transcript.language.same_language(from) {
        return Ok(transcript);
    }
    Err(Error::new(Kind::Usage, format!("the transcript is in {}, not {}", transcript.language.name(), from.name()))
        .file(path)
        .hint(format!("say --from {}, or leave the file out", transcript.language)))
}
