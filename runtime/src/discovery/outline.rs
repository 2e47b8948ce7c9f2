//! What will be written, as plain data.
//!
//! **Architecture Invariant:** an outline knows Rust and loopwright's attributes, and nothing of where it came from.

use proc_macro2::{Ident, TokenStream};

/// A module of models.
#[derive(Default)]
pub(super) struct Outline {
    /// The paragraphs of its documentation.
    pub docs: Vec<String>,
    pub items: Vec<Item>,
}

/// A type of the module.
pub(super) enum Item {
    Model(Struct),
    /// A model of the runtime's own.
    BuiltIn(Ident),
    /// A model that is kept within others alone.
    Embedded(Struct),
    /// A struct that is nested in a model.
    Object(Struct),
    Enumeration(Enumeration),
    /// The scopes of a model.
    Scopes {
        model: Ident,
        functions: Vec<TokenStream>,
    },
    /// A function that an attribute names.
    Function(TokenStream),
}

/// A struct.
pub(super) struct Struct {
    pub name: Ident,
    pub docs: Vec<String>,
    pub attributes: Vec<TokenStream>,
    pub fields: Vec<Field>,
}

/// A field.
pub(super) struct Field {
    pub name: Ident,
    pub docs: Vec<String>,
    pub attributes: Vec<TokenStream>,
    pub ty: TokenStream,
}

/// An enum of texts.
pub(super) struct Enumeration {
    pub name: Ident,
    pub docs: Vec<String>,
    /// The variants, each with its text.
    pub variants: Vec<(Ident, String)>,
}

impl Item {
    /// The name of a model that is to be listed.
    pub(super) fn model(&self) -> Option<String> {
        match self {
            Item::Model(model) => Some(model.name.to_string()),
            Item::BuiltIn(name) => Some(format!("loopwright::builtin::{name}")),
            _ => None,
        }
    }
}
