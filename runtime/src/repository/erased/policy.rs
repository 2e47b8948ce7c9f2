//! What the policies of a model leave of an operation that is somebody's.

use std::borrow::Cow;

use super::ErasedRepository;
use crate::access::{denied, permitted};
use crate::model::{Record, RowAction, Value};
use crate::query::Condition;
use crate::{Error, Result};

impl ErasedRepository {
    /// The rows with which `action` may be done: all of them, if it is done on the application's own behalf.
    pub(in crate::repository) async fn permitted(&self, action: RowAction) -> Result<Condition> {
        match &self.caller {
            Some(caller) => permitted(self.def(), action, caller).await,
            None => Ok(Condition::ALL),
        }
    }

    /// The rows that the caller may read.
    ///
    /// # Errors
    /// What knows the caller's roles failed.
    pub(crate) async fn readable(&self) -> Result<Condition> {
        self.permitted(RowAction::Read).await
    }

    /// The condition, of those rows alone with which `action` may be done.
    pub(in crate::repository) async fn within_policies<'c>(
        &self,
        action: RowAction,
        condition: Cow<'c, Condition>,
    ) -> Result<Cow<'c, Condition>> {
        let permitted = self.permitted(action).await?;
        Ok(match permitted == Condition::ALL {
            true => condition,
            false => Cow::Owned(permitted.and(condition.into_owned())),
        })
    }

    /// The rows that may be changed so: they may be before, and still may be after the changes.
    pub(super) async fn changeable(&self, changes: &Record) -> Result<Condition> {
        let before = self.permitted(RowAction::Update).await?;
        if before == Condition::ALL {
            return Ok(before);
        }
        let after = before.clone().assuming(changes);
        Ok(before.and(after))
    }

    /// Refuses to store a new record that the caller may not.
    pub(super) async fn check_new(&self, record: &Record) -> Result<()> {
        let permitted = self.permitted(RowAction::Create).await?;
        match permitted == Condition::ALL || permitted.matches(record) {
            true => Ok(()),
            false => Err(self.refusal(None)),
        }
    }

    /// Refuses changes that have made of a record what the caller may not change.
    pub(super) fn check_changed(&self, permitted: &Condition, record: &Record) -> Result<()> {
        match permitted.matches(record) {
            true => Ok(()),
            false => Err(self.refusal(Some(&self.def().id_of(record)))),
        }
    }

    /// Why an operation has missed the record with this id: it is there, and the caller sees it, but may not change it so.
    pub(super) async fn refuse_unpermitted(&self, id: &Value) -> Result<()> {
        if self.caller.is_none() || self.def().policies.is_empty() {
            return Ok(());
        }
        let seen = self.permitted(RowAction::Read).await?;
        let seen = self.id_condition(id).and(seen);
        match self.operations().count(self.def(), &seen).await? {
            0 => Ok(()),
            _ => Err(self.refusal(Some(id))),
        }
    }

    fn refusal(&self, id: Option<&Value>) -> Error {
        let id = id.map(crate::model::id_text);
        let caller = self.caller.clone().unwrap_or_default();
        denied(
            &caller,
            self.def(),
            id.as_deref(),
            self.registry.acl_error_status(),
        )
    }
}
