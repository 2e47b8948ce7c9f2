//! Instances that are changed by what they are.

use super::{ErasedRepository, not_found};
use crate::Result;
use crate::model::{Record, Value};
use crate::query::Filter;

impl ErasedRepository {
    /// Does `work` with the instance that has this id, as it is stored, in a transaction: nobody else changes it in between,
    /// or one of the two is refused with 503. Where the data source has no transactions, a change that comes in between is
    /// lost, unless the model has a version: then the later one is refused with 412 ([`merge_seen`](Self::merge_seen)).
    pub(in crate::repository) async fn hold<T, F, Fut>(&self, id: &Value, work: F) -> Result<T>
    where
        F: FnOnce(ErasedRepository, Record) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        if !self.model().connector.capabilities().transactions {
            let current = self.stored(id).await?.ok_or_else(|| not_found(id))?;
            return work(self.primary(), current).await;
        }
        self.in_transaction(|within| async move {
            let current = within.held(id).await?.ok_or_else(|| not_found(id))?;
            work(within, current).await
        })
        .await
    }

    async fn held(&self, id: &Value) -> Result<Option<Record>> {
        let filter = Filter {
            limit: Some(1),
            ..Filter::matching(self.id_condition(id))
        };
        let connector = &self.model().connector;
        let scope = self.scope.as_ref().filter(|scope| scope.covers(connector));
        let mut found = match scope {
            Some(scope) => scope.find_to_change(self.def(), &filter).await?,
            None => self.primary().read(&filter).await?,
        };
        Ok(found.pop())
    }

    /// Merges `changes` into `current`, as long as it is stored in the version that it has here.
    pub(in crate::repository) async fn merge_seen(
        &self,
        current: Record,
        mut changes: Record,
    ) -> Result<Record> {
        if let Some(version) = self.def().version_index() {
            changes.set(version, current.value(version).clone());
        }
        self.merge(current, changes).await
    }
}
