//! Where the data lives: the trait that a data source fulfils, and the connectors that come along. Keys and values have
//! a [trait of their own](key_value).
//!
//! **Architecture Invariant:** a connector knows descriptions, records and filters. It does not know hooks, access,
//! relations or HTTP: whatever it is asked for has been decided already.

mod capability;
mod change;
mod connections;
mod exchange;
mod fit;
pub mod key_value;
pub mod memory;
#[cfg(feature = "mongodb")]
pub mod mongodb;
#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb"
))]
mod page;
mod plan;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub mod sql;
mod transient;

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

pub use self::capability::Capabilities;
pub use self::change::{ChangeKind, StoredChange};
pub use self::connections::Connections;
pub use self::exchange::Exchange;
pub(crate) use self::fit::still_referenced;
pub use self::fit::{check_changes, check_new, duplicate_entry};
pub use self::plan::{Difference, Plan, PlanOptions, Step};
pub use self::transient::TransientConnector;
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter, Operator};
use crate::{Error, Result};

/// The longest time that the clocks of all databases and drivers can count, in milliseconds of 31 bits: 24 days.
#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb"
))]
const LONGEST: std::time::Duration = std::time::Duration::from_millis(0x7fff_ffff);

/// The operations on the records of models, in a data source or within a transaction.
///
/// Conditions arrive checked: every position exists and every value has the property's type. Each call is answered
/// completely or not at all; a failed call leaves no part of a record behind.
///
/// # Errors
/// Every method answers 409 with the code `DUPLICATE_ENTRY` and a `property` key when a unique value is taken, 503 with
/// the code `DATA_SOURCE_UNAVAILABLE` when the store can't be reached or is busy and `STATEMENT_TIMEOUT` when it took too
/// long, 507 with the code `DATA_SOURCE_FULL` when the disk is full, and 500 otherwise, with the driver's own words as
/// the source: `SCHEMA_MISMATCH` when what is stored does not fit the model.
#[async_trait]
pub trait Operations: Send + Sync {
    /// The records that `filter` finds, in its order and with its [`fields`](Filter::fields). Its
    /// [`include`](Filter::include) is not the connector's business.
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>>;

    /// How many records `condition` finds.
    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64>;

    /// Stores a new record and returns it with its id. An absent id of a generated integer is given by the store;
    /// every other id is there already.
    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record>;

    /// Sets the present values of `changes` in every record that `condition` finds, and returns how many it found:
    /// also those that had the values already. Of a model with a [version](ModelDef::version_index) it raises the version
    /// of each of them by one ([`Record::raise_version`]), unless `changes` is empty.
    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64>;

    /// Deletes every record that `condition` finds, and returns how many.
    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64>;
}

/// A place that keeps the records of models: few methods over erased records, so that one is written in an afternoon.
///
/// A data source that has no language of its own to ask finds what it needs here: [`Filter::apply`] and
/// [`Condition::matches`] find records, [`check_new`], [`check_changes`] and [`duplicate_entry`] refuse them.
///
/// Whatever this page promises, [`testing::conformance`](crate::testing::conformance) (cargo feature `testing`) checks:
/// call it in a test of the connector's own. [`App::connector`](crate::App::connector) takes it, and `examples/json-files`
/// is one.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connector",
    note = "implement `loopwright::connectors::Connector`, or use a data source URL such as `sqlite://shop.db`"
)]
pub trait Connector: Operations + Any {
    /// What the data source can do by itself.
    fn capabilities(&self) -> Capabilities;

    /// Asks the data source for a sign of life.
    ///
    /// # Errors
    /// 503 when there is none.
    async fn ping(&self) -> Result<()>;

    /// Makes the tables what the models say, as far as nothing is lost (contract *connectors.md* §1.3): adds the tables,
    /// columns and indexes that are missing and widens columns. Never drops anything.
    ///
    /// # Errors
    /// The data source can't be reached, or holds data that an index does not allow.
    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()>;

    /// What would make the tables what the models say. A data source without a schema of its own has nothing to do.
    ///
    /// # Errors
    /// The data source can't be reached.
    async fn plan(&self, models: &[&'static ModelDef], options: &PlanOptions) -> Result<Plan> {
        let _ = (models, options);
        Ok(Plan::default())
    }

    /// Does what `plan` says: all or nothing where the data source can. One process does so at a time.
    ///
    /// # Errors
    /// 409 when the tables have changed since the plan was made, and otherwise the step that failed, with what to do.
    async fn apply(&self, plan: &Plan) -> Result<()> {
        let _ = plan;
        Ok(())
    }

    /// Are the tables what the models say (contract *connectors.md* §1.3)?
    ///
    /// # Errors
    /// The data source can't be reached.
    async fn is_actual(&self, models: &[&'static ModelDef]) -> Result<bool> {
        let plan = self.plan(models, &PlanOptions::default()).await?;
        Ok(plan.is_empty())
    }

    /// Drops the tables of `models` **with all their data** and creates them anew.
    ///
    /// # Errors
    /// The data source can't be reached, or does not permit it.
    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()>;

    /// As [`find`](Operations::find), for a read that may miss the last writes: a data source that has replicas asks one
    /// of them.
    async fn find_on_replica(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
    ) -> Result<Vec<Record>> {
        self.find(model, filter).await
    }

    /// As [`count`](Operations::count), for a read that may miss the last writes.
    async fn count_on_replica(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Result<u64> {
        self.count(model, condition).await
    }

    /// The records of `model` that the records named by `through` lead to, in the order of their ids.
    async fn find_through(
        &self,
        model: &'static ModelDef,
        through: &Through<'_>,
    ) -> Result<Vec<Record>> {
        find_in_turn(self, self, model, through).await
    }

    /// Begins a transaction. `isolation` is the data source's own choice unless given.
    ///
    /// # Errors
    /// 500 when the data source has no transactions or not that isolation, 503 when it can't be reached.
    async fn begin(&self, isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        let _ = isolation;
        Err(no_transactions())
    }

    /// Sets the present values of `changes` in every record that `condition` finds, does what `operators` say beside that,
    /// and returns how many records there were. Nobody else sees a record before `judge` has; if it refuses one, nothing
    /// is done.
    ///
    /// # Errors
    /// 400 when the data source has no such operators, or one that does not fit what is stored, and those of `judge`.
    async fn operate(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
        operators: &[Operator],
        judge: &Judge<'_>,
    ) -> Result<u64> {
        let _ = (model, condition, changes, operators, judge);
        Err(Error::new(
            400,
            "this data source has no extended operators, such as \"$inc\"; attach the model to MongoDB",
        ))
    }

    /// How much of its connections the data source uses, if it knows.
    fn connections(&self) -> Option<Connections> {
        None
    }

    /// What carries messages between the instances of an application, if the data source can.
    fn exchange(&self) -> Option<Arc<dyn Exchange>> {
        None
    }

    /// Tells what changes in the records of `model` from now on, whoever makes the change: this program, another one.
    /// The stream goes on until it is dropped or the records' place is. One that breaks off ends with an error.
    ///
    /// # Errors
    /// 500 when the data source does not tell, 503 when it can't be reached. A change that is no record of `model` is an
    /// error of the stream, and not its end.
    async fn changes(
        &self,
        model: &'static ModelDef,
    ) -> Result<BoxStream<'static, Result<StoredChange>>> {
        let _ = model;
        Err(Error::internal(
            "this data source does not tell what changes in it; attach the model to one that does, such as MongoDB",
        ))
    }
}

/// The records that others lead to, which are found first, and may be elsewhere.
pub(crate) async fn find_in_turn<L: Operations + ?Sized, O: Operations + ?Sized>(
    leading: &L,
    operations: &O,
    model: &'static ModelDef,
    through: &Through<'_>,
) -> Result<Vec<Record>> {
    let condition = Filter::matching(through.condition.clone());
    let leading = leading.find(through.model, &condition).await?;
    let ids = leading.iter().map(|record| record.value(through.key));
    let ids: Vec<_> = ids.filter(|id| !id.is_null()).cloned().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let led = Filter::matching(Condition::of_ids(model, &ids));
    operations.find(model, &led).await
}

/// Records that lead to others, whose ids they hold.
#[derive(Debug, Clone, Copy)]
pub struct Through<'a> {
    /// The model of these records.
    pub model: &'static ModelDef,
    /// The position of the property that holds the id.
    pub key: usize,
    /// Which of them.
    pub condition: &'a Condition,
}

/// Whether a record may become what it is about to be.
pub type Judge<'a> = dyn Fn(&Record) -> Result<()> + Send + Sync + 'a;

/// Operations that become visible to others together, or not at all. Dropped without [`commit`](Self::commit), a
/// transaction is rolled back.
#[async_trait]
pub trait Transaction: Operations + Any {
    /// As [`find`](Operations::find), of records that are to be changed by what they are: nobody else changes them before
    /// this transaction ends. A data source that does not let others wait refuses one of the changes, as the default does
    /// where a transaction sees what had been committed when it began.
    ///
    /// # Errors
    /// As [`find`](Operations::find).
    async fn find_to_change(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
    ) -> Result<Vec<Record>> {
        self.find(model, filter).await
    }

    /// Begins a transaction within this one: it can be rolled back by itself, and is committed with this one only.
    ///
    /// # Errors
    /// 500 when the data source has no [`savepoints`](Capabilities::savepoints), 503 when it can't be reached.
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        Err(no_savepoints())
    }

    /// Makes every operation visible to others.
    ///
    /// # Errors
    /// The data source refused, and nothing was done.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// Undoes every operation.
    ///
    /// # Errors
    /// The data source can't be reached; it undoes the operations by itself.
    async fn rollback(self: Box<Self>) -> Result<()>;
}

/// What a transaction may see of others that run beside it (contract *connectors.md* §1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Also what others have not committed.
    ReadUncommitted,
    /// What others have committed by the time of each operation.
    ReadCommitted,
    /// What others had committed by the time of the first operation.
    RepeatableRead,
    /// As if there were no others; a conflict fails with 503.
    Serializable,
}

/// The error of a connector without transactions.
pub(crate) fn no_transactions() -> Error {
    Error::internal(
        "this data source has no transactions; attach the model to one that has, such as `memory:` or a SQL data source",
    )
}

/// The error of a connector whose transactions can't be nested.
fn no_savepoints() -> Error {
    Error::internal(
        "this data source has no transactions within transactions; do everything in one, or attach the model to a SQL \
         data source",
    )
}
