//! stub
mod endpoint;

pub use endpoint::{Body, ENDPOINTS, Endpoint, Operation, QueryArgument, Returns, Verb};
