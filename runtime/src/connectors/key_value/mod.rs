//! Where values are kept under keys: the trait that a key-value store fulfils, and the stores that come along.
//!
//! **Architecture Invariant:** a store knows keys, JSON and times. That a value fits its model has been decided already.

mod glob;
mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde_json::Value as Json;

pub use self::glob::Glob;
pub use self::memory::MemoryStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
use super::Exchange;
use crate::Result;
use crate::model::ModelDef;

/// A place that keeps the values of [key-value models](crate::model::KeyValueModel) under their keys.
///
/// Each model has keys of its own. Keys are never empty, may hold any character, and mind case. A value that expires is
/// gone for every method from that moment on.
///
/// Whatever this page promises, [`testing::store_conformance`](crate::testing::store_conformance) (cargo feature
/// `testing`) checks: call it in a test of the store's own. [`App::key_value_store`](crate::App::key_value_store) takes
/// a store.
///
/// # Errors
/// Every method answers 503 with the code `DATA_SOURCE_UNAVAILABLE` when the store can't be reached or is busy, within
/// seconds, and 500 otherwise, with the driver's own words as the source.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key-value store",
    note = "implement `loopwright::connectors::key_value::KeyValueStore`, or use a data source URL such as `kv-memory:`"
)]
pub trait KeyValueStore: Any + Send + Sync {
    /// Asks the store for a sign of life.
    async fn ping(&self) -> Result<()>;

    /// The value under `key`.
    async fn get(&self, model: &'static ModelDef, key: &str) -> Result<Option<Json>>;

    /// Puts `value` under `key` in place of what is there. It expires after `ttl`, or never: an earlier time is
    /// forgotten with the earlier value.
    async fn set(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<()>;

    /// As [`set`](Self::set), unless there is a value already; tells whether there was none. Of many calls at once, one is
    /// told so.
    async fn create(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<bool>;

    /// Lets the value under `key` expire after `ttl`, and tells whether there is one. `ttl` is whole milliseconds, one
    /// at least, here and in [`set`](Self::set).
    async fn expire(&self, model: &'static ModelDef, key: &str, ttl: Duration) -> Result<bool>;

    /// When the value under `key` expires.
    async fn expiry(&self, model: &'static ModelDef, key: &str) -> Result<Expiry>;

    /// Removes the value under `key`, and tells whether there was one.
    async fn delete(&self, model: &'static ModelDef, key: &str) -> Result<bool>;

    /// What carries messages between the instances of an application, if the store can.
    fn exchange(&self) -> Option<Arc<dyn Exchange>> {
        None
    }

    /// The keys that fit `glob`, each once and in any order. A key that comes or goes meanwhile may be among them or
    /// not.
    fn keys<'a>(
        &'a self,
        model: &'static ModelDef,
        glob: &'a Glob,
    ) -> BoxStream<'a, Result<String>>;
}

/// When a value expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// There is no such value.
    Unknown,
    /// It stays until it is deleted.
    Never,
    /// It is gone after this time.
    After(Duration),
}
