//! Programs that engines run: started without a shell, fed through standard input, bounded in time and
//! in what they may answer, and ended when nobody waits for them any more.
//!
//! Does not know what a program is for; what its answer means is for the caller to say.

use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// A program's answer is untrusted, its length too.
const MAX_STDOUT: u64 = 128 << 20;
const MAX_STDERR: u64 = 64 << 10;

/// A call of a program.
pub(super) struct Program<'a> {
    /// Program and arguments, as they are: no shell reads them.
    pub(super) argv: &'a [OsString],
    /// What it reads from standard input.
    pub(super) input: &'a [u8],
    /// How long it may take.
    pub(super) timeout: Duration,
    /// What to do where it is not installed.
    pub(super) missing: &'a str,
    /// The wish to stop, which ends it at once; none where it takes seconds and its answer is worth waiting for.
    pub(super) cancel: Option<&'a Cancel>,
}

/// What a program left behind.
pub(super) struct Finished {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// What it wrote to standard output.
    pub(super) stdout: Vec<u8>,
    /// What it wrote to standard error, in one line: its end, where reasons stand.
    pub(super) stderr: String,
}

impl Program<'_> {
    fn name(&self) -> String {
        self.argv.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Runs it to its end, blocking this thread; never to be called from inside the asynchronous runtime.
    ///
    /// # Errors
    /// Fails if it cannot be started, takes too long, or answers too much, and as interrupted where a stop was asked for.
    /// How it ended is for the caller to judge.
    pub(super) fn run(&self, runtime: &tokio::runtime::Handle) -> Result<Finished> {
        runtime.block_on(async {
            tokio::select! {
                finished = self.finish() => finished,
                why = self.stopped() => Err(why),
                () = tokio::time::sleep(self.timeout) => {
                    let what = format!("{} did not finish within {} s", self.name(), self.timeout.as_secs());
                    Err(Error::new(Kind::Engine, what).hint("see what it does when it is called by hand"))
                }
            }
        })
    }

    /// Waits until a stop is asked for.
    async fn stopped(&self) -> Error {
        let mut often = tokio::time::interval(Duration::from_millis(100));
        loop {
            often.tick().await;
            if let Some(Err(why)) = self.cancel.map(Cancel::check) {
                return why;
            }
        }
    }

    async fn finish(&self) -> Result<Finished> {
        let name = self.name();
        let (program, arguments) =
            self.argv.split_first().ok_or_else(|| Error::internal("a program without a name"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // In a group of its own, so that the Ctrl-C that asks dubline to finish what is in hand does not
        // end what is in hand.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Error::new(Kind::MissingTool, format!("the program {name} is not installed")).hint(self.missing)
            }
            io::ErrorKind::PermissionDenied => {
                Error::new(Kind::MissingTool, format!("{name} may not be run")).because(error).hint(self.missing)
            }
            _ => Error::new(Kind::Engine, format!("cannot start {name}"))
                .because(error)
                .hint("run it by hand; a script begins with #! and the program that reads it"),
        })?;
        // A script's own children do not end with it.
        let mut group = Group(child.id());
        let stdin = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // All three at once: a program that answers before it has read everything must not block.
        let feed = async {
            if let Some(mut stdin) = stdin {
                // One that does not read its input closes it early, which is its own affair.
                let _ = stdin.write_all(self.input).await;
                let _ = stdin.shutdown().await;
            }
        };
        let ((), stdout, stderr) = tokio::join!(feed, read(stdout, MAX_STDOUT), read(stderr, MAX_STDERR));
        let broken =
            |error: io::Error| Error::new(Kind::Engine, format!("cannot read what {name} says")).because(error);
        let (stdout, stderr) = (stdout.map_err(broken)?, stderr.map_err(broken)?);
        if stdout.len() as u64 > MAX_STDOUT {
            return Err(Error::new(Kind::Engine, format!("{name} answered more than {} MB", MAX_STDOUT >> 20)));
        }
        let status = child.wait().await.map_err(broken)?;
        group.0 = None;
        Ok(Finished { status, stdout, stderr: tail(&stderr) })
    }
}

/// A group of processes that ends when nobody waits for it any more; none once it has ended by itself.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(id as i32)) {
            // Where it is gone already there is nothing to do.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Reads up to one byte more than `most`, and lets the rest go by so that the writer can end.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        (&mut from).take(most + 1).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 > most {
            tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
        }
    }
    Ok(bytes)
}

/// The last 300 characters on one line, without control characters.
fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().rev().nth(299) {
        Some((start, _)) if start > 0 => format!("…{}", &line[start..]),
        _ => line,
    }
}

impl Finished {
    /// How it ended, and what it said about it: `ended with exit status: 2: no such voice`.
    pub(super) fn reason(&self) -> String {
        match self.stderr.as_str() {
            "" => format!("ended with {} and said nothing", self.status),
            stderr => format!("ended with {}: {stderr}", self.status),
        }
    }
}
