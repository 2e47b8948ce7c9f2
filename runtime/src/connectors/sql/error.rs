//! What the driver says, as what the caller can act on.

use sea_orm::sqlx;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::schema::index_name;
use crate::Error;
use crate::connectors::duplicate_entry;
use crate::model::{ModelDef, PropertyDef, Record, Violation, validation_error};

/// What went wrong, whichever database it was.
enum Cause {
    /// A unique value is taken, that of this property as far as it is known.
    Duplicate(Option<&'static PropertyDef>),
    /// A value is missing, doesn't fit its column or is none that the database takes.
    Invalid {
        property: Option<&'static PropertyDef>,
        code: &'static str,
        message: &'static str,
    },
    /// A row refers to one that isn't there, or one that is referred to is deleted.
    ForeignKey,
    /// The statement is more than the database takes at once.
    TooComplex,
    /// The database is busy or gone.
    Unavailable(&'static str),
    ReadOnly,
    Other,
}

/// The code of an error about a foreign key.
const FOREIGN_KEY: &str = "FOREIGN_KEY_VIOLATION";

const BUSY: &str = "the data source is busy; try again, or shorten what holds it";
const GONE: &str = "the data source can't be reached; check that it runs and that its URL is right";
const EXHAUSTED: &str =
    "no connection of the data source became free in time; try again, or allow more connections";

/// The error of a call about `model`; `record` holds the values that were to be stored.
pub(super) fn explain(error: DbErr, model: &'static ModelDef, record: Option<&Record>) -> Error {
    match cause(&error, Some(model)) {
        Cause::Duplicate(property) => duplicate_entry(model, property.unwrap_or(model.id())),
        Cause::ForeignKey if record.is_some() => Error::new(
            422,
            format!(
                "`{}` refers to an instance that doesn't exist; create that one first",
                model.name
            ),
        )
        .with_code(FOREIGN_KEY),
        Cause::ForeignKey => Error::new(
            409,
            format!(
                "other instances refer to this `{}`; delete those first",
                model.name
            ),
        )
        .with_code(FOREIGN_KEY),
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
        other => other.without_values(&format!(" on `{}`", model.name)),
    }
    .with_source(error)
}

/// The error of a call about no model.
pub(super) fn failed(error: DbErr) -> Error {
    cause(&error, None).without_values("").with_source(error)
}

impl Cause {
    fn without_values(self, place: &str) -> Error {
        match self {
            Cause::TooComplex => Error::new(
                400,
                "the filter is more than the database takes at once; split it into several",
            ),
            Cause::Unavailable(message) => {
                Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE")
            }
            Cause::ReadOnly => Error::new(
                500,
                "the data source can only be read; check the permissions of its file or user",
            )
            .with_code("DATA_SOURCE_READ_ONLY"),
            Cause::Duplicate(_) | Cause::ForeignKey | Cause::Invalid { .. } | Cause::Other => {
                Error::internal(format!("the database failed{place}"))
            }
        }
    }
}

/// The database's own words, if it was the database that failed.
pub(super) fn database_error(error: &DbErr) -> Option<&dyn DatabaseError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
            sqlx::Error::Database(error) => Some(error.as_ref()),
            _ => None,
        },
        _ => None,
    }
}

fn cause(error: &DbErr, model: Option<&'static ModelDef>) -> Cause {
    if let Some(error) = database_error(error) {
        #[cfg(feature = "sqlite")]
        if error
            .try_downcast_ref::<sqlx::sqlite::SqliteError>()
            .is_some()
        {
            return sqlite(error, model);
        }
        #[cfg(feature = "postgres")]
        if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            return postgres(error, model);
        }
        #[cfg(feature = "mysql")]
        if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            return mysql(error, model);
        }
    }
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Cause::Unavailable(EXHAUSTED),
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Cause::Unavailable(GONE),
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                    Cause::Unavailable(GONE)
                }
                sqlx::Error::PoolTimedOut => Cause::Unavailable(EXHAUSTED),
                _ => Cause::Other,
            }
        }
        _ => Cause::Other,
    }
}

fn of_column(model: Option<&'static ModelDef>, column: &str) -> Option<&'static PropertyDef> {
    model?
        .properties
        .iter()
        .find(|property| property.column.eq_ignore_ascii_case(column))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn of_index(model: Option<&'static ModelDef>, name: &str) -> Option<&'static PropertyDef> {
    let model = model?;
    model
        .properties
        .iter()
        .find(|property| index_name(model, property).eq_ignore_ascii_case(name))
}

fn blank(property: Option<&'static PropertyDef>) -> Cause {
    Cause::Invalid {
        property,
        code: "presence",
        message: "can't be blank",
    }
}

fn unfit(
    property: Option<&'static PropertyDef>,
    code: &'static str,
    message: &'static str,
) -> Cause {
    Cause::Invalid {
        property,
        code,
        message,
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(error: &dyn DatabaseError, model: Option<&'static ModelDef>) -> Cause {
    let code: i32 = error
        .code()
        .and_then(|code| code.parse().ok())
        .unwrap_or_default();
    let message = error.message();
    // `UNIQUE constraint failed: customer.email`
    let column = || of_column(model, message.rsplit(['.', ' ']).next()?);
    match code {
        // UNIQUE, PRIMARYKEY, ROWID
        2067 | 1555 | 2579 => return Cause::Duplicate(column()),
        // FOREIGNKEY
        787 => return Cause::ForeignKey,
        // NOTNULL
        1299 => return blank(column()),
        _ => {}
    }
    // The low byte is the kind, the rest its variant.
    match code & 0xff {
        // ERROR
        1 if message.contains("Expression tree is too large")
            || message.contains("too many SQL variables") =>
        {
            Cause::TooComplex
        }
        // BUSY, LOCKED
        5 | 6 => Cause::Unavailable(BUSY),
        // READONLY
        8 => Cause::ReadOnly,
        // IOERR, FULL, CANTOPEN
        10 | 13 | 14 => Cause::Unavailable(
            "the data source's file can't be read or written; check its folder and the free space",
        ),
        // TOOBIG
        18 => unfit(None, "length.max", "too long"),
        _ => Cause::Other,
    }
}

#[cfg(feature = "postgres")]
fn postgres(error: &sqlx::postgres::PgDatabaseError, model: Option<&'static ModelDef>) -> Cause {
    let column = error.column().and_then(|column| of_column(model, column));
    match error.code() {
        "23505" => {
            let by_name = error.constraint().and_then(|name| of_index(model, name));
            // `Key (email)=(a@b.c) already exists.`
            let by_detail = || {
                let (_, rest) = error.detail()?.split_once('(')?;
                of_column(model, rest.split_once(')')?.0.trim_matches('"'))
            };
            Cause::Duplicate(by_name.or_else(by_detail))
        }
        "23503" => Cause::ForeignKey,
        "23502" => blank(column),
        "22001" => unfit(column, "length.max", "too long"),
        "22003" => unfit(column, "numericality.range", "is out of range"),
        // Text and JSON can't hold U+0000.
        "22021" | "22P05" => unfit(column, "format", "contains the character U+0000"),
        // Too large a statement, program limits.
        "54000" | "54001" => Cause::TooComplex,
        "25006" => Cause::ReadOnly,
        // Lock not available, deadlock, serialisation, too many connections.
        "55P03" | "40P01" | "40001" | "53300" => Cause::Unavailable(BUSY),
        // Shutting down, crashed, starting; no such database, wrong user or password.
        "57P01" | "57P02" | "57P03" | "3D000" | "28000" | "28P01" => Cause::Unavailable(GONE),
        code if code.starts_with("08") => Cause::Unavailable(GONE),
        _ => Cause::Other,
    }
}

#[cfg(feature = "mysql")]
fn mysql(error: &sqlx::mysql::MySqlDatabaseError, model: Option<&'static ModelDef>) -> Cause {
    let message = error.message();
    // `… for column 'age' at row 1`, and MariaDB's `` … for column `shop`.`customer`.`age` at row 1 ``
    let column = || {
        let (_, rest) = message.rsplit_once("olumn ")?;
        let rest = rest.split(" at row ").next()?;
        let rest = rest.split(" cannot ").next()?;
        let name = rest.rsplit('.').next()?;
        of_column(model, name.trim_matches(['\'', '`']))
    };
    match error.number() {
        1022 | 1062 | 1169 | 1586 => {
            // `Duplicate entry 'a@b.c' for key 'customer.customer_email_key'`; MariaDB leaves the table out.
            let key = message
                .rsplit_once("for key ")
                .and_then(|(_, key)| key.trim_matches('\'').rsplit('.').next());
            Cause::Duplicate(key.and_then(|key| of_index(model, key).or(of_column(model, key))))
        }
        1216 | 1217 | 1451 | 1452 => Cause::ForeignKey,
        1048 => blank(column()),
        // `Field 'age' doesn't have a default value`
        1364 => blank(
            message
                .split('\'')
                .nth(1)
                .and_then(|name| of_column(model, name)),
        ),
        1406 => unfit(column(), "length.max", "too long"),
        1264 | 1690 => unfit(column(), "numericality.range", "is out of range"),
        1265 | 1292 | 1366 => unfit(column(), "type", "doesn't fit the column"),
        // The packet or the list of parameters is too large.
        1153 | 1390 => Cause::TooComplex,
        1290 | 1792 | 1836 => Cause::ReadOnly,
        // Lock wait timeout, deadlock, too many connections.
        1205 | 1213 | 1040 | 1203 => Cause::Unavailable(BUSY),
        // Shutting down, killed, wrong user or database.
        1044 | 1045 | 1049 | 1053 | 1927 | 2006 | 2013 => Cause::Unavailable(GONE),
        _ => Cause::Other,
    }
}
