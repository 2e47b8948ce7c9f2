use loopwright::connectors::key_value::Glob;
use loopwright::prelude::*;
use loopwright::query::Regexp;

use crate::model::Shop;
use crate::served::shop;

/// A pattern in the first line, and a text: as a pattern of keys and of `like` it finds what the plainest way to find it
/// does, and as a regular expression it is understood or refused.
///
/// # Panics
/// It is not.
pub fn pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (pattern, text) = text.split_once('\n').unwrap_or((&text, ""));
    // The plainest way takes time.
    let text: String = text.chars().take(300).collect();
    let text = text.as_str();
    if pattern.len() > 1500 {
        return;
    }
    match Glob::new(pattern) {
        Ok(glob) => {
            let parts = glob_parts(pattern);
            assert_eq!(
                glob.matches(text),
                fits(&parts, text),
                "{pattern:?} {text:?}"
            );
        }
        Err(error) => assert_eq!(
            error.status(),
            400,
            "{error} {:?}",
            std::error::Error::source(&error)
        ),
    }
    let record = shop(1, text).into_record();
    let found = Shop::NAME.like(pattern).matches(&record);
    assert_eq!(
        found,
        fits(&like_parts(pattern), text),
        "{pattern:?} {text:?}"
    );
    match Regexp::new(pattern) {
        Ok(regexp) => {
            regexp.fits(text);
        }
        Err(error) => assert_eq!(error.status(), 400, "{error}"),
    }
}

/// What one place in a text may be.
#[derive(Clone, Debug)]
enum Part {
    Any,
    One,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Exactly(char),
}

impl Part {
    fn is(&self, character: char) -> bool {
        match self {
            Part::Any | Part::One => true,
            Part::Class { negated, ranges } => {
                let within = |(first, last): &(char, char)| (first..=last).contains(&&character);
                ranges.iter().any(within) != *negated
            }
            Part::Exactly(wanted) => *wanted == character,
        }
    }
}

/// Every place in the pattern that the text so far may lead to, character by character.
fn fits(parts: &[Part], text: &str) -> bool {
    let skip = |places: &mut Vec<bool>| {
        for place in 0..parts.len() {
            if places[place] && matches!(parts[place], Part::Any) {
                places[place + 1] = true;
            }
        }
    };
    let mut places = vec![false; parts.len() + 1];
    places[0] = true;
    skip(&mut places);
    for character in text.chars() {
        let mut next = vec![false; parts.len() + 1];
        for (place, part) in parts.iter().enumerate() {
            if places[place] && part.is(character) {
                next[if matches!(part, Part::Any) {
                    place
                } else {
                    place + 1
                }] = true;
            }
        }
        skip(&mut next);
        places = next;
    }
    places[parts.len()]
}

fn like_parts(pattern: &str) -> Vec<Part> {
    let mut characters = pattern.chars();
    let mut parts = Vec::new();
    while let Some(character) = characters.next() {
        parts.push(match character {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Exactly(characters.next().unwrap_or('\\')),
            other => Part::Exactly(other),
        });
    }
    parts
}

/// As Redis has them.
fn glob_parts(pattern: &str) -> Vec<Part> {
    let characters: Vec<_> = pattern.chars().collect();
    let mut parts = Vec::new();
    let mut place = 0;
    while let Some(character) = characters.get(place) {
        place += 1;
        parts.push(match character {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' if place < characters.len() => {
                place += 1;
                Part::Exactly(characters[place - 1])
            }
            '[' => match class(&characters[place..]) {
                Some((class, len)) => {
                    place += len;
                    class
                }
                None => Part::Exactly('['),
            },
            other => Part::Exactly(*other),
        });
    }
    parts
}

fn class(characters: &[char]) -> Option<(Part, usize)> {
    let mut place = 0;
    let negated = matches!(characters.first(), Some('^' | '!'));
    place += usize::from(negated);
    let mut ranges = Vec::new();
    let one = |place: &mut usize| {
        *place +=
            usize::from(characters.get(*place) == Some(&'\\') && *place + 1 < characters.len());
        let character = characters.get(*place).copied();
        *place += 1;
        character
    };
    while characters.get(place) != Some(&']') || ranges.is_empty() {
        let first = one(&mut place)?;
        let is_range = characters.get(place) == Some(&'-')
            && characters.get(place + 1).is_some_and(|last| *last != ']');
        let last = if is_range {
            place += 1;
            one(&mut place)?
        } else {
            first
        };
        ranges.push((first.min(last), first.max(last)));
    }
    Some((Part::Class { negated, ranges }, place + 1))
}
