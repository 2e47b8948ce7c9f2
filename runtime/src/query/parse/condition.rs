//! `where` (contract *querying.md* §2).

use serde_json::{Map, Value as Json};

use super::bound::{self, Next};
use super::place::Place;
use super::{LONGEST_PATTERN, MAX_DEPTH, Scope, bad_request, list, too_deep};
use crate::model::{CoercionError, PropertyType, Value};
use crate::query::{Comparison, Condition, Near};
use crate::{Error, Result};

/// A `where` by itself. There `near` has no meaning: nothing is put in order.
pub(super) fn parse(scope: &Scope, json: Json) -> Result<Condition> {
    members(scope, json, 0, None)
}

/// The `where` of a filter, at whose top level `near` may stand.
pub(super) fn parse_in_filter(scope: &Scope, json: Json) -> Result<(Condition, Option<Near>)> {
    let mut near = None;
    let condition = members(scope, json, 0, Some(&mut near))?;
    Ok((condition, near))
}

fn members(
    scope: &Scope,
    json: Json,
    depth: usize,
    mut near: Option<&mut Option<Near>>,
) -> Result<Condition> {
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
            "nor" => !Condition::Or(clauses(scope, &name, json, depth)?),
            _ => property(scope, &name, json, near.as_deref_mut())?,
        });
    }
    Ok(one(conditions))
}

/// All of these.
fn one(mut conditions: Vec<Condition>) -> Condition {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => Condition::And(conditions),
    }
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
        .map(|clause| members(scope, clause, depth + 1, None))
        .collect()
}

fn property(
    scope: &Scope,
    name: &str,
    json: Json,
    near: Option<&mut Option<Near>>,
) -> Result<Condition> {
    let clause = Clause {
        scope,
        name,
        place: scope.place(name, "where clause")?,
    };
    scope.refuse_whole(name, "where clause", &clause.place, &json)?;
    let json = match clause.place.ty {
        // A list of one finds what its item finds (contract querying.md §2.1).
        PropertyType::Array(_) => match list(json) {
            Ok(mut items) if items.len() == 1 => items.remove(0),
            Ok(items) => Json::Array(items),
            Err(json) => json,
        },
        _ => json,
    };
    match json {
        Json::Object(members) if !clause.is_point(&members) => clause.operators(members, near),
        // A list never equals a scalar.
        Json::Array(_) if !clause.place.ty.is_structured() => Ok(Condition::NONE),
        json => clause.compare(json, Comparison::Equal, Condition::NONE),
    }
}

/// The conditions on one property, or on what is within it.
struct Clause<'a> {
    scope: &'a Scope<'a>,
    name: &'a str,
    place: Place,
}

/// Every operator of LoopBack, in the order in which it looks for them.
const OPERATORS: [&str; 13] = [
    "gt", "gte", "lt", "lte", "between", "inq", "nin", "neq", "like", "nlike", "ilike", "nilike",
    "regexp",
];

impl Clause<'_> {
    /// Are these the members of a point, and not operators?
    fn is_point(&self, members: &Map<String, Json>) -> bool {
        matches!(self.place.ty, PropertyType::GeoPoint)
            && (members.contains_key("lat") || members.contains_key("lng"))
    }

    fn operators(
        &self,
        mut operators: Map<String, Json>,
        near: Option<&mut Option<Near>>,
    ) -> Result<Condition> {
        let found: Vec<_> = OPERATORS
            .iter()
            .filter_map(|name| operators.remove_entry(*name))
            .collect();
        if let Some(point) = operators.remove("near") {
            let place = match near {
                Some(place) if place.is_none() => place,
                Some(_) => return Err(self.misplaced("only one property can be near to a point")),
                None => {
                    return Err(self.misplaced(
                        "it puts what a filter finds in order, and stands beside `and`, `or` and `nor` alone",
                    ));
                }
            };
            *place = Some(super::near::parse(
                self.name,
                &self.place,
                point,
                operators,
            )?);
        } else if found.is_empty() {
            // An unknown operator finds nothing (contract querying.md §2.1); of objects there is deep equality (ruling).
            return if holds_objects(self.place.ty) {
                self.compare(Json::Object(operators), Comparison::Equal, Condition::NONE)
            } else {
                Ok(Condition::NONE)
            };
        }
        // LoopBack honours the first operator alone; all of them is the ruling.
        let conditions = found
            .into_iter()
            .map(|(operator, json)| self.operator(&operator, json));
        Ok(one(conditions.collect::<Result<_>>()?))
    }

    fn misplaced(&self, reason: &str) -> Error {
        let message = format!(
            "The {} property has a misplaced near operator: {reason}",
            self.name
        );
        bad_request(message).with_code("NEAR_MISPLACED")
    }

    fn operator(&self, operator: &str, json: Json) -> Result<Condition> {
        match operator {
            "gt" => self.bounded(json, Comparison::Greater, Next::Above),
            "gte" => self.bounded(json, Comparison::GreaterOrEqual, Next::Above),
            "lt" => self.bounded(json, Comparison::Less, Next::Below),
            "lte" => self.bounded(json, Comparison::LessOrEqual, Next::Below),
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
            _ => self.regexp(operator, json),
        }
    }

    fn is(&self, comparison: Comparison) -> Condition {
        self.place.clone().condition(comparison)
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

    /// A comparison with a bound, or with the value next to it when the bound can't be one of the property's.
    fn bounded(
        &self,
        json: Json,
        comparison: fn(Value) -> Comparison,
        next: Next,
    ) -> Result<Condition> {
        if let Some(value) = self.value(json.clone())? {
            return Ok(self.is(comparison(value)));
        }
        let next_to = match next {
            Next::Below => Comparison::LessOrEqual,
            Next::Above => Comparison::GreaterOrEqual,
        };
        let value = bound::next(self.place.ty, &json, next);
        Ok(value.map_or(Condition::NONE, |value| self.is(next_to(value))))
    }

    /// A bound of a range, or the value next to it on the range's side.
    fn end(&self, json: Json, next: Next) -> Result<Option<Value>> {
        let value = self.value(json.clone())?;
        Ok(value.or_else(|| bound::next(self.place.ty, &json, next)))
    }

    /// The value in the property's type; nothing when no record can hold it.
    fn value(&self, json: Json) -> Result<Option<Value>> {
        // LoopBack takes any other text for true here (contract querying.md §2.3); that accident is an error.
        match operand(self.place.ty, json) {
            Ok(value) => Ok(value),
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
        Ok(
            match (self.end(low, Next::Above)?, self.end(high, Next::Below)?) {
                (Some(low), Some(high)) => self.is(Comparison::Between(low, high)),
                _ => Condition::NONE,
            },
        )
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
            Json::String(pattern) if pattern.len() > LONGEST_PATTERN => {
                let message = format!(
                    "The {} property has a pattern of more than {LONGEST_PATTERN} bytes; shorten it",
                    self.name
                );
                Err(bad_request(message).with_code("PATTERN_TOO_LONG"))
            }
            Json::String(pattern) => Ok(self.is(Comparison::Like {
                pattern,
                ignore_case,
                negated,
            })),
            other => Err(self.invalid(operator, &other.to_string(), "Expected a string or RegExp")),
        }
    }

    fn regexp(&self, operator: &str, json: Json) -> Result<Condition> {
        if !holds_text(self.place.ty) {
            let reason = format!("Only text can fit, and `{}` holds none", self.name);
            return Err(self.invalid(operator, &json.to_string(), &reason));
        }
        match json {
            Json::String(text) => Ok(self.is(Comparison::Regexp(self.scope.regexp(&text)?))),
            other => Err(self.invalid(operator, &other.to_string(), "Expected a string or RegExp")),
        }
    }

    fn invalid(&self, operator: &str, clause: &str, reason: &str) -> Error {
        let name = self.name;
        bad_request(format!(
            "The {name} property has invalid clause {{\"{operator}\":{clause}}}: {reason}"
        ))
    }
}

/// What a value of the type `ty` is compared with; nothing when no record can hold it.
fn operand(ty: PropertyType, json: Json) -> Result<Option<Value>, CoercionError> {
    match (ty, json) {
        // A list is compared with its items' values, or as a whole.
        (PropertyType::Array(item), json) if !json.is_array() => operand(*item, json),
        (PropertyType::Array(item), Json::Array(items)) => {
            let items = items.into_iter().map(|json| operand(*item, json));
            let items: Option<Vec<_>> = items.collect::<Result<_, _>>()?;
            Ok(items.map(Value::Array))
        }
        // Otherwise the member would be dropped, and more be found than was meant.
        (PropertyType::Object(def), Json::Object(members))
            if members
                .keys()
                .any(|name| def.properties.iter().all(|known| known.name != name)) =>
        {
            Ok(None)
        }
        (PropertyType::Object(_), json) if !json.is_object() && !json.is_null() => Ok(None),
        (ty, json) => ty.from_json(json).map(Some),
    }
}

fn holds_objects(ty: PropertyType) -> bool {
    match ty {
        PropertyType::Object(_) | PropertyType::Json => true,
        PropertyType::Array(item) => holds_objects(*item),
        _ => false,
    }
}

fn holds_text(ty: PropertyType) -> bool {
    match ty {
        PropertyType::String | PropertyType::Enum(_) | PropertyType::Json => true,
        PropertyType::Array(item) => holds_text(*item),
        _ => false,
    }
}
