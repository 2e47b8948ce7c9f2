//! The access rules of a model.

use proc_macro2::Span;
use syn::Ident;

use super::name::{method_name, plain};
use crate::attr::{AclAttr, Permission, Principal};

/// The rules that one `#[acl(...)]` stands for: one for each word.
pub(crate) struct Acl {
    pub(crate) permission: Permission,
    pub(crate) principal: Principal,
    pub(crate) words: Vec<Word>,
    /// Where the principal is written.
    pub(crate) to: Span,
}

/// What a rule is about, and where that is written.
pub(crate) struct Word {
    pub(crate) access: Access,
    pub(crate) span: Span,
}

/// What a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    All,
    Read,
    Write,
    Execute,
    /// A method, in LoopBack's spelling.
    Method(String),
}

impl Acl {
    /// The rules of `attr`.
    pub(super) fn new(attr: AclAttr) -> Self {
        Acl {
            permission: attr.permission,
            principal: attr.principal,
            to: attr.to,
            words: attr.words.iter().map(word).collect(),
        }
    }
}

/// What a word of a list of methods stands for.
pub(super) fn word(ident: &Ident) -> Word {
    let word = plain(ident);
    let access = match word.as_str() {
        "all" => Access::All,
        "read" => Access::Read,
        "write" => Access::Write,
        "execute" => Access::Execute,
        method => Access::Method(method_name(method)),
    };
    Word {
        access,
        span: ident.span(),
    }
}
