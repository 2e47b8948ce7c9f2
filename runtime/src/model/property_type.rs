//! The types that properties can have, as data.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{ModelDef, PropertyDef, Record, Value};

/// The type of a property, without its Rust type: what SQL columns, coercion and JSON schemas are chosen by.
#[derive(Debug, Clone, Copy)]
pub enum PropertyType {
    /// `bool`
    Boolean,
    /// An integer between two bounds, both included.
    Integer {
        /// The least value that the Rust type can hold.
        min: i64,
        /// The greatest value that the Rust type can hold. `u64` stops at [`i64::MAX`], as databases do.
        max: i64,
    },
    /// `f32` and `f64`
    Float,
    /// An exact decimal number.
    Decimal,
    /// Text.
    String,
    /// An instant, kept in UTC.
    DateTime,
    /// A calendar day.
    Date,
    /// A UUID.
    Uuid,
    /// MongoDB's kind of id.
    ObjectId,
    /// Raw bytes.
    Bytes,
    /// A place on earth.
    GeoPoint,
    /// Any JSON value.
    Json,
    /// One of some texts.
    Enum(&'static [&'static str]),
    /// A list of items of one type.
    Array(&'static PropertyType),
    /// A nested struct.
    Object(&'static ObjectDef),
}

/// The description of a struct that is nested in a model; stored as JSON.
#[derive(Debug)]
pub struct ObjectDef {
    /// The struct's name.
    pub name: &'static str,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// The members in the order of their declaration.
    pub properties: &'static [PropertyDef],
    /// Is it a model, whose own rules say what it can't be without?
    pub embedded: bool,
}

impl ObjectDef {
    /// A nested struct without documentation.
    ///
    /// # Panics
    /// At compile time, when it has a field for undeclared properties.
    pub const fn new(name: &'static str, properties: &'static [PropertyDef]) -> Self {
        let mut index = 0;
        while index < properties.len() {
            assert!(
                !properties[index].extra,
                "only a model keeps undeclared properties; write a field of the type `serde_json::Value`"
            );
            index += 1;
        }
        ObjectDef {
            name,
            docs: "",
            properties,
            embedded: false,
        }
    }

    /// A model that is kept within others. It has no field for undeclared properties, which the derive checks.
    pub const fn of_model(def: &ModelDef) -> Self {
        ObjectDef {
            name: def.name,
            docs: def.docs,
            properties: def.properties,
            embedded: true,
        }
    }

    /// The description with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// Is there a member, or one of a member, that others may not see?
    fn hides(&self) -> bool {
        let mut members = self.properties.iter();
        members.any(|member| {
            member.hidden || member.protected || member.ty.object().is_some_and(ObjectDef::hides)
        })
    }

    /// Room for the members.
    pub fn empty_record(&self) -> Record {
        Record::with_len(self.properties.len())
    }

    /// The value that holds the members of `record`.
    pub fn value(&self, record: &Record) -> Value {
        Value::Json(Box::new(self.json(record)))
    }

    /// The members that `value` holds, or nothing when it is no such struct.
    pub fn record_of(&self, value: Value) -> Option<Record> {
        match value {
            Value::Json(json) => self.record(*json).ok(),
            _ => None,
        }
    }
}

impl PropertyType {
    /// The nested struct that this is, or a list of.
    pub(crate) const fn object(&self) -> Option<&'static ObjectDef> {
        match self {
            PropertyType::Object(def) => Some(def),
            PropertyType::Array(item) => item.object(),
            _ => None,
        }
    }

    /// Is there something within a value of this type that others may not see?
    pub(crate) fn hides(&self) -> bool {
        self.object().is_some_and(ObjectDef::hides)
    }

    /// What others may see of a value of this type: what is nested in an instance has neither hidden nor protected members.
    pub(crate) fn shown<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        let Some(def) = self.object().filter(|def| def.hides()) else {
            return Cow::Borrowed(value);
        };
        let mut shown = value.clone();
        hide(def, &mut shown);
        Cow::Owned(shown)
    }

    /// Is a value of this type stored as JSON text rather than as a scalar?
    pub const fn is_structured(&self) -> bool {
        matches!(
            self,
            PropertyType::Json
                | PropertyType::Array(_)
                | PropertyType::Object(_)
                | PropertyType::GeoPoint
        )
    }

    /// What a caller should send, for messages: `a number`, `text`, …
    pub const fn expectation(&self) -> &'static str {
        match self {
            PropertyType::Boolean => "true or false",
            PropertyType::Integer { .. } => "an integer",
            PropertyType::Float | PropertyType::Decimal => "a number",
            PropertyType::String => "text",
            PropertyType::DateTime => "an ISO 8601 date-time",
            PropertyType::Date => "an ISO 8601 date",
            PropertyType::Uuid => "a UUID",
            PropertyType::ObjectId => "24 hexadecimal digits",
            PropertyType::Bytes => "bytes",
            PropertyType::GeoPoint => "a point: {\"lat\": …, \"lng\": …}",
            PropertyType::Json => "JSON",
            PropertyType::Enum(_) => "one of the listed words",
            PropertyType::Array(_) => "a list",
            PropertyType::Object(_) => "an object",
        }
    }
}

fn hide(def: &ObjectDef, value: &mut Value) {
    match value {
        Value::Json(json) => hide_members(def, json),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(def, item)),
        _ => {}
    }
}

fn hide_members(def: &ObjectDef, json: &mut Json) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| hide_members(def, item)),
        Json::Object(members) => {
            for member in def.properties {
                if member.hidden || member.protected {
                    members.remove(member.name);
                } else if let Some(def) = member.ty.object()
                    && let Some(json) = members.get_mut(member.name)
                {
                    hide_members(def, json);
                }
            }
        }
        _ => {}
    }
}
