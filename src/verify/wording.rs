//! Where a wording stands in a text: whole words, in order, whatever their case, quotes and hyphens.

use super::inflect;
use super::words::{Word, words};
use crate::lang::Lang;
use std::ops::Range;

/// How closely a text must keep to a wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Word for word.
    Exact,
    /// Word for word, with its capitals; endings only where the language bends names.
    Name,
    /// In any form of its words, with any article.
    Term,
}

/// A text that wordings are looked for in.
pub(super) struct Text<'a> {
    text: &'a str,
    language: &'a Lang,
    words: Vec<Word>,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str, language: &'a Lang) -> Text<'a> {
        Text { text, language, words: words(text, language) }
    }

    /// The first place of a wording, in bytes.
    pub(super) fn find(&self, wording: &str, keeping: Keeping) -> Option<Range<usize>> {
        self.search(wording, keeping, true).into_iter().next()
    }

    /// Every place of a wording, in bytes.
    pub(super) fn find_all(&self, wording: &str, keeping: Keeping) -> Vec<Range<usize>> {
        self.search(wording, keeping, false)
    }

    /// What the text says there.
    pub(super) fn said(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn search(&self, wording: &str, keeping: Keeping, first_only: bool) -> Vec<Range<usize>> {
        let wanted = words(wording, self.language);
        if wanted.is_empty() {
            // Nothing but marks: as it stands.
            let wording = wording.trim();
            let hits = self.text.match_indices(wording).filter(|_| !wording.is_empty());
            return hits.map(|(at, hit)| at..at + hit.len()).collect();
        }
        let mut places = Vec::new();
        let mut forms: Vec<&[Word]> = vec![&wanted];
        if keeping != Keeping::Exact && wanted.len() > 1 && is_leading(&wanted[0].text, self.language) {
            // "The board" is kept by "our board" too.
            forms.push(&wanted[1..]);
        }
        for form in forms {
            let aligned = Aligned { text: self, wanted: form, keeping };
            let mut from = 0;
            while from < self.words.len() {
                match aligned.ends(from, 0) {
                    Some(end) if end > from => {
                        places.push(self.words[from].range.start..self.words[end - 1].range.end);
                        if first_only {
                            return places;
                        }
                        from = end;
                    }
                    _ => from += 1,
                }
            }
            if !places.is_empty() {
                break;
            }
        }
        places
    }
}

/// A wording laid along a text.
struct Aligned<'a> {
    text: &'a Text<'a>,
    wanted: &'a [Word],
    keeping: Keeping,
}

/// Words that are written as one or with hyphens: step-mother, good-for-nothing.
const MOST_PARTS: usize = 4;

impl Aligned<'_> {
    /// Where the rest of the wording, from word `at` on, ends if it begins at word `from` of the text.
    fn ends(&self, from: usize, at: usize) -> Option<usize> {
        let (said, wanted) = (&self.text.words, self.wanted);
        let Some(want) = wanted.get(at) else { return Some(from) };
        let have = said.get(from)?;
        if self.alike(have, want, at + 1 == wanted.len())
            && let Some(end) = self.ends(from + 1, at + 1)
        {
            return Some(end);
        }
        // A name is written one way: Zhi-Yi is not Zhiyi.
        let most = if self.keeping == Keeping::Name { 1 } else { MOST_PARTS };
        for parts in 2..=most {
            let one = |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<String>();
            let joined = |words: &[Word]| words[1..].iter().all(|word| word.joined);
            if let Some(pieces) = said.get(from..from + parts)
                && joined(pieces)
                && one(pieces) == want.text
                && let Some(end) = self.ends(from + parts, at + 1)
            {
                return Some(end);
            }
            if let Some(pieces) = wanted.get(at..at + parts)
                && (joined(pieces) || pieces.iter().all(|word| word.text.len() > 2))
                && one(pieces) == have.text
                && let Some(end) = self.ends(from + 1, at + parts)
            {
                return Some(end);
            }
        }
        // Articles and possessives inside may come and go: sign the papers, sign those papers, sign papers.
        if self.keeping == Keeping::Term && at > 0 && from > 0 {
            let language = self.text.language;
            if is_determiner(&have.text, language)
                && let Some(end) = self.ends(from + 1, at)
            {
                return Some(end);
            }
            if at + 1 < wanted.len() && is_determiner(&want.text, language) {
                return self.ends(from, at + 1);
            }
        }
        None
    }

    fn alike(&self, have: &Word, want: &Word, last: bool) -> bool {
        let language = self.text.language;
        if have.text == want.text {
            return self.keeping != Keeping::Name || have.upper || !want.upper;
        }
        match self.keeping {
            Keeping::Exact => false,
            Keeping::Name => {
                inflect::bends_names(language) && inflect::same(have, want, language)
                    || last && inflect::grown(have, want, language)
            }
            Keeping::Term => {
                inflect::same(have, want, language)
                    || same_person(&have.text, &want.text, language, self.wanted.len())
                    || last && inflect::grown(have, want, language)
            }
        }
    }
}

/// Words before a wording that are no part of what was decided: its article, the "to" of a verb.
fn is_leading(word: &str, language: &Lang) -> bool {
    is_determiner(word, language) || (language.primary(), word) == ("en", "to")
}

/// Articles, possessives, demonstratives.
fn is_determiner(word: &str, language: &Lang) -> bool {
    let known: &[&str] = match language.primary() {
        "en" => {
            &["the", "a", "an", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those"]
        }
        "es" => &[
            "el", "la", "los", "las", "un", "una", "unos", "unas", "mi", "mis", "tu", "tus", "su", "sus", "nuestro",
            "nuestra", "nuestros", "nuestras", "este", "esta", "estos", "estas", "ese", "esa", "esos", "esas",
        ],
        "pt" => &[
            "o", "a", "os", "as", "um", "uma", "uns", "umas", "meu", "minha", "meus", "minhas", "teu", "tua", "seu",
            "sua", "seus", "suas", "nosso", "nossa", "nossos", "nossas", "este", "esta", "esse", "essa", "esses",
            "essas", "aquele", "aquela",
        ],
        "fr" => &[
            "le", "la", "les", "l", "un", "une", "des", "mon", "ma", "mes", "ton", "ta", "tes", "son", "sa", "ses",
            "notre", "nos", "votre", "vos", "leur", "leurs", "ce", "cet", "cette", "ces",
        ],
        "it" => &[
            "il", "lo", "la", "i", "gli", "le", "l", "un", "uno", "una", "mio", "mia", "tuo", "tua", "suo", "sua",
            "nostro", "nostra", "questo", "questa", "quel", "quella",
        ],
        "de" => &[
            "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "mein", "meine",
            "meinen", "meinem", "dein", "deine", "deinen", "sein", "seine", "ihr", "ihre", "unser", "unsere", "diese",
            "dieser", "dieses", "diesen",
        ],
        _ => &[],
    };
    known.contains(&word)
}

/// Do the words differ in the person only: over my dead body, over your dead body; I and me?
fn same_person(a: &str, b: &str, language: &Lang, wording_words: usize) -> bool {
    const SELF: [&str; 5] = ["i", "me", "my", "mine", "myself"];
    const OWN: [&str; 7] = ["my", "your", "his", "her", "our", "their", "its"];
    const REFLEXIVE: [&str; 6] = ["myself", "yourself", "himself", "herself", "ourselves", "themselves"];
    const SUBJECT: [&str; 6] = ["i", "you", "he", "she", "we", "they"];
    let both = |words: &[&str]| words.contains(&a) && words.contains(&b);
    match (language.primary(), wording_words) {
        // A palace lady's or a rough man's word for himself is any first person.
        ("en", 1) => both(&SELF),
        ("en", 2) => both(&OWN) || both(&REFLEXIVE),
        ("en", _) => both(&OWN) || both(&REFLEXIVE) || both(&SUBJECT),
        ("es", 2..) => both(&["me", "te", "se", "nos"]) || both(&["mi", "tu", "su", "nuestro", "nuestra"]),
        ("pt", 2..) => {
            both(&["me", "te", "se", "nos"])
                || both(&["meu", "teu", "seu", "nosso"])
                || both(&["minha", "tua", "sua", "nossa"])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(language: &str, text: &str, wording: &str, keeping: Keeping) -> Option<String> {
        let language: Lang = language.parse().unwrap();
        let text = Text::new(text, &language);
        text.find(wording, keeping).map(|range| text.said(&range).to_owned())
    }

    #[track_caller]
    fn hits(language: &str, cases: &[(&str, &str, &str)]) {
        for (wording, text, said) in cases {
            assert_eq!(found(language, text, wording, Keeping::Term).as_deref(), Some(*said), "{wording} in {text}");
        }
    }

    #[track_caller]
    fn misses(language: &str, cases: &[(&str, &str)]) {
        for (wording, text) in cases {
            assert_eq!(found(language, text, wording, Keeping::Term), None, "{wording} in {text}");
        }
    }

    #[test]
    fn english_wordings_are_found_in_any_form() {
        hits(
            "en",
            &[
                ("divorce papers", "You signed the DIVORCE PAPERS!", "DIVORCE PAPERS"),
                ("father-in-law", "My father in law is bankrupt.", "father in law"),
                ("father in law", "My father-in-law’s company", "father-in-law"),
                ("heiress", "Two fake heiresses?", "heiresses"),
                ("run away from home", "She ran away from home again.", "ran away from home"),
                ("the richest man", "He's our richest man.", "richest man"),
                ("it's a deal", "It’s a deal.", "It’s a deal"),
                ("over my dead body", "Over your dead body!", "Over your dead body"),
                ("how dare you", "How dare she?", "How dare she"),
                ("sign the papers", "Just sign those damn... sign papers.", "sign papers"),
                ("stepmother", "Her step-mother did it.", "step-mother"),
                ("good-for-nothing", "You good for nothing!", "good for nothing"),
                ("I", "That is mine.", "mine"),
                ("do not touch", "Don't touch me!", "Don't touch"),
                ("CEO", "The C.E.O. is here.", "C.E.O"),
            ],
        );
        misses(
            "en",
            &[
                ("ass", "First class, embarrassing."),
                ("Miss", "A mission, you missy."),
                ("son", "The person who did it."),
                ("I", "Inside it is."),
                ("one", "Once upon a time."),
                ("{n}", "N is a letter."),
            ],
        );
    }

    #[test]
    fn romance_languages_contract_and_agree() {
        hits(
            "pt",
            &[
                ("Deus da Guerra", "o Deus da Guerra voltou", "Deus da Guerra"),
                ("o conselho", "Ele é do conselho.", "do conselho"),
                ("o conselho", "Nosso conselho decide.", "conselho"),
                ("a diretoria", "Fale na diretoria.", "na diretoria"),
                ("canalha", "Vocês são uns canalhas!", "canalhas"),
                ("papéis do divórcio", "Assine os papéis de divórcio.", "papéis de divórcio"),
                ("como se atreve", "Como você se atreve? Como se atreveu?", "Como se atreveu"),
            ],
        );
        hits(
            "es",
            &[
                ("heredera falsa", "Son unas herederas falsas.", "herederas falsas"),
                ("el jefe", "Se lo diré al jefe.", "al jefe"),
                ("Dios de la Guerra", "¡El dios de la guerra!", "dios de la guerra"),
            ],
        );
        hits(
            "fr",
            &[("accord", "C’est l’accord du siècle.", "accord"), ("le conseil", "Il parle au conseil.", "au conseil")],
        );
        misses("pt", &[("amante", "diamantes"), ("nora", "agora")]);
        misses("es", &[("papá", "una papa frita")]);
    }

    #[test]
    fn asian_and_arabic_wordings_are_found() {
        hits(
            "id",
            &[
                ("suami", "Suaminya selingkuh.", "Suaminya"),
                ("menikah", "Kapan kalian dinikahkan?", "dinikahkan"),
                ("ibu mertua", "Ibu mertuaku galak.", "Ibu mertuaku"),
            ],
        );
        hits(
            "ar",
            &[
                ("الطلاق", "أريد توقيع أوراق الطَّلاق.", "الطَّلاق"),
                ("زوجة", "هذه زوجتي", "زوجتي"),
                ("قصر", "في القصر", "القصر"),
            ],
        );
        hits("th", &[("ท่านประธาน", "ฉันเกลียดท่านประธาน", "ท่านประธาน")]);
        hits("ko", &[("대표님", "대표님이 오셨어요", "대표님이"), ("전처", "전처를 만났다", "전처를")]);
        hits("zh", &[("总裁", "霸道总裁来了", "总裁")]);
        hits("hi", &[("लड़का", "लड़कों ने", "लड़कों")]);
        hits("vi", &[("mẹ chồng", "Mẹ chồng tôi", "Mẹ chồng")]);
        // A syllable's consonant is no word of its own.
        misses("th", &[("กา", "เกาหลี")]);
        misses("vi", &[("mẹ", "mèo")]);
        misses("id", &[("ibu", "ribut sekali")]);
    }

    #[test]
    fn names_are_kept_to_the_letter() {
        let name = |language: &str, text: &str, wording: &str| found(language, text, wording, Keeping::Name).is_some();
        assert!(
            name("en", "GU YAN!", "Gu Yan")
                && name("en", "It's Gu Yan's.", "Gu Yan")
                && name("en", "Grace left.", "Grace")
        );
        assert!(
            !name("en", "Gus Yan", "Gu Yan") && !name("en", "with grace", "Grace") && !name("en", "I will", "Will")
        );
        assert!(name("ar", "رأيت ولقو يان", "لقو يان") && name("ko", "린이 왔다", "린"));
        assert!(name("es", "la de Gu", "Gu") && !name("es", "Gua", "Gu"));
    }

    #[test]
    fn every_place_is_found() {
        let language: Lang = "en".parse().unwrap();
        let text = Text::new("Boss! The boss's boss.", &language);
        assert_eq!(text.find_all("boss", Keeping::Exact).len(), 3);
        assert!(text.find("", Keeping::Term).is_none());
    }
}
