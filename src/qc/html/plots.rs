//! Plots with the limits drawn: loudness and true peak as gauges, reading speed and the level of each take by time.

use super::super::escape::markup;
use super::super::{LoudnessReport, Report, speech};
use super::timeline::Axis;
use crate::subtitle::limits::limits;
use std::fmt::Write;

const HEIGHT: f64 = 96.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 80.0;

/// Draws what was measured.
pub(super) fn draw(out: &mut String, report: &Report) {
    if let Some(loudness) = &report.loudness {
        gauges(out, loudness);
    }
    reading(out, report);
    levels(out, report);
}

/// A scale from `low` to `high` with a marker, the allowed part drawn.
struct Gauge<'a> {
    name: &'a str,
    told: String,
    scale: (f64, f64),
    allowed: (f64, f64),
    value: Option<f64>,
}

fn gauges(out: &mut String, l: &LoudnessReport) {
    let tolerance = l.tolerance_lu;
    out.push_str("<div class=\"gauges\">\n");
    for gauge in [
        Gauge {
            name: "Loudness",
            told: format!(
                "{}, wanted {:.0} ±{tolerance:.0} LUFS{}",
                l.judged_lufs().map_or("silence".to_owned(), |lufs| format!("{lufs:.1} LUFS")),
                l.target_lufs,
                l.told_of()
            ),
            scale: (-36.0, -6.0),
            allowed: (l.target_lufs - tolerance, l.target_lufs + tolerance),
            value: l.judged_lufs(),
        },
        Gauge {
            name: "True peak",
            told: format!("{:.1} dBTP, at most {:.1} dBTP", l.true_peak_dbtp, l.ceiling_dbtp),
            scale: (-18.0, 3.0),
            allowed: (-18.0, l.ceiling_dbtp),
            value: Some(l.true_peak_dbtp),
        },
    ] {
        draw_gauge(out, &gauge);
    }
    out.push_str("</div>\n");
}

fn draw_gauge(out: &mut String, gauge: &Gauge<'_>) {
    let (low, high) = gauge.scale;
    let x = |value: f64| 4.0 + (value.clamp(low, high) - low) / (high - low) * 292.0;
    let (left, right) = (x(gauge.allowed.0), x(gauge.allowed.1));
    let _ = write!(
        out,
        "<figure class=\"gauge\"><figcaption>{} <b>{}</b></figcaption><svg role=\"img\" aria-label=\"{} {1}\" viewBox=\"0 0 300 34\">\
         <rect class=\"scale\" x=\"4\" y=\"8\" width=\"292\" height=\"10\" rx=\"3\"/>\
         <rect class=\"allowed\" x=\"{left:.1}\" y=\"8\" width=\"{:.1}\" height=\"10\"/>",
        gauge.name,
        markup(&gauge.told),
        gauge.name,
        right - left
    );
    if let Some(value) = gauge.value {
        let is_good = value >= gauge.allowed.0 - 1e-9 && value <= gauge.allowed.1 + 1e-9 || value < low;
        let class = if is_good { "good" } else { "bad" };
        let at = x(value);
        let _ = write!(out, "<path class=\"needle {class}\" d=\"M{at:.1} 3v20\"/>");
    }
    let _ = writeln!(
        out,
        "<text class=\"axis\" x=\"4\" y=\"31\">{low:.0}</text><text class=\"axis end\" x=\"296\" y=\"31\">{high:.0}</text></svg></figure>"
    );
}

/// The frame of a plot over time; gives the function from a value to its height.
fn frame(out: &mut String, name: &str, axis: &Axis) {
    let name = markup(name);
    let _ = write!(
        out,
        "<figure class=\"plot\"><figcaption>{name}</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\">\
         <svg role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {w:.0} {HEIGHT}\" width=\"{w:.0}\" height=\"{HEIGHT}\">",
        w = axis.width
    );
    axis.ticks(out, TOP, BOTTOM);
}

fn limit(out: &mut String, axis: &Axis, y: f64, label: &str) {
    let _ = write!(
        out,
        "<path class=\"limit\" d=\"M40 {y:.1}H{:.1}\"/><text class=\"row\" x=\"0\" y=\"{:.1}\">{}</text>",
        axis.width - 4.0,
        y + 3.5,
        markup(label)
    );
}

fn reading(out: &mut String, report: &Report) {
    let Some(file) = report.subtitles.as_ref().filter(|file| !file.captions.is_empty()) else { return };
    let limits = limits(&report.language);
    let most = f64::from(limits.per_second.0);
    let highest = file.captions.iter().map(|caption| caption.speed()).fold(most * 1.25, f64::max).min(most * 3.0);
    let axis = Axis::of(report);
    let y = |speed: f64| BOTTOM - speed.min(highest) / highest * (BOTTOM - TOP);
    let over = file.captions.iter().filter(|caption| caption.speed() > most + 0.5).count();
    let name = format!(
        "Reading speed: {over} of {} captions over {most:.0} characters a second ({})",
        file.captions.len(),
        limits.source
    );
    frame(out, &name, &axis);
    for caption in &file.captions {
        let speed = caption.speed();
        let class = if speed > most + 0.5 { "bad" } else { "good" };
        let (left, right) = (axis.x(caption.span.start), axis.x(caption.span.end));
        let top = y(speed);
        let _ = write!(
            out,
            "<rect class=\"bar {class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{speed:.1} characters a second at {}</title></rect>",
            (right - left).max(1.5),
            BOTTOM - top,
            caption.span.start
        );
    }
    limit(out, &axis, y(most), &format!("{most:.0}/s"));
    out.push_str("</svg></div></figure>\n");
}

fn levels(out: &mut String, report: &Report) {
    let Some(file) = report.deliverable.as_ref().filter(|file| !file.heard.is_empty()) else { return };
    let axis = Axis::of(report);
    let (low, high) = (-70.0, 0.0);
    let y = |level: f64| TOP + (high - level.clamp(low, high)) / (high - low) * (BOTTOM - TOP);
    let silent = file.heard.iter().filter(|heard| heard.level_dbfs < speech::FLOOR_DBFS).count();
    let name = format!("Level of the dub under each line: {silent} of {} silent", file.heard.len());
    frame(out, &name, &axis);
    for heard in &file.heard {
        let (left, right) = (axis.x(heard.span.start), axis.x(heard.span.end));
        let class = if heard.level_dbfs < speech::FLOOR_DBFS { "bad" } else { "good" };
        let at = y(heard.level_dbfs);
        let _ = write!(
            out,
            "<path class=\"level {class}\" d=\"M{left:.1} {at:.1}H{:.1}\"><title>line {}: {:.0} dBFS</title></path>",
            right.max(left + 1.5),
            heard.line,
            heard.level_dbfs
        );
    }
    limit(out, &axis, y(speech::FLOOR_DBFS), &format!("{:.0}", speech::FLOOR_DBFS));
    out.push_str("</svg></div></figure>\n");
}
