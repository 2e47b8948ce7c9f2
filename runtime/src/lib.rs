//! stub
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate self as loopwright;

pub mod connectors;
mod error;
pub mod model;
pub mod query;

pub use error::{Error, Result};
pub use loopwright_macros::{Model, Property};
pub use model::GeoPoint;

/// What generated code names. No part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use ::core::option::Option::{self, None, Some};
    pub use ::core::result::Result::{self, Ok};

    pub use crate::model::{
        AccessType, AclDef, DefaultDef, IndexDef, Literal, Model, ModelDef, ObjectDef,
        PrincipalDef, Property, PropertyDef, PropertyError, PropertyType, Record, RelationDef,
        RelationKind, Rule, Value, check, default_value, target, target_def, variant_name,
        variant_value,
    };
    pub use crate::query::{Column, Relation};
}
