//! `dubline glossary show`.

use super::{load, print, print_json};
use dubline::cli::{PairFlags, entry_kind};
use dubline::error::Result;
use dubline::glossary::{Entry, EntryKind, Glossary, Loaded, Match, Origin, Parties};
use dubline::lang::Lang;
use dubline::progress::Progress;
use serde::Serialize;
use serde_json::json;

/// What was asked for.
pub(super) struct Asked {
    pub(super) origin: bool,
    pub(super) kind: Option<String>,
    pub(super) matching: Option<String>,
    pub(super) speaker: Vec<String>,
    pub(super) addressee: Vec<String>,
    pub(super) json: bool,
}

pub(super) fn run(pair: &PairFlags, asked: Asked, progress: &Progress) -> Result<u8> {
    let kind = asked.kind.as_deref().map(entry_kind).transpose()?;
    let (glossary, market) = load(pair, None)?;
    let wanted = |known: EntryKind| kind.is_none_or(|kind| kind == known);
    if let Some(text) = &asked.matching {
        let parties = Parties { speaker: asked.speaker.clone(), to: asked.addressee.clone() };
        let found = glossary.matches_between(text, &parties);
        let found: Vec<Match> = found.into_iter().filter(|found| wanted(found.kind)).collect();
        return matching(text, &found, &glossary, &asked, progress);
    }
    let entries: Vec<&Loaded> = glossary.entries().iter().filter(|loaded| wanted(loaded.entry.kind)).collect();
    if asked.json {
        #[derive(Serialize)]
        struct Row<'a> {
            #[serde(flatten)]
            entry: &'a Entry,
            origin: &'a Origin,
            built_in: bool,
            overruled: &'a [Origin],
        }
        let row = |loaded: &&'_ Loaded| {
            serde_json::to_value(Row {
                entry: &loaded.entry,
                origin: &loaded.origin,
                built_in: loaded.built_in,
                overruled: &loaded.overruled,
            })
        };
        let rows = entries.iter().map(row).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(|e| dubline::error::Error::internal("an entry has no JSON form").because(e))?;
        let (from, to) = (glossary.from(), glossary.to());
        let whole = json!({ "from": from, "to": to, "market": market, "style": glossary.style(), "entries": rows });
        return print_json(progress, &whole);
    }
    let mut text = heading(glossary.from(), glossary.to(), &market, entries.len());
    let style = glossary.style();
    for (name, value) in [("register", &style.register), ("formality", &style.formality), ("address", &style.address)] {
        if !value.is_empty() {
            text.push_str(&format!("{name:<9} {value}\n"));
        }
    }
    if style.longest > 0 {
        text.push_str(&format!("longest   {} characters\n", style.longest));
    }
    for row in &style.between {
        let who = |who: &Option<String>| who.clone().unwrap_or_else(|| "anyone".into());
        let role = if row.role.is_empty() { String::new() } else { format!(" ({})", row.role) };
        text.push_str(&format!("between   {} to {}{role}: {}\n", who(&row.speaker), who(&row.to), row.manner()));
    }
    text.push('\n');
    for Loaded { entry, origin, overruled, .. } in entries {
        text.push_str(&format!("{:<8} {}\n", entry.kind.name(), line(entry)));
        if asked.origin {
            let older: Vec<String> = overruled.iter().map(Origin::to_string).collect();
            let older = if older.is_empty() { String::new() } else { format!(", over {}", older.join(", ")) };
            text.push_str(&format!("         {origin}{older}\n"));
        }
    }
    print(progress, &text)
}

fn heading(from: &Lang, to: &Lang, market: &str, entries: usize) -> String {
    let market = if market.is_empty() { String::new() } else { format!(", market {market}") };
    format!("{} → {}{market}: {entries} entries\n", from.name(), to.name())
}

/// An entry in a row.
fn line(entry: &Entry) -> String {
    let source = match (entry.source.as_str(), entry.variants.as_slice()) {
        ("", _) => "(everywhere)".to_owned(),
        (source, []) => source.to_owned(),
        (source, variants) => format!("{source} ({})", variants.join(", ")),
    };
    let target = match entry.kind {
        EntryKind::Keep => "as it is".to_owned(),
        EntryKind::Ban => format!("never {:?}", entry.target),
        _ => entry.target.clone(),
    };
    let cases = entry.when.iter().map(|case| {
        let who = [("speaker", &case.speaker), ("to", &case.to)];
        let who = who.into_iter().filter_map(|(key, who)| Some(format!("{key} {}", who.as_ref()?)));
        format!("{}: {}", who.collect::<Vec<_>>().join(", "), case.target)
    });
    let mut parts = vec![format!("{source} → {target}")];
    parts.extend(listed("or", &entry.forms));
    parts.extend(listed("when", &cases.collect::<Vec<_>>()));
    parts.extend(listed("unless", &entry.unless));
    parts.extend(named("spoken", &entry.spoken));
    parts.extend(named("instead", &entry.instead));
    parts.extend(entry.how.and_then(|how| named("how", how.name())));
    parts.extend(entry.gender.and_then(|gender| named("gender", gender.name())));
    parts.extend(named("note", &entry.note));
    parts.join("; ")
}

fn listed(name: &str, values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| format!("{name} {}", values.join(" | ")))
}

fn named(name: &str, value: &str) -> Option<String> {
    (!value.is_empty()).then(|| format!("{name}: {value}"))
}

fn matching(text: &str, found: &[Match], glossary: &Glossary, asked: &Asked, progress: &Progress) -> Result<u8> {
    if asked.json {
        let row = |found: &Match| {
            json!({
                "text": &text[found.range.clone()],
                "start": found.range.start,
                "end": found.range.end,
                "source": found.source,
                "target": found.target,
                "forms": found.forms,
                "spoken": found.spoken,
                "kind": found.kind,
                "how": found.how,
                "instead": found.instead,
                "note": found.note,
                "origin": found.origin,
            })
        };
        return print_json(progress, &found.iter().map(row).collect::<Vec<_>>());
    }
    let mut told = String::new();
    for one in found {
        let target = if one.kind == EntryKind::Ban { format!("never {:?}", one.target) } else { one.target.clone() };
        let mut parts = vec![format!("{} → {target}", &text[one.range.clone()])];
        parts.extend(listed("or", &one.forms));
        parts.extend(named("spoken", &one.spoken));
        parts.extend(named("instead", &one.instead));
        parts.extend(one.how.and_then(|how| named("how", how.name())));
        parts.extend(named("note", &one.note));
        told.push_str(&format!("{:<8} {}\n", one.kind.name(), parts.join("; ")));
        if asked.origin {
            told.push_str(&format!("         {}: {}\n", one.origin, one.source));
        }
    }
    if found.is_empty() {
        told.push_str("no entry applies\n");
    }
    let bans = glossary.bans().count();
    if bans > 0 && asked.kind.is_none() {
        told.push_str(&format!("and {bans} bans that hold everywhere: --kind ban lists them\n"));
    }
    print(progress, &told)
}
