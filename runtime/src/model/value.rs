//! A property's value without its Rust type.

use std::cmp::Ordering;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{GeoPoint, ObjectId, PropertyType};

/// The value of one property, as it travels between JSON, the struct and the data source.
///
/// Its [`Serialize`] is LoopBack's JSON (contract *rest.md* §6): dates with milliseconds in UTC, bytes as
/// `{"type":"Buffer","data":[…]}`, decimals as text so that no digit is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value. A property that was not given at all has no `Value`.
    Null,
    /// `bool`
    Boolean(bool),
    /// Every integer type.
    Integer(i64),
    /// `f32` and `f64`
    Float(f64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// Text, and the name of an enum's variant.
    String(String),
    /// An instant, in UTC.
    DateTime(DateTime<Utc>),
    /// A calendar day.
    Date(NaiveDate),
    /// A UUID.
    Uuid(Uuid),
    /// MongoDB's kind of id.
    ObjectId(ObjectId),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A place on earth.
    GeoPoint(GeoPoint),
    /// A list.
    Array(Vec<Value>),
    /// Any JSON value, and a nested struct.
    // Boxed: a JSON map would double the size of every value.
    Json(Box<Json>),
}

impl Value {
    /// Is this [`Value::Null`]?
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Blank in LoopBack's sense (contract *models.md* §9.1): null, `""`, `[]` or not a number.
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Json(json) => json.is_null() || json.as_array().is_some_and(Vec::is_empty),
            Value::Float(number) => number.is_nan(),
            _ => false,
        }
    }

    /// An id that stands for "give me one": null, `0`, `""`, the nil UUID or its like (contract *models.md* §3.3).
    pub fn is_blank_id(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Integer(number) => *number == 0,
            Value::String(text) => text.is_empty(),
            Value::Uuid(uuid) => uuid.is_nil(),
            Value::ObjectId(id) => id.is_nil(),
            _ => false,
        }
    }

    /// The id of the type `ty` that a new instance has until it gets one.
    pub(crate) fn blank_id(ty: &PropertyType) -> Value {
        match ty {
            PropertyType::Integer { .. } => Value::Integer(0),
            PropertyType::String => Value::String(String::new()),
            PropertyType::Uuid => Value::Uuid(Uuid::nil()),
            PropertyType::ObjectId => Value::ObjectId(ObjectId::default()),
            _ => Value::Null,
        }
    }

    /// The value as text, as LoopBack prints it inside messages.
    pub fn to_text(&self) -> String {
        match self {
            Value::String(text) => text.clone(),
            Value::Uuid(uuid) => uuid.to_string(),
            Value::ObjectId(id) => id.to_string(),
            Value::Decimal(decimal) => decimal.to_string(),
            Value::DateTime(instant) => iso(instant),
            Value::Date(day) => day.to_string(),
            other => other.to_json().to_string(),
        }
    }

    /// The value as a JSON tree. Responses are serialised directly; this is for messages and nested storage.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }
}

/// Values of one type are ordered as every data source orders them: text by code point, false before true. Values of
/// two types, JSON and points have no order.
impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Value::Null, Value::Null) => Some(Ordering::Equal),
            (Value::Boolean(left), Value::Boolean(right)) => left.partial_cmp(right),
            (Value::Integer(left), Value::Integer(right)) => left.partial_cmp(right),
            (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
            (Value::Decimal(left), Value::Decimal(right)) => left.partial_cmp(right),
            (Value::String(left), Value::String(right)) => left.partial_cmp(right),
            (Value::DateTime(left), Value::DateTime(right)) => left.partial_cmp(right),
            (Value::Date(left), Value::Date(right)) => left.partial_cmp(right),
            (Value::Uuid(left), Value::Uuid(right)) => left.partial_cmp(right),
            (Value::ObjectId(left), Value::ObjectId(right)) => left.partial_cmp(right),
            (Value::Bytes(left), Value::Bytes(right)) => left.partial_cmp(right),
            (Value::Array(left), Value::Array(right)) => left.partial_cmp(right),
            _ => None,
        }
    }
}

/// `2015-01-01T00:00:00.000Z`: what JavaScript's `toISOString` prints, and every LoopBack client parses.
pub(crate) fn iso(instant: &DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The same without an allocation, for years of four digits: an answer of many instances is full of instants.
pub(super) fn short_iso(instant: &DateTime<Utc>) -> Option<[u8; 24]> {
    /// Writes `number` with leading zeros.
    fn digits(place: &mut [u8], mut number: u32) {
        for digit in place.iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }

    // Otherwise each part would be brought into its time zone by itself.
    let instant = instant.naive_utc();
    let year = u32::try_from(instant.year())
        .ok()
        .filter(|year| *year <= 9999)?;
    let milliseconds = instant.nanosecond() / 1_000_000;
    // A leap second, which chrono counts on within the second before.
    if milliseconds >= 1000 {
        return None;
    }
    let mut text = *b"0000-00-00T00:00:00.000Z";
    digits(&mut text[..4], year);
    digits(&mut text[5..7], instant.month());
    digits(&mut text[8..10], instant.day());
    digits(&mut text[11..13], instant.hour());
    digits(&mut text[14..16], instant.minute());
    digits(&mut text[17..19], instant.second());
    digits(&mut text[20..23], milliseconds);
    Some(text)
}

/// The whole number that this is, as far as floats count exactly: JavaScript writes it without a point.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole, and within what a float counts exactly"
)]
pub(super) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// A number as JavaScript writes it: a whole one without a point.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(super) fn serialize_number<S: Serializer>(
    number: &f64,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match whole(*number) {
        Some(number) => serializer.serialize_i64(number),
        None => serializer.serialize_f64(*number),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(flag) => serializer.serialize_bool(*flag),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Float(number) if number.is_finite() => serialize_number(number, serializer),
            Value::Float(_) => serializer.serialize_unit(),
            Value::Decimal(decimal) => serializer.collect_str(decimal),
            Value::String(text) => serializer.serialize_str(text),
            Value::DateTime(instant) => {
                match short_iso(instant).as_ref().map(|text| str::from_utf8(text)) {
                    Some(Ok(text)) => serializer.serialize_str(text),
                    _ => serializer.serialize_str(&iso(instant)),
                }
            }
            Value::Date(day) => serializer.collect_str(day),
            Value::Uuid(uuid) => serializer.collect_str(uuid),
            Value::ObjectId(id) => serializer.collect_str(id),
            Value::Bytes(bytes) => {
                let mut buffer = serializer.serialize_struct("Buffer", 2)?;
                buffer.serialize_field("type", "Buffer")?;
                buffer.serialize_field("data", bytes)?;
                buffer.end()
            }
            Value::GeoPoint(point) => point.serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items),
            Value::Json(json) => json.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_serialise_as_loopback_does() {
        let instant = "2015-01-01T00:00:00Z".parse().unwrap();
        let cases = [
            (Value::DateTime(instant), r#""2015-01-01T00:00:00.000Z""#),
            (
                Value::Bytes(b"hi".to_vec()),
                r#"{"type":"Buffer","data":[104,105]}"#,
            ),
            (Value::Float(f64::NAN), "null"),
            (Value::Decimal(Decimal::new(150, 2)), r#""1.50""#),
            (
                Value::GeoPoint(GeoPoint {
                    lat: 10.0,
                    lng: 20.5,
                }),
                r#"{"lat":10,"lng":20.5}"#,
            ),
        ];
        for (value, json) in cases {
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
        }
    }

    #[test]
    fn instants_are_written_as_chrono_writes_them() {
        for text in [
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999Z",
            "2024-02-29T01:02:03.004005006Z",
            "9999-12-31T23:59:59.9999Z",
            "2016-12-31T23:59:60.5Z",
            "+12024-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ] {
            let instant: DateTime<Utc> = text.parse().unwrap();
            let json = serde_json::to_string(&Value::DateTime(instant)).unwrap();
            assert_eq!(json, format!("\"{}\"", iso(&instant)));
        }
    }

    #[test]
    fn a_value_stays_within_four_words() {
        assert!(size_of::<Option<Value>>() <= 32);
    }
}
