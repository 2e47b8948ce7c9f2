//! One property identifies an instance.

use crate::error::Errors;
use crate::model::{Model, plain};

/// The position of the id. Refused:
///
/// ```text
/// struct Todo { title: String }
/// struct Todo { #[model(id)] id: i64, #[model(id)] code: i64 }
/// struct Todo { #[model(id)] id: i64, #[model(generated)] code: i64 }
/// #[model(force_id)] struct Todo { #[model(id)] id: i64 }
/// ```
pub(super) fn id(model: &mut Model, errors: &mut Errors) -> Option<usize> {
    for property in &mut model.properties {
        if let (Some(span), None) = (property.generated, property.id) {
            errors.push(
                span,
                "only an id is generated; remove `generated`, or fill the value in with `default = ...`",
            );
            property.generated = None;
        }
    }
    let mut first: Option<(usize, String)> = None;
    for (index, property) in model.properties.iter_mut().enumerate() {
        let Some(span) = property.id else { continue };
        match &first {
            None => first = Some((index, plain(&property.ident))),
            Some((_, first)) => {
                errors.push(
                    span,
                    format!("a model has one id, and `{first}` is it already; remove one `id`"),
                );
                property.id = None;
                property.generated = None;
            }
        }
    }
    if let Some((index, _)) = first {
        let generated = model.properties[index].generated;
        if let (Some(span), None) = (model.force_id, generated) {
            errors.push(
                span,
                "only a generated id is kept from callers; remove `force_id`, or add `generated` to the id",
            );
            model.force_id = None;
        }
        return Some(index);
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
    Some(likely)
}
