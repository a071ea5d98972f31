//! What following promises, on cases and on many random transcripts.

use super::*;
use crate::edits::Status;

fn edit(line: u32, start: i64, end: i64, source: &str) -> Edit {
    Edit {
        line,
        span: Span::from_ms(start, end),
        source: source.into(),
        text: format!("wording of {line}"),
        tight: Vec::new(),
        status: Status::Edited,
        by: None,
        when: jiff::Timestamp::UNIX_EPOCH,
        note: String::new(),
    }
}

fn cue(id: u32, start: i64, end: i64, text: &str) -> Anchor<'_> {
    Anchor { id, span: Span::from_ms(start, end), text }
}

/// Cue and line of each edit that found one, then the lines of those that did not.
fn found(edits: &[Edit], cues: &[Anchor<'_>]) -> (Vec<(u32, u32)>, Vec<u32>) {
    let followed = follow(edits, cues);
    (
        followed.of.iter().map(|(&cue, &edit)| (cue, edits[edit].line)).collect(),
        followed.orphans.iter().map(|&edit| edits[edit].line).collect(),
    )
}

#[test]
fn numbers_that_moved_do_not_matter() {
    let edits = [edit(2, 2000, 3500, "顾总今天没来公司"), edit(3, 4000, 5000, "走吧")];
    let cues = [
        cue(1, 0, 900, "嗯"),
        cue(2, 1000, 1900, "一句新的话"),
        cue(3, 2100, 3400, "故总今天没来公司"),
        cue(4, 4000, 5000, "走吧！"),
    ];
    assert_eq!(found(&edits, &cues), (vec![(3, 2), (4, 3)], vec![]));
}

#[test]
fn a_cue_that_says_something_else_takes_no_edit_even_under_the_same_number() {
    let edits = [edit(1, 0, 2000, "I will never forgive you")];
    assert_eq!(found(&edits, &[cue(1, 0, 2000, "Where is my mother?")]), (vec![], vec![1]));
    assert_eq!(found(&edits, &[cue(1, 9000, 11_000, "I will never forgive you")]), (vec![], vec![1]));
    assert_eq!(found(&edits, &[]), (vec![], vec![1]));
}

#[test]
fn parted_cues_take_the_edit_only_where_one_has_nearly_all_of_it() {
    let edits = [edit(1, 0, 4000, "she left the house and never came back")];
    let halves = [cue(1, 0, 2000, "she left the house"), cue(2, 2000, 4000, "and never came back")];
    assert_eq!(found(&edits, &halves), (vec![], vec![1]), "neither half says it");
    let mostly = [cue(1, 0, 400, "she"), cue(2, 400, 4000, "left the house and never came back")];
    assert_eq!(found(&edits, &mostly), (vec![(2, 1)], vec![]));
}

#[test]
fn a_cue_that_was_joined_takes_one_edit_at_most() {
    let edits = [edit(1, 0, 400, "no"), edit(2, 500, 4000, "you will not leave this house")];
    let joined = [cue(1, 0, 4000, "No, you will not leave this house.")];
    assert_eq!(found(&edits, &joined), (vec![(1, 2)], vec![1]));
}

#[test]
fn equal_words_in_a_row_keep_their_edits_when_all_have_moved() {
    let edits: Vec<Edit> = (0..4).map(|i| edit(i + 1, i64::from(i) * 1500, i64::from(i) * 1500 + 700, "好")).collect();
    let cues: Vec<Anchor<'_>> =
        (0..4).map(|i| cue(i + 1, i64::from(i) * 1500 + 1500, i64::from(i) * 1500 + 2200, "好。")).collect();
    assert_eq!(found(&edits, &cues), (vec![(1, 1), (2, 2), (3, 3), (4, 4)], vec![]));
}

#[test]
fn two_at_once_may_change_places() {
    let edits = [edit(1, 1000, 2000, "Stop right there!"), edit(2, 1020, 2100, "Leave me alone.")];
    let cues = [cue(1, 990, 2100, "Leave me alone!"), cue(2, 1010, 2000, "Stop right there.")];
    assert_eq!(found(&edits, &cues), (vec![(1, 2), (2, 1)], vec![]));
}

#[test]
fn of_two_edits_of_one_cue_the_newer_one_counts() {
    let older = edit(1, 0, 1000, "走吧");
    let newer = Edit { when: "2026-03-02T09:30:00Z".parse().unwrap(), text: "newer".into(), ..older.clone() };
    for edits in [[older.clone(), newer.clone()], [newer, older]] {
        let followed = follow(&edits, &[cue(1, 0, 1000, "走吧")]);
        assert_eq!(edits[followed.of[&1]].text, "newer");
        assert_eq!(followed.orphans.len(), 1, "the other one is told, not lost");
    }
}

#[test]
fn similarity_is_the_share_that_stays() {
    let of = |a: &str, b: &str| similarity(&folded(a), &folded(b));
    assert_eq!(of("Mr. Gu isn't in!", "mr gu isnt in"), 1.0);
    assert_eq!(of("kitten", "sitting"), 1.0 - 3.0 / 7.0);
    assert_eq!(of("a", "abcdef"), 0.0);
    assert_eq!(of("……", "……"), 1.0);
    assert_eq!(of("", ""), 1.0);
}

/// A small linear congruential generator keeps the cases the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    /// Words from so many letters that two texts are never alike by chance.
    fn text(&mut self) -> String {
        let length = 6 + self.below(24);
        (0..length).filter_map(|_| char::from_u32(0x4e00 + self.below(3000) as u32)).collect()
    }

    /// Cues with pauses between them, some of which say the same as one before.
    fn cues(&mut self) -> Vec<(Span, String)> {
        let mut at = 0;
        let mut cues: Vec<(Span, String)> = Vec::new();
        for _ in 0..1 + self.below(25) {
            at += self.below(2500) as i64;
            let length = 300 + self.below(3000) as i64;
            let text = if !cues.is_empty() && self.below(6) == 0 {
                cues[self.below(cues.len() as u64) as usize].1.clone()
            } else {
                self.text()
            };
            cues.push((Span::from_ms(at, at + length), text));
            at += length - (self.below(8) == 0) as i64 * 200;
        }
        cues
    }
}

fn anchors(cues: &[(Span, String)]) -> Vec<Anchor<'_>> {
    cues.iter().enumerate().map(|(i, (span, text))| Anchor { id: i as u32 + 1, span: *span, text }).collect()
}

fn edits_of(cues: &[(Span, String)], keep: impl FnMut(&usize) -> bool) -> Vec<Edit> {
    let of = |i: usize| Edit { span: cues[i].0, ..edit(i as u32 + 1, 0, 0, &cues[i].1) };
    (0..cues.len()).filter(keep).map(of).collect()
}

/// Holds whatever comes: each edit has one cue or is an orphan, each cue one edit at most, and the order in which
/// edits and cues are given changes nothing.
fn keeps_its_promises(edits: &[Edit], cues: &[Anchor<'_>]) {
    let followed = follow(edits, cues);
    let mut all: Vec<usize> = followed.of.values().chain(&followed.orphans).copied().collect();
    all.sort_unstable();
    assert_eq!(all, (0..edits.len()).collect::<Vec<_>>(), "no edit is lost or applied twice");
    assert!(followed.of.keys().all(|id| cues.iter().any(|cue| cue.id == *id)));
    let there = found(edits, cues);
    let (mut backwards, mut cues) = (edits.to_vec(), cues.to_vec());
    backwards.reverse();
    cues.reverse();
    let (of, mut orphans) = found(&backwards, &cues);
    orphans.reverse();
    assert_eq!((of, orphans), there, "deterministic");
}

#[test]
fn where_nothing_changed_every_edit_keeps_its_cue() {
    let mut dice = Dice(1);
    for _ in 0..300 {
        let cues = dice.cues();
        let edits = edits_of(&cues, |_| dice.below(3) > 0);
        let (of, orphans) = found(&edits, &anchors(&cues));
        assert!(orphans.is_empty() && of.iter().all(|(cue, line)| cue == line), "{of:?} {orphans:?}");
        keeps_its_promises(&edits, &anchors(&cues));
    }
}

#[test]
fn a_shift_of_up_to_two_seconds_is_followed() {
    let mut dice = Dice(2);
    for _ in 0..300 {
        let cues = dice.cues();
        let shift = dice.below(4001) as i64 - 2000;
        let moved: Vec<(Span, String)> =
            cues.iter().map(|(span, text)| (span.shifted(Delta::from_ms(shift)), text.clone())).collect();
        let edits = edits_of(&cues, |_| true);
        let (of, orphans) = found(&edits, &anchors(&moved));
        assert!(orphans.is_empty() && of.iter().all(|(cue, line)| cue == line), "{shift} {of:?} {orphans:?}");
        keeps_its_promises(&edits, &anchors(&moved));
    }
}

#[test]
fn cues_heard_anew_keep_their_edits_and_promises_hold_whatever_happens() {
    let mut dice = Dice(3);
    let (mut same, mut changed) = (0, 0);
    for _ in 0..300 {
        let cues = dice.cues();
        let edits = edits_of(&cues, |_| dice.below(2) > 0);
        // Some cues go, some are parted, some are joined with the next one, the others are heard a little differently.
        let mut new: Vec<(Span, String, Option<u32>)> = Vec::new();
        for (index, (span, text)) in cues.iter().enumerate() {
            let half = span.start + span.duration().scaled(0.5);
            let letters: Vec<char> = text.chars().collect();
            let (first, second) = letters.split_at(letters.len() / 2);
            match dice.below(10) {
                0 => {}
                1 => {
                    new.push((Span::new(span.start, half), first.iter().collect(), None));
                    new.push((Span::new(half, span.end), second.iter().collect(), None));
                }
                2 if !new.is_empty() => {
                    let last = new.len() - 1;
                    let joined = Span::new(new[last].0.start, span.end.max(new[last].0.end));
                    new[last] = (joined, format!("{}{text}", new[last].1), None);
                }
                _ => {
                    let wobble = Delta::from_ms(dice.below(100) as i64 - 50);
                    let heard = letters.iter().skip(usize::from(letters.len() > 12)).collect();
                    new.push((span.shifted(wobble), heard, Some(index as u32 + 1)));
                }
            }
        }
        let texts: Vec<(Span, String)> = new.iter().map(|(span, text, _)| (*span, text.clone())).collect();
        keeps_its_promises(&edits, &anchors(&texts));
        let (of, _) = found(&edits, &anchors(&texts));
        for (cue, line) in of {
            // What was neither parted nor joined is known.
            match new[cue as usize - 1].2 {
                Some(known) if cues[known as usize - 1].1 == cues[line as usize - 1].1 => same += 1,
                Some(known) => panic!("the edit of {line} went to what was {known}"),
                None => changed += 1,
            }
        }
    }
    assert!(same > 1000, "{same} edits followed, {changed} to cues that were parted or joined");
}
