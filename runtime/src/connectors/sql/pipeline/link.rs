//! One shared connection: opened, tried and replaced beside the requests, never while one waits for it.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{TryStreamExt as _, pending, poll};
use hashlink::LruCache;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Error, NoTls, Statement};
use xxhash_rust::xxh3::Xxh3Default;

use super::parameter::Parameter;
use super::{GRACE, Health, SILENCE, Settings};
use crate::connectors::sql::Answer;
use crate::connectors::sql::cause::is_outdated_plan;

/// How long a server that can't be reached is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// How many statements per second make a connection a busy one.
const BUSY: f64 = 4000.0;

/// Over how long that is measured.
const SPAN: Duration = Duration::from_millis(2);

/// A place for a connection that all callers share.
pub(super) struct Link {
    config: Arc<Config>,
    settings: Settings,
    health: Arc<Health>,
    connection: RwLock<Option<Arc<Connection>>>,
    under_way: AtomicUsize,
    /// Is it being opened or tried right now?
    tended: AtomicBool,
}

/// The connection, and what it has prepared.
pub(super) struct Connection {
    client: Client,
    prepared: Mutex<LruCache<u64, Arc<Prepared>>>,
    /// How many statements have been sent on it.
    asked: Arc<AtomicUsize>,
    opened: Instant,
    /// When it last gave an answer, in milliseconds since it was opened.
    answered: Arc<AtomicU64>,
}

/// A statement, for parameters of these types.
struct Prepared {
    sql: String,
    types: Vec<Type>,
    statement: Statement,
}

impl Link {
    pub fn new(config: Arc<Config>, settings: Settings, health: Arc<Health>) -> Self {
        Link {
            config,
            settings,
            health,
            connection: RwLock::default(),
            under_way: AtomicUsize::new(0),
            tended: AtomicBool::new(false),
        }
    }

    /// How many statements wait for their answers.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Is there a connection, alive or not?
    pub fn is_open(&self) -> bool {
        self.connection()
            .is_some_and(|connection| !connection.client.is_closed())
    }

    /// The connection, if it is known to be alive. One that is not is looked after, for those who come later.
    pub fn trusted(self: &Arc<Self>) -> Option<Arc<Connection>> {
        let connection = self.connection();
        let trusted = connection.filter(|connection| self.is_trusted(connection));
        if trusted.is_none() && !self.tended.swap(true, Ordering::Relaxed) {
            tokio::spawn(self.clone().tend());
        }
        trusted
    }

    fn is_trusted(&self, connection: &Connection) -> bool {
        !connection.client.is_closed()
            && !self.health.doubts(connection.silent_for())
            && !self.is_old(connection)
    }

    fn is_old(&self, connection: &Connection) -> bool {
        let limit = self.settings.max_lifetime;
        limit.is_some_and(|limit| connection.opened.elapsed() >= limit)
    }

    fn connection(&self) -> Option<Arc<Connection>> {
        let connection = self.connection.read();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the connection for a sign of life, or opens a new one.
    async fn tend(self: Arc<Self>) {
        let lives = match self.connection() {
            Some(connection) if !self.is_old(&connection) => connection.lives().await,
            _ => false,
        };
        if !lives {
            let opened = tokio::time::timeout(self.settings.connect_timeout, self.open()).await;
            match opened {
                Ok(Ok(connection)) => {
                    let place = self.connection.write();
                    *place.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(connection));
                }
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a shared connection can't be opened");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(_) => tracing::debug!("a shared connection can't be opened in time"),
            }
        }
        self.tended.store(false, Ordering::Relaxed);
    }

    async fn open(self: &Arc<Self>) -> Result<Connection, Error> {
        let (client, driver) = self.config.connect(NoTls).await?;
        let answered = Arc::<AtomicU64>::default();
        let link = Arc::downgrade(self);
        let watched = answered.clone();
        let asked = Arc::<AtomicUsize>::default();
        let counted = asked.clone();
        tokio::spawn(async move {
            let mut driver = pin!(drive(driver, &counted));
            let mut seen = None;
            loop {
                match tokio::time::timeout(SILENCE, &mut driver).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        return tracing::debug!(%error, "a shared connection has ended");
                    }
                    Err(_) => {
                        // Everything is answered within a shorter time: who waits for longer waits in vain.
                        let waits = link.upgrade().is_some_and(|link| link.under_way() > 0);
                        let now = waits.then(|| watched.load(Ordering::Relaxed));
                        if now.is_some() && now == seen {
                            return tracing::debug!("a shared connection does not answer");
                        }
                        seen = now;
                    }
                }
            }
        });
        let patience = self.settings.patience.as_millis();
        // What the pool's connections have too, but for the time.
        let set = format!(
            "SET statement_timeout = {patience}; SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, MDY'"
        );
        client.batch_execute(&set).await?;
        Ok(Connection {
            client,
            prepared: Mutex::new(LruCache::new(self.settings.statement_cache)),
            asked,
            opened: Instant::now(),
            answered,
        })
    }
}

/// Drives a connection. A busy one goes on after whatever else can: what that asks goes to the server in one packet. Where
/// fewer ask, there is little to gather, and to wait for it means that processors are woken and put to sleep more often.
async fn drive<T>(driver: impl Future<Output = T>, asked: &AtomicUsize) -> T {
    let mut driver = pin!(driver);
    let mut pace = Pace::new(asked);
    loop {
        if let Poll::Ready(ended) = poll!(&mut driver) {
            return ended;
        }
        pending!();
        if pace.is_high() {
            tokio::task::yield_now().await;
        }
    }
}

/// How many statements come, as last measured.
struct Pace<'a> {
    asked: &'a AtomicUsize,
    since: Instant,
    before: usize,
    is_high: bool,
}

impl<'a> Pace<'a> {
    fn new(asked: &'a AtomicUsize) -> Self {
        Pace {
            asked,
            since: Instant::now(),
            before: 0,
            is_high: false,
        }
    }

    fn is_high(&mut self) -> bool {
        let elapsed = self.since.elapsed();
        if elapsed >= SPAN {
            let asked = self.asked.load(Ordering::Relaxed);
            let came = asked.wrapping_sub(self.before) as f64;
            self.is_high = came >= BUSY * elapsed.as_secs_f64();
            self.since += elapsed;
            self.before = asked;
        }
        self.is_high
    }
}

/// A statement's turn on a connection.
pub(super) struct Turn<'a> {
    link: &'a Link,
    connection: Arc<Connection>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.link.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<'a> Turn<'a> {
    pub fn new(link: &'a Link, connection: Arc<Connection>) -> Self {
        link.under_way.fetch_add(1, Ordering::Relaxed);
        Turn { link, connection }
    }

    /// The answer to a statement: its rows, or how many it has changed.
    pub async fn ask(
        &self,
        sql: &str,
        types: Vec<Type>,
        parameters: &[Parameter<'_>],
        rows: bool,
    ) -> Result<Answer, Error> {
        let connection = &self.connection;
        connection.asked.fetch_add(1, Ordering::Relaxed);
        let answer = async {
            let prepared = connection.prepare(sql, types).await?;
            let (client, statement) = (&connection.client, &prepared.statement);
            if rows {
                let rows = client.query_raw(statement, parameters).await?;
                Ok(Answer::of_shared_rows(rows.try_collect().await?))
            } else {
                let count = client.execute_raw(statement, parameters).await?;
                Ok(Answer::from_affected(count))
            }
        };
        let answer = answer.await;
        match &answer {
            Err(error) if is_lost(error) => {}
            Err(error) if is_outdated(error) => connection.forget(),
            _ => connection.has_answered(),
        }
        answer
    }
}

impl Connection {
    fn silent_for(&self) -> Duration {
        let answered = Duration::from_millis(self.answered.load(Ordering::Relaxed));
        self.opened.elapsed().saturating_sub(answered)
    }

    fn has_answered(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.answered.store(now, Ordering::Relaxed);
    }

    async fn lives(&self) -> bool {
        let sign = tokio::time::timeout(GRACE, self.client.check_connection());
        let lives = matches!(sign.await, Ok(Ok(())));
        if lives {
            self.has_answered();
        }
        lives
    }

    async fn prepare(&self, sql: &str, types: Vec<Type>) -> Result<Arc<Prepared>, Error> {
        let mut hash = Xxh3Default::new();
        hash.update(sql.as_bytes());
        types
            .iter()
            .for_each(|ty| hash.update(&ty.oid().to_ne_bytes()));
        let key = hash.digest();
        if let Some(known) = self.prepared().get(&key)
            && known.sql == sql
            && known.types == types
        {
            return Ok(known.clone());
        }
        let statement = self.client.prepare_typed(sql, &types).await?;
        let prepared = Arc::new(Prepared {
            sql: sql.to_owned(),
            types,
            statement,
        });
        self.prepared().insert(key, prepared.clone());
        Ok(prepared)
    }

    /// Prepares everything anew: a table is no longer what it was.
    fn forget(&self) {
        self.prepared().clear();
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, LruCache<u64, Arc<Prepared>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the connection gone away, so that nobody knows what was done?
pub(in crate::connectors::sql) fn is_lost(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    error.is_closed() || source.is_some_and(|source| source.is::<std::io::Error>())
}

/// Has the server ended the statement, undone, because it took too long?
pub(super) fn is_cancelled(error: &Error) -> bool {
    error.code() == Some(&SqlState::QUERY_CANCELED)
}

/// Does the server not know the statement any more, or has its table changed, so that it has not begun with it?
pub(super) fn is_outdated(error: &Error) -> bool {
    match error.code() {
        Some(&SqlState::INVALID_SQL_STATEMENT_NAME) => true,
        _ => is_outdated_plan(error),
    }
}
