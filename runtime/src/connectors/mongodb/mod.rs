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
//! - The server's update operators (`$inc`, `$push` and others) are for callers that the configuration allows them, with
//!   `allow_extended_operators` for the data source or the model. What they do is held to the rules of the model, which
//!   takes a replica set.
//!
//! **Architecture Invariant:** the driver is named in this folder only.

mod change;
mod condition;
mod connection;
mod counter;
mod error;
mod near;
mod operator;
mod options;
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
use mongodb::{ClientSession, Database};

use self::connection::{bounded, watched};
use self::error::failed;
pub use self::options::MongoOptions;
use self::session::{Session, Write};
use self::transaction::MongoTransaction;
use super::{Capabilities, Connector, Isolation, Judge, Operations, StoredChange, Transaction};
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter, Operator};
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
    /// Connects to the database at `url`.
    ///
    /// `mongodb://user:password@host:27017/database?replicaSet=rs0`, or `mongodb+srv://…` for servers that the name
    /// service lists. The database is `test` unless the URL names one. The driver knows more
    /// [options](https://www.mongodb.com/docs/manual/reference/connection-string-options/).
    ///
    /// # Errors
    /// The URL can't be read, no server answers, or it refuses the user. No error holds the URL.
    pub async fn connect(url: &str, options: MongoOptions) -> Result<Self> {
        let (database, replicated) = connection::connect(url, &options).await?;
        let limit = options.statement_timeout.unwrap_or(connection::LIMIT);
        Ok(MongoConnector {
            database,
            replicated,
            limit: if limit.is_zero() {
                Duration::MAX
            } else {
                limit
            },
        })
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
        connection::ping(&self.database, self.limit).await
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        for model in models {
            let update = schema::update(&self.database, model);
            watched(&self.database, self.limit, update).await?;
        }
        Ok(())
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        for model in models {
            let drop = schema::drop(&self.database, model);
            watched(&self.database, self.limit, drop).await?;
        }
        self.autoupdate(models).await
    }

    async fn operate(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
        operators: &[Operator],
        judge: &Judge<'_>,
    ) -> Result<u64> {
        if !self.replicated {
            return Err(standing_alone(
                "can't take back a change that breaks a rule",
            ));
        }
        let write = Write::Operate {
            changes,
            operators,
            judge,
        };
        let operate = async {
            let mut session = self.session().await?;
            transaction::write(&self.database, &mut session, model, condition, &write).await
        };
        bounded(self.limit, operate).await
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
        change::changes(self.database.clone(), self.limit, model).await
    }
}

fn standing_alone(lack: &str) -> Error {
    Error::internal(format!(
        "this MongoDB server stands alone, and so {lack}; make it a replica set, which may be one of a single server \
         (`--replSet`)"
    ))
}
