//! A relation of a model.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Field, GenericArgument, Ident, Path, PathArguments, Type, Visibility};

use super::name::{Name, field_name, key_name, keys_name, plain, type_key_name, without_self};
use crate::attr::{
    CopyAttr, DefaultAttr, DefaultValue, FieldAttr, Kind, OnDeleteAttr, RelationAttr, RenameRule,
};
use crate::error::Errors;

/// A field that holds the loaded instances of another model.
pub(crate) struct Relation {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) name: Name,
    /// Its part of a path, if that is not the name.
    pub(crate) path: Option<Name>,
    pub(crate) docs: String,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    pub(crate) primary_key: Option<Key>,
    /// The field that names the model to which a polymorphic key belongs.
    pub(crate) discriminator: Option<Key>,
    pub(crate) through: Option<Through>,
    /// The function that makes the relation's own query.
    pub(crate) scope: Option<Path>,
    pub(crate) properties: Vec<CopyAttr>,
    pub(crate) prepend: bool,
    /// How targets are kept within this model, if they are.
    pub(crate) embedding: Option<Embedding>,
    pub(crate) disable_include: bool,
    pub(crate) nest_remoting: bool,
    /// Is there to be a foreign key in the database?
    pub(crate) constraint: bool,
    pub(crate) on_delete: Option<OnDeleteAttr>,
    /// Is the relation understood so well that the compiler may judge it? Otherwise one mistake would be two messages.
    pub(crate) judged: bool,
}

/// How targets are kept within their owner.
pub(crate) struct Embedding {
    /// The property that holds them.
    pub(crate) property: Name,
    /// Its column, if that is not called as the field.
    pub(crate) column: Option<Name>,
    pub(crate) default: Option<DefaultAttr>,
    pub(crate) validated: bool,
    pub(crate) force_id: bool,
    pub(crate) persistent: bool,
}

/// A field that is named, here or on the other model.
pub(crate) struct Key {
    pub(crate) field: String,
    /// The value of `key = ...`, if it was given.
    pub(crate) given: Option<Span>,
    /// Where to point when the key is wrong and was not given: the word for the relation's kind.
    pub(crate) span: Span,
}

/// The model between the two.
pub(crate) struct Through {
    /// Nothing, where nobody has written it.
    pub(crate) model: Option<Path>,
    pub(crate) key: Key,
    pub(crate) inverse: bool,
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
        let keys = Keys {
            model,
            field: ident,
            ty: &field.ty,
            kind,
            attr: relation,
        };
        let name = field_name(ident, given, rename_all);
        Some(Relation {
            ident: ident.clone(),
            vis: field.vis.clone(),
            ty: without_self(&field.ty, model),
            embedding: keys.embedding(&name),
            name,
            path: relation
                .and_then(|relation| relation.path.as_ref())
                .map(Name::given),
            docs: attr.docs.clone(),
            kind,
            key: keys.key(),
            primary_key: keys.primary_key(),
            discriminator: keys.discriminator(),
            through: keys.through(),
            scope: relation.and_then(|relation| relation.scope.clone()),
            properties: relation.map_or_else(Vec::new, |relation| relation.properties.clone()),
            prepend: relation.is_some_and(|relation| relation.prepend.is_some()),
            disable_include: relation.is_some_and(|relation| relation.disable_include.is_some()),
            nest_remoting: relation.is_some_and(|relation| relation.nest_remoting.is_some()),
            constraint: relation.is_some_and(|relation| relation.constraint),
            on_delete: relation.and_then(|relation| relation.on_delete),
            judged: relation.is_some_and(|relation| relation.clear),
        })
    }

    /// Does each instance say to which model it belongs?
    pub(crate) fn leads_to_any(&self) -> bool {
        self.kind == Kind::BelongsTo && self.discriminator.is_some()
    }
}

/// What names the fields by which two models belong together, where the attribute doesn't.
struct Keys<'a> {
    model: &'a Ident,
    field: &'a Ident,
    ty: &'a Type,
    kind: Kind,
    attr: Option<&'a RelationAttr>,
}

impl Keys<'_> {
    fn key(&self) -> Key {
        let given = self.attr.and_then(|attr| attr.key.as_ref());
        let field = match (given, self.polymorphic()) {
            (Some(key), _) => key.field.clone(),
            // The target's key is the one that may belong to several models.
            (None, Some(_)) if self.is_inverse() => key_name(&plain(self.model)),
            (None, Some(relation)) => key_name(&relation),
            (None, None) if self.kind == Kind::BelongsTo => key_name(&plain(self.field)),
            (None, None) if self.kind.is_embedded() => plain(self.field),
            (None, None) if self.kind == Kind::ReferencesMany => {
                target_of(self.ty).map_or_else(String::new, |name| keys_name(&name))
            }
            (None, None) => key_name(&plain(self.model)),
        };
        self.named(field, given.map(|key| key.span))
    }

    /// How targets are kept within their owner. The property that holds them has another name than the relation (contract
    /// *relations.md* §1.1).
    fn embedding(&self, name: &Name) -> Option<Embedding> {
        if !self.kind.is_embedded() {
            return None;
        }
        let attr = self.attr.map(|attr| &attr.embedding);
        let property = attr.and_then(|attr| attr.property.as_ref());
        let property = property.map_or_else(
            || Name {
                text: format!("_{}", name.text),
                span: name.span,
            },
            Name::given,
        );
        let default = attr.and_then(|attr| attr.default.as_ref());
        let empty = attr.is_none_or(|attr| attr.omit_default.is_none());
        let value = match default {
            Some(function) => Some(DefaultValue::Function(function.clone())),
            None if self.kind == Kind::EmbedsMany && empty => Some(DefaultValue::EmptyList),
            None => None,
        };
        let default = value.map(|value| DefaultAttr {
            value,
            span: default.map_or(name.span, Spanned::span),
        });
        Some(Embedding {
            property,
            column: attr.and_then(|attr| attr.column.as_ref()).map(Name::given),
            default,
            validated: attr
                .and_then(|attr| attr.validate.as_ref())
                .is_none_or(|flag| flag.value),
            force_id: attr.is_some_and(|attr| attr.force_id.is_some()),
            persistent: attr.is_some_and(|attr| attr.persistent.is_some()),
        })
    }

    fn primary_key(&self) -> Option<Key> {
        let given = self.attr?.primary_key.as_ref()?;
        Some(self.named(given.field.clone(), Some(given.span)))
    }

    fn discriminator(&self) -> Option<Key> {
        let relation = self.polymorphic()?;
        let given = self.attr.and_then(|attr| attr.discriminator.as_ref());
        let field = given.map_or_else(|| type_key_name(&relation), |key| key.field.clone());
        Some(self.named(field, given.map(|key| key.span)))
    }

    fn through(&self) -> Option<Through> {
        let attr = self.attr?;
        if attr.through.is_none() && self.kind != Kind::HasAndBelongsToMany {
            return None;
        }
        let given = attr.key_through.as_ref();
        let field = match (given, self.polymorphic()) {
            (Some(key), _) => key.field.clone(),
            (None, Some(relation)) if self.is_inverse() => key_name(&relation),
            (None, _) => target_of(self.ty).map_or_else(String::new, |name| key_name(&name)),
        };
        Some(Through {
            model: attr.through.clone(),
            key: self.named(field, given.map(|key| key.span)),
            inverse: self.is_inverse(),
        })
    }

    /// The name of the polymorphic relation on the side of the key.
    fn polymorphic(&self) -> Option<String> {
        let polymorphic = self.attr?.polymorphic.as_ref()?;
        let relation = polymorphic.relation.as_ref();
        Some(relation.map_or_else(|| plain(self.field), |relation| relation.field.clone()))
    }

    fn is_inverse(&self) -> bool {
        self.attr.is_some_and(|attr| attr.inverse.is_some())
    }

    fn named(&self, field: String, given: Option<Span>) -> Key {
        Key {
            field,
            given,
            span: self
                .attr
                .map_or_else(|| self.field.span(), |attr| attr.span),
        }
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
        ("ReferencesMany", Kind::ReferencesMany),
        ("EmbedsOne", Kind::EmbedsOne),
        ("EmbedsMany", Kind::EmbedsMany),
    ]
    .into_iter()
    .find(|(name, _)| last.ident == name)
    .map(|(_, kind)| kind)
}

/// The name of the model in `HasMany<Patient>`. Only good for guessing what its key is called.
fn target_of(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Path(target)) => {
            Some(plain(&target.path.segments.last()?.ident))
        }
        _ => None,
    }
}
