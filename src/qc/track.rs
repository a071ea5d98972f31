//! Tracks of the finished file: their kinds and order, languages, titles, and which one plays unasked.

use super::{Check, Remark, Report, Severity, TrackKind, TrackReport};
use crate::lang::Lang;
use crate::supply::Supplied;

pub(super) const ORDER: Check = Check {
    name: "track-order",
    about: "pictures come first, the dub is the first sound, and every track that was asked for is there",
    run: order,
};
pub(super) const LANGUAGE: Check =
    Check { name: "track-language", about: "sound and subtitles say their language, the dub its title", run: language };
pub(super) const DEFAULT: Check =
    Check { name: "default-track", about: "the dub plays unasked, and no other sound does", run: default };

const REMEDY: &str = "run again; if another program has changed the file, change how it is called";

fn remark(severity: Severity, message: impl Into<String>, measured: String, limit: impl Into<String>) -> Remark {
    Remark {
        severity,
        line: None,
        at: None,
        message: message.into(),
        measured,
        limit: limit.into(),
        remedy: REMEDY.into(),
    }
}

/// Is the dub looked for? A file with subtitles alone has the original first.
fn is_dubbed(report: &Report) -> bool {
    !matches!(report.supplied, Supplied::Subtitled { .. })
}

/// The tracks; empty where none were measured.
fn tracks(report: &Report) -> &[TrackReport] {
    report.deliverable.as_ref().map_or(&[], |file| &file.tracks)
}

/// Which of the sounds is the dub.
fn own(report: &Report) -> usize {
    report.deliverable.as_ref().map_or(0, |file| file.sound(&report.language))
}

/// Do its subtitles have to be shown unasked? In a combined file at most one language's are.
fn is_shown(report: &Report) -> bool {
    let Some(file) = &report.deliverable else { return false };
    file.dubs.is_empty() && file.languages.first().is_none_or(|first| *first == report.language)
}

/// The sound tracks in order.
fn sounds(report: &Report) -> Vec<&TrackReport> {
    tracks(report).iter().filter(|track| track.kind == TrackKind::Audio).collect()
}

fn told(language: Option<&Lang>) -> String {
    language.map_or_else(|| "no language".to_owned(), Lang::name)
}

/// Containers tell the language, seldom the region.
fn is_in(track: &TrackReport, language: &Lang) -> bool {
    track.language.as_ref().is_some_and(|own| own.same_language(language))
}

fn order(report: &Report) -> Vec<Remark> {
    let tracks = tracks(report);
    if tracks.is_empty() {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    let kinds: Vec<&str> = tracks.iter().map(|track| track.kind.name()).collect();
    let kinds = kinds.join(", ");
    if report.source.frame.is_some() && tracks[0].kind != TrackKind::Video {
        remarks.push(remark(
            Severity::Error,
            "the first track is not the picture",
            kinds.clone(),
            "video first: simple players show the first track",
        ));
    }
    let subtitled = |track: &TrackReport| track.kind == TrackKind::Subtitle && is_in(track, &report.language);
    let is_there = |track: &&TrackReport| subtitled(track) && (track.default || !is_shown(report));
    if !is_dubbed(report) && tracks.iter().find(is_there).is_none() {
        let (message, limit) = match is_shown(report) {
            true => ("are not shown unasked", ", marked as the default"),
            false => ("are not there", ""),
        };
        remarks.push(remark(
            Severity::Error,
            format!("the subtitles, which are all that there is of the language, {message}"),
            kinds.clone(),
            format!("subtitles in {}{limit}", report.language.name()),
        ));
    }
    let (sounds, own) = (sounds(report), own(report));
    match sounds.get(own) {
        _ if sounds.is_empty() => remarks.push(remark(Severity::Error, "there is no sound", kinds, "the dub")),
        Some(sound) if is_dubbed(report) && sound.language.is_some() && !is_in(sound, &report.language) => {
            let (which, limit) = match own {
                0 => ("first sound".to_owned(), ": simple players play the first sound"),
                _ => (format!("sound {}", own + 1), ""),
            };
            remarks.push(remark(
                Severity::Error,
                format!("the {which} is not the dub"),
                told(sound.language.as_ref()),
                format!("{}{limit}", report.language.name()),
            ));
        }
        Some(_) => {}
        None => remarks.push(remark(
            Severity::Error,
            "the dub is not there",
            format!("{} sounds", sounds.len()),
            format!("{} as sound {}", report.language.name(), own + 1),
        )),
    }
    remarks
}

fn language(report: &Report) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (index, track) in tracks(report).iter().enumerate() {
        let is_dub =
            is_dubbed(report) && sounds(report).get(own(report)).is_some_and(|first| std::ptr::eq(*first, track));
        let speaks = matches!(track.kind, TrackKind::Audio | TrackKind::Subtitle);
        if speaks && track.language.is_none() {
            // What the source left untagged is its own affair.
            let severity = if is_dub { Severity::Error } else { Severity::Note };
            remarks.push(remark(
                severity,
                format!("track {} says no language", index + 1),
                format!("{} {}", track.kind.name(), track.codec),
                "a language tag, by which players choose",
            ));
        }
        if is_dub && track.title.is_none() {
            remarks.push(remark(
                Severity::Note,
                "the dub has no title",
                format!("{} {}", track.kind.name(), track.codec),
                "a title, which players show",
            ));
        }
    }
    remarks
}

fn default(report: &Report) -> Vec<Remark> {
    // In a combined file the first dub plays unasked, and its language's report tells where it does not.
    if !is_dubbed(report) || own(report) > 0 {
        return Vec::new();
    }
    let sounds = sounds(report);
    let Some((dub, others)) = sounds.split_first() else { return Vec::new() };
    let mut remarks = Vec::new();
    if !dub.default {
        let measured = sounds.iter().find(|track| track.default);
        remarks.push(remark(
            Severity::Error,
            "the dub does not play unasked",
            measured.map_or_else(
                || "no sound is the default".to_owned(),
                |track| format!("{} is the default", told(track.language.as_ref())),
            ),
            "the first sound is the default",
        ));
    }
    if let Some(other) = others.iter().find(|track| track.default) {
        remarks.push(remark(
            Severity::Error,
            "another sound than the dub is marked as the default",
            told(other.language.as_ref()),
            "the dub alone is the default",
        ));
    }
    remarks
}
