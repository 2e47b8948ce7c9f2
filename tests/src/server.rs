//! A database of its own for each test.
//!
//! The PostgreSQL, MySQL, MongoDB and Redis servers are the ones named by `LW_TEST_POSTGRES_URL`, `LW_TEST_MYSQL_URL`,
//! `LW_TEST_MONGODB_URL` and `LW_TEST_REDIS_URL`.
//! Without these, the first test that asks starts a private one, which the whole test binary shares.
//!
//! A private server is a child of `tests/tools/serve`, which stops it and removes its data as soon as its standard input
//! closes. This process holds the other end of that pipe and never closes it, so the kernel does, however the test binary
//! ends: a return, a panic, `SIGKILL`.
//!
//! Databases on a server named in the environment are left behind (their names start with `loopwright_`): the test may
//! still hold connections when it ends.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::{ConnectionTrait as _, Database, DbErr};
use tempfile::TempDir;

use crate::private_server::{Absence, PrivateServer};
use crate::skip::skip;

/// The URL of a new, empty PostgreSQL database, or `None` when PostgreSQL is not installed.
///
/// # Panics
///
/// When the server cannot be started or refuses to create the database, and in CI when it is not installed.
#[track_caller]
#[must_use]
pub fn postgres_url() -> Option<String> {
    static POSTGRES: Server = Server::new(
        "postgres",
        "LW_TEST_POSTGRES_URL",
        Some("CREATE DATABASE {}"),
    );
    POSTGRES.fresh_database()
}

/// The URL of a new, empty MySQL or MariaDB database in `utf8mb4`, or `None` when MariaDB is not installed.
///
/// # Panics
///
/// When the server cannot be started or refuses to create the database, and in CI when it is not installed.
#[track_caller]
#[must_use]
pub fn mysql_url() -> Option<String> {
    static MYSQL: Server = Server::new(
        "mysql",
        "LW_TEST_MYSQL_URL",
        Some("CREATE DATABASE {} CHARACTER SET utf8mb4"),
    );
    MYSQL.fresh_database()
}

/// The URL of a new, empty MongoDB database on a replica set, or `None` when MongoDB is not installed.
///
/// # Panics
///
/// When the server cannot be started, and in CI when it is not installed.
#[track_caller]
#[must_use]
pub fn mongodb_url() -> Option<String> {
    // A database is there once something is put into it.
    static MONGODB: Server = Server::new("mongodb", "LW_TEST_MONGODB_URL", None);
    MONGODB.fresh_database()
}

/// As [`mongodb_url`], on a server that is part of no replica set. It is always a private one.
///
/// # Panics
///
/// As [`mongodb_url`].
#[track_caller]
#[must_use]
pub fn mongodb_alone_url() -> Option<String> {
    static ALONE: Server = Server::new("mongodb-alone", "LW_TEST_MONGODB_ALONE_URL", None);
    ALONE.fresh_database()
}

/// The URL of a Redis database that no other test has, or `None` when Redis is not installed.
///
/// Databases are numbered and counted by the server itself; one named in the environment needs as many as there are
/// tests (`--databases 4096`).
///
/// # Panics
///
/// When the server cannot be started or does not count, and in CI when it is not installed.
#[track_caller]
#[must_use]
pub fn redis_url() -> Option<String> {
    static REDIS: Server = Server::new("redis", "LW_TEST_REDIS_URL", None);
    let server = REDIS.running()?;
    match redis_number(&server.url) {
        Ok(number) => Some(with_database(&server.url, &number)),
        Err(error) => panic!("no database on {}: {error}", server.url),
    }
}

/// The URL of a SQLite database file that does not exist yet.
///
/// # Panics
///
/// When no temporary folder can be made.
#[track_caller]
#[must_use]
pub fn sqlite_url() -> SqliteUrl {
    let folder = match TempDir::with_prefix("loopwright-sqlite.") {
        Ok(folder) => folder,
        Err(error) => panic!("no temporary folder for a SQLite database: {error}"),
    };
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("test.db").display()
    );
    SqliteUrl {
        url,
        _folder: folder,
    }
}

/// The URL of a SQLite database. Keep it for as long as the database is used: dropping it removes the file.
#[derive(Debug)]
pub struct SqliteUrl {
    url: String,
    _folder: TempDir,
}

impl Deref for SqliteUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for SqliteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// One kind of database server, found or started when the first test asks for it.
struct Server {
    kind: &'static str,
    variable: &'static str,
    /// What makes a database, with `{}` for the name.
    create: Option<&'static str>,
    /// Kept also when there is none, so that every test of the binary reports it and not only the first.
    running: OnceLock<Result<Running, Absence>>,
}

struct Running {
    /// Of a database that is always there.
    url: String,
    /// Ends when this does.
    _private: Option<PrivateServer>,
}

impl Server {
    const fn new(kind: &'static str, variable: &'static str, create: Option<&'static str>) -> Self {
        Self {
            kind,
            variable,
            create,
            running: OnceLock::new(),
        }
    }

    #[track_caller]
    fn running(&self) -> Option<&Running> {
        match self.running.get_or_init(|| self.find_or_start()) {
            Ok(running) => Some(running),
            Err(Absence::NotInstalled(reason)) => {
                skip(reason);
                None
            }
            Err(Absence::Failed(reason)) => panic!("no {} server: {reason}", self.kind),
        }
    }

    #[track_caller]
    fn fresh_database(&self) -> Option<String> {
        let server = self.running()?;
        let name = fresh_name();
        if let Some(create) = self.create
            && let Err(error) = execute(&server.url, &create.replace("{}", &name))
        {
            panic!("cannot create a database on {}: {error}", server.url);
        }
        Some(with_database(&server.url, &name))
    }

    fn find_or_start(&self) -> Result<Running, Absence> {
        match std::env::var(self.variable) {
            Ok(url) if !url.is_empty() => Ok(Running {
                url,
                _private: None,
            }),
            _ => PrivateServer::start(self.kind, &[]).map(|server| Running {
                url: server.url.clone(),
                _private: Some(server),
            }),
        }
    }
}

/// A name no other test uses, in this process or another one on the same server.
fn fresh_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros());
    format!("loopwright_{now}_{}_{count}", std::process::id())
}

/// The number of a database that nobody has been told of.
fn redis_number(url: &str) -> redis::RedisResult<String> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    redis::cmd("INCR")
        .arg("loopwright_tests")
        .query(&mut connection)
}

/// The same server, another database: `scheme://authority/<name>?options`.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let authority = address.find("://").map_or(0, |colon| colon + "://".len());
    let end = address[authority..]
        .find('/')
        .map_or(address.len(), |slash| authority + slash);
    format!("{}/{name}{options}", &address[..end])
}

/// Runs one statement on a connection of its own.
///
/// On a thread of its own too: the caller may be inside a runtime, where blocking on another one is an error.
fn execute(url: &str, statement: &str) -> Result<(), String> {
    let work = || -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let executed: Result<(), DbErr> = runtime.block_on(async {
            let connection = Database::connect(url).await?;
            connection.execute_unprepared(statement).await?;
            connection.close().await
        });
        executed.map_err(|error| error.to_string())
    };
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err("the connection panicked".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_is_replaced() {
        assert_eq!(
            with_database("postgres://u:p@h:1/old", "new"),
            "postgres://u:p@h:1/new"
        );
        assert_eq!(with_database("postgres://h", "new"), "postgres://h/new");
        assert_eq!(
            with_database("mysql://h/?ssl-mode=disabled", "new"),
            "mysql://h/new?ssl-mode=disabled"
        );
    }

    /// Both databases take a table of the same name, and text outside the basic plane comes back whole.
    async fn works(first: &str, second: &str) -> Result<(), DbErr> {
        for url in [first, second] {
            let connection = Database::connect(url).await?;
            connection
                .execute_unprepared("CREATE TABLE cup (label VARCHAR(20))")
                .await?;
            connection
                .execute_unprepared("INSERT INTO cup VALUES ('☕🫖')")
                .await?;
            let cup = connection
                .query_one_raw(statement(&connection, "SELECT label FROM cup"))
                .await?;
            let label: Option<String> = cup.map(|row| row.try_get_by_index(0)).transpose()?;
            assert_eq!(label.as_deref(), Some("☕🫖"));
            connection.close().await?;
        }
        Ok(())
    }

    fn statement(connection: &sea_orm::DatabaseConnection, sql: &str) -> sea_orm::Statement {
        sea_orm::Statement::from_string(connection.get_database_backend(), sql)
    }

    #[tokio::test]
    async fn postgres_databases_are_separate() -> Result<(), DbErr> {
        let (Some(first), Some(second)) = (postgres_url(), postgres_url()) else {
            return Ok(());
        };
        works(&first, &second).await
    }

    #[tokio::test]
    async fn mysql_databases_are_separate() -> Result<(), DbErr> {
        let (Some(first), Some(second)) = (mysql_url(), mysql_url()) else {
            return Ok(());
        };
        works(&first, &second).await
    }

    #[tokio::test]
    async fn sqlite_databases_are_separate_and_vanish() -> Result<(), DbErr> {
        let (first, second) = (sqlite_url(), sqlite_url());
        works(&first, &second).await?;
        let folder = first._folder.path().to_owned();
        assert!(folder.exists());
        drop(first);
        assert!(!folder.exists());
        Ok(())
    }
}
