//! Regular expressions.

use std::fmt;

use regex::{Regex, RegexBuilder};

use crate::{Error, Result};

/// A regular expression, as `regexp` compares text with it (contract *querying.md* §2.1).
///
/// It fits when it is found anywhere in the text. The syntax is that of the crate [`regex`], whose time grows with the
/// length of the text alone, whatever the expression: JavaScript's, without look-around and back-references.
///
/// ```
/// use loopwright::query::Regexp;
///
/// assert!(Regexp::new("^bel").unwrap().fits("belgium"));
/// assert!(Regexp::new("/^bel/i").unwrap().fits("Belgium"));
/// assert!(Regexp::new("(?=look)around").is_err());
/// ```
#[derive(Clone)]
pub struct Regexp {
    regex: Regex,
    ignore_case: bool,
    multi_line: bool,
}

/// In bytes. Classes of Unicode make even short expressions large: those are refused by their compiled size.
const LONGEST: usize = 1_000;
const LARGEST: usize = 1 << 20;

impl Regexp {
    /// The expression that LoopBack's notation stands for: `^a`, or `/^a/i` with flags: `i` minds no case, `m` lets `^`
    /// and `$` fit at every line, `g` changes nothing.
    ///
    /// # Errors
    /// 400, with what is wrong with the expression or its flags.
    pub fn new(text: &str) -> Result<Self> {
        let (pattern, flags) = match text
            .strip_prefix('/')
            .and_then(|rest| rest.rsplit_once('/'))
        {
            Some(parts) => parts,
            None => (text, ""),
        };
        let unknown: Vec<_> = flags
            .chars()
            .filter(|flag| !matches!(flag, 'g' | 'i' | 'm'))
            .map(String::from)
            .collect();
        if !unknown.is_empty() {
            return Err(invalid(format!(
                "Invalid regex flags: {}",
                unknown.join(",")
            )));
        }
        if pattern.len() > LONGEST {
            let message = format!(
                "Invalid regular expression: it is longer than {LONGEST} bytes; shorten it"
            );
            return Err(invalid(message));
        }
        let (ignore_case, multi_line) = (flags.contains('i'), flags.contains('m'));
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(ignore_case)
            .multi_line(multi_line)
            .size_limit(LARGEST)
            .build();
        match regex {
            Ok(regex) => Ok(Regexp {
                regex,
                ignore_case,
                multi_line,
            }),
            Err(regex::Error::CompiledTooBig(_)) => Err(invalid(format!(
                "Invalid regular expression: /{pattern}/: it repeats too much; shorten it"
            ))),
            Err(error) => {
                // The last line says what is wrong, those before it where.
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default();
                let reason = reason.strip_prefix("error: ").unwrap_or(reason);
                Err(invalid(format!(
                    "Invalid regular expression: /{pattern}/: {reason}"
                )))
            }
        }
    }

    /// The expression without its flags.
    pub fn pattern(&self) -> &str {
        self.regex.as_str()
    }

    /// Are `a` and `A` the same?
    pub const fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// Do `^` and `$` fit at every line?
    pub const fn is_multi_line(&self) -> bool {
        self.multi_line
    }

    /// Is the expression found in `text`?
    pub fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

fn invalid(message: String) -> Error {
    Error::new(400, message).with_code("INVALID_REGEXP")
}

/// LoopBack's notation.
impl fmt::Display for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = |set: bool, flag: &'static str| if set { flag } else { "" };
        let (i, m) = (flag(self.ignore_case, "i"), flag(self.multi_line, "m"));
        write!(f, "/{}/{i}{m}", self.pattern())
    }
}

impl fmt::Debug for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regexp({self})")
    }
}

impl PartialEq for Regexp {
    fn eq(&self, other: &Self) -> bool {
        self.pattern() == other.pattern()
            && self.ignore_case == other.ignore_case
            && self.multi_line == other.multi_line
    }
}

#[cfg(test)]
mod tests {
    use super::Regexp;

    #[test]
    fn notations() {
        for (notation, text) in [
            ("", ""),
            ("lph", "Alpha"),
            ("^A", "Alpha"),
            ("/^a/i", "Alpha"),
            ("/^b$/m", "a\nb"),
            ("/lp/g", "Alpha"),
            ("/a\\/b/", "a/b"),
            ("/", "a/b"),
        ] {
            assert!(Regexp::new(notation).unwrap().fits(text), "{notation}");
        }
        for (notation, text) in [("^a", "Alpha"), ("^b$", "a\nb"), ("^a/i", "Alpha")] {
            assert!(!Regexp::new(notation).unwrap().fits(text), "{notation}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (notation, message) in [
            ("/^a/x", "Invalid regex flags: x"),
            ("/^a/xiy", "Invalid regex flags: x,y"),
            (
                "[",
                "Invalid regular expression: /[/: unclosed character class",
            ),
            (
                "(?=a)",
                "Invalid regular expression: /(?=a)/: look-around, including look-ahead and look-behind, is not supported",
            ),
            (
                "(a)\\1",
                "Invalid regular expression: /(a)\\1/: backreferences are not supported",
            ),
            (
                "(\\w{200}){200}",
                "Invalid regular expression: /(\\w{200}){200}/: it repeats too much; shorten it",
            ),
        ] {
            let error = Regexp::new(notation).unwrap_err();
            assert_eq!((error.status(), error.message()), (400, message));
        }
        assert!(Regexp::new(&"a".repeat(1_001)).is_err());
    }

    #[test]
    fn a_hostile_expression_takes_no_time() {
        let regexp = Regexp::new("^(a+)+(a|a)*(a*)*$").unwrap();
        assert!(!regexp.fits(&format!("{}b", "a".repeat(100_000))));
    }
}
