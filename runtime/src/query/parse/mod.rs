//! From a caller's JSON to the filter tree (contract *querying.md* §2 to §6, §8).
//!
//! Every name is looked up here, and every value takes the property's type. What can't be understood is refused with
//! LoopBack's own text; an unknown or hidden property is refused with the nearest known one (ruling: it must never be
//! ignored, or a misspelt `where` would touch every row).

mod bound;
mod condition;
mod include;
mod near;
mod page;
mod place;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use serde_json::{Map, Value as Json};

use super::{Filter, Regexp};
use crate::model::{ModelDef, PropertyDef};
use crate::{Error, Result};

/// How deep conditions and includes may nest: far beyond what people write, far below what hurts.
const MAX_DEPTH: usize = 32;

/// How many bytes a pattern of `like` may have: the time that it takes grows with its length and with that of the text.
const LONGEST_PATTERN: usize = 1_000;

/// How many regular expressions one filter may hold: each may take a megabyte.
const MAX_REGEXPS: usize = 32;

impl super::Condition {
    /// The condition that a bare `where` stands for, in which `near` has no place. `hidden` tells whether hidden properties may be named: not from
    /// outside.
    ///
    /// # Errors
    /// 400, with the part of the `where` that can't be understood.
    pub fn from_json(def: &'static ModelDef, json: Json, hidden: bool) -> Result<Self> {
        condition::parse(&Scope::new(def, hidden, &Cell::new(0)), json)
    }
}

impl Filter {
    /// The filter that LoopBack's JSON stands for. Unknown members are ignored. `hidden` tells whether hidden properties
    /// may be named: not from outside.
    ///
    /// # Errors
    /// 400, with the part of the filter that can't be understood.
    pub fn from_json(def: &'static ModelDef, json: Json, hidden: bool) -> Result<Self> {
        filter(&Scope::new(def, hidden, &Cell::new(0)), json, 0)
    }
}

/// Whose properties are named.
struct Scope<'a> {
    def: &'static ModelDef,
    hidden: bool,
    /// How many regular expressions the whole filter holds so far.
    regexps: &'a Cell<usize>,
}

fn filter(scope: &Scope, json: Json, depth: usize) -> Result<Filter> {
    let mut members = match json {
        Json::Null => return Ok(Filter::ALL),
        Json::Object(members) => members,
        other => {
            return Err(bad_request(format!(
                "The query filter {other} is not an object"
            )));
        }
    };
    let mut take = |name: &str| members.remove(name).filter(|json| !json.is_null());
    let (condition, near) = match take("where") {
        Some(json) => condition::parse_in_filter(scope, json)?,
        None => (super::Condition::ALL, None),
    };
    let order = take("order")
        .map(|json| page::order(scope, json))
        .transpose()?
        .unwrap_or_default();
    let limit = take("limit").map(page::limit).transpose()?.flatten();
    let (skip, offset) = (take("skip"), take("offset"));
    let skip = skip.or(offset).map(page::skip).transpose()?.unwrap_or(0);
    let fields = take("fields")
        .map(|json| page::fields(scope.def, json))
        .unwrap_or_default();
    let include = match take("include") {
        Some(json) => include::parse(scope, json, depth)?,
        None => Vec::new(),
    };
    // LoopBack's connectors read a page of 100 once a caller skips (contract querying.md §4).
    let limit = if skip > 0 { limit.or(Some(100)) } else { limit };
    Ok(Filter {
        condition,
        near,
        order,
        limit,
        skip,
        fields,
        include,
    })
}

impl<'a> Scope<'a> {
    fn new(def: &'static ModelDef, hidden: bool, regexps: &'a Cell<usize>) -> Self {
        Scope {
            def,
            hidden,
            regexps,
        }
    }

    /// The expression that `text` stands for, if there are not too many of them.
    fn regexp(&self, text: &str) -> Result<Regexp> {
        if self.regexps.get() >= MAX_REGEXPS {
            let message = format!(
                "The filter holds more than {MAX_REGEXPS} regular expressions; join them by \"|\""
            );
            return Err(bad_request(message).with_code("TOO_MANY_REGEXPS"));
        }
        self.regexps.set(self.regexps.get() + 1);
        Regexp::new(text)
    }

    /// The position of the property that the caller calls `name`.
    fn property(&self, name: &str, place: &str) -> Result<usize> {
        let index = self.def.property_index(name);
        index
            .filter(|index| self.shows(&self.def.properties[*index]))
            .ok_or_else(|| self.unknown(name, place, self.def.name, self.def.properties))
    }

    fn shows(&self, property: &PropertyDef) -> bool {
        self.hidden || !property.hidden
    }

    /// The error for a name that is none of `properties`, those of `owner`.
    fn unknown(&self, name: &str, place: &str, owner: &str, properties: &[PropertyDef]) -> Error {
        let known = properties.iter().filter(|property| self.shows(property));
        let hint = match nearest(name, known.map(|property| property.name)) {
            Some(nearest) => format!("; did you mean \"{nearest}\"?"),
            None => String::new(),
        };
        let message =
            format!("The {place} names the property \"{name}\", which {owner} does not have{hint}");
        bad_request(message).with_code("UNKNOWN_PROPERTY")
    }
}

/// The known name that `name` is probably a misspelling of.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let length = name.chars().count();
    known
        .filter_map(|known| {
            let mistakes = known.len().max(3) / 3;
            // The distance takes as much memory as both names are long, multiplied.
            if known.chars().count().abs_diff(length) > mistakes {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&name, &known.to_lowercase());
            (distance <= mistakes).then_some((distance, known))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn bad_request(message: impl Into<String>) -> Error {
    Error::new(400, message)
}

fn too_deep() -> Error {
    bad_request(format!(
        "The filter is nested more than {MAX_DEPTH} levels deep"
    ))
    .with_code("FILTER_TOO_DEEP")
}

/// An array, or an object with the keys 0, 1, 2 …, which is what long lists in query strings become.
fn list(json: Json) -> Result<Vec<Json>, Json> {
    match json {
        Json::Array(items) => Ok(items),
        Json::Object(members) if is_sequential(&members) => {
            Ok(members.into_iter().map(|(_, item)| item).collect())
        }
        other => Err(other),
    }
}

fn is_sequential(members: &Map<String, Json>) -> bool {
    !members.is_empty()
        && members
            .keys()
            .enumerate()
            .all(|(index, key)| *key == index.to_string())
}
