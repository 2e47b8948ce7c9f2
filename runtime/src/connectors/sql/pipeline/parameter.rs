//! The values of statements, as the driver of the shared connections sends them.

use std::error::Error;

use bytes::BytesMut;
use sea_orm::sea_query::{ArrayType, Value as Bound};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// The type that a value is sent as: the one that the pool's driver sends it as. None for those that statements of models
/// don't have.
pub(super) fn type_of(value: &Bound) -> Option<Type> {
    Some(match value {
        Bound::Bool(_) => Type::BOOL,
        Bound::BigInt(_) | Bound::BigUnsigned(_) => Type::INT8,
        Bound::Int(_) => Type::INT4,
        Bound::Double(_) => Type::FLOAT8,
        Bound::String(_) => Type::TEXT,
        Bound::Bytes(_) => Type::BYTEA,
        Bound::Json(_) => Type::JSONB,
        Bound::ChronoDate(_) => Type::DATE,
        Bound::ChronoDateTimeUtc(_) => Type::TIMESTAMPTZ,
        Bound::Uuid(_) => Type::UUID,
        Bound::Decimal(_) => Type::NUMERIC,
        Bound::Array(ty, _) => match ty {
            ArrayType::Bool => Type::BOOL_ARRAY,
            ArrayType::BigInt => Type::INT8_ARRAY,
            ArrayType::Double => Type::FLOAT8_ARRAY,
            ArrayType::String => Type::TEXT_ARRAY,
            ArrayType::ChronoDate => Type::DATE_ARRAY,
            ArrayType::ChronoDateTimeUtc => Type::TIMESTAMPTZ_ARRAY,
            ArrayType::Uuid => Type::UUID_ARRAY,
            ArrayType::Decimal => Type::NUMERIC_ARRAY,
            _ => return None,
        },
        _ => return None,
    })
}

/// A value of a type that [`type_of`] knows.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub &'a Bound);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Bound::Bool(value) => value.to_sql(ty, out),
            Bound::BigInt(value) => value.to_sql(ty, out),
            Bound::BigUnsigned(value) => value.map(i64::try_from).transpose()?.to_sql(ty, out),
            Bound::Int(value) => value.to_sql(ty, out),
            Bound::Double(value) => value.to_sql(ty, out),
            Bound::String(value) => value.to_sql(ty, out),
            Bound::Bytes(value) => value.to_sql(ty, out),
            Bound::Json(value) => value.as_deref().to_sql(ty, out),
            Bound::ChronoDate(value) => value.to_sql(ty, out),
            Bound::ChronoDateTimeUtc(value) => value.to_sql(ty, out),
            Bound::Uuid(value) => value.to_sql(ty, out),
            Bound::Decimal(value) => value.to_sql(ty, out),
            Bound::Array(_, items) => {
                let items = items.as_ref();
                items
                    .map(|items| items.iter().map(Parameter).collect::<Vec<_>>())
                    .to_sql(ty, out)
            }
            other => Err(format!("{other:?} is no parameter of a shared connection").into()),
        }
    }

    // Which type goes with which value is said by `type_of` alone.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
