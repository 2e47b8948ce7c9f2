//! What a model takes in.

use proc_macro2::Span;
use syn::{Field, Ident, Type, Visibility};

use super::name::without_self;
use crate::attr::FieldAttr;
use crate::error::Errors;

/// A field that holds a mixin, or the model that is extended.
pub(crate) struct Mixed {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) docs: String,
    /// Is it the model that is extended?
    pub(crate) base: bool,
    /// The word that says so.
    pub(crate) span: Span,
}

impl Mixed {
    /// What `field` takes in, if it takes anything in. Refused:
    ///
    /// ```text
    /// #[model(mixin, base)] times: Timestamps
    /// #[model(mixin, hidden)] times: Timestamps
    /// #[model(mixin)] #[relation(belongs_to)] times: Timestamps
    /// ```
    pub(super) fn new(
        model: &Ident,
        field: &Field,
        ident: &Ident,
        attr: &FieldAttr,
        errors: &mut Errors,
    ) -> Option<Self> {
        let (word, span) = match (attr.mixin, attr.base) {
            (Some(_), Some(base)) => {
                errors.push(
                    base,
                    "a field takes in a mixin or extends a model; remove `base` or `mixin`",
                );
                ("mixin", base)
            }
            (Some(span), None) => ("mixin", span),
            (None, Some(span)) => ("base", span),
            (None, None) => return None,
        };
        let says_more = attr.id.is_some()
            || attr.generated.is_some()
            || attr.name.is_some()
            || attr.column.is_some()
            || !attr.columns.is_empty()
            || attr.column_type.is_some()
            || attr.default.is_some()
            || attr.index.is_some()
            || attr.unique.is_some()
            || attr.hidden.is_some()
            || attr.protected.is_some()
            || attr.read_only.is_some()
            || attr.version.is_some()
            || attr.relation.is_some()
            || !attr.rules.is_empty()
            || !attr.acls.is_empty();
        if says_more {
            errors.push(
                span,
                format!(
                    "with `{word}` the fields of the struct become properties, and this one is none; say the rest of its fields, where \
                     they are declared"
                ),
            );
        }
        Some(Mixed {
            ident: ident.clone(),
            vis: field.vis.clone(),
            ty: without_self(&field.ty, model),
            docs: attr.docs.clone(),
            base: word == "base",
            span,
        })
    }
}
