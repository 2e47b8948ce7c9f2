//! Names that must differ, and names that are taken.

use std::collections::HashSet;

use crate::error::Errors;
use crate::model::{KeyValue, Model, Name, Property, Relation, plain};

/// Refused:
///
/// ```text
/// struct Todo { #[model(id)] id: i64, #[model(name = "id")] code: i64 }
/// struct Todo { #[model(id)] id: i64, #[model(column = "id")] code: i64 }
/// struct Todo { #[relation(has_many)] exists: HasMany<Note> }
/// #[model(path = "my/todos")] struct Todo { ... }
/// ```
pub(super) fn model(model: &Model, errors: &mut Errors) {
    path("a model", &model.path, errors);
    let columns = model
        .properties
        .iter()
        .filter_map(|property| property.column.as_ref());
    let names = [&model.name, &model.path, &model.table];
    not_empty(names.into_iter().chain(columns), errors);
    unique_columns(&model.properties, errors);
    segments(&model.relations, errors);
    let properties = model.properties.iter().map(|property| &property.name);
    let relations = model.relations.iter().map(|relation| &relation.name);
    unique(properties.chain(relations), "name", errors);
}

/// Refuses relations below a path that is taken.
fn segments(relations: &[Relation], errors: &mut Errors) {
    let mut seen = HashSet::new();
    for relation in relations {
        let segment = relation.path.as_ref().unwrap_or(&relation.name);
        if let Some(given) = &relation.path {
            path("a relation", given, errors);
        }
        let name = segment.text.as_str();
        if matches!(name, "exists" | "replace") {
            let (what, word) = match relation.path {
                Some(_) => ("be served at", "path"),
                None => ("be called", "name"),
            };
            errors.push(
                segment.span,
                format!("a relation can't {what} `{name}`, since the path `/{{id}}/{name}` is taken; rename it with `#[relation({word} = \"...\")]`"),
            );
        } else if !seen.insert(name.to_lowercase()) && relation.path.is_some() {
            errors.push(
                segment.span,
                format!("another relation is served at `/{{id}}/{name}` already; choose another `path = \"...\"`"),
            );
        }
    }
    let paths = relations
        .iter()
        .filter_map(|relation| relation.path.as_ref());
    not_empty(paths, errors);
}

/// As [`model`], for a mixin.
pub(super) fn mixin(mixin: &Model, errors: &mut Errors) {
    unique_columns(&mixin.properties, errors);
    unique(
        mixin.properties.iter().map(|property| &property.name),
        "name",
        errors,
    );
}

/// As [`model`], for a key-value model.
pub(super) fn key_value(model: &KeyValue, errors: &mut Errors) {
    path("a model", &model.path, errors);
    not_empty([&model.name, &model.path].into_iter(), errors);
}

fn path(whose: &str, path: &Name, errors: &mut Errors) {
    if path.text.contains('/') {
        let plain = path.text.replace('/', "-");
        errors.push(
            path.span,
            format!(
                "{whose}'s path is one segment; write it without slashes, such as `{}`",
                plain.trim_matches('-')
            ),
        );
    }
}

fn not_empty<'a>(names: impl Iterator<Item = &'a Name>, errors: &mut Errors) {
    for name in names.filter(|name| name.text.is_empty()) {
        errors.push(
            name.span,
            "the name is empty; write one, or leave it out for the default",
        );
    }
}

/// Refuses a column that an earlier property has.
fn unique_columns(properties: &[Property], errors: &mut Errors) {
    let mut seen = HashSet::new();
    for property in properties {
        let (column, span) = match &property.column {
            Some(column) => (column.text.clone(), column.span),
            None => (plain(&property.ident), property.ident.span()),
        };
        // Databases differ in whether they mind case.
        if !seen.insert(column.to_lowercase()) {
            errors.push(
                span,
                format!(
                    "the column `{column}` is taken; choose another one with `column = \"...\"`"
                ),
            );
        }
    }
}

/// Refuses a name that an earlier one has, and an empty one; `key` is the attribute's word that changes a name.
pub(super) fn unique<'a>(names: impl Iterator<Item = &'a Name>, key: &str, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for name in names {
        if name.text.is_empty() {
            errors.push(
                name.span,
                "the name is empty; write one, or leave it out for the default",
            );
        } else if !seen.insert(&name.text) {
            errors.push(
                name.span,
                format!(
                    "the name `{}` is taken in JSON; choose another one with `{key} = \"...\"`",
                    name.text
                ),
            );
        }
    }
}
