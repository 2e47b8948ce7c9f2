//! From JSON to values, by property type (contract *models.md* §2).
//!
//! The accidents of JavaScript (`[object Object]`, NaN stored as null, `"no"` taken for true) are refused, with a
//! reason that the caller can act on.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{GeoPoint, ObjectDef, ObjectId, PropertyType, Record, Value};

/// Why a JSON value can't become a property's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoercionError {
    /// The value breaks the property's type: one more entry in a 422 validation error.
    Invalid {
        /// The entry's code.
        code: &'static str,
        /// The entry's message, to follow the property's name.
        message: String,
    },
    /// The value can't be read at all: a 400 with LoopBack's own text.
    Malformed {
        /// The error's name.
        name: &'static str,
        /// The error's code.
        code: Option<&'static str>,
        /// The error's message.
        message: String,
    },
}

use CoercionError::{Invalid, Malformed};

impl PropertyType {
    /// The value that `json` stands for.
    ///
    /// ```
    /// use loopwright::model::{PropertyType, Value};
    ///
    /// let number = PropertyType::Float.from_json("1e3".into()).unwrap();
    /// assert_eq!(number, Value::Float(1000.0));
    /// assert!(PropertyType::Boolean.from_json("no".into()).is_err());
    /// ```
    ///
    /// # Errors
    /// The value has another type and can't be taken for this one.
    pub fn from_json(&self, mut json: Json) -> Result<Value, CoercionError> {
        self.take_from(&mut json)
    }

    /// As [`from_json`](Self::from_json): moves the value out of `json`, and leaves a value that does not fit where it
    /// is, for the message.
    pub(crate) fn take_from(&self, json: &mut Json) -> Result<Value, CoercionError> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        match self {
            PropertyType::Boolean => boolean(json),
            PropertyType::Integer { min, max } => integer(json, *min, *max),
            PropertyType::Float => float(json).map(Value::Float).ok_or_else(not_a_number),
            PropertyType::Decimal => decimal(json).map(Value::Decimal).ok_or_else(not_a_number),
            PropertyType::String => string(json),
            PropertyType::DateTime => date_time(json)
                .map(Value::DateTime)
                .ok_or_else(|| invalid_date(json)),
            PropertyType::Date => date(json)
                .map(Value::Date)
                .ok_or_else(|| invalid_date(json)),
            PropertyType::Uuid => {
                let uuid = json.as_str().and_then(|text| Uuid::try_parse(text).ok());
                uuid.map(Value::Uuid).ok_or_else(|| Invalid {
                    code: "format",
                    message: "is not a UUID".into(),
                })
            }
            PropertyType::ObjectId => {
                let id = json.as_str().and_then(|text| text.parse::<ObjectId>().ok());
                id.map(Value::ObjectId).ok_or_else(|| Invalid {
                    code: "format",
                    message: "is not an object id".into(),
                })
            }
            PropertyType::Bytes => bytes(json)
                .map(Value::Bytes)
                .ok_or_else(|| invalid_type("is not a byte sequence")),
            PropertyType::GeoPoint => geo_point(json).map(Value::GeoPoint),
            PropertyType::Json => Ok(Value::Json(Box::new(json.take()))),
            PropertyType::Enum(variants) => match json {
                Json::String(text) if variants.contains(&text.as_str()) => {
                    Ok(Value::String(std::mem::take(text)))
                }
                _ => Err(Invalid {
                    code: "inclusion",
                    message: "is not included in the list".into(),
                }),
            },
            PropertyType::Array(item) => list(item, json.clone()),
            PropertyType::Object(def) => def
                .record(json.clone())
                .map(|record| Value::Json(Box::new(def.json(&record)))),
        }
    }
}

impl ObjectDef {
    /// The nested struct's members from its JSON.
    ///
    /// # Errors
    /// A member is missing or has another type. Members that the struct lacks are dropped.
    pub fn record(&self, json: Json) -> Result<Record, CoercionError> {
        let Json::Object(mut members) = json else {
            return Err(malformed(format!("Value is not an object: {json}")));
        };
        let mut record = Record::with_len(self.properties.len());
        for (index, property) in self.properties.iter().enumerate() {
            let given = members.remove(property.name);
            let absent = given.is_none() && property.default.is_none();
            let value = match given {
                Some(json) => property.ty.from_json(json).map_err(|error| match error {
                    Invalid { code: _, message } => invalid_member(property.name, &message),
                    malformed => malformed,
                })?,
                None => property
                    .default
                    .map_or(Value::Null, |default| default.value(&property.ty)),
            };
            if self.embedded {
                // What a model lacks, its rules say.
                if absent {
                    continue;
                }
            } else if value.is_null() && !property.nullable {
                return Err(invalid_member(property.name, "can't be blank"));
            }
            record.set(index, value);
        }
        Ok(record)
    }

    /// The nested struct's JSON from its members.
    pub fn json(&self, record: &Record) -> Json {
        let members = super::record::present(self.properties, record);
        Json::Object(
            members
                .map(|(property, value)| (property.name.to_owned(), value.to_json()))
                .collect(),
        )
    }
}

fn invalid_member(name: &str, message: &str) -> CoercionError {
    Invalid {
        code: "invalid",
        message: format!("is invalid: `{name}` {message}"),
    }
}

fn invalid_type(message: &str) -> CoercionError {
    Invalid {
        code: "type",
        message: message.into(),
    }
}

fn not_a_number() -> CoercionError {
    Invalid {
        code: "numericality.number",
        message: "is not a number".into(),
    }
}

fn malformed(message: String) -> CoercionError {
    Malformed {
        name: "Error",
        code: None,
        message,
    }
}

fn assertion(message: &str) -> CoercionError {
    Malformed {
        name: "AssertionError",
        code: Some("ERR_ASSERTION"),
        message: message.into(),
    }
}

fn invalid_date(json: &Json) -> CoercionError {
    malformed(format!(
        "Invalid date: {}",
        Value::Json(Box::new(json.clone()))
            .to_text()
            .trim_matches('"')
    ))
}

fn boolean(json: &Json) -> Result<Value, CoercionError> {
    match json {
        Json::Bool(flag) => Ok(Value::Boolean(*flag)),
        Json::Number(number) => Ok(Value::Boolean(number.as_f64() != Some(0.0))),
        Json::String(text) if matches!(text.as_str(), "true" | "1") => Ok(Value::Boolean(true)),
        Json::String(text) if matches!(text.as_str(), "false" | "0" | "") => {
            Ok(Value::Boolean(false))
        }
        _ => Err(invalid_type("is not a boolean")),
    }
}

/// A number as JavaScript's `Number(…)` reads it, without its accidents.
fn float(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Json::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Some(0.0);
            }
            if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                return u32::from_str_radix(digits, 16).ok().map(f64::from);
            }
            // Rust also reads `inf` and `nan`.
            text.parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn integer(json: &Json, min: i64, max: i64) -> Result<Value, CoercionError> {
    let exact = match json {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = match exact {
        Some(number) => number,
        None => {
            let number = float(json).ok_or_else(not_a_number)?;
            if number.fract() != 0.0 {
                return Err(Invalid {
                    code: "numericality.int",
                    message: "is not an integer".into(),
                });
            }
            // What is just beyond `i64` has been rounded to its bounds.
            if number <= i64::MIN as f64 || number >= i64::MAX as f64 {
                return Err(out_of_range(min, max));
            }
            number as i64
        }
    };
    if number < min || number > max {
        Err(out_of_range(min, max))
    } else {
        Ok(Value::Integer(number))
    }
}

pub(super) fn out_of_range(min: i64, max: i64) -> CoercionError {
    Invalid {
        code: "numericality.range",
        message: format!("is not between {min} and {max}"),
    }
}

fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        // The shortest text of a float is what the caller wrote.
        Json::Number(number) => {
            let text = number.to_string();
            text.parse()
                .ok()
                .or_else(|| Decimal::from_scientific(&text).ok())
        }
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn string(json: &mut Json) -> Result<Value, CoercionError> {
    match json {
        Json::String(text) => Ok(Value::String(std::mem::take(text))),
        Json::Number(number) => Ok(Value::String(number.to_string())),
        Json::Bool(flag) => Ok(Value::String(flag.to_string())),
        _ => Err(invalid_type("is not a string")),
    }
}

/// `{"$type": kind, "$data": …}`, the typed wrapper that LoopBack decodes anywhere.
fn wrapped<'a>(json: &'a Json, kind: &str) -> Option<&'a Json> {
    (json.get("$type")?.as_str()? == kind).then(|| json.get("$data"))?
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "JavaScript drops fractions of milliseconds; the cast stops at the bounds of `i64`"
)]
fn date_time(json: &Json) -> Option<DateTime<Utc>> {
    match json {
        Json::Number(number) => {
            let float = || number.as_f64().map(|milliseconds| milliseconds as i64);
            let milliseconds = number.as_i64().or_else(float)?;
            Utc.timestamp_millis_opt(milliseconds)
                .single()
                .filter(in_range)
        }
        Json::String(text) => {
            let text = text.trim();
            let instant =
                DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
            let instant = instant.map(|instant| instant.to_utc()).ok();
            let local = || {
                [
                    "%Y-%m-%dT%H:%M:%S%.f",
                    "%Y-%m-%d %H:%M:%S%.f",
                    "%Y-%m-%dT%H:%M",
                    "%Y-%m-%d %H:%M",
                ]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
                .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
                // A time without a zone is UTC here: the server's own zone must not change data.
                .map(|local| local.and_utc())
            };
            instant.or_else(local).filter(in_range).map(to_microseconds)
        }
        other => date_time(wrapped(other, "date")?),
    }
}

/// Databases keep the years 1 to 9999 and microseconds; what they would change is refused or rounded here.
fn in_range(instant: &DateTime<Utc>) -> bool {
    use chrono::Datelike;
    (1..=9999).contains(&instant.year())
}

fn to_microseconds(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant - TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos() % 1000))
}

fn date(json: &Json) -> Option<NaiveDate> {
    let day = json
        .as_str()
        .and_then(|text| text.trim().parse::<NaiveDate>().ok());
    let day = day.filter(|day| {
        day.and_hms_opt(0, 0, 0)
            .is_some_and(|midnight| in_range(&midnight.and_utc()))
    });
    day.or_else(|| date_time(json).map(|instant| instant.date_naive()))
}

fn bytes(json: &Json) -> Option<Vec<u8>> {
    use base64::Engine;

    match json {
        Json::String(text) => Some(text.clone().into_bytes()),
        Json::Array(items) => items
            .iter()
            .map(|item| match integer(item, 0, 255) {
                Ok(Value::Integer(byte)) if item.is_number() => byte.try_into().ok(),
                _ => None,
            })
            .collect(),
        Json::Object(members) => match members.get("type").and_then(Json::as_str) {
            Some("Buffer") => bytes(members.get("data").filter(|data| data.is_array())?),
            _ => base64::engine::general_purpose::STANDARD
                .decode(wrapped(json, "base64")?.as_str()?)
                .ok(),
        },
        _ => None,
    }
}

fn geo_point(json: &Json) -> Result<GeoPoint, CoercionError> {
    let (lat, lng) = match json {
        Json::String(text) => match text.split_once(',') {
            Some((lat, lng)) => (Json::from(lat), Json::from(lng)),
            None => {
                return Err(assertion(
                    "must provide a string \"lat,lng\" creating a GeoPoint with a string",
                ));
            }
        },
        Json::Array(items) if items.len() == 2 => (items[0].clone(), items[1].clone()),
        Json::Object(members) => {
            let member = |name: &str| members.get(name).cloned().unwrap_or(Json::Null);
            (member("lat"), member("lng"))
        }
        _ => {
            return Err(assertion(
                "must provide an array, a string or an object creating a GeoPoint",
            ));
        }
    };
    let coordinate = |json: &Json| float(json).unwrap_or(f64::NAN);
    GeoPoint::new(coordinate(&lat), coordinate(&lng)).map_err(assertion)
}

fn list(item: &'static PropertyType, json: Json) -> Result<Value, CoercionError> {
    let items = match json {
        Json::Array(items) => items,
        Json::String(text) => match serde_json::from_str(&text) {
            Ok(Json::Array(items)) => items,
            _ => {
                return Err(malformed(format!(
                    "could not create List from JSON string: {}",
                    Json::String(text)
                )));
            }
        },
        other => return Err(malformed(format!("Items must be an array: {other}"))),
    };
    let mut values = Vec::with_capacity(items.len());
    for (position, json) in items.into_iter().enumerate() {
        let value = item.from_json(json).map_err(|error| match error {
            Invalid { code, message } => Invalid {
                code,
                message: format!("item {position} {message}"),
            },
            malformed => malformed,
        })?;
        if value.is_null() {
            return Err(Invalid {
                code: "null",
                message: format!("item {position} is null"),
            });
        }
        values.push(value);
    }
    Ok(Value::Array(values))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Property;

    fn accepts(ty: PropertyType, cases: &[(Json, Json)]) {
        for (input, output) in cases {
            let value = ty
                .from_json(input.clone())
                .unwrap_or_else(|error| panic!("{ty:?} {input}: {error:?}"));
            assert_eq!(&value.to_json(), output, "{ty:?} from {input}");
        }
    }

    fn refuses(ty: PropertyType, cases: &[Json]) {
        for input in cases {
            assert!(ty.from_json(input.clone()).is_err(), "{ty:?} from {input}");
        }
    }

    #[test]
    fn numbers() {
        accepts(
            PropertyType::Float,
            &[
                (json!("12"), json!(12)),
                (json!(" 5 "), json!(5)),
                (json!("0x10"), json!(16)),
                (json!("1e3"), json!(1000)),
                (json!(""), json!(0)),
                (json!(true), json!(1)),
                (json!(null), json!(null)),
            ],
        );
        refuses(
            PropertyType::Float,
            &[
                json!("abc"),
                json!({}),
                json!([1, 2]),
                json!("NaN"),
                json!("inf"),
            ],
        );
        accepts(
            i64::TYPE,
            &[
                (json!("9007199254740993"), json!(9_007_199_254_740_993_i64)),
                (json!(5.0), json!(5)),
            ],
        );
        refuses(i64::TYPE, &[json!(1.5), json!(1e30), json!("x")]);
        let beyond: Json = serde_json::from_str("-9223372036854775809").unwrap();
        refuses(i64::TYPE, &[beyond]);
        refuses(u8::TYPE, &[json!(256), json!(-1)]);
        accepts(
            Decimal::TYPE,
            &[
                (json!("1.50"), json!("1.50")),
                (json!(0.1), json!("0.1")),
                (json!(1e21), json!("1000000000000000000000")),
            ],
        );
    }

    #[test]
    fn booleans() {
        accepts(
            bool::TYPE,
            &[
                (json!("true"), json!(true)),
                (json!("0"), json!(false)),
                (json!(""), json!(false)),
                (json!(2), json!(true)),
            ],
        );
        refuses(bool::TYPE, &[json!("no"), json!({}), json!([])]);
    }

    #[test]
    fn dates() {
        accepts(
            PropertyType::DateTime,
            &[
                (json!("2015-01-01"), json!("2015-01-01T00:00:00.000Z")),
                (
                    json!("2015-01-01T10:00:00+02:00"),
                    json!("2015-01-01T08:00:00.000Z"),
                ),
                (json!(1), json!("1970-01-01T00:00:00.001Z")),
                (json!(1.0), json!("1970-01-01T00:00:00.001Z")),
                (
                    json!({"$type": "date", "$data": "2015-01-01"}),
                    json!("2015-01-01T00:00:00.000Z"),
                ),
            ],
        );
        refuses(
            PropertyType::DateTime,
            &[
                json!("garbage"),
                json!(""),
                json!({}),
                json!(true),
                json!(1e300),
                json!("1420070400000"),
            ],
        );
        let error = PropertyType::DateTime
            .from_json(json!("garbage"))
            .unwrap_err();
        assert_eq!(error, malformed("Invalid date: garbage".into()));
    }

    #[test]
    fn bytes_and_points() {
        let hi = json!({"type": "Buffer", "data": [104, 105]});
        accepts(
            PropertyType::Bytes,
            &[
                (json!("hi"), hi.clone()),
                (json!({"$type": "base64", "$data": "aGk="}), hi.clone()),
                (json!([104.0, 105]), hi.clone()),
                (hi.clone(), hi),
            ],
        );
        refuses(
            PropertyType::Bytes,
            &[
                json!([256]),
                json!(["1"]),
                json!({"type": "Buffer", "data": "hi"}),
            ],
        );
        let point = json!({"lat": 10, "lng": 20});
        accepts(
            PropertyType::GeoPoint,
            &[
                (json!("10,20"), point.clone()),
                (json!([10, 20]), point.clone()),
                (json!({"lat": "10", "lng": 20}), point),
            ],
        );
        assert_eq!(
            PropertyType::GeoPoint
                .from_json(json!([91, 0]))
                .unwrap_err(),
            assertion("lat must be <= 90")
        );
        refuses(
            PropertyType::GeoPoint,
            &[json!("10"), json!({"lat": 1}), json!(5)],
        );
    }

    #[test]
    fn lists() {
        let texts = <Vec<String>>::TYPE;
        accepts(
            texts,
            &[(json!("[\"a\"]"), json!(["a"])), (json!([1]), json!(["1"]))],
        );
        assert_eq!(
            texts.from_json(json!("x")).unwrap_err(),
            malformed("could not create List from JSON string: \"x\"".into())
        );
        assert_eq!(
            texts.from_json(json!({"a": 1})).unwrap_err(),
            malformed("Items must be an array: {\"a\":1}".into())
        );
        refuses(texts, &[json!([null]), json!([{}])]);
    }
}
