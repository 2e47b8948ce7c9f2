//! Properties that a model does not declare (contract *models.md* §4).

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{ModelDef, Property, PropertyType, Record, Value};

/// What a caller sends besides the properties that the model declares: a field of this type keeps it, whatever it is
/// called.
///
/// In JSON these are members like any other, after the declared ones, and conditions name them in the same way. The memory
/// connector and MongoDB keep them as what they are; a SQL database has a column of JSON for all of them, which is called as
/// the field.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Gadget {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
///     extra: Extra,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "memory:").models::<(Gadget,)>().build().await?;
/// let mut extra = Extra::default();
/// extra.insert("colour".into(), "red".into());
/// let gadgets = app.repository::<Gadget>()?;
/// let gadget = gadgets.create(Gadget { id: 0, name: "Lamp".into(), extra }).await?;
/// assert_eq!(gadget.extra["colour"], "red");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(pub Map<String, Json>);

impl Deref for Extra {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Extra {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Property for Extra {
    const TYPE: PropertyType = PropertyType::Json;
    const NAME: &'static str = "Extra";
    // None is kept as null, so that a table may get the column later.
    const NULLABLE: bool = true;
    const EXTRA: bool = true;

    fn into_value(self) -> Value {
        if self.is_empty() {
            Value::Null
        } else {
            Value::Json(Box::new(Json::Object(self.0)))
        }
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(Extra::default()),
            Value::Json(json) => match *json {
                Json::Object(members) => Some(Extra(members)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Record {
    /// Of changes: joins what the caller gave with what is to be there as a whole, if both are present.
    pub(crate) fn join_undeclared(&mut self, def: &ModelDef) {
        if def
            .extra_index()
            .is_some_and(|index| self.get(index).is_some())
        {
            self.keep_undeclared(def);
        }
    }

    /// Moves what the caller gave besides the declared properties to where the model keeps it, over what is there already.
    /// A model that keeps nothing drops it.
    pub(crate) fn keep_undeclared(&mut self, def: &ModelDef) {
        let Some(undeclared) = self.take_undeclared() else {
            return;
        };
        if let Some(index) = def.extra_index() {
            let mut extra = self.remove(index).and_then(Extra::from_value);
            extra.get_or_insert_default().extend(undeclared);
            self.put(index, extra.unwrap_or_default());
        }
    }
}

/// What a record of `def` keeps besides the declared properties.
pub(crate) fn kept_undeclared<'a>(
    def: &'a ModelDef,
    record: &'a Record,
) -> impl Iterator<Item = (&'a String, &'a Json)> {
    let extra = def.extra_index().map(|index| record.value(index));
    let members = match extra {
        Some(Value::Json(json)) => json.as_object(),
        _ => None,
    };
    // A property may have been declared since.
    members
        .into_iter()
        .flatten()
        .filter(|(name, _)| def.property_index(name).is_none())
}
