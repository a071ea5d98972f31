//! The series: every episode in every language at one glance, and the share that is dubbed.

use super::{Finding, Report, Severity};
use crate::lang::Lang;
use crate::series::order;
use crate::supply::{Share, Supplied};
use serde::Serialize;
use std::cmp::Ordering;

/// All reports of a series, added up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Version of this format.
    pub schema: u32,
    /// The dubline that made it.
    pub dubline: String,
    /// Everything together.
    pub share: Share,
    /// The dubbed ones as a share of all, 0 to 1.
    pub dubbed_share: f64,
    /// Findings of all reports.
    pub findings: Tally,
    /// Each language, sorted by its tag.
    pub languages: Vec<LanguageRow>,
    /// Each episode, in natural order of their names.
    pub episodes: Vec<EpisodeRow>,
    /// The worst findings first.
    pub worst: Vec<Finding>,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What should not ship.
    pub errors: usize,
    /// What a viewer may notice.
    pub warnings: usize,
    /// What is good to know.
    pub notes: usize,
}

/// One language over all episodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LanguageRow {
    /// The language.
    pub language: Lang,
    /// How its episodes ended.
    pub share: Share,
    /// The dubbed ones as a share of all, 0 to 1.
    pub dubbed_share: f64,
    /// Findings in this language.
    pub findings: Tally,
}

/// One episode over all languages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpisodeRow {
    /// Its name.
    pub episode: String,
    /// One for each language in which it is there.
    pub languages: Vec<Cell>,
}

/// One episode in one language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The language.
    pub language: Lang,
    /// What it is delivered as.
    pub supplied: Supplied,
    /// Its lines.
    pub lines: usize,
    /// Its findings.
    pub findings: Tally,
}

/// Version of the format.
const SCHEMA: u32 = 1;

impl Tally {
    /// Counts.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Tally {
        let mut tally = Tally::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
        }
        tally
    }

    /// All of them.
    pub const fn all(&self) -> usize {
        self.errors + self.warnings + self.notes
    }
}

impl Series {
    /// Adds up.
    pub fn of(reports: &[Report]) -> Series {
        let share = Share::of(reports.iter().map(|report| &report.supplied));
        let mut tags: Vec<&Lang> = reports.iter().map(|report| &report.language).collect();
        tags.sort_by_key(|language| language.tag());
        tags.dedup();
        let language = |language: &Lang| {
            let own = || reports.iter().filter(|report| report.language == *language);
            let share = Share::of(own().map(|report| &report.supplied));
            LanguageRow {
                language: language.clone(),
                share,
                dubbed_share: share.dubbed_share(),
                findings: Tally::of(own().flat_map(|report| &report.findings)),
            }
        };
        let mut names: Vec<&str> = reports.iter().map(|report| report.episode.as_str()).collect();
        names.sort_by(|a, b| order(a, b));
        names.dedup();
        let episode = |name: &str| EpisodeRow {
            episode: name.to_owned(),
            languages: reports.iter().filter(|report| report.episode == name).map(Cell::of).collect(),
        };
        let mut worst: Vec<Finding> = reports.iter().flat_map(|report| report.findings.clone()).collect();
        // Stable: within a severity they stay in the order of the reports.
        worst.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Series {
            schema: SCHEMA,
            dubline: env!("CARGO_PKG_VERSION").to_owned(),
            share,
            dubbed_share: share.dubbed_share(),
            findings: Tally::of(reports.iter().flat_map(|report| &report.findings)),
            languages: tags.into_iter().map(language).collect(),
            episodes: names.into_iter().map(episode).collect(),
            worst,
        }
    }
}

/// Puts reports into the order in which people count: episodes in natural order, the languages of each by their tags.
pub fn sort(reports: &mut [Report]) {
    reports.sort_by(by_episode);
}

pub(super) fn by_episode(a: &Report, b: &Report) -> Ordering {
    order(&a.episode, &b.episode).then_with(|| a.language.tag().cmp(b.language.tag()))
}

impl Cell {
    fn of(report: &Report) -> Cell {
        Cell {
            language: report.language.clone(),
            supplied: report.supplied.clone(),
            lines: report.lines.len(),
            findings: Tally::of(&report.findings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{judge, tests::report};
    use super::*;
    use crate::supply::Reason;

    #[test]
    fn a_series_is_added_up_by_language_and_episode() {
        let named = |episode: &str, language: &str| {
            let (episode, language) = (episode.to_owned(), language.parse().unwrap());
            Report { episode, language, ..report() }
        };
        let mut held = named("ep10", "id");
        held.lines[0].failed = Some("no".into());
        held.supplied = Supplied::Held { why: Reason::FailedLines { failed: 1, allowed: 0 }, lines: vec![1] };
        held.findings = judge(&held);
        let asked = Report { supplied: Supplied::Subtitled { why: Reason::AskedFor }, ..named("ep2", "id") };
        let series = Series::of(&[held, named("ep10", "en"), asked, named("ep2", "en")]);
        assert_eq!(series.share, Share { dubbed: 2, subtitled: 1, held: 1 });
        assert_eq!(series.dubbed_share, 0.5);
        let languages: Vec<(&str, f64)> =
            series.languages.iter().map(|row| (row.language.tag(), row.dubbed_share)).collect();
        assert_eq!(languages, [("en", 1.0), ("id", 0.0)]);
        let episodes: Vec<&str> = series.episodes.iter().map(|row| row.episode.as_str()).collect();
        assert_eq!(episodes, ["ep2", "ep10"]);
        assert!(series.findings.errors >= 1 && series.worst[0].severity == Severity::Error);
        assert_eq!(series.worst[0].episode, "ep10");
    }

    #[test]
    fn reports_are_sorted_as_people_count() {
        let named = |(episode, tag): (&str, &str)| {
            let (episode, language) = (episode.to_owned(), tag.parse().unwrap());
            Report { episode, language, ..report() }
        };
        let mut reports =
            [("第十集", "en"), ("ep10", "en"), ("ep2", "pt-BR"), ("ep2", "en"), ("第九集", "en")].map(named);
        sort(&mut reports);
        let sorted = reports.each_ref().map(|report| (report.episode.as_str(), report.language.tag()));
        assert_eq!(sorted, [("ep2", "en"), ("ep2", "pt-BR"), ("ep10", "en"), ("第九集", "en"), ("第十集", "en")]);
    }
}
