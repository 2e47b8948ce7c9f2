//! `where` (contract *querying.md* §2).

use serde_json::{Map, Value as Json};

use super::{MAX_DEPTH, Scope, bad_request, list, too_deep};
use crate::model::{CoercionError, PropertyDef, PropertyType, Value};
use crate::query::{Comparison, Condition};
use crate::{Error, Result};

pub(super) fn parse(scope: &Scope, json: Json, depth: usize) -> Result<Condition> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let members = match json {
        Json::Null if depth == 0 => return Ok(Condition::ALL),
        Json::Object(members) => members,
        other => {
            return Err(bad_request(format!(
                "The where clause {other} is not an object"
            )));
        }
    };
    let mut conditions = Vec::with_capacity(members.len());
    for (name, json) in members {
        conditions.push(match name.as_str() {
            "and" => Condition::And(clauses(scope, &name, json, depth)?),
            "or" => Condition::Or(clauses(scope, &name, json, depth)?),
            "nor" => return Err(unsupported("nor")),
            _ => property(scope, &name, json)?,
        });
    }
    Ok(if conditions.len() == 1 {
        conditions.remove(0)
    } else {
        Condition::And(conditions)
    })
}

fn clauses(scope: &Scope, operator: &str, json: Json, depth: usize) -> Result<Vec<Condition>> {
    let clauses = list(json).map_err(|json| {
        bad_request(format!(
            "The {operator} operator has invalid clauses {json}: \
             Value is not an array or object with sequential numeric indices"
        ))
    })?;
    clauses
        .into_iter()
        .map(|clause| parse(scope, clause, depth + 1))
        .collect()
}

fn property(scope: &Scope, name: &str, json: Json) -> Result<Condition> {
    let index = scope.property(name, "where clause")?;
    let clause = Clause {
        property: &scope.def.properties[index],
        index,
    };
    match json {
        Json::Object(members) if !clause.is_point(&members) => clause.operators(members),
        // A list never equals a scalar.
        Json::Array(_) if !clause.property.ty.is_structured() => Ok(Condition::NONE),
        json => clause.compare(json, Comparison::Equal, Condition::NONE),
    }
}

/// The conditions on one property.
struct Clause<'a> {
    property: &'a PropertyDef,
    index: usize,
}

/// Every operator of LoopBack, in the order in which it looks for them.
const OPERATORS: [&str; 13] = [
    "gt", "gte", "lt", "lte", "between", "inq", "nin", "neq", "like", "nlike", "ilike", "nilike",
    "regexp",
];

impl Clause<'_> {
    /// Are these the members of a point, and not operators?
    fn is_point(&self, members: &Map<String, Json>) -> bool {
        matches!(self.property.ty, PropertyType::GeoPoint)
            && (members.contains_key("lat") || members.contains_key("lng"))
    }

    fn operators(&self, mut operators: Map<String, Json>) -> Result<Condition> {
        let found: Vec<_> = OPERATORS
            .iter()
            .filter_map(|name| operators.remove_entry(*name))
            .collect();
        if operators.contains_key("near") {
            return Err(unsupported("near"));
        }
        if found.is_empty() {
            return match self.property.ty {
                // Deep equality (ruling).
                PropertyType::Object(_) | PropertyType::Json => {
                    self.compare(Json::Object(operators), Comparison::Equal, Condition::NONE)
                }
                // An unknown operator finds nothing (contract querying.md §2.1).
                _ => Ok(Condition::NONE),
            };
        }
        // LoopBack honours the first operator alone; all of them is the ruling.
        let conditions = found
            .into_iter()
            .map(|(operator, json)| self.operator(&operator, json));
        let mut conditions = conditions.collect::<Result<Vec<_>>>()?;
        Ok(if conditions.len() == 1 {
            conditions.remove(0)
        } else {
            Condition::And(conditions)
        })
    }

    fn operator(&self, operator: &str, json: Json) -> Result<Condition> {
        match operator {
            "gt" => self.compare(json, Comparison::Greater, Condition::NONE),
            "gte" => self.compare(json, Comparison::GreaterOrEqual, Condition::NONE),
            "lt" => self.compare(json, Comparison::Less, Condition::NONE),
            "lte" => self.compare(json, Comparison::LessOrEqual, Condition::NONE),
            "neq" => self.compare(json, Comparison::NotEqual, Condition::ALL),
            "between" => self.between(json),
            "inq" => Ok(self
                .values(operator, json)?
                .map_or(Condition::NONE, |values| self.is(Comparison::In(values)))),
            "nin" => Ok(self
                .values(operator, json)?
                .map_or(Condition::ALL, |values| self.is(Comparison::NotIn(values)))),
            "like" => self.like(operator, json, false, false),
            "nlike" => self.like(operator, json, false, true),
            "ilike" => self.like(operator, json, true, false),
            "nilike" => self.like(operator, json, true, true),
            _ => Err(unsupported(operator)),
        }
    }

    fn is(&self, comparison: Comparison) -> Condition {
        Condition::compare(self.index, comparison)
    }

    /// A comparison with one value, or `otherwise` when the value can't be one of the property's.
    fn compare(
        &self,
        json: Json,
        comparison: fn(Value) -> Comparison,
        otherwise: Condition,
    ) -> Result<Condition> {
        Ok(self
            .value(json)?
            .map_or(otherwise, |value| self.is(comparison(value))))
    }

    /// The value in the property's type; nothing when no record can hold it.
    fn value(&self, json: Json) -> Result<Option<Value>> {
        let ty = match self.property.ty {
            // Lists are compared by their items as well as a whole.
            PropertyType::Array(_) | PropertyType::Object(_) => PropertyType::Json,
            ty => ty,
        };
        // LoopBack takes any other text for true here (contract querying.md §2.3); that accident is an error.
        match ty.from_json(json) {
            Ok(value) => Ok(Some(value)),
            Err(CoercionError::Invalid { .. }) => Ok(None),
            Err(CoercionError::Malformed {
                name,
                code,
                message,
            }) => {
                let error = bad_request(message).with_name(name);
                Err(match code {
                    Some(code) => error.with_code(code),
                    None => error,
                })
            }
        }
    }

    fn between(&self, json: Json) -> Result<Condition> {
        let shown = json.to_string();
        let bounds = self.list("between", json)?;
        let [low, high]: [Json; 2] = bounds.try_into().map_err(|bounds: Vec<Json>| {
            let received = bounds.len();
            self.invalid(
                "between",
                &shown,
                &format!("Expected precisely 2 values, received {received}"),
            )
        })?;
        Ok(match (self.value(low)?, self.value(high)?) {
            (Some(low), Some(high)) => self.is(Comparison::Between(low, high)),
            _ => Condition::NONE,
        })
    }

    /// The values of a list operator that a record can hold; nothing when the caller named only others.
    fn values(&self, operator: &str, json: Json) -> Result<Option<Vec<Value>>> {
        let items = self.list(operator, json)?;
        let values: Vec<_> = items
            .into_iter()
            .map(|item| self.value(item))
            .collect::<Result<_>>()?;
        let values: Vec<_> = values.into_iter().flatten().collect();
        Ok((!values.is_empty()).then_some(values))
    }

    fn list(&self, operator: &str, json: Json) -> Result<Vec<Json>> {
        list(json).map_err(|json| {
            let reason = "Error: Value is not an array or object with sequential numeric indices";
            self.invalid(operator, &json.to_string(), reason)
        })
    }

    fn like(
        &self,
        operator: &str,
        json: Json,
        ignore_case: bool,
        negated: bool,
    ) -> Result<Condition> {
        match json {
            Json::String(pattern) => Ok(self.is(Comparison::Like {
                pattern,
                ignore_case,
                negated,
            })),
            other => Err(self.invalid(operator, &other.to_string(), "Expected a string or RegExp")),
        }
    }

    fn invalid(&self, operator: &str, clause: &str, reason: &str) -> Error {
        let name = self.property.name;
        bad_request(format!(
            "The {name} property has invalid clause {{\"{operator}\":{clause}}}: {reason}"
        ))
    }
}

fn unsupported(operator: &str) -> Error {
    bad_request(format!(
        "The {operator} operator is not supported by this data source"
    ))
    .with_code("OPERATOR_NOT_SUPPORTED")
}
