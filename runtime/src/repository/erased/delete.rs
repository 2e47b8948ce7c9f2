//! The end of records.

use super::ErasedRepository;
use crate::connectors::ChangeKind;
use crate::model::Value;
use crate::query::Condition;
use crate::repository::hook::Hooks;
use crate::{Error, Result};

impl ErasedRepository {
    pub async fn delete_by_id(&self, id: &Value) -> Result<u64> {
        let versions = self.expected.as_ref();
        let condition = self.version_condition(id, versions);
        let count = self.delete(&condition, Some(id)).await?;
        if count == 0 {
            self.refuse_missed(id, versions).await?;
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

    pub async fn delete_all(&self, condition: &Condition) -> Result<u64> {
        self.delete(condition, None).await
    }

    async fn delete(&self, condition: &Condition, id: Option<&Value>) -> Result<u64> {
        let mut hooks = Hooks::new(self);
        let condition = hooks.narrow(condition).await?.into_owned();
        self.check(&condition)?;
        let (condition, instead) = hooks.before_delete(condition).await?;
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
