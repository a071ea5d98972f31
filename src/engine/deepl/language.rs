//! Languages as DeepL names them.
//!
//! After <https://developers.deepl.com/docs/getting-started/supported-languages> and what `GET /v3/languages`
//! answers for glossaries. What DeepL does not know is not judged here: it says so itself.

use crate::lang::Lang;

/// Languages that a glossary may have on either side, without their variants: `GET /v3/languages?resource=glossary`.
const GLOSSARIES: &[&str] = &[
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hu", "id", "it", "ja", "ko", "lt", "lv",
    "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "vi", "zh",
];

fn root(language: &Lang) -> &str {
    match language.primary() {
        "no" | "nn" => "nb",
        // What dubline calls Filipino is DeepL's Tagalog.
        "fil" => "tl",
        primary => primary,
    }
}

/// The `source_lang` of a request: sources have no variants.
pub(super) fn source(language: &Lang) -> String {
    root(language).to_ascii_uppercase()
}

/// The `target_lang` of a request, for this market.
pub(super) fn target(language: &Lang, market: &str) -> String {
    let variant = language.variant().unwrap_or_default();
    let code = match (root(language), market, variant) {
        ("en", "us", _) => "EN-US",
        ("en", "gb", _) => "EN-GB",
        ("en", _, "AU" | "NZ" | "IE" | "ZA" | "IN" | "SG" | "HK") => "EN-GB",
        ("en", ..) => "EN-US",
        ("pt", "br", "" | "BR") => "PT-BR",
        ("pt", ..) => "PT-PT",
        ("es", "es" | "eu", _) => "ES",
        ("es", ..) => "ES-419",
        ("zh", _, v) if ["Hant", "TW", "HK", "MO"].iter().any(|known| v.split('-').any(|part| part == *known)) => {
            "ZH-HANT"
        }
        ("zh", ..) => "ZH-HANS",
        (root, ..) => return root.to_ascii_uppercase(),
    };
    code.to_owned()
}

/// Both sides of a glossary's dictionary, where DeepL has glossaries for the pair. They have no variants: one for
/// `pt` serves PT-BR and PT-PT.
pub(super) fn dictionary<'a>(from: &'a Lang, to: &'a Lang) -> Option<(&'a str, &'a str)> {
    let known = |language: &'a Lang| Some(root(language)).filter(|root| GLOSSARIES.contains(root));
    Some((known(from)?, known(to)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        tag.parse().unwrap()
    }

    #[test]
    fn targets_have_the_variant_of_their_market() {
        for (tag, code) in [
            ("en", "EN-US"),
            ("en-GB", "EN-GB"),
            ("en-AU", "EN-GB"),
            ("pt", "PT-BR"),
            ("pt-BR", "PT-BR"),
            ("pt-PT", "PT-PT"),
            ("pt-AO", "PT-PT"),
            ("es", "ES-419"),
            ("es-419", "ES-419"),
            ("es-MX", "ES-419"),
            ("es-ES", "ES"),
            ("zh", "ZH-HANS"),
            ("zh-Hant", "ZH-HANT"),
            ("zh-TW", "ZH-HANT"),
            ("zh-Hant-HK", "ZH-HANT"),
            ("de-AT", "DE"),
            ("no", "NB"),
            ("id", "ID"),
            ("th", "TH"),
        ] {
            let language = lang(tag);
            assert_eq!(target(&language, language.market()), code, "{tag}");
        }
        assert_eq!(target(&lang("es"), "es"), "ES", "the settings may name another market");
        assert_eq!(target(&lang("en"), "gb"), "EN-GB");
        assert_eq!(target(&lang("pt"), "pt"), "PT-PT");
        assert_eq!(source(&lang("pt-BR")), "PT");
        assert_eq!(source(&lang("zh-Hant")), "ZH");
    }

    #[test]
    fn dictionaries_are_for_pairs_that_deepl_knows() {
        assert_eq!(dictionary(&lang("zh"), &lang("pt-BR")), Some(("zh", "pt")));
        assert_eq!(dictionary(&lang("zh"), &lang("th")), None);
        assert_eq!(dictionary(&lang("hi"), &lang("en")), None);
    }
}
