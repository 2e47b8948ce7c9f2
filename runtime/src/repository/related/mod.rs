//! The instances that belong to one instance by a relation (contract *relations.md* §4, §5 and §8).
//!
//! Every operation goes through the pipelines of the models that it is about.

mod embedded;
mod references;
mod through;
mod to_many;
mod to_one;

pub(crate) use to_many::Narrowed;
pub(crate) use to_one::Target;

use super::AttachedRelation;
use super::erased::{ErasedRepository, Versions};
use super::scope;
use crate::model::{ModelDef, Record, RelationDef, RelationKind, Value, id_text};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// A relation of one instance, without Rust types.
#[derive(Clone)]
pub(crate) struct ErasedRelation {
    /// The model that declares the relation.
    owner: ErasedRepository,
    /// The relation's position there.
    index: usize,
    /// The stored instance.
    record: Record,
    /// What the relation leads to; the owner itself, where each instance says what that is.
    target: ErasedRepository,
}

impl ErasedRelation {
    /// The relation at `index` of the stored instance `record`.
    pub fn new(owner: &ErasedRepository, record: Record, index: usize) -> Self {
        let relation = &owner.attached().relations[index];
        let target = relation.target.map(|target| owner.sibling(target));
        ErasedRelation {
            index,
            record,
            target: target.unwrap_or_else(|| owner.clone()),
            owner: owner.clone(),
        }
    }

    pub fn target(&self) -> &ErasedRepository {
        &self.target
    }

    pub fn def(&self) -> &'static RelationDef {
        self.attached().def
    }

    /// The model between the two, if there is one.
    pub fn join_def(&self) -> Option<&'static ModelDef> {
        let join = self.attached().join.as_ref()?;
        Some(self.owner.sibling(join.model).def())
    }

    fn attached(&self) -> &AttachedRelation {
        &self.owner.attached().relations[self.index]
    }

    /// The same relation, whose changes of one instance are meant for one of these versions.
    pub fn expecting(self, versions: Versions) -> ErasedRelation {
        ErasedRelation {
            target: self.target.expecting(versions),
            ..self
        }
    }

    /// The same relation of the instance as it is stored now, where the instance itself says what belongs to it.
    pub async fn refreshed(&self) -> Result<ErasedRelation> {
        if !self.def().is_embedded() && self.def().kind != RelationKind::ReferencesMany {
            return Ok(self.clone());
        }
        let id = self.owner.def().id_of(&self.record);
        Ok(ErasedRelation {
            record: self.owner.load(&id).await?,
            owner: self.owner.clone(),
            index: self.index,
            target: self.target.clone(),
        })
    }

    /// The same relation, read where the writes are.
    fn primary(&self) -> ErasedRelation {
        self.within(self.target.primary())
    }

    /// The same relation, whose target is looked for there.
    fn within(&self, target: ErasedRepository) -> ErasedRelation {
        ErasedRelation {
            owner: self.owner.beside(&target),
            index: self.index,
            record: self.record.clone(),
            target,
        }
    }

    /// The value by which the two belong together.
    fn key(&self) -> &Value {
        self.record.value(self.attached().own_key)
    }

    /// What the owner's targets have in common, if they are held together by one key.
    fn of_owner(&self) -> Condition {
        let relation = self.attached();
        relation.belonging(relation.target_key, self.key().clone())
    }

    /// The owner's targets within the relation's scope, if they are held together by one key.
    fn belonging(&self) -> Condition {
        self.of_owner().and(self.scope().condition)
    }

    /// The relation's own query.
    fn scope(&self) -> Filter {
        let scope = self.def().scope.as_ref();
        scope.map_or(Filter::ALL, scope::filter)
    }

    /// The record as one of the owner's; keys that the caller sent are replaced.
    pub fn own(&self, mut record: Record) -> Record {
        let relation = self.attached();
        for (from, to) in &relation.properties {
            record.set(*to, self.record.value(*from).clone());
        }
        if relation.is_held_by_target() {
            relation.hold(&mut record, relation.target_key, self.key().clone());
        }
        record
    }

    /// Changes one of the owner's, which stays the owner's.
    async fn change(&self, current: Record, mut changes: Record) -> Result<Record> {
        self.keep_key(&mut changes)?;
        self.target.merge(current, changes).await
    }

    /// Refuses changes that would give a target to another owner.
    fn keep_key(&self, changes: &mut Record) -> Result<()> {
        let relation = self.attached();
        let key = relation.target_key;
        if relation.is_held_by_target()
            && let Some(new) = changes.remove(key)
            && new != *self.key()
        {
            let name = self.target.def().properties[key].name;
            let message = format!(
                "Cannot override foreign key {name} from {} to {}",
                self.key().to_text(),
                new.to_text()
            );
            return Err(Error::new(400, message).with_code("FOREIGN_KEY_OVERRIDE"));
        }
        Ok(())
    }
}

/// What has been created, once something holds it; otherwise it is taken back, where no transaction does.
async fn kept_if<T>(
    target: &ErasedRepository,
    created: Record,
    holding: Result<T>,
) -> Result<Record> {
    if let Err(error) = holding {
        target.delete_by_id(&target.def().id_of(&created)).await?;
        return Err(error);
    }
    Ok(created)
}

/// 404 for an item that is not among the owner's. `id` is shown as the caller wrote it.
pub(crate) fn no_instance(target: &ModelDef, id: &str) -> Error {
    Error::new(
        404,
        format!("No instance with id {id} found for {}", target.name),
    )
}

/// As [`no_instance`], of an id as it is stored.
fn no_instance_with(target: &ModelDef, id: &Value) -> Error {
    no_instance(target, &id_text(id))
}
