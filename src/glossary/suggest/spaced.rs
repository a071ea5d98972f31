//! Names and terms in a writing with spaces.
//!
//! A name is a word with a capital where none is due: not at the start of a sentence. German writes every noun so,
//! and gets its nouns as names. A term is a run of two to four words that is said again, and neither begins nor ends
//! with a function word.

use super::{Found, Limits, Said, words};
use crate::glossary::{EntryKind, Glossary};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Words that neither begin nor end a term: English, Spanish, Portuguese. Words of one or two letters never do.
const FUNCTION: &str = "the and but for nor yet you your yours she her hers him his its they them their our ours who what when where \
    why how this that these those with from into onto over under about after before than then there here are was \
    were been being have has had does did done will would shall should can could may might must not don't didn't \
    doesn't isn't aren't wasn't won't can't couldn't wouldn't shouldn't haven't hasn't ain't i'm i'll i've i'd \
    it's that's there's what's who's he's she's you're you'll you've you'd we're we'll we've they're they'll \
    let's let get got just all any some very too now out off know want like one yes say said tell told come came \
    going gonna think see look make made take give gave only even still because please los las una unos unas del \
    con por para sin que qué como cómo cuando pero más muy este esta esto ese esa eso ella ellos ellas nos les \
    sus mis tus soy eres son era fue está estás estoy hay sé solo también porque dos das uma uns umas com sem \
    mas mais muito isso isto esse essa ele ela eles elas você vocês seu sua meu minha teu tua não são foi estou \
    tem tenho vou vai aqui quem onde quando porque também já pelo pela";

/// Words between the parts of a name.
const PARTICLES: &str = "de da do dos das del della di van von der la le al bin of the";

/// Titles, which stand before a name and end no sentence with their full stop.
const TITLES: &str = "mr mrs ms miss dr prof sir madam lady lord st jr sr sra srta senhor senhora señor señora don doña dona \
    captain detective officer uncle aunt mme";

/// Capitalised in English wherever they stand, and no names of a series.
const CAPITALS: &str = "i i'm i'll i've i'd ok okay tv god mom mum dad mommy daddy grandma grandpa monday tuesday wednesday thursday \
    friday saturday sunday january february march april may june july august september october november december \
    christmas english chinese spanish american french german ceo dna mister";

/// The longest run of words that is looked at.
const LONGEST: usize = 4;
/// A longer run replaces a shorter one within it that is said not much more often.
const SAME: f64 = 0.75;

struct Token<'a> {
    text: &'a str,
    lower: String,
    /// An entry covers it.
    covered: bool,
}

/// Words without a mark between them that ends a sentence or parts it.
struct Sentence<'a> {
    line: usize,
    tokens: Vec<Token<'a>>,
    /// Does the sentence before it end? A capital at its start says nothing then.
    starts: bool,
}

pub(super) fn find(said: &[Said], glossary: &Glossary, limits: Limits) -> Vec<Found> {
    let sentences: Vec<Sentence<'_>> =
        said.iter().enumerate().flat_map(|(line, said)| sentences(line, &said.text, glossary)).collect();
    let names = names(&sentences, limits);
    let known: HashSet<String> =
        names.iter().flat_map(|name| name.source.split(' ').map(str::to_lowercase).collect::<Vec<_>>()).collect();
    let terms = terms(&sentences, &known, limits);
    names.into_iter().chain(terms).collect()
}

fn sentences<'a>(line: usize, text: &'a str, glossary: &Glossary) -> Vec<Sentence<'a>> {
    let covered = glossary.matches(text);
    let covers = |at: usize| covered.iter().any(|m| m.kind != EntryKind::Ban && m.range.contains(&at));
    let mut sentences = vec![Sentence { line, tokens: Vec::new(), starts: true }];
    let mut from = None;
    for (at, char) in text.char_indices().chain([(text.len(), '\0')]) {
        if is_part(text, at, char) {
            from.get_or_insert(at);
            continue;
        }
        let Some(sentence) = sentences.last_mut() else { continue };
        if let Some(start) = from.take() {
            let word = &text[start..at];
            let token = Token { text: word, lower: word.to_lowercase().replace('’', "'"), covered: covers(start) };
            sentence.tokens.push(token);
        }
        let title = sentence.tokens.last().is_some_and(|token| is_one_of(TITLES, &token.lower));
        let ends = matches!(char, '!' | '?' | '…' | ':' | '"' | '“' | '”' | '«' | '»' | '¿' | '¡' | '—' | '–')
            || (char == '.' && !title);
        if ends || matches!(char, ',' | ';' | '(' | ')') {
            sentences.push(Sentence { line, tokens: Vec::new(), starts: ends });
        }
    }
    sentences.retain(|sentence| !sentence.tokens.is_empty());
    // A line in capitals is shouted, and tells nothing.
    let shouted = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
    for sentence in &mut sentences {
        sentence.starts |= shouted;
    }
    if shouted { Vec::new() } else { sentences }
}

/// A letter, a digit, or a mark within a word: don't, mother-in-law.
fn is_part(text: &str, at: usize, char: char) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let within = matches!(char, '\'' | '’' | '-');
    char.is_alphanumeric()
        || (within && letter(text[..at].chars().next_back()) && letter(text[at + char.len_utf8()..].chars().next()))
}

fn is_capital(token: &Token<'_>) -> bool {
    token.text.starts_with(char::is_uppercase) && !is_one_of(CAPITALS, &token.lower)
}

/// What is known of a name.
#[derive(Default)]
struct Tally {
    /// The lines that say it.
    lines: Vec<usize>,
    /// Said once with a title.
    titled: bool,
    /// Said once where no capital was due.
    sure: bool,
}

fn names(sentences: &[Sentence<'_>], limits: Limits) -> Vec<Found> {
    let mut lower: HashMap<&str, usize> = HashMap::new();
    for token in sentences.iter().flat_map(|sentence| &sentence.tokens) {
        if token.text.starts_with(char::is_lowercase) {
            *lower.entry(&token.lower).or_default() += 1;
        }
    }
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for sentence in sentences {
        let tokens = &sentence.tokens;
        let mut at = 0;
        while at < tokens.len() {
            let title = is_one_of(TITLES, &tokens[at].lower) && tokens.get(at + 1).is_some_and(is_capital);
            let start = at + usize::from(title);
            if tokens[start].covered || !is_capital(&tokens[start]) {
                at += 1;
                continue;
            }
            let end = name_end(tokens, start);
            let name = tokens[start..end].iter().map(|token| token.text).collect::<Vec<_>>().join(" ");
            let tally = found.entry(possessed(&name).to_owned()).or_default();
            tally.lines.push(sentence.line);
            tally.titled |= title;
            tally.sure |= start > 0 || !sentence.starts;
            at = end;
        }
    }
    let enough = |name: &str, tally: &Tally| {
        let common = lower.get(name.to_lowercase().as_str()).copied().unwrap_or(0);
        let often = tally.lines.len() >= limits.names || tally.titled;
        name.chars().count() > 1 && tally.sure && often && tally.lines.len() > common
    };
    found
        .into_iter()
        .filter(|(name, tally)| enough(name, tally))
        .map(|(source, Tally { lines, .. })| Found {
            source,
            kind: EntryKind::Name,
            count: lines.len(),
            line: lines[0],
        })
        .collect()
}

/// Where the name that starts there ends: capitals, with particles between them.
fn name_end(tokens: &[Token<'_>], start: usize) -> usize {
    let mut end = start + 1;
    loop {
        let next = tokens.get(end);
        if next.is_some_and(|token| is_capital(token) && !token.covered) {
            end += 1;
        } else if next.is_some_and(|token| is_one_of(PARTICLES, token.text))
            && tokens.get(end + 1).is_some_and(|token| is_capital(token) && !token.covered)
        {
            end += 2;
        } else {
            return end;
        }
    }
}

fn is_one_of(list: &'static str, word: &str) -> bool {
    words(list).any(|known| known == word)
}

/// Without the English genitive.
fn possessed(name: &str) -> &str {
    name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name)
}

fn terms(sentences: &[Sentence<'_>], names: &HashSet<String>, limits: Limits) -> Vec<Found> {
    let mut grams: BTreeMap<Vec<&str>, (usize, usize)> = BTreeMap::new();
    for sentence in sentences {
        for start in 0..sentence.tokens.len() {
            for end in start + 2..=(start + LONGEST).min(sentence.tokens.len()) {
                let gram = &sentence.tokens[start..end];
                if gram.iter().any(|token| token.covered) {
                    break;
                }
                let gram = gram.iter().map(|token| token.lower.as_str()).collect();
                grams.entry(gram).or_insert((0, sentence.line)).0 += 1;
            }
        }
    }
    let is_function = |word: &str| word.chars().count() < 3 || is_one_of(FUNCTION, word);
    let is_term = |words: &[&str], count: usize| {
        let edges = [words.first(), words.last()].into_iter().flatten();
        count >= limits.terms
            && !edges.into_iter().any(|word| is_function(word))
            && !words.iter().all(|word| names.contains(*word))
    };
    let mut kept: Vec<(Vec<&str>, (usize, usize))> =
        grams.into_iter().filter(|(words, (count, _))| is_term(words, *count)).collect();
    kept.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let mut terms: Vec<(Vec<&str>, (usize, usize))> = Vec::new();
    for (words, (count, line)) in kept {
        let within = terms.iter().any(|(longer, (more, _))| {
            longer.windows(words.len()).any(|part| part == words) && *more as f64 >= SAME * count as f64
        });
        if !within {
            terms.push((words, (count, line)));
        }
    }
    let found = |(words, (count, line)): (Vec<&str>, (usize, usize))| Found {
        source: words.join(" "),
        kind: EntryKind::Term,
        count,
        line,
    };
    terms.into_iter().map(found).collect()
}
