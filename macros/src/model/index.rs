//! An index over several properties of a model.

use proc_macro2::Span;

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
}

fn key(attr: &IndexKeyAttr) -> IndexKey {
    IndexKey {
        field: plain(&attr.field),
        descending: attr.descending,
        span: attr.field.span(),
    }
}
