use super::*;
use crate::cancel::Cancel;
use crate::engine::Request;
use crate::engine::Term;
use crate::event::Events;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn context() -> (tokio::runtime::Runtime, Context) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let folder = crate::store::cache_folder().join("models");
    let context = Context {
        models: Arc::new(Models::new(&folder).unwrap()),
        settings: Arc::default(),
        threads: 2,
        runtime: runtime.handle().clone(),
        events: Events::silent(),
        cancel: Cancel::new(),
    };
    (runtime, context)
}

/// A line and its terms.
type Line<'a> = (&'a str, &'a [(&'a str, &'a str)]);

fn batch(from: &str, to: &str, lines: &[Line<'_>]) -> Batch {
    let line = |(i, (text, terms)): (usize, &Line<'_>)| Request {
        cue: i as u32 + 1,
        text: (*text).to_owned(),
        speaker: None,
        before: Vec::new(),
        after: Vec::new(),
        terms: terms
            .iter()
            .map(|(source, target)| Term { source: (*source).into(), target: (*target).into(), ..Term::default() })
            .collect(),
        ..Request::default()
    };
    Batch {
        from: lang(from),
        to: lang(to),
        synopsis: String::new(),
        style: String::new(),
        task: crate::engine::Task::Translate,
        attempt: 0,
        lines: lines.iter().enumerate().map(line).collect(),
    }
}

#[test]
fn a_pair_is_direct_or_goes_through_english_or_names_what_is_missing() {
    let have = |ids: &'static [&'static str]| move |id: &str| ids.contains(&id);
    let path = |from: &str, to: &str, ids| path(&lang(from), &lang(to), have(ids));
    assert_eq!(path("en", "pt-BR", &["bergamot-en-pt"]).unwrap(), ["bergamot-en-pt"]);
    assert_eq!(path("es", "pt", &["bergamot-es-en", "bergamot-en-pt"]).unwrap(), ["bergamot-es-en", "bergamot-en-pt"]);
    let direct = path("es", "pt", &["bergamot-es-en", "bergamot-en-pt", "bergamot-es-pt"]).unwrap();
    assert_eq!(direct, ["bergamot-es-pt"]);
    let missing = path("es", "pt", &["bergamot-en-pt"]).unwrap_err();
    assert_eq!(missing.kind(), Kind::MissingModel);
    assert_eq!(missing.remedy(), Some("run: dubline models pull bergamot-es-en"));
    assert_eq!(path("en", "de", &[]).unwrap_err().remedy(), Some("run: dubline models pull bergamot-en-de"));
}

#[test]
fn the_models_asked_for_follow_the_languages() {
    let settings = |from: Option<&str>, to: &[&str]| Settings {
        from: from.map(lang),
        to: to.iter().map(|to| lang(to)).collect(),
        ..Settings::default()
    };
    assert_eq!(models(&settings(Some("zh"), &["en", "pt-BR"])), ["bergamot-en-pt"]);
    assert_eq!(models(&settings(Some("es"), &["pt"])), ["bergamot-en-pt", "bergamot-es-en"]);
    assert_eq!(models(&settings(None, &["en"])), Vec::<String>::new());
}

#[test]
fn english_becomes_portuguese_and_portuguese_english() {
    let (_runtime, context) = context();
    if !is_installed(&context.models, &lang("en"), &lang("pt"))
        || !is_installed(&context.models, &lang("pt"), &lang("en"))
    {
        println!("skipped: the models bergamot-en-pt and bergamot-pt-en are not installed");
        return;
    }
    let engine = Nmt::new(&context);
    let lines: [Line<'_>; 5] = [
        ("Mr. Gu, the doctor is here. He wants to see you.", &[]),
        ("Get out of my house!", &[]),
        ("I want a divorce.\nSign it.", &[]),
        ("The heiress lost everything.", &[("heiress", "princesinha")]),
        ("I'll marry Gu Yan tomorrow.", &[("Gu Yan", "Gu Yan")]),
    ];
    let texts = engine.translate(&batch("en", "pt-BR", &lines)).unwrap();
    println!("{texts:#?}");
    assert_eq!(texts.len(), lines.len());
    assert!(texts[0].contains("Gu") && texts[0].contains("médico"), "both sentences: {}", texts[0]);
    assert!(texts[1].to_lowercase().contains("casa"));
    assert!(texts[2].to_lowercase().contains("divórcio") && texts[2].to_lowercase().contains("assin"));
    assert!(texts[3].contains("princesinha"), "the glossary's word: {}", texts[3]);
    assert!(texts[4].contains("Gu Yan"));
    let back = engine.translate(&batch("pt", "en", &[("Saia da minha casa!", &[])])).unwrap();
    assert!(back[0].to_lowercase().contains("house"), "{back:?}");
    let print = engine.fingerprint(&lang("en"), &lang("pt-BR")).unwrap();
    assert_eq!((print.engine.as_str(), print.model.as_str()), ("nmt", "bergamot-en-pt"));
}

#[test]
fn a_broken_model_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, b"no model").unwrap();
        path
    };
    let files = Files { model: file("model.bin"), source: file("a.spm"), target: file("b.spm"), shortlist: None };
    let error = Worker::start("bergamot-en-xx", files).err().unwrap();
    assert_eq!(error.kind(), Kind::CorruptModel);
    assert!(error.to_string().contains("bergamot-en-xx") && error.remedy().is_some(), "{error}");
}
