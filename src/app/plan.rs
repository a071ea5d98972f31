//! `dubline plan`: what would run for which episode and language, why, and what it will take.

use super::episodes::runner;
use super::sources::{self, Asked};
use super::{print, print_json};
use dubline::cancel::Cancel;
use dubline::cli::Job;
use dubline::engine;
use dubline::error::{Error, Kind, Result};
use dubline::estimate::{self, Ahead, Estimate, Rates};
use dubline::event::{Events, Stage};
use dubline::lang::Lang;
use dubline::progress::Progress;
use dubline::qc::Report;
use dubline::run::{Mode, Outcome, PlanItem};
use dubline::series::Source;
use dubline::settings::Settings;
use dubline::stage::translate::{Route, route};
use std::collections::BTreeMap;
use std::path::Path;

/// A plan with what it was made from.
struct Planned {
    settings: Settings,
    sources: Vec<Source>,
    outcomes: Vec<Outcome>,
    items: Vec<PlanItem>,
}

/// How a plan is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Show {
    pub(super) explain: bool,
    pub(super) json: bool,
    pub(super) estimate: bool,
}

pub(super) async fn run(job: &Job, show: Show, progress: &Progress, cancel: Cancel) -> Result<u8> {
    let planned = planned(job, progress.events(), cancel).await?;
    let estimate = planned.estimate();
    if show.json {
        return if show.estimate { print_json(progress, &estimate) } else { print_json(progress, &planned.items) };
    }
    let mut text = String::new();
    if !show.estimate {
        text = match planned.sources.len() > 1 && !show.explain {
            true => matrix(&planned.items, &planned.settings.to),
            false => table(&planned.items, show.explain),
        };
    }
    text.push_str(&told(&estimate, &planned));
    print(progress, &text)
}

/// Fails where the job costs more than `most`.
///
/// # Errors
/// Fails as usage where it does, or where no price is known of an engine that is paid for.
pub(super) async fn is_affordable(job: &Job, most: f64, progress: &Progress, cancel: Cancel) -> Result<()> {
    // What a plan tells of stages is of no interest here.
    let planned = planned(job, Events::silent(), cancel).await?;
    let estimate = planned.estimate();
    if let Some(engine) = estimate.engines.iter().find(|(name, used)| used.cost.is_none() && is_remote(name)) {
        return Err(Error::new(
            Kind::Usage,
            format!("no price is known of {}, so its cost cannot be bounded", engine.0),
        )
        .hint(format!("name it: [prices.{}] per-million-characters = 20.0 (0 where it costs nothing)", engine.0)));
    }
    if estimate.cost > most {
        return Err(Error::new(
            Kind::Usage,
            format!("about {:.2} would be spent, more than the {most:.2} that --max-cost allows", estimate.cost),
        )
        .hint("`dubline plan` tells what on; raise --max-cost, or run fewer episodes or languages"));
    }
    progress.mention(&format!("about {:.2} will be spent, of {most:.2} at most", estimate.cost));
    Ok(())
}

async fn planned(job: &Job, events: Events, cancel: Cancel) -> Result<Planned> {
    let Asked { resolved, sources, .. } = sources::of(job)?;
    let settings = resolved.settings.clone();
    let runner = runner(resolved, Mode::Plan, events, cancel)?;
    let mut outcomes = Vec::new();
    for source in &sources {
        outcomes.push(runner.episode(source).await?);
    }
    Ok(Planned { settings, sources, outcomes, items: runner.plan() })
}

impl Planned {
    fn estimate(&self) -> Estimate {
        let mut by_work: BTreeMap<Cell<'_>, Vec<&PlanItem>> = BTreeMap::new();
        for item in &self.items {
            let work = (item.work.episode.as_str(), item.work.stage, item.work.language.as_ref().map(Lang::tag));
            by_work.entry(work).or_default().push(item);
        }
        let mut ahead = Vec::new();
        for (source, outcome) in self.sources.iter().zip(&self.outcomes) {
            for (index, to) in self.settings.to.iter().enumerate() {
                let items = |stage: Stage| {
                    let language = (stage >= Stage::Translate).then_some(to.tag());
                    by_work.get(&(source.name.as_str(), stage, language)).map(Vec::as_slice)
                };
                let share = |stage: Stage| {
                    // What all languages share is done once.
                    if stage < Stage::Translate && index > 0 {
                        return Some(0.0);
                    }
                    let items = items(stage)?;
                    Some(items.iter().filter(|item| item.to_do).count() as f64 / items.len().max(1) as f64)
                };
                let open = Stage::ALL.iter().filter_map(|stage| Some((*stage, share(*stage)?))).collect();
                let characters = |stage: Stage| {
                    items(stage).map(|items| items.iter().filter(|item| item.to_do).map(|item| item.characters).sum())
                };
                let from = outcome.from.clone().or_else(|| self.settings.from.clone());
                ahead.push(Ahead {
                    seconds: outcome.duration.map_or(0.0, |duration| duration.seconds()),
                    translators: translators(from.as_ref(), to, &self.settings),
                    synthesizer: self.settings.engine.synthesizer_of(to).to_owned(),
                    from,
                    to: to.clone(),
                    open,
                    to_translate: characters(Stage::Translate),
                    to_speak: characters(Stage::Synthesize),
                });
            }
        }
        let rates = rates(&self.settings.out);
        estimate::estimate(&ahead, &rates, self.settings.thread_budget(), &self.settings.prices)
    }
}

/// The engines that write a language: one, or each on the way by another language.
fn translators(from: Option<&Lang>, to: &Lang, settings: &Settings) -> Vec<String> {
    let Some(from) = from else { return vec![settings.engine.translator.clone()] };
    match route(from, to, &settings.engine) {
        Ok(Route::Engine(engine)) => vec![engine],
        Ok(Route::Via(middle)) => {
            let mut way = translators(Some(from), &middle, settings);
            way.extend(translators(Some(&middle), to, settings));
            way
        }
        Err(_) => vec![settings.engine.translator.clone()],
    }
}

/// What earlier reports in the output folder measured, over the usual rates.
fn rates(out: &Path) -> Rates {
    /// More of them tell no more.
    const MOST: usize = 40;
    let reports = |folder: std::path::PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = std::fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = folders.filter(|path| path.is_dir()).flat_map(reports).map(|entry| entry.path());
    let named = files.filter(|path| path.to_string_lossy().ends_with(".report.json"));
    let read = named.take(MOST).filter_map(|path| Report::parse(&std::fs::read(path).ok()?).ok());
    let measured = read.flat_map(|report| {
        let seconds = report.source.duration.seconds();
        report.stages.into_iter().map(move |stage| (stage.stage, stage.work_seconds, seconds))
    });
    estimate::rates(measured.collect::<Vec<_>>())
}

fn is_remote(engine: &str) -> bool {
    engine::REMOTE.contains(&engine)
}

fn told(estimate: &Estimate, planned: &Planned) -> String {
    let minutes = estimate.seconds / 60.0;
    let time = match minutes {
        m if m < 1.0 => format!("{:.0} s", estimate.seconds.ceil()),
        m if m < 120.0 => format!("{m:.0} min"),
        m => format!("{:.1} h", m / 60.0),
    };
    let threads = planned.settings.thread_budget();
    let mut text = format!("about {time} on {threads} threads\n");
    for (name, used) in estimate.engines.iter().filter(|(name, used)| is_remote(name) && used.characters > 0) {
        let tokens = match name.as_str() {
            "chat" => format!(", {} tokens in, {} out", used.tokens_in, used.tokens_out),
            _ => String::new(),
        };
        let cost = match used.cost {
            Some(cost) => format!("about {cost:.2}"),
            None => format!("no price is known: [prices.{name}] in dubline.toml"),
        };
        text.push_str(&format!("{name}: about {} characters{tokens}: {cost}\n", used.characters));
    }
    text
}

/// An episode's stage, in a language where it has one.
type Cell<'a> = (&'a str, Stage, Option<&'a str>);

/// A row for each episode: the stages that all languages share, then each language, with what is to do of each.
fn matrix(plan: &[PlanItem], languages: &[Lang]) -> String {
    // Where nothing is separated, that is nothing to do.
    let is_in = |stage: &Stage| *stage != Stage::Separate || plan.iter().any(|item| item.work.stage == *stage);
    let shared = [Stage::Probe, Stage::Decode, Stage::Separate, Stage::Transcribe].into_iter().filter(is_in);
    let shared: Vec<Stage> = shared.collect();
    let own = [Stage::Translate, Stage::Synthesize, Stage::Fit, Stage::Mix, Stage::Mux];
    let mut episodes: Vec<&str> = Vec::new();
    let mut cells: BTreeMap<Cell<'_>, (usize, usize, usize)> = BTreeMap::new();
    for item in plan {
        let episode = item.work.episode.as_str();
        if episodes.last() != Some(&episode) && !episodes.contains(&episode) {
            episodes.push(episode);
        }
        let cell = cells.entry((episode, item.work.stage, item.work.language.as_ref().map(Lang::tag))).or_default();
        *cell = (cell.0 + 1, cell.1 + usize::from(item.to_do), cell.2 + usize::from(item.stale));
    }
    let width = episodes.iter().map(|name| name.chars().count()).max().unwrap_or(7).max(7);
    let mut text = format!("{:width$} {:<8}", "episode", "language");
    for stage in shared.iter().chain(&own) {
        text.push_str(&format!(" {:>10}", stage.name()));
    }
    text.push('\n');
    let (mut done, mut all) = (0, 0);
    for episode in episodes {
        for (index, language) in languages.iter().enumerate() {
            text.push_str(&format!("{episode:width$} {:<8}", language.tag()));
            let mut open = false;
            for stage in shared.iter().chain(&own) {
                let of = (*stage >= Stage::Translate).then_some(language.tag());
                let cell = cells.get(&(episode, *stage, of));
                open |= cell.is_none_or(|(_, to_do, _)| *to_do > 0);
                let shown = match cell {
                    _ if of.is_none() && index > 0 => String::new(),
                    Some((_, 0, _)) => "done".to_owned(),
                    Some((count, to_do, 0)) if count == to_do => "to do".to_owned(),
                    Some((_, to_do, 0)) => format!("{to_do} to do"),
                    Some((_, _, stale)) => format!("{stale} stale"),
                    None => "to do".to_owned(),
                };
                text.push_str(&format!(" {shown:>10}"));
            }
            text.push('\n');
            all += 1;
            done += usize::from(!open);
        }
    }
    text.push_str(&format!("{done} of {all} done; --explain says why the others are not\n"));
    text
}

/// One row for each stage of each episode and language, in flow order.
fn table(plan: &[PlanItem], explain: bool) -> String {
    let mut text = String::new();
    let mut rest = plan;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|item| item.work == first.work).count();
        let (items, later) = rest.split_at(count);
        rest = later;
        let to_do = items.iter().filter(|item| item.to_do).count();
        let state = match (to_do, count) {
            (0, 1) => "done".to_owned(),
            (0, n) => format!("done ({n})"),
            (1, 1) => "to do".to_owned(),
            (m, n) => format!("{m} of {n} to do"),
        };
        let language = first.work.language.as_ref().map_or("", |language| language.tag());
        text.push_str(&format!("{:<24} {language:<8} {:<11} {state}\n", first.work.episode, first.work.stage));
        if explain {
            for item in items.iter().filter(|item| item.to_do) {
                text.push_str(&format!("    {}: {}\n", item.subject, item.why.join("; ")));
            }
        }
    }
    text
}
