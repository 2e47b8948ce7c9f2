//! Relations that lead to one instance (contract *relations.md* §4 and §8).

use super::ErasedRelation;
use crate::model::{ModelDef, Record, Value};
use crate::query::{Condition, Filter};
use crate::repository::{AttachedRelation, ErasedRepository, scope};
use crate::{Error, Result};

/// What a to-one relation leads to.
#[derive(Debug)]
pub(crate) enum Target {
    /// The owner points nowhere.
    Unset,
    /// The owner points at something that is not there.
    Missing,
    /// The instance.
    Found(&'static ModelDef, Record),
}

impl ErasedRelation {
    /// What the relation leads to.
    ///
    /// # Errors
    /// 404 when the owner does not say of which model it is, or says one that is not there.
    pub async fn get(&self) -> Result<Target> {
        if let Some(embedded) = self.embedded() {
            return embedded.get().await;
        }
        if self.key().is_null() {
            return Ok(Target::Unset);
        }
        if self.attached().target.is_none() {
            let target = self.told()?;
            let condition = self.attached().of_any(target.def(), self.key());
            return match condition {
                Some(condition) => self.one(&target, condition).await,
                None => Ok(Target::Missing),
            };
        }
        self.one(&self.target, self.of_owner()).await
    }

    /// The model that the owner says it belongs to, where it may be any.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn told_model(&self) -> Result<Option<&'static ModelDef>> {
        match self.def().leads_to_any() && !self.key().is_null() {
            true => self.told().map(|target| Some(target.def())),
            false => Ok(None),
        }
    }

    async fn one(&self, target: &ErasedRepository, condition: Condition) -> Result<Target> {
        let filter = scope::above(self.scope(), Filter::matching(condition));
        let found = target.find_one(&filter).await?;
        Ok(found.map_or(Target::Missing, |record| {
            Target::Found(target.def(), record)
        }))
    }

    /// The model that the owner names, beside a key that may belong to several.
    fn told(&self) -> Result<ErasedRepository> {
        let discriminator = self.attached().discriminator.as_ref();
        let property = discriminator.map_or(0, |discriminator| discriminator.property);
        let missing = |what: String| {
            let message = format!("Polymorphic model not found: {what}");
            Error::new(404, message).with_code("UNKNOWN_MODEL")
        };
        match self.record.value(property) {
            Value::String(name) if !name.is_empty() => self
                .owner
                .named(name)
                .ok_or_else(|| missing(format!("`{}`", name.to_lowercase()))),
            _ => {
                let name = self.owner.def().properties[property].name;
                Err(missing(format!("`{name}` not set")))
            }
        }
    }

    /// The target, whose absence is an error, before it is written.
    async fn only(&self) -> Result<Record> {
        match self.primary().get().await? {
            Target::Found(_, record) => Ok(record),
            Target::Unset | Target::Missing => {
                let message = format!("HasOne relation {} is empty", self.def().name);
                Err(Error::new(404, message).with_code("MODEL_NOT_FOUND"))
            }
        }
    }

    /// Creates a target for an owner that holds its key, and sets the key: both or none.
    pub async fn create_target(&self, record: Record) -> Result<Record> {
        let ErasedRelation { owner, target, .. } = self;
        let create = |target: ErasedRepository| async move {
            let created = target.create(record).await?;
            let relation = self.attached();
            let mut changes = Record::new(owner.def());
            changes.set(relation.own_key, created.value(relation.target_key).clone());
            let owner = owner.beside(&target);
            let current = owner
                .primary()
                .load(&owner.def().id_of(&self.record))
                .await?;
            owner.merge(current, changes).await?;
            Ok(created)
        };
        if owner.shares_transactions_with(target) {
            return target.in_transaction(create).await;
        }
        create(target.clone()).await
    }

    pub async fn create_only(&self, record: Record) -> Result<Record> {
        if let Some(embedded) = self.embedded() {
            return embedded.create(record).await;
        }
        let create = |owner: ErasedRepository, _| async move {
            let target = self.target.beside(&owner);
            // One that the caller may not see is there all the same.
            let all = target.primary().on_own_behalf();
            if all.count(&self.belonging()).await? > 0 {
                let model = target.def().name;
                let message =
                    format!("HasOne relation cannot create more than one instance of {model}");
                return Err(Error::new(409, message).with_code("RELATION_NOT_EMPTY"));
            }
            target.create(self.own(record)).await
        };
        // Nobody else gives the owner one in between.
        let id = self.owner.def().id_of(&self.record);
        self.owner.beside(&self.target).hold(&id, create).await
    }

    pub async fn update_only(&self, changes: Record) -> Result<Record> {
        if let Some(embedded) = self.embedded() {
            return embedded.update_only(changes).await;
        }
        let current = self.only().await?;
        self.change(current, changes).await
    }

    pub async fn destroy_only(&self) -> Result<()> {
        if let Some(embedded) = self.embedded() {
            return embedded.delete_all().await.map(drop);
        }
        let id = self.target.def().id_of(&self.only().await?);
        self.target.delete_by_id(&id).await.map(drop)
    }
}

impl AttachedRelation {
    /// Which instance of `model` has `key`, to a relation that may lead to several models; nothing when none can.
    pub fn of_any(&self, model: &ModelDef, key: &Value) -> Option<Condition> {
        let position = self.key_of_any(model)?;
        let value = model.properties[position].ty.from_json(key.to_json());
        Some(Condition::equal(position, value.ok()?))
    }

    /// What the key refers to, if it belongs to an instance of `model`.
    pub fn key_of_any(&self, model: &ModelDef) -> Option<usize> {
        match self.def.primary_key {
            Some(field) => {
                let mut properties = model.properties.iter();
                properties.position(|property| property.field == field)
            }
            None => (!model.has_composite_id()).then(|| model.id_index()),
        }
    }
}
