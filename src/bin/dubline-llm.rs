//! dubline-llm: holds a language model and answers requests, one JSON object a line.
//!
//! A program of its own, since llama.cpp and whisper.cpp cannot be linked into one; so it uses nothing of
//! the dubline library but the protocol's types. Knows nothing of translation: prompt and grammar come with
//! each request. It ends when its standard input closes.

#[path = "../engine/llm_protocol.rs"]
mod protocol;

#[path = "dubline-llm/session.rs"]
mod session;

use clap::Parser;
use protocol::{Answer, Ask, Ready};
use session::Session;
use std::io::{BufRead, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

/// Holds a language model for dubline: requests on standard input, answers on standard output, one JSON object a line.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The model, a GGUF file.
    #[arg(long)]
    model: PathBuf,
    /// Compute threads.
    #[arg(long, default_value_t = 1)]
    threads: i32,
    /// Tokens that a prompt and its answer may take together.
    #[arg(long, default_value = "4096")]
    context: NonZeroU32,
    /// Let llama.cpp tell on standard error what it does.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // Whoever started this program reads standard error; nothing can be done where it is closed.
            let _ = writeln!(std::io::stderr(), "error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let held = session::Held::load(&args.model, args.verbose)?;
    let mut session = Session::new(&held, args.threads, args.context)?;
    say(&Ready { ready: true, model: held.name(), context: session.context() })?;
    let closed = Arc::new(AtomicBool::new(false));
    for line in requests(closed.clone()) {
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str::<Ask>(&line) {
            Ok(ask) => session
                .answer(&ask, || closed.load(Ordering::Relaxed))
                .map_or_else(|error| Answer::Refused { id: ask.id, error }, Answer::Given),
            Err(error) => Answer::Refused { id: 0, error: format!("the request cannot be read: {error}") },
        };
        say(&answer)?;
    }
    Ok(())
}

/// Lines of standard input. They are read on a thread of their own, so that an answer under way is given
/// up when nobody waits for it any more.
fn requests(closed: Arc<AtomicBool>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
        closed.store(true, Ordering::Relaxed);
    });
    receiver
}

fn say(value: &impl serde::Serialize) -> Result<(), String> {
    let line = serde_json::to_string(value).map_err(|e| e.to_string())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|e| format!("cannot answer: {e}"))
}
