//! Operations that happen together or not at all (contract *connectors.md* §1.6).

use std::any::Any;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use tokio::sync::{Mutex, RwLock, RwLockReadGuard};

use super::change::{Change, ChangeLog};
use super::transaction_event::Observers;
use super::{ErasedRepository, Registry, Repository, TransactionEvent};
use crate::connectors::{self, Connector, Isolation, Operations, no_transactions};
use crate::model::{Model, ModelDef, Record};
use crate::query::{Condition, Filter};
use crate::trail::asked;
use crate::{Error, Result};

/// A transaction: repositories whose operations become visible to others together, or not at all. Clones share it; when
/// the last one is dropped before [`commit`](Self::commit), everything is undone.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model, Clone, Default)]
/// #[acl(open)]
/// struct Account {
///     #[model(id)]
///     owner: String,
///     balance: i64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// # let app = App::new().data_source("db", "sqlite::memory:").models::<(Account,)>().build().await?;
/// # let account = |owner: &str| Account { owner: owner.into(), balance: 100 };
/// # app.repository::<Account>()?.create(account("ann")).await?;
/// # app.repository::<Account>()?.create(account("bob")).await?;
/// app.transaction()
///     .run(|tx| async move {
///         let accounts = tx.repository::<Account>()?;
///         for (owner, amount) in [("ann", -10), ("bob", 10)] {
///             let account = accounts.find_by_id(owner.to_owned()).await?;
///             let mut account = account.ok_or_else(|| Error::new(404, "no such account"))?;
///             account.balance += amount;
///             accounts.replace(account).await?;
///         }
///         Ok(())
///     })
///     .await?;
/// # assert_eq!(app.repository::<Account>()?.count(Account::BALANCE.eq(110)).await?, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Transaction {
    registry: Arc<Registry>,
    scope: Arc<Scope>,
}

/// How a transaction is to begin, from [`Application::transaction`](crate::Application::transaction) or
/// [`Transaction::transaction`].
#[must_use = "a transaction begins with `run` or `begin`"]
pub struct NewTransaction {
    registry: Arc<Registry>,
    origin: Origin,
    isolation: Option<Isolation>,
    timeout: Option<Duration>,
}

enum Origin {
    /// Nothing, when it keeps no records.
    DataSource(Option<Arc<dyn Connector>>),
    Transaction(Arc<Scope>),
}

/// An open transaction, to which the pipeline sends its operations.
pub(super) struct Scope {
    connector: Arc<dyn Connector>,
    transaction: RwLock<State>,
    /// What others are told once it is true.
    changes: Mutex<Vec<(Arc<ChangeLog>, Change)>>,
    parent: Option<Arc<Scope>>,
    observers: Observers,
}

enum State {
    Active(Box<dyn connectors::Transaction>),
    Ended(&'static str),
}

impl Transaction {
    /// The instances of the model `M`, as this transaction sees them.
    ///
    /// # Errors
    /// The application does not list `M`, or keeps it in another data source.
    pub fn repository<M: Model>(&self) -> Result<Repository<M>> {
        let erased = self.registry.repository(M::DEF.name)?;
        if !Arc::ptr_eq(&erased.attached().connector, &self.scope.connector) {
            return Err(Error::internal(format!(
                "the model `{}` is kept in another data source than that of the transaction",
                M::DEF.name
            )));
        }
        Ok(Repository::new(erased.within(self.scope.clone())))
    }

    /// The same model, as this transaction sees it.
    pub(super) fn admit(&self, repository: ErasedRepository) -> ErasedRepository {
        repository.within(self.scope.clone())
    }

    /// A transaction within this one: it can be undone by itself, and is committed with this one only.
    pub fn transaction(&self) -> NewTransaction {
        NewTransaction::within(self.registry.clone(), self.scope.clone())
    }

    /// The connector's own transaction, for everything that loopwright has no words for: statements in a SQL database's
    /// own words, say.
    ///
    /// ```
    /// use loopwright::connectors::sql::SqlTransaction;
    /// use loopwright::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let app = App::new().data_source("db", "sqlite::memory:").build().await?;
    /// let tx = app.transaction().begin().await?;
    /// let sql = tx.connector::<SqlTransaction>().await?;
    /// sql.execute("CREATE TABLE cup (label TEXT)", []).await?;
    /// // The transaction can't end while it is in use.
    /// drop(sql);
    /// tx.rollback().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The transaction has ended, or its connector's is none of the type `T`.
    pub async fn connector<T: connectors::Transaction>(
        &self,
    ) -> Result<impl Deref<Target = T> + '_> {
        let transaction = self.scope.active().await?;
        RwLockReadGuard::try_map(transaction, |transaction| {
            let transaction: &dyn Any = transaction.as_ref();
            transaction.downcast_ref::<T>()
        })
        .map_err(|_| {
            Error::internal(format!(
                "the transaction's connector is none of the type `{}`",
                std::any::type_name::<T>()
            ))
        })
    }

    /// Has `observer` called at `event`, once, after those that have been added before.
    ///
    /// ```
    /// use loopwright::prelude::*;
    /// use loopwright::repository::TransactionEvent;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let app = App::new().data_source("db", "sqlite::memory:").build().await?;
    /// app.transaction()
    ///     .run(|tx| async move {
    ///         tx.observe(TransactionEvent::AfterCommit, async || {
    ///             println!("now the letter can be sent");
    ///             Ok(())
    ///         })
    ///         .await;
    ///         Ok(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn observe<F, Fut>(&self, event: TransactionEvent, observer: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.scope.observe(event, observer).await;
    }

    /// Makes every operation visible to others.
    ///
    /// # Errors
    /// An observer of [`TransactionEvent::BeforeCommit`] refused, or the data source did, and nothing was done; or the
    /// transaction has ended before.
    pub async fn commit(&self) -> Result<()> {
        let observers = &self.scope.observers;
        if let Err(error) = observers.tell(TransactionEvent::BeforeCommit).await {
            // The first error is the one to tell.
            let _ = self.rollback().await;
            return Err(error);
        }
        let transaction = self.scope.end("has been committed").await?;
        asked("", "commit", transaction.commit()).await?;
        self.scope.publish().await;
        match &self.scope.parent {
            Some(parent) => observers.leave_to(&parent.observers).await,
            None => observers.tell_and_log(TransactionEvent::AfterCommit).await,
        }
        Ok(())
    }

    /// Undoes every operation.
    ///
    /// # Errors
    /// The data source can't be reached (and undoes everything by itself), or the transaction has ended before.
    pub async fn rollback(&self) -> Result<()> {
        self.scope.rollback("has been rolled back").await
    }
}

impl NewTransaction {
    pub(crate) fn new(registry: Arc<Registry>, connector: Option<Arc<dyn Connector>>) -> Self {
        NewTransaction {
            registry,
            origin: Origin::DataSource(connector),
            isolation: None,
            timeout: None,
        }
    }

    /// A transaction within the one of `scope`.
    pub(super) fn within(registry: Arc<Registry>, scope: Arc<Scope>) -> Self {
        NewTransaction {
            registry,
            origin: Origin::Transaction(scope),
            isolation: None,
            timeout: None,
        }
    }

    /// What the transaction may see of others. A transaction within another one has that one's isolation.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Undoes the transaction when it has not been committed after this time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Begins the transaction. It ends with [`commit`](Transaction::commit) or [`rollback`](Transaction::rollback).
    ///
    /// # Errors
    /// The data source has no transactions, or can't be reached.
    pub async fn begin(self) -> Result<Transaction> {
        let (connector, transaction, parent) = match self.origin {
            Origin::DataSource(connector) => {
                let connector = connector.ok_or_else(no_transactions)?;
                let transaction = asked("", "begin", connector.begin(self.isolation)).await?;
                (connector, transaction, None)
            }
            Origin::Transaction(scope) => {
                let active = scope.active().await?;
                let transaction = asked("", "begin", active.begin()).await?;
                drop(active);
                (scope.connector.clone(), transaction, Some(scope))
            }
        };
        let scope = Arc::new(Scope {
            connector,
            transaction: RwLock::new(State::Active(transaction)),
            changes: Mutex::default(),
            parent,
            observers: Observers::default(),
        });
        if let Some(timeout) = self.timeout {
            tokio::spawn(end_after(timeout, Arc::downgrade(&scope)));
        }
        Ok(Transaction {
            registry: self.registry,
            scope,
        })
    }

    /// Runs `work` in a transaction: committed when it succeeds, undone when it fails.
    ///
    /// # Errors
    /// Those of `work`, of [`begin`](Self::begin) and of [`commit`](Transaction::commit).
    pub async fn run<T, F, Fut>(self, work: F) -> Result<T>
    where
        F: FnOnce(Transaction) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let transaction = self.begin().await?;
        match work(transaction.clone()).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to tell; a data source that is gone undoes by itself.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }
}

/// Undoes a transaction that is still open after `timeout`.
async fn end_after(timeout: Duration, scope: Weak<Scope>) {
    tokio::time::sleep(timeout).await;
    if let Some(scope) = scope.upgrade()
        && scope.active().await.is_ok()
        && scope
            .observers
            .tell(TransactionEvent::Timeout)
            .await
            .is_ok()
    {
        // A data source that is gone undoes by itself.
        let _ = scope
            .rollback("took too long and has been rolled back")
            .await;
    }
}

impl Scope {
    /// Has `observer` called at `event`.
    pub(super) async fn observe<F, Fut>(&self, event: TransactionEvent, observer: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let observer = Box::new(move || observer().boxed());
        self.observers.add(event, observer).await;
    }

    /// Does the transaction speak for this data source?
    pub(super) fn covers(&self, connector: &Arc<dyn Connector>) -> bool {
        Arc::ptr_eq(&self.connector, connector)
    }

    /// Tells others of a change when the transaction is committed.
    pub(super) async fn announce(&self, log: Arc<ChangeLog>, change: Change) {
        self.changes.lock().await.push((log, change));
    }

    /// What the filter finds, held for a change by this transaction.
    pub(super) async fn find_to_change(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
    ) -> Result<Vec<Record>> {
        let transaction = self.active().await?;
        let answer = transaction.find_to_change(model, filter);
        asked(model.name, "find", answer).await
    }

    async fn publish(&self) {
        let changes = std::mem::take(&mut *self.changes.lock().await);
        match &self.parent {
            Some(parent) => parent.changes.lock().await.extend(changes),
            None => changes
                .into_iter()
                .for_each(|(log, change)| log.made(change)),
        }
    }

    async fn active(&self) -> Result<RwLockReadGuard<'_, Box<dyn connectors::Transaction>>> {
        let state = self.transaction.read().await;
        RwLockReadGuard::try_map(state, |state| match state {
            State::Active(transaction) => Some(transaction),
            State::Ended(_) => None,
        })
        .map_err(|state| match *state {
            State::Ended(how) => ended(how),
            State::Active(_) => ended("is busy"),
        })
    }

    async fn rollback(&self, how: &'static str) -> Result<()> {
        if self.active().await.is_ok() {
            self.observers
                .tell_and_log(TransactionEvent::BeforeRollback)
                .await;
        }
        let transaction = self.end(how).await?;
        asked("", "rollback", transaction.rollback()).await?;
        self.observers
            .tell_and_log(TransactionEvent::AfterRollback)
            .await;
        Ok(())
    }

    async fn end(&self, how: &'static str) -> Result<Box<dyn connectors::Transaction>> {
        let mut state = self.transaction.write().await;
        if let State::Ended(how) = *state {
            return Err(ended(how));
        }
        match std::mem::replace(&mut *state, State::Ended(how)) {
            State::Active(transaction) => Ok(transaction),
            State::Ended(how) => Err(ended(how)),
        }
    }
}

fn ended(how: &str) -> Error {
    Error::internal(format!("The transaction is not active: it {how}"))
        .with_code("TRANSACTION_NOT_ACTIVE")
}

#[async_trait]
impl Operations for Scope {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        self.active().await?.find(model, filter).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.active().await?.count(model, condition).await
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        self.active().await?.create(model, record).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        self.active().await?.update(model, condition, changes).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.active().await?.delete(model, condition).await
    }
}
