//! stub
use crate::{Result, connectors::*};
/// stub
pub struct SqlConnector;
impl SqlConnector {
    /// stub
    pub async fn connect(_url: &str) -> Result<Self> {
        Ok(SqlConnector)
    }
}
#[async_trait]
impl Connector for SqlConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            structured_conditions: false,
        }
    }
    async fn autoupdate(&self, _models: &[&'static ModelDef]) -> Result<()> {
        Ok(())
    }
    async fn find(&self, _model: &'static ModelDef, _filter: &Filter) -> Result<Vec<Record>> {
        Ok(vec![])
    }
    async fn count(&self, _model: &'static ModelDef, _condition: &Condition) -> Result<u64> {
        Ok(0)
    }
    async fn create(&self, _model: &'static ModelDef, record: Record) -> Result<Record> {
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
