use super::*;
use crate::engine::{Fingerprint, Load};
use crate::error::Error;
use crate::lang::Lang;
use std::sync::Mutex;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

/// Answers as it is told to, and remembers how many lines each call asked for.
struct Scripted<F: Fn(&Batch) -> Result<Vec<String>> + Send + Sync>(F, Mutex<Vec<usize>>);

impl<F: Fn(&Batch) -> Result<Vec<String>> + Send + Sync> Translator for Scripted<F> {
    fn fingerprint(&self, _: &Lang, _: &Lang) -> Result<Fingerprint> {
        Ok(Fingerprint { engine: "told".into(), model: "m".into(), detail: "1".into() })
    }
    fn load(&self) -> Load {
        Load { threads: 1, parallel: 1 }
    }
    fn batch_size(&self) -> usize {
        8
    }
    fn reads_context(&self) -> bool {
        true
    }
    fn translate(&self, batch: &Batch) -> Result<Vec<String>> {
        self.1.lock().unwrap().push(batch.lines.len());
        (self.0)(batch)
    }
}

fn batch(texts: &[&str]) -> Batch {
    let request = |(index, text): (usize, &&str)| Request {
        cue: index as u32 + 1,
        text: (*text).into(),
        speaker: None,
        before: Vec::new(),
        after: Vec::new(),
        terms: Vec::new(),
        ..Request::default()
    };
    let lines = texts.iter().enumerate().map(request).collect();
    Batch {
        from: lang("zh"),
        to: lang("en"),
        synopsis: String::new(),
        style: String::new(),
        task: crate::engine::Task::Translate,
        attempt: 0,
        lines,
    }
}

type Lines = Vec<(u32, Result<String, String>)>;

fn run(answer: impl Fn(&Batch) -> Result<Vec<String>> + Send + Sync, texts: &[&str]) -> (Result<Lines>, Vec<usize>) {
    let engine = Scripted(answer, Mutex::default());
    let mut told = Vec::new();
    let glossary = Glossary::empty(&lang("zh"), &lang("en")).unwrap();
    let amiss = |request: &Request, text: &str| {
        judge(&request.text, text, &[], &glossary, None).fatal().map(|flaw| flaw.what.clone())
    };
    let result = ask(&engine, batch(texts), &amiss, &mut |request, text| {
        told.push((request.cue, text));
        Ok(())
    });
    (result.map(|()| told), engine.1.into_inner().unwrap())
}

fn good(batch: &Batch) -> Vec<String> {
    batch.lines.iter().map(|line| format!("Line {}.", line.cue)).collect()
}

#[test]
fn a_good_answer_is_taken_at_once() {
    let (told, calls) = run(|batch| Ok(good(batch)), &["一", "二", "三"]);
    assert_eq!(told.unwrap()[2], (3, Ok("Line 3.".into())));
    assert_eq!(calls, [3]);
}

#[test]
fn a_wrong_count_is_split_down_to_the_line_that_cannot_be_had() {
    let answer = |batch: &Batch| {
        let mut texts = good(batch);
        if batch.lines.iter().any(|line| line.text == "坏") {
            texts.pop();
        }
        Ok(texts)
    };
    let (told, calls) = run(answer, &["一", "坏", "三", "四"]);
    let told = told.unwrap();
    assert_eq!(told.len(), 4, "n lines in are n lines out");
    let failed: Vec<u32> = told.iter().filter(|(_, text)| text.is_err()).map(|(cue, _)| *cue).collect();
    assert_eq!(failed, [2], "never padded, never shifted");
    assert_eq!(calls, [4, 2, 1, 1, 1, 2], "halves, then lines, the bad one twice");
    assert!(told.iter().all(|(cue, text)| text.as_ref().map_or(true, |text| *text == format!("Line {cue}."))));
}

#[test]
fn a_line_gets_a_second_attempt_that_is_told_apart() {
    let answer = |batch: &Batch| {
        if batch.attempt == 0 { Ok(vec!["还是中文".into()]) } else { Ok(vec!["Fine.".into()]) }
    };
    let (told, calls) = run(answer, &["你好"]);
    assert_eq!(told.unwrap(), [(1, Ok("Fine.".into()))]);
    assert_eq!(calls, [1, 1]);
}

#[test]
fn an_engine_that_cannot_work_is_an_error_not_failed_lines() {
    let (told, calls) = run(|_| Err(Error::new(Kind::Engine, "cannot reach the endpoint")), &["一", "二"]);
    assert_eq!(told.unwrap_err().kind(), Kind::Engine);
    assert_eq!(calls, [2]);
    let (told, _) = run(|_| Err(Error::new(Kind::Answer, "no JSON")), &["一", "二"]);
    assert!(told.unwrap().iter().all(|(_, text)| text.as_ref().unwrap_err().contains("no JSON")));
}

#[test]
fn of_forty_lines_answered_by_thirty_nine_none_is_shifted() {
    let texts: Vec<String> = (0..40).map(|n| format!("第{n}句")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let answer = |batch: &Batch| {
        let mut texts = good(batch);
        if texts.len() == 40 {
            texts.remove(7);
        }
        Ok(texts)
    };
    let (told, calls) = run(answer, &texts);
    let told = told.unwrap();
    assert_eq!(told.len(), 40);
    assert!(told.iter().all(|(cue, text)| *text == Ok(format!("Line {cue}."))), "{told:?}");
    assert_eq!(calls, [40, 20, 20]);
}

#[test]
fn an_empty_glossary_decides_nothing() {
    let glossary = Glossary::empty(&lang("zh"), &lang("en")).unwrap();
    let verdict = judge("顾总来了。", "Gu is here.", &glossary.matches("顾总来了。"), &glossary, None);
    assert_eq!(verdict, Verdict::default());
}

#[test]
fn a_decision_is_carried_through_the_middle_language() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zh-pt.toml");
    std::fs::write(&path, "[[entry]]\nsource = \"彩礼\"\ntarget = \"dote\"\n").unwrap();
    let direct = Glossary::load(&lang("zh"), &lang("pt"), "", &[path]).unwrap();
    let applied = [Applied {
        source: "彩礼".into(),
        target: "bride price".into(),
        found: "bride price".into(),
        kind: EntryKind::Term,
        outcome: crate::verify::Outcome::Kept,
        origin: String::new(),
    }];
    let text = "The bride price is five million.";
    let matches = direct.matches("彩礼五百万。");
    let carried = carried(&matches, &applied, text);
    assert_eq!(carried.len(), 1);
    assert_eq!((&text[carried[0].range.clone()], carried[0].target.as_str()), ("bride price", "dote"));
    assert!(super::carried(&matches, &applied, "It is five million.").is_empty());
}

#[test]
fn a_jobs_key_holds_its_neighbours_and_only_the_entries_that_match_it() {
    let source = |cue: u32, text: &str| Source {
        cue,
        span: Span::default(),
        text: text.into(),
        speaker: None,
        room: Delta::from_ms(2000),
        pace: Pace::new(&lang("en")),
        decided: Vec::new(),
    };
    let lines = [
        source(1, "你来了。"),
        source(2, "彩礼五百万。"),
        source(3, "走吧。"),
        source(4, "好的。"),
        source(5, "再见。"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zh-en.toml");
    let engine = Scripted(|batch| Ok(good(batch)), Mutex::default());
    let keys = |lines: &[Source], target: &str| {
        std::fs::write(&path, format!("[[entry]]\nsource = \"彩礼\"\ntarget = \"{target}\"\n")).unwrap();
        let glossary = Glossary::load(&lang("zh"), &lang("en"), "", std::slice::from_ref(&path)).unwrap();
        jobs("ep", lines, &glossary, &engine, "", "").unwrap()
    };
    let before = keys(&lines, "bride price");
    assert!(
        before[1].request.terms.iter().any(|term| term.target == "five million" || term.target == "5 million"),
        "{:?}",
        before[1].request.terms
    );
    assert_eq!(before[2].request.before, ["你来了。", "彩礼五百万。"]);
    let changed = |a: &[Job], b: &[Job]| {
        a.iter()
            .zip(b)
            .filter(|(a, b)| a.manifest.key() != b.manifest.key())
            .map(|(a, _)| a.request.cue)
            .collect::<Vec<_>>()
    };
    assert_eq!(changed(&before, &keys(&lines, "betrothal gift")), [2]);
    let mut edited = lines.clone();
    edited[4].text = "永别了。".into();
    assert_eq!(changed(&before, &keys(&edited, "bride price")), [4, 5]);
}

#[test]
fn a_line_longer_than_the_style_allows_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zh-en.toml");
    std::fs::write(&path, "[style]\nlongest = 20\n").unwrap();
    let glossary = Glossary::load(&lang("zh"), &lang("en"), "", &[path]).unwrap();
    let pace = Pace::new(&lang("en"));
    let kinds = |wordings: &[&str]| -> Vec<FlawKind> {
        let verdict = judge_all("我不想再见到你了。", wordings, &[], &glossary, (Delta::from_ms(60_000), &pace));
        verdict.flaws.into_iter().map(|flaw| flaw.kind).collect()
    };
    assert_eq!(kinds(&["I never want to see you again."]), [FlawKind::TooLong]);
    assert_eq!(kinds(&["I never want to see you again.", "I'm done with you."]), []);
    assert_eq!((most(0, 20), most(30, 20), most(0, 0)), (20, 20, 0));
}
