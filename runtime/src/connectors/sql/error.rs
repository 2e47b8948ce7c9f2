//! What went wrong, as what the caller can act on.

use std::fmt;

use sea_orm::{DbBackend, DbErr};

#[cfg(feature = "postgres")]
use super::cause::shared_cause;
#[cfg(feature = "sqlite")]
use super::cause::thread_cause;
use super::cause::{Cause, cause};
use crate::Error;
use crate::connectors::fit::{FOREIGN_KEY, duplicate_entry, still_referenced};
use crate::model::{ModelDef, PropertyDef, Record, Violation, validation_error};

/// Why a statement has no answer.
pub(super) struct Failure {
    reason: Reason,
    /// The name of the data source, if it has one.
    data_source: Option<String>,
    in_commit: bool,
}

enum Reason {
    Database(DbErr),
    #[cfg(feature = "postgres")]
    Shared(tokio_postgres::Error),
    #[cfg(feature = "sqlite")]
    OfThread(rusqlite::Error),
    /// The server has said nothing for longer than anyone waits.
    Silent,
    /// The statement goes on for longer than anyone waits.
    Slow,
    /// An observer has refused the statement.
    Refused(Error),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Failure {
            reason,
            data_source: None,
            in_commit: false,
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Reason::Database(error).into()
    }
}

#[cfg(feature = "postgres")]
impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Reason::Shared(error).into()
    }
}

#[cfg(feature = "sqlite")]
impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Reason::OfThread(error).into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Reason::Refused(error).into()
    }
}

impl Failure {
    /// Nobody waits any longer. What runs within this program does not hang: it is the statement that takes long.
    pub fn out_of_time(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Sqlite => Reason::Slow.into(),
            _ => Reason::Silent.into(),
        }
    }

    /// The failure of the data source called `name`.
    pub fn of(mut self, name: Option<&str>) -> Self {
        self.data_source = name.map(str::to_owned);
        self
    }

    /// A failure while a transaction was committed.
    pub fn in_commit(mut self) -> Self {
        self.in_commit = true;
        self
    }

    /// Has the connection gone away, so that another one may do better?
    pub fn is_lost(&self) -> bool {
        match &self.reason {
            Reason::Database(error) => is_lost(error),
            #[cfg(feature = "postgres")]
            Reason::Shared(error) => matches!(shared_cause(error, None), Cause::Lost),
            #[cfg(feature = "sqlite")]
            Reason::OfThread(_) => false,
            Reason::Silent | Reason::Slow | Reason::Refused(_) => false,
        }
    }

    fn cause(&self, model: Option<&'static ModelDef>) -> Cause {
        match &self.reason {
            // Whether the last message arrived, nobody can tell.
            _ if self.in_commit
                && (self.is_lost() || matches!(self.reason, Reason::Silent | Reason::Slow)) =>
            {
                Cause::Unavailable(
                    "was lost while it committed; read whether it has done so before you try again",
                )
            }
            Reason::Database(error) => cause(error, model),
            #[cfg(feature = "postgres")]
            Reason::Shared(error) => shared_cause(error, model),
            #[cfg(feature = "sqlite")]
            Reason::OfThread(error) => thread_cause(error, model),
            Reason::Silent => Cause::Unavailable(
                "does not answer; check that its server is well, or allow more time with `statement_timeout`",
            ),
            Reason::Slow => Cause::TooSlow,
            Reason::Refused(_) => Cause::Other,
        }
    }

    /// `error`, with what the driver says as its source.
    fn explained(self, error: Error) -> Error {
        match self.reason {
            Reason::Database(source) => error.with_source(source),
            #[cfg(feature = "postgres")]
            Reason::Shared(source) => error.with_source(source),
            #[cfg(feature = "sqlite")]
            Reason::OfThread(source) => error.with_source(source),
            Reason::Silent | Reason::Slow => error,
            Reason::Refused(error) => error,
        }
    }
}

/// Has the connection gone away, rather than the statement failed?
pub(super) fn is_lost(error: &DbErr) -> bool {
    matches!(cause(error, None), Cause::Lost)
}

/// The error of a call about `model`; `record` holds the values that were to be stored.
pub(super) fn explain(
    failure: impl Into<Failure>,
    model: &'static ModelDef,
    record: Option<&Record>,
) -> Error {
    let failure = failure.into();
    let error = match failure.cause(Some(model)) {
        Cause::Duplicate(properties) if properties.is_empty() => {
            duplicate_entry(model, &model.id_properties())
        }
        Cause::Duplicate(properties) => duplicate_entry(model, &properties),
        Cause::Invalid {
            property: Some(property),
            code,
            message,
        } => {
            let value = model
                .property_index(property.name)
                .and_then(|index| record?.get(index));
            let violation = Violation::new(property.name, code, message, value);
            validation_error(model, &[violation])
        }
        Cause::Invalid {
            property: None,
            message,
            ..
        } => Error::new(
            422,
            format!(
                "The `{}` instance is not valid. Details: a value {message}.",
                model.name
            ),
        )
        .with_name("ValidationError"),
        Cause::Unfit(property) => unfit(model, property),
        Cause::ForeignKey if record.is_some() => Error::new(
            422,
            format!(
                "`{}` refers to an instance that doesn't exist; create that one first",
                model.name
            ),
        )
        .with_code(FOREIGN_KEY),
        Cause::ForeignKey => still_referenced(model),
        other => other.without_values(&failure, &format!(" on `{}`", model.name)),
    };
    failure.explained(error)
}

/// The error of a call about no model.
pub(super) fn failed(failure: impl Into<Failure>) -> Error {
    let failure = failure.into();
    let error = failure.cause(None).without_values(&failure, "");
    failure.explained(error)
}

/// The error of a server that takes no connection.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn unreachable(error: sea_orm::sqlx::Error, data_source: Option<&str>) -> Error {
    let error = DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()));
    failed(Failure::from(error).of(data_source))
}

/// The table is not there, or not as the model has it.
fn unfit(model: &'static ModelDef, property: Option<&'static PropertyDef>) -> Error {
    let message = match property {
        Some(property) => format!(
            "the table `{}` has no column `{}` that fits `{}.{}`; run the program with `migrate apply`, which adds what is \
             missing, or change the column's type or the property's",
            model.table, property.column, model.name, property.name
        ),
        None => format!(
            "the table `{}` is missing or does not fit the model `{}`; run the program with `migrate apply`, which adds what is missing",
            model.table, model.name
        ),
    };
    Error::internal(message).with_code("SCHEMA_MISMATCH")
}

/// `the data source "db"`, as far as it has a name.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.data_source {
            Some(name) => write!(f, "the data source \"{name}\""),
            None => f.write_str("the data source"),
        }
    }
}

impl Cause {
    fn without_values(self, source: &Failure, place: &str) -> Error {
        match self {
            Cause::TooComplex => Error::new(
                400,
                "the filter is more than the database takes at once; split it into several",
            ),
            Cause::Unavailable(what) => {
                Error::new(503, format!("{source} {what}")).with_code("DATA_SOURCE_UNAVAILABLE")
            }
            Cause::Lost => {
                let what = "can't be reached; check that it runs and that its URL is right";
                Error::new(503, format!("{source} {what}")).with_code("DATA_SOURCE_UNAVAILABLE")
            }
            Cause::TooSlow => {
                let what = "took longer than its `statement_timeout`; ask for less at once, add an index, or allow more";
                Error::new(503, format!("{source} {what}")).with_code("STATEMENT_TIMEOUT")
            }
            Cause::Full => {
                let what = "has no room left; free some, or give it more";
                Error::new(507, format!("{source} {what}")).with_code("DATA_SOURCE_FULL")
            }
            Cause::ReadOnly => Error::new(
                500,
                format!("{source} can only be read; check the permissions of its file or user"),
            )
            .with_code("DATA_SOURCE_READ_ONLY"),
            Cause::Duplicate(_)
            | Cause::Invalid { .. }
            | Cause::ForeignKey
            | Cause::Unfit(_)
            | Cause::Other => Error::internal(format!("the database failed{place}")),
        }
    }
}
