//! How a MongoDB data source is reached, and how long anyone waits for it.

use std::time::Duration;

use crate::connectors::LONGEST;

/// Settings of a MongoDB data source. What is not set is as the URL says, or else as said here.
///
/// ```no_run
/// use std::time::Duration;
///
/// use loopwright::connectors::mongodb::{MongoConnector, MongoOptions};
///
/// # async fn connect() -> loopwright::Result<()> {
/// let options = MongoOptions::new()
///     .max_connections(30)
///     .statement_timeout(Duration::from_secs(5));
/// let mongo = MongoConnector::connect("mongodb://shop@db.example/shop", options).await?;
/// # Ok(())
/// # }
/// ```
///
/// In `loopwright.toml` they are keys of `[data_sources.<name>]`, with times as in `"5s"`, `"500ms"`, `"10min"`. More
/// than 24 days are taken for 24 days, the longest that databases can count.
#[derive(Debug, Clone, Default)]
pub struct MongoOptions {
    pub(super) max_connections: Option<u32>,
    pub(super) min_connections: Option<u32>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) acquire_timeout: Option<Duration>,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
}

impl MongoOptions {
    /// The defaults.
    pub fn new() -> Self {
        MongoOptions::default()
    }

    /// How many connections to each server may be open at once: 10.
    #[must_use]
    pub fn max_connections(mut self, number: u32) -> Self {
        self.max_connections = Some(number.max(1));
        self
    }

    /// How many connections to each server stay open when nobody asks for any: none.
    #[must_use]
    pub fn min_connections(mut self, number: u32) -> Self {
        self.min_connections = Some(number);
        self
    }

    /// How long the start waits for a server that does not answer yet, and any later operation for a new connection to be
    /// made: 5 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = Some(time.min(LONGEST));
        self
    }

    /// How long an operation waits until there is a server that takes it, such as a new primary: 5 seconds. The driver
    /// has no limit of its own for how long one waits while all connections are busy; that time is a part of
    /// [`statement_timeout`](Self::statement_timeout).
    #[must_use]
    pub fn acquire_timeout(mut self, time: Duration) -> Self {
        self.acquire_timeout = Some(time.min(LONGEST));
        self
    }

    /// How long an operation may take: 10 seconds; zero is without end. Then it is answered 503, also when the server
    /// hangs. Changes of collections and indexes, and change streams that have nothing to tell, take as long as the server
    /// shows signs of life within this time.
    #[must_use]
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        self.statement_timeout = Some(time.min(LONGEST));
        self
    }

    /// After which time a connection that nobody has used is closed: never, which zero is too.
    #[must_use]
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = Some(time.min(LONGEST));
        self
    }
}
