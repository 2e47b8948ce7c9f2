//! Keys and values in Redis, as LoopBack's `kv-redis` connector keeps them.
//!
//! **Architecture Invariant:** `redis` is named here alone.

mod connection;
mod exchange;
mod packed;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{Cmd, cmd};
use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use self::connection::Connection;
use self::exchange::RedisExchange;
use super::glob::Part;
use super::{Expiry, Glob, KeyValueStore};
use crate::connectors::Exchange;
use crate::model::ModelDef;
use crate::{Error, Result};

/// What JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// How many keys Redis looks at before it answers; others wait for so long.
const PAGE: u32 = 1000;

/// A key-value store in Redis, at the data source URL `redis://user:password@host:port/database`.
///
/// A value is JSON text under the key `Model:key`: what LoopBack's `kv-redis` connector reads and writes with the
/// setting `packer: "json"`. What it has written without that setting, MessagePack, is read too, and is JSON text once
/// it is set again.
///
/// The server may come and go: while it is away every call fails with 503, and the first call after it is back finds
/// it.
pub struct RedisStore {
    connection: Arc<Connection>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address comes with a password.
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects to the server at `url`: `redis://user:password@host:port/0`, or by an encrypted connection, with the cargo
    /// feature `tls`, `rediss://...`. The server's certificate then comes from an authority that the operating system
    /// trusts, or from one in the file that the environment's `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// 503 when nothing answers there or the password is wrong, 500 when the URL can't be read.
    pub async fn connect(url: &str) -> Result<Self> {
        let store = RedisStore {
            connection: Arc::new(Connection::new(url)?),
        };
        store.ping().await?;
        Ok(store)
    }

    /// A connection to the server, for everything that the methods here have no words for. Whoever keeps it sees to its
    /// end: a call may ask for a new one each time.
    ///
    /// # Errors
    /// 503 when the server can't be reached.
    pub async fn redis(&self) -> Result<::redis::aio::MultiplexedConnection> {
        self.connection.get().await
    }
}

/// `Page:/about`
fn redis_key(model: &ModelDef, key: &str) -> String {
    format!("{}:{key}", utf8_percent_encode(model.name, COMPONENT))
}

/// A pattern in Redis' own language that finds at least the keys of `model` that fit `glob`: Redis has another idea of
/// what a character is.
fn redis_pattern(model: &ModelDef, glob: &Glob) -> String {
    let mut pattern = String::new();
    let literal = |pattern: &mut String, character| {
        if matches!(character, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    };
    for character in redis_key(model, "").chars() {
        literal(&mut pattern, character);
    }
    for part in glob.parts() {
        match part {
            Part::Literal(character) => literal(&mut pattern, *character),
            _ if pattern.ends_with('*') && !pattern.ends_with("\\*") => {}
            _ => pattern.push('*'),
        }
    }
    pattern
}

fn command(name: &str, model: &ModelDef, key: &str) -> Cmd {
    let mut command = cmd(name);
    command.arg(redis_key(model, key));
    command
}

fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl KeyValueStore for RedisStore {
    async fn ping(&self) -> Result<()> {
        self.connection.ask(&cmd("PING")).await
    }

    async fn get(&self, model: &'static ModelDef, key: &str) -> Result<Option<Json>> {
        let command = command("GET", model, key);
        let bytes: Option<Vec<u8>> = self.connection.ask(&command).await?;
        bytes.map(|bytes| packed::read(&bytes)).transpose()
    }

    async fn set(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<()> {
        let mut command = command("SET", model, key);
        command.arg(value.to_string());
        if let Some(ttl) = ttl {
            command.arg("PX").arg(milliseconds(ttl));
        }
        self.connection.ask(&command).await
    }

    async fn create(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<bool> {
        let mut command = command("SET", model, key);
        command.arg(value.to_string()).arg("NX");
        if let Some(ttl) = ttl {
            command.arg("PX").arg(milliseconds(ttl));
        }
        // `OK`, or nothing where there is something.
        let set: Option<String> = self.connection.ask_once(&command).await?;
        Ok(set.is_some())
    }

    async fn expire(&self, model: &'static ModelDef, key: &str, ttl: Duration) -> Result<bool> {
        let mut command = command("PEXPIRE", model, key);
        command.arg(milliseconds(ttl));
        self.connection.ask(&command).await
    }

    async fn expiry(&self, model: &'static ModelDef, key: &str) -> Result<Expiry> {
        let left: i64 = self.connection.ask(&command("PTTL", model, key)).await?;
        Ok(match (left, u64::try_from(left)) {
            (_, Ok(left)) => Expiry::After(Duration::from_millis(left)),
            (-1, _) => Expiry::Never,
            _ => Expiry::Unknown,
        })
    }

    async fn delete(&self, model: &'static ModelDef, key: &str) -> Result<bool> {
        self.connection.ask(&command("DEL", model, key)).await
    }

    fn exchange(&self) -> Option<Arc<dyn Exchange>> {
        let connection = self.connection.clone();
        Some(Arc::new(RedisExchange { connection }))
    }

    fn keys<'a>(
        &'a self,
        model: &'static ModelDef,
        glob: &'a Glob,
    ) -> BoxStream<'a, Result<String>> {
        let pattern = redis_pattern(model, glob);
        let prefix = redis_key(model, "");
        // Redis may answer a key twice.
        let mut seen = HashSet::new();
        // The cursor is 0 at the start, and again when all has been answered.
        let pages = stream::try_unfold(Some(0), move |cursor: Option<u64>| {
            let pattern = pattern.clone();
            async move {
                let Some(cursor) = cursor else {
                    return Ok::<_, Error>(None);
                };
                let mut scan = cmd("SCAN");
                scan.arg(cursor)
                    .arg("MATCH")
                    .arg(pattern)
                    .arg("COUNT")
                    .arg(PAGE);
                let (cursor, page): (u64, Vec<Vec<u8>>) = self.connection.ask(&scan).await?;
                let next = Some(cursor).filter(|cursor| *cursor != 0);
                Ok(Some((stream::iter(page.into_iter().map(Ok)), next)))
            }
        });
        pages
            .try_flatten()
            .try_filter_map(move |key| {
                // Keys are text; what is none has been put there by somebody else.
                let key = String::from_utf8(key).ok();
                let key = key.and_then(|key| Some(key.strip_prefix(&prefix)?.to_owned()));
                let key = key.filter(|key| glob.matches(key) && seen.insert(key.clone()));
                std::future::ready(Ok(key))
            })
            .boxed()
    }
}
