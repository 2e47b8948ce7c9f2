//! SQL data sources: SQLite, PostgreSQL, MySQL and MariaDB, by way of SeaORM.
//!
//! One connector speaks to all of them. What differs between them is in four places: the types of columns and values
//! (`column`), a few comparisons (`condition`), the words for JSON (`json`) and those of their errors (`error`).
//!
//! **Architecture Invariant:** SeaORM, sea-query and sqlx are named in this folder only.
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
//! - MySQL drops a decimal's trailing zeros (`1.50` comes back as `1.5`).
//! - PostgreSQL can't keep the character U+0000 in text or JSON, and orders the members of a JSON object by its own rules.

pub mod catalogue;
mod column;
mod condition;
mod connection;
mod error;
mod json;
mod near;
mod pattern;
#[cfg(feature = "postgres")]
mod regexp;
mod schema;
mod session;
mod sift;
mod structured;
#[cfg(test)]
mod tests;

use std::fmt;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use self::error::failed;
pub use self::session::Session;
use super::{Capabilities, Connector, Isolation, Transaction};
use crate::Result;
use crate::model::ModelDef;

/// A SQL database as a data source.
pub type SqlConnector = Session<DatabaseConnection>;

// The connection's own output is long, and no place to look for what it was opened with.
impl<C> fmt::Debug for Session<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl SqlConnector {
    /// Connects to the database at `url`, with at most `max_connections` connections (5 for a SQLite file, 10 for a
    /// server, always one for SQLite in memory).
    ///
    /// - `sqlite://shop.db` is a file, made if it is missing; `?mode=ro` only reads it. `sqlite::memory:` is a database
    ///   that ends with the connector.
    /// - `postgres://user:password@host/database` needs the cargo feature `postgres`.
    /// - `mysql://user:password@host/database` (also MariaDB) needs the cargo feature `mysql`.
    ///
    /// # Errors
    /// The URL can't be read, needs a cargo feature that is off, or leads to no database. No error holds the URL.
    pub async fn connect(url: &str, max_connections: Option<u32>) -> Result<Self> {
        let (connection, backend) = connection::connect(url, max_connections).await?;
        Ok(SqlConnector {
            connection,
            backend,
            in_transaction: false,
        })
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
            structured_conditions: true,
            regexp: true,
            near: true,
            microseconds: true,
            transactions: true,
            savepoints: true,
            change_streams: false,
        }
    }

    async fn ping(&self) -> Result<()> {
        let answer = self.connection.execute_unprepared("SELECT 1").await;
        answer.map(drop).map_err(failed)
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        schema::autoupdate(&self.connection, self.backend, models).await
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        schema::drop_tables(&self.connection, models).await?;
        schema::autoupdate(&self.connection, self.backend, models).await
    }

    async fn begin(&self, isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        let sqlite = self.backend == DbBackend::Sqlite;
        let options = TransactionOptions {
            // SQLite has but one, the strictest.
            isolation_level: isolation.filter(|_| !sqlite).map(level),
            // A deferred transaction would find out too late that another one writes.
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await;
        Ok(self.within(transaction.map_err(failed)?))
    }
}

#[async_trait]
impl Transaction for Session<DatabaseTransaction> {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        let transaction = self.connection.begin().await;
        Ok(self.within(transaction.map_err(failed)?))
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.connection.commit().await.map_err(failed)
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.connection.rollback().await.map_err(failed)
    }
}

impl<C> Session<C> {
    fn within(&self, transaction: DatabaseTransaction) -> Box<dyn Transaction> {
        Box::new(Session {
            connection: transaction,
            backend: self.backend,
            in_transaction: true,
        })
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
