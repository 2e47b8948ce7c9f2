//! Keys and values in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde_json::Value as Json;

use super::{Expiry, Glob, KeyValueStore};
use crate::Result;
use crate::model::ModelDef;

/// Below this many keys of a model nothing is gained by looking for expired ones.
const FEW: usize = 64;

/// A store that is gone with the program, at the data source URLs `kv-memory:` and `memory:`.
///
/// What has expired is removed when it is asked for, and else when the keys of a model have doubled: there are never
/// more than about twice as many as are alive.
#[derive(Debug, Default)]
pub struct MemoryStore {
    models: Mutex<HashMap<&'static str, Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    by_key: BTreeMap<String, Entry>,
    /// How many entries there must be to look for expired ones.
    full: usize,
}

#[derive(Debug)]
struct Entry {
    value: Json,
    expires: Option<Instant>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    fn models(&self) -> MutexGuard<'_, HashMap<&'static str, Entries>> {
        // No operation is left half done, so what a panic has left is whole.
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the entry under `key`, if it is alive.
    fn with<T>(
        &self,
        model: &ModelDef,
        key: &str,
        work: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let mut models = self.models();
        let entries = models.get_mut(model.name)?;
        let entry = entries.by_key.get_mut(key)?;
        if entry.is_alive(Instant::now()) {
            return Some(work(entry));
        }
        entries.by_key.remove(key);
        None
    }
}

impl Entries {
    fn insert(&mut self, key: &str, entry: Entry) {
        if self.by_key.len() >= self.full {
            let now = Instant::now();
            self.by_key.retain(|_, entry| entry.is_alive(now));
            self.full = FEW.max(self.by_key.len() * 2);
        }
        self.by_key.insert(key.to_owned(), entry);
    }
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// The moment after `ttl`; never, when it is further away than the clock goes.
fn after(ttl: Duration) -> Option<Instant> {
    Instant::now().checked_add(ttl)
}

#[async_trait]
impl KeyValueStore for MemoryStore {
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn get(&self, model: &'static ModelDef, key: &str) -> Result<Option<Json>> {
        Ok(self.with(model, key, |entry| entry.value.clone()))
    }

    async fn set(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<()> {
        let expires = ttl.and_then(after);
        let mut models = self.models();
        let entries = models.entry(model.name).or_default();
        entries.insert(key, Entry { value, expires });
        Ok(())
    }

    async fn create(
        &self,
        model: &'static ModelDef,
        key: &str,
        value: Json,
        ttl: Option<Duration>,
    ) -> Result<bool> {
        let expires = ttl.and_then(after);
        let mut models = self.models();
        let entries = models.entry(model.name).or_default();
        let known = entries.by_key.get(key);
        if known.is_some_and(|entry| entry.is_alive(Instant::now())) {
            return Ok(false);
        }
        entries.insert(key, Entry { value, expires });
        Ok(true)
    }

    async fn expire(&self, model: &'static ModelDef, key: &str, ttl: Duration) -> Result<bool> {
        let set = self.with(model, key, |entry| entry.expires = after(ttl));
        Ok(set.is_some())
    }

    async fn expiry(&self, model: &'static ModelDef, key: &str) -> Result<Expiry> {
        let expires = self.with(model, key, |entry| entry.expires);
        Ok(match expires {
            None => Expiry::Unknown,
            Some(None) => Expiry::Never,
            Some(Some(moment)) => Expiry::After(moment.saturating_duration_since(Instant::now())),
        })
    }

    async fn delete(&self, model: &'static ModelDef, key: &str) -> Result<bool> {
        let mut models = self.models();
        let removed = models
            .get_mut(model.name)
            .and_then(|entries| entries.by_key.remove(key));
        Ok(removed.is_some_and(|entry| entry.is_alive(Instant::now())))
    }

    fn keys<'a>(
        &'a self,
        model: &'static ModelDef,
        glob: &'a Glob,
    ) -> BoxStream<'a, Result<String>> {
        let now = Instant::now();
        let models = self.models();
        let entries = models.get(model.name);
        let alive = entries
            .iter()
            .flat_map(|entries| &entries.by_key)
            .filter(|(key, entry)| entry.is_alive(now) && glob.matches(key));
        let keys: Vec<_> = alive.map(|(key, _)| Ok(key.clone())).collect();
        stream::iter(keys).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SHELF, store_conformance};

    #[tokio::test]
    async fn it_does_what_a_store_must() {
        store_conformance(&MemoryStore::new()).await;
    }

    #[tokio::test]
    async fn what_has_expired_does_not_pile_up() {
        let store = MemoryStore::new();
        let set = async |key: String, ttl| {
            store.set(&SHELF, &key, Json::Null, ttl).await.unwrap();
        };
        for number in 0..1000 {
            set(format!("brief {number}"), Some(Duration::from_millis(1))).await;
        }
        while store.expiry(&SHELF, "brief 999").await.unwrap() != Expiry::Unknown {
            tokio::task::yield_now().await;
        }
        for number in 0..2000 {
            set(format!("lasting {number}"), None).await;
        }
        assert_eq!(store.models()[SHELF.name].by_key.len(), 2000);
    }
}
