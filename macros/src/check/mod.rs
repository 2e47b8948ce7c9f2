//! The third pass: what can be judged from one item.
//!
//! **Architecture Invariant:** only what has passed here is expanded, which is why the expansion can't fail. After a
//! mistake the check leaves the best repair, so that one mistake is one message and the editor knows the rest.
//!
//! What takes a second model, or a type, is left to the compiler: the expansion asserts it on the user's own tokens.

mod access;
mod id;
mod index;
mod key;
mod mixed;
mod name;
mod rule;
mod version;
mod visibility;

use crate::error::Errors;
use crate::model::{KeyValue, Model, PropertyType, Shape};

/// A model without mistakes, or with repaired ones.
pub(crate) struct CheckedModel {
    pub(crate) model: Model,
    /// The positions of the properties that are the id: at least one, or those of what the model extends are.
    pub(crate) ids: Vec<usize>,
}

/// A mixin without mistakes, or with repaired ones.
pub(crate) struct CheckedMixin(pub(crate) Model);

/// A key-value model without mistakes, or with repaired ones.
pub(crate) struct CheckedKeyValue(pub(crate) KeyValue);

/// A property type without mistakes, or with repaired ones.
pub(crate) struct CheckedPropertyType(pub(crate) PropertyType);

/// Judges a model. Nothing is left of one without any property, or with two that it extends.
pub(crate) fn model(mut model: Model, errors: &mut Errors) -> Option<CheckedModel> {
    name::model(&model, errors);
    access::exposure(
        model.span(),
        &model.name,
        model.public,
        model.guarded || model.base().is_some(),
        errors,
    );
    let whole = mixed::mixed(&model, errors);
    key::keys(&mut model, errors);
    index::indexes(&mut model, errors);
    rule::rules(&mut model, errors);
    for property in &mut model.properties {
        visibility::visibility(property, errors);
    }
    version::version(&mut model, errors);
    let ids = id::ids(&mut model, errors)?;
    whole.then_some(CheckedModel { model, ids })
}

/// Judges a mixin.
pub(crate) fn mixin(mut mixin: Model, errors: &mut Errors) -> Option<CheckedMixin> {
    let whole = mixed::mixin(&mut mixin, errors);
    name::mixin(&mixin, errors);
    index::indexes(&mut mixin, errors);
    version::version(&mut mixin, errors);
    rule::rules(&mut mixin, errors);
    for property in &mut mixin.properties {
        visibility::visibility(property, errors);
    }
    whole.then_some(CheckedMixin(mixin))
}

/// Judges a key-value model.
pub(crate) fn key_value(model: KeyValue, errors: &mut Errors) -> CheckedKeyValue {
    name::key_value(&model, errors);
    access::exposure(
        model.ident.span(),
        &model.name,
        model.public,
        model.guarded,
        errors,
    );
    CheckedKeyValue(model)
}

/// Judges a property type.
pub(crate) fn property_type(
    property_type: PropertyType,
    errors: &mut Errors,
) -> CheckedPropertyType {
    match &property_type.shape {
        Shape::Enum(variants) => name::unique(
            variants.iter().map(|variant| &variant.name),
            "rename",
            errors,
        ),
        Shape::Object(properties) => name::unique(
            properties.iter().map(|property| &property.name),
            "name",
            errors,
        ),
        Shape::Newtype(_) => {}
    }
    CheckedPropertyType(property_type)
}
