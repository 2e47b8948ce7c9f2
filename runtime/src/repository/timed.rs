//! Operations whose time is told to the trail of a request.

use crate::Result;
use crate::connectors::Operations;
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};
use crate::trail::asked;

/// The operations of a data source, or of a transaction in it, as the pipeline asks for them.
pub(super) struct Timed<'a>(pub &'a dyn Operations);

impl Timed<'_> {
    pub async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        asked(model.name, "find", self.0.find(model, filter)).await
    }

    pub async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        asked(model.name, "count", self.0.count(model, condition)).await
    }

    pub async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        asked(model.name, "create", self.0.create(model, record)).await
    }

    pub async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let answer = self.0.update(model, condition, changes);
        asked(model.name, "update", answer).await
    }

    pub async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        asked(model.name, "delete", self.0.delete(model, condition)).await
    }
}
