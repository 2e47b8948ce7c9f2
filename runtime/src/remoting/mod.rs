//! Methods over HTTP: which there are, how their arguments are read, what they answer.
//!
//! One erased router serves every model: the [endpoints](Endpoint) are data, and so are the models. Nothing here is
//! generic over a model, so a new model costs no code.
//!
//! **Architecture Invariant:** every call passes the access decision before its arguments are looked at, and the
//! repository's pipeline after that. Nothing here asks a connector for data.

mod access;
mod api;
mod argument;
mod auth;
mod body;
mod change_stream;
mod conditional;
mod endpoint;
mod failure;
mod format;
pub mod hook;
mod idempotency;
mod instance;
mod invoke;
mod key_value;
mod list;
mod matrix;
mod nested;
mod operator;
mod own_route;
mod path_segment;
mod property_access;
mod query_string;
mod remote;
mod response;
mod route;
mod route_table;
mod xml;

pub use crate::model::Verb;
pub(crate) use api::{Api, Settings, serve};
pub use argument::filter;
pub(crate) use argument::record;
pub(crate) use auth::Auth;
pub(crate) use conditional::{Known, tag};
pub use endpoint::{Body, Endpoint, Operation, QueryArgument, Returns};
pub use failure::Envelope;
pub(crate) use failure::{Asked, ErrorHandler, PROBLEM, failure, own};
pub(crate) use format::Formats;
pub use hook::RemoteCall;
pub(crate) use idempotency::Idempotency;
pub(crate) use list::{Limits, TOTAL_COUNT};
pub(crate) use matrix::{access_matrix, callers, find, served, standing};
pub(crate) use nested::nested_target;
pub(crate) use own_route::Gate;
#[doc(hidden)]
pub use remote::{Call, property_from_remote, property_into_remote, property_type};
pub use remote::{Context, Remotable, RemoteValue};
pub(crate) use route::{Place, Route};
