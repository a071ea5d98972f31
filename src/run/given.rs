//! Documents that a person handed in: a transcript instead of recognition, a script instead of translation.

use super::{Job, Runner};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::script::{Line, LineState, Script, Transcript};
use crate::series::{Fields, Source, Template};
use crate::stage::{transcribe, translate};
use crate::subtitle;
use crate::time::Delta;
use std::path::{Path, PathBuf};

/// What wrote the lines of a script that was handed in.
const HAND: &str = "script";

impl Runner {
    /// The transcript that was handed in for an episode: the one that is named for it, or the one that the template
    /// of the series leads to, if it is there.
    pub(super) fn given_transcript(&self, source: &Source) -> Result<Option<PathBuf>> {
        let settings = self.settings();
        if let Some(path) = &settings.transcript {
            return Ok(Some(path.clone()));
        }
        let Some(template) = &settings.transcripts else { return Ok(None) };
        let path = PathBuf::from(Template::parse(template)?.fill(&self.fields(source, settings.from.as_ref()))?);
        Ok(path.is_file().then_some(path))
    }

    /// The script that was handed in for an episode. A path that is no template must be there, else it is told.
    pub(super) fn given_script(&self, source: &Source, language: &Lang) -> Result<Option<PathBuf>> {
        let Some(named) = self.settings().scripts.get(language) else { return Ok(None) };
        let template = Template::parse(&named.to_string_lossy())?;
        if !template.tells_episodes() {
            return Ok(Some(named.clone()));
        }
        let path = PathBuf::from(template.fill(&self.fields(source, Some(language)))?);
        Ok(path.is_file().then_some(path))
    }

    /// Judges the lines of a script that was handed in, as a check of it would; `sources` are what its lines were
    /// written for. What is wrong is told, and no line fails for it: a person wrote it, and may know better.
    pub(super) fn verify_given(&self, job: &Job<'_>, sources: &[translate::Source], script: &mut Script) -> Result<()> {
        let glossary = self.glossary(&job.heard.transcript.language, job.language)?;
        let fastest = self.settings().fit.fastest();
        for (index, line) in script.lines.iter_mut().enumerate() {
            let verdict = translate::judge_finished(sources, index, &line.variants(), &glossary, fastest);
            if let LineState::Written { terms, flaws, .. } = &mut line.state {
                (*terms, *flaws) = (verdict.applied, verdict.flaws);
            }
        }
        Ok(())
    }

    /// What the fields of a template stand for.
    pub(super) fn fields<'a>(&'a self, source: &'a Source, language: Option<&'a Lang>) -> Fields<'a> {
        let settings = self.settings();
        Fields {
            title: &settings.title,
            episode: &source.name,
            number: source.number,
            language,
            market: language.map_or("", |language| settings.market(language)),
        }
    }
}

/// A transcript from SRT or WebVTT.
pub(super) fn transcript(path: &Path, language: &Lang) -> Result<Transcript> {
    transcribe::from_subtitles(&read(path)?, path, language)
}

/// A script from JSON (as dubline writes it, by cue number) or from subtitles (by time). A cue without a line fails.
pub(super) fn script(path: &Path, language: &Lang, transcript: &Transcript) -> Result<Script> {
    let bytes = read(path)?;
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    let lines = if is_json { from_json(&bytes) } else { from_captions(&bytes, transcript) };
    let lines = lines.map_err(|error| error.file(path))?;
    let line = |cue: &crate::script::Cue| {
        let text = lines.iter().find(|(id, _)| *id == cue.id).map(|(_, text)| text.trim());
        let state = match text {
            Some(text) if !text.is_empty() => LineState::written(text, HAND),
            _ => LineState::Failed { why: format!("{} has no line for it", path.display()) },
        };
        Line { cue: cue.id, span: cue.span, speaker: cue.speaker.clone(), source: cue.text.clone(), state }
    };
    Ok(Script { language: language.clone(), lines: transcript.cues.iter().map(line).collect() })
}

type Lines = Result<Vec<(u32, String)>>;

fn from_json(bytes: &[u8]) -> Lines {
    #[derive(serde::Deserialize)]
    struct File {
        lines: Vec<Row>,
    }
    #[derive(serde::Deserialize)]
    struct Row {
        cue: u32,
        #[serde(default)]
        text: String,
    }
    let file: File = serde_json::from_slice(bytes).map_err(|e| {
        Error::new(Kind::Document, "is no script")
            .row(e.line())
            .because(e)
            .hint("start from the script.json that dubline writes, and change only the texts")
    })?;
    Ok(file.lines.into_iter().map(|row| (row.cue, row.text)).collect())
}

/// Each caption belongs to the cue that it shares most time with, or else to the nearest one.
fn from_captions(bytes: &[u8], transcript: &Transcript) -> Lines {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for caption in subtitle::read(bytes)? {
        let shared = |cue: &crate::script::Cue| {
            let overlap = cue.span.overlap(caption.span).map_or(Delta::ZERO, |span| span.duration());
            (overlap, -(cue.span.start - caption.span.start).abs())
        };
        let Some(cue) = transcript.cues.iter().max_by_key(|cue| shared(cue)) else { continue };
        let text = caption.text.replace('\n', " ");
        match lines.iter_mut().find(|(id, _)| *id == cue.id) {
            Some((_, line)) => *line = format!("{line} {text}"),
            None => lines.push((cue.id, text)),
        }
    }
    Ok(lines)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|e| Error::new(Kind::Document, "cannot be read").file(path).because(e).hint("check the path"))
}
