use super::*;
use crate::settings::{Layer, Origin, resolve};

const SETTLE: u64 = 5;

/// A watcher and the seconds that went by.
struct Played(Watcher, u64);

impl Played {
    fn new() -> Played {
        Played(Watcher::new(Duration::from_secs(SETTLE)), 0)
    }

    /// Looks once a second at a folder that stays the same; what was ready at the last look.
    fn looks(&mut self, times: u64, files: &[(&str, u64, i64)]) -> Vec<String> {
        let mut ready = Vec::new();
        for _ in 0..times {
            ready = self.at(self.1, files);
            self.1 += 1;
        }
        ready
    }

    fn judge(&mut self, name: &str, size: u64, modified: i64, verdict: Verdict) {
        self.0.judge(&Upload { name: name.into(), look: look(size, modified) }, verdict);
    }

    fn at(&mut self, seconds: u64, files: &[(&str, u64, i64)]) -> Vec<String> {
        let listing: Vec<(String, Look)> =
            files.iter().map(|(name, size, modified)| ((*name).to_owned(), look(*size, *modified))).collect();
        self.0.look(Duration::from_secs(seconds), &listing).into_iter().map(|upload| upload.name).collect()
    }
}

fn look(size: u64, modified: i64) -> Look {
    Look { size, modified }
}

#[test]
fn a_file_that_grows_is_ready_once_it_rests() {
    let mut played = Played::new();
    for size in 1..20 {
        assert!(played.looks(1, &[("a.mp4", size, 7)]).is_empty(), "it still grows");
    }
    assert!(played.looks(SETTLE - 1, &[("a.mp4", 19, 7)]).is_empty() && played.0.waiting() == ["a.mp4"]);
    assert_eq!(played.looks(1, &[("a.mp4", 19, 7)]), ["a.mp4"]);
}

#[test]
fn shrinking_and_touching_are_changes_too() {
    let mut played = Played::new();
    played.looks(SETTLE, &[("a.mp4", 9, 7)]);
    assert!(played.looks(1, &[("a.mp4", 8, 7)]).is_empty());
    played.looks(SETTLE - 1, &[("a.mp4", 8, 7)]);
    // Written in place, or its clock set back: the size alone says nothing.
    assert!(played.looks(SETTLE, &[("a.mp4", 8, 6)]).is_empty());
    assert_eq!(played.looks(1, &[("a.mp4", 8, 6)]), ["a.mp4"]);
}

#[test]
fn what_vanished_and_comes_back_rests_anew() {
    let mut played = Played::new();
    assert_eq!(played.looks(SETTLE + 1, &[("a.mp4", 9, 7)]), ["a.mp4"]);
    assert!(played.looks(1, &[]).is_empty());
    assert!(played.looks(SETTLE, &[("a.mp4", 9, 7)]).is_empty());
    assert_eq!(played.looks(1, &[("a.mp4", 9, 7)]), ["a.mp4"]);
}

#[test]
fn a_judged_file_is_ready_again_only_when_it_is_replaced() {
    let mut played = Played::new();
    played.looks(SETTLE + 1, &[("a.mp4", 9, 7)]);
    played.judge("a.mp4", 9, 7, Verdict::Done);
    assert!(played.looks(9, &[("a.mp4", 9, 7)]).is_empty() && played.0.waiting().is_empty());
    assert!(played.looks(SETTLE, &[("a.mp4", 9, 8)]).is_empty());
    assert_eq!(played.looks(1, &[("a.mp4", 9, 8)]), ["a.mp4"]);
    // A judgement of what it was before says nothing of what it is now.
    played.judge("a.mp4", 9, 7, Verdict::Done);
    assert_eq!(played.looks(1, &[("a.mp4", 9, 8)]), ["a.mp4"]);
    played.judge("a.mp4", 9, 8, Verdict::Done);
    played.0.forget("a.mp4");
    assert_eq!(played.looks(SETTLE + 1, &[("a.mp4", 9, 8)]), ["a.mp4"], "a forgotten one is looked at anew");
    played.judge("a.mp4", 9, 8, Verdict::Done);
    played.0.judge_anew();
    assert_eq!(played.looks(1, &[("a.mp4", 9, 8)]), ["a.mp4"], "it rested already");
}

#[test]
fn a_clock_that_jumps_completes_nothing() {
    let mut played = Played::new();
    played.at(10, &[("a.mp4", 9, 7)]);
    assert!(played.at(90_000, &[("a.mp4", 9, 7)]).is_empty(), "two looks, however far apart, are too few");
    assert_eq!(played.at(90_001, &[("a.mp4", 9, 7)]), ["a.mp4"]);
    let mut played = Played::new();
    played.at(100, &[("a.mp4", 9, 7)]);
    for at in [3, 4, 5, 6, 7] {
        assert!(played.at(at, &[("a.mp4", 9, 7)]).is_empty(), "back in time, it rests from there");
    }
    assert_eq!(played.at(8, &[("a.mp4", 9, 7)]), ["a.mp4"]);
    // A date far ahead, as a camera without a clock or another machine writes it, is a date like any other.
    let mut played = Played::new();
    assert_eq!(played.looks(SETTLE + 1, &[("a.mp4", 9, i64::MAX), ("b.mp4", 9, i64::MIN)]), ["b.mp4", "a.mp4"]);
}

#[test]
fn unfinished_hidden_and_empty_files_are_not_ready() {
    let mut played = Played::new();
    let files = [
        "a.mp4.part",
        "a.mp4.filepart",
        "b.TMP",
        "c.mp4.crdownload",
        "d.mp4~",
        "~$e.mp4",
        ".f.mp4",
        ".g.mp4.Xy12Zq",
        "h.srt",
        "i.md5",
    ];
    let mut listing: Vec<(&str, u64, i64)> = files.iter().map(|name| (*name, 9, 7)).collect();
    listing.push(("empty.mp4", 0, 7));
    listing.push(("no ending", 9, 7));
    assert_eq!(played.looks(20, &listing), ["no ending"]);
    assert_eq!(played.0.waiting(), ["empty.mp4"]);
    assert_eq!(passed_over(".g.mp4.Xy12Zq"), Some(Passed::Hidden));
    assert_eq!(passed_over("h.srt"), Some(Passed::Companion));
    assert_eq!(passed_over("party.mp4"), None);
}

#[test]
fn a_namesake_is_a_done_file_with_the_same_outputs() {
    let mut played = Played::new();
    played.looks(SETTLE + 1, &[("a.mp4", 9, 7), ("a.mkv", 9, 7), ("b.mp4", 9, 7)]);
    assert_eq!(played.0.namesake("a.mkv"), None);
    played.judge("a.mp4", 9, 7, Verdict::SetAside);
    assert_eq!(played.0.namesake("a.mkv"), None, "what failed left no outputs");
    played.judge("a.mp4", 9, 7, Verdict::Done);
    assert_eq!(played.0.namesake("a.mkv"), Some("a.mp4"));
    assert_eq!(played.0.namesake("a.mp4"), None);
    assert_eq!(played.0.namesake("b.mp4"), None);
}

#[test]
fn only_settings_that_change_a_result_make_a_file_another() {
    let digest = |text: &str| {
        let values = text.parse().unwrap();
        settings_digest(&resolve(&[Layer { origin: Origin::Flag, values }]).unwrap().settings)
    };
    let plain = digest("to = ['en']");
    for same in [
        "threads = 1",
        "offline = true",
        "store = 's'",
        "watch.poll-seconds = 1",
        "webhook.url = 'http://x'",
        "batch.open = 2",
        "chat.retries = 9",
        "mix.duck-db = 18.0",
    ] {
        assert_eq!(digest(&format!("to = ['en']\n{same}")), plain, "{same}");
    }
    for other in
        ["from = 'zh'", "out = 'elsewhere'", "mix.duck-db = 12.0", "chat.model = 'm'", "voice.default.en = 'v'"]
    {
        assert_ne!(digest(&format!("to = ['en']\n{other}")), plain, "{other}");
    }
    assert_ne!(digest("to = ['en', 'pt-BR']"), plain);
}
