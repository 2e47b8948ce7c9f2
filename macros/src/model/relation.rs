//! A relation of a model.

use proc_macro2::Span;
use syn::{Field, Ident, Type, Visibility};

use super::name::{Name, field_name, key_name, plain, without_self};
use crate::attr::{FieldAttr, Kind, OnDeleteAttr, RelationAttr, RenameRule};
use crate::error::Errors;

/// A field that holds the loaded instances of another model.
pub(crate) struct Relation {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) name: Name,
    pub(crate) docs: String,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    /// Is there to be a foreign key in the database?
    pub(crate) constraint: bool,
    pub(crate) on_delete: Option<OnDeleteAttr>,
    /// Is the relation understood so well that the compiler may judge it? Otherwise one mistake would be two messages.
    pub(crate) judged: bool,
}

/// The field that holds the key.
pub(crate) struct Key {
    pub(crate) field: String,
    /// The value of `key = ...`, if it was given.
    pub(crate) given: Option<Span>,
    /// Where to point when the key is wrong and was not given: the word for the relation's kind.
    pub(crate) span: Span,
}

impl Relation {
    /// The relation that `field` holds, or nothing when it holds a property.
    pub(super) fn new(
        model: &Ident,
        field: &Field,
        ident: &Ident,
        attr: &FieldAttr,
        rename_all: Option<RenameRule>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let relation = attr.relation.as_ref();
        if let (Some(_), Some(path)) = (relation, &attr.property_attribute) {
            errors.push_spanned(
                path,
                "a relation is not a property; say what you mean in `#[relation(...)]`, or on the field that holds the key",
            );
        }
        let kind = match relation {
            Some(relation) => relation.kind,
            None => {
                let kind = kind_of(&field.ty)?;
                // A broken `#[relation(...)]` has been reported.
                if !field
                    .attrs
                    .iter()
                    .any(|attribute| attribute.path().is_ident("relation"))
                {
                    errors.push_spanned(
                        &field.ty,
                        format!(
                            "a field of this type is a relation; add `#[relation({})]`",
                            kind.word()
                        ),
                    );
                }
                kind
            }
        };
        let given = relation
            .and_then(|relation| relation.name.as_ref())
            .or(attr.rename.as_ref());
        Some(Relation {
            ident: ident.clone(),
            vis: field.vis.clone(),
            ty: without_self(&field.ty, model),
            name: field_name(ident, given, rename_all),
            docs: attr.docs.clone(),
            kind,
            key: key(model, ident, kind, relation),
            constraint: relation.is_some_and(|relation| relation.constraint),
            on_delete: relation.and_then(|relation| relation.on_delete),
            judged: relation.is_some_and(|relation| relation.clear),
        })
    }
}

fn key(model: &Ident, field: &Ident, kind: Kind, attr: Option<&RelationAttr>) -> Key {
    let given = attr.and_then(|attr| attr.key.as_ref());
    let field_name = match (given, kind) {
        (Some(key), _) => key.field.clone(),
        (None, Kind::BelongsTo) => key_name(&plain(field)),
        (None, Kind::HasMany | Kind::HasOne) => key_name(&plain(model)),
    };
    Key {
        field: field_name,
        given: given.map(|key| key.span),
        span: attr.map_or_else(|| field.span(), |attr| attr.span),
    }
}

/// The kind that a type's name suggests. Only good for guessing what is missing: types are the compiler's to judge.
fn kind_of(ty: &Type) -> Option<Kind> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    [
        ("BelongsTo", Kind::BelongsTo),
        ("HasMany", Kind::HasMany),
        ("HasOne", Kind::HasOne),
    ]
    .into_iter()
    .find(|(name, _)| last.ident == name)
    .map(|(_, kind)| kind)
}
