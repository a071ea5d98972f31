//! One complete upload, from its digest to its record, but for the making of its episode.
//!
//! The order of writes is what survives a crash: begun, then the outputs, then the delivery, then the record, then
//! the move. Whatever is cut off between two of them is done again from the store, and ends in the same bytes.

use super::hands::Hand;
use super::ledger::{Record, State};
use super::told::{body, files};
use super::{Batch, Shift, look};
use crate::app::{episodes, print};
use dubline::error::{Error, Kind, Result};
use dubline::media;
use dubline::run::Outcome;
use dubline::series::Source;
use dubline::settings::HookEvent;
use dubline::watch::{Upload, Verdict};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An upload that was begun so often and never ended brings the program down each time.
const TRIES: u32 = 3;

fn is_last_try(tries: u32) -> bool {
    tries == TRIES
}

/// What an upload is called in outputs and events.
fn episode(name: &str) -> String {
    Source::of(Path::new(name)).name
}

/// What is to be done with a complete upload.
pub(super) enum Begin {
    /// Nothing more: it is known, or it has failed, or it is no longer what it was.
    Settled,
    /// It is to be looked at again once another one has ended.
    Wait,
    /// It is to be made; that it begins is noted.
    Make(Box<Record>),
}

impl Shift<'_> {
    /// Looks at a complete upload, beside those that are in `hands`.
    ///
    /// # Errors
    /// Fails only where going on makes no sense: nothing can be written any more.
    pub(super) async fn begin(&mut self, upload: &Upload, batch: &Batch, hands: &[Hand]) -> Result<Begin> {
        if hands.iter().any(|hand| is_last_try(hand.begun.tries)) {
            return Ok(Begin::Wait);
        }
        let path = self.wish.folder.join(&upload.name);
        let digest = match self.ledger.digest(upload) {
            Some(digest) => digest,
            None => match self.read(path.clone()).await {
                Ok(digest) => digest,
                // It vanished, or is being written again: the next look tells.
                Err(_) if look(&path) != Some(upload.look) => return Ok(Begin::Settled),
                Err(error) if error.kind() == Kind::Interrupted => return Ok(Begin::Settled),
                Err(error) => {
                    self.error(&error);
                    self.worst = if self.worst == 0 { error.exit_code() } else { self.worst };
                    self.watcher.judge(upload, Verdict::SetAside);
                    return Ok(Begin::Settled);
                }
            },
        };
        if look(&path) != Some(upload.look) {
            return Ok(Begin::Settled);
        }
        self.ledger.know(&upload.name, upload.look, &digest);
        // The same content is made once, and the same outputs are written by one.
        let shares = |hand: &Hand| hand.begun.digest == digest || episode(&hand.upload.name) == episode(&upload.name);
        if hands.iter().any(shares) {
            return Ok(Begin::Wait);
        }
        let before = match self.ledger.find(&digest, &batch.digest) {
            Some(record) if record.state != State::Begun => {
                self.known(upload, &record, batch);
                return Ok(Begin::Settled);
            }
            Some(record) => record.tries,
            None => 0,
        };
        // Alone, so that an ending of the program is not laid to those beside it.
        if is_last_try(before + 1) && !hands.is_empty() {
            return Ok(Begin::Wait);
        }
        let begun = self.ledger.begin(upload, &digest, &batch.digest)?;
        if self.watcher.namesake(&upload.name).is_none() {
            self.ledger.supersede(&begun);
        }
        let log = self.ledger.log(&begun);
        self.logs.begin(&episode(&upload.name), &log).map_err(|e| Error::output(&log, e))?;
        self.tell(&upload.name, "is complete".into());
        match self.refusal(upload, &begun) {
            Some(error) => {
                self.end(&Hand { upload: upload.clone(), begun }, Err(error), batch)?;
                Ok(Begin::Settled)
            }
            None => Ok(Begin::Make(Box::new(begun))),
        }
    }

    /// Takes in what became of an upload.
    ///
    /// # Errors
    /// Fails only where going on makes no sense: nothing can be written any more.
    pub(super) fn end(&mut self, hand: &Hand, made: Result<Outcome>, batch: &Batch) -> Result<()> {
        let Hand { upload, begun } = hand;
        let path = self.wish.folder.join(&upload.name);
        let name = episode(&upload.name);
        let stopped = matches!(&made, Err(error) if matches!(error.kind(), Kind::Interrupted | Kind::Output));
        if stopped || look(&path) != Some(upload.look) {
            // Nothing is known of what it is now.
            self.logs.end(&name, made.as_ref().err());
            self.ledger.withdraw(begun);
            return match made {
                Err(error) if error.kind() == Kind::Output => Err(error),
                _ => Ok(()),
            };
        }
        let (outcome, error) = match made {
            Ok(mut outcome) => {
                let error = outcome.trouble();
                (Some(outcome), error)
            }
            Err(error) => (None, Some(error)),
        };
        self.logs.end(&name, error.as_ref());
        self.ended(upload, begun, outcome.as_ref(), error.as_ref())?;
        self.watcher.judge(upload, if error.is_none() { Verdict::Done } else { Verdict::SetAside });
        self.put_away(upload, &begun.digest, error.is_some(), batch);
        Ok(())
    }

    /// A file's digest. A stop does not wait for the end of a large file, whose reading changes nothing.
    async fn read(&self, path: PathBuf) -> Result<String> {
        let mut reading = tokio::task::spawn_blocking(move || media::digest(&path));
        loop {
            tokio::select! {
                read = &mut reading => {
                    return Ok(read.map_err(|e| Error::internal("reading panicked").because(e))??.0);
                }
                () = tokio::time::sleep(Duration::from_millis(100)) => self.cancel.check()?,
            }
        }
    }

    /// Why an upload that was begun is not made.
    fn refusal(&self, upload: &Upload, begun: &Record) -> Option<Error> {
        let path = self.wish.folder.join(&upload.name);
        if begun.tries > TRIES {
            let what = format!("dubline ended {TRIES} times in the middle of this file");
            return Some(Error::internal(what).file(path));
        }
        let other = self.watcher.namesake(&upload.name)?;
        let what = format!("its outputs would replace those of {other}");
        Some(Error::new(Kind::Usage, what).file(path).hint("upload it under another name, or take the other one away"))
    }

    /// Notes and tells how it ended.
    fn ended(
        &mut self,
        upload: &Upload,
        begun: &Record,
        outcome: Option<&Outcome>,
        error: Option<&Error>,
    ) -> Result<()> {
        let event = if error.is_some() { HookEvent::Failed } else { HookEvent::Done };
        // The same beginning has the same id, so that whoever is told twice, because a crash fell between, knows.
        let id = format!("{:013}-{}", begun.begun.as_millisecond(), begun.digest.chars().take(16).collect::<String>());
        if let Some(hook) = &self.hook {
            let body = body(&id, event, &self.wish.folder.join(&upload.name), begun, outcome, error);
            hook.queue(&id, event, &body)?;
        }
        let ended = Timestamp::now();
        let log = self.ledger.log(begun);
        match error {
            None => {
                self.ledger.end(begun, State::Done { ended, files: files(outcome) })?;
                // The report tells more.
                let _ = std::fs::remove_file(log);
                self.tell(&upload.name, "is done".into());
            }
            Some(error) => {
                let (text, hint) = (error.to_string(), error.remedy().map(str::to_owned));
                let state = State::Failed { ended, error: text, hint, exit_code: error.exit_code(), log };
                let record = self.ledger.end(begun, state)?;
                let place = self.ledger.place(&record);
                self.error(error);
                self.tell(&upload.name, format!("is quarantined until it changes, see {}", place.display()));
                self.failed.insert(upload.name.clone(), place);
                self.worst = if self.worst == 0 { error.exit_code() } else { self.worst };
            }
        }
        if let Some(outcome) = outcome.filter(|_| !self.progress.tells_events()) {
            print(self.progress, &episodes::told(outcome, self.progress.is_quiet()))?;
        }
        Ok(())
    }

    /// An upload whose content is known, under this name or another.
    fn known(&mut self, upload: &Upload, record: &Record, batch: &Batch) {
        let failed = matches!(record.state, State::Failed { .. });
        let what = if failed { "failed before" } else { "is done" };
        let same = record.name == upload.name;
        if !same {
            self.tell(&upload.name, format!("{what}: it has the same content as {}", record.name));
        } else if record.look != upload.look {
            self.tell(&upload.name, format!("{what}: its content is the same"));
        }
        if failed {
            self.failed.insert(upload.name.clone(), self.ledger.place(record));
        }
        self.watcher.judge(upload, if same && !failed { Verdict::Done } else { Verdict::SetAside });
        self.put_away(upload, &record.digest, failed, batch);
    }

    /// Moves the source, where a folder is set for it; by default it stays untouched.
    fn put_away(&self, upload: &Upload, digest: &str, failed: bool, batch: &Batch) {
        let watch = &batch.settings.watch;
        let folder = if failed { &watch.move_failed } else { &watch.move_done };
        let Some(folder) = folder else { return };
        let path = self.wish.folder.join(&upload.name);
        if let Err(error) = put(&path, folder, &upload.name, digest) {
            let message = format!("{}: cannot be moved to {}: {error}", path.display(), folder.display());
            self.progress.events().warn(None, message);
        }
    }
}

/// Moves a file into a folder under its name, or under its name and digest where that is taken: nothing is replaced.
fn put(path: &Path, folder: &Path, name: &str, digest: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut to = folder.join(name);
    if to.try_exists()? {
        let short: String = digest.chars().take(8).collect();
        to = folder.join(match name.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}.{short}.{ending}"),
            None => format!("{name}.{short}"),
        });
        if to.try_exists()? {
            return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, format!("{} is there", to.display())));
        }
    }
    std::fs::rename(path, to)
}
