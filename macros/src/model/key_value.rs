//! A key-value model.

use loopwright_plural::plural;
use syn::{Ident, LitInt, Path, Type};

use super::access::Acl;
use super::name::{Name, plain};
use super::stand_in::runtime;
use crate::attr::KeyValueInput;

/// A struct around a value that is kept under keys.
pub(crate) struct KeyValue {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) name: Name,
    pub(crate) path: Name,
    pub(crate) docs: String,
    pub(crate) public: bool,
    /// Does the model say anything about access?
    pub(crate) guarded: bool,
    /// The type of the value.
    pub(crate) value: Type,
    pub(crate) acls: Vec<Acl>,
    pub(crate) acl_error_status: Option<LitInt>,
}

impl KeyValue {
    /// The model that `input` describes, if it has a value at all.
    pub(crate) fn new(input: KeyValueInput<'_>) -> Option<Self> {
        let KeyValueInput { ident, attr, .. } = input;
        let name = Name::given_or(attr.name.as_ref(), ident, || plain(ident));
        let path = Name::given_or(attr.path.as_ref(), ident, || plural(&name.text));
        Some(KeyValue {
            krate: runtime(attr.krate.as_ref()),
            ident: ident.clone(),
            name,
            path,
            docs: attr.docs,
            public: attr.public.is_none_or(|public| public.value),
            guarded: attr.guarded,
            value: input.value?.clone(),
            acls: attr.acls.into_iter().map(Acl::new).collect(),
            acl_error_status: attr.acl_error_status,
        })
    }
}
