//! The values of statements, as SQLite keeps them.

use chrono::SecondsFormat;
use rusqlite::types::Value;
use sea_orm::sea_query::Value as Bound;

/// The value as the pool's driver writes it. None for those that statements of models don't have.
pub(super) fn parameter(value: &Bound) -> Option<Value> {
    let written = match value {
        Bound::Bool(value) => value.map(Value::from),
        Bound::BigInt(value) => value.map(Value::Integer),
        Bound::Int(value) => value.map(Value::from),
        Bound::BigUnsigned(None) => None,
        Bound::BigUnsigned(Some(number)) => Some(Value::Integer(i64::try_from(*number).ok()?)),
        Bound::Double(value) => value.map(Value::Real),
        Bound::String(value) => value.clone().map(Value::Text),
        Bound::Bytes(value) => value.clone().map(Value::Blob),
        Bound::Json(value) => value.as_ref().map(|json| Value::Text(json.to_string())),
        Bound::ChronoDate(value) => value.map(|day| Value::Text(day.format("%F").to_string())),
        Bound::ChronoDateTimeUtc(value) => {
            value.map(|instant| Value::Text(instant.to_rfc3339_opts(SecondsFormat::AutoSi, false)))
        }
        _ => return None,
    };
    Some(written.unwrap_or(Value::Null))
}
