//! Tests with voices made in code: a source rich in overtones, three formants, syllables with consonants between them.
//! What is sung has notes with slides, vibrato and unsteadiness, what is spoken has the contours of tones and sentences.

use super::*;
use crate::stage::transcribe::pitch::RATE;
use std::f64::consts::TAU;

/// One syllable: seconds of voice, seconds of consonant before it, and its pitch in Hz by the time in it.
struct Syllable<'a> {
    voice: f64,
    consonant: f64,
    hz: Box<dyn Fn(f64) -> f64 + 'a>,
}

/// The vowels' formants in Hz: a, i, u, e.
const VOWELS: [[f64; 3]; 4] =
    [[730.0, 1090.0, 2440.0], [270.0, 2290.0, 3010.0], [300.0, 870.0, 2240.0], [530.0, 1840.0, 2480.0]];

/// Numbers from −1 to 1, the same every time.
struct Chance(u32);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / 8_388_608.0 - 1.0
    }
}

/// How loud an overtone of a vowel is.
fn gain(hz: f64, vowel: [f64; 3]) -> f64 {
    let resonance = |formant: f64| 1.0 / (1.0 + ((hz - formant) / (60.0 + formant * 0.05)).powi(2));
    vowel.iter().map(|formant| resonance(*formant)).sum::<f64>() + 0.02
}

fn voice(syllables: &[Syllable<'_>]) -> Vec<f32> {
    let (rate, mut chance, mut phase, mut wander) = (f64::from(RATE), Chance(7), 0.0, 0.0);
    let mut sound = Vec::new();
    for (syllable, vowel) in syllables.iter().zip(VOWELS.iter().cycle()) {
        let consonant = (syllable.consonant * rate) as usize;
        sound.extend((0..consonant).map(|_| (0.03 * chance.next()) as f32));
        let frames = (syllable.voice * rate) as usize;
        for frame in 0..frames {
            let time = frame as f64 / rate;
            // No voice is steadier than some ten cents.
            wander = 0.9995 * wander + 0.35 * chance.next();
            let hz = (syllable.hz)(time) * 2f64.powf(wander.clamp(-12.0, 12.0) / 1200.0);
            phase += hz / rate;
            let overtones = (1..=(4000.0 / hz) as usize).map(|n| n as f64);
            let sample: f64 = overtones.map(|n| gain(n * hz, *vowel) / n * (TAU * n * phase).sin()).sum();
            let edge = (frame.min(frames - frame) as f64 / (0.02 * rate)).min(1.0);
            sound.push((0.1 * edge * sample + 0.001 * chance.next()) as f32);
        }
    }
    sound
}

fn semitones(hz: f64, above: f64) -> f64 {
    hz * 2f64.powf(above / 12.0)
}

/// A melody: a slide of 60 ms into each note, vibrato after 200 ms.
fn sing(hz: f64, beat: f64) -> Vec<f32> {
    let melody = [0.0, 2.0, 4.0, 7.0, 7.0, 5.0, 4.0, 2.0, 0.0, 4.0, 2.0, 0.0];
    let note = |(index, above): (usize, &f64)| {
        let (before, above) = (melody[index.saturating_sub(1)], *above);
        let long = if index % 4 == 3 { 2.0 } else { 1.0 };
        let hz = move |time: f64| {
            let slide = (1.0 - time / 0.06).max(0.0) * (before - above);
            let vibrato = if time > 0.2 { 0.4 * (TAU * 5.5 * time).sin() } else { 0.0 };
            semitones(hz, above + slide + vibrato)
        };
        Syllable { voice: beat * long - 0.07, consonant: 0.07, hz: Box::new(hz) }
    };
    voice(&melody.iter().enumerate().map(note).collect::<Vec<_>>())
}

/// Mandarin's four tones on a falling sentence, `length` seconds of voice a syllable.
fn speak(hz: f64, length: f64, count: usize) -> Vec<f32> {
    let syllable = |index: usize| {
        let sentence = -(index as f64 % 8.0) * 0.6;
        let hz = move |time: f64| {
            let place = time / length;
            let tone = match [1, 4, 2, 3, 1, 2, 4, 4][index % 8] {
                1 => 4.0 - 0.8 * place,
                2 => 5.0 * place * place,
                3 => -3.0 + 8.0 * (place - 0.6).powi(2),
                _ => 5.0 - 9.0 * place,
            };
            semitones(hz, tone + sentence)
        };
        Syllable { voice: length, consonant: 0.06, hz: Box::new(hz) }
    };
    voice(&(0..count).map(syllable).collect::<Vec<_>>())
}

fn sounding(voice: &[f32], bed: f32) -> Sounding {
    let audio = |samples: Vec<f32>| Audio { rate: RATE, channels: 1, samples };
    let power = voice.iter().map(|s| s * s).sum::<f32>() / voice.len().max(1) as f32;
    Sounding { voice: audio(voice.to_vec()), bed: audio(vec![bed * power.sqrt(); voice.len()]) }
}

fn cue(id: u32, start: i64, end: i64, text: &str) -> Cue {
    Cue { id, span: Span::from_ms(start, end), text: text.into(), speaker: None, words: Vec::new(), confidence: None }
}

/// Ids of what is sung, of cues that begin every ten seconds; `text` is what each is heard as.
fn judged(voices: &[Vec<f32>], bed: f32, text: &str) -> Vec<u32> {
    let length = |voice: &[f32]| voice.len() as i64 * 1000 / i64::from(RATE);
    let mut at = 0;
    let cues: Vec<Cue> = (1..)
        .zip(voices)
        .map(|(id, voice)| {
            let span = (at, at + length(voice));
            at = span.1 + 500;
            cue(id, span.0, span.1, text)
        })
        .collect();
    let mut listen = |span: Span| {
        let index = cues.iter().position(|cue| cue.span == span).unwrap();
        Ok(sounding(&voices[index], bed))
    };
    let speech: Vec<Span> = cues.iter().map(|cue| cue.span).collect();
    sung(&cues, &speech, &mut listen).unwrap()
}

#[test]
fn a_song_is_told_from_slow_speech_at_any_height_of_voice() {
    for hz in [98.0, 147.0, 220.0, 330.0] {
        for beat in [0.4, 0.6] {
            assert_eq!(judged(&[sing(hz, beat)], 1.0, "月亮代表我的心"), [1], "sung at {hz} Hz, {beat} s a beat");
        }
        // As slowly as anyone speaks, and with music under it.
        for length in [0.16, 0.3, 0.45] {
            let spoken = speak(hz, length, 24);
            assert!(judged(&[spoken], 1.0, "月亮").is_empty(), "spoken at {hz} Hz, {length} s a syllable");
        }
    }
}

#[test]
fn what_has_one_note_is_no_song() {
    // A hum, a chant, a tone of a test, a voice that stays on its pitch.
    let flat = |_: usize| Syllable { voice: 0.5, consonant: 0.06, hz: Box::new(|_| 180.0) };
    let chant = voice(&(0..12).map(flat).collect::<Vec<_>>());
    assert!(judged(&[chant], 1.0, "嗡").is_empty());
    let tone = (0..RATE * 6).map(|i| 0.3 * (i as f32 * 0.0864).sin()).collect();
    assert!(judged(&[tone], 1.0, "嗡").is_empty());
    // A siren.
    let siren = Syllable { voice: 6.0, consonant: 0.0, hz: Box::new(|t| 400.0 + 200.0 * (TAU * t / 3.0).sin()) };
    assert!(judged(&[voice(&[siren])], 1.0, "嗡").is_empty());
    assert!(judged(&[vec![0.0; 16_000 * 6]], 1.0, "嗡").is_empty());
}

#[test]
fn words_as_fast_as_speech_are_not_even_listened_to() {
    let cues = [cue(1, 0, 6000, "月亮代表我的心月亮代表我的心月亮代表我的心月亮代表我的心")];
    assert!(candidates(&cues, &[cues[0].span]).is_empty());
    assert!(sung(&cues, &[cues[0].span], &mut |_| panic!("nobody need listen")).unwrap().is_empty());
    // Two slow cues far from each other are too little for a song, near each other they may be one.
    let slow = |from: i64| [cue(1, 0, 2500, "月亮"), cue(2, from, from + 2500, "我的心")];
    let all = [Span::from_ms(0, 20_000)];
    assert!(candidates(&slow(9000), &all).is_empty());
    assert_eq!(candidates(&slow(3000), &all), [&slow(3000)]);
    // Slow for its pauses alone.
    assert!(candidates(&slow(3000), &[Span::from_ms(0, 500), Span::from_ms(4000, 4500)]).is_empty());
}

#[test]
fn a_line_that_is_spoken_within_a_song_is_spoken() {
    let voices = [sing(220.0, 0.5), speak(150.0, 0.3, 16), sing(220.0, 0.5)];
    assert_eq!(judged(&voices, 1.0, "月亮代表我的心"), [1, 3]);
}

#[test]
fn more_words_than_anyone_can_say_within_a_song_are_of_the_song() {
    let song = sing(220.0, 0.5);
    let length = song.len() as i64 * 1000 / i64::from(RATE);
    let second = length + 1500;
    let cues = |between: &str| {
        let sung = |id, start| cue(id, start, start + length, "月亮代表我的心");
        [sung(1, 0), cue(2, length + 300, length + 700, between), sung(3, second), cue(4, 40_000, 40_300, between)]
    };
    let speech: Vec<Span> = cues("").iter().map(|cue| cue.span).collect();
    let mut listen = |span: Span| {
        let is_song = span.duration() > Delta::from_ms(1000);
        Ok(sounding(if is_song { &song } else { &song[..6400] }, 1.0))
    };
    assert_eq!(sung(&cues("打开照片拍张文件"), &speech, &mut listen).unwrap(), [1, 2, 3]);
    assert_eq!(sung(&cues("快走"), &speech, &mut listen).unwrap(), [1, 3]);
}

#[test]
fn without_music_beside_it_more_is_asked() {
    // A part of a song: enough where music plays, too little where none does.
    let song = sing(196.0, 0.6);
    let part = song[..16_000 * 42 / 10].to_vec();
    assert_eq!(judged(std::slice::from_ref(&part), 1.0, "月亮"), [1]);
    assert!(judged(&[part], 0.01, "月亮").is_empty());
    assert_eq!(judged(&[song], 0.01, "月亮"), [1]);
}
