//! Closed unless opened.

use proc_macro2::Span;

use crate::error::Errors;
use crate::model::Name;

/// Refuses a model that is served and says nothing about access; `span` is that of the struct's name.
pub(super) fn exposure(span: Span, name: &Name, public: bool, guarded: bool, errors: &mut Errors) {
    if public && !guarded {
        errors.push(
            span,
            format!(
                "model `{}` is exposed without an access rule; add `#[acl(open)]` to open it to everyone, \
                 `#[acl(allow(read), to = everyone)]` or the like, or hide it with `#[model(public = false)]`",
                name.text
            ),
        );
    }
}
