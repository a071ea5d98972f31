//! Lines: asked of an engine, judged, mended and shortened, each found in the store or put there.

use super::Runner;
use super::pools::{Desks, Need};
use super::sound::{blocking, parse};
use super::step::{Made, Mode, Stop, Tracker};
use crate::engine::{Batch, Fingerprint, Request, Task, Term, Translator};
use crate::error::{Error, Kind, Result};
use crate::glossary::Glossary;
use crate::lang::Lang;
use crate::script::LineState;
use crate::stage::translate::{self, Job, Source, Translated, mend};
use crate::verify::{self, Flaw, Verdict};
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// An engine that can change drafts, with what it is known by.
#[derive(Clone)]
struct Editor {
    engine: Arc<dyn Translator>,
    fingerprint: Fingerprint,
}

/// What all lines of a call share.
#[derive(Clone)]
struct Brief {
    glossary: Arc<Glossary>,
    from: Lang,
    to: Lang,
    synopsis: String,
    style: String,
    /// How much faster than naturally a line may be spoken at most, voice and stretch together.
    fastest: f64,
    /// At the engines that were asked for any of it.
    desks: Arc<Desks>,
}

impl Runner {
    pub(super) async fn write_directly(
        &self,
        tracker: &Arc<Tracker>,
        episode: &super::Job<'_>,
        lines: &[Source],
        from: &Lang,
        to: &Lang,
        engine: Arc<dyn Translator>,
    ) -> Result<HashMap<u32, LineState>, Stop> {
        let glossary = self.glossary(from, to)?;
        let synopsis = self.settings().synopsis.clone();
        let style = self.style(&episode.heard.transcript.language, &glossary)?;
        let made = tokio::task::block_in_place(|| {
            translate::jobs(episode.name, lines, &glossary, engine.as_ref(), &synopsis, &style)
        });
        let jobs = match made {
            Err(error) if self.machine.mode == Mode::Plan && error.exit_code() == 4 => {
                self.machine.note(tracker.work(), &format!("{} {to}", episode.name), true, vec![error.to_string()]);
                return Err(Stop::Planned);
            }
            jobs => jobs?,
        };
        let fit = &self.settings().fit;
        let (from, to, desks) = (from.clone(), to.clone(), Arc::default());
        let brief = Brief { glossary, from, to, synopsis, style, fastest: fit.fastest(), desks };
        // What a person wrote is asked of no engine; the other lines' requests know nothing of it.
        let (from, to) = (&brief.from, &brief.to);
        let (mut states, jobs) = episode.edits.take(to, jobs, &brief.glossary, brief.fastest);
        if jobs.is_empty() {
            return Ok(states);
        }
        let drafts = self.drafts(tracker, &jobs, &brief, Arc::clone(&engine)).await?;
        let editor = tokio::task::block_in_place(|| self.editor(&engine, from, to))?;
        let parallel = editor.as_ref().map_or(1, |editor| editor.engine.load().parallel.max(1));
        let beside: Vec<Vec<(String, String)>> = (0..jobs.len()).map(|index| beside(&jobs, &drafts, index)).collect();
        let polished = jobs.into_iter().zip(beside).map(|(job, beside)| {
            let (draft, brief, editor) = (drafts.get(&job.request.cue).cloned(), brief.clone(), editor.clone());
            async move {
                let desk = Desk { job: &job, beside: &beside, brief: &brief };
                let state = match draft {
                    Some(Ok(draft)) => self.polish(tracker, desk, draft, editor.as_ref()).await?,
                    Some(Err(why)) => LineState::Failed { why },
                    None => return Ok(None),
                };
                Ok::<_, Stop>(Some((job.request.cue, state)))
            }
        });
        let polished: Vec<_> = polished.collect();
        let polished: Vec<_> = stream::iter(polished).buffer_unordered(parallel).collect().await;
        for line in polished.into_iter().filter_map(Result::transpose) {
            let (cue, state) = line?;
            states.insert(cue, state);
        }
        Ok(states)
    }

    /// How people speak in the market. On the way by a middle language the last step's own glossary may say nothing
    /// of it; then that of the source's language does.
    fn style(&self, source: &Lang, glossary: &Glossary) -> Result<String> {
        let style = translate::style(glossary);
        if !style.is_empty() || glossary.from() == source || source.same_language(glossary.to()) {
            return Ok(style);
        }
        Ok(translate::style(self.glossary(source, glossary.to())?.as_ref()))
    }

    /// The engine that mends and shortens: the one that writes, where it can; else the one that the settings name;
    /// else, where the settings leave the translator open too, an embedded language model that is installed.
    fn editor(&self, writer: &Arc<dyn Translator>, from: &Lang, to: &Lang) -> Result<Option<Editor>> {
        let engine = match self.settings().engine.editor.as_str() {
            "none" => return Ok(None),
            "auto" if writer.edits() => Arc::clone(writer),
            // Whoever names an engine wants that one's words.
            "auto" if self.settings().engine.translator != "auto" => return Ok(None),
            "auto" => match self.translators.get(translate::EDITOR) {
                Ok(engine) if engine.fingerprint(from, to).is_ok() => engine,
                _ => return Ok(None),
            },
            name => self.translators.get(name)?,
        };
        if !engine.edits() {
            return Err(Error::new(Kind::Usage, "the editor that is set cannot change a line")
                .hint("set engine.editor to llm, chat, auto or none"));
        }
        let fingerprint = engine.fingerprint(from, to)?;
        Ok(Some(Editor { engine, fingerprint }))
    }

    /// Each line as the engine wrote it, or why it failed; by cue.
    async fn drafts(
        &self,
        tracker: &Arc<Tracker>,
        jobs: &[Job],
        brief: &Brief,
        engine: Arc<dyn Translator>,
    ) -> Result<HashMap<u32, Result<Translated, String>>, Stop> {
        let mut drafts = HashMap::new();
        let mut missing = Vec::new();
        for job in jobs {
            match self.machine.find(tracker, &job.manifest)? {
                Some(stored) => {
                    drafts.insert(job.request.cue, Ok(parse(&stored.bytes)?));
                }
                None => missing.push(job.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(drafts);
        }
        if self.machine.mode == Mode::Plan {
            return Err(Stop::Planned);
        }
        tracker.expect(missing.len() as u64);
        // Of all lines, also of those that are done: what an engine lays down stays the same when a run resumes.
        let terms: Vec<Term> = jobs.iter().flat_map(|job| job.request.terms.iter().cloned()).collect();
        engine.prepare(&brief.from, &brief.to, &terms);
        let asked = missing
            .chunks(engine.batch_size().max(1))
            .map(|jobs| self.ask(tracker, Arc::clone(&engine), brief.clone(), jobs.to_vec()));
        // Collected first: what one batch wrote is kept, whatever becomes of the others.
        let asked: Vec<_> = asked.collect();
        let answers: Vec<_> = stream::iter(asked).buffered(engine.load().parallel.max(1)).collect().await;
        for answer in answers {
            drafts.extend(answer?);
        }
        Ok(drafts)
    }

    /// Asks for one batch; each line goes into the store as soon as it is known.
    async fn ask(
        &self,
        tracker: &Arc<Tracker>,
        engine: Arc<dyn Translator>,
        brief: Brief,
        jobs: Vec<Job>,
    ) -> Result<Vec<(u32, Result<Translated, String>)>> {
        self.machine.cancel.check()?;
        let fingerprint = tokio::task::block_in_place(|| engine.fingerprint(&brief.from, &brief.to))?;
        let permit = self.machine.permit(Need::call(&fingerprint, engine.load()).at(&brief.desks)).await?;
        self.machine.cancel.check()?;
        let (machine, tracker) = (self.machine.clone(), Arc::clone(tracker));
        let answers = blocking(move || {
            let name = fingerprint.to_string();
            let mut answers = Vec::new();
            let mut begun = Instant::now();
            let job_of = |request: &Request| jobs.iter().find(|job| job.request.cue == request.cue);
            let judge = |request: &Request, text: &str| {
                let verdict = job_of(request).map(|job| brief.judge(job, text));
                verdict.and_then(|verdict| verdict.fatal().map(|flaw| flaw.what.clone()))
            };
            let batch = brief.batch(Task::Translate, jobs.iter().map(|job| job.request.clone()).collect());
            translate::ask(engine.as_ref(), batch, &judge, &mut |request, answer| {
                let job = job_of(request);
                let job = job.ok_or_else(|| Error::internal("an answer to a line that was not asked for"))?;
                let answer = match answer {
                    Ok(text) => {
                        let translated = Translated { text, engine: name.clone() };
                        machine.keep(&tracker, &job.manifest, Made::json(&translated)?.by(name.clone()), begun)?;
                        Ok(translated)
                    }
                    // A failed line is not stored: the next run asks again.
                    Err(why) => {
                        machine.events.warn(Some(tracker.work()), format!("line {} failed: {why}", request.cue));
                        Err(why)
                    }
                };
                // The time of a batch counts once, with its first line.
                begun = Instant::now();
                tracker.advance();
                answers.push((request.cue, answer));
                Ok(())
            })?;
            Ok(answers)
        })
        .await;
        drop(permit);
        answers
    }

    /// A draft with its flaws mended where that can be had, shorter wordings where its time asks for them, and
    /// the judgement that stands.
    async fn polish(
        &self,
        tracker: &Arc<Tracker>,
        desk: Desk<'_>,
        draft: Translated,
        editor: Option<&Editor>,
    ) -> Result<LineState, Stop> {
        let Desk { job, brief, .. } = desk;
        let Translated { mut text, engine: mut by } = draft;
        let mut verdict = desk.judge(&text);
        let mut wordings = vec![text.clone()];
        if let Some(editor) = editor {
            if let Some(ask) = mend::repair(job, &text, &verdict, &editor.fingerprint, &brief.to) {
                let answer = self.edit(tracker, Task::Repair, ask, brief, editor).await?;
                let after = desk.judge(&answer);
                if mend::is_repaired(&text, &verdict, &answer, &after, &brief.to) {
                    (text, verdict) = (answer, after);
                    let name = editor.fingerprint.to_string();
                    by = if by == name { by } else { format!("{by}, mended by {name}") };
                    wordings = vec![text.clone()];
                }
            }
            while let Some(ask) = mend::shorten(job, &wordings, &editor.fingerprint, &brief.to) {
                let answer = self.edit(tracker, Task::Shorten, ask, brief, editor).await?;
                let after = desk.judge(&answer);
                if !mend::is_shorter(&wordings, &verdict, &answer, &after, &brief.to) {
                    break;
                }
                wordings.push(answer);
            }
        }
        let all: Vec<&str> = wordings.iter().map(String::as_str).collect();
        let room = (job.room.scaled(brief.fastest), &job.pace);
        let mut verdict = translate::judge_all(&job.request.text, &all, &job.matches, &brief.glossary, room);
        verdict.flaws.extend(desk.repetition(&text));
        let tight = wordings.split_off(1);
        let (terms, flaws, by_way) = (verdict.applied, verdict.flaws, Vec::new());
        Ok(LineState::Written { text, tight, terms, flaws, engine: by, locked: false, by_way })
    }

    /// One edit, found in the store or asked for now; empty where the editor has no usable answer.
    async fn edit(
        &self,
        tracker: &Arc<Tracker>,
        task: Task,
        ask: mend::Ask,
        brief: &Brief,
        editor: &Editor,
    ) -> Result<String, Stop> {
        let name = editor.fingerprint.to_string();
        let batch = brief.batch(task, vec![ask.request]);
        let engine = Arc::clone(&editor.engine);
        let need = Need::call(&editor.fingerprint, engine.load()).at(&brief.desks);
        let make = move || {
            let text = match engine.translate(&batch) {
                Ok(texts) => texts.into_iter().next().unwrap_or_default().trim().to_owned(),
                // It would answer the same again: nothing better is to be had.
                Err(error) if error.kind() == Kind::Answer => String::new(),
                Err(error) => return Err(error),
            };
            Ok(Made::json(&Translated { text, engine: name.clone() })?.by(name))
        };
        let stored = self.machine.step(tracker, ask.manifest, need, make).await?;
        Ok(parse::<Translated>(&stored.bytes)?.text)
    }
}

/// The lines just before and after a line, as source and draft.
fn beside(jobs: &[Job], drafts: &HashMap<u32, Result<Translated, String>>, index: usize) -> Vec<(String, String)> {
    let near = [index.checked_sub(1), Some(index + 1)];
    let said = |job: &Job| {
        let draft = drafts.get(&job.request.cue)?.as_ref().ok()?;
        Some((job.request.text.clone(), draft.text.clone()))
    };
    near.into_iter().flatten().filter_map(|near| jobs.get(near).and_then(said)).collect()
}

/// A line on somebody's desk: with the lines beside it and what all lines share.
#[derive(Clone, Copy)]
struct Desk<'a> {
    job: &'a Job,
    beside: &'a [(String, String)],
    brief: &'a Brief,
}

impl Desk<'_> {
    fn judge(&self, text: &str) -> Verdict {
        let mut verdict = self.brief.judge(self.job, text);
        // What is no translation at all needs no second reason.
        if verdict.fatal().is_none() {
            verdict.flaws.extend(self.repetition(text));
        }
        verdict
    }

    fn repetition(&self, text: &str) -> Option<Flaw> {
        let beside = |(source, said): &(String, String)| {
            verify::repetition(&self.job.request.text, text, (source, said), &self.brief.to)
        };
        self.beside.iter().find_map(beside)
    }
}

impl Brief {
    fn judge(&self, job: &Job, text: &str) -> Verdict {
        translate::judge(&job.request.text, text, &job.matches, &self.glossary, None)
    }

    fn batch(&self, task: Task, lines: Vec<Request>) -> Batch {
        Batch {
            from: self.from.clone(),
            to: self.to.clone(),
            synopsis: self.synopsis.clone(),
            style: self.style.clone(),
            task,
            attempt: 0,
            lines,
        }
    }
}
