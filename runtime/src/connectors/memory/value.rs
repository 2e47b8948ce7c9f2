//! Values as they are kept: no finer than LoopBack's file can hold them.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{ModelDef, PropertyDef, PropertyType, Record, Value};
use crate::query::{Condition, Filter};

/// The record without what is not kept: parts of milliseconds, undeclared properties that the model has no room for,
/// included relations.
pub(super) fn kept(model: &ModelDef, record: &Record) -> Record {
    let kept = |(property, value): (&PropertyDef, &Option<Value>)| {
        let value = value.as_ref()?;
        Some(match (property.ty, value) {
            (_, Value::Null | Value::Json(_)) => value.clone(),
            // A type of the user's own may hand over any value for its JSON.
            (PropertyType::Json | PropertyType::Object(_), value) => {
                Value::Json(Box::new(value.to_json()))
            }
            (_, value) => kept_value(value),
        })
    };
    let values = model.properties.iter().zip(record.values());
    let mut kept = Record::from_values(values.map(kept).collect());
    if let Some(undeclared) = record
        .undeclared()
        .filter(|_| model.extra_index().is_some())
    {
        kept.undeclared_mut().clone_from(undeclared);
    }
    kept
}

fn kept_value(value: &Value) -> Value {
    match value {
        Value::DateTime(instant) => Value::DateTime(to_milliseconds(*instant)),
        Value::Array(items) => Value::Array(items.iter().map(kept_value).collect()),
        other => other.clone(),
    }
}

fn to_milliseconds(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant - TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos() % 1_000_000))
}

/// The filter with the condition that [`asked`] makes.
pub(super) fn asked_filter(filter: &Filter) -> Cow<'_, Filter> {
    match asked(&filter.condition) {
        Cow::Borrowed(_) => Cow::Borrowed(filter),
        Cow::Owned(condition) => Cow::Owned(Filter {
            condition,
            ..filter.clone()
        }),
    }
}

/// The condition over values as they are kept: what was given when it was stored finds it again.
pub(super) fn asked(condition: &Condition) -> Cow<'_, Condition> {
    let mut finer = false;
    condition.for_each_value(&mut |value| {
        finer |= matches!(value, Value::DateTime(instant) if *instant != to_milliseconds(*instant));
    });
    if finer {
        Cow::Owned(condition.map_values(&kept_value))
    } else {
        Cow::Borrowed(condition)
    }
}
