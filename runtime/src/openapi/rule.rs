//! Validation rules, in JSON Schema or in words.

use utoipa::openapi::schema::{Object, Schema, SchemaFormat};
use utoipa::openapi::{Array, RefOr};

use super::number;
use crate::model::{Format, PropertyDef, PropertyType, Rule};

/// What a validation rule says in JSON Schema. What it can't say stands in the description.
pub(super) fn apply(rule: &Rule, property: &PropertyDef, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => apply_to_scalar(rule, property, object),
        RefOr::T(Schema::Array(array)) => apply_to_list(rule, array),
        _ => {}
    }
}

fn apply_to_scalar(rule: &Rule, property: &PropertyDef, object: &mut Object) {
    let is_text = matches!(property.ty, PropertyType::String);
    if is_text && !matches!(rule, Rule::Absence | Rule::Uniqueness { .. }) {
        // Whatever the rule, a text that it judges must not be blank.
        object.min_length = object.min_length.max(Some(1));
    }
    match rule {
        Rule::Absence if is_text => object.max_length = Some(0),
        Rule::Length { min, max, is } if is_text => {
            object.min_length = object.min_length.max(*min).max(*is);
            object.max_length = [object.max_length, *max, *is].into_iter().flatten().min();
        }
        Rule::Range { min, max } => number::range(property, *min, *max, object),
        Rule::Inclusion(list) => {
            object.enum_values = Some(list.iter().map(|literal| literal.to_json()).collect());
        }
        Rule::Format(Format::Pattern(pattern)) if is_text && is_portable(pattern) => {
            object.pattern = Some((*pattern).to_owned());
        }
        Rule::Format(Format::Email) if is_text => {
            object.format = Some(SchemaFormat::Custom("email".to_owned()));
        }
        Rule::Format(Format::Url) if is_text => {
            object.format = Some(SchemaFormat::Custom("uri".to_owned()));
        }
        _ => {}
    }
}

fn apply_to_list(rule: &Rule, array: &mut Array) {
    match rule {
        Rule::Absence => array.max_items = Some(0),
        Rule::Length { min, max, is } => {
            array.min_items = array.min_items.max(*min).max(*is).max(Some(1));
            array.max_items = [array.max_items, *max, *is].into_iter().flatten().min();
        }
        Rule::Uniqueness { .. } => {}
        _ => array.min_items = array.min_items.max(Some(1)),
    }
}

/// Does the expression mean the same to JavaScript, which is what `pattern` speaks?
fn is_portable(pattern: &str) -> bool {
    let groups = pattern.matches("(?").count();
    let plain = pattern.matches("(?:").count();
    let of_rust = [
        "\\A", "\\z", "\\x{", "\\u{", "\\U", "\\p", "\\P", "[[:", "&&", "--", "~~",
    ];
    groups == plain && !of_rust.iter().any(|part| pattern.contains(part))
}

/// A rule that JSON Schema, or the part of it used here, has no words for.
pub(super) fn in_words(rule: &Rule, property: &PropertyDef) -> Option<String> {
    match rule {
        Rule::Exclusion(list) => {
            let list: Vec<_> = list
                .iter()
                .map(|literal| literal.to_json().to_string())
                .collect();
            Some(format!("Must not be {}.", list.join(" or ")))
        }
        Rule::Format(Format::Pattern(pattern)) if !is_portable(pattern) => {
            Some(format!("Must match `{pattern}`."))
        }
        Rule::Numericality { integer: true } => Some("Must be a whole number.".to_owned()),
        Rule::Uniqueness { .. } => Some("Must be unique.".to_owned()),
        Rule::Range { min, max } if matches!(property.ty, PropertyType::Decimal) => {
            let min = min.map(|min| format!("at least {min}"));
            let max = max.map(|max| format!("at most {max}"));
            let bounds: Vec<_> = min.into_iter().chain(max).collect();
            Some(format!("Must be {}.", bounds.join(" and ")))
        }
        _ => None,
    }
}
