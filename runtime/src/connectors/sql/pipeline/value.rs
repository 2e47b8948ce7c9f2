//! Columns as the shared connections receive them, as values.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::connectors::sql::column::DecodeError;
use crate::model::{PropertyDef, PropertyType, Value};

/// The value in the column at `index` of `row`: what the pool's driver would read there.
pub(in crate::connectors::sql) fn decode(
    row: &Row,
    index: usize,
    property: &PropertyDef,
) -> Result<Value, DecodeError> {
    let Raw(Some(bytes)) = row.try_get(index)? else {
        return Ok(Value::Null);
    };
    let column = row.columns().get(index).ok_or("the column is missing")?;
    let ty = column.type_();
    Ok(match (property.ty, ty) {
        (PropertyType::Boolean, &Type::BOOL) => Value::Boolean(read(ty, bytes)?),
        (PropertyType::Integer { .. }, &Type::INT8) => Value::Integer(read(ty, bytes)?),
        (PropertyType::Integer { .. }, &Type::INT4) => {
            Value::Integer(read::<i32>(ty, bytes)?.into())
        }
        (PropertyType::Integer { .. }, &Type::INT2) => {
            Value::Integer(read::<i16>(ty, bytes)?.into())
        }
        (PropertyType::Float, &Type::FLOAT8) => Value::Float(read(ty, bytes)?),
        (PropertyType::Float, &Type::FLOAT4) => Value::Float(read::<f32>(ty, bytes)?.into()),
        (PropertyType::Decimal, &Type::NUMERIC) => Value::Decimal(read::<Decimal>(ty, bytes)?),
        (PropertyType::String | PropertyType::Enum(_), &Type::TIME) => {
            Value::String(read::<NaiveTime>(ty, bytes)?.to_string())
        }
        (PropertyType::String | PropertyType::Enum(_), ty) if is_text(ty) => {
            Value::String(read(ty, bytes)?)
        }
        (PropertyType::DateTime, &Type::TIMESTAMPTZ) => {
            Value::DateTime(read::<DateTime<Utc>>(ty, bytes)?)
        }
        (PropertyType::DateTime, &Type::TIMESTAMP) => {
            Value::DateTime(read::<NaiveDateTime>(ty, bytes)?.and_utc())
        }
        (PropertyType::Date, &Type::DATE) => Value::Date(read::<NaiveDate>(ty, bytes)?),
        (PropertyType::Date, &Type::TIMESTAMP) => {
            Value::Date(read::<NaiveDateTime>(ty, bytes)?.date())
        }
        (PropertyType::Uuid, &Type::UUID) => Value::Uuid(read(ty, bytes)?),
        (PropertyType::Uuid, ty) if is_text(ty) => {
            Value::Uuid(Uuid::try_parse(read::<&str>(ty, bytes)?)?)
        }
        (PropertyType::ObjectId, ty) if is_text(ty) => {
            Value::ObjectId(read::<&str>(ty, bytes)?.parse()?)
        }
        (PropertyType::Bytes, &Type::BYTEA) => Value::Bytes(read(ty, bytes)?),
        (PropertyType::Json, &Type::JSON | &Type::JSONB) => Value::Json(Box::new(read(ty, bytes)?)),
        (
            PropertyType::Array(_) | PropertyType::Object(_) | PropertyType::GeoPoint,
            &Type::JSON | &Type::JSONB,
        ) => {
            let json: Json = read(ty, bytes)?;
            let value = property.ty.from_json(json);
            value.map_err(|error| format!("{error:?}"))?
        }
        (wanted, ty) => {
            let expectation = wanted.expectation();
            return Err(format!("a column of the type {ty} is not {expectation}").into());
        }
    })
}

fn read<'a, T: FromSql<'a>>(ty: &Type, bytes: &'a [u8]) -> Result<T, DecodeError> {
    T::from_sql(ty, bytes)
}

/// Those that the pool's driver takes for text too.
fn is_text(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN
    ) || ty.name() == "citext"
}

/// What is in a column, as it came.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Ok(Raw(Some(bytes)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, DecodeError> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
