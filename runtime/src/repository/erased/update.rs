//! Changes of what is there, and records that are new if it is not.

use std::borrow::Cow;

use super::{ErasedRepository, Versions, fill_defaults, not_found};
use crate::connectors::ChangeKind;
use crate::model::{HookKind, ModelDef, Record, RowAction, Value, id_text};
use crate::query::{Condition, Filter};
use crate::repository::hook::{Hooks, Saved};
use crate::{Error, Result};

impl ErasedRepository {
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
        self.refuse_undeclared(&record)?;
        let versions = self.take_version(&mut record);
        let condition = self.id_condition(&id);
        record = hooks
            .before_save(Saved::changes(condition.clone(), record))
            .await?
            .record;
        self.validate_upsert(&mut hooks, &id, &record).await?;
        record = hooks
            .persist(Saved::changes(condition, record))
            .await?
            .record;
        if self.update_present(&id, &record, versions.as_ref()).await? {
            return self.updated(&mut hooks, &id).await;
        }
        self.refuse_missed(&id, versions.as_ref()).await?;
        self.refuse_unpermitted(&id).await?;
        record.keep_undeclared(self.def());
        // LoopBack stores no defaults here; a property that can't be null gets its own all the same.
        fill_defaults(self.def(), &mut record, |property| {
            !self.def().properties[property].nullable
        });
        self.require(&record)?;
        match self.insert(record.clone()).await {
            // Somebody else has created it in between.
            Err(error)
                if error.code() == Some("DUPLICATE_ENTRY")
                    && self.update_present(&id, &record, versions.as_ref()).await? =>
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
        self.keep_undeclared(&mut record)?;
        let versions = self.take_version(&mut record);
        self.keep_read_only(&id, &mut record).await?;
        fill_defaults(self.def(), &mut record, |_| true);
        record = hooks
            .before_save(Saved::instance(record, None))
            .await?
            .record;
        self.validate(&mut hooks, &record).await?;
        record = hooks.persist(Saved::instance(record, None)).await?.record;
        let versions = versions.as_ref();
        if let Some(record) = self.replace(&id, record.clone(), versions).await? {
            return self.saved(&mut hooks, record, false).await;
        }
        self.refuse_missed(&id, versions).await?;
        self.refuse_unpermitted(&id).await?;
        if self.def().force_id && self.def().id().generated {
            return Err(self.id_is_set(&id));
        }
        match self.insert(record.clone()).await {
            Err(error) if error.code() == Some("DUPLICATE_ENTRY") => {
                let record = self.replace(&id, record, versions).await?.ok_or(error)?;
                self.saved(&mut hooks, record, false).await
            }
            result => self.saved(&mut hooks, result?, true).await,
        }
    }

    /// Merges the data into the only record that `condition` finds, or creates it.
    pub async fn upsert_with_where(&self, condition: Condition, record: Record) -> Result<Record> {
        if record.is_empty() {
            return Err(Error::new(400, "data object cannot be empty!"));
        }
        self.refuse_undeclared(&record)?;
        let mut hooks = Hooks::new(self);
        let condition = hooks
            .narrow(RowAction::Update, &condition)
            .await?
            .into_owned();
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
        self.def().set_id(&mut supplied, self.def().id_of(&current));
        self.validate(&mut hooks, &supplied).await?;
        let merged = self.merge_as(&mut hooks, current, record, None).await?;
        self.saved(&mut hooks, merged, false).await
    }

    /// Sets the present values in every record that `condition` finds, without validation of rules.
    pub async fn update_all(&self, condition: &Condition, changes: Record) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let condition = hooks.narrow(RowAction::Update, condition).await?;
        let condition = condition.into_owned();
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
        model.def.remove_id(&mut changes);
        self.take_version(&mut changes);
        changes.join_undeclared(model.def);
        self.refuse_null(&changes)?;
        let changeable = self.changeable(&changes).await?.and(condition.clone());
        let count = self
            .operations()
            .update(model.def, &changeable, &changes)
            .await
            .map_err(|error| self.explain(error, &changes))?;
        if count > 0 {
            self.announce(ChangeKind::Update, None, Some(&condition), Some(&changes))
                .await;
        }
        hooks.after_save(Saved::changes(condition, changes)).await?;
        Ok(count)
    }

    /// Stores values in what `condition` finds, past all hooks, rules and change streams: what nobody outside sees. Returns
    /// how many these are.
    pub(crate) async fn store(&self, condition: &Condition, changes: &Record) -> Result<u64> {
        self.operations()
            .update(self.def(), condition, changes)
            .await
    }

    /// Merges the present values into a loaded record; the whole result is validated.
    pub async fn merge(&self, current: Record, mut changes: Record) -> Result<Record> {
        self.refuse_undeclared(&changes)?;
        let versions = self.take_version(&mut changes);
        let versions = self.meant_for(&current, versions)?;
        let mut hooks = Hooks::new(self);
        let id = self.def().id_of(&current);
        let saved = Saved::changes(self.id_condition(&id), changes).of(hooks.copy(&current));
        let changes = hooks.before_save(saved).await?.record;
        if hooks.has(HookKind::Loaded) {
            // Of no effect on the answer (contract models.md §10).
            let merged = self
                .merge_as(&mut hooks, current, changes.clone(), versions)
                .await?;
            hooks.loaded(changes, false).await?;
            return Ok(hooks
                .after_save(Saved::instance(merged, Some(false)))
                .await?
                .record);
        }
        let merged = self
            .merge_as(&mut hooks, current, changes, versions)
            .await?;
        Ok(hooks
            .after_save(Saved::instance(merged, Some(false)))
            .await?
            .record)
    }

    /// Merges the changes between `before_save` and `loaded`. The answer lacks what `persist` changes.
    async fn merge_as(
        &self,
        hooks: &mut Hooks<'_>,
        mut current: Record,
        mut changes: Record,
        versions: Option<Versions>,
    ) -> Result<Record> {
        let model = self.model();
        let id = model.def.id_of(&current);
        keep_id(model.def, &current, &mut changes)?;
        let before = hooks.has(HookKind::Persist).then(|| current.clone());
        current.merge(changes.clone());
        self.validate(hooks, &current).await?;
        current.keep_undeclared(model.def);
        if let Some(before) = before {
            let saved = Saved::changes(self.id_condition(&id), changes)
                .of(Some(before))
                .existing();
            changes = hooks.persist(saved).await?.record;
        }
        if !self
            .update_present(&id, &changes, versions.as_ref())
            .await?
        {
            self.refuse_missed(&id, versions.as_ref()).await?;
            self.refuse_unpermitted(&id).await?;
            return Err(not_found(&id));
        }
        if !changes.is_empty() {
            current.raise_version(model.def);
        }
        self.announce(ChangeKind::Update, Some(&id), None, Some(&current))
            .await;
        Ok(current)
    }

    /// Replaces the record with this id; omitted properties vanish, defaults are applied again.
    pub async fn replace_by_id(&self, id: &Value, mut record: Record) -> Result<Record> {
        let mut identified = Record::new(self.def());
        self.def().set_id(&mut identified, id.clone());
        keep_id(self.def(), &identified, &mut record)?;
        self.def().set_id(&mut record, id.clone());
        self.keep_undeclared(&mut record)?;
        let versions = self.take_version(&mut record);
        self.keep_read_only(id, &mut record).await?;
        fill_defaults(self.def(), &mut record, |_| true);
        let mut hooks = Hooks::new(self);
        let saved = Saved::instance(record, Some(false));
        let record = hooks.before_save(saved).await?.record;
        self.validate(&mut hooks, &record).await?;
        let saved = Saved::instance(record, Some(false));
        let record = hooks.persist(saved).await?.record;
        let versions = versions.as_ref();
        let replaced = self.replace(id, record, versions).await?;
        if replaced.is_none() {
            self.refuse_missed(id, versions).await?;
            self.refuse_unpermitted(id).await?;
        }
        let replaced = replaced.ok_or_else(|| {
            let message = format!(
                "Could not replace. Object with id {} does not exist!",
                id_text(id)
            );
            Error::new(404, message).with_code("MODEL_NOT_FOUND")
        })?;
        self.saved(&mut hooks, replaced, false).await
    }

    /// Does the access hook of an upsert let it see the record with this id? One that it hides gets a twin with a new id
    /// (contract *models.md* §10).
    async fn in_sight(
        &self,
        hooks: &mut Hooks<'_>,
        id: &Value,
        mut record: Record,
    ) -> Result<Sight> {
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
        model.def.remove_id(&mut record);
        Ok(Sight::Hidden(record))
    }

    /// Gives a record that is to replace the one with this id what callers can't write, as it is stored.
    async fn keep_read_only(&self, id: &Value, record: &mut Record) -> Result<()> {
        let properties = self.def().properties.iter().enumerate();
        let read_only =
            properties.filter(|(index, property)| property.read_only || self.kept.contains(index));
        let mut lacking: Vec<_> = read_only.map(|(index, _)| index).collect();
        lacking.retain(|index| record.get(*index).is_none());
        if lacking.is_empty() {
            return Ok(());
        }
        let stored = Filter {
            limit: Some(1),
            ..Filter::matching(self.id_condition(id))
        };
        if let Some(mut stored) = self.primary().read(&stored).await?.pop() {
            for index in lacking {
                if let Some(value) = stored.remove(index) {
                    record.set(index, value);
                }
            }
        }
        Ok(())
    }

    /// The end of an operation that answers what the data source has stored.
    async fn saved(&self, hooks: &mut Hooks<'_>, record: Record, new: bool) -> Result<Record> {
        let record = hooks.loaded(record, new).await?;
        let saved = Saved::instance(record, Some(new));
        Ok(hooks.after_save(saved).await?.record)
    }

    /// Sets the present values of the record with this id, if it has one of these versions. False when there is none.
    async fn update_present(
        &self,
        id: &Value,
        changes: &Record,
        versions: Option<&Versions>,
    ) -> Result<bool> {
        self.refuse_null(changes)?;
        let model = self.model();
        let mut changes = changes.clone();
        model.def.remove_id(&mut changes);
        self.take_version(&mut changes);
        changes.join_undeclared(model.def);
        let condition = self.version_condition(id, versions);
        // A part of the statement: nobody changes the row in between.
        let condition = condition.and(self.changeable(&changes).await?);
        let updated = self
            .operations()
            .update(model.def, &condition, &changes)
            .await;
        Ok(updated.map_err(|error| self.explain(error, &changes))? > 0)
    }

    /// Sets every value of the record with this id, absent ones to null. Nothing when there is none of these versions.
    async fn replace(
        &self,
        id: &Value,
        mut record: Record,
        versions: Option<&Versions>,
    ) -> Result<Option<Record>> {
        let mut changes = record.clone();
        for (index, property) in self.def().properties.iter().enumerate() {
            if changes.get(index).is_none() && !property.id {
                changes.set(index, Value::Null);
            }
        }
        if !self.update_present(id, &changes, versions).await? {
            return Ok(None);
        }
        record.raise_version(self.def());
        self.announce(ChangeKind::Update, Some(id), None, Some(&record))
            .await;
        Ok(Some(record))
    }

    /// The end of an operation that has changed a part of the record with this id.
    pub(super) async fn updated(&self, hooks: &mut Hooks<'_>, id: &Value) -> Result<Record> {
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

    pub(super) fn given_id(&self, record: &Record) -> Option<Value> {
        let def = self.def();
        let given = def.ids().all(|index| !is_blank(def, record.value(index)));
        given.then(|| def.id_of(record))
    }
}

/// What an upsert is allowed to see.
enum Sight {
    Clear(Record),
    /// The record without its id.
    Hidden(Record),
}

/// Takes the id out of the changes of `current`, which they must not change.
fn keep_id(def: &ModelDef, current: &Record, changes: &mut Record) -> Result<()> {
    for index in def.ids() {
        let from = current.value(index);
        let changed = |to: &Value| to != from && !is_blank(def, to);
        if let Some(to) = changes.remove(index).filter(changed) {
            let message = format!(
                "id property ({}) cannot be updated from {} to {}",
                def.properties[index].name,
                from.to_text(),
                to.to_text()
            );
            return Err(Error::new(400, message));
        }
    }
    Ok(())
}

/// Does the value say nothing about the id? As one of several keys, which are never generated, `0` and `""` do.
fn is_blank(def: &ModelDef, value: &Value) -> bool {
    if def.has_composite_id() {
        value.is_null()
    } else {
        value.is_blank_id()
    }
}
