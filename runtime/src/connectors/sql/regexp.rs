//! Regular expressions in PostgreSQL's words.
//!
//! The expression is taken apart by the parser of the crate `regex`, which leaves characters, classes, alternatives,
//! repetitions and the ends of text, whatever was written. Of those, PostgreSQL has the same notion, and its time does not
//! explode. Whatever is beyond them is looked at row by row, as everything is with the other databases: SQLite has no
//! regular expressions, and those of MySQL and MariaDB may take forever.

use std::fmt::Write;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::query::Regexp;

/// PostgreSQL counts no further.
const MOST_TIMES: u32 = 255;

/// What repetitions may come to: PostgreSQL writes them out.
const LARGEST: u64 = 2_000;

/// The expression for `~`; nothing when PostgreSQL has no words for it.
pub(super) fn postgres(regexp: &Regexp) -> Option<String> {
    let mut parser = ParserBuilder::new()
        .case_insensitive(regexp.ignores_case())
        .multi_line(regexp.is_multi_line())
        .build();
    let hir = parser.parse(regexp.pattern()).ok()?;
    if size(&hir) > LARGEST {
        return None;
    }
    // What follows is an advanced expression, whatever it begins with.
    let mut words = String::from("***:");
    write(&hir, &mut words)?;
    Some(words)
}

fn write(hir: &Hir, words: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => words.push_str("(?:)"),
        HirKind::Literal(literal) => {
            for character in std::str::from_utf8(&literal.0).ok()?.chars() {
                write_character(character, words)?;
            }
        }
        HirKind::Class(Class::Unicode(class)) => {
            if class.ranges().is_empty() {
                return None;
            }
            words.push('[');
            for range in class.ranges() {
                // There is no text with U+0000.
                write_character(range.start().max('\u{1}'), words)?;
                words.push('-');
                write_character(range.end().max('\u{1}'), words)?;
            }
            words.push(']');
        }
        HirKind::Look(Look::Start) => words.push_str("\\A"),
        HirKind::Look(Look::End) => words.push_str("\\Z"),
        HirKind::Look(Look::StartLF) => words.push_str("(?:\\A|(?<=\\n))"),
        HirKind::Look(Look::EndLF) => words.push_str("(?:\\Z|(?=\\n))"),
        HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => return None,
        HirKind::Capture(capture) => group(|words| write(&capture.sub, words), words)?,
        HirKind::Repetition(repetition) => {
            group(|words| write(&repetition.sub, words), words)?;
            let (min, max) = (repetition.min, repetition.max);
            if min.max(max.unwrap_or_default()) > MOST_TIMES {
                return None;
            }
            // Which of several places is found does not matter, so all are greedy.
            match max {
                Some(max) => write!(words, "{{{min},{max}}}").ok()?,
                None => write!(words, "{{{min},}}").ok()?,
            }
        }
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, words)?;
            }
        }
        HirKind::Alternation(parts) => {
            let alternatives = |words: &mut String| {
                for (position, part) in parts.iter().enumerate() {
                    if position > 0 {
                        words.push('|');
                    }
                    write(part, words)?;
                }
                Some(())
            };
            group(alternatives, words)?;
        }
    }
    Some(())
}

fn group(inner: impl FnOnce(&mut String) -> Option<()>, words: &mut String) -> Option<()> {
    words.push_str("(?:");
    inner(words)?;
    words.push(')');
    Some(())
}

/// By its number, so that none means anything else.
fn write_character(character: char, words: &mut String) -> Option<()> {
    if character.is_ascii_alphanumeric() {
        words.push(character);
        return Some(());
    }
    match character {
        '\0' => None,
        other => write!(words, "\\U{:08X}", u32::from(other)).ok(),
    }
}

/// How long the expression is when its repetitions are written out.
fn size(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            size(&repetition.sub).saturating_mul(times.into())
        }
        HirKind::Capture(capture) => size(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts
            .iter()
            .fold(0, |sum, part| sum.saturating_add(size(part))),
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::postgres;
    use crate::query::Regexp;

    fn words(notation: &str) -> Option<String> {
        postgres(&Regexp::new(notation).unwrap())
    }

    #[test]
    fn expressions_are_rewritten() {
        for (notation, expected) in [
            ("^bel", "\\Abel"),
            ("/^b$/m", "(?:\\A|(?<=\\n))b(?:\\Z|(?=\\n))"),
            ("/b/i", "[B-Bb-b]"),
            ("(a|bc)+?\\.", "(?:(?:(?:a|bc))){1,}\\U0000002E"),
            ("[^a]{2}", "(?:[\\U00000001-\\U00000060b-\\U0010FFFF]){2,2}"),
        ] {
            assert_eq!(
                words(notation),
                Some(format!("***:{expected}")),
                "{notation}"
            );
        }
    }

    #[test]
    fn what_postgresql_lacks_is_left() {
        for notation in ["\\bword\\b", "a{256}", "(ab{50}){50}", "\\x00"] {
            assert_eq!(words(notation), None, "{notation}");
        }
    }
}
