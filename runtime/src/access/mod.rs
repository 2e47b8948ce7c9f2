//! Who may do what (contract *access-control.md*).
//!
//! The rules of a model are data. For each method they are resolved once, when the application starts, into a short
//! list in order of precedence; a request walks that list and takes the first rule that is about its caller. Rules that are
//! rows of the database are put between those of the program by the same order. Nothing matches: denied.
//!
//! | file | what it knows |
//! |---|---|
//! | `caller` | who somebody is, and what roles have been found out |
//! | `authenticator` | whom tokens stand for |
//! | `role` | where roles come from |
//! | `owner` | whom an instance belongs to |
//! | `policy` | which rows somebody may see and change |
//! | `row` | rules that are rows of the database |
//! | `score`, `decision` | which rule is the strongest, and what it decides |
//! | `subject` | callers of whom rules are asked in advance |
//! | `matrix` | who may call what, as a table and as a file that guards it |
//!
//! **Architecture Invariant:** a decision is made from the description, the stored instance that the path names, and the
//! caller. Nothing else that the caller sends, such as an id in a body, takes part in it.

mod authenticator;
mod caller;
mod decision;
mod matrix;
mod owner;
mod policy;
mod role;
mod row;
mod score;
mod subject;

pub(crate) use authenticator::Authenticator;
pub use caller::Caller;
pub(crate) use caller::TokenIdentity;
pub use decision::MethodAccess;
pub(crate) use decision::{Decision, Instance, Standing};
pub use matrix::{AccessCell, AccessChanges, AccessLimit, AccessMatrix, AccessRow};
pub(crate) use owner::OwnerDef;
pub(crate) use policy::permitted;
#[doc(hidden)]
pub use policy::put_rows;
pub(crate) use role::{About, Memberships, RoleSource};
pub(crate) use row::{RowPrincipal, RowRule, RowRules};
pub(crate) use subject::{CallerKind, Subject};

use crate::Error;
use crate::model::ModelDef;

/// What refuses a caller who may not do this (contract *access-control.md* §11). Who is not logged in gets 401; who is gets
/// the status of the model, or else that of the application.
pub(crate) fn denied(caller: &Caller, def: &ModelDef, id: Option<&str>, status: u16) -> Error {
    let unauthorized =
        || Error::new(401, "Authorization Required").with_code("AUTHORIZATION_REQUIRED");
    if caller.token().is_none() {
        return unauthorized();
    }
    match refusal_status(def, status) {
        403 => Error::new(403, "Access Denied").with_code("ACCESS_DENIED"),
        404 => {
            // LoopBack has no id to print for a collection, and prints it all the same.
            let id = id.unwrap_or("undefined");
            let message = format!("could not find {} with id {id}", def.name);
            Error::new(404, message).with_code("MODEL_NOT_FOUND")
        }
        _ => unauthorized(),
    }
}

/// The status of a refusal by the rules of `def` for who is logged in; `status` is that of the application.
pub(crate) fn refusal_status(def: &ModelDef, status: u16) -> u16 {
    def.acl_error_status.unwrap_or(status)
}
