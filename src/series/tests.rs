//! A series from nothing but names.

use super::draft::Found;
use super::*;
use crate::settings;

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| PathBuf::from(format!("e/{name}.mp4"))).collect()
}

#[test]
fn numbers_are_read_from_names() {
    for (name, wanted) in [
        ("S01E04", Some(4)),
        ("drama.s2.e12.1080p.x264", Some(12)),
        ("ep04", Some(4)),
        ("My Drama EP 7 [1080p]", Some(7)),
        ("Episode-12 final", Some(12)),
        ("第4集", Some(4)),
        ("第 4 集", Some(4)),
        ("第十二集", Some(12)),
        ("霸总第二十集 高清1080P", Some(20)),
        ("第一百零三集", Some(103)),
        ("第一二集", Some(12)),
        ("第０７集", Some(7)),
        ("4集", Some(4)),
        ("[字幕组][霸总][04][1080p][x265]", Some(4)),
        ("【04】", Some(4)),
        ("04", Some(4)),
        ("04v2", Some(4)),
        ("drama 2024 - 05 - 720p h264 aac2.0", Some(5)),
        ("drama_1920x1080_06", Some(6)),
        ("E03.H.264.60fps", Some(3)),
        ("05.1 surround", Some(5)),
        ("drama 1080p x264", None),
        ("trailer 4k", None),
        ("一生一世", None),
        ("20250117093015", None),
        ("en_drama", None),
    ] {
        assert_eq!(number(name), wanted, "{name}");
    }
}

#[test]
fn a_figure_that_all_names_share_is_no_number() {
    let sources = episodes(paths(&["10 Days 02", "10 Days 01", "10 Days 11"])).unwrap();
    assert_eq!(sources.iter().map(|s| s.number.unwrap()).collect::<Vec<_>>(), [1, 2, 11]);
    let sources = episodes(paths(&["2 of 3", "1 of 3"])).unwrap();
    assert_eq!(sources.iter().map(|s| s.number.unwrap()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn the_order_is_the_one_that_people_expect() {
    let sorted = |names: &[&str]| {
        let mut names = names.to_vec();
        names.sort_by(|a, b| order(a, b));
        names.join(" ")
    };
    assert_eq!(sorted(&["ep10", "EP2", "ep1", "ep03"]), "ep1 EP2 ep03 ep10");
    assert_eq!(sorted(&["第十二集", "第三集", "第二十集"]), "第三集 第十二集 第二十集");
    assert_eq!(sorted(&["第12集", "第三集"]), "第三集 第12集");
    assert_eq!(sorted(&["b1", "a2", "a10"]), "a2 a10 b1");
}

#[test]
fn two_episodes_never_share_a_number_or_a_name() {
    let error = episodes(paths(&["ep4", "drama e04"])).unwrap_err();
    assert!(error.what().contains("episode 4") && error.to_string().contains("drama e04.mp4"), "{error}");
    let same = vec![PathBuf::from("a/ep1.mp4"), PathBuf::from("a/EP1.mkv")];
    let error = episodes(same).unwrap_err();
    assert!(error.to_string().contains("ep1.mp4") && error.to_string().contains("EP1.mkv"), "{error}");
    assert_eq!(loosely(paths(&["ep4", "drama e04"])).unwrap().len(), 2, "where nobody said that numbers count");
}

#[test]
fn ranges_choose_and_an_empty_one_says_what_there_is() {
    let all = || episodes(paths(&["ep1", "ep2", "ep3", "ep8", "ep9", "trailer"])).unwrap();
    let chosen = |text: &str| {
        let chosen = select(all(), &Ranges::parse(text).unwrap())?;
        Ok::<_, Error>(chosen.iter().map(|source| source.number.unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(chosen("2-8").unwrap(), [2, 3, 8]);
    assert_eq!(chosen("1, 3,9-").unwrap(), [1, 3, 9]);
    assert_eq!(chosen("-2").unwrap(), [1, 2]);
    let error = chosen("1,4-7").unwrap_err();
    assert!(error.what().contains("4-7") && error.remedy().unwrap().contains("1-3, 8-9"), "{error}");
    for bad in ["", "-", "a", "4-2", "1,,2", "1.5", "1-2-3"] {
        assert_eq!(Ranges::parse(bad).unwrap_err().kind(), Kind::Usage, "{bad}");
    }
}

fn fields<'a>(title: &'a str, episode: &'a str, number: Option<u32>, language: &'a crate::lang::Lang) -> Fields<'a> {
    Fields { title, episode, number, language: Some(language), market: language.market() }
}

#[test]
fn outputs_are_named_by_the_template_and_stay_in_their_folder() {
    let pt = "pt-BR".parse().unwrap();
    let named = |text: &str, title: &str, episode: &str| {
        Template::of_outputs(text).unwrap().output(&fields(title, episode, Some(7), &pt)).unwrap()
    };
    assert_eq!(named("{language}/{episode}", "", "a: b? 第7集"), "pt-BR/a: b? 第7集", "as it always was");
    assert_eq!(named("{market}/{title}-E{number:03}.{language}", "A/B: \"C\"", "x"), "br/A_B_ _C_-E007.pt-BR");
    assert_eq!(named("{episode}/{language}", "", ".."), "__/pt-BR");
    assert_eq!(named("{title}/{episode}/{language}", "../../etc", "../x"), ".._.._etc/.._x/pt-BR");
    assert_eq!(named("{title}/{language}{number}", "NUL", "x"), "_NUL/pt-BR7");
    assert!(named("{title}/{language}{number}", &"长".repeat(200), "x").len() < 255);
    let error =
        Template::of_outputs("{language}/{number}").unwrap().output(&fields("", "trailer", None, &pt)).unwrap_err();
    assert!(error.what().contains("trailer"), "{error}");
}

#[test]
fn a_template_of_inputs_may_lead_anywhere() {
    let zh = "zh".parse().unwrap();
    let path =
        Template::parse("../subs/{language}/{number:02}.srt").unwrap().fill(&fields("", "x", Some(4), &zh)).unwrap();
    assert_eq!(path, "../subs/zh/04.srt");
    for bad in ["{episode", "episode}", "{}", "{episode:03}", "{number:3}", "{number:0}", "{Episode}"] {
        assert!(Template::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_draft_is_read_back_as_it_was_meant() {
    let found = Found {
        title: "顾总 \"的\" 新娘\\".to_owned(),
        episodes: vec!["e [[]1[]]/*.mp4".to_owned(), "x/*.mkv".to_owned()],
        count: 3,
        numbers: vec![1, 2, 5],
        transcripts: Some("subs/{episode}.srt".to_owned()),
        glossary: Some("glossary".to_owned()),
        from: Some("zh".parse().unwrap()),
        to: vec!["en".parse().unwrap(), "pt-BR".parse().unwrap()],
        size: Some((1080, 1920)),
    };
    assert_eq!(found.gaps_told(), "3-4");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dubline.toml");
    let read = |found: &Found| {
        std::fs::write(&path, found.toml()).unwrap();
        settings::resolve(&[settings::file(&path).unwrap()]).unwrap().settings
    };
    let settings = read(&found);
    assert_eq!((&settings.title, &settings.episodes, &settings.to), (&found.title, &found.episodes, &found.to));
    assert_eq!(settings.from, found.from);
    assert_eq!(settings.transcripts.unwrap(), folder.path().join("subs/{episode}.srt").to_string_lossy());
    assert_eq!(settings.glossaries, [folder.path().join("glossary")]);
    assert!(found.toml().contains("3-4 missing") && found.toml().contains("upright"), "{}", found.toml());

    // Of an empty folder too, and every key that is only proposed can be taken as it stands.
    let empty = Found { episodes: vec!["episodes/*.mp4".to_owned()], ..Found::default() };
    assert_eq!(read(&empty).episodes, empty.episodes);
    let uncommented: String = empty
        .toml()
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_toml(rest)).unwrap_or(line).to_owned() + "\n")
        .collect();
    std::fs::write(&path, &uncommented).unwrap();
    let settings = settings::resolve(&[settings::file(&path).unwrap()]).unwrap().settings;
    assert_eq!((settings.only.as_str(), settings.to.len()), ("4-70", 2), "{uncommented}");
    assert_eq!(settings.engine.synthesize.len(), 1, "{uncommented}");
    assert_eq!(settings.voice.speakers["顾总"], "am_michael");
}

/// Is a comment a key or a table that is only proposed?
fn is_toml(text: &str) -> bool {
    text.parse::<toml::Table>().is_ok_and(|table| !table.is_empty())
}
