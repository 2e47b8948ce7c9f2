//! Several operations that become visible together, on a server that is part of a replica set.

use std::time::Duration;

use async_trait::async_trait;
use mongodb::error::UNKNOWN_TRANSACTION_COMMIT_RESULT;
use mongodb::options::ReadConcern;
use mongodb::{ClientSession, Database};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::connection::{PATIENCE, bounded};
use super::error::{failed, is_transient, of_driver};
use super::session::{Session, Write};
use crate::connectors::{Operations, Transaction};
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// How long an operation that was in another's way waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// Begins a transaction in `session`.
pub(super) async fn start(session: &mut ClientSession) -> Result<()> {
    let start = session.start_transaction();
    let start = start.read_concern(ReadConcern::snapshot());
    start.await.map_err(failed)
}

/// Commits the transaction in `session`, however often the connection breaks meanwhile.
pub(super) async fn commit(session: &mut ClientSession) -> Result<()> {
    let patience = Instant::now() + PATIENCE;
    loop {
        match session.commit_transaction().await {
            Err(error)
                if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT)
                    && Instant::now() < patience =>
            {
                sleep(PAUSE).await;
            }
            result => return result.map_err(failed),
        }
    }
}

/// Does one `write` completely or not at all, and again when another one was in its way.
pub(super) async fn write(
    database: &Database,
    session: &mut ClientSession,
    model: &'static ModelDef,
    condition: &Condition,
    write: &Write<'_>,
) -> Result<u64> {
    let patience = Instant::now() + PATIENCE;
    loop {
        start(session).await?;
        let mut within = Session { database, session };
        let written = match within.write(model, condition, write).await {
            Ok(count) => commit(session).await.map(|()| count),
            Err(error) => {
                // The server does so itself when it can't be told.
                let _ = session.abort_transaction().await;
                Err(error)
            }
        };
        match written {
            Err(error) if is_transient(&error) && Instant::now() < patience => sleep(PAUSE).await,
            written => return written,
        }
    }
}

/// A transaction of the application's.
pub(super) struct MongoTransaction {
    database: Database,
    /// Nothing when the server has undone it.
    session: Mutex<Option<ClientSession>>,
    /// How long an operation may take.
    limit: Duration,
}

impl MongoTransaction {
    pub async fn begin(
        database: Database,
        mut session: ClientSession,
        limit: Duration,
    ) -> Result<Self> {
        start(&mut session).await?;
        Ok(MongoTransaction {
            database,
            session: Mutex::new(Some(session)),
            limit,
        })
    }

    fn within<'a>(&'a self, held: &'a mut Option<ClientSession>) -> Result<Session<'a>> {
        Ok(Session {
            database: &self.database,
            session: held.as_mut().ok_or_else(given_up)?,
        })
    }
}

/// The result of an operation. The server gives a transaction up after one that it refuses.
fn settle<T>(held: &mut Option<ClientSession>, result: Result<T>) -> Result<T> {
    if result
        .as_ref()
        .is_err_and(|error| of_driver(error).is_some())
    {
        *held = None;
    }
    result
}

fn given_up() -> Error {
    Error::internal(
        "The transaction is not active: an operation in it has failed, and MongoDB has undone all of it; begin another one",
    )
    .with_code("TRANSACTION_NOT_ACTIVE")
}

#[async_trait]
impl Operations for MongoTransaction {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let mut held = self.session.lock().await;
        let mut within = self.within(&mut held)?;
        let found = bounded(self.limit, within.find(model, filter)).await;
        settle(&mut held, found)
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let mut held = self.session.lock().await;
        let mut within = self.within(&mut held)?;
        let count = bounded(self.limit, within.count(model, condition)).await;
        settle(&mut held, count)
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        let mut held = self.session.lock().await;
        let mut within = self.within(&mut held)?;
        let created = bounded(self.limit, within.create(model, record)).await;
        settle(&mut held, created)
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let mut held = self.session.lock().await;
        let mut within = self.within(&mut held)?;
        let write = Write::Update(changes);
        let updated = bounded(self.limit, within.write(model, condition, &write)).await;
        settle(&mut held, updated)
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let mut held = self.session.lock().await;
        let mut within = self.within(&mut held)?;
        let delete = within.write(model, condition, &Write::Delete);
        let deleted = bounded(self.limit, delete).await;
        settle(&mut held, deleted)
    }
}

#[async_trait]
impl Transaction for MongoTransaction {
    async fn commit(self: Box<Self>) -> Result<()> {
        let mut session = self.session.into_inner().ok_or_else(given_up)?;
        bounded(self.limit, commit(&mut session)).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        match self.session.into_inner() {
            Some(mut session) => {
                let abort = async { session.abort_transaction().await.map_err(failed) };
                bounded(self.limit, abort).await
            }
            None => Ok(()),
        }
    }
}
