//! MongoDB as a data source, by way of the official driver (contract *connectors.md* §4).
//!
//! A model's collection is its table, a document's `_id` is the model's id. `value` has the table of types.
//!
//! - A query means what it means on every other data source: an absent member is null, `like` is a pattern and not a
//!   regular expression. Only properties of the type [`ObjectId`](crate::ObjectId) hold object ids; no text is taken
//!   for one (LoopBack's `strictObjectIDCoercion`).
//! - On a replica set, also one of a single server, operations on several documents happen together or not at all, there
//!   are transactions, and [`changes`](Connector::changes) are told. A server that stands alone has none of these.
//! - What is acknowledged has been written to the disks of most of the servers, unless the URL says otherwise (`w`,
//!   `journal`).
//! - [`autoupdate`](Connector::autoupdate) makes collections and indexes that are missing, and fills in literal defaults
//!   of properties that can't be null. An indexed point gets a `2dsphere` index.
//!
//! **Architecture Invariant:** the driver is named in this folder only.

mod change;
mod condition;
mod connection;
mod counter;
mod error;
mod near;
mod pattern;
mod place;
#[cfg(feature = "discovery")]
mod sample;
mod schema;
mod session;
mod transaction;
mod value;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use mongodb::bson::doc;
use mongodb::{ClientSession, Database};

use self::connection::bounded;
use self::error::failed;
use self::session::{Session, Write};
use self::transaction::MongoTransaction;
use super::{Capabilities, Connector, Isolation, Operations, StoredChange, Transaction};
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// A MongoDB database as a data source.
#[derive(Clone)]
pub struct MongoConnector {
    database: Database,
    /// Is the server part of a replica set?
    replicated: bool,
    /// How long an operation may take.
    limit: Duration,
}

// The driver's own output is long, and no place to look for what it was opened with.
impl fmt::Debug for MongoConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoConnector")
            .field("replicated", &self.replicated)
            .finish_non_exhaustive()
    }
}

impl MongoConnector {
    /// Connects to the database at `url`, with at most `max_connections` connections (10 unless given).
    ///
    /// `mongodb://user:password@host:27017/database?replicaSet=rs0`, or `mongodb+srv://…` for servers that the name
    /// service lists. The database is `test` unless the URL names one. The driver knows more
    /// [options](https://www.mongodb.com/docs/manual/reference/connection-string-options/).
    ///
    /// # Errors
    /// The URL can't be read, no server answers, or it refuses the user. No error holds the URL.
    pub async fn connect(url: &str, max_connections: Option<u32>) -> Result<Self> {
        let (database, replicated) = connection::connect(url, max_connections).await?;
        Ok(MongoConnector {
            database,
            replicated,
            limit: connection::LIMIT,
        })
    }

    /// How long an operation may take: 10 seconds; zero is without end. Then it is answered 503, also when the server
    /// hangs. Changes of collections and indexes take as long as they take.
    #[must_use]
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        self.limit = if time.is_zero() { Duration::MAX } else { time };
        self
    }

    /// The driver's own database, for everything that a filter can't say.
    ///
    /// ```no_run
    /// use loopwright::connectors::mongodb::MongoConnector;
    /// use loopwright::prelude::*;
    /// use mongodb::bson::{Document, doc};
    ///
    /// # async fn example(application: Application) -> std::result::Result<(), Box<dyn std::error::Error>> {
    /// let mongo = application.connector::<MongoConnector>("db")?;
    /// let shops = mongo.database().collection::<Document>("coffee_shop");
    /// let crowded = shops.update_one(doc! { "name": "Bel" }, doc! { "$inc": { "visits": 1 } });
    /// assert_eq!(crowded.await?.matched_count, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn database(&self) -> &Database {
        &self.database
    }

    async fn session(&self) -> Result<ClientSession> {
        let session = self.database.client().start_session();
        session.causal_consistency(false).await.map_err(failed)
    }

    fn within<'a>(&'a self, session: &'a mut ClientSession) -> Session<'a> {
        Session {
            database: &self.database,
            session,
        }
    }

    async fn write(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        write: Write<'_>,
    ) -> Result<u64> {
        let mut session = self.session().await?;
        // One document is written as a whole anyway.
        if !self.replicated || condition::is_atomic(model, condition)? {
            return self
                .within(&mut session)
                .write(model, condition, &write)
                .await;
        }
        transaction::write(&self.database, &mut session, model, condition, &write).await
    }
}

#[async_trait]
impl Operations for MongoConnector {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let find = async {
            let mut session = self.session().await?;
            self.within(&mut session).find(model, filter).await
        };
        bounded(self.limit, find).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let count = async {
            let mut session = self.session().await?;
            self.within(&mut session).count(model, condition).await
        };
        bounded(self.limit, count).await
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        let create = async {
            let mut session = self.session().await?;
            self.within(&mut session).create(model, record).await
        };
        bounded(self.limit, create).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let update = self.write(model, condition, Write::Update(changes));
        bounded(self.limit, update).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let delete = self.write(model, condition, Write::Delete);
        bounded(self.limit, delete).await
    }
}

#[async_trait]
impl Connector for MongoConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            structured_conditions: true,
            regexp: true,
            near: true,
            microseconds: false,
            transactions: self.replicated,
            savepoints: false,
            foreign_keys: false,
            change_streams: self.replicated,
        }
    }

    async fn ping(&self) -> Result<()> {
        let ping = async {
            let answer = self.database.run_command(doc! { "ping": 1 }).await;
            answer.map(drop).map_err(failed)
        };
        bounded(self.limit, ping).await
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        for model in models {
            schema::update(&self.database, model).await?;
        }
        Ok(())
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        for model in models {
            schema::drop(&self.database, model).await?;
        }
        self.autoupdate(models).await
    }

    async fn begin(&self, isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        if !self.replicated {
            return Err(standing_alone("has no transactions"));
        }
        if isolation == Some(Isolation::Serializable) {
            return Err(Error::internal(
                "MongoDB has no serializable transactions; `RepeatableRead` is the strictest that it has, and what it does \
                 unless told otherwise",
            ));
        }
        // What is less strict is given too: each transaction sees the data of one moment.
        let session = self.session().await?;
        let begun = MongoTransaction::begin(self.database.clone(), session, self.limit).await?;
        Ok(Box::new(begun))
    }

    async fn changes(
        &self,
        model: &'static ModelDef,
    ) -> Result<BoxStream<'static, Result<StoredChange>>> {
        if !self.replicated {
            return Err(standing_alone("does not tell what changes in it"));
        }
        change::changes(&self.database, model).await
    }
}

fn standing_alone(lack: &str) -> Error {
    Error::internal(format!(
        "this MongoDB server stands alone, and so {lack}; make it a replica set, which may be one of a single server \
         (`--replSet`)"
    ))
}
