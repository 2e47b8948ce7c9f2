//! From a URL to a pool of connections.
//!
//! The pools are built here rather than from SeaORM's own options, which print the whole URL, password included, into
//! their trace spans.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use sea_orm::sqlx::Connection as _;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::{self, ConnectOptions, Database};
use sea_orm::{DatabaseConnection, DbBackend};

use super::SqlOptions;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::error::unreachable;
#[cfg(feature = "postgres")]
use super::pipeline::Pipeline;
#[cfg(feature = "sqlite")]
use super::threads::{File, Threads};
use crate::connectors::Connections;
use crate::{Error, Result};

/// A pool of connections to one database.
pub(super) struct Pool {
    pub connection: DatabaseConnection,
    pub backend: DbBackend,
    /// Which connections are asked for a sign of life before they are used.
    pub health: Arc<Health>,
    /// The connections that all callers share.
    #[cfg(feature = "postgres")]
    pub pipeline: Option<Pipeline>,
    /// The threads that ask a file for all callers.
    #[cfg(feature = "sqlite")]
    pub threads: Option<Threads>,
    /// Why the server can't be reached yet; the pool goes on trying.
    pub reached: Result<()>,
}

/// When a connection was last found dead, and when what connections know of the tables was last found out of date.
#[derive(Default)]
pub(super) struct Health {
    lost: Mutex<Option<Instant>>,
    outdated: Mutex<Option<Instant>>,
}

/// A connection that has been used within this time needs no sign of life.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const FRESH: Duration = Duration::from_secs(1);

impl Health {
    /// A connection is gone; those that have not been used since may be gone too.
    pub fn lost_one(&self) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// A table has changed below statements that connections have prepared.
    pub fn outdate(&self) {
        *self.outdated.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Has a connection of this age perhaps prepared a statement over a table that has changed since? It would refuse it for
    /// ever.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    fn is_outdated(&self, age: Duration) -> bool {
        let outdated = *self.outdated.lock().unwrap_or_else(PoisonError::into_inner);
        outdated.is_some_and(|outdated| age >= outdated.elapsed())
    }

    /// A ping per checkout halves the throughput. A connection that is in use all the time goes without, unless another
    /// one has died since.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub fn doubts(&self, idle_for: Duration) -> bool {
        let lost = *self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        idle_for >= FRESH || lost.is_some_and(|lost| idle_for >= lost.elapsed())
    }
}

/// Opens the pool that `url` describes.
pub(super) async fn connect(url: &str, options: &SqlOptions) -> Result<Pool> {
    // Messages name the scheme alone: what follows may hold a password.
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        #[cfg(feature = "sqlite")]
        "sqlite" => sqlite(url, options).await,
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => postgres(url, options).await,
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => mysql(url, options).await,
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

/// How many connections a server's data source has unless said otherwise.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const MOST: u32 = 10;

/// What every pool has in common.
fn pool<DB: Database>(options: &SqlOptions, most: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(most)
        .min_connections(options.min_connections.min(most))
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(options.idle_timeout)
        .max_lifetime(options.max_lifetime)
        .test_before_acquire(false)
}

/// What every pool of a server's connections has in common.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn server_pool<DB: Database>(
    options: &SqlOptions,
    most: u32,
    health: Arc<Health>,
) -> PoolOptions<DB> {
    pool::<DB>(options, most).before_acquire(move |connection, meta| {
        let health = health.clone();
        Box::pin(async move {
            if health.is_outdated(meta.age) {
                return Ok(false);
            }
            if health.doubts(meta.idle_for) && connection.ping().await.is_err() {
                health.lost_one();
                return Ok(false);
            }
            Ok(true)
        })
    })
}

/// Waits until the server takes a connection: the pool would only say that time is up, and not why.
#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn reach<O>(server: &O, options: &SqlOptions) -> Result<()>
where
    O: ConnectOptions,
    O::Connection: Sized,
{
    let attempt = || async {
        // It is only asked whether it is there.
        let _ = server.connect().await?.close().await;
        Ok(())
    };
    let reached = patiently(options.connect_timeout, attempt).await;
    reached.map_err(|error| unreachable(error, options.name.as_deref()))
}

/// How much of the pool is in use.
pub(super) fn connections(
    connection: &DatabaseConnection,
    backend: DbBackend,
) -> Option<Connections> {
    match backend {
        #[cfg(feature = "sqlite")]
        DbBackend::Sqlite => Some(of_pool(connection.get_sqlite_connection_pool())),
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => Some(of_pool(connection.get_postgres_connection_pool())),
        #[cfg(feature = "mysql")]
        DbBackend::MySql => Some(of_pool(connection.get_mysql_connection_pool())),
        _ => None,
    }
}

fn of_pool<DB: Database>(pool: &sqlx::Pool<DB>) -> Connections {
    Connections {
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        most: pool.options().get_max_connections(),
    }
}

/// Tries again, within `limit`, what only fails because a database starts or another program opens it.
async fn patiently<T, Fut>(limit: Duration, attempt: impl Fn() -> Fut) -> Result<T, sqlx::Error>
where
    Fut: Future<Output = Result<T, sqlx::Error>>,
{
    /// How long a database that starts is left alone.
    const PAUSE: Duration = Duration::from_millis(100);

    let mut last = None;
    let attempts = async {
        loop {
            match attempt().await {
                Err(error) if is_starting(&error) => last = Some(error),
                done => return done,
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(limit, attempts)
        .await
        .unwrap_or_else(|_| {
            Err(last.unwrap_or_else(|| {
                let silent = "it does not answer within `connect_timeout`";
                sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, silent))
            }))
        })
}

/// Nobody listens yet, or the database says that it is not ready, or has no connection left right now.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        #[cfg(feature = "sqlite")]
        sqlx::Error::Database(error) if super::cause::is_locked_sqlite(error.as_ref()) => true,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

/// Statements are logged when debugging, with the time that they took, and not otherwise; their values never are.
fn quiet<O: ConnectOptions>(options: O) -> O {
    match "debug".parse() {
        Ok(level) => options
            .log_statements(level)
            .log_slow_statements(level, Duration::from_secs(1)),
        // The level is a word that the logging crate knows.
        Err(_) => options.disable_statement_logging(),
    }
}

fn unreadable(what: &str, like: &str, error: sqlx::Error) -> Error {
    let message = format!("the {what} data source URL can't be read; it is like {like}");
    Error::internal(message).with_source(error)
}

#[cfg(feature = "sqlite")]
async fn sqlite(url: &str, options: &SqlOptions) -> Result<Pool> {
    use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

    let (database, query) = url.split_once('?').unwrap_or((url, ""));
    let mode = query
        .split('&')
        .find_map(|parameter| parameter.strip_prefix("mode="));
    let memory = database.ends_with(":memory:") || mode == Some("memory");
    let read_only = mode == Some("ro") || query.split('&').any(|p| p.starts_with("immutable="));

    let mut file: SqliteConnectOptions = url
        .parse()
        .map_err(|error| unreadable("SQLite", "`sqlite://shop.db?mode=rwc`", error))?;
    if mode.is_none() && !memory {
        // A first start has no file yet.
        file = file.create_if_missing(true);
    }
    if !memory && !read_only {
        // Readers and the one writer don't wait for each other.
        file = file.journal_mode(SqliteJournalMode::Wal);
    }
    let shared = File::new(file.get_filename(), query, options);
    file = quiet(file)
        .busy_timeout(options.acquire_timeout)
        .statement_cache_capacity(options.statement_cache)
        .foreign_keys(true)
        .collation(super::column::SQLITE_DECIMAL, super::column::decimal_order);
    // Each connection is a thread; one of them writes at a time.
    let mut pool: PoolOptions<sqlx::Sqlite> = pool(options, options.max_connections.unwrap_or(5));
    if memory {
        // The database lives as long as its connection: it must be one, and it must never be closed.
        pool = pool
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None);
    }
    // SQLite does not wait for a lock while the file gets its journal, or loses it with its last connection.
    let open = || pool.clone().connect_with(file.clone());
    let opened = patiently(options.connect_timeout, open).await;
    let pool = opened.map_err(|error| {
        let message = if is_starting(&error) {
            "the SQLite database is locked by another program; end that program, or let it let go of the file"
        } else {
            "the SQLite database can't be opened; check that its folder exists and that the file may be written, or \
             add `?mode=ro` to the URL to only read it"
        };
        Error::new(503, message)
            .with_code("DATA_SOURCE_UNAVAILABLE")
            .with_source(error)
    })?;
    Ok(Pool {
        connection: pool.into(),
        backend: DbBackend::Sqlite,
        health: Arc::default(),
        #[cfg(feature = "postgres")]
        pipeline: None,
        threads: threads(shared, options),
        reached: Ok(()),
    })
}

/// The threads that ask `file`, if there is one that may be shared: no more than the machine has processors, and one that writes.
#[cfg(feature = "sqlite")]
fn threads(file: Option<File>, options: &SqlOptions) -> Option<Threads> {
    let file = file.filter(|_| options.shared_connections > 0)?;
    let processors = std::thread::available_parallelism().map_or(1, |number| number.get());
    let processors = u32::try_from(processors).unwrap_or(u32::MAX);
    let started = Threads::start(file, options.shared_connections.min(processors));
    started
        .inspect_err(|error| tracing::warn!(%error, "SQLite has no threads of its own, and is asked by the pool alone"))
        .ok()
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str, options: &SqlOptions) -> Result<Pool> {
    use sea_orm::sqlx::Executor;
    use sea_orm::sqlx::postgres::PgConnectOptions;

    let server: PgConnectOptions = url
        .parse()
        .map_err(|error| unreadable("PostgreSQL", "`postgres://user:password@host:5432/database`, with every special character in it percent-encoded", error))?;
    let server = quiet(server)
        .statement_cache_capacity(options.statement_cache)
        // Values travel in binary; pgbouncer refuses the parameter.
        .extra_float_digits(None);
    let health = Arc::<Health>::default();
    let most = options.max_connections.unwrap_or(MOST);
    // Some are left for what must have one for itself: who listens has one for good, and a transaction may wait for what is
    // asked outside it.
    let shared = options.shared_connections.min(most.saturating_sub(3));
    let shared = shared.min(most / 2);
    let pipeline = Pipeline::new(&server, options, shared, &health);
    let shared = pipeline.as_ref().map_or(0, |_| shared);
    let limit = options
        .statement_timeout
        .filter(|_| options.statement_cache > 0);
    let pool = server_pool::<sqlx::Postgres>(options, most - shared, health.clone())
        .after_connect(move |connection, _| {
            Box::pin(async move {
                let Some(limit) = limit else { return Ok(()) };
                let limit = format!("SET statement_timeout = {}", limit.as_millis());
                connection
                    .execute(sqlx::AssertSqlSafe(limit))
                    .await
                    .map(drop)
            })
        })
        .connect_lazy_with(server.clone());
    Ok(Pool {
        connection: pool.into(),
        backend: DbBackend::Postgres,
        health,
        pipeline,
        #[cfg(feature = "sqlite")]
        threads: None,
        reached: reach(&server, options).await,
    })
}

#[cfg(feature = "mysql")]
async fn mysql(url: &str, options: &SqlOptions) -> Result<Pool> {
    use sea_orm::sqlx::Executor;
    use sea_orm::sqlx::mysql::MySqlConnectOptions;

    let server: MySqlConnectOptions = url
        .parse()
        .map_err(|error| unreadable("MySQL", "`mysql://user:password@host:3306/database`, with every special character in it percent-encoded", error))?;
    let server = quiet(server)
        .statement_cache_capacity(options.statement_cache)
        .timezone(Some("+00:00".to_owned()))
        .charset("utf8mb4");
    // MariaDB reads what is behind `M!`, MySQL what is behind the version.
    let limit = options.statement_timeout.map(|limit| {
        format!(
            "/*M! max_statement_time = {}, */ /*!50708 max_execution_time = {}, */",
            limit.as_secs_f64(),
            limit.as_millis()
        )
    });
    // A value is stored as it is given or refused: a lax server cuts long texts, and every server takes the id 0 for
    // none.
    let session = format!(
        "SET SESSION {} sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')",
        limit.unwrap_or_default()
    );
    let health = Arc::<Health>::default();
    let most = options.max_connections.unwrap_or(MOST);
    let pool = server_pool::<sqlx::MySql>(options, most, health.clone())
        .after_connect(move |connection, _| {
            let session = session.clone();
            Box::pin(async move {
                connection
                    .execute(sqlx::AssertSqlSafe(session))
                    .await
                    .map(drop)
            })
        })
        .connect_lazy_with(server.clone());
    Ok(Pool {
        connection: pool.into(),
        backend: DbBackend::MySql,
        health,
        #[cfg(feature = "postgres")]
        pipeline: None,
        #[cfg(feature = "sqlite")]
        threads: None,
        reached: reach(&server, options).await,
    })
}
