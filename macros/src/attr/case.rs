//! serde's rename rules.

use syn::LitStr;

use crate::error::{Errors, instead};

/// How a list of names is spelt, by serde's names for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RenameRule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const RULES: [(&str, RenameRule); 8] = [
    ("lowercase", RenameRule::Lower),
    ("UPPERCASE", RenameRule::Upper),
    ("PascalCase", RenameRule::Pascal),
    ("camelCase", RenameRule::Camel),
    ("snake_case", RenameRule::Snake),
    ("SCREAMING_SNAKE_CASE", RenameRule::ScreamingSnake),
    ("kebab-case", RenameRule::Kebab),
    ("SCREAMING-KEBAB-CASE", RenameRule::ScreamingKebab),
];

/// The rule that `text` names.
pub(crate) fn rename_rule(text: &LitStr, errors: &mut Errors) -> Option<RenameRule> {
    let value = text.value();
    let rule = RULES
        .iter()
        .find(|(name, _)| *name == value)
        .map(|(_, rule)| *rule);
    if rule.is_none() {
        let names = RULES.map(|(name, _)| name);
        errors.push(
            text.span(),
            format!("unknown rename rule `{value}`{}", instead(&value, &names)),
        );
    }
    rule
}

impl RenameRule {
    /// The name of a field, which Rust writes in `snake_case`.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            RenameRule::Lower | RenameRule::Snake => name.to_owned(),
            RenameRule::Upper | RenameRule::ScreamingSnake => name.to_uppercase(),
            RenameRule::Pascal => name.split('_').map(capitalised).collect(),
            RenameRule::Camel => uncapitalised(&RenameRule::Pascal.field(name)),
            RenameRule::Kebab => name.replace('_', "-"),
            RenameRule::ScreamingKebab => name.to_uppercase().replace('_', "-"),
        }
    }

    /// The name of an enum's variant, which Rust writes in `PascalCase`.
    pub(crate) fn variant(self, name: &str) -> String {
        match self {
            RenameRule::Pascal => name.to_owned(),
            RenameRule::Lower => name.to_lowercase(),
            RenameRule::Upper => name.to_uppercase(),
            RenameRule::Camel => uncapitalised(name),
            RenameRule::Snake => snake(name),
            RenameRule::ScreamingSnake => snake(name).to_uppercase(),
            RenameRule::Kebab => snake(name).replace('_', "-"),
            RenameRule::ScreamingKebab => snake(name).to_uppercase().replace('_', "-"),
        }
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (position, letter) in name.char_indices() {
        if position > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

fn uncapitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RenameRule::*;

    #[test]
    fn fields() {
        for (rule, expected) in [
            (Lower, "owner_id"),
            (Upper, "OWNER_ID"),
            (Pascal, "OwnerId"),
            (Camel, "ownerId"),
            (Snake, "owner_id"),
            (ScreamingSnake, "OWNER_ID"),
            (Kebab, "owner-id"),
            (ScreamingKebab, "OWNER-ID"),
        ] {
            assert_eq!(rule.field("owner_id"), expected, "{rule:?}");
        }
    }

    #[test]
    fn variants() {
        for (rule, expected) in [
            (Lower, "darkred"),
            (Upper, "DARKRED"),
            (Pascal, "DarkRed"),
            (Camel, "darkRed"),
            (Snake, "dark_red"),
            (ScreamingSnake, "DARK_RED"),
            (Kebab, "dark-red"),
            (ScreamingKebab, "DARK-RED"),
        ] {
            assert_eq!(rule.variant("DarkRed"), expected, "{rule:?}");
        }
    }
}
