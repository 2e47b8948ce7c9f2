//! The properties of a definition (contract *models.md* §2, §3).

use serde_json::Value as Json;

use super::problem::Problems;
use super::source::{Member, Node, Place, Value};
use super::store::Store;
use crate::model::{IndexDef, PropertyDef, PropertyType};

/// A property, as far as it is understood.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub name: String,
    pub place: Place,
    pub docs: String,
    pub ty: Type,
    pub required: bool,
    pub id: bool,
    pub generated: bool,
    pub default: Option<Default>,
    pub index: Option<IndexDef>,
    /// The column, where it has not the property's name.
    pub column: String,
    /// The longest text.
    pub length: Option<usize>,
    pub hidden: bool,
    pub protected: bool,
    /// The property of the built-in model that this one is: what is not said here, that one says.
    pub inherited: Option<&'static PropertyDef>,
}

/// The type of a property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Boolean,
    Integer,
    Float,
    String,
    DateTime,
    Bytes,
    GeoPoint,
    ObjectId,
    Json,
    List(Box<Type>),
    /// An instance of the model of this name.
    Model(String),
}

/// What an absent property becomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Default {
    Now,
    Uuid,
    Guid,
    ShortId,
    EmptyList,
    Literal(Json),
    /// An instance with these members.
    Object(Place, Json),
}

const KEYS: [&str; 31] = [
    "type",
    "required",
    "default",
    "defaultFn",
    "id",
    "generated",
    "index",
    "length",
    "precision",
    "scale",
    "description",
    "doc",
    "mysql",
    "postgresql",
    "mssql",
    "oracle",
    "mongodb",
    "sqlite3",
    "memory",
    "cassandra",
    "db2",
    "min",
    "max",
    "pattern",
    "trim",
    "lowercase",
    "uppercase",
    "format",
    "updateOnly",
    "comments",
    "useDefaultIdType",
];

/// LoopBack knows these and does nothing about them.
const IGNORED: [&str; 9] = [
    "precision",
    "scale",
    "min",
    "max",
    "pattern",
    "trim",
    "lowercase",
    "uppercase",
    "format",
];

/// Those that tell whole numbers from others.
const DATABASES: [&str; 5] = ["mysql", "postgresql", "mssql", "oracle", "sqlite3"];

const TYPES: [&str; 13] = [
    "string", "number", "boolean", "date", "object", "array", "any", "buffer", "geopoint", "json",
    "text", "binary", "objectid",
];

impl Property {
    /// The property that `member` declares, as `store` keeps it; `models` holds the names of models.
    pub fn read(
        member: &Member,
        store: Store,
        models: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Member { key, place, node } = member;
        if key.is_empty() || key.contains(['.', '$', '\0']) {
            problems.mistake(
                place,
                format!("`{key}` can't be the name of a property; use letters, digits and `_`"),
            );
            return None;
        }
        let Value::Object(members) = &node.value else {
            // The short form: `"name": "string"`.
            let ty = Type::read(node, models, problems)?;
            return Some(Property::plain(key, place, ty, store));
        };
        for member in members {
            if !KEYS.contains(&member.key.as_str()) {
                problems.unknown(&member.place, "key of a property", &member.key, &KEYS);
            }
            if IGNORED.contains(&member.key.as_str()) && !member.node.is_null() {
                problems.note(
                    &member.place,
                    format!("LoopBack ignores `{}`, and so does loopwright", member.key),
                );
            }
        }
        let Some(ty) = node.get("type") else {
            problems.mistake(
                place,
                format!("`{key}` has no type; write `\"type\": \"string\"`"),
            );
            return None;
        };
        let mut property = Property::plain(key, place, Type::read(ty, models, problems)?, store);
        let truthy = |key| node.get(key).is_some_and(Node::is_truthy);
        property.docs = text(node.get("description").or(node.get("doc")));
        property.required = truthy("required");
        if let Some(Value::Object(_)) = node.get("required").map(|required| &required.value) {
            problems.missing(
                place,
                format!(
                    "`required` of `{key}` with a message of its own is not there yet; write `true`"
                ),
            );
        }
        property.id = truthy("id");
        property.default = default(&property, node, problems);
        property.generated = property.id && truthy("generated") && property.default.is_none();
        if property.generated {
            property.ty = store.id_type();
        }
        property.index = index(node, problems);
        property.length = length(&property, node);
        if let Some(column) = store.keys().iter().find_map(|key| node.get(key)) {
            let names = ["columnName", "column", "fieldName", "field"];
            let name = names.iter().find_map(|name| column.get(name)?.as_str());
            property.column = name.map_or(property.column, str::to_owned);
        }
        if property.ty == Type::Float && DATABASES.iter().any(|key| is_whole(node.get(key))) {
            property.ty = Type::Integer;
        }
        Some(property)
    }

    /// A property of which nothing but name and type is said.
    pub fn plain(name: &str, place: &Place, ty: Type, store: Store) -> Self {
        Property {
            name: name.to_owned(),
            place: place.clone(),
            docs: String::new(),
            ty,
            required: false,
            id: false,
            generated: false,
            default: None,
            index: None,
            column: store.name(name),
            length: None,
            hidden: false,
            protected: false,
            inherited: None,
        }
    }

    /// May it be absent or null?
    pub fn nullable(&self) -> bool {
        !self.required && !self.id
    }
}

impl Type {
    pub fn read(node: &Node, models: &[&str], problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Scalar(Json::String(name)) => Type::named(name, &node.place, models, problems),
            Value::List(items) => match items.as_slice() {
                [] => Some(Type::Json),
                [item] => {
                    let item = item.get("type").unwrap_or(item);
                    Some(match Type::read(item, models, problems)? {
                        Type::Json => Type::Json,
                        item => Type::List(Box::new(item)),
                    })
                }
                _ => {
                    problems.mistake(
                        &node.place,
                        "the items of a list have one type; write it alone: `[\"string\"]`",
                    );
                    None
                }
            },
            // An object within the model keeps what it is given, as LoopBack's anonymous models do.
            Value::Object(_) => Some(Type::Json),
            Value::Scalar(_) => {
                problems.mistake(&node.place, "a type is a name; write `\"string\"`");
                None
            }
        }
    }

    fn named(name: &str, place: &Place, models: &[&str], problems: &mut Problems) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "string" | "text" => Type::String,
            "number" => Type::Float,
            "boolean" => Type::Boolean,
            "date" => Type::DateTime,
            "buffer" | "binary" => Type::Bytes,
            "geopoint" => Type::GeoPoint,
            "objectid" => Type::ObjectId,
            "object" | "array" | "any" | "json" => Type::Json,
            // Another model within this one: its members are JSON.
            _ if models.contains(&name) => Type::Json,
            _ => {
                let known: Vec<_> = TYPES.iter().chain(models).copied().collect();
                problems.unknown(place, "type", name, &known);
                return None;
            }
        })
    }
}

fn default(property: &Property, node: &Node, problems: &mut Problems) -> Option<Default> {
    if let Some(function) = node.get("defaultFn") {
        return match function.as_str().unwrap_or_default() {
            "now" if property.ty == Type::DateTime => Some(Default::Now),
            // LoopBack's `uuid` is one of the time, too (contract models.md §3.1).
            "guid" | "uuid" if property.ty == Type::String => Some(Default::Guid),
            "uuidv4" if property.ty == Type::String => Some(Default::Uuid),
            "shortid" if property.ty == Type::String => Some(Default::ShortId),
            "now" | "guid" | "uuid" | "uuidv4" | "shortid" => {
                problems.mistake(
                    &function.place,
                    format!(
                        "`{}` is of another type than what this function returns",
                        property.name
                    ),
                );
                None
            }
            other => {
                let known = ["now", "guid", "uuid", "uuidv4", "shortid"];
                problems.unknown(&function.place, "function for defaults", other, &known);
                None
            }
        };
    }
    let default = node.get("default")?;
    match (&default.value, &property.ty) {
        (Value::Scalar(Json::Null), _) => None,
        (Value::Scalar(Json::String(text)), Type::DateTime) if text == "$now" => Some(Default::Now),
        (Value::Scalar(json), ty) if fits(json, ty) => Some(Default::Literal(json.clone())),
        (Value::Scalar(json), _) => {
            problems.mistake(
                &default.place,
                format!(
                    "{json} is no value of `{}`; write one of its type",
                    property.name
                ),
            );
            None
        }
        _ => {
            problems.missing(&default.place, "a default that is a list or an object is not there yet; leave it out, and set it where instances are made");
            None
        }
    }
}

fn fits(json: &Json, ty: &Type) -> bool {
    match ty {
        Type::Boolean => json.is_boolean(),
        Type::Integer => json.is_i64(),
        Type::Float => json.is_number(),
        Type::String => json.is_string(),
        Type::DateTime => PropertyType::DateTime.from_json(json.clone()).is_ok(),
        Type::Json => true,
        Type::Bytes | Type::GeoPoint | Type::ObjectId | Type::List(_) | Type::Model(_) => false,
    }
}

/// Does a database keep whole numbers in the column?
fn is_whole(column: Option<&Node>) -> bool {
    let declared = column.and_then(|column| column.get("dataType")?.as_str());
    declared.is_some_and(|declared| declared.to_lowercase().contains("int"))
}

fn index(node: &Node, problems: &mut Problems) -> Option<IndexDef> {
    let index = node.get("index").filter(|index| index.is_truthy())?;
    if let Value::Object(members) = &index.value {
        for member in members {
            match member.key.as_str() {
                "unique" => {}
                "mongodb" | "kind" | "type" | "mysql" | "postgresql" => problems.note(
                    &member.place,
                    format!("`{}` of an index is left out", member.key),
                ),
                other => problems.unknown(&member.place, "key of an index", other, &["unique"]),
            }
        }
    }
    let unique = index.get("unique").is_some_and(Node::is_truthy);
    Some(if unique {
        IndexDef::Unique
    } else {
        IndexDef::Plain
    })
}

fn length(property: &Property, node: &Node) -> Option<usize> {
    let length = node.get("length")?.to_json();
    let length = length.as_u64().or_else(|| length.as_str()?.parse().ok())?;
    usize::try_from(length)
        .ok()
        .filter(|_| property.ty == Type::String)
}

/// Text, or lines of it.
pub(super) fn text(node: Option<&Node>) -> String {
    let lines: Vec<_> = node
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_str)
        .collect();
    lines.join("\n")
}

impl Type {
    /// The type of a property that the program describes, if definitions have a word for it.
    pub fn of(property: &PropertyDef) -> Option<Self> {
        Type::of_type(&property.ty)
    }

    fn of_type(ty: &PropertyType) -> Option<Self> {
        Some(match ty {
            PropertyType::Boolean => Type::Boolean,
            PropertyType::Integer {
                min: i64::MIN,
                max: i64::MAX,
            } => Type::Integer,
            PropertyType::String => Type::String,
            PropertyType::DateTime => Type::DateTime,
            PropertyType::ObjectId => Type::ObjectId,
            PropertyType::Array(item) => Type::List(Box::new(Type::of_type(item)?)),
            _ => return None,
        })
    }
}
