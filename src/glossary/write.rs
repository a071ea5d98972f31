//! Glossaries as TOML text: an entry, a whole file, and one entry more at the end of a file.
//!
//! Pure: text in, text out. What a person wrote by hand, comments included, stays byte for byte. Does not know
//! other formats; `exchange` does.

use super::fold::Fold;
use super::lint::keys;
use super::{Entry, EntryKind, Gender, How, Source, Style};
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use std::fmt::Write;
use std::path::Path;

/// An entry as an `[[entry]]` table; keys that say nothing are left out.
pub fn entry(entry: &Entry) -> String {
    let mut text = String::from("[[entry]]\n");
    let mut put = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    let mut one = |key: &str, value: &str| {
        if !value.is_empty() {
            put(key, quoted(value));
        }
    };
    one("source", &entry.source);
    one("target", &entry.target);
    if entry.kind != EntryKind::default() {
        one("kind", entry.kind.name());
    }
    one("how", entry.how.map_or("", How::name));
    one("gender", entry.gender.map_or("", Gender::name));
    one("spoken", &entry.spoken);
    one("instead", &entry.instead);
    for (key, values) in [("variants", &entry.variants), ("forms", &entry.forms), ("unless", &entry.unless)] {
        if !values.is_empty() {
            put(key, format!("[{}]", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ")));
        }
    }
    if !entry.when.is_empty() {
        let cases = entry.when.iter().map(|case| {
            let who = [("speaker", &case.speaker), ("to", &case.to)];
            let who = who.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}, ", quoted(value.as_ref()?))));
            format!("    {{ {}target = {} }},\n", who.collect::<String>(), quoted(&case.target))
        });
        put("when", format!("[\n{}]", cases.collect::<String>()));
    }
    for (key, value) in [("note", &entry.note), ("example", &entry.example)] {
        if !value.is_empty() {
            put(key, quoted(value));
        }
    }
    text
}

/// A whole file, `about` being the comment at its top.
pub fn file(source: &Source, about: &str) -> String {
    let mut text = header(&source.from, &source.to, source.market.as_deref(), about);
    if !source.not_surnames.is_empty() {
        let words: String = source.not_surnames.iter().map(|word| format!("    {},\n", quoted(word))).collect();
        let _ = write!(text, "\nnot-surnames = [\n{words}]\n");
    }
    let Style { register, formality, address, longest, between } = &source.style;
    if !source.style.is_empty() {
        text.push_str("\n[style]\n");
        for (key, value) in [("register", register), ("formality", formality), ("address", address)] {
            if !value.is_empty() {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
        if *longest > 0 {
            let _ = writeln!(text, "longest = {longest}");
        }
    }
    for row in between {
        text.push_str("\n[[style.between]]\n");
        for (key, value) in [
            ("speaker", row.speaker.as_deref().unwrap_or_default()),
            ("to", row.to.as_deref().unwrap_or_default()),
            ("role", &row.role),
            ("formality", &row.formality),
            ("address", &row.address),
        ] {
            if !value.is_empty() {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
        }
    }
    if !source.surnames.is_empty() {
        text.push_str("\n[surnames]\n");
        for (surname, written) in &source.surnames {
            let _ = writeln!(text, "{} = {}", quoted(surname), quoted(written));
        }
    }
    for (_, one) in &source.entries {
        text.push('\n');
        text.push_str(&entry(one));
    }
    text
}

/// The top of a file.
pub fn header(from: &Lang, to: &Lang, market: Option<&str>, about: &str) -> String {
    let mut text: String = about.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    let _ = write!(text, "\nversion = 1\nfrom = \"{from}\"\nto = \"{to}\"\n");
    if let Some(market) = market {
        let _ = writeln!(text, "market = {}", quoted(market));
    }
    text
}

/// The text of a file with one entry more at its end, and the entry's row. `path` is for errors.
///
/// # Errors
/// Fails if the file or the entry has a mistake, or if the file says something about the source already.
pub fn append(text: &str, path: &Path, new: &Entry) -> Result<(String, usize)> {
    let source = Source::parse(text, path)?;
    let fold = Fold::new(&source.from)?;
    let wanted = keys(&fold, new);
    if let Some((row, known)) =
        source.entries.iter().find(|(_, known)| keys(&fold, known).iter().any(|k| wanted.contains(k)))
    {
        let what = match known.source.is_empty() {
            true => format!("the file bans {:?} already", known.target),
            false => format!("the file has an entry for {:?} already: {:?}", known.source, known.target),
        };
        return Err(Error::new(Kind::Document, what)
            .file(path)
            .row(*row)
            .hint("change that entry, or give other wordings as its `forms` and other spellings as its `variants`"));
    }
    // A text that ends within a row gets its end; one blank row parts entries.
    let mut longer = text.to_owned();
    if !longer.is_empty() && !longer.ends_with('\n') {
        longer.push('\n');
    }
    if !longer.is_empty() && !longer.ends_with("\n\n") {
        longer.push('\n');
    }
    let row = longer.matches('\n').count() + 1;
    longer.push_str(&entry(new));
    let read = Source::parse(&longer, path).map_err(|error| match error.remedy() {
        // The file was fine before, so the entry is at fault, or a file that lists entries in another way.
        Some(_) if error.place().row == Some(row) => error,
        _ => Error::new(Kind::Document, "no entry can be put at the end of this file")
            .file(path)
            .because(error)
            .hint("write every entry of it as a table of its own, which begins with [[entry]]"),
    })?;
    match read.entries.last() {
        Some((at, last)) if *at == row && last == new => Ok((longer, row)),
        _ => Err(Error::internal("an entry does not read as it was written").file(path)),
    }
}

/// A TOML basic string.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", char as u32);
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::Case;
    use super::*;

    fn full() -> Entry {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Entry {
            source: "红包".into(),
            target: "a \"lucky\" \\ envelope".into(),
            kind: EntryKind::Culture,
            variants: texts(&["大红包", "利是"]),
            forms: texts(&["red envelope"]),
            unless: texts(&["红包车"]),
            spoken: "a lucky envelope".into(),
            gender: Some(Gender::Masculine),
            how: Some(How::Explain),
            instead: String::new(),
            when: vec![
                Case { speaker: Some("f".into()), to: Some("elder".into()), target: "x".into() },
                Case { speaker: None, to: None, target: "y".into() },
            ],
            note: "money".into(),
            example: "发红包 -> hand out envelopes".into(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let source = Source {
            path: "a.toml".into(),
            from: "zh".parse().unwrap(),
            to: "pt-BR".parse().unwrap(),
            market: Some("br".into()),
            style: Style {
                register: "spoken".into(),
                address: "você".into(),
                longest: 84,
                between: vec![crate::glossary::Between {
                    speaker: Some("秘书".into()),
                    to: Some("顾北辰".into()),
                    role: "superior".into(),
                    formality: "formal".into(),
                    address: String::new(),
                }],
                ..Style::default()
            },
            surnames: vec![("顾".into(), "Gu".into())],
            not_surnames: vec!["照顾".into()],
            entries: vec![
                (1, full()),
                (2, Entry { source: "a\u{7f}".into(), kind: EntryKind::Keep, ..Entry::default() }),
            ],
            built_in: false,
        };
        let text = file(&source, "About.\n\nMore.");
        assert!(
            text.starts_with("# About.\n#\n# More.\n\nversion = 1\nfrom = \"zh\"\nto = \"pt-BR\"\nmarket = \"br\"\n")
        );
        let (read, mistakes) = Source::parse_all(&text, Path::new("a.toml")).unwrap();
        assert_eq!(mistakes.len(), 1, "a control character is refused, but it was written and read");
        assert_eq!(read.entries[0].1, full());
        assert_eq!(
            (&read.style, &read.surnames, &read.not_surnames),
            (&source.style, &source.surnames, &source.not_surnames)
        );
    }

    #[test]
    fn an_entry_more_leaves_the_rest_as_it_is() {
        let text =
            "# Mine.\nfrom = \"zh\"\nto = \"en\"\n\n[[entry]] # first\nsource = \"顾总\"\ntarget = \"Mr. Gu\"   # why";
        let (longer, row) = append(text, Path::new("a.toml"), &full()).unwrap();
        assert!(longer.starts_with(text));
        assert_eq!(longer.lines().nth(row - 1), Some("[[entry]]"));
        assert_eq!(longer.lines().nth(row - 2), Some(""));
        let (third, row) =
            append(&longer, Path::new("a.toml"), &Entry { source: "b".into(), target: "B".into(), ..Entry::default() })
                .unwrap();
        assert_eq!(third.lines().nth(row), Some("source = \"b\""));
        assert_eq!(Source::parse(&third, Path::new("a.toml")).unwrap().entries.len(), 3);
    }

    #[test]
    fn what_is_there_already_is_refused_with_its_row() {
        let text = "from = \"zh\"\nto = \"en\"\n\n[[entry]]\nsource = \"a\"\nvariants = [\"顾总\"]\ntarget = \"x\"\n";
        let add = |source: &str, target: &str, kind: EntryKind| {
            let new = Entry { source: source.into(), target: target.into(), kind, ..Entry::default() };
            append(text, Path::new("a.toml"), &new)
        };
        let error = add("顧總", "y", EntryKind::Name).unwrap_err();
        assert_eq!((error.place().row, error.kind()), (Some(4), Kind::Document), "{error}");
        add("顾总", "boss", EntryKind::Ban).unwrap();
        let error = add("b", "", EntryKind::Term).unwrap_err();
        assert!(error.to_string().contains("no target"), "{error}");
        let inline = "from = \"zh\"\nto = \"en\"\nentry = [{ source = \"a\", target = \"b\" }]\n";
        let new = Entry { source: "c".into(), target: "d".into(), ..Entry::default() };
        let error = append(inline, Path::new("a.toml"), &new).unwrap_err();
        assert!(error.remedy().unwrap().contains("[[entry]]"), "{error}");
    }
}
