//! The instances that belong to one instance by a relation (contract *relations.md* §4 and §5.1).

use super::erased::{ErasedRepository, Versions};
use super::registry::AttachedRelation;
use crate::model::{ModelDef, Record, RelationKind, Value, id_text};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// A relation of one instance, without Rust types. Every operation goes through the target's own pipeline.
pub(crate) struct ErasedRelation {
    relation: AttachedRelation,
    target: ErasedRepository,
    /// The value by which the two belong together.
    key: Value,
}

/// What a to-one relation leads to.
#[derive(Debug)]
pub(crate) enum Target {
    /// The owner points nowhere.
    Unset,
    /// The owner points at something that is not there.
    Missing,
    /// The instance.
    Found(Record),
}

impl ErasedRelation {
    /// The relation at `index` of the stored instance `owner`.
    pub fn new(repository: &ErasedRepository, owner: &Record, index: usize) -> Self {
        let relation = repository.attached().relations[index];
        let target = repository.sibling(relation.target);
        ErasedRelation {
            relation,
            target,
            key: owner.value(relation.own_key).clone(),
        }
    }

    pub fn target(&self) -> &ErasedRepository {
        &self.target
    }

    pub fn kind(&self) -> RelationKind {
        self.relation.kind
    }

    /// The same relation, whose changes of one instance are meant for one of these versions.
    pub fn expecting(self, versions: Versions) -> ErasedRelation {
        ErasedRelation {
            target: self.target.expecting(versions),
            ..self
        }
    }

    /// The same relation, read where the writes are.
    fn primary(&self) -> ErasedRelation {
        ErasedRelation {
            relation: self.relation,
            target: self.target.primary(),
            key: self.key.clone(),
        }
    }

    // To one

    pub async fn get(&self) -> Result<Target> {
        if self.key.is_null() {
            return Ok(Target::Unset);
        }
        let belonging = Filter::matching(self.belonging());
        let found = self.target.find_one(&belonging).await?;
        Ok(found.map_or(Target::Missing, Target::Found))
    }

    /// The target, whose absence is an error, before it is written.
    async fn only(&self) -> Result<Record> {
        match self.primary().get().await? {
            Target::Found(record) => Ok(record),
            Target::Unset | Target::Missing => {
                let message = format!("HasOne relation {} is empty", self.relation.name);
                Err(Error::new(404, message).with_code("MODEL_NOT_FOUND"))
            }
        }
    }

    pub async fn create_only(&self, record: Record) -> Result<Record> {
        if self.target.primary().count(&self.belonging()).await? > 0 {
            let model = self.target.def().name;
            let message =
                format!("HasOne relation cannot create more than one instance of {model}");
            return Err(Error::new(409, message).with_code("RELATION_NOT_EMPTY"));
        }
        self.create(record).await
    }

    pub async fn update_only(&self, changes: Record) -> Result<Record> {
        let current = self.only().await?;
        self.update(current, changes).await
    }

    pub async fn destroy_only(&self) -> Result<()> {
        let id = self.id_of(&self.only().await?);
        self.target.delete_by_id(&id).await.map(drop)
    }

    // To many

    /// The filter for those of the owner's that `filter` finds.
    pub fn narrow(&self, mut filter: Filter) -> Filter {
        filter.condition = self.belonging().and(filter.condition);
        filter
    }

    pub async fn count(&self, condition: Condition) -> Result<u64> {
        self.target.count(&self.belonging().and(condition)).await
    }

    pub async fn create(&self, record: Record) -> Result<Record> {
        self.target.create(self.own(record)).await
    }

    pub async fn create_many(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        self.target.create_many(self.own_all(records)).await
    }

    pub async fn create_all_or_none(&self, records: Vec<Result<Record>>) -> Result<Vec<Record>> {
        self.target.create_all_or_none(self.own_all(records)).await
    }

    pub async fn delete_all(&self) -> Result<u64> {
        self.target.delete_all(&self.belonging()).await
    }

    pub async fn find_by_id(&self, id: &Value) -> Result<Record> {
        let condition = self
            .belonging()
            .and(Condition::of_id(self.target.def(), id));
        let found = self.target.find_one(&Filter::matching(condition)).await?;
        found.ok_or_else(|| no_instance(self.target.def(), &id_text(id)))
    }

    pub async fn update_by_id(&self, id: &Value, changes: Record) -> Result<Record> {
        let current = self.primary().find_by_id(id).await?;
        self.update(current, changes).await
    }

    pub async fn destroy_by_id(&self, id: &Value) -> Result<()> {
        self.primary().find_by_id(id).await?;
        self.target.delete_by_id(id).await.map(drop)
    }

    // Parts

    pub fn belonging(&self) -> Condition {
        Condition::equal(self.relation.target_key, self.key.clone())
    }

    /// The record as one of the owner's; a key that the caller sent is replaced.
    fn own(&self, mut record: Record) -> Record {
        record.set(self.relation.target_key, self.key.clone());
        record
    }

    fn own_all(&self, records: Vec<Result<Record>>) -> Vec<Result<Record>> {
        let owned = records.into_iter().map(|record| Ok(self.own(record?)));
        owned.collect()
    }

    async fn update(&self, current: Record, mut changes: Record) -> Result<Record> {
        let key = self.relation.target_key;
        if let Some(new) = changes.remove(key).filter(|new| *new != self.key) {
            let name = self.target.def().properties[key].name;
            let message = format!(
                "Cannot override foreign key {name} from {} to {}",
                self.key.to_text(),
                new.to_text()
            );
            return Err(Error::new(400, message).with_code("FOREIGN_KEY_OVERRIDE"));
        }
        self.target.merge(current, changes).await
    }

    fn id_of(&self, record: &Record) -> Value {
        self.target.def().id_of(record)
    }
}

/// 404 for an item that is not among the owner's. `id` is shown as the caller wrote it.
pub(crate) fn no_instance(target: &ModelDef, id: &str) -> Error {
    Error::new(
        404,
        format!("No instance with id {id} found for {}", target.name),
    )
}
