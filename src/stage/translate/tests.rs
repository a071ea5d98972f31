use super::*;
use crate::engine::Load;
use std::sync::Mutex;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

/// An engine that answers as a test says, and remembers what it was asked.
struct Scripted {
    size: usize,
    reads: bool,
    answer: fn(&Batch) -> Result<Vec<String>>,
    asked: Mutex<Vec<(Vec<u32>, u32)>>,
}

impl Scripted {
    fn new(size: usize, answer: fn(&Batch) -> Result<Vec<String>>) -> Scripted {
        Scripted { size, reads: true, answer, asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<(Vec<u32>, u32)> {
        self.asked.lock().unwrap().clone()
    }
}

impl Translator for Scripted {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        Ok(Fingerprint { engine: "scripted".into(), model: "m".into(), detail: "1".into() })
    }
    fn load(&self) -> Load {
        Load { threads: 0, parallel: 1 }
    }
    fn batch_size(&self) -> usize {
        self.size
    }
    fn reads_context(&self) -> bool {
        self.reads
    }
    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        self.asked.lock().unwrap().push((batch.lines.iter().map(|line| line.cue).collect(), batch.attempt));
        (self.answer)(batch)
    }
}

fn english(batch: &Batch) -> Vec<String> {
    batch.lines.iter().map(|line| format!("Line number {}.", line.cue)).collect()
}

fn unusable() -> Error {
    Error::new(Kind::Answer, "unusable")
}

fn originals(texts: &[&str]) -> Vec<Original> {
    let original = |(i, text): (usize, &&str)| Original {
        cue: i as u32 + 1,
        span: Span::from_ms(i as i64 * 1000, i as i64 * 1000 + 900),
        speaker: None,
        said: (*text).to_owned(),
        text: Ok((*text).to_owned()),
    };
    texts.iter().enumerate().map(original).collect()
}

const TEXTS: [&str; 5] = ["顾总来了。", "给我五百万。", "你走吧。", "我不走。", "再见。"];

/// Everything that a run needs, and what it gave.
struct Space {
    from: Lang,
    to: Lang,
    glossary: Glossary,
}

impl Space {
    fn new() -> Space {
        let (from, to) = (lang("zh"), lang("en"));
        Space { glossary: Glossary::load(&from, &to, &[]).unwrap(), from, to }
    }

    fn task<'a>(&'a self, engine: &'a dyn Translator) -> Task<'a> {
        Task { from: &self.from, to: &self.to, synopsis: "A feud.", glossary: &self.glossary, engine }
    }

    fn run(&self, engine: &Scripted, texts: &[&str]) -> (Result<()>, Script) {
        let task = self.task(engine);
        let originals = originals(texts);
        let jobs = jobs(&task, &originals).unwrap();
        let mut states = vec![None; originals.len()];
        let result = run(&task, &jobs, &Cancel::new(), &mut |job, state| {
            states[job.index] = Some(state);
            Ok(())
        });
        (result, script(&task, &originals, &states))
    }
}

fn texts(script: &Script) -> Vec<&str> {
    script.lines.iter().map(|line| line.text().unwrap_or("-")).collect()
}

#[test]
fn a_job_holds_neighbours_and_the_terms_that_match_it() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| Ok(english(batch)));
    let jobs = jobs(&space.task(&engine), &originals(&TEXTS)).unwrap();
    let request = &jobs[2].request;
    assert_eq!(request.before, TEXTS[..2]);
    assert_eq!(request.after, ["我不走。"]);
    assert!(request.terms.is_empty());
    assert_eq!(jobs[0].request.before, Vec::<String>::new());
    assert_eq!(jobs[4].request.after, Vec::<String>::new());
    let term = |job: &Job| job.request.terms.iter().map(|t| format!("{}={}", t.source, t.target)).collect::<Vec<_>>();
    assert_eq!(term(&jobs[0]), ["顾总=Mr. Gu"]);
    assert_eq!(term(&jobs[1]), ["五百万=5 million"]);
    let explained = jobs[0].manifest.explain();
    for part in [
        "engine: scripted m 1",
        "text: 顾总来了。",
        "after 1: 给我五百万。",
        "synopsis: A feud.",
        "term 1: 顾总 → Mr. Gu",
    ] {
        assert!(explained.contains(part), "{part} in {explained}");
    }
}

#[test]
fn a_key_changes_with_what_the_line_depends_on_and_with_nothing_else() {
    let space = Space::new();
    let keys = |engine: &Scripted, texts: &[&str]| -> Vec<_> {
        jobs(&space.task(engine), &originals(texts)).unwrap().iter().map(|job| job.manifest.key()).collect()
    };
    let changed = |engine: &Scripted| -> Vec<bool> {
        let before = keys(engine, &TEXTS);
        let mut texts = TEXTS;
        texts[2] = "你滚吧。";
        before.iter().zip(keys(engine, &texts)).map(|(a, b)| *a != b).collect()
    };
    let mut engine = Scripted::new(2, |batch| Ok(english(batch)));
    // The line before it sees it as its next, the two after it as what was said before.
    assert_eq!(changed(&engine), [false, true, true, true, true]);
    engine.reads = false;
    assert_eq!(changed(&engine), [false, false, true, false, false]);
    // A glossary entry redoes the lines that it touches.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("zh-en.toml");
    std::fs::write(&file, "[[entry]]\nsource = \"顾总\"\ntarget = \"Boss Gu\"").unwrap();
    let other = Space { glossary: Glossary::load(&space.from, &space.to, &[file]).unwrap(), ..Space::new() };
    let of = |space: &Space| jobs(&space.task(&engine), &originals(&TEXTS)).unwrap();
    let differ: Vec<bool> =
        of(&space).iter().zip(of(&other)).map(|(a, b)| a.manifest.key() != b.manifest.key()).collect();
    assert_eq!(differ, [true, false, false, false, false]);
}

#[test]
fn lines_come_one_by_one_and_say_who_wrote_them() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| {
        Ok(batch
            .lines
            .iter()
            .map(|line| if line.cue == 1 { "mr. gu is here.".into() } else { "Well.".into() })
            .collect())
    });
    let (result, script) = space.run(&engine, &TEXTS);
    result.unwrap();
    assert_eq!(engine.asked(), [(vec![1, 2], 0), (vec![3, 4], 0), (vec![5], 0)]);
    assert_eq!(
        script.lines[0].state,
        LineState::Written {
            text: "mr. gu is here.".into(),
            tight: Vec::new(),
            terms: vec!["顾总".into()],
            engine: "scripted m".into()
        }
    );
    let LineState::Written { terms, .. } = &script.lines[1].state else { panic!() };
    assert!(terms.is_empty(), "5 million was not said");
}

#[test]
fn a_batch_whose_answer_cannot_be_used_is_halved_until_one_line_fails() {
    let space = Space::new();
    let engine = Scripted::new(4, |batch| match batch.lines.iter().any(|line| line.cue == 3) {
        true => Err(unusable()),
        false => Ok(english(batch)),
    });
    let (result, script) = space.run(&engine, &TEXTS);
    result.unwrap();
    assert_eq!(texts(&script), ["Line number 1.", "Line number 2.", "-", "Line number 4.", "Line number 5."]);
    let asked = engine.asked();
    assert_eq!(asked[..5], [(vec![1, 2, 3, 4], 0), (vec![1, 2], 0), (vec![3, 4], 0), (vec![3], 0), (vec![3], 1)]);
    let why = script.failed().next().unwrap().1;
    assert_eq!(why, "unusable");
}

#[test]
fn an_engine_that_forgets_to_count_is_caught() {
    let space = Space::new();
    let engine =
        Scripted::new(5, |batch| Ok(english(batch).into_iter().skip(usize::from(batch.lines.len() > 1)).collect()));
    let (result, script) = space.run(&engine, &TEXTS);
    result.unwrap();
    assert_eq!(script.failed().count(), 0);
    assert_eq!(texts(&script)[4], "Line number 5.");
}

#[test]
fn a_bad_text_is_asked_for_once_more_alone() {
    let space = Space::new();
    let engine = Scripted::new(5, |batch| {
        let mut texts = english(batch);
        if batch.attempt == 0 {
            texts[1] = "给我五百万。".into();
            texts[3] = String::new();
        } else if batch.lines[0].cue == 4 {
            texts[0] = String::new();
        }
        Ok(texts)
    });
    let (result, script) = space.run(&engine, &TEXTS);
    result.unwrap();
    assert_eq!(engine.asked(), [(vec![1, 2, 3, 4, 5], 0), (vec![2], 1), (vec![4], 1)]);
    assert_eq!(texts(&script), ["Line number 1.", "Line number 2.", "Line number 3.", "-", "Line number 5."]);
    assert_eq!(script.failed().next().unwrap().1, "the translation is empty, twice");
}

#[test]
fn an_engine_that_cannot_work_is_an_error_and_what_was_finished_is_kept() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| match batch.lines[0].cue {
        1 => Ok(english(batch)),
        _ => Err(Error::new(Kind::Engine, "cannot reach http://x")),
    });
    let (result, script) = space.run(&engine, &TEXTS);
    assert_eq!(result.unwrap_err().kind(), Kind::Engine);
    assert_eq!(texts(&script), ["Line number 1.", "Line number 2.", "-", "-", "-"]);
    assert_eq!(engine.asked().len(), 2, "not line by line against a dead endpoint");
}

#[test]
fn a_wish_to_stop_is_heard_between_batches() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| Ok(english(batch)));
    let task = space.task(&engine);
    let jobs = jobs(&task, &originals(&TEXTS)).unwrap();
    let (cancel, mut finished) = (Cancel::new(), 0);
    let stopped = run(&task, &jobs, &cancel, &mut |_, _| {
        finished += 1;
        cancel.request();
        Ok(())
    });
    assert_eq!(stopped.unwrap_err().kind(), Kind::Interrupted);
    assert_eq!(finished, 2, "the batch in hand is finished");
}

#[test]
fn batches_hold_neighbours_only() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| Ok(english(batch)));
    let mut jobs = jobs(&space.task(&engine), &originals(&TEXTS)).unwrap();
    jobs.remove(1);
    let sizes: Vec<usize> = batches(&jobs, 2).map(<[Job]>::len).collect();
    assert_eq!(sizes, [1, 2, 1]);
}

#[test]
fn a_line_that_failed_on_the_way_fails_with_the_reason() {
    let space = Space::new();
    let engine = Scripted::new(2, |batch| match batch.lines[0].cue {
        3 => Err(unusable()),
        _ => Ok(english(batch)),
    });
    let engine_one = Scripted { size: 1, ..engine };
    let (_, first) = space.run(&engine_one, &TEXTS);
    let on = from_script(&first);
    assert_eq!(on[0].said, TEXTS[0], "what the cue says stays");
    let portuguese =
        Space { from: lang("en"), to: lang("pt-BR"), glossary: Glossary::empty(&lang("en"), &lang("pt")).unwrap() };
    let engine = Scripted::new(9, |batch| Ok(batch.lines.iter().map(|_| "Olá para você.".to_owned()).collect()));
    let task = portuguese.task(&engine);
    let jobs = jobs(&task, &on).unwrap();
    assert_eq!(jobs.iter().map(|job| job.request.cue).collect::<Vec<_>>(), [1, 2, 4, 5]);
    let mut states = vec![None; on.len()];
    run(&task, &jobs, &Cancel::new(), &mut |job, state| {
        states[job.index] = Some(state);
        Ok(())
    })
    .unwrap();
    let script = script(&task, &on, &states);
    assert_eq!(script.lines.len(), 5);
    assert_eq!(
        script.failed().map(|(line, why)| (line.cue, why)).collect::<Vec<_>>(),
        [(3, "English failed: unusable")]
    );
    assert_eq!(script.lines[0].source, TEXTS[0]);
}
