//! SQL data sources: SQLite, PostgreSQL, MySQL and MariaDB, by way of SeaORM.
//!
//! One connector speaks to all of them. What differs between them is in four places: the types of columns and values
//! (`column`), a few comparisons (`condition`), the words for JSON (`json`) and those of their errors (`cause`).
//!
//! **Architecture Invariant:** SeaORM, sea-query, sqlx and rusqlite are named in this folder only.
//!
//! Conditions are decided by the database: scalars, members of nested structs, items of lists, and what may be in JSON of
//! any shape. What a database can't decide as all others do (regular expressions outside PostgreSQL, distances, whole objects and lists, what
//! is *not* in JSON of any shape) is decided row by row, as the rows arrive (`sift`): the database has applied every other
//! condition, and no more is kept in memory than is answered. Combine such a condition with one that finds few rows.
//!
//! Every database answers alike, with these exceptions:
//! - `ignore_case` compares ASCII letters on SQLite, and by the database's locale on PostgreSQL.
//! - MySQL compares text without the spaces at its end.
//! - A unique index over SQLite's decimals takes `1.5` and `1.50` for two values; conditions don't.
//! - MySQL orders large integers within JSON as floats.
//! - MySQL drops a decimal's trailing zeros (`1.50` comes back as `1.5`).
//! - PostgreSQL can't keep the character U+0000 in text or JSON, and orders the members of a JSON object by its own rules.

mod answer;
pub mod catalogue;
mod cause;
mod column;
mod condition;
mod connection;
mod error;
#[cfg(feature = "postgres")]
mod exchange;
mod json;
#[cfg(feature = "migrations")]
mod migrations;
mod native;
mod near;
mod observer;
mod options;
mod pattern;
#[cfg(feature = "postgres")]
mod pipeline;
#[cfg(feature = "postgres")]
mod regexp;
mod replica;
mod schema;
mod session;
mod shape;
mod sift;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod slow;
mod statement;
mod structured;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "sqlite")]
mod threads;

use std::fmt;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
pub use sea_orm;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
#[cfg(feature = "migrations")]
pub use sea_orm_migration;

pub use self::answer::Answer;
use self::error::failed;
#[cfg(feature = "migrations")]
pub(crate) use self::migrations::Migrations;
pub use self::observer::StatementObserver;
pub use self::options::SqlOptions;
use self::replica::Replicas;
pub use self::session::Session;
use self::statement::{Source, forget_statements};
use super::{
    Capabilities, Connections, Connector, Isolation, Operations, Plan, PlanOptions, Through,
    Transaction, find_in_turn,
};
use crate::Result;
#[cfg(feature = "postgres")]
use crate::connectors::Exchange;
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};

/// A SQL database as a data source.
pub type SqlConnector = Session<DatabaseConnection>;

/// A transaction in a SQL database, from [`Transaction::connector`](crate::repository::Transaction::connector).
pub type SqlTransaction = Session<DatabaseTransaction>;

// The connection's own output is long, and no place to look for what it was opened with.
impl<C> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl SqlConnector {
    /// Connects to the database at `url`.
    ///
    /// - `sqlite://shop.db` is a file, made if it is missing; `?mode=ro` only reads it. `sqlite::memory:` is a database
    ///   that ends with the connector.
    /// - `postgres://user:password@host/database` needs the cargo feature `postgres`.
    /// - `mysql://user:password@host/database` (also MariaDB) needs the cargo feature `mysql`.
    ///
    /// A server's URL may ask for an encrypted connection, which needs the cargo feature `tls`: PostgreSQL's with
    /// `?sslmode=verify-full&sslrootcert=ca.pem`, MySQL's with `?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem`. Certificates
    /// of public authorities need no file.
    ///
    /// # Errors
    /// The URL can't be read, needs a cargo feature that is off, or leads to no database. No error holds the URL.
    pub async fn connect(url: &str, options: SqlOptions) -> Result<Self> {
        let mut pool = connection::connect(url, &options).await?;
        let mut source = Source::new(&mut pool, &options);
        pool.reached?;
        source.replicas = Replicas::connect(pool.backend, &source, &options).await?;
        Ok(SqlConnector {
            connection: pool.connection,
            backend: pool.backend,
            in_transaction: false,
            #[cfg(feature = "sqlite")]
            _turn: None,
            source: Arc::new(source),
        })
    }

    /// Shows every statement from now on to `observer`, after those that are there already. As there is no way to
    /// stop that, it belongs into a boot script.
    pub fn observe(&self, observer: impl StatementObserver) {
        let observers = &self.source.observers;
        let mut observers = observers.write().unwrap_or_else(PoisonError::into_inner);
        observers.push(Arc::new(observer));
    }
}

impl<C: ConnectionTrait> Session<C> {
    /// The tables and views that the database has in `schema`, sorted by name. Without one these are the tables that a
    /// statement finds by their bare name: those of the database of the URL (MySQL) or of the search path (PostgreSQL).
    ///
    /// # Errors
    /// The database can't be reached, or has no schemas (SQLite).
    pub async fn tables(&self, schema: Option<&str>) -> Result<Vec<catalogue::Table>> {
        catalogue::read(&self.connection, self.backend, schema).await
    }
}

impl<C> Session<C> {
    /// The SeaORM connection or transaction, for everything that a filter can't say.
    pub fn sea_orm(&self) -> &C {
        &self.connection
    }
}

#[async_trait]
impl Connector for SqlConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            composite_ids: true,
            structured_conditions: true,
            regexp: true,
            near: true,
            microseconds: true,
            transactions: true,
            savepoints: true,
            foreign_keys: true,
            change_streams: false,
        }
    }

    async fn ping(&self) -> Result<()> {
        let answer = self.connection.execute_unprepared("SELECT 1");
        let answer = self.source.bounded(answer).await;
        answer.map(drop).map_err(failed)
    }

    fn connections(&self) -> Option<Connections> {
        let pool = connection::connections(&self.connection, self.backend);
        #[cfg(feature = "postgres")]
        if let Some(pipeline) = &self.source.pipeline {
            return pool.map(|pool| pool.and(pipeline.connections()));
        }
        #[cfg(feature = "sqlite")]
        if let Some(threads) = &self.source.threads {
            return pool.map(|pool| pool.and(threads.connections()));
        }
        pool
    }

    #[cfg(feature = "postgres")]
    fn exchange(&self) -> Option<Arc<dyn Exchange>> {
        (self.backend == DbBackend::Postgres).then(|| {
            let exchange = exchange::PostgresExchange {
                pool: self.connection.get_postgres_connection_pool().clone(),
                name: self.source.name.clone(),
            };
            Arc::new(exchange) as Arc<dyn Exchange>
        })
    }

    async fn find_on_replica(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
    ) -> Result<Vec<Record>> {
        for replica in self.source.replicas.in_turn() {
            let answer = replica.session.find(model, filter).await;
            if let Some(answer) = replica.answer(answer) {
                return answer;
            }
        }
        self.find(model, filter).await
    }

    async fn count_on_replica(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Result<u64> {
        for replica in self.source.replicas.in_turn() {
            let answer = replica.session.count(model, condition).await;
            if let Some(answer) = replica.answer(answer) {
                return answer;
            }
        }
        self.count(model, condition).await
    }

    async fn find_through(
        &self,
        model: &'static ModelDef,
        through: &Through<'_>,
    ) -> Result<Vec<Record>> {
        match self.rows_through(model, through).await? {
            Some(records) => Ok(records),
            None => find_in_turn(self, self, model, through).await,
        }
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        schema::autoupdate(self, models).await
    }

    async fn plan(&self, models: &[&'static ModelDef], options: &PlanOptions) -> Result<Plan> {
        if self.source.pooler {
            // What is read in several statements is read on one connection.
            let transaction = self.open(None).await?;
            return schema::plan(&transaction.connection, self.backend, models, options).await;
        }
        schema::plan(&self.connection, self.backend, models, options).await
    }

    async fn apply(&self, plan: &Plan) -> Result<()> {
        schema::apply(self, plan).await
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        schema::automigrate(self, models).await
    }

    async fn begin(&self, isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(self.open(isolation).await?))
    }
}

#[async_trait]
impl Transaction for SqlTransaction {
    async fn find_to_change(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
    ) -> Result<Vec<Record>> {
        self.find_rows(model, filter, true).await
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Ok(Box::new(self.open(None).await?))
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.end().await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        let source = self.source.clone();
        let undone = source.bounded(self.connection.rollback()).await;
        undone.map_err(failed)
    }
}

impl SqlTransaction {
    /// Commits.
    async fn end(self) -> Result<()> {
        let committed = self.source.bounded(self.connection.commit()).await;
        committed.map_err(|failure| failed(failure.in_commit()))
    }
}

impl<C> Session<C>
where
    C: ConnectionTrait + TransactionTrait<Transaction = DatabaseTransaction>,
{
    /// Begins a transaction, within this one if it is one.
    async fn open(&self, isolation: Option<Isolation>) -> Result<SqlTransaction> {
        #[cfg(feature = "sqlite")]
        let turn = match self.in_transaction {
            true => None,
            false => self.source.turn().await.map_err(failed)?,
        };
        let begin = || self.source.bounded(self.begin_raw(isolation));
        let transaction = match begin().await {
            // A connection may have died unnoticed, and nothing has been done on it yet.
            Err(failure) if failure.is_lost() && !self.in_transaction => begin().await,
            transaction => transaction,
        };
        Ok(Session {
            connection: transaction.map_err(failed)?,
            backend: self.backend,
            in_transaction: true,
            #[cfg(feature = "sqlite")]
            _turn: turn.map(Arc::new),
            source: self.source.clone(),
        })
    }

    async fn begin_raw(&self, isolation: Option<Isolation>) -> Result<DatabaseTransaction, DbErr> {
        let level = isolation.map(level);
        if self.source.pooler && !self.in_transaction {
            let transaction = self.connection.begin().await?;
            if let Some(level) = level {
                let level = format!("SET TRANSACTION ISOLATION LEVEL {level}");
                transaction.execute_unprepared(&level).await?;
            }
            forget_statements(&transaction).await?;
            return Ok(transaction);
        }
        let sqlite = self.backend == DbBackend::Sqlite;
        let options = TransactionOptions {
            // SQLite has but one, the strictest.
            isolation_level: level.filter(|_| !sqlite),
            // A deferred transaction would find out too late that another one writes.
            sqlite_transaction_mode: (sqlite && !self.in_transaction)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.connection.begin_with_options(options).await
    }
}

const fn level(isolation: Isolation) -> IsolationLevel {
    match isolation {
        Isolation::ReadUncommitted => IsolationLevel::ReadUncommitted,
        Isolation::ReadCommitted => IsolationLevel::ReadCommitted,
        Isolation::RepeatableRead => IsolationLevel::RepeatableRead,
        Isolation::Serializable => IsolationLevel::Serializable,
    }
}
