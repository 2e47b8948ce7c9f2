//! Extended operators in the body of a change: `{"$inc": {"visits": 1}}` (contract *connectors.md* §4).
//!
//! Their values take the property's type as those of any other change do. As in LoopBack, members beside them are
//! dropped. `$set`, `$unset` and `$currentDate` say what any other change can say, and become a part of it.

use chrono::Utc;
use serde_json::{Map, Value as Json};

use super::argument::{coerce, record};
use crate::model::{ModelDef, PropertyDef, PropertyType, Record, Value, validation_error};
use crate::query::{Operator, OperatorChange};
use crate::{Error, Result};

/// Those that are understood.
const KNOWN: [&str; 11] = [
    "$set",
    "$unset",
    "$currentDate",
    "$inc",
    "$mul",
    "$min",
    "$max",
    "$push",
    "$addToSet",
    "$pullAll",
    "$pop",
];

/// Those that LoopBack's connector knows too.
const OTHERS: [&str; 5] = ["$pull", "$pushAll", "$rename", "$bit", "$setOnInsert"];

/// Does the body of a change hold an operator? Other members that begin with `$` are those of clients, such as AngularJS'
/// `$promise`.
pub(super) fn is_extended(body: &Json) -> bool {
    let known = |name: &String| KNOWN.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
    body.as_object()
        .is_some_and(|members| members.keys().any(known))
}

/// The values that are set, and the operators.
pub(super) fn parse(def: &'static ModelDef, body: Json) -> Result<(Record, Vec<Operator>)> {
    let mut changes = Record::new(def);
    let mut operators: Vec<Operator> = Vec::new();
    let Json::Object(members) = body else {
        return Ok((changes, operators));
    };
    for (word, json) in members {
        if OTHERS.contains(&word.as_str()) {
            let reason = format!(
                "is not among those that are understood: {}",
                KNOWN.join(", ")
            );
            return Err(invalid(&word, &reason));
        }
        if !KNOWN.contains(&word.as_str()) {
            continue;
        }
        let Json::Object(properties) = json else {
            return Err(invalid(&word, "takes an object of properties"));
        };
        for (name, json) in properties {
            let index = property(def, &word, &name)?;
            let twice = changes.get(index).is_some()
                || operators.iter().any(|other| other.property == index);
            if twice {
                let reason = format!("is about `{name}`, as another one is; change it once");
                return Err(invalid(&word, &reason));
            }
            let property = &def.properties[index];
            match word.as_str() {
                "$set" => {
                    let set = Map::from_iter([(name, json)]);
                    let set = record(def, set)?;
                    changes.set(index, set.value(index).clone());
                }
                "$unset" => changes.set(index, Value::Null),
                "$currentDate" => match property.ty {
                    PropertyType::DateTime => changes.set(index, Value::DateTime(Utc::now())),
                    PropertyType::Date => {
                        changes.set(index, Value::Date(Utc::now().date_naive()));
                    }
                    _ => return Err(unfit(&word, property, "a date")),
                },
                _ => operators.push(Operator {
                    property: index,
                    change: change(def, &word, property, json)?,
                }),
            }
        }
    }
    Ok((changes, operators))
}

fn change(
    def: &'static ModelDef,
    word: &str,
    property: &PropertyDef,
    json: Json,
) -> Result<OperatorChange> {
    let number = || match property.ty {
        PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal => Ok(()),
        _ => Err(unfit(word, property, "a number")),
    };
    let value = |json: Json| {
        let mut violations = Vec::new();
        let value = coerce(property, json, &mut violations)?;
        value.ok_or_else(|| validation_error(def, &violations))
    };
    let items = |json: Json| match (property.ty, json) {
        (PropertyType::Array(_), json @ Json::Array(_)) => match value(json)? {
            Value::Array(items) => Ok(items),
            _ => Ok(Vec::new()),
        },
        (PropertyType::Array(_), _) => Err(invalid(word, "takes lists of items")),
        _ => Err(unfit(word, property, "a list")),
    };
    // One item, or `{"$each": […]}`.
    let each = |json: Json| match json {
        Json::Object(mut each) if each.len() == 1 && each.contains_key("$each") => {
            each.remove("$each").unwrap_or_default()
        }
        item => Json::Array(vec![item]),
    };
    Ok(match word {
        "$inc" | "$mul" => {
            number()?;
            let value = value(json)?;
            if value.is_null() {
                return Err(invalid(word, "takes numbers"));
            }
            match word {
                "$inc" => OperatorChange::Increase(value),
                _ => OperatorChange::Multiply(value),
            }
        }
        "$min" | "$max" => {
            if property.ty.is_structured() {
                return Err(unfit(word, property, "a scalar"));
            }
            let value = value(json)?;
            match word {
                "$min" => OperatorChange::AtMost(value),
                _ => OperatorChange::AtLeast(value),
            }
        }
        "$push" => OperatorChange::Append(items(each(json))?),
        "$addToSet" => OperatorChange::Add(items(each(json))?),
        "$pullAll" => OperatorChange::Remove(items(json)?),
        _ => {
            items(Json::Array(Vec::new()))?;
            match json.as_i64() {
                Some(-1) => OperatorChange::Shorten { first: true },
                Some(1) => OperatorChange::Shorten { first: false },
                _ => {
                    return Err(invalid(
                        word,
                        "takes 1 for the last item, or -1 for the first",
                    ));
                }
            }
        }
    })
}

/// The property called `name`, if a caller may change it by an operator.
fn property(def: &ModelDef, word: &str, name: &str) -> Result<usize> {
    let index = def.property_index(name);
    let index =
        index.filter(|index| !def.properties[*index].id && !def.properties[*index].read_only);
    index.ok_or_else(|| {
        let reason = format!(
            "names `{name}`, which is no property of {} that it can change",
            def.name
        );
        invalid(word, &reason)
    })
}

fn unfit(word: &str, property: &PropertyDef, wanted: &str) -> Error {
    let reason = format!(
        "changes {wanted}, and `{}` holds {}",
        property.name,
        property.ty.expectation()
    );
    invalid(word, &reason)
}

fn invalid(word: &str, reason: &str) -> Error {
    let message = format!("The operator \"{word}\" {reason}");
    Error::new(400, message).with_code("INVALID_OPERATOR")
}
