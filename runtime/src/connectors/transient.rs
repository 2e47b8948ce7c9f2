//! The transient data source: it keeps nothing (contract *connectors.md* §7).

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;

use super::{Capabilities, Connector, Operations, check_new};
use crate::Result;
use crate::model::{ModelDef, Record, Value};
use crate::query::{Condition, Filter};

/// A data source that keeps nothing: what is created gets its id, is validated like anything else and answered, and is
/// never found again. For models that only carry data, such as messages that a change stream tells of.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Message {
///     #[model(id, generated)]
///     id: i64,
///     text: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = App::new().data_source("db", "transient:").models::<(Message,)>().build().await?;
/// let messages = app.repository::<Message>()?;
/// let message = messages.create(Message { id: 0, text: "hello".into() }).await?;
/// assert_eq!(message.id, 1);
/// assert!(messages.find().all().await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct TransientConnector {
    last_id: AtomicI64,
}

#[async_trait]
impl Operations for TransientConnector {
    async fn find(&self, _model: &'static ModelDef, _filter: &Filter) -> Result<Vec<Record>> {
        Ok(Vec::new())
    }

    async fn count(&self, _model: &'static ModelDef, _condition: &Condition) -> Result<u64> {
        Ok(0)
    }

    async fn create(&self, model: &'static ModelDef, mut record: Record) -> Result<Record> {
        check_new(model, &record)?;
        let id = model.id_index();
        // Every other id is there already, or the check has missed it.
        if record.value(id).is_null() {
            let next = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
            record.set(id, Value::Integer(next));
        }
        Ok(record)
    }

    async fn update(
        &self,
        _model: &'static ModelDef,
        _condition: &Condition,
        _changes: &Record,
    ) -> Result<u64> {
        Ok(0)
    }

    async fn delete(&self, _model: &'static ModelDef, _condition: &Condition) -> Result<u64> {
        Ok(0)
    }
}

#[async_trait]
impl Connector for TransientConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            composite_ids: true,
            ..Capabilities::NONE
        }
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn autoupdate(&self, _models: &[&'static ModelDef]) -> Result<()> {
        Ok(())
    }

    async fn automigrate(&self, _models: &[&'static ModelDef]) -> Result<()> {
        Ok(())
    }
}
