//! Records as documents, and values as BSON.
//!
//! | property | BSON |
//! |---|---|
//! | integer, float, boolean, text, enum | `long`, `double`, `bool`, `string` |
//! | decimal | `decimal` (Decimal128), with its scale |
//! | date-time | `date`, in milliseconds |
//! | date | `date`, at midnight in UTC |
//! | UUID, bytes | `binData` of the subtypes 4 and 0 |
//! | object id | `objectId` |
//! | point | `{type: "Point", coordinates: [lng, lat]}` |
//! | list, nested struct | `array`, `object`; their parts by this table too |
//! | JSON | the same in BSON |
//!
//! What other programs write is read as far as it means the same: every kind of number that is exactly the property's,
//! points as LoopBack's `{lat, lng}`, and in JSON properties the types that JSON lacks as loopwright writes them.

use chrono::{DateTime, NaiveTime, Utc};
use mongodb::bson::oid::ObjectId as Oid;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{self, Binary, Bson, Decimal128, Document, doc};
use mongodb::options::UpdateModifications;
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value as Json};
use uuid::Uuid;

use crate::model::{
    Extra, GeoPoint, ModelDef, ObjectDef, ObjectId, Property, PropertyDef, PropertyType, Record,
    Value, kept_undeclared,
};

/// Why a document holds no value of a property.
pub(super) type DecodeError = Box<dyn std::error::Error + Send + Sync>;

/// The member of a document that keeps `property`. The keys of a composite id are members like others, with a unique index
/// over them; `_id` is the server's own then.
pub(super) fn key(property: &PropertyDef) -> &'static str {
    if property.is_sole_id() {
        "_id"
    } else {
        property.column
    }
}

/// The present values of `record`, and what the model keeps besides the declared properties.
pub(super) fn document(model: &ModelDef, record: &Record) -> Document {
    let values = declared(model).zip(record.values());
    let mut document: Document = values
        .filter_map(|(property, value)| {
            let bson = to_bson(&property?.ty, value.as_ref()?);
            Some((key(property?).to_owned(), bson))
        })
        .collect();
    if model.extra_index().is_some() {
        let changed = record.undeclared().into_iter().flatten();
        let undeclared = kept_undeclared(model, record).chain(changed);
        document.extend(undeclared.map(|(name, json)| (name.clone(), json_to_bson(json))));
    }
    document
}

/// The properties that have a member of their own; nothing in the place of the other one.
fn declared(model: &ModelDef) -> impl Iterator<Item = Option<&PropertyDef>> {
    let properties = model.properties.iter();
    properties.map(|property| (!property.extra).then_some(property))
}

/// The change that sets the present values of `changes`. What the model keeps besides the declared properties is replaced
/// as a whole where the record has it, and extended by what the caller gave otherwise.
pub(super) fn change(model: &ModelDef, changes: &Record) -> Option<UpdateModifications> {
    let changed = document(model, changes);
    let whole = model
        .extra_index()
        .is_some_and(|index| changes.get(index).is_some());
    let version = raised_version(model);
    if !whole {
        if changed.is_empty() {
            return None;
        }
        let mut change = doc! { "$set": changed };
        if let Some((version, by)) = version {
            change.insert("$inc", doc! { version: by });
        }
        return Some(change.into());
    }
    let kept: Document = declared(model)
        .flatten()
        .map(|property| {
            (
                key(property).to_owned(),
                format!("${}", key(property)).into(),
            )
        })
        .collect();
    let mut parts = vec![Bson::from(kept), doc! { "$literal": changed }.into()];
    if let Some((version, by)) = version {
        let stored = Bson::from(format!("${version}"));
        parts.push(doc! { version: { "$add": [stored, by] } }.into());
    }
    let replaced = doc! { "$replaceWith": { "$mergeObjects": parts } };
    Some(vec![replaced].into())
}

/// The version's key, and by what it grows with each change.
pub(super) fn raised_version(model: &ModelDef) -> Option<(&'static str, Bson)> {
    let version = &model.properties[model.version_index()?];
    Some((key(version), to_bson(&version.ty, &Value::Integer(1))))
}

/// What the document holds besides the declared properties.
pub(super) fn take_undeclared(document: &mut Document, model: &ModelDef) -> Value {
    let is_declared = |name: &str| {
        // Of a model with a composite id, that is the server's own.
        let mut declared = declared(model).flatten();
        name == "_id" || declared.any(|property| key(property) == name)
    };
    let names: Vec<_> = document
        .keys()
        .filter(|name| !is_declared(name))
        .cloned()
        .collect();
    let taken = names.into_iter().filter_map(|name| {
        let bson = document.remove(&name)?;
        Some((name, bson_to_json(bson)))
    });
    Extra(taken.collect()).into_value()
}

/// The value as it is stored, and compared with what is stored.
pub(super) fn to_bson(ty: &PropertyType, value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Boolean(flag) => Bson::Boolean(*flag),
        Value::Integer(number) => Bson::Int64(*number),
        Value::Float(number) => Bson::Double(*number),
        Value::Decimal(decimal) => Bson::Decimal128(to_decimal128(*decimal)),
        Value::String(text) => Bson::String(text.clone()),
        Value::DateTime(instant) => Bson::DateTime(to_date(*instant)),
        Value::Date(day) => {
            let midnight = day.and_time(NaiveTime::MIN).and_utc();
            Bson::DateTime(to_date(midnight))
        }
        Value::Uuid(uuid) => Bson::Binary(Binary {
            subtype: BinarySubtype::Uuid,
            bytes: uuid.as_bytes().to_vec(),
        }),
        Value::ObjectId(id) => Bson::ObjectId(Oid::from_bytes(id.bytes())),
        Value::Bytes(bytes) => Bson::Binary(Binary {
            subtype: BinarySubtype::Generic,
            bytes: bytes.clone(),
        }),
        Value::GeoPoint(point) => Bson::Document(doc! {
            "type": "Point",
            "coordinates": [point.lng, point.lat],
        }),
        Value::Array(items) => match ty {
            PropertyType::Array(item) => {
                Bson::Array(items.iter().map(|value| to_bson(item, value)).collect())
            }
            _ => json_to_bson(&value.to_json()),
        },
        Value::Json(json) => typed_json(ty, json),
    }
}

/// JSON by the type of what it stands for, as far as it fits.
fn typed_json(ty: &PropertyType, json: &Json) -> Bson {
    match (ty, json) {
        (PropertyType::Object(def), _) => match def.record(json.clone()) {
            Ok(record) => {
                let members = def.properties.iter().zip(record.values());
                let members = members.filter_map(|(property, value)| {
                    let bson = to_bson(&property.ty, value.as_ref()?);
                    Some((property.name.to_owned(), bson))
                });
                Bson::Document(members.collect())
            }
            Err(_) => json_to_bson(json),
        },
        (PropertyType::Array(item), Json::Array(items)) => {
            Bson::Array(items.iter().map(|json| typed_json(item, json)).collect())
        }
        (PropertyType::Json, _) => json_to_bson(json),
        (ty, _) => match ty.from_json(json.clone()) {
            Ok(value) => to_bson(ty, &value),
            Err(_) => json_to_bson(json),
        },
    }
}

fn json_to_bson(json: &Json) -> Bson {
    match json {
        Json::Null => Bson::Null,
        Json::Bool(flag) => Bson::Boolean(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Bson::Int64(integer),
            // BSON has no integer that is so large.
            (None, Some(integer)) => Bson::Decimal128(to_decimal128(integer.into())),
            (None, None) => Bson::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Bson::String(text.clone()),
        Json::Array(items) => Bson::Array(items.iter().map(json_to_bson).collect()),
        Json::Object(members) => {
            let members = members.iter();
            Bson::Document(
                members
                    .map(|(name, json)| (name.clone(), json_to_bson(json)))
                    .collect(),
            )
        }
    }
}

/// The value of `property` that the document holds; absent is null.
pub(super) fn take(document: &mut Document, property: &PropertyDef) -> Result<Value, DecodeError> {
    match document.remove(key(property)) {
        Some(bson) => from_bson(&property.ty, bson),
        None => Ok(Value::Null),
    }
}

fn from_bson(ty: &PropertyType, bson: Bson) -> Result<Value, DecodeError> {
    let kind = bson.element_type();
    let value = match (ty, bson) {
        (_, Bson::Null | Bson::Undefined) => Some(Value::Null),
        (PropertyType::Json, bson) => Some(Value::Json(Box::new(bson_to_json(bson)))),
        (PropertyType::Boolean, Bson::Boolean(flag)) => Some(Value::Boolean(flag)),
        (PropertyType::Integer { .. }, bson) => integer(&bson).map(Value::Integer),
        (PropertyType::Float, bson) => float(&bson).map(Value::Float),
        (PropertyType::Decimal, bson) => decimal(&bson).map(Value::Decimal),
        (PropertyType::String | PropertyType::Enum(_), Bson::String(text)) => {
            Some(Value::String(text))
        }
        (PropertyType::DateTime, Bson::DateTime(instant)) => {
            date_time(instant).map(Value::DateTime)
        }
        (PropertyType::Date, Bson::DateTime(instant)) => {
            date_time(instant).map(|instant| Value::Date(instant.date_naive()))
        }
        (PropertyType::Uuid, Bson::Binary(binary)) if binary.subtype == BinarySubtype::Uuid => {
            Uuid::from_slice(&binary.bytes).ok().map(Value::Uuid)
        }
        (PropertyType::ObjectId, Bson::ObjectId(id)) => {
            Some(Value::ObjectId(ObjectId::from_bytes(id.bytes())))
        }
        (PropertyType::Bytes, Bson::Binary(binary)) => Some(Value::Bytes(binary.bytes)),
        (PropertyType::GeoPoint, Bson::Document(document)) => {
            geo_point(&document).map(Value::GeoPoint)
        }
        (PropertyType::Array(item), Bson::Array(items)) => {
            let items = items.into_iter().map(|bson| match from_bson(item, bson)? {
                Value::Null => Err("an item is null".into()),
                value => Ok(value),
            });
            Some(Value::Array(items.collect::<Result<_, DecodeError>>()?))
        }
        (PropertyType::Object(def), Bson::Document(document)) => Some(object(def, document)?),
        _ => None,
    };
    value.ok_or_else(|| format!("the document holds another {kind:?}").into())
}

fn object(def: &ObjectDef, mut document: Document) -> Result<Value, DecodeError> {
    let mut record = def.empty_record();
    for (index, property) in def.properties.iter().enumerate() {
        let value = match document.remove(property.name) {
            Some(bson) => from_bson(&property.ty, bson)?,
            // Not every instance within another one has everything.
            None if def.embedded => continue,
            None => Value::Null,
        };
        if value.is_null() && !property.nullable && !def.embedded {
            return Err(format!("`{}` is missing", property.name).into());
        }
        record.set(index, value);
    }
    Ok(def.value(&record))
}

fn to_date(instant: DateTime<Utc>) -> bson::DateTime {
    bson::DateTime::from_millis(instant.timestamp_millis())
}

fn date_time(instant: bson::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(instant.timestamp_millis())
}

pub(super) fn integer(bson: &Bson) -> Option<i64> {
    match bson {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        // JavaScript has no other numbers.
        Bson::Double(number) => exact_integer(*number),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range in which every integer is exact is checked first"
)]
fn exact_integer(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;

    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn float(bson: &Bson) -> Option<f64> {
    match bson {
        Bson::Double(number) => Some(*number),
        Bson::Int32(number) => Some(f64::from(*number)),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a float property asks for the nearest float"
        )]
        Bson::Int64(number) => Some(*number as f64),
        _ => None,
    }
}

fn decimal(bson: &Bson) -> Option<Decimal> {
    match bson {
        Bson::Decimal128(decimal) => from_decimal128(*decimal),
        Bson::Int32(number) => Some(Decimal::from(*number)),
        Bson::Int64(number) => Some(Decimal::from(*number)),
        // The shortest text of a float is what somebody wrote.
        Bson::Double(number) => Decimal::from_str_exact(&number.to_string()).ok(),
        _ => None,
    }
}

/// What the exponent zero is written as.
const BIAS: u32 = 6176;
/// Where the exponent is, above the coefficient.
const EXPONENT: u32 = 113;

/// A sign, an exponent of 14 bits and a coefficient of 113, which holds every coefficient of a [`Decimal`].
fn to_decimal128(decimal: Decimal) -> Decimal128 {
    let sign = u128::from(decimal.is_sign_negative()) << 127;
    let exponent = u128::from(BIAS - decimal.scale()) << EXPONENT;
    let bits = sign | exponent | decimal.mantissa().unsigned_abs();
    Decimal128::from_bytes(bits.to_le_bytes())
}

/// The decimal with its scale, unless it has more digits than one holds.
pub(super) fn from_decimal128(decimal: Decimal128) -> Option<Decimal> {
    let bits = u128::from_le_bytes(decimal.bytes());
    if (bits >> 125) & 0b11 == 0b11 {
        // Infinite, no number, or a coefficient of another form, which none of 34 digits needs.
        return None;
    }
    let exponent = u32::try_from((bits >> EXPONENT) & 0x3fff).ok()?;
    let mut coefficient = i128::try_from(bits & ((1 << EXPONENT) - 1)).ok()?;
    let mut scale = i64::from(BIAS) - i64::from(exponent);
    if coefficient == 0 {
        scale = scale.clamp(0, 28);
    }
    while scale < 0 {
        coefficient = coefficient.checked_mul(10)?;
        scale += 1;
    }
    while scale > 28 && coefficient % 10 == 0 {
        coefficient /= 10;
        scale -= 1;
    }
    let mut decimal =
        Decimal::try_from_i128_with_scale(coefficient, scale.try_into().ok()?).ok()?;
    decimal.set_sign_negative(bits >> 127 == 1);
    Some(decimal)
}

/// GeoJSON, or LoopBack's own form.
pub(super) fn geo_point(document: &Document) -> Option<GeoPoint> {
    let (lat, lng) = match document.get("coordinates") {
        Some(Bson::Array(coordinates)) if document.get_str("type").ok() == Some("Point") => {
            (coordinates.get(1)?, coordinates.first()?)
        }
        _ => (document.get("lat")?, document.get("lng")?),
    };
    GeoPoint::new(float(lat)?, float(lng)?).ok()
}

/// What other programs keep in a JSON property, as loopwright would write it.
fn bson_to_json(bson: Bson) -> Json {
    match bson {
        Bson::Boolean(flag) => Json::Bool(flag),
        Bson::Int32(number) => number.into(),
        Bson::Int64(number) => number.into(),
        Bson::Double(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        Bson::Decimal128(decimal) => {
            let decimal = from_decimal128(decimal).ok_or(decimal);
            match decimal.map(|decimal| (u64::try_from(decimal), decimal)) {
                Ok((Ok(integer), decimal)) if decimal.scale() == 0 => integer.into(),
                Ok((_, decimal)) => decimal.to_string().into(),
                Err(decimal) => decimal.to_string().into(),
            }
        }
        Bson::String(text) | Bson::Symbol(text) => text.into(),
        Bson::ObjectId(id) => id.to_hex().into(),
        Bson::DateTime(instant) => {
            date_time(instant).map_or(Json::Null, |instant| Value::DateTime(instant).to_json())
        }
        Bson::Binary(binary) => Value::Bytes(binary.bytes).to_json(),
        Bson::Array(items) => items.into_iter().map(bson_to_json).collect(),
        Bson::Document(document) => {
            let members = document.into_iter();
            Json::Object(
                members
                    .map(|(name, bson)| (name, bson_to_json(bson)))
                    .collect::<Map<_, _>>(),
            )
        }
        // Null, and types that only the server itself uses.
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_keep_their_digits_and_their_scale() {
        for text in [
            "0",
            "0.00",
            "1.50",
            "-0.001",
            "79228162514264337593543950335",
            "-0.0000000000000000000000000001",
            "-7.9228162514264337593543950335",
        ] {
            let decimal: Decimal = text.parse().unwrap();
            let stored = to_decimal128(decimal);
            assert_eq!(
                stored.bytes(),
                text.parse::<Decimal128>().unwrap().bytes(),
                "{text}"
            );
            assert_eq!(from_decimal128(stored).unwrap().to_string(), text);
        }
    }

    #[test]
    fn decimals_of_other_programs_are_read_if_no_digit_is_lost() {
        for (text, expected) in [
            ("1E3", Some("1000")),
            ("0E6000", Some("0")),
            ("1.0E-29", None),
            ("10E-29", Some("0.0000000000000000000000000001")),
            ("9999999999999999999999999999999999", None),
            ("1E30", None),
            ("NaN", None),
            ("-Infinity", None),
        ] {
            let read = from_decimal128(text.parse().unwrap());
            let read = read.map(|decimal| decimal.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn json_comes_back_as_it_went() {
        let json =
            json!({"$set": [1, null, -1.5, u64::MAX, i64::MIN], "a.b": {"": "ü"}, "c": true});
        assert_eq!(bson_to_json(json_to_bson(&json)), json);
    }

    #[test]
    fn what_other_programs_write_is_read_when_it_is_the_same() {
        let integer = PropertyType::Integer {
            min: i64::MIN,
            max: i64::MAX,
        };
        let instant = bson::DateTime::from_millis(1);
        let cases = [
            (integer, Bson::Double(3.0), Some(json!(3))),
            (integer, Bson::Int32(-3), Some(json!(-3))),
            (integer, Bson::Double(3.5), None),
            (integer, Bson::String("3".into()), None),
            (PropertyType::Float, Bson::Int32(3), Some(json!(3))),
            (PropertyType::Decimal, Bson::Double(0.1), Some(json!("0.1"))),
            (
                PropertyType::Date,
                Bson::DateTime(instant),
                Some(json!("1970-01-01")),
            ),
            (PropertyType::String, Bson::Int32(3), None),
            (PropertyType::Boolean, Bson::Int32(1), None),
            (
                PropertyType::GeoPoint,
                Bson::Document(doc! { "lat": 1, "lng": 2.5 }),
                Some(json!({"lat": 1, "lng": 2.5})),
            ),
            (
                PropertyType::GeoPoint,
                Bson::Document(doc! { "lat": 91, "lng": 2 }),
                None,
            ),
            (
                PropertyType::Json,
                Bson::Document(doc! { "id": Oid::from_bytes([1; 12]), "at": instant }),
                Some(json!({"id": "010101010101010101010101", "at": "1970-01-01T00:00:00.001Z"})),
            ),
        ];
        for (ty, bson, expected) in cases {
            let shown = format!("{ty:?} from {bson}");
            let read = from_bson(&ty, bson).ok().map(|value| value.to_json());
            assert_eq!(read, expected, "{shown}");
        }
    }
}
