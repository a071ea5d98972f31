//! One file over HTTPS: resumed where it stopped, tried again after trouble, checked before it counts.
//!
//! Does not know registries or packages. A download in progress lies in `<name>.part`, with the server's
//! entity tag beside it: it is only continued if the server still has the same bytes.

use super::installed::sha256;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::event::{Event, Events};
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a file is tried before its source is given up.
const TRIES: u32 = 4;
/// How often a server is called that does not even take the call.
const CALLS: u32 = 2;
/// A server that says nothing for so long is taken for dead.
const SILENCE: Duration = Duration::from_secs(60);
/// Listeners need no more than a few words a second.
const BEAT: Duration = Duration::from_millis(200);

/// What to fetch.
pub(super) struct Wanted<'a> {
    pub(super) model: &'a str,
    pub(super) file: &'a str,
    pub(super) url: &'a str,
    /// Bytes; 0 where it is not known.
    pub(super) size: u64,
    /// SHA-256 in hexadecimal; empty where nobody published one.
    pub(super) sha256: &'a str,
    /// Where the finished download is to lie.
    pub(super) path: PathBuf,
}

/// Why a download failed.
pub(super) enum Failure {
    /// This source has nothing for us; another may. One fragment that says why.
    Source(String),
    /// The server cannot be reached, which is true of all its files. One fragment that says why.
    Unreachable(String),
    /// Nothing that another source could mend.
    Fatal(Error),
}

/// A failure that is worth another try, or one that is not.
enum Trouble {
    Passing(String),
    NoConnection(String),
    Final(Failure),
}

/// The client for hubs. Encrypted connections only, except to tests on this machine.
pub(super) fn client(https_only: bool) -> Result<Client, Failure> {
    Client::builder()
        .user_agent(concat!("dubline/", env!("CARGO_PKG_VERSION")))
        .https_only(https_only)
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(SILENCE)
        .build()
        .map_err(|error| Failure::Source(format!("no HTTPS client: {}", innermost(&error))))
}

/// Downloads `wanted`, in as many tries as it takes, waiting `pause`, then twice as long, between them.
/// Returns the SHA-256.
pub(super) async fn fetch(
    client: &Client,
    wanted: &Wanted<'_>,
    events: &Events,
    cancel: &Cancel,
    pause: Duration,
) -> Result<String, Failure> {
    let part = with_suffix(&wanted.path, ".part");
    let tag = with_suffix(&wanted.path, ".part.etag");
    let mut last = Failure::Source(String::new());
    for attempt in 0..TRIES {
        if attempt > 0 {
            wait(pause * 2u32.pow(attempt - 1), cancel).await?;
        }
        match attempt_once(client, wanted, &part, &tag, events, cancel).await {
            Ok(()) => return finish(wanted, &part, &tag).await,
            Err(Trouble::Passing(why)) => last = Failure::Source(why),
            Err(Trouble::NoConnection(why)) if attempt + 1 < CALLS => last = Failure::Unreachable(why),
            Err(Trouble::NoConnection(why)) => return Err(Failure::Unreachable(why)),
            Err(Trouble::Final(failure)) => return Err(failure),
        }
    }
    Err(last)
}

async fn wait(pause: Duration, cancel: &Cancel) -> Result<(), Failure> {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        cancel.check().map_err(Failure::Fatal)?;
        tokio::time::sleep(BEAT.min(pause)).await;
    }
    Ok(())
}

async fn attempt_once(
    client: &Client,
    wanted: &Wanted<'_>,
    part: &Path,
    tag: &Path,
    events: &Events,
    cancel: &Cancel,
) -> Result<(), Trouble> {
    let fatal = |path: &Path, error| Trouble::Final(Failure::Fatal(Error::output(path, error)));
    let mut have = std::fs::metadata(part).map_or(0, |metadata| metadata.len());
    if wanted.size != 0 && have == wanted.size {
        return Ok(());
    }
    let mut request = client.get(wanted.url);
    let known = std::fs::read_to_string(tag).unwrap_or_default();
    // Without a published hash only the tag tells that both halves are of one file.
    let resume = have > 0 && (!known.is_empty() || !wanted.sha256.is_empty());
    if resume {
        request = request.header(RANGE, format!("bytes={have}-"));
        if !known.is_empty() {
            request = request.header(IF_RANGE, &known);
        }
    }
    let response = request.send().await.map_err(trouble)?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT if starts_at(response.headers()) == Some(have) && resume => {}
        StatusCode::OK => have = 0,
        StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PARTIAL_CONTENT => {
            // What lies here does not fit what is there: the next try begins anew.
            let _ = std::fs::remove_file(part);
            return Err(Trouble::Passing("could not continue the download".into()));
        }
        status if status.is_server_error() || passing(status) => {
            return Err(Trouble::Passing(format!("answered {status}")));
        }
        status => return Err(Trouble::Final(Failure::Source(format!("answered {status}")))),
    }
    let total = response.content_length().map_or(wanted.size, |rest| have + rest);
    if wanted.size != 0 && total != wanted.size {
        let why = format!("has {} of {total} bytes, expected {}", wanted.file, wanted.size);
        return Err(Trouble::Final(Failure::Source(why)));
    }
    if let Some(etag) = strong_etag(response.headers()) {
        std::fs::write(tag, etag).map_err(|error| fatal(tag, error))?;
    } else {
        let _ = std::fs::remove_file(tag);
    }
    let file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .append(have > 0)
        .truncate(have == 0)
        .open(part)
        .map_err(|error| fatal(part, error))?;
    copy(response, file, part, have, total, wanted, events, cancel).await
}

#[allow(clippy::too_many_arguments, reason = "the tail of one function, split off for its length")]
async fn copy(
    mut response: Response,
    mut file: std::fs::File,
    part: &Path,
    mut have: u64,
    total: u64,
    wanted: &Wanted<'_>,
    events: &Events,
    cancel: &Cancel,
) -> Result<(), Trouble> {
    let say = |done| {
        events.send(Event::Download { model: wanted.model.into(), file: wanted.file.into(), done, total });
    };
    let mut told = Instant::now();
    say(have);
    loop {
        cancel.check().map_err(|error| Trouble::Final(Failure::Fatal(error)))?;
        // Blocks are small and writes go to the page cache: no need for a thread of its own.
        match response.chunk().await {
            Ok(Some(block)) => {
                file.write_all(&block).map_err(|error| Trouble::Final(Failure::Fatal(Error::output(part, error))))?;
                have += block.len() as u64;
                if wanted.size != 0 && have > wanted.size {
                    return Err(Trouble::Final(Failure::Source("sent more than it announced".into())));
                }
                if told.elapsed() >= BEAT {
                    told = Instant::now();
                    say(have);
                }
            }
            Ok(None) => break,
            Err(error) => return Err(trouble(error)),
        }
    }
    say(have);
    if total != 0 && have != total {
        return Err(Trouble::Passing(format!("ended the connection after {have} of {total} bytes")));
    }
    Ok(())
}

/// Checks the hash and gives the file its name.
async fn finish(wanted: &Wanted<'_>, part: &Path, tag: &Path) -> Result<String, Failure> {
    let fatal = |error| Failure::Fatal(Error::output(part, error));
    let hashed = part.to_owned();
    let found = tokio::task::spawn_blocking(move || sha256(&hashed))
        .await
        .map_err(|error| Failure::Fatal(Error::internal("hashing was aborted").because(error)))?
        .map_err(fatal)?;
    let _ = std::fs::remove_file(tag);
    if !wanted.sha256.is_empty() && found != wanted.sha256 {
        let _ = std::fs::remove_file(part);
        return Err(Failure::Source(format!(
            "sent {} with SHA-256 {found}, expected {}; it was thrown away",
            wanted.file, wanted.sha256
        )));
    }
    std::fs::rename(part, &wanted.path).map_err(fatal)?;
    Ok(found)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Client errors that time may mend.
fn passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

/// The first byte of a `Content-Range: bytes 5-9/10`.
fn starts_at(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// A weak tag says nothing about bytes (RFC 9110, section 13.1.5).
fn strong_etag(headers: &HeaderMap) -> Option<&str> {
    headers.get(ETAG)?.to_str().ok().filter(|tag| !tag.starts_with("W/"))
}

/// What to make of a connection's error. Its own text repeats the address and leaves the cause out.
fn trouble(error: reqwest::Error) -> Trouble {
    let cause = innermost(&error);
    if error.is_connect() {
        Trouble::NoConnection(format!("could not be reached ({cause})"))
    } else if error.is_timeout() {
        Trouble::Passing("did not answer in time".into())
    } else {
        Trouble::Passing(format!("broke off the connection ({cause})"))
    }
}

/// The last cause, which says most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
