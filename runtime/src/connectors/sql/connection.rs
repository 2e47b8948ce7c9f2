//! From a URL to a pool of connections.
//!
//! The pools are built here rather than from SeaORM's own options, which print the whole URL, password included, into
//! their trace spans.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::{self, ConnectOptions, Database};
use sea_orm::{DatabaseConnection, DbBackend};

use crate::{Error, Result};

/// How long a caller waits for a free connection, and a SQLite writer for the other one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the pool that `url` describes, with at most `max_connections` connections.
pub(super) async fn connect(
    url: &str,
    max_connections: Option<u32>,
) -> Result<(DatabaseConnection, DbBackend)> {
    // Messages name the scheme alone: what follows may hold a password.
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite(url, max_connections).await,
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => postgres(url, max_connections).await,
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => mysql(url, max_connections).await,
        #[cfg(not(feature = "sqlite"))]
        "sqlite" => Err(feature_off("sqlite", "sqlite")),
        #[cfg(not(feature = "postgres"))]
        "postgres" | "postgresql" => Err(feature_off(scheme, "postgres")),
        #[cfg(not(feature = "mysql"))]
        "mysql" | "mariadb" => Err(feature_off(scheme, "mysql")),
        // What has no known scheme may be a password by mistake.
        _ => Err(Error::internal(
            "the URL is none of a SQL database; begin it with `sqlite:`, `postgres:` or `mysql:` \
             (cargo features `sqlite`, `postgres`, `mysql`)",
        )),
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn feature_off(scheme: &str, feature: &str) -> Error {
    Error::internal(format!(
        "the data source URL begins with `{scheme}:`, which this program was built without; \
         add the cargo feature `{feature}` to its `loopwright` dependency"
    ))
}

/// What every pool has in common.
fn pool<DB: Database>(max_connections: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(max_connections.max(1))
        .acquire_timeout(PATIENCE)
        // A ping per checkout halves the throughput; a dead connection fails once and is replaced.
        .test_before_acquire(false)
}

/// Statements are logged when debugging, and not otherwise; their values never are.
fn quiet<O: ConnectOptions>(options: O) -> O {
    match "debug".parse() {
        Ok(level) => options
            .log_statements(level)
            .log_slow_statements(level, Duration::from_secs(1)),
        // The level is a word that the logging crate knows.
        Err(_) => options.disable_statement_logging(),
    }
}

fn unreadable(what: &str, error: sqlx::Error) -> Error {
    Error::internal(format!("the {what} URL can't be read")).with_source(error)
}

fn unreachable(message: &str, error: sqlx::Error) -> Error {
    Error::new(503, message)
        .with_code("DATA_SOURCE_UNAVAILABLE")
        .with_source(error)
}

#[cfg(feature = "sqlite")]
async fn sqlite(
    url: &str,
    max_connections: Option<u32>,
) -> Result<(DatabaseConnection, DbBackend)> {
    use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

    let (database, query) = url.split_once('?').unwrap_or((url, ""));
    let mode = query
        .split('&')
        .find_map(|parameter| parameter.strip_prefix("mode="));
    let memory = database.ends_with(":memory:") || mode == Some("memory");
    let read_only = mode == Some("ro") || query.split('&').any(|p| p.starts_with("immutable="));

    let mut options: SqliteConnectOptions = url
        .parse()
        .map_err(|error| unreadable("SQLite data source", error))?;
    if mode.is_none() && !memory {
        // A first start has no file yet.
        options = options.create_if_missing(true);
    }
    if !memory && !read_only {
        // Readers and the one writer don't wait for each other.
        options = options.journal_mode(SqliteJournalMode::Wal);
    }
    options = quiet(options)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .collation(super::column::SQLITE_DECIMAL, super::column::decimal_order);
    let pool: PoolOptions<sqlx::Sqlite> = if memory {
        // The database lives as long as its connection: it must be one, and it must never be closed.
        pool(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
    } else {
        // Each connection is a thread; one of them writes at a time.
        pool(max_connections.unwrap_or(5))
    };
    let pool = pool.connect_with(options).await.map_err(|error| {
        let message = "the SQLite database can't be opened; check that its folder exists and that the file may be \
                       written, or add `?mode=ro` to the URL to only read it";
        unreachable(message, error)
    })?;
    Ok((pool.into(), DbBackend::Sqlite))
}

#[cfg(feature = "postgres")]
async fn postgres(
    url: &str,
    max_connections: Option<u32>,
) -> Result<(DatabaseConnection, DbBackend)> {
    use sea_orm::sqlx::postgres::PgConnectOptions;

    let options: PgConnectOptions = url
        .parse()
        .map_err(|error| unreadable("PostgreSQL data source", error))?;
    let pool = pool::<sqlx::Postgres>(max_connections.unwrap_or(10))
        .connect_with(quiet(options))
        .await
        .map_err(|error| {
            let message = "the PostgreSQL server can't be reached; check that it runs and that the host, user, password \
                           and database of the data source URL are right";
            unreachable(message, error)
        })?;
    Ok((pool.into(), DbBackend::Postgres))
}

#[cfg(feature = "mysql")]
async fn mysql(url: &str, max_connections: Option<u32>) -> Result<(DatabaseConnection, DbBackend)> {
    use sea_orm::sqlx::Executor;
    use sea_orm::sqlx::mysql::MySqlConnectOptions;

    let options: MySqlConnectOptions = url
        .parse()
        .map_err(|error| unreadable("MySQL data source", error))?;
    let options = quiet(options)
        .timezone(Some("+00:00".to_owned()))
        .charset("utf8mb4");
    let pool = pool::<sqlx::MySql>(max_connections.unwrap_or(10))
        .after_connect(|connection, _| {
            Box::pin(async move {
                // A value is stored as it is given or refused: a lax server cuts long texts, and every server takes
                // the id 0 for none.
                let exact = "SET SESSION sql_mode = \
                             CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')";
                connection.execute(exact).await.map(|_| ())
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| {
            let message = "the MySQL server can't be reached; check that it runs and that the host, user, password and \
                           database of the data source URL are right";
            unreachable(message, error)
        })?;
    Ok((pool.into(), DbBackend::MySql))
}
