//! Relations of which the owner holds the keys of all targets, in a list (contract *relations.md* §5.4).

use std::collections::HashSet;

use super::{ErasedRelation, kept_if, no_instance_with};
use crate::model::{Record, RelationKind, Value, Violation};
use crate::query::{Condition, Filter};
use crate::repository::key::Key;
use crate::repository::{AttachedRelation, ErasedRepository};
use crate::{Error, Result};

/// The list of keys.
pub(super) struct References<'a> {
    relation: &'a ErasedRelation,
}

impl ErasedRelation {
    /// The list of keys, if the owner has one.
    pub(super) fn references(&self) -> Option<References<'_>> {
        let references = self.def().kind == RelationKind::ReferencesMany;
        references.then_some(References { relation: self })
    }
}

impl References<'_> {
    /// The ids of the targets, in their order.
    pub fn ids(&self) -> &[Value] {
        self.relation.attached().keys(&self.relation.record)
    }

    /// Finds the targets.
    pub fn linked(&self) -> Condition {
        Condition::of_ids(self.relation.target.def(), self.ids())
    }

    /// The target that has this id.
    ///
    /// # Errors
    /// 404 when it is not there, 400 when it is there and not among the owner's.
    pub async fn find(&self, id: &Value) -> Result<Record> {
        let ErasedRelation { target, owner, .. } = self.relation;
        let found = self.target_with(target, id).await?;
        if self.contains(id) {
            return Ok(found);
        }
        let key = &owner.def().properties[self.relation.attached().own_key];
        let message = format!(
            "Key mismatch: {}.{}: {}, {}.{}: {}",
            owner.def().name,
            key.name,
            match key.hidden {
                true => "hidden".into(),
                false => Value::Array(self.ids().to_vec()).to_json(),
            },
            target.def().name,
            target.def().id().name,
            id.to_text(),
        );
        Err(Error::new(400, message).with_code("KEY_MISMATCH"))
    }

    async fn target_with(&self, target: &ErasedRepository, id: &Value) -> Result<Record> {
        let of_id = Condition::of_id(target.def(), id);
        let condition = of_id.and(self.relation.scope().condition);
        let found = target.find_one(&Filter::matching(condition)).await?;
        found.ok_or_else(|| no_instance_with(target.def(), id))
    }

    pub fn contains(&self, id: &Value) -> bool {
        let mut ids = self.ids().iter();
        ids.any(|one| Key::of(one) == Key::of(id))
    }

    /// Creates a target and puts it into the list, both or none.
    pub async fn create(&self, record: Record) -> Result<Record> {
        let target = &self.relation.target;
        if self.shares_transactions() {
            return self
                .change(|target, _| async move {
                    let created = target.create(record).await?;
                    let id = target.def().id_of(&created);
                    Ok((created, self.adding(id)))
                })
                .await;
        }
        let created = target.create(record).await?;
        let id = target.def().id_of(&created);
        let link = self.change(|_, _| async { Ok(((), self.adding(id))) });
        kept_if(target, created, link.await).await
    }

    /// Puts the target that has this id into the list, and returns it.
    ///
    /// # Errors
    /// 404 when it is not there, 422 when it is in the list.
    pub async fn link(&self, id: &Value) -> Result<Record> {
        self.change(|target, _| async move {
            let found = self.target_with(&target, id).await?;
            Ok((found, self.adding(id.clone())))
        })
        .await
    }

    /// Takes an id out of the list, if it is there.
    pub async fn unlink(&self, id: &Value) -> Result<()> {
        self.change(|_, _| async { Ok(((), removing(id))) }).await
    }

    /// Takes an id out of the list, and deletes what has it.
    pub async fn destroy(&self, id: &Value) -> Result<()> {
        self.find(id).await?;
        self.change(|target, ids| async move {
            // Taken out of the list in between, it is not the owner's to delete.
            if ids.iter().any(|one| Key::of(one) == Key::of(id)) {
                target.delete_by_id(id).await?;
            }
            Ok(((), removing(id)))
        })
        .await
    }

    /// Empties the list, and deletes what was in it. What is there and the relation's scope leaves out stays.
    pub async fn delete_all(&self) -> Result<u64> {
        let scope = &self.relation.scope().condition;
        self.change(|target, ids| async move {
            let linked = Condition::of_ids(target.def(), &ids);
            let mut left = HashSet::new();
            if *scope != Condition::ALL {
                let outside = Condition::Not(Box::new(scope.clone()));
                let outside = Filter::matching(linked.clone().and(outside));
                let outside = target.find(&outside).await?;
                let ids = outside.iter().map(|record| target.def().id_of(record));
                left.extend(ids.map(|id| Key::of(&id)));
            }
            let within = linked.clone().and(scope.clone());
            let count = target.delete_all(&within).await?;
            let keeping = move |ids: &mut Vec<Value>| ids.retain(|id| left.contains(&Key::of(id)));
            Ok((count, keeping))
        })
        .await
    }

    fn adding(&self, id: Value) -> impl FnOnce(&mut Vec<Value>) + use<> {
        let prepend = self.relation.def().prepend;
        move |ids| match prepend {
            true => ids.insert(0, id),
            false => ids.push(id),
        }
    }

    /// Changes the list as the owner's other properties are changed, after `work` with the target and the list as it is, in
    /// one transaction where there can be one. The list is the one that is stored: it may have changed since the owner was read.
    async fn change<T, F, Fut, C>(&self, work: F) -> Result<T>
    where
        F: FnOnce(ErasedRepository, Vec<Value>) -> Fut,
        Fut: Future<Output = Result<(T, C)>>,
        C: FnOnce(&mut Vec<Value>),
    {
        let ErasedRelation {
            owner,
            target,
            record,
            ..
        } = self.relation;
        let relation = self.relation.attached();
        let id = owner.def().id_of(record);
        let owner = owner.beside(target);
        let change = |owner: ErasedRepository, current: Record| async move {
            let before = relation.keys(&current);
            let (result, change) = work(target.beside(&owner), before.to_vec()).await?;
            let mut after = before.to_vec();
            change(&mut after);
            if after != before {
                let mut changes = Record::new(owner.def());
                changes.set(relation.own_key, Value::Array(after));
                owner.merge_seen(current, changes).await?;
            }
            Ok(result)
        };
        owner.hold(&id, change).await
    }

    /// Can one transaction cover the owner and its targets?
    pub fn shares_transactions(&self) -> bool {
        let ErasedRelation { owner, target, .. } = self.relation;
        owner.shares_transactions_with(target)
    }
}

fn removing(id: &Value) -> impl FnOnce(&mut Vec<Value>) {
    let key = Key::of(id);
    move |ids| ids.retain(|one| Key::of(one) != key)
}

impl AttachedRelation {
    /// The keys in the list that `record` holds.
    pub fn keys<'r>(&self, record: &'r Record) -> &'r [Value] {
        match record.get(self.own_key) {
            Some(Value::Array(keys)) => keys,
            _ => &[],
        }
    }

    /// What is wrong with a list that holds a key twice.
    pub fn duplicate(&self, record: &Record) -> Option<Violation> {
        if self.def.kind != RelationKind::ReferencesMany {
            return None;
        }
        let mut seen = HashSet::new();
        let twice = self
            .keys(record)
            .iter()
            .any(|key| !seen.insert(Key::of(key)));
        let message = format!("contains duplicate `{}` instance", self.def.target()?.name);
        twice.then(|| Violation::new(self.def.name, "uniqueness", message, None))
    }
}
