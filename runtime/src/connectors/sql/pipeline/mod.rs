//! A few connections to PostgreSQL that all callers share: statements follow each other without waiting for answers, so that
//! a statement costs neither a connection of its own nor the wait for one.
//!
//! What shares a connection waits for whoever came before. So no statement may hold one up: the server ends what takes
//! longer than [`PATIENCE`], be it slow or waiting for another's lock, undone as if it had never been sent. It is then asked
//! again through the pool, where it takes as long as it takes, and so is everything of its kind for a while. The pool also
//! takes what must have a connection for itself (transactions, the caller's own statements, what observers have changed),
//! and everything as long as no shared connection is known to be alive. So nothing depends on this path but speed.

mod link;
mod parameter;
mod value;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::Statement;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::{Config, Error};

pub(super) use self::link::is_lost;
use self::link::{Link, Turn, is_cancelled, is_outdated};
use self::parameter::{Parameter, type_of};
pub(super) use self::value::decode;
use super::connection::Health;
use super::slow::Slow;
use super::{Answer, SqlOptions};
use crate::connectors::Connections;

/// How long a statement may hold up those behind it.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long a connection may give no answer while some are waited for: then it is taken for dead. A commit may take longer than
/// the statement itself.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a connection that nobody waits for may take to give a sign of life.
const GRACE: Duration = Duration::from_secs(1);

/// How many statements may be under way on one connection; the rest waits for a turn. Each of them may have to be given up by
/// the server before the last one's turn.
const DEPTH: usize = 16;

/// How long a statement waits for a turn before it takes the pool: under load a turn is sooner had, and cheaper; where a lock
/// holds all of them up, nobody is kept.
const WAIT: Duration = Duration::from_millis(50);

/// What the shared connections have in common.
#[derive(Clone, Copy)]
struct Settings {
    patience: Duration,
    connect_timeout: Duration,
    max_lifetime: Option<Duration>,
    statement_cache: usize,
}

/// The shared connections of a data source.
pub(super) struct Pipeline {
    links: Vec<Arc<Link>>,
    /// How many more statements may be under way.
    turns: Semaphore,
    slow: Slow,
}

impl Pipeline {
    /// That many shared connections to `server`, which are opened when they are first needed. None behind a pooler, and none
    /// where they would have to be encrypted.
    pub fn new(
        server: &PgConnectOptions,
        options: &SqlOptions,
        count: u32,
        health: &Arc<Health>,
    ) -> Option<Self> {
        if count == 0 || options.statement_cache == 0 || !may_be_plain(server) {
            return None;
        }
        let limit = options.statement_timeout;
        let settings = Settings {
            patience: limit.map_or(PATIENCE, |limit| limit.min(PATIENCE)),
            connect_timeout: options.connect_timeout,
            max_lifetime: options.max_lifetime,
            statement_cache: options.statement_cache,
        };
        let config = Arc::new(config(server, options));
        let link = |_| Arc::new(Link::new(config.clone(), settings, health.clone()));
        let links: Vec<_> = (0..count).map(link).collect();
        Some(Pipeline {
            turns: Semaphore::new(links.len() * DEPTH),
            links,
            slow: Slow::default(),
        })
    }

    /// The answer to a statement, if a shared connection can give it at once; otherwise nothing has been done, and it is for
    /// the pool. `rows`: are rows wanted, or their number?
    pub async fn send(&self, statement: &Statement, rows: bool) -> Option<Result<Answer, Error>> {
        let values = statement.values.as_ref();
        let values = values.map_or(&[][..], |values| &values.0);
        let types = values.iter().map(type_of).collect::<Option<_>>()?;
        if self.slow.knows(&statement.sql) {
            return None;
        }
        let _place = self.place().await?;
        let turn = self.turn()?;
        let parameters: Vec<_> = values.iter().map(Parameter).collect();
        match turn.ask(&statement.sql, types, &parameters, rows).await {
            Err(error) if is_cancelled(&error) => {
                self.slow.learn(&statement.sql);
                None
            }
            Err(error) if is_outdated(&error) => None,
            answer => Some(answer),
        }
    }

    /// A place among those that are under way, in the order of those who ask for one.
    async fn place(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.turns.try_acquire() {
            return Some(place);
        }
        let place = tokio::time::timeout(WAIT, self.turns.acquire()).await;
        place.ok()?.ok()
    }

    /// A turn on the connection with the fewest statements under way.
    fn turn(&self) -> Option<Turn<'_>> {
        let mut best = None;
        let mut fewest = DEPTH;
        for link in &self.links {
            let under_way = link.under_way();
            if under_way < fewest
                && let Some(connection) = link.trusted()
            {
                fewest = under_way;
                best = Some((link, connection));
            }
        }
        best.map(|(link, connection)| Turn::new(link, connection))
    }

    /// How many shared connections are open and in use.
    pub fn connections(&self) -> Connections {
        let count = |links: usize| u32::try_from(links).unwrap_or(u32::MAX);
        let open = || self.links.iter().filter(|link| link.is_open());
        Connections {
            open: count(open().count()),
            idle: count(open().filter(|link| link.under_way() == 0).count()),
            most: count(self.links.len()),
        }
    }
}

/// May a connection to this server go unencrypted by the words of its URL? On this machine it may where the URL does not
/// demand otherwise; elsewhere it may where the pool's does.
fn may_be_plain(server: &PgConnectOptions) -> bool {
    let here =
        server.get_socket().is_some() || matches!(host(server), "localhost" | "127.0.0.1" | "::1");
    match server.get_ssl_mode() {
        PgSslMode::Disable => true,
        PgSslMode::Allow | PgSslMode::Prefer => here || cfg!(not(feature = "tls")),
        _ => false,
    }
}

/// The name or address of the server. That of a URL has brackets if it is one of IPv6.
fn host(server: &PgConnectOptions) -> &str {
    server.get_host().trim_matches(['[', ']'])
}

/// The password for the server, which the options tell in no other way than within a URL: that of this server alone, as not
/// every server has one.
fn password(server: &PgConnectOptions) -> Option<Vec<u8>> {
    let named = server.clone().host("localhost").username("postgres");
    let url = named.to_url_lossy();
    let password = url.password()?;
    Some(percent_encoding::percent_decode_str(password).collect())
}

/// The server as the driver of the shared connections has it.
fn config(server: &PgConnectOptions, options: &SqlOptions) -> Config {
    let mut config = Config::new();
    match server.get_socket() {
        Some(socket) => config.host_path(socket),
        None => config.host(host(server)),
    };
    config
        .port(server.get_port())
        .user(server.get_username())
        .connect_timeout(options.connect_timeout);
    if let Some(database) = server.get_database() {
        config.dbname(database);
    }
    if let Some(options) = server.get_options() {
        config.options(options);
    }
    if let Some(name) = server.get_application_name() {
        config.application_name(name);
    }
    if let Some(password) = password(server) {
        config.password(password);
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_unencrypted_to_elsewhere_that_the_pool_would_encrypt() {
        let elsewhere = cfg!(not(feature = "tls"));
        for (url, plain) in [
            ("postgres://shop@127.0.0.1/shop", true),
            ("postgres://shop@localhost/shop", true),
            ("postgres://shop@db.example/shop?sslmode=disable", true),
            ("postgres://shop@db.example/shop", elsewhere),
            ("postgres://shop@db.example/shop?sslmode=allow", elsewhere),
            ("postgres://shop@127.0.0.1/shop?sslmode=require", false),
            ("postgres://shop@db.example/shop?sslmode=verify-ca", false),
            ("postgres://shop@db.example/shop?sslmode=verify-full", false),
        ] {
            let server: PgConnectOptions = url.parse().unwrap();
            assert_eq!(may_be_plain(&server), plain, "{url}");
        }
    }

    #[test]
    fn the_server_is_the_one_of_the_pool() {
        let url = "postgres://ann:p%40ss@db.example:6432/shop?application_name=till&options=-c%20work_mem%3D8MB";
        let server: PgConnectOptions = url.parse().unwrap();
        let config = config(&server, &SqlOptions::new());
        assert_eq!(config.get_user(), Some("ann"));
        assert_eq!(config.get_password(), Some("p@ss".as_bytes()));
        assert_eq!(config.get_dbname(), Some("shop"));
        assert_eq!(config.get_ports(), [6432]);
        assert_eq!(config.get_application_name(), Some("till"));
        assert_eq!(config.get_options(), server.get_options());
    }

    #[test]
    fn a_server_that_no_url_can_name_has_its_password() {
        let server = PgConnectOptions::new_without_pgpass();
        for host in ["::1", "/var/run/postgresql"] {
            let server = server.clone().host(host).username("a:b/c").password("p@ss");
            let config = config(&server, &SqlOptions::new());
            assert_eq!(config.get_user(), Some("a:b/c"));
            assert_eq!(config.get_password(), Some("p@ss".as_bytes()));
        }
    }
}
