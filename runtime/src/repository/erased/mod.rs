//! The one pipeline that every data operation passes, whoever asks for it.
//!
//! Non-generic on purpose: what a typed [`Repository`](super::Repository) adds is conversions.

mod contents;
mod create;
mod delete;
mod embedded;
mod held;
mod nested;
mod operate;
mod policy;
mod read;
mod release;
mod update;
mod validate;
mod version;

use std::sync::Arc;

use async_trait::async_trait;

pub(super) use self::create::{create_each, create_until_error};
pub(crate) use self::nested::within;
pub(crate) use self::version::Versions;
use super::change::{Change, Listener, Since, follow};
use super::registry::{Attached, Registry};
use super::timed::Timed;
use super::transaction::Scope;
use super::{NewTransaction, Options, TransactionEvent};
use crate::access::Caller;
use crate::connectors::ChangeKind;
use crate::model::{ModelDef, Record, Strict, Value, id_text};
use crate::query::Condition;
use crate::{Error, Result};

/// The operations on one model without its Rust type (contract *models.md* §8).
#[derive(Clone)]
pub(crate) struct ErasedRepository {
    registry: Arc<Registry>,
    index: usize,
    /// The transaction that operations belong to.
    scope: Option<Arc<Scope>>,
    /// What is read may be written next, or has just been: no replica will do.
    primary: bool,
    /// Are the rules asked? The model says, unless the caller does.
    validation: Option<bool>,
    /// Is what the default scopes leave out there all the same?
    unscoped: bool,
    /// Which versions of an instance its changes are meant for, if the caller has said so.
    expected: Option<Versions>,
    options: Options,
    /// On whose behalf it is, if not on the application's own.
    caller: Option<Caller>,
    /// The properties that whoever replaces an instance can't write.
    kept: Vec<usize>,
    /// What comes along with what is read, if not everything.
    reader: Option<Reader>,
}

/// What knows which models may be read.
#[async_trait]
pub(crate) trait Reading: Send + Sync {
    /// May instances of this model be read, many or one of them?
    ///
    /// # Errors
    /// What knows it failed.
    async fn may_read(&self, model: &ModelDef, many: bool) -> Result<bool>;
}

pub(crate) type Reader = Arc<dyn Reading>;

impl ErasedRepository {
    pub fn new(registry: Arc<Registry>, index: usize) -> Self {
        ErasedRepository {
            registry,
            index,
            scope: None,
            primary: false,
            validation: None,
            unscoped: false,
            expected: None,
            options: Options::new(),
            caller: None,
            kept: Vec::new(),
            reader: None,
        }
    }

    /// The same model, of whose instances a replacement leaves these properties as they are.
    pub fn keeping(mut self, kept: Vec<usize>) -> Self {
        self.kept = kept;
        self
    }

    /// The same model on behalf of `caller`.
    pub fn on_behalf_of(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// On whose behalf it is, if not on the application's own.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// What the application shares with its models.
    pub(crate) fn service<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.registry.service()
    }

    /// The model of the application that is `base`, or extends it.
    pub(crate) fn derived_from(&self, base: &'static ModelDef) -> Option<ErasedRepository> {
        let position = self.registry.derived_from(base)?;
        Some(ErasedRepository {
            caller: None,
            reader: None,
            ..self.sibling(position)
        })
    }

    /// The same model, with whose instances only that comes along which `reader` may read.
    pub fn read_by(mut self, reader: Reader) -> Self {
        self.reader = Some(reader);
        self
    }

    /// The same model on the application's own behalf.
    pub(crate) fn on_own_behalf(mut self) -> Self {
        self.caller = None;
        self.read_by_application()
    }

    /// The same model, as code of the application reads it.
    pub(super) fn read_by_application(mut self) -> Self {
        self.reader = None;
        self
    }

    pub(super) async fn may_read(&self, model: &ModelDef, many: bool) -> Result<bool> {
        match &self.reader {
            Some(reader) => reader.may_read(model, many).await,
            None => Ok(true),
        }
    }

    /// The same model, whose operations are told this beside their data.
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The same model within a transaction.
    pub(super) fn within(mut self, scope: Arc<Scope>) -> Self {
        self.scope = Some(scope);
        self
    }

    /// How many records one level of includes may read, and copy.
    pub(super) fn most_included(&self) -> usize {
        self.registry.most_included()
    }

    /// The model called `name`, whatever the case, in the same transaction.
    pub(crate) fn named(&self, name: &str) -> Option<ErasedRepository> {
        self.position_of(name).map(|index| self.sibling(index))
    }

    /// The position of the model called `name`, whatever the case.
    pub(super) fn position_of(&self, name: &str) -> Option<usize> {
        self.registry.position(name)
    }

    /// Can one transaction cover both models?
    pub(super) fn shares_transactions_with(&self, other: &ErasedRepository) -> bool {
        let (own, others) = (&self.model().connector, &other.model().connector);
        Arc::ptr_eq(own, others) && own.capabilities().transactions
    }

    /// Does `work` in a transaction of its own, within the one that there is: if it fails, all of it is undone and nothing
    /// else. Where transactions can't be nested, it is a part of the one that there is.
    pub(super) async fn in_transaction<T, F, Fut>(&self, work: F) -> Result<T>
    where
        F: FnOnce(ErasedRepository) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let connector = &self.model().connector;
        let registry = self.registry.clone();
        let transaction = match &self.scope {
            Some(scope) if scope.covers(connector) => {
                if !connector.capabilities().savepoints {
                    return work(self.clone()).await;
                }
                NewTransaction::within(registry, scope.clone())
            }
            _ => NewTransaction::new(registry, Some(connector.clone())),
        };
        transaction
            .run(|transaction| work(transaction.admit(self.clone())))
            .await
    }

    /// Where operations go: to the transaction, if the model is kept where the transaction is.
    fn operations(&self) -> Timed<'_> {
        let connector = &self.model().connector;
        Timed(match &self.scope {
            Some(scope) if scope.covers(connector) => scope.as_ref(),
            _ => connector.as_ref(),
        })
    }

    fn model(&self) -> &Attached {
        &self.registry.models()[self.index]
    }

    pub fn def(&self) -> &'static ModelDef {
        self.model().def
    }

    pub(super) fn attached(&self) -> &Attached {
        self.model()
    }

    /// The model called `name`, in the same transaction.
    pub(crate) fn other(&self, name: &str) -> Result<ErasedRepository> {
        let mut other = self.registry.repository(name)?;
        other.scope.clone_from(&self.scope);
        other.primary = self.primary;
        other.options.clone_from(&self.options);
        other.caller.clone_from(&self.caller);
        Ok(other)
    }

    pub(super) fn sibling(&self, index: usize) -> ErasedRepository {
        ErasedRepository {
            registry: self.registry.clone(),
            index,
            scope: self.scope.clone(),
            primary: self.primary,
            validation: None,
            unscoped: false,
            expected: None,
            options: self.options.clone(),
            caller: self.caller.clone(),
            // What is kept of one model is nothing to another.
            kept: Vec::new(),
            reader: self.reader.clone(),
        }
    }

    /// The same model, in the transaction of `other`.
    pub(super) fn beside(&self, other: &ErasedRepository) -> ErasedRepository {
        ErasedRepository {
            scope: other.scope.clone(),
            primary: other.primary,
            ..self.clone()
        }
    }

    /// The same model without its default scopes.
    pub fn unscoped(&self) -> ErasedRepository {
        ErasedRepository {
            unscoped: true,
            ..self.clone()
        }
    }

    pub(super) fn is_unscoped(&self) -> bool {
        self.unscoped
    }

    /// The same model, whose reads see every write: they are asked of no replica.
    pub fn primary(&self) -> ErasedRepository {
        ErasedRepository {
            primary: true,
            ..self.clone()
        }
    }

    /// Does `work` when the transaction is committed, or at once if there is none.
    pub async fn after_commit<F, Fut>(&self, work: F)
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        match &self.scope {
            Some(scope) => scope.observe(TransactionEvent::AfterCommit, work).await,
            None => {
                if let Err(error) = work().await {
                    tracing::error!("after an operation on {}: {error}", self.def().name);
                }
            }
        }
    }

    /// The changes from now on, or since one that was heard before.
    pub async fn changes(&self, since: Since<'_>) -> Listener {
        let Attached {
            def,
            connector,
            changes,
            ..
        } = self.model();
        let listener = changes.listen(since);
        if connector.capabilities().change_streams {
            let log = Arc::downgrade(changes);
            changes
                .follow(|begun| follow(log, connector.clone(), def, begun))
                .await;
        }
        listener
    }

    pub(super) fn id_condition(&self, id: &Value) -> Condition {
        Condition::of_id(self.def(), id)
    }

    /// Moves undeclared properties to where the model keeps them, or refuses them.
    fn keep_undeclared(&self, record: &mut Record) -> Result<()> {
        self.refuse_undeclared(record)?;
        // A rule that they break is told beside the others.
        if self.def().strict != Strict::Validate {
            record.keep_undeclared(self.def());
        }
        Ok(())
    }

    /// Refuses undeclared properties, if the model does so before anything else (contract *models.md* §4).
    fn refuse_undeclared(&self, record: &Record) -> Result<()> {
        let mut undeclared = record.undeclared().into_iter().flatten();
        match undeclared.next() {
            Some((name, _)) if self.def().strict == Strict::Throw => {
                let error = Error::new(400, format!("Unknown property: {name}"));
                Err(error.with_code("UNKNOWN_PROPERTY"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what the data source can't do, before it is asked.
    fn check(&self, condition: &Condition) -> Result<()> {
        let model = self.model();
        let capabilities = model.connector.capabilities();
        capabilities.check_condition(model.def, condition)
    }

    async fn announce(
        &self,
        kind: ChangeKind,
        target: Option<&Value>,
        condition: Option<&Condition>,
        data: Option<&Record>,
    ) {
        let changes = &self.model().changes;
        // Nobody listens: nothing is copied.
        if changes.is_of_interest() {
            let change = Change {
                kind,
                target: target.cloned(),
                condition: condition.cloned(),
                data: data.map(|data| Arc::new(data.clone())),
            };
            match &self.scope {
                Some(scope) => scope.announce(changes.clone(), change).await,
                None => changes.made(change),
            }
        }
    }
}

/// Gives absent properties their defaults, where they are wanted.
pub(crate) fn fill_defaults(def: &ModelDef, record: &mut Record, wanted: impl Fn(usize) -> bool) {
    for (index, property) in def.properties.iter().enumerate() {
        if let Some(default) = property.default
            && record.get(index).is_none()
            && wanted(index)
        {
            record.set(index, default.value(&property.ty));
        }
    }
}

/// 404 for a method of an instance that is not there.
pub(crate) fn not_found(id: &Value) -> Error {
    Error::new(
        404,
        format!("could not find a model with id {}", id_text(id)),
    )
    .with_code("MODEL_NOT_FOUND")
}
