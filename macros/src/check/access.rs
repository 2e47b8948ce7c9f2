//! Closed unless opened.

use crate::error::Errors;
use crate::model::Model;

/// Refuses a model that is served and says nothing about access.
pub(super) fn exposure(model: &Model, errors: &mut Errors) {
    if model.public && !model.guarded {
        errors.push(
            model.span(),
            format!(
                "model `{}` is exposed without an access rule; add `#[acl(open)]` to open it to everyone, \
                 `#[acl(allow(read), to = everyone)]` or the like, or hide it with `#[model(public = false)]`",
                model.name.text
            ),
        );
    }
}
