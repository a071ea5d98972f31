//! Dependencies point one way: nouns ← engine, media, model, store ← stage, qc ← plan, run, gate ← progress, cli, main.
//!
//! Reads the `crate::` paths of every source file and fails on one that points upward.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that panics has failed, one that skips says so"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each module's layer; a module may use its own layer's and lower ones. A module that is not listed fails.
const LAYERS: &[&[&str]] = &[
    &[
        "time", "lang", "audio", "episode", "script", "error", "event", "cancel", "settings", "glossary", "cast",
        "timeline", "subtitle", "writing", "verify", "pace", "edits", "supply", "estimate", "watch", "series",
    ],
    &["engine", "media", "model", "store", "webhook", "folder"],
    &["stage", "qc"],
    &["run", "gate"],
    &["progress", "cli"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The modules that a file names by `crate::module`, outside comments; a group `crate::{a, b}` too.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (row, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            let group = part.strip_prefix('{').map_or_else(|| vec![part], |g| g.split(',').collect());
            for name in group {
                let name: String = name.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                found.push((row + 1, name));
            }
        }
    }
    found
}

#[test]
fn no_module_depends_on_a_higher_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::<String, usize>::new();
    for file in &files {
        let relative = file.strip_prefix(&root).unwrap();
        let module = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        // The crate's map and the programs may name everything.
        if ["lib", "main", "bin", "app"].contains(&module.as_str()) {
            continue;
        }
        let Some(own) = layer(&module) else {
            wrong.push(format!("{}: the module has no layer; add it to tests/layers.rs", relative.display()));
            continue;
        };
        for (row, used) in named(&std::fs::read_to_string(file).unwrap()) {
            // A name that is no module is a macro or an item of the crate's root.
            let Some(below) = layer(&used) else { continue };
            *seen.entry(module.clone()).or_default() += 1;
            if below > own {
                wrong.push(format!("{}:{row}: {module} uses {used}, which lies above it", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A reader that finds nothing to read would pass everything.
    assert!(seen.get("engine").is_some_and(|uses| *uses > 5), "{seen:?}");
}

#[test]
fn only_media_is_unsafe() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let offends = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        code.into_iter()
            .any(|line| line.contains("unsafe {") || line.contains("unsafe impl") || line.contains("unsafe fn"))
    };
    let outside: Vec<_> = files.iter().filter(|f| !f.starts_with(root.join("media"))).filter(|f| offends(f)).collect();
    assert!(outside.is_empty(), "{outside:?}");
}
