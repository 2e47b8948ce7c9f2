//! Where the data lives: the trait that a data source fulfils, and the connectors that come along.
//!
//! **Architecture Invariant:** a connector knows descriptions, records and filters. It does not know hooks, access,
//! relations or HTTP: whatever it is asked for has been decided already.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub mod sql;

use async_trait::async_trait;

use crate::Result;
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};

/// What a data source can do by itself; for the rest the runtime stands in, or refuses with a clear error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Can a condition compare properties that are stored as JSON (lists, nested structs, points)?
    pub structured_conditions: bool,
}

/// A place that keeps the records of models: few methods over erased records, so that one is written in an afternoon.
///
/// Conditions arrive checked: every position exists and every value has the property's type. The connector answers
/// each call completely or not at all; a failed call leaves no part of a record behind.
///
/// # Errors
/// Every method answers 409 with the code `DUPLICATE_ENTRY` and a `property` key when a unique value is taken, 503 with
/// the code `DATA_SOURCE_UNAVAILABLE` when the store can't be reached or is busy, and 500 otherwise, with the driver's
/// own words as the source.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connector",
    note = "implement `loopwright::connectors::Connector`, or use a data source URL such as `sqlite://shop.db`"
)]
pub trait Connector: Send + Sync + 'static {
    /// What the data source can do by itself.
    fn capabilities(&self) -> Capabilities;

    /// Creates the tables that are missing and adds the columns and indexes that are missing. Never drops anything.
    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()>;

    /// The records that `filter` finds, in its order and with its [`fields`](Filter::fields). Its
    /// [`include`](Filter::include) is not the connector's business.
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>>;

    /// How many records `condition` finds.
    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64>;

    /// Stores a new record and returns it with its id. An absent id of a generated integer is given by the store;
    /// every other id is there already.
    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record>;

    /// Sets the present values of `changes` in every record that `condition` finds, and returns how many it found:
    /// also those that had the values already.
    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64>;

    /// Deletes every record that `condition` finds, and returns how many.
    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64>;
}
