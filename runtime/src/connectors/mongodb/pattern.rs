//! Patterns of `like`, and the beginnings of regular expressions, as expressions of the server.

use crate::query::Regexp;
use crate::query::pattern::{Part, parts};

/// The pattern as an expression for the whole text; with the option `s`, `.` is any character.
///
/// A text between two `%` is looked for once, from the left, and never again: with `.*` alone, the server would try all
/// ways in which a hostile pattern might fit. A pattern that ends with `%` is one for the beginning, which an index
/// serves.
pub(super) fn expression(pattern: &str) -> String {
    let parts: Vec<_> = parts(pattern).collect();
    let mut segments: Vec<_> = parts.split(|part| *part == Part::AnyText).collect();
    let last = segments.pop().unwrap_or_default();
    let mut expression = "^".to_owned();
    if !segments.is_empty() {
        push(&mut expression, segments.remove(0));
        for segment in segments.into_iter().filter(|segment| !segment.is_empty()) {
            expression.push_str("(?>.*?");
            push(&mut expression, segment);
            expression.push(')');
        }
        if last.is_empty() {
            return expression;
        }
        expression.push_str(".*");
    }
    push(&mut expression, last);
    // `$` would also hold before a line break at the end.
    expression.push_str("\\z");
    expression
}

fn push(expression: &mut String, segment: &[Part]) {
    for part in segment {
        match part {
            Part::AnyText => {}
            Part::AnyCharacter => expression.push('.'),
            // Texts that the server reads end with it.
            Part::Literal('\0') => expression.push_str("\\x00"),
            Part::Literal(character) => {
                if character.is_ascii_punctuation() {
                    expression.push('\\');
                }
                expression.push(*character);
            }
        }
    }
}

/// The text that is in whatever `regexp` fits, as an expression with its options; nothing when there is none, or none
/// that is easily seen. An index serves one that begins with `^`.
pub(super) fn least(regexp: &Regexp) -> Option<(String, &'static str)> {
    let pattern = regexp.pattern();
    if pattern.contains('|') {
        return None;
    }
    let (begin, rest) = match pattern.strip_prefix('^') {
        Some(rest) => ("^", rest),
        None => ("", pattern),
    };
    let plain = |character: &char| character.is_ascii_alphanumeric() || " -_@".contains(*character);
    let mut text: String = rest.chars().take_while(plain).collect();
    if rest[text.len()..].starts_with(['*', '?', '{']) {
        // The last character need not be there.
        text.pop();
    }
    let options = match (regexp.ignores_case(), regexp.is_multi_line()) {
        (false, false) => "",
        (true, false) => "i",
        (false, true) => "m",
        (true, true) => "im",
    };
    (!text.is_empty()).then(|| (format!("{begin}{text}"), options))
}

#[cfg(test)]
mod tests {
    use super::{expression, least};
    use crate::query::Regexp;

    #[test]
    fn patterns_are_for_the_whole_text() {
        for (pattern, expected) in [
            ("Bel%", "^Bel"),
            ("%gium", r"^.*gium\z"),
            ("a%b%%c", r"^a(?>.*?b).*c\z"),
            ("%", "^"),
            ("", r"^\z"),
            ("_.\\%", r"^.\.\%\z"),
            ("\0", r"^\x00\z"),
        ] {
            assert_eq!(expression(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn an_expression_is_narrowed_by_what_it_surely_holds() {
        for (regexp, expected) in [
            ("^Bel", Some(("^Bel", ""))),
            ("/Bel.*m$/i", Some(("Bel", "i"))),
            ("/^ab+c/m", Some(("^ab", "m"))),
            ("^abc*", Some(("^ab", ""))),
            ("^a?b", None),
            ("^a{2}", None),
            ("a|b", None),
            ("(a+)+", None),
            ("", None),
        ] {
            let least = least(&Regexp::new(regexp).unwrap());
            let least = least
                .as_ref()
                .map(|(text, options)| (text.as_str(), *options));
            assert_eq!(least, expected, "{regexp}");
        }
    }
}
