//! How a SQL data source is reached, and how long anyone waits for it.

use std::fmt;
use std::time::Duration;

use crate::connectors::LONGEST;

/// Settings of a SQL data source. Each has a default that suits a small machine.
///
/// ```no_run
/// use std::time::Duration;
///
/// use loopwright::connectors::sql::{SqlConnector, SqlOptions};
///
/// # async fn connect() -> loopwright::Result<()> {
/// let options = SqlOptions::new()
///     .max_connections(30)
///     .statement_timeout(Duration::from_secs(5))
///     .replica("postgres://reader@replica.example/shop");
/// let sql = SqlConnector::connect("postgres://writer@primary.example/shop", options).await?;
/// # Ok(())
/// # }
/// ```
///
/// In `loopwright.toml` they are keys of `[data_sources.<name>]`, with times as in `"5s"`, `"500ms"`, `"10min"`. More
/// than 24 days are taken for 24 days, the longest that databases can count.
#[derive(Clone)]
pub struct SqlOptions {
    pub(super) name: Option<String>,
    pub(super) max_connections: Option<u32>,
    pub(super) shared_connections: u32,
    pub(super) min_connections: u32,
    pub(super) connect_timeout: Duration,
    pub(super) acquire_timeout: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) statement_cache: usize,
    pub(super) replicas: Vec<String>,
}

impl Default for SqlOptions {
    fn default() -> Self {
        SqlOptions {
            name: None,
            max_connections: None,
            shared_connections: 4,
            min_connections: 0,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Some(Duration::from_secs(30)),
            idle_timeout: Some(Duration::from_secs(600)),
            max_lifetime: Some(Duration::from_secs(1800)),
            statement_cache: 100,
            replicas: Vec::new(),
        }
    }
}

impl SqlOptions {
    /// The defaults.
    pub fn new() -> Self {
        SqlOptions::default()
    }

    /// What errors call the data source. One from the configuration has the name that it has there.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many connections may be open at once: 5 for a SQLite file, besides those that are
    /// [shared](Self::shared_connections); 10 for a server; always one for SQLite in memory.
    #[must_use]
    pub fn max_connections(mut self, number: u32) -> Self {
        self.max_connections = Some(number.max(1));
        self
    }

    /// How many of a PostgreSQL data source's connections all callers share, so that statements outside transactions
    /// follow each other without waiting for one of their own: 4, but no more than half of
    /// [`max_connections`](Self::max_connections), of which they are a part and of which three are left at least. Zero switches
    /// that off.
    ///
    /// Statements that take longer than a quarter of a second, or that must have a connection for themselves, go by the
    /// others. An encrypted connection (cargo feature `tls`, unless the URL says `sslmode=disable` or the server is on this
    /// machine) is not shared, nor is one through a pooler.
    ///
    /// Of a SQLite file it is how many threads read for all callers, each on a connection of its own: 4, but no more than the machine
    /// has processors. One more writes, and commits together what waits for it. These connections are besides
    /// [`max_connections`](Self::max_connections). A database in memory has none, nor has a URL that says more than `mode`.
    #[must_use]
    pub fn shared_connections(mut self, number: u32) -> Self {
        self.shared_connections = number;
        self
    }

    /// How many connections stay open when nobody asks for any: none.
    #[must_use]
    pub fn min_connections(mut self, number: u32) -> Self {
        self.min_connections = number;
        self
    }

    /// How long the start waits for a server that does not answer yet: 5 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time.min(LONGEST);
        self
    }

    /// How long a caller waits for a free connection (a new one may have to be opened), and a SQLite writer for a transaction
    /// or another program: 5 seconds. Then it is answered 503. Behind a single statement that writes, it waits as long as that
    /// takes.
    #[must_use]
    pub fn acquire_timeout(mut self, time: Duration) -> Self {
        self.acquire_timeout = time.min(LONGEST);
        self
    }

    /// How long a statement may take: 30 seconds; zero is without end. Then it is answered 503 with the code
    /// `STATEMENT_TIMEOUT`.
    ///
    /// PostgreSQL and MariaDB end the statement themselves (MySQL only what reads), and so do the threads that ask a SQLite file. By
    /// the pool SQLite can't be interrupted: its caller waits no longer than this and
    /// [`acquire_timeout`](Self::acquire_timeout) together. So does that of a server that does not even do that; the code is then
    /// `DATA_SOURCE_UNAVAILABLE`. Changes of tables take as long as they take.
    #[must_use]
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        // Databases count in milliseconds, and take none for no limit.
        let limit = time.clamp(Duration::from_millis(1), LONGEST);
        self.statement_timeout = Some(limit).filter(|_| !time.is_zero());
        self
    }

    /// After which time a connection that nobody has used is closed: 10 minutes; zero is never.
    #[must_use]
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = Some(time.min(LONGEST)).filter(|time| !time.is_zero());
        self
    }

    /// After which time a connection is replaced by a new one: 30 minutes; zero is never.
    #[must_use]
    pub fn max_lifetime(mut self, time: Duration) -> Self {
        self.max_lifetime = Some(time.min(LONGEST)).filter(|time| !time.is_zero());
        self
    }

    /// How many prepared statements each connection keeps: 100.
    ///
    /// Zero is for pgbouncer in transaction mode, which hands the server's connections on between transactions: then
    /// nothing is expected to stay on a connection, neither prepared statements nor a time limit (give the role its own:
    /// `ALTER ROLE … SET statement_timeout`), and every PostgreSQL statement is a transaction of its own, which costs
    /// three more messages.
    #[must_use]
    pub fn statement_cache(mut self, number: usize) -> Self {
        self.statement_cache = number;
        self
    }

    /// The URL of one more replica of the database. What is read outside transactions comes from the replicas in turn,
    /// and from the primary when none of them answers.
    ///
    /// A replica may lag behind: a caller that has just written may not find it there yet, unless the database itself
    /// waits for its replicas (PostgreSQL: `synchronous_commit = remote_apply`). What a write depends on is read from
    /// the primary, and so is everything that is read by way of
    /// [`Repository::primary`](crate::repository::Repository::primary) or a transaction.
    #[must_use]
    pub fn replica(mut self, url: impl Into<String>) -> Self {
        self.replicas.push(url.into());
        self
    }
}

// URLs hold passwords.
impl fmt::Debug for SqlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlOptions")
            .field("name", &self.name)
            .field("max_connections", &self.max_connections)
            .field("shared_connections", &self.shared_connections)
            .field("min_connections", &self.min_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_lifetime", &self.max_lifetime)
            .field("statement_cache", &self.statement_cache)
            .field("replicas", &self.replicas.len())
            .finish_non_exhaustive()
    }
}
