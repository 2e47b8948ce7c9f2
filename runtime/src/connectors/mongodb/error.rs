//! What the driver says, as what the caller can act on.

use std::error::Error as _;
use std::io;

use mongodb::error::{
    Error as DriverError, ErrorKind, TRANSIENT_TRANSACTION_ERROR,
    UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteFailure,
};

use super::schema::index_name;
use super::value::key;
use crate::Error;
use crate::connectors::duplicate_entry;
use crate::model::{ModelDef, PropertyDef};

const BUSY: &str = "another operation of the data source was in the way; try again";
const GONE: &str = "the data source can't be reached; check that it runs and that its URL is right";
const SILENT: &str = "the data source does not answer; check that its server is well, or allow more time with \
    `statement_timeout`";
const UNNAMED: &str =
    "the data source refuses the program; check the user, password and database of its URL";

/// The error of a call about `model`.
pub(super) fn explain(error: DriverError, model: &'static ModelDef) -> Error {
    match code(&error) {
        Some(11_000 | 11_001) => {
            duplicate_entry(model, &duplicate(&error, model))
        }
        // ImmutableField
        Some(66) => Error::new(
            400,
            format!("the id of a `{}` can't be changed in this data source", model.name),
        ),
        _ => match &error.kind.as_ref() {
            ErrorKind::BsonSerialization(_) | ErrorKind::Bson(_) => Error::new(
                422,
                format!(
                    "The `{}` instance is not valid. Details: a name in it contains the character U+0000.",
                    model.name
                ),
            )
            .with_name("ValidationError"),
            _ => classified(&error, &format!(" on `{}`", model.name)),
        },
    }
    .with_source(error)
}

/// The error of a call about no model.
pub(super) fn failed(error: DriverError) -> Error {
    classified(&error, "").with_source(error)
}

fn classified(error: &DriverError, place: &str) -> Error {
    let unavailable = |message: &str| Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE");
    let busy = error.contains_label(TRANSIENT_TRANSACTION_ERROR)
        || error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT);
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => return unavailable(UNNAMED),
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            return unavailable(SILENT);
        }
        ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::Shutdown => return unavailable(GONE),
        _ => {}
    }
    match code(error) {
        // Unauthorized, AuthenticationFailed
        Some(13 | 18) => unavailable(UNNAMED),
        // MaxTimeMSExpired, WriteConflict, LockTimeout
        Some(50 | 112 | 24) => unavailable(BUSY),
        // NotWritablePrimary and its kin, shutting down
        Some(91 | 189 | 10_058 | 10_107 | 11_600 | 11_602 | 13_435 | 13_436) => unavailable(GONE),
        // BSONObjectTooLarge, a pattern that can't be read
        Some(10_334 | 17_280 | 51_091) => Error::new(
            400,
            "this is more than the database takes at once; split it into several",
        ),
        _ if busy => unavailable(BUSY),
        _ => Error::internal(format!("the database failed{place}")),
    }
}

/// The server's number for what went wrong.
fn code(error: &DriverError) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        _ => None,
    }
}

/// Has the server said that what is to be made is there already (`NamespaceExists`)?
pub(super) fn exists(error: &DriverError) -> bool {
    code(error) == Some(48)
}

/// Does an operator not fit what is stored (`BadValue`, `TypeMismatch`, `PathNotViable`)?
pub(super) fn is_unfit(error: &DriverError) -> bool {
    matches!(code(error), Some(2 | 14 | 28))
}

/// Is a unique value taken?
pub(super) fn is_duplicate(error: &DriverError) -> bool {
    matches!(code(error), Some(11_000 | 11_001))
}

/// Did the server undo a transaction that may succeed when it is tried again?
pub(super) fn is_transient(error: &Error) -> bool {
    of_driver(error).is_some_and(|error| error.contains_label(TRANSIENT_TRANSACTION_ERROR))
}

/// The driver's error that `error` comes from.
pub(super) fn of_driver(error: &Error) -> Option<&DriverError> {
    error.source()?.downcast_ref()
}

/// What must be unique and is not; the id, if that can't be told.
///
/// `E11000 duplicate key error collection: shop.customer index: email_key dup key: { email: "a@b.c" }`
fn duplicate(error: &DriverError, model: &'static ModelDef) -> Vec<&'static PropertyDef> {
    let message = match error.kind.as_ref() {
        ErrorKind::Command(error) => error.message.as_str(),
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.message.as_str(),
        _ => "",
    };
    let (before, values) = message.split_once(" dup key: { ").unwrap_or_default();
    let mut indexes = model.indexes.iter();
    let index =
        indexes.find(|index| before.ends_with(&format!("index: {}", index_name(model, index))));
    if let Some(index) = index {
        return model.properties_at(&index.positions().collect::<Vec<_>>());
    }
    let mut properties = model.properties.iter();
    let property = properties.find(|property| {
        let rest = values.strip_prefix(key(property));
        rest.is_some_and(|rest| rest.starts_with(": "))
    });
    vec![property.unwrap_or(model.id())]
}
