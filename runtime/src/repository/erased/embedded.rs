//! Operations on instances that are kept within those of another model (contract *relations.md* §6 and §7).

use std::collections::HashSet;

use super::{ErasedRepository, fill_defaults};
use crate::Result;
use crate::model::{ObjectId, PropertyType, Record, Value};
use crate::query::Condition;
use crate::repository::hook::{Hooks, Saved};

// Operations by way of the relation. The owner is stored by `store`, within the hooks of what is in it (contract models.md §10).
impl ErasedRepository {
    /// A new instance, which `store` puts into its owner.
    pub(in crate::repository) async fn create_within<F, Fut>(
        &self,
        mut record: Record,
        store: F,
    ) -> Result<Record>
    where
        F: FnOnce(Record) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        self.keep_undeclared(&mut record)?;
        fill_defaults(self.def(), &mut record, |_| true);
        let mut hooks = Hooks::new(self);
        let saved = hooks.before_save(Saved::instance(record, None)).await?;
        self.validate(&mut hooks, &saved.record).await?;
        store(saved.record.clone()).await?;
        let saved = hooks.after_save(Saved::instance(saved.record, None));
        Ok(saved.await?.record)
    }

    /// Merges the present values into an instance, which `store` puts back into its owner. Its id may change.
    pub(in crate::repository) async fn merge_within<F, Fut>(
        &self,
        mut current: Record,
        changes: Record,
        store: F,
    ) -> Result<Record>
    where
        F: FnOnce(Record) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        self.refuse_undeclared(&changes)?;
        let mut hooks = Hooks::new(self);
        let condition = self.id_condition(&self.def().id_of(&current));
        let saved = Saved::changes(condition, changes).of(hooks.copy(&current));
        let changes = hooks.before_save(saved).await?.record;
        current.merge(changes);
        self.validate(&mut hooks, &current).await?;
        current.keep_undeclared(self.def());
        store(current.clone()).await?;
        let saved = hooks.after_save(Saved::instance(current, Some(false)));
        Ok(saved.await?.record)
    }

    /// Deletes the instances that `condition` finds: `store` takes them out of their owner.
    pub(in crate::repository) async fn delete_within<Fut>(
        &self,
        condition: Condition,
        store: Fut,
    ) -> Result<()>
    where
        Fut: Future<Output = Result<()>>,
    {
        let mut hooks = Hooks::new(self);
        let (condition, _) = hooks.before_delete(condition).await?;
        store.await?;
        hooks.after_delete(condition).await
    }

    /// Gives a new instance beside `others` an id, unless it has one. False when nobody can make one.
    pub(in crate::repository) fn identify(&self, record: &mut Record, others: &[Record]) -> bool {
        let (index, id) = (self.def().id_index(), self.def().id());
        if !record.value(index).is_blank_id() {
            return true;
        }
        match id.ty {
            PropertyType::Integer { .. } => {
                let ids = others.iter().filter_map(|other| match other.value(index) {
                    Value::Integer(id) => Some(*id),
                    _ => None,
                });
                let ids: HashSet<i64> = ids.collect();
                let last = ids.iter().copied().max().unwrap_or(0).max(0);
                // Whoever chooses the greatest id leaves those below to the others.
                let next = last.checked_add(1);
                let next = next.or_else(|| (1..last).find(|id| !ids.contains(id)));
                record.set(index, next.map_or(Value::Null, Value::Integer));
            }
            PropertyType::String if id.generated => {
                let fresh = ObjectId::generate();
                record.set(index, Value::String(fresh.to_string()));
            }
            _ => self.prepare_id(record),
        }
        !record.value(index).is_blank_id()
    }
}
