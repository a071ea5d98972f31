use super::*;
use std::path::Path;

fn source(path: &str, text: &str) -> Source {
    Source::parse(text, Path::new(path)).unwrap()
}

/// Checks found, with their rows; `spoken` and `long` aside, which judge wordings that tests do not mean.
fn found(sources: &[Source]) -> Vec<(String, usize, Check)> {
    let findings = lint(sources).unwrap();
    for finding in &findings {
        assert!(!finding.message.is_empty() && !finding.remedy.is_empty(), "{finding:?}");
        assert!(!finding.message.ends_with('.'), "{finding:?}");
    }
    findings.into_iter().map(|f| (f.file.display().to_string(), f.row, f.check)).collect()
}

fn checks(path: &str, text: &str) -> Vec<(usize, Check)> {
    found(&[source(path, text)]).into_iter().map(|(_, row, check)| (row, check)).collect()
}

const SURNAMES: &str = "[surnames]\n\"顾\" = \"Gu\"\n\"傅\" = \"Fu\"\n";

#[test]
fn a_clean_glossary_has_no_findings() {
    let text = format!(
        "{SURNAMES}\n[[entry]]\nsource = \"{{surname}}总\"\nvariants = [\"{{surname}}总裁\"]\ntarget = \"Mr. {{surname}}\"\n\
         spoken = \"Mister {{surname}}\"\nkind = \"title\"\nunless = [\"总结\"]\n\
         [[entry]]\nsource = \"婆婆\"\ntarget = \"mother-in-law\"\nunless = [\"老婆婆\"]\n\
         when = [{{ to = \"elder\", target = \"Mom\" }}, {{ speaker = \"f\", target = \"his mom\" }}]\n\
         [[entry]]\nsource = \"婆婆\"\ntarget = \"granny\"\nkind = \"ban\"\ninstead = \"mother-in-law\"\n\
         [[entry]]\nsource = \"红包\"\ntarget = \"cash gift\"\nkind = \"culture\"\nhow = \"replace\"\n\
         [[entry]]\nsource = \"微信\"\nkind = \"keep\"\n\
         [[entry]]\nkind = \"ban\"\ntarget = \"this seat\"\n"
    );
    assert_eq!(checks("zh-en/base.toml", &text), []);
}

#[test]
fn a_spelling_stands_once_in_a_level() {
    let one = |source: &str, rest: &str| format!("[[entry]]\nsource = \"{source}\"\n{rest}\n\n");
    let clash = one("少爷", "target = \"Young Master\"") + &one("少爺", "target = \"my lord\"");
    assert_eq!(checks("zh-en/a.toml", &clash), [(5, Check::Contradiction)]);
    let twice = one("少爷", "target = \"sir\"") + &one("公子", "variants = [\"少爷\"]\ntarget = \"sir\"");
    assert_eq!(checks("zh-en/a.toml", &twice), [(5, Check::Duplicate)]);
    let bans =
        one("臣妾", "target = \"this wife\"\nkind = \"ban\"") + &one("臣妾", "target = \"your wife\"\nkind = \"ban\"");
    assert_eq!(checks("zh-en/a.toml", &bans), [(6, Check::Duplicate)]);
    let within = one("離婚", "variants = [\"离婚\"]\ntarget = \"divorce\"");
    assert_eq!(checks("zh-en/a.toml", &within), [(1, Check::Redundant)]);

    let (old, new) = (one("少爷", "target = \"sir\""), one("少爷", "target = \"Young Master\""));
    // Two files of which neither is above the other.
    let beside = found(&[source("zh-en/a.toml", &old), source("zh-en/b.toml", &new)]);
    assert_eq!(beside, [("zh-en/b.toml".to_owned(), 1, Check::Contradiction)]);
    // A market lies over the base, another folder over both, another market beside.
    for path in ["zh-en/us.toml", "my/zh-en/base.toml", "zh-en/more.toml"] {
        assert_eq!(found(&[source("zh-en/base.toml", &old), source(path, &new)]), [], "{path}");
    }
    assert_eq!(found(&[source("zh-en/us.toml", &old), source("zh-en/gb.toml", &new)]), []);
    // What changes nothing is told.
    let same = found(&[source("zh-en/base.toml", &old), source("zh-en/us.toml", &old)]);
    assert_eq!(same, [("zh-en/us.toml".to_owned(), 1, Check::Redundant)]);
}

#[test]
fn what_can_never_match_is_dead() {
    let text = "[[entry]]\nsource = \"总裁\"\ntarget = \"boss\"\nunless = [\"裁\"]\n\n\
        [[entry]]\nsource = \"小时\"\ntarget = \"hour\"\nunless = [\"公司\"]\n";
    let findings = lint(&[source("zh-en/a.toml", text)]).unwrap();
    assert_eq!(
        findings.iter().map(|f| (f.row, f.check)).collect::<Vec<_>>(),
        [(1, Check::Dead), (6, Check::IdleUnless)]
    );
    assert!(findings[0].message.contains("裁"), "{:?}", findings[0]);
    // A surname that the table lacks, or that is always part of a word.
    let title = "[[entry]]\nsource = \"{surname}总\"\ntarget = \"boss {surname}\"\n";
    assert_eq!(checks("zh-en/a.toml", title), [(1, Check::Dead)]);
    let words = format!("not-surnames = [\"照顾\", \"顾\"]\n[surnames]\n\"顾\" = \"Gu\"\n\n{title}");
    assert_eq!(checks("zh-en/a.toml", &words), [(5, Check::Dead)]);
    // Every pair from Chinese has the table of zh-en.
    assert_eq!(checks("zh-es/a.toml", title), []);
    // What a later file takes over is not dead by mistake.
    let old = source("en-pt/base.toml", "[[entry]]\nsource = \"boss\"\nvariants = [\"chief\"]\ntarget = \"chefe\"\n");
    let new = source("my/en-pt/a.toml", "[[entry]]\nsource = \"chief\"\ntarget = \"patrão\"\n");
    assert_eq!(found(&[old, new]), []);
}

#[test]
fn no_wording_breaks_a_ban_of_its_market() {
    let base = "[[entry]]\nsource = \"岳父\"\ntarget = \"Father-in-Law\"\nforms = [\"dear father-in-law\"]\n\n\
        [[entry]]\nsource = \"父\"\ntarget = \"in-lawful\"\n\n[[entry]]\nsource = \"酒\"\ntarget = \"wine\"\n";
    let everywhere = "[[entry]]\nkind = \"ban\"\ntarget = \"father-in-law\"\ninstead = \"Dad\"\n";
    let in_market = found(&[source("zh-en/base.toml", base), source("zh-en/us.toml", everywhere)]);
    assert_eq!(in_market, [("zh-en/base.toml".to_owned(), 1, Check::Banned)]);
    let other = source("zh-en/gb.toml", "[[entry]]\nsource = \"岳父\"\ntarget = \"Dad\"\n");
    assert_eq!(found(&[source("zh-en/base.toml", base), other]), []);
    // The market's own wording takes the place of the one that is banned there.
    let mended = format!("{everywhere}\n[[entry]]\nsource = \"岳父\"\ntarget = \"Dad\"\n");
    assert_eq!(found(&[source("zh-en/base.toml", base), source("zh-en/us.toml", &mended)]), []);
    // A ban for a source holds for that source alone.
    let ban = |source: &str| {
        format!("[[entry]]\nkind = \"ban\"\nsource = \"{source}\"\ntarget = \"wine\"\nforms = [\"booze\"]\n")
    };
    assert_eq!(found(&[source("zh-en/base.toml", base), source("zh-en/us.toml", &ban("茶"))]), []);
    let own = found(&[source("zh-en/base.toml", base), source("zh-en/us.toml", &ban("酒"))]);
    assert_eq!(own, [("zh-en/base.toml".to_owned(), 10, Check::Banned)]);
    // What a ban says instead must not be banned either.
    let text = "[[entry]]\nkind = \"ban\"\ntarget = \"damn\"\ninstead = \"oh hell\"\n\n[[entry]]\nkind = \"ban\"\ntarget = \"hell\"\n";
    assert_eq!(checks("zh-en/us.toml", text), [(1, Check::Banned)]);
}

#[test]
fn targets_are_wordings_that_can_be_said() {
    let one = |target: &str, rest: &str| {
        checks("zh-en/a.toml", &format!("[[entry]]\nsource = \"先生女士老师同学\"\ntarget = \"{target}\"\n{rest}"))
            .into_iter()
            .map(|(_, check)| check)
            .collect::<Vec<_>>()
    };
    for misread in
        ["Mr. Wang", "Dr. No", "the U.S. army", "100 yuan", "50%", "Smith & Co.", "J. Smith", "call the M.D."]
    {
        assert_eq!(one(misread, ""), [Check::Spoken], "{misread}");
        assert_eq!(one(misread, "spoken = \"in words\""), [], "{misread}");
    }
    for fine in ["Mister Wang", "Wait... what?", "no way", "it is I", "oh no!"] {
        assert_eq!(one(fine, ""), [], "{fine}");
    }
    for odd in ["sir/madam", "sir (formal)", "get out.", " sir", "sir  madam"] {
        assert_eq!(one(odd, ""), [Check::Wording], "{odd}");
    }
    assert_eq!(one("sir", "forms = [\"老师\"]"), [Check::Untranslated]);
    assert_eq!(one("sir", "kind = \"culture\""), [Check::How]);
    assert_eq!(one("sir", "kind = \"keep\""), [Check::Wording]);
    assert_eq!(one("{name}, sir", ""), [Check::Placeholder]);
    assert_eq!(
        one("a very very very long way to say what takes no time at all in any language of the world", ""),
        [Check::Long]
    );
}

#[test]
fn writing_is_only_foreign_where_the_target_has_another() {
    let text = "[[entry]]\nsource = \"先生\"\ntarget = \"先生\"\n";
    assert_eq!(checks("zh-ja/a.toml", text), []);
    assert_eq!(checks("zh-th/a.toml", text), [(1, Check::Untranslated)]);
    assert_eq!(checks("en-pt/a.toml", "[[entry]]\nsource = \"boss\"\ntarget = \"boss\"\n"), []);
}

#[test]
fn surnames_are_filled_in_only_where_they_can_be() {
    let with = |rest: &str| {
        let text = format!("{SURNAMES}\n[[entry]]\nsource = \"{{surname}}总\"\n{rest}\n");
        checks("zh-en/a.toml", &text).into_iter().map(|(_, check)| check).collect::<Vec<_>>()
    };
    assert_eq!(with("target = \"boss\""), [Check::Wording]);
    assert_eq!(with("target = \"boss {surname}\"\nunless = [\"{surname}总结\"]"), [Check::Placeholder]);
    assert_eq!(with("target = \"boss {surname}\"\nkind = \"ban\"\ninstead = \"Mr {surname}\""), []);
    let everywhere = "[[entry]]\nkind = \"ban\"\ntarget = \"boss\"\ninstead = \"Mr {surname}\"\n";
    assert_eq!(checks("zh-en/a.toml", everywhere), [(1, Check::Placeholder)]);
    assert_eq!(with("target = \"boss {surname}\"\nforms = [\"{Surname}\"]"), [Check::Placeholder]);
}

#[test]
fn cases_that_are_never_chosen_are_told() {
    let with = |cases: &str, kind: &str| {
        let text = format!("[[entry]]\nsource = \"老公\"\ntarget = \"honey\"\nkind = \"{kind}\"\nwhen = [{cases}]\n");
        checks("zh-en/a.toml", &text).into_iter().map(|(_, check)| check).collect::<Vec<_>>()
    };
    assert_eq!(
        with("{ speaker = \"f\", to = \"m\", target = \"babe\" }, { to = \"m\", target = \"hubby\" }", "term"),
        []
    );
    assert_eq!(
        with("{ to = \"m\", target = \"hubby\" }, { speaker = \"f\", to = \"m\", target = \"babe\" }", "term"),
        [Check::Case]
    );
    assert_eq!(with("{ target = \"babe\" }", "term"), [Check::Case]);
    assert_eq!(with("{ to = \"male\", target = \"hubby\" }", "term"), [Check::Case]);
    assert_eq!(with("{ to = \"顾言\", target = \"hubby\" }", "term"), []);
    assert_eq!(with("{ to = \"m\", target = \"hubby\" }", "ban"), [Check::Case]);
}

#[test]
fn regions_are_judged_with_their_language_and_not_with_each_other() {
    let base = "[[entry]]\nsource = \"bus\"\ntarget = \"ônibus\"\n";
    let ban = "[[entry]]\nkind = \"ban\"\ntarget = \"ônibus\"\n";
    let found_in = |paths: [&str; 2]| found(&[source(paths[0], base), source(paths[1], ban)]).len();
    assert_eq!(found_in(["en-pt/base.toml", "en-pt-PT/a.toml"]), 1);
    assert_eq!(found_in(["en-pt-BR/base.toml", "en-pt-PT/a.toml"]), 0);
}

#[test]
fn a_market_has_a_name_that_settings_know() {
    assert_eq!(
        checks("zh-en/a.toml", "market = \"mars\"\n[[entry]]\nsource = \"a\"\ntarget = \"b\"\n"),
        [(1, Check::Market)]
    );
}

#[test]
fn the_built_in_glossaries_have_no_errors() {
    let findings = lint(&Source::all_built_in().unwrap()).unwrap();
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
