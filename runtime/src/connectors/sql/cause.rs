//! What the driver says, whichever database it was.

use sea_orm::sqlx;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::schema::{composite_name, index_name};
use crate::model::{ModelDef, PropertyDef};

/// What went wrong, whichever database it was.
pub(super) enum Cause {
    /// A unique value is taken, that of these properties as far as they are known.
    Duplicate(Vec<&'static PropertyDef>),
    /// A row refers to one that isn't there, or one that is referred to is deleted.
    ForeignKey,
    /// A value is missing, doesn't fit its column or is none that the database takes.
    Invalid {
        property: Option<&'static PropertyDef>,
        code: &'static str,
        message: &'static str,
    },
    /// The table, or the column of this property, is not there or of another type.
    Unfit(Option<&'static PropertyDef>),
    /// The statement is more than the database takes at once.
    TooComplex,
    /// The database has ended the statement because it took too long.
    TooSlow,
    /// The database is busy or can't be reached: what to say of it after its name.
    Unavailable(&'static str),
    /// The connection has gone away.
    Lost,
    /// The disk is full.
    Full,
    ReadOnly,
    Other,
}

const BUSY: &str = "is busy; try again, or shorten what holds it";
const GONE: &str = "can't be reached; check that it runs and that its URL is right";
const EXHAUSTED: &str = "had no free connection in time; check that it can be reached, or allow more connections \
                         with `max_connections`";
#[cfg(any(feature = "postgres", feature = "mysql"))]
const CROWDED: &str =
    "takes no more connections; lower `max_connections`, or raise the server's own limit";
#[cfg(any(feature = "postgres", feature = "mysql"))]
const DENIED: &str = "refuses the user or the password of its URL; correct them, or give the user the right to connect";
const UNTRUSTED: &str = if cfg!(feature = "tls") {
    "can't be reached by an encrypted connection; check the server's certificate, and which authority and name its URL \
     demands"
} else {
    "is to be reached by an encrypted connection, which this program was built without; add the cargo feature `tls` to \
     its `loopwright` dependency"
};
#[cfg(any(feature = "postgres", feature = "mysql"))]
const NO_DATABASE: &str = "has no database of the name in its URL; create it, or correct the name";

/// The database's own words, if it was the database that failed.
fn database_error(error: &DbErr) -> Option<&dyn DatabaseError> {
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

pub(super) fn cause(error: &DbErr, model: Option<&'static ModelDef>) -> Cause {
    if let Some(error) = database_error(error) {
        #[cfg(feature = "sqlite")]
        if error
            .try_downcast_ref::<sqlx::sqlite::SqliteError>()
            .is_some()
        {
            return sqlite(sqlite_code(error), error.message(), model);
        }
        #[cfg(feature = "postgres")]
        if let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            return postgres(&PostgresError::from(error), model);
        }
        #[cfg(feature = "mysql")]
        if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            return mysql(error, model);
        }
    }
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Cause::Unavailable(EXHAUSTED),
        DbErr::ConnectionAcquire(_) => Cause::Unavailable(GONE),
        DbErr::Conn(RuntimeErr::SqlxError(error)) if is_tls(error) => Cause::Unavailable(UNTRUSTED),
        DbErr::Conn(_) => Cause::Unavailable(GONE),
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sqlx::Error::Io(_) => Cause::Lost,
                sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Cause::Unavailable(GONE),
                sqlx::Error::PoolTimedOut => Cause::Unavailable(EXHAUSTED),
                _ => Cause::Other,
            }
        }
        _ => Cause::Other,
    }
}

/// Has a table changed below a statement that the connection has prepared?
pub(super) fn is_outdated(error: &DbErr) -> bool {
    #[cfg(feature = "postgres")]
    if let DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) =
        error
        && let Some(error) = error.as_database_error()
        && let Some(error) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
    {
        return PostgresError::from(error).is_outdated_plan();
    }
    let _ = error;
    false
}

/// What PostgreSQL says of an error, whichever driver it says it to.
#[cfg(feature = "postgres")]
struct PostgresError<'e> {
    code: &'e str,
    message: &'e str,
    detail: Option<&'e str>,
    column: Option<&'e str>,
    constraint: Option<&'e str>,
    routine: Option<&'e str>,
}

#[cfg(feature = "postgres")]
impl PostgresError<'_> {
    fn is_outdated_plan(&self) -> bool {
        // The message is in the server's language.
        self.code == "0A000" && self.routine == Some("RevalidateCachedQuery")
    }
}

#[cfg(feature = "postgres")]
impl<'e> From<&'e sqlx::postgres::PgDatabaseError> for PostgresError<'e> {
    fn from(error: &'e sqlx::postgres::PgDatabaseError) -> Self {
        PostgresError {
            code: error.code(),
            message: error.message(),
            detail: error.detail(),
            column: error.column(),
            constraint: error.constraint(),
            routine: error.routine(),
        }
    }
}

#[cfg(feature = "postgres")]
impl<'e> From<&'e tokio_postgres::error::DbError> for PostgresError<'e> {
    fn from(error: &'e tokio_postgres::error::DbError) -> Self {
        PostgresError {
            code: error.code().code(),
            message: error.message(),
            detail: error.detail(),
            column: error.column(),
            constraint: error.constraint(),
            routine: error.routine(),
        }
    }
}

/// Has a table changed below a statement that a shared connection has prepared?
#[cfg(feature = "postgres")]
pub(super) fn is_outdated_plan(error: &tokio_postgres::Error) -> bool {
    let said = error.as_db_error().map(PostgresError::from);
    said.is_some_and(|error| error.is_outdated_plan())
}

/// The cause of an error on a shared connection.
#[cfg(feature = "postgres")]
pub(super) fn shared_cause(
    error: &tokio_postgres::Error,
    model: Option<&'static ModelDef>,
) -> Cause {
    match error.as_db_error() {
        Some(error) => postgres(&PostgresError::from(error), model),
        None if super::pipeline::is_lost(error) => Cause::Lost,
        None => Cause::Other,
    }
}

/// Was it the encryption that failed?
fn is_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        // A certificate that is not trusted comes as unreadable data.
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

fn of_column(model: Option<&'static ModelDef>, column: &str) -> Option<&'static PropertyDef> {
    model?
        .properties
        .iter()
        .find(|property| property.column.eq_ignore_ascii_case(column))
}

/// The property whose column a message names somewhere.
fn named(model: Option<&'static ModelDef>, message: &str) -> Option<&'static PropertyDef> {
    let words = message.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.rev().find_map(|word| of_column(model, word))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn of_index(model: Option<&'static ModelDef>, name: &str) -> Option<Vec<&'static PropertyDef>> {
    let model = model?;
    let mut properties = model.properties.iter();
    let single = properties.find(|property| index_name(model, property).eq_ignore_ascii_case(name));
    if let Some(property) = single {
        return Some(vec![property]);
    }
    let mut several = model.indexes.iter();
    let index = several.find(|index| composite_name(model, index).eq_ignore_ascii_case(name))?;
    Some(model.properties_at(&index.positions().collect::<Vec<_>>()))
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

/// Does another connection to the SQLite database hold what this one needs?
#[cfg(feature = "sqlite")]
pub(super) fn is_locked_sqlite(error: &dyn DatabaseError) -> bool {
    is_locked(sqlite_code(error))
}

#[cfg(feature = "sqlite")]
fn is_locked(code: i32) -> bool {
    // BUSY, LOCKED
    matches!(code & 0xff, 5 | 6)
}

/// The cause of an error of a thread that asks SQLite.
#[cfg(feature = "sqlite")]
pub(super) fn thread_cause(error: &rusqlite::Error, model: Option<&'static ModelDef>) -> Cause {
    match error {
        rusqlite::Error::SqliteFailure(error, message) => {
            let message = message.as_deref().unwrap_or_default();
            sqlite(error.extended_code, message, model)
        }
        _ => Cause::Other,
    }
}

#[cfg(feature = "sqlite")]
fn sqlite_code(error: &dyn DatabaseError) -> i32 {
    let code = error.code();
    code.and_then(|code| code.parse().ok()).unwrap_or_default()
}

#[cfg(feature = "sqlite")]
fn sqlite(code: i32, message: &str, model: Option<&'static ModelDef>) -> Cause {
    // `NOT NULL constraint failed: customer.email`
    let column = || of_column(model, message.rsplit(['.', ' ']).next()?);
    // `UNIQUE constraint failed: customer.city, customer.email`
    let columns = || {
        let names = message.split(", ");
        let names = names.filter_map(|name| name.rsplit('.').next());
        names.filter_map(|name| of_column(model, name)).collect()
    };
    match code {
        // UNIQUE, PRIMARYKEY, ROWID
        2067 | 1555 | 2579 => return Cause::Duplicate(columns()),
        // NOTNULL
        1299 => return blank(column()),
        // FOREIGNKEY
        787 => return Cause::ForeignKey,
        _ => {}
    }
    if is_locked(code) {
        return Cause::Unavailable(BUSY);
    }
    // The low byte is the kind, the rest its variant.
    match code & 0xff {
        // ERROR
        1 if message.contains("Expression tree is too large")
            || message.contains("too many SQL variables") =>
        {
            Cause::TooComplex
        }
        // `no such column: city`, `table shop has no column named city`
        1 if message.contains("column") => Cause::Unfit(named(model, message)),
        1 if message.starts_with("no such table") => Cause::Unfit(None),
        // INTERRUPT
        9 => Cause::TooSlow,
        // READONLY
        8 => Cause::ReadOnly,
        // FULL
        13 => Cause::Full,
        // IOERR, CANTOPEN
        10 | 14 => Cause::Unavailable(
            "has a file that can't be read or written; check its folder and the free space",
        ),
        // TOOBIG
        18 => unfit(None, "length.max", "too long"),
        _ => Cause::Other,
    }
}

#[cfg(feature = "postgres")]
fn postgres(error: &PostgresError<'_>, model: Option<&'static ModelDef>) -> Cause {
    let column = error.column.and_then(|column| of_column(model, column));
    match error.code {
        "23505" => {
            let by_name = error.constraint.and_then(|name| of_index(model, name));
            // `Key (city, email)=(Bern, a@b.c) already exists.`
            let by_detail = || {
                let (_, rest) = error.detail?.split_once('(')?;
                let names = rest.split_once(")=(")?.0.split(", ");
                let columns = names.map(|name| of_column(model, name.trim_matches('"')));
                columns.collect()
            };
            Cause::Duplicate(by_name.or_else(by_detail).unwrap_or_default())
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
        // No such column or table; a column or an operand of another type.
        "42703" | "42804" => Cause::Unfit(named(model, error.message)),
        "42P01" | "42883" => Cause::Unfit(None),
        // Lock not available, deadlock, serialisation.
        "55P03" | "40P01" | "40001" => Cause::Unavailable(BUSY),
        // Shutting down, crashed.
        "57P01" | "57P02" => Cause::Lost,
        // Another connection prepares the statement anew.
        _ if error.is_outdated_plan() => Cause::Lost,
        code if code.starts_with("08") => Cause::Lost,
        // Starting.
        "57P03" => Cause::Unavailable(GONE),
        "57014" => Cause::TooSlow,
        "53100" => Cause::Full,
        "53300" => Cause::Unavailable(CROWDED),
        "28000" | "28P01" => Cause::Unavailable(DENIED),
        "3D000" => Cause::Unavailable(NO_DATABASE),
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
            let of_column = |key| of_column(model, key).map(|property| vec![property]);
            let properties = key.and_then(|key| of_index(model, key).or_else(|| of_column(key)));
            Cause::Duplicate(properties.unwrap_or_default())
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
        // No such column, no such table.
        1054 => Cause::Unfit(named(model, message)),
        1146 => Cause::Unfit(None),
        // Lock wait timeout, deadlock.
        1205 | 1213 => Cause::Unavailable(BUSY),
        // Shutting down, killed; a node that has left its Galera cluster.
        1053 | 1927 | 2006 | 2013 => Cause::Lost,
        1047 => Cause::Unavailable(GONE),
        // `max_statement_time` of MariaDB, `max_execution_time` of MySQL.
        1969 | 3024 => Cause::TooSlow,
        // Disk full, table full.
        1021 | 1114 => Cause::Full,
        1040 | 1203 => Cause::Unavailable(CROWDED),
        1044 | 1045 | 1698 => Cause::Unavailable(DENIED),
        1049 => Cause::Unavailable(NO_DATABASE),
        _ => Cause::Other,
    }
}
