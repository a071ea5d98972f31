//! Is a wording in its language? By its writing, and among Latin languages by a vote of their small words.
//!
//! Accuses only where there is no doubt: a name, a word of English or a line that was foreign in the source is no
//! wrong language.

use super::Judged;
use super::words::bare_words;
use crate::lang::Lang;
use crate::writing::Writing;
use std::collections::BTreeSet;

/// Words in the text before the vote counts.
const FEWEST_WORDS: usize = 4;
/// Different small words of another language, none of the target's, that settle it.
const FEWEST_VOTES: usize = 3;
/// Of these, such as are no syllable of a cry, of laughter or of song.
const FEWEST_WORDS_PROPER: usize = 2;
const SYLLABLES: [&str; 18] =
    ["ha", "he", "hi", "ho", "la", "da", "na", "ma", "di", "de", "do", "so", "lo", "mi", "re", "si", "ti", "va"];
/// Letters in another writing that are no accident.
const FOREIGN_LETTERS: usize = 2;
/// Latin letters with which a text in another writing's language is no name any more.
const LATIN_LETTERS: usize = 12;

/// What the wording is written in, where that is not its language.
pub(super) fn foreign(judged: &Judged<'_>) -> Option<String> {
    by_writing(judged).or_else(|| by_words(judged))
}

fn by_writing(judged: &Judged<'_>) -> Option<String> {
    let wanted = Writing::of_language(judged.to);
    if wanted.is_empty() {
        return None;
    }
    let of_source = Writing::of_language(judged.from);
    let kept = judged.matches.iter().flat_map(|found| std::iter::once(&found.target).chain(&found.forms));
    let kept: String = kept.map(String::as_str).collect();
    let (mut own, mut latin, mut foreign) = (0, 0, Vec::new());
    for char in judged.text.chars() {
        match Writing::of(char) {
            Some(writing) if wanted.contains(&writing) => own += 1,
            Some(Writing::Latin) => latin += 1,
            // What of the source's writing is left is told as untranslated.
            Some(writing) if !of_source.contains(&writing) && !judged.source.contains(char) && !kept.contains(char) => {
                foreign.push((writing, char));
            }
            _ => {}
        }
    }
    if foreign.len() >= FOREIGN_LETTERS {
        let letters: String = foreign.iter().take(8).map(|(_, char)| char).collect();
        return Some(format!("{:?} letters ({letters})", foreign[0].0));
    }
    // A whole sentence in Latin letters where the language has its own; a line that was Latin in the source stays.
    let source_is_latin =
        judged.source.chars().filter(|c| Writing::of(*c) == Some(Writing::Latin)).count() >= LATIN_LETTERS;
    let words = judged.text.split_whitespace().count();
    let mut starts = judged.text.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    let names = starts.all(char::is_uppercase) && judged.text.contains(char::is_lowercase);
    let guest = source_is_latin && !of_source.contains(&Writing::Latin);
    (own == 0
        && latin >= LATIN_LETTERS
        && words >= FEWEST_WORDS
        && !guest
        && !names
        && !kept.contains(judged.text.trim()))
    .then(|| "Latin letters".to_owned())
}

/// The frequent small words of a language; none of one that is not known.
pub(super) fn small_words(language: &Lang) -> &'static [&'static str] {
    STOP_WORDS.iter().find(|(known, _)| *known == language.primary()).map_or(&[], |(_, words)| words)
}

fn by_words(judged: &Judged<'_>) -> Option<String> {
    let target = STOP_WORDS.iter().find(|(language, _)| *language == judged.to.primary())?;
    let text = bare_words(judged.text);
    if text.len() < FEWEST_WORDS {
        return None;
    }
    let said: BTreeSet<&str> = text.iter().map(|word| word.text.as_str()).collect();
    let source = bare_words(judged.source);
    let in_source: BTreeSet<&str> = source.iter().map(|word| word.text.as_str()).collect();
    let own = |word: &str| target.1.contains(&word);
    let voters = |language: &str, list: &[&str]| -> Vec<&str> {
        // A foreign line in the source may stay foreign, but the source's own language may not.
        let borrowed = |word: &str| language != judged.from.primary() && in_source.contains(word);
        said.iter().copied().filter(|word| list.contains(word) && !own(word) && !borrowed(word)).collect()
    };
    let votes = |language: &str, list: &[&str]| voters(language, list).len();
    let others = STOP_WORDS.iter().filter(|(language, _)| *language != judged.to.primary());
    let (language, list) = others.max_by_key(|(language, list)| votes(language, list))?;
    let most = votes(language, list);
    let for_target = said.iter().filter(|word| own(word) && !list.contains(*word)).count();
    let share = most * 4 >= said.len();
    let proper = voters(language, list).iter().filter(|word| !SYLLABLES.contains(word)).count();
    (most >= FEWEST_VOTES && proper >= FEWEST_WORDS_PROPER && for_target == 0 && share)
        .then(|| language.parse::<Lang>().map_or_else(|_| (*language).to_owned(), |language| language.name()))
}

/// Frequent small words, in lower case, as they are written; those of two languages stand in both lists.
const STOP_WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "and", "you", "your", "that", "this", "is", "are", "was", "were", "what", "who", "why", "how",
            "have", "has", "not", "don", "didn", "doesn", "can", "will", "would", "of", "to", "for", "with", "my",
            "his", "her", "she", "they", "we", "it", "be", "been", "do", "did", "from", "but", "if", "when", "there",
            "here", "at", "by", "our", "their", "i", "he", "in", "on", "so", "no", "me", "him", "them", "an", "or",
            "as", "never", "just", "get", "know", "want", "like", "all", "about", "out", "up", "then", "than", "more",
            "must", "should", "could", "let", "ll", "re", "ve", "us", "a",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "y", "que", "qué", "no", "en", "con", "por", "para", "una", "un", "es", "está",
            "están", "yo", "tú", "usted", "ella", "él", "ellos", "mi", "tu", "su", "me", "te", "se", "lo", "la", "le",
            "les", "nos", "muy", "pero", "como", "cómo", "porque", "si", "sí", "ya", "más", "del", "al", "esto", "eso",
            "este", "esta", "ese", "esa", "hay", "soy", "eres", "fue", "ser", "tiene", "tengo", "tienes", "quiero",
            "nada", "todo", "aquí", "ahora", "nunca", "quién", "cuando", "donde", "hasta", "quieres", "quiere",
            "estoy", "estás", "estaba", "hacer", "dijo", "señor", "señora", "mis", "tus", "sus", "ti", "mí",
            "nosotros", "sé", "voy", "va", "eras", "era", "sin", "sobre", "o", "a", "de", "ha", "he", "has", "vamos",
            "puede", "puedo", "solo", "hijo", "hija", "años",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "as", "e", "que", "não", "em", "com", "por", "para", "uma", "um", "é", "está", "estão", "eu",
            "você", "vocês", "ela", "ele", "eles", "elas", "meu", "minha", "seu", "sua", "me", "te", "se", "lhe",
            "nos", "muito", "mas", "como", "porque", "sim", "já", "mais", "do", "da", "dos", "das", "ao", "à", "isso",
            "isto", "este", "esta", "esse", "essa", "há", "sou", "foi", "ser", "tem", "tenho", "quero", "nada", "tudo",
            "aqui", "agora", "nunca", "quem", "quando", "onde", "até", "quer", "mim", "ti", "sei", "fazer", "faz",
            "disse", "estou", "estava", "era", "seus", "suas", "meus", "minhas", "nossa", "gente", "senhor", "senhora",
            "foram", "também", "sem", "sobre", "ou", "a", "de", "no", "na", "nos", "num", "numa", "pelo", "pela",
            "vai", "vou", "pode", "só", "dele", "dela", "então", "filho", "filha", "anos", "são",
        ],
    ),
    (
        "id",
        &[
            "yang",
            "dan",
            "di",
            "ke",
            "dari",
            "itu",
            "ini",
            "tidak",
            "nggak",
            "gak",
            "tak",
            "aku",
            "saya",
            "kamu",
            "kau",
            "anda",
            "dia",
            "kami",
            "kita",
            "mereka",
            "untuk",
            "dengan",
            "akan",
            "sudah",
            "belum",
            "bukan",
            "ada",
            "apa",
            "siapa",
            "kenapa",
            "mengapa",
            "bagaimana",
            "jangan",
            "bisa",
            "harus",
            "mau",
            "pada",
            "atau",
            "tapi",
            "tetapi",
            "karena",
            "juga",
            "lagi",
            "saja",
            "aja",
            "seperti",
            "kalau",
            "jika",
            "sangat",
            "hanya",
            "telah",
            "oleh",
            "dalam",
            "orang",
            "sini",
            "sana",
            "pernah",
            "masih",
        ],
    ),
    (
        "fr",
        &[
            "le", "les", "et", "que", "qui", "ne", "pas", "dans", "avec", "pour", "une", "un", "est", "sont", "je",
            "tu", "vous", "nous", "il", "elle", "ils", "mon", "ma", "mes", "ton", "votre", "vos", "son", "ses", "ce",
            "cette", "ça", "c", "j", "d", "l", "qu", "du", "des", "au", "aux", "mais", "ou", "où", "si", "oui", "non",
            "très", "plus", "tout", "rien", "jamais", "ici", "sur", "sans", "quoi", "pourquoi", "comment", "ai", "as",
            "a", "avez", "suis", "es", "êtes", "fait", "la", "de", "en", "se", "me", "te", "moi", "toi", "lui", "y",
            "été", "à",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "ich", "du", "sie", "er", "wir", "ihr", "ein", "eine", "einen",
            "mein", "meine", "dein", "deine", "sein", "seine", "mit", "für", "von", "zu", "auf", "aus", "bei", "den",
            "dem", "des", "was", "wer", "wie", "warum", "wo", "wenn", "dass", "aber", "oder", "auch", "noch", "schon",
            "nur", "hier", "haben", "hat", "hast", "bin", "bist", "sind", "war", "kann", "will", "muss", "mich", "mir",
            "dich", "dir", "uns", "kein", "keine", "nie", "doch", "im", "am", "es", "so", "ja", "nein",
        ],
    ),
    (
        "it",
        &[
            "il", "gli", "che", "di", "non", "con", "per", "una", "un", "è", "sono", "io", "tu", "lei", "lui", "noi",
            "voi", "mio", "mia", "tuo", "tua", "suo", "sua", "del", "della", "dei", "delle", "al", "alla", "nel",
            "nella", "dal", "dalla", "questo", "questa", "quello", "quella", "ma", "anche", "come", "perché", "cosa",
            "chi", "dove", "quando", "più", "molto", "tutto", "niente", "mai", "qui", "ora", "sei", "ho", "hai", "ha",
            "abbiamo", "sì", "se", "ci", "ti", "si", "da", "e", "la", "le", "lo", "i", "a", "in", "su", "o",
        ],
    ),
    (
        "vi",
        &[
            "là", "và", "của", "không", "có", "được", "tôi", "anh", "em", "cô", "ấy", "này", "đó", "với", "cho",
            "người", "những", "các", "một", "đã", "đang", "sẽ", "rồi", "thì", "mà", "nếu", "gì", "sao", "ai", "đâu",
            "đi", "ra", "vào", "lại", "chỉ", "cũng", "mình", "chúng", "ông", "bà", "con", "mẹ", "bố", "ta", "nó",
            "phải", "đừng", "nhưng", "vì",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn accused(from: &str, to: &str, source: &str, text: &str) -> Option<String> {
        let (from, to): (Lang, Lang) = (from.parse().unwrap(), to.parse().unwrap());
        foreign(&Judged { source, text, from: &from, to: &to, matches: &[], bans: &[], room: None })
    }

    #[test]
    fn another_language_is_seen() {
        for (from, to, source, text, word) in [
            ("zh", "pt", "你到底想要什么？", "What do you want from me?", "English"),
            ("zh", "es", "你到底想要什么？", "O que você quer de mim?", "Portuguese"),
            ("zh", "pt-BR", "我不知道他在哪里", "Yo no sé dónde está él ahora, pero lo quiero.", "Spanish"),
            ("en", "pt", "You have one hour, Miss Vale.", "You have an hour, Miss Vale.", "English"),
            ("zh", "id", "她什么都不知道", "She knows nothing about this.", "English"),
            ("zh", "en", "她什么都不知道", "Dia tidak tahu apa-apa tentang ini.", "Indonesian"),
            ("zh", "en", "她什么都不知道", "Elle ne sait rien, je vous le dis.", "French"),
            ("zh", "en", "她什么都不知道", "Sie weiß nichts und ich bin nicht hier.", "German"),
            ("zh", "th", "她什么都不知道", "She knows nothing about this.", "Latin"),
            ("zh", "ar", "她什么都不知道", "She knows nothing about this.", "Latin"),
            ("zh", "en", "她什么都不知道", "She ничего knows.", "Cyrillic"),
            ("zh", "en", "她什么都不知道", "เธอไม่รู้อะไรเลย", "Thai"),
        ] {
            let found = accused(from, to, source, text);
            assert!(found.as_ref().is_some_and(|found| found.contains(word)), "{text}: {found:?}");
        }
    }

    #[test]
    fn the_right_language_names_and_guests_are_not_accused() {
        for (from, to, source, text) in [
            ("zh", "en", "顾总今天没来", "Mr. Gu isn't in today."),
            ("zh", "en", "雷·冯·德·海德", "Der von der Heide!"),
            ("zh", "pt", "林婉", "Lin Wan! Gu Yan! Shen Zhiyi!"),
            ("zh", "pt", "我爱你", "Eu te amo, sua idiota."),
            ("zh", "es", "别走", "No te vayas, mi amor."),
            ("zh", "es", "他是首席执行官", "Es el CEO de Gu Group, the best."),
            ("zh", "en", "Je t'aime，她说", "\"Je t'aime\", she said."),
            ("zh", "pt", "I love you, do you know?", "I love you, do you know?"),
            ("zh", "th", "Hello, my name is AutoCut.", "Hello, my name is AutoCut."),
            ("zh", "th", "顾总", "คุณ Gu"),
            ("zh", "id", "我没事", "Aku nggak apa-apa kok."),
            ("zh", "en", "顾总", "(en) ba ko mi ta lu ne so ri."),
            ("zh", "pt-BR", "顾总", "(pt-BR) ba ko mi ta lu ne so ri."),
            ("zh", "en", "好吧", "OK, OK, no, no, no!"),
            ("en", "pt", "No, no, me too!", "Não, não, eu também!"),
            ("zh", "vi", "我没事", "Tôi không sao đâu."),
            ("zh", "es", "不", "No, no, no, no."),
            ("zh", "en", "妈！来！哈哈！", "Ma, come! Ha ha!"),
            ("zh", "en", "啦啦啦", "La la la, na na na, da da da, di di."),
            ("zh", "th", "顾北辰！沈知意！", "Gu Beichen! Shen Zhiyi!"),
            ("zh", "sw", "不", "The language has no list here."),
        ] {
            assert_eq!(accused(from, to, source, text), None, "{text}");
        }
    }
}
