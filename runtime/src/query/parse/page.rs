//! `order`, `limit`, `skip` and `fields` (contract *querying.md* §4 and §5).

use serde_json::Value as Json;

use super::{Scope, bad_request};
use crate::Result;
use crate::model::{ModelDef, PropertyType};
use crate::query::{Direction, Fields, Order};

pub(super) fn order(scope: &Scope, json: Json) -> Result<Vec<Order>> {
    let items = super::list(json).unwrap_or_else(|single| vec![single]);
    let mut order = Vec::new();
    for item in items {
        let Json::String(text) = &item else {
            return Err(bad_request(format!("The order {item} is not valid")));
        };
        if text.is_empty() {
            continue;
        }
        for key in text.split(',') {
            order.push(order_key(scope, key, &item)?);
        }
    }
    Ok(order)
}

fn order_key(scope: &Scope, key: &str, item: &Json) -> Result<Order> {
    // After a comma a space is customary; elsewhere a leading space makes the name empty, which LoopBack refuses too.
    let key = if item.as_str().is_some_and(|text| text.contains(',')) {
        key.trim()
    } else {
        key
    };
    let mut words = key.split(' ');
    let name = words.next().unwrap_or_default();
    let direction = match words.next() {
        None => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("desc") => Direction::Descending,
        Some(_) => {
            return Err(bad_request(format!(
                "The order {} has invalid direction",
                Json::from(key)
            )));
        }
    };
    let place = scope.place(name, "order")?;
    scope.refuse_whole(name, "order", &place, item)?;
    let ty = scope.def.properties[place.property].ty;
    if ty.is_structured() {
        let itself = Some(ty);
        let path = place.path.as_ref();
        let ty = path.map_or(itself, |path| path.leads_to(ty));
        if ty.is_none_or(|ty| ty.is_structured() && !matches!(ty, PropertyType::Json)) {
            return Err(bad_request(format!(
                "The order {} is not valid: it leads to no single number, text, date or boolean; name one, as in \
                 \"list.0.member\"",
                Json::from(key)
            )));
        }
    }
    Ok(Order {
        property: place.property,
        path: place.path,
        direction,
    })
}

/// A whole number that is not negative, also as text.
fn whole(json: &Json) -> Option<u64> {
    match json {
        Json::String(text) => text.trim().parse().ok(),
        Json::Number(number) => number.as_u64().or_else(|| {
            // `2.0`, which some clients write.
            let number = number.as_f64()?;
            (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
        }),
        _ => None,
    }
    // Databases count in signed integers.
    .filter(|number| i64::try_from(*number).is_ok())
}

/// The limit; 0 is none.
pub(super) fn limit(json: Json) -> Result<Option<u64>> {
    match whole(&json) {
        Some(0) => Ok(None),
        Some(limit) => Ok(Some(limit)),
        None => Err(bad_request(format!(
            "The limit parameter {json} is not valid"
        ))),
    }
}

pub(super) fn skip(json: Json) -> Result<u64> {
    whole(&json)
        .ok_or_else(|| bad_request(format!("The offset/skip parameter {json} is not valid")))
}

/// The selection. Names that the model lacks select nothing, and exclude nothing.
pub(super) fn fields(def: &ModelDef, json: Json) -> Fields {
    let all = || 0..def.properties.len();
    match json {
        Json::String(name) => Fields::Only(def.property_index(&name).into_iter().collect()),
        Json::Array(names) if !names.is_empty() => Fields::Only(
            names
                .iter()
                .filter_map(Json::as_str)
                .filter_map(|name| def.property_index(name))
                .collect(),
        ),
        Json::Object(flags) if !flags.is_empty() => {
            let included: Vec<_> = flags
                .iter()
                .filter(|(_, flag)| truthy(flag))
                .map(|(name, _)| name)
                .collect();
            if included.is_empty() {
                Fields::Only(
                    all()
                        .filter(|index| !flags.contains_key(def.properties[*index].name))
                        .collect(),
                )
            } else {
                Fields::Only(
                    included
                        .iter()
                        .filter_map(|name| def.property_index(name))
                        .collect(),
                )
            }
        }
        _ => Fields::All,
    }
}

/// JavaScript's notion of true, by which LoopBack reads these flags.
fn truthy(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(_) | Json::Object(_) => true,
    }
}
