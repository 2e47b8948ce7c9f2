//! The patterns of `like`: `%` is any text, `_` any character, `\` takes the next character literally.

/// One part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    AnyText,
    AnyCharacter,
    Literal(char),
}

/// The parts of a pattern.
pub(crate) fn parts(pattern: &str) -> impl Iterator<Item = Part> {
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

/// Does the whole of `text` fit `pattern`?
pub(super) fn fits(pattern: &str, text: &str, ignore_case: bool) -> bool {
    if ignore_case {
        let lower = |text: &str| {
            text.chars()
                .flat_map(char::to_lowercase)
                .collect::<String>()
        };
        return fits(&lower(pattern), &lower(text), false);
    }
    let pattern: Vec<_> = parts(pattern).collect();
    let text: Vec<_> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // Where to go on when what follows the last `%` does not fit: never further back, so the time stays bounded by the
    // product of the lengths.
    let mut retry = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(Part::AnyText) => {
                at += 1;
                retry = Some((at, from));
                continue;
            }
            Some(Part::AnyCharacter) => {}
            Some(Part::Literal(character)) if *character == text[from] => {}
            _ => {
                let Some((after, start)) = retry else {
                    return false;
                };
                (at, from) = (after, start + 1);
                retry = Some((at, from));
                continue;
            }
        }
        at += 1;
        from += 1;
    }
    pattern[at..].iter().all(|part| *part == Part::AnyText)
}
