//! Arguments of a call, from the path, the query string, the body and headers (contract *querying.md* §7 and §8,
//! *rest.md* §4).

use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use serde_json::{Map, Value as Json};

use super::operator;
use super::path_segment::PathSegment;
use super::query_string::sniff;
use crate::model::{
    CoercionError, ModelDef, ObjectDef, PropertyDef, PropertyType, Record, Strict, Value,
    Violation, validation_error,
};
use crate::query::{Condition, Filter, Operator};
use crate::repository::{Options, no_ttl};
use crate::{Error, Result};

/// What the caller sent, before anything is made of it.
pub(super) struct Arguments {
    pub headers: HeaderMap,
    pub query: Map<String, Json>,
    /// The address as it was sent.
    pub uri: Uri,
    pub body: Json,
    /// What remote hooks have added.
    pub options: Options,
    /// Were the values of `query` sent as JSON, whose types are what they look like?
    pub typed: bool,
}

/// An id in a path, as the caller wrote it and as the id property's type has it.
pub(super) struct IdArgument {
    pub text: String,
    /// Nothing when no instance can have this id.
    pub value: Option<Value>,
}

impl IdArgument {
    /// Ids take the type of the id property (ruling: `007` and `1.50` are reachable as texts), each key of a composite id
    /// that of its own. The keys are a list with commas between: `/Taggings/7,rust`.
    pub fn new(def: &ModelDef, sent: PathSegment) -> Self {
        let value = if def.has_composite_id() {
            composite(def, &sent.list())
        } else {
            key(&def.id().ty, &sent.text)
        };
        IdArgument {
            text: sent.text,
            value,
        }
    }
}

fn composite(def: &ModelDef, texts: &[String]) -> Option<Value> {
    let properties = def.id_properties();
    if properties.len() != texts.len() {
        return None;
    }
    let keys = properties.iter().zip(texts);
    let keys = keys.map(|(property, text)| key(&property.ty, text));
    keys.collect::<Option<_>>().map(Value::Array)
}

fn key(ty: &PropertyType, text: &str) -> Option<Value> {
    match ty {
        // Stricter than a property's value: an id has one spelling.
        PropertyType::Integer { .. } => {
            let number = text.parse::<i64>().ok();
            number
                .filter(|number| number.to_string() == text)
                .map(Value::Integer)
        }
        ty => ty
            .from_json(Json::String(text.to_owned()))
            .ok()
            .filter(|value| !value.is_null()),
    }
}

impl Arguments {
    /// The `filter`, from the query string, the body or a header.
    pub fn filter(&self, def: &'static ModelDef) -> Result<Filter> {
        match self.object("filter", true)? {
            Some(json) => Filter::from_json(def, json, false),
            None => Ok(Filter::ALL),
        }
    }

    /// The `filter` of a method that finds by id: only `fields` and `include` are read (contract *querying.md* §1).
    pub fn filter_of_one(&self, def: &'static ModelDef) -> Result<Filter> {
        match self.object("filter", true)? {
            Some(Json::Object(mut members)) => {
                members.retain(|name, _| matches!(name.as_str(), "fields" | "include"));
                Filter::from_json(def, Json::Object(members), false)
            }
            Some(other) => Filter::from_json(def, other, false),
            None => Ok(Filter::ALL),
        }
    }

    /// The bare `where`.
    pub fn condition(&self, def: &'static ModelDef) -> Result<Condition> {
        match self.object("where", true)? {
            Some(json) => Condition::from_json(def, json, false),
            None => Ok(Condition::ALL),
        }
    }

    /// The `where` in the `options` of a change stream.
    pub fn changes_condition(&self, def: &'static ModelDef) -> Result<Condition> {
        let options = self.object("options", true)?;
        match options.and_then(|mut options| options.get_mut("where").map(Json::take)) {
            Some(json) => Condition::from_json(def, json, false),
            None => Ok(Condition::ALL),
        }
    }

    /// The bare `where` of a method that writes: from the query string alone, and never absent, or one forgotten
    /// argument would touch every row.
    pub fn required_condition(&self, def: &'static ModelDef) -> Result<Condition> {
        match self.query.get("where") {
            Some(json) => Condition::from_json(def, object("where", json.clone(), false)?, false),
            None => Err(Error::new(400, "The where argument must be an object")
                .with_name("AssertionError")
                .with_code("ERR_ASSERTION")),
        }
    }

    /// A text in the query string.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.query.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::new(
                400,
                format!("The argument {name} is sent more than once, or in parts; send one text"),
            )),
        }
    }

    /// `true` or `false` in the query string; false, unless it is there.
    pub fn flag(&self, name: &str) -> Result<bool> {
        if let Some(Json::Bool(flag)) = self.query.get(name) {
            return Ok(*flag);
        }
        match self.text(name)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Error::new(
                400,
                format!("The argument {name} is \"{other}\"; send true or false"),
            )),
        }
    }

    /// The body as the value of a key-value model.
    pub fn value(&mut self, def: &'static ModelDef) -> Result<Value> {
        let mut violations = Vec::new();
        let value = coerce(&def.properties[1], self.body.take(), &mut violations)?;
        value.ok_or_else(|| validation_error(def, &violations))
    }

    /// `ttl` in the query string, if it is there.
    pub fn ttl(&self) -> Result<Option<Duration>> {
        self.query.get("ttl").map(ttl).transpose()
    }

    /// `ttl` in the body.
    pub fn required_ttl(&self) -> Result<Duration> {
        let json = self.body.get("ttl").filter(|json| !json.is_null());
        ttl(json.ok_or_else(|| Error::new(400, "ttl is a required argument"))?)
    }

    /// The `match` of the `filter`: every key unless given.
    pub fn key_pattern(&self) -> Result<String> {
        let filter = self.object("filter", false)?.unwrap_or_default();
        match filter.get("match") {
            None | Some(Json::Null) => Ok("*".to_owned()),
            Some(Json::String(pattern)) => Ok(pattern.clone()),
            Some(_) => Err(Error::new(
                400,
                "filter.match must be a string, such as \"session:*\"",
            )),
        }
    }

    /// The JSON of an argument that is an object. `sniffed`: texts in brackets that look typed are typed, unless the caller
    /// can say types.
    fn object(&self, name: &str, sniffed: bool) -> Result<Option<Json>> {
        let in_body = || self.body.get(name).cloned();
        // What is no text is refused like any other that can't be read: an argument that is left out means another thing.
        let in_header = || {
            let value = self.headers.get(name)?;
            Some(Json::from(String::from_utf8_lossy(value.as_bytes())))
        };
        match self
            .query
            .get(name)
            .cloned()
            .or_else(in_body)
            .or_else(in_header)
        {
            Some(json) => object(name, json, sniffed && !self.typed).map(Some),
            None => Ok(None),
        }
    }

    /// The body of a new or changed instance. It is moved out of the arguments.
    pub fn data(&mut self, def: &'static ModelDef) -> Result<Record> {
        self.data_by(|members| record(def, members))
    }

    /// The body of an instance that `read` reads.
    pub fn data_by(
        &mut self,
        read: impl FnOnce(Map<String, Json>) -> Result<Record>,
    ) -> Result<Record> {
        match self.body.take() {
            Json::Object(members) => read(members),
            other => Err(not_an_object("data", &other)),
        }
    }

    /// The body of a change as extended operators, if it holds some.
    pub fn operators(&mut self, def: &'static ModelDef) -> Option<Result<(Record, Vec<Operator>)>> {
        operator::is_extended(&self.body).then(|| operator::parse(def, self.body.take()))
    }

    /// The body as a list of new instances, if it is a list. Each item fails by itself.
    pub fn list(&mut self, def: &'static ModelDef) -> Option<Vec<Result<Record>>> {
        self.list_by(|members| record(def, members))
    }

    /// The body as a list of instances that `read` reads, if it is a list.
    pub fn list_by(
        &mut self,
        mut read: impl FnMut(Map<String, Json>) -> Result<Record>,
    ) -> Option<Vec<Result<Record>>> {
        let items = std::mem::take(self.body.as_array_mut()?);
        let item = |item| match item {
            Json::Object(members) => read(members),
            _ => Err(
                Error::new(400, "The data argument must be an object or array")
                    .with_name("AssertionError")
                    .with_code("ERR_ASSERTION"),
            ),
        };
        Some(items.into_iter().map(item).collect())
    }
}

/// An argument of the type `object`: JSON text, or what brackets made.
pub(super) fn object(name: &str, json: Json, sniffed: bool) -> Result<Json> {
    let text = match json {
        Json::String(text) => text,
        json if sniffed => return Ok(sniff(json)),
        json => return Ok(json),
    };
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '[']) {
        return serde_json::from_str(&text)
            .map_err(|error| unreadable(name, "object", &text, &error.to_string()));
    }
    let converted = match serde_json::from_str::<Json>(&text) {
        Ok(Json::Null) => "object",
        Ok(Json::Bool(_)) => "boolean",
        Ok(Json::Number(_)) => "number",
        Ok(_) => "string",
        Err(error) => return Err(unreadable(name, "object", &text, &error.to_string())),
    };
    let message = format!(
        "Invalid value for argument '{name}' of type 'object': {text}. Received type was converted to {converted}."
    );
    Err(Error::new(400, message))
}

/// 400 for text that does not hold the JSON it should.
pub(super) fn unreadable(name: &str, ty: &str, text: &str, reason: &str) -> Error {
    let message = format!(
        "invalid value for argument '{name}' of type '{ty}': {text}. Received type was string. Error: {reason}"
    );
    Error::new(400, message)
}

/// 400 for JSON that is no object.
pub(super) fn not_an_object(name: &str, json: &Json) -> Error {
    let shown = json
        .as_str()
        .map_or_else(|| json.to_string(), str::to_owned);
    let received = match json {
        Json::Null => {
            let message = format!(
                "Invalid value for argument '{name}' of type 'object': null. Received type was converted to object."
            );
            return Error::new(400, message);
        }
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) | Json::Object(_) => "object",
    };
    let message = format!(
        "invalid value for argument '{name}' of type 'object': {shown}. Received type was {received}. Error: {name} must be object"
    );
    Error::new(400, message)
}

/// The record of a JSON object. What only the application writes is dropped, and what the model does not declare is kept
/// aside, unless it is dropped anyway.
pub(crate) fn record(def: &'static ModelDef, mut members: Map<String, Json>) -> Result<Record> {
    let mut record = Record::new(def);
    let mut violations = Vec::new();
    for (index, property) in def.properties.iter().enumerate() {
        if property.extra {
            continue;
        }
        let Some(mut json) = members.shift_remove(property.name) else {
            continue;
        };
        if property.read_only {
            continue;
        }
        if let Some(within) = property.ty.object() {
            drop_read_only(within, &mut json);
        }
        if let Some(value) = coerce(property, json, &mut violations)? {
            record.set(index, value);
        }
    }
    if def.strict != Strict::Drop {
        members.retain(|name, _| def.relation(name).is_none());
        if !members.is_empty() {
            *record.undeclared_mut() = members;
        }
    }
    if violations.is_empty() {
        Ok(record)
    } else {
        Err(validation_error(def, &violations))
    }
}

/// Drops what only the application writes from what is within a property. A caller who brings along what is within it, as a
/// whole, leaves it at its default; one who changes it by way of its relation leaves it as it is.
fn drop_read_only(def: &ObjectDef, json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| drop_read_only(def, item)),
        Json::Object(members) => {
            for member in def.properties {
                if member.read_only {
                    members.shift_remove(member.name);
                } else if let (Some(within), Some(json)) =
                    (member.ty.object(), members.get_mut(member.name))
                {
                    drop_read_only(within, json);
                }
            }
        }
        _ => {}
    }
}

/// The value that `json` is for `property`; nothing, and one more violation, when it is none.
pub(super) fn coerce(
    property: &PropertyDef,
    mut json: Json,
    violations: &mut Vec<Violation>,
) -> Result<Option<Value>> {
    match property.ty.take_from(&mut json) {
        Ok(value) => Ok(Some(value)),
        Err(CoercionError::Invalid { code, message }) => {
            let shown = match json {
                Json::String(text) => Value::String(text),
                other => Value::Json(Box::new(other)),
            };
            violations.push(Violation::new(property.name, code, message, Some(&shown)));
            Ok(None)
        }
        Err(CoercionError::Malformed {
            name,
            code,
            message,
        }) => {
            let error = Error::new(400, message).with_name(name);
            let error = match code {
                Some(code) => error.with_code(code),
                None => error,
            };
            Err(error.with_property("property", property.name))
        }
    }
}

/// Milliseconds, as a number or its text.
fn ttl(json: &Json) -> Result<Duration> {
    let number = match json {
        Json::String(text) => text.parse().ok(),
        json => json.as_f64(),
    };
    // Whole, however it is written: `1e3`.
    let whole = number.filter(|number| number.fract() == 0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number out of bounds becomes the nearest bound, which is refused"
    )]
    let milliseconds = whole.map(|number: f64| number as u64);
    milliseconds.map(Duration::from_millis).ok_or_else(no_ttl)
}

/// The `filter` in a query string, as every list of a model reads it: for handlers of an application's own.
///
/// ```
/// use loopwright::prelude::*;
/// use loopwright::remoting;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
/// }
///
/// let filter = remoting::filter(Shop::DEF, "filter[where][name]=Bel&filter[limit]=5")?;
/// assert_eq!((filter.condition, filter.limit), (Shop::NAME.eq("Bel"), Some(5)));
/// let error = remoting::filter(Shop::DEF, "filter[where][nmae]=Bel").unwrap_err();
/// assert!(error.message().contains("did you mean \"name\"?"));
/// # Ok::<_, Error>(())
/// ```
///
/// # Errors
/// 400, with the part of the filter that can't be understood, or that names a hidden property.
pub fn filter(def: &'static ModelDef, query: &str) -> Result<Filter> {
    let mut query = super::query_string::parse(query.as_bytes());
    match query.remove("filter") {
        Some(json) => Filter::from_json(def, object("filter", json, true)?, false),
        None => Ok(Filter::ALL),
    }
}
