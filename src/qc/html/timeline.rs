//! A picture of an episode: cues above, takes below coloured by how far they are stretched, flags under them.

use super::super::escape::markup;
use super::super::{LineReport, Report, Severity};
use crate::time::{Span, Time};
use std::fmt::Write;

/// Units across for each second, and at least in all.
const PER_SECOND: f64 = 9.0;
const NARROWEST: f64 = 1060.0;
/// Longer films are drawn closer.
const WIDEST: f64 = 12_000.0;
/// Room for the rows' names.
const LEFT: f64 = 46.0;
const HEIGHT: f64 = 104.0;

/// From unhurried to what viewers do not accept; the steps of the check of stretch.
pub(super) fn colour(stretch: f64) -> &'static str {
    match stretch {
        s if s <= 1.001 => "natural",
        s if s <= 1.1 => "little",
        s if s <= 1.2 => "much",
        _ => "toomuch",
    }
}

pub(super) struct Axis {
    pub(super) width: f64,
    seconds: f64,
}

impl Axis {
    pub(super) fn of(report: &Report) -> Axis {
        let ends =
            report.lines.iter().map(|line| line.cue.end.max(line.take.as_ref().map_or(Time::ZERO, |t| t.span.end)));
        let seconds = ends.max().map_or(0.0, Time::seconds).max(report.source.duration.seconds()).max(1.0);
        Axis { width: (seconds * PER_SECOND).clamp(NARROWEST, WIDEST) + LEFT, seconds }
    }

    pub(super) fn x(&self, time: Time) -> f64 {
        LEFT + time.seconds() / self.seconds * (self.width - LEFT - 4.0)
    }

    /// Left edge and width of a span, never too narrow to be seen.
    fn bar(&self, span: Span) -> (f64, f64) {
        let left = self.x(span.start);
        (left, (self.x(span.end) - left).max(1.5))
    }

    /// Lines and times at whole steps.
    pub(super) fn ticks(&self, out: &mut String, top: f64, bottom: f64) {
        let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
        let wide = |step: &&f64| **step / self.seconds * (self.width - LEFT) >= 56.0;
        let step = steps.iter().find(wide).copied().unwrap_or(3600.0);
        for index in 0.. {
            let seconds = f64::from(index) * step;
            if seconds > self.seconds {
                break;
            }
            let x = self.x(Time::from_seconds(seconds));
            let (minutes, rest) = ((seconds / 60.0).floor(), seconds % 60.0);
            let _ = write!(out, "<path class=\"tick\" d=\"M{x:.1} {top}V{bottom}\"/>");
            // At the very end there is no room for a time.
            if x + 30.0 < self.width {
                let (x, y) = (x + 2.0, bottom + 10.0);
                let _ = write!(out, "<text class=\"axis\" x=\"{x:.1}\" y=\"{y}\">{minutes}:{rest:02}</text>");
            }
        }
    }
}

/// Draws the timeline of a report.
pub(super) fn draw(out: &mut String, report: &Report) {
    if report.lines.is_empty() {
        return;
    }
    let axis = Axis::of(report);
    let name = markup(&format!("Timeline of {} in {}", report.episode, report.language.name()));
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\">\n\
         <svg class=\"timeline\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {w:.0} {HEIGHT}\" width=\"{w:.0}\" height=\"{HEIGHT}\">\n",
        w = axis.width
    );
    axis.ticks(out, 4.0, 90.0);
    for (y, row) in [(20.0, "cues"), (48.0, "takes"), (76.0, "flags")] {
        let _ = write!(out, "<text class=\"row\" x=\"0\" y=\"{y}\">{row}</text>");
    }
    out.push('\n');
    for line in &report.lines {
        draw_line(out, report, line, &axis);
    }
    out.push_str("</svg>\n</div>\n");
    if report.lines.iter().any(|line| line.take.is_some()) {
        out.push_str("<p class=\"legend\">");
        for (class, name) in [
            ("natural", "natural"),
            ("little", "up to 1.1×"),
            ("much", "up to 1.2×"),
            ("toomuch", "more"),
            ("missing", "no take"),
        ] {
            let _ = write!(out, "<span><i class=\"{class}\"></i>{name}</span> ");
        }
        out.push_str("</p>\n");
    }
}

fn draw_line(out: &mut String, report: &Report, line: &LineReport, axis: &Axis) {
    let (x, w) = axis.bar(line.cue);
    let told = markup(&format!("line {} at {}: {}", line.line, line.cue.start, line.source));
    let _ = write!(
        out,
        "<rect class=\"cue\" x=\"{x:.1}\" y=\"10\" width=\"{w:.1}\" height=\"14\" rx=\"2\"><title>{told}</title></rect>"
    );
    match &line.take {
        Some(take) => {
            let (x, w) = axis.bar(take.span);
            let text = line.text.as_deref().unwrap_or_default();
            let told = markup(&format!("line {}, stretched {:.2}×: {text}", line.line, take.stretch));
            let _ = write!(
                out,
                "<rect class=\"take {}\" x=\"{x:.1}\" y=\"36\" width=\"{w:.1}\" height=\"16\" rx=\"2\"><title>{told}</title></rect>",
                colour(take.stretch)
            );
        }
        None => {
            let told = markup(&format!("line {}: {}", line.line, line.failed.as_deref().unwrap_or("no take")));
            let _ = write!(
                out,
                "<rect class=\"missing\" x=\"{x:.1}\" y=\"36\" width=\"{w:.1}\" height=\"16\" rx=\"2\"><title>{told}</title></rect>"
            );
        }
    }
    let own = report.findings.iter().filter(|finding| finding.line == Some(line.line));
    if let Some(worst) = own.clone().map(|finding| finding.severity).max() {
        let told: Vec<String> = own.map(|f| format!("line {}, {}: {}", line.line, f.check, f.message)).collect();
        let at = x + w / 2.0;
        // Forms differ, not colours alone.
        let form = match worst {
            Severity::Error => format!("M{:.1} 78L{at:.1} 66L{:.1} 78Z", at - 6.0, at + 6.0),
            Severity::Warning => format!("M{at:.1} 66l6 6l-6 6l-6 -6Z"),
            Severity::Note => format!("M{:.1} 69h6v6h-6Z", at - 3.0),
        };
        let _ = write!(
            out,
            "<path class=\"flag {}\" d=\"{form}\"><title>{}</title></path>",
            worst.name(),
            markup(&told.join("\n"))
        );
    }
    out.push('\n');
}
