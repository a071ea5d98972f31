//! Events as bars on a terminal, plain lines in a log, or JSON lines for machines.
//!
//! Owns stdout and stderr: stdout is data, stderr is talk. Does not know what the work is.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that prints while work goes on")]

use crate::event::{Event, Events, Work};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How events are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Bars where stderr is a terminal, lines elsewhere.
    Auto,
    /// JSON lines on stdout.
    Json,
    /// Only warnings and errors.
    Quiet,
}

/// Shows events. Dropping it takes the bars away.
pub struct Progress {
    show: Show,
    bars: MultiProgress,
    events: Events,
}

impl Progress {
    /// A display of this kind.
    pub fn new(show: Show) -> Progress {
        let bars = MultiProgress::new();
        let events = match show {
            Show::Json => Events::new(|event| print_json(&event)),
            Show::Quiet => Events::new(|event| {
                if let Some(line) =
                    plain(&event).filter(|_| matches!(event, Event::Warning { .. } | Event::Interrupting { .. }))
                {
                    eprintln!("{line}");
                }
            }),
            Show::Auto if std::io::stderr().is_terminal() => {
                let display = Arc::new(Mutex::new(Bars { bars: bars.clone(), open: HashMap::new(), batch: None }));
                Events::new(move |event| display.lock().unwrap_or_else(PoisonError::into_inner).show(&event))
            }
            Show::Auto => Events::new(|event| {
                if let Some(line) = plain(&event) {
                    eprintln!("{line}");
                }
            }),
        };
        Progress { show, bars, events }
    }

    /// Where work sends its events.
    pub fn events(&self) -> Events {
        self.events.clone()
    }

    /// Is stdout taken by events?
    pub fn tells_events(&self) -> bool {
        self.show == Show::Json
    }

    /// Are only warnings and errors told?
    pub fn is_quiet(&self) -> bool {
        self.show == Show::Quiet
    }

    /// Prints data on stdout without tearing a bar.
    ///
    /// # Errors
    /// Fails if stdout is closed.
    pub fn data(&self, text: &str) -> std::io::Result<()> {
        self.bars.suspend(|| {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    /// Prints a warning or an error on stderr without tearing a bar.
    pub fn talk(&self, text: &str) {
        self.bars.suspend(|| eprintln!("{text}"));
    }

    /// Prints on stderr what is neither: nothing, where only warnings and errors are told.
    pub fn mention(&self, text: &str) {
        if !self.is_quiet() {
            self.talk(text);
        }
    }
}

fn print_json(event: &Event) {
    if let Ok(line) = serde_json::to_string(event) {
        // A reader that went away is no reason to stop the work.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// One line for a log; progress within a stage is not worth one.
fn plain(event: &Event) -> Option<String> {
    match event {
        Event::Started { .. } | Event::Progress { .. } => None,
        Event::Finished { work, computed, reused, seconds } => {
            Some(format!("{work}: {}", outcome(*computed, *reused, *seconds)))
        }
        // The error itself is told once, by whoever ends the program.
        Event::Failed { work, .. } => Some(format!("{work}: failed")),
        Event::Warning { work: Some(work), message } => Some(format!("warning: {work}: {message}")),
        Event::Warning { work: None, message } => Some(format!("warning: {message}")),
        Event::Download { model, file, done, total } if done == total => {
            Some(format!("{model}: {file}: {}", bytes(*total)))
        }
        Event::Download { .. } => None,
        Event::Model { model, message } => Some(format!("{model}: {message}")),
        Event::Delivered { work, path } => Some(format!("{work}: {}", path.display())),
        Event::Batch { done: 0, .. } => None,
        Event::Batch { done, total, failed: 0 } => Some(format!("{done} of {total} episodes")),
        Event::Batch { done, total, failed } => Some(format!("{done} of {total} episodes, {failed} not whole")),
        Event::Judged { done: 0, .. } => None,
        Event::Judged { done, total } => Some(format!("{done} of {total} judged")),
        Event::Upload { file, message } => Some(format!("{file}: {message}")),
        Event::Interrupting { message } => Some(message.clone()),
    }
}

fn outcome(computed: u64, reused: u64, seconds: f64) -> String {
    match (computed, reused) {
        (0, 0) => format!("done in {seconds:.2} s"),
        (0, reused) => format!("{reused} reused"),
        (computed, 0) => format!("{computed} made in {seconds:.2} s"),
        (computed, reused) => format!("{computed} made in {seconds:.2} s, {reused} reused"),
    }
}

fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

struct Bars {
    bars: MultiProgress,
    open: HashMap<String, ProgressBar>,
    /// Of everything together, where there is more than one: then what is finished leaves the screen.
    batch: Option<ProgressBar>,
}

impl Bars {
    fn show(&mut self, event: &Event) {
        match event {
            Event::Started { work } => {
                self.bar(&work.to_string(), name(work));
            }
            Event::Progress { work, done, total } => {
                let bar = self.bar(&work.to_string(), name(work));
                if *total > 0 {
                    bar.set_style(style("  {prefix:32} {wide_bar:.cyan/dim} {pos}/{len} {elapsed} ~{eta}"));
                    bar.set_length(*total);
                }
                bar.set_position(*done);
            }
            Event::Finished { work, computed, reused, seconds } => {
                let bar =
                    self.open.remove(&work.to_string()).unwrap_or_else(|| self.bar(&work.to_string(), name(work)));
                self.open.remove(&work.to_string());
                if self.batch.is_some() {
                    bar.finish_and_clear();
                    self.bars.remove(&bar);
                } else {
                    bar.set_style(style("✓ {prefix:32} {msg}"));
                    bar.finish_with_message(outcome(*computed, *reused, *seconds));
                }
            }
            Event::Failed { work, .. } => {
                if let Some(bar) = self.open.remove(&work.to_string()) {
                    bar.set_style(style("✗ {prefix:32} {msg}"));
                    bar.abandon_with_message("failed");
                }
            }
            Event::Download { model, file, done, total } => {
                let key = format!("{model}/{file}");
                let bar = self.bar(&key, key.clone());
                bar.set_style(style("  {prefix:32} {wide_bar:.cyan/dim} {bytes}/{total_bytes} {bytes_per_sec} ~{eta}"));
                bar.set_length(*total);
                bar.set_position(*done);
                if *total > 0 && done >= total {
                    bar.finish();
                    self.open.remove(&key);
                }
            }
            Event::Batch { done, total, failed } => {
                let bar = self.whole("episodes", *done, *total);
                if *failed > 0 {
                    bar.set_message(format!(", {failed} not whole"));
                }
                if done >= total {
                    bar.finish();
                }
            }
            Event::Judged { done, total } => {
                let bar = self.whole("judged", *done, *total);
                if done >= total {
                    // What was found follows.
                    bar.finish_and_clear();
                }
            }
            other => {
                if let Some(line) = plain(other) {
                    // A closed terminal is no reason to stop the work.
                    let _ = self.bars.println(line);
                }
            }
        }
    }

    /// The bar of everything together, above all others.
    fn whole(&mut self, prefix: &'static str, done: usize, total: usize) -> ProgressBar {
        let bars = &self.bars;
        let open = || {
            let bar = bars.insert(0, ProgressBar::new(total as u64));
            bar.set_style(style("  {prefix:32} {wide_bar:.green/dim} {pos}/{len} {elapsed} ~{eta}{msg}"));
            bar.set_prefix(prefix);
            bar
        };
        let bar = self.batch.get_or_insert_with(open).clone();
        bar.set_position(done as u64);
        bar
    }

    fn bar(&mut self, key: &str, prefix: String) -> ProgressBar {
        let bars = &self.bars;
        let open = || {
            let bar = bars.add(ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {prefix:32} {elapsed}"));
            bar.set_prefix(prefix);
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        };
        self.open.entry(key.to_owned()).or_insert_with(open).clone()
    }
}

fn name(work: &Work) -> String {
    work.to_string()
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file; a wrong one shows as indicatif's default.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Stage;

    fn work() -> Work {
        Work { episode: "ep01".into(), stage: Stage::Translate, language: "pt-BR".parse().ok() }
    }

    #[test]
    fn a_log_gets_one_line_a_stage() {
        let finished = |computed, reused| Event::Finished { work: work(), computed, reused, seconds: 1.234 };
        assert_eq!(plain(&finished(12, 0)).unwrap(), "ep01 pt-BR translate: 12 made in 1.23 s");
        assert_eq!(plain(&finished(0, 12)).unwrap(), "ep01 pt-BR translate: 12 reused");
        assert_eq!(plain(&finished(1, 11)).unwrap(), "ep01 pt-BR translate: 1 made in 1.23 s, 11 reused");
        assert!(plain(&Event::Progress { work: work(), done: 1, total: 2 }).is_none());
        assert_eq!(plain(&Event::Judged { done: 3, total: 40 }).unwrap(), "3 of 40 judged");
        assert!(plain(&Event::Judged { done: 0, total: 40 }).is_none());
        let delivered = Event::Delivered { work: work(), path: "out/pt-BR/ep01.mp4".into() };
        assert_eq!(plain(&delivered).unwrap(), "ep01 pt-BR translate: out/pt-BR/ep01.mp4");
    }

    #[test]
    fn machines_get_tagged_json() {
        let json = serde_json::to_value(Event::Started { work: work() }).unwrap();
        assert_eq!(json["event"], "started");
        assert_eq!(json["work"]["stage"], "translate");
        assert_eq!(json["work"]["language"], "pt-BR");
    }
}
