//! Values by which records are looked up.

use crate::model::Value;

/// A value by which records can be looked up.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Integer(i64),
    Uuid(uuid::Uuid),
    Text(String),
}

impl Key {
    /// Nothing, for null: it belongs to nothing.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Integer(number) => Some(Key::Integer(*number)),
            Value::Uuid(uuid) => Some(Key::Uuid(*uuid)),
            other => Some(Key::Text(other.to_text())),
        }
    }
}
