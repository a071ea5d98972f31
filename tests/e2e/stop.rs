//! A batch that is stopped, and batches side by side: what is in hand, what is kept, what is left for the next run.
//!
//! The voice is a server that holds back chosen lines, so that a test knows what is in hand when it steps in, and each
//! line can be counted that is asked for.

use crate::batch::{are_the_same, series};
use crate::common::{Running, Said, Space, until, walk};
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

/// Two episodes and two calls of the voice at a time; the voice is asked for nothing but lines.
const FLAGS: &[&str] = &[
    "--engine",
    "fake",
    "--synthesizer",
    "speech",
    "--from",
    "en",
    "--to",
    "pt-BR,es",
    "--voice",
    "pt-BR=any",
    "--voice",
    "es=any",
    "--set",
    "transcripts=\"subs/{episode}.srt\"",
    "--set",
    "batch.open=2",
    "--set",
    "speech.parallel=2",
    "--set",
    "voice.measure-pace=false",
];

/// A speech server that answers with a tone, of a pitch that the words decide.
#[derive(Clone)]
struct Voice {
    base: String,
    desk: Arc<(Mutex<Desk>, Condvar)>,
}

#[derive(Default)]
struct Desk {
    /// Every line that was asked for, in the order of asking.
    asked: Vec<String>,
    /// A line that holds one of these waits for its answer.
    held: Vec<&'static str>,
}

impl Voice {
    fn start() -> Voice {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let voice = Voice { base, desk: Arc::default() };
        let desk = voice.clone();
        std::thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let voice = desk.clone();
                std::thread::spawn(move || voice.answer(caller));
            }
        });
        voice
    }

    fn answer(&self, mut caller: TcpStream) {
        let Some(text) = request(&caller) else { return };
        let (desk, released) = &*self.desk;
        let mut desk = desk.lock().unwrap();
        desk.asked.push(text.clone());
        let waits = |desk: &mut Desk| desk.held.iter().any(|part| text.contains(part));
        drop(released.wait_while(desk, waits).unwrap());
        let sound = tone(&text);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            sound.len()
        );
        // Whoever asked may be gone.
        let _ = caller.write_all(&[head.as_bytes(), &sound].concat());
    }

    fn hold(&self, parts: &[&'static str]) {
        self.desk.0.lock().unwrap().held.extend(parts);
    }

    fn release(&self, parts: &[&str]) {
        self.desk.0.lock().unwrap().held.retain(|part| !parts.contains(part));
        self.desk.1.notify_all();
    }

    /// Waits until a line is in hand that holds each of these.
    #[track_caller]
    fn wait_for(&self, parts: &[&str]) {
        let is_asked = |part: &&str| self.asked().iter().any(|text| text.contains(part));
        assert!(until(|| parts.iter().all(&is_asked)), "{parts:?} in {:?}", self.asked());
    }

    fn asked(&self) -> Vec<String> {
        self.desk.0.lock().unwrap().asked.clone()
    }

    /// What was asked for more than once.
    fn asked_again(&self) -> Vec<String> {
        let mut asked = self.asked();
        asked.sort();
        let mut again: Vec<String> =
            asked.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
        again.dedup();
        again
    }
}

/// The line that a request asks for; none where the caller went away.
fn request(caller: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(caller);
    let mut length = 0;
    loop {
        let mut row = String::new();
        if reader.read_line(&mut row).ok()? == 0 {
            return None;
        }
        match row.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            None if row.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    Some(body["input"].as_str()?.to_owned())
}

/// A WAV of 0.8 s, another one for each text.
fn tone(text: &str) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    // Far from what the films hum themselves.
    let spelled = text.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let pitch = f64::from(600 + spelled % 1000);
    let mut bytes = Cursor::new(Vec::new());
    let mut file = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for sample in 0..12_800 {
        let phase = f64::from(sample) / 16_000.0 * pitch * std::f64::consts::TAU;
        file.write_sample((phase.sin() * 8_000.0) as i16).unwrap();
    }
    file.finalize().unwrap();
    bytes.into_inner()
}

/// Four episodes with three lines each, and the voice that speaks them.
struct Studio {
    space: Space,
    voice: Voice,
}

impl Studio {
    fn new() -> Studio {
        let space = Space::new();
        series(&space);
        std::fs::copy(space.path("show/ep3.mp4"), space.path("show/ep4.mp4")).unwrap();
        for episode in 1..=4 {
            let cue = |line: u32| {
                let (start, end) = (2 * line - 2, 2 * line - 1);
                format!("{line}\n00:00:0{start},300 --> 00:00:0{end},500\nEpisode {episode}, line {line}.\n\n")
            };
            space.write(&format!("subs/ep{episode}.srt"), &(1..=3).map(cue).collect::<String>());
        }
        Studio { space, voice: Voice::start() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let base = format!("speech.base-url={}", self.voice.base);
        self.space.command(&[&["run", "--set", &base], FLAGS, arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// The films that lie in the output folder, sorted.
    fn films(&self) -> Vec<String> {
        let out = self.space.out("");
        let mut films: Vec<String> = walk(&out).into_iter().filter(|path| path.ends_with(".mp4")).collect();
        films.sort();
        films
            .iter()
            .map(|path| path.rsplit('/').take(2).collect::<Vec<_>>())
            .map(|name| format!("{}/{}", name[1], name[0]))
            .collect()
    }

    /// Nothing half-written lies around.
    #[track_caller]
    fn is_tidy(&self) {
        let files = [self.space.out(""), self.space.path("store")].map(|folder| walk(&folder)).concat();
        let is_partial = |path: &&String| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name.starts_with(".dubline-") || name.ends_with(".part")
        };
        assert_eq!(files.iter().filter(is_partial).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    /// Everything is there, and as a run makes it that nobody disturbs.
    #[track_caller]
    fn is_as_undisturbed(&self) {
        self.run(&["show", "--out", "calm", "--store", "calm store"]).code(0);
        are_the_same(&self.space, "calm", "out", 1..=4);
    }
}

/// Starts a batch, and lets it come to where one episode is done, two wait for their second line, and one has not begun.
fn amidst(studio: &Studio) -> Running {
    studio.voice.hold(&["2, lyny 2", "3, lyny 2"]);
    let running = studio.start(&["show"]);
    studio.voice.wait_for(&["2, lyny 2", "3, lyny 2"]);
    running
}

#[test]
fn one_ctrl_c_ends_what_is_in_hand_and_begins_nothing() {
    let studio = Studio::new();
    let mut running = amidst(&studio);
    let asked = studio.voice.asked();
    running.signal("-INT");
    running.wait_for("finishing what is in hand");
    studio.voice.release(&["2, lyny 2", "3, lyny 2"]);
    assert_eq!(running.ended(), Some(130));
    let said = running.said();
    assert_eq!(said.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{said}");
    assert!(said.contains("interrupted") && said.contains("it resumes where it stopped"), "{said}");
    assert_eq!(studio.voice.asked(), asked, "nothing new is asked for");
    assert!(!said.contains("ep4") && !studio.space.out("logs/ep4.log").exists(), "{said}");
    assert_eq!(studio.films(), ["es/ep1.mp4", "pt-BR/ep1.mp4"]);
    assert_eq!(studio.space.json("series.json")["episodes"].as_array().unwrap().len(), 1, "what ended is told");
    studio.is_tidy();

    let said = studio.run(&["show"]).code(0);
    assert_eq!(studio.voice.asked_again(), [""; 0], "the lines in hand were kept, too");
    assert_eq!(studio.voice.asked().len(), 4 * 2 * 3);
    let of_first = |line: &&str| line.starts_with("ep1 ") && line.contains("made in");
    assert_eq!(said.err.lines().find(of_first), None);
    studio.is_as_undisturbed();
}

#[test]
fn a_second_ctrl_c_waits_for_nothing() {
    let studio = Studio::new();
    let mut running = amidst(&studio);
    running.signal("-INT");
    running.wait_for("finishing what is in hand");
    running.signal("-INT");
    // The lines in hand are not answered: who waited for them would be waiting still.
    assert_eq!(running.ended(), Some(130));
    assert_eq!(studio.films(), ["es/ep1.mp4", "pt-BR/ep1.mp4"]);
    studio.is_tidy();

    studio.voice.release(&["2, lyny 2", "3, lyny 2"]);
    studio.run(&["show"]).code(0);
    let again = studio.voice.asked_again();
    assert_eq!(again, ["(pt-BR) Epysydy 2, lyny 2.", "(pt-BR) Epysydy 3, lyny 2."], "only those are lost");
    studio.is_as_undisturbed();
}

#[test]
fn of_two_runs_on_one_series_each_makes_what_the_other_does_not() {
    const BUSY: &str = "another run works on this episode";
    let studio = Studio::new();
    studio.voice.hold(&["1, lyny 2", "2, lyny 2", "3, lyny 2", "4, lyny 2"]);
    let mut first = studio.start(&["show"]);
    studio.voice.wait_for(&["1, lyny 2", "2, lyny 2"]);
    let mut second = studio.start(&["show"]);
    studio.voice.wait_for(&["3, lyny 2", "4, lyny 2"]);
    // Of a single episode the code itself says so.
    let said = studio.run(&["show/ep3.mp4"]).code(12);
    assert!(said.error().contains(BUSY) && said.hint().contains("wait until it has ended"), "{}", said.err);

    studio.voice.release(&["1, lyny 2", "2, lyny 2"]);
    assert_eq!(first.ended(), Some(11), "{}", first.said());
    studio.voice.release(&["3, lyny 2", "4, lyny 2"]);
    assert_eq!(second.ended(), Some(11), "{}", second.said());
    let busy = |said: &str| -> Vec<String> {
        let mut errors: Vec<String> =
            said.lines().filter(|line| line.starts_with("error: ")).map(str::to_owned).collect();
        errors.sort();
        errors
    };
    let told = |episode: u32| format!("error: show/ep{episode}.mp4: {BUSY}");
    assert_eq!(busy(&first.said()), [told(3), told(4)]);
    assert_eq!(busy(&second.said()), [told(1), told(2)]);
    assert_eq!(studio.voice.asked_again(), [""; 0], "no line is spoken twice");
    let series = studio.space.json("series.json");
    let episodes: Vec<&str> =
        series["episodes"].as_array().unwrap().iter().map(|row| row["episode"].as_str().unwrap()).collect();
    assert_eq!(episodes, ["ep1", "ep2", "ep3", "ep4"], "whoever ends last tells of all");
    studio.is_tidy();

    let said = studio.run(&["show"]).code(0);
    assert!(!said.err.contains("made in"), "{}", said.err);
    assert_eq!(studio.voice.asked().len(), 4 * 2 * 3);
    studio.is_as_undisturbed();
}

#[test]
fn two_runs_that_begin_together_spoil_nothing() {
    let studio = Studio::new();
    let mut both = [studio.start(&["show"]), studio.start(&["show"])];
    for running in &mut both {
        let code = running.ended().unwrap();
        let said = running.said();
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.iter().all(|error| error.ends_with("another run works on this episode")), "{said}");
        let expected = match errors.len() {
            0 => 0,
            4 => 12,
            _ => 11,
        };
        assert_eq!(code, expected, "{said}");
    }
    studio.is_tidy();
    studio.run(&["show"]).code(0);
    studio.is_as_undisturbed();
}

#[test]
fn two_runs_on_different_episodes_of_a_series_both_succeed() {
    let studio = Studio::new();
    studio.voice.hold(&["1, lyny 2"]);
    let mut first = studio.start(&["show", "--episodes", "1"]);
    studio.voice.wait_for(&["1, lyny 2"]);
    // From its beginning to its end beside the first one.
    studio.run(&["show", "--episodes", "2-3"]).code(0);
    studio.voice.release(&["1, lyny 2"]);
    assert_eq!(first.ended(), Some(0), "{}", first.said());
    let films: Vec<String> =
        ["es", "pt-BR"].iter().flat_map(|to| (1..=3).map(move |n| format!("{to}/ep{n}.mp4"))).collect();
    assert_eq!(studio.films(), films);
    assert_eq!(studio.voice.asked_again(), [""; 0]);
    studio.is_tidy();

    let said = studio.run(&["show"]).code(0);
    let made = |line: &&str| line.contains("made in") && !line.starts_with("ep4 ");
    assert_eq!(said.err.lines().find(made), None, "only the fourth was missing");
    studio.is_as_undisturbed();
}

#[test]
fn a_stop_is_heeded_where_all_that_is_left_was_made_before() {
    let studio = Studio::new();
    studio.run(&["show"]).code(0);
    // One take is gone; what follows from it is there, so that its episode ends well after the stop was asked for.
    let of_take = |path: &String| {
        let sidecar = path.contains("take-v") && path.ends_with(".meta.json");
        sidecar && std::fs::read_to_string(path).unwrap().contains("\"ep1 es line 2\"")
    };
    let sidecar = walk(&studio.space.path("store")).into_iter().find(of_take).unwrap();
    std::fs::remove_file(sidecar.replace(".meta.json", ".wav")).unwrap();
    let asked = studio.voice.asked().len();
    studio.voice.hold(&["(es) Epysydy 1, lyny 2"]);
    let mut running = studio.start(&["show", "--set", "batch.open=1"]);
    assert!(until(|| studio.voice.asked().len() > asked));
    running.signal("-INT");
    running.wait_for("finishing what is in hand");
    studio.voice.release(&["(es) Epysydy 1, lyny 2"]);
    assert_eq!(running.ended(), Some(130), "{}", running.said());
    assert!(!running.said().contains("ep2"), "{}", running.said());
}
