//! From what a caller wrote to what a method takes (contract *models.md* §13.2).

use serde_json::{Map, Value as Json};

use super::RemoteValue;
use crate::model::{
    ArgumentDef, ArgumentSource, CoercionError, Literal, ModelDef, ObjectId, PropertyType, Record,
    RemoteType, Value, missing, validation_error,
};
use crate::remoting::argument::{Arguments, not_an_object, object, record, unreadable};
use crate::remoting::query_string::sniff;
use crate::repository::fill_defaults;
use crate::{Error, Result};

/// The value of `argument` in a request, whose path had the named `parts`.
///
/// # Errors
/// 400, in LoopBack's words, when there is none though there must be one, or one of another type.
pub(super) fn argument(
    argument: &ArgumentDef,
    request: &mut Arguments,
    parts: &[(String, String)],
) -> Result<RemoteValue> {
    let json = find(argument, request, parts);
    let json = json.or_else(|| argument.default.map(Literal::to_json));
    let coercion = Coercion {
        // A whole body is taken as it is.
        sniffs: argument.source != ArgumentSource::Body,
    };
    coercion.coerce(argument.name, &argument.ty, json)
}

/// Where the argument is looked for (contract *models.md* §13.1).
fn find(
    argument: &ArgumentDef,
    request: &mut Arguments,
    parts: &[(String, String)],
) -> Option<Json> {
    let name = argument.name;
    let in_path = || {
        let part = parts.iter().find(|(part, _)| part == name);
        part.map(|(_, text)| Json::String(text.clone()))
    };
    let in_header = |request: &Arguments| {
        let text = request.headers.get(name)?.to_str().ok()?;
        Some(Json::from(text))
    };
    match argument.source {
        ArgumentSource::Path => in_path(),
        ArgumentSource::Query => request.query.get(name).cloned(),
        ArgumentSource::Form => request.body.get(name).cloned(),
        ArgumentSource::Header => in_header(request),
        ArgumentSource::Body => Some(request.body.take()),
        ArgumentSource::Anywhere => in_path()
            .or_else(|| request.body.get(name).cloned())
            .or_else(|| request.query.get(name).cloned())
            .or_else(|| in_header(request)),
    }
}

/// How a request is read.
struct Coercion {
    /// Do texts within objects become what they look like?
    sniffs: bool,
}

impl Coercion {
    fn coerce(&self, name: &str, ty: &RemoteType, json: Option<Json>) -> Result<RemoteValue> {
        match (ty, json) {
            (RemoteType::Nothing | RemoteType::Response, _) => Ok(RemoteValue::Nothing),
            (RemoteType::Optional(_), None | Some(Json::Null)) => Ok(RemoteValue::Nothing),
            (RemoteType::Optional(inner), json) => self.coerce(name, inner, json),
            (RemoteType::List(item), json) => self.list(name, item, json),
            (RemoteType::Value(PropertyType::Boolean, _), None) => {
                Ok(RemoteValue::Value(Value::Boolean(false)))
            }
            (_, None) => Err(Error::new(400, format!("{name} is a required argument"))),
            (RemoteType::Value(ty, _), Some(json)) => {
                self.value(name, ty, json).map(RemoteValue::Value)
            }
            (RemoteType::Instance(def), Some(json)) => {
                let members = self.members(name, json)?;
                let def = def();
                let record = whole(def, record(def, members)?)?;
                Ok(RemoteValue::Instance(def, record))
            }
        }
    }

    /// `[1,2]` as text or JSON; nothing is no item, and anything else is one.
    fn list(&self, name: &str, item: &RemoteType, json: Option<Json>) -> Result<RemoteValue> {
        let items = match json {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::String(text)) if text.is_empty() => Vec::new(),
            Some(Json::String(text)) if text.trim_start().starts_with('[') => {
                serde_json::from_str(&text)
                    .map_err(|error| unreadable(name, "array", &text, &error.to_string()))?
            }
            Some(Json::Array(items)) => items,
            Some(one) => vec![one],
        };
        let items = items.into_iter().enumerate();
        let items =
            items.map(|(index, json)| self.coerce(&format!("{name}[{index}]"), item, Some(json)));
        items.collect::<Result<_>>().map(RemoteValue::List)
    }

    fn value(&self, name: &str, ty: &PropertyType, json: Json) -> Result<Value> {
        let json = match (ty, json) {
            (PropertyType::Integer { .. } | PropertyType::Float | PropertyType::Decimal, json) => {
                return number(name, ty, json);
            }
            (PropertyType::Boolean, json) => return Ok(Value::Boolean(truth(&json))),
            (PropertyType::Json, json) => {
                let json = if self.sniffs { sniff(json) } else { json };
                return Ok(Value::Json(Box::new(json)));
            }
            (PropertyType::Object(_), json) => Json::Object(self.members(name, json)?),
            (PropertyType::String, Json::Array(items)) => {
                let items: Vec<_> = items
                    .iter()
                    .map(|item| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    })
                    .collect();
                Json::String(items.join(","))
            }
            (_, json) => json,
        };
        ty.from_json(json).map_err(|error| {
            Error::new(
                400,
                match error {
                    CoercionError::Invalid { message, .. } => format!("{name} {message}"),
                    CoercionError::Malformed { message, .. } => message,
                },
            )
        })
    }

    /// The members of an object, or of its JSON text.
    fn members(&self, name: &str, json: Json) -> Result<Map<String, Json>> {
        let json = match json {
            text @ Json::String(_) => object(name, text, false)?,
            json => json,
        };
        match json {
            Json::Object(members) => Ok(members),
            other => Err(not_an_object(name, &other)),
        }
    }
}

/// The record with what a struct can't be without: defaults, and a blank id where the data source gives one.
fn whole(def: &'static ModelDef, mut record: Record) -> Result<Record> {
    fill_defaults(def, &mut record, |_| true);
    let id = def.id();
    if id.generated && record.value(def.id_index()).is_null() {
        let blank = match id.ty {
            PropertyType::Integer { .. } => Value::Integer(0),
            PropertyType::Uuid => Value::Uuid(uuid::Uuid::nil()),
            PropertyType::ObjectId => Value::ObjectId(ObjectId::default()),
            _ => Value::String(String::new()),
        };
        record.set(def.id_index(), blank);
    }
    let missing = missing(def, &record);
    if missing.is_empty() {
        Ok(record)
    } else {
        Err(validation_error(def, &missing))
    }
}

fn number(name: &str, ty: &PropertyType, json: Json) -> Result<Value> {
    let json = match json {
        Json::String(text) if text.is_empty() => Json::from(0),
        json => json,
    };
    let shown = json
        .as_str()
        .map_or_else(|| json.to_string(), str::to_owned);
    let as_float = PropertyType::Float.from_json(json.clone());
    let Ok(Value::Float(float)) = as_float else {
        return Err(Error::new(400, format!("{name} must be a number")));
    };
    let number = ty.from_json(json);
    number.map_err(|_| {
        Error::new(400, if float.fract() == 0.0 {
            match ty {
                PropertyType::Integer { min, max } if *max < i64::MAX => format!("{name} must be between {min} and {max}"),
                _ => format!("{name} must be a safe integer"),
            }
        } else {
            format!("Invalid value for argument '{name}' of type 'integer': {shown}. Received type was converted to number.")
        })
    })
}

fn truth(json: &Json) -> bool {
    match json {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !matches!(text.as_str(), "" | "false" | "undefined" | "null" | "0"),
        Json::Array(_) | Json::Object(_) => true,
    }
}
