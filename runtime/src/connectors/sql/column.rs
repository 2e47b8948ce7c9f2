//! Columns: their types, and values on their way in and out.
//!
//! | property | SQLite | PostgreSQL | MySQL, MariaDB |
//! |---|---|---|---|
//! | integer | `integer` | `bigint` | `bigint` |
//! | float | `double` | `double precision` | `double` |
//! | decimal | `text` | `numeric` | `decimal(57, 28)` |
//! | text, enum | `text` | `text` in code point order | `varchar` or `longtext`, `utf8mb4_bin` |
//! | date-time | `text`, RFC 3339 in UTC | `timestamptz` | `datetime(6)` in UTC |
//! | date | `text` | `date` | `date` |
//! | UUID | `text` | `uuid` | `char(36)` |
//! | object id | `text` | `text` in code point order | `char(24)` |
//! | bytes | `blob` | `bytea` | `longblob` |
//! | structured | `text` | `jsonb` | `json` |
//!
//! A decimal keeps every digit everywhere. SQLite and PostgreSQL also keep its scale (`1.50`); MySQL pads to 28 digits
//! after the point, so there trailing zeros are dropped (`1.5`).

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc,
};
use rust_decimal::Decimal;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Value as Bound};
use sea_orm::{DbBackend, DbErr, QueryResult, TryGetable};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::model::{PropertyDef, PropertyType, Rule, Value};

/// The collation that compares decimals kept as SQLite text: as numbers, to the last digit. Queries name it, tables
/// don't, so that other programs can read the file.
pub(super) const SQLITE_DECIMAL: &str = "loopwright_decimal";

/// The order of [`SQLITE_DECIMAL`]; what is no decimal comes after the decimals, as text.
#[cfg(feature = "sqlite")]
pub(super) fn decimal_order(left: &str, right: &str) -> std::cmp::Ordering {
    use std::cmp::Ordering;

    match (left.parse::<Decimal>(), right.parse::<Decimal>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

/// A name as SQL has it.
pub(super) fn quote(backend: DbBackend, name: &str) -> String {
    match backend {
        DbBackend::MySql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The type of the column that keeps `property`, as a table's definition says it; MySQL indexes short ones alone.
pub(super) fn column_type(backend: DbBackend, property: &PropertyDef, indexed: bool) -> String {
    if let Some(ty) = property.column_type {
        return ty.to_owned();
    }
    let fixed = match (property.ty, backend) {
        (PropertyType::Boolean, _) => "boolean",
        (PropertyType::Integer { .. }, DbBackend::Sqlite) => "integer",
        (PropertyType::Integer { .. }, _) => "bigint",
        (PropertyType::Float, DbBackend::Postgres) => "double precision",
        (PropertyType::Float, _) => "double",
        (PropertyType::Bytes, DbBackend::MySql) if indexed => "varbinary(255)",
        (PropertyType::Bytes, DbBackend::MySql) => "longblob",
        (PropertyType::Bytes, DbBackend::Postgres) => "bytea",
        (PropertyType::Bytes, _) => "blob",
        (_, DbBackend::Sqlite) => "text",
        // Wide enough for every `Decimal`: 29 digits, of which up to 28 after the point.
        (PropertyType::Decimal, DbBackend::MySql) => "decimal(57, 28)",
        (PropertyType::Decimal, _) => "numeric",
        (PropertyType::DateTime, DbBackend::MySql) => "datetime(6)",
        (PropertyType::DateTime, _) => "timestamp with time zone",
        (PropertyType::Date, _) => "date",
        (PropertyType::Uuid, DbBackend::MySql) => return mysql_text("char(36)"),
        (PropertyType::Uuid, _) => "uuid",
        (PropertyType::ObjectId, DbBackend::MySql) => return mysql_text("char(24)"),
        (PropertyType::String | PropertyType::Enum(_), DbBackend::MySql) => {
            return mysql_text(&mysql_length(property, indexed));
        }
        // Text compares by code points on every database, whatever the server's locale is.
        (PropertyType::String | PropertyType::Enum(_) | PropertyType::ObjectId, _) => {
            "text COLLATE \"C\""
        }
        (
            PropertyType::Json
            | PropertyType::Array(_)
            | PropertyType::Object(_)
            | PropertyType::GeoPoint,
            DbBackend::MySql,
        ) => "json",
        (
            PropertyType::Json
            | PropertyType::Array(_)
            | PropertyType::Object(_)
            | PropertyType::GeoPoint,
            _,
        ) => "jsonb",
    };
    fixed.to_owned()
}

fn mysql_text(ty: &str) -> String {
    format!("{ty} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
}

/// MySQL indexes no `longtext`, and a row holds about 65 kB of `varchar`: short text is `varchar`, other text is not.
fn mysql_length(property: &PropertyDef, indexed: bool) -> String {
    /// The longest text that an index takes.
    const INDEXED: usize = 768;

    let limit = property.binding_rules().find_map(|rule| match rule {
        Rule::Length { max, is, .. } => is.or(*max),
        _ => None,
    });
    match (limit, property.ty) {
        (_, PropertyType::Enum(_)) => "varchar(255)".to_owned(),
        (Some(limit), _) if limit <= 255 => format!("varchar({})", limit.max(1)),
        (Some(limit), _) if indexed => format!("varchar({})", limit.min(INDEXED)),
        (None, _) if indexed => "varchar(255)".to_owned(),
        _ => "longtext".to_owned(),
    }
}

/// The type that the column of `property` has by the model's own words, where it matters: PostgreSQL turns nothing into
/// another type by itself, and the driver reads few types.
pub(super) fn own_type(backend: DbBackend, property: &PropertyDef) -> Option<&'static str> {
    property
        .column_type
        .filter(|_| backend == DbBackend::Postgres)
}

/// `column`, which is that of `property`, as it is read: of a type of its own as text or JSON, the forms that every type
/// has.
pub(super) fn read(backend: DbBackend, property: &PropertyDef, column: Expr) -> Expr {
    match (own_type(backend, property), property.ty) {
        (Some(_), PropertyType::String | PropertyType::Enum(_)) => column.cast_as("text"),
        (Some(_), PropertyType::Array(_)) => Func::cust("to_jsonb").arg(column).into(),
        _ => column,
    }
}

/// A value as a column takes it, and comparisons with one; `own_type` is the type that the column has by the model's own
/// words.
pub(super) fn given(own_type: Option<&'static str>, ty: PropertyType, value: Bound) -> Expr {
    let Some(own_type) = own_type else {
        return Expr::val(value);
    };
    let value = match (ty, value) {
        // The items of null would be none.
        (PropertyType::Array(_), Bound::Json(None)) => Expr::val(Bound::String(None)),
        (PropertyType::Array(_), list) => {
            Expr::cust_with_expr("ARRAY(SELECT jsonb_array_elements_text($1))", list)
        }
        (_, value) => Expr::val(value),
    };
    value.cast_as(own_type)
}

/// Why a value can't go into a column.
#[derive(Debug)]
pub(super) struct Unfit {
    pub(super) code: &'static str,
    pub(super) message: String,
}

fn unfit(code: &'static str, message: impl Into<String>) -> Unfit {
    Unfit {
        code,
        message: message.into(),
    }
}

/// The value as a statement's parameter.
pub(super) fn bind(backend: DbBackend, ty: PropertyType, value: &Value) -> Result<Bound, Unfit> {
    Ok(match (ty, value) {
        (ty, Value::Null) => null(backend, ty),
        (ty, value) if ty.is_structured() => Bound::Json(Some(Box::new(value.to_json()))),
        (PropertyType::Boolean, Value::Boolean(flag)) => Bound::Bool(Some(*flag)),
        (PropertyType::Integer { .. }, Value::Integer(number)) => Bound::BigInt(Some(*number)),
        (PropertyType::Integer { min, max }, Value::Decimal(_)) => {
            return Err(unfit(
                "numericality.range",
                format!("is not between {min} and {max}"),
            ));
        }
        // SQLite would store null, MySQL nothing.
        (PropertyType::Float, Value::Float(number)) if !number.is_finite() => {
            return Err(unfit("numericality.number", "is not a number"));
        }
        (PropertyType::Float, Value::Float(number)) => Bound::Double(Some(*number)),
        (PropertyType::Decimal, Value::Decimal(number)) => match backend {
            DbBackend::Sqlite => Bound::String(Some(number.to_string())),
            _ => Bound::Decimal(Some(*number)),
        },
        (PropertyType::String | PropertyType::Enum(_), Value::String(text)) => {
            if backend == DbBackend::Postgres && text.contains('\0') {
                return Err(unfit("format", "contains the character U+0000"));
            }
            Bound::String(Some(text.clone()))
        }
        (PropertyType::DateTime, Value::DateTime(instant)) => {
            in_calendar(instant.year())?;
            let instant = to_microseconds(*instant);
            match backend {
                // The driver would send a `timestamp`, which ends in 2038.
                DbBackend::MySql => Bound::ChronoDateTime(Some(instant.naive_utc())),
                _ => Bound::ChronoDateTimeUtc(Some(instant)),
            }
        }
        (PropertyType::Date, Value::Date(day)) => {
            in_calendar(day.year())?;
            Bound::ChronoDate(Some(*day))
        }
        (PropertyType::Uuid, Value::Uuid(uuid)) => match backend {
            DbBackend::Postgres => Bound::Uuid(Some(*uuid)),
            _ => Bound::String(Some(uuid.to_string())),
        },
        (PropertyType::ObjectId, Value::ObjectId(id)) => Bound::String(Some(id.to_string())),
        (PropertyType::Bytes, Value::Bytes(bytes)) => Bound::Bytes(Some(bytes.clone())),
        (ty, _) => {
            return Err(unfit("type", format!("is not {}", ty.expectation())));
        }
    })
}

fn null(backend: DbBackend, ty: PropertyType) -> Bound {
    match ty {
        PropertyType::Boolean => Bound::Bool(None),
        PropertyType::Integer { .. } => Bound::BigInt(None),
        PropertyType::Float => Bound::Double(None),
        PropertyType::Decimal if backend != DbBackend::Sqlite => Bound::Decimal(None),
        PropertyType::Uuid if backend == DbBackend::Postgres => Bound::Uuid(None),
        PropertyType::Decimal
        | PropertyType::Uuid
        | PropertyType::ObjectId
        | PropertyType::String
        | PropertyType::Enum(_) => Bound::String(None),
        PropertyType::DateTime => Bound::ChronoDateTimeUtc(None),
        PropertyType::Date => Bound::ChronoDate(None),
        PropertyType::Bytes => Bound::Bytes(None),
        PropertyType::Json
        | PropertyType::Array(_)
        | PropertyType::Object(_)
        | PropertyType::GeoPoint => Bound::Json(None),
    }
}

/// Outside these years texts no longer sort by time, and databases disagree.
fn in_calendar(year: i32) -> Result<(), Unfit> {
    if (1..=9999).contains(&year) {
        Ok(())
    } else {
        Err(unfit("range", "is not between the years 1 and 9999"))
    }
}

/// The instant as databases keep it.
pub(super) fn to_microseconds(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant - TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos() % 1000))
}

/// The instant as the driver writes it into SQLite. Its order is that of time: a fraction is longer than none, and `.`
/// and digits come after `+`.
pub(super) fn sqlite_instant(instant: DateTime<Utc>) -> String {
    to_microseconds(instant).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Why a column's content is no value of its property.
pub(super) type DecodeError = Box<dyn std::error::Error + Send + Sync>;

/// The value in the column at `index` of `row`.
///
/// A column that loopwright has not made may have a narrower type (`int`, `real`, `timestamp`), which drivers keep apart:
/// those are tried when the column's usual type doesn't fit.
pub(super) fn decode(
    row: &QueryResult,
    index: usize,
    property: &PropertyDef,
) -> Result<Value, DecodeError> {
    let value = match property.ty {
        PropertyType::Boolean => get(row, index)?.map(Value::Boolean),
        PropertyType::Integer { .. } => integer(row, index)?.map(Value::Integer),
        PropertyType::Float => match get::<f64>(row, index) {
            Ok(number) => number.map(Value::Float),
            Err(error) => get::<f32>(row, index)
                .map_err(|_| error)?
                .map(|number| Value::Float(number.into())),
        },
        PropertyType::Decimal => decimal(row, index)?.map(Value::Decimal),
        PropertyType::String | PropertyType::Enum(_) => text(row, index)?.map(Value::String),
        PropertyType::DateTime => match get::<DateTime<Utc>>(row, index) {
            Ok(instant) => instant.map(Value::DateTime),
            Err(error) => get::<NaiveDateTime>(row, index)
                .map_err(|_| error)?
                .map(|instant| Value::DateTime(instant.and_utc())),
        },
        PropertyType::Date => match get::<NaiveDate>(row, index) {
            Ok(day) => day.map(Value::Date),
            // SQLite keeps what it was given.
            Err(error) => get::<NaiveDateTime>(row, index)
                .map_err(|_| error)?
                .map(|instant| Value::Date(instant.date())),
        },
        PropertyType::Uuid => match get::<String>(row, index) {
            Ok(Some(text)) => Some(Value::Uuid(Uuid::try_parse(&text)?)),
            Ok(None) => None,
            Err(_) => get::<Uuid>(row, index)?.map(Value::Uuid),
        },
        PropertyType::ObjectId => match get::<String>(row, index)? {
            Some(text) => Some(Value::ObjectId(text.parse()?)),
            None => None,
        },
        PropertyType::Bytes => get(row, index)?.map(Value::Bytes),
        PropertyType::Json => get::<Json>(row, index)?.map(|json| Value::Json(Box::new(json))),
        PropertyType::Array(_) | PropertyType::Object(_) | PropertyType::GeoPoint => {
            match get::<Json>(row, index)? {
                Some(json) => Some(
                    property
                        .ty
                        .from_json(json)
                        .map_err(|error| format!("{error:?}"))?,
                ),
                None => None,
            }
        }
    };
    Ok(value.unwrap_or(Value::Null))
}

fn get<T: TryGetable>(row: &QueryResult, index: usize) -> Result<Option<T>, DbErr> {
    row.try_get_by_index(index)
}

/// Text, or what is no text in a column of other programs: an hour, and the numbers that SQLite takes everywhere.
fn text(row: &QueryResult, index: usize) -> Result<Option<String>, DecodeError> {
    let error = match get::<String>(row, index) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    #[cfg(feature = "sqlite")]
    if row.try_as_sqlite_row().is_some() {
        return match get::<i64>(row, index) {
            Ok(number) => Ok(number.map(|number| number.to_string())),
            Err(_) => Ok(get::<f64>(row, index)
                .map_err(|_| error)?
                .map(|number| number.to_string())),
        };
    }
    let hour = get::<NaiveTime>(row, index).map_err(|_| error)?;
    Ok(hour.map(|hour| hour.to_string()))
}

fn integer(row: &QueryResult, index: usize) -> Result<Option<i64>, DecodeError> {
    let error = match get::<i64>(row, index) {
        Ok(number) => return Ok(number),
        Err(error) => error,
    };
    #[cfg(feature = "postgres")]
    if row.try_as_pg_row().is_some() {
        return match get::<i32>(row, index) {
            Ok(number) => Ok(number.map(i64::from)),
            Err(_) => Ok(get::<i16>(row, index).map_err(|_| error)?.map(i64::from)),
        };
    }
    #[cfg(feature = "mysql")]
    if row.try_as_mysql_row().is_some() {
        let number = get::<u64>(row, index).map_err(|_| error)?;
        return Ok(number.map(i64::try_from).transpose()?);
    }
    Err(error.into())
}

fn decimal(row: &QueryResult, index: usize) -> Result<Option<Decimal>, DecodeError> {
    #[cfg(feature = "sqlite")]
    if row.try_as_sqlite_row().is_some() {
        // SeaORM reads decimals from SQLite as floats, which is right for columns of other programs alone.
        return match get::<String>(row, index) {
            Ok(text) => Ok(text.map(|text| text.parse()).transpose()?),
            Err(_) => match get::<i64>(row, index) {
                Ok(number) => Ok(number.map(Decimal::from)),
                Err(_) => Ok(get::<Decimal>(row, index)?),
            },
        };
    }
    let number = get::<Decimal>(row, index)?;
    #[cfg(feature = "mysql")]
    if row.try_as_mysql_row().is_some() {
        // MySQL pads with zeros to the column's scale.
        return Ok(number.map(|number| number.normalize()));
    }
    Ok(number)
}
