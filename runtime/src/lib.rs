//! Annotate a struct, get a REST API with relations, access control, an OpenAPI document and an explorer.
//!
//! loopwright does for Rust what LoopBack 2 did for Node.js. A model is a struct with `#[derive(Model)]`; what LoopBack
//! found out while running, the compiler finds out here.
//!
//! ```no_run
//! use loopwright::prelude::*;
//!
//! /// A coffee shop.
//! #[derive(Model)]
//! #[acl(allow(read), to = everyone)]
//! #[acl(allow(all), to = role("admin"))]
//! pub struct CoffeeShop {
//!     #[model(id, generated)]
//!     pub id: i64,
//!     #[validate(length(min = 2, max = 80))]
//!     pub name: String,
//!     pub city: Option<String>,
//! }
//!
//! #[loopwright::main]
//! async fn main() -> Result<()> {
//!     App::new().models::<(CoffeeShop,)>().run().await
//! }
//! ```
//!
//! # The rooms
//!
//! Each module may use the ones above it, never one below.
//!
//! | module | what lives there |
//! |---|---|
//! | [`model`] | what a model is: the description, values, records, property types, validation |
//! | [`query`] | the filter tree, its reading from JSON, the typed columns |
//! | [`connectors`] | the data source trait, and the connectors |
//! | [`access`] | callers, rules, decisions |
//! | [`repository`] | the pipeline that every data operation passes |
//! | [`remoting`] | methods over HTTP and other transports |
//! | [`mail`] | e-mail |
//! | [`builtin`] | the models that come along: users, tokens, roles |
//! | [`openapi`] | the description as an OpenAPI document, the explorer |
//! | [`definitions`] | models that are known at run time only: the JSON definitions of a LoopBack application; how to move over |
//! | [`phase`] | names in an order, and what happens at each |
//! | [`boot`] | [`App`]: configuration, data sources, start and end |
//! | `discovery` | Rust structs from a live database, JSON samples or a LoopBack application (cargo feature `discovery`) |
//! | `testing` | what every connector must do, as a suite (cargo feature `testing`) |
//!
//! **Architecture Invariant:** a model is a constant description, and everything else reads it. A new feature of the
//! runtime adds no code to any model.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that panics has failed")
)]

// `tests` in this crate name it as users do.
extern crate self as loopwright;

pub mod access;
pub mod boot;
pub mod builtin;
pub mod connectors;
pub mod definitions;
#[cfg(feature = "discovery")]
pub mod discovery;
mod error;
pub mod mail;
pub mod mixins;
pub mod model;
pub mod openapi;
pub mod phase;
pub mod query;
pub mod remoting;
pub mod repository;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trail;

pub use boot::{App, Application, Config};
pub use error::{Error, Result};
pub use loopwright_macros::{KeyValueModel, Mixin, Model, Property, main, methods};
pub use model::{GeoPoint, KeyValueModel, Mixin, Model, ObjectId, Property};
pub use remoting::Context;
pub use repository::hook;

/// What an application usually names.
pub mod prelude {
    pub use chrono::{DateTime, NaiveDate, Utc};
    pub use rust_decimal::Decimal;
    pub use uuid::Uuid;

    pub use crate::model::{
        AnyModel, BelongsTo, EmbedsMany, EmbedsOne, Extra, HasMany, HasOne, ReferencesMany,
    };
    pub use crate::query::{Condition, Filter};
    pub use crate::repository::{AsCaller, AsSystem, KeyValue, Patch, Repository};
    pub use crate::{
        App, Application, Error, GeoPoint, KeyValueModel, Mixin, Model, ObjectId, Property, Result,
    };
}

/// The programs in the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What generated code names. No part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use ::core::option::Option::{self, None, Some};
    pub use ::core::result::Result::{self, Ok};
    pub use ::std::boxed::Box;

    pub use crate::Error;
    pub use crate::access::put_rows;
    pub use crate::boot::run_main;
    pub use crate::model::{
        AccessType, AclDef, ArgumentDef, ArgumentSource, CompositeIndexDef, DefaultDef, Described,
        Format, Guard, HookDef, HookKind, IndexDef, IndexKey, KeyValueModel, Literal, MethodsDef,
        Mixin, MixinDef, Model, ModelDef, ObjectDef, OnDelete, Place, PolicyDef, PrincipalDef,
        PrincipalKind, Property, PropertyDef, PropertyError, PropertyType, Record, RelationDef,
        RelationField, RelationKind, RemoteHookDef, RemoteHookKind, RemoteHookMethods,
        RemoteMethodDef, RemoteRoute, RemoteType, RowAction, Rule, RuleDef, ScopeDef, Strict,
        Through, UpsertValidation, Value, Verb, VersionDef, check, default_value, guard,
        variant_name, variant_value,
    };
    pub use crate::query::{Column, Mixed, Relation};
    pub use crate::remoting::{
        Call, Remotable, RemoteCall, RemoteValue, property_from_remote, property_into_remote,
        property_type,
    };
    pub use crate::repository::hook::{Access, Delete, Loaded, Save, Validation};
    pub use crate::repository::put_scope;

    pub use crate::__mixed as mixed;

    /// What the macro `mixed` names.
    pub mod mixin {
        pub use crate::model::mixin::*;
        pub use crate::model::{
            AclDef, CompositeIndexDef, HookDef, MethodsDef, Mixin, MixinDef, ModelDef, PolicyDef,
            PropertyDef, RelationDef, RemoteHookDef, RemoteMethodDef, ScopeDef,
        };
    }

    /// What a remote method returns: an answer, or an error.
    #[diagnostic::on_unimplemented(
        message = "a remote method returns `Result`, not `{Self}`",
        label = "not a `Result`"
    )]
    pub trait Fallible {
        /// What the caller gets.
        type Answer;
    }

    impl<T, E> Fallible for ::core::result::Result<T, E> {
        type Answer = T;
    }

    /// What a model has beside its struct, unless an impl block with `#[methods]` says more: that block's constant is
    /// the type's own and wins over this one.
    pub trait NoMethods {
        /// Nothing.
        const __LW_METHODS: MethodsDef = MethodsDef::NONE;
    }

    impl<T> NoMethods for T {}
}
