//! Models in a temporary folder, and a hub of a few lines on the loopback interface.

use super::*;
use crate::cancel::Cancel;
use crate::event::{Event, Events};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const BODY: &[u8] = b"the weights of a very small model, in 51 bytes, all";

fn hash(bytes: &[u8]) -> String {
    installed::hex(&Sha256::digest(bytes))
}

/// A registry of one model `m` with one file `w.bin` of `BODY`, with these sources.
fn models(root: &Path, sha256: &str, sources: &str) -> Models {
    let size = if sha256.is_empty() { 0 } else { BODY.len() };
    let text = format!(
        "[[model]]\nid = 'm'\nfamily = 'vad'\ntitle = 't'\nlanguages = []\nlicence = 'MIT'\nattribution = 'a'\n\
         install = 'core'\nfile = [{{ name = 'w.bin', size = {size}, sha256 = '{sha256}' }}]\n{sources}"
    );
    Models { root: root.to_owned(), registry: Registry::parse(&text).unwrap() }
}

fn hub(url: &str) -> String {
    format!("[[model.source]]\nkind = 'hub'\nurl = '{url}/{{name}}'\n")
}

const PACKAGE: &str = "[[model.source]]\nkind = 'pip'\npackages = ['p==1']\n";

/// A server that answers the n-th request with the n-th of `answers` and then closes; it keeps the
/// requests' heads.
struct Hub {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Hub {
    fn new(answers: Vec<Vec<u8>>) -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = heads.clone();
        std::thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                kept.lock().unwrap().push(head(&mut stream));
                stream.write_all(&answer).unwrap();
            }
        });
        Hub { url, heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// An answer that announces `length` bytes, whatever `body` has.
fn answer(status: &str, length: usize, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn whole() -> Vec<u8> {
    answer("200 OK", BODY.len(), "ETag: \"one\"\r\n", BODY)
}

/// Pulls `m` and returns the outcome with everything that was said.
async fn pull(models: &Models, change: impl FnOnce(&mut PullOptions)) -> (Result<()>, Vec<Event>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = heard.clone();
    let events = Events::new(move |event| kept.lock().unwrap().push(event));
    let mut options = PullOptions { https_only: false, pause: Duration::from_millis(1), ..PullOptions::default() };
    change(&mut options);
    let outcome = models.pull(&["m"], &options, &events, &Cancel::new()).await;
    let heard = heard.lock().unwrap().clone();
    (outcome, heard)
}

fn messages(events: &[Event]) -> Vec<String> {
    let message = |event: &Event| match event {
        Event::Model { message, .. } | Event::Warning { message, .. } => Some(message.clone()),
        _ => None,
    };
    events.iter().filter_map(message).collect()
}

fn put(models: &Models, bytes: &[u8]) -> PathBuf {
    let folder = models.root().join("m");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("w.bin"), bytes).unwrap();
    folder.join("w.bin")
}

#[test]
fn a_missing_model_names_the_command_that_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path(), &hash(BODY), PACKAGE);
    let error = models.path("m").unwrap_err();
    assert_eq!(error.kind(), Kind::MissingModel);
    assert_eq!(error.remedy(), Some("dubline models pull m"));
    assert!(matches!(models.status("m").unwrap(), Status::Missing));
    assert_eq!(models.path("x").unwrap_err().kind(), Kind::Usage);
}

#[test]
fn a_wrong_file_is_told_with_both_hashes_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path(), &hash(BODY), PACKAGE);
    let mut wrong = BODY.to_vec();
    wrong[0] ^= 1;
    let path = put(&models, &wrong);
    let error = models.file("m", "w.bin").unwrap_err();
    assert_eq!(error.kind(), Kind::CorruptModel);
    let told = format!(
        "{}: not the registered model: found SHA-256 {}, expected {}",
        path.display(),
        hash(&wrong),
        hash(BODY)
    );
    assert_eq!(error.to_string(), told);
    assert_eq!(error.remedy(), Some("dubline models pull --force m"));
    put(&models, b"short");
    assert!(models.path("m").unwrap_err().to_string().ends_with("found 5 bytes, expected 51 bytes"));
    assert!(matches!(models.status("m").unwrap(), Status::Corrupt(_)));
}

#[test]
fn a_file_is_hashed_once_and_again_when_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path(), &hash(BODY), PACKAGE);
    let path = put(&models, BODY);
    assert_eq!(models.path("m").unwrap(), path);
    let (size, mtime_ns) = installed::stat(&path).unwrap();
    let stamp = Stamp { sha256: hash(BODY), size, mtime_ns };
    assert_eq!(models.origin("m").unwrap().files["w.bin"], stamp);

    // Other bytes of the same length with the old time stamp: only `verify` reads them.
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    let mut wrong = BODY.to_vec();
    wrong[3] ^= 1;
    put(&models, &wrong);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert!(models.path("m").is_ok());
    assert_eq!(models.verify("m").unwrap_err().kind(), Kind::CorruptModel);
    // With a new time stamp, use does too.
    put(&models, &wrong);
    let later = time + Duration::from_secs(3);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert_eq!(models.path("m").unwrap_err().kind(), Kind::CorruptModel);
}

#[tokio::test]
async fn a_hub_serves_and_the_sidecar_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![whole()]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    let (outcome, heard) = pull(&models, |_| ()).await;
    outcome.unwrap();
    assert_eq!(std::fs::read(models.path("m").unwrap()).unwrap(), BODY);
    let origin = models.origin("m").unwrap();
    assert_eq!((origin.source.as_str(), origin.licence.as_str()), ("hub", "MIT"));
    assert_eq!(origin.packages, [format!("{}/w.bin", server.url)]);
    let size = BODY.len() as u64;
    assert!(
        heard
            .iter()
            .any(|event| matches!(event, Event::Download { done, total, .. } if *done == size && *total == size))
    );
    assert_eq!(messages(&heard), [format!("installed from {}", &server.url[7..])]);
    // The second time nothing is asked of the server, which has no answer left.
    let (outcome, heard) = pull(&models, |_| ()).await;
    outcome.unwrap();
    assert_eq!(messages(&heard), ["already there"]);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn a_download_cut_short_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let half = answer("200 OK", BODY.len(), "ETag: \"one\"\r\n", &BODY[..20]);
    let range = format!("Content-Range: bytes 20-50/{}\r\nETag: \"one\"\r\n", BODY.len());
    let rest = answer("206 Partial Content", BODY.len() - 20, &range, &BODY[20..]);
    let server = Hub::new(vec![half, rest]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    pull(&models, |_| ()).await.0.unwrap();
    assert_eq!(std::fs::read(models.path("m").unwrap()).unwrap(), BODY);
    let second = &server.heads()[1];
    assert!(second.contains("\r\nrange: bytes=20-\r\n") && second.contains("\r\nif-range: \"one\"\r\n"), "{second}");
}

#[tokio::test]
async fn a_server_that_begins_anew_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let half = answer("200 OK", BODY.len(), "ETag: \"zero\"\r\n", &[b'x'; 20]);
    let server = Hub::new(vec![half, whole()]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    pull(&models, |_| ()).await.0.unwrap();
    assert_eq!(std::fs::read(models.path("m").unwrap()).unwrap(), BODY);
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again_and_a_missing_file_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let busy = answer("503 Service Unavailable", 0, "", b"");
    let server = Hub::new(vec![busy, whole()]);
    let one = models(folder.path(), &hash(BODY), &hub(&server.url));
    pull(&one, |_| ()).await.0.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![answer("404 Not Found", 0, "", b""), whole()]);
    let other = models(folder.path(), &hash(BODY), &hub(&server.url));
    let error = pull(&other, |_| ()).await.0.unwrap_err();
    assert_eq!(error.kind(), Kind::MissingModel);
    let told = format!("the model m could not be had: {} answered 404 Not Found", &server.url[7..]);
    assert_eq!(error.to_string(), told);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn bytes_with_the_wrong_hash_are_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = BODY.to_vec();
    wrong[7] ^= 1;
    let server = Hub::new(vec![answer("200 OK", wrong.len(), "", &wrong)]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    let error = pull(&models, |_| ()).await.0.unwrap_err();
    assert!(error.to_string().contains(&format!("sent w.bin with SHA-256 {}, expected {}", hash(&wrong), hash(BODY))));
    assert!(!folder.path().join("m").exists());
    assert!(!folder.path().join(".part/m/w.bin.part").exists());
    // A length that cannot be right is not even read.
    let server = Hub::new(vec![answer("200 OK", 7, "", b"<html/>")]);
    let models = self::models(folder.path(), &hash(BODY), &hub(&server.url));
    let error = pull(&models, |_| ()).await.0.unwrap_err();
    assert!(error.to_string().ends_with("has w.bin of 7 bytes, expected 51"), "{error}");
}

#[tokio::test]
async fn without_a_published_hash_the_first_one_is_held_to() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![whole()]);
    let models = models(folder.path(), "", &hub(&server.url));
    let (outcome, heard) = pull(&models, |_| ()).await;
    outcome.unwrap();
    assert!(messages(&heard)[0].starts_with("nobody published a hash of w.bin (m): what came now, SHA-256 "));
    assert_eq!(models.fingerprint("m").unwrap(), hash(BODY));
    put(&models, b"something else");
    assert_eq!(models.verify("m").unwrap_err().kind(), Kind::CorruptModel);
}

#[tokio::test]
async fn offline_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![whole()]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    let error = pull(&models, |options| options.offline = true).await.0.unwrap_err();
    assert_eq!(error.to_string(), "the model m is not installed; and the network may not be used");
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn plain_http_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![whole()]);
    let models = models(folder.path(), &hash(BODY), &hub(&server.url));
    assert!(pull(&models, |options| options.https_only = true).await.0.is_err());
    assert!(server.heads().is_empty());
}

/// A stand-in for Python: a shell script that is given the fetcher's arguments.
#[cfg(unix)]
fn interpreter(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("python");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[cfg(unix)]
#[tokio::test]
async fn packages_step_in_for_a_hub_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    // Bound and dropped: nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sources = format!("{}{PACKAGE}", hub(&format!("http://{closed}")));
    let models = models(folder.path(), &hash(BODY), &sources);
    let text = String::from_utf8(BODY.to_vec()).unwrap();
    let script = format!(
        "test -f \"$1\" && test \"$2\" = --registry && test -f \"$3\" && test \"$4\" = --models || exit 9\n\
         mkdir -p \"$5/m\" && printf '%s' '{text}' > \"$5/m/w.bin\" && echo 'done     m'"
    );
    let python = interpreter(folder.path(), &script);
    let (outcome, heard) = pull(&models, |options| options.python = Some(python)).await;
    outcome.unwrap();
    let said = messages(&heard);
    assert_eq!(said[0], "done m");
    let begin = format!("{closed} could not be reached (");
    assert!(said[1].starts_with(&begin) && said[1].ends_with("); installed from 1 Python package"), "{said:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn when_nothing_serves_every_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hub::new(vec![answer("403 Forbidden", 0, "", b"")]);
    let sources = format!("{}{PACKAGE}", hub(&server.url));
    let models = models(folder.path(), &hash(BODY), &sources);
    let python = interpreter(folder.path(), "printf 'error: no such package\\n  hint: look again\\n' >&2; exit 1");
    let error = pull(&models, |options| options.python = Some(python)).await.0.unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("answered 403 Forbidden; ") && told.contains("1 Python package did not serve: no such package"),
        "{told}"
    );
    assert_eq!(error.remedy(), Some("look again"));

    let nowhere = folder.path().join("no-python");
    let models = self::models(folder.path(), &hash(BODY), PACKAGE);
    let error = pull(&models, |options| options.python = Some(nowhere)).await.0.unwrap_err();
    assert!(error.remedy().unwrap().contains("DUBLINE_PYTHON"));
}

#[test]
fn a_fingerprint_is_of_the_bytes_whether_installed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let models = Models::new(folder.path()).unwrap();
    let single = models.fingerprint("silero-vad-v6").unwrap();
    assert_eq!(single, models.registry().get("silero-vad-v6").unwrap().files[0].sha256);
    let voices = models.fingerprint("kokoro-voices").unwrap();
    assert_eq!(voices.len(), 64);
    assert_ne!(voices, models.fingerprint("ppocr-v4").unwrap());
}

#[test]
fn a_lesser_model_is_chosen_with_the_better_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let models = models(folder.path(), &hash(BODY), PACKAGE);
    assert_eq!(models.first_installed(&["better", "m"]), None);
    put(&models, BODY);
    assert_eq!(models.first_installed(&["better", "m"]), Some(("m", vec!["better"])));
}
