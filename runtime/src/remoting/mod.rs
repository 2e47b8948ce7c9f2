//! Methods over HTTP and other transports: which there are, how their arguments are read, what they answer.
//!
//! REST is what HTTP makes of them, and a [`Transport`] is another way to the same methods: both hand a method, its
//! arguments and its caller to [`Remotes`]. One erased router serves every model: the [endpoints](Endpoint) are data, and
//! so are the models. Nothing here is generic over a model, so a new model costs no code.
//!
//! **Architecture Invariant:** every call, whatever it comes by, passes the access decision before its arguments are looked
//! at, and the repository's pipeline after that. Nothing here asks a connector for data. A transport knows no model.

mod access;
mod api;
mod argument;
mod auth;
mod body;
mod call_arguments;
mod carrier;
mod change_stream;
mod conditional;
mod endpoint;
mod failure;
mod format;
pub mod hook;
mod idempotency;
mod instance;
mod invoke;
mod json_rpc;
mod key_value;
mod list;
mod matrix;
mod nested;
mod operator;
#[cfg(feature = "web-socket")]
mod origin;
mod own_route;
mod path_segment;
mod property_access;
mod query_string;
mod remote;
mod remote_method;
mod remotes;
mod response;
mod route;
mod route_table;
mod transport;
#[cfg(feature = "web-socket")]
mod web_socket;
mod xml;

pub use crate::model::Verb;
pub(crate) use api::{Api, serve};
pub use argument::filter;
pub(crate) use argument::record;
pub(crate) use auth::Auth;
pub use call_arguments::CallArguments;
#[cfg(feature = "rate-limit")]
pub(crate) use carrier::Quota;
pub(crate) use carrier::TimeLimit;
pub use carrier::{CarriedCall, Carrier};
pub use change_stream::ChangeEvent;
pub(crate) use conditional::{Known, tag};
pub use endpoint::{Body, Endpoint, Operation, QueryArgument, Returns};
pub use failure::Envelope;
pub(crate) use failure::{Asked, ErrorHandler, PROBLEM, failure, own, panicked};
pub(crate) use format::Formats;
pub use hook::RemoteCall;
pub(crate) use idempotency::Idempotency;
pub use json_rpc::JsonRpc;
pub(crate) use list::{Limits, TOTAL_COUNT};
pub(crate) use matrix::{access_matrix, callers, find, served, standing};
pub(crate) use nested::nested_target;
#[cfg(feature = "web-socket")]
pub(crate) use origin::Origins;
pub(crate) use own_route::Gate;
#[doc(hidden)]
pub use remote::{Call, property_from_remote, property_into_remote, property_type};
pub use remote::{Context, Remotable, RemoteValue};
pub use remote_method::{MethodAnswer, RemoteMethod};
pub use remotes::Remotes;
pub(crate) use remotes::Settings;
pub(crate) use route::{Place, Route};
pub use transport::Transport;
#[cfg(feature = "web-socket")]
pub use web_socket::WebSocket;
