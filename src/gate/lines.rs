//! Lines against the glossaries now in force, and names across episodes.

use super::way;
use crate::error::Result;
use crate::glossary::{Glossaries, Glossary};
use crate::lang::Lang;
use crate::pace::Pace;
use crate::qc::{NameReport, Report};
use crate::script::{LineState, Script};
use crate::settings::Settings;
use crate::stage::translate::{self, Source};
use crate::time::{Span, Time};
use crate::timeline;
use crate::verify::{NamedLine, Rendering, names_twice};
use std::collections::HashMap;

/// Judges each line of the script as a run would judge it today, and puts that in the place of what the report says.
///
/// # Errors
/// Fails where a glossary cannot be read.
pub(super) fn verify_anew(
    report: &mut Report,
    script: &Script,
    settings: &Settings,
    glossaries: &Glossaries,
) -> Result<()> {
    let (fit, engines) = (&settings.fit, &settings.engine);
    let spans: Vec<Span> = script.lines.iter().map(|line| line.span).collect();
    let sung = report.removed.iter().filter(|removed| removed.sung);
    let songs: Vec<Span> = sung.map(|removed| removed.span).collect();
    let rooms = timeline::rooms(&spans, &songs, Time::ZERO + report.source.duration, fit);
    let fastest = fit.fastest();
    let paces = paces(report);
    let pace_of = |cue: u32| {
        let told = report.lines.iter().find(|told| told.line == cue);
        let voice = told.and_then(|told| Some(told.take.as_ref()?.voice.as_str()));
        voice.and_then(|voice| paces.get(voice)).cloned().unwrap_or_else(|| Pace::new(&script.language))
    };
    let source = |(line, room): (&crate::script::Line, crate::time::Delta)| Source {
        cue: line.cue,
        span: line.span,
        text: line.source.clone(),
        speaker: line.speaker.clone(),
        room,
        pace: pace_of(line.cue),
        decided: Vec::new(),
    };
    let sources: Vec<Source> = script.lines.iter().zip(rooms).map(source).collect();
    let pair = (&report.from, &script.language);
    let glossary = glossaries.of(pair.0, pair.1)?;
    let mut legs = Vec::new();
    let mut last = sources.clone();
    for (index, line) in script.lines.iter().enumerate() {
        let leg = way::last_leg(&sources, index, line, pair, glossaries)?;
        if let Some(leg) = &leg {
            last[index] = leg.source.clone();
        }
        legs.push(leg.map(|leg| leg.glossary));
    }
    for (index, (line, leg)) in script.lines.iter().zip(legs).enumerate() {
        let Some(told) = report.lines.iter_mut().find(|told| told.line == line.cue) else { continue };
        if !matches!(line.state, LineState::Written { .. }) {
            continue;
        }
        let judged = |sources: &[Source], glossary: &Glossary| {
            translate::judge_finished(sources, index, &line.variants(), glossary, fastest)
        };
        let direct = judged(&sources, &glossary);
        let verdict = match leg {
            Some(glossary) => way::joined(judged(&last, &glossary), direct),
            None if way::may_have_gone(line, pair.0, pair.1, engines) => way::unsure(line, direct),
            None => direct,
        };
        (told.terms, told.flaws) = (verdict.applied, verdict.flaws);
    }
    Ok(())
}

/// How fast each voice speaks, by its takes.
fn paces(report: &Report) -> HashMap<String, Pace> {
    let mut paces: HashMap<String, Pace> = HashMap::new();
    for line in &report.lines {
        if let (Some(take), Some(text)) = (&line.take, &line.text) {
            let pace = paces.entry(take.voice.clone()).or_insert_with(|| Pace::new(&report.language));
            pace.observe(text, take.duration.scaled(take.speed));
        }
    }
    paces
}

/// Finds names that the episodes of a language spell in two ways, and tells them in the reports of the lines that
/// differ.
pub(super) fn compare_names(reports: &mut [Report]) {
    let mut pairs: Vec<(Lang, Lang)> = Vec::new();
    for report in reports.iter_mut() {
        report.names.clear();
        let pair = (report.from.clone(), report.language.clone());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    for (from, to) in pairs {
        let of_pair = |report: &&Report| report.from == from && report.language == to;
        let named: Vec<NamedLine<'_>> = reports.iter().filter(of_pair).flat_map(named).collect();
        let two = names_twice(named, &from);
        let mut told: Vec<(String, NameReport)> = Vec::new();
        for name in two {
            let Some((usual, others)) = name.renderings.split_first() else { continue };
            let elsewhere = usual.lines.first().map(|(episode, line)| format!("{episode}, line {line}"));
            for Rendering { wording, lines } in others {
                for (episode, line) in lines {
                    let name = NameReport {
                        line: *line,
                        at: Time::ZERO,
                        source: name.source.clone(),
                        wording: wording.clone(),
                        usual: usual.wording.clone(),
                        listed: name.listed,
                        elsewhere: elsewhere.clone().unwrap_or_default(),
                    };
                    told.push((episode.clone(), name));
                }
            }
        }
        for report in reports.iter_mut().filter(|report| report.from == from && report.language == to) {
            for (episode, name) in &told {
                let line = report.lines.iter().find(|line| line.line == name.line);
                if *episode == report.episode
                    && let Some(line) = line
                {
                    report.names.push(NameReport { at: line.cue.start, ..name.clone() });
                }
            }
        }
    }
}

fn named(report: &Report) -> impl Iterator<Item = NamedLine<'_>> {
    report.lines.iter().filter_map(|line| {
        Some(NamedLine {
            episode: &report.episode,
            line: line.line,
            source: &line.source,
            text: line.text.as_deref()?,
            applied: &line.terms,
        })
    })
}
