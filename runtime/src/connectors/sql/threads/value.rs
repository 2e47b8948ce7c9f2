//! Columns as SQLite keeps them, as values.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use rusqlite::types::{Type, ValueRef};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

use super::rows::Fetched;
use crate::connectors::sql::column::DecodeError;
use crate::model::{PropertyDef, PropertyType, Value};

/// The value in the column at `position` of `row`: what the pool's driver would read there.
pub(in crate::connectors::sql) fn decode(
    row: Fetched<'_>,
    position: usize,
    property: &PropertyDef,
) -> Result<Value, DecodeError> {
    let found = row.get(position).ok_or("the column is missing")?;
    let value = match (property.ty, found) {
        (_, ValueRef::Null) => Value::Null,
        (PropertyType::Boolean, ValueRef::Integer(number)) => Value::Boolean(number != 0),
        (PropertyType::Integer { .. }, ValueRef::Integer(number)) => Value::Integer(number),
        (PropertyType::Float, ValueRef::Real(number)) => Value::Float(number),
        (PropertyType::Decimal, ValueRef::Text(text)) => Value::Decimal(read(text)?.parse()?),
        (PropertyType::Decimal, ValueRef::Integer(number)) => Value::Decimal(number.into()),
        (PropertyType::Decimal, ValueRef::Real(number)) => {
            Value::Decimal(Decimal::try_from(number)?)
        }
        (PropertyType::String | PropertyType::Enum(_), ValueRef::Text(text)) => {
            Value::String(read(text)?.to_owned())
        }
        // SQLite takes numbers everywhere.
        (PropertyType::String | PropertyType::Enum(_), ValueRef::Integer(number)) => {
            Value::String(number.to_string())
        }
        (PropertyType::String | PropertyType::Enum(_), ValueRef::Real(number)) => {
            Value::String(number.to_string())
        }
        (PropertyType::DateTime, found) => Value::DateTime(instant(found)?.to_utc()),
        (PropertyType::Date, found) => Value::Date(day(found)?),
        (PropertyType::Uuid, ValueRef::Text(text)) => Value::Uuid(Uuid::try_parse(read(text)?)?),
        (PropertyType::Uuid, ValueRef::Blob(bytes)) => Value::Uuid(Uuid::from_slice(bytes)?),
        (PropertyType::ObjectId, ValueRef::Text(text)) => Value::ObjectId(read(text)?.parse()?),
        (PropertyType::Bytes, ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => {
            Value::Bytes(bytes.to_vec())
        }
        (PropertyType::Json, ValueRef::Text(text)) => {
            Value::Json(Box::new(serde_json::from_slice(text)?))
        }
        (structured, ValueRef::Text(text)) if structured.is_structured() => {
            let json: Json = serde_json::from_slice(text)?;
            let value = structured.from_json(json);
            value.map_err(|error| format!("{error:?}"))?
        }
        (ty, found) => return Err(unfit(ty, found)),
    };
    Ok(value)
}

fn unfit(property: PropertyType, found: ValueRef<'_>) -> DecodeError {
    let found = match found.data_type() {
        Type::Null => "null",
        Type::Integer => "an integer",
        Type::Real => "a float",
        Type::Text => "text",
        Type::Blob => "bytes",
    };
    format!("{found} is not {}", property.expectation()).into()
}

fn read(text: &[u8]) -> Result<&str, DecodeError> {
    Ok(std::str::from_utf8(text)?)
}

fn day(found: ValueRef<'_>) -> Result<NaiveDate, DecodeError> {
    if let ValueRef::Text(text) = found
        && let Ok(day) = NaiveDate::parse_from_str(read(text)?, "%F")
    {
        return Ok(day);
    }
    Ok(instant(found)?.naive_local().date())
}

/// An instant, which other programs write as text of any form, as seconds or as days.
fn instant(found: ValueRef<'_>) -> Result<DateTime<FixedOffset>, DecodeError> {
    let instant = match found {
        ValueRef::Text(text) => written(read(text)?),
        ValueRef::Integer(seconds) => DateTime::from_timestamp(seconds, 0).map(Into::into),
        ValueRef::Real(days) => of_julian_days(days).map(Into::into),
        other => return Err(unfit(PropertyType::DateTime, other)),
    };
    instant.ok_or_else(|| "it is none of the forms that an instant has in SQLite".into())
}

/// The forms in which SQLite's own functions read an instant.
fn written(text: &str) -> Option<DateTime<FixedOffset>> {
    const WITH_OFFSET: [&str; 4] = ["%F %R%:z", "%F %T%.f%:z", "%FT%R%:z", "%FT%T%.f%:z"];
    const IN_UTC: [&str; 8] = [
        "%F %T%.f",
        "%F %R",
        "%F %RZ",
        "%F %T%.fZ",
        "%FT%R",
        "%FT%RZ",
        "%FT%T%.f",
        "%FT%T%.fZ",
    ];

    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant);
    }
    let with_offset = || {
        let mut forms = WITH_OFFSET.iter();
        forms.find_map(|form| DateTime::parse_from_str(text, form).ok())
    };
    let in_utc = || {
        let mut forms = IN_UTC.iter();
        let read = forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
        Some(Utc.from_utc_datetime(&read).into())
    };
    with_offset().or_else(in_utc)
}

/// An instant in days since noon of the 24th of November 4714 before Christ.
fn of_julian_days(days: f64) -> Option<DateTime<Utc>> {
    const EPOCH: f64 = 2_440_587.5;
    const SECONDS: f64 = 86_400.0;

    let seconds = (days - EPOCH) * SECONDS;
    if !seconds.is_finite() {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is too much is no instant either"
    )]
    let (whole, nanos) = (seconds.trunc() as i64, (seconds.fract() * 1e9).abs() as u32);
    DateTime::from_timestamp(whole, nanos)
}
