//! The second pass: what was meant, with every default filled in.
//!
//! **Architecture Invariant:** what leaves this pass is plain data, with spans for messages. It judges nothing that
//! takes two parts of a model; that is left to the check.

mod access;
mod index;
mod key_value;
mod mixed;
mod name;
mod policy;
mod property;
mod property_type;
mod relation;
mod stand_in;
mod structure;

pub(crate) use access::{Access, Acl, Word};
pub(crate) use index::{Index, IndexKey};
pub(crate) use key_value::KeyValue;
pub(crate) use name::{Name, handle_name, method_name, plain};
pub(crate) use policy::Policy;
pub(crate) use property::Property;
pub(crate) use property_type::{PropertyType, Shape, Variant};
pub(crate) use relation::{Relation, Through};
pub(crate) use stand_in::StandIn;
pub(crate) use structure::Model;
