//! Names from a template: `{language}/{title} {number:03}`.
//!
//! Knows text only. What a field stands for can never lead out of a folder.

use crate::error::{Error, Kind, Result};
use crate::lang::Lang;

/// A template of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field { name: Name, width: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Title,
    Episode,
    Number,
    Language,
    Market,
}

/// What the fields stand for.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The series' title.
    pub title: &'a str,
    /// The episode's name.
    pub episode: &'a str,
    /// The episode's number, where there is one.
    pub number: Option<u32>,
    /// The language of what is written or read; unknown where it is still to be heard.
    pub language: Option<&'a Lang>,
    /// Its market; empty where it has none, then the language stands for it.
    pub market: &'a str,
}

/// The longest name that common file systems take is 255 bytes; `.transcript.json` follows.
const LONGEST: usize = 239;

/// Names that Windows keeps for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3"];

const HINT: &str = "the fields are {title}, {episode}, {number}, {number:03}, {language} and {market}";

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Fails on a field that is not known, naming it, and on a brace without its other half.
    pub fn parse(text: &str) -> Result<Template> {
        let wrong = |why: String| Error::new(Kind::Usage, why).hint(HINT);
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let field = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((field, after)) = field else {
                return Err(wrong(format!("a brace of {text:?} has no other half")));
            };
            let unknown = || wrong(format!("{{{field}}} in {text:?} is not known"));
            let (name, form) = field.split_once(':').map_or((field, None), |(name, form)| (name, Some(form)));
            let name = match name {
                "title" => Name::Title,
                "episode" => Name::Episode,
                "number" => Name::Number,
                "language" => Name::Language,
                "market" => Name::Market,
                _ => return Err(unknown()),
            };
            let width = match form {
                None => 1,
                Some(form) if name == Name::Number && form.starts_with('0') => {
                    form.parse().ok().filter(|width| (1..=9).contains(width)).ok_or_else(unknown)?
                }
                Some(_) => return Err(unknown()),
            };
            parts.push(Part::Field { name, width });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Template { parts, text: text.to_owned() })
    }

    /// Reads a template of outputs, which stay within the output folder and never replace each other.
    ///
    /// # Errors
    /// Fails as [`Template::parse`] does, on a path that could lead out of the folder, on characters that common
    /// file systems refuse, and where it tells neither languages nor episodes apart.
    pub fn of_outputs(text: &str) -> Result<Template> {
        let template = Template::parse(text)?;
        let wrong = |why: &str| {
            Error::new(Kind::Usage, format!("{text:?} {why}"))
                .hint(format!("write it as \"{{language}}/{{episode}}\"; {HINT}"))
        };
        if text.starts_with('/') || text.split('/').any(|part| matches!(part.trim(), "" | "." | "..")) {
            return Err(wrong("leads out of the output folder, or has a folder without a name"));
        }
        let refused = |char: char| char.is_control() || matches!(char, '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*');
        if template.parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains(refused))) {
            return Err(wrong("holds a character that file systems refuse"));
        }
        if !template.has(Name::Language) {
            return Err(wrong("does not hold {language}: the languages' files would replace each other"));
        }
        if !template.has(Name::Episode) && !template.has(Name::Number) {
            return Err(wrong("holds neither {episode} nor {number}: the episodes' files would replace each other"));
        }
        Ok(template)
    }

    fn has(&self, name: Name) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Field { name: has, .. } if *has == name))
    }

    /// Does it need the series' title?
    pub fn names_title(&self) -> bool {
        self.has(Name::Title)
    }

    /// Does it need the language?
    pub fn names_language(&self) -> bool {
        self.has(Name::Language) || self.has(Name::Market)
    }

    /// Is it another path for each episode?
    pub fn tells_episodes(&self) -> bool {
        self.has(Name::Episode) || self.has(Name::Number)
    }

    /// The path, without an extension if the template has none.
    ///
    /// # Errors
    /// Fails where it needs a number that the episode has not, or a language that is not known.
    pub fn fill(&self, fields: &Fields<'_>) -> Result<String> {
        let lacks = |what: &str, hint: &str| {
            Error::new(Kind::Usage, format!("{:?} needs {what}", self.text)).hint(hint.to_owned())
        };
        let mut path = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => path.push_str(text),
                Part::Field { name, width } => {
                    let language = || {
                        fields.language.map(Lang::tag).ok_or_else(|| {
                            lacks("the language of the source, which is not known", "name it with --from")
                        })
                    };
                    let value = match name {
                        Name::Title => clean(fields.title, true),
                        // It is a file's name already, and stays what people know it as.
                        Name::Episode => clean(fields.episode, false),
                        Name::Number => {
                            let number = fields.number.ok_or_else(|| {
                                lacks(
                                    &format!("a number, and the name {:?} tells none", fields.episode),
                                    "rename the file (ep01, S01E01, 第1集, 01), or use {episode}",
                                )
                            })?;
                            format!("{number:0width$}", width = *width)
                        }
                        Name::Language => language()?.to_owned(),
                        Name::Market if fields.market.is_empty() => language()?.to_owned(),
                        Name::Market => clean(fields.market, true),
                    };
                    path.push_str(&value);
                }
            }
        }
        Ok(path)
    }

    /// The path of an output, fit for every common file system.
    ///
    /// # Errors
    /// As [`Template::fill`].
    pub fn output(&self, fields: &Fields<'_>) -> Result<String> {
        Ok(self.fill(fields)?.split('/').map(component).collect::<Vec<_>>().join("/"))
    }
}

/// A field's value without what would make it a path; `strictly` without what file systems refuse, too.
fn clean(value: &str, strictly: bool) -> String {
    let refused = |char: char| {
        char.is_control()
            || matches!(char, '/' | '\\')
            || (strictly && matches!(char, '<' | '>' | ':' | '"' | '|' | '?' | '*'))
    };
    value.trim().chars().map(|char| if refused(char) { '_' } else { char }).collect()
}

/// One folder or file: never `..`, never empty, never too long, never a device.
fn component(name: &str) -> String {
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let short = name[..end].trim_end();
    let stem = short.split('.').next().unwrap_or_default().to_ascii_lowercase();
    if short.chars().all(|char| char == '.') {
        "_".repeat(short.len().max(1))
    } else if DEVICES.contains(&stem.as_str()) {
        format!("_{short}")
    } else {
        short.to_owned()
    }
}
