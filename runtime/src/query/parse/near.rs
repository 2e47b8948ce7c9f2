//! `near` (contract *querying.md* §3).

use serde_json::{Map, Value as Json};

use super::place::Place;
use super::{bad_request, nearest};
use crate::model::{CoercionError, DistanceUnit, PropertyType, Value};
use crate::query::Near;
use crate::{Error, Result};

/// The `near` of the property that the caller calls `name`, with the bounds that stand beside it.
pub(super) fn parse(
    name: &str,
    place: &Place,
    point: Json,
    mut bounds: Map<String, Json>,
) -> Result<Near> {
    if !(place.is_property() && matches!(place.ty, PropertyType::GeoPoint)) {
        return Err(invalid(
            name,
            "near",
            &point,
            "only a point can be near to another one",
        ));
    }
    let point = match place.ty.from_json(point.clone()) {
        Ok(Value::GeoPoint(point)) => point,
        Err(CoercionError::Malformed { message, .. }) => {
            return Err(invalid(name, "near", &point, &message));
        }
        _ => {
            let reason = "expected \"lat,lng\", [lat, lng] or {\"lat\": …, \"lng\": …}";
            return Err(invalid(name, "near", &point, reason));
        }
    };
    let mut near = Near::new(place.property, point);
    near.max_distance = distance(name, "maxDistance", &mut bounds)?;
    near.min_distance = distance(name, "minDistance", &mut bounds)?;
    if let Some(unit) = bounds.remove("unit") {
        near.unit = parse_unit(name, &unit)?;
    }
    Ok(near)
}

/// A bound; 0 is none.
fn distance(name: &str, member: &str, bounds: &mut Map<String, Json>) -> Result<Option<f64>> {
    let json = match bounds.remove(member) {
        None | Some(Json::Null) => return Ok(None),
        Some(json) => json,
    };
    match PropertyType::Float.from_json(json.clone()) {
        Ok(Value::Float(distance)) if distance >= 0.0 && !json.is_boolean() => {
            Ok(Some(distance).filter(|distance| *distance > 0.0))
        }
        _ => Err(invalid(name, member, &json, "expected a distance")),
    }
}

fn parse_unit(name: &str, json: &Json) -> Result<DistanceUnit> {
    let word = json.as_str().unwrap_or_default();
    let found = DistanceUnit::ALL
        .into_iter()
        .find(|unit| unit.name() == word);
    found.ok_or_else(|| {
        let names = DistanceUnit::ALL.map(DistanceUnit::name);
        let reason = match nearest(word, names.into_iter()) {
            Some(nearest) => format!("did you mean \"{nearest}\"?"),
            None => format!("expected one of {}", names.join(", ")),
        };
        invalid(name, "unit", json, &reason)
    })
}

fn invalid(name: &str, member: &str, clause: &Json, reason: &str) -> Error {
    bad_request(format!(
        "The {name} property has invalid clause {{\"{member}\":{clause}}}: {reason}"
    ))
    .with_code("INVALID_NEAR")
}
