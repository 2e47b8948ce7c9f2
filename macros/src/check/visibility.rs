//! Who sees a property, and who writes it.

use crate::error::Errors;
use crate::model::Property;

/// Refused:
///
/// ```text
/// #[model(hidden, protected)] password: String
/// #[model(id, read_only)] id: i64
/// ```
pub(super) fn visibility(property: &mut Property, errors: &mut Errors) {
    if let (true, Some(span)) = (property.hidden, property.protected) {
        errors.push(
            span,
            "a hidden property is nowhere to be seen; remove `protected`, or `hidden`",
        );
        property.protected = None;
    }
    let Some(span) = property.read_only else {
        return;
    };
    if property.id.is_some() {
        errors.push(
            span,
            "callers can't choose a generated id of a model with `#[model(force_id)]`; write that above the struct instead of `read_only`",
        );
        property.read_only = None;
    }
}
