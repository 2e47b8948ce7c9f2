//! What data sources can do by themselves.

use crate::model::{ModelDef, Value};
use crate::query::{Comparison, Condition, Filter};
use crate::{Error, Result};

/// What a data source can do by itself; for the rest the runtime stands in, or refuses with a clear error.
///
/// [`testing::conformance`](crate::testing::conformance) holds a connector to what it says here, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Can a condition and an order look into properties that are stored as JSON (lists, nested structs, points)?
    /// Otherwise they are compared with null alone.
    pub structured_conditions: bool,
    /// Can a condition hold regular expressions?
    pub regexp: bool,
    /// Can a filter find what is [near](Filter::near) to a point?
    pub near: bool,
    /// Can several properties be the id together? Otherwise no model with such an id is attached.
    pub composite_ids: bool,
    /// Does an instant keep its microseconds? Otherwise it keeps milliseconds, as JavaScript's dates do.
    pub microseconds: bool,
    /// Can several operations be one transaction?
    pub transactions: bool,
    /// Can a part of a transaction be undone by itself: an operation that fails, a transaction within it? Otherwise one
    /// failed operation undoes the whole.
    pub savepoints: bool,
    /// Does it keep the foreign keys that relations ask for ([`constraint`](crate::model::RelationDef::constraint))?
    /// Otherwise the runtime does what they say on a delete.
    pub foreign_keys: bool,
    /// Does it tell what changes in it, whoever makes the change?
    pub change_streams: bool,
}

impl Capabilities {
    /// The data source that can do nothing but store and find scalars.
    pub const NONE: Capabilities = Capabilities {
        structured_conditions: false,
        regexp: false,
        near: false,
        composite_ids: false,
        microseconds: false,
        transactions: false,
        savepoints: false,
        foreign_keys: false,
        change_streams: false,
    };

    /// Refuses a filter that such a data source can't answer, before it is asked.
    pub(crate) fn check(&self, model: &ModelDef, filter: &Filter) -> Result<()> {
        if filter.near.is_some() && !self.near {
            return Err(unsupported(
                "The near operator is not supported by this data source",
            ));
        }
        let mut order = filter.order.iter();
        if let Some(path) = order.find_map(|key| key.path.as_ref())
            && !self.structured_conditions
        {
            return Err(unsupported(&format!(
                "The order looks for \"{path}\" within a property that is stored as JSON, which this data source can't",
            )));
        }
        self.check_condition(model, &filter.condition)
    }

    /// Refuses a condition that such a data source can't decide.
    pub(crate) fn check_condition(&self, model: &ModelDef, condition: &Condition) -> Result<()> {
        let mut result = Ok(());
        condition.for_each_comparison(&mut |property, comparison| {
            if result.is_ok() {
                result = self.check_comparison(model, property, comparison);
            }
        });
        result
    }

    fn check_comparison(
        &self,
        model: &ModelDef,
        property: usize,
        comparison: &Comparison,
    ) -> Result<()> {
        if matches!(comparison, Comparison::Regexp(_)) && !self.regexp {
            return Err(unsupported(
                "The regexp operator is not supported by this data source",
            ));
        }
        let with_null = matches!(
            comparison,
            Comparison::Equal(Value::Null) | Comparison::NotEqual(Value::Null)
        );
        match model.properties.get(property) {
            Some(property)
                if property.ty.is_structured() && !with_null && !self.structured_conditions =>
            {
                Err(unsupported(&format!(
                    "The property \"{}\" is stored as JSON, which this data source can only compare with null",
                    property.name
                )))
            }
            _ => Ok(()),
        }
    }
}

fn unsupported(message: &str) -> Error {
    Error::new(400, message).with_code("CONDITION_NOT_SUPPORTED")
}
