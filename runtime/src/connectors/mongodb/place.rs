//! What a comparison is about, as the server finds it: a member of the documents, or something within one.

use mongodb::bson::Bson;
use serde_json::Value as Json;

use super::value::{key, to_bson};
use crate::model::{PropertyDef, PropertyType, Value};
use crate::query::{Path, Step};

/// The server gives up on paths that are much longer.
const LONGEST: usize = 64;

/// The integers of which a float holds every one.
const EXACT: i64 = 1 << 53;

/// A member of the documents, by its dotted name.
pub(super) struct Place {
    pub key: String,
    /// The type of what is compared there.
    ty: PropertyType,
    pub reach: Reach,
    pub is_property: bool,
}

/// How many values there are in one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// A scalar, or null.
    One,
    /// The items of one list of scalars.
    Items,
    /// Anything: the server compares some of it in its own way.
    Many,
}

impl Place {
    /// The property as a whole.
    pub fn of(property: &PropertyDef) -> Self {
        Place::new(key(property).to_owned(), property.ty, true, false)
    }

    /// What `path` leads to, if the server finds it by the same path.
    pub fn within(property: &PropertyDef, path: &Path) -> Option<Self> {
        if path.steps().len() > LONGEST {
            return None;
        }
        // What the model does not declare is beside the declared properties.
        let place = match property.extra {
            true => None,
            false => Some(key(property).to_owned()),
        };
        let (mut place, mut ty, mut one) = (place, property.ty, true);
        for step in path.steps() {
            let name = step.to_string();
            if name.is_empty() || name.starts_with('$') || name.contains(['\0', '.']) {
                return None;
            }
            while let (PropertyType::Array(item), Step::Member(_)) = (ty, step) {
                (ty, one) = (*item, false);
            }
            ty = match ty {
                PropertyType::Object(def) => {
                    let mut members = def.properties.iter();
                    members.find(|member| member.name == name)?.ty
                }
                // The items of a list within a list the server doesn't look at.
                PropertyType::Array(PropertyType::Array(_) | PropertyType::Json) => return None,
                PropertyType::Array(item) => {
                    one = false;
                    *item
                }
                PropertyType::Json if matches!(step, Step::Member(_)) => PropertyType::Json,
                _ => return None,
            };
            place = Some(match place {
                Some(place) => format!("{place}.{name}"),
                None => name,
            });
        }
        Some(Place::new(place?, ty, one, true))
    }

    fn new(key: String, ty: PropertyType, one: bool, within: bool) -> Self {
        let (ty, reach) = match ty {
            PropertyType::Array(item) if one && !item.is_structured() => (*item, Reach::Items),
            PropertyType::Array(item) => (*item, Reach::Many),
            ty if one && !ty.is_structured() => (ty, Reach::One),
            ty => (ty, Reach::Many),
        };
        Place {
            key,
            ty,
            reach,
            is_property: !within,
        }
    }

    /// May there be text, of which the server's comparisons with patterns are those of [`Condition`]?
    ///
    /// [`Condition`]: crate::query::Condition
    pub fn is_text(&self) -> bool {
        matches!(
            self.ty,
            PropertyType::String | PropertyType::Enum(_) | PropertyType::Json
        )
    }

    /// The value as an operand, if the server compares it as [`Condition`](crate::query::Condition) promises.
    pub fn operand(&self, value: &Value) -> Option<Bson> {
        let alike = match (self.ty, value) {
            (_, Value::Null) => self.reach == Reach::One,
            (PropertyType::Json, value) => is_plain(value),
            (PropertyType::Boolean, Value::Boolean(_))
            | (PropertyType::Integer { .. }, Value::Integer(_))
            | (PropertyType::Float, Value::Float(_))
            | (PropertyType::Decimal, Value::Decimal(_))
            | (PropertyType::String | PropertyType::Enum(_), Value::String(_))
            | (PropertyType::DateTime, Value::DateTime(_))
            | (PropertyType::Date, Value::Date(_))
            | (PropertyType::Uuid, Value::Uuid(_))
            | (PropertyType::ObjectId, Value::ObjectId(_)) => true,
            // The server orders bytes by their length first, and finds none of them within JSON greater or less.
            (PropertyType::Bytes, Value::Bytes(_)) => true,
            _ => false,
        };
        alike.then(|| to_bson(&self.ty, value))
    }
}

/// Is it JSON that the server compares alike? It compares every digit of a large number, JSON compares floats.
fn is_plain(value: &Value) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "it is a power of two")]
    let small = |number: f64| number.abs() <= EXACT as f64;
    match value {
        Value::Boolean(_) | Value::String(_) => true,
        Value::Integer(number) => number.unsigned_abs() <= EXACT.unsigned_abs(),
        Value::Float(number) => small(*number),
        Value::Json(json) => match &**json {
            Json::Bool(_) | Json::String(_) => true,
            Json::Number(number) => number.as_f64().is_some_and(small),
            _ => false,
        },
        _ => false,
    }
}
