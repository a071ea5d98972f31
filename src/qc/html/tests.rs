//! The page is whole, reaches out to nothing, and shows text as text.

use super::super::{Finding, Found, LineReport, judge, tests::report};
use super::*;
use crate::supply::Reason;
use crate::time::Time;
use crate::verify::{Flaw, FlawKind};

fn nowhere(_: &Path) -> Option<PathBuf> {
    None
}

fn beside(path: &Path) -> Option<PathBuf> {
    Some(Path::new("..").join(path))
}

/// A held episode whose every text is hostile.
fn hostile() -> Report {
    let mut bad = report();
    bad.episode = "</title><script>alert(1)</script>\" onload=\"x".into();
    bad.language = "ar".parse().unwrap();
    bad.lines[0].source = "<img src=x onerror=alert(1)>".into();
    bad.lines[0].text = Some("مرحبا </p><script>".into());
    bad.lines[0].speaker = Some("'\"><b>".into());
    bad.lines[1].failed = Some("]]> --> </style>".into());
    bad.lines[1].take = None;
    bad.supplied = Supplied::Held { why: Reason::Broken { error: "<svg onload=x>".into() }, lines: Vec::new() };
    bad.deliverable.as_mut().unwrap().path = "javascript:alert(1)//\".mp4".into();
    bad.deliverable.as_mut().unwrap().heard[0].level_dbfs = -80.0;
    bad.findings = judge(&bad);
    bad
}

/// Everything between the page's own style and script.
fn body(page: &str) -> &str {
    let start = page.find("<body>").unwrap();
    &page[start..page.rfind("<script>").unwrap()]
}

#[test]
fn no_text_becomes_markup() {
    let page = page(&[hostile()], &beside);
    let body = body(&page);
    for bad in ["<script", "<img", "<svg onload", "onload=\"", "onerror=alert(1)>", "\"javascript:", "</style>"] {
        assert!(!body.contains(bad), "{bad}");
    }
    assert!(body.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(page.contains("<title>Dubbing report: 1 episode, 1 language</title>"));
    // The page is well-formed, but for what HTML writes without an end.
    let whole =
        body.replace(" hidden>", ">").replace(" controls ", " ").replace(" open>", ">").replace(" checked>", ">");
    let whole = whole.replace("<input type=\"checkbox\" name=\"severity\" value=\"error\">", "");
    let whole = whole.replace("<input type=\"checkbox\" name=\"severity\" value=\"warning\">", "");
    let whole = whole.replace("<input type=\"checkbox\" name=\"severity\" value=\"note\">", "");
    let whole = whole.replace("<input type=\"search\" name=\"text\">", "") + "</body>";
    roxmltree::Document::parse(&whole).unwrap_or_else(|e| panic!("{e}\n{whole}"));
}

#[test]
fn nothing_is_fetched_from_anywhere() {
    let page = page(&[hostile(), report()], &nowhere);
    for outside in ["http://", "https://", "//cdn", "@import", "url(", "<link", "src=\""] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn players_start_before_the_line_and_lie_where_the_caller_says() {
    let mut flawed = report();
    flawed.deliverable.as_mut().unwrap().path = "out/pt-BR/第 3 集.mp4".into();
    flawed.deliverable.as_mut().unwrap().heard[1].level_dbfs = -90.0;
    flawed.findings = judge(&flawed);
    let page = page(&[flawed.clone()], &beside);
    let media = "../out/pt-BR/%E7%AC%AC%203%20%E9%9B%86.mp4";
    assert!(page.contains(&format!("preload=\"none\" src=\"{media}#t=2.300,5.200\"")));
    assert!(page.contains("src=\"../ep03.mp4#t=2.300,5.200\""), "the original is played from the source");
    assert!(page.contains(&format!("<a href=\"{media}#t=3.000\">0:03.000</a>")));
    // A sound without pictures needs no picture.
    flawed.source.frame = None;
    assert!(super::page(&[flawed], &beside).contains("<audio controls"));
}

#[test]
fn the_matrix_has_a_cell_for_each_and_the_share_is_told() {
    let named = |episode: &str, language: &str| Report {
        episode: episode.to_owned(),
        language: language.parse().unwrap(),
        ..report()
    };
    let mut gone = named("ep10", "id");
    gone.deliverable = gone.deliverable.map(|file| file.lost(Found::Missing));
    gone.findings = judge(&gone);
    let page = page(&[gone, named("ep2", "id"), named("ep2", "en")], &nowhere);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("<th scope=\"row\" dir=\"auto\">ep2</th>") < at("<th scope=\"row\" dir=\"auto\">ep10</th>"));
    assert_eq!(page.matches("<td class=\"none\">").count(), 1);
    assert_eq!(page.matches("<td class=\"error\">").count(), 1);
    assert!(page.contains("<dt>dubbed</dt><dd>100%</dd>"));
    assert!(page.contains("1 error</span>"));
    assert!(page.contains("<span dir=\"auto\">ep2</span> · Chinese → Indonesian <b class=\"dubbed\">dubbed</b>"));
}

#[test]
fn what_is_said_of_many_is_read_once_with_its_count() {
    let mut flawed = report();
    let flaw = |what: &str| Flaw::new(FlawKind::Number, what);
    flawed.lines[0].flaws = vec![flaw("three is gone"), flaw("four is gone")];
    flawed.lines[1].flaws = vec![Flaw::new(FlawKind::TooLong, "it takes too long")];
    flawed.findings = judge(&flawed);
    // Captions of one kind, too many to be shown at once.
    let caption = |at: i64| Finding {
        id: format!("caption/{at}"),
        check: "caption".into(),
        severity: Severity::Warning,
        episode: flawed.episode.clone(),
        language: flawed.language.clone(),
        line: None,
        at: Some(Time::from_ms(at * 1000)),
        message: "too fast".into(),
        measured: format!("{at} cps"),
        limit: "17 cps".into(),
        remedy: "shorten it".into(),
    };
    flawed.findings.extend((10..30).map(caption));
    let text = flawed.lines[0].text.clone().unwrap();
    let page = page(&[flawed], &nowhere);
    let count = |text: &str| page.matches(text).count();
    // Two flaws of a line are one row, and the line is not shown again as what was measured.
    assert_eq!(count("<b>flawed-line</b> <span class=\"count\">×2</span>"), 1, "{page}");
    assert_eq!((count("three is gone"), count(&format!("<span class=\"measured\" dir=\"auto\">{text}"))), (2, 0));
    assert_eq!(count("limit none"), 0);
    assert_eq!((count("too fast"), count("limit 17 cps · shorten it"), count("<summary>14 more</summary>")), (1, 1, 1));
    assert_eq!(count(" cps</span>"), 20, "each of them is there");
    assert!(page.contains("On the whole: 20 warnings"));
    // Notes are hidden at first, and said to be.
    assert!(page.contains("value=\"note\"> notes <span class=\"count\">1</span>"), "{page}");
    assert!(page.contains("value=\"warning\" checked> warnings <span class=\"count\">1</span>"));
}

#[test]
fn lines_that_are_too_many_are_counted() {
    let mut long = report();
    let line = long.lines[0].clone();
    let flawed = |line: LineReport, kind: FlawKind| LineReport { flaws: vec![Flaw::new(kind, "it is odd")], ..line };
    let numbered = |number: u32| {
        let kind = if number <= 203 { FlawKind::Number } else { FlawKind::TooLong };
        flawed(LineReport { line: number, ..line.clone() }, kind)
    };
    long.lines = (1..=210).map(numbered).collect();
    long.deliverable = None;
    long.subtitles = None;
    long.findings = judge(&long).into_iter().filter(|finding| finding.check == "flawed-line").collect();
    let page = page(&[long], &nowhere);
    assert!(page.contains("<p>10 lines more, 7 with notes alone: see the findings"), "{page}");
}

#[test]
fn text_keeps_its_language_and_direction() {
    let page = page(&[hostile()], &nowhere);
    assert!(page.contains("<p lang=\"zh\" dir=\"auto\">"));
    assert!(page.contains("<p class=\"dub\" lang=\"ar\" dir=\"auto\">مرحبا"));
}

#[test]
fn a_share_is_never_rounded_up() {
    assert_eq!(
        (percent(0.899), percent(0.9), percent(1.0), percent(0.0)),
        ("89%".into(), "90%".into(), "100%".into(), "0%".into())
    );
}
