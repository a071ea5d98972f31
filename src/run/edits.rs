//! People's edits in the recipe: read, put to the cues of this transcript, and set above what engines write.
//!
//! Does not know how an edit finds its cue; `edits.rs` does.

use super::paces::Paces;
use super::{Job, Runner};
use crate::edits::{self, Edit, Edits, Orphan};
use crate::error::{Error, Kind, Result};
use crate::event::Stage;
use crate::glossary::{Glossary, Match};
use crate::lang::Lang;
use crate::pace::Pace;
use crate::script::{LineState, Script, Transcript};
use crate::series::Source;
use crate::settings::EngineSettings;
use crate::stage::translate::{self, Route};
use crate::time::{Delta, Span, Time};
use crate::timeline;
use crate::verify::FlawKind;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What wrote the lines that have an edit.
const PERSON: &str = "a person";

/// The edits of one episode, for a target language and those by way of which it is translated.
pub(super) struct Edited {
    languages: HashMap<Lang, Document>,
    /// Edits that found no cue.
    pub(super) orphans: Vec<Orphan>,
}

struct Document {
    path: PathBuf,
    /// By cue.
    of: BTreeMap<u32, Edit>,
}

impl Runner {
    /// Reads the edits that matter for `language` and warns of those that find no cue.
    pub(super) fn edits(&self, source: &Source, transcript: &Transcript, language: &Lang) -> Result<Edited> {
        let mut edited = Edited { languages: HashMap::new(), orphans: Vec::new() };
        if self.settings().until < Stage::Translate {
            return Ok(edited);
        }
        let name = source.name.as_str();
        let given = self.given_script(source, language)?.is_some();
        let mut on_the_way = vec![language.clone()];
        if !given {
            by_way_of(&transcript.language, language, &self.settings().engine, &mut on_the_way);
        }
        let work = self.work(name, Stage::Translate, Some(language));
        for on_the_way in on_the_way {
            let path = self.settings().edits.join(edits::file_name(name, &on_the_way));
            let Some(found) = read(&path, &on_the_way)? else { continue };
            let followed = edits::follow(&found.edits, &edits::cues(transcript));
            // A language that is dubbed itself tells its own.
            let told = on_the_way == *language || !self.settings().to.contains(&on_the_way);
            for &index in &followed.orphans {
                let edit = found.edits[index].clone();
                if told {
                    let message = format!(
                        "the edit of line {} in {on_the_way} found no line in this transcript and is left out: {:?}, for {:?}; it is kept in {}",
                        edit.line,
                        edit.text,
                        edit.source,
                        path.display()
                    );
                    self.machine.events.warn(Some(&work), message);
                }
                edited.orphans.push(Orphan { language: on_the_way.clone(), edit });
            }
            let of = followed.of.iter().map(|(&cue, &index)| (cue, found.edits[index].clone())).collect();
            edited.languages.insert(on_the_way, Document { path, of });
        }
        Ok(edited)
    }

    /// Sets the edits above whatever became of their lines: failed by the way, or handed in.
    pub(super) fn edits_win(&self, job: &Job<'_>, script: &mut Script, paces: &Paces) -> Result<()> {
        let Some(document) = job.edits.languages.get(job.language) else { return Ok(()) };
        let locked = |state: &LineState| matches!(state, LineState::Written { locked: true, .. });
        let (from, to) = (&job.heard.transcript.language, job.language);
        let (lines, fit) = (&mut script.lines, &self.settings().fit);
        if !lines.iter().any(|line| document.of.contains_key(&line.cue) && !locked(&line.state)) {
            return Ok(());
        }
        let glossary = self.glossary(from, to)?;
        let spans: Vec<Span> = lines.iter().map(|line| line.span).collect();
        let songs = job.heard.transcript.songs();
        let rooms = timeline::rooms(&spans, &songs, Time::ZERO + job.episode.duration, fit);
        for (line, room) in lines.iter_mut().zip(rooms).filter(|(line, _)| !locked(&line.state)) {
            if let Some(edit) = document.of.get(&line.cue) {
                let matches = glossary.matches(&line.source);
                let room = room.scaled(fit.fastest());
                let pace = paces.of(line.speaker.as_deref());
                line.state = document.written(edit, &line.source, &matches, &glossary, (room, pace));
            }
        }
        Ok(())
    }
}

impl Edited {
    /// Takes out the jobs of lines that a person wrote, and gives those lines' states by cue. A take may be
    /// `fastest` times as fast as a voice speaks naturally.
    pub(super) fn take(
        &self,
        to: &Lang,
        jobs: Vec<translate::Job>,
        glossary: &Glossary,
        fastest: f64,
    ) -> (HashMap<u32, LineState>, Vec<translate::Job>) {
        let mut states = HashMap::new();
        let Some(document) = self.languages.get(to) else { return (states, jobs) };
        let mut rest = Vec::with_capacity(jobs.len());
        for job in jobs {
            match document.of.get(&job.request.cue) {
                Some(edit) => {
                    let room = (job.room.scaled(fastest), &job.pace);
                    let state = document.written(edit, &job.request.text, &job.matches, glossary, room);
                    states.insert(job.request.cue, state);
                }
                None => rest.push(job),
            }
        }
        (states, rest)
    }
}

impl Document {
    /// A person's line: its flaws are told, but only one that cannot be spoken at all fails. `room` is the time that
    /// its tightest wording has, spoken as fast as may be, and the pace of its voice.
    fn written(
        &self,
        edit: &Edit,
        source: &str,
        matches: &[Match],
        glossary: &Glossary,
        room: (Delta, &Pace),
    ) -> LineState {
        let wordings: Vec<&str> = std::iter::once(&edit.text).chain(&edit.tight).map(String::as_str).collect();
        let verdict = translate::judge_all(source, &wordings, matches, glossary, room);
        if verdict.flaws.iter().any(|flaw| flaw.kind == FlawKind::Empty) {
            let path = self.path.display();
            return LineState::Failed {
                why: format!("its edit in {path} is empty: write a text there, or remove the edit"),
            };
        }
        LineState::Written {
            text: edit.text.clone(),
            tight: edit.tight.clone(),
            terms: verdict.applied,
            flaws: verdict.flaws,
            engine: PERSON.into(),
            locked: true,
            by_way: Vec::new(),
        }
    }
}

/// Adds the languages by way of which `to` is translated. What is wrong with a route is told by who goes it.
fn by_way_of(from: &Lang, to: &Lang, settings: &EngineSettings, languages: &mut Vec<Lang>) {
    if let Ok(Route::Via(middle)) = translate::route(from, to, settings)
        && !languages.contains(&middle)
    {
        languages.push(middle.clone());
        by_way_of(from, &middle, settings, languages);
        by_way_of(&middle, to, settings, languages);
    }
}

/// The document of edits, where there is one.
fn read(path: &Path, language: &Lang) -> Result<Option<Edits>> {
    match std::fs::read(path) {
        Ok(bytes) => Edits::parse(&bytes, language).map(Some).map_err(|error| error.file(path)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::new(Kind::Document, "the edits cannot be read")
            .file(path)
            .because(e)
            .hint("check the folder of the edits (--edits) and its permissions")),
    }
}
