use super::*;

fn lang(tag: &str) -> Lang {
    tag.parse().unwrap()
}

fn zh_en() -> Glossary {
    Glossary::load(&lang("zh"), &lang("en"), "", &[]).unwrap()
}

fn pairs(glossary: &Glossary, text: &str) -> Vec<(String, String)> {
    glossary.matches(text).into_iter().map(|m| (m.source, m.target)).collect()
}

fn with(from: &str, to: &str, toml: &str) -> Glossary {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{from}-{to}.toml"));
    std::fs::write(&file, toml).unwrap();
    Glossary::load(&lang(from), &lang(to), "", &[file]).unwrap()
}

fn found(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn titles_take_any_surname() {
    let glossary = zh_en();
    assert_eq!(
        pairs(&glossary, "顾总，少奶奶又离家出走了。"),
        found(&[("顾总", "Mr. Gu"), ("少奶奶", "young madam"), ("离家出走", "run away from home")])
    );
    assert_eq!(pairs(&glossary, "欧阳总裁到了"), found(&[("欧阳总裁", "CEO Ouyang")]));
    assert_eq!(pairs(&glossary, "傅氏集团的林特助"), found(&[("傅氏集团", "Fu Group"), ("林助理", "Assistant Lin")]));
}

#[test]
fn a_title_inside_another_word_is_none() {
    let glossary = zh_en();
    for text in ["一周总结", "他总是这样", "对方律师", "她在照顾夫人的猫", "主任医生", "谢谢总裁"]
    {
        assert!(!pairs(&glossary, text).iter().any(|(source, _)| source.chars().count() > 2), "{text}");
    }
    assert_eq!(pairs(&glossary, "谢谢总裁"), found(&[("总裁", "CEO")]));
    assert_eq!(pairs(&glossary, "方律师"), found(&[("方律师", "Attorney Fang")]));
    // A word that hides a surname hides it only where the surname is part of it.
    assert_eq!(glossary.matches("顾主任")[0].source, "顾主任");
    assert!(!glossary.matches("主任说了").iter().any(|m| m.source.starts_with('任')));
}

#[test]
fn traditional_and_full_width_writing_match() {
    let glossary = zh_en();
    assert_eq!(pairs(&glossary, "顧總，離婚協議書"), found(&[("顾总", "Mr. Gu"), ("离婚协议", "divorce papers")]));
    let matched = &glossary.matches("她收到紅包了")[0];
    assert_eq!(&"她收到紅包了"[matched.range.clone()], "紅包");
}

#[test]
fn the_longest_match_wins_and_none_overlap() {
    let glossary = zh_en();
    assert_eq!(pairs(&glossary, "真假千金"), found(&[("真假千金", "the real and the fake heiress")]));
    assert_eq!(pairs(&glossary, "少奶奶"), found(&[("少奶奶", "young madam")]));
    assert_eq!(pairs(&glossary, "霸道总裁"), found(&[("霸道总裁", "domineering CEO")]));
}

#[test]
fn words_are_whole_in_alphabetic_languages_and_case_is_no_matter() {
    let glossary = with("en", "pt", "[[entry]]\nsource = \"Ana\"\ntarget = \"Ana\"\nkind = \"keep\"");
    assert_eq!(pairs(&glossary, "ANA eats a banana."), found(&[("Ana", "ANA")]));
    assert_eq!(pairs(&glossary, "Mr. Silva, none of your business!").len(), 2);
    assert!(pairs(&glossary, "I miss you, banana").is_empty());
    assert_eq!(pairs(&glossary, "It’s a deal.")[0].1, "combinado");
}

#[test]
fn what_comes_later_overrules_and_a_ban_stands_beside() {
    let glossary = with(
        "zh",
        "en",
        "[[entry]]\nsource = \"奶奶\"\ntarget = \"Nana\"\n\
         [[entry]]\nsource = \"奶奶\"\ntarget = \"milk\"\nkind = \"ban\"",
    );
    let matches = glossary.matches("奶奶！");
    assert_eq!(matches.len(), 2);
    assert_eq!((matches[0].target.as_str(), matches[0].kind), ("Nana", EntryKind::Term));
    assert_eq!((matches[1].target.as_str(), matches[1].kind), ("milk", EntryKind::Ban));
}

#[test]
fn a_later_source_overrules_an_older_variant() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, toml: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, toml).unwrap();
        path
    };
    let old = write("en-de.toml", "[[entry]]\nsource = \"boss\"\nvariants = [\"chief\"]\ntarget = \"Chef\"\n");
    let new = write("de.toml", "from = \"en\"\nto = \"de\"\n[[entry]]\nsource = \"chief\"\ntarget = \"Häuptling\"\n");
    let glossary = Glossary::load(&lang("en"), &lang("de"), "", &[old, new]).unwrap();
    assert_eq!(pairs(&glossary, "the chief"), found(&[("chief", "Häuptling")]));
    assert_eq!(pairs(&glossary, "the boss"), found(&[("boss", "Chef")]));
}

#[test]
fn folders_are_read_for_the_pair_alone() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("zh-en/b.toml", "[[entry]]\nsource = \"顾言\"\ntarget = \"Gu Yan\"\nkind = \"name\"");
    write("zh-en/a.toml", "[[entry]]\nsource = \"顾言\"\ntarget = \"Gooyan\"\nkind = \"name\"");
    write("zh-id.toml", "[[entry]]\nsource = \"顾言\"\ntarget = \"Id\"");
    let glossary = Glossary::load(&lang("zh"), &lang("en"), "", &[root.path().to_owned()]).unwrap();
    assert_eq!(pairs(&glossary, "顾言"), found(&[("顾言", "Gu Yan")]));
    let missing = Glossary::load(&lang("zh"), &lang("en"), "", &[root.path().join("nowhere")]).unwrap_err();
    assert!(missing.to_string().contains("nowhere"), "{missing}");
    assert!(missing.remedy().is_some());
}

#[test]
fn a_recognizer_is_told_the_names_of_the_series_first() {
    let glossary = with(
        "zh",
        "en",
        "[[entry]]\nsource = \"红缨门\"\ntarget = \"Red Tassel\"\n\
         [[entry]]\nsource = \"顾言\"\ntarget = \"Gu Yan\"\nkind = \"name\"\n\
         [[entry]]\nsource = \"天打雷劈\"\ntarget = \"x\"\nkind = \"idiom\"",
    );
    assert_eq!(glossary.prompt_terms(100), "顾言、红缨门");
    assert_eq!(glossary.prompt_terms(5), "顾言");
    assert_eq!(zh_en().prompt_terms(100), "");
}

#[test]
fn an_empty_glossary_matches_nothing() {
    let glossary = Glossary::empty(&lang("zh"), &lang("en")).unwrap();
    assert!(glossary.is_empty() && glossary.matches("顾总").is_empty());
}

#[test]
fn how_two_people_speak_to_each_other_is_known_of_them_alone() {
    let glossary = with(
        "zh",
        "pt",
        r#"
            [[style.between]]
            to = "顾北辰"
            formality = "formal"

            [[style.between]]
            speaker = "f"
            to = "顾北辰"
            role = "spouse"
            formality = "informal"
            address = "você"

            [[entry]]
            source = "顾北辰"
            target = "Gu Beichen"
            kind = "name"
            gender = "m"

            [[entry]]
            source = "沈知意"
            target = "Shen Zhiyi"
            kind = "name"
            gender = "f"

            [[entry]]
            source = "你这个人"
            target = "seu bobo"
            when = [{ to = "spouse", target = "amor" }]
        "#,
    );
    let manner = |speaker: &str, to: &str| {
        glossary.parties(Some(speaker), Some(to)).1.map(crate::glossary::Between::manner).unwrap_or_default()
    };
    assert_eq!(manner("沈知意", "顾北辰"), "informal, você");
    assert_eq!(manner("Shen Zhiyi", "Gu Beichen"), "informal, você", "by either name");
    assert_eq!(manner("秘书", "顾北辰"), "formal");
    assert_eq!(manner("顾北辰", "沈知意"), "");
    assert!(glossary.parties(None, None).1.is_none());
    // The role makes the entry's case hold.
    let said = |speaker: &str, to: &str| {
        let (parties, _) = glossary.parties(Some(speaker), Some(to));
        glossary.matches_between("你这个人！", &parties)[0].target.clone()
    };
    assert_eq!((said("沈知意", "顾北辰").as_str(), said("秘书", "顾北辰").as_str()), ("amor", "seu bobo"));
}
