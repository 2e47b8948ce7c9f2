//! Columns as the shared connections receive them, as values.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
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
    let value = match property.ty {
        PropertyType::Boolean if *ty == Type::BOOL => Value::Boolean(read(ty, bytes)?),
        PropertyType::Integer { .. } => match *ty {
            Type::INT8 => Value::Integer(read(ty, bytes)?),
            Type::INT4 => Value::Integer(read::<i32>(ty, bytes)?.into()),
            Type::INT2 => Value::Integer(read::<i16>(ty, bytes)?.into()),
            _ => return Err(unfit(property.ty, ty)),
        },
        PropertyType::Float => match *ty {
            Type::FLOAT8 => Value::Float(read(ty, bytes)?),
            Type::FLOAT4 => Value::Float(read::<f32>(ty, bytes)?.into()),
            _ => return Err(unfit(property.ty, ty)),
        },
        PropertyType::Decimal if *ty == Type::NUMERIC => {
            let number = read::<Decimal>(ty, bytes)?;
            // The pool's driver knows no scale of nothing.
            Value::Decimal(if number.is_zero() {
                Decimal::ZERO
            } else {
                number
            })
        }
        PropertyType::String | PropertyType::Enum(_) if is_text(ty) => {
            Value::String(read(ty, bytes)?)
        }
        PropertyType::String | PropertyType::Enum(_) if *ty == Type::TIME => {
            Value::String(read::<NaiveTime>(ty, bytes)?.to_string())
        }
        PropertyType::DateTime if matches!(*ty, Type::TIMESTAMPTZ | Type::TIMESTAMP) => {
            Value::DateTime(instant(bytes)?)
        }
        PropertyType::Date => match *ty {
            Type::DATE => Value::Date(read::<NaiveDate>(ty, bytes)?),
            Type::TIMESTAMP => Value::Date(instant(bytes)?.date_naive()),
            _ => return Err(unfit(property.ty, ty)),
        },
        PropertyType::Uuid if *ty == Type::UUID => Value::Uuid(read(ty, bytes)?),
        PropertyType::Uuid if is_text(ty) => {
            Value::Uuid(Uuid::try_parse(read::<&str>(ty, bytes)?)?)
        }
        PropertyType::ObjectId if is_text(ty) => Value::ObjectId(read::<&str>(ty, bytes)?.parse()?),
        PropertyType::Bytes if *ty == Type::BYTEA => Value::Bytes(read(ty, bytes)?),
        structured if structured.is_structured() && matches!(*ty, Type::JSON | Type::JSONB) => {
            let json: Json = read(ty, bytes)?;
            match structured {
                PropertyType::Json => Value::Json(Box::new(json)),
                _ => {
                    let value = structured.from_json(json);
                    value.map_err(|error| format!("{error:?}"))?
                }
            }
        }
        _ => return Err(unfit(property.ty, ty)),
    };
    Ok(value)
}

fn unfit(property: PropertyType, ty: &Type) -> DecodeError {
    let expectation = property.expectation();
    format!("a column of the type {ty} is not {expectation}").into()
}

/// An instant, which PostgreSQL counts in microseconds since the year 2000.
fn instant(bytes: &[u8]) -> Result<DateTime<Utc>, DecodeError> {
    const YEAR_2000: i64 = 946_684_800_000_000;

    let since_2000: i64 = read(&Type::INT8, bytes)?;
    let instant = since_2000.checked_add(YEAR_2000);
    let instant = instant.and_then(DateTime::from_timestamp_micros);
    instant.ok_or_else(|| "the instant is none that can be counted".into())
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
