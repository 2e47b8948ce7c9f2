//! Patterns of `like`: `%`, `_` and `\` in each database's own words.

/// SQLite refuses long patterns; so do we, with words, on every database. In bytes.
pub(super) const LONGEST: usize = 10_000;

/// One part of a pattern.
#[derive(Clone, Copy)]
enum Part {
    AnyText,
    AnyCharacter,
    Literal(char),
}

fn parts(pattern: &str) -> impl Iterator<Item = Part> {
    let mut characters = pattern.chars();
    std::iter::from_fn(move || {
        Some(match characters.next()? {
            '%' => Part::AnyText,
            '_' => Part::AnyCharacter,
            // A `\` at the very end has nothing to escape and stands for itself.
            '\\' => Part::Literal(characters.next().unwrap_or('\\')),
            other => Part::Literal(other),
        })
    })
}

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
