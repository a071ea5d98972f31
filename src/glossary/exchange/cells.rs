//! Several texts in one: lists joined by `|`, and cases as `speaker=f,to=elder: wording`.
//!
//! A backslash before `\`, `|`, `,`, `:` and `=` takes away their meaning; any other backslash is one.

use crate::glossary::Case;

const SPECIAL: [char; 5] = ['\\', '|', ',', ':', '='];

/// Texts as one.
pub(super) fn join(texts: &[String]) -> String {
    texts.iter().map(|text| escape(text, &['\\', '|'])).collect::<Vec<_>>().join("|")
}

/// The texts of a list, without empty ones.
pub(super) fn split(text: &str) -> Vec<String> {
    parts(text, '|').into_iter().map(|part| unescape(part.trim())).filter(|part| !part.is_empty()).collect()
}

/// Cases as one text.
pub(super) fn join_cases(cases: &[Case]) -> String {
    cases.iter().map(case).collect::<Vec<_>>().join("|")
}

/// A case as a text.
pub(super) fn case(case: &Case) -> String {
    let who = [("speaker", &case.speaker), ("to", &case.to)];
    let who = who.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", escape(value.as_ref()?, &SPECIAL))));
    format!("{}: {}", who.collect::<Vec<_>>().join(","), escape(&case.target, &['\\', '|']))
}

/// The cases of a list; why one is none, as a fragment.
pub(super) fn split_cases(text: &str) -> Result<Vec<Case>, String> {
    parts(text, '|').into_iter().filter(|part| !part.trim().is_empty()).map(read_case).collect()
}

fn read_case(text: &str) -> Result<Case, String> {
    let malformed = || format!("the case {:?} is not of the form speaker=f,to=elder: wording", text.trim());
    let who = *parts(text, ':').first().ok_or_else(malformed)?;
    let target = text.get(who.len() + 1..).ok_or_else(malformed)?;
    let mut case = Case { target: unescape(target.trim()), ..Case::default() };
    for condition in parts(who, ',').into_iter().filter(|condition| !condition.trim().is_empty()) {
        let [key, value] = parts(condition, '=')[..] else { return Err(malformed()) };
        let value = Some(unescape(value.trim()));
        match key.trim() {
            "speaker" => case.speaker = value,
            "to" => case.to = value,
            _ => return Err(malformed()),
        }
    }
    Ok(case)
}

fn escape(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if special.contains(&char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match chars.peek() {
            Some(next) if char == '\\' && SPECIAL.contains(next) => plain.extend(chars.next()),
            _ => plain.push(char),
        }
    }
    plain
}

/// The parts between separators that no backslash precedes, with their backslashes.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, char) in text.char_indices() {
        if char == separator && !escaped {
            parts.push(&text[start..at]);
            start = at + char.len_utf8();
        }
        escaped = char == '\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_whatever_is_in_them() {
        for list in [vec![], vec!["a"], vec!["a|b", "c\\", "\\|", "d, e: f=g"], vec!["\\n", "\\\\"]] {
            let list: Vec<String> = list.into_iter().map(str::to_owned).collect();
            assert_eq!(split(&join(&list)), list);
        }
        assert_eq!(split(" a | b ||AC\\DC"), ["a", "b", "AC\\DC"]);
    }

    #[test]
    fn cases_come_back_whoever_speaks() {
        let case = |speaker: Option<&str>, to: Option<&str>, target: &str| Case {
            speaker: speaker.map(str::to_owned),
            to: to.map(str::to_owned),
            target: target.to_owned(),
        };
        let cases = vec![
            case(Some("f"), Some("elder"), "a: b, c=d|e"),
            case(None, Some("顾总: the=boss, old|one"), "x"),
            case(None, None, "all"),
        ];
        assert_eq!(split_cases(&join_cases(&cases)).unwrap(), cases);
        assert_eq!(split_cases("to=m: Dad").unwrap(), [case(None, Some("m"), "Dad")]);
        for bad in ["Dad", "who=m: Dad", "to: Dad", "to=m=f: Dad"] {
            assert!(split_cases(bad).unwrap_err().contains("speaker=f"), "{bad}");
        }
    }
}
