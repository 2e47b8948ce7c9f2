//! The methods of key-value models (contract *models.md* §17).

use futures_util::TryStreamExt;
use serde_json::Value as Json;

use super::argument::Arguments;
use super::endpoint::Operation as O;
use super::invoke::Outcome;
use crate::connectors::key_value::Glob;
use crate::repository::{ErasedKeyValue, unknown_key};
use crate::{Error, Result};

pub(super) async fn invoke(
    operation: O,
    values: &ErasedKeyValue,
    key: Option<&str>,
    arguments: &mut Arguments,
) -> Result<Outcome> {
    let key = || key.ok_or_else(|| Error::internal("the route of this method has no key"));
    Ok(match operation {
        O::KeyValueGet => {
            let key = key()?;
            let found = values.get(key).await?;
            let name = values.def().name;
            // LoopBack prints "undefined" for every key.
            let value =
                found.ok_or_else(|| unknown_key(format!("Unknown {name:?} key {key:?}.")))?;
            Outcome::Json(value.to_json())
        }
        O::KeyValueSet => {
            let ttl = arguments.ttl()?;
            let value = arguments.value(values.def())?;
            values.set(key()?, value, ttl).await?;
            Outcome::NoContent
        }
        O::KeyValueExpire => {
            values.expire(key()?, arguments.required_ttl()?).await?;
            Outcome::NoContent
        }
        O::KeyValueKeys => {
            let glob = Glob::new(&arguments.key_pattern()?)?;
            let keys: Vec<_> = values.keys(&glob).map_ok(Json::from).try_collect().await?;
            Outcome::Json(keys.into())
        }
        _ => return Err(Error::internal("this method belongs to no key-value model")),
    })
}
