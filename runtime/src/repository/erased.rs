//! The one pipeline that every data operation passes, whoever asks for it.
//!
//! Non-generic on purpose: what a typed [`Repository`](super::Repository) adds is conversions.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::broadcast;

use super::hook::{Hooks, Saved};
use super::registry::{Attached, Registry};
use super::transaction::Scope;
use super::{Change, include};
use crate::connectors::{ChangeKind, Connector, Operations};
use crate::model::{
    HookKind, ModelDef, ObjectId, PropertyType, Record, Value, Violation, missing, validation_error,
};
use crate::query::{Comparison, Condition, Fields, Filter};
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

    // Reading

    pub async fn find(&self, filter: &Filter) -> Result<Vec<Record>> {
        let mut hooks = Hooks::new(self);
        let filter = hooks.access(Cow::Borrowed(filter)).await?;
        let mut records = self.read(&filter).await?;
        if hooks.has(HookKind::Loaded) {
            for record in &mut records {
                let found = std::mem::replace(record, Record::with_len(0));
                *record = hooks.loaded(found, false).await?;
            }
        }
        include::load(self, &mut records, &filter.include).await?;
        let keys = include::keys(self.model(), &filter);
        for record in &mut records {
            keys.iter().for_each(|key| drop(record.remove(*key)));
        }
        Ok(records)
    }

    /// What the filter finds, with the keys of its includes, past all hooks.
    async fn read(&self, filter: &Filter) -> Result<Vec<Record>> {
        let model = self.model();
        model.connector.capabilities().check(model.def, filter)?;
        let keys = include::keys(model, filter);
        if keys.is_empty() {
            return self.ask(filter).await;
        }
        // The relations are found by keys that the caller did not ask for.
        let mut filter = filter.clone();
        if let Fields::Only(fields) = &mut filter.fields {
            fields.extend(&keys);
        }
        self.ask(&filter).await
    }

    async fn ask(&self, filter: &Filter) -> Result<Vec<Record>> {
        let def = self.def();
        match self.replicated() {
            Some(connector) => connector.find_on_replica(def, filter).await,
            None => self.operations().find(def, filter).await,
        }
    }

    /// Where reads that may miss the last writes go; nowhere within a transaction.
    fn replicated(&self) -> Option<&dyn Connector> {
        let connector = &self.model().connector;
        let covered = |scope: &Arc<Scope>| scope.covers(connector);
        let plain = !self.primary && !self.scope.as_ref().is_some_and(covered);
        plain.then_some(connector.as_ref())
    }

    pub async fn find_one(&self, filter: &Filter) -> Result<Option<Record>> {
        let filter = Filter {
            limit: Some(1),
            ..filter.clone()
        };
        Ok(self.find(&filter).await?.into_iter().next())
    }

    /// The instance with this id; of `filter` only fields and includes count.
    pub async fn find_by_id(&self, id: &Value, filter: &Filter) -> Result<Option<Record>> {
        let filter = Filter {
            condition: self.id_condition(id),
            fields: filter.fields.clone(),
            include: filter.include.clone(),
            ..Filter::ALL
        };
        self.find_one(&filter).await
    }

    /// The instances with these ids, in their order.
    pub async fn find_by_ids(&self, ids: Vec<Value>) -> Result<Vec<Record>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let id_index = self.def().id_index();
        let wanted = Comparison::In(ids.clone());
        let filter = Filter::matching(Condition::compare(id_index, wanted));
        let mut found = self.find(&filter).await?;
        let position = |record: &Record| ids.iter().position(|id| id == record.value(id_index));
        found.sort_by_cached_key(position);
        Ok(found)
    }

    /// The first record that `condition` finds, or else a new one. True when it has been created.
    pub async fn find_or_create(
        &self,
        condition: Condition,
        new: Record,
    ) -> Result<(Record, bool)> {
        let filter = Filter::matching(condition);
        if let Some(found) = self.find_one(&filter).await? {
            return Ok((found, false));
        }
        let (error, taken) = match self.create(new).await {
            Ok(created) => return Ok((created, true)),
            Err(error) => {
                // A unique value that is taken comes as 422, a taken id as 409.
                let taken = matches!(error.status(), 409 | 422);
                (error, taken)
            }
        };
        // Somebody else may have created it in between.
        let found = if taken {
            self.find_one(&filter).await?
        } else {
            None
        };
        found.map(|found| (found, false)).ok_or(error)
    }

    pub async fn count(&self, condition: &Condition) -> Result<u64> {
        let condition = Hooks::new(self).narrow(condition).await?;
        self.check(&condition)?;
        let def = self.def();
        match self.replicated() {
            Some(connector) => connector.count_on_replica(def, &condition).await,
            None => self.operations().count(def, &condition).await,
        }
    }

    pub async fn exists(&self, id: &Value) -> Result<bool> {
        Ok(self.count(&self.id_condition(id)).await? > 0)
    }

    /// The instance that a method is called on.
    pub async fn load(&self, id: &Value) -> Result<Record> {
        self.find_by_id(id, &Filter::ALL)
            .await?
            .ok_or_else(|| not_found(id))
    }

    // Creating

    pub async fn create(&self, record: Record) -> Result<Record> {
        self.create_as(&mut Hooks::new(self), record).await
    }

    /// Creates a record as the part of an operation whose hooks have begun.
    async fn create_as(&self, hooks: &mut Hooks, mut record: Record) -> Result<Record> {
        fill_defaults(self.def(), &mut record, |_| true);
        let new = Some(true);
        let mut record = hooks
            .before_save(Saved::instance(record, new))
            .await?
            .record;
        self.prepare_id(&mut record);
        self.validate(&record)?;
        // LoopBack answers with the instance as it was before `persist` and `loaded`.
        let answer = hooks.has(HookKind::Persist).then(|| record.clone());
        let persisted = hooks.persist(Saved::instance(record, new)).await?.record;
        let stored = self.insert(persisted).await?;
        if hooks.has(HookKind::Loaded) {
            hooks.loaded(stored.clone(), true).await?;
        }
        let id_index = self.def().id_index();
        let record = match answer {
            Some(mut answer) => {
                answer.set(id_index, stored.value(id_index).clone());
                answer
            }
            None => stored,
        };
        Ok(hooks.after_save(Saved::instance(record, new)).await?.record)
    }

    /// Creates each record by itself (contract *rest.md* §5.2): those that are valid stay, whatever happens to the
    /// others.
    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        let mut created = Vec::with_capacity(records.len());
        let mut failures = Vec::new();
        for (position, record) in records.into_iter().enumerate() {
            let result = match record {
                Ok(record) => self.create(record).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(record) => created.push(record),
                Err(error) => failures.push((position, error)),
            }
        }
        if failures.is_empty() {
            Ok(created)
        } else {
            Err(multiple_errors(created.len() + failures.len(), failures))
        }
    }

    // Updating

    /// Merges the record into the one with its id, or creates it (contract *models.md* §8.1, §9.3).
    pub async fn upsert(&self, record: Record) -> Result<Record> {
        let mut hooks = Hooks::new(self);
        let Some(id) = self.given_id(&record) else {
            return self.create_as(&mut hooks, record).await;
        };
        let mut record = match self.in_sight(&mut hooks, &id, record).await? {
            Sight::Clear(record) => record,
            Sight::Hidden(record) => return self.create_as(&mut hooks, record).await,
        };
        let condition = self.id_condition(&id);
        record = hooks
            .before_save(Saved::changes(condition.clone(), record))
            .await?
            .record;
        record = hooks
            .persist(Saved::changes(condition, record))
            .await?
            .record;
        if self.update_present(&id, &record).await? {
            return self.updated(&mut hooks, &id).await;
        }
        // LoopBack stores no defaults here; a property that can't be null gets its own all the same.
        fill_defaults(self.def(), &mut record, |property| {
            !self.def().properties[property].nullable
        });
        self.require(&record)?;
        match self.insert(record.clone()).await {
            // Somebody else has created it in between.
            Err(error)
                if error.code() == Some("DUPLICATE_ENTRY")
                    && self.update_present(&id, &record).await? =>
            {
                self.updated(&mut hooks, &id).await
            }
            result => self.saved(&mut hooks, result?, true).await,
        }
    }

    /// Replaces the record with its id, or creates it.
    pub async fn replace_or_create(&self, record: Record) -> Result<Record> {
        let mut hooks = Hooks::new(self);
        let Some(id) = self.given_id(&record) else {
            return self.create_as(&mut hooks, record).await;
        };
        let mut record = match self.in_sight(&mut hooks, &id, record).await? {
            Sight::Clear(record) => record,
            Sight::Hidden(record) => return self.create_as(&mut hooks, record).await,
        };
        fill_defaults(self.def(), &mut record, |_| true);
        record = hooks
            .before_save(Saved::instance(record, None))
            .await?
            .record;
        self.validate(&record)?;
        record = hooks.persist(Saved::instance(record, None)).await?.record;
        if let Some(record) = self.replace(&id, record.clone()).await? {
            return self.saved(&mut hooks, record, false).await;
        }
        match self.insert(record.clone()).await {
            Err(error) if error.code() == Some("DUPLICATE_ENTRY") => {
                let record = self.replace(&id, record).await?.ok_or(error)?;
                self.saved(&mut hooks, record, false).await
            }
            result => self.saved(&mut hooks, result?, true).await,
        }
    }

    /// Merges the data into the only record that `condition` finds, or creates it.
    pub async fn upsert_with_where(&self, condition: Condition, record: Record) -> Result<Record> {
        if record.values().iter().all(Option::is_none) {
            return Err(Error::new(400, "data object cannot be empty!"));
        }
        let mut hooks = Hooks::new(self);
        let condition = hooks.narrow(&condition).await?.into_owned();
        let found = Filter {
            limit: Some(2),
            ..Filter::matching(condition.clone())
        };
        let mut found = self.primary().read(&found).await?;
        let Some(current) = found.pop() else {
            return self.create_as(&mut hooks, record).await;
        };
        if !found.is_empty() {
            return Err(Error::new(
                400,
                "There are multiple instances found.Upsert Operation will not be performed!",
            ));
        }
        let saved = Saved::changes(condition, record).of(hooks.copy(&current));
        let record = hooks.before_save(saved).await?.record;
        // LoopBack validates what the caller supplied as if it were whole (contract models.md §9.3).
        let mut supplied = record.clone();
        fill_defaults(self.def(), &mut supplied, |_| true);
        let id_index = self.def().id_index();
        supplied.set(id_index, current.value(id_index).clone());
        self.validate(&supplied)?;
        let merged = self.merge_as(&mut hooks, current, record).await?;
        self.saved(&mut hooks, merged, false).await
    }

    /// Sets the present values in every record that `condition` finds, without validation of rules.
    pub async fn update_all(&self, condition: &Condition, changes: Record) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let condition = hooks.narrow(condition).await?.into_owned();
        self.check(&condition)?;
        let saved = hooks
            .before_save(Saved::changes(condition, changes))
            .await?;
        let Saved {
            condition,
            record: mut changes,
            ..
        } = hooks.persist(saved).await?;
        let condition = condition.unwrap_or_default();
        let model = self.model();
        changes.remove(model.def.id_index());
        self.refuse_null(&changes)?;
        let count = self
            .operations()
            .update(model.def, &condition, &changes)
            .await
            .map_err(|error| self.explain(error))?;
        if count > 0 {
            self.announce(ChangeKind::Update, None, Some(&condition), Some(&changes))
                .await;
        }
        hooks.after_save(Saved::changes(condition, changes)).await?;
        Ok(count)
    }

    /// Merges the present values into a loaded record; the whole result is validated.
    pub async fn merge(&self, current: Record, changes: Record) -> Result<Record> {
        let mut hooks = Hooks::new(self);
        let id = current.value(self.def().id_index());
        let saved = Saved::changes(self.id_condition(id), changes).of(hooks.copy(&current));
        let changes = hooks.before_save(saved).await?.record;
        if hooks.has(HookKind::Loaded) {
            // Of no effect on the answer (contract models.md §10).
            let merged = self.merge_as(&mut hooks, current, changes.clone()).await?;
            hooks.loaded(changes, false).await?;
            return Ok(hooks
                .after_save(Saved::instance(merged, Some(false)))
                .await?
                .record);
        }
        let merged = self.merge_as(&mut hooks, current, changes).await?;
        Ok(hooks
            .after_save(Saved::instance(merged, Some(false)))
            .await?
            .record)
    }

    /// Merges the changes between `before_save` and `loaded`. The answer lacks what `persist` changes.
    async fn merge_as(
        &self,
        hooks: &mut Hooks,
        mut current: Record,
        mut changes: Record,
    ) -> Result<Record> {
        let model = self.model();
        let id_index = model.def.id_index();
        let id = current.value(id_index).clone();
        if let Some(new) = changes
            .remove(id_index)
            .filter(|new| *new != id && !new.is_blank_id())
        {
            return Err(id_change(model.def, &id, &new));
        }
        let before = hooks.has(HookKind::Persist).then(|| current.clone());
        current.merge(changes.clone());
        self.validate(&current)?;
        if let Some(before) = before {
            let saved = Saved::changes(self.id_condition(&id), changes)
                .of(Some(before))
                .existing();
            changes = hooks.persist(saved).await?.record;
        }
        if !self.update_present(&id, &changes).await? {
            return Err(not_found(&id));
        }
        self.announce(ChangeKind::Update, Some(&id), None, Some(&current))
            .await;
        Ok(current)
    }

    /// Replaces the record with this id; omitted properties vanish, defaults are applied again.
    pub async fn replace_by_id(&self, id: &Value, mut record: Record) -> Result<Record> {
        let id_index = self.def().id_index();
        if let Some(new) = record
            .remove(id_index)
            .filter(|new| new != id && !new.is_blank_id())
        {
            return Err(id_change(self.def(), id, &new));
        }
        record.set(id_index, id.clone());
        fill_defaults(self.def(), &mut record, |_| true);
        let mut hooks = Hooks::new(self);
        let saved = Saved::instance(record, Some(false));
        let record = hooks.before_save(saved).await?.record;
        self.validate(&record)?;
        let saved = Saved::instance(record, Some(false));
        let record = hooks.persist(saved).await?.record;
        let replaced = self.replace(id, record).await?.ok_or_else(|| {
            let message = format!(
                "Could not replace. Object with id {} does not exist!",
                id.to_text()
            );
            Error::new(404, message).with_code("MODEL_NOT_FOUND")
        })?;
        self.saved(&mut hooks, replaced, false).await
    }

    // Deleting

    pub async fn delete_by_id(&self, id: &Value) -> Result<u64> {
        self.delete(&self.id_condition(id), Some(id)).await
    }

    pub async fn delete_all(&self, condition: &Condition) -> Result<u64> {
        self.delete(condition, None).await
    }

    async fn delete(&self, condition: &Condition, id: Option<&Value>) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let condition = hooks.narrow(condition).await?.into_owned();
        self.check(&condition)?;
        let condition = hooks.before_delete(condition).await?;
        let model = self.model();
        let count = self.operations().delete(model.def, &condition).await?;
        if count > 0 {
            self.announce(ChangeKind::Remove, id, Some(&condition), None)
                .await;
        }
        hooks.after_delete(condition).await?;
        Ok(count)
    }

    // Steps of the pipeline

    /// Does the access hook of an upsert let it see the record with this id? One that it hides gets a twin with a new id
    /// (contract *models.md* §10).
    async fn in_sight(&self, hooks: &mut Hooks, id: &Value, mut record: Record) -> Result<Sight> {
        let asked = Filter {
            limit: Some(1),
            ..Filter::matching(self.id_condition(id))
        };
        let filter = hooks.access(Cow::Borrowed(&asked)).await?;
        let model = self.model();
        let narrowed = filter.condition != asked.condition;
        if !narrowed
            || self
                .operations()
                .count(model.def, &filter.condition)
                .await?
                > 0
            || self.operations().count(model.def, &asked.condition).await? == 0
        {
            return Ok(Sight::Clear(record));
        }
        record.remove(model.def.id_index());
        Ok(Sight::Hidden(record))
    }

    /// The end of an operation that answers what the data source has stored.
    async fn saved(&self, hooks: &mut Hooks, record: Record, new: bool) -> Result<Record> {
        let record = hooks.loaded(record, new).await?;
        let saved = Saved::instance(record, Some(new));
        Ok(hooks.after_save(saved).await?.record)
    }

    async fn insert(&self, record: Record) -> Result<Record> {
        let model = self.model();
        let record = self
            .operations()
            .create(model.def, record)
            .await
            .map_err(|error| self.explain(error))?;
        self.announce(
            ChangeKind::Create,
            record.get(model.def.id_index()),
            None,
            Some(&record),
        )
        .await;
        Ok(record)
    }

    /// Sets the present values of the record with this id. False when there is none.
    async fn update_present(&self, id: &Value, changes: &Record) -> Result<bool> {
        self.refuse_null(changes)?;
        let model = self.model();
        let mut changes = changes.clone();
        changes.remove(model.def.id_index());
        let updated = self
            .operations()
            .update(model.def, &self.id_condition(id), &changes)
            .await;
        Ok(updated.map_err(|error| self.explain(error))? > 0)
    }

    /// Sets every value of the record with this id, absent ones to null. Nothing when there is none.
    async fn replace(&self, id: &Value, record: Record) -> Result<Option<Record>> {
        let mut changes = record.clone();
        for (index, property) in self.def().properties.iter().enumerate() {
            if changes.get(index).is_none() && !property.id {
                changes.set(index, Value::Null);
            }
        }
        if !self.update_present(id, &changes).await? {
            return Ok(None);
        }
        self.announce(ChangeKind::Update, Some(id), None, Some(&record))
            .await;
        Ok(Some(record))
    }

    /// The end of an operation that has changed a part of the record with this id.
    async fn updated(&self, hooks: &mut Hooks, id: &Value) -> Result<Record> {
        let filter = Filter {
            limit: Some(1),
            ..Filter::matching(self.id_condition(id))
        };
        let found = self.primary().read(&filter).await?.pop();
        let record = found.ok_or_else(|| not_found(id))?;
        self.announce(ChangeKind::Update, Some(id), None, Some(&record))
            .await;
        self.saved(hooks, record, false).await
    }

    fn id_condition(&self, id: &Value) -> Condition {
        Condition::equal(self.def().id_index(), id.clone())
    }

    fn given_id(&self, record: &Record) -> Option<Value> {
        record
            .get(self.def().id_index())
            .filter(|id| !id.is_blank_id())
            .cloned()
    }

    /// Leaves a blank generated integer to the store, and makes a fresh id of any other type.
    fn prepare_id(&self, record: &mut Record) {
        let id = self.def().id();
        let index = self.def().id_index();
        if !id.generated || !record.value(index).is_blank_id() {
            return;
        }
        record.remove(index);
        match id.ty {
            PropertyType::Uuid => record.set(index, Value::Uuid(uuid::Uuid::new_v4())),
            PropertyType::ObjectId => record.set(index, Value::ObjectId(ObjectId::generate())),
            PropertyType::String => {
                record.set(index, Value::String(uuid::Uuid::new_v4().to_string()))
            }
            _ => {}
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
                    property: property.name,
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

/// What an upsert is allowed to see.
enum Sight {
    Clear(Record),
    /// The record without its id.
    Hidden(Record),
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

fn id_change(def: &ModelDef, from: &Value, to: &Value) -> Error {
    let message = format!(
        "id property ({}) cannot be updated from {} to {}",
        def.id().name,
        from.to_text(),
        to.to_text()
    );
    Error::new(400, message)
}

/// LoopBack's error for a list of which some items failed: `details` is aligned with the input.
fn multiple_errors(len: usize, failures: Vec<(usize, Error)>) -> Error {
    // The caller's mistakes answer 422; one failure of the server makes it the server's.
    let status = failures
        .iter()
        .map(|(_, error)| error.status())
        .filter(|status| *status >= 500)
        .max()
        .unwrap_or(422);
    let mut details = vec![json!(null); len];
    for (position, error) in failures {
        let mut inner = error.to_map();
        inner.remove("statusCode");
        details[position] = inner.into();
    }
    Error::new(
        status,
        "Failed with multiple errors, see `details` for more information.",
    )
    .with_details(details)
}
