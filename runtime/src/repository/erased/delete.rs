//! The end of records.

use super::ErasedRepository;
use crate::connectors::ChangeKind;
use crate::model::{Record, RowAction, Value};
use crate::query::Condition;
use crate::repository::hook::Hooks;
use crate::{Error, Result};

/// Records that are to be deleted, as their hooks have left it.
pub(super) struct Deletion {
    pub condition: Condition,
    /// What is stored in them, if they are to stay.
    pub instead: Option<Record>,
}

impl ErasedRepository {
    pub async fn delete_by_id(&self, id: &Value) -> Result<u64> {
        if !self.deletes_others() {
            return self.delete_this(id).await;
        }
        self.in_transaction(async |within| within.delete_this(id).await)
            .await
    }

    pub async fn delete_all(&self, condition: &Condition) -> Result<u64> {
        if !self.deletes_others() {
            return self.delete(condition, None).await;
        }
        self.in_transaction(async |within| within.delete(condition, None).await)
            .await
    }

    /// May a deletion be several statements, in a data source that can do them together?
    fn deletes_others(&self) -> bool {
        let model = self.model();
        model.sees_to_dependents && model.connector.capabilities().transactions
    }

    async fn delete_this(&self, id: &Value) -> Result<u64> {
        let versions = self.expected.as_ref();
        let condition = self.version_condition(id, versions);
        let count = self.delete(&condition, Some(id)).await?;
        if count == 0 {
            self.refuse_missed(id, versions).await?;
            self.refuse_unpermitted(id).await?;
        }
        if count == 0 && self.def().strict_delete {
            let message = format!(
                "No instance with id {} found for {}",
                id.to_text(),
                self.def().name
            );
            return Err(Error::new(404, message).with_code("NOT_FOUND"));
        }
        Ok(count)
    }

    async fn delete(&self, condition: &Condition, id: Option<&Value>) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let deletion = self.begin_delete(&mut hooks, condition).await?;
        if self.model().sees_to_dependents && deletion.instead.is_none() {
            self.release(&deletion.condition).await?;
        }
        self.end_delete(&mut hooks, deletion, id).await
    }

    /// What the hooks before a deletion leave of it.
    pub(super) async fn begin_delete(
        &self,
        hooks: &mut Hooks<'_>,
        condition: &Condition,
    ) -> Result<Deletion> {
        let condition = hooks
            .narrow(RowAction::Delete, condition)
            .await?
            .into_owned();
        self.check(&condition)?;
        let (condition, instead) = hooks.before_delete(condition).await?;
        Ok(Deletion { condition, instead })
    }

    /// Does what the hooks have left, and calls those that come after it.
    pub(super) async fn end_delete(
        &self,
        hooks: &mut Hooks<'_>,
        deletion: Deletion,
        id: Option<&Value>,
    ) -> Result<u64> {
        let Deletion { condition, instead } = deletion;
        let def = self.def();
        let count = match instead {
            Some(changes) => self.operations().update(def, &condition, &changes).await?,
            None => self.operations().delete(def, &condition).await?,
        };
        if count > 0 {
            let condition = match id {
                Some(id) => &self.id_condition(id),
                None => &condition,
            };
            self.announce(ChangeKind::Remove, id, Some(condition), None)
                .await;
        }
        hooks.after_delete(condition).await?;
        Ok(count)
    }
}
