//! Names and terms in a writing without spaces.
//!
//! A name is a surname of the glossary's table with one or two characters, said again, before a title or as a call. A
//! term is a run of two to four characters that holds together (its parts seldom stand apart) and stands free (what comes
//! before and after it differs). Does not know words: a short list of common ones keeps the worst out.

use super::{Found, Limits, Said, words};
use crate::glossary::{EntryKind, Glossary, Match};
use crate::writing::Writing;
use std::collections::{HashMap, HashSet};

/// Characters that no given name has: pronouns, particles, auxiliary verbs.
const PARTICLES: &str = "的了是我你您他她它们咱在不没有这那哪就也都还很要会说到去来吗呢吧啊呀哦嘛么什怎谁把被让给跟和与或\
    对从向往为因所以但可能想得着过个些只又再才已将此其之于而且若则却并更最太";

/// Characters that no term begins or ends with, beside those.
const FUNCTION: &str = "真够好人事话里上下中后前时候年月日天点次回件种位叫看见做吃走听知道觉认\
    一二两三四五六七八九十百千万几多少";

/// Common words that begin like a surname, or that every series says again and again.
const COMMON: &str = "高兴 高手 方便 方法 方面 方式 马上 任何 任务 时候 时间 时刻 常常 万一 安全 安排 安静 白天 白费 成功 成为 \
    何必 何况 温柔 温暖 容易 金钱 简单 简直 明天 明白 明明 张开 于是 许多 余地 周围 周末 易如 常年 单独 钱包 \
    江湖 石头 文件 文化 武功 武器 史上 雷霆 黄金 康复 康健 顾虑 顾忌 谢谢 叶子 林子 花钱 包括 程度 段时 曾经 \
    宋朝 唐朝 汉朝 毛病 田地 季节 纪念 陆续 严重 严肃 乐意 连忙 连累 凌晨 丁点 龙虾 盛大 姑娘 孩子 东西 地方 \
    今天 昨天 现在 刚才 以后 以前 之前 之后 为什么 怎么 怎么样 什么 这样 那样 这么 那么 这个 那个 这里 那里 哪里 \
    自己 我们 你们 他们 她们 大家 别人 没有 没事 没关系 不是 不会 不能 不要 不行 不用 不错 不过 不好 可以 可能 \
    可是 但是 因为 所以 如果 虽然 已经 还是 还有 就是 真是 真的 其实 当然 一定 一起 一样 一直 一下 一点 一个 \
    有点 有人 知道 觉得 认为 以为 喜欢 希望 需要 应该 必须 愿意 告诉 看看 听说 相信 放心 小心 担心 开心 伤心 \
    对不起 谢谢你 请问 你好 再见 快点 等等 住手 闭嘴 放开 放手 滚开 起来 出来 出去 进来 进去 回来 回去 回家 过来 \
    过去 下来 下去 上来 上去 离开 开始 结束 结婚 离婚 帮忙 帮我 帮你 救命 关系 问题 办法 机会 意思 事情 样子 \
    时代 世界 生活 工作 公司 电话 手机 医院 学校 女人 男人 朋友 家里 妈妈 爸爸 父亲 母亲 哥哥 姐姐 弟弟 妹妹 \
    儿子 女儿 老公 老婆 终于 竟然 居然 难道 到底 究竟 刚刚 马上就 赶紧 立刻 永远 从来 从今 今后 绝对 非常 特别";

/// Titles that a name stands before, where no entry tells it.
const TITLES: &str = "总 先生 小姐 女士 太太 夫人 少爷 老板 经理 主任 医生 律师 老师 教授 警官 同学 公子 姑娘 大人 将军 师父 师兄 \
    师姐 哥 姐 叔 姨";

/// The longest run of characters that is looked at.
const LONGEST: usize = 4;
/// A longer run replaces a shorter one within it that is said not much more often.
const SAME: f64 = 0.75;
/// How much more often, in bits, the weakest pair of parts stands together than by chance.
const COHESION: f64 = 1.5;
/// How much, in bits, neighbours on each side must differ.
const FREEDOM: f64 = 0.9;

/// A stretch of text between punctuation and what entries cover.
struct Run {
    line: usize,
    chars: Vec<char>,
    /// What comes right after it is a title that an entry covers.
    before_title: bool,
}

pub(super) fn find(said: &[Said], glossary: &Glossary, limits: Limits) -> Vec<Found> {
    let runs: Vec<Run> = said.iter().enumerate().flat_map(|(line, said)| runs(line, &said.text, glossary)).collect();
    let names = names(&runs, glossary, limits);
    let known: HashSet<&str> = names.iter().map(|name| name.source.as_str()).collect();
    let terms = terms(&runs, &known, limits);
    names.into_iter().chain(terms).collect()
}

fn is_letter(char: char) -> bool {
    matches!(Writing::of(char), Some(Writing::Han | Writing::Kana))
}

fn runs(line: usize, text: &str, glossary: &Glossary) -> Vec<Run> {
    let covered: Vec<Match> = glossary.matches(text).into_iter().filter(|found| found.kind != EntryKind::Ban).collect();
    let mut runs = Vec::new();
    let mut chars = Vec::new();
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        let cover = covered.iter().find(|found| found.range.contains(&at));
        if is_letter(char) && cover.is_none() {
            chars.push(char);
        } else if !chars.is_empty() {
            let before_title = cover.is_some_and(|found| found.kind == EntryKind::Title);
            runs.push(Run { line, chars: std::mem::take(&mut chars), before_title });
        }
    }
    runs
}

#[derive(Default)]
struct Tally {
    count: usize,
    line: usize,
    /// Said once with a title, or as a call.
    sure: bool,
    followed_by: HashSet<String>,
}

fn names(runs: &[Run], glossary: &Glossary, limits: Limits) -> Vec<Found> {
    let surnames: Vec<Vec<char>> = glossary.surnames.iter().map(|(surname, _)| surname.chars().collect()).collect();
    let mut tallies: HashMap<Vec<char>, Tally> = HashMap::new();
    for (number, run) in runs.iter().enumerate() {
        let fits =
            |at: usize, surname: &[char]| run.chars[at..].starts_with(surname) && !is_word(run, at, surname, glossary);
        for at in 0..run.chars.len() {
            // 欧阳 is a surname, and 欧 is none then.
            let Some(surname) = surnames.iter().filter(|s| fits(at, s)).max_by_key(|s| s.len()) else { continue };
            let given = &run.chars[at + surname.len()..];
            // 顾总 is a surname with a title, and no name.
            if starts_with_title(given) {
                continue;
            }
            for length in 1..=given.len().min(2) {
                let (name, rest) = given.split_at(length);
                if name.iter().any(|c| PARTICLES.contains(*c) || !is_han(*c)) || is_common(surname, name) {
                    continue;
                }
                let titled = if rest.is_empty() { run.before_title } else { starts_with_title(rest) };
                // Three characters between commas are somebody who is called.
                let called = rest.is_empty() && at == 0 && run.chars.len() == 3 && length == 2;
                let tally = tallies.entry([surname, name].concat()).or_default();
                if tally.count == 0 {
                    tally.line = run.line;
                }
                tally.count += 1;
                tally.sure |= titled || called;
                // An end is a neighbour of its own each time.
                tally.followed_by.insert(rest.first().map_or_else(|| format!("\0{number}"), char::to_string));
                // 顾言总: the title is no part of a longer name.
                if titled {
                    break;
                }
            }
        }
    }
    let enough = |tally: &Tally| tally.count >= limits.names || tally.sure;
    let is_name = |name: &Vec<char>, tally: &Tally| {
        let longer = |(other, more): (&Vec<char>, &Tally)| {
            other.len() == name.len() + 1 && other.starts_with(name) && more.count as f64 >= SAME * tally.count as f64
        };
        let shorter = || name[..name.len() - 1].to_vec();
        // 顾言 is said before many things, 顾北 only before 辰.
        let part = tallies.iter().filter(|(_, more)| enough(more)).any(longer);
        let tail = tallies.get(&shorter()).is_some_and(|less| {
            less.followed_by.len() > 1 && enough(less) && (tally.count as f64) < SAME * less.count as f64
        });
        enough(tally) && !part && !tail
    };
    let found = tallies.iter().filter(|(name, tally)| is_name(name, tally));
    found
        .map(|(name, tally)| Found {
            source: name.iter().collect(),
            kind: EntryKind::Name,
            count: tally.count,
            line: tally.line,
        })
        .collect()
}

fn starts_with_title(chars: &[char]) -> bool {
    words(TITLES).any(|title| title.chars().eq(chars.iter().copied().take(title.chars().count())))
}

fn is_han(char: char) -> bool {
    Writing::of(char) == Some(Writing::Han)
}

/// Is the surname at this place part of a word?
fn is_word(run: &Run, at: usize, surname: &[char], glossary: &Glossary) -> bool {
    let end = at + surname.len();
    glossary.not_surnames.iter().any(|word| {
        let first = (at + 1).saturating_sub(word.len());
        (first..end).any(|start| run.chars[start..].starts_with(word))
    })
}

fn is_common(surname: &[char], given: &[char]) -> bool {
    let name: String = surname.iter().chain(given).collect();
    words(COMMON).any(|word| name.starts_with(word))
        || (given.len() == 2 && words(COMMON).any(|word| word.chars().eq(given.iter().copied())))
}

/// Where a run of characters stands, and between what.
#[derive(Default)]
struct Gram {
    count: usize,
    line: usize,
    before: HashMap<u64, usize>,
    after: HashMap<u64, usize>,
}

fn terms(runs: &[Run], names: &HashSet<&str>, limits: Limits) -> Vec<Found> {
    let mut grams: HashMap<&[char], Gram> = HashMap::new();
    let mut all = 0_usize;
    for (number, run) in runs.iter().enumerate() {
        all += run.chars.len();
        // An end is a neighbour of its own each time: what stands alone stands free.
        let edge = (1 << 32) + number as u64;
        for start in 0..run.chars.len() {
            for end in start + 1..=(start + LONGEST).min(run.chars.len()) {
                let gram = grams.entry(&run.chars[start..end]).or_default();
                if gram.count == 0 {
                    gram.line = run.line;
                }
                gram.count += 1;
                let before = start.checked_sub(1).map_or(edge, |at| u64::from(u32::from(run.chars[at])));
                let after = run.chars.get(end).map_or(edge, |c| u64::from(u32::from(*c)));
                *gram.before.entry(before).or_default() += 1;
                *gram.after.entry(after).or_default() += 1;
            }
        }
    }
    let count = |part: &[char]| grams.get(part).map_or(0, |gram| gram.count) as f64;
    let cohesion = |chars: &[char]| {
        let splits = (1..chars.len()).map(|at| count(&chars[..at]) * count(&chars[at..]));
        splits.map(|apart| (count(chars) * all as f64 / apart).log2()).fold(f64::INFINITY, f64::min)
    };
    let is_term = |chars: &[char], gram: &Gram| {
        let edges = [chars.first(), chars.last()].into_iter().flatten();
        let text: String = chars.iter().collect();
        chars.len() > 1
            && gram.count >= limits.terms
            && !edges.into_iter().any(|c| PARTICLES.contains(*c) || FUNCTION.contains(*c))
            && !words(COMMON).any(|word| word == text)
            && !names.iter().any(|name| name.contains(&text) || text.contains(name))
            && cohesion(chars) >= COHESION
            && entropy(&gram.before).min(entropy(&gram.after)) >= FREEDOM
    };
    let mut kept: Vec<(&[char], &Gram)> = grams.iter().filter(|(c, g)| is_term(c, g)).map(|(c, g)| (*c, g)).collect();
    kept.sort_by_key(|(chars, _)| std::cmp::Reverse(chars.len()));
    let mut terms: Vec<(&[char], &Gram)> = Vec::new();
    for (chars, gram) in kept {
        let within = terms.iter().any(|(longer, more)| {
            longer.windows(chars.len()).any(|part| part == chars) && more.count as f64 >= SAME * gram.count as f64
        });
        if !within {
            terms.push((chars, gram));
        }
    }
    let found = |(chars, gram): (&[char], &Gram)| Found {
        source: chars.iter().collect(),
        kind: EntryKind::Term,
        count: gram.count,
        line: gram.line,
    };
    terms.into_iter().map(found).collect()
}

/// In bits.
fn entropy(counts: &HashMap<u64, usize>) -> f64 {
    let all: usize = counts.values().sum();
    counts.values().map(|count| *count as f64 / all as f64).map(|p| -p * p.log2()).sum()
}
