//! What identifies an instance: one property, or several together.

use crate::error::Errors;
use crate::model::Model;

/// As many as the runtime has tuples for.
const MOST: usize = 4;

/// The positions of the id, or of its keys. Refused:
///
/// ```text
/// struct Todo { title: String }
/// struct Todo { #[model(id)] id: i64, #[model(generated)] code: i64 }
/// struct Tagging { #[model(id, generated)] post_id: i64, #[model(id)] tag: String }
/// struct Grid { #[model(id)] a: i64, #[model(id)] b: i64, #[model(id)] c: i64, #[model(id)] d: i64, #[model(id)] e: i64 }
/// #[model(force_id)] struct Todo { #[model(id)] id: i64 }
/// ```
pub(super) fn ids(model: &mut Model, errors: &mut Errors) -> Option<Vec<usize>> {
    let marked = model
        .properties
        .iter()
        .filter(|property| property.id.is_some());
    let composite = marked.count() > 1;
    let mut ids = Vec::new();
    for (index, property) in model.properties.iter_mut().enumerate() {
        property.id_part = composite && property.id.is_some();
        match (property.id, property.generated) {
            (None, Some(generated)) => errors.push(
                generated,
                "only an id is generated; remove `generated`, or fill the value in with `default = ...`",
            ),
            (Some(_), Some(generated)) if composite => errors.push(
                generated,
                "only an id of one field is generated, and this is one of several; remove `generated`, or fill the value in with \
                 `default = ...`",
            ),
            (Some(id), _) if ids.len() == MOST => {
                errors.push(
                    id,
                    format!("an id has at most {MOST} fields; remove one `id`, or give the model an id of its own"),
                );
                property.id = None;
                property.id_part = false;
            }
            _ => {}
        }
        if property.id.is_none() || property.id_part {
            property.generated = None;
        }
        if property.id.is_some() {
            ids.push(index);
        }
    }
    if model.mixed.iter().any(|part| part.base) {
        for property in &mut model.properties {
            if let Some(id) = property.id.take() {
                errors.push(
                    id,
                    "the id is that of the model that is extended; remove `id` here, or extend no model",
                );
            }
        }
        return Some(Vec::new());
    }
    if let Some(first) = ids.first() {
        let generated = model.properties[*first].generated;
        if let (Some(span), None) = (model.force_id, generated) {
            errors.push(
                span,
                "only a generated id is kept from callers; remove `force_id`, or add `generated` to the id",
            );
            model.force_id = None;
        }
        return Some(ids);
    }
    errors.push(
        model.span(),
        format!(
            "model `{}` has no id; add `#[model(id)]` to the field that identifies an instance",
            model.name.text
        ),
    );
    let likely = model
        .properties
        .iter()
        .position(|property| property.ident == "id")
        .unwrap_or(0);
    let property = model.properties.get_mut(likely)?;
    property.id = Some(property.ident.span());
    Some(vec![likely])
}
