//! `#[model(index(...))]` and `#[model(unique(...))]` on a struct.

use syn::{Ident, LitStr};

use super::argument::Argument;
use crate::error::Errors;

/// An index over several properties, as written.
pub(crate) struct IndexAttr {
    pub(crate) unique: bool,
    pub(crate) name: Option<LitStr>,
    pub(crate) keys: Vec<IndexKeyAttr>,
    /// The word `index` or `unique`.
    pub(crate) word: Ident,
}

/// A property within an index.
pub(crate) struct IndexKeyAttr {
    pub(crate) field: Ident,
    pub(crate) descending: bool,
}

/// What the messages show inside the parentheses.
const EXAMPLE: &str = "city, name";

/// `index(city, desc(opened), name = "by_city")`
pub(super) fn index(argument: &Argument, errors: &mut Errors) -> Option<IndexAttr> {
    if argument.is_alone() {
        let word = argument.word();
        errors.push(
            argument.key.span(),
            format!(
                "`{word}` lacks its properties; write `{word}({EXAMPLE})`, or move `#[model({word})]` to a field"
            ),
        );
        return None;
    }
    let list = argument.list(EXAMPLE, errors)?;
    let mut index = IndexAttr {
        unique: argument.word() == "unique",
        name: None,
        keys: Vec::new(),
        word: argument.key.clone(),
    };
    for entry in list.arguments(errors) {
        let mut key = |field, descending| index.keys.push(IndexKeyAttr { field, descending });
        match entry.word().as_str() {
            // Alone, every word is a property.
            _ if entry.is_alone() => key(entry.key, false),
            "name" => entry.fill(&mut index.name, entry.text(errors), errors),
            "desc" => {
                let fields = entry.list("opened", errors);
                for field in fields.map(|list| list.arguments(errors)).unwrap_or_default() {
                    field.flag(errors);
                    key(field.key, true);
                }
            }
            word => errors.push(
                entry.key.span(),
                format!(
                    "`{word}` is no part of an index; write a property such as `city`, `desc(city)` for the greatest \
                     values first, or `name = \"...\"`"
                ),
            ),
        }
    }
    Some(index)
}
