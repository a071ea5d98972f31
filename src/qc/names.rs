//! Names: is each spelled one way in all episodes that were judged together?

use super::{Check, Remark, Report, Severity};

pub(super) const SPELLING: Check =
    Check { name: "name-spelling", about: "a name is spelled one way in all lines and episodes", run };

fn run(report: &Report) -> Vec<Remark> {
    let remark = |name: &super::NameReport| {
        let elsewhere = if name.elsewhere.is_empty() { String::new() } else { format!(", as in {}", name.elsewhere) };
        let source = if name.listed { "the glossary's" } else { "the more frequent one" };
        Remark {
            severity: Severity::Warning,
            line: Some(name.line),
            at: Some(name.at),
            message: format!("the name {} is spelled in two ways", name.source),
            measured: name.wording.clone(),
            limit: format!("{}, {source}{elsewhere}", name.usual),
            remedy: format!(
                "decide on one in a glossary (`dubline glossary add FILE {} {:?} --kind name`) and run again, or \
                 write the line yourself",
                name.source, name.usual
            ),
        }
    };
    report.names.iter().map(remark).collect()
}
