//! Languages: BCP-47 tags, ISO 639 codes and names.
//!
//! Does not know which engine speaks what.

use crate::error::{Error, Kind};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language tag in BCP-47 form, such as `zh`, `pt-BR` or `zh-Hant`, normalised in case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang {
    tag: String,
    primary_len: usize,
}

impl Lang {
    /// Several languages at once: `mul` of ISO 639-2.
    pub fn multiple() -> Lang {
        Lang { tag: "mul".to_owned(), primary_len: 3 }
    }

    /// The primary subtag in its shortest form: `pt` of `pt-BR`.
    pub fn primary(&self) -> &str {
        &self.tag[..self.primary_len]
    }

    /// The whole tag: `pt-BR`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The region or script after the primary subtag: `BR` of `pt-BR`.
    pub fn variant(&self) -> Option<&str> {
        self.tag.get(self.primary_len + 1..)
    }

    /// Is it the same language, whatever the region?
    pub fn same_language(&self, other: &Lang) -> bool {
        self.primary() == other.primary()
    }

    /// Does a request for `wanted` accept this language? `pt` accepts `pt-BR`; `pt-BR` accepts `pt`; `pt-PT` does not accept `pt-BR`.
    pub fn accepts(&self, wanted: &Lang) -> bool {
        self.same_language(wanted) && (self.variant().is_none() || wanted.variant().is_none() || self.tag == wanted.tag)
    }

    fn iso(&self) -> Option<isolang::Language> {
        isolang::Language::from_639_1(self.primary()).or_else(|| isolang::Language::from_639_3(self.primary()))
    }

    /// ISO 639-2/T code, as containers want it: `por`, `zho`; `und` where there is none.
    pub fn iso_639_2t(&self) -> &'static str {
        // For living languages with a 639-1 code the 639-3 code equals 639-2/T.
        self.iso().map_or("und", |language| language.to_639_3())
    }

    /// English name: `Portuguese (BR)`.
    pub fn name(&self) -> String {
        let base = match self.primary() {
            // The registry's names are long where a viewer expects a short one.
            "zh" => "Chinese",
            "el" => "Greek",
            "ms" => "Malay",
            "sw" => "Swahili",
            _ => self.iso().map_or(self.primary(), |language| language.to_name()),
        };
        match self.variant() {
            Some(variant) => format!("{base} ({variant})"),
            None => base.to_owned(),
        }
    }

    /// The market that a target language is for where none is named: by its region, else the largest one.
    pub fn market(&self) -> &'static str {
        match (self.primary(), self.variant()) {
            ("en", None | Some("US")) => "us",
            ("en", Some("GB")) => "gb",
            ("es", Some("ES")) => "es",
            ("es", _) => "latam",
            ("pt", Some("PT")) => "pt",
            ("pt", _) => "br",
            ("id", _) => "id",
            ("th", _) => "th",
            ("ar", _) => "mena",
            ("vi", _) => "vn",
            ("hi", _) => "in",
            ("ja", _) => "jp",
            ("ko", _) => "kr",
            _ => "",
        }
    }

    /// Is it written without spaces between words?
    pub fn is_spaceless(&self) -> bool {
        matches!(self.primary(), "zh" | "ja" | "th" | "lo" | "km" | "my")
    }
}

/// Every market, as glossaries and settings write it.
pub const MARKETS: &[&str] =
    &["us", "gb", "latam", "es", "br", "pt", "id", "th", "mena", "vn", "in", "jp", "kr", "sea", "eu"];

/// Is it the name of a market?
pub fn is_market(name: &str) -> bool {
    MARKETS.contains(&name)
}

impl FromStr for Lang {
    type Err = Error;

    fn from_str(text: &str) -> Result<Lang, Error> {
        let unknown = || {
            Error::new(Kind::Usage, format!("unknown language {text:?}"))
                .hint("give a BCP-47 tag such as zh, en, pt-BR, es-419, id, th or ar")
        };
        let mut subtags = text.trim().split(['-', '_']);
        let primary = subtags.next().unwrap_or_default().to_ascii_lowercase();
        let language = match primary.len() {
            2 => isolang::Language::from_639_1(&primary),
            3 => isolang::Language::from_639_3(&primary)
                .or_else(|| isolang::Language::from_639_3(bibliographic(&primary))),
            _ => None,
        }
        .ok_or_else(unknown)?;
        // Macrolanguage habits: `cmn` is what everyone calls `zh`.
        let primary = match language.to_639_3() {
            "cmn" => "zh",
            code => language.to_639_1().unwrap_or(code),
        };
        let mut tag = primary.to_owned();
        for subtag in subtags {
            if subtag.is_empty() || subtag.len() > 8 || !subtag.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(unknown());
            }
            tag.push('-');
            match subtag.len() {
                2 => tag.push_str(&subtag.to_ascii_uppercase()),
                4 => {
                    tag.push_str(&subtag[..1].to_ascii_uppercase());
                    tag.push_str(&subtag[1..].to_ascii_lowercase());
                }
                _ => tag.push_str(&subtag.to_ascii_lowercase()),
            }
        }
        Ok(Lang { primary_len: primary.len(), tag })
    }
}

/// ISO 639-2/B codes that differ from 639-2/T, as old files carry them.
fn bibliographic(code: &str) -> &str {
    match code {
        "chi" => "zho",
        "fre" => "fra",
        "ger" => "deu",
        "gre" => "ell",
        "per" => "fas",
        "dut" => "nld",
        "rum" => "ron",
        "cze" => "ces",
        "may" => "msa",
        other => other,
    }
}

impl TryFrom<String> for Lang {
    type Error = Error;
    fn try_from(text: String) -> Result<Lang, Error> {
        text.parse()
    }
}

impl From<Lang> for String {
    fn from(lang: Lang) -> String {
        lang.tag
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    #[test]
    fn tags_are_normalised() {
        assert_eq!(lang("PT_br").tag(), "pt-BR");
        assert_eq!(lang("zh-hant").tag(), "zh-Hant");
        assert_eq!(lang("chi").tag(), "zh");
        assert_eq!(lang("cmn").tag(), "zh");
        assert_eq!(lang("es-419").tag(), "es-419");
    }

    #[test]
    fn containers_get_iso_639_2t() {
        assert_eq!(lang("pt-BR").iso_639_2t(), "por");
        assert_eq!(lang("zh").iso_639_2t(), "zho");
        assert_eq!(lang("de").iso_639_2t(), "deu");
    }

    #[test]
    fn unknown_languages_are_refused_with_a_remedy() {
        for bad in ["", "xx", "klingon", "en-", "pt-B R"] {
            let error = bad.parse::<Lang>().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{bad}");
            assert!(error.remedy().is_some());
        }
    }

    #[test]
    fn a_region_is_a_wish_not_a_wall() {
        assert!(lang("pt").accepts(&lang("pt-BR")));
        assert!(lang("pt-BR").accepts(&lang("pt")));
        assert!(!lang("pt-PT").accepts(&lang("pt-BR")));
    }
}
