//! TBX, TermBase eXchange (ISO 30042:2019): the TBX-Basic dialect in its DCA style.
//!
//! | ours | TBX |
//! |---|---|
//! | kind | `descrip type="subjectField"` of the concept |
//! | source; variants | terms of the source language; `termType` variant |
//! | target; forms | terms of the target language: `administrativeStatus` preferred; admitted |
//! | a ban's target and forms; its `instead` | deprecated terms; the preferred one |
//! | gender | `grammaticalGender` of the target's first term |
//! | market | `geographicalUsage` of the target's terms |
//! | note; example | `note` of the concept; `descrip type="context"` of a term |
//! | unless; spoken, how, when | `note` of a term, as `unless: a|b`: TBX-Basic has no category for them |
//!
//! Does not know XML; `tbx/read.rs` does.

mod read;

use super::{Exported, beside_entries, cells};
use crate::error::{Error, Kind, Result};
use crate::glossary::{Entry, EntryKind, Gender, How, Source};
use std::fmt::Write;

pub(super) use read::read;

const HEADER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="https://raw.githubusercontent.com/LTAC-Global/TBX-Basic_dialect/master/DCA/TBXcoreStructV03_TBX-Basic_integrated.rng" type="application/xml" schematypens="http://relaxng.org/ns/structure/1.0"?>
<?xml-model href="https://raw.githubusercontent.com/LTAC-Global/TBX-Basic_dialect/master/DCA/TBX-Basic_DCA.sch" type="application/xml" schematypens="http://purl.oclc.org/dsdl/schematron"?>
"#;

const PREFERRED: &str = "preferredTerm-admn-sts";
const ADMITTED: &str = "admittedTerm-admn-sts";
const DEPRECATED: &str = "deprecatedTerm-admn-sts";

/// A term as it is written.
#[derive(Default)]
struct Term<'a> {
    text: &'a str,
    /// Type and value, in the order of TBX's model.
    term_notes: Vec<(&'static str, &'a str)>,
    context: &'a str,
    notes: Vec<String>,
}

pub(super) fn write(source: &Source) -> Result<Exported> {
    if source.entries.is_empty() {
        return Err(Error::new(Kind::Document, "there is no entry, and TBX needs one")
            .file(&source.path)
            .hint("add one"));
    }
    let mut text = String::from(HEADER);
    let (from, to) = (escape(source.from.tag()), escape(source.to.tag()));
    let _ = write!(
        text,
        "<tbx type=\"TBX-Basic\" style=\"dca\" xml:lang=\"{from}\" xmlns=\"urn:iso:std:iso:30042:ed-2\">\n\
         <tbxHeader><fileDesc><sourceDesc><p>A glossary of dubline, {from} to {to}.</p></sourceDesc></fileDesc></tbxHeader>\n\
         <text><body>\n"
    );
    for (number, (_, entry)) in source.entries.iter().enumerate() {
        let _ = writeln!(text, "<conceptEntry id=\"c{}\">", number + 1);
        let _ = writeln!(text, "  <descrip type=\"subjectField\">{}</descrip>", entry.kind.name());
        if !entry.note.is_empty() {
            let _ = writeln!(text, "  <note>{}</note>", escape(&entry.note));
        }
        let mut sources = source_terms(entry);
        let mut targets = target_terms(entry, source.market.as_deref());
        // What concerns the rendering stands with its first term, or with the source where nothing is rendered.
        if let Some(first) = targets.first_mut().or(sources.first_mut()) {
            first.context = &entry.example;
            first.notes.extend(private(entry));
            if let Some(gender) = entry.gender {
                first.term_notes.push(("grammaticalGender", gender_name(gender)));
            }
        }
        for (language, terms) in [(&from, sources), (&to, targets)] {
            if !terms.is_empty() {
                let terms: String = terms.iter().map(term).collect();
                let _ = write!(text, "  <langSec xml:lang=\"{language}\">\n{terms}  </langSec>\n");
            }
        }
        text.push_str("</conceptEntry>\n");
    }
    text.push_str("</body></text>\n</tbx>\n");
    Ok(Exported { text, left_out: beside_entries(source) })
}

fn source_terms(entry: &Entry) -> Vec<Term<'_>> {
    let mut terms = Vec::new();
    if !entry.source.is_empty() {
        let mut notes = Vec::new();
        if !entry.unless.is_empty() {
            notes.push(format!("unless: {}", cells::join(&entry.unless)));
        }
        terms.push(Term { text: &entry.source, notes, ..Term::default() });
    }
    let variant = |text: &'static str| vec![("termType", text)];
    terms.extend(entry.variants.iter().map(|text| Term { text, term_notes: variant("variant"), ..Term::default() }));
    terms
}

fn target_terms<'a>(entry: &'a Entry, market: Option<&'a str>) -> Vec<Term<'a>> {
    let term = |text: &'a String, status: &'static str| {
        let usage = market.map(|market| ("geographicalUsage", market));
        let term_notes = [("administrativeStatus", status)].into_iter().chain(usage).collect();
        (!text.is_empty()).then(|| Term { text, term_notes, ..Term::default() })
    };
    let is_ban = entry.kind == EntryKind::Ban;
    let (first, others) = if is_ban { (DEPRECATED, DEPRECATED) } else { (PREFERRED, ADMITTED) };
    term(&entry.target, first)
        .into_iter()
        .chain(entry.forms.iter().filter_map(|form| term(form, others)))
        .chain(term(&entry.instead, PREFERRED))
        .collect()
}

/// What TBX-Basic has no category for.
fn private(entry: &Entry) -> Vec<String> {
    let mut notes = Vec::new();
    if !entry.spoken.is_empty() {
        notes.push(format!("spoken: {}", entry.spoken));
    }
    notes.extend(entry.how.map(|how| format!("how: {}", How::name(how))));
    notes.extend(entry.when.iter().map(|case| format!("when: {}", cells::case(case))));
    notes
}

fn gender_name(gender: Gender) -> &'static str {
    match gender {
        Gender::Feminine => "feminine",
        Gender::Masculine => "masculine",
    }
}

fn term(term: &Term<'_>) -> String {
    let mut text = format!("    <termSec>\n      <term>{}</term>\n", escape(term.text));
    for (category, value) in &term.term_notes {
        let _ = writeln!(text, "      <termNote type=\"{category}\">{}</termNote>", escape(value));
    }
    if !term.context.is_empty() {
        let _ = writeln!(text, "      <descrip type=\"context\">{}</descrip>", escape(term.context));
    }
    for note in &term.notes {
        let _ = writeln!(text, "      <note>{}</note>", escape(note));
    }
    text.push_str("    </termSec>\n");
    text
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            char => escaped.push(char),
        }
    }
    escaped
}
