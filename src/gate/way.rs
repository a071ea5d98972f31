//! Lines that went by way of another language: what they are judged by.
//!
//! A run judges such a line by its last leg: against the middle line, by the glossary of that pair, and by what the
//! direct pair wants as far as the first leg carried it there. A term that was not carried was asked of nobody, and
//! running again would not bring it.

use crate::error::Result;
use crate::glossary::{Glossaries, Glossary};
use crate::lang::Lang;
use crate::script::{Line, LineState};
use crate::settings::EngineSettings;
use crate::stage::translate::{self, Route, Source};
use crate::verify::{Flaw, FlawKind, Outcome, Verdict};
use std::sync::Arc;

/// The last leg of a line's way.
pub(super) struct Leg {
    pub(super) glossary: Arc<Glossary>,
    /// As the leg had it: the middle line, with the decisions that it brought along.
    pub(super) source: Source,
}

/// The last leg of the line at `index`, whose cues are `sources`; none where it was translated from what the cue says,
/// or its script does not tell.
///
/// # Errors
/// Fails where a glossary cannot be read.
pub(super) fn last_leg(
    sources: &[Source],
    index: usize,
    line: &Line,
    (from, to): (&Lang, &Lang),
    glossaries: &Glossaries,
) -> Result<Option<Leg>> {
    let LineState::Written { by_way, .. } = &line.state else { return Ok(None) };
    let Some((last, before)) = by_way.split_last() else { return Ok(None) };
    let cue = &sources[index];
    let decided = match before.is_empty() {
        true => {
            let first = glossaries.of(from, &last.language)?;
            let matches = translate::matches(sources, index, &first);
            let applied = translate::judge(&cue.text, &last.text, &matches, &first, None).applied;
            translate::carried(&glossaries.of(from, to)?.matches(&cue.text), &applied, &last.text)
        }
        // Over two languages nothing is carried.
        false => Vec::new(),
    };
    let source = Source { text: last.text.clone(), decided, ..cue.clone() };
    Ok(Some(Leg { glossary: glossaries.of(&last.language, to)?, source }))
}

/// The judgement of the last leg, with what else is seen against the cue: a number that was lost on the way, or a
/// wording that the direct pair forbids. What the direct pair wants and the line does not say is no part of it.
pub(super) fn joined(mut last: Verdict, direct: Verdict) -> Verdict {
    let is_known = |flaw: &Flaw| last.flaws.iter().any(|known| (known.kind, &known.entry) == (flaw.kind, &flaw.entry));
    let more: Vec<Flaw> =
        direct.flaws.into_iter().filter(|flaw| flaw.kind != FlawKind::MissedTerm && !is_known(flaw)).collect();
    let told = last.applied.len();
    for kept in direct.applied.into_iter().filter(|applied| applied.outcome == Outcome::Kept) {
        if !last.applied[..told].iter().any(|known| known.origin == kept.origin) {
            last.applied.push(kept);
        }
    }
    last.flaws.extend(more);
    last
}

/// May the line have gone by way of another language, though its script does not say so? Where the settings lead that
/// way, and the engine of the last leg wrote it.
pub(super) fn may_have_gone(line: &Line, from: &Lang, to: &Lang, settings: &EngineSettings) -> bool {
    let LineState::Written { engine, by_way, .. } = &line.state else { return false };
    let Ok(Route::Via(middle)) = translate::route(from, to, settings) else { return false };
    let wrote_it = |name: &str| engine.split_whitespace().next() == Some(name);
    by_way.is_empty() && matches!(translate::route(&middle, to, settings), Ok(Route::Engine(name)) if wrote_it(&name))
}

/// The judgement of a line of which its script does not tell the way. Of decisions that the line does not keep, those
/// count that it was asked to keep, as its script says; and what the script says of words that the cue does not hold
/// was decided by another leg, and stays.
pub(super) fn unsure(line: &Line, mut direct: Verdict) -> Verdict {
    let LineState::Written { terms, flaws, .. } = &line.state else { return direct };
    let was_asked = |origin: &str| terms.iter().any(|term| term.origin == origin);
    direct.flaws.retain(|flaw| flaw.kind != FlawKind::MissedTerm || was_asked(&flaw.origin));
    direct.applied.retain(|applied| applied.outcome == Outcome::Kept || was_asked(&applied.origin));
    let is_elsewhere = |source: &str| !source.is_empty() && !line.source.contains(source);
    let is_told = |origin: &str| direct.applied.iter().any(|applied| applied.origin == origin);
    let other: Vec<_> = terms.iter().filter(|term| is_elsewhere(&term.source) && !is_told(&term.origin)).collect();
    let missed = flaws.iter().filter(|flaw| flaw.kind == FlawKind::MissedTerm);
    direct.flaws.extend(missed.filter(|flaw| other.iter().any(|term| term.origin == flaw.origin)).cloned());
    direct.applied.extend(other.into_iter().cloned());
    direct
}

#[cfg(test)]
mod tests {
    use super::super::{Piece, bare, lines::verify_anew};
    use super::*;
    use crate::glossary::EntryKind;
    use crate::qc::Report;
    use crate::script::{Middle, Script};
    use crate::settings::Settings;
    use crate::time::Span;
    use crate::verify::Applied;

    /// A series whose glossaries decide one thing in both legs, one in the direct pair alone, and one in the last leg.
    fn settings(folder: &std::path::Path) -> Settings {
        let files = [
            ("zh-en", &[("玄铁令", "iron token")][..]),
            ("zh-pt", &[("玄铁令", "selo de ferro"), ("江晚吟", "Jiang Wanyin")]),
            ("en-pt", &[("Moon Palace", "Palácio da Lua")]),
        ];
        for (pair, entries) in files {
            let entry =
                |(source, target): &(&str, &str)| format!("[[entry]]\nsource = \"{source}\"\ntarget = \"{target}\"\n");
            std::fs::create_dir(folder.join(pair)).unwrap();
            std::fs::write(folder.join(pair).join("own.toml"), entries.iter().map(entry).collect::<String>()).unwrap();
        }
        Settings { from: "zh".parse().ok(), glossaries: vec![folder.to_owned()], ..Settings::default() }
    }

    fn line(source: &str, way: &[(&str, &str)], text: &str, engine: &str) -> Line {
        let mut state = LineState::written(text, engine);
        if let LineState::Written { by_way, .. } = &mut state {
            let middle = |(tag, text): &(&str, &str)| Middle { language: tag.parse().unwrap(), text: (*text).into() };
            by_way.extend(way.iter().map(middle));
        }
        Line { cue: 0, span: Span::default(), speaker: None, source: source.into(), state }
    }

    fn judged(settings: &Settings, mut lines: Vec<Line>) -> Report {
        for (line, cue) in lines.iter_mut().zip(1u32..) {
            let start = i64::from(cue) * 5000;
            (line.cue, line.span) = (cue, Span::from_ms(start, start + 4500));
        }
        let script = Script { language: "pt-BR".parse().unwrap(), lines };
        let piece = Piece { episode: "ep".into(), report: None, script: Some("ep.script.json".into()) };
        let mut report = bare(&piece, &script, settings).unwrap();
        let glossaries = Glossaries::new(Arc::new(settings.clone()));
        verify_anew(&mut report, &script, settings, &glossaries).unwrap();
        report
    }

    /// The entries that each line misses.
    fn missed(report: &Report) -> Vec<Vec<&str>> {
        let own = report.lines.iter().map(|line| line.flaws.iter().filter(|flaw| flaw.kind == FlawKind::MissedTerm));
        own.map(|flaws| flaws.map(|flaw| flaw.entry.as_str()).collect()).collect()
    }

    #[test]
    fn a_line_is_judged_by_the_legs_that_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let token = [("en", "The iron token is in my hands.")];
        let report = judged(
            &settings(folder.path()),
            vec![
                line("玄铁令在我手里。", &token, "O selo de ferro está nas minhas mãos.", "nmt m 1"),
                line("玄铁令在我手里。", &token, "A placa de metal está nas minhas mãos.", "nmt m 1"),
                // The first leg knows no such name, so that the last one was never asked for it.
                line(
                    "江晚吟去了月宫。",
                    &[("en", "She went to the Moon Palace.")],
                    "Ela foi à Casa da Lua.",
                    "nmt m 1",
                ),
                line(
                    "江晚吟去了月宫。",
                    &[("en", "She went to the Moon Palace.")],
                    "Ela foi ao Palácio da Lua.",
                    "nmt m 1",
                ),
                line("三百万！", &[("en", "Two million!")], "Dois milhões!", "nmt m 1"),
                line(
                    "玄铁令！",
                    &[("en", "The iron token!"), ("es", "¡La ficha de hierro!")],
                    "A placa de metal!",
                    "nmt m 1",
                ),
            ],
        );
        assert_eq!(missed(&report), [&[][..], &["iron token"], &["Moon Palace"], &[], &[], &[]]);
        let kept = report.lines[0].terms.iter().find(|term| term.target == "selo de ferro").unwrap();
        assert_eq!((kept.source.as_str(), kept.outcome), ("iron token", Outcome::Kept));
        // What was lost in the first leg is seen against the cue.
        assert!(report.lines[4].flaws.iter().any(|flaw| flaw.kind == FlawKind::Number), "{:?}", report.lines[4].flaws);
    }

    #[test]
    fn of_a_way_that_is_not_told_only_what_was_asked_for_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let plain = |engine: &str| line("江晚吟来了。", &[], "Ela chegou.", engine);
        let report = judged(&settings, vec![plain("script"), plain("chat m 1"), plain("nmt m 1")]);
        // By hand, or by another engine than that of the way, it was written for the cue.
        assert_eq!(missed(&report), [&["江晚吟"][..], &["江晚吟"], &[]]);
        let origin = report.lines[0].terms.iter().find(|term| term.source == "江晚吟").unwrap().origin.clone();
        let applied = |source: &str, origin: &str| Applied {
            source: source.into(),
            target: "-".into(),
            found: String::new(),
            kind: EntryKind::Name,
            outcome: Outcome::Missed,
            origin: origin.into(),
        };
        let mut told = plain("nmt m 1");
        if let LineState::Written { terms, flaws, .. } = &mut told.state {
            terms.extend([applied("江晚吟", &origin), applied("Moon Palace", "own.toml:1")]);
            flaws.push(Flaw {
                entry: "Moon Palace".into(),
                origin: "own.toml:1".into(),
                ..Flaw::new(FlawKind::MissedTerm, "Moon Palace should read \"Palácio da Lua\"")
            });
        }
        assert_eq!(missed(&judged(&settings, vec![told])), [["江晚吟", "Moon Palace"]]);
    }
}
