//! Who may do what (contract *access-control.md*).
//!
//! The rules of a model are data. For each method they are resolved once, when the application starts, into a short
//! list in order of precedence; a request walks that list and takes the first rule that is about its caller. Nothing
//! matches: denied.
//!
//! **Architecture Invariant:** a decision is made from the description and the caller alone. Nothing that the caller
//! sends, such as an id in a body, takes part in it.

mod decision;
mod principal;

pub use decision::MethodAccess;
pub use principal::Caller;

use crate::Error;

/// LoopBack's answer to a caller who may not do this (contract *access-control.md* §11): who is not logged in gets 401,
/// who is gets the same status, which old clients take for "log in as somebody else".
pub(crate) fn denied() -> Error {
    Error::new(401, "Authorization Required").with_code("AUTHORIZATION_REQUIRED")
}
