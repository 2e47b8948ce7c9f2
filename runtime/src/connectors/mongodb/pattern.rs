//! Patterns of `like` as regular expressions.

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

#[cfg(test)]
mod tests {
    use super::expression;

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
}
