//! Texts that are almost right: words and bracketed parts of what is right, exchanged, repeated and left out.
//!
//! Random bytes are refused by the first character of a syntax. Every syntax here, from JSON to regular expressions, has
//! words and brackets, so a mutation that knows no more than these stays close to all of them, and seeds stay texts
//! that people can read and write.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::words::WORDS;

/// What `text` becomes by a few changes, which `seed` decides upon; `other` is a text to take parts from. It has `most`
/// bytes at most.
pub fn mutate(text: &[u8], other: &[u8], most: usize, seed: u64) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut mutated = text.to_vec();
    for _ in 0..rng.random_range(1..=5) {
        change(&mut mutated, other, &mut rng);
        // Repetitions double.
        mutated.truncate(most);
    }
    mutated
}

fn change(text: &mut Vec<u8>, other: &[u8], rng: &mut StdRng) {
    let parts = parts(text);
    let part = parts[rng.random_range(0..parts.len())].clone();
    match rng.random_range(0..12) {
        0..4 => drop(text.splice(part, word(rng).bytes())),
        4 => drop(text.drain(part)),
        5 | 6 => {
            let copy = text[part.clone()].to_vec();
            let comma: &[u8] = if rng.random_bool(0.5) { b"," } else { b"" };
            text.splice(part.start..part.start, [&copy, comma].concat());
        }
        7 => {
            let from = &parts[rng.random_range(0..parts.len())];
            let copy = text[from.clone()].to_vec();
            text.splice(part, copy);
        }
        8 => {
            let theirs = self::parts(other);
            let theirs = &theirs[rng.random_range(0..theirs.len())];
            text.splice(part, other[theirs.clone()].iter().copied());
        }
        9 => {
            let (open, close) = [("{\"and\":[", "]}"), ("[", "]"), ("(", ")*"), ("\"", "\"")]
                [rng.random_range(0..4)];
            let inner = text[part.clone()].to_vec();
            text.splice(part, [open.as_bytes(), &inner, close.as_bytes()].concat());
        }
        10 => {
            let place = rng.random_range(0..=text.len());
            text.insert(place, rng.random());
        }
        _ => {
            if let Some(last) = text.len().checked_sub(1) {
                text[rng.random_range(0..=last)] = rng.random();
            }
        }
    }
}

fn word(rng: &mut StdRng) -> String {
    match rng.random_range(0..20) {
        0 => "a".repeat(rng.random_range(0..3000)),
        1 => rng.random::<i64>().to_string(),
        2 => char::from_u32(rng.random_range(0..0x11_0000))
            .unwrap_or('\u{fffd}')
            .to_string(),
        _ => WORDS[rng.random_range(0..WORDS.len())].to_owned(),
    }
}

/// Where words, runs of other characters and bracketed parts are, and what lies between line ends. There is always one.
fn parts(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut open = Vec::new();
    let (mut begin, mut line) = (0, 0);
    let is_word =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_-.$".contains(byte);
    for (place, byte) in text.iter().enumerate() {
        if place > 0 && is_word(byte) != is_word(&text[place - 1]) {
            parts.push(begin..place);
            begin = place;
        }
        match byte {
            b'{' | b'[' | b'(' => open.push(place),
            b'}' | b']' | b')' => parts.extend(open.pop().map(|open| open..place + 1)),
            b'\n' => {
                parts.push(line..place + 1);
                line = place + 1;
            }
            _ => {}
        }
    }
    parts.extend([begin..text.len(), line..text.len(), text.len()..text.len()]);
    parts
}
