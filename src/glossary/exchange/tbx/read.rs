//! Reads TBX: both styles of the 2019 edition (data categories as attributes or as tags), and the elements of the 2008
//! one (`martif`, `termEntry`, `tig`), as far as they hold what a glossary can use.
//!
//! No entity is expanded but XML's own five and characters by number, no schema or DTD is opened, depth and length
//! are bounded.

use super::super::{Imported, MAX_TEXT, Wanted, assemble, cells, flat, no_pair, pair};
use crate::error::{Error, Kind, Result};
use crate::glossary::{Case, Entry, EntryKind, Gender, How};
use crate::lang::Lang;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;
use std::path::Path;

/// Elements, texts and comments of a file: what a hundred thousand entries take.
const MAX_NODES: u32 = 6_000_000;
/// Groups within groups; TBX has `termGrp` with `termNoteGrp` in it.
const MAX_GROUPS: usize = 3;

/// A concept as the file has it.
#[derive(Default)]
struct Concept {
    row: usize,
    kind: Option<EntryKind>,
    notes: Vec<String>,
    languages: Vec<(String, Vec<Term>)>,
}

#[derive(Default)]
struct Term {
    text: String,
    status: String,
    gender: Option<Gender>,
    market: Option<String>,
    context: String,
    unless: Vec<String>,
    spoken: String,
    how: Option<How>,
    when: Vec<Case>,
}

impl Term {
    fn is_deprecated(&self) -> bool {
        self.status.starts_with("deprecated") || self.status.starts_with("superseded")
    }
}

/// Elements that only hold others together.
const GROUPS: &[&str] = &["termGrp", "descripGrp", "adminGrp", "transacGrp", "termNoteGrp"];

/// Categories that say nothing about wording; leaving them out is not worth a word.
const IDLE: &[&str] =
    &["partOfSpeech", "transactionType", "responsibility", "date", "source", "transac", "transacNote", "termLocation"];

pub(in super::super) fn read(text: &str, path: &Path, wanted: &Wanted) -> Result<Imported> {
    let mut file = File { path, row: 1, default: None, concepts: Vec::new(), left_out: BTreeSet::new() };
    file.read(text)?;
    let (from, to) = pair(path, wanted).or_else(|| file.pair(wanted)).ok_or_else(|| no_pair(path))?;
    let mut entries = Vec::new();
    let mut bare = 0;
    let mut markets = BTreeSet::new();
    for concept in &file.concepts {
        let of = |language: &Lang| {
            let same = |tag: &str| tag.parse::<Lang>().is_ok_and(|own| own.accepts(language));
            let sections = concept.languages.iter().filter(|(tag, _)| same(tag));
            sections.flat_map(|(_, terms)| terms).filter(|term| !term.text.is_empty()).collect::<Vec<_>>()
        };
        let (sources, targets) = (of(&from), of(&to));
        markets.extend(targets.iter().filter_map(|term| term.market.clone()));
        let made = decisions(concept, &sources, &targets);
        bare += usize::from(made.is_empty());
        entries.extend(made.into_iter().map(|entry| (concept.row, entry)));
    }
    if bare > 0 {
        file.left_out.insert(format!("{bare} concepts without a term in {from} and one in {to}"));
    }
    // A glossary is for one market; terms of several are for none in particular.
    let market = markets.first().filter(|_| markets.len() == 1).cloned();
    let source = assemble(entries, path, (from, to), wanted.market.clone().or(market))?;
    Ok(Imported { source, left_out: file.left_out.into_iter().collect() })
}

/// The entries that a concept makes: one, and a ban beside it where terms are deprecated.
fn decisions(concept: &Concept, sources: &[&Term], targets: &[&Term]) -> Vec<Entry> {
    let texts = |terms: &[&Term]| terms.iter().map(|term| term.text.clone()).collect::<Vec<_>>();
    let (bad, good): (Vec<&Term>, Vec<&Term>) = targets.iter().partition(|term| term.is_deprecated());
    let preferred = good.iter().position(|term| term.status.starts_with("preferred")).unwrap_or(0);
    let mut wordings = texts(&good);
    wordings[..(preferred + 1).min(good.len())].rotate_right(usize::from(!good.is_empty()));
    let mut spellings = texts(sources);
    let first = if spellings.is_empty() { String::new() } else { spellings.remove(0) };
    let all = || sources.iter().chain(targets);
    let base = Entry {
        source: first,
        variants: spellings,
        kind: concept.kind.unwrap_or_default(),
        unless: all().flat_map(|term| term.unless.clone()).collect(),
        spoken: all().map(|term| &term.spoken).find(|spoken| !spoken.is_empty()).cloned().unwrap_or_default(),
        gender: targets.iter().chain(sources).find_map(|term| term.gender),
        how: all().find_map(|term| term.how),
        when: all().flat_map(|term| term.when.clone()).collect(),
        note: concept.notes.join(" "),
        example: targets
            .iter()
            .chain(sources)
            .map(|term| &term.context)
            .find(|c| !c.is_empty())
            .cloned()
            .unwrap_or_default(),
        ..Entry::default()
    };
    let instead = wordings.first().cloned().unwrap_or_default();
    let ban = |texts: Vec<String>| {
        let mut texts = texts.into_iter();
        let target = texts.next().unwrap_or_default();
        Entry { kind: EntryKind::Ban, target, forms: texts.collect(), instead: instead.clone(), ..base.clone() }
    };
    let decided = || {
        let mut wordings = wordings.clone().into_iter();
        let target = wordings.next().unwrap_or_default();
        Entry { target, forms: wordings.collect(), ..base.clone() }
    };
    // A ban beside a decision is about the wording alone.
    let beside = |ban: Entry| Entry {
        spoken: String::new(),
        gender: None,
        how: None,
        when: Vec::new(),
        example: String::new(),
        ..ban
    };
    match (concept.kind, sources.is_empty(), good.is_empty(), bad.is_empty()) {
        (Some(EntryKind::Ban), _, _, false) => vec![ban(texts(&bad))],
        (Some(EntryKind::Ban), _, false, true) => vec![Entry { instead: String::new(), ..ban(wordings.clone()) }],
        (Some(EntryKind::Keep), false, ..) => vec![decided()],
        (_, false, false, false) => vec![decided(), beside(ban(texts(&bad)))],
        (_, false, false, true) => vec![decided()],
        (_, _, _, false) => vec![beside(ban(texts(&bad)))],
        _ => Vec::new(),
    }
}

/// A file while it is read.
struct File<'a> {
    path: &'a Path,
    row: usize,
    /// The language of the whole file.
    default: Option<String>,
    concepts: Vec<Concept>,
    left_out: BTreeSet<String>,
}

impl File<'_> {
    fn error(&self, what: impl Into<String>) -> Error {
        Error::new(Kind::Document, what).file(self.path).row(self.row).hint(
            "give a TBX file: <tbx> with <conceptEntry>, <langSec xml:lang=\"zh\">, <termSec> and <term> in it, in UTF-8",
        )
    }

    fn read(&mut self, text: &str) -> Result<()> {
        // Entities of a file's own are how a small one becomes a huge one.
        let declared = text.find("<!DOCTYPE").and_then(|at| text[at..].split('>').next());
        if declared.is_some_and(|declared| declared.contains('[')) {
            return Err(self.error("the file defines entities of its own").hint("remove the <!DOCTYPE … [ … ]>"));
        }
        // The 2008 edition names a DTD; nothing resolves it.
        let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, entity_resolver: None };
        let document = Document::parse_with_options(text, options).map_err(|e| {
            self.row = e.pos().row as usize;
            self.error("is no XML").because(e)
        })?;
        let root = document.root_element();
        if !matches!(root.tag_name().name(), "tbx" | "martif") {
            return Err(self.error(format!("is no TBX: its root is <{}>", root.tag_name().name())));
        }
        self.default = language(&root);
        let mut counted = 0;
        for node in root.descendants().filter(|node| is(node, &["conceptEntry", "termEntry"])) {
            let start = node.range().start;
            self.row += text.as_bytes()[counted..start].iter().filter(|byte| **byte == b'\n').count();
            counted = start;
            let concept = self.concept(&node)?;
            self.concepts.push(concept);
        }
        Ok(())
    }

    fn concept(&mut self, node: &Node<'_, '_>) -> Result<Concept> {
        let mut concept = Concept { row: self.row, ..Concept::default() };
        for leaf in leaves(node) {
            self.take(&leaf, &mut concept, None)?;
        }
        for section in node.children().filter(|node| is(node, &["langSec", "langSet"])) {
            for leaf in leaves(&section) {
                self.take(&leaf, &mut concept, None)?;
            }
            let mut terms = Vec::new();
            for node in section.children().filter(|node| is(node, &["termSec", "tig", "ntig"])) {
                let mut term = Term::default();
                for leaf in leaves(&node) {
                    self.take(&leaf, &mut concept, Some(&mut term))?;
                }
                terms.push(term);
            }
            let language = language(&section).or_else(|| self.default.clone()).unwrap_or_default();
            concept.languages.push((language, terms));
        }
        Ok(concept)
    }

    /// Takes what an element says: about the term, or about the concept or language where there is none.
    fn take(&mut self, node: &Node<'_, '_>, concept: &mut Concept, term: Option<&mut Term>) -> Result<()> {
        let name = node.tag_name().name();
        // A data category is an attribute in one style and a tag in the other.
        let category = node.attribute("type").filter(|_| name != "note").unwrap_or(name);
        let text = flat(&node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect::<String>());
        if text.chars().count() > MAX_TEXT {
            return Err(self.error(format!("{category}: a text has more than {MAX_TEXT} characters")));
        }
        let malformed = |file: &Self| file.error(format!("{category} {text:?} cannot be read"));
        match (category, term) {
            ("subjectField", _) => match EntryKind::ALL.into_iter().find(|kind| kind.name() == text) {
                Some(kind) => concept.kind = Some(kind),
                None => drop(self.left_out.insert("subjectField".to_owned())),
            },
            ("term", Some(term)) => term.text = text,
            ("administrativeStatus" | "normativeAuthorization", Some(term)) => term.status = text,
            ("grammaticalGender", Some(term)) => {
                term.gender = match text.as_str() {
                    "feminine" => Some(Gender::Feminine),
                    "masculine" => Some(Gender::Masculine),
                    _ => None,
                };
            }
            ("geographicalUsage", Some(term)) => {
                term.market = Some(text.to_lowercase()).filter(|market| crate::lang::is_market(market));
            }
            ("context", Some(term)) if term.context.is_empty() => term.context = text,
            ("note", Some(term)) => match text.split_once(": ") {
                Some(("unless", words)) => term.unless = cells::split(words),
                Some(("spoken", spoken)) => spoken.clone_into(&mut term.spoken),
                Some(("how", how)) => {
                    let known = [How::Keep, How::Explain, How::Replace].into_iter().find(|known| known.name() == how);
                    term.how = Some(known.ok_or_else(|| malformed(self))?);
                }
                Some(("when", cases)) => {
                    term.when.extend(cells::split_cases(cases).map_err(|what| malformed(self).because(what))?);
                }
                _ => concept.notes.push(text),
            },
            ("note" | "definition", None) => concept.notes.push(text),
            // Every term but the first is a variant or a form, whatever its type.
            ("termType", _) => {}
            (idle, _) if IDLE.contains(&idle) => {}
            (other, _) => drop(self.left_out.insert(other.to_owned())),
        }
        Ok(())
    }

    /// The pair, where the file has two languages and one of them is known.
    fn pair(&self, wanted: &Wanted) -> Option<(Lang, Lang)> {
        let tags = self.concepts.iter().flat_map(|concept| concept.languages.iter().map(|(tag, _)| tag));
        let all: BTreeSet<Lang> = tags.filter_map(|tag| tag.parse().ok()).collect();
        let other = |known: &Lang| {
            let mut others = all.iter().filter(|language| !language.same_language(known));
            others.next().filter(|_| others.next().is_none()).cloned()
        };
        match (&wanted.from, &wanted.to) {
            (Some(from), None) => Some((from.clone(), other(from)?)),
            (None, Some(to)) => Some((other(to)?, to.clone())),
            _ => {
                let from: Lang = self.default.as_ref()?.parse().ok()?;
                let to = other(&from)?;
                Some((from, to))
            }
        }
    }
}

fn is(node: &Node<'_, '_>, names: &[&str]) -> bool {
    node.is_element() && names.contains(&node.tag_name().name())
}

fn language(node: &Node<'_, '_>) -> Option<String> {
    node.attribute(("http://www.w3.org/XML/1998/namespace", "lang")).map(|tag| tag.trim().to_owned())
}

/// The elements with text that belong to this one, be they in groups or not.
fn leaves<'a, 'i>(node: &Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
    let mut leaves = Vec::new();
    let mut open: Vec<(Node<'a, 'i>, usize)> = vec![(*node, 0)];
    while let Some((node, depth)) = open.pop() {
        let at = open.len();
        for child in node.children().filter(Node::is_element) {
            if is(&child, GROUPS) && depth < MAX_GROUPS {
                // In the order of the file, although the last one in is the first one out.
                open.insert(at, (child, depth + 1));
            } else if !is(&child, &["langSec", "langSet", "termSec", "tig", "ntig"]) {
                leaves.push(child);
            }
        }
    }
    leaves
}
