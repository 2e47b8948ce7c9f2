//! A Swagger 2.0 or OpenAPI 3 document, as far as models and methods can be made of it.
//!
//! It is read as JSON rather than into the types of a crate: those know one version each, and what generators need of three
//! versions is the same few keys.
//!
//! **Architecture Invariant:** nothing here knows a project, or writes Rust. What a document says that is not kept is told in
//! [`Document::unsaid`], never dropped in silence.

mod load;
mod operation;
mod read;
mod schema;

pub(crate) use load::load;
pub(crate) use read::read;

/// What a document describes.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) title: String,
    /// The path below which everything is served, such as `/v2`; empty if there is none.
    pub(crate) base_path: String,
    /// Objects with properties, by their names.
    pub(crate) definitions: Vec<Definition>,
    pub(crate) operations: Vec<Operation>,
    /// What could not be kept, in words.
    pub(crate) unsaid: Vec<String>,
}

/// A named object.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) members: Vec<Member>,
    /// Does another definition have it as a part?
    pub(crate) is_part: bool,
}

/// A property of an object, or an argument.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) required: bool,
    pub(crate) docs: String,
    /// A literal of Rust.
    pub(crate) default: Option<String>,
    /// As in `#[validate(...)]`.
    pub(crate) rules: Vec<String>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// As Rust calls it.
    Plain(&'static str),
    /// A definition, by its name.
    Named(String),
    List(Box<Type>),
    /// Anything.
    Json,
}

/// A verb on a path.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `operationId`, or the verb and the path.
    pub(crate) name: String,
    pub(crate) verb: &'static str,
    /// With its parts in braces, below the base path.
    pub(crate) path: String,
    pub(crate) docs: String,
    pub(crate) arguments: Vec<Argument>,
    /// Nothing, if it answers nothing.
    pub(crate) answer: Option<Type>,
    /// That of a success, if it isn't the usual one.
    pub(crate) status: Option<u16>,
}

/// What a caller gives.
#[derive(Debug)]
pub(crate) struct Argument {
    /// As in `#[arg(...)]`.
    pub(crate) source: &'static str,
    pub(crate) member: Member,
}

impl Type {
    /// The definition that it is, or a list of which it is.
    pub(crate) fn definition(&self) -> Option<&str> {
        match self {
            Type::Named(name) => Some(name),
            Type::List(item) => item.definition(),
            Type::Plain(_) | Type::Json => None,
        }
    }

    /// In Rust, with the names of structs that `name` gives to definitions.
    pub(crate) fn rust(&self, name: &impl Fn(&str) -> String) -> String {
        match self {
            Type::Plain(word) => (*word).to_owned(),
            Type::Named(definition) => name(definition),
            Type::List(item) => format!("Vec<{}>", item.rust(name)),
            Type::Json => "serde_json::Value".to_owned(),
        }
    }
}
