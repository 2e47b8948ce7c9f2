//! Patterns of keys (contract *connectors.md* §5).

use regex::{Regex, RegexBuilder};

use crate::{Error, Result};

/// More than this nobody means, and it bounds the time that a hostile pattern takes.
const LONGEST: usize = 1024;

/// A pattern of keys: `*` is any text, `?` any character, `[a-z]` one of these, `[^a-z]` none of these, and `\` takes
/// the next character literally.
///
/// ```
/// use loopwright::connectors::key_value::Glob;
///
/// let glob = Glob::new("session:[0-9]*")?;
/// assert!(glob.matches("session:7f"));
/// assert!(!glob.matches("session:"));
/// # Ok::<_, loopwright::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Glob {
    #[cfg(feature = "redis")]
    parts: Vec<Part>,
    regex: Regex,
}

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    AnyText,
    AnyCharacter,
    /// One character out of a class, as a regular expression.
    Class(String),
    Literal(char),
}

impl Glob {
    /// The pattern written as `text`.
    ///
    /// # Errors
    /// 400 when it has more than 1024 characters.
    pub fn new(text: &str) -> Result<Self> {
        let characters: Vec<_> = text.chars().take(LONGEST + 1).collect();
        if characters.len() > LONGEST {
            let message = format!("a pattern of keys has at most {LONGEST} characters");
            return Err(Error::new(400, message).with_code("PATTERN_TOO_LONG"));
        }
        let parts = parts(&characters);
        let pattern: String = parts.iter().map(Part::regex).collect();
        let regex = RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
            .dot_matches_new_line(true)
            .build()
            .map_err(|error| {
                Error::internal("a pattern of keys can't be used").with_source(error)
            })?;
        Ok(Glob {
            #[cfg(feature = "redis")]
            parts,
            regex,
        })
    }

    /// Does the whole of `key` fit the pattern?
    pub fn matches(&self, key: &str) -> bool {
        self.regex.is_match(key)
    }

    /// The parts, for a store that has a language of its own to ask.
    #[cfg(feature = "redis")]
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Part {
    fn regex(&self) -> String {
        match self {
            Part::AnyText => ".*".to_owned(),
            Part::AnyCharacter => ".".to_owned(),
            Part::Class(class) => class.clone(),
            Part::Literal(character) => escaped(*character),
        }
    }
}

fn parts(characters: &[char]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = characters;
    while let [first, after @ ..] = rest {
        rest = after;
        let part = match first {
            '*' => Part::AnyText,
            '?' => Part::AnyCharacter,
            '[' => match class(after) {
                Some((class, after)) => {
                    rest = after;
                    Part::Class(class)
                }
                // Nothing closes it: it stands for itself.
                None => Part::Literal('['),
            },
            '\\' => match after {
                [literal, after @ ..] => {
                    rest = after;
                    Part::Literal(*literal)
                }
                [] => Part::Literal('\\'),
            },
            literal => Part::Literal(*literal),
        };
        // Two in a row mean what one means, and cost much more.
        if part != Part::AnyText || parts.last() != Some(&Part::AnyText) {
            parts.push(part);
        }
    }
    parts
}

/// The class that begins behind a `[`, and what follows its `]`.
fn class(characters: &[char]) -> Option<(String, &[char])> {
    let (negated, mut rest) = match characters {
        ['^' | '!', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut class = String::from(if negated { "[^" } else { "[" });
    let mut empty = true;
    loop {
        let (first, after) = match rest {
            [']', after @ ..] if !empty => {
                class.push(']');
                return Some((class, after));
            }
            ['\\', literal, after @ ..] => (*literal, after),
            [literal, after @ ..] => (*literal, after),
            [] => return None,
        };
        let (last, after) = match after {
            ['-', '\\', last, after @ ..] => (*last, after),
            ['-', last, after @ ..] if *last != ']' => (*last, after),
            after => (first, after),
        };
        class.push_str(&escaped(first.min(last)));
        class.push('-');
        class.push_str(&escaped(first.max(last)));
        empty = false;
        rest = after;
    }
}

fn escaped(character: char) -> String {
    regex::escape(&character.to_string())
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_find_what_they_say() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("", &[""], &["a"]),
            ("*", &["", "a", "a\nb", "☕:*"], &[]),
            ("a**b", &["ab", "a*b", "axyb"], &["a", "abc"]),
            ("k?", &["k1", "k☕", "k?", "k\n"], &["k", "k12"]),
            ("[ab]", &["a", "b"], &["c", "ab", "[ab]"]),
            ("[c-a]", &["a", "b", "c"], &["-", "d"]),
            ("[^a]", &["b", "^"], &["a", ""]),
            ("[!a]", &["b", "!"], &["a"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[]]", &["]"], &["["]),
            (r"[\]-]", &["]", "-"], &[r"\"]),
            ("[&&~~.]", &["&", "~", "."], &["a"]),
            ("[a", &["[a"], &["a"]),
            (r"\*\?\[a]", &["*?[a]"], &["x?[a]", r"\*\?\[a]"]),
            (r"a\", &[r"a\"], &["a"]),
            ("a.c+", &["a.c+"], &["abc", "a.cc"]),
            ("A", &["A"], &["a"]),
        ];
        for (pattern, fit, unfit) in cases {
            let glob = Glob::new(pattern).unwrap();
            for key in *fit {
                assert!(glob.matches(key), "{pattern} {key}");
            }
            for key in *unfit {
                assert!(!glob.matches(key), "{pattern} {key}");
            }
        }
    }

    #[test]
    fn long_patterns_are_refused_and_the_longest_are_quick() {
        assert_eq!(Glob::new(&"*".repeat(1025)).unwrap_err().status(), 400);
        let glob = Glob::new(&"*a[^b]".repeat(170)).unwrap();
        assert!(!glob.matches(&"a".repeat(60_000).replace("aaaa", "aaab")));
    }
}
