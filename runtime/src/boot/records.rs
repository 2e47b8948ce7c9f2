//! The instances of a model without its Rust type.

use serde_json::Value as Json;

use crate::builtin::RoleQuery;
use crate::model::{Record, RecordJson, Value};
use crate::query::{Condition, Filter};
use crate::repository::ErasedRepository;
use crate::{Error, Result, remoting};

/// The instances of a model as JSON, from [`Application::records`](super::Application::records).
///
/// Every call passes the pipeline that requests pass. Access rules are not asked, and hidden properties are there: code of
/// the application acts for the application. Filters are LoopBack's.
///
/// ```
/// use loopwright::prelude::*;
/// use serde_json::json;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "memory:").models::<(Shop,)>().build().await?;
/// let shops = app.records("Shop")?;
/// let shop = shops.create(json!({"name": "Bel"})).await?;
/// assert_eq!(shop, json!({"id": 1, "name": "Bel"}));
/// assert_eq!(shops.find(json!({"where": {"name": "Bel"}})).await?, [shop]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Records {
    erased: ErasedRepository,
}

impl RoleQuery {
    /// The instances of the model called `name`, as JSON, on behalf of the application: of one that has no Rust type.
    ///
    /// # Errors
    /// The application has no such model.
    pub fn records(&self, name: &str) -> Result<Records> {
        self.erased(name).map(Records::new)
    }
}

impl Records {
    pub(super) fn new(erased: ErasedRepository) -> Self {
        Records { erased }
    }

    /// The instances that `filter` finds; `{}` finds all.
    ///
    /// # Errors
    /// 400 for a filter that can't be understood, or the data source failed.
    pub async fn find(&self, filter: Json) -> Result<Vec<Json>> {
        let filter = Filter::from_json(self.erased.def(), filter, true)?;
        let found = self.erased.find(&filter).await?;
        found.iter().map(|record| self.json(record)).collect()
    }

    /// The instance with this id, if there is one.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn find_by_id(&self, id: impl Into<Json>) -> Result<Option<Json>> {
        let Some(id) = self.id(id.into()) else {
            return Ok(None);
        };
        let found = self.erased.find_by_id(&id, &Filter::ALL).await?;
        found.map(|record| self.json(&record)).transpose()
    }

    /// How many instances fulfil the `where` of a filter; `{}` counts all.
    ///
    /// # Errors
    /// 400 for a condition that can't be understood, or the data source failed.
    pub async fn count(&self, condition: Json) -> Result<u64> {
        self.erased.count(&self.condition(condition)?).await
    }

    /// Stores a new instance and returns it with its id.
    ///
    /// # Errors
    /// 422 when a rule is broken, 409 when the id is taken, or the data source failed.
    pub async fn create(&self, new: Json) -> Result<Json> {
        self.json(&self.erased.create(self.record(new)?).await?)
    }

    /// Changes some properties of the instance with this id; the whole is validated.
    ///
    /// # Errors
    /// 404 when there is no such instance, 422 when a rule is broken, or the data source failed.
    pub async fn update(&self, id: impl Into<Json>, changes: Json) -> Result<Json> {
        // An id that is none is nobody's.
        let id = self.id(id.into()).unwrap_or(Value::Null);
        let current = self.erased.load(&id).await?;
        self.json(&self.erased.merge(current, self.record(changes)?).await?)
    }

    /// Deletes the instance with this id. False when there was none.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn delete_by_id(&self, id: impl Into<Json>) -> Result<bool> {
        match self.id(id.into()) {
            Some(id) => Ok(self.erased.delete_by_id(&id).await? > 0),
            None => Ok(false),
        }
    }

    /// Deletes every instance that fulfils the `where` of a filter, and returns how many; `{}` deletes all.
    ///
    /// # Errors
    /// 400 for a condition that can't be understood, or the data source failed.
    pub async fn delete_all(&self, condition: Json) -> Result<u64> {
        self.erased.delete_all(&self.condition(condition)?).await
    }

    /// The id, if it is of its property's type.
    fn id(&self, json: Json) -> Option<Value> {
        self.erased.def().id().ty.from_json(json).ok()
    }

    fn condition(&self, json: Json) -> Result<Condition> {
        Condition::from_json(self.erased.def(), json, true)
    }

    fn record(&self, json: Json) -> Result<Record> {
        match json {
            Json::Object(members) => remoting::record(self.erased.def(), members),
            other => Err(Error::new(
                400,
                format!("an instance is an object, not {other}"),
            )),
        }
    }

    fn json(&self, record: &Record) -> Result<Json> {
        let def = self.erased.def();
        let mut json = serde_json::to_value(RecordJson { def, record })
            .map_err(|error| Error::internal("a record is no JSON").with_source(error))?;
        let properties = def.properties.iter().enumerate();
        for (index, property) in properties.filter(|(_, property)| property.hidden) {
            if let (Json::Object(members), Some(value)) = (&mut json, record.get(index)) {
                members.insert(property.name.to_owned(), value.to_json());
            }
        }
        Ok(json)
    }
}
