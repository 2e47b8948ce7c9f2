//! What a model takes in, and what is taken in.

use crate::error::Errors;
use crate::model::Model;

/// False when nothing can be made of the model. Refused:
///
/// ```text
/// struct Reader { #[model(base)] person: Person, #[model(base)] member: Member }
/// ```
pub(super) fn mixed(model: &Model, errors: &mut Errors) -> bool {
    let bases = model.mixed.iter().filter(|part| part.base);
    let before = errors.count();
    for part in bases.skip(1) {
        errors.push(
            part.span,
            "a model extends one other; take in the rest as mixins, with `#[model(mixin)]`",
        );
    }
    errors.count() == before
}

/// False when nothing can be made of the mixin. Refused:
///
/// ```text
/// #[model(id)] id: i64
/// #[relation(belongs_to)] author: BelongsTo<Author>
/// #[model(mixin)] times: Timestamps
/// ```
pub(super) fn mixin(mixin: &mut Model, errors: &mut Errors) -> bool {
    for property in &mut mixin.properties {
        if let Some(span) = property.id.or(property.generated) {
            errors.push(
                span,
                "a mixin identifies nothing; remove this, and mark a field of the model",
            );
        }
        property.id = None;
        property.id_part = false;
        property.generated = None;
    }
    for relation in &mixin.relations {
        errors.push(
            relation.ident.span(),
            "a mixin has no relations; declare it in the models that take in the mixin, or in one that they extend with `#[model(base)]`",
        );
    }
    for part in &mixin.mixed {
        errors.push(
            part.span,
            "a mixin takes in no other; let the models take in both",
        );
    }
    mixin.relations.is_empty() && mixin.mixed.is_empty()
}
