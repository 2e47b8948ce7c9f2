//! Copies of the database that reads may come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sea_orm::DbBackend;

use super::statement::Source;
use super::{SqlConnector, SqlOptions, connection};
use crate::connectors::Connector;
use crate::{Error, Result};

/// How often a replica that has failed is asked whether it is back.
const PAUSE: Duration = Duration::from_secs(1);

/// The replicas of a data source, which answer in turn.
#[derive(Default)]
pub(super) struct Replicas {
    all: Vec<Arc<Replica>>,
    next: AtomicUsize,
}

/// A replica, as long as it answers.
pub(super) struct Replica {
    pub session: SqlConnector,
    answers: AtomicBool,
}

impl Replicas {
    /// Opens the replicas that `options` name; `source` is the primary. One that can't be reached is left out until it
    /// can be.
    pub async fn connect(
        backend: DbBackend,
        source: &Source,
        options: &SqlOptions,
    ) -> Result<Self> {
        let mut all = Vec::new();
        for url in &options.replicas {
            let mut pool = connection::connect(url, options).await?;
            if pool.backend != backend {
                let message =
                    "a replica is of another kind than its primary; begin the URLs of both alike";
                return Err(Error::internal(message));
            }
            let mut own = Source::new(&mut pool, options);
            own.observers = source.observers.clone();
            let replica = Arc::new(Replica {
                session: SqlConnector {
                    connection: pool.connection,
                    backend,
                    in_transaction: false,
                    #[cfg(feature = "sqlite")]
                    _turn: None,
                    source: Arc::new(own),
                },
                answers: AtomicBool::new(true),
            });
            if let Err(error) = pool.reached {
                replica.leave_out(&error);
            }
            all.push(replica);
        }
        Ok(Replicas {
            all,
            next: AtomicUsize::default(),
        })
    }

    /// Those that answer, each time beginning with the next one.
    pub fn in_turn(&self) -> impl Iterator<Item = &Arc<Replica>> {
        // Nobody asks for a turn where there is none.
        let first = match self.all.len() {
            0 => 0,
            count => self.next.fetch_add(1, Ordering::Relaxed) % count,
        };
        let (before, after) = self.all.split_at(first);
        let answers = |replica: &&Arc<Replica>| replica.answers.load(Ordering::Relaxed);
        after.iter().chain(before).filter(answers)
    }
}

impl Replica {
    /// The answer, unless it says that the replica is away, or that its tables are not those of the primary yet.
    pub fn answer<T>(self: &Arc<Self>, answer: Result<T>) -> Option<Result<T>> {
        match &answer {
            Err(error) if error.code() == Some("DATA_SOURCE_UNAVAILABLE") => {
                self.leave_out(error);
                None
            }
            Err(error) if error.code() == Some("SCHEMA_MISMATCH") => None,
            _ => Some(answer),
        }
    }

    /// Asks it no more until it gives a sign of life.
    fn leave_out(self: &Arc<Self>, error: &Error) {
        if !self.answers.swap(false, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(%error, "a replica is left out until it answers again");
        let replica = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAUSE).await;
                // Nobody is left to ask it.
                let Some(replica) = replica.upgrade() else {
                    return;
                };
                if replica.session.ping().await.is_ok() {
                    tracing::info!("a replica answers again");
                    replica.answers.store(true, Ordering::Relaxed);
                    return;
                }
            }
        });
    }
}
