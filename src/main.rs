//! The program: parse, log, run, print the error and its hint, exit with the documented code.
//!
//! Knows no media, engine or stage; `app` maps commands to the library.

mod app;

use clap::Parser;
use dubline::cancel::Cancel;
use dubline::cli::{Cli, EventsFormat};
use dubline::error::{Error, Kind};
use dubline::event::{Event, Events};
use dubline::progress::{Progress, Show};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.talk.verbose);
    let show = match (cli.talk.events, cli.talk.quiet) {
        (Some(EventsFormat::Json), _) => Show::Json,
        (None, true) => Show::Quiet,
        (None, false) => Show::Auto,
    };
    let progress = Progress::new(show);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return tell(&progress, &Error::internal("no runtime").because(e)),
    };
    let cancel = Cancel::new();
    let result = runtime.block_on(async {
        tokio::spawn(listen(cancel.clone(), progress.events()));
        app::run(cli, &progress, cancel.clone()).await
    });
    // Blocking work that a second Ctrl-C left behind is not waited for.
    runtime.shutdown_background();
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => tell(&progress, &error),
    }
}

fn tell(progress: &Progress, error: &Error) -> ExitCode {
    progress.talk(&format!("error: {error}"));
    if let Some(hint) = error.remedy() {
        progress.talk(&format!("  hint: {hint}"));
    }
    ExitCode::from(error.exit_code())
}

/// The first Ctrl-C or SIGTERM finishes the lines in hand, the second one stops at once.
async fn listen(cancel: Cancel, events: Events) {
    let Ok(mut signals) = Signals::new() else { return };
    signals.next().await;
    cancel.request();
    let message = "finishing what is in hand; press Ctrl-C again to stop at once".to_owned();
    events.send(Event::Interrupting { message });
    signals.next().await;
    #[allow(clippy::exit, reason = "a second Ctrl-C means now; what is finished lies in the store")]
    std::process::exit(i32::from(Kind::Interrupted.exit_code()));
}

// The streams are opened once, so that no signal falls between two of them.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => (),
            _ = self.1.recv() => (),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // Where no handler can be set, Ctrl-C stops the program at once anyway.
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    // The libraries' own chatter only shows when it is asked for.
    let level = match verbose {
        0 => "error",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let default = if verbose == 0 { "off,dubline=error".to_owned() } else { level.to_owned() };
    let filter = EnvFilter::try_from_env("DUBLINE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().init();
}
