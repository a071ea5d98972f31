//! Escaping text for XML, HTML and addresses: what reports show was written by engines, people and strangers.

use std::fmt::Write;
use std::path::{Component, Path};

/// Text for an element or a quoted attribute, in XML and in HTML. What XML cannot hold at all is replaced.
pub(super) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // As they stand, a reader would make spaces of them within an attribute.
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            // XML 1.0, section 2.2: no reference can name these either.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A path as a relative reference of a URI, with slashes whatever the system writes.
pub(super) fn reference(path: &Path) -> String {
    let mut out = String::new();
    for component in path.components() {
        let name = match component {
            Component::RootDir => {
                out.push('/');
                continue;
            }
            Component::CurDir => continue,
            Component::ParentDir => "..".into(),
            Component::Normal(name) => name.to_string_lossy(),
            Component::Prefix(prefix) => prefix.as_os_str().to_string_lossy(),
        };
        if !out.is_empty() && !out.ends_with('/') {
            out.push('/');
        }
        for byte in name.bytes() {
            // RFC 3986, section 2.3: unreserved.
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        let hostile = "</script><img src=x onerror=\"alert('1')\">&amp;\u{1}\u{fffe}\n]]>";
        let out = markup(hostile);
        assert!(!out.contains(['<', '>', '"', '\'', '\n', '\u{1}', '\u{fffe}']), "{out}");
        let document = format!("<a b=\"{out}\">{out}</a>");
        let read = roxmltree::Document::parse(&document).unwrap();
        let same = hostile.replace(['\u{1}', '\u{fffe}'], "\u{fffd}");
        assert_eq!(read.root_element().attribute("b"), Some(same.as_str()));
        assert_eq!(read.root_element().text(), Some(same.as_str()));
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(reference(Path::new("./out/pt-BR/a b#1?.mp4")), "out/pt-BR/a%20b%231%3F.mp4");
        assert_eq!(reference(Path::new("../第1集.mp4")), "../%E7%AC%AC1%E9%9B%86.mp4");
        assert_eq!(reference(Path::new("/a:b/\"'<>")), "/a%3Ab/%22%27%3C%3E");
        assert_eq!(reference(Path::new("javascript:alert(1)")), "javascript%3Aalert%281%29");
    }
}
