//! The one pipeline that every data operation passes, whoever asks for it.
//!
//! Non-generic on purpose: what a typed [`Repository`](super::Repository) adds is conversions.

mod create;
mod delete;
mod operate;
mod read;
mod update;

use std::sync::Arc;

use tokio::sync::broadcast;

use super::Change;
use super::registry::{Attached, Registry};
use super::transaction::Scope;
use crate::connectors::{ChangeKind, Operations};
use crate::model::{ModelDef, Record, Strict, Value, Violation, missing, validation_error};
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
}

impl ErasedRepository {
    pub fn new(registry: Arc<Registry>, index: usize) -> Self {
        ErasedRepository {
            registry,
            index,
            scope: None,
            primary: false,
        }
    }

    /// The same model within a transaction.
    pub(super) fn within(mut self, scope: Arc<Scope>) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Where operations go: to the transaction, if the model is kept where the transaction is.
    fn operations(&self) -> &dyn Operations {
        let connector = &self.model().connector;
        match &self.scope {
            Some(scope) if scope.covers(connector) => scope.as_ref(),
            _ => connector.as_ref(),
        }
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
        Ok(other)
    }

    pub(super) fn sibling(&self, index: usize) -> ErasedRepository {
        ErasedRepository {
            registry: self.registry.clone(),
            index,
            scope: self.scope.clone(),
            primary: self.primary,
        }
    }

    /// The same model, whose reads see every write: they are asked of no replica.
    pub fn primary(&self) -> ErasedRepository {
        ErasedRepository {
            primary: true,
            ..self.clone()
        }
    }

    /// The changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.model().changes.subscribe()
    }

    fn id_condition(&self, id: &Value) -> Condition {
        Condition::equal(self.def().id_index(), id.clone())
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

    fn validate(&self, record: &Record) -> Result<()> {
        self.judge(self.model().violations(record))
    }

    /// Refuses a record without a value that no instance can be without.
    fn require(&self, record: &Record) -> Result<()> {
        self.judge(missing(self.def(), record))
    }

    /// Refuses changes that would take away a value that no instance can be without.
    fn refuse_null(&self, changes: &Record) -> Result<()> {
        let mut violations = missing(self.def(), changes);
        violations.retain(|violation| violation.shown != "undefined");
        self.judge(violations)
    }

    fn judge(&self, violations: Vec<Violation>) -> Result<()> {
        if violations.is_empty() {
            Ok(())
        } else {
            Err(validation_error(self.def(), &violations))
        }
    }

    /// A unique value that is taken, as the validation error that LoopBack makes of it. A taken id stays as it is.
    fn explain(&self, error: Error) -> Error {
        let property = error
            .property("property")
            .and_then(serde_json::Value::as_str);
        let property = self
            .def()
            .properties
            .iter()
            .find(|known| Some(known.name) == property);
        match property {
            Some(property) if error.code() == Some("DUPLICATE_ENTRY") && !property.id => {
                // The value is not repeated: it may be somebody else's.
                let violation = Violation {
                    property: property.name.into(),
                    code: "uniqueness".into(),
                    message: "is not unique".into(),
                    shown: "undefined".into(),
                };
                validation_error(self.def(), &[violation])
            }
            _ => error,
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
        if changes.receiver_count() > 0 {
            let change = Change {
                kind,
                target: target.cloned(),
                condition: condition.cloned(),
                data: data.map(|data| Arc::new(data.clone())),
            };
            match &self.scope {
                Some(scope) => scope.announce(changes.clone(), change).await,
                // An error says that the last listener has just left.
                None => drop(changes.send(change)),
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
        format!("could not find a model with id {}", id.to_text()),
    )
    .with_code("MODEL_NOT_FOUND")
}
