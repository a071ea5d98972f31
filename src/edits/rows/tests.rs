//! What people are shown, and that it comes back as it went.

use super::*;
use crate::edits::tests::{edits, script};

fn mark(row: &Row) -> Option<Mark> {
    row.status
}

#[test]
fn every_format_comes_back_as_it_went() {
    let (script, edits) = (script(), edits());
    let (shown, orphans) = show(&script, &edits);
    assert!(orphans.is_empty());
    for format in [Format::Csv, Format::Tsv, Format::Json, Format::Srt] {
        let text = write(&shown, &script.language, format).unwrap();
        // The text alone tells what it is.
        for named in [Some(format), None] {
            let rows = read(text.as_bytes(), named, &script).unwrap();
            for row in &rows {
                let shown = shown.iter().find(|shown| shown.line == row.line).unwrap();
                assert_eq!(row.text, shown.text, "{format:?}");
                assert!(row.tight.as_ref().is_none_or(|tight| *tight == shown.tight), "{format:?}");
                assert!(mark(row).is_none_or(|mark| mark == shown.status), "{format:?}");
                assert!(row.note.as_ref().is_none_or(|note| *note == shown.note), "{format:?}");
            }
            let failed = usize::from(format == Format::Srt);
            assert_eq!(rows.len(), shown.len() - failed, "{format:?}: subtitles show no failed line");
        }
    }
}

#[test]
fn a_table_says_what_is_known_of_a_line() {
    let (shown, _) = show(&script(), &edits());
    let table = write(&shown, &"pt-BR".parse().unwrap(), Format::Csv).unwrap();
    assert!(
        table.starts_with("\u{feff}line,start,end,speaker,source,text,tight,state,terms,status,note,exported\r\n"),
        "{table}"
    );
    let rows: Vec<&str> = table.lines().collect();
    let marked = |row: &str, text: &str, tight: &[&str]| {
        let tight: Vec<String> = tight.iter().map(|text| (*text).to_owned()).collect();
        format!("{row},{}", mark_of(text, &tight))
    };
    let draft =
        r#"1,0:00.000,0:01.000,Gu,'=走吧！,"'-Vamos, já!",Vamos!,"走 should read ""ir""",走 → ir (missed),draft,"#;
    assert_eq!(rows[1], marked(draft, "-Vamos, já!", &["Vamos!"]));
    let edited = r#"2,0:02.000,0:03.000,Gu,不，绝不,"Não; nunca.",,written,,edited,firm"#;
    assert_eq!(rows[2], marked(edited, "Não; nunca.", &[]));
    assert_eq!(rows[3], marked("3,0:04.000,0:05.000,Gu,为什么,,,failed: the engine said nothing,,draft,", "", &[]));
}

#[test]
fn a_table_tells_when_its_lines_were_and_what_was_changed_in_it() {
    let (shown, _) = show(&script(), &edits());
    let table = write(&shown, &"pt-BR".parse().unwrap(), Format::Csv).unwrap().replace("São oito.", "Oito.");
    let json = write(&shown, &"pt-BR".parse().unwrap(), Format::Json).unwrap().replace("São oito.", "Oito.");
    for (text, format) in [(table, Format::Csv), (json, Format::Json)] {
        let rows = read(text.as_bytes(), Some(format), &script()).unwrap();
        let spans: Vec<_> = rows.iter().map(|row| row.span.unwrap()).collect();
        assert_eq!(spans, script().lines.iter().map(|line| line.span).collect::<Vec<_>>());
        let changed: Vec<u32> =
            rows.iter().filter(|row| row.exported.as_deref() != Some(&row.mark())).map(|row| row.line).collect();
        assert_eq!(changed, [4]);
    }
    // What a spreadsheet made of a time is no time.
    assert_eq!(
        (time(Some("1:02:03.5")), time(Some("45,5")), time(Some("-1"))),
        (Some(Time::from_ms(3_723_500)), None, None)
    );
}

#[test]
fn an_edit_made_since_is_shown_in_place_of_the_line() {
    let mut edits = edits();
    edits.edits[0].text = "Outra coisa.".into();
    let (shown, _) = show(&script(), &edits);
    let line = shown.iter().find(|shown| shown.line == 2).unwrap();
    assert_eq!((line.text.as_str(), line.waiting, line.status), ("Outra coisa.", true, Mark::Edited));
    edits.edits[0].source = "一句完全不同的话啊".into();
    let (shown, orphans) = show(&script(), &edits);
    assert_eq!(shown[1].status, Mark::Locked, "its edit is not at hand");
    assert_eq!(orphans.len(), 1);
}

fn broken(text: &str) -> Error {
    read(text.as_bytes(), Some(Format::Csv), &script()).unwrap_err()
}

#[test]
fn every_mistake_in_a_table_names_its_row_and_remedy() {
    for (text, row, word) in [
        ("", 1, "empty"),
        ("line,speaker\n1,a", 1, "\"text\" is missing"),
        ("text\na", 1, "\"line\" is missing"),
        ("line,text,statsu\n1,a,approved", 1, "statsu"),
        ("line,text,text\n1,a,b", 1, "twice"),
        ("line,text\n1,a\none,b", 3, "no number of a line"),
        ("line,text,status\n1,a,done", 2, "no status \"done\""),
        ("line,text\n1,Well, no", 2, "stands in no column"),
        ("line,text\n1,\"open", 2, "never closed"),
    ] {
        let error = broken(text);
        assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(row)), "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.remedy().is_some(), "{error}");
    }
    let error = read(b"line,text\n1,\xc3\xa3\n2,\xe3o\n", None, &script()).unwrap_err();
    assert_eq!((error.kind(), error.place().row), (Kind::Document, Some(3)), "{error}");
    assert!(error.remedy().unwrap().contains("UTF-8"), "{error}");
}

#[test]
fn tables_of_other_spreadsheets_are_read() {
    let wide = |text: &str| {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    for bytes in [
        b"Line;Text;Status\r\n2.0;\"N\xc3\xa3o; nunca.\";APPROVED\r\n".to_vec(),
        wide("line\ttext\tstatus\r\n2\tNão; nunca.\tapproved\r\n"),
    ] {
        let rows = read(&bytes, None, &script()).unwrap();
        assert_eq!((rows[0].line, rows[0].text.as_str(), mark(&rows[0])), (2, "Não; nunca.", Some(Mark::Approved)));
        assert_eq!(rows[0].tight, None, "a column that is not there says nothing");
    }
}

#[test]
fn captions_go_to_the_lines_whose_time_they_share() {
    let script = script();
    let srt = "1\n00:00:00,100 --> 00:00:00,900\nUm\n\n2\n00:00:01,900 --> 00:00:02,600\nDois\n\n\
        3\n00:00:02,600 --> 00:00:03,100\ne meio\n\n4\n00:00:08,000 --> 00:00:09,500\n- Oito\n- Nove\n";
    let rows = read(srt.as_bytes(), None, &script).unwrap();
    let texts: Vec<(u32, &str)> = rows.iter().map(|row| (row.line, row.text.as_str())).collect();
    assert_eq!(texts, [(1, "Um"), (2, "Dois\ne meio"), (4, "Oito"), (5, "Nove")]);
    let twice = "1\n00:00:08,000 --> 00:00:09,000\nOito\n\n2\n00:00:08,000 --> 00:00:09,000\nNove\n";
    let rows = read(twice.as_bytes(), None, &script).unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 5], "two at once take one caption each");
    let error = read(b"1\n00:01:00,000 --> 00:01:01,000\nTarde\n", None, &script).unwrap_err();
    assert!(error.to_string().contains("no line") && error.remedy().is_some(), "{error}");
}
