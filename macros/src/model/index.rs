//! An index over several properties of a model.

use proc_macro2::Span;
use syn::Ident;

use super::name::{Name, plain};
use crate::attr::{IndexAttr, IndexKeyAttr};

/// An index over several properties.
pub(crate) struct Index {
    pub(crate) unique: bool,
    pub(crate) name: Option<Name>,
    pub(crate) keys: Vec<IndexKey>,
    /// The word `index` or `unique`.
    pub(crate) span: Span,
}

/// A property within an index.
pub(crate) struct IndexKey {
    /// The name of the field that holds it.
    pub(crate) field: String,
    pub(crate) descending: bool,
    pub(crate) span: Span,
}

impl Index {
    /// The index that `attr` describes.
    pub(super) fn new(attr: IndexAttr) -> Self {
        Index {
            unique: attr.unique,
            name: attr.name.as_ref().map(Name::given),
            keys: attr.keys.iter().map(key).collect(),
            span: attr.word.span(),
        }
    }

    /// A unique index over these fields, which `span` asks for.
    pub(crate) fn unique<'a>(fields: impl Iterator<Item = &'a Ident>, span: Span) -> Self {
        let key = |field: &Ident| IndexKey {
            field: plain(field),
            descending: false,
            span: field.span(),
        };
        Index {
            unique: true,
            name: None,
            keys: fields.map(key).collect(),
            span,
        }
    }

    /// Does this index refuse whatever `other`, a unique one, does?
    pub(crate) fn keeps(&self, other: &Index) -> bool {
        let has = |key: &IndexKey| self.keys.iter().any(|own| own.field == key.field);
        self.unique && self.keys.len() == other.keys.len() && other.keys.iter().all(has)
    }
}

fn key(attr: &IndexKeyAttr) -> IndexKey {
    IndexKey {
        field: plain(&attr.field),
        descending: attr.descending,
        span: attr.field.span(),
    }
}
