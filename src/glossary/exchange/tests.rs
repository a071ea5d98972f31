use super::super::{Case, EntryKind, Gender, How};
use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Entries with everything in them, and with what formats trip over.
fn entries() -> Vec<Entry> {
    let case = |speaker: Option<&str>, to: Option<&str>, target: &str| Case {
        speaker: speaker.map(str::to_owned),
        to: to.map(str::to_owned),
        target: target.to_owned(),
    };
    vec![
        Entry {
            source: "{surname}医生".into(),
            target: "Dr. {surname}".into(),
            kind: EntryKind::Title,
            variants: texts(&["{surname}大夫"]),
            forms: texts(&["Doctor {surname}", "a | b"]),
            unless: texts(&["主任医生", "a|b\\"]),
            spoken: "Doctor {surname}".into(),
            gender: Some(Gender::Feminine),
            when: vec![case(Some("f"), Some("elder"), "Doc, please"), case(None, Some("顾言"), "Doc: x")],
            note: "\"quoted\", with; marks & <tags>".into(),
            example: "顾医生 -> Dr. Gu".into(),
            ..Entry::default()
        },
        Entry {
            source: "红包".into(),
            target: "cash gift".into(),
            kind: EntryKind::Culture,
            how: Some(How::Replace),
            ..Entry::default()
        },
        Entry { source: "微信".into(), kind: EntryKind::Keep, example: "微信".into(), ..Entry::default() },
        Entry {
            target: "this seat".into(),
            kind: EntryKind::Ban,
            forms: texts(&["this monarch"]),
            instead: "I".into(),
            ..Entry::default()
        },
        Entry { source: "本宫".into(), target: "this palace".into(), kind: EntryKind::Ban, ..Entry::default() },
        Entry { source: "千金".into(), target: "heiress".into(), ..Entry::default() },
    ]
}

fn source() -> Source {
    Source {
        path: "zh-en/us.toml".into(),
        from: "zh".parse().unwrap(),
        to: "en".parse().unwrap(),
        market: Some("us".into()),
        style: Style { register: "spoken".into(), ..Style::default() },
        surnames: Vec::new(),
        not_surnames: Vec::new(),
        entries: entries().into_iter().map(|entry| (0, entry)).collect(),
        built_in: false,
    }
}

fn format(name: &str) -> &'static Format {
    Format::of(Path::new(name)).unwrap()
}

fn read(name: &str, bytes: &[u8]) -> Result<Imported> {
    format(name).read(bytes, &Path::new("zh-en").join(name), &Wanted::default())
}

fn plain(imported: &Imported) -> Vec<Entry> {
    imported.source.entries.iter().map(|(_, entry)| entry.clone()).collect()
}

#[test]
fn every_format_gives_back_what_it_was_given() {
    for name in ["us.toml", "us.csv", "us.tsv", "us.tbx"] {
        let written = format(name).write(&source()).unwrap();
        let back = read(name, written.text.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{}", written.text));
        assert_eq!(plain(&back), entries(), "{name}\n{}", written.text);
        assert_eq!(back.source.market.as_deref(), Some("us"), "{name}");
        assert_eq!(back.left_out, Vec::<String>::new(), "{name}");
        let lost: &[&str] = if name == "us.toml" { &[] } else { &["[style]"] };
        assert_eq!(written.left_out, lost, "{name}");
    }
}

#[test]
fn the_file_tells_its_pair_and_market_where_its_name_does_not() {
    let text = format("a.tbx").write(&source()).unwrap().text;
    let back = format("a.tbx").read(text.as_bytes(), Path::new("words.tbx"), &Wanted::default()).unwrap();
    assert_eq!((back.source.from.tag(), back.source.to.tag(), back.source.market.as_deref()), ("zh", "en", Some("us")));
    let csv = b"source,target\na,b\n";
    let error = format("a.csv").read(csv, Path::new("words.csv"), &Wanted::default()).unwrap_err();
    assert_eq!((error.kind(), error.remedy().unwrap().contains("--from")), (Kind::Usage, true), "{error}");
    let wanted = Wanted { from: "en".parse().ok(), to: "pt-BR".parse().ok(), market: Some("br".into()) };
    let back = format("a.csv").read(csv, Path::new("words.csv"), &wanted).unwrap();
    assert_eq!((back.source.to.tag(), back.source.market.as_deref()), ("pt-BR", Some("br")));
}

#[test]
fn tables_are_read_as_spreadsheets_write_them() {
    let wanted =
        |source: &str, target: &str| Entry { source: source.into(), target: target.into(), ..Entry::default() };
    let quoted = "source,target\r\n\"顾总\",\"Mr. \"\"G\"\"\"\r\n\r\nb,\"B,\nb\"\r\n";
    for (name, bytes) in [
        ("a.csv", quoted.as_bytes().to_vec()),
        ("a.csv", [b"\xef\xbb\xbf", quoted.as_bytes()].concat()),
        ("a.csv", "sep=;\nTarget; SOURCE\n\"Mr. \"\"G\"\"\";顾总\n\"B, b\";b".as_bytes().to_vec()),
        ("a.csv", "source\ttarget\n顾总\tMr. \"G\"\nb\tB, b\n".as_bytes().to_vec()),
        ("a.tsv", "zh\ten\n顾总\tMr. \"G\"\nb\tB, b\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ] {
        let bytes = if bytes.get(1) == Some(&0) || bytes.starts_with(b"z\0") {
            [b"\xff\xfe".to_vec(), bytes].concat()
        } else {
            bytes
        };
        let read = read(name, &bytes).unwrap();
        assert_eq!(
            plain(&read),
            [wanted("顾总", "Mr. \"G\""), wanted("b", "B, b")],
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }
    let odd = read("a.csv", "source,target,colour,Kind\na,b,red,TITLE\n".as_bytes()).unwrap();
    assert_eq!(odd.left_out, ["the column \"colour\""]);
    assert_eq!(plain(&odd)[0].kind, EntryKind::Title);
}

#[test]
fn a_table_that_is_wrong_names_its_row() {
    for (text, row, word) in [
        ("a,b\nc,d\n", 1, "columns"),
        ("", 1, "columns"),
        ("source,target,target\n", 1, "twice"),
        ("source,target\n\n\na,b\nc,\n", 5, "no target"),
        ("sep=,\nsource,target\na,b,c\n", 3, "more than"),
        ("source,target,kind\n\"a\nb\",x,\nc,d,nmae\n", 4, "nmae"),
        ("source,target,gender\na,b,x\n", 2, "gender"),
        ("source,target,how\na,b,keep\n", 2, "culture"),
        ("source,target,when\na,b,to me\n", 2, "speaker=f"),
        ("source,target\na,\"b\nc,d\n", 2, "quote"),
    ] {
        let error = read("a.csv", text.as_bytes()).unwrap_err();
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(row)), "{text:?}: {error}");
        assert!(error.to_string().contains(word) && error.to_string().contains("a.csv"), "{error}");
        assert!(error.remedy().is_some());
    }
    let long = format!("source,target\na,{}\n", "x".repeat(MAX_TEXT + 1));
    assert_eq!(read("a.csv", long.as_bytes()).unwrap_err().place().row, Some(2));
    assert_eq!(read("a.csv", b"source,target\na,\xd7\xdf\n").unwrap_err().place().row, Some(2));
}

#[test]
fn tbx_of_other_programs_is_read() {
    let dct = r#"<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
     xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
 <tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
 <text><body>
  <conceptEntry id="c1"><min:subjectField>law</min:subjectField>
   <langSec xml:lang="zh"><termSec><term>离婚协议</term></termSec>
    <termSec><term>离婚协议书</term><basic:termType>variant</basic:termType></termSec></langSec>
   <langSec xml:lang="en"><basic:definition>ends it &amp; &#x61;ll</basic:definition>
    <termSec><term>divorce agreement</term><min:administrativeStatus>admittedTerm-admn-sts</min:administrativeStatus></termSec>
    <termSec><term>divorce <hi>papers</hi></term><min:administrativeStatus>preferredTerm-admn-sts</min:administrativeStatus>
     <basic:grammaticalGender>neuter</basic:grammaticalGender></termSec>
    <termSec><term>parting letter</term><min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
   </langSec>
  </conceptEntry>
  <conceptEntry><langSec xml:lang="fr"><termSec><term>x</term></termSec></langSec></conceptEntry>
 </body></text></tbx>"#;
    let read_tbx = |text: &str| read("a.tbx", text.as_bytes());
    let imported = read_tbx(dct).unwrap();
    let base = Entry {
        source: "离婚协议".into(),
        variants: texts(&["离婚协议书"]),
        note: "ends it & all".into(),
        ..Entry::default()
    };
    let decided = Entry { target: "divorce papers".into(), forms: texts(&["divorce agreement"]), ..base.clone() };
    let banned =
        Entry { target: "parting letter".into(), kind: EntryKind::Ban, instead: "divorce papers".into(), ..base };
    assert_eq!(plain(&imported), [decided, banned]);
    assert_eq!(imported.left_out, ["1 concepts without a term in zh and one in en", "subjectField"]);
    assert_eq!(imported.source.entries[0].0, 6);

    let old = r#"<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="zh"><text><body><termEntry id="1"><descripGrp><descrip type="definition">d</descrip></descripGrp>
 <langSet xml:lang="zh"><ntig><termGrp><term>战神</term></termGrp></ntig></langSet>
 <langSet xml:lang="en"><tig><term>God of War</term><termNote type="partOfSpeech">noun</termNote></tig></langSet>
</termEntry></body></text></martif>"#;
    let imported = read_tbx(old).unwrap();
    assert_eq!(
        plain(&imported),
        [Entry { source: "战神".into(), target: "God of War".into(), note: "d".into(), ..Entry::default() }]
    );
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
}

#[test]
fn xml_is_not_trusted() {
    let bomb = "<!DOCTYPE tbx [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><tbx><text>&b;</text></tbx>";
    let outside = "<!DOCTYPE tbx [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><tbx>&a;</tbx>";
    let concept = |term: &str| {
        format!(
            "<tbx>\n<conceptEntry><langSec xml:lang=\"zh\"><termSec><term>{term}</term></termSec></langSec></conceptEntry></tbx>"
        )
    };
    let deep = format!("<tbx>{}{}</tbx>", "<descripGrp>".repeat(100_000), "</descripGrp>".repeat(100_000));
    for (text, word) in [
        (bomb.to_owned(), "entities"),
        (outside.to_owned(), "entities"),
        (concept("&unknown;"), "is no XML"),
        (concept(&"x".repeat(MAX_TEXT + 1)), "characters"),
        ("<tbx><conceptEntry></tbx>".to_owned(), "is no XML"),
        ("<html/>".to_owned(), "<html>"),
        ("no xml".to_owned(), "is no XML"),
        (String::new(), "is no XML"),
    ] {
        let error = read("a.tbx", text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), Kind::Document, "{error}");
        assert!(error.to_string().contains(word) && error.place().row.is_some() && error.remedy().is_some(), "{error}");
    }
    assert_eq!(read("a.tbx", concept("&x;").as_bytes()).unwrap_err().place().row, Some(2));
    // What is deep without end does no harm: nothing calls itself for each level.
    assert!(plain(&read("a.tbx", deep.as_bytes()).unwrap()).is_empty());
    let inside = format!(
        "<tbx><conceptEntry>{}<descrip type=\"context\">x</descrip>{}<langSec xml:lang=\"zh\"/></conceptEntry></tbx>",
        "<descripGrp>".repeat(10_000),
        "</descripGrp>".repeat(10_000)
    );
    assert!(plain(&read("a.tbx", inside.as_bytes()).unwrap()).is_empty());
}

#[test]
fn formats_are_known_by_their_extension() {
    assert_eq!(format("A.CSV").extension, "csv");
    let error = Format::of(Path::new("a.xlsx")).unwrap_err();
    assert!(error.remedy().unwrap().contains(".tbx"), "{error}");
    let wanted = Wanted { to: "pt".parse().ok(), ..Wanted::default() };
    let error = format("a.toml").read(b"from = \"zh\"\nto = \"en\"\n", Path::new("a.toml"), &wanted).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage, "{error}");
}
