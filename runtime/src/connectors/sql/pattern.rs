//! Patterns of `like` in each database's own words.

use crate::query::pattern::{Part, parts};

/// SQLite refuses long patterns; so do we, with words, on every database. In bytes.
pub(super) const LONGEST: usize = 10_000;

/// The pattern with `escape` as its escape character.
pub(super) fn escaped(pattern: &str, escape: char) -> String {
    let mut text = String::with_capacity(pattern.len());
    for part in parts(pattern) {
        match part {
            Part::AnyText => text.push('%'),
            Part::AnyCharacter => text.push('_'),
            Part::Literal(character) => {
                if character == '%' || character == '_' || character == escape {
                    text.push(escape);
                }
                text.push(character);
            }
        }
    }
    text
}

/// The pattern for SQLite's `GLOB`, which minds case; its `LIKE` doesn't.
pub(super) fn glob(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    for part in parts(pattern) {
        match part {
            Part::AnyText => text.push('*'),
            Part::AnyCharacter => text.push('?'),
            Part::Literal(character @ ('*' | '?' | '[')) => text.extend(['[', character, ']']),
            Part::Literal(character) => text.push(character),
        }
    }
    text
}
