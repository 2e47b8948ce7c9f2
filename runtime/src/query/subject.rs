//! What is compared: a value, or JSON within one. [`Condition`](super::Condition) says how.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use crate::model::Value;

/// One side of a comparison; the other one is a [`Value`].
pub(super) enum Subject<'a> {
    /// What has a column of its own.
    Scalar(&'a Value),
    /// What is stored as JSON.
    Json(Cow<'a, Json>),
}

impl<'a> From<&'a Json> for Subject<'a> {
    fn from(json: &'a Json) -> Self {
        Subject::Json(Cow::Borrowed(json))
    }
}

impl<'a> Subject<'a> {
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Json(json) => Subject::from(&**json),
            Value::Array(_) | Value::GeoPoint(_) => Subject::Json(Cow::Owned(value.to_json())),
            scalar => Subject::Scalar(scalar),
        }
    }

    pub fn into_json(self) -> Cow<'a, Json> {
        match self {
            Subject::Scalar(value) => Cow::Owned(value.to_json()),
            Subject::Json(json) => json,
        }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<impl Iterator<Item = Subject<'_>>> {
        match self {
            Subject::Json(json) => Some(json.as_array()?.iter().map(Subject::from)),
            Subject::Scalar(_) => None,
        }
    }

    pub fn equals(&self, operand: &Value) -> bool {
        match self {
            Subject::Scalar(value) => *value == operand,
            Subject::Json(json) => equals(json, operand),
        }
    }

    /// Nothing when they can't be compared: null is neither less nor greater than anything.
    pub fn order(&self, operand: &Value) -> Option<Ordering> {
        match self {
            Subject::Scalar(Value::Null) => None,
            Subject::Scalar(value) => Value::partial_cmp(value, operand),
            Subject::Json(json) => order(json, operand),
        }
    }

    /// What patterns look at.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Subject::Scalar(Value::Null) => None,
            Subject::Scalar(Value::String(text)) => Some(Cow::Borrowed(text)),
            Subject::Scalar(other) => Some(Cow::Owned(other.to_text())),
            Subject::Json(json) => json.as_str().map(Cow::Borrowed),
        }
    }
}

fn equals(json: &Json, operand: &Value) -> bool {
    match (json, operand) {
        (Json::Null, Value::Null) => true,
        (Json::Array(items), Value::Array(operands)) => {
            items.len() == operands.len()
                && items
                    .iter()
                    .zip(operands)
                    .all(|(item, operand)| equals(item, operand))
        }
        (json, Value::Json(operand)) => same(json, operand),
        (json, Value::Bytes(_) | Value::GeoPoint(_)) => same(json, &operand.to_json()),
        _ => order(json, operand) == Some(Ordering::Equal),
    }
}

fn order(json: &Json, operand: &Value) -> Option<Ordering> {
    match (json, operand) {
        (Json::Bool(flag), Value::Boolean(operand)) => Some(flag.cmp(operand)),
        (Json::Number(number), Value::Integer(operand)) => numbers(number, &(*operand).into()),
        (Json::Number(number), Value::Float(operand)) => {
            numbers(number, &Number::from_f64(*operand)?)
        }
        (Json::String(text), Value::Decimal(operand)) => {
            Some(text.parse::<Decimal>().ok()?.cmp(operand))
        }
        (Json::String(text), Value::String(operand)) => Some(text.cmp(operand)),
        (
            Json::String(text),
            Value::DateTime(_) | Value::Date(_) | Value::Uuid(_) | Value::ObjectId(_),
        ) => Some(text.cmp(&operand.to_text())),
        (json, Value::Json(operand)) => match (json, &**operand) {
            (Json::Bool(left), Json::Bool(right)) => Some(left.cmp(right)),
            (Json::Number(left), Json::Number(right)) => numbers(left, right),
            (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
            _ => None,
        },
        _ => None,
    }
}

/// Equal in everything: 1 and 1.0 are, and the order of an object's members is no difference.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => numbers(left, right) == Some(Ordering::Equal),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| same(left, right)))
        }
        (left, right) => left == right,
    }
}

pub(super) fn numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
