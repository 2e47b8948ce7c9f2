//! The order of what is stored as JSON, as [`Order`](super::Order) promises it.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use super::subject::numbers;
use crate::model::PropertyType;

/// What is ordered, from the first to the last.
pub(super) enum Rank<'a> {
    Null,
    Number(&'a Number),
    Decimal(Decimal),
    Text(&'a str),
    Boolean(bool),
}

impl<'a> Rank<'a> {
    /// The rank of `json`, which is the value of a property or member of the type `ty`.
    pub fn of(ty: Option<PropertyType>, json: &'a Json) -> Self {
        match (ty, json) {
            (Some(PropertyType::Decimal), Json::String(text)) => {
                text.parse().map_or(Rank::Null, Rank::Decimal)
            }
            (_, Json::Number(number)) => Rank::Number(number),
            (_, Json::String(text)) => Rank::Text(text),
            (_, Json::Bool(flag)) => Rank::Boolean(*flag),
            (_, Json::Null | Json::Array(_) | Json::Object(_)) => Rank::Null,
        }
    }

    const fn kind(&self) -> u8 {
        match self {
            Rank::Null => 0,
            Rank::Number(_) => 1,
            Rank::Decimal(_) => 2,
            Rank::Text(_) => 3,
            Rank::Boolean(_) => 4,
        }
    }

    pub fn cmp(&self, other: &Rank<'_>) -> Ordering {
        match (self, other) {
            (Rank::Number(one), Rank::Number(other)) => {
                numbers(one, other).unwrap_or(Ordering::Equal)
            }
            (Rank::Decimal(one), Rank::Decimal(other)) => one.cmp(other),
            (Rank::Text(one), Rank::Text(other)) => one.cmp(other),
            (Rank::Boolean(one), Rank::Boolean(other)) => one.cmp(other),
            (one, other) => one.kind().cmp(&other.kind()),
        }
    }
}
