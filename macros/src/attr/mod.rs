//! The first pass: from attributes to plain data, with the spans of what was written.
//!
//! **Architecture Invariant:** this is the only pass that sees attribute syntax, and it knows nothing of what the words
//! mean for each other.

mod acl;
mod argument;
mod case;
mod docs;
mod index;
mod input;
mod literal;
mod model;
mod policy;
mod property;
mod relation;
mod serde;
mod validate;

pub(crate) use acl::{AclAttr, Permission, Principal, words};
pub(crate) use argument::{Argument, arguments};
pub(crate) use case::RenameRule;
pub(crate) use docs::docs;
pub(crate) use index::{IndexAttr, IndexKeyAttr};
pub(crate) use input::{KeyValueInput, ModelInput, PropertyInput, ShapeInput};
pub(crate) use literal::Literal;
pub(crate) use model::{
    DefaultAttr, DefaultValue, FieldAttr, PrincipalAttr, PrincipalValue, StrictAttr, StrictValue,
    VersionAttr,
};
pub(crate) use policy::PolicyAttr;
pub(crate) use property::MemberAttr;
pub(crate) use relation::{CopyAttr, Kind, OnDelete, OnDeleteAttr, RelationAttr};
pub(crate) use validate::{Bound, Format, Rule, RuleAttr};
