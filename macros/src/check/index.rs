//! Indexes over several properties.

use std::collections::HashSet;

use crate::error::{Errors, instead};
use crate::model::{Index, IndexKey, Model, plain};

/// Drops what is refused:
///
/// ```text
/// #[model(index(city, nmae))]
/// #[model(index(city, city))]
/// #[model(index(name = "by_city"))]
/// #[model(index(city, name), index(city, name))]
/// #[model(index(city, name = "one"), index(name, name = "one"))]
/// ```
pub(super) fn indexes(model: &mut Model, errors: &mut Errors) {
    let fields: Vec<_> = model
        .properties
        .iter()
        .map(|property| plain(&property.ident))
        .collect();
    let relations: Vec<_> = model
        .relations
        .iter()
        .map(|relation| (plain(&relation.ident), relation.key.field.clone()))
        .collect();
    let mut names = HashSet::new();
    let mut seen = HashSet::new();
    model.indexes.retain_mut(|index| {
        let before = errors.count();
        keys(index, &fields, &relations, errors);
        if errors.count() > before {
            return !index.keys.is_empty();
        }
        if index.keys.is_empty() {
            errors.push(
                index.span,
                "the index is over no property; name those that it is over, as in `index(city, name)`",
            );
            return false;
        }
        let parts: Vec<_> = index
            .keys
            .iter()
            .map(|key| (key.field.clone(), key.descending))
            .collect();
        if !seen.insert((index.unique, parts)) {
            errors.push(index.span, "this index is there already; remove one of the two");
            return false;
        }
        let Some(name) = &index.name else {
            return true;
        };
        if name.text.is_empty() {
            errors.push(
                name.span,
                "the name is empty; write one, or leave it out for the default",
            );
        } else if !names.insert(name.text.to_lowercase()) {
            errors.push(
                name.span,
                format!(
                    "the name `{}` is taken by another index; choose another one",
                    name.text
                ),
            );
        } else {
            return true;
        }
        false
    });
}

/// Drops the keys that are no properties, or are there twice.
fn keys(index: &mut Index, fields: &[String], relations: &[(String, String)], errors: &mut Errors) {
    let mut seen = HashSet::new();
    index.keys.retain(|IndexKey { field, span, .. }| {
        if !fields.contains(field) {
            let relation = relations.iter().find(|(relation, _)| relation == field);
            let message = match relation {
                Some((_, key)) if fields.contains(key) => {
                    format!("`{field}` is a relation, which has no column; write its key `{key}`")
                }
                _ => {
                    let known: Vec<_> = fields.iter().map(String::as_str).collect();
                    let instead = instead(field, &known);
                    format!("the model has no property `{field}`{instead}")
                }
            };
            errors.push(*span, message);
            return false;
        }
        let first = seen.insert(field.clone());
        if !first {
            errors.push(
                *span,
                format!("`{field}` is in the index already; remove one of the two"),
            );
        }
        first
    });
}
