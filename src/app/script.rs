//! `dubline script`: export, import, status.

use super::{print, print_json, resolve, tell};
use dubline::cli::ScriptCommand;
use dubline::edits::{self, Edits, Format, How, Mark, Orphan, Shown};
use dubline::error::{Error, Kind, Result};
use dubline::progress::Progress;
use dubline::script::Script;
use dubline::store::write_atomically;
use std::path::{Path, PathBuf};

pub(super) fn run(command: &ScriptCommand, progress: &Progress) -> Result<u8> {
    match command {
        ScriptCommand::Export { script, format, output, edits } => {
            let format = match (format, output) {
                (Some(format), _) => Format::from(*format),
                (None, None) => Format::Csv,
                (None, Some(path)) => format_of(path).ok_or_else(|| {
                    Error::new(Kind::Usage, "the name tells no format that scripts are written in")
                        .file(path)
                        .hint("name one with --format (csv, tsv, srt or json), or give the file its extension")
                })?,
            };
            export(&Hand::open(script, edits.as_deref(), None)?, format, output.as_deref(), progress)
        }
        ScriptCommand::Import { edited, of, approve, by, output, edits } => {
            let hand = Hand::open(of, edits.as_deref(), output.clone())?;
            let how = How { approve: *approve, by: by.clone(), when: jiff::Timestamp::now() };
            import(hand, edited, &how, progress)
        }
        ScriptCommand::Status { script, json, edits } => {
            status(&Hand::open(script, edits.as_deref(), None)?, *json, progress)
        }
    }
}

/// The name of a script's episode, where the file tells it.
#[derive(serde::Deserialize)]
struct Named {
    episode: Option<String>,
}

/// A script with the edits that there are for it.
struct Hand {
    /// The episode's name.
    episode: String,
    script: Script,
    edits: Edits,
    /// Where the edits lie, or would.
    path: PathBuf,
}

impl Hand {
    fn open(path: &Path, folder: Option<&Path>, document: Option<PathBuf>) -> Result<Hand> {
        let bytes = read(path)?;
        let script: Script = serde_json::from_slice(&bytes).map_err(|e| {
            Error::new(Kind::Document, "is no script")
                .file(path)
                .row(e.line().max(1))
                .because(e)
                .hint("give the script.json that `dubline run` wrote, for example out/en/episode.script.json")
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The file may be called otherwise than its episode (`deliver.name`); the edits never are.
        let episode =
            serde_json::from_slice::<Named>(&bytes).ok().and_then(|named| named.episode).unwrap_or_else(|| {
                name.strip_suffix(".script.json").or(name.strip_suffix(".json")).unwrap_or(&name).to_owned()
            });
        let path = match document {
            Some(path) => path,
            None => {
                let folder =
                    folder.map_or_else(|| resolve(None).map(|r| r.settings.edits), |named| Ok(named.to_owned()))?;
                folder.join(edits::file_name(&episode, &script.language))
            }
        };
        let edits = match std::fs::read(&path) {
            Ok(bytes) => Edits::parse(&bytes, &script.language).map_err(|error| error.file(&path))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Edits::new(&episode, script.language.clone()),
            Err(e) => return Err(unreadable(&path, e)),
        };
        Ok(Hand { episode, script, edits, path })
    }

    fn tell(&self, orphans: &[Orphan], progress: &Progress) {
        for Orphan { edit, .. } in orphans {
            progress.talk(&format!(
                "warning: the edit of line {} ({:?}, for {:?}) is for no line of this script; it is kept in {}",
                edit.line,
                edit.text,
                edit.source,
                self.path.display()
            ));
        }
    }
}

fn export(hand: &Hand, format: Format, output: Option<&Path>, progress: &Progress) -> Result<u8> {
    let (rows, orphans) = edits::show(&hand.script, &hand.edits);
    hand.tell(&orphans, progress);
    let text = edits::write(&rows, &hand.script.language, format)?;
    let Some(path) = output else { return print(progress, &text) };
    // It may hold what a person wrote and has not imported yet.
    if path.exists() && std::fs::read(path).ok().as_deref() != Some(text.as_bytes()) {
        return Err(Error::new(
            Kind::Usage,
            "this file is already there, and may hold edits that are not imported yet",
        )
        .file(path)
        .hint("choose another name, or remove it"));
    }
    write_atomically(path, text.as_bytes())?;
    progress.mention(&format!("wrote {}", path.display()));
    Ok(0)
}

fn import(hand: Hand, edited: &Path, how: &How, progress: &Progress) -> Result<u8> {
    let rows = edits::read(&read(edited)?, format_of(edited), &hand.script).map_err(|error| error.file(edited))?;
    let orphans = edits::show(&hand.script, &hand.edits).1;
    hand.tell(&orphans, progress);
    let (edits, tally) = edits::merge(&hand.script, hand.edits, &rows, how).map_err(|error| error.file(edited))?;
    for remark in &tally.remarks {
        progress.talk(&format!("warning: {remark}"));
    }
    let mut text = format!(
        "{} edited, {} approved, {} withdrawn, {} unchanged\n",
        tally.edited,
        tally.approved,
        tally.withdrawn,
        tally.unchanged + tally.noted
    );
    if tally.changed() {
        let json =
            serde_json::to_vec_pretty(&edits).map_err(|e| Error::internal("edits have no JSON form").because(e))?;
        write_atomically(&hand.path, &[json.as_slice(), b"\n"].concat())?;
        text.push_str(&format!("wrote {}\n", hand.path.display()));
    }
    tell(progress, &text)
}

fn status(hand: &Hand, json: bool, progress: &Progress) -> Result<u8> {
    let (rows, orphans) = edits::show(&hand.script, &hand.edits);
    let lines =
        |has: &dyn Fn(&Shown) -> bool| -> Vec<u32> { rows.iter().filter(|row| has(row)).map(|row| row.line).collect() };
    let mut counts: Vec<(&str, Vec<u32>)> =
        Mark::ALL.iter().map(|mark| (mark.name(), lines(&|row| row.status == *mark))).collect();
    counts.push(("failed", lines(&|row| row.failed)));
    counts.push(("flawed", lines(&|row| row.flawed)));
    counts.push(("waiting", lines(&|row| row.waiting)));
    if json {
        let mut value = serde_json::json!({
            "episode": hand.episode,
            "language": hand.script.language,
            "lines": rows.len(),
            "edits": hand.path,
            "orphaned_edits": orphans,
        });
        for (name, lines) in counts {
            value[name] = serde_json::json!(lines);
        }
        return print_json(progress, &value);
    }
    let mut text = format!("{} {}: {} lines\n", hand.episode, hand.script.language, rows.len());
    for (name, lines) in &counts {
        text.push_str(&format!("  {name:<9} {:>5}{}\n", lines.len(), listed(name, lines)));
    }
    if !orphans.is_empty() {
        text.push_str(&format!("  {:<9} {:>5}  edits for no line of this script\n", "orphaned", orphans.len()));
    }
    hand.tell(&orphans, progress);
    print(progress, &text)
}

/// What a person has to look at is named, the first few at least.
fn listed(name: &str, lines: &[u32]) -> String {
    const SHOWN: usize = 12;
    let about = match name {
        "failed" => "no wording",
        "flawed" => "something is wrong with the wording",
        "waiting" => "edited since; run again",
        _ => return String::new(),
    };
    if lines.is_empty() {
        return String::new();
    }
    let named: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    let more = if lines.len() > SHOWN { ", …" } else { "" };
    format!("  {about}: {}{more}", named.join(", "))
}

fn format_of(path: &Path) -> Option<Format> {
    path.extension().and_then(|extension| Format::of_extension(&extension.to_string_lossy()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| unreadable(path, e))
}

fn unreadable(path: &Path, e: std::io::Error) -> Error {
    Error::new(Kind::Document, "cannot be read").file(path).because(e).hint("check the path")
}
