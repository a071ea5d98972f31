//! The process that holds the language model: started, asked, listened to, ended.
//!
//! Knows pipes and time limits; does not know what is asked. The process is in a group of its own, so
//! that Ctrl-C reaches dubline alone, and it ends when its standard input closes, so that it never
//! outlives dubline.

use crate::cancel::Cancel;
use crate::engine::llm_protocol::{Answer, Ask, Ready};
use crate::error::{Error, Kind, Result};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a wait looks whether everyone is asked to stop.
const LOOK: Duration = Duration::from_millis(50);
/// A line in hand is finished after a first Ctrl-C, but not for longer than this.
const GRACE: Duration = Duration::from_secs(15);
/// Lines of standard error that are kept for an error.
const LAST_WORDS: usize = 8;
/// The longest answer that is listened to; a process that writes for ever is not.
const MAX_LINE: u64 = 4 << 20;

/// What the process is told at its start.
pub(super) struct Arguments {
    pub(super) model: PathBuf,
    pub(super) threads: usize,
    pub(super) context: u32,
}

/// A running process.
pub(super) struct Child {
    process: std::process::Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    last_words: Arc<Mutex<VecDeque<String>>>,
    /// Reads what it says on standard error.
    hearing: Option<std::thread::JoinHandle<()>>,
}

impl Child {
    /// Starts the program and waits until the model is loaded.
    ///
    /// # Errors
    /// Fails if the program cannot be started or ends before it is ready.
    pub(super) fn start(program: &Path, arguments: &Arguments, timeout: Duration, cancel: &Cancel) -> Result<Child> {
        cancel.check()?;
        let mut command = Command::new(program);
        command
            .arg("--model")
            .arg(&arguments.model)
            .args(["--threads", &arguments.threads.to_string(), "--context", &arguments.context.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().map_err(|e| {
            Error::new(Kind::MissingTool, "cannot start the language model's program")
                .file(program)
                .because(e)
                .hint("install it again beside dubline, or name another in llm.program")
        })?;
        let (stdin, stdout, stderr) = (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (sender, lines) = mpsc::channel();
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        // Both end when the process closes its side, at the latest when it ends.
        if let Some(stdout) = stdout {
            std::thread::spawn(move || each_line(stdout, |line| sender.send(line).is_ok()));
        }
        let hearing = stderr.map(|stderr| {
            let last_words = last_words.clone();
            std::thread::spawn(move || {
                each_line(stderr, |line| {
                    let mut words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
                    if words.len() == LAST_WORDS {
                        words.pop_front();
                    }
                    words.push_back(line);
                    true
                });
            })
        });
        let mut child = Child { process, stdin, lines, last_words, hearing };
        let line = child.listen(timeout, cancel, Duration::ZERO).map_err(|why| match why {
            Silence::Interrupted => interrupted(cancel),
            Silence::Ended => child.ended("ended before it was ready", Kind::Engine),
            Silence::TooLong => child.ended(&format!("was not ready within {} s", timeout.as_secs()), Kind::Engine),
        })?;
        match serde_json::from_str::<Ready>(&line) {
            Ok(Ready { ready: true, model, context }) => {
                tracing::debug!(model, context, "the language model is ready");
                Ok(child)
            }
            _ => Err(Error::new(Kind::MissingTool, "is not the program that holds language models")
                .file(program)
                .hint("correct llm.program, or leave it out")),
        }
    }

    /// Asks, and waits for the answer. After an error the process is of no more use.
    ///
    /// # Errors
    /// Fails as [`Kind::Answer`] if the process dies or takes too long, and as interrupted.
    pub(super) fn ask(&mut self, ask: &Ask, timeout: Duration, cancel: &Cancel) -> Result<Answer> {
        cancel.check()?;
        let line = serde_json::to_string(ask).map_err(|e| Error::internal("a request has no JSON form").because(e))?;
        let written = match &mut self.stdin {
            Some(stdin) => writeln!(stdin, "{line}").and_then(|()| stdin.flush()),
            None => Ok(()),
        };
        if written.is_err() {
            return Err(self.ended("ended", Kind::Answer));
        }
        let line = self.listen(timeout, cancel, GRACE).map_err(|why| match why {
            Silence::Interrupted => interrupted(cancel),
            Silence::Ended => self.ended("ended while it answered", Kind::Answer),
            Silence::TooLong => self.ended(&format!("did not answer within {} s", timeout.as_secs()), Kind::Answer),
        })?;
        let answer: Answer = serde_json::from_str(&line)
            .map_err(|e| self.ended("answered what cannot be read", Kind::Answer).because(e))?;
        let id = match &answer {
            Answer::Given(given) => given.id,
            Answer::Refused { id, .. } => *id,
        };
        if id != ask.id {
            return Err(self.ended(&format!("answered request {id} instead of {}", ask.id), Kind::Answer));
        }
        Ok(answer)
    }

    fn listen(&self, timeout: Duration, cancel: &Cancel, grace: Duration) -> Result<String, Silence> {
        let mut until = Instant::now() + timeout;
        let mut hurried = false;
        loop {
            if cancel.requested() && !hurried {
                until = until.min(Instant::now() + grace);
                hurried = true;
            }
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => return Ok(line),
                Err(RecvTimeoutError::Disconnected) => return Err(Silence::Ended),
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(if hurried { Silence::Interrupted } else { Silence::TooLong });
                }
            }
        }
    }

    /// An error that tells how the process ended and what it said last.
    fn ended(&mut self, how: &str, kind: Kind) -> Error {
        // Where it closed its output it is about to end; its own reason is better than a signal of ours.
        let status = (0..20).find_map(|_| match self.process.try_wait() {
            Ok(Some(status)) => Some(status.to_string()),
            _ => {
                std::thread::sleep(Duration::from_millis(10));
                None
            }
        });
        // What it said last may still be on its way; a grandchild that keeps the pipe open is not waited for.
        for _ in 0..50 {
            if status.is_none() || self.hearing.as_ref().is_none_or(std::thread::JoinHandle::is_finished) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let said = words.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / ");
        let mut what = format!("the language model's process {how}");
        if let Some(status) = status {
            what.push_str(&format!(" ({status})"));
        }
        if !said.is_empty() {
            what.push_str(&format!("; it said: {said}"));
        }
        Error::new(kind, what).hint("check the free memory and the model (`dubline models verify`)")
    }
}

enum Silence {
    Interrupted,
    Ended,
    TooLong,
}

fn interrupted(cancel: &Cancel) -> Error {
    cancel.check().err().unwrap_or_else(|| Error::new(Kind::Interrupted, "interrupted"))
}

/// Hands on line by line until `take` wants no more.
fn each_line(from: impl Read, mut take: impl FnMut(String) -> bool) {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        match from.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {
                if !take(String::from_utf8_lossy(&line).trim_end().to_owned()) {
                    break;
                }
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Killed, not asked: nothing is lost in a process that only holds a model.
        self.stdin.take();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
